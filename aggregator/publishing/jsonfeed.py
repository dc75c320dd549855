"""JSON Feed 1.1. It has no word for rights, so they stand under `_rights` in every item."""

from __future__ import annotations

import mimetypes
import re
from typing import TYPE_CHECKING, Any

import orjson

from aggregator.model.output import Format
from aggregator.model.use import Form
from aggregator.publishing.text import line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.model.entry import Component
    from aggregator.publishing.item import Head, Item

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")
MEDIA_TYPES = {
    Format.RSS: "application/rss+xml",
    Format.ATOM: "application/atom+xml",
    Format.JSON: "application/feed+json",
    Format.HTML: "text/html",
}


def type_of(part: Component) -> str:
    """The media type of an enclosure: as the feed says, else by its name."""
    told = (part.type or "").strip().lower()
    if _TYPE.fullmatch(told):
        return told
    return mimetypes.guess_type(part.url.partition("?")[0])[0] or "application/octet-stream"


def fragment(item: Item) -> bytes:
    """The item's bytes, as they stand in a document of ours."""
    return orjson.dumps(_filled(_item(item)))


def _item(item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "url": item.url,
        "external_url": item.url,
        "title": item.title,
        "content_html": item.html,
        "summary": item.summary if item.form is Form.FULL else None,
        "date_published": _instant(item.published_at),
        "date_modified": _instant(item.updated_at),
        "authors": [_filled({"name": author.name, "url": author.url}) for author in item.authors]
        or [{"name": item.publisher}],
        "tags": list(item.categories),
        "language": item.language,
        "attachments": [
            _filled({"url": part.url, "mime_type": type_of(part), "title": part.title, "size_in_bytes": part.length})
            for part in item.enclosures
        ],
        "_rights": _filled(_rights(item)),
    }


def _rights(item: Item) -> dict[str, Any]:
    origin = item.feed_of_origin
    return {
        "credit": item.credit.text,
        "form": item.form.value,
        "notice": item.rights,
        "licences": [_filled({"name": licence.name, "url": licence.url}) for licence in item.licences],
        "source": _filled({"id": origin.id, "name": origin.title, "url": origin.url, "feed_url": origin.feed}),
        "hops": [
            _filled(
                {
                    "name": hop.name,
                    "url": hop.url,
                    "author": hop.author,
                    "notice": hop.notice,
                    "claimed": hop.claimed or None,
                }
            )
            for hop in item.hops
        ],
        "via": item.url,
        "canonical": item.canonical,
        "original_id": item.original_id,
        "changes": list(item.changes),
    }


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    """Without what is empty: a reader should not have to tell null from missing."""
    return {key: value for key, value in values.items() if value not in (None, "", [], {})}


def document(head: Head, fragments: Sequence[bytes]) -> bytes:
    """A whole feed around the bytes of its items."""
    opening = orjson.dumps(
        _filled(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": line(head.title),
                "home_page_url": head.home,
                "feed_url": head.self_in(Format.JSON),
                "description": line(head.description),
                "language": head.language,
                "authors": [{"name": line(head.site_name), "url": head.site_url}],
                "hubs": [{"type": "WebSub", "url": hub} for hub in head.hubs],
            }
        )
    )
    # The items are finished JSON already, each read again by the proof: the object is closed after them, not before.
    return b"".join((opening[:-1], b',"items":[', b",\n".join(fragments), b"]}"))


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
