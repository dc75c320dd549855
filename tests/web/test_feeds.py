"""Public feeds over HTTP, by RFC 9110: validators, codings, methods, and what is not there."""

from __future__ import annotations

import gzip
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

import brotli
import pytest
import zstandard

from tests.web.conftest import Answer, Served

FEED = "/feeds/community.atom"
TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
    "html": "text/html; charset=utf-8",
}
ENDINGS = {b"</rss>": "rss", b"</feed>": "atom", b"]}": "json", b"</html>": "html"}


def decoded(answer: Answer) -> bytes:
    coding = answer.headers.get("Content-Encoding")
    match coding:
        case "gzip":
            return gzip.decompress(answer.body)
        case "br":
            return bytes(brotli.decompress(answer.body))
        case "zstd":
            return zstandard.ZstdDecompressor().decompress(answer.body)
    assert coding is None
    return answer.body


@pytest.mark.parametrize("format_", TYPES)
async def test_each_format_under_its_own_type(format_: str, served: Served):
    answer = await served.ask(f"/feeds/community.{format_}")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == TYPES[format_]
    assert answer.body.rstrip().endswith(next(end for end, name in ENDINGS.items() if name == format_))
    assert answer.headers["Link"] == f'<http://127.0.0.1:8080/feeds/community.{format_}>; rel="self"'
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Cache-Control"] == "public, max-age=60, s-maxage=30, must-revalidate"
    assert answer.headers["Server"] == "aggregator"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert ("Content-Security-Policy" in answer.headers) is (format_ == "html")
    assert "Set-Cookie" not in answer.headers


async def test_headers_hold_nothing_that_a_feed_said(served: Served):
    answer = await served.ask("/feeds/community.html")
    told = " ".join(f"{name}: {value}" for name, value in answer.headers.items())
    for word in ("Delta", "Harbor", "Meridian", "Maren"):
        assert word in answer.text
        assert word not in told


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        (None, None),
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("zstd", "zstd"),
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0.1", "gzip"),
        ("gzip;q=0.5, identity;q=1", None),
        ("gzip, identity", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("*", "br"),
        ("*;q=0.1, gzip;q=0.5", "gzip"),
        ("*;q=0.5, identity;q=0.6", None),
        ("deflate", None),
        ("compress, x-unknown;q=1", None),
        ("gzip;q=0", None),
        ("gzip;q=0.001", "gzip"),
        ("gzip ; q=0.8 , br;q=0.2", "gzip"),
        ("identity;q=0", 406),
        ("*;q=0", 406),
        ("deflate, identity;q=0", 406),
        ("gzip, *;q=0", "gzip"),
        ("gzip, identity;q=0", "gzip"),
        ("*;q=0, identity;q=0.5", None),
        ("gzip;q=nonsense", None),
        (",,;;q==", None),
    ],
)
async def test_the_coding_that_the_client_likes_best(accepted: str | None, coding: str | int | None, served: Served):
    answer = await served.ask(FEED, headers={} if accepted is None else {"Accept-Encoding": accepted})
    assert answer.headers["Vary"] == "Accept-Encoding"
    if isinstance(coding, int):
        assert answer.status == coding
        assert "Accept-Encoding" in answer.text
        return
    assert answer.status == 200
    assert answer.headers.get("Content-Encoding") == coding
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    assert decoded(answer) == (await served.ask(FEED)).body


async def test_a_header_in_several_lines_is_one_list(served: Served):
    lines = [("Accept-Encoding", "br;q=0.1"), ("Accept-Encoding", "gzip")]
    assert (await served.ask(FEED, headers=lines)).headers["Content-Encoding"] == "gzip"
    etag = (await served.ask(FEED)).headers["ETag"]
    lines = [("If-None-Match", '"other"'), ("If-None-Match", etag)]
    assert (await served.ask(FEED, headers=lines)).status == 304


