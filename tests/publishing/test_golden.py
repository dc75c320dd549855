"""What each format looks like under each set of credits, byte for byte. `make golden` writes anew: read the diff."""

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
from aggregator.publishing.catalogue import Offered, output_list
from aggregator.publishing.compose import compose
from aggregator.publishing.credit import Credits
from aggregator.publishing.item import FeedOfOrigin, Tombstone
from aggregator.publishing.render import Makings, Renderer, Wanted
from aggregator.publishing.verify import verify_fragment
from tests.publishing.build_items import (
    DAY,
    GLOBAL_RESEARCH,
    IMAGE,
    PLACE,
    RIVER,
    RT,
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
from tests.validity.checks import CHECKS, check_opml

GOLDEN = Path(__file__).parent / "golden"
STYLE = b"<style>%b</style>" % (TEMPLATES / "river" / "style.css").read_bytes().strip()


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


def the_arabic_story() -> Wanted:
    """A whole text that runs from right to left, out of three hands; the words to print run the other way."""
    entry = an_entry(
        id="urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a",
        url="https://sahifa.example/%D8%AE%D8%A8%D8%B1",
        source="sahifa",
        title="تقرير: «الماء» في المدينة 2 & 3",
        language="ar",
        authors=(Author(name="ليلى حداد"),),
        categories=("ماء", "R&D"),
        published_at=DAY - timedelta(hours=3),
    )
    hops = (
        RT,
        replace(RT, name="سانا <وكالة>", url="https://agency.example/", author=None, notice=None, claimed=False),
        replace(GLOBAL_RESEARCH, name="الصحيفة", policy="sahifa", url="https://sahifa.example/%D8%AE%D8%A8%D8%B1"),
    )
    decision = a_decision(
        a_duty(DutyName.CREDIT_SOURCE),
        a_duty(DutyName.CREDIT_AUTHOR),
        a_duty(DutyName.CREDIT_LINE, text="First published by الصحيفة (Beirut).", slot="byline"),
        a_duty(DutyName.LINK_ORIGINAL),
        hops=hops,
    )
    place = replace(PLACE, source_title="الصحيفة", source_feed="https://sahifa.example/feed", source_home=None)
    return a_wanted(a_stored(entry, ordered_at=DAY - timedelta(hours=3)), decision, "arabic", place)


def the_japanese_excerpt() -> Wanted:
    """A part of a text in a script without spaces, offered under either of two licences."""
    entry = an_entry(
        id="https://shimbun.example/7",
        url="https://shimbun.example/7",
        source="shimbun",
        title="水道の工事",
        language="ja",
        authors=(),
        categories=(),
        published_at=DAY - timedelta(hours=4),
        notices=tuple(
            Notice(kind=NoticeKind.LICENCE, level=Level.ENTRY, value=licence, carrier="rel=license")
            for licence in ("https://creativecommons.org/licenses/by/4.0/", "https://gnu.example/fdl")
        ),
    )
    decision = a_decision(
        a_duty(DutyName.LICENCE_NOTICE), form=Form.EXCERPT, limits=(a_limit(9, "words"),), hops=(GLOBAL_RESEARCH,)
    )
    place = replace(PLACE, source_title="新聞", source_feed="https://shimbun.example/feed")
    return a_wanted(a_stored(entry, ordered_at=DAY - timedelta(hours=4)), decision, "japanese", place)


SUMMARY = "<p>One two three four five six seven eight nine.</p>"
CONTENTS = {
    "sahifa": a_content(
        body='<p>بدأت أعمال <b>الصيانة</b> في 3 أحياء.</p><blockquote dir="ltr"><p>“Water by May.”</p></blockquote>',
        summary="<p>بدأت أعمال الصيانة.</p>",
    ),
    "shimbun": a_content(body="", summary="<p>市は来年の春までに水道管の工事を終えると発表した。</p>"),
}
SETS = ("default", "compact", "academic", "originally-published-by")


def compare(path: Path, body: bytes) -> None:
    """The file says the same to the byte; with GOLDEN=write it will. A page's style sheet, which stands in it to the
    byte, is named and not said again."""
    if path.suffix == ".html" and b"<style>" in body:
        assert body.count(STYLE) == body.count(b"<style>") == 1
        body = body.replace(STYLE, b"<style>templates/river/style.css</style>")
    if os.environ.get("GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    assert body.decode() == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("format_", list(Format))
@pytest.mark.parametrize("credit_set", SETS)
def test_the_documents_are_these_bytes(credit_set: str, format_: Format) -> None:
    """Every format with every set of credits, and valid by the format's own rules."""
    wanted = [the_full_story(), the_excerpt(), the_headline(), the_arabic_story(), the_japanese_excerpt()]
    if format_ is Format.TEXT:  # which loads no picture, so that rights would not let it out with such duties
        wanted[0] = without_pictures(wanted[0])
    contents = {one.key: CONTENTS.get(one.stored.entry.source, a_content(summary=SUMMARY)) for one in wanted}
    output, renderer = an_output(formats=(format_,), credit=credit_set), Renderer([TEMPLATES])
    made = renderer.make(output, wanted, contents)
    assert made.refused == []
    head = a_head(tombstones=(TOMBSTONE,), hubs=("https://hub.example/",))
    body = renderer.render(output, head, wanted, made).body(format_)
    compare(GOLDEN / credit_set / f"community.{format_.value}", body)
    problems = CHECKS[format_.value](body, f"https://news.example.org/feeds/community.{format_.value}")
    assert problems == []


TOMBSTONE = Tombstone(
    id="https://herald.example/9",
    atom_id="https://herald.example/9",
    at=DAY,
    by="Riverside Community News",
    comment="Withdrawn.",
    source=FeedOfOrigin(
        id="https://herald.example/feed",
        title="The Herald & Sons",
        url="https://herald.example/",
        feed="https://herald.example/feed",
        rights=None,
    ),
)


def test_the_list_of_outputs_is_these_bytes() -> None:
    offered = (
        Offered(
            title="Riverside world news", feed=f"{BASE}/community.rss", home=f"{BASE}/community.html", language="en"
        ),
        Offered(
            title="أخبار & R&amp;D", feed=f"{BASE}/ar.atom", home=None, description="Water &not fire", language="ar"
        ),
    )
    body = output_list(
        offered, title="Feeds", owner="Odd & Sons", email="d@news.example.org", url=BASE, modified_at=DAY
    )
    compare(GOLDEN / "outputs.opml", body)
    assert check_opml(body) == []


BASE = "https://news.example.org/feeds"


def without_pictures(wanted: Wanted) -> Wanted:
    duties = tuple(duty for duty in wanted.decision.duties if duty.name not in {DutyName.TRACKER, DutyName.LOGO})
    last = len(wanted.decision.hops) - 1
    return replace(wanted, decision=replace(wanted.decision, duties=duties, duty_hops=(last,) * len(duties)))


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
    compare(GOLDEN / "credit" / f"{credit_set}.{language}.html", body.encode())


@pytest.mark.parametrize("format_", list(Format))
def test_an_output_without_entries_is_a_document_too(format_: Format) -> None:
    output = an_output(formats=(format_,))
    body = Renderer([TEMPLATES]).render(output, a_head(), [], Makings()).body(format_)
    compare(GOLDEN / f"empty.{format_.value}", body)
