"""What is kept for answers that are remembered: of an entry, of a way that entries travel, and of an answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from aggregator.model.decision import Decision, Found, Hop, Question, Step
from aggregator.model.entry import Author, Component, Entry, NoticeKind
from aggregator.model.use import Form
from aggregator.rights import times
from aggregator.rights.facts import Facts, reckoned
from aggregator.rights.hops import Party, hop_of
from aggregator.rights.limits import credited
from aggregator.rights.names import fold
from aggregator.rights.opinion import told
from aggregator.rights.spelled import spelled
from aggregator.rights.times import Moment

if TYPE_CHECKING:
    from aggregator.model.policy import Policy
    from aggregator.model.use import Use
    from aggregator.rights.conditions import Conditions, Verdict
    from aggregator.rights.opinion import Say, Seat, Shape, Signature

CREDITS_MAX = 4_096
_RIGHTS = NoticeKind.RIGHTS


@lru_cache(maxsize=16_384)  # bylines, which entries share
def _named(text: str) -> bool:
    """Whether a text says anything once it is folded."""
    return not text.isspace() if text.isascii() else bool(fold(text))


def _byline(authors: Sequence[Author]) -> tuple[bool, bool | None]:
    """Whether anybody is named, and what the first says: something, nothing but spaces, or nothing at all."""
    first = authors[0].name
    if not first:
        return any(author.name and _named(author.name) for author in authors), None
    return _named(first) or any(author.name and _named(author.name) for author in authors), not first.isspace()


NO_BYLINE = False, None
NOTHING_STATED = False, ()


def outlook(entry: Entry) -> Signature:
    """What an entry tells, beside its provenance and what conditions of rules ask, that any hop may look at."""
    title = entry.title
    return (
        not entry.url,
        not title or title.isspace(),
        entry.size and entry.size.chars > 0,
        entry.has_summary,
        _byline(entry.authors) if entry.authors else NO_BYLINE,
        _stated(entry) if entry.notices else NOTHING_STATED,
    )


class Journey:
    """A way that entries travel, by `way_of`: who is heard at each of its hops, in whatever use.

    Args:
        heard: at each of them, the policies whose word counts.
        keys: of the hops: what their seats are known by.
        policies: all that are asked, the source's own among them; with their shapes and conditions.
    """

    __slots__ = ("conditions", "givers", "keys", "of_entry", "parties", "places", "shapes")

    def __init__(
        self,
        parties: tuple[Party, ...],
        heard: Sequence[Sequence[Policy]],
        keys: Sequence[int],
        policies: Sequence[tuple[Policy, Shape, Conditions]],
    ) -> None:
        self.parties = parties
        self.keys = tuple(keys)
        self.shapes = tuple([shape for _, shape, _ in policies])
        asked = {policy.id for at_hop in heard for policy in at_hop}
        looking = {one.id: compiled for one, _, compiled in policies if compiled.rules and one.id in asked}
        self.conditions = tuple(looking.values())
        """Of the policies that are heard anywhere on the way, each once: those that look at the entry."""
        numbers = {id_: number for number, id_ in enumerate(looking)}
        self.places = tuple([tuple([numbers[one.id] for one in at_hop if one.id in numbers]) for at_hop in heard])
        """For each hop, which of the conditions are its policies'."""
        self.of_entry = all(one.of_entry for one in self.conditions)
        self.givers = frozenset({None, *asked})
        """Policies whose grants may speak for it."""


