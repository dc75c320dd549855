"""The question that rights is asked, and its answer with the way to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar, overload

from aggregator.model.entry import Notice, StoredEntry
from aggregator.model.policy import Duty, Effect, Limit
from aggregator.model.use import Form, Use


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Everything that an answer may depend on beside the policies and grants."""

    stored: StoredEntry
    policy: str | None
    """Id of the source's policy; None: it has none."""
    use: Use
    at: datetime
    text: str | None = None
    """All visible text of the entry, for markers; None: not at hand, so unknown."""
    approved: bool = False
    """A person picked this entry for this output, and nothing that counts has changed since (ruling 22)."""
    released_at: datetime | None = None
    """First release in this output, for `remove-after`; None: never."""
    shares: tuple[tuple[str, float], ...] = ()
    """(period, percent): how much of what the source published in the period this output would carry with this
    entry, for `max-share`. A period that is not listed is unknown."""
    told: bool = False
    """A person recorded that its publishers were told that it stands, or will stand, in this output: for `notify`."""
    said: tuple[Notice, ...] = ()
    """What its RSL and its site say beside what the feed says: it only tightens, whatever the policy trusts."""


class Truth(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a decision is what it is. `rights.reasons` has a sentence and a remedy for each."""

    ALLOWED = "allowed"
    DENIED = "denied"
    REFUSED = "refused"
    """Somebody who may say so said no, and a person recorded it."""
    TERMS_CHANGED = "terms-changed"
    """The terms behind its policy say something else, and nobody has looked yet."""
    MUST_ASK = "must-ask"
    FACT_MISSING = "fact-missing"
    DUTY_UNMET = "duty-unmet"
    LIMIT_BROKEN = "limit-broken"
    NO_RULE = "no-rule"
    NO_POLICY = "no-policy"
    THIRD_PARTY = "third-party"
    NOTICE = "notice"
    NOT_PICKED = "not-picked"
    NOTHING_TO_SHOW = "nothing-to-show"
    """The entry has no title, text or link to make the form of."""
    EXPIRED = "expired"
    """The time for which it might be shown has ended."""


class FlagKind(StrEnum):
    """What an admin is asked to settle (ruling 24)."""

    PERMISSION = "permission"
    THIRD_PARTY = "third-party"
    NO_POLICY = "no-policy"
    DUTY = "duty"
    CONDITION = "condition"
    NOTICE = "notice"
    REVIEW = "review"
    GONE = "gone"
    """A source answers 410: it is not polled any more. No decision raises it."""
    TAKEDOWN = "takedown"
    """Somebody asks that something be taken down or corrected, by the public form. No decision raises it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One condition, duty or limit looked at: `author: wanted AP, found unknown`."""

    name: str
    wanted: str
    found: str
    holds: Truth


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rule looked at, in a fixed order."""

    hop: int
    """Index into `Decision.hops`."""
    layer: str
    """`refusal`, `terms`, `grant`, `policy`, `licence`, `entry-licence`, `default`, `third-party`, `notice`, `images`,
    `use`."""
    rule: str
    """The rule's key, or what stands for it: `default`, `licence CC-BY-4.0`, `third_party`."""
    where: str = ""
    """file:line, or the carrier of a notice."""
    effect: Effect
    form: Form
    holds: Truth
    """Whether the rule applies."""
    unusable: str = ""
    """Why a rule that applies could not be relied on: the duty or limit, in words."""
    checks: tuple[Check, ...] = ()


T = TypeVar("T")


class Found(Sequence[T]):
    """Part of an answer that is found when somebody looks. Equal to the tuple of it.

    Few of the answers that a build asks for are ever explained, and what every rule said is most of the work; of those
    that hold an entry, few are asked for the links and authors of its hops.
    """

    __slots__ = ("_find", "_found")

    def __init__(self, find: Callable[[], Sequence[T]]) -> None:
        """
        Args:
            find: pure; asked once, or once by each thread that looks at the same moment.
        """
        self._find: Callable[[], Sequence[T]] | None = find

    def _told(self) -> tuple[T, ...]:
        find = self._find
        if find is not None:
            self._found = tuple(find())
            self._find = None
        return self._found

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self._told()[index]

    def __len__(self) -> int:
        return len(self._told())

    def __iter__(self) -> Iterator[T]:
        return iter(self._told())

    def __eq__(self, other: object) -> bool:
        return self._told() == tuple(other) if isinstance(other, (Found, tuple)) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._told())

    def __repr__(self) -> str:
        return repr(self._told())

    def __reduce__(self) -> tuple[type[tuple[T, ...]], tuple[tuple[T, ...]]]:
        """Another process gets what is found."""
        return tuple, (self._told(),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One publisher whose word counts."""

    name: str
    """As configured where a policy knows it, else as the feed claims."""
    policy: str | None
    """Id of its policy; None: unknown."""
    url: str | None = None
    """Of the article there, else of the publisher."""
    claimed: bool = False
    """True where only the feed says so."""
    author: str | None = None
    notice: str | None = None
    carrier: str = ""
    """`source` for the polled source itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What stands in the way of the asked form, and who can take it away."""

    kind: FlagKind
    reason: Reason
    effect: Effect
    """`ask` or `deny`; a deny raises no flag."""
    hop: int
    publisher: str
    contact: str | None
    """Where to ask; None where nobody is known."""
    rule: str
    where: str
    sentence: str
    """For a person: `Global Research must be asked before print (policies/global-research.yaml:18).`"""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The answer, with the way to it. Made in one pass; every page, command and letter reads only this."""

    outcome: Effect
    form: Form
    """The form that is allowed; else the first form with the best outcome."""
    reason: Reason
    sentence: str
    """The reason for a person, one line."""
    duties: tuple[Duty, ...] = ()
    """All that must be discharged, of all hops, each once. Empty unless allowed."""
    duty_hops: tuple[int, ...] = ()
    """For each duty, the hop that asks for it."""
    limits: tuple[Limit, ...] = ()
    """All that bind the copy, also those that only subscribers could break."""
    removed: tuple[str, ...] = ()
    """URLs of components that are not allowed and must not be in the copy."""
    hops: tuple[Hop, ...] = ()
    """First the originator, last the source. Of an answer fresh from `decide` a `Found`, as is the trace."""
    relied_on: tuple[str, ...] = ()
    """Keys of the rules that allowed."""
    held_by: tuple[str, ...] = ()
    """Keys of the rules that kept the asked form away, also where a smaller one is allowed."""
    holds: tuple[Hold, ...] = ()
    """What stood in the way of the asked form; empty if that is allowed."""
    missing: tuple[str, ...] = ()
    """Facts that a person could supply: `author`, `category` …"""
    contact: str | None = None
    """Whom to ask first; None where the answer is allow or nobody is known."""
    valid_from: datetime | None = None
    """Since when it may be shown, if a time decided that; None: always."""
    valid_until: datetime | None = None
    """The first instant at which the answer may differ, whatever it is now; None: never by time alone."""
    policy_version: str = ""
    engine_version: str = ""
    trace: tuple[Step, ...] = ()
    """Of an answer fresh from `decide` a `Found`, which stands for the tuple: see `told`."""

    @property
    def allowed(self) -> bool:
        return self.outcome is Effect.ALLOW

    def like(self, hops: tuple[Hop, ...], trace: tuple[Step, ...]) -> Decision:
        """The same for another entry that is alike to every rule: with what is that entry's own.

        `dataclasses.replace` would set twenty fields one by one, which takes longer than all the rest of an answer
        that is known; this is why the class has no slots.
        """
        made = object.__new__(Decision)
        fields = made.__dict__
        fields.update(self.__dict__)
        fields["hops"] = hops
        fields["trace"] = trace
        return made

    def told(self) -> Decision:
        """The same with its hops and its trace at hand: as it is kept, and handed to others."""
        return replace(self, hops=tuple(self.hops), trace=tuple(self.trace))
