"""By what two entries are known to be one story: an address without what does not matter in it, and a few numbers of
each text (min-wise hashing; `intake.sketch` takes them)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Generic, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

T = TypeVar("T")

SENTENCES_MIN = 5
"""A text with fewer sentences is too short to tell: an excerpt, a headline."""
SHARE_MIN = 0.75
"""Share of the sentences of both that both must have."""
LOOKED_UP = 4
"""So many of the smallest hashes of one are looked up among all of the other: two that are alike share one of them, but
for one pair in 250 of those that only just are."""
STANDING_LINE = 64
"""Of a sentence that more texts have, no more are looked at: it tells nothing."""
# What tells readers apart, not articles.
_TRACKING = frozenset(
    {"fbclid", "gclid", "mc_cid", "mc_eid", "ref", "source", "cmpid", "sessionid", "sid", "phpsessid"}
)


def alike(one: str | None, other: str | None) -> bool:
    """Whether two sketches are of one story."""
    if not one or not other:
        return False
    if one == other:
        return True
    first, second = hashes(one), hashes(other)
    # Only hashes below both sketches' largest can be in both.
    limit = min(first[-1], second[-1])
    mine, theirs = {value for value in first if value <= limit}, {value for value in second if value <= limit}
    union = len(mine | theirs)
    return union >= SENTENCES_MIN and len(mine & theirs) >= SHARE_MIN * union


class Texts(Generic[T]):
    """Things, found by a text that tells the same as theirs in nearly the same words."""

    def __init__(self, told: Iterable[tuple[str | None, T]]) -> None:
        """
        Args:
            told: the sketch of each thing's text, and the thing.
        """
        self._told: dict[int, list[tuple[str, T]]] = {}
        for sketch, thing in told:
            if sketch:
                for value in hashes(sketch):
                    self._told.setdefault(value, []).append((sketch, thing))

    def find(self, sketch: str | None) -> T | None:
        """The thing of a text that is alike; None: there is none. Of a sentence that very many have, a house's standing
        line, only the first that have it are looked at."""
        if not sketch or not self._told:
            return None
        for value in hashes(sketch)[:LOOKED_UP]:
            for other, thing in self._told.get(value, ())[:STANDING_LINE]:
                if alike(sketch, other):
                    return thing
        return None


@lru_cache(maxsize=16_384)
def hashes(sketch: str) -> tuple[int, ...]:
    """The hashes of a sketch, the smallest first."""
    return tuple(int(sketch[at : at + 8], 16) for at in range(0, len(sketch), 8))


@lru_cache(maxsize=16_384)
def address(url: str) -> str | None:
    """An article's address without what does not tell articles apart; None for a home page, which is no article."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    query = urlencode(
        [
            (name, value)
            for name, value in parse_qsl(parts.query, keep_blank_values=True)
            if not name.lower().startswith("utm_") and name.lower() not in _TRACKING
        ]
    )
    path = parts.path.rstrip("/")
    if not path and not query:
        return None
    return f"{(parts.hostname or '').removeprefix('www.')}{path}?{query}"
