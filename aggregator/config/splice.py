"""Changes to the text of one configuration file: documents are added, removed and replaced, all else keeps its bytes.

A file is a list of documents or one document. What changes is cut out and put in by position, so that comments, order,
quoting and blank lines of everything else cannot change; only a document that is replaced goes through ruamel.yaml,
which keeps its comments and its order. Every new text is read again and compared with what was meant before it is
given back.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml
from yaml.events import (
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from aggregator.config.read import PARSER, read, resolve
from aggregator.errors import EditError

FLOW_MAX = 100
"""Characters up to which a list or mapping inside a document is written in brackets on one line."""

Plain = dict[str, Any]
"""One document: None, bool, int, float, str, and lists and dicts (with text keys) of these."""


@dataclass(slots=True)
class _Item:
    """One document of a file, by character positions."""

    start: int
    """Of its first key or bracket."""
    column: int
    end: int = 0
    """Behind its last value: comments and blank lines after it are not its own."""


@dataclass(slots=True)
class _Layout:
    """Where things stand in a file."""

    items: list[_Item] = field(default_factory=list)
    root: str = "nothing"
    """`list`, `flow list`, `document` or `nothing`."""
    start: int = 0
    """Of the root value."""
    column: int = 0
    end: int = 0
    """Behind the root value."""
    limit: int = 0
    """Before a `...` that ends the document; else the end of the text."""
    keeps_tail: bool = False
    """Whether blank lines at the end belong to a text block (`|+`)."""


def documents(text: str) -> list[Plain]:
    """The documents that a file holds.

    Raises:
        EditError: it is not readable.
    """
    return _read(text)[0]


def is_list(text: str) -> bool:
    """Whether documents can be added: it is a list, or holds nothing yet.

    Raises:
        EditError: it is not readable.
    """
    return _read(text)[1].root != "document"


def append(text: str, new: Sequence[Plain]) -> str:
    """The text with more documents at its end.

    Raises:
        EditError: the file holds one document that is not in a list, or cannot be read.
    """
    before, layout = _read(text)
    if layout.root == "document":
        raise EditError("holds one document and no list; put the new one into a file of its own")
    if not new:
        return text
    if layout.root == "flow list" and layout.items:
        added = "".join(f", {_in_braces(document)}" for document in new)
        at = layout.items[-1].end
        return _meant(text[:at] + added + text[at:], [*before, *new])
    if layout.root != "list":  # `[]`, `null`, or nothing but comments
        text = text[: layout.start] + text[layout.end :]
        layout = _Layout(limit=layout.limit - (layout.end - layout.start))
    return _meant(_appended(text, layout, new), [*before, *new])


def _appended(text: str, layout: _Layout, new: Sequence[Plain]) -> str:
    ending = "\r\n" if "\r\n" in text else "\n"
    body, tail = text[: layout.limit], text[layout.limit :]
    if body and not body.endswith("\n"):
        body += ending
    spaced = _spaced(text, layout)
    listed = _listed(new)
    if spaced:
        listed = re.sub(r"(?!\A)^- ", "\n- ", listed, flags=re.MULTILINE)
    added = _indented(listed, " " * layout.column).replace("\n", ending)
    if spaced and body.strip() and not layout.keeps_tail and not body.endswith(("\n\n", "\n\r\n")):
        body += ending
    return body + added + tail


def _spaced(text: str, layout: _Layout) -> bool:
    """Whether documents stand apart by blank lines, as in most files: then a new one does, too."""
    if len(layout.items) < 2:
        return True
    before, last = layout.items[-2:]
    return bool(re.search(r"\n[ \t]*\r?\n", text[before.end : last.start]))


def remove(text: str, index: int) -> str:
    """The text without one document of its list. Comments above it stay: nobody knows whose they are.

    Raises:
        EditError: the file is no list, or cannot be read.
    """
    before, layout = _read(text)
    if layout.root not in {"list", "flow list"}:
        raise EditError("holds one document and no list; delete the file")
    wanted = [*before[:index], *before[index + 1 :]]
    if layout.root == "flow list":
        return _meant(_out_of_brackets(text, layout, index), wanted)
    start, end = _lines_of(text, layout, index)
    head, tail = text[:start], text[end:]
    if not tail.strip() and _reads_as(shorter := _without_blank_end(head) + tail.lstrip("\r\n"), wanted):
        return shorter
    if not _ends_blank(head) and head:
        return _meant(head + tail, wanted)
    blank = re.match(r"([ \t]*\r?\n)+", tail)
    return _meant(head + (tail[blank.end() :] if blank else tail), wanted)


def _ends_blank(head: str) -> bool:
    return bool(re.search(r"(\A|\n)[ \t]*\r?\n\Z", head))


def _without_blank_end(head: str) -> str:
    kept = head.rstrip()
    ending = "\r\n" if "\r\n" in head else "\n"
    return kept + ending if kept else ""


def _lines_of(text: str, layout: _Layout, index: int) -> tuple[int, int]:
    """Where the lines of a list item begin and end: from its '-' to the line of its last value."""
    item = layout.items[index]
    if index == 0:
        dash = layout.start
    else:
        after = layout.items[index - 1].end
        found = re.compile(rf"^ {{{layout.column}}}-", re.MULTILINE).search(text, after, item.start)
        if found is None:
            raise EditError("is laid out in a way that cannot be edited; change it by hand")
        dash = found.end() - 1
    start = text.rfind("\n", 0, dash) + 1
    if text[start:dash].strip():  # `--- - id: …`
        start = dash
    end = text.find("\n", item.end)
    return start, len(text) if end < 0 else end + 1


def _out_of_brackets(text: str, layout: _Layout, index: int) -> str:
    """A flow list without one item and one comma."""
    items = layout.items
    item = items[index]
    if len(items) == 1:
        comma = _comma(text, item.end, layout.end)
        return text[: item.start] + (text[item.end : comma] + text[comma + 1 :] if comma else text[item.end :])
    if index + 1 < len(items):
        comma = _comma(text, item.end, items[index + 1].start)
        rest = text[item.end : comma] + text[comma + 1 :].lstrip(" ") if comma is not None else text[item.end :]
        return text[: item.start] + rest
    comma = _comma(text, items[index - 1].end, item.start)
    if comma is None:
        return text[: item.start] + text[item.end :]
    between = text[comma + 1 : item.start]
    return text[:comma] + (between if between.strip() else "") + text[item.end :]


def _comma(text: str, start: int, end: int) -> int | None:
    """The comma between two positions that hold nothing else but spaces and comments."""
    for found in re.finditer(r"#[^\n]*|,", text[start:end]):
        if found[0] == ",":
            return start + found.start()
    return None


def replace(text: str, index: int, new: Plain) -> str:
    """The text with one document changed: its comments, its order and the quoting of what stays the same are kept.

    Raises:
        EditError: the file cannot be read, or a comment of the document would be lost.
    """
    before, layout = _read(text)
    if _same(before[index], new):
        return text
    item = layout.items[index]
    end = item.end
    if text[item.start] != "{":  # a comment behind the last value is the document's, too
        end += len(re.match(r"[^\n\r]*", text[end:])[0])  # type: ignore[index]  # matches always
    segment = _dedented(text[item.start : end], item.column)
    written = _round_trip(segment, new)
    lost = _comments(segment) - _comments(written)
    gone = [key for key in before[index] if key not in new]
    if lost and not gone:
        raise EditError(f"the comment {sorted(lost)[0]!r} would be lost; change this document by hand")
    ending = "\r\n" if "\r\n" in text else "\n"
    # ruamel gives the comments inside back, and every line its end; the last one's stands in the file already.
    changed = _indented(written.rstrip("\n"), " " * item.column).lstrip(" ").replace("\n", ending)
    wanted = [*before[:index], new, *before[index + 1 :]]
    return _meant(text[: item.start] + changed + text[end:], wanted)


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────


@lru_cache(maxsize=2)  # an edit looks several times at the same text; callers change nothing of what they are given
def _read(text: str) -> tuple[list[Plain], _Layout]:
    said = read(text.encode("utf-8", "surrogatepass"))
    if said.findings:
        raise EditError(said.findings[0].message)
    value = said.value
    found = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(item, dict) for item in found):
        raise EditError("holds something else than documents of keys and values")
    return found, _layout(text)


def _layout(text: str) -> _Layout:
    layout = _Layout(limit=len(text))
    depth = 0
    for event in yaml.parse(text, Loader=PARSER):
        start, end = _marks(event)
        if isinstance(event, DocumentEndEvent) and event.explicit:
            layout.limit = start
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            _begin(layout, event, depth, text)
            depth += 1
        elif isinstance(event, ScalarEvent):
            _extend(layout, event, depth, text)
        elif end > start and depth and not isinstance(event, DocumentEndEvent):
            depth -= 1  # `]` or `}`
            _end(layout, end, depth)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            depth -= 1
    return layout


def _marks(event: Any) -> tuple[int, int]:
    return event.start_mark.index, event.end_mark.index


def _begin(layout: _Layout, event: Any, depth: int, text: str) -> None:
    start = event.start_mark
    is_list = isinstance(event, SequenceStartEvent)
    if depth == 0:
        flow = text[start.index : start.index + 1] == "["
        layout.root = ("flow list" if flow else "list") if is_list else "document"
        layout.start, layout.column, layout.end = start.index, start.column, event.end_mark.index
    if depth == (0 if layout.root == "document" else 1) and not is_list:
        layout.items.append(_Item(start.index, start.column, event.end_mark.index))


def _extend(layout: _Layout, event: Any, depth: int, text: str) -> None:
    end = event.end_mark.index
    layout.keeps_tail = False
    if event.style in {"|", ">"}:  # its end is that of the blank lines after it
        header = text[event.start_mark.index : text.find("\n", event.start_mark.index)]
        layout.keeps_tail = "+" in header.partition("#")[0]
        end = event.start_mark.index + len(text[event.start_mark.index : end].rstrip())
    if depth == 0:
        layout.start, layout.end = event.start_mark.index, end
    _end(layout, end, depth)


def _end(layout: _Layout, index: int, depth: int) -> None:
    """Something ends here: whatever holds it goes at least so far."""
    if layout.items and depth >= (0 if layout.root == "document" else 1):
        layout.items[-1].end = max(layout.items[-1].end, index)
    if depth == 0 or layout.root == "list":
        layout.end = max(layout.end, index)


def _same(left: Any, right: Any) -> bool:
    """Equal also in their types, `1`, `1.0` and `true` are three things; the order of keys means nothing."""
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)


def _reads_as(text: str, wanted: list[Plain]) -> bool:
    try:
        return _meant(text, wanted) == text
    except EditError:
        return False


def _meant(text: str, wanted: list[Plain]) -> str:
    """The text, if it says what was meant and nothing else. INVARIANT: no other text leaves this module."""
    said = read(text.encode("utf-8", "surrogatepass"))
    if said.findings:
        raise EditError(f"cannot be changed by program: {said.findings[0].message}")
    value = [] if said.value is None else said.value
    if not _same(value if isinstance(value, list) else [value], wanted):
        raise EditError("is laid out in a way that cannot be edited by program; change it by hand")
    return text


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────


def written(document: Plain) -> str:
    """A new document as a person would write it: short lists and mappings in brackets, texts as blocks."""
    return _dump(_Block({key: _laid_out(value) for key, value in document.items()}))


def _listed(documents: Sequence[Plain]) -> str:
    """The documents as a list; only their own lines start with a '-' in the first column."""
    return _dump([_Block({key: _laid_out(value) for key, value in document.items()}) for document in documents])


def _in_braces(document: Plain) -> str:
    return _dump(_Flow(document)).rstrip("\n")


class _Flow(dict[str, Any]):
    """Written in braces."""


class _Block(dict[str, Any]):
    """Written on lines of its own."""


class _FlowList(list[Any]):
    """Written in brackets."""


def _laid_out(value: Any) -> Any:
    if isinstance(value, dict):
        if value and _fits_a_line(value):
            return _Flow(value)
        return _Block({key: _laid_out(item) for key, item in value.items()})
    if isinstance(value, list):
        if _fits_a_line(value) and not any(isinstance(item, dict) for item in value):
            return _FlowList(value)
        return [_Block({k: _laid_out(v) for k, v in i.items()}) if isinstance(i, dict) else i for i in value]
    return value


def _fits_a_line(value: Any) -> bool:
    shown = repr(value)
    return len(shown) <= FLOW_MAX and "\\n" not in shown


class _Quick(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # libyaml's has no types
    """libyaml's emitter: 10,000 sources in half a second."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


