"""Publishers in memory: what each feed holds now, and the answer that a poll of it would get."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from lxml import etree

from aggregator.model.fetched import Fetched, NotModified, Outcome, Validators
from aggregator.model.source import Source

ATOM = "http://www.w3.org/2005/Atom"
APP = "http://www.w3.org/2007/app"
HISTORY = "http://purl.org/syndication/history/1.0"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"


@dataclass(frozen=True, kw_only=True)
class Version:
    """One item as it stands in a feed."""

    title: str
    url: str
    published: datetime | None
    updated: datetime
    category: str = "news"
    author: str | None = "Ann Lee"
    wire: bool = False
    """Credits another publisher with the article."""
    forbids: bool = False
    """Says that it is not for republication."""
    draft: bool = False


@dataclass
class Feed:
    items: dict[str, Version] = field(default_factory=dict)
    buried: dict[str, datetime] = field(default_factory=dict)
    complete: bool = False
    """Whether absence means removal."""


class Upstream:
    """A `Fetch` over feeds that a test edits: values, no network."""

    def __init__(self, sources: list[str]) -> None:
        self.feeds = {source: Feed() for source in sources}

    async def __call__(self, source: Source, validators: Validators, now: datetime) -> Outcome:
        body = document(source.id, self.feeds[source.id])
        etag = sha256(body).hexdigest()
        if validators.etag == etag:
            return NotModified(source=source.id, asked_at=now, validators=validators)
        return Fetched(
            source=source.id,
            asked_at=now,
            final_url=source.feed,
            status=200,
            body=body,
            content_type="application/atom+xml",
            validators=Validators(etag=etag),
        )


def edited(version: Version, **changes: Any) -> Version:
    return replace(version, **changes)


def document(source: str, feed: Feed) -> bytes:
    """Atom, with tombstones, drafts and `fh:complete`."""
    root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM, "app": APP, "fh": HISTORY, "at": TOMBSTONES})
    _child(root, "title", source)
    _child(root, "id", f"tag:{source}.example,2026:feed")
    _child(root, "updated", "2026-11-20T00:00:00Z")
    if feed.complete:
        etree.SubElement(root, f"{{{HISTORY}}}complete")
    for ref, when in feed.buried.items():
        etree.SubElement(root, f"{{{TOMBSTONES}}}deleted-entry", ref=ref, when=when.isoformat())
    for id_, version in feed.items.items():
        _entry(root, id_, version)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _entry(root: Any, id_: str, version: Version) -> None:
    entry = etree.SubElement(root, f"{{{ATOM}}}entry")
    _child(entry, "id", id_)
    _child(entry, "title", version.title)
    etree.SubElement(entry, f"{{{ATOM}}}link", href=version.url)
    if version.author:
        _child(_child(entry, "author", None), "name", version.author)
    if version.published:
        _child(entry, "published", version.published.isoformat())
    _child(entry, "updated", version.updated.isoformat())
    etree.SubElement(entry, f"{{{ATOM}}}category", term=version.category)
    if version.draft:
        etree.SubElement(etree.SubElement(entry, f"{{{APP}}}control"), f"{{{APP}}}draft").text = "yes"
    lines = [f"<p>The council met again and spoke of {version.title}.</p>"]
    if version.wire:
        lines.append('<p>The original source of this article is <a href="https://wire.example/1">Wire</a></p>')
    if version.forbids:
        lines.append("<p>Not for republication.</p>")
    _child(entry, "content", "".join(lines)).set("type", "html")


def _child(parent: Any, name: str, text: str | None) -> Any:
    child = etree.SubElement(parent, f"{{{ATOM}}}{name}")
    child.text = text
    return child
