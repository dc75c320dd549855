"""What each format looks like, byte for byte. `GOLDEN=write pytest tests/publishing` writes anew: read the diff."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.model.entry import Author, Component, ComponentKind, Level, Link, Notice, NoticeKind
from aggregator.model.origin import Origin
from aggregator.model.output import Format
from aggregator.model.policy import DutyName
from aggregator.model.use import Form
from aggregator.publishing import atom, jsonfeed, rss
from aggregator.publishing.compose import compose
from aggregator.publishing.credit import Credits
from aggregator.publishing.render import Makings, Renderer, Wanted
from aggregator.publishing.verify import verify_fragment
from tests.publishing.build_items import (
    DAY,
    IMAGE,
    PLACE,
    RIVER,
    TEMPLATES,
    a_content,
    a_decision,
    a_duty,
    a_head,
    a_limit,
    a_stored,
    a_wanted,
    an_entry,
    an_output,
)

GOLDEN = Path(__file__).parent / "golden"


def the_full_story() -> Wanted:
    """A whole chain, every duty, a picture that may not be shown and a recording that may."""
    entry = an_entry(
        components=(
            Component(kind=ComponentKind.IMAGE, url=IMAGE, credit="Agency photo"),
            Component(
                kind=ComponentKind.MEDIA,
                url="https://globalresearch.example/a.mp3",
                type="audio/mpeg",
                length=12345,
                title="Interview",
                credit="Phelan & Co",
                licence="CC-BY-SA-4.0",
                enclosed=True,
            ),
        ),
        links=(Link(rel="related", href="https://rt.example/more", title="More of it"),),
    )
    decision = a_decision(
        a_duty(DutyName.CREDIT_SOURCE),
        a_duty(DutyName.CREDIT_AUTHOR),
        a_duty(DutyName.CREDIT_LINE, text="First published by Global Research & friends.", slot="top"),
        a_duty(DutyName.LINK_ORIGINAL, target="article"),
        a_duty(DutyName.KEEP_LINKS),
        a_duty(DutyName.END_NOTE, text="The contents are of sole responsibility of the author(s)."),
        a_duty(DutyName.COPYRIGHT_NOTICE),
        a_duty(DutyName.LICENCE_NOTICE, licence="CC-BY-NC-ND-4.0"),
        a_duty(DutyName.CANONICAL_OR_NOINDEX),
        a_duty(DutyName.TRACKER, url="https://count.example/p.gif?story=1&site=2"),
        a_duty(DutyName.LABEL_CHANGES),
        a_duty(DutyName.LOGO, url="https://globalresearch.example/logo.png"),
        a_duty(DutyName.REMOVE_ON_REQUEST),
        removed=(IMAGE,),
    )
    return a_wanted(a_stored(entry), decision, "full")


def the_excerpt() -> Wanted:
    """Seven words of a summary whose id is no IRI, out of a feed that names its own source."""
    entry = an_entry(
        id="post-17",
        url="https://herald.example/17",
        source="herald",
        title="“Quotes” & <angles> — ünïcode",
        authors=(),
        language=None,
        updated_at=DAY + timedelta(minutes=10),
        links=(Link(rel="canonical", href="https://wire.example/17"),),
        origins=(
            Origin(
                name="The Wire",
                url="https://wire.example/",
                feed_id="urn:uuid:60a76c80-d399-11d9-b93c-0003939e0af6",
                feed_url="https://wire.example/feed",
                notice="© The Wire 2016",
                carrier="atom:source",
            ),
        ),
        notices=(
            Notice(
                kind=NoticeKind.LICENCE,
                level=Level.FEED,
                value="https://creativecommons.org/licenses/by/4.0/",
                carrier="creativeCommons:license",
            ),
        ),
    )
    decision = a_decision(a_duty(DutyName.LABEL_CHANGES), form=Form.EXCERPT, limits=(a_limit(7, "words"),))
    stored = a_stored(entry, ordered_at=DAY - timedelta(hours=1))
    return a_wanted(stored, decision, "excerpt", replace(PLACE, source_title="The Herald"))


def the_headline() -> Wanted:
    """Title and link of an entry by two people in another language, under a derived id."""
    entry = an_entry(
        id="urn:example:shared",
        url="https://zeitung.example/a",
        source="zeitung",
        title="Überschrift",
        language="de",
        authors=(Author(name="Anna Ö.", url="https://zeitung.example/anna"), Author(name="Ben")),
        published_at=DAY - timedelta(hours=2),
    )
    place = replace(PLACE, source_title="Die Zeitung", source_feed=None, outbound_id="tag:news.example.org,2026:x1")
    decision = a_decision(form=Form.HEADLINE)
    return a_wanted(a_stored(entry, ordered_at=DAY - timedelta(hours=2)), decision, "headline", place)


@pytest.mark.parametrize("format_", list(Format))
def test_the_documents_are_these_bytes(format_: Format) -> None:
    wanted = [the_full_story(), the_excerpt(), the_headline()]
    if format_ is Format.TEXT:  # which loads no picture, so that rights would not let it out with such duties
        wanted[0] = without_pictures(wanted[0])
    contents = {one.key: a_content(summary="<p>One two three four five six seven eight nine.</p>") for one in wanted}
    output, renderer = an_output(formats=(format_,)), Renderer([TEMPLATES])
    made = renderer.make(output, wanted, contents)
    body = renderer.render(output, a_head(), wanted, made).body(format_)
    path = GOLDEN / f"community.{format_.value}"
    if os.environ.get("GOLDEN") == "write":
        path.write_bytes(body)
    assert body.decode() == path.read_text(encoding="utf-8")


def without_pictures(wanted: Wanted) -> Wanted:
    duties = tuple(duty for duty in wanted.decision.duties if duty.name not in {DutyName.TRACKER, DutyName.LOGO})
    last = len(wanted.decision.hops) - 1
    return replace(wanted, decision=replace(wanted.decision, duties=duties, duty_hops=(last,) * len(duties)))


SETS = ("default", "compact", "academic", "originally-published-by")


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("credit_set", SETS)
def test_each_credit_set_words_it_like_this(credit_set: str, language: str) -> None:
    wanted = the_full_story()
    output = an_output(credit=credit_set, language=language)
    item = compose(wanted.stored, a_content(), wanted.decision, output, PLACE, Credits([TEMPLATES]))
    for writer in (rss, atom, jsonfeed, RIVER):
        format_ = {rss: Format.RSS, atom: Format.ATOM, jsonfeed: Format.JSON}.get(writer, Format.HTML)
        verify_fragment(format_, writer.fragment(item), item)
    body = f"{item.html}\n\n<!-- as plain text:\n{item.credit.text}\n-->\n"
    path = GOLDEN / "credit" / f"{credit_set}.{language}.html"
    if os.environ.get("GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(body, encoding="utf-8")
    assert body == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("format_", list(Format))
def test_an_output_without_entries_is_a_document_too(format_: Format) -> None:
    output = an_output(formats=(format_,))
    body = Renderer([TEMPLATES]).render(output, a_head(), [], Makings()).body(format_)
    path = GOLDEN / f"empty.{format_.value}"
    if os.environ.get("GOLDEN") == "write":
        path.write_bytes(body)
    assert body.decode() == path.read_text(encoding="utf-8")
