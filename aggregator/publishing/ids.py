"""Ids on their way out: the original's own wherever that can be, else one that never changes (ruling 16)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

# These two are in ASCII (RFC 4151, 2.1; RFC 8141, 2), and the W3C's validator holds them to it.
_TAG = re.compile(r"tag:[A-Za-z0-9.@_-]+,\d{4}(-\d\d(-\d\d)?)?:[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]*")
_URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{1,31}:[a-z0-9._~:/?#@!$&'()*+,;=%-]+", re.IGNORECASE | re.ASCII)
_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_HTTP = re.compile(r"https?://[^\s<>\"{}|\\^`/?#@\[\]]+([/?#][^\s<>\"{}|\\^`]*)?", re.IGNORECASE)
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")

# RFC 4151 wants a date on which the authority was the operator's. A fixed one: with the date of an entry, a corrected
# date would be a new id, and a subscriber would see the story twice.
_DATE = "2026"

_UNIQUE_DIGITS = 9
"""From so many on a number may pass for unique."""
_ACTIVE = ("javascript:", "vbscript:", "data:")


def is_active(id_: str) -> bool:
    """Whether a reader that takes an id for an address would run it."""
    return "".join(id_.split()).lower().startswith(_ACTIVE)


def is_iri(id_: str) -> bool:
    """Whether Atom may carry it as an id (RFC 4287, 4.2.6): an absolute IRI of a scheme that readers know."""
    if _STRAY_PERCENT.search(id_) or not id_.isprintable():
        return False
    if id_[:9].lower() == "urn:uuid:":
        return _UUID.fullmatch(id_) is not None
    return any(shape.fullmatch(id_) for shape in (_HTTP, _TAG, _URN))


def is_bare_number(id_: str) -> bool:
    """Whether it is a short number: enough inside of one feed, but the next one has its own `1`, and a reader that has
    read that of one source would take the other's for read. The W3C's validator warns of them."""
    return len(id_) < _UNIQUE_DIGITS and id_.strip().isdigit()


def tag_id(site_url: str, name: str) -> str:
    """A `tag:` id under the site's domain, the same on every database.

    Args:
        site_url: its host is the authority.
        name: what is named: an entry's key, a source's id; letters, digits, `-`, `/`.
    """
    host = urlsplit(site_url).hostname or "localhost"
    return f"tag:{host.encode('idna').decode('ascii') if not host.isascii() else host},{_DATE}:{name}"
