"""A request over one of aiohttp's connections, without aiohttp's client around it.

Connections, names, TLS, the guard under them and the parser with its caps are aiohttp's (`TCPConnector`). Its
`ClientSession` does more for a request than a poll has use for (cookies, redirects, timers, traces, a request and a
response object): 80 of the 115 µs that a poll costs which brings nothing.

INVARIANT: what is sent and what is made of an answer is the same as with `ClientSession`. Of a connection's protocol,
`set_response_params` and `read` are used, which aiohttp's client uses and its pages do not tell of: here and nowhere
else. `tests/polling/test_wire.py` holds this way against the client.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from aiohttp.http import HttpProcessingError

from aggregator.polling.header import bytes_of

if TYPE_CHECKING:
    from aiohttp import StreamReader
    from aiohttp.client_reqrep import ConnectionKey
    from aiohttp.connector import Connection
    from multidict import CIMultiDictProxy
    from yarl import URL

_FIELD_BYTES_MAX = 16_384
LIMITS: Final[dict[str, Any]] = {
    "max_line_size": _FIELD_BYTES_MAX,
    "max_field_size": _FIELD_BYTES_MAX,
    "max_headers": 128,
}
"""Of an answer's head."""
_REPEATABLE = frozenset({"GET", "HEAD"})
_INTERIM_MAX = 50
"""Answers of the kind 1xx before the one that counts (RFC 9110, 15.2)."""
_ORIGINS_MAX = 5_000
"""Remembered of each connector: some 2 KB each, and 15 µs to make anew."""
_NO_TIMEOUT = aiohttp.ClientTimeout(total=None)


class Reply:
    """The head of an answer, and its body as it comes. Has what is used of aiohttp's own `ClientResponse`."""

    __slots__ = ("_connection", "content", "headers", "status")

    def __init__(
        self, connection: Connection, status: int, headers: CIMultiDictProxy[str], content: StreamReader
    ) -> None:
        self._connection = connection
        self.status = status
        self.headers = headers
        self.content = content

    @property
    def content_length(self) -> int | None:
        """As announced; None: it is not."""
        length = self.headers.get("Content-Length")
        return None if length is None else int(length)  # the parser lets only digits pass

    def release(self) -> None:
        """Gives the connection back for the next request; closes it where the body was not read to its end."""
        self._connection.release()


class Wire:
    """Requests over the connections of one connector."""

    def __init__(self, connector: aiohttp.BaseConnector) -> None:
        self._connector = connector
        self._origins: dict[URL, _Origin] = {}

    async def ask(self, url: URL, request: bytes, method: str = "GET") -> Reply:
        """Sends a request and waits for the head of the answer, for as long as it takes.

        Args:
            request: its head, as `request_head` gives it, and its body.
            method: GET, HEAD, or another one, of which a second try might do a second thing.
        Raises:
            aiohttp.ClientError: as `ClientSession.request` does.
        """
        origin = self._origin(url)
        connection = await self._connector.connect(origin, [], _NO_TIMEOUT)
        try:
            return await _exchange(origin, connection, request, method)
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
            connection.close()
            if method not in _REPEATABLE:
                raise
        except BaseException:
            connection.close()
            raise
        # The server has ended a connection that stood idle: a GET may be sent again (RFC 9110, 9.2.2), once.
        connection = await self._connector.connect(origin, [], _NO_TIMEOUT)
        try:
            return await _exchange(origin, connection, request, method)
        except BaseException:
            connection.close()
            raise

    def _origin(self, url: URL) -> _Origin:
        at = url.origin()
        origin = self._origins.get(at)
        if origin is None:
            if len(self._origins) >= _ORIGINS_MAX:
                self._origins.clear()
            origin = self._origins[at] = _Origin("GET", at, loop=asyncio.get_running_loop())
        return origin


class _Origin(aiohttp.ClientRequest):
    """What a connector must know of whoever is to be connected to."""

    _key: ConnectionKey | None = None

    @property
    def connection_key(self) -> ConnectionKey:
        if self._key is None:
            self._key = super().connection_key
        return self._key


async def _exchange(origin: _Origin, connection: Connection, request: bytes, method: str) -> Reply:
    protocol = connection.protocol
    if protocol is None or len(protocol):  # what came before it was asked for is no answer to this
        raise aiohttp.ServerDisconnectedError
    protocol.set_response_params(skip_payload=method == "HEAD", read_until_eof=True, auto_decompress=False, **LIMITS)
    transport = protocol.transport
    if transport is None or transport.is_closing():
        raise aiohttp.ClientConnectionResetError("Cannot write to closing transport")
    transport.write(request)
    try:
        for _ in range(_INTERIM_MAX):
            message, content = await protocol.read()
            if message.code >= 200 or message.code == 101 or message.code < 100:
                return Reply(connection, message.code, message.headers, content)
    except HttpProcessingError as problem:
        raise aiohttp.ClientResponseError(
            origin.request_info, (), status=problem.code, message=problem.message
        ) from problem
    # Without an end they fill our memory until the time is over: the parser keeps what it has read before it is asked.
    raise aiohttp.ClientResponseError(origin.request_info, (), status=102, message="answers that say only 'wait'")


def request_head(url: URL, fields: str, conditions: Mapping[str, str], method: str = "GET") -> bytes:
    """The head of a request.

    Args:
        fields: all but Host and conditions, as `lines` gives them.
        conditions: values may hold bytes that are no UTF-8, as `header` keeps them (RFC 9110, 8.8.3: an ETag may hold
            any byte from 0x80).
    """
    path, host = url.raw_path_qs, url.host_port_subcomponent
    if host is None or not (path.isascii() and path.isprintable() and host.isascii() and host.isprintable()):
        raise ValueError("an address that cannot be sent as it stands")
    head = f"{method} {path} HTTP/1.1\r\nHost: {host}{fields}\r\n"
    said = "".join([f"{name}: {value}\r\n" for name, value in conditions.items()])
    if said.isascii():
        return f"{head}{said}\r\n".encode()
    return b"".join((head.encode(), bytes_of(said), b"\r\n"))


def lines(*fields: Mapping[str, str]) -> str:
    """Header fields as they are sent; of those with the same name, in whatever case, the last one.

    Raises:
        ValueError: one cannot be sent as it stands.
    """
    last = {name.lower(): (name, value) for some in fields for name, value in some.items()}
    for name, value in last.values():
        if any(char in name or char in value for char in "\r\n\0"):
            raise ValueError(f"header '{name[:40]}' cannot be sent as it stands")
    return "".join(f"\r\n{name}: {value}" for name, value in last.values())
