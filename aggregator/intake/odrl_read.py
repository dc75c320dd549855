"""Bytes of a policy in JSON-LD or Turtle → its statements. Nothing is fetched, whatever the document names.

rdflib resolves a JSON-LD context by opening its address, a file as well as a URL. So every context is looked at first:
an address that `odrl_context` knows is replaced by our table, any other is refused.
rdflib takes a tenth of a second to import, so it is imported where a policy is read, which is rare.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import orjson

from aggregator.intake.odrl_context import ADDRESSES, CONTEXT, EXTRA
from aggregator.model.odrl import XSD, Items, Node, Ref, Statements, Text, Value

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node as Term

    Triple = tuple[Term, Term, Term]

SIZE_MAX = 500_000
"""Bytes of a document. A publisher's policy has a few thousand."""
DEPTH_MAX = 60
"""Levels of brackets, in JSON and in Turtle."""
STATEMENTS_MAX = 20_000
LIST_MAX = 2_000
"""Items of one list."""
_JSON_TYPES = frozenset({"application/ld+json", "application/json", "application/odrl+json"})
_TURTLE_TYPES = frozenset({"text/turtle", "application/x-turtle", "text/n3"})


class _RefusedError(Exception):
    """The document is not read. `str()` says why in one line."""


def read_odrl(data: bytes, media_type: str | None = None) -> tuple[Statements | None, tuple[str, ...]]:
    """What a policy document states.

    Args:
        data: JSON-LD or Turtle, UTF-8.
        media_type: as served, parameters and all; None: told by the first character.
    Returns:
        The statements, None where the document cannot be read; and warnings, each a line that names what is wrong.
    """
    warnings: list[str] = []
    try:
        if len(data) > SIZE_MAX:
            raise _RefusedError(f"it has {len(data):,} bytes; {SIZE_MAX:,} are read at most")
        text = data.decode("utf-8-sig", "strict")
        statements = _statements(*(_json(text, warnings) if _is_json(text, media_type) else _turtle(text)))
    except UnicodeDecodeError as error:
        return None, (f"not read as a policy: byte {error.start} is not UTF-8",)
    except RecursionError:
        return None, ("not read as a policy: it is nested too deep",)
    except _RefusedError as error:
        return None, (*warnings, f"not read as a policy: {error}")
    return statements, tuple(dict.fromkeys(warnings))


def _is_json(text: str, media_type: str | None) -> bool:
    kind = (media_type or "").partition(";")[0].strip().lower()
    if kind in _JSON_TYPES or kind in _TURTLE_TYPES:
        return kind in _JSON_TYPES
    start = text.lstrip()[:2]
    # Turtle may start with a blank node: `[ a odrl:Offer ]`, JSON with a list of objects.
    return start.startswith("{") or (start.startswith("[") and text.lstrip()[1:].lstrip()[:1] in ("{", "]", '"'))


def _line(error: object, limit: int = 200) -> str:
    return " ".join(str(error).split())[:limit]


# ── JSON-LD ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _json(text: str, warnings: list[str]) -> tuple[Graph, list[Triple]]:
    try:
        written = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _RefusedError(f"it is not JSON: {_line(error)}") from None
    if not isinstance(written, dict | list):
        raise _RefusedError("it is JSON, but neither an object nor a list")
    plain = _contexts(written, warnings, 0)
    return _parsed(orjson.dumps(plain).decode(), "json-ld")


def _contexts(value: Any, warnings: list[str], depth: int) -> Any:
    """The document with every context made harmless, at whichever place it stands."""
    if depth > DEPTH_MAX:
        raise _RefusedError(f"it is nested deeper than {DEPTH_MAX} levels")
    if isinstance(value, list):
        return [_contexts(inner, warnings, depth + 1) for inner in value]
    if not isinstance(value, dict):
        return value
    if "@import" in value:
        raise _RefusedError(f"it imports a context, '{_line(value['@import'], 80)}', and none is fetched")
    return {
        key: _context(inner, warnings, depth + 1) if key == "@context" else _contexts(inner, warnings, depth + 1)
        for key, inner in value.items()
    }


