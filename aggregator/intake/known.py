"""Who is who for a document: the feed's own publisher, and the others that the operator's configuration names."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from aggregator.intake.claims import FeedClaims
from aggregator.model.parsed import ParseRequest

_SPACE = re.compile(r"\s+")
BARE_DOMAIN = re.compile(r"(?:https?://)?(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})(?:/\S*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Known:
    """Who is who, from the operator's configuration and the feed's own address."""

    names: frozenset[str]
    """The publisher's, in `same_name` form."""
    domains: tuple[str, ...]
    others: tuple[tuple[str, str], ...]
    """(domain, name) of other publishers."""
    authors: tuple[str, ...]
    """The entry's, as it names them."""

    def wrote(self, name: str) -> bool:
        return any(same_name(name) == same_name(author) for author in self.authors)

    def owns(self, name: str | None, url: str | None) -> bool:
        """Whether it is the publisher itself. To loosen, an address must match where there is one (ruling 15)."""
        if url is not None and not self.is_own_url(url):
            return False
        if name is None:
            return url is not None
        return same_name(name) in self.names or self._own_domain_name(name)

    def _own_domain_name(self, name: str) -> bool:
        match = BARE_DOMAIN.fullmatch(name.strip())
        return match is not None and within(match[1].lower(), self.domains)

    def is_own_url(self, url: str) -> bool:
        return within(host(url), self.domains)

    def other(self, url: str | None) -> str | None:
        """Name of the known publisher whose address it is."""
        if url is None or not self.others:
            return None
        place = host(url)
        if within(place, self.domains):
            return None
        return next((name for domain, name in self.others if within(place, (domain,))), None)

    def is_known_exactly(self, name: str) -> bool:
        """As `is_known`, but names of up to three letters with their case: `RT` is an outlet, `rt` is a typo."""
        return self.is_known(name) and (len(name) > 3 or any(name == other for _, other in self.others))

    def is_known(self, name: str) -> bool:
        return same_name(name) in _names_of(self.others)


class _Names:
    """The names of publishers as they are compared. The list is one and the same for all entries of a document, and as
    long as the operator's: to hash it would take longer than to look a name up in it."""

    others: tuple[tuple[str, str], ...] = ()
    names: frozenset[str] = frozenset()


def _names_of(others: tuple[tuple[str, str], ...]) -> frozenset[str]:
    if _Names.others is not others:
        _Names.names, _Names.others = frozenset(same_name(name) for _, name in others), others
    return _Names.names


@lru_cache(maxsize=4_096)
def same_name(name: str) -> str:
    """A name as it is compared: NFKC, case folded, white space collapsed, no leading article or closing dot."""
    folded = _SPACE.sub(" ", unicodedata.normalize("NFKC", name).casefold()).strip(" .,;:'\"“”‘’«»")
    return folded.removeprefix("the ")


@lru_cache(maxsize=1_024)
def host(url: str) -> str:
    return (urlsplit(url).hostname or "").rstrip(".")


def within(name: str, domains: tuple[str, ...]) -> bool:
    """Whether a host is one of the domains or below one. `notexample.org` is not below `example.org`."""
    return any(name == domain or name.endswith(f".{domain}") for domain in domains)


def known(request: ParseRequest, feed: FeedClaims, authors: tuple[str, ...]) -> Known:
    """Who is who for one entry."""
    names, domains = _publisher(request.own_names, request.own_domains, request.url, feed.title)
    return Known(names, domains, request.others, authors)


@lru_cache(maxsize=16)
def _publisher(
    names: frozenset[str], domains: frozenset[str], address: str, title: str | None
) -> tuple[frozenset[str], tuple[str, ...]]:
    """(names, domains) of the feed's own publisher, as they are compared: the same for all entries of a document."""
    own = tuple(domain.lower().removeprefix("www.") for domain in sorted(domains))
    if not own:
        # Without a policy nobody vouches for domains: the place that was polled is the publisher's, and no other.
        own = (re.sub(r"^(?:www|feeds?|rss)\.", "", host(address)),)
    called = {same_name(name) for name in names}
    if not called and title:
        called.add(same_name(title))
    return frozenset(called), own
