"""Answers that were given before, for as long as nothing has changed that they may depend on.

Most candidates of a build are those of the last one, and nobody has touched them. The same entry, the same words of its
site, the same grants and an instant before the answer's own end: then it is the answer, and so is the place in an
output that followed from it. Whatever depends on one output alone (approvals, shares, what was told, first releases),
or on a text, is asked anew each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from aggregator.publishing.render import Wanted

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.model.entry import StoredEntry
    from aggregator.model.evidence import Evidence
    from aggregator.model.policy import Grant
    from aggregator.model.use import Use
    from aggregator.publishing.item import Place
    from aggregator.service.assess import Verdict

ANSWERS_MAX = 20_000
"""Of all uses together: some 30 MB. At the bound it starts again from nothing."""


@dataclass(slots=True)
class UnderUse:
    """What was answered for one use, under the same grants."""

    verdicts: dict[str, tuple[Verdict, Sequence[Evidence]]] = field(default_factory=dict)
    """By entry, with what its site said."""
    wanted: dict[str, Wanted] = field(default_factory=dict)

    def find(self, stored: StoredEntry, said: Sequence[Evidence], now: datetime) -> Verdict | None:
        """The answer about an entry, if it is known and holds now."""
        found = self.verdicts.get(stored.key)
        if found is None:
            return None
        verdict, heard = found
        until = verdict.decision.valid_until
        in_time = verdict.question.at <= now and (until is None or now < until)
        same = verdict.stored is stored or verdict.stored == stored
        return verdict if in_time and same and (heard is said or heard == said) else None

    def want(self, verdict: Verdict, place: Place) -> Wanted:
        """The entry of a verdict at its place."""
        key = verdict.stored.key
        found = self.wanted.get(key)
        if found is None or found.decision is not verdict.decision or found.place != place:
            found = Wanted(
                stored=verdict.stored, decision=verdict.decision, decision_digest=verdict.digest, place=place
            )
            self.wanted[key] = found
        return found


class Answers:
    """What was answered under one configuration."""

    def __init__(self) -> None:
        self._grants: Sequence[Grant] = ()
        self._by_use: dict[Use, UnderUse] = {}

    def under(self, use: Use, grants: Sequence[Grant]) -> UnderUse:
        """The answers for a use: of all outputs with the same, unless a grant is for some outputs alone.

        Args:
            grants: all that are in force; others make all that was answered void.
        """
        if self._grants is not grants:
            if self._grants != grants:
                self._by_use = {}
            self._grants = grants
        if sum(len(one.verdicts) for one in self._by_use.values()) > ANSWERS_MAX:
            self._by_use = {}
        key = use if any(grant.outputs for grant in grants) else replace(use, output="")
        return self._by_use.setdefault(key, UnderUse())
