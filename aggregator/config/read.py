"""YAML text → plain values and, beside them, the line of each: YAML 1.2 without its traps.

What YAML 1.1 makes of `no`, `on`, `12:30` or `2026-11-20` is not made of them here: they stay text. A key that stands
twice, anchors, tags and several documents in one file are refused, since each can say something else than what the
operator sees. Size, depth and count are bounded while reading, before anything is built.

Events, not nodes: the values are built straight from the parser's events with a stack of our own, which stops at the
first value too many, and no nesting can exhaust Python's own stack. The parser is libyaml, in C: thirty times faster
than one in Python. It knows YAML 1.1, which differs only in what plain scalars mean, and that is decided here; and in
three characters that end a line there and not in 1.2, which are refused, because editors do not show them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

PARSER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""libyaml; where PyYAML was installed without it, the same grammar in Python."""

BODY_BYTES_MAX = 5_000_000
DEPTH_MAX = 50
VALUES_MAX = 200_000
"""Of one file; some 14,000 sources. Keys do not count."""
PROBLEMS_MAX = 100
"""Of one file: the next ones are most likely the same mistake again."""

Plain = Any
"""None, bool, int, float, str, or a list or dict (with text keys) of these."""


@dataclass(slots=True)
class Place:
    """Where a value stands, in the shape of the value itself."""

    line: int
    """1-based."""
    raw: str = ""
    """A scalar as written, without its quotes."""
    keys: dict[str, int] = field(default_factory=dict)
    """Of a mapping: the line of each key."""
    below: dict[str | int, Place] = field(default_factory=dict)
    """Of a mapping by key, of a list by index."""

    def at(self, path: tuple[str | int, ...]) -> Place:
        """The place of what stands under `path`, or of the nearest thing above it."""
        place = self
        for step in path:
            inner = place.below.get(step)
            if inner is None:
                break
            place = inner
        return place


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong in a text, before it is known which file that is."""

    line: int | None
    message: str


@dataclass(frozen=True, slots=True)
class Text:
    """What one file says."""

    value: Plain
    """None for an empty file, or where `findings` name what made it unreadable."""
    place: Place
    findings: tuple[Finding, ...] = ()


class _RefusedError(Exception):
    """Reading stops here."""

    def __init__(self, line: int | None, message: str) -> None:
        super().__init__(message)
        self.finding = Finding(line, message)


def read(body: bytes) -> Text:
    """The value that a file holds, or what is wrong with it. Never raises."""
    builder = _Builder()
    try:
        text = _decode(body)
        builder.feed(_events(text))
    except _RefusedError as refused:
        builder.findings.append(refused.finding)
    if builder.findings:
        return Text(None, Place(1), tuple(builder.findings))
    return Text(builder.value, builder.place)


def _decode(body: bytes) -> str:
    if len(body) > BODY_BYTES_MAX:
        raise _RefusedError(None, f"is larger than {BODY_BYTES_MAX // 1_000_000} MB; split it into a folder of files")
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _RefusedError(None, "is written in UTF-16; save it as UTF-8")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise _RefusedError(line, f"byte 0x{body[error.start]:02x} is not UTF-8; save the file as UTF-8") from None


def _events(text: str) -> Iterator[Any]:
    """The parser's events.

    Raises:
        _RefusedError: the text is not YAML.
    """
    forbidden = _FORBIDDEN.search(text)
    if forbidden:
        what = "line break" if forbidden[0] in "\x85\u2028\u2029" else "control character"
        raise _RefusedError(
            text.count("\n", 0, forbidden.start()) + 1,
            f"holds the {what} U+{ord(forbidden[0]):04X}, which no editor shows; delete it",
        )
    try:
        yield from yaml.parse(text, Loader=PARSER)
    except yaml.MarkedYAMLError as error:
        # A key without its ':' is noticed at what follows it.
        keyless = "could not find expected ':'" in (error.problem or "")
        mark = error.context_mark if keyless else error.problem_mark or error.context_mark
        # At the end of the file the parser stands on the line after the last.
        last = text.rstrip().count("\n") + 1
        raise _RefusedError(None if mark is None else min(mark.line + 1, last), _in_words(error, text)) from None
    except (ValueError, OverflowError):
        # The parser in Python, of an escape for a number that is no character.
        raise _RefusedError(None, f"is not valid YAML: {_NO_CHARACTER}") from None


_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""What YAML 1.2 does not allow; what ends a line in YAML 1.1 only; and a byte order mark in the middle."""

_NO_CHARACTER = "a text holds a control character or half a character; delete the escape that makes it"
_INDENTATION = "the indentation does not fit the lines above; list items and keys of one level line up"
_BRACKETS = "a list or mapping in brackets is not closed; check '[', ']', '{', '}' and commas"
_QUOTES = "put the text in quotes"
_SAYINGS = (
    (r"'[|>]'$", "a text block ('|' or '>') stands inside braces; write these keys on lines of their own"),
    (r"\ba tab\b|'\\t'$", "a tab stands where only spaces may; indent with spaces"),
    (r"mapping values are not allowed", f"a ':' stands where none may; check the indentation, or {_QUOTES}"),
    (r"unexpected (end of stream|document separator)", "a text in quotes is not closed"),
    (r"expected ',' or .* '\?'$", f"a '?' stands inside brackets; {_QUOTES}"),
    (r"expected ',' or |'[]}]'$", _BRACKETS),
    (r"could not find expected ':'", f"this key has no ':'; write 'key: value', or {_QUOTES}"),
    (r"document start", f"this does not belong to what stands above; check the indentation, or {_QUOTES}"),
    (
        r"node content.* at the end",
        "the file ends in the middle of something; check '[', ']', '{', '}' and the last key",
    ),
    (r"node content", f"a value is missing here; give one, or {_QUOTES} if it starts with a sign"),
    (r"expected (<block end>|key|'-' indicator)", _INDENTATION),
    (r"(entries|keys) are not allowed", f"a '-' or '?' stands where none may; check the indentation, or {_QUOTES}"),
    (r"cannot start", f"this character cannot start a value; {_QUOTES}"),
    (r"tag handle|tag URI|alphabetic or numeric", "tags, anchors and aliases are not used here; " + _QUOTES),
    (r"invalid Unicode character escape", _NO_CHARACTER),
    (r"escape", "a backslash in double quotes starts an escape; use single quotes for a plain backslash"),
    (r"(chomping|comment) or ", "after '|' or '>' the text starts on the next line"),
    (r"directive|incompatible", "a line that starts with '%' is not used here; delete it"),
)


