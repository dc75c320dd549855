"""What feeds stand behind an address, what each holds, and what it says of its rights: looked at, never stored."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urljoin, urlsplit

from aggregator.errors import UsageError
from aggregator.intake.page import TYPES, FeedLink, common_paths, feed_links, looks_like_page, page_behind
from aggregator.model.entry import Level, NoticeKind
from aggregator.model.fetched import Answer, Ask, FetchFailed
from aggregator.model.parsed import FeedFacts, ParsedFeed, ParseRequest
from aggregator.polling.header import links
from aggregator.rights.licences import known
from aggregator.rights.names import host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from aggregator.model.entry import Entry
    from aggregator.model.parsed import ParseFailed
    from aggregator.model.policy import Policy
    from aggregator.service.poll import Parse
    from aggregator.service.world import World

CANDIDATES_MAX = 12
"""Addresses that one page can have us ask."""
MOVES_MAX = 5
"""Permanent moves that are followed to the address worth writing down."""
DOORS_MAX = 3
"""Pages that are gone through where one only leads to the next."""
QUOTE_MAX = 300
STATEMENTS_MAX = 20
ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, text/html;q=0.9, application/xhtml+xml;q=0.9, "
    "application/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
)


class Asking(Protocol):
    """One request under the one fetcher's guard and limits."""

    async def __call__(self, ask: Ask, now: datetime) -> Answer | FetchFailed: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a look at the web works with."""

    ask: Asking
    parse: Parse
    clock: Callable[[], datetime]
    private_addresses: bool = False
    """Whether this look may go where the settings alone would not let it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a feed or its entries say of their rights: a claim, with its words and its place."""

    level: Level
    carrier: str
    kind: NoticeKind
    quote: str
    entries: int
    """That carry it."""
    licence: str | None = None
    """Id of the licence that it names, where that is a known one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A feed that can be subscribed to; or, with `problem`, an address that was named as one and is none."""

    url: str
    """As it should be configured: after moves for good, not after passing ones."""
    how: str
    """`the address itself`, `link in the header`, `link in the page`, `address in the page`, `common path`."""
    named: str | None = None
    """What the page calls it."""
    problem: str | None = None
    title: str | None = None
    """The feed's own: a claim."""
    format: str = ""
    home: str | None = None
    entries: int = 0
    full_texts: int = 0
    """Entries that carry their whole text."""
    newest_at: datetime | None = None
    languages: tuple[str, ...] = ()
    rights: tuple[Statement, ...] = ()
    others: tuple[str, ...] = ()
    """Publishers that its entries name as their origin."""
    policy: str | None = None
    """Id of the policy whose publisher's domain the feed stands on."""
    resembles: tuple[str, ...] = ()
    """Ids of policies whose publisher has the feed's title for a name: a claim that a person must check."""
    configured: str | None = None
    """Id of the source that reads this address already."""
    warnings: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        return self.problem is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What stands behind an address."""

    asked: str
    candidates: tuple[Candidate, ...]
    """The best first; those that are none at the end."""
    problem: str | None = None
    """Why there is none at all."""

    @property
    def feeds(self) -> tuple[Candidate, ...]:
        return tuple(candidate for candidate in self.candidates if candidate.usable)


def web_address(written: str) -> tuple[str, ...]:
    """The addresses that somebody may have meant, the likeliest first.

    Raises:
        UsageError: it is no web address.
    """
    text = written.strip()
    lower = text.lower()
    if lower.startswith("file:") or text.startswith(("/", "./", "~")):
        raise UsageError(
            "'%(text)s' is a file; 'file:' sources are only written by hand, in sources.yaml "
            "(see docs/configuration.md)",
            text=text,
        )
    if lower.startswith(("feed:", "rss:")):
        text = text.partition(":")[2].removeprefix("//")
    bare = text.lstrip("/")
    found = [text] if "://" in text else [f"https://{bare}", f"http://{bare}"]
    for address in found:
        try:
            parts = urlsplit(address)
            fine = parts.scheme.lower() in {"http", "https"} and parts.hostname and parts.port != 0
        except ValueError:
            fine = False
        if not fine or not address.isprintable() or " " in address:
            raise UsageError("'%(written)s' is not a web address; write one with https:// or http://", written=written)
        if parts.username is not None or parts.password is not None:
            raise UsageError(
                "the address holds a user name or password; add the feed by hand, with 'auth: {basic: env:NAME}'"
            )
    return tuple(address.partition("#")[0] for address in found)


async def discover(written: str, world: World, tools: Tools) -> Discovery:
    """Asks an address, and the feeds that it names, and says what they are.

    Every request goes through the one fetcher: its guard and limits hold for whatever a page names. At most
    `CANDIDATES_MAX` are asked.

    Raises:
        UsageError: it is no web address.
    """
    answer: Answer | str = ""
    address = written
    for address in web_address(written):
        answer = await _settled(address, world, tools)
        if isinstance(answer, Answer):
            break
    if isinstance(answer, str):
        return Discovery(asked=address, candidates=(), problem=answer)
    for doors in reversed(range(DOORS_MAX)):
        itself = await _candidate(FeedLink(url=answer.url, how="the address itself"), answer, world, tools)
        if itself.usable:
            return Discovery(asked=address, candidates=(itself,))
        named = await asyncio.to_thread(_named, answer)  # a page may be large, and the loop has others to serve
        behind = None if named or not doors else await asyncio.to_thread(_behind, answer)
        if behind is None or not isinstance(further := await _settled(behind, world, tools), Answer):
            break
        answer = further
    found = await _look(named, world, tools)
    if not any(candidate.usable for candidate in found) and looks_like_page(
        answer.body, answer.headers.get("Content-Type")
    ):
        guesses = [link for link in common_paths(answer.url) if link.url not in {link.url for link in named}]
        found += [one for one in await _look(guesses[:CANDIDATES_MAX], world, tools) if one.usable]
    found = _ranked(found)
    problem = None if any(candidate.usable for candidate in found) else _nothing(answer, itself, named)
    return Discovery(asked=address, candidates=tuple(found), problem=problem)


def _nothing(answer: Answer, itself: Candidate, links: Sequence[FeedLink]) -> str:
    if links:
        return f"none of the {len(links)} addresses that {answer.url} names is a feed that can be read"
    if looks_like_page(answer.body, answer.headers.get("Content-Type")):
        return (
            f"{answer.url} is a page that names no feed, and none stands at the usual paths; look for an RSS link on it"
        )
    return f"{answer.url}: {itself.problem}"


async def _settled(url: str, world: World, tools: Tools) -> Answer | str:
    """The answer of an address, under the address that is worth writing down; or why there is none.

    A move for good (301, 308) is followed to its target's own address; one that may be another tomorrow is not.
    """
    settings = world.configuration.settings.polling
    ask = Ask(
        url=url,
        accept=ACCEPT,
        timeout=settings.timeout,
        max_size=settings.max_size,
        private_addresses=settings.private_addresses or tools.private_addresses,
        redirects=False,
        purpose="discovery",
    )
    answer = await tools.ask(ask, tools.clock())
    for _ in range(MOVES_MAX):
        if isinstance(answer, FetchFailed) or answer.status not in {301, 308}:
            break
        target = _target(ask.url, answer.headers.get("Location", ""))
        if target is None:
            return f"{ask.url}: answered {answer.status} without an address to go to"
        ask = replace(ask, url=target)
        answer = await tools.ask(ask, tools.clock())
    if isinstance(answer, Answer) and 300 <= answer.status < 400:
        answer = await tools.ask(replace(ask, redirects=True), tools.clock())
    if isinstance(answer, FetchFailed):
        return f"{ask.url}: {answer.detail}"
    if answer.status not in {200, 203}:
        return f"{ask.url}: answered {answer.status}{_STATUS.get(answer.status, '')}"
    return replace(answer, url=ask.url)


_STATUS = {
    401: "; it wants a password: add it by hand, with 'auth: {basic: env:NAME}'",
    403: " (forbidden): the site may refuse programs; ask its publisher",
    404: " (not there); check the address",
    410: " (gone for good)",
    429: " (too many requests); try again later",
}


def _target(url: str, location: str) -> str | None:
    try:
        target = urljoin(url, location.strip()).partition("#")[0]
        return target if location.strip() and urlsplit(target).scheme in {"http", "https"} else None
    except ValueError:
        return None


def _named(answer: Answer) -> list[FeedLink]:
    """The feeds that an answer names: in its header first, then in its page."""
    found = {
        link.href: FeedLink(url=link.href, title=link.title, type=link.type, how="link in the header")
        for link in links([answer.headers.get("Link", "")], answer.url)
        if link.rel == "alternate" and link.type in TYPES
    }
    content_type = answer.headers.get("Content-Type")
    for link in feed_links(answer.body, content_type, answer.url) if looks_like_page(answer.body, content_type) else ():
        found.setdefault(link.url, link)
    declared = [link for link in found.values() if link.how != "address in the page"]
    # Addresses that only look like a feed's count where the page declares none: they are often other people's.
    return (declared or list(found.values()))[:CANDIDATES_MAX]


def _behind(answer: Answer) -> str | None:
    content_type = answer.headers.get("Content-Type")
    is_page = looks_like_page(answer.body, content_type)
    return page_behind(answer.body, content_type, answer.url) if is_page else None


async def _look(links: Sequence[FeedLink], world: World, tools: Tools) -> list[Candidate]:
    """Asks each; what turns out to be one address is one candidate."""

    async def one(link: FeedLink) -> Candidate:
        answer = await _settled(link.url, world, tools)
        if isinstance(answer, str):
            return Candidate(url=link.url, how=link.how, named=link.title, problem=answer.removeprefix(f"{link.url}: "))
        return await _candidate(replace(link, url=answer.url), answer, world, tools)

    found = await asyncio.gather(*map(one, links))
    return list({candidate.url: candidate for candidate in reversed(found)}.values())[::-1]


async def _candidate(link: FeedLink, answer: Answer, world: World, tools: Tools) -> Candidate:
    request = ParseRequest(
        source="discovery",
        url=answer.url,
        body=answer.body,
        content_type=answer.headers.get("Content-Type"),
        content_location=answer.headers.get("Content-Location"),
    )
    parsed: ParsedFeed | ParseFailed = await tools.parse(request)
    if not isinstance(parsed, ParsedFeed):
        detail = parsed.detail.partition("; run 'aggregator sources discover'")[0]
        return Candidate(url=link.url, how=link.how, named=link.title, problem=detail)
    return describe(link, parsed, world)


def describe(link: FeedLink, parsed: ParsedFeed, world: World) -> Candidate:
    """What a document holds, as far as somebody who thinks about subscribing to it wants to know."""
    facts = parsed.feed
    entries = [one.entry for one in parsed.entries]
    dates = [at for entry in entries if (at := entry.published_at or entry.updated_at)]
    languages = Counter(language for entry in entries if (language := entry.language))
    if facts.language:
        languages[facts.language] += 1
    own = world.policies.owners(host(link.url))
    home = host(facts.url)
    return Candidate(
        url=link.url,
        how=link.how,
        named=link.title,
        title=facts.title,
        format=facts.format,
        home=facts.url,
        entries=len(entries),
        full_texts=sum(entry.size is not None for entry in entries),
        newest_at=max(dates, default=None),
        languages=tuple(language for language, _ in languages.most_common(5)),
        rights=_statements(facts, entries),
        others=_others(entries, home, host(link.url)),
        policy=own[0].id if len(own) == 1 else None,
        resembles=_ids({*world.policies.named(facts.title), *world.policies.owners(home), *own}, own),
        configured=configured(world, link.url),
        warnings=parsed.warnings[:5],
    )


def _ids(policies: Iterable[Policy], own: Sequence[Policy]) -> tuple[str, ...]:
    return tuple(sorted(policy.id for policy in policies if len(own) != 1 or policy.id != own[0].id))


def _statements(facts: FeedFacts, entries: Sequence[Entry]) -> tuple[Statement, ...]:
    """Each thing that is said of rights once, with how many entries carry it."""
    counted: Counter[tuple[Level, str, NoticeKind, str]] = Counter()
    for entry in entries:
        counted.update({(n.level, n.carrier, n.kind, _cut(n.value)) for n in entry.notices})
    if facts.rights and not any(quote == _cut(facts.rights) for _, _, _, quote in counted):
        counted[Level.FEED, "feed", NoticeKind.RIGHTS, _cut(facts.rights)] = 0
    for address in facts.licences:
        counted[Level.FEED, "Link rel=license", NoticeKind.MACHINE, _cut(address)] = 0
    order = {Level.FEED: 0, Level.SITE: 1, Level.SOURCE: 2, Level.ENTRY: 3}
    ranked = sorted(counted.items(), key=lambda item: (order[item[0][0]], -item[1]))
    return tuple(
        Statement(level=level, carrier=carrier, kind=kind, quote=quote, entries=count, licence=_licence(kind, quote))
        for (level, carrier, kind, quote), count in ranked[:STATEMENTS_MAX]
    )


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= QUOTE_MAX else line[: QUOTE_MAX - 1] + "…"


def _licence(kind: NoticeKind, quote: str) -> str | None:
    found = known(quote) if kind is NoticeKind.LICENCE else None
    return found.id if found else None


def _others(entries: Sequence[Entry], *own: str | None) -> tuple[str, ...]:
    names = Counter(
        origin.name or (host(origin.url) or "")
        for entry in entries
        for origin in entry.origins
        if host(origin.url) is None or host(origin.url) not in own
    )
    return tuple(name for name, _ in names.most_common(5) if name)


_COMMENTS = re.compile(r"\bcomments?\b|\bkommentare\b|\bcommentaires\b|\bcomentarios\b", re.IGNORECASE)
_HOW = ("the address itself", "link in the header", "link in the page", "address in the page", "common path")


def _ranked(found: Sequence[Candidate]) -> list[Candidate]:
    """The best first: what can be read, has entries, and is not the comments; then as the page orders them."""

    def rank(candidate: Candidate) -> tuple[bool, bool, bool, int]:
        named = f"{candidate.named or ''} {candidate.title or ''} {urlsplit(candidate.url).path}"
        comments = bool(_COMMENTS.search(named.replace("-", " ").replace("/", " ")))
        return not candidate.usable, comments, not candidate.entries, _HOW.index(candidate.how)

    return sorted(found, key=rank)


# ── what is configured, and what could be ────────────────────────────────────────────────────────────────────────


def same_address(url: str) -> str:
    """The form in which two spellings of one address are equal: without scheme, default port, fragment."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    name = (parts.hostname or "").rstrip(".")
    place = name if port in {None, 80, 443} else f"{name}:{port}"
    return f"{place}{parts.path or '/'}{'?' + parts.query if parts.query else ''}"


