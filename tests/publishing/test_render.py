"""A build costs what has changed, and gives the same bytes for the same content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.errors import RenderError, TemplateError
from aggregator.model.entry import Content
from aggregator.model.output import FORMATS, Format, Output
from aggregator.model.policy import DutyName, Effect
from aggregator.model.use import Form
from aggregator.publishing.abilities import can_discharge
from aggregator.publishing.frame import Frame, etag_of
from aggregator.publishing.item import EntryRefused
from aggregator.publishing.render import NEVER, Renderer, Rendering, Wanted
from tests.publishing.build_items import (
    DAY,
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


@pytest.fixture(scope="module")
def templates() -> list[Path]:
    return [TEMPLATES]


def wants(count: int) -> list[Wanted]:
    entries = [an_entry(id=f"urn:example:{n}", url=f"https://a.example/{n}") for n in range(count)]
    return [a_wanted(a_stored(entry, ordered_at=DAY - timedelta(minutes=n))) for n, entry in enumerate(entries)]


def rendered(
    renderer: Renderer,
    output: Output,
    wanted: Sequence[Wanted],
    contents: Mapping[str, Content] | None = None,
    **head: Any,
) -> Rendering:
    return renderer.render(output, a_head(**head), wanted, renderer.make(output, wanted, contents or {}))


def test_only_what_changed_is_loaded_and_made_again(templates: list[Path]) -> None:
    renderer, output, wanted = Renderer(templates), an_output(), wants(3)
    assert renderer.missing(output, wanted) == [one.key for one in wanted]
    first = rendered(renderer, output, wanted, {one.key: a_content() for one in wanted})
    assert renderer.missing(output, wanted) == []
    assert rendered(renderer, output, wanted) == first
    revised = replace(wanted[1], stored=a_stored(replace(wanted[1].stored.entry, revision="2")))
    assert renderer.missing(output, [wanted[0], revised, wanted[2]]) == [revised.key]


@pytest.mark.parametrize(
    "change",
    [
        {"decision_digest": "another"},
        {"place": replace(PLACE, source_title="Renamed")},
        {"place": replace(PLACE, outbound_id="tag:x.example,2026:1")},
        {"stored": a_stored(an_entry(revision="2"))},
        {"stored": a_stored(revised_at=DAY)},
    ],
)
def test_whatever_a_copy_depends_on_makes_it_anew(templates: list[Path], change: dict[str, object]) -> None:
    renderer, one = Renderer(templates), a_wanted()
    rendered(renderer, an_output(), [one], {one.key: a_content()})
    assert renderer.missing(an_output(), [replace(one, **change)]) == [one.key]
    assert renderer.missing(an_output(credit="other"), [one]) == [one.key]


def test_two_renderers_give_the_same_bytes(templates: list[Path]) -> None:
    wanted = wants(3)
    contents = {one.key: a_content() for one in wanted}
    one, two = (rendered(Renderer(templates), an_output(), wanted, contents) for _ in range(2))
    assert one == two


def test_the_date_of_a_document_is_that_of_its_newest_entry(templates: list[Path]) -> None:
    wanted = wants(2)
    newer = a_wanted(a_stored(an_entry(id="new", published_at=DAY + timedelta(minutes=20))))
    contents = {one.key: a_content() for one in (*wanted, newer)}
    output = an_output(formats=(Format.ATOM,))
    made = rendered(Renderer(templates), output, [*wanted, newer], contents, updated_at=NEVER)
    body = made.body(Format.ATOM)
    assert body.index(b"<updated>2016-12-13T09:50:00Z") < body.index(b"<entry")


def test_a_build_under_way_keeps_what_it_was_given(templates: list[Path]) -> None:
    """However little the renderer itself may keep: of new entries nobody else has the bytes yet."""
    renderer, output, wanted = Renderer(templates, kept_bytes=1), an_output(), wants(4)
    contents = {one.key: a_content() for one in wanted}
    made = rendered(renderer, output, wanted, contents)
    for format_ in output.formats:
        assert made.body(format_) == rendered(Renderer(templates), output, wanted, contents).body(format_)


def test_one_entry_that_cannot_go_out_is_named_and_the_others_can(templates: list[Path]) -> None:
    good, bad = wants(2)
    bad = replace(bad, decision=a_decision(a_duty(DutyName.OTHER, text="sing it")), decision_digest="sings")
    renderer, output = Renderer(templates), an_output()
    made = renderer.make(output, [good, bad], {one.key: a_content() for one in (good, bad)})
    assert list(made.entries) == [good.key]
    (problem,) = made.refused
    assert (problem.entry, problem.duty) == (bad.key, "other")
    assert "sing it" in str(problem)
    assert renderer.missing(output, [good, bad]) == [bad.key]


def test_a_content_that_was_not_loaded_is_an_error_and_not_an_empty_entry(templates: list[Path]) -> None:
    with pytest.raises(RenderError, match="not loaded"):
        Renderer(templates).make(an_output(), [a_wanted()], {})


@pytest.mark.parametrize("outcome", [Effect.ASK, Effect.DENY])
def test_nothing_goes_out_that_is_not_allowed(outcome: Effect) -> None:
    with pytest.raises(EntryRefused, match="not allow"):
        an_item(outcome=outcome)


@pytest.mark.parametrize(
    ("duty", "changes"),
    [
        (
            a_duty(DutyName.LINK_ORIGINAL),
            {"entry": an_entry(url=None), "hops": (replace(a_decision().hops[1], url=None),)},
        ),
        (a_duty(DutyName.TRACKER, url="https://t.example/p"), {"form": Form.HEADLINE}),
        (a_duty(DutyName.LOGO, url="https://t.example/p"), {"form": Form.HEADLINE}),
        (a_duty(DutyName.TRACKER, url="javascript:x"), {}),
        (a_duty(DutyName.CREDIT_LINE), {}),
        (a_duty(DutyName.LICENCE_NOTICE), {}),
        (a_duty(DutyName.COPYRIGHT_NOTICE), {"hops": a_decision().hops[1:]}),
        (a_duty(DutyName.CANONICAL_OR_NOINDEX), {"entry": an_entry(url=None)}),
    ],
)
def test_a_duty_that_cannot_be_discharged_keeps_the_entry_in(duty: object, changes: dict[str, object]) -> None:
    with pytest.raises(EntryRefused) as caught:
        an_item(duty, **changes)
    assert caught.value.duty == duty.name


@pytest.mark.parametrize(
    "changes",
    [
        {"content": a_content(body=None)},
        {"content": a_content(body=None, summary=None), "form": Form.EXCERPT},
        {"entry": an_entry(title=" "), "form": Form.HEADLINE},
    ],
)
def test_a_form_for_which_there_is_nothing_keeps_the_entry_in(changes: dict[str, object]) -> None:
    with pytest.raises(EntryRefused):
        an_item(**changes)


def test_text_bound_duties_ask_nothing_of_a_headline() -> None:
    item = an_item(a_duty(DutyName.END_NOTE, text="x y z"), a_duty(DutyName.KEEP_LINKS), form=Form.HEADLINE)
    assert (item.duties, "x y z" in item.html) == ((), False)


def test_a_policys_own_words_stand_in_where_the_feed_has_no_notice() -> None:
    duty = a_duty(DutyName.COPYRIGHT_NOTICE, text="© Global Research")
    assert an_item(duty, hops=a_decision().hops[1:]).notices == ("© Global Research",)
    assert an_item(duty).notices == ("Copyright © Lizzie Phelan, RT, 2016",)


def test_every_format_carries_all_duties_but_those_that_no_document_can() -> None:
    every = {name.value for name in DutyName} - {"other", "notify"}
    assert can_discharge(FORMATS) == every
    assert can_discharge((*FORMATS, Format.TEXT)) == every - {"tracker", "logo"}
    assert can_discharge(()) == frozenset()


def test_an_unknown_credit_set_falls_back_and_a_missing_page_template_says_which(tmp_path: Path) -> None:
    one = a_wanted()
    rendered(Renderer([TEMPLATES]), an_output(credit="of-nobody"), [one], {one.key: a_content()})
    with pytest.raises(TemplateError, match=r"/river/style\.css"):
        Renderer([tmp_path])


def test_outputs_share_what_is_made_of_an_entry(templates: list[Path]) -> None:
    renderer, wanted = Renderer(templates), wants(2)
    contents = {one.key: a_content() for one in wanted}
    rendered(renderer, an_output(id="one"), wanted, contents)
    assert renderer.missing(an_output(id="two"), wanted) == []
    other = rendered(Renderer(templates), an_output(id="two"), wanted, contents)
    assert rendered(renderer, an_output(id="two"), wanted) == other


def test_of_what_was_let_go_of_the_digests_are_known(templates: list[Path]) -> None:
    """The store has the bytes: a document can be put together without them, and names the same."""
    renderer, output, wanted = Renderer(templates, kept_bytes=1), an_output(), wants(3)
    contents = {one.key: a_content() for one in wanted}
    first = rendered(renderer, output, wanted, contents)
    assert renderer.missing(output, wanted) == []
    again = rendered(renderer, output, wanted)
    assert (again.documents, again.bodies) == (first.documents, {})
    revised = replace(wanted[1], decision_digest="another")
    assert renderer.missing(output, [wanted[0], revised, wanted[2]]) == [revised.key]


def test_what_the_store_has_lost_is_made_anew(templates: list[Path]) -> None:
    renderer, output, wanted = Renderer(templates), an_output(), wants(3)
    contents = {one.key: a_content() for one in wanted}
    first = rendered(renderer, output, wanted, contents)
    renderer.forget(output, wanted[:2])
    assert renderer.missing(output, wanted) == [one.key for one in wanted[:2]]
    assert rendered(renderer, output, wanted, contents) == first


def test_the_same_documents_have_the_same_validators_and_others_have_others() -> None:
    frame = Frame(b"<a>", b"", b"</a>")
    same = [etag_of(frame, ["1", "2"]) for _ in range(2)]
    others = [etag_of(frame, ["12"]), etag_of(frame, ["2", "1"]), etag_of(Frame(b"<a", b">", b"</a>"), ["1", "2"])]
    assert len({*same, *others}) == 4
