"""Constraints of an ODRL rule → conditions and limits of ours. What cannot be said as one becomes `other`."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from aggregator.model.odrl import Node, Ref, Statements, Text
from aggregator.model.policy import Duty, Effect, Limit, LimitName, When
from aggregator.model.use import Audience, Form, Medium
from aggregator.rights.odrl_core import AUDIENCES, ELECTRONIC, MEDIA, WIDER_AUDIENCES
from aggregator.rights.odrl_terms import BY_IRI, MEASURES, NS, ODRL, PARAMS, Kind
from aggregator.rights.odrl_values import (
    country,
    day,
    flat,
    last_part,
    number,
    own,
    param,
    refs,
    shown,
    span,
    text,
    texts,
)

Operand = Ref | Text
Word = TypeVar("Word", Audience, Medium)
DEPTH_MAX = 6
"""Levels of conditions within conditions. A document may name itself as a part of itself."""
NON_COMMERCIAL = (LimitName.NO_ADS, LimitName.NO_PAYWALL, LimitName.NO_RESALE)
_EQUAL = frozenset({"eq", "isAnyOf", "isA", "isPartOf"})
_NOT = frozenset({"neq", "isNoneOf"})
_LISTS = ("category", "author", "url", "marker")


@dataclass(slots=True)
class Draft:
    """A rule in the making."""

    effect: Effect
    ours: bool = False
    """Whether the policy declares our profile: then times count as ours do, from the publication date."""
    forms: frozenset[Form] = frozenset()
    refined: bool = False
    """Whether its forms are told by themselves, not by its action."""
    to: frozenset[Audience] = frozenset()
    media: frozenset[Medium] = frozenset()
    when: When = field(default_factory=When)
    duties: list[tuple[int, Duty]] = field(default_factory=list)
    """With their places."""
    limits: list[tuple[int, Limit]] = field(default_factory=list)
    binding: list[Limit] = field(default_factory=list)
    """Limits that it sets to every rule that allows, beside what it says itself."""
    waive: frozenset[str] = frozenset()
    position: int = 0
    actions: tuple[str, ...] = ()
    targets: frozenset[str] = frozenset()

    def doubt(self, sentence: str) -> None:
        """A condition that nobody but a person can judge: it keeps an allow from speaking, and makes a deny ask."""
        if sentence not in self.when.other:
            self.when = replace(self.when, other=(*self.when.other, sentence))

    def limit(self, limit: Limit, place: int = 0) -> None:
        if place or limit not in [known for _, known in self.limits]:
            self.limits.append((place, limit))

    def narrow(self, name: str, found: frozenset[Word], any_: frozenset[Word]) -> bool:
        """Keep what both say; False where nothing is left."""
        held: frozenset[Word] = getattr(self, name)
        if held and found and not any_ & held and not any_ & found:
            found = held & found
            if not found:
                return False
        elif not found or (held and any_ & found):
            found = held
        setattr(self, name, found)
        return True


@dataclass(frozen=True, slots=True)
class Constraint:
    """One constraint, its operands taken apart."""

    left: str
    """Without the namespace of ODRL."""
    operator: str
    right: tuple[Operand, ...]
    unit: str
    node: Node

    @property
    def sentence(self) -> str:
        """As a person may read it."""
        right = ", ".join(map(shown, self.right)) or "nothing"
        return f"{shown(Ref(self.left))} {self.operator} {right}" + (f" {self.unit}" if self.unit else "")


def constrain(draft: Draft, statements: Statements, name: str, depth: int = 0) -> None:
    """Take one constraint into a rule. Never widens what the rule permits, never narrows what it prohibits."""
    node = statements.node(name)
    if any(refs(node, ODRL + word) or node.get(ODRL + word) for word in ("or", "xone", "and", "andSequence")):
        _logical(draft, statements, node, depth)
        return
    found = _taken_apart(node)
    if found is None:
        draft.doubt(f"a constraint that is not whole: {name}" if not name.startswith("_:") else "a broken constraint")
        return
    limit = limit_of(statements, name)
    if limit is not None and draft.effect is not Effect.DENY:
        draft.limit(limit, place_of(node))
        return
    read = _READERS.get(found.left)
    if read is None or not read(draft, found):
        draft.doubt(f"ODRL: {found.sentence}")


def _taken_apart(node: Node) -> Constraint | None:
    left, operator = refs(node, ODRL + "leftOperand"), refs(node, ODRL + "operator")
    if len(left) != 1 or len(operator) != 1 or ODRL + "rightOperand" not in node:
        return None
    unit = " ".join(map(shown, flat(node.get(ODRL + "unit", ()))))
    right = tuple(flat(node[ODRL + "rightOperand"]))
    return Constraint(left[0].removeprefix(ODRL), operator[0].removeprefix(ODRL), right, unit, node)


def _logical(draft: Draft, statements: Statements, node: Node, depth: int) -> None:
    limit = _limits_or(statements, node)
    if limit is not None and draft.effect is not Effect.DENY:
        draft.limit(limit, place_of(node))
        return
    both = refs(node, ODRL + "and")
    others = [word for word in ("or", "xone", "andSequence") if node.get(ODRL + word)]
    for name in both if depth < DEPTH_MAX else ():
        constrain(draft, statements, name, depth + 1)
    if others or not both or depth >= DEPTH_MAX:
        parts = [
            found.sentence if (found := _taken_apart(statements.node(name))) else "a constraint within another"
            for word in others
            for name in refs(node, ODRL + word)
        ]
        draft.doubt(f"ODRL: {' or '.join(others) or 'and'} of {'; '.join(parts[:10]) or 'conditions not understood'}")


# ── limits of our profile ────────────────────────────────────────────────────────────────────────────────────────


def place_of(node: Node) -> int:
    """Where a rule, duty or limit stands among its like; 0: not told."""
    written = text(node, own("position")) or ""
    return int(written) if written.isdecimal() and len(written) < 9 else 0


def scope_of(node: Node) -> tuple[frozenset[Medium], frozenset[str], bool]:
    """(media, components, requested) of a duty or limit of ours."""
    media = frozenset(
        Medium(BY_IRI[iri].name)
        for iri in refs(node, own("in-medium"))
        if iri in BY_IRI and BY_IRI[iri].kind is Kind.MEDIUM
    )
    return media, frozenset(texts(node, own("of-component"))), text(node, own("requested")) == "true"


def limit_of(statements: Statements, name: str, depth: int = 0) -> Limit | None:
    """The limit of our profile that a constraint states; None: it states none."""
    node = statements.node(name)
    if node.get(ODRL + "or"):
        return _limits_or(statements, node, depth + 1)
    found = _taken_apart(node)
    term = None if found is None else BY_IRI.get(found.left)
    if found is None or term is None or term.kind is not Kind.LIMIT:
        return None
    limit = LimitName(term.name)
    params = {key: param(node[NS + f"param-{key}"]) for key in PARAMS if NS + f"param-{key}" in node}
    if found.operator == "lteq" and limit in MEASURES:
        params[MEASURES[limit]] = param(node[ODRL + "rightOperand"])
    elif found.operator != "eq" or [value.value for value in found.right if isinstance(value, Text)] != ["true"]:
        return Limit(name=LimitName.OTHER, params=(("text", f"ODRL: {found.sentence}"),))
    known = {key: value for key, value in params.items() if value is not None}
    if len(known) != len(params):
        return Limit(name=LimitName.OTHER, params=(("text", f"ODRL: {found.sentence}"),))
    media, components, requested = scope_of(node)
    return Limit(
        name=limit, params=tuple(sorted(known.items())), media=media, components=components, requested=requested
    )


def _limits_or(statements: Statements, node: Node, depth: int = 0) -> Limit | None:
    """`or` of limits of ours: one of them is enough."""
    names = refs(node, ODRL + "or") if depth <= DEPTH_MAX else []
    choices = [limit for name in names if (limit := limit_of(statements, name, depth))]
    if not choices or len(choices) != len(names):
        return None
    media, components, requested = scope_of(node)
    return Limit(name=choices[0].name, any_of=tuple(choices), media=media, components=components, requested=requested)


# ── conditions ───────────────────────────────────────────────────────────────────────────────────────────────────


def words(right: tuple[Operand, ...], kind: Kind, table: dict[str, frozenset[Word]]) -> frozenset[Word] | None:
    """Words of a closed list; None where one of them is not known."""
    found: frozenset[Word] = frozenset()
    for value in right:
        term = BY_IRI.get(value.iri) if isinstance(value, Ref) else None
        if term is not None and term.kind is not kind:
            return None
        one = table.get(term.name if term is not None else last_part(value))
        if one is None:
            return None
        found |= one
    return found or None


def _media(draft: Draft, constraint: Constraint) -> bool:
    wide = draft.effect is Effect.ALLOW
    electronic = frozenset({Medium.WEB}) if wide else frozenset(Medium) - {Medium.PRINT}
    found = words(constraint.right, Kind.MEDIUM, MEDIA | dict.fromkeys(ELECTRONIC, electronic))
    if found is not None and constraint.operator in _NOT:
        found = frozenset(Medium) - found
    elif constraint.operator not in _EQUAL:
        found = None
    return bool(found) and draft.narrow("media", found or frozenset(), frozenset())


def to_audiences(draft: Draft, right: tuple[Operand, ...], *, negated: bool = False) -> bool:
    """Take who may or must not into a rule."""
    permits = draft.effect is Effect.ALLOW
    found = words(right, Kind.AUDIENCE, AUDIENCES if permits else AUDIENCES | WIDER_AUDIENCES)
    if found is not None and negated:
        # Who is called a news or an accredited organisation may be a business as well.
        unclear = {Audience.NEWS, Audience.ACCREDITED} if permits else set()
        found = frozenset(Audience) - {Audience.ANYONE} - found - unclear
    return bool(found) and draft.narrow("to", found or frozenset(), frozenset({Audience.ANYONE}))


def _audience(draft: Draft, constraint: Constraint) -> bool:
    if constraint.operator not in _EQUAL | _NOT:
        return False
    return to_audiences(draft, constraint.right, negated=constraint.operator in _NOT)


def _purpose(draft: Draft, constraint: Constraint) -> bool:
    """A purpose is more than who: one that is not commercial bears no ads, paywall or sale, whoever has it."""
    if not _audience(draft, constraint):
        return False
    commercial = bool({Audience.COMMERCIAL, Audience.ANYONE} & draft.to)
    limits = [Limit(name=name) for name in NON_COMMERCIAL]
    if draft.effect is Effect.ALLOW and not commercial:
        for limit in limits:
            draft.limit(limit)
    elif draft.effect is not Effect.ALLOW and commercial:
        draft.binding += limits
    return True


def _form(draft: Draft, constraint: Constraint) -> bool:
    found = set()
    for value in constraint.right:
        term = BY_IRI.get(value.iri) if isinstance(value, Ref) else None
        if term is None or term.kind is not Kind.FORM:
            return False
        found.add(Form(term.name))
    if draft.forms:  # an action that publishes nothing stays so
        draft.forms = draft.forms & found if draft.refined else frozenset(found)
    draft.refined = True
    return constraint.operator == "isAnyOf"


def _strings(name: str) -> Callable[[Draft, Constraint], bool]:
    """A condition whose values are texts; several of one kind cannot be said as one."""

    def read(draft: Draft, constraint: Constraint) -> bool:
        values = tuple(value.value for value in constraint.right if isinstance(value, Text))
        fine = constraint.operator in {"eq", "isAnyOf"} and values and len(values) == len(constraint.right)
        if not fine or getattr(draft.when, name):
            return False
        draft.when = replace(draft.when, **{name: values})  # type: ignore[arg-type]  # a tuple of words
        return True

    return read


def _spatial(draft: Draft, constraint: Constraint) -> bool:
    codes = [country(value) for value in constraint.right]
    known = tuple(code for code in codes if code)
    if constraint.operator not in _EQUAL or not known or len(known) != len(codes) or draft.when.territory:
        return False
    draft.when = replace(draft.when, territory=known)
    return True


def _delay(draft: Draft, constraint: Constraint) -> bool:
    found = span(shown(constraint.right[0]), up=True) if len(constraint.right) == 1 else None
    if found is None or constraint.operator not in {"eq", "gt", "gteq"} or draft.when.embargo is not None:
        return False
    if not draft.ours and draft.effect is not Effect.ALLOW:
        return False
    draft.when = replace(draft.when, embargo=found)
    return True


def _elapsed(draft: Draft, constraint: Constraint) -> bool:
    # From when a stranger counts is not said: from publication on, a permission ends soonest. A prohibition may not.
    found = span(shown(constraint.right[0]), up=False) if len(constraint.right) == 1 else None
    if found is None or constraint.operator not in {"eq", "lt", "lteq"} or draft.when.window is not None:
        return False
    if not draft.ours and draft.effect is not Effect.ALLOW:
        return False
    draft.when = replace(draft.when, window=found)
    return True


def _published(draft: Draft, constraint: Constraint) -> bool:
    name = {"gteq": "since", "lteq": "until"}.get(constraint.operator)
    found = day(shown(constraint.right[0])) if len(constraint.right) == 1 else None
    if name is None or found is None or getattr(draft.when, name) is not None:
        return False
    draft.when = replace(draft.when, **{name: found})  # type: ignore[arg-type]  # a day
    return True


def _other(draft: Draft, constraint: Constraint) -> bool:
    for value in constraint.right:
        said = value.value if isinstance(value, Text) else value.iri
        draft.when = replace(draft.when, other=(*draft.when.other, said))
    return bool(constraint.right)


def _percentage(draft: Draft, constraint: Constraint) -> bool:
    """How much of the article: then what is published is an excerpt, not the whole."""
    found = number(constraint.right[0]) if len(constraint.right) == 1 else None
    if found is None or draft.effect is Effect.DENY or constraint.operator not in {"eq", "lt", "lteq"}:
        return False
    most = math.ceil(found) - 1 if constraint.operator == "lt" else math.floor(found)
    if not 0 < most <= 100:
        return False
    if most < 100 and draft.forms & {Form.FULL, Form.EXCERPT}:
        draft.forms = frozenset({Form.EXCERPT})
    draft.limit(Limit(name=LimitName.EXCERPT_MAX, params=(("n", most), ("unit", "percent"))))
    return True


def _count(draft: Draft, constraint: Constraint) -> bool:
    found = number(constraint.right[0]) if len(constraint.right) == 1 else None
    if found is None or draft.effect is Effect.DENY or constraint.operator not in {"lt", "lteq"}:
        return False
    most = math.ceil(found) - 1 if constraint.operator == "lt" else math.floor(found)
    if most <= 0:
        return False
    draft.limit(Limit(name=LimitName.MAX_COPIES, params=(("n", most),)))
    return True


_READERS: dict[str, Callable[[Draft, Constraint], bool]] = {
    "media": _media,
    "deliveryChannel": _media,
    "recipient": _audience,
    "industry": _audience,
    "purpose": _purpose,
    "language": _strings("language"),
    "spatial": _spatial,
    "delayPeriod": _delay,
    "elapsedTime": _elapsed,
    "percentage": _percentage,
    "count": _count,
    NS + "when-form": _form,
    NS + "when-published": _published,
    NS + "when-other": _other,
    **{f"{NS}when-{name}": _strings(name) for name in _LISTS},
}
"""Left operands that are understood. `dateTime` is not among them: it speaks of the day of the use, our dates of the
day of publication; a person must say what it comes to."""
