"""One entry, or one flag, with all that is stored about it and that people have said of it, in one go: what
its page and `explain` look at, in as many questions to the database whether one output asks or a thousand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from aggregator.model.desk import Case, Comment, Letter
from aggregator.model.entry import Content, StoredEntry
from aggregator.model.evidence import Evidence
from aggregator.model.output import Approval, Notified, Release
from aggregator.store import cases, desk, entries, evidence, outputs
from aggregator.store.desk import Rulings
from aggregator.store.statements import among
from aggregator.store.tables import releases


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """One entry, and what a decision on it may depend on, for any output."""

    stored: StoredEntry
    content: Content
    """Of the revision that stands."""
    releases: tuple[Release, ...]
    """Where it stood or stands, in the order of opening."""
    said: tuple[Evidence, ...]
    """The documents of its source's site that say something."""
    rulings: Rulings
    """Those that concern all outputs: grants, withdrawals, terms that nobody has read."""
    approvals: Mapping[str, Approval]
    """What people ruled on it, by output."""
    told: Mapping[str, Notified]
    """That its publishers were told that it stands in an output, by output."""


def read(connection: Connection, key: str) -> Dossier | None:
    """The dossier of an entry; None: there is no such entry."""
    stored = entries.by_key(connection, [key]).get(key)
    if stored is None:
        return None
    source = stored.entry.source
    return Dossier(
        stored=stored,
        content=entries.contents(connection, [key])[key],
        releases=tuple(outputs.releases_of(connection, key)),
        said=evidence.said(connection, [source]).get(source, ()),
        rulings=desk.common(connection),
        approvals=desk.approvals_on(connection, key),
        told=desk.told_of(connection, key),
    )


def standing_in(connection: Connection, ids: Sequence[str]) -> dict[str, list[StoredEntry]]:
    """What stands in these outputs, by output: an entry of many of them is read once."""
    read = select(releases.c.output, releases.c.entry).where(
        releases.c.closed_at.is_(None), among(connection, releases.c.output, ids)
    )
    there = connection.execute(read).all()
    known = entries.by_key(connection, sorted({entry for _, entry in there}))
    found: dict[str, list[StoredEntry]] = {id_: [] for id_ in ids}
    for output, entry in there:
        if entry in known:
            found[output].append(known[entry])
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """One flag, and what people have done about it."""

    case: Case
    about: Dossier | None
    """Of the entry that it is about; None: it is about none, or that is not stored any more."""
    comments: tuple[Comment, ...]
    letters: tuple[Letter, ...]
    related: tuple[Case, ...]
    """Other waiting flags that the same publisher could answer."""


def read_case(connection: Connection, flag: str, related: int) -> CaseFile | None:
    """The file of a flag; None: there is no such flag.

    Args:
        related: at most so many other flags.
    """
    found = cases.read_cases(connection, [flag])
    if not found:
        return None
    entry = found[0].flag.entry
    return CaseFile(
        case=found[0],
        about=read(connection, entry) if entry else None,
        comments=tuple(cases.read_comments(connection, flag)),
        letters=tuple(cases.read_letters(connection, flag=flag)),
        related=tuple(cases.read_related(connection, found[0].flag, related)),
    )
