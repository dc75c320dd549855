"""Through whose hands an entry went: hops from its elements and from its text, each with its evidence.

The publisher itself is never a hop here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from aggregator.intake.article import Line
from aggregator.intake.claims import FeedClaims, ItemClaims, Mention, SourceClaim
from aggregator.intake.credit_lines import COPYRIGHT, EVIDENCE_MAX, NAME_MAX, bylines, credit_lines, holders_in
from aggregator.intake.known import Known, host, same_name
from aggregator.intake.phrases import AGENCIES
from aggregator.model.entry import Level, NoticeKind
from aggregator.model.origin import Certainty, Origin
from aggregator.model.parsed import ParseRequest


def origins(
    claims: ItemClaims,
    feed: FeedClaims,
    url: str | None,
    lines: list[Line],
    who: Known,
    request: ParseRequest,
    *,
    claimed: bool = True,
) -> tuple[Origin, ...]:
    """The hops of one entry, the first originated it; the publisher itself is not among them.

    Args:
        url: the entry's permalink.
        lines: of its text.
        claimed: what `may_claim` says of that text, where it is known.
    """
    found = [
        *credit_lines(lines, who, claimed=claimed),
        *bylines(who),
        *(_canonical(claims, who) if claims.links else ()),
        *(origin for mention in claims.mentions if (origin := _mention(mention, who)) is not None),
        *_source(claims.source, feed, who, request),
        *_entry_link(url, who),
        *(_via(claims, who) if claims.links else ()),
        *_held_by_others(claims, who),
    ]
    return _merged(found, tuple(_chain(claims, who)))


def _chain(claims: ItemClaims, who: Known) -> Iterator[Origin]:
    """The hops that the item lists one by one: several of one name or host are as many hops."""
    for hop in claims.chain:
        if not who.owns(hop.name, hop.url):
            told = " ".join(filter(None, (hop.name, hop.url, hop.author, hop.notice)))
            yield Origin(
                name=hop.name,
                url=hop.url,
                author=hop.author,
                notice=hop.notice,
                carrier=hop.carrier,
                evidence=told[:EVIDENCE_MAX],
            )


def _canonical(claims: ItemClaims, who: Known) -> Iterator[Origin]:
    for link in claims.links:
        if link.rel == "canonical" and not who.is_own_url(link.href):
            yield Origin(
                name=who.other(link.href), url=link.href, carrier="rel=canonical", evidence=link.href[:EVIDENCE_MAX]
            )


def _via(claims: ItemClaims, who: Known) -> Iterator[Origin]:
    for link in claims.links:
        if link.rel == "via" and not who.is_own_url(link.href):
            name = who.other(link.href) or link.title
            yield Origin(name=name, url=link.href, carrier="rel=via", evidence=link.href[:EVIDENCE_MAX])


def _entry_link(url: str | None, who: Known) -> Iterator[Origin]:
    name = who.other(url)
    if name is not None and url is not None:
        yield Origin(name=name, url=url, carrier="entry-link", evidence=url[:EVIDENCE_MAX])


def _source(source: SourceClaim | None, feed: FeedClaims, who: Known, request: ParseRequest) -> Iterator[Origin]:
    if source is None or _is_this_feed(source, feed, who, request):
        return
    yield Origin(
        name=source.title,
        url=source.url,
        author=source.author,
        notice=source.rights,
        feed_id=source.feed_id,
        feed_url=source.feed_url,
        carrier=source.carrier,
        evidence=" ".join(part for part in (source.title, source.feed_id, source.url, source.feed_url) if part)[
            :EVIDENCE_MAX
        ],
    )


def _is_this_feed(source: SourceClaim, feed: FeedClaims, who: Known, request: ParseRequest) -> bool:
    addresses = [address for address in (source.feed_url, source.url) if address]
    if addresses:
        mine = {request.url, feed.self_url, feed.url}
        return all(address in mine or who.is_own_url(address) for address in addresses)
    if source.feed_id is not None:
        return source.feed_id == feed.feed_id
    return source.title is None or who.owns(source.title, None) or source.title == feed.title


def _mention(mention: Mention, who: Known) -> Origin | None:
    if mention.url is not None:
        if who.is_own_url(mention.url):
            return None
        name = who.other(mention.url)
    else:
        name = (mention.name or "")[:NAME_MAX]
        if not name or who.owns(name, None) or who.wrote(name) or "@" in name:  # an address of mail names nobody
            return None
    sure = mention.carrier in {"dc:source", "dcterms:source", "dcterms:isVersionOf"} and not (
        name or ""
    ).lower().startswith(("urn:", "isbn"))
    return Origin(
        name=name,
        url=mention.url,
        carrier=mention.carrier,
        evidence=mention.text[:EVIDENCE_MAX],
        certainty=Certainty.SURE if sure else Certainty.UNSURE,
    )


def _held_by_others(claims: ItemClaims, who: Known) -> Iterator[Origin]:
    """Copyright notices of the item that name an agency or a publisher that we know as another."""
    for notice in claims.notices:
        if notice.level is Level.ENTRY and notice.kind is NoticeKind.RIGHTS and COPYRIGHT.match(notice.value):
            for name in holders_in(notice.value):
                if not who.owns(name, None) and (name in AGENCIES or who.is_known(name)):
                    yield Origin(
                        name=AGENCIES.get(name, name),
                        notice=notice.value[:EVIDENCE_MAX],
                        carrier="copyright-line",
                        evidence=notice.value[:EVIDENCE_MAX],
                    )


def _merged(found: list[Origin], listed: tuple[Origin, ...] = ()) -> tuple[Origin, ...]:
    """Each publisher once, where it first stood, with all that was told of it.

    Args:
        listed: hops in their order, which stand as they are; what else was found of them completes them.
    """
    kept = list(listed)
    for origin in found:
        at = next((position for position, other in enumerate(kept) if _same(origin, other)), None)
        if at is None:
            kept.append(origin)
        else:
            kept[at] = _joined(kept[at], origin)
    return tuple(kept)


def _same(one: Origin, other: Origin) -> bool:
    hosts, others = _hosts(one), _hosts(other)
    if hosts and others:
        return bool(hosts & others)
    return one.name is not None and other.name is not None and same_name(one.name) == same_name(other.name)


def _hosts(origin: Origin) -> set[str]:
    return {host(url).removeprefix("www.") for url in (origin.url, origin.feed_url) if url}


def _joined(first: Origin, second: Origin) -> Origin:
    sure = Certainty.SURE in (first.certainty, second.certainty)
    return replace(
        first,
        name=first.name or second.name,
        url=first.url or second.url,
        author=first.author or second.author,
        notice=first.notice or second.notice,
        feed_id=first.feed_id or second.feed_id,
        feed_url=first.feed_url or second.feed_url,
        certainty=Certainty.SURE if sure else Certainty.UNSURE,
    )
