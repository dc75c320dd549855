"""A document in pieces: what stands around its entries, and their bytes.

The bytes of an entry are the same in every document that holds it. So a document is kept as a frame and the digests of
its entries' bytes, and put together where somebody asks for it: a change in one entry costs one entry, however many
outputs hold it and however many others they hold.
"""

from __future__ import annotations

from hashlib import blake2b, sha256
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Frame(NamedTuple):
    """What a document is beside its entries."""

    opening: bytes
    between: bytes
    """Stands between two entries."""
    closing: bytes

    def around(self, fragments: Iterable[bytes]) -> bytes:
        """The whole document."""
        return b"".join((self.opening, self.between.join(fragments), self.closing))


def digest_of(fragment: bytes) -> str:
    """Names the bytes of an entry: 32 hex digits."""
    return blake2b(fragment, digest_size=16).hexdigest()


def etag_of(frame: Frame, digests: Sequence[str]) -> str:
    """The validator of a document, strong: the same bytes in the same pieces have the same."""
    told = sha256()
    for piece in (*frame, " ".join(digests).encode()):
        told.update(len(piece).to_bytes(8, "big"))
        told.update(piece)
    return f'"{told.hexdigest()[:32]}"'
