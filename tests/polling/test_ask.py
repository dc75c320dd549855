"""Requests that are no polls: the same guard and limits, and any status is an answer."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.model.fetched import Answer, Ask, FailureKind, FetchFailed, Headers
from aggregator.polling.fetch import Fetcher
from tests.polling.origin import NOW, Asked, Server, answer, moved, settings
from tests.polling.test_guard import lines

POST = Ask(
    url="",
    method="POST",
    body=b"hub.mode=subscribe",
    headers=(("Content-Type", "application/x-www-form-urlencoded"), ("X-Signature", "k3y")),
    private_addresses=True,
    purpose="hub",
)


async def test_what_is_sent_and_what_comes_back(server: Server, fetcher: Fetcher) -> None:
    server.paths["/"] = answer(b"accepted", "202 Accepted", Link="<a>; rel=hub", X_Name="v", Retry_After="60")
    got = await fetcher.ask(replace(POST, url=server.url("/"), accept="text/plain"), NOW)
    assert got == Answer(
        url=server.url("/"),
        status=202,
        headers=Headers([("Content-Length", "8"), ("Link", "<a>; rel=hub"), ("X-Name", "v"), ("Retry-After", "60")]),
        body=b"accepted",
        asked_at=NOW,
        retry_after=timedelta(minutes=1),
    )
    (asked,) = server.asked
    assert (asked.method, asked.body, asked.headers["Accept"]) == ("POST", POST.body, "text/plain")
    assert asked.headers["User-Agent"] == "test/1 (+desk@example.org)"
    assert asked.headers["X-Signature"] == "k3y"


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "410 Gone", "500 Oh", "300 Choose", "304 Not Modified"])
async def test_every_status_is_an_answer(status: str, server: Server, fetcher: Fetcher) -> None:
    server.paths["/"] = answer(b"" if status[0:3] == "304" else b"text", status)
    got = await fetcher.ask(Ask(url=server.url("/"), private_addresses=True, purpose="terms"), NOW)
    assert isinstance(got, Answer)
    assert got.status == int(status[:3])


def test_fields_are_found_in_any_case_and_joined() -> None:
    fields = Headers([("Link", "<a>; rel=hub"), ("LINK", "<b>; rel=self"), ("Set-Cookie", "id=s3cret")])
    assert fields["link"] == "<a>; rel=hub, <b>; rel=self"
    assert (len(fields), fields.get("nothing"), "SET-cookie" in fields) == (2, None, True)
    assert "s3cret" not in repr(fields)


async def test_a_head_has_no_body(server: Server, fetcher: Fetcher) -> None:
    server.paths["/"] = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\nContent-Encoding: gzip\r\n\r\n"
    got = await fetcher.ask(Ask(url=server.url("/"), method="HEAD", private_addresses=True, purpose="x"), NOW)
    assert isinstance(got, Answer)
    assert (got.status, got.body, server.asked[0].method) == (200, b"", "HEAD")


async def test_a_body_of_no_interest_is_not_read(server: Server, fetcher: Fetcher) -> None:
    async def endless(server: Server, asked: Asked, writer: asyncio.StreamWriter) -> None:
        await server.send(writer, b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            await server.send(writer, bytes(10_000))

    server.paths["/"] = endless
    got = await fetcher.ask(replace(POST, url=server.url("/"), max_size=0), NOW)
    assert isinstance(got, Answer)
    assert got.body == b""
    too_much = await fetcher.ask(replace(POST, url=server.url("/"), max_size=1_000), NOW)
    assert isinstance(too_much, FetchFailed)
    assert (too_much.kind, too_much.source) == (FailureKind.TOO_LARGE, "hub")


@pytest.mark.parametrize(
    ("status", "method", "reached"),
    [
        (301, "GET", "GET"),
        (302, "HEAD", "HEAD"),
        (303, "POST", "GET"),
        (307, "POST", "POST"),
        (308, "POST", "POST"),
        (301, "POST", None),
        (302, "POST", None),
    ],
)
async def test_redirects_keep_what_was_sent_or_are_not_followed(
    status: int, method: str, reached: str | None, server: Server, fetcher: Fetcher
) -> None:
    server.paths |= {"/": moved("/new", status), "/new": answer(b"" if method == "HEAD" else b"here")}
    ask = replace(POST, url=server.url("/"), method=method, body=POST.body if method == "POST" else None)
    got = await fetcher.ask(ask, NOW)
    assert isinstance(got, Answer)
    assert got.status == (200 if reached else status)
    assert [asked.method for asked in server.asked] == [method, *([reached] if reached else [])]
    assert server.asked[-1].body == (POST.body if server.asked[-1].method == "POST" else b"")
    again = await fetcher.ask(replace(ask, redirects=False), NOW)
    assert isinstance(again, Answer)
    assert (again.status, again.url) == (status, server.url("/"))


async def test_what_identifies_us_stays_at_the_first_origin(server: Server, fetcher: Fetcher) -> None:
    """P28."""
    other = f"http://localhost:{server.port}"
    server.paths |= {"/": moved(f"{other}/away", 307), "/away": moved(server.url("/back"), 307), "/back": answer()}
    assert isinstance(await fetcher.ask(replace(POST, url=server.url("/")), NOW), Answer)
    assert [asked.headers.get("X-Signature") for asked in server.asked] == ["k3y", None, None]
    assert {asked.headers["Content-Type"] for asked in server.asked} == {"application/x-www-form-urlencoded"}


@pytest.mark.parametrize("field", [("X-A", "a\r\nX-B: b"), ("X A", "a"), ("Host", "other"), ("content-length", "1")])
async def test_a_header_that_cannot_be_sent(field: tuple[str, str], server: Server, fetcher: Fetcher) -> None:
    got = await fetcher.ask(replace(POST, url=server.url("/"), headers=(field,)), NOW)
    assert isinstance(got, FetchFailed)
    assert got.kind is FailureKind.PROTOCOL
    assert server.connections == 0


@pytest.mark.parametrize("host", lines("spellings.txt"))
async def test_the_guard_holds_for_every_request(host: str, server: Server, tmp_path: Path) -> None:
    """P7: polls that may go inside do not open the way for other requests."""
    async with Fetcher(user_agent="t", polling=settings(), files_root=tmp_path, environ={}) as fetcher:
        got = await fetcher.ask(replace(POST, url=f"http://{host}:{server.port}/", private_addresses=False), NOW)
    assert isinstance(got, FetchFailed)
    assert server.connections == 0


@pytest.mark.parametrize("change", [{"url": "file:///etc/passwd"}, {"url": "http://a:b@x/"}, {"url": "http://x:22/"}])
async def test_no_other_scheme_and_no_other_port(change: dict[str, Any], fetcher: Fetcher) -> None:
    got = await fetcher.ask(replace(POST, private_addresses=False, **change), NOW)
    assert isinstance(got, FetchFailed)
    assert got.kind is FailureKind.ADDRESS


async def test_answers_that_only_say_wait_are_counted(server: Server, fetcher: Fetcher) -> None:
    async def waits(server: Server, asked: Asked, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while True:
                await server.send(writer, b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000)

    server.paths["/"] = waits
    for method in ("GET", "HEAD", "POST"):
        got = await fetcher.ask(replace(POST, url=server.url("/"), method=method), NOW)
        assert isinstance(got, FetchFailed)
        assert "proper HTTP" in got.detail


async def test_what_was_sent_is_not_sent_again_where_nobody_knows_whether_it_came(
    server: Server, fetcher: Fetcher
) -> None:
    """A connection that the server ends as it is asked may have done its work: only a GET is asked once more."""
    posted = 0

    async def ends(server: Server, asked: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal posted
        posted += 1
        writer.close()

    server.paths |= {"/first": answer(b"ok"), "/": ends}
    for method, times in (("POST", 1), ("GET", 2)):
        posted = 0
        await fetcher.ask(replace(POST, url=server.url("/first")), NOW)
        got = await fetcher.ask(replace(POST, url=server.url("/"), method=method, body=None), NOW)
        assert isinstance(got, FetchFailed)
        assert posted == times, method


async def test_time_is_bounded(server: Server, fetcher: Fetcher) -> None:
    async def hang(server: Server, asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    server.paths["/"] = hang
    got = await fetcher.ask(replace(POST, url=server.url("/"), timeout=timedelta(milliseconds=200)), NOW)
    assert isinstance(got, FetchFailed)
    assert (got.kind, got.detail) == (FailureKind.TIMEOUT, "no answer within 0.2 s")
