"""Through whose hands an entry went, and whose policy speaks for each of them (rulings 13–15).

The hop of an entry's own link is found here and not on the way in: whom a domain belongs to is said by the policies of
today, so that an edited policy acts without another poll.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aggregator.model.decision import Hop, Question
from aggregator.model.entry import Entry
from aggregator.model.origin import Certainty, Origin
from aggregator.model.policy import Policy
from aggregator.rights.names import NAMES_MAX, fold, host, stands_in

if TYPE_CHECKING:
    from aggregator.rights.policies import Policies

IN_TEXT = ("credit-line", "copyright-line")
"""Carriers whose words are the claim, and whose link is only a help to the reader."""
ENTRY_LINK = "entry-link"
"""Carrier of the hop that the entry's permalink makes."""
SOURCE, LINK = -1, -2
"""Mentions that are no origins: the polled source itself, and the entry's permalink."""
NOBODY = "another publisher"
"""Name of a hop of which nothing but its existence is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One publisher whose word counts for this entry."""

    hop: Hop
    policy: Policy | None
    """Whose word may loosen; None: nobody knows this publisher well enough for that."""
    tighten: tuple[Policy, ...] = ()
    """Whose asks and denies count as well: name or domain points to them, though not both."""
    article: str | None = None
    """Where the article, or what stands for it, is to be found with this publisher, as the feed says."""
    sure: bool = True
    is_source: bool = False
    mentions: tuple[int, ...] = ()
    """Where the entry tells of it: places among its origins, `SOURCE`, `LINK`. The first that gives a fact counts."""

    @property
    def contact(self) -> str | None:
        return self.policy.contact if self.policy else None


def _source(question: Question, policy: Policy | None) -> Party:
    entry = question.stored.entry
    author = entry.authors[0].name if entry.authors else None
    if policy is None:
        hop = Hop(name=entry.source, policy=None, url=entry.url, author=author, carrier="source")
    else:
        url = entry.url or policy.publisher.url
        hop = Hop(name=policy.publisher.name, policy=policy.id, url=url, author=author, carrier="source")
    return Party(hop=hop, policy=policy, article=entry.url, is_source=True, mentions=(SOURCE,))


def _own_first(policies: tuple[Policy, ...], own: Policy | None) -> tuple[Policy, ...]:
    """The source's own policy before others that know the same domain or name."""
    if own is None or all(policy.id != own.id for policy in policies):
        return policies
    return (own, *(policy for policy in policies if policy.id != own.id))


def _credits_other(origin: Origin, own: Policy | None) -> bool:
    """Whether a credit line names somebody else. Its link says nothing then: often it leads to the site's own tags."""
    if own is None or origin.carrier not in IN_TEXT or not origin.name:
        return False
    claim = fold(origin.name)
    return not any(stands_in(fold(name), claim) for name in (own.publisher.name, *own.publisher.aliases))


@dataclass(frozen=True, slots=True)
class Standing:
    """Whom an origin means, as far as the policies know."""

    name: str
    speaker: Policy | None
    """Whose word may loosen."""
    tighten: tuple[Policy, ...]


def _strays(address: tuple[str | None, ...], policy: Policy, policies: Policies) -> bool:
    """Whether one of an origin's addresses is not the publisher's: then a domain alone does not tell whose it is."""
    return any(name is not None and policy not in policies.at([name]) for name in address)


def _standing(origin: Origin, own: Policy | None, policies: Policies) -> Standing:
    """Whom an origin means. To loosen, the domain must match, or there is a name and no address at all.

    Of two addresses, page and feed, both must match, or one and the name: a feed may be served from elsewhere.
    """
    address = host(origin.url), host(origin.feed_url)
    key = (own.id if own else None, origin.name, *address, origin.carrier in IN_TEXT)
    found = policies.standings.get(key)
    if found is not None:
        return found
    known = policies.recognise(origin)
    trusted = known.by_domain or (() if known.has_address else known.by_name)
    trusted = _own_first(trusted, own)
    if trusted and trusted[0] is not own and trusted[0] not in known.by_name and _strays(address, trusted[0], policies):
        trusted = ()
    if _credits_other(origin, own) and trusted and own is not None and trusted[0].id == own.id:
        trusted = trusted[1:]
    speaker = trusted[0] if trusted else None
    others = {policy.id: policy for policy in (*known.by_domain, *known.by_name, *known.by_mention)}
    for heard in (speaker, own):  # the source's own policy is heard at its own hop
        if heard is not None:
            others.pop(heard.id, None)
    told = (origin.name or "").strip() or address[0] or address[1] or NOBODY
    found = Standing(speaker.publisher.name if speaker else told, speaker, tuple(others.values()))
    if len(policies.standings) >= NAMES_MAX:
        policies.standings.clear()
    policies.standings[key] = found
    return found


