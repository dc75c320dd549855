"""How names, addresses and texts are compared: rulings 12 and 15, in one place.

Everything here is total: text that is odd compares as unequal, an address that is odd has no host.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import urlsplit

SHORT_NAME_MAX = 3
"""Letters up to which a publisher's name is compared with its case kept: `AP` is an agency, `ap` is a typo."""

NAMES_MAX = 16_384
"""Hosts and origins that are remembered with whom they mean. At the bound it starts again from nothing."""


def fold(text: str) -> str:
    """The form in which two spellings of one name are equal: NFKC, without case, spaces as one.

    Look-alikes of other scripts stay different: a Cyrillic `А` is not a Latin `A`.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).split())


_ARTICLES = frozenset({
    "the", "a", "der", "die", "das", "le", "la", "les", "l", "el", "los", "las", "il", "lo", "i", "gli", "o",
    "os", "as", "de", "het", "den", "det", "en", "ett",
})  # fmt: skip
_ENDINGS = frozenset({
    "inc", "ltd", "llc", "plc", "co", "corp", "corporation", "company", "limited", "gmbh", "ag", "sa", "spa",
    "srl", "bv", "nv", "oy", "ab", "as", "news", "media", "online", "com", "org", "net", "service", "services",
    "agency", "group", "publishing", "publications", "newspaper", "newspapers", "magazine", "website",
})  # fmt: skip
CORE_MIN = 4
"""Letters that must be left of a name."""


def core(name: str) -> str:
    """A name without its article and what companies and sites put behind theirs: `denied wire` of `Denied Wire Ltd`.

    Two names with one core may be one publisher: enough to tighten, never to loosen (ruling 15). Empty: too little is
    left.
    """
    words = [word for word in re.split(r"[\s.,’'()/|-]+", fold(name)) if word]
    while len(words) > 1 and words[0] in _ARTICLES:
        del words[0]
    while len(words) > 1 and words[-1] in _ENDINGS:
        del words[-1]
    left = " ".join(words)
    return left if len(left) >= CORE_MIN else ""


_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")


def seen(text: str) -> str:
    """A text without what is not seen: soft hyphens, joiners, marks of direction. One inside a phrase hides nothing."""
    return text if text.isascii() else _UNSEEN.sub("", text)


def same_case(text: str) -> str:
    """As `fold`, but with the case kept and without marks around: `(AP)` is `AP`."""
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    start, end = 0, len(plain)
    while start < end and not plain[start].isalnum():
        start += 1
    while end > start and not plain[end - 1].isalnum():
        end -= 1
    return plain[start:end]


def is_short(name: str) -> bool:
    return len(same_case(name)) <= SHORT_NAME_MAX


def stands_in(wanted: str, text: str) -> bool:
    """Whether a name or phrase stands in a text as a whole: `Ann Lee` in `By Ann Lee, AP`, not in `Joann Lee`.

    Args:
        wanted, text: both folded, or both with their case kept.
    """
    if not wanted:
        return False
    at = text.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        open_before = at == 0 or not (text[at - 1].isalnum() and wanted[0].isalnum())
        open_after = end == len(text) or not (text[end].isalnum() and wanted[-1].isalnum())
        if open_before and open_after:
            return True
        at = text.find(wanted, at + 1)
    return False


def fits(glob: str, text: str) -> bool:
    """Whether a whole text fits a glob in which `*` stands for anything; without case."""
    return fits_parts(parts_of(glob), text.casefold())


def parts_of(glob: str) -> tuple[str, ...]:
    """What stands between the `*` of a glob, folded, for `fits_parts`."""
    return tuple(glob.casefold().split("*"))


def fits_parts(parts: tuple[str, ...], text: str) -> bool:
    """`fits`, of a glob in parts and a text that is folded already.

    Linear, not a regular expression: the text comes from a feed.
    """
    first = parts[0]
    if len(parts) == 1:
        return text == first
    if not text.startswith(first):
        return False
    last = parts[-1]
    if len(text) < len(first) + len(last) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in parts[1:-1]:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


_PLAIN = re.compile(r"https?://([a-z0-9.-]+)(?:[/?#]|\Z)")
"""Addresses whose host needs no parser: no port, no user, no capitals. Nearly all that a feed holds."""


def host(url: str | None) -> str | None:
    """Host of an address in lower-case ASCII; None if there is none."""
    if not url:
        return None
    plain = _PLAIN.match(url)
    if plain is not None:
        return plain[1].rstrip(".") or None
    return _parsed_host(url)


@lru_cache(maxsize=16_384)  # odd addresses are seldom, and asked about at every build
def _parsed_host(url: str) -> str | None:
    try:
        name = urlsplit(url).hostname
    except ValueError:  # brackets that are no IPv6 address: no host that could be known
        return None
    if not name:
        return None
    name = name.rstrip(".").lower()
    if name.isascii():
        return name or None
    try:
        return name.encode("idna").decode("ascii").lower()
    except UnicodeError:  # not a name that DNS could carry, so nobody's
        return name


def domains_of(name: str) -> list[str]:
    """A host and all domains above it, the longest first."""
    labels = name.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]


def primary(language: str) -> str:
    """The first part of a language tag: `en` of `en-GB`."""
    return tag(language).partition("-")[0]


def tag(language: str) -> str:
    return language.strip().replace("_", "-").casefold()


def begins(prefix: str, language: str) -> bool:
    """Whether a BCP 47 prefix covers a language tag: `en` covers `en-GB`, `en-GB` does not cover `en`."""
    prefix, language = tag(prefix), tag(language)
    return prefix == "*" or language == prefix or language.startswith(prefix + "-")
