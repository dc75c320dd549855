"""`_rights` of a JSON Feed item, as aggregators of this kind write it: read back as hops, licences, source and credits.

All of it is evidence like any other element of a feed: it names third parties and licences, and loosens nothing by
itself. What has another shape is left to be read as prose. The keys: `docs/json-rights.md`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aggregator.intake.claims import HopClaim, SourceClaim, hop_claim, is_form_of_part
from aggregator.intake.clean import clean_text, clean_url
from aggregator.intake.components import CREDIT_MAX
from aggregator.intake.phrases import forbids
from aggregator.model.entry import Component, ComponentKind, Level, Link, Notice, NoticeKind

CARRIER = "json:_rights"
SOURCE = "json:_rights.source"
_VALUE_MAX = 1_000
_LIST_MAX = 100
_KEYS = frozenset(
    {
        *("about", "credit", "form", "notice", "licences", "source", "hops", "via", "canonical", "original_id"),
        *("changes", "related", "components", "id", "name", "url", "feed_url"),
    }
)
"""That `docs/json-rights.md` explains, of an item and of its source."""
_KINDS = {kind.value: kind for kind in ComponentKind}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What one item says."""

    notices: tuple[Notice, ...] = ()
    links: tuple[Link, ...] = ()
    source: SourceClaim | None = None
    chain: tuple[HopClaim, ...] = ()
    components: tuple[Component, ...] = ()
    is_part: bool = False


def read_rights(raw: object, base: str | None) -> Rights:
    """What an item's `_rights` says; nothing where it is not an object with the keys that we know.

    Args:
        base: what relative addresses are relative to.
    """
    if not isinstance(raw, dict) or not {"hops", "licences", "notice", "form", "source"} & raw.keys():
        return Rights()
    chain = (hop_claim(hop, CARRIER) for hop in _objects(raw.get("hops")))
    return Rights(
        notices=tuple(_notices(raw, Level.ENTRY)) + tuple(_notices(_object(raw.get("source")), Level.SOURCE)),
        links=tuple(_links(raw, base)),
        source=_source(_object(raw.get("source")), base),
        chain=tuple(filter(None, chain)),
        components=tuple(_components(raw, base)),
        is_part=is_form_of_part(raw.get("form")),
    )


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in value[:_LIST_MAX] if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: object, limit: int = _VALUE_MAX) -> str:
    return clean_text(value, limit) if isinstance(value, str) else ""


def _address(value: object, base: str | None = None) -> str | None:
    return clean_url(value, base) if isinstance(value, str) else None


def _notices(raw: dict[str, Any], level: Level) -> Iterator[Notice]:
    for licence in _objects(raw.get("licences")):
        if value := _text(licence.get("url")) or _text(licence.get("name")):
            yield Notice(kind=NoticeKind.LICENCE, level=level, value=value, carrier=CARRIER)
    if text := _text(raw.get("notice")):
        kind = NoticeKind.FORBID if forbids(text) else NoticeKind.RIGHTS
        yield Notice(kind=kind, level=level, value=text, carrier=CARRIER)
    if rest := _unknown(raw):
        yield Notice(kind=NoticeKind.FORBID, level=level, value=rest, carrier=CARRIER)


def _unknown(raw: dict[str, Any]) -> str:
    """What stands under keys that nobody here knows, or in another shape than theirs, if it bars republication."""
    rest = {key: value for key, value in raw.items() if key not in _KEYS or (key == "notice" and _text(value) == "")}
    text = clean_text(json.dumps(rest, ensure_ascii=False, sort_keys=True), _VALUE_MAX) if rest else ""
    return text if text and forbids(text) else ""


def _links(raw: dict[str, Any], base: str | None) -> Iterator[Link]:
    for rel in ("via", "canonical"):
        if href := _address(raw.get(rel), base):
            yield Link(rel=rel, href=href)
    for link in _objects(raw.get("related")):
        if href := _address(link.get("url"), base):
            yield Link(rel="related", href=href, title=_text(link.get("title"), 300) or None)


def _source(raw: dict[str, Any], base: str | None) -> SourceClaim | None:
    title, url, feed = _text(raw.get("name"), 300), _address(raw.get("url"), base), _address(raw.get("feed_url"), base)
    if not (title or url or feed):
        return None
    return SourceClaim(
        carrier=SOURCE,
        title=title or None,
        url=url,
        feed_id=_text(raw.get("id")) or None,
        feed_url=feed,
        rights=_text(raw.get("notice")) or None,
    )


def _components(raw: dict[str, Any], base: str | None) -> Iterator[Component]:
    for part in _objects(raw.get("components")):
        if url := _address(part.get("url"), base):
            yield Component(
                kind=_KINDS.get(str(part.get("kind")), ComponentKind.EMBED),
                url=url,
                credit=_text(part.get("credit"), CREDIT_MAX) or None,
                licence=_text(part.get("licence"), CREDIT_MAX) or None,
                enclosed=True,
            )