async def test_every_coding_has_a_validator_of_its_own_and_each_is_known_again(served: Served):
    etags = set()
    for coding in ("identity", "gzip", "br", "zstd"):
        answer = await served.ask(FEED, headers={"Accept-Encoding": coding})
        etag = answer.headers["ETag"]
        etags.add(etag)
        again = await served.ask(FEED, headers={"Accept-Encoding": coding, "If-None-Match": etag})
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)
    assert len(etags) == 4
    assert all(etag.startswith('"') and etag.endswith('"') for etag in etags), "strong, each names its own bytes"


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("{etag}", 304),
        ("W/{etag}", 304),
        ('"a", {etag}, "b"', 304),
        ('"a",W/{etag}', 304),
        ("*", 304),
        (" * ", 304),
        ('"other"', 200),
        ('W/"other"', 200),
        ("nonsense", 200),
        ("", 200),
        ('"*"', 200),
        ("{bare}", 200),
    ],
)
async def test_if_none_match(condition: str, status: int, served: Served):
    etag = (await served.ask(FEED)).headers["ETag"]
    told = condition.format(etag=etag, bare=etag.strip('"'))
    answer = await served.ask(FEED, headers={"If-None-Match": told})
    assert answer.status == status
    assert bool(answer.body) is (status == 200)


async def test_a_304_repeats_what_a_cache_needs_and_nothing_of_the_body(served: Served):
    whole = await served.ask(FEED)
    answer = await served.ask(FEED, headers={"If-None-Match": whole.headers["ETag"]})
    for name in ("ETag", "Cache-Control", "Vary", "Last-Modified"):
        assert answer.headers[name] == whole.headers[name]
    assert "Date" in answer.headers
    assert "Content-Type" not in answer.headers
    assert "Content-Encoding" not in answer.headers
    assert answer.headers.get("Content-Length", "0") == "0"
    assert answer.body == b""


async def test_if_modified_since(served: Served):
    modified = (await served.ask(FEED)).headers["Last-Modified"]
    at = parsedate_to_datetime(modified)
    for since, status in {
        modified: 304,
        format_datetime(at + timedelta(days=1), usegmt=True): 304,
        format_datetime(at - timedelta(seconds=1), usegmt=True): 200,
        at.strftime("%A, %d-%b-%y %H:%M:%S GMT"): 304,
        at.strftime("%a %b %d %H:%M:%S %Y"): 304,
        "yesterday": 200,
        "": 200,
        "Mon, 99 Foo 2020 00:00:00 GMT": 200,
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT": 200,
        "Mon, 01 Jan 0000 00:00:00 GMT": 200,
    }.items():
        answer = await served.ask(FEED, headers={"If-Modified-Since": since})
        assert answer.status == status, since


async def test_a_validator_outranks_a_date(served: Served):
    whole = await served.ask(FEED)
    headers = {"If-None-Match": '"other"', "If-Modified-Since": whole.headers["Last-Modified"]}
    assert (await served.ask(FEED, headers=headers)).status == 200


@pytest.mark.parametrize("path", [FEED, "/", "/healthz"])
async def test_head_is_get_without_the_body(path: str, served: Served):
    get, head = await served.ask(path), await served.ask(path, "HEAD")
    assert (head.status, head.body) == (200, b"")
    differing = {"Date", "X-Request-ID"}
    assert {n: v for n, v in head.headers.items() if n not in differing} == {
        n: v for n, v in get.headers.items() if n not in differing
    }


