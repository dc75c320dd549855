"""What a site's documents say to machines, read from their text; and what that means for one address: notices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

import msgspec

from aggregator.model.entry import Level, Notice, NoticeKind
from aggregator.model.evidence import Evidence, EvidenceKind, PolicyWord, Reservation, SiteWords
from aggregator.model.rsl import RslContent, RslDocument
from aggregator.model.use import Use
from aggregator.rights.licences import known
from aggregator.rights.machine import (
    machine_notices,
    path_matches,
    robots_licences,
    robots_rules,
    rule_signals,
    tdm_reservation,
)
from aggregator.rights.notices import ODRL_CARRIER
from aggregator.rights.rsl import audiences_of, notices_from_rsl
from aggregator.rights.site_header import header_notices

AGENT = "aggregator"
"""Our product token: a group of robots.txt that names it speaks to us."""
LICENCES_MAX = 3
"""RSL documents that one site may name."""
RULES_MAX = 1_000
QUOTE_MAX = 500
_WEB = ("http://", "https://")


def origin_of(address: str) -> str | None:
    """`https://host:port`, the port only if it is written; None: not a web address.

    A user name or password is left out.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if port is None else f":{port}")


# ── one document ─────────────────────────────────────────────────────────────────────────────────────────────────


def read_robots(text: str) -> tuple[SiteWords | None, tuple[str, ...]]:
    """What a robots.txt says to us about machine use, None for nothing; and a warning for each line not understood.

    Whether we may ask for a page at all is another matter: a feed is published to be asked for.
    """
    rules = robots_rules(text, AGENT)[:RULES_MAX]
    warnings: list[str] = []
    for key, value in rules:
        # Each by itself, whatever its path: an odd line is told once, not at every entry.
        usage = value.partition(" ")[2] if key == "content-usage" and value.startswith("/") else value
        warnings += rule_signals([(key, usage)], "/")[1]
    licences = []
    for written in robots_licences(text, AGENT):
        if written.startswith(_WEB) and origin_of(written) is not None:
            licences.append(written)
        else:
            warnings.append(f"License: '{written[:80]}' is not an absolute web address")
    if len(licences) > LICENCES_MAX:
        warnings.append(f"License: {len(licences)} documents are named; {LICENCES_MAX} are read")
    words = SiteWords(rules=rules, licences=tuple(licences[:LICENCES_MAX]))
    return (None if words == SiteWords() else words), _each("robots.txt", warnings)


def page_words(
    said: Iterable[tuple[str, str]], documents: Iterable[str], contents: tuple[RslContent, ...]
) -> tuple[SiteWords | None, tuple[str, ...]]:
    """What a home page says of its site, None for nothing; and a warning for each thing not understood.

    Args:
        said: (carrier, value) of what stands in its head, links and linked data.
        documents: addresses of RSL documents that it names.
        contents: RSL that stands in the page itself.
    """
    told = tuple(said)
    values = dict(reversed(told))  # the first of each counts
    warnings: list[str] = []
    reservations: tuple[Reservation, ...] = ()
    written = values.get("meta tdm-reservation")
    if written is not None:
        signals = tdm_reservation(written)
        if signals:
            policy = values.get("meta tdm-policy")
            reservations = (Reservation(location="/", reserved=not signals[0].allowed, policy=policy),)
        else:
            warnings.append(f"tdm-reservation: '{written[:80]}' is not understood")
    rules = tuple(("content-usage", value) for carrier, value in told if carrier == "meta content-usage")
    for _, value in rules:
        warnings += rule_signals([("content-usage", value)], "/")[1]
    for carrier, value in told:
        if carrier in _ROBOTS and {"noai", "noimageai"} & set(value.lower().replace(",", " ").split()):
            rules += (("content-signal", "ai-train=no"),)
    stated: dict[tuple[str, str], None] = {}
    for carrier, value in told:
        if carrier not in _LICENSING:
            continue
        licence = known(value)
        if licence is None:
            warnings.append(f"{carrier}: '{value[:80]}' is no licence that is known; it is not taken for one")
        else:
            stated[carrier, licence.url or licence.id] = None
    words = SiteWords(
        rules=tuple(dict.fromkeys(rules)),
        licences=tuple(documents)[:LICENCES_MAX],
        reservations=reservations,
        contents=contents,
        stated=tuple(stated),
    )
    return (None if words == SiteWords() else words), _each("page", warnings)


_ROBOTS = frozenset({"meta robots", "meta googlebot", "meta googlebot-news"})
_LICENSING = frozenset({"rel=license", "schema.org license", "meta dcterms.license"})


def read_tdmrep(data: bytes, base: str = "") -> tuple[SiteWords | None, tuple[str, ...]]:
    """What a tdmrep.json says, None for nothing; and a warning for each rule not understood.

    Args:
        base: where it stands, by which the addresses of policies are completed.
    Raises:
        ValueError: it is no list of rules; the message is one line.
    """
    try:
        found = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError("not JSON") from error
    if not isinstance(found, list):
        raise ValueError("not a list of rules")
    warnings: list[str] = []
    reservations = []
    for rule in found[:RULES_MAX]:
        location = rule.get("location") if isinstance(rule, dict) else None
        value = rule.get("tdm-reservation") if isinstance(rule, dict) else None
        if not isinstance(location, str) or not isinstance(value, int | str) or not tdm_reservation(value):
            warnings.append(f"'{str(rule)[:80]}' is not understood")
            continue
        policy = rule.get("tdm-policy")
        reservations.append(
            Reservation(
                location=location.strip()[:2_000],
                reserved=not tdm_reservation(value)[0].allowed,
                policy=completed(policy[:300], base) if isinstance(policy, str) else None,
            )
        )
    words = SiteWords(reservations=tuple(reservations)) if reservations else None
    return words, _each("tdmrep.json", warnings)


