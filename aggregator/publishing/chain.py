"""The chain of an entry in the XML formats: its credit in words, then every hop and the form for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aggregator.model.chain import HOP, understood, written
from aggregator.model.use import Form
from aggregator.publishing.xml import DCTERMS, child

if TYPE_CHECKING:
    from aggregator.model.decision import Hop
    from aggregator.publishing.item import Item

_PROVENANCE = f"{{{DCTERMS}}}provenance"

Told = tuple[str | None, ...]
"""(name, url, author, notice) of a hop, and `claimed`, each None where nothing is said."""


def write_chain(entry: Any, item: Item) -> None:
    """`dcterms:provenance`: for people first, then one for each hop, the originator first (`model.chain`).

    A part of an article says that it is one: in RSS nothing else tells an excerpt from a short article, and whoever
    reads our feed must not take the one for the other.
    """
    child(entry, _PROVENANCE, " ".join(item.credit.text.split()))
    if item.form is not Form.FULL:
        child(entry, _PROVENANCE, written({"form": item.form.value}))
    for hop in item.hops:
        child(entry, _PROVENANCE, written(hop_facts(hop)))


def hop_facts(hop: Hop) -> dict[str, str | None]:
    """What is said of a hop, by the names that JSON Feed's `_rights` has, too."""
    facts = {name: getattr(hop, name) for name in HOP}
    return facts | {"claimed": "true" if hop.claimed else None}


def told(hop: Hop) -> Told:
    """As `read_chain` must find it again."""
    return tuple(value or None for value in hop_facts(hop).values())


def read_chain(entry: Any) -> tuple[Told, ...]:
    """The hops that an entry tells."""
    found = (understood(node.text or "") for node in entry.findall(_PROVENANCE))
    return tuple(tuple(pairs.get(name) for name in (*HOP, "claimed")) for pairs in found if "name" in pairs)
