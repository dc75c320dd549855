"""Media RSS, as far as we write it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.validity.checks.common import MEDIA_TYPE, text_problems, uri_problems

_MEDIA = "{http://search.yahoo.com/mrss/}"
_MEDIA_ONCE = {"title", "copyright"}
_MEDIA_KNOWN = {"title", "copyright", "credit"}
_DCTERMS = "{http://purl.org/dc/terms/}"


def media_problems(where: str, entry: Any) -> Iterator[str]:
    """Media RSS 1.5.1 as the W3C validator knows it: no `license` (it says UndefinedElement), no empty number."""
    for node in entry.findall(f"{_MEDIA}content"):
        place = f"{where} media:content"
        yield from uri_problems(f"{place} url", node.get("url"))
        if node.get("medium", "image") not in {"image", "audio", "video", "document", "executable"}:
            yield f"{place}: InvalidMediaMedium: {node.get('medium')}"
        if node.get("type") is not None and not MEDIA_TYPE.fullmatch(node.get("type")):
            yield f"{place}: InvalidMIMEAttribute: {node.get('type')}"
        if unknown := set(node.attrib) - {"url", "type", "medium"}:
            yield f"{place}: UnexpectedAttribute: {unknown}"
        names = [child.tag for child in node]
        for name in set(names):
            plain = name.removeprefix(_MEDIA)
            if plain not in _MEDIA_KNOWN and name != f"{_DCTERMS}license":
                yield f"{place}: UndefinedElement: {name}"
            if plain in _MEDIA_ONCE and names.count(name) > 1:
                yield f"{place}: DuplicateElement: {name}"
        for child in node:
            yield from text_problems(place, child.text)
            if child.get("url") is not None:
                yield from uri_problems(f"{place} {child.tag}", child.get("url"))
