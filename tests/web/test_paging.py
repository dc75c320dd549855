"""The river in pages: each entry on exactly one of them, with plain links between them, wherever it is served."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aggregator.model.output import Format
from aggregator.publishing.page import paged
from aggregator.service.export import export
from tests.publishing.build_items import RIVER, a_head, a_stored, an_entry, an_item
from tests.validity.checks import check_html
from tests.web.conftest import Served, serving

HOME = "https://news.example.org/feeds/community"


def river(count: int, size: int) -> bytes:
    items = [
        an_item(stored=a_stored(an_entry(id=f"tag:g.example,2026:{n}", title=f"No {n} @page@ @newer@")))
        for n in range(count)
    ]
    return RIVER.document(a_head(per_page=size), [RIVER.fragment(item) for item in items])


@pytest.mark.parametrize(("count", "sizes"), [(0, [0]), (5, [5]), (6, [5, 1]), (10, [5, 5]), (17, [5, 5, 5, 2])])
def test_each_entry_stands_on_one_page_in_order(count: int, sizes: list[int]) -> None:
    pages = paged(river(count, 5), HOME, 5)
    titles = [re.findall(rb'itemprop="url"[^>]*>No (\d+) @page@ @newer@</a>', page) for page in pages]
    assert [len(found) for found in titles] == sizes
    assert [int(n) for found in titles for n in found] == list(range(count))
    for number, page in enumerate(pages, 1):
        address = f"{HOME}.html" if number == 1 else f"{HOME}/page/{number}.html"
        assert check_html(page, address) == []
        newer = {1: None, 2: f"{HOME}.html"}.get(number, f"{HOME}/page/{number - 1}.html")
        older = f"{HOME}/page/{number + 1}.html" if number < len(pages) else None
        assert linked(page) == {rel: [to, to] for rel, to in (("prev", newer), ("next", older)) if to}
        assert (f"Page {number} of {len(pages)}".encode() in page) is (len(pages) > 1)
        assert f'<link rel="self" type="text/html" href="{address}">'.encode() in page


def linked(page: bytes) -> dict[str, list[str]]:
    """Targets of the links to other pages, in head and body."""
    found: dict[str, list[str]] = {}
    for rel, href in re.findall(rb'<(?:a|link) rel="(prev|next)" href="([^"]*)"', page):
        found.setdefault(rel.decode(), []).append(href.decode())
    return found


@pytest.fixture
async def short(folder: Path) -> AsyncIterator[Served]:
    """The sample, with five entries on a page, and an output for subscribers."""
    outputs = folder / "config" / "outputs.yaml"
    text = outputs.read_text().replace("  formats: [rss, atom, json, html]\n", "  per_page: 5\n", 1)
    outputs.write_text(text)
    async with serving(folder) as running:
        yield running


async def test_pages_are_served_one_after_the_other(short: Served, tmp_path: Path) -> None:
    """By path and by query, as quickly as any document, and written by an export under the same names."""
    path, seen, bodies = "/feeds/community.html", [], []
    while path:
        got = await short.ask(path, headers={"If-None-Match": '"x"'})
        assert got.status == 200
        assert (await short.ask(path, headers={"If-None-Match": got.headers["ETag"]})).status == 304
        assert got.headers["Content-Security-Policy"]
        bodies.append(got.body)
        seen += re.findall(r'<article[^>]* id="(e-[0-9a-f]+)"', got.text)
        following = linked(got.body).get("next")
        path = re.sub(r"^http://[^/]+", "", following[0]) if following else ""
    assert len(bodies) >= 3
    assert len(seen) == len(set(seen))
    stored = await short.house.store.document("community", Format.HTML)
    assert stored is not None
    assert seen == re.findall(r'<article[^>]* id="(e-[0-9a-f]+)"', stored.body.decode())
    for asked, to in (("?page=2", "/feeds/community/page/2.html"), ("?page=1", "/feeds/community.html")):
        moved = await short.ask(f"/feeds/community.html{asked}")
        assert (moved.status, moved.headers["Location"]) == (308, to)
    for wrong in ("?page=0", "?page=x", "?page=%D9%A3", "?page=999999999"):
        assert (await short.ask(f"/feeds/community.html{wrong}")).status == 404
    for wrong in ("1", "0", "99", "02", "x"):
        lost = await short.ask(f"/feeds/community/page/{wrong}.html")
        assert (lost.status, lost.headers["Cache-Control"]) == (404, "no-store")
    assert (await short.ask("/feeds/community/page/2.rss")).status == 404
    await export(tmp_path / "out", short.house.world, short.house.store)
    assert (tmp_path / "out/feeds/community.html").read_bytes() == bodies[0]
    for number, body in enumerate(bodies[1:], 2):
        assert (tmp_path / f"out/feeds/community/page/{number}.html").read_bytes() == body


async def test_public_pages_are_compressed(served: Served) -> None:
    for path in ("/", "/opml", "/about/json-rights"):
        plain = await served.ask(path)
        for coding in ("gzip", "br", "zstd"):
            got = await served.ask(path, headers={"Accept-Encoding": coding})
            assert (got.status, got.headers["Content-Encoding"]) == (200, coding)
            assert got.headers["Vary"].startswith("Accept-Encoding")
            assert len(got.body) < len(plain.body)
            again = await served.ask(path, headers={"Accept-Encoding": coding, "If-None-Match": got.headers["ETag"]})
            assert (again.status, again.headers["ETag"]) == (304, got.headers["ETag"])
        assert (await served.ask(path, headers={"Accept-Encoding": "identity;q=0, x"})).status == 406