def _party(origin: Origin, own: Policy | None, policies: Policies, mention: int) -> Party:
    """One origin as a party.

    Args:
        mention: its place among the entry's origins, or `LINK`.
    """
    standing = _standing(origin, own, policies)
    speaker = standing.speaker
    hop = Hop(
        name=standing.name,
        policy=speaker.id if speaker else None,
        url=origin.url or origin.feed_url or (speaker.publisher.url if speaker else None),
        claimed=speaker is None,
        author=origin.author,
        notice=origin.notice,
        carrier=origin.carrier,
    )
    sure = origin.certainty is Certainty.SURE
    return Party(hop=hop, policy=speaker, tighten=standing.tighten, article=origin.url, sure=sure, mentions=(mention,))


def _linked(entry: Entry, own: Policy | None, policies: Policies) -> Party | None:
    """The publisher to whom the entry's permalink leads, if it is known and another than the source's own."""
    if not policies.leads_elsewhere(entry.url, own.id if own else None):
        return None
    return _party(Origin(url=entry.url, carrier=ENTRY_LINK), own, policies, LINK)


def _merged(first: Party, second: Party) -> Party:
    """Two mentions of one publisher: the first keeps its place and takes what it lacks from the second."""
    hop = replace(
        first.hop,
        url=first.hop.url or second.hop.url,
        author=first.hop.author or second.hop.author,
        notice=first.hop.notice or second.hop.notice,
    )
    tighten = {policy.id: policy for policy in (*first.tighten, *second.tighten)}
    if first.policy is not None:
        tighten.pop(first.policy.id, None)
    article = first.article if first.is_source else first.article or second.article
    return replace(
        first,
        hop=hop,
        tighten=tuple(tighten.values()),
        article=article,
        sure=first.sure or second.sure,
        mentions=first.mentions + second.mentions,
    )


def _same(first: Party, second: Party) -> bool:
    """Whether two hops are one publisher: one policy, or one claimed name, or one host where a name is missing."""
    if first.policy is not None or second.policy is not None:
        return first.policy is not None and second.policy is not None and first.policy.id == second.policy.id
    if first.is_source or second.is_source:
        return False
    if fold(first.hop.name) == fold(second.hop.name):
        return True
    address = host(first.hop.url)
    nameless = address in (first.hop.name, second.hop.name)
    return address is not None and nameless and address == host(second.hop.url)


def parties(question: Question, policies: Policies) -> tuple[Party, ...]:
    """Every publisher whose word counts, the originator first, the source last, each once."""
    entry = question.stored.entry
    own = policies.by_id(question.policy)
    source = _source(question, own)
    found: list[Party] = []
    for party in _travelled(entry, own, policies):
        if _same(party, source):
            source = _merged(source, party)
            continue
        twin = next((index for index, other in enumerate(found) if _same(party, other)), None)
        if twin is None:
            found.append(party)
        else:
            found[twin] = _merged(found[twin], party)
    return (*found, source)


def _travelled(entry: Entry, own: Policy | None, policies: Policies) -> list[Party]:
    """Each mention of somebody else, in order of travel. What intake knew of the entry's link is found anew."""
    linked = _linked(entry, own, policies)
    found: list[Party] = []
    for place, origin in enumerate(entry.origins):
        if origin.carrier != ENTRY_LINK or origin.url != entry.url:
            found.append(_party(origin, own, policies, place))
        elif linked is not None:
            found.append(linked)
            linked = None
    return found if linked is None else [*found, linked]


def way_of(question: Question, policies: Policies) -> tuple[object, ...]:
    """What `parties` looks at, hashable: entries with one way have gone through the same hands in the same order.

    What else an entry tells of a hop (its links, authors, notices) is filled in by `hop_of`.
    """
    entry = question.stored.entry
    own = question.policy if policies.by_id(question.policy) is not None else None
    link = host(entry.url) if policies.leads_elsewhere(entry.url, own) else None
    return (
        own,
        question.policy if own is None else None,
        entry.source if own is None else None,
        link,
        *[
            (
                origin.name,
                not origin.url,
                host(origin.url),
                host(origin.feed_url),
                origin.carrier,
                origin.certainty,
                origin.carrier == ENTRY_LINK and origin.url == entry.url,
            )
            for origin in entry.origins
        ],
    )


def hop_of(party: Party, entry: Entry) -> tuple[Hop, str | None]:
    """The hop of another entry that went the same way, and where the article is to be found there.

    Args:
        party: of an entry with the same `way_of`.
    """
    known, policy = party.hop, party.policy
    home = policy.publisher.url if policy is not None else None
    url = author = notice = article = None
    for mention in party.mentions:
        if mention == SOURCE:
            author = entry.authors[0].name if entry.authors else None
            url = entry.url if policy is None else entry.url or home
        elif mention == LINK:
            url = url or entry.url or home
            article = article or entry.url
        else:
            origin = entry.origins[mention]
            url = url or origin.url or origin.feed_url or home
            author = author or origin.author
            notice = notice or origin.notice
            article = article or origin.url
    if party.is_source:
        article = entry.url
    hop = Hop(
        name=known.name,
        policy=known.policy,
        url=url,
        claimed=known.claimed,
        author=author,
        notice=notice,
        carrier=known.carrier,
    )
    return hop, article
