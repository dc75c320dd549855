"""The chain of the ledger looked at: whole in itself, and against what was noted of it elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.errors import UsageError
from aggregator.store import ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.store import Store

_NOTED = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a look at the chain found."""

    problems: tuple[str, ...]
    """A line for each break; empty: it is whole."""
    head: str
    """`NUMBER:HASH` of its last record, to be noted elsewhere; empty: there is none."""


async def verify_chain(noted: Sequence[str], store: Store) -> Proof:
    """Looks at every record.

    Args:
        noted: `NUMBER:HASH` of records as they were noted elsewhere: only against these it shows that nothing was cut
            off the end, and that not all of it was written anew.
    Raises:
        UsageError: one of them is none.
    """
    problems = await store.verify_ledger([_read(one) for one in noted])
    return Proof(problems=tuple(problems), head=await read_head(store))


async def read_head(store: Store) -> str:
    """`NUMBER:HASH` of the last record; empty: there is none."""
    number, digest = await store.read(ledger.head)
    return f"{number}:{digest}" if number else ""


def _read(text: str) -> tuple[int, str]:
    found = _NOTED.fullmatch(text.strip())
    if found is None:
        raise UsageError("'%(text)s' is not NUMBER:HASH, as the head of an export has them", text=text[:100])
    return int(found[1]), found[2]
