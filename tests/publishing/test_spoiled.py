"""Whatever an operator's templates and styles do to the credit: an entry without it does not go out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aggregator.model.output import Format
from aggregator.model.policy import DutyName
from aggregator.model.use import Form
from aggregator.publishing.item import EntryRefused
from aggregator.publishing.render import Renderer
from tests.publishing.build_items import (
    GLOBAL_RESEARCH,
    RT,
    TEMPLATES,
    a_content,
    a_decision,
    a_duty,
    a_wanted,
    an_output,
)
from tests.tables import table

OWED = (
    a_duty(DutyName.CREDIT_LINE, text="Courtesy of Global Research", link="Global Research"),
    a_duty(DutyName.CREDIT_SOURCE),
    a_duty(DutyName.CREDIT_AUTHOR),
    a_duty(DutyName.COPYRIGHT_NOTICE),
    a_duty(DutyName.LINK_ORIGINAL),
)
ALL_OF_IT = {
    "html": "{% for hop in hops %}{{ hop.name }} {% endfor %}{% for notice in notices %}{{ notice }} {% endfor %}"
    "<a href='{{ url }}'>here</a>{% for line in lines %}<p>{{ line.text }}</p>{% endfor %}",
    "txt": "{% for hop in hops %}{{ hop.name }} {% endfor %}{% for notice in notices %}{{ notice }} {% endfor %}"
    "{{ url }}{% for line in lines %} {{ line.text }}{% endfor %}",
}
SPOILED = table(Path(__file__).with_name("spoiled_credit.yaml").read_text(encoding="utf-8"))
STYLE = (TEMPLATES / "river/style.css").read_text(encoding="utf-8")


def refused(
    folder: Path, case: dict[str, Any], formats: tuple[Format, ...], owed: tuple[Any, ...] = OWED, credit: str = "house"
) -> list[str]:
    """Why an entry cannot stand in an output whose operator has such templates; empty: it stands in it."""
    files = {f"credit/house/{slot}.{kind}": "" for slot in ("head", "top", "byline") for kind in ALL_OF_IT}
    files |= {
        f"credit/house/end.{kind}": case.get(kind, "CREDIT").replace("CREDIT", whole)
        for kind, whole in ALL_OF_IT.items()
    }
    files |= {"credit/house/top.html": case.get("top", ""), "river/style.css": STYLE + case.get("css", "")}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    one = a_wanted(decision=a_decision(*owed))
    content = a_content(body=case["body"]) if "body" in case else a_content()
    made = Renderer([folder, TEMPLATES]).make(an_output(credit="house", formats=formats), [one], {one.key: content})
    assert [type(error) for error in made.refused] in ([], [EntryRefused])
    return [str(error) for error in made.refused]


@pytest.mark.parametrize("case", SPOILED, ids=lambda case: case["about"])
def test_a_template_that_spoils_the_credit_holds_the_entry(case: dict[str, Any], tmp_path: Path):
    owed = OWED[:0] if case.get("owed") == "nothing" else OWED
    (why,) = refused(tmp_path, case, (Format.RSS, Format.HTML), owed)
    assert case["why"] in why
    if "html" in case and "skip" not in case["why"]:
        (alone,) = refused(tmp_path, case, (Format.HTML,), owed)
        assert case["why"] in alone


@pytest.mark.parametrize(
    "css",
    [
        "",
        "header p, nav { display: none }",
        "@media print { .pages, .skip { display: none } }",
        "article p::before { opacity: 0 }",
        "hr { display: none } h2 { left: -2px } article { max-height: 0.9rem; font: 0.9rem/1.2 serif; opacity: 0.05 }",
        "p { /* display: none */ } p:hover { display: none } @font-face { font-family: x; src: url(x) } }}{",
    ],
)
def test_templates_and_styles_that_do_no_harm_hold_nothing(css: str, tmp_path: Path):
    assert refused(tmp_path, {"css": css}, tuple(Format)) == []


OURS = Renderer([TEMPLATES])


@pytest.mark.parametrize(
    "body", ["a", "p", "-", "1", "class", "lang", "div", "e-content", "Global Research", "<p>a</p>"]
)
@pytest.mark.parametrize("credit", ["default", "originally-published-by"])
def test_a_text_that_also_stands_in_its_own_credit_is_told_from_it(credit: str, body: str):
    """The shortest of texts can be found everywhere, also in the tags around them."""
    one = a_wanted(decision=a_decision(*OWED), digest=body)
    output = an_output(credit=credit, formats=tuple(Format))
    assert OURS.make(output, [one], {one.key: a_content(body=body)}).refused == []


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("target", ["article", "home"])
@pytest.mark.parametrize("credit", ["default", "compact", "academic", "originally-published-by"])
def test_a_link_that_an_earlier_publisher_asks_for_stands_in_every_format(credit: str, target: str, form: Form):
    first = replace(RT, url="https://rt.example/aleppo")
    duty = a_duty(DutyName.LINK_ORIGINAL, target=target)
    decision = a_decision(duty, duty_hops=(0,), form=form, hops=(first, GLOBAL_RESEARCH))
    one = a_wanted(decision=decision, digest=f"{target} {form}")
    output = an_output(credit=credit, formats=tuple(Format))
    made = OURS.make(output, [one], {one.key: a_content()})
    assert made.refused == []
    address = b"https://rt.example/aleppo" if target == "article" else b"https://rt.example/"
    texts = [body for body in made.bodies.values() if body.startswith(b"---")]
    assert [address in body for body in texts] == [True]
