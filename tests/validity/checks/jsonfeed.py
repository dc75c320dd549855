"""JSON Feed 1.1."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.validity.checks.common import MEDIA_TYPE, RFC3339, WEB, date_problems, html_problems, repeated, text_problems

_FEED_TYPES: dict[str, type] = {
    "version": str, "title": str, "home_page_url": str, "feed_url": str, "description": str, "user_comment": str,
    "next_url": str, "icon": str, "favicon": str, "authors": list, "language": str, "expired": bool, "hubs": list,
    "items": list,
}  # fmt: skip
_ITEM_TYPES: dict[str, type] = {
    "id": str, "url": str, "external_url": str, "title": str, "content_html": str, "content_text": str, "summary": str,
    "image": str, "banner_image": str, "date_published": str, "date_modified": str, "authors": list, "tags": list,
    "language": str, "attachments": list,
}  # fmt: skip


def _typed(where: str, value: dict[str, Any], types: dict[str, type]) -> Iterator[str]:
    for key, found in value.items():
        if key.startswith("_"):
            if not isinstance(found, dict):
                yield f"{where}: extension {key} is no object"
        elif key not in types:
            yield f"{where}: unknown key {key}"
        elif type(found) is not types[key]:
            yield f"{where}: {key} is a {type(found).__name__}"
        elif found in ("", []) and key != "items":
            yield f"{where}: {key} is empty"


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), f"a key twice: {keys}"
    return dict(pairs)


def check_json(body: bytes, location: str) -> list[str]:
    """JSON Feed 1.1."""
    feed = json.loads(body.decode("utf-8"), object_pairs_hook=_unrepeated)
    problems = list(_typed("feed", feed, _FEED_TYPES))
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        problems.append(f"version {feed.get('version')}")
    if feed.get("feed_url") != location:
        problems.append(f"feed_url {feed.get('feed_url')} is served at {location}")
    if not WEB.fullmatch(feed.get("home_page_url", "")):
        problems.append(f"home_page_url {feed.get('home_page_url')}")
    if "items" not in feed:
        problems.append("items is missing")
    problems += text_problems("feed title", feed.get("title"))
    problems += _authors("feed", feed)
    items = feed.get("items", [])
    problems += repeated("id", [item.get("id") for item in items])
    for item in items:
        problems += _json_item(item)
    return problems


def _authors(where: str, value: dict[str, Any]) -> Iterator[str]:
    for author in value.get("authors", []):
        if not set(author) <= {"name", "url", "avatar"} or not set(author):
            yield f"{where}: author {author}"
        if "url" in author and not WEB.fullmatch(author["url"]):
            yield f"{where}: author url {author['url']}"


def _json_item(item: dict[str, Any]) -> Iterator[str]:
    where = f"item {item.get('id')}"
    yield from _typed(where, item, _ITEM_TYPES)
    if not item.get("id"):
        yield f"{where}: id is missing"
    if "content_html" not in item and "content_text" not in item:
        yield f"{where}: no content"
    if "content_html" in item:
        yield from html_problems(where, item["content_html"])
    for key in ("url", "external_url"):
        if key in item and not WEB.fullmatch(item[key]):
            yield f"{where}: {key} {item[key]}"
    for key in ("date_published", "date_modified"):
        if key in item:
            yield from date_problems(f"{where} {key}", item[key], RFC3339)
    yield from _authors(where, item)
    for part in item.get("attachments", []):
        if not WEB.fullmatch(part.get("url", "")) or not MEDIA_TYPE.fullmatch(part.get("mime_type", "")):
            yield f"{where}: attachment {part}"
        if not isinstance(part.get("size_in_bytes", 0), int):
            yield f"{where}: attachment size {part}"