class _Indenting(yaml.SafeDumper):
    """Indents the items of a list below their key, which libyaml's emitter does not."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: Any, value: str) -> Any:
    style = None
    if "\n" in value.rstrip("\n"):
        style = "|"
    elif not isinstance(resolve(value), str):  # YAML 1.2 reads more numbers than the emitter knows
        style = "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


for _dumper in (_Quick, _Indenting):
    _dumper.add_representer(str, _text)
    _dumper.add_representer(_Flow, lambda d, v: d.represent_mapping("tag:yaml.org,2002:map", v.items(), True))
    _dumper.add_representer(_Block, lambda d, v: d.represent_mapping("tag:yaml.org,2002:map", v.items(), False))
    _dumper.add_representer(_FlowList, lambda d, v: d.represent_sequence("tag:yaml.org,2002:seq", v, True))


def _dump(value: Any) -> str:
    within = value if isinstance(value, list) else [value]
    dumper = _Indenting if any(type(item) is list for document in within for item in document.values()) else _Quick
    text: str = yaml.dump(
        value,
        Dumper=dumper,
        default_flow_style=isinstance(value, _Flow),
        allow_unicode=True,
        sort_keys=False,
        width=2**20,
    )
    return text


def _indented(text: str, indent: str) -> str:
    return re.sub(r"^(?=.)", indent, text, flags=re.MULTILINE) if indent else text


def _dedented(text: str, column: int) -> str:
    return re.sub(rf"\r?\n {{0,{column}}}", "\n", text) + "\n"


def _round_trip(segment: str, new: Plain) -> str:
    """A document's text, changed to say something new, by ruamel.yaml."""
    from ruamel.yaml import YAML
    from ruamel.yaml.resolver import VersionedResolver

    class AsWritten(VersionedResolver):
        """Takes every plain scalar for text, so that each is written back as it was."""

        @property
        def versioned_resolver(self) -> Any:
            return {}

    tool = YAML()
    tool.Resolver = AsWritten
    tool.preserve_quotes = True
    tool.width = 2**20
    tool.allow_unicode = True
    offset = _list_offset(segment)
    tool.indent(mapping=2, sequence=offset + 2, offset=offset)
    document = tool.load(segment)
    _change(document, new)
    stream = io.StringIO()
    tool.dump(document, stream)
    return stream.getvalue()


