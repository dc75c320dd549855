"""JSON Feed 1.1. It has no word for rights, so they stand under `_rights` in every item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from aggregator.model.output import Format
from aggregator.model.use import Form
from aggregator.publishing.chain import hop_facts
from aggregator.publishing.frame import Frame
from aggregator.publishing.media import type_of
from aggregator.publishing.text import line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.model.entry import Component
    from aggregator.publishing.item import Head, Item, Licence

MEDIA_TYPES = {
    Format.RSS: "application/rss+xml",
    Format.ATOM: "application/atom+xml",
    Format.JSON: "application/feed+json",
    Format.HTML: "text/html",
    Format.TEXT: "text/plain",
}


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
        "image": item.image,
        "attachments": [_attachment(part) for part in item.enclosures],
        "_rights": _filled(_rights(item)),
    }


def _attachment(part: Component) -> dict[str, Any]:
    return _filled({"url": part.url, "mime_type": type_of(part), "title": part.title, "size_in_bytes": part.length})


def _rights(item: Item) -> dict[str, Any]:
    """What stands under each key is told in `RIGHTS_KEYS`, for the page at `about` and for docs/json-rights.md."""
    origin = item.feed_of_origin
    return {
        "about": item.about,
        "credit": item.credit.text,
        "form": item.form.value,
        "notice": item.rights,
        "licences": _licences(item.licences),
        "source": _filled(
            {
                "id": origin.id,
                "name": origin.title,
                "url": origin.url,
                "feed_url": origin.feed,
                "notice": origin.rights,
                "licences": _licences(origin.licences),
            }
        ),
        "hops": [_filled({**hop_facts(hop), "claimed": hop.claimed or None}) for hop in item.hops],
        "via": item.url,
        "canonical": item.canonical,
        "original_id": item.original_id,
        "changes": list(item.changes),
        "related": [_filled({"url": link.href, "title": link.title}) for link in item.related],
        "components": [
            _filled({"url": part.url, "kind": part.kind.value, "credit": part.credit, "licence": part.licence})
            for part in item.media
        ],
    }


def _licences(known: Sequence[Licence]) -> list[dict[str, Any]]:
    return [_filled({"name": licence.name, "url": licence.url}) for licence in known]


RIGHTS_KEYS: dict[str, str] = {
    "about": "Where these keys are explained.",
    "credit": "The credit as plain text, line by line: what has to be shown with the item.",
    "form": "How much of the article the item holds: `full`, `excerpt` or `headline`.",
    "notice": "The copyright notices of all publishers in the chain, as they wrote them.",
    "licences": "`name` and `url` of each licence that the article is offered under; several are a choice.",
    "source": "The feed that it comes from: `id`, `name`, `url`, `feed_url`, and its own `notice` and `licences`.",
    "hops": (
        "Everybody through whose hands the article went, the originator first: `name`, `url`, `author`, `notice`; "
        "`claimed` is true where only the feed says so."
    ),
    "via": "Address of the article at the publisher that it was taken from.",
    "canonical": "Where search engines should look instead of at a copy, where the publisher names such an address.",
    "original_id": "The id that the article has in its own feed.",
    "changes": "What was done to the copy, in sentences.",
    "related": "`url` and `title` of what the article itself names as related.",
    "components": "Images and recordings with rights of their own: `url`, `kind`, `credit`, `licence`.",
}
"""What each key of an item's `_rights` holds."""


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    """Without what is empty: a reader should not have to tell null from missing."""
    return {key: value for key, value in values.items() if value not in (None, "", [], {})}


def document(head: Head, fragments: Sequence[bytes]) -> bytes:
    """A whole feed around the bytes of its items."""
    return frame(head, len(fragments)).around(fragments)


def frame(head: Head, entries: int) -> Frame:
    """What stands around so many items."""
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
                "_tombstones": _tombstones(head),
                "hubs": [{"type": "WebSub", "url": hub} for hub in head.hubs],
            }
        )
    )
    # The items are finished JSON already, each read again by the proof: the object is closed after them, not before.
    return Frame(opening[:-1] + b',"items":[', b",\n", b"]}")


def _tombstones(head: Head) -> dict[str, Any]:
    """What Atom says with `at:deleted-entry`: items that a reader is to drop."""
    if not head.tombstones:
        return {}
    items = [
        {
            "id": one.id,
            "date_deleted": _instant(one.at),
            "by": one.by,
            "comment": one.comment,
            "source": _filled(
                {"id": one.source.id, "name": one.source.title, "url": one.source.url, "feed_url": one.source.feed}
            ),
        }
        for one in head.tombstones
    ]
    return _filled({"about": head.about, "items": items})


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
