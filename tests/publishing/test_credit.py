"""Credit is worded by templates that see values only, and an operator's mistake is theirs to read."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.errors import TemplateError
from aggregator.model.policy import DutyName
from aggregator.publishing.compose import compose
from aggregator.publishing.credit import Credits
from aggregator.publishing.item import EntryRefused, Item
from aggregator.publishing.render import Renderer
from tests.publishing.build_items import (
    PLACE,
    TEMPLATES,
    a_content,
    a_decision,
    a_duty,
    a_head,
    a_stored,
    a_wanted,
    an_entry,
    an_item,
    an_output,
)


def own(folder: Path, **files: str) -> list[Path]:
    """Template folders of an operator with a set `house`."""
    for name, text in files.items():
        path = folder / "credit" / "house" / name.replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [folder, TEMPLATES]


def worded(folders: list[Path], title: str = "A story", **duty: str) -> Item:
    duties = (a_duty(DutyName.CREDIT_LINE, **duty),) if duty else ()
    stored = a_stored(an_entry(title=title))
    return compose(stored, a_content(), a_decision(*duties), an_output(credit="house"), PLACE, Credits(folders))


def test_all_hops_are_credited_in_order_nearest_last_with_authors_notice_and_link() -> None:
    assert an_item().credit.text == (
        "Originally published by RT (according to the feed), by Lizzie Phelan. Copyright © Lizzie Phelan, RT, 2016. "
        "Republished from Global Research: https://globalresearch.example/aleppo"
    )


@pytest.mark.parametrize(("slot", "before"), [("head", True), ("top", True), ("byline", True), ("end", False)])
def test_a_prescribed_line_stands_in_its_slot_letter_for_letter(slot: str, before: bool) -> None:
    text = 'Courtesy of <Global> & "Research" – {{ title }}'
    html = an_item(a_duty(DutyName.CREDIT_LINE, text=text, slot=slot)).html
    escaped = "Courtesy of &lt;Global&gt; &amp; &#34;Research&#34; – {{ title }}"
    assert (html.index(escaped) < html.index("Aleppo streets")) is before


def test_an_operators_own_words_replace_ours_and_missing_slots_come_from_the_default(tmp_path: Path) -> None:
    folders = own(
        tmp_path,
        end_html="<p>{% for hop in hops %}{{ hop.name }} {% endfor %}<a href='{{ url }}'>here</a></p>",
        end_txt="{% for hop in hops %}{{ hop.name }} {% endfor %}{{ url }}",
    )
    item = worded(folders, text="Printed by leave.", slot="top")
    assert "<p>RT Global Research <a href='https://globalresearch.example/aleppo'>here</a></p>" in item.html
    assert "<p>Printed by leave.</p>" in item.html


def test_feed_text_is_a_value_and_never_a_template(tmp_path: Path) -> None:
    item = worded(own(tmp_path, end_html="<p>{{ title }}</p>", end_txt="{{ title }}"), title="{{ 7 * 7 }}<b>&{% raw %}")
    assert "<p>{{ 7 * 7 }}&lt;b&gt;&amp;{% raw %}</p>" in item.html
    assert item.credit.text.startswith("{{ 7 * 7 }}<b>&{% raw %}")


@pytest.mark.parametrize(
    ("template", "what"),
    [
        ("{% if %}", r"templates/credit/house/end\.html:1: "),
        ("\n\n{{ nobody }}", r"templates/credit/house/end\.html:3: .*nobody"),
        ("{{ hops.__class__.__mro__ }}", r"templates/credit/house/end\.html:1: .*unsafe"),
        ("{{ ().__class__.__base__.__subclasses__() }}", "unsafe"),
        ("{{ 'x' * 70000 }}", "shorten it"),
        ("{% include '/etc/passwd' %}", "passwd"),
        ("{% include '../../../x' %}", "x"),
        ("{{ 1 / 0 }}", r"end\.html:1: division"),
    ],
)
def test_a_template_that_fails_says_where_and_why(tmp_path: Path, template: str, what: str) -> None:
    with pytest.raises(TemplateError, match=what) as caught:
        worded(own(tmp_path, end_html=template, end_txt=""))
    assert "\n" not in str(caught.value)


def test_a_template_that_forgets_the_credit_is_found_out_by_the_proof(tmp_path: Path) -> None:
    folders = own(tmp_path, end_html="<p>Enjoy!</p>", end_txt="Enjoy!")
    with pytest.raises(EntryRefused, match="not credited"):
        Renderer(folders).render(an_output(credit="house"), a_head(), [a_wanted()], {a_wanted().key: a_content()})


def test_a_template_with_script_is_found_out_by_the_proof(tmp_path: Path) -> None:
    line = "{% for hop in hops %}{{ hop.name }} {% endfor %}<a href='{{ url }}'>x</a><script>x</script>"
    with pytest.raises(EntryRefused, match="script"):
        Renderer(own(tmp_path, end_html=line, end_txt="x")).render(
            an_output(credit="house"), a_head(), [a_wanted()], {a_wanted().key: a_content()}
        )


def test_a_set_can_be_checked_before_it_is_used(tmp_path: Path) -> None:
    Credits([TEMPLATES]).check("default")
    with pytest.raises(TemplateError, match="no templates there"):
        Credits([TEMPLATES]).check("of-nobody")
    with pytest.raises(TemplateError, match=r"end\.html:1"):
        Credits(own(tmp_path, end_html="{% if %}")).check("house")


def test_its_version_changes_with_any_template(tmp_path: Path) -> None:
    before = Credits(own(tmp_path, end_html="one")).version
    after = Credits(own(tmp_path, end_html="two")).version
    assert before != after