class Profile:
    """What entries share that no hop can tell apart but by the conditions of rules.

    Args:
        entry: one of them.
        base: stands for what `outlook` tells.

    Attributes:
        told: for each hop what its duties look at: whether an author is told there, and whether a link is missing.
        base: the facts that any hop may look at, beside the conditions of rules.
        is_plain: whether the entry says nothing of its rights that may tighten.
        lacks: forms for which there is nothing to show.
        cases: by the identity of a use.
    """

    __slots__ = ("base", "cases", "is_plain", "journey", "lacks", "told")

    def __init__(self, question: Question, journey: Journey, base: Signature) -> None:
        entry = question.stored.entry
        self.journey = journey
        self.base = base
        filled = [hop_of(party, entry) for party in journey.parties]
        self.told = tuple([(told(hop.author), not article) for hop, article in filled])
        self.is_plain = not (entry.notices and _stated(entry)[1])
        facts = Facts(question)
        self.lacks = {form: lack for form in Form if (lack := facts.lacks(form)) is not None}
        self.cases: dict[int, Case] = {}


class Case:
    """Entries of one profile in one use: what they still differ in, and the answers to that.

    Args:
        asked: the use as the question has it; kept, so that its identity is nobody else's.
    """

    __slots__ = ("answers", "asked", "further", "masks", "profile", "route", "translates")

    def __init__(self, asked: Use, profile: Profile, route: Route) -> None:
        self.asked = asked
        self.profile = profile
        self.route = route
        self.masks = route.masks
        self.further = route.further
        self.translates = route.translates
        self.answers: dict[Signature, Known] = {}

    def state(self, way: Way, question: Question) -> Signature:
        """What entries of the case differ in, as far as any hop looks at it in this use."""
        state: list[object] = []
        if self.masks:
            for mask, (no, unknown, waits, by_kind) in zip(self.masks, way.verdicts(question), strict=True):
                state.append(no & mask)
                if (unknown | waits) & mask:
                    state.append((waits & mask, *[one & unknown & mask for one in by_kind]))
        for voice in self.further:
            state += voice.further(question)
        if question.approved or question.told or question.said:
            state.append((question.approved, question.told, question.said))
        entry = question.stored.entry
        if self.translates:
            state.append(entry.language)
        if entry.components:
            state.append(self.route.components(entry.components))
        return tuple(state)


class Way:
    """One entry: whom it went through, and what the conditions of rules come to."""

    __slots__ = ("_at", "_hops", "_parties", "_text", "_verdicts", "policy", "profile", "stored")

    def __init__(self, question: Question, profile: Profile) -> None:
        self.stored = question.stored
        self.policy = question.policy
        self.profile = profile
        self._verdicts: tuple[Verdict, ...] | None = None
        self._at: datetime | None = None
        self._text: str | None = None
        self._hops: tuple[Hop, ...] | None = None

    def hops(self) -> tuple[Hop, ...]:
        """With this entry's own links and authors."""
        found = self._hops
        if found is None:
            entry = self.stored.entry
            found = self._hops = tuple([hop_of(party, entry)[0] for party in self.profile.journey.parties])
        return found

    def party(self, place: int) -> Party:
        """A hop's, likewise."""
        party = self.profile.journey.parties[place]
        hop, article = hop_of(party, self.stored.entry)
        return replace(party, hop=hop, article=article)

    def parties(self) -> tuple[Party, ...]:
        return tuple([self.party(place) for place in range(len(self.profile.journey.parties))])

    def verdicts(self, question: Question) -> tuple[Verdict, ...]:
        """What the conditions of the policies come to that are heard on the way: the same in all uses."""
        found, journey = self._verdicts, self.profile.journey
        if found is None or not (journey.of_entry or (question.at == self._at and question.text is self._text)):
            self._at, self._text = question.at, question.text
            found = self._verdicts = tuple([one.verdict(question) for one in journey.conditions])
        return found


def _stated(entry: Entry) -> tuple[bool, Signature]:
    """Whether the entry tells a copyright notice, and what else it says of its rights."""
    notice = False
    stated: Signature = ()
    for one in entry.notices:
        if one.kind is not _RIGHTS:
            stated = (*stated, one.kind, one.level, one.value, one.carrier, one.limits)
        else:
            notice = notice or told(one.value)
            if named := spelled(one.value):
                stated = (*stated, one.kind, one.level, named, one.carrier)
    return notice, stated


