"""Whatever stands in whatever field of whatever format: nothing active, private or ill-formed is in any output."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
from lxml import etree, html

from aggregator.model.output import Format
from tests.hostile.feeds import FORMATS, without_licences
from tests.story.origin import Origin
from tests.story.site import Site, a_source
from tests.story.test_broken import assert_inert, is_active, strings
from tests.tables import table

HERE = Path(__file__).parent
WORDS: list[str] = table((HERE.parent / "intake" / "vectors.yaml").read_text("utf-8"))
ADDRESSES: list[str] = table((HERE / "addresses.yaml").read_text("utf-8"))
SOURCES = (*FORMATS, "licensed")
XML = (Format.RSS, Format.ATOM)
ADDRESSED = {"href", "src", "cite", "poster", "action", "data", "srcset"}
HTML_HOLDERS = {"description", "encoded", "content", "summary"}
ATOM = "http://www.w3.org/2005/Atom"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    return asyncio.run(publish(Site(tmp_path_factory.mktemp("active") / "site")))


async def publish(site: Site) -> Published:
    with Origin().running() as origin:
        canary = origin.url("/canary")
        addresses = cycle([*ADDRESSES, canary])
        pairs = [(words, next(addresses)) for words in WORDS]
        for name, made in FORMATS.items():
            origin.serve(f"/{name}", without_licences(made(name, pairs)))
        origin.serve("/licensed", FORMATS["rss"]("licensed", pairs))
        site.write("sources.yaml", [a_source(name, origin, f"/{name}", policy="p") for name in SOURCES])
        publisher = {"name": "Papers", "url": "https://papers.example/", "domains": ["papers.example"]}
        rules = [{"allow": ["full", "excerpt", "headline"], "duties": ["credit-source"]}]
        site.policy("p", publisher=publisher, rules=rules, third_party="covered", trust_entry_licence=False)
        outputs = [
            {"id": form, "title": form, "select": {"newest": 1000}, "use": {"audience": "community", "form": form}}
            for form in ("full", "excerpt")
        ]
        site.write("outputs.yaml", [{**output, "fallback": ["headline"]} for output in outputs])
        async with site.opened() as opened:
            reports = await opened.poll()
            await opened.build()
            bodies = {
                (form, format_): await opened.body(form, format_)
                for form in ("full", "excerpt")
                for format_ in (Format.RSS, Format.ATOM, Format.JSON, Format.HTML)
            }
        asked = [one.path for one in origin.asked]
    return Published({name: report.new for name, report in reports.items()}, bodies, asked)


class Published:
    """What came of it."""

    def __init__(self, new: dict[str, int], bodies: dict[tuple[str, Format], bytes], asked: list[str]) -> None:
        self.new = new
        self.bodies = bodies
        self.asked = asked

    def roots(self) -> Iterator[Any]:
        """Every piece of HTML in any document, as a browser would have it."""
        for (_, format_), body in self.bodies.items():
            if format_ is Format.HTML:
                yield html.fromstring(body).find("body")
            elif format_ is Format.JSON:
                for item in orjson.loads(body)["items"]:
                    yield html.fragment_fromstring(item.get("content_html") or "", create_parent="div")
            else:
                for element in etree.fromstring(body).iter():
                    if isinstance(element.tag, str) and etree.QName(element).localname in HTML_HOLDERS:
                        yield html.fragment_fromstring(element.text or "", create_parent="div")


def test_every_entry_is_read_and_some_are_out(published: Published) -> None:
    """Or what follows would prove nothing."""
    assert published.new == dict.fromkeys(SOURCES, len(WORDS)) | {"cdf": published.new["cdf"]}
    assert published.new["cdf"] > len(WORDS) // 2
    out = {form: len(orjson.loads(published.bodies[form, Format.JSON])["items"]) for form in ("full", "excerpt")}
    assert min(out.values()) > 100, out


def test_no_markup_that_does_anything_is_out(published: Published) -> None:
    count = 0
    for root in published.roots():
        count += 1
        assert not [element.tag for element in root.iter() if is_active(element)]
        assert_inert(root)
    assert count > 500, count


def test_no_address_that_runs_or_lies_is_out(published: Published) -> None:
    """Not in any attribute or text of any format that stands for an address."""
    for (_, format_), body in published.bodies.items():
        if format_ in XML:
            addresses = [
                value
                for element in etree.fromstring(body).iter()
                for name, value in [("text", element.text or ""), *element.attrib.items()]
                if name in {"href", "url", "src", "uri"} or etree.QName(element).localname in {"link", "uri", "license"}
            ]
        elif format_ is Format.JSON:
            addresses = list(urls_in(orjson.loads(body)))
        else:
            found = html.fromstring(body).iter()
            addresses = [value for element in found for name, value in element.attrib.items() if name in ADDRESSED]
        for address in filter(None, map(str.strip, addresses)):
            parts = urlsplit(address)
            assert parts.scheme in {"http", "https", "mailto", "tag", "urn", ""}, address
            assert "@" not in parts.netloc, address
            assert not re.search("[\x00-\x20\x7f\\\\\u202a-\u202e]", address), address


def urls_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            if isinstance(part, str) and (key.endswith("url") or key in {"image", "avatar", "icon"}):
                yield part
            yield from urls_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from urls_in(part)


def test_names_are_plain_text_and_read_as_they_are_written(published: Published) -> None:
    """No control or direction mark is in a title or name; documents are well-formed to the strictest reader."""
    for (_, format_), body in published.bodies.items():
        text = body.decode("utf-8")
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", text)
        if format_ is Format.JSON:
            document = orjson.loads(body)
            names = [item.get("title", "") for item in document["items"]]
            names += [author["name"] for item in document["items"] for author in item.get("authors", [])]
            assert not any(re.search("[\u202a-\u202e\u2066-\u2069\x00-\x1f]", name) for name in names)
            assert all(part.isprintable() or "\n" in part or part for part in strings(document))
        elif format_ in XML:
            assert not etree.fromstring(body).xpath("//processing-instruction()")


def test_nothing_is_asked_for_that_a_feed_names(published: Published) -> None:
    """No picture, entity, inclusion, style sheet or licence: intake reads what it is given."""
    assert sorted(published.asked) == sorted(f"/{name}" for name in SOURCES)
    assert all(b"root:x:" not in body for body in published.bodies.values())