async def test_head_may_be_conditional_and_coded(served: Served):
    head = await served.ask(FEED, "HEAD", {"Accept-Encoding": "gzip"})
    assert head.headers["Content-Encoding"] == "gzip"
    assert (await served.ask(FEED, "HEAD", {"If-None-Match": head.headers["ETag"]})).status == 304


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("path", [FEED, "/", "/healthz"])
async def test_nothing_can_be_written(method: str, path: str, served: Served):
    answer = await served.ask(path, method)
    assert answer.status == 405
    assert set(answer.headers["Allow"].replace(" ", "").split(",")) == {"GET", "HEAD"}
    assert answer.text == "This address can only be read.\n"


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/nix.rss",
        "/feeds/community",
        "/feeds/community.",
        "/feeds/community.xml",
        "/feeds/community.RSS",
        "/feeds/.rss",
        "/feeds/",
        "/feeds",
        "/feeds/community.rss/",
        "/feeds//community.rss",
        "/feeds/../config/aggregator.yaml",
        "/feeds/%2e%2e/%2e%2e/etc/passwd",
        "/feeds/..%2f..%2fetc%2fpasswd",
        "/feeds/..%5c..%5cconfig.html",
        "/feeds/community%00.rss",
        "/feeds/community.rss%00",
        "/feeds/community%0d%0aX-Evil:%201.rss",
        "/feeds/%c0%ae%c0%ae.rss",
        "/feeds/%ff%fe.rss",
        "/feeds/community.rss;x=1",
        "/feeds/" + "a" * 4000 + ".rss",
        "/favicon.png",
        "/admin/",
        "//etc/passwd",
        "/feeds/community.rss%23",
    ],
)
async def test_what_is_not_there_is_said_in_plain_words(path: str, served: Served):
    answer = await served.ask(path)
    assert answer.status == 404
    assert answer.text == "There is nothing at this address. The start page lists all feeds.\n"
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "X-Evil" not in answer.headers
    assert answer.headers["Server"] == "aggregator"


async def test_a_query_changes_nothing(served: Served):
    assert (await served.ask(f"{FEED}?utm_source=x&format=../../etc")).body == (await served.ask(FEED)).body


async def test_a_format_that_the_output_does_not_offer(served: Served):
    assert (await served.ask("/feeds/print.html")).status == 200
    assert (await served.ask("/feeds/print.rss")).status == 404


@pytest.mark.parametrize(
    "data",
    [
        b"GET /feeds/community.atom\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ids=["nul", "long line", "long header", "tls", "version", "smuggling"],
)
async def test_broken_requests_get_a_short_refusal_and_no_insight(data: bytes, served: Served):
    got = await served.raw(data)
    assert got == b"" or got.startswith(b"HTTP/1."), got[:80]
    if got:
        status = int(got.split()[1])
        assert 400 <= status < 506
    assert b"Traceback" not in got
    assert b".py" not in got
    assert len(got) < 1000
    assert (await served.ask(FEED)).status == 200


async def test_the_host_of_a_request_is_believed_nowhere(served: Served):
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}, {"Forwarded": "host=evil.example"}):
        for path in (FEED, "/"):
            answer = await served.ask(path, headers=headers)
            assert answer.status == 200
            assert b"evil.example" not in answer.body
            assert "evil.example" not in str(answer.headers)


async def test_a_registered_output_is_not_public(folder: Path, served: Served):
    """It has documents in the store, and still none at a public address, nor a word on the start page."""
    assert (await served.ask("/feeds/commercial.rss")).status == 200
    assert "Riverside Business Portal" in (await served.ask("/")).text
    outputs = folder / "config/outputs.yaml"
    outputs.write_text(outputs.read_text().replace("- id: commercial\n", "- id: commercial\n  access: registered\n"))
    await served.house.refresh()
    for format_ in TYPES:
        assert (await served.ask(f"/feeds/commercial.{format_}")).status == 404
    assert "Riverside Business Portal" not in (await served.ask("/")).text


async def test_what_is_withdrawn_is_gone_with_the_next_build_and_its_validators_too(served: Served):
    from datetime import UTC, datetime

    from aggregator.service.withdraw import withdraw

    before = await served.ask(FEED)
    release = next(iter(await served.house.store.open_releases("community")))
    title = (await served.house.store.entries_by_key([release]))[release].entry.title
    assert title in before.text
    await withdraw(release, "asked by letter", "test", served.house.store, datetime.now(UTC))
    await served.house.build_stale()
    after = await served.ask(FEED, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status == 200
    assert after.headers["ETag"] != before.headers["ETag"]
    assert title not in after.text


async def test_an_output_that_is_no_longer_configured_is_gone(folder: Path, served: Served):
    outputs = folder / "config/outputs.yaml"
    text = outputs.read_text()
    outputs.write_text(text.replace("- id: headlines\n", "- id: other\n"))
    await served.house.refresh()
    await served.house.build_stale()
    assert (await served.ask("/feeds/headlines.rss")).status == 404
    assert (await served.ask("/feeds/other.rss")).status == 200
