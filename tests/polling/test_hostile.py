"""A server that does its worst costs a bounded number of bytes and one failed poll (P10–P12, R11)."""

from __future__ import annotations

import asyncio
import gzip
import random
import socket
import zlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model.fetched import FailureKind, Fetched, FetchFailed
from aggregator.polling.coding import CodingError, decoder
from tests.polling.origin import Ask, Asked, Behaviour, Server, answer

SOON = {"timeout": timedelta(milliseconds=300)}
# What may be under way beside what was read: the sockets' buffers on both sides, and aiohttp's own.
UNDER_WAY_MAX = 8_000_000
ZEROS = 100_000_000


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


CODINGS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-GZip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstandard.ZstdCompressor().compress),
    "gzip, and what is none": ("gzip, identity", gzip.compress),
    "identity": ("identity", bytes),
    "a charset": ("UTF-8", bytes),
    "none": ("none", bytes),
}
PACKED = [name for name, (_, pack) in CODINGS.items() if pack is not bytes]


async def failed(ask: Ask, url: str, **polling: object) -> tuple[FailureKind, str]:
    outcome = await ask(url, **polling)
    assert isinstance(outcome, FetchFailed), outcome
    return outcome.kind, outcome.detail


def endless(head: bytes, piece: bytes) -> Behaviour:
    async def reply(server: Server, asked: Asked, writer: asyncio.StreamWriter) -> None:
        await server.send(writer, head)
        while True:
            await server.send(writer, piece)

    return reply


def raw(data: bytes) -> Behaviour:
    """Send this and close."""

    async def reply(server: Server, asked: Asked, writer: asyncio.StreamWriter) -> None:
        await server.send(writer, data)

    return reply


@pytest.mark.parametrize("name", CODINGS)
async def test_every_coding_that_we_offer_is_read(name: str, server: Server, ask: Ask) -> None:
    coding, pack = CODINGS[name]
    body = b"<rss>" + random.Random(1).randbytes(200_000) + b"\0" * 300_000 + b"</rss>"
    server.paths["/"] = answer(pack(body), Content_Encoding=coding)
    outcome = await ask(server.url("/"))
    assert isinstance(outcome, Fetched)
    assert outcome.body == body


@pytest.mark.parametrize("name", PACKED)
async def test_a_bomb_ends_at_the_cap(name: str, server: Server, ask: Ask) -> None:
    coding, pack = CODINGS[name]
    server.paths["/"] = answer(pack(bytes(ZEROS)), Content_Encoding=coding)
    assert await failed(ask, server.url("/"), max_size=2_000_000) == (
        FailureKind.TOO_LARGE,
        "body is larger than 2 MB; raise max_size to allow it",
    )


@pytest.mark.parametrize("name", PACKED)
def test_a_bomb_is_never_whole_in_memory(name: str) -> None:
    coding, pack = CODINGS[name]
    reader = decoder(coding)
    assert reader is not None
    sizes = [len(piece) for piece in reader.pieces(pack(bytes(ZEROS)))]
    assert sum(sizes) == ZEROS
    assert max(sizes) <= 2_200_000


