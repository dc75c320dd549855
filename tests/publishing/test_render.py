"""A build costs what has changed, and gives the same bytes for the same content."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.errors import RenderError, TemplateError
from aggregator.model.output import FORMATS, Document, Format
from aggregator.model.policy import DutyName, Effect
from aggregator.model.use import Form
from aggregator.publishing.abilities import can_discharge
from aggregator.publishing.item import EntryRefused
from aggregator.publishing.render import NEVER, Renderer, Wanted, etag_of
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


def test_only_what_changed_is_loaded_and_made_again(templates: list[Path]) -> None:
    renderer, output, wanted = Renderer(templates), an_output(), wants(3)
    assert renderer.missing(output, wanted) == [one.key for one in wanted]
    first = renderer.render(output, a_head(), wanted, {one.key: a_content() for one in wanted})
    assert renderer.missing(output, wanted) == []
    assert renderer.render(output, a_head(), wanted, {}) == first
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
    renderer.render(an_output(), a_head(), [one], {one.key: a_content()})
    assert renderer.missing(an_output(), [replace(one, **change)]) == [one.key]
    assert renderer.missing(an_output(credit="other"), [one]) == [one.key]


def test_two_renderers_give_the_same_bytes(templates: list[Path]) -> None:
    wanted = wants(3)
    contents = {one.key: a_content() for one in wanted}
    one, two = (Renderer(templates).render(an_output(), a_head(), wanted, contents) for _ in range(2))
    assert one == two


def test_the_date_of_a_document_is_that_of_its_newest_entry(templates: list[Path]) -> None:
    wanted = wants(2)
    newer = a_wanted(a_stored(an_entry(id="new", published_at=DAY + timedelta(minutes=20))))
    contents = {one.key: a_content() for one in (*wanted, newer)}
    head = a_head(updated_at=NEVER)
    body = Renderer(templates).render(an_output(formats=(Format.ATOM,)), head, [*wanted, newer], contents)[Format.ATOM]
    assert body.index(b"<updated>2016-12-13T09:50:00Z") < body.index(b"<entry")


def test_memory_is_bounded_and_a_build_under_way_keeps_what_it_was_promised(templates: list[Path]) -> None:
    renderer, output, wanted = Renderer(templates, kept_bytes=1), an_output(), wants(4)
    contents = {one.key: a_content() for one in wanted}
    renderer.missing(output, wanted)
    assert renderer.refused(output, wanted, contents) == []
    assert len(renderer.render(output, a_head(), wanted, {})) == len(output.formats)
    assert renderer.missing(output, wanted) == [one.key for one in wanted]


def test_one_entry_that_cannot_go_out_is_named_and_the_others_can(templates: list[Path]) -> None:
    good, bad = wants(2)
    bad = replace(bad, decision=a_decision(a_duty(DutyName.OTHER, text="sing it")))
    renderer, output = Renderer(templates), an_output()
    contents = {one.key: a_content() for one in (good, bad)}
    with pytest.raises(EntryRefused, match="sing it"):
        renderer.render(output, a_head(), [good, bad], contents)
    (problem,) = renderer.refused(output, [good, bad], contents)
    assert (problem.entry, problem.duty) == (bad.key, "other")
    assert renderer.missing(output, [good]) == []


def test_a_content_that_was_not_loaded_is_an_error_and_not_an_empty_entry(templates: list[Path]) -> None:
    with pytest.raises(RenderError, match="not loaded"):
        Renderer(templates).render(an_output(), a_head(), [a_wanted()], {})


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
    Renderer([TEMPLATES]).render(an_output(credit="of-nobody"), a_head(), [one], {one.key: a_content()})
    with pytest.raises(TemplateError, match=r"templates/river/style\.css"):
        Renderer([tmp_path])


def documents_of(bodies: dict[Format, bytes], output: str) -> list[Document]:
    return [
        Document(output=output, format=format_, body=body, etag=etag_of(body), modified_at=DAY, entries=3)
        for format_, body in bodies.items()
    ]


def test_outputs_share_what_is_made_of_an_entry(templates: list[Path]) -> None:
    renderer, wanted = Renderer(templates), wants(2)
    contents = {one.key: a_content() for one in wanted}
    renderer.render(an_output(id="one"), a_head(), wanted, contents)
    assert renderer.missing(an_output(id="two"), wanted) == []
    other = Renderer(templates).render(an_output(id="two"), a_head(), wanted, contents)
    assert renderer.render(an_output(id="two"), a_head(), wanted, {}) == other


def test_what_was_let_go_of_is_taken_out_of_the_documents_of_before(templates: list[Path]) -> None:
    renderer, output, wanted = Renderer(templates, kept_bytes=1), an_output(), wants(3)
    contents = {one.key: a_content() for one in wanted}
    first = renderer.render(output, a_head(), wanted, contents)
    assert renderer.lost(output, wanted) == 3
    renderer.recall(output, documents_of(first, output.id))
    assert renderer.lost(output, wanted) == 3, "not told that they were published"
    renderer.published(output, {one.format: one.etag for one in documents_of(first, output.id)})
    tampered = {format_: body.replace(b"Aleppo", b"Berlin") for format_, body in first.items()}
    renderer.recall(output, documents_of(tampered, output.id))
    assert renderer.lost(output, wanted) == 3, "other documents than were published"
    renderer = Renderer(templates)
    renderer.render(output, a_head(), wanted, contents)
    renderer.published(output, {one.format: one.etag for one in documents_of(first, output.id)})
    renderer._kept.clear()
    renderer.recall(output, documents_of(first, output.id))
    assert renderer.missing(output, wanted) == []
    assert renderer.render(output, a_head(), wanted, {}) == first
    revised = replace(wanted[1], decision_digest="another")
    assert renderer.missing(output, [wanted[0], revised, wanted[2]]) == [revised.key]