def configured(world: World, url: str) -> str | None:
    """Id of the source that reads an address; None: none does."""
    wanted = same_address(url)
    return next((source.id for source in world.configuration.sources if same_address(source.feed) == wanted), None)


def slug(text: str) -> str:
    """An id made of a name; empty where no letter of it can stand in one."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48].rstrip("-")


def new_id(names: Iterable[str | None], taken: Iterable[str]) -> str:
    """An id for a new document, from the first name that gives one, with a number where it is taken."""
    base = next((made for name in names if name and (made := slug(name))), "source")
    used = set(taken)
    if base not in used:
        return base
    number = 2
    while f"{base}-{number}" in used:
        number += 1
    return f"{base}-{number}"


def site_of(url: str) -> str:
    """The host of an address, as people say it."""
    return (host(url) or "").removeprefix("www.").removeprefix("feeds.")


def policy_stub(candidate: Candidate, id_: str, now: datetime) -> dict[str, Any]:
    """A policy that says nothing yet but who publishes and what the feed itself says: everything is asked.

    The feed's title is a claim, as everything in it: the operator reads the terms before writing rules.
    """
    place = site_of(candidate.url)
    home = candidate.home if candidate.home and _same_site(place, site_of(candidate.home)) else None
    publisher: dict[str, Any] = {"name": candidate.title or candidate.named or place or id_}
    if home:
        publisher["url"] = home
    if re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z][a-z0-9-]+", place):
        publisher["domains"] = [place]
    lines = [f"Seen in the feed on {now.date()}; read the publisher's terms before you write rules."]
    lines += [f"{statement.carrier} ({whose_words(statement)}): “{statement.quote}”" for statement in candidate.rights]
    if not candidate.rights:
        lines.append("Neither the feed nor its entries say anything of their rights.")
    if candidate.others:
        lines.append(f"Entries name as their origin: {', '.join(candidate.others)}.")
    return {
        "id": id_,
        "publisher": publisher,
        "terms": {"evidence": "\n".join(map(_printable, lines)) + "\n"},  # no `read`: nobody has read them yet
        "rules": [],
        "default": "ask",
    }


def _printable(line: str) -> str:
    return "".join(char if char.isprintable() else " " for char in line)


def _same_site(one: str, other: str) -> bool:
    return bool(one and other) and (one == other or one.endswith(f".{other}") or other.endswith(f".{one}"))


def whose_words(said: Statement) -> str:
    """Who says it, for a person: `the feed`, `3 entries`."""
    if said.level is not Level.ENTRY:
        return f"the {said.level.value}"
    return f"{said.entries} {'entry' if said.entries == 1 else 'entries'}"
