"""What encoding the bytes of a document are in, whatever header and document say of it."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.intake.document import RefusedError
from aggregator.intake.encoding import as_utf8, read_bytes, read_text
from aggregator.intake.parse import parse
from aggregator.model.parsed import ParsedFeed, ParseFailed, ParseRequest
from tests.tables import table

CASES: list[dict[str, Any]] = table(Path(__file__).with_name("encodings.yaml").read_text("utf-8"))
MARK = "\ufeff"


def encoded(text: str, case: dict[str, Any]) -> bytes:
    return ((MARK if case.get("mark") else "") + text).encode(case["as"])


def read_title(body: bytes, content_type: str | None) -> str:
    answer = parse(ParseRequest(source="s", url="https://polled.example/", body=body, content_type=content_type))
    assert isinstance(answer, ParsedFeed), answer
    return answer.entries[0].entry.title


def a_feed(title: str) -> str:
    return (
        f"<rss version='2.0'><channel><title>T</title><item><title>{title}</title><guid>1</guid></item></channel></rss>"
    )


@pytest.mark.parametrize("case", CASES, ids=str)
def test_xml_is_read_in_the_encoding_that_it_is_in(case: dict[str, Any]):
    declaration = f"<?xml version='1.0' encoding='{case['says']}'?>\n" if "says" in case else ""
    content_type = "text/xml" + (f"; charset={case['header']}" if "header" in case else "")
    assert read_title(encoded(declaration + a_feed(case["text"]), case), content_type) == case["text"]


@pytest.mark.parametrize("case", [case for case in CASES if "says" not in case], ids=str)
def test_json_is_read_in_the_encoding_that_it_is_in(case: dict[str, Any]):
    document = f'{{"version": "https://jsonfeed.org/version/1.1", "items": [{{"id": "1", "title": "{case["text"]}"}}]}}'
    content_type = "application/feed+json" + (f"; charset={case['header']}" if "header" in case else "")
    assert read_title(encoded(document, case), content_type) == case["text"]


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("before", ["\n", "\r\n \t"])
def test_white_space_before_a_document_is_no_half_of_its_first_character(codec: str, before: str):
    assert read_title(f"{before}{a_feed('Ünï — € 日本')}".encode(codec), None) == "Ünï — € 日本"


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ("é — 日本".encode() + b" caf\xe9 \x96 end", "é — 日本 café – end"),
        ("Ünï".encode() + b"\xff\xfe x", "Ünïÿþ x"),
        ("Ünï — 日本".encode() + b"\xc0\xbcscript\xc0\xbe", "Ünï — 日本À¼scriptÀ¾"),
        ("Ünï".encode() + b"\xed\xa0\x80x", "Ünïí€x"),
    ],
)
def test_bytes_of_another_hand_cost_no_more_than_themselves(title: bytes, read: str):
    """An overlong form or a surrogate is no hidden `<`, and one stray byte does not garble the rest."""
    found = read_title(a_feed("@").encode().replace(b"@", title), "text/xml; charset=utf-8")
    assert found.replace("\xa0", " ").replace(" ", "") == read.replace(" ", "")


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252"])
def test_a_template_and_what_was_put_into_it_may_be_of_two_encodings(charset: str):
    title = "é – ü, ".encode() + "Café, naïve, déjà vu – où, élève, crème".encode("cp1252")
    found = read_title(a_feed("@").encode().replace(b"@", title), f"text/xml; charset={charset}")
    assert found == "é – ü, Café, naïve, déjà vu – où, élève, crème"


@pytest.mark.parametrize(
    "name",
    ["utf-7", "UTF-7", "unicode-1-1-utf-7", "unicode_escape", "raw_unicode_escape", "rot13", "idna", "hex", "zlib"],
)
def test_codecs_that_hide_ascii_or_are_no_encodings_are_not_used(name: str):
    body = f"<?xml version='1.0' encoding='{name}'?>{a_feed('+ADw-b+AD4- &lt;x')}".encode()
    assert read_title(body, f"text/xml; charset={name}") == "+ADw-b+AD4- <x"


@pytest.mark.parametrize(
    "body",
    [b"<rss>" + b"\xc3" * 1_000_000, b"<rss>" + b"<\xff>" * 300_000, b" " * 1_000_000 + b"<", b"<?xml " * 200_000]
)  # fmt: skip
def test_bytes_made_to_cost_time_do_not(body: bytes):
    started = time.process_time()
    read_text(body, "text/xml")
    assert time.process_time() - started < 10


def test_what_is_no_text_is_refused():
    answer = parse(ParseRequest(source="s", url="https://polled.example/", body=b"\xff\xfe<\xd8" * 3_000))
    assert isinstance(answer, ParseFailed)
    assert answer.detail == "its character encoding cannot be told"


@given(
    st.sampled_from(
        ["", "<?xml version='1.0'?>", " \n<?xml encoding='latin-1' standalone='é'?>", "<?xml ?><?xml ?>", "\ufeff"]
    ),
    st.text(alphabet="<a>é“漢\x85\r\n ?\ud800😀"),
    st.sampled_from(["utf-8", "utf-16", "latin-1", "gb18030"]),
    st.sampled_from([None, "text/xml; charset=gbk", "text/xml; charset=utf-8"]),
)  # fmt: skip
def test_bytes_that_are_utf_8_are_taken_as_they_are(head: str, text: str, encoding: str, content_type: str | None):
    body = (head + text).encode(encoding, "replace")
    try:
        read, _, is_utf8 = read_bytes(body, content_type)
    except RefusedError:
        return
    if is_utf8:
        assert body == read.encode()
        assert as_utf8(read, body) == as_utf8(read)
    declared = re.compile(r"\A\s*<\?xml\s[^>]{0,300}\?>")
    ours = "<?xml version='1.0' encoding='utf-8'?>"
    assert as_utf8(read) == declared.sub(ours, read, count=1).encode("utf-8", "replace")
