"""Statements of an RDF document as plain values: what an ODRL policy is read into and understood from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

XSD = "http://www.w3.org/2001/XMLSchema#"


@dataclass(frozen=True, slots=True)
class Ref:
    """Something that is named: by its IRI, or, within one document only, by `_:…`."""

    iri: str


@dataclass(frozen=True, slots=True)
class Text:
    """A value as it is written, with its datatype."""

    value: str
    datatype: str = XSD + "string"
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Items:
    """A list whose order counts."""

    values: tuple[Ref | Text | Items, ...] = ()


Value = Ref | Text | Items
Node = Mapping[str, tuple[Value, ...]]
"""Predicate IRI → values, in a stable order that means nothing."""


@dataclass(frozen=True, slots=True)
class Statements:
    """All that a document says, by subject."""

    nodes: Mapping[str, Node] = field(default_factory=dict)

    def node(self, iri: str) -> Node:
        """What is said of a subject; nothing of an unknown one."""
        return self.nodes.get(iri, {})