def _list_offset(segment: str) -> int:
    """How far lists stand to the right of their key: as the first one does."""
    found = re.search(
        r"^( *)(?:- )?[^\s#-][^#\n]*:[ \t]*(?:#[^\n]*)?\n(?:[ \t]*(?:#[^\n]*)?\n)*( *)- ", segment, re.MULTILINE
    )
    return max(0, len(found[2]) - len(found[1])) if found else 2


def _change(old: Any, new: Any) -> None:
    """Makes a mapping of ruamel.yaml say what `new` says, touching only what differs."""
    for key in [key for key in old if key not in new]:
        del old[key]
    for key, value in new.items():
        if key not in old:
            old[key] = _ruamel(value)
        elif not _same(_plain(old[key]), value):
            if isinstance(value, dict) and isinstance(old[key], dict):
                _change(old[key], value)
            elif isinstance(value, list) and isinstance(old[key], list):
                _change_list(old[key], value)
            else:
                old[key] = _ruamel(value, like=old[key])


def _change_list(old: Any, new: list[Any]) -> None:
    for index, value in enumerate(new):
        if index >= len(old):
            old.append(_ruamel(value))
        elif not _same(_plain(old[index]), value):
            if isinstance(value, dict) and isinstance(old[index], dict):
                _change(old[index], value)
            elif isinstance(value, list) and isinstance(old[index], list):
                _change_list(old[index], value)
            else:
                old[index] = _ruamel(value, like=old[index])
    while len(old) > len(new):
        del old[-1]


