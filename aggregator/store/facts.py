"""All that builds must know of their outputs before they decide, of one moment and in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from aggregator.model.output import Release
from aggregator.store import builds, desk, outputs
from aggregator.store.desk import Rulings
from aggregator.store.outputs import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputFacts:
    """What one output is, and what people have ruled for it."""

    number: int
    """Of its last build; 0: none was made."""
    rulings: Rulings
    standing: Standing
    recalled: tuple[Release, ...]
    """As `outputs.recalled`."""


def gather(connection: Connection, ids: Sequence[str], since: datetime, limit: int) -> dict[str, OutputFacts]:
    """The facts of these outputs.

    Args:
        since: what was recalled before is left out.
        limit: how much of what was recalled from each output at most.
    """
    # What people rule about all outputs is read once for all of them.
    common = desk.common(connection)
    return {
        id_: OutputFacts(
            number=builds.number_of(connection, id_),
            rulings=desk.of_output(connection, id_, common),
            standing=outputs.standing(connection, id_),
            recalled=tuple(outputs.recalled(connection, id_, since, limit)),
        )
        for id_ in ids
    }


def ruled(connection: Connection, output: str, firsts: bool) -> tuple[Rulings, dict[str, datetime]]:
    """What people have ruled, as far as an output is concerned; and, if `firsts`, when each entry first stood in it."""
    return desk.rulings(connection, output), outputs.first_releases(connection, output, None) if firsts else {}
