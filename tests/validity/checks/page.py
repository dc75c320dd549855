"""The page and the digest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import html5lib

from tests.validity.checks.common import BAD_CHARACTERS, LANGUAGE, WEB, repeated, text_problems


def check_html(body: bytes, location: str) -> list[str]:
    """HTML5 without a parse error, ids once, every link absolute or to a place on the page, nothing active."""
    text = body.decode("utf-8")
    problems = [f"BadCharacters: {bad[0]!r}" for bad in BAD_CHARACTERS.finditer(text)]
    try:
        root = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    except html5lib.html5parser.ParseError as error:
        return [*problems, f"NotHtml: {error}"]
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    if not LANGUAGE.fullmatch(root.get("lang", "")):
        problems.append(f"lang {root.get('lang')!r}")
    problems += text_problems("title", root.findtext("head/title"))
    ids = [element.get("id") for element in elements if element.get("id")]
    problems += repeated("id", ids)
    tags = Counter(element.tag for element in elements)
    # Once each, however many articles there are around it.
    tags["h1"] -= len(set(root.findall(".//article//h1")))  # an article's own headings are its publisher's
    problems += [f"{tags[tag]} {tag}" for tag in ("h1", "main", "title") if tags[tag] != 1]
    active = ("script", "iframe", "object", "embed", "form", "base", "svg", "math", "template")
    problems += [f"SecurityRisk: <{tag}>" for tag in active if tags[tag]]
    for element in elements:
        problems += _attribute_problems(element, set(ids))
    own = [element.get("href") for element in elements if element.tag == "link" and element.get("rel") == "self"]
    if own != [location]:
        problems.append(f"SelfDoesntMatchLocation: {own} is served at {location}")
    return problems


def _attribute_problems(element: Any, ids: set[str]) -> Iterator[str]:
    for name, value in element.attrib.items():
        if name.startswith("on") or name == "style":
            yield f"SecurityRiskAttr: {name}"
        if name not in {"href", "src", "poster", "cite"}:
            continue
        if value.startswith("#"):
            if value[1:] not in ids:
                yield f"a link to nowhere: {value}"
        elif not WEB.fullmatch(value) and not value.startswith("mailto:"):
            yield f"ContainsRelRef: {name}={value!r}"


def check_text(body: bytes, location: str) -> list[str]:
    """Lines that a terminal and a mail can show: no control, no trailing space, as wide as they may be."""
    text = body.decode("utf-8")
    problems = [f"BadCharacters: {bad[0]!r}" for bad in BAD_CHARACTERS.finditer(text)]
    if not text.endswith("\n") or "\n\n\n" in text or "\t" in text:
        problems.append("does not end with a line break, or has a tab or two blank lines")
    for row in text.split("\n"):
        if row != row.rstrip():
            problems.append(f"a space at the end: {row!r}")
        if len(row.encode()) > 998:  # RFC 5322, 2.1.1
            problems.append(f"too long for a mail: {row[:80]}")
    return problems
