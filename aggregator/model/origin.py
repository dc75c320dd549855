"""One hop of an entry's provenance, with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Certainty(StrEnum):
    """Whether the evidence names a third party, or only may (ruling 13)."""

    SURE = "sure"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Somebody through whose hands an entry went, as the feed tells it: a claim until a policy knows the name.

    An entry's origins stand in the order in which it travelled: the first originated it. The polled source itself
    is not among them; `rights` adds it as the last hop.
    """

    name: str | None = None
    """Publisher as named; plain text."""
    url: str | None = None
    """Page of the article there, or the publisher's page or feed; absolute http(s)."""
    author: str | None = None
    notice: str | None = None
    """Copyright notice of this hop, as written."""
    feed_id: str | None = None
    """`atom:source/atom:id`, where that was the carrier."""
    feed_url: str | None = None
    """Address of the origin's feed (`atom:source` rel=self, RSS `<source url>`)."""
    carrier: str
    """Where it was read: `atom:source`, `rss:source`, `rel=via`, `rel=canonical`, `dc:source`, `dcterms:…`,
    `entry-link`, `credit-line`, `copyright-line`."""
    evidence: str = ""
    """The words or the attribute that say so, at most 300 characters."""
    certainty: Certainty = Certainty.SURE