def completed(address: str, base: str) -> str:
    """An address, absolute where it can be."""
    try:
        return urljoin(base, address.strip())
    except ValueError:
        return address


def _each(document: str, warnings: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{document}: {' '.join(line.split())}" for line in warnings))[:20]


def quote(words: SiteWords) -> str:
    """All of it in a line, as it was written, bounded."""
    told = [f"{key}: {value}" for key, value in words.rules]
    told += [f"License: {address}" for address in words.licences]
    for rule in words.reservations:
        told.append(f"{rule.location} tdm-reservation={int(rule.reserved)}")
    told += [f"{carrier}: {licence}" for carrier, licence in words.stated]
    told += [f"{name}: {value}" for name, value in words.headers]
    told += [f"policy: {address}" for address in words.policies]
    told += [word.said for word in words.policy]
    if words.contents:
        told += [notice.value for notice in notices_from_rsl(RslDocument(contents=words.contents))[:1]]
    return "; ".join(" ".join(line.split()) for line in told)[:QUOTE_MAX]


# ── put to an address ────────────────────────────────────────────────────────────────────────────────────────────


def site_notices(
    evidence: Iterable[Evidence], feed: str, url: str | None, use: Use | None = None
) -> tuple[Notice, ...]:
    """What a site says of an entry, and of the feed that it was taken from: both bind.

    Args:
        evidence: of the source; what speaks for another origin than the feed's is not heard.
        feed: address of the feed.
        url: of the entry; None, or at another host than the feed's: nothing is said of it.
        use: what is asked for; what a policy says of other uses alone is left out. None: all that is said.
    """
    origin = origin_of(feed)
    addresses = [feed]
    if url is not None and _host(url) == _host(feed):
        addresses.append(url)
    found: dict[Notice, None] = {}
    heard = [(one, one.words) for one in evidence if one.words is not None and one.origin == origin]
    for one, words in heard:
        for address in addresses:
            if one.kind is not EvidenceKind.ODRL:
                for notice in _of(one, words, address, use):
                    found[replace(notice, carrier=f"{notice.carrier} in {one.url}")] = None
            elif _is_named(one.url, (other for _, other in heard), address):
                for notice in _of_policy(words.policy, address, use):
                    found[replace(notice, carrier=f"{notice.carrier} in {one.url}")] = None
    return tuple(found)


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).netloc.rpartition("@")[2].lower() or None
    except ValueError:
        return None


def _of(evidence: Evidence, words: SiteWords, address: str, use: Use | None) -> Iterator[Notice]:
    if evidence.kind is EvidenceKind.RSL:
        yield from notices_from_rsl(RslDocument(contents=words.contents), address, Level.SITE, use)
        return
    level = Level.FEED if evidence.kind is EvidenceKind.FEED else Level.SITE
    for carrier, licence in words.stated:
        yield Notice(kind=NoticeKind.LICENCE, level=level, value=licence, carrier=carrier)
    yield from header_notices(words.headers, level)
    if evidence.kind is EvidenceKind.PAGE:
        # What stands in a page and names no address speaks of that page alone.
        named = tuple(one for one in words.contents if one.url)
        yield from notices_from_rsl(RslDocument(contents=named), address, Level.SITE, use)
    path = _path(address)
    signals, _ = rule_signals(words.rules, path)
    rule = _nearest(words.reservations, path)
    if rule is not None:
        signals += tdm_reservation(int(rule.reserved), rule.policy)
    yield from machine_notices(signals, Level.SITE)


def _is_named(policy: str, documents: Iterable[SiteWords], address: str) -> bool:
    """Whether a policy is named for an address: for the whole site, or by the rule of tdmrep.json that fits it."""
    path = _path(address)
    for words in documents:
        rule = _nearest(words.reservations, path)
        if policy in words.policies or (rule is not None and rule.policy == policy):
            return True
    return False


def _of_policy(policy: Iterable[PolicyWord], address: str, use: Use | None) -> Iterator[Notice]:
    for word in policy:
        if use is not None and word.to and not set(word.to) & audiences_of(use):
            continue
        if use is not None and word.media and use.medium not in word.media:
            continue
        if not word.targets or any(_is_meant(target, address) for target in word.targets):
            yield Notice(kind=word.kind, level=Level.SITE, value=word.said, carrier=ODRL_CARRIER, limits=word.limits)


def _is_meant(target: str, address: str) -> bool:
    """Whether a target may be an address, or hold it: what is no web address could mean anything."""
    if not target.startswith(_WEB) or (host := _host(target)) is None:
        return True
    if host.removeprefix("www.") != (_host(address) or "").removeprefix("www."):
        return False
    path, asked = _path(target), _path(address)
    return asked == path or asked.startswith(path.rstrip("/") + "/")


def _nearest(rules: Iterable[Reservation], path: str) -> Reservation | None:
    """The rule with the longest location that fits; of equals, one that reserves."""
    fitting = [rule for rule in rules if path_matches(rule.location, path)]
    return max(fitting, key=lambda rule: (len(rule.location), rule.reserved), default=None)


def _path(address: str) -> str:
    parts = urlsplit(address)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
