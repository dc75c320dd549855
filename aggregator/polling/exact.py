"""Validators that are no UTF-8, sent back byte for byte (RFC 9110, 8.8.3: an ETag may hold any byte from 0x80).

aiohttp writes header fields as UTF-8 and leaves out what cannot be. So where a request holds such a byte, the header
block is put right on its way to the connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import aiohttp

from aggregator.polling.header import bytes_of, has_raw

if TYPE_CHECKING:
    from aiohttp.connector import Connection

_FIELDS = ("If-None-Match", "If-Modified-Since")


def is_needed(headers: Mapping[str, str]) -> bool:
    """Whether a request with these fields must be sent this way."""
    return any(has_raw(headers[name]) for name in _FIELDS if name in headers)


class Request(aiohttp.ClientRequest):
    """A request whose conditions may hold any byte."""

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        raw = [value for name in _FIELDS if (value := self.headers.get(name)) is not None and has_raw(value)]
        protocol = conn.protocol
        if not raw or protocol is None or protocol.transport is None:
            return await super().send(conn)
        transport = protocol.transport
        # A GET's header block is written before `send` returns; nothing else uses the connection meanwhile.
        protocol.transport = _Line(transport, {value.encode(): bytes_of(value) for value in raw})  # type: ignore[assignment]  # stands in for it
        try:
            return await super().send(conn)
        finally:
            if protocol.transport is not None:  # it is where the connection was lost meanwhile
                protocol.transport = transport


class _Line:
    """A connection's transport that writes some values as the bytes that they stand for."""

    def __init__(self, transport: Any, values: dict[bytes, bytes]) -> None:
        self._transport = transport
        self._values = values

    def write(self, data: bytes) -> None:
        for written, meant in self._values.items():
            data = bytes(data).replace(written, meant)
        self._transport.write(data)

    def writelines(self, pieces: Any) -> None:
        self.write(b"".join(pieces))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
