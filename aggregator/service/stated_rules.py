"""The rules of an ODRL document in its own words, as quotes that a person can hold against a proposed policy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from aggregator.rights.notice.proposal import Finding

QUOTE_MAX = 600
DEPTH_MAX = 20
_KINDS = ("permission", "prohibition", "obligation")
_RULE = re.compile(r"\b(permission|prohibition|obligation)\b\s*(?=\[)")
_UNSAID = frozenset({"@type", "type", "@id", "uid", "position"})
"""What names a node and says nothing about its rule."""


def stated_rules(text: str) -> Iterator[Finding]:
    """Each rule of a document, JSON-LD or Turtle, in its order."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        for number, match in enumerate(_RULE.finditer(text[:200_000]), start=1):
            yield _stated(match[1], number, _in_brackets(text, match.end()))
        return
    number = 0
    for node in document if isinstance(document, list) else [document]:
        for kind in _KINDS if isinstance(node, dict) else ():
            rules = node.get(kind) or node.get(f"odrl:{kind}") or []
            for rule in rules if isinstance(rules, list) else [rules]:
                number += 1
                yield _stated(kind, number, _plainly(rule))


def _stated(kind: str, number: int, words: str) -> Finding:
    said = " ".join(f"{kind}: {words}".split())
    return Finding(
        term=f"rule {number}", value=kind, quote=said if len(said) <= QUOTE_MAX else f"{said[: QUOTE_MAX - 1]}…"
    )


def _plainly(value: Any, depth: int = 0) -> str:
    """A value of JSON-LD without its punctuation: `action distribute; constraint spatial eq DE`."""
    if depth > DEPTH_MAX:
        return "…"
    if isinstance(value, list):
        return ", ".join(_plainly(item, depth + 1) for item in value)
    if not isinstance(value, dict):
        return _word(str(value))
    for only in ("@list", "@value", "rdf:value"):
        if only in value:
            rest = {key: item for key, item in value.items() if key not in (only, "@type")}
            more = f" ({_plainly(rest, depth + 1)})" if only == "rdf:value" and rest else ""
            return _plainly(value[only], depth + 1) + more
    if set(value) <= _UNSAID:
        return _word(str(value.get("@id", value.get("uid", ""))))
    sides = [_key(value, name) for name in ("leftOperand", "operator", "rightOperand")]
    if all(side is not None for side in sides):
        return " ".join(_plainly(side, depth + 1) for side in sides)
    said = ((_word(key), _plainly(item, depth + 1)) for key, item in value.items() if _word(key) not in _UNSAID)
    return "; ".join(f"{name} {words}" for name, words in said)


def _key(node: dict[str, Any], name: str) -> Any:
    return node.get(name, node.get(f"odrl:{name}"))


def _word(name: str) -> str:
    """`odrl:distribute` and `http://www.w3.org/ns/odrl/2/distribute` are `distribute`; other addresses stay whole."""
    if name.startswith("http://www.w3.org/ns/odrl/2/"):
        return name.rpartition("/")[2]
    prefix, colon, local = name.partition(":")
    return local if colon and re.fullmatch(r"[a-z][a-z0-9]*", prefix) and re.fullmatch(r"[\w-]+", local) else name


def _in_brackets(text: str, start: int) -> str:
    """From an opening bracket to the one that closes it, 2,000 characters at most."""
    depth = 0
    for place in range(start, min(len(text), start + 2_000)):
        depth += {"[": 1, "]": -1}.get(text[place], 0)
        if depth == 0:
            return text[start : place + 1]
    return text[start : start + 2_000]