@pytest.mark.parametrize("name", PACKED)
async def test_half_a_body_is_no_body(name: str, server: Server, ask: Ask) -> None:
    """Cut in the middle of its coding, though whole by its Content-Length."""
    coding, pack = CODINGS[name]
    packed = pack(random.Random(2).randbytes(50_000))
    server.paths["/"] = answer(packed[: len(packed) // 2], Content_Encoding=coding, ETag='"1"')
    kind, detail = await failed(ask, server.url("/"))
    assert kind is FailureKind.PROTOCOL
    assert detail == f"the body is not proper {coding}: it ends in the middle"


@pytest.mark.parametrize("name", PACKED)
async def test_a_body_that_is_not_what_it_says(name: str, server: Server, ask: Ask) -> None:
    server.paths["/"] = answer(b"<rss>not packed at all</rss>" * 10, Content_Encoding=CODINGS[name][0])
    assert (await failed(ask, server.url("/")))[0] is FailureKind.PROTOCOL


@pytest.mark.parametrize("coding", ["gzip, br", "compress", "exi", "gzip\tgzip"])
async def test_a_coding_that_was_not_offered(coding: str, server: Server, ask: Ask) -> None:
    server.paths["/"] = answer(b"<rss/>", Content_Encoding=coding)
    assert (await failed(ask, server.url("/")))[0] is FailureKind.PROTOCOL


async def test_members_of_a_body_are_read_as_one(server: Server, ask: Ask) -> None:
    server.paths["/gzip"] = answer(
        gzip.compress(b"<rss>") + gzip.compress(b"</rss>") + bytes(9), Content_Encoding="gzip"
    )
    zstd = zstandard.ZstdCompressor().compress
    server.paths["/zstd"] = answer(zstd(b"<rss>") + zstd(b"</rss>"), Content_Encoding="zstd")
    for path in ("/gzip", "/zstd"):
        outcome = await ask(server.url(path))
        assert isinstance(outcome, Fetched)
        assert outcome.body == b"<rss></rss>"


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_members_without_end_are_refused(name: str) -> None:
    coding, pack = CODINGS[name]
    reader = decoder(coding)
    assert reader is not None
    with pytest.raises(CodingError, match="too many"):
        list(reader.pieces(pack(b"") * 5_000))


@given(st.sampled_from(PACKED), st.binary(max_size=3_000), st.integers(1, 300))
def test_how_a_body_is_cut_up_does_not_matter(name: str, body: bytes, step: int) -> None:
    coding, pack = CODINGS[name]
    packed = pack(body * 20)
    reader = decoder(coding)
    assert reader is not None
    parts = [packed[start : start + step] for start in range(0, len(packed), step)]
    assert b"".join(piece for part in parts for piece in reader.pieces(part)) == body * 20
    reader.finish()


@given(st.sampled_from(PACKED), st.lists(st.binary(max_size=200), max_size=5))
def test_garbage_never_raises_anything_else(name: str, parts: list[bytes]) -> None:
    reader = decoder(CODINGS[name][0])
    assert reader is not None
    try:
        for part in parts:
            list(reader.pieces(part))
        reader.finish()
    except CodingError:
        return


async def test_an_endless_body_is_read_to_the_cap(server: Server, ask: Ask) -> None:
    server.paths["/"] = endless(b"HTTP/1.1 200 OK\r\n\r\n", b"<item>" * 10_000)
    assert (await failed(ask, server.url("/")))[0] is FailureKind.TOO_LARGE
    assert server.sent <= 1_000_000 + UNDER_WAY_MAX


async def test_an_endless_chunked_body_is_read_to_the_cap(server: Server, ask: Ask) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.paths["/"] = endless(head, b"ffff\r\n" + b"x" * 0xFFFF + b"\r\n")
    assert (await failed(ask, server.url("/")))[0] is FailureKind.TOO_LARGE
    assert server.sent <= 1_000_000 + UNDER_WAY_MAX


async def test_endless_bytes_that_decode_to_nothing_end_too(server: Server, ask: Ask) -> None:
    """A stored block of no length, for ever: raw bytes count as well."""
    start = zlib.compress(b"")[:2]
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n" + start
    server.paths["/"] = endless(head, b"\x00\x00\x00\xff\xff" * 10_000)
    assert (await failed(ask, server.url("/")))[0] is FailureKind.TOO_LARGE
    assert server.sent <= 1_000_000 + UNDER_WAY_MAX


async def test_a_body_that_says_it_is_too_large_is_not_read(server: Server, ask: Ask) -> None:
    server.paths["/"] = endless(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n", b"x" * 65_536)
    assert (await failed(ask, server.url("/")))[0] is FailureKind.TOO_LARGE
    assert server.sent <= UNDER_WAY_MAX


async def test_a_body_of_exactly_the_cap_is_fine(server: Server, ask: Ask) -> None:
    server.paths["/"] = answer(b"x" * 1_000)
    assert isinstance(await ask(server.url("/"), max_size=1_000), Fetched)
    assert (await failed(ask, server.url("/"), max_size=999))[0] is FailureKind.TOO_LARGE


async def test_a_body_shorter_than_promised_is_no_body(server: Server, ask: Ask) -> None:
    server.paths["/"] = raw(b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: 100\r\n\r\n<rss>')
    assert await failed(ask, server.url("/")) == (
        FailureKind.PROTOCOL,
        "the body was cut short or broken on its way",
    )


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n<rss>\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n<rss>\r\n",
    ],
)
async def test_chunks_that_do_not_end_are_no_body(data: bytes, server: Server, ask: Ask) -> None:
    server.paths["/"] = raw(data)
    assert (await failed(ask, server.url("/")))[0] is FailureKind.PROTOCOL


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\xff\xfe garbage without end of line",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n<rss/>",
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Many: 1\r\n" * 10_000 + b"\r\n",
        b"HTTP/1.1 200 " + b"O" * 100_000 + b"\r\n\r\n",
        b"220 mail.example ESMTP\r\n",
    ],
)
async def test_what_is_not_http_is_a_failed_poll(data: bytes, server: Server, ask: Ask) -> None:
    server.paths["/"] = raw(data)
    kind, detail = await failed(ask, server.url("/"))
    assert kind is FailureKind.PROTOCOL
    assert "SSH" not in detail


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 100),
        (b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"x" * 1_000 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nX-Endless: ", b"x" * 1_000),
    ],
)
async def test_a_header_without_end_ends(head: bytes, piece: bytes, server: Server, ask: Ask) -> None:
    server.paths["/"] = endless(head, piece)
    kind, _ = await failed(ask, server.url("/"), **SOON)
    assert kind in (FailureKind.PROTOCOL, FailureKind.TIMEOUT)


