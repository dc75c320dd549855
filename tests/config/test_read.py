"""YAML is read by version 1.2, without the traps of 1.1, and within bounds."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import read as module
from aggregator.config.read import Finding, read, resolve


@pytest.mark.parametrize(
    "text", ["no", "yes", "on", "off", "y", "N", "12:30", "2026-11-20", "1_000", "0b1", "+.inf", "="]
)
def test_what_yaml_1_1_turns_into_something_else_stays_text(text: str):
    assert read(f"a: {text}".encode()).value == {"a": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("Null", None), ("nULL", "nULL"), ("true", True), ("FALSE", False),
        ("tRue", "tRue"), ("0", 0), ("-17", -17), ("+3", 3), ("007", 7), ("0o17", 15), ("0xFf", 255), ("0o8", "0o8"),
        (".5", 0.5), ("1.", 1.0), ("-1.5e3", -1500.0), (".", "."), ("-", "-"), ("1e999", "1e999"), (".nan", ".nan"),
        ("9" * 18, int("9" * 18)), ("9" * 19, "9" * 19), ("9" * 5000, "9" * 5000), ("1e3", 1000.0),
    ],
)  # fmt: skip
def test_plain_scalars_mean_what_the_core_schema_says(text: str, value: Any):
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


def test_a_text_in_quotes_is_never_anything_else():
    assert read(b"a: 'null'\nb: \"1\"\n? c\n: ''\n").value == {"a": "null", "b": "1", "c": ""}


def test_keys_are_text_whatever_they_look_like():
    assert read(b"1: a\ntrue: b\n~: c\n<<: {a: 1}\n").value == {"1": "a", "true": "b", "~": "c", "<<": {"a": 1}}


def test_every_value_and_key_has_its_line():
    place = read(b"a: 1\nb:\n  - x\n  - c: |\n      long\n      text\n    d: 2\n").place
    assert (place.keys, place.at(("b", 1)).keys) == ({"a": 1, "b": 2}, {"c": 4, "d": 7})
    paths = [("a",), ("b",), ("b", 0), ("b", 1, "d"), ("b", 9), ("z",)]
    assert [place.at(path).line for path in paths] == [
        1,
        3,
        3,
        7,
        3,
        1,
    ]
    assert place.at(("b", 1, "d")).raw == "2"


def test_encodings_that_are_not_utf8_are_told():
    assert read("\ufeffa: é".encode()).value == {"a": "é"}
    assert read("a: é".encode("utf-16")).findings == (Finding(None, "is written in UTF-16; save it as UTF-8"),)
    assert read(b"a: 1\nb: \xe9\n").findings == (Finding(2, "byte 0xe9 is not UTF-8; save the file as UTF-8"),)


@pytest.mark.parametrize("body", [b"a: \x01", b'a: "\\0"', b'a: "\\ud800"', b'a: "\\x1b[2J"', b'"\\a": 1'])
def test_characters_that_cannot_be_published_are_told(body: bytes):
    (finding,) = read(body).findings
    assert "control character" in finding.message


def test_every_repeated_key_is_told_with_both_lines():
    found = read(b"a: 1\nb: {c: 1, c: 2}\na: 3\n'a': 4\n").findings
    assert found == (
        Finding(2, "key 'c' stands twice, first in line 2; keep one of them"),
        Finding(3, "key 'a' stands twice, first in line 1; keep one of them"),
        Finding(4, "key 'a' stands twice, first in line 1; keep one of them"),
    )


def test_size_depth_and_number_are_bounded(monkeypatch: pytest.MonkeyPatch):
    assert read(b"[" * 50 + b"]" * 50).findings == ()
    assert read(b"[" * 51 + b"]" * 51).findings == (Finding(1, "is nested deeper than 50 levels"),)
    assert read(b"[" * 100_000).findings == (Finding(1, "is nested deeper than 50 levels"),)
    assert read(b"a" * 5_000_001).findings == (Finding(None, "is larger than 5 MB; split it into a folder of files"),)
    monkeypatch.setattr(module, "VALUES_MAX", 3)
    assert read(b"[1, 2]").findings == ()
    assert read(b"[1,\n2, 3]").findings == (Finding(2, "holds more than 3 values; split it into a folder of files"),)


def test_a_laughing_billion_is_refused_at_its_first_anchor():
    body = b"a: &a [x]\n" + b"".join(
        b"%c: &%c [%s]\n" % (n, n, b", ".join([b"*%c" % (n - 1)] * 9)) for n in range(98, 110)
    )
    found = read(body).findings
    assert found[0] == Finding(1, "anchor '&a' is not used here; write the value out wherever it is needed")
    assert len(found) == 101
    assert found[-1].message == "more than 100 problems in this file; the rest is not read"


TEXT = st.text(st.characters(categories=["L", "N", "Zs"], include_characters="-_'\"#.,:?[]{}&*!|>%@`"), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=15,
)


class Writer(yaml.SafeDumper):
    """Quotes what YAML 1.2 would take for something else; what only 1.1 would is plain."""

    def represent_text(self, text: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", text, style="" if isinstance(resolve(text), str) else "'")

    def ignore_aliases(self, data: object) -> bool:
        return True


Writer.add_representer(str, Writer.represent_text)


@pytest.mark.parametrize("parser", [module.PARSER, yaml.BaseLoader])
@given(JSON, st.booleans())
def test_what_a_yaml_writer_writes_is_read_back(parser: Any, value: Any, flow: bool):
    """Also by the parser in Python, for which a text with '?' must be in quotes inside brackets."""
    written = yaml.dump({"value": value}, Dumper=Writer, default_flow_style=flow, allow_unicode=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PARSER", parser)
        assert read(written.encode()).value == {"value": value}


PLAIN = st.text(st.sampled_from("ab: -?#,[]{}&*!|>%@`'\"\\\n\t~"), max_size=12)


@given(PLAIN)
def test_both_parsers_read_the_same_where_both_read(text: str):
    read_by = []
    for parser in (module.PARSER, yaml.BaseLoader):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "PARSER", parser)
            read_by.append(read(text.encode()))
    if not any(one.findings for one in read_by):
        assert read_by[0].value == read_by[1].value


@pytest.mark.parametrize("break_", ["\x85", "\u2028", "\u2029"])
def test_line_breaks_that_only_yaml_1_1_knows_are_refused(break_: str):
    found = read(f"a: 1\nb: x{break_}c: 2\n".encode()).findings
    assert found == (Finding(2, f"holds the line break U+{ord(break_):04X}, which no editor shows; delete it"),)


@pytest.mark.parametrize(
    ("text", "line", "saying"),
    [
        ("a: 1\n\tb: 2", 2, "a tab stands where only spaces may"),
        ("a: {b: |\n x}", 1, "a text block ('|' or '>') stands inside braces"),
        ("a: b: c", 1, "a ':' stands where none may"),
        ("a: - b", 1, "a '-' or '?' stands where none may"),
        ("a: 1\n b: 2", 2, "a ':' stands where none may"),
        ("- a\nb: 1", 2, "the indentation does not fit"),
        ("a: 'b\nc: 1\n", 2, "a text in quotes is not closed"),
        ("a: [b\nc: 1\n\n", 2, "a list or mapping in brackets is not closed"),
        ("a: [b]]\n", 1, "a list or mapping in brackets is not closed"),
        ("a: [b,,c]", 1, "a value is missing here"),
        ("a: 1\nb\nc: 2", 2, "this key has no ':'"),
        ("a: @b", 1, "this character cannot start a value"),
        ("a: *", 1, "tags, anchors and aliases are not used here"),
        ("{a: 1}b", 1, "this does not belong to what stands above"),
        ('a: "\\q"', 1, "a backslash in double quotes starts an escape"),
        ("a: |x\n b", 1, "after '|' or '>' the text starts on the next line"),
        ("%YAML 2.0\n---\na: 1", 1, "a line that starts with '%' is not used here"),
        ("a: {", 1, "the file ends in the middle of something"),
    ],
)
@pytest.mark.parametrize("parser", [module.PARSER, yaml.BaseLoader])
def test_both_parsers_complain_alike(parser: Any, text: str, line: int, saying: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "PARSER", parser)
    (finding,) = read(text.encode()).findings
    assert finding.message.removeprefix("is not valid YAML: ").startswith(saying)
    assert finding.line == line
