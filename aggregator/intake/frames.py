"""What a process and those that read for it write to each other.

A frame is four bytes of length (big-endian) and msgpack; an answer's first byte says which kind it is. A feed of many
entries comes in several frames, because each is read at once. No pickle.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import msgspec

from aggregator.model.parsed import ParsedEntry, ParsedFeed, ParseFailed, ParseRequest

SIZE: Final = 4
"""Bytes of the length of a frame."""
PIECE = 1_000_000
"""Bytes that are handed over at once, and that one frame of an answer holds, about."""
PART = 100
"""Entries of one frame: to read them takes about 2 ms, in which nothing else is done."""

_FEED, _FAILED, _READY, _PART = b"F", b"X", b"R", b"P"
_ENCODER = msgspec.msgpack.Encoder()
_REQUEST = msgspec.msgpack.Decoder(ParseRequest)
_DECODERS: dict[bytes, msgspec.msgpack.Decoder[ParsedFeed] | msgspec.msgpack.Decoder[ParseFailed]] = {
    _FEED: msgspec.msgpack.Decoder(ParsedFeed),
    _FAILED: msgspec.msgpack.Decoder(ParseFailed),
}
_PARTS = msgspec.msgpack.Decoder(tuple[ParsedEntry, ...])

READY: Final = (1).to_bytes(SIZE, "big") + _READY
"""The frame of a reader that waits for its first document."""


def asked(request: ParseRequest) -> bytes:
    """The request as a frame."""
    return _framed(_ENCODER.encode(request))


def request_of(frame: bytes) -> ParseRequest:
    """What is asked; `frame` is without its length."""
    return _REQUEST.decode(frame)


def answered(answer: ParsedFeed | ParseFailed) -> list[bytes]:
    """The answer as frames, the last of which is the end of it."""
    if isinstance(answer, ParseFailed):
        return [_framed(_FAILED, _ENCODER.encode(answer))]
    *parts, last = _parts(answer.entries)
    rest = replace(answer, entries=last) if parts else answer
    return [_framed(_PART, _ENCODER.encode(part)) for part in parts] + [_framed(_FEED, _ENCODER.encode(rest))]


def part_of(frame: bytes) -> tuple[ParsedEntry, ...] | None:
    """The entries of a frame that others follow; None: it is the last."""
    return _PARTS.decode(memoryview(frame)[1:]) if frame[:1] == _PART else None


def answer_of(frame: bytes) -> ParsedFeed | ParseFailed:
    """The answer that ends with this frame, with the entries of this frame alone."""
    return _DECODERS[frame[:1]].decode(memoryview(frame)[1:])


def _framed(*pieces: bytes) -> bytes:
    return b"".join((sum(map(len, pieces)).to_bytes(SIZE, "big"), *pieces))


def _parts(entries: tuple[ParsedEntry, ...]) -> list[tuple[ParsedEntry, ...]]:
    """The entries in parts of at most `PART` and about `PIECE` bytes; one part at least."""
    parts: list[list[ParsedEntry]] = [[]]
    size = 0
    for entry in entries:
        if len(parts[-1]) >= PART or (size + len(entry.content) > PIECE and parts[-1]):
            parts.append([])
            size = 0
        parts[-1].append(entry)
        size += len(entry.content)
    return [tuple(part) for part in parts]
