"""Which written permissions speak for a hop of an entry (ruling 23)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from aggregator.model.policy import Effect, Grant
from aggregator.model.use import Audience, Form, Use
from aggregator.rights import times
from aggregator.rights.names import fold, stands_in

if TYPE_CHECKING:
    from aggregator.rights.facts import Facts
    from aggregator.rights.hops import Party


@dataclass(frozen=True, slots=True)
class Permission:
    """What all grants that speak for one hop say together."""

    grants: tuple[Grant, ...]
    changes: tuple[datetime, ...]
    """Instants still to come at which one of them begins or ends."""
    since: datetime | None

    @property
    def waive(self) -> frozenset[str]:
        return frozenset[str]().union(*(grant.waive for grant in self.grants))

    @property
    def lift(self) -> frozenset[str]:
        return frozenset[str]().union(*(grant.lift for grant in self.grants))

    @property
    def over_notices(self) -> bool:
        """Whether it beats what the entry says of itself: it names the entry, or says so."""
        return any(grant.over_notices or grant.entry is not None for grant in self.grants)


NOTHING_GRANTED = Permission((), (), None)


def _from(grant: Grant, party: Party, facts: Facts) -> bool:
    """Whether a hop is the one of the grant's own publisher."""
    if grant.policy is not None:
        return party.policy is not None and party.policy.id == grant.policy
    if grant.publisher is not None:
        name = fold(grant.publisher)
        if party.policy is not None:
            publisher = party.policy.publisher
            return name in map(fold, (publisher.name, *publisher.aliases))
        return bool(name) and fold(party.hop.name) == name
    # Nobody is named: it is the polled source's own word, and only where it names that source or an entry of it.
    return party.is_source and (grant.source is not None or grant.entry is not None)


def _covers(grant: Grant, form: Form, facts: Facts) -> bool:
    """Whether entry, author, category, use and form lie in its scope. What is unknown does not."""
    entry = facts.entry
    if grant.source is not None and grant.source != entry.source:
        return False
    if not covers_use(grant, form, facts.use):
        return False
    if grant.entry is not None and grant.entry != entry.key:
        return False
    return has_category(grant, facts.categories) and has_author(grant, facts.authors)


def has_category(grant: Grant, categories: Sequence[str]) -> bool:
    """Whether a grant is for these categories, which are folded."""
    return grant.category is None or fold(grant.category) in categories


def has_author(grant: Grant, authors: Sequence[str]) -> bool:
    """Whether a grant is for these authors, whose names are folded."""
    return grant.author is None or any(stands_in(fold(grant.author), byline) for byline in authors)


def covers_use(grant: Grant, form: Form, use: Use) -> bool:
    """Whether output, form, audience and medium lie in a grant's scope."""
    if grant.forms and form not in grant.forms:
        return False
    if grant.outputs and use.output not in grant.outputs:
        return False
    if grant.to and use.audience not in grant.to and Audience.ANYONE not in grant.to:
        return False
    return not grant.media or use.medium in grant.media


def ends(grant: Grant) -> datetime | None:
    """The first instant at which it no longer speaks."""
    ends = [end for end in (grant.revoked_at, times.end_of(grant.until) if grant.until else None) if end is not None]
    return min(ends, default=None)


def permission(grants: Sequence[Grant], party: Party, form: Form, facts: Facts) -> Permission:
    """What is granted in writing for a hop of an entry, now, and when that changes. Dates are UTC days, inclusive."""
    speaking, changes, since = [], [], []
    for grant in grants:
        if grant.effect is not Effect.ALLOW or not (_from(grant, party, facts) and _covers(grant, form, facts)):
            continue
        start = times.start_of(grant.since) if grant.since else None
        end = ends(grant)
        if end is not None and facts.at >= end:
            continue
        if start is not None and facts.at < start:
            if end is None or start < end:
                changes.append(start)
            continue
        speaking.append(grant)
        if start is not None:
            since.append(start)
        if end is not None and end < times.NEVER:
            changes.append(end)
    held_back = since and len(since) == len(speaking)  # one without a beginning has always spoken
    return Permission(tuple(speaking), tuple(changes), min(since) if held_back else None)
