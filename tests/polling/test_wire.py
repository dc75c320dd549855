"""A poll's request, held against aiohttp's client: the same on the line, and the same made of every answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp.connector import Connection
from hypothesis import example, given
from hypothesis import strategies as st
from yarl import URL

from aggregator.polling import wire
from aggregator.polling.failure import explain
from aggregator.polling.wire import Reply, Wire
from tests.polling.origin import Server, answer

FIELDS = {"User-Agent": "test/1", "Accept": "*/*", "Accept-Encoding": "gzip"}
Heard = tuple[int, tuple[tuple[str, str], ...], bytes] | str
"""Status, header and body; or what a person is told."""


class Raw:
    """A server that keeps each head that it gets, answers all with the same bytes, and closes."""

    def __init__(self, reply: bytes) -> None:
        self.reply = reply
        self.heads: list[bytes] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(self.reply)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(reply: bytes) -> AsyncIterator[Raw]:
    raw = Raw(reply)
    listener = await asyncio.start_server(raw.serve, "127.0.0.1", 0)
    raw.port = listener.sockets[0].getsockname()[1]
    try:
        yield raw
    finally:
        listener.close()
        await listener.wait_closed()


async def by_wire(url: URL, conditions: dict[str, str]) -> Heard:
    async with aiohttp.TCPConnector(limit=0) as connector:
        reply = await Wire(connector).ask(url, wire.request_head(url, wire.lines(FIELDS), conditions))
        try:
            return await heard(reply)
        finally:
            reply.release()


async def by_client(url: URL, conditions: dict[str, str]) -> Heard:
    async with (
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            headers=FIELDS,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None),
            **wire.LIMITS,
        ) as session,
        session.get(url, headers=conditions, allow_redirects=False) as reply,
    ):
        return await heard(reply)


async def heard(reply: Reply | aiohttp.ClientResponse) -> Heard:
    length = reply.content_length
    body = b"".join([data async for data in reply.content.iter_any()])
    return reply.status, (*reply.headers.items(), ("length", str(length))), body


async def told(way: Callable[[URL, dict[str, str]], Awaitable[Heard]], url: URL) -> Heard:
    try:
        return await asyncio.wait_for(way(url, {}), 20)
    except aiohttp.ClientError as problem:
        failure = explain(problem, "host")
        assert failure is not None
        return failure.detail


async def both(reply: bytes) -> tuple[Heard, Heard, int, int]:
    """What each way hears of it, and how often each asks."""
    async with serving(reply) as one, serving(reply) as other:
        ours = await told(by_wire, URL(f"http://127.0.0.1:{one.port}/feed"))
        theirs = await told(by_client, URL(f"http://127.0.0.1:{other.port}/feed"))
        return ours, theirs, len(one.heads), len(other.heads)


STATUSES = st.sampled_from(
    [
        "200 OK",
        "304 Not Modified",
        "204 No",
        "206 Part",
        "101 Switching Protocols",
        "301 Moved",
        "404",
        "99 X",
        "226 IM",
    ]
)
BODIES = st.sampled_from([b"", b"<rss/>", b"x" * 70_000])
FRAMES = st.sampled_from(["length", "short", "long", "to the end", "chunked", "broken chunks", "torn chunks", "both"])
ODD = st.sampled_from(
    [
        b"",
        b'ETag: "1"\r\nETag: W/"caf\xe9"\r\n',
        b"X: a\r\n b\r\n",
        b"X : a\r\n",
        b"no field\r\n",
        b"Content-Length: 5, 5\r\n",
        b"Content-Length: +6\r\n",
        b"Connection: close\r\n",
        b"Upgrade: websocket\r\nConnection: upgrade\r\n",
        b"Set-Cookie: a=b\r\nLocation: /x\r\n",
        b"X: " + b"y" * 17_000 + b"\r\n",
        b"X: y\r\n" * 130,
        b"X: a\x00b\r\n",
        b"Content-Encoding: gzip\r\n",
    ]
)
BEFORE = st.sampled_from(
    [b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Hints\r\nX: y\r\n\r\n" * 2, b"\r\n", b"garbage\r\n"]
)


@st.composite
def replies(draw: st.DrawFn) -> bytes:
    """Answers, well-formed and not."""
    body, frame = draw(BODIES), draw(FRAMES)
    chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
    framed = {
        "length": (b"Content-Length: %d\r\n" % len(body), body),
        "short": (b"Content-Length: %d\r\n" % (len(body) + 9), body),
        "long": (b"Content-Length: %d\r\n" % max(len(body) - 3, 0), body),
        "to the end": (b"", body),
        "chunked": (b"Transfer-Encoding: chunked\r\n", chunks),
        "broken chunks": (b"Transfer-Encoding: chunked\r\n", b"zz\r\n" + body),
        "torn chunks": (b"Transfer-Encoding: chunked\r\n", chunks[:-4]),
        "both": (b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", chunks),
    }[frame]
    status = draw(STATUSES).encode()
    head = draw(BEFORE) + b"HTTP/1.1 %b\r\n" % status + framed[0] + draw(ODD) + b"\r\n"
    return (head + framed[1])[: draw(st.sampled_from([None, 5, len(head), -1]))]


@given(replies())
@example(b"HTTP/1.1 200 OK\r\n\r\n<rss/>")
@example(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 10_000 + b"\r\nContent-Length: 6\r\n\r\n<rss/>")
@example(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 17_000 + b"\r\nContent-Length: 6\r\n\r\n<rss/>")
def test_an_answer_means_what_it_means_to_the_client(reply: bytes) -> None:
    ours, theirs, asked, by_them = asyncio.run(both(reply))
    assert ours == theirs
    assert asked == by_them


ADDRESSES = st.sampled_from(
    ["/", "", "/a b?c=d e&f=é", "/%2F%c3%a9;x?y=%20", "/feed?q=ä#part", "/\u2603", "/a//b/../c"]
)
VALUES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Co", "Cn"]), min_size=1, max_size=9).map(str.strip)


@given(ADDRESSES, st.dictionaries(st.sampled_from(["If-None-Match", "If-Modified-Since", "A-IM"]), VALUES))
def test_a_request_stands_on_the_line_as_the_client_writes_it(path: str, conditions: dict[str, str]) -> None:
    async def run() -> list[bytes]:
        async with serving(answer()) as raw:
            url = URL(f"http://127.0.0.1:{raw.port}{path}").with_fragment(None)
            await by_wire(url, conditions)
            await by_client(url, conditions)
            return raw.heads

    ours, theirs = asyncio.run(run())
    first, *fields = ours.split(b"\r\n")
    assert first == theirs.split(b"\r\n")[0]
    assert sorted(fields) == sorted(theirs.split(b"\r\n")[1:])


@pytest.mark.parametrize("field", [("X", "a\r\nY: b"), ("X", "a\nb"), ("X", "a\0b"), ("X\r\nY", "a")])
def test_no_field_becomes_two(field: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="cannot be sent"):
        wire.lines(dict([field]))


def test_of_fields_with_one_name_the_last_is_sent() -> None:
    assert wire.lines(FIELDS, {"User-Agent": "other"}, {"accept": "text/html"}) == (
        "\r\nUser-Agent: other\r\naccept: text/html\r\nAccept-Encoding: gzip"
    )


@asynccontextmanager
async def a_wire() -> AsyncIterator[tuple[aiohttp.TCPConnector, Callable[[str], Awaitable[Heard]]]]:
    async with aiohttp.TCPConnector(limit=0) as connector:
        way = Wire(connector)

        async def get(url: str) -> Heard:
            address = URL(url)
            reply = await way.ask(address, wire.request_head(address, wire.lines(FIELDS), {}))
            try:
                return await heard(reply)
            finally:
                reply.release()

        yield connector, get


async def test_one_connection_serves_one_request_after_the_other(server: Server) -> None:
    server.paths |= {"/": answer(b"", "304 Not Modified"), "/b": answer(b"<rss/>")}
    async with a_wire() as (_, get):
        for path in ("/", "/b", "/", "/b"):
            await get(server.url(path))
    assert (server.connections, len(server.asked)) == (1, 4)


async def test_a_connection_that_was_ended_while_idle_is_made_again_once() -> None:
    """The request that met the end goes out again; one that the next connection does not answer either has failed."""
    answers = [1, 1, 0]
    """How many requests each connection answers before it is closed at the next."""
    asked: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = len(asked)
        asked.append(0)
        while asked[number] <= answers[number] and await reader.readuntil(b"\r\n\r\n"):
            asked[number] += 1
            if asked[number] <= answers[number]:
                writer.write(answer())
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/"
    async with a_wire() as (_, get):
        await get(url)
        await get(url)  # the first connection ends, the second answers
        assert asked == [2, 1]
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await get(url)  # the second ends, and so does the third
        assert asked == [2, 2, 1]
    listener.close()
    await listener.wait_closed()


async def test_what_nobody_asked_for_answers_nothing(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server, or whoever stands on the way, that answers ahead would have its answer taken for another feed's."""
    more = asyncio.Event()

    async def twice(server: Server, asked: object, writer: asyncio.StreamWriter) -> None:
        await server.send(writer, answer(b"first"))
        await more.wait()
        await server.send(writer, answer(b"unasked"))
        await asyncio.Event().wait()

    server.paths |= {"/": twice, "/b": answer(b"second")}
    async with a_wire() as (connector, get):
        assert (await get(server.url()))[2] == b"first"
        connect, seen = connector.connect, list[int]()

        async def waits(*args: object) -> Connection:
            connection: Connection = await connect(*args)  # type: ignore[arg-type]
            if not seen:
                more.set()
                while not len(connection.protocol or ()):  # noqa: ASYNC110  nobody tells of it
                    await asyncio.sleep(0)
            seen.append(1)
            return connection

        monkeypatch.setattr(connector, "connect", waits)
        assert (await get(server.url("/b")))[2] == b"second"
        assert len(seen) == 2