def _in_words(error: yaml.MarkedYAMLError, text: str) -> str:
    """The parser's complaint in the operator's words, the same for both parsers."""
    said = " ".join(f"{error.problem or error.context or 'cannot be read'}".split())
    mark = error.problem_mark
    if mark is not None:
        said += f" at {text[mark.index]!r}" if mark.index < len(text.rstrip()) else " at the end"
    for pattern, saying in _SAYINGS:
        if re.search(pattern, said):
            return f"is not valid YAML: {saying}"
    return f"is not valid YAML: {said[:200]}"


_INTEGER = re.compile(r"[-+]?[0-9]{1,18}\Z|0o[0-7]{1,18}\Z|0x[0-9a-fA-F]{1,15}\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))([eE][-+]?[0-9]{1,3})?\Z")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_UNPUBLISHABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def resolve(text: str) -> Plain:
    """What a plain scalar means (YAML 1.2, core schema). A number too long to be one is text."""
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INTEGER.match(text):
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    if _FLOAT.match(text) and math.isfinite(number := float(text)):
        return number
    return text


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


class _Builder:
    """Values and places from events, with its own stack."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.value: Plain = None
        self.place = Place(1)
        self._stack: list[tuple[Plain, Place]] = []
        self._keys: list[str | None] = []
        """For each open mapping the key that waits for its value; unused for a list."""
        self._values = 0
        self._documents = 0

    def feed(self, events: Iterator[Any]) -> None:
        for event in events:
            if isinstance(event, ScalarEvent):
                self._scalar(event)
            elif isinstance(event, MappingStartEvent | SequenceStartEvent):
                self._open(event)
            elif isinstance(event, MappingEndEvent | SequenceEndEvent):
                self._stack.pop()
                self._keys.pop()
            elif isinstance(event, AliasEvent):
                line = _line(event)
                self._find(line, f"alias '*{event.anchor}' is not used here; write the value out")
                self._put(None, Place(line))
            elif isinstance(event, DocumentStartEvent):
                self._documents += 1
                if self._documents > 1:
                    raise _RefusedError(_line(event), "starts a second document with '---'; write a list of items")

    def _find(self, line: int, message: str) -> None:
        self.findings.append(Finding(line, message))
        if len(self.findings) >= PROBLEMS_MAX:
            raise _RefusedError(line, f"more than {PROBLEMS_MAX} problems in this file; the rest is not read")

    def _plainly(self, event: Any, line: int) -> None:
        if event.anchor is not None:
            self._find(line, f"anchor '&{event.anchor}' is not used here; write the value out wherever it is needed")
        if event.tag is not None:
            self._find(line, f"tag '{event.tag}' is not used here; write the plain value")

    def _open(self, event: Any) -> None:
        line = _line(event)
        self._plainly(event, line)
        if len(self._stack) >= DEPTH_MAX:
            raise _RefusedError(line, f"is nested deeper than {DEPTH_MAX} levels")
        value: Plain = {} if isinstance(event, MappingStartEvent) else []
        place = Place(line)
        self._put(value, place)
        self._stack.append((value, place))
        self._keys.append(None)

    def _scalar(self, event: Any) -> None:
        line = _line(event)
        self._plainly(event, line)
        raw: str = event.value
        if _UNPUBLISHABLE.search(raw):
            self._find(line, "a text holds a control character or half a character; delete the escape that makes it")
        if self._stack and isinstance(self._stack[-1][0], dict) and self._keys[-1] is None:
            self._key(raw, line)
        else:
            self._put(raw if event.style else resolve(raw), Place(line, raw))

    def _key(self, key: str, line: int) -> None:
        place = self._stack[-1][1]
        if key in place.keys:
            self._find(line, f"key '{key}' stands twice, first in line {place.keys[key]}; keep one of them")
        else:
            place.keys[key] = line
        self._keys[-1] = key

    def _put(self, value: Plain, place: Place) -> None:
        self._values += 1
        if self._values > VALUES_MAX:
            raise _RefusedError(place.line, f"holds more than {VALUES_MAX} values; split it into a folder of files")
        if not self._stack:
            self.value, self.place = value, place
            return
        parent, parent_place = self._stack[-1]
        if isinstance(parent, list):
            parent_place.below[len(parent)] = place
            parent.append(value)
        elif self._keys[-1] is None:
            raise _RefusedError(place.line, "a key is a list, a mapping or an alias; keys are plain text")
        else:
            key = self._keys[-1]
            self._keys[-1] = None
            parent[key] = value
            parent_place.below[key] = place
