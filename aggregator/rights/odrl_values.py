"""Reading plain values out of the statements of an ODRL document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import TypeVar

from aggregator.model.odrl import Items, Node, Ref, Statements, Text, Value
from aggregator.model.policy import Param
from aggregator.rights.odrl_terms import BY_IRI, ISO_COUNTRY, NS, ODRL, RDF, Kind

T = TypeVar("T")
_DURATION = re.compile(
    r"(-)?P(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,9})D)?"
    r"(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.(\d{1,6})\d*)?S)?)?",
    re.A,
)
_COUNTRY = re.compile(r"[A-Z]{2}", re.A)


def flat(values: tuple[Value, ...]) -> Iterator[Ref | Text]:
    """Values, those in lists one by one."""
    for value in values:
        if isinstance(value, Items):
            yield from flat(value.values)
        else:
            yield value


def refs(node: Node, predicate: str) -> list[str]:
    """IRIs of a predicate."""
    return [value.iri for value in flat(node.get(predicate, ())) if isinstance(value, Ref)]


def text(node: Node, predicate: str) -> str | None:
    """The text of a predicate; None where there is none, or several."""
    found = [value.value for value in flat(node.get(predicate, ())) if isinstance(value, Text)]
    return found[0] if len(found) == 1 else None


def texts(node: Node, predicate: str) -> tuple[str, ...]:
    return tuple(value.value for value in flat(node.get(predicate, ())) if isinstance(value, Text))


def own(name: str) -> str:
    """IRI of a property of our profile."""
    return NS + name


def own_ref(node: Node, name: str) -> str | None:
    """The value of a property of ours that is a word of ours."""
    found = [BY_IRI[iri].name for iri in refs(node, own(name)) if iri in BY_IRI and BY_IRI[iri].kind is Kind.VALUE]
    return found[0] if len(found) == 1 else None


def shown(value: Ref | Text) -> str:
    """A value for a person: short, one line."""
    raw = value.iri if isinstance(value, Ref) else value.value
    for space in (ODRL, NS):
        raw = raw.removeprefix(space)
    line = " ".join(raw.split())
    return line if len(line) <= 120 else line[:119] + "…"


def last_part(value: Ref | Text) -> str:
    """The name at the end of an IRI, or the text: lower case."""
    raw = value.iri if isinstance(value, Ref) else value.value
    return re.split(r"[/#:]", raw.rstrip("/#"))[-1].strip().lower() if isinstance(value, Ref) else raw.strip().lower()


def span(raw: str, *, up: bool) -> timedelta | None:
    """An xsd:duration. Months and years have no fixed length: the longest there is with `up`, else the shortest."""
    match = _DURATION.fullmatch(raw.strip())
    if match is None or not any(match.groups()[1:]):
        return None
    sign, *parts, fraction = match.groups()
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in parts)
    try:
        found = timedelta(
            days=years * (366 if up else 365) + months * (31 if up else 28) + days,
            weeks=weeks,
            hours=hours,
            minutes=minutes,
            seconds=seconds,
            microseconds=int((fraction or "").ljust(6, "0")),
        )
    except OverflowError:
        return None
    return -found if sign else found


def day(raw: str) -> date | None:
    try:
        return date.fromisoformat(raw.strip())
    except ValueError:
        return None


def number(value: Ref | Text) -> float | None:
    if not isinstance(value, Text) or len(value.value) > 30:
        return None
    try:
        found = float(value.value)
    except ValueError:
        return None
    return found if found == found and abs(found) < 1e15 else None


def country(value: Ref | Text) -> str | None:
    """ISO 3166-1 alpha-2, of its ISO address or as it stands."""
    raw = value.iri.removeprefix(ISO_COUNTRY) if isinstance(value, Ref) else value.value
    return raw if _COUNTRY.fullmatch(raw) else None


_NUMBERS = {"integer": int, "decimal": float, "double": float, "float": float}


def param(values: tuple[Value, ...]) -> Param | None:
    """A parameter's value; None where it is none."""
    value = values[0] if len(values) == 1 else None
    if value is None or isinstance(value, Ref):
        return None
    if isinstance(value, Items):
        parts = [part.value for part in value.values if isinstance(part, Text)]
        return tuple(parts) if len(parts) == len(value.values) else None
    kind = _NUMBERS.get(value.datatype.rpartition("#")[2])
    if kind is None:
        return value.value
    try:
        return kind(value.value) if len(value.value) <= 30 else None
    except ValueError:
        return None


def action(statements: Statements, name: str) -> tuple[str, list[str]]:
    """(the action, names of its refinements) of what stands as one."""
    node = statements.node(name)
    meant = refs(node, RDF + "value")
    return (meant[0] if len(meant) == 1 else name), refs(node, ODRL + "refinement")
