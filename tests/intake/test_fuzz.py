"""Mutated documents: any bytes give a feed or a refusal, in good time, and nothing active comes out.

Runs a few hundred mutations; `make fuzz` goes on for a minute, `FUZZ_SECONDS=600 make fuzz` for ten, from another seed
each time. A failure prints the seed that repeats it: `FUZZ_SEED=…`. What was found so far is in `crashes.yaml`.
"""

# ruff: noqa: E501  tables are easier to read unbroken

from __future__ import annotations

import copy
import json
import os
import random
import re
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from lxml import etree
from lxml import html as lxml_html

from aggregator.intake.clean import ATTRIBUTES
from aggregator.intake.parse import parse
from aggregator.model.entry import Content
from aggregator.model.parsed import ParsedEntry, ParsedFeed, ParseFailed, ParseRequest
from tests.tables import table

HERE = Path(__file__).parent
SECONDS = float(os.environ.get("FUZZ_SECONDS", "0"))
SEED = int(os.environ.get("FUZZ_SEED", str(random.SystemRandom().randrange(2**32)) if SECONDS else "20161213"))
ROUNDS = 500
SEEDS: list[bytes] = [
    case["feed"].encode(case.get("encoding", "utf-8"))
    for case in (table(path.read_text("utf-8")) for path in sorted((HERE / "feeds").glob("*.yaml")))
]
VECTORS: list[str] = table((HERE / "vectors.yaml").read_text("utf-8"))
CRASHES: list[str] = table((HERE / "crashes.yaml").read_text("utf-8"))
"""Bytes, as Latin-1."""
_XML = "{http://www.w3.org/XML/1998/namespace}"
ATTRIBUTE_NAMES = [
    "type",
    "href",
    "rel",
    "src",
    "url",
    "mode",
    "isPermaLink",
    "ref",
    "when",
    f"{_XML}base",
    f"{_XML}lang",
]
TOKENS: list[bytes] = [
    *(vector.encode("utf-8", "surrogatepass") for vector in VECTORS),
    *(vector.replace("&", "&amp;").replace("<", "&lt;").encode("utf-8", "surrogatepass") for vector in VECTORS),
    b"<", b">", b"&", b"\0", b"\r", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"'", b'"',
    b"&#xD800;", b"&#0;", b"&#13;", b"&amp;#13;", b"&nbsp;", b"&bogus;", b"<?xml version='1.0' encoding='utf-7'?>", b"<!DOCTYPE x [", b"xmlns:dc='x'",
    b"<item>", b"</item>", b"<entry>", b"</channel>", b"<rss>", b"<title type='xhtml'>", b"<content mode='base64'>", b" xml:base='javascript:'",
    b" type='xhtml'", b" xml:lang='", b"<image>", b"<textInput>", b"<source>", b"<media:group>", b"<itunes:explicit>", b"{", b"[", b"null", b"1e999",
    b"\\ud800", b"9" * 400, b"(" * 300, b"<b>" * 300, b"\xe2\x80\xae", b"\xc2\x85", b" ", b"\n\n",
]  # fmt: skip


def test_any_bytes_give_a_feed_or_a_refusal():
    chance = random.Random(SEED)
    ends_at, rounds = time.monotonic() + SECONDS, 0
    while rounds < ROUNDS or time.monotonic() < ends_at:
        state = chance.getrandbits(32)
        body = mutated(random.Random(state))
        hold(body, f"FUZZ_SEED={SEED}, round {rounds}: {body!r}")
        rounds += 1


@pytest.mark.parametrize("body", CRASHES)
def test_what_once_went_wrong_does_not_again(body: str):
    hold(body.encode("latin-1"), repr(body))


def mutated(chance: random.Random) -> bytes:
    """A seed with other bytes here and there, or with its parts exchanged: elements, attributes, values."""
    if chance.random() < 0.4:
        seed = chance.choice(SEEDS)
        shaped = (shaken_json if seed.lstrip()[:1] == b"{" else shaken_xml)(seed, chance)
        if shaped is not None:
            return shaped
    return torn(chance)


def shaken_xml(seed: bytes, chance: random.Random) -> bytes | None:
    """Elements copied, moved, emptied and renamed; hostile words in their texts and attributes."""
    root = etree.fromstring(seed, etree.XMLParser(recover=True, resolve_entities=False, no_network=True))
    if root is None:
        return None
    try:
        shake(root, chance)
        return bytes(etree.tostring(root, encoding=chance.choice(("utf-8", "utf-8", "utf-16"))))
    except (ValueError, etree.SerialisationError):  # lxml will not write what a recovered tree holds
        return None


