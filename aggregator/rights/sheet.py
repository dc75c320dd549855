"""What has been found so far about one form of one entry: steps, obstacles, and what an allow would carry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from aggregator.model.decision import Check, FlagKind, Hold, Reason, Step, Truth
from aggregator.model.policy import Duty, Effect, Limit
from aggregator.model.use import Form
from aggregator.rights.times import Moment

if TYPE_CHECKING:
    from aggregator.rights.hops import Party

STRICTNESS = {Effect.ALLOW: 0, Effect.ASK: 1, Effect.DENY: 2}


def strictest(effects: Iterable[Effect]) -> Effect:
    """Deny beats ask beats allow."""
    found = Effect.ALLOW
    for effect in effects:
        if effect is Effect.DENY:
            return effect
        if effect is Effect.ASK:
            found = effect
    return found


@dataclass(slots=True)
class Sheet:
    """Mutable, and private to one decision. Only `decide` turns it into a value."""

    form: Form
    quiet: bool = False
    """Whether no steps are noted: the answer is wanted, and not yet the way to it."""
    steps: list[Step] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    image_holds: list[Hold] = field(default_factory=list)
    """About components only: they leave the text where it is."""
    duties: list[tuple[Duty, int]] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)
    relied_on: list[str] = field(default_factory=list)
    allowed_at: dict[tuple[int, str], str] = field(default_factory=dict)
    """Where what was relied on stands, for a person, by hop and rule."""
    removed: list[str] = field(default_factory=list)
    component_limits: list[tuple[Limit, int, Party, str]] = field(default_factory=list)
    """Limits on components, with hop and rule: what breaks one is taken out of the copy."""
    component_duties: list[tuple[Duty, int, Party, str]] = field(default_factory=list)
    """Duties on components: they count only if one of those stays in the copy."""
    missing: list[str] = field(default_factory=list)
    changes: list[Moment] = field(default_factory=list)
    """Instants still to come at which the answer may differ."""
    on_release: list[Moment] = field(default_factory=list)
    """Ends of clocks that a release starts: they count only if this form is the one that is let out."""
    since: list[Moment] = field(default_factory=list)
    """Past instants from which allows have held."""
    spoken: set[int] = field(default_factory=set)
    """Hops for which something allowed. A form is allowed only if all hops are here: silence is never consent."""

    @property
    def effect(self) -> Effect:
        return strictest([hold.effect for hold in self.holds])

    @property
    def severity(self) -> tuple[int, int]:
        """Sorts sheets of one form from the one that leaves most."""
        return STRICTNESS[self.effect], len(self.holds)

    def step(
        self,
        hop: int,
        layer: str,
        rule: str,
        effect: Effect,
        holds: Truth,
        *,
        where: str = "",
        unusable: str = "",
        checks: tuple[Check, ...] = (),
    ) -> None:
        if self.quiet:
            return
        self.steps.append(
            Step(
                hop=hop,
                layer=layer,
                rule=rule,
                where=where,
                effect=effect,
                form=self.form,
                holds=holds,
                unusable=unusable,
                checks=checks,
            )
        )

    def hold(
        self,
        hop: int,
        party: Party,
        kind: FlagKind,
        reason: Reason,
        effect: Effect,
        rule: str,
        sentence: str,
        *,
        where: str = "",
        contact: str | None = None,
        publisher: str | None = None,
        missing: Iterable[str] = (),
        on_images: bool = False,
    ) -> None:
        """Note an obstacle. Contact and publisher are the party's unless given."""
        found = Hold(
            kind=kind,
            reason=reason,
            effect=effect,
            hop=hop,
            publisher=publisher or party.hop.name,
            contact=contact or party.contact,
            rule=rule,
            where=where,
            sentence=sentence,
        )
        (self.image_holds if on_images else self.holds).append(found)
        if not on_images:
            self.missing.extend(missing)

    def scratch(self) -> Sheet:
        """An empty one for the same form, to be taken or not."""
        return Sheet(self.form, self.quiet)

    def moved(self, hop: int) -> Sheet:
        """The same as said from another place of the way, by a hop that alone has written here."""
        return Sheet(
            self.form,
            self.quiet,
            holds=[replace(hold, hop=hop) for hold in self.holds],
            image_holds=[replace(hold, hop=hop) for hold in self.image_holds],
            duties=[(duty, hop) for duty, _ in self.duties],
            limits=self.limits,
            relied_on=self.relied_on,
            allowed_at={(hop, key): where for (_, key), where in self.allowed_at.items()},
            removed=self.removed,
            component_limits=[(limit, hop, party, rule) for limit, _, party, rule in self.component_limits],
            component_duties=[(duty, hop, party, rule) for duty, _, party, rule in self.component_duties],
            missing=self.missing,
            changes=self.changes,
            on_release=self.on_release,
            since=self.since,
            spoken={hop for _ in self.spoken},
        )

    def carry(self, duty: Duty, hop: int) -> None:
        if (duty, hop) not in self.duties:
            self.duties.append((duty, hop))

    def bind(self, limit: Limit) -> None:
        if limit not in self.limits:
            self.limits.append(limit)

    def take(self, other: Sheet) -> None:
        """Everything of another sheet on this form."""
        self.steps += other.steps
        self.holds += other.holds
        self.changes += other.changes
        self.missing += other.missing
        self.since += other.since
        self.spoken |= other.spoken
        if other.relied_on:
            self.relied_on += other.relied_on
            self.allowed_at.update(other.allowed_at)
        self.duties = _with(self.duties, other.duties)
        self.limits = once([*self.limits, *other.limits]) if self.limits else list(other.limits)
        self.image_holds += other.image_holds
        self.removed += other.removed
        self.component_limits += other.component_limits
        self.component_duties += other.component_duties
        self.on_release += other.on_release


def _with(duties: list[tuple[Duty, int]], more: list[tuple[Duty, int]]) -> list[tuple[Duty, int]]:
    """Both, each duty of a hop once. Those of different hops never are one."""
    if not more:
        return duties
    hops = {hop for _, hop in duties}
    return duties + [one for one in more if one[1] not in hops or one not in duties]


def once(limits: list[Limit]) -> list[Limit]:
    """Each once, in order."""
    found: list[Limit] = []
    for limit in limits:
        if limit not in found:
            found.append(limit)
    return found
