"""Feeds whose items share a link or a guid: none is lost, none is announced twice, an edit is an edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

import orjson
import pytest

from tests.story.origin import Origin
from tests.story.site import Open, Site
from tests.story.test_churn import HOME, an_atom, set_up, stored


@dataclass(frozen=True)
class Note:
    """An item of a sloppy feed; what is None has no element."""

    title: str
    text: str
    link: str | None = f"{HOME}/notes"
    guid: str | None = None
    day: int | None = None

    def __str__(self) -> str:
        date = f"Tue, {self.day:02} Dec 2016 09:00:00 GMT" if self.day else None
        parts = {"title": self.title, "link": self.link, "guid": self.guid, "pubDate": date, "description": self.text}
        inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in parts.items() if value is not None)
        return f"<item>{inner}</item>"


def an_rss(*notes: Note, about: str = "Notes") -> bytes:
    head = f"<title>{about}</title><link>{HOME}/</link>"
    return f"<rss version='2.0'><channel>{head}{''.join(map(str, notes))}</channel></rss>".encode()


def a_json(*notes: Note, about: str = "Notes") -> bytes:
    items = [{"id": n.guid, "url": n.link, "title": n.title, "content_text": n.text} for n in notes]
    page = {"version": "https://jsonfeed.org/version/1.1", "title": about, "items": items}
    for item in items:
        for name in [name for name, value in item.items() if value is None]:
            del item[name]
    return orjson.dumps(page)


async def step(opened: Open, origin: Origin, body: bytes) -> tuple[int, int]:
    """(new, revised) of a poll of this document."""
    origin.serve("/notes", body, Content_Type="application/json" if body[:1] == b"{" else "text/xml")
    report = (await opened.poll("notes"))["notes"]
    assert report.outcome != "failed", report.detail
    return report.new, report.revised


async def titles(opened: Open) -> list[str]:
    return sorted(entry.entry.title for entry in await stored(opened, "notes"))


A, B, C = Note("Alpha", "One.", day=6), Note("Beta", "Two.", day=13), Note("Gamma", "Three.", day=20)


@pytest.mark.parametrize("write", [an_rss, a_json])
@pytest.mark.parametrize(
    "items",
    [
        pytest.param((A, B, C), id="one link, no guid"),
        pytest.param(tuple(replace(n, guid="same") for n in (A, B, C)), id="one link, one guid"),
        pytest.param(
            tuple(replace(n, guid="same", link=f"{HOME}/{n.title}") for n in (A, B, C)), id="own links, one guid"
        ),
        pytest.param(
            tuple(replace(n, guid="same", link=f"{HOME}/{n.title}", title="Weather") for n in (A, B, C)),
            id="own links, one guid, one title",
        ),
        pytest.param(tuple(replace(n, title="Weather") for n in (A, B, C)), id="one link, one title"),
        pytest.param(tuple(replace(n, day=None) for n in (A, B, C)), id="one link, no dates"),
    ],
)
async def test_items_that_share_a_name_come_and_go(
    site: Site, origin: Origin, items: Sequence[Note], write: type[an_rss]
) -> None:
    """One by one, with other channels around them (which has all of them read again), edited, gone and back."""
    a, b, c = items
    set_up(site, origin, notes={})
    async with site.opened() as opened:
        assert await step(opened, origin, write(a)) == (1, 0)
        assert await step(opened, origin, write(b, a)) == (1, 0)
        assert await step(opened, origin, write(b, a, about="Renamed")) == (0, 0)
        assert await step(opened, origin, write(c, b, a)) == (1, 0)
        keys = {entry.key for entry in await stored(opened, "notes")}
        assert len(keys) == 3
        if a.title != b.title or a.link != b.link:
            edited = replace(b, text="Two, corrected.")
            assert await step(opened, origin, write(c, edited, a, about="Renamed again")) == (0, 1)
            assert await step(opened, origin, write(edited, about="Alone")) == (0, 0)
            assert await step(opened, origin, write(c, edited, about="And back")) == (0, 0)
            assert await step(opened, origin, write(a, about="The first, alone")) == (0, 0)
        assert {entry.key for entry in await stored(opened, "notes")} == keys
        assert len({entry.entry.id for entry in await stored(opened, "notes")}) == 3


async def test_an_edit_of_the_link_is_an_edit(site: Site, origin: Origin) -> None:
    """Of an item whose id is its own, also beside others that share one."""
    set_up(site, origin, notes={})
    own = replace(A, guid="own", link=f"{HOME}/first")
    shared = [replace(n, guid="shared", link=f"{HOME}/{n.title}") for n in (B, C)]
    async with site.opened() as opened:
        assert await step(opened, origin, an_rss(own, *shared)) == (3, 0)
        assert await step(opened, origin, an_rss(replace(own, link=f"{HOME}/moved"), *shared)) == (0, 1)
        moved = replace(shared[0], link=f"{HOME}/moved-too")
        assert await step(opened, origin, an_rss(replace(own, link=f"{HOME}/moved"), moved, shared[1])) == (0, 1)
        assert await titles(opened) == ["Alpha", "Beta", "Gamma"]


async def test_what_repeats_an_entry_is_no_other_entry(site: Site, origin: Origin) -> None:
    """The same again, under a link with other tracking, or a later version in Atom: which is the one that stays."""
    set_up(site, origin, notes={})
    twice = replace(A, guid="a", link=f"{HOME}/a"), replace(A, guid="a", link=f"{HOME}/a?utm_source=x")
    versions = [
        f"<entry><id>urn:v</id><title>{title}</title><link href='{HOME}/v'/><updated>2016-12-{day}T09:00:00Z</updated>"
        f"<content>{title}</content></entry>"
        for title, day in (("First", 11), ("Third", 13), ("Second", 12))
    ]
    async with site.opened() as opened:
        assert await step(opened, origin, an_rss(*twice, A, A)) == (2, 0)
        assert await titles(opened) == ["Alpha", "Alpha"]
        assert await step(opened, origin, an_atom(*versions).encode()) == (1, 0)
        assert await titles(opened) == ["Alpha", "Alpha", "Third"]


async def test_one_link_whose_text_is_replaced_is_one_entry(site: Site, origin: Origin) -> None:
    """A page of which the feed gives the state of the day has never shared its link with another."""
    set_up(site, origin, notes={})
    async with site.opened() as opened:
        assert await step(opened, origin, an_rss(A)) == (1, 0)
        assert await step(opened, origin, an_rss(B)) == (0, 1)
        assert await titles(opened) == ["Beta"]


async def test_a_thousand_items_of_one_name_are_told_apart_in_time(site: Site, origin: Origin) -> None:
    set_up(site, origin, notes={"daily_entries": 5_000})
    many = [Note(f"Note {n}", f"Text {n}.", guid="x" if n % 2 else None) for n in range(3_000)]
    async with site.opened() as opened:
        assert await step(opened, origin, an_rss(*many)) == (3_000, 0)
        assert await step(opened, origin, an_rss(*many, about="Renamed")) == (0, 0)
