"""An RSL document (Really Simple Licensing 1.0) as plain values: terms of machine use, by path.

Source: https://rslstandard.org/rsl, version 1.0 with its errata to August 2026.
"""

from __future__ import annotations

from dataclasses import dataclass

NAMESPACE = "https://rslstandard.org/rsl"
MAX_AGE_DAYS = 30
USAGES = ("all", "ai-all", "ai-train", "ai-input", "ai-index", "search")
USERS = ("commercial", "non-commercial", "education", "government", "personal")
PAYMENTS = ("purchase", "subscription", "training", "crawl", "use", "contribution", "attribution", "free")
LEGALS = ("warranty", "disclaimer", "attestation", "contact", "proof")
REPORTS = ("telemetry", "provenance", "audit")
KINDS = ("usage", "user", "geo")


@dataclass(frozen=True, slots=True, kw_only=True)
class RslTerms:
    """One list of what is permitted or prohibited."""

    kind: str
    """`usage`, `user` or `geo`."""
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RslPayment:
    """What is asked in return."""

    kind: str = "free"
    standards: tuple[str, ...] = ()
    """Absolute URIs of standard terms, compared as strings."""
    customs: tuple[str, ...] = ()
    """URLs of terms of the publisher's own."""
    amount: str | None = None
    """A decimal, as written."""
    currency: str | None = None
    """ISO 4217."""
    accepts: tuple[str, ...] = ()
    """Media types of the ways to pay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RslLegal:
    """A legal statement: `contact` holds one address, `proof` addresses, the others tokens."""

    kind: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RslReporting:
    """What must be reported; unmet, the use is not licensed."""

    kind: str
    profile: str
    endpoint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RslLicense:
    """One set of terms. Several of one content are alternatives."""

    permits: tuple[RslTerms, ...] = ()
    """A list that is there is closed: what of its kind it does not name is not permitted."""
    prohibits: tuple[RslTerms, ...] = ()
    payment: RslPayment | None = None
    """None: free."""
    reporting: tuple[RslReporting, ...] = ()
    legal: tuple[RslLegal, ...] = ()
    unread: tuple[str, ...] = ()
    """What stood there and was not understood: its permissions cannot be relied on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RslCopyright:
    kind: str | None = None
    """`person` or `organization`."""
    email: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RslContent:
    """Some addresses, and the terms for them."""

    url: str
    """A path or address with `*` and a final `$`, as in robots.txt; empty: the page or item that holds it."""
    server: str | None = None
    """A licence server: then access needs a token of it, also for free terms."""
    encrypted: bool = False
    lastmod: str | None = None
    licenses: tuple[RslLicense, ...] = ()
    copyright: RslCopyright | None = None
    terms: str | None = None
    """URL of more terms."""
    schema: str | None = None
    alternates: tuple[tuple[str | None, str], ...] = ()
    """(media type, address) of other forms, under the same terms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RslDocument:
    contents: tuple[RslContent, ...] = ()
    max_age: int = MAX_AGE_DAYS
    """Days for which it may be kept."""