def _plain(value: Any) -> Any:
    """What a value of ruamel.yaml means to our reader."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return resolve(value) if type(value) is str else str(value)


def _ruamel(value: Any, like: Any = None) -> Any:
    """A new value in the form that ruamel.yaml writes so that our reader reads it back."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString, SingleQuotedScalarString

    if isinstance(value, dict | list):
        made: Any = CommentedMap() if isinstance(value, dict) else CommentedSeq()
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(value, dict):
                made[key] = _ruamel(item)
            else:
                made.append(_ruamel(item))
        if _fits_a_line(value) and not (isinstance(value, list) and any(isinstance(item, dict) for item in value)):
            made.fa.set_flow_style()
        return made
    if not isinstance(value, str):
        return (
            {None: "null", True: "true", False: "false"}[value]
            if value is None or isinstance(value, bool)
            else f"{value}"
        )
    if "\n" in value:
        tidy = value.endswith("\n") and value == value.strip() + "\n" and " \n" not in value
        return LiteralScalarString(value) if tidy else DoubleQuotedScalarString(value)
    if isinstance(like, DoubleQuotedScalarString):
        return DoubleQuotedScalarString(value)
    if isinstance(like, SingleQuotedScalarString) or not isinstance(resolve(value), str):
        return SingleQuotedScalarString(value)
    return value


def _comments(text: str) -> set[str]:
    """The comments of a text, found between its tokens."""
    found: set[str] = set()
    at = 0
    for start, end in _tokens(text):
        found.update(comment.rstrip() for comment in re.findall(r"#[^\n]*", text[at:start]))
        at = max(at, end)
    return found | {comment.rstrip() for comment in re.findall(r"#[^\n]*", text[at:])}


def _tokens(text: str) -> Iterator[tuple[int, int]]:
    for token in yaml.scan(text, Loader=PARSER):
        start, end = token.start_mark.index, token.end_mark.index
        if end > start and type(token).__name__ not in {"BlockEndToken", "StreamEndToken"}:
            yield start, end