def shake(root: Any, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 2, 4, 8))):
        elements = [element for element in root.iter() if isinstance(element.tag, str)]
        one, other = chance.choice(elements), chance.choice(elements)
        words = chance.choice(VECTORS)
        kind = chance.randrange(9)
        if kind == 0 and one is not root:
            other.append(copy.deepcopy(one))
        elif kind == 1 and one is not root:
            one.getparent().remove(one)
        elif kind == 2:
            one.tag = other.tag
        elif kind == 3:
            one.text = written(words)
        elif kind == 4:
            one.set(chance.choice(ATTRIBUTE_NAMES), written(words))
        elif kind == 5 and one.attrib:
            one.set(chance.choice(list(one.attrib)), written(words))
        elif kind == 6:
            one.attrib.update(other.attrib)
        elif kind == 7 and one is not root and one not in other.iterancestors():
            other.insert(0, one) if other is not one else None
        else:
            one.tail = written(words)


def written(words: str) -> str:
    return re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", words)


def shaken_json(seed: bytes, chance: random.Random) -> bytes | None:
    """Values of other types in place of any."""
    try:
        document = json.loads(seed)
    except ValueError:
        return None

    def shaken(value: Any, depth: int) -> Any:
        if chance.random() < 0.08:
            return chance.choice([None, True, -1, 1e400, 10**30, "", [], {}, [[]], {"": {}}, chance.choice(VECTORS)])
        if isinstance(value, dict):
            return {key: shaken(part, depth + 1) for key, part in value.items()}
        return [shaken(part, depth + 1) for part in value] if isinstance(value, list) else value

    return json.dumps(shaken(document, 0)).encode("utf-8", "surrogatepass")


def torn(chance: random.Random) -> bytes:
    body = bytearray(chance.choice(SEEDS))
    if chance.random() < 0.1:
        body = bytearray(
            body.decode("utf-8", "replace").encode(chance.choice(["utf-16", "utf-32", "cp500", "utf-7"]), "replace")
        )
    for _ in range(chance.choice((1, 1, 2, 4, 8, 16))):
        at, width = chance.randrange(len(body) + 1), int(chance.expovariate(0.1))
        kind = chance.random()
        if kind < 0.5:
            body[at:at] = chance.choice(TOKENS)
        elif kind < 0.7:
            del body[at : at + width]
        elif kind < 0.8:
            body[at : at + 1] = bytes([chance.randrange(256)])
        elif kind < 0.9:
            body[at:at] = body[at : at + width * 4]
        else:
            other = chance.choice(SEEDS)
            start = chance.randrange(len(other))
            body[at : at + width] = other[start : start + width * 4]
    return bytes(body)


def hold(body: bytes, about: str) -> None:
    kind = "application/json" if body[:1] == b"{" else "application/xml"
    answer = parse(ParseRequest(source="s", url="https://polled.example/feed", body=body, content_type=kind))
    assert isinstance(answer, ParsedFeed | ParseFailed), about
    if isinstance(answer, ParseFailed):
        assert not answer.detail.startswith("cannot be read"), f"{answer.detail} {about}"
        assert "\n" not in answer.detail, about
        return
    # What the worker does with it next: nothing in it may be beyond UTF-8.
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(answer), type=ParsedFeed) == answer, about
    for entry in answer.entries:
        hold_entry(entry, about)


def hold_entry(read: ParsedEntry, about: str) -> None:
    content = msgspec.json.decode(read.content, type=Content)
    listed = {component.url for component in read.entry.components}
    for html in filter(None, (content.body, content.summary)):
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", html), about
        for element in lxml_html.fragment_fromstring(f"<div>{html}</div>").iter():
            assert element.tag in ATTRIBUTES, f"{element.tag} {about}"
            for name, value in element.attrib.items():
                assert name in ATTRIBUTES[element.tag], f"{element.tag} {name} {about}"
                if name in {"href", "src", "cite", "poster"}:
                    assert re.match(r"https?://[^\s\\@/]+|mailto:", value), f"{value} {about}"
                if name in {"src", "poster"}:
                    assert value in listed, f"{value} {about}"
    addresses = [read.entry.url, *listed, *(link.href for link in read.entry.links)]
    assert all(re.match(r"https?://[^\s\\@/]+", address) for address in addresses if address is not None), about
    names = [read.entry.title, *read.entry.author_names, *read.entry.categories]
    assert not any(re.search("[\x00-\x1f\u202a-\u202e\ud800-\udfff]", name) for name in names), about