async def test_answers_that_only_say_wait_are_counted(server: Server, ask: Ask) -> None:
    """The parser keeps those that nobody has taken yet: until the time is over they would fill the memory."""
    server.paths["/"] = endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000)
    kind, detail = await failed(ask, server.url("/"))
    assert (kind, "proper HTTP" in detail) == (FailureKind.PROTOCOL, True)


def slowly(pieces: list[bytes]) -> Behaviour:
    async def reply(server: Server, asked: Asked, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            await server.send(writer, piece)
            await asyncio.sleep(0.05)
        await asyncio.Event().wait()

    return reply


@pytest.mark.parametrize(
    ("pieces", "detail"),
    [
        ([], "no answer within 0.3 s"),
        ([b"H", b"T", b"T"] + [b"P"] * 50, "no answer within 0.3 s"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n"] + [b"x"] * 50, "no complete answer within 0.3 s"),
    ],
)
async def test_the_time_is_bounded_however_it_is_spent(
    pieces: list[bytes], detail: str, server: Server, ask: Ask
) -> None:
    server.paths["/"] = slowly(pieces)
    kind, told = await failed(ask, server.url("/"), **SOON)
    if kind is FailureKind.TIMEOUT:
        assert told == detail
    else:
        assert kind is FailureKind.PROTOCOL  # the parser saw at an early byte that this is no HTTP


async def test_the_time_is_one_for_all_hops(server: Server, ask: Ask) -> None:
    """Each hop takes more than a third of the time, what may be given beyond it included: the fourth is not reached."""

    def hop(number: int) -> Behaviour:
        async def reply(server: Server, asked: Asked, writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(0.4)
            await server.send(
                writer, f"HTTP/1.1 302 F\r\nLocation: /{number + 1}\r\nContent-Length: 0\r\n\r\n".encode()
            )

        return reply

    server.paths |= {f"/{number}": hop(number) for number in range(9)}
    assert (await failed(ask, server.url("/0"), timeout=timedelta(seconds=1)))[0] is FailureKind.TIMEOUT
    assert len(server.asked) <= 3


async def test_a_connection_that_is_reset(server: Server, ask: Ask) -> None:
    async def reply(server: Server, asked: Asked, writer: asyncio.StreamWriter) -> None:
        sock: Any = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        writer.transport.abort()

    server.paths["/"] = reply
    assert (await failed(ask, server.url("/")))[0] in (FailureKind.CONNECT, FailureKind.PROTOCOL)
