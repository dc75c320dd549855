"""What stands around the entries of documents, made and proved once for all dates.

After a change in one entry, the frames of a thousand outputs that hold it are what they were, but for one date. So a
frame that is asked for again is kept with its date left open.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aggregator.publishing.frame import Frame
from aggregator.publishing.verify_document import verify_around, verify_ids

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from aggregator.model.output import Format
    from aggregator.publishing.item import Head

KEPT_BYTES = 24_000_000
"""Of frames: some 2,000 outputs in four formats."""
KEPT_FRAMES = 20_000
MARK = datetime(2345, 6, 7, 8, 9, 10, tzinfo=UTC)
"""Stands for the date while a mould is made."""


@dataclass(frozen=True, slots=True)
class _Mould:
    """A frame in which numbers stand for the ways in which its date is written."""

    opening: tuple[bytes | int, ...]
    between: bytes
    closing: tuple[bytes | int, ...]
    gone: frozenset[str]
    """Ids of which it says that they are no more."""

    def dated(self, stamps: Sequence[bytes]) -> Frame:
        return Frame(_filled(self.opening, stamps), self.between, _filled(self.closing, stamps))

    @property
    def size(self) -> int:
        return sum(len(piece) for piece in (*self.opening, *self.closing) if isinstance(piece, bytes))


def _filled(pieces: Sequence[bytes | int], stamps: Sequence[bytes]) -> bytes:
    return b"".join([stamps[piece] if isinstance(piece, int) else piece for piece in pieces])


def _cut(text: bytes, marks: Sequence[bytes]) -> tuple[bytes | int, ...]:
    if not marks:
        return (text,)
    pieces = re.split(b"(" + b"|".join(map(re.escape, marks)) + b")", text)
    return tuple(marks.index(piece) if number % 2 else piece for number, piece in enumerate(pieces))


class Moulds:
    """Makes frames, each proved. Not for several threads at once."""

    def __init__(
        self,
        frames: Mapping[Format, Callable[[Head, int], Frame]],
        stamps: Mapping[Format, Callable[[Head], Sequence[str]]],
        *,
        kept_bytes: int = KEPT_BYTES,
    ) -> None:
        """
        Args:
            frames: the writers.
            stamps: the ways in which each of them writes a document's date; one of no format writes none.
            kept_bytes: the ones that were used longest ago go first.
        """
        self._frames = frames
        self._stamps = stamps
        self._kept: OrderedDict[tuple[Format, Head, int], _Mould | None] = OrderedDict()
        """None: asked for once, or of a kind that has no mould."""
        self._kept_bytes_max = kept_bytes
        self._kept_bytes = 0

    def frame(self, format_: Format, head: Head, bare: Head, ids: Sequence[str]) -> Frame:
        """What stands around these entries, proved with them.

        Args:
            bare: the head, dated `MARK`.
            ids: under which the entries are found, in their order.
        Raises:
            RenderError: the document would break a promise.
            TemplateError: a template cannot be rendered.
        """
        key = format_, bare, len(ids)
        mould = self._kept.get(key)
        if mould is not None:
            self._kept.move_to_end(key)
            verify_ids(format_, ids, mould.gone)
            return mould.dated(self._written(format_, head))
        frame = self._frames[format_](head, len(ids))
        gone = verify_around(format_, frame, holds=bool(ids))
        verify_ids(format_, ids, gone)
        self._keep(key, self._cast(key, head, frame, gone) if key in self._kept else None)
        return frame

    def _written(self, format_: Format, head: Head) -> list[bytes]:
        stamps = self._stamps.get(format_)
        return [stamp.encode() for stamp in stamps(head)] if stamps is not None else []

    def _cast(self, key: tuple[Format, Head, int], head: Head, frame: Frame, gone: frozenset[str]) -> _Mould | None:
        """The mould of a frame; None: it says more of its date than we know of, as an operator's own template may."""
        format_, bare, entries = key
        marks = self._written(format_, bare)
        opening, between, closing = self._frames[format_](bare, entries)
        mould = _Mould(_cut(opening, marks), between, _cut(closing, marks), gone)
        return mould if mould.dated(self._written(format_, head)) == frame else None

    def _keep(self, key: tuple[Format, Head, int], mould: _Mould | None) -> None:
        self._kept[key] = mould
        self._kept.move_to_end(key)
        self._kept_bytes += 0 if mould is None else mould.size
        while self._kept_bytes > self._kept_bytes_max or len(self._kept) > KEPT_FRAMES:
            _, gone = self._kept.popitem(last=False)
            self._kept_bytes -= 0 if gone is None else gone.size