def _context(value: Any, warnings: list[str], depth: int) -> Any:
    if isinstance(value, list):
        return [_context(inner, warnings, depth + 1) for inner in value]
    if not isinstance(value, str):
        return _contexts(value, warnings, depth)
    if value in ADDRESSES:
        return CONTEXT
    if value in EXTRA:
        warnings.append(f"of the context '{value}' only the prefix is known")
        return EXTRA[value]
    # Without it a word could mean anything, a prohibition included: better not read than half read.
    raise _RefusedError(f"its context '{_line(value, 80)}' is not known, and none is fetched")


# ── rdflib ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _turtle(text: str) -> tuple[Graph, list[Triple]]:
    if _depth(text) > DEPTH_MAX:
        raise _RefusedError(f"it is nested deeper than {DEPTH_MAX} levels")
    return _parsed(text, "turtle")


def _depth(text: str) -> int:
    """Levels of brackets, those inside texts counted too: at least as many as there are."""
    depth = deepest = 0
    for character in text:
        if character in "[(":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "])":
            depth = max(0, depth - 1)
    return deepest


def _parsed(text: str, syntax: str) -> tuple[Graph, list[Triple]]:
    import warnings as python_warnings

    from rdflib import Graph
    from rdflib.plugins.stores.memory import Memory

    class Bounded(Memory):
        """A store that takes so many statements and no more; JSON-LD goes past `Graph.add`."""

        def add(self, triple: Triple, context: Any, quoted: bool = False) -> None:
            if len(order) >= STATEMENTS_MAX:
                raise _RefusedError(f"it makes more than {STATEMENTS_MAX:,} statements")
            order.append(triple)
            super().add(triple, context, quoted)

    order: list[Triple] = []
    graph = Graph(store=Bounded(), bind_namespaces="none")
    log = logging.getLogger("rdflib.term")
    quiet, log.disabled = log.disabled, True  # it logs every odd IRI and literal, with the publisher's words
    try:
        with python_warnings.catch_warnings():
            python_warnings.simplefilter("ignore")
            graph.parse(data=text, format=syntax, publicID="urn:x-document:")
    except (_RefusedError, RecursionError):
        raise
    except Exception as error:  # rdflib raises what it likes on bad input, KeyError and AttributeError among it
        name = "JSON-LD" if syntax == "json-ld" else "Turtle"
        raise _RefusedError(f"it is not {name}: {_line(error) or type(error).__name__}") from None
    finally:
        log.disabled = quiet
    return graph, order


def _statements(graph: Graph, order: list[Triple]) -> Statements:
    from rdflib import RDF, BNode, Literal

    numbers: dict[Term, int] = {}

    def name_of(term: Term) -> str:
        # rdflib draws names of blank nodes at random. In the order of the document, it reads the same each time.
        return f"_:{numbers.setdefault(term, len(numbers)):05d}" if isinstance(term, BNode) else str(term)

    def value(term: Term, depth: int) -> Value:
        if isinstance(term, Literal):
            datatype = str(term.datatype) if term.datatype else XSD + "string"
            return Text(str(term), datatype, term.language)
        if term == RDF.nil or (isinstance(term, BNode) and (term, RDF.first, None) in graph):
            return Items(tuple(value(item, depth + 1) for item in items(term, depth)))
        return Ref(name_of(term))

    def items(head: Term, depth: int) -> Iterator[Term]:
        if depth > DEPTH_MAX:
            raise _RefusedError("its lists are nested too deep")
        seen: set[Term] = set()
        while head != RDF.nil:
            first, rest = graph.value(head, RDF.first), graph.value(head, RDF.rest)
            if head in seen or len(seen) > LIST_MAX or first is None or rest is None:
                raise _RefusedError(f"one of its lists has no end, or more than {LIST_MAX:,} items")
            seen.add(head)
            yield first
            head = rest

    nodes: dict[str, dict[str, list[Value]]] = {}
    for subject, predicate, object_ in dict.fromkeys(order):
        if predicate not in (RDF.first, RDF.rest):
            node = nodes.setdefault(name_of(subject), {})
            node.setdefault(str(predicate), []).append(value(object_, 0))
    return Statements({name: _sorted(node) for name, node in sorted(nodes.items())})


def _sorted(node: dict[str, list[Value]]) -> Node:
    return {name: tuple(sorted(values, key=repr)) for name, values in sorted(node.items())}
