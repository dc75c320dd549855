"""What the sites behind sources say to machines: asked once a day, kept as evidence, heard by decisions.

robots.txt and tdmrep.json of the feed's origin, the home page that the feed names there, and the RSL documents that any
of them or the feed's answer names. None of it ever permits anything; what cannot be read says nothing, and takes
nothing back that was read before.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from aggregator.intake.notice_page import ODRL_TYPES, RSL_TYPE, read_page
from aggregator.intake.odrl_read import read_odrl
from aggregator.intake.rsl_read import read_rsl
from aggregator.model.entry import Level
from aggregator.model.evidence import Evidence, EvidenceKind, SiteWords
from aggregator.model.fetched import Deferred, FailureKind, Fetched, FetchFailed, NotModified, Outcome, Validators
from aggregator.model.rsl import MAX_AGE_DAYS, RslDocument
from aggregator.rights.odrl_said import said_in_odrl
from aggregator.rights.rsl import notices_from_rsl
from aggregator.rights.site import (
    LICENCES_MAX,
    completed,
    origin_of,
    page_words,
    quote,
    read_robots,
    read_tdmrep,
    site_notices,
)
from aggregator.rights.site_header import header_words
from aggregator.store import evidence as evidence_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from aggregator.model.entry import Notice, StoredEntry
    from aggregator.model.source import Source
    from aggregator.model.use import Use
    from aggregator.service.poll import Fetch
    from aggregator.service.world import World
    from aggregator.store import Store

log = structlog.get_logger(__name__)

EVERY = timedelta(days=1)
"""The least time between two requests for one document, whatever it says of its own age."""
AGAIN_MAX = timedelta(days=8)
"""The most time between two requests for a document that fails."""
SIZE_MAX = 1_000_000
"""Bytes of one document."""
SOURCES_MIN = 60
"""Sources looked after in one round, which comes once a minute: a new installation of hundreds has heard all sites
within minutes."""
ROUNDS = 720
"""Rounds in which all sources are looked after, if there are more of them than those make: half a day."""
ORIGINS_AT_ONCE = 16
"""Sites looked after at once."""
LARGE = 16_000
"""Bytes of an answer from which it is read beside the event loop, and not kept for the next source."""
KEPT_MAX = 100
"""Answers of one site that are kept while its sources are looked after."""
_NOT_THERE = (404, 410)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_NAMED = (EvidenceKind.RSL, EvidenceKind.ODRL)
"""Documents that others name, wherever they stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceReport:
    """What one look at one source's site brought."""

    source: str
    read: int = 0
    """Documents that were asked for."""
    speaking: int = 0
    """Documents that say something, those of before that still hold among them."""
    changed: bool = False
    """Whether something else is said than before."""
    warnings: tuple[str, ...] = ()
    """What failed or was odd, with the document's name."""


# ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def gather_evidence(
    world: World, store: Store, fetch: Fetch, clock: Callable[[], datetime]
) -> list[EvidenceReport]:
    """Looks after sites that are due, the longest waiting first: as many as it takes to see all within half a day.

    Safe to run twice at once: a document may then be asked for twice, and both write the same.

    Raises:
        StoreError: what was heard could not be stored; the rest waits for the next time.
    """
    due = due_sources([world.sources[id_] for id_ in world.active], await store.read(evidence_rows.schedule), clock())
    return await _look_after(due[: max(SOURCES_MIN, len(world.active) // ROUNDS)], store, fetch, clock)


async def gather_for(
    sources: Sequence[Source], store: Store, fetch: Fetch, clock: Callable[[], datetime]
) -> list[EvidenceReport]:
    """Looks after the sites of these sources that are due: for a round that somebody waits for, and after which outputs
    may be built.

    Raises:
        StoreError: what was heard of one could not be stored; the rest waits for the next time.
    """
    due = due_sources(sources, await store.read(evidence_rows.schedule), clock())
    return await _look_after(due, store, fetch, clock)


async def _look_after(
    due: Sequence[Source], store: Store, fetch: Fetch, clock: Callable[[], datetime]
) -> list[EvidenceReport]:
    """Several at once; those of one origin one after the other, and what they have in common is asked for once."""
    origins: dict[str | None, list[Source]] = {}
    for source in due:
        origins.setdefault(origin_of(source.feed), []).append(source)
    free = asyncio.Semaphore(ORIGINS_AT_ONCE)

    async def one_origin(there: list[Source]) -> list[EvidenceReport]:
        async with free:
            once = _once(fetch)
            return [await _looked_at(source, store, once, clock()) for source in there]

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one_origin(there)) for there in origins.values()]
    return [report for task in tasks for report in task.result()]


def _once(fetch: Fetch) -> Fetch:
    """Which asks for the same small document under the same rules once, for whichever source."""
    answers: dict[tuple[Source, str | None], Outcome | Deferred] = {}

    async def ask(
        source: Source, validators: Validators, now: datetime, *, believed: str | None = None
    ) -> Outcome | Deferred:
        same = (replace(source, id="", policy=None, tags=(), title=None, where=""), believed)
        if (known := answers.get(same)) is not None:
            return known
        answer = await fetch(source, validators, now, believed=believed)
        if len(answers) < KEPT_MAX and not _is_large(answer):
            answers[same] = answer
        return answer

    return ask


def _is_large(answer: Outcome | Deferred) -> bool:
    return isinstance(answer, Fetched) and len(answer.body) > LARGE


async def _looked_at(source: Source, store: Store, fetch: Fetch, now: datetime) -> EvidenceReport:
    report = await look_at(source, store, fetch, now)
    for warning in report.warnings:
        log.info("site is odd", source=source.id, detail=warning)
    if report.changed:
        log.info("site says something else to machines", source=source.id, documents=report.speaking)
    return report


def due_sources(sources: Iterable[Source], schedule: Mapping[str, tuple[str, datetime]], now: datetime) -> list[Source]:
    """Sources on the web whose site was never looked at, or is due again, or is another one than it was."""
    waiting: list[tuple[bool, datetime, str, Source]] = []
    for source in sources:
        origin = origin_of(source.feed)
        if origin is None:
            continue
        known = schedule.get(source.id)
        if known is None or known[0] != origin:
            waiting.append((False, now, source.id, source))
        elif known[1] <= now:
            waiting.append((True, known[1], source.id, source))
    return [source for *_, source in sorted(waiting, key=lambda one: one[:3])]


async def look_at(source: Source, store: Store, fetch: Fetch, now: datetime) -> EvidenceReport:
    """Asks for the documents of one source's site that are due, and stores what came of it in one transaction.

    Raises:
        StoreError: nothing was written.
    """
    origin = origin_of(source.feed)
    if origin is None:
        return EvidenceReport(source=source.id)
    before = {one.url: one for one in await store.evidence(source.id) if one.origin == origin}
    look = _Look(source, origin, before, fetch, now)
    robots = await look.at(EvidenceKind.ROBOTS, f"{origin}/robots.txt")
    await look.at(EvidenceKind.TDMREP, f"{origin}/.well-known/tdmrep.json")
    state = (await store.poll_states([source.id])).get(source.id)
    linked = state.feed.licences if state is not None else ()
    home = state.feed.url if state is not None else None
    if state is not None and state.feed.said:
        look.hear(state.feed.said)
    named = (*(robots.words.licences if robots.words is not None else ()), *linked)
    if home is not None and home != source.feed and origin_of(home) == origin:
        page = await look.at(EvidenceKind.PAGE, home)
        named += page.words.licences if page.words is not None else ()
    for url in tuple(dict.fromkeys(named))[:LICENCES_MAX]:
        await look.at(EvidenceKind.RSL, url)
    await look.policies()
    rows = list(look.rows.values())
    changed = await store.keep_evidence(source.id, rows)
    return EvidenceReport(
        source=source.id,
        read=look.asked,
        speaking=sum(row.words is not None for row in rows),
        changed=changed,
        warnings=tuple(row.problem for row in rows if row.problem and row.url in look.told),
    )


async def hear_feed(source: Source, said: Sequence[tuple[str, str]], store: Store, now: datetime) -> bool:
    """What the header of the feed's answer says, at the poll that brought it; the site is looked at in its own time.

    Returns:
        Whether something else is said than before.
    Raises:
        StoreError: nothing was written; the next look at the site hears it.
    """
    origin = origin_of(source.feed)
    if origin is None:
        return False
    others = [one for one in await store.evidence(source.id) if one.origin == origin and one.url != source.feed]
    due = min((one.next_at for one in others), default=_LONG_AGO)  # a site that was never looked at stays due
    # What is odd in it is told at that look, once.
    row = replace(_of_feed(source, origin, said, now), next_at=due, problem=None)
    return await store.keep_evidence(source.id, [*others, row])


def _of_feed(source: Source, origin: str, said: Sequence[tuple[str, str]], now: datetime) -> Evidence:
    words, odd = header_words(said)
    unread = _unread(source.id, EvidenceKind.FEED, source.feed, origin, now)
    return _said(unread, words if words != SiteWords() else None, odd, now, EVERY)


class _Look:
    """One look at one site, document by document."""

    def __init__(
        self, source: Source, origin: str, before: Mapping[str, Evidence], fetch: Fetch, now: datetime
    ) -> None:
        self.source = source
        self.origin = origin
        self.before = before
        self.fetch = fetch
        self.now = now
        self.rows: dict[str, Evidence] = {}
        self.asked = 0
        self.told: set[str] = set()
        """Addresses of which something was read now."""

    async def at(self, kind: EvidenceKind, url: str) -> Evidence:
        """What is known of one document, asked for again if it is due."""
        known = self.before.get(url)
        if known is not None and known.kind is not kind:
            known = None
        if known is None or known.next_at <= self.now:
            outcome = await self.fetch(_request(self.source, url), Validators(), self.now)
            unread = known or _unread(self.source.id, kind, url, self.origin, self.now)
            if _is_large(outcome) or kind is EvidenceKind.ODRL:  # even a small graph takes its time
                known = await asyncio.to_thread(read_answer, unread, outcome, self.now)
            else:
                known = read_answer(unread, outcome, self.now)
            self.asked += 1
            self.told.add(url)
        self.rows[url] = known
        return known

    async def policies(self) -> None:
        """Asks for the ODRL policies that are named by what was read so far."""
        said = [row.words for row in self.rows.values() if row.words is not None]
        named = [address for words in said for address in words.policies]
        named += [rule.policy for words in said for rule in words.reservations if rule.policy]
        for url in [one for one in dict.fromkeys(named) if origin_of(one) and one not in self.rows][:LICENCES_MAX]:
            await self.at(EvidenceKind.ODRL, url)

    def hear(self, said: Sequence[tuple[str, str]]) -> None:
        """What the header of the feed's last answer says: it is known already, so nothing is asked for."""
        url = self.source.feed
        before = self.before.get(url)
        row = _of_feed(self.source, self.origin, said, self.now)
        if before is None or before.problem != row.problem:
            self.told.add(url)  # an odd header is told once, not every day
        self.rows[url] = row


def _request(source: Source, url: str) -> Source:
    """A request under the source's own rules of addresses and time; what is secret stays with the feed."""
    return replace(
        source,
        feed=url,
        headers=(),
        cookies=(),
        basic_auth=None,
        bearer_auth=None,
        polling=replace(source.polling, max_size=SIZE_MAX, robots=False),
    )


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _unread(source: str, kind: EvidenceKind, url: str, origin: str, now: datetime) -> Evidence:
    return Evidence(source=source, kind=kind, url=url, origin=origin, next_at=now)


def read_answer(known: Evidence, outcome: Outcome | Deferred, now: datetime) -> Evidence:
    """What is known of a document after it was asked for: what it says now, or what it said with what went wrong."""
    if isinstance(outcome, Deferred):
        return replace(known, next_at=outcome.until)
    if isinstance(outcome, Fetched):
        return _with_header(_read(known, outcome, now), outcome)
    if isinstance(outcome, NotModified):  # nobody asked on a condition
        return _failed(known, "answered 304 to a request without condition", now)
    if known.kind not in _NAMED and _is_silent(outcome):
        return _said(known, None, (), now, EVERY)
    # A document that is named and not there is a mistake of the site's, not its silence.
    detail = f"larger than {SIZE_MAX:,} bytes" if outcome.kind is FailureKind.TOO_LARGE else outcome.detail
    return _failed(known, detail, now, outcome.retry_after)


def _is_silent(outcome: FetchFailed) -> bool:
    """Whether the site has no such document, or an empty one."""
    return outcome.status in _NOT_THERE or (outcome.kind is FailureKind.CONTENT and outcome.status in (200, 203, 204))


def _read(known: Evidence, answer: Fetched, now: datetime) -> Evidence:
    body = answer.body
    if known.kind is EvidenceKind.PAGE:
        return _page(known, answer, now)
    if known.kind is EvidenceKind.RSL:
        document, odd = read_rsl(body)
        if document is None:
            return _failed(known, odd[0] if odd else "RSL: it holds nothing", now)
        again = timedelta(days=min(max(document.max_age, 1), MAX_AGE_DAYS))
        return _said(known, SiteWords(contents=document.contents), odd, now, again)
    if known.kind is EvidenceKind.ODRL:
        return _policy(known, answer, now)
    if known.kind is EvidenceKind.TDMREP:
        try:
            words, odd = read_tdmrep(body, answer.final_url)
        except ValueError as error:
            return _failed(known, str(error), now)
        return _said(known, words, odd, now, EVERY)
    text = body.decode("utf-8", errors="replace")
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        return _failed(known, "a page, not a robots.txt", now)
    words, odd = read_robots(text)
    return _said(known, words, odd, now, EVERY)


def _with_header(read: Evidence, answer: Fetched) -> Evidence:
    """With what the header says, where the document stands on the site itself and could be read.

    Documents of licences are left out: what is said of them is said of their own words.
    """
    if read.kind in _NAMED or read.failures or not answer.said or origin_of(answer.final_url) != read.origin:
        return read
    found, odd = header_words(answer.said)
    told = read.words or SiteWords()
    words = replace(
        told,
        stated=(*told.stated, *found.stated),
        headers=found.headers,
        policies=(*told.policies, *found.policies),
    )
    problem = _line("; ".join(filter(None, (read.problem or f"{read.url}:", *odd[:3])))) if odd else read.problem
    if words == SiteWords():
        return replace(read, problem=problem)
    return replace(read, words=words, quote=_line(quote(words)), problem=problem)


def _policy(known: Evidence, answer: Fetched, now: datetime) -> Evidence:
    kind = (answer.content_type or "").partition(";")[0].strip().lower()
    statements, odd = read_odrl(answer.body, kind if kind in ODRL_TYPES else None)
    if statements is None:
        return _failed(known, odd[-1].replace("; ", ", ") if odd else "not read as a policy", now)
    policy, unclear = said_in_odrl(statements)
    return _said(known, SiteWords(policy=policy) if policy else None, (*odd, *unclear), now, EVERY)


def _page(known: Evidence, answer: Fetched, now: datetime) -> Evidence:
    kind = (answer.content_type or "").partition(";")[0].strip().lower()
    if kind not in {"", "text/html", "application/xhtml+xml"}:
        return _said(known, None, (), now, EVERY)
    page = read_page(answer.body, answer.final_url)
    documents = [address for media_type, address in page.documents if media_type == RSL_TYPE]
    policies = [address for media_type, address in page.documents if media_type != RSL_TYPE]
    policies += [completed(one.value, answer.final_url) for one in page.said if one.carrier in _POLICIES]
    words, odd = page_words([(one.carrier, one.value) for one in page.said], documents, page.rsl)
    if policies:
        words = replace(words or SiteWords(), policies=tuple(dict.fromkeys(policies))[:LICENCES_MAX])
    return _said(known, words, (*page.warnings, *odd), now, EVERY)


_POLICIES = frozenset({"meta tdm-policy", "rel=tdm-policy"})


def _said(known: Evidence, words: SiteWords | None, odd: Sequence[str], now: datetime, again: timedelta) -> Evidence:
    return replace(
        known,
        words=words,
        quote=_line(quote(words)) if words is not None else "",
        read_at=now,
        next_at=now + again,
        failures=0,
        problem=_line(f"{known.url}: {'; '.join(odd[:3])}") if odd else None,
    )


def _failed(known: Evidence, why: str, now: datetime, wait: timedelta | None = None) -> Evidence:
    """The document as it was, asked for later and later: what was read before is not taken back by a bad day."""
    again = min(EVERY * 2 ** min(known.failures, 3), AGAIN_MAX)
    return replace(
        known,
        failures=known.failures + 1,
        next_at=now + max(again, wait or again),
        problem=_line(f"{known.url}: {why.partition(';')[0]}"),
    )


def _line(text: str) -> str:
    """One line without what a database or a terminal cannot take."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:500]


# ── hearing ──────────────────────────────────────────────────────────────────────────────────────────────────────


def said_of(
    stored: StoredEntry, source: Source | None, evidence: Sequence[Evidence], use: Use | None = None
) -> tuple[Notice, ...]:
    """What RSL inside the item, and its source's site, say of an entry: for a question, beside its own notices."""
    entry = stored.entry
    found: tuple[Notice, ...] = ()
    if entry.rsl:
        found = notices_from_rsl(RslDocument(contents=entry.rsl), None, Level.ENTRY, use)
    if evidence and source is not None:
        found += site_notices(evidence, source.feed, entry.url, use)
    return found
