"""Content codings, decoded in bounded pieces so that a cap on decoded bytes can bite early (P10).

aiohttp could decode too, but zstd only with another package than ours, and it lets a body pass that ends in the
middle of its coding.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

import brotli
import zstandard

ACCEPT_ENCODING = "gzip, deflate, br, zstd"

PIECE = 262_144
"""Bytes that a coding is undone to at a time, but for zstd."""
_MEMBERS_MAX = 1_000
_ZSTD_WINDOW_MAX = 8 << 20  # RFC 9659, 3: what a decoder must offer, and an encoder may ask for, over HTTP
_ZSTD_SLICE = 64  # one byte can stand for at most 32 KB (a block of 4 bytes for 128 KB), so a piece is 2 MB at most


class CodingError(ValueError):
    """The bytes are not what their Content-Encoding says."""


class Decoder(Protocol):
    """One body, fed as it arrives."""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """What the data stands for, in pieces of at most about 2 MB. Raises `CodingError`."""
        ...

    def finish(self) -> None:
        """Raises `CodingError` if the body ended in the middle."""
        ...


class _Plain:
    def pieces(self, data: bytes) -> Iterator[bytes]:
        yield data

    def finish(self) -> None:
        """Nothing to miss."""


class _Zlib:
    """gzip with any number of members, and deflate both as RFC 9110 has it and without the zlib wrapper."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._members = 0
        self._inner = zlib.decompressobj(31) if gzip else None
        self._over = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        while data and not self._over:
            if self._inner is None:
                # Many servers send raw deflate (RFC 1951). A zlib wrapper starts with method 8.
                self._inner = zlib.decompressobj(15 if data[0] & 15 == 8 else -15)
            try:
                piece = self._inner.decompress(data, PIECE)
            except zlib.error as problem:
                raise CodingError(str(problem)) from problem
            if piece:
                yield piece
            data = self._rest()

    def _rest(self) -> bytes:
        inner = self._inner
        if inner is None or not inner.eof:
            return inner.unconsumed_tail if inner is not None else b""
        rest = inner.unused_data
        self._members += 1
        if self._members > _MEMBERS_MAX:
            raise CodingError("too many members")
        # What follows the end and is no member is ignored, as by every browser: some servers pad with zeros.
        self._over = not self._gzip or (bool(rest) and rest[:1] != b"\x1f")
        if not self._over and rest:
            self._inner = zlib.decompressobj(31)
        return rest

    def finish(self) -> None:
        if self._inner is None or not self._inner.eof:
            raise CodingError("it ends in the middle")


class _Brotli:
    def __init__(self) -> None:
        self._inner = brotli.Decompressor()

    def pieces(self, data: bytes) -> Iterator[bytes]:
        inner = self._inner
        while not inner.is_finished():
            try:
                piece = inner.process(data, output_buffer_limit=PIECE)
            except brotli.error as problem:
                raise CodingError("not brotli") from problem
            data = b""
            if piece:
                yield piece
            elif inner.can_accept_more_data():
                return  # only then: it accepts more also while it still holds output back

    def finish(self) -> None:
        if not self._inner.is_finished():
            raise CodingError("it ends in the middle")


class _Zstd:
    def __init__(self) -> None:
        self._inner = self._fresh()
        self._members = 0

    @staticmethod
    def _fresh() -> zstandard.ZstdDecompressionObj:
        return zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW_MAX).decompressobj()

    def pieces(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), _ZSTD_SLICE):
            part = data[start : start + _ZSTD_SLICE]
            while part:
                if self._inner.eof:
                    self._next_frame()
                try:
                    piece = self._inner.decompress(part)
                except zstandard.ZstdError as problem:
                    raise CodingError("not zstd, or with a window of more than 8 MB") from problem
                if piece:
                    yield piece
                part = self._inner.unused_data if self._inner.eof else b""

    def _next_frame(self) -> None:
        self._members += 1
        if self._members > _MEMBERS_MAX:
            raise CodingError("too many frames")
        self._inner = self._fresh()

    def finish(self) -> None:
        if not self._inner.eof:
            raise CodingError("it ends in the middle")


_DECODERS: dict[str, Callable[[], Decoder]] = {
    "gzip": lambda: _Zlib(gzip=True),
    "x-gzip": lambda: _Zlib(gzip=True),
    "deflate": lambda: _Zlib(gzip=False),
    "br": _Brotli,
    "zstd": _Zstd,
}


_NO_CODING = frozenset({"", "identity", "none", "null", "binary", "7bit", "8bit", "utf-8", "utf8", "iso-8859-1"})
"""What servers write that code nothing: browsers pass over it, too."""


def decoder(content_encoding: str) -> Decoder | None:
    """The decoder for a Content-Encoding; None: it is one that we did not offer, or several on top of one another."""
    names = [name for part in content_encoding.split(",") if (name := part.strip().lower()) not in _NO_CODING]
    if not names:
        return _Plain()
    make = _DECODERS.get(names[0]) if len(names) == 1 else None
    return make() if make is not None else None
