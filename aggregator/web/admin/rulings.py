"""What lists of permissions and of refusals share: found by words and state, sorted, a page at a time, and with the
names that people know instead of ids."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aggregator.web.admin.lists import Paged, holds, one_of, ordered, page_of, paged, said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aggregator.model.policy import Grant
    from aggregator.service.grants import GrantSummary
    from aggregator.service.house import House
    from aggregator.service.world import World

STATES = ("in force", "not yet", "expired", "revoked")
_ORDERS = ("giver", "given", "until", "state")
_EVIDENCE = re.compile(
    r"(?:Answer to letter (?P<letter>l-[0-9a-f]{8}): )?(?P<words>.*?)"
    r"(?: \((?:flag (?P<flag>[0-9a-f]{16}), )?recorded by (?P<by>[^()]+)\))?",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What proves it, taken apart as it was put together when it was recorded."""

    words: str
    letter: str | None
    """Id of the letter that was answered."""
    flag: str | None
    by: str | None
    """Who recorded it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """One row."""

    grant: Grant
    state: str
    giver: str
    """Name of the publisher; empty: whoever it concerns."""
    title: str
    """Of the entry that it is about; empty: it is about more than one, or the entry is not stored."""
    evidence: Evidence


def giver_of(grant: Grant, world: World) -> str:
    """Who said it, by the name that people know."""
    policy = world.policies.by_id(grant.policy) if grant.policy else None
    if policy is not None:
        return policy.publisher.name
    named = grant.publisher or grant.policy or grant.author
    return named or (world.name_of(grant.source) if grant.source in world.sources else grant.source or "")


async def list_rulings(found: Sequence[GrantSummary], query: Mapping[str, str], house: House) -> dict[str, Any]:
    """What the page of a list shows: the rows that its address asks for."""
    world, words, state = house.world, said(query, "text"), one_of(query, "state", STATES)
    order = one_of(query, "sort", [*_ORDERS, *(f"-{name}" for name in _ORDERS)], "-given")
    keys = {
        "giver": lambda one: giver_of(one.grant, world).casefold(),
        "given": lambda one: (one.grant.given_at is not None, one.grant.given_at),
        # What never ends, ends last.
        "until": lambda one: (one.grant.until is None, one.grant.until),
        "state": lambda one: STATES.index(one.state),
    }
    kept = [one for one in found if not state or one.state == state]
    if words:
        named = await house.store.entries_by_key([one.grant.entry for one in kept if one.grant.entry])
        titles = {key: entry.entry.title or "" for key, entry in named.items()}
        kept = [one for one in kept if holds(words, *_texts(one.grant, titles, world))]
    place = paged(ordered(kept, order, keys), page_of(query))
    stored = await house.store.entries_by_key([one.grant.entry for one in place.rows if one.grant.entry])
    rows = [
        Ruling(
            grant=one.grant,
            state=one.state,
            giver=giver_of(one.grant, world),
            title=(stored[one.grant.entry].entry.title or "") if one.grant.entry in stored else "",
            evidence=evidence_of(one.grant.evidence),
        )
        for one in place.rows
    ]
    return {
        "found": Paged(rows, place.total, place.page),
        "any": bool(found),
        "text": words,
        "state": state,
        "states": STATES,
        "order": order,
        "source_name": {source: world.name_of(source) for source in world.sources},
    }


def _texts(grant: Grant, titles: Mapping[str, str], world: World) -> tuple[str, ...]:
    named = (grant.id, grant.author, grant.category, grant.source, grant.policy, *grant.outputs, grant.evidence)
    return (giver_of(grant, world), titles.get(grant.entry or "", ""), *filter(None, named))


def evidence_of(text: str) -> Evidence:
    """Recorded evidence, taken apart."""
    found = _EVIDENCE.fullmatch(text)
    if found is None:
        return Evidence(words=text, letter=None, flag=None, by=None)
    return Evidence(words=found["words"], letter=found["letter"], flag=found["flag"], by=found["by"])