class Known:
    """An answer for all questions of one signature: what they differ in is filled in for each."""

    __slots__ = ("decision", "since", "taken", "until")

    def __init__(self, decision: Decision, facts: Facts) -> None:
        """
        Args:
            decision: of one of the questions.
            facts: of that question.
        """
        self.decision = decision
        urls = list(dict.fromkeys(one.url for one in facts.entry.components)) if decision.removed else []
        self.taken = tuple([urls.index(url) for url in decision.removed])
        """Which of the entry's components are taken out."""
        self.until = _each_clock(facts.ends)
        self.since = _each_clock(facts.starts)

    def filled(self, way: Way, question: Question, find_trace: Callable[[], Sequence[Step]]) -> Decision:
        """The answer with what is an entry's own."""
        # They stand for the tuples of what they find (see `Decision.told`).
        hops = cast("tuple[Hop, ...]", Found(way.hops))
        found = self.decision.like(hops, cast("tuple[Step, ...]", Found(find_trace)))
        fields = found.__dict__
        if self.taken:
            urls = list(dict.fromkeys(component.url for component in question.stored.entry.components))
            fields["removed"] = tuple([urls[place] for place in self.taken])
        if self.since:
            fields["valid_from"] = _latest(self.since, question)
        if self.until:
            fields["valid_until"] = _soonest(self.until, question)
        return found


def _each_clock(moments: Sequence[Moment]) -> tuple[Moment, ...]:
    return tuple({one.clock or one.at: one for one in moments}.values()) if moments else ()


def _at(moment: Moment, question: Question) -> datetime | None:
    """When a moment comes for an entry; None: never."""
    at = moment.at if moment.clock is None else reckoned(moment.clock, question)
    return None if at is None or at >= times.NEVER else at


def _soonest(moments: tuple[Moment, ...], question: Question) -> datetime | None:
    return min([at for one in moments if (at := _at(one, question)) is not None], default=None)


def _latest(moments: tuple[Moment, ...], question: Question) -> datetime | None:
    return max([at for one in moments if (at := _at(one, question)) is not None], default=None)


class Route:
    """One way that entries travel, for one use: the seats of its hops, and the answers that are known.

    Args:
        use: kept, so that its identity is nobody else's.
    """

    def __init__(self, journey: Journey, use: Use, seats: Sequence[Seat]) -> None:
        self.journey = journey
        self.seats = tuple(seats)
        self.use = use
        self.forms = use.forms
        self.answers: dict[Signature, Known] = {}
        self.lacking: dict[tuple[Form, str], Say] = {}
        """Where there is nothing to show in a form."""
        masks = [0] * len(journey.conditions)
        for places, seat in zip(journey.places, seats, strict=True):
            for place, mask in zip(places, seat.voice.all_masks, strict=True):
                masks[place] |= mask
        self.masks = tuple(masks)
        """Of the rules that count in any form, condition by condition."""
        self.further = tuple([seat.voice for seat in seats if seat.voice.looks_further])
        """Those whose duties or limits look at further facts of the entry."""
        self.translates = use.language is not None
        self._owners = tuple(dict.fromkeys([names for shape in journey.shapes for names in shape.owners]))
        self._whole_images = all(shape.whole_images for shape in journey.shapes)
        self._credits: dict[str | None, tuple[bool, ...]] = {}

    def components(self, components: tuple[Component, ...]) -> Signature:
        """Of two with one address the later counts, as `strip` has it."""
        if self._whole_images and all(one.licence is None for one in components):
            return (len({one.url for one in components}),)
        kept = {one.url: one for one in components}.values()
        return tuple([(one.kind, self._credited(one), one.licence) for one in kept])

    def _credited(self, component: Component) -> tuple[bool, ...]:
        """Whether a component names anybody, and each publisher whose own images are treated apart."""
        found = self._credits.get(component.credit)
        if found is None:
            if len(self._credits) >= CREDITS_MAX:
                self._credits.clear()
            found = (told(component.credit), *[credited(component, names) for names in self._owners])
            self._credits[component.credit] = found
        return found
