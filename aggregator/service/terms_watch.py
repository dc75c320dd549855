"""The watch on terms: pages behind policies, and what sources' sites and feeds say of rights, compared with what a
person last looked at. A change is a question to a person; it never loosens anything, and neither does a page that is
gone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from aggregator.errors import UsageError
from aggregator.intake.terms_text import differs, terms_text
from aggregator.model.decision import FlagKind
from aggregator.model.entry import Level
from aggregator.model.fetched import Answer, Ask, FetchFailed
from aggregator.model.output import Flag
from aggregator.model.policy import Effect, Grant
from aggregator.model.terms import PAGE, Watched
from aggregator.store import flag_id, terms

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from datetime import date, datetime

    from aggregator.model.policy import Policy
    from aggregator.service.world import World
    from aggregator.store import Store

    Asking = Callable[[Ask, datetime], Awaitable[Answer | FetchFailed]]

log = structlog.get_logger(__name__)

CHECK_EVERY = timedelta(days=7)
"""Between two looks at a page of which the policy says nothing else."""
AGAIN = timedelta(days=1)
"""After a look that failed."""
WORDS_EVERY = timedelta(hours=1)
"""Between two looks at what a source's site and feed say: nothing is asked for, it is in the database."""
UNREADABLE = timedelta(days=3)
"""From when on a page that cannot be read is told."""
SIZE_MAX = 2_000_000
LEASE = timedelta(minutes=15)
PAGES_MAX = 10
"""Pages asked for in one round."""
SOURCES_MAX = 50
"""Sources whose words are looked at in one round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsReport:
    """What one look at one text brought."""

    policy: str
    part: str
    url: str
    outcome: str
    """`first`, `same`, `changed` or `failed`."""
    problem: str | None = None


# ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def watch_terms(world: World, store: Store, ask: Asking, clock: Callable[[], datetime]) -> list[TermsReport]:
    """Looks at what is due, and raises the flags that there is reason for. May run twice at once."""
    now = clock()
    known = {(one.policy, one.part): one for one in await store.read(terms.overview)}
    due = [policy for policy in watched_policies(world) if _is_due(policy, known.get((policy.id, PAGE)), now)]
    reports = await _look_at_pages(due[:PAGES_MAX], world, store, ask, clock)
    reports += await _look_at_words(world, known, store, now)
    await raise_flags(world, store, now)
    return reports


async def check_terms(
    ids: Sequence[str], world: World, store: Store, ask: Asking, clock: Callable[[], datetime]
) -> list[TermsReport]:
    """Looks at the pages of these policies now, or of all that are watched; and at their sources' words.

    Raises:
        UsageError: there is no such policy.
    """
    policies = [find_policy(id_, world) for id_ in ids] or watched_policies(world)
    now = clock()
    reports = []
    for policy in policies:
        if policy.terms.url is not None:
            await store.write(terms.ask_soon, policy.id, now)
            reports += await _look_at_pages([policy], world, store, ask, clock)
    reports += await _look_at_words(world, {}, store, now, {policy.id for policy in policies})
    await raise_flags(world, store, now)
    return reports


def watched_policies(world: World) -> list[Policy]:
    """The policies that are in use: of an enabled source, or of no source at all, as those of third parties are."""
    used = {world.sources[id_].policy for id_ in world.active}
    idle = {source.policy for source in world.sources.values()} - used
    return [policy for policy in world.configuration.policies if policy.id not in idle]


def _is_due(policy: Policy, known: Watched | None, now: datetime) -> bool:
    url = policy.terms.url
    return url is not None and (known is None or known.url != url or known.next_at <= now)


async def _look_at_pages(
    policies: Sequence[Policy], world: World, store: Store, ask: Asking, clock: Callable[[], datetime]
) -> list[TermsReport]:
    now = clock()
    asked = {policy.id: policy for policy in policies if policy.terms.url is not None}
    before = {id_: await _known(store, id_, PAGE) for id_ in asked}
    for id_, row in before.items():
        if row is not None and row.url != asked[id_].terms.url:
            await store.write(terms.drop, id_, PAGE)  # another page: what was read of the first says nothing of it
            before[id_] = None
    wanted = [(id_, policy.terms.url or "") for id_, policy in asked.items()]
    private = world.configuration.settings.polling.private_addresses
    reports = []
    for id_ in await store.write(terms.claim, wanted, now, LEASE):
        policy = asked[id_]
        row = before[id_] or Watched(policy=id_, part=PAGE, url=policy.terms.url or "", next_at=now)
        answer = await ask(Ask(url=row.url, max_size=SIZE_MAX, private_addresses=private, purpose="terms"), clock())
        read, outcome = await asyncio.to_thread(_read, row, answer, interval(policy), clock())
        await store.write(terms.keep, [read], clock())
        reports.append(TermsReport(policy=id_, part=PAGE, url=row.url, outcome=outcome, problem=read.problem))
        if outcome in ("changed", "failed"):
            log.info("terms looked at", policy=id_, outcome=outcome, problem=read.problem)
    return reports


async def _known(store: Store, policy: str, part: str) -> Watched | None:
    rows = await store.read(terms.all_watched, policy)
    return next((row for row in rows if row.part == part), None)


def interval(policy: Policy) -> timedelta:
    """How often the program looks at a policy's page."""
    own = policy.terms
    return own.check_every or min(CHECK_EVERY, own.review_every or CHECK_EVERY)


def _read(row: Watched, answer: Answer | FetchFailed, every: timedelta, now: datetime) -> tuple[Watched, str]:
    """What is known of a page after it was asked for."""
    if isinstance(answer, FetchFailed):
        return _failed(row, answer.detail, every, now), "failed"
    if answer.status != 200:
        return _failed(row, f"answered {answer.status}", every, now), "failed"
    text = terms_text(answer.body, answer.headers.get("content-type"), answer.url)
    if not text:
        return _failed(row, "it holds no text that could be compared", every, now), "failed"
    return compared(row, text, now, now + every)


def compared(row: Watched, text: str, now: datetime, next_at: datetime) -> tuple[Watched, str]:
    """A text after a good reading, and whether it is the `first`, the `same` or `changed`."""
    good = replace(row, checked_at=now, next_at=next_at, failures=0, failing_since=None, problem=None)
    if row.kept is None:
        return replace(good, kept=text, kept_at=now), "first"
    if not differs(row.kept, text):
        return replace(good, seen=None, seen_at=None), "same"
    if row.seen is not None and not differs(row.seen, text):
        return good, "changed"
    return replace(good, seen=text, seen_at=row.seen_at or now), "changed"


def _failed(row: Watched, why: str, every: timedelta, now: datetime) -> Watched:
    """The text as it was, asked for again soon: what was read before is not taken back by a bad day."""
    return replace(
        row,
        failures=row.failures + 1,
        failing_since=row.failing_since or now,
        problem=" ".join(why.split())[:300],
        next_at=now + min(AGAIN, every),
    )


# ── what sites and feeds say ─────────────────────────────────────────────────────────────────────────────────────


async def _look_at_words(
    world: World,
    known: dict[tuple[str, str], Watched],
    store: Store,
    now: datetime,
    policies: set[str] | None = None,
) -> list[TermsReport]:
    due = []
    for id_ in world.active:
        policy = world.sources[id_].policy
        if policy is None or world.policies.by_id(policy) is None or (policies is not None and policy not in policies):
            continue
        row = known.get((policy, f"source:{id_}"))
        if row is None or row.next_at <= now:
            due.append((policy, id_))
    reports, rows = [], []
    for policy, id_ in due if policies is not None else due[:SOURCES_MAX]:
        text = await words_of(id_, store)
        if text is None:
            continue
        part, url = f"source:{id_}", world.sources[id_].feed
        before = await _known(store, policy, part) or Watched(policy=policy, part=part, url=url, next_at=now)
        row, outcome = compared(before, text, now, now + WORDS_EVERY)
        rows.append(row)
        reports.append(TermsReport(policy=policy, part=part, url=url, outcome=outcome))
    if rows:
        await store.write(terms.keep, rows, now)
    return reports


async def words_of(source: str, store: Store) -> str | None:
    """What a source's site and feed say of rights, a line each; None: it was never read."""
    state = (await store.poll_states([source])).get(source)
    if state is None or state.last_success_at is None:
        return None
    lines = [f"{row.kind}: {row.quote}" for row in (await store.evidence_said([source])).get(source, ()) if row.quote]
    if state.feed.rights:
        lines.append(f"feed rights: {state.feed.rights}")
    lines += [f"feed names an RSL document: {url}" for url in state.feed.licences]
    lines += [f"feed header {name}: {value}" for name, value in state.feed.said]
    for stored in await store.list_entries(source=source, limit=1):
        lines += [f"{one.carrier}: {one.value}" for one in stored.entry.notices if one.level is Level.FEED]
    return "\n".join(sorted({" ".join(line.split())[:1_000] for line in lines}))


# ── flags and holds ──────────────────────────────────────────────────────────────────────────────────────────────


async def raise_flags(world: World, store: Store, now: datetime) -> None:
    """Makes the flags about policies those that there is reason for; writes only where they are others than before."""
    by_policy = await overview(store)
    believed = [
        policy.id
        for policy in watched_policies(world)
        if await _believe_configuration(policy, by_policy.get(policy.id, ()), store, now)
    ]
    if believed:
        by_policy = await overview(store)
    wanted = [
        flag
        for policy in watched_policies(world)
        if (flag := _flag(policy, by_policy.get(policy.id, ()), now)) is not None
    ]
    if await store.read(terms.open_flags) != {(flag.id, flag.reason) for flag in wanted}:
        await store.write(terms.sync_flags, wanted, now)


async def overview(store: Store) -> dict[str, list[Watched]]:
    """What is watched, by policy, without the texts."""
    found: dict[str, list[Watched]] = {}
    for row in await store.read(terms.overview):
        found.setdefault(row.policy, []).append(row)
    return found


async def _believe_configuration(policy: Policy, rows: Iterable[Watched], store: Store, now: datetime) -> bool:
    """Whoever writes a later day into `terms.read` has read them: on a day after the change, so nothing was missed."""
    read = policy.terms.read
    if read is None or read > now.date():
        return False
    late = [row.part for row in rows if row.changed and row.seen_at is not None and read > row.seen_at.date()]
    if late:
        seen = {row.part: terms.digest(row.seen) for row in await store.read(terms.all_watched, policy.id)}
        told = {part: seen[part] for part in late if part in seen}
        await store.write(terms.confirm, policy.id, told, "configuration", f"terms.read is {read}", now)
    return bool(late)


def _flag(policy: Policy, rows: Sequence[Watched], now: datetime) -> Flag | None:
    told = reasons(policy, rows, now)
    if not told:
        return None
    subject, name = f"policy:{policy.id}", policy.publisher.name
    return Flag(
        id=flag_id(subject, name, FlagKind.REVIEW),
        kind=FlagKind.REVIEW,
        subject=subject,
        source="",
        entry=None,
        title=f"Terms of {name}",
        publisher=name,
        contact=policy.contact,
        reason=f"{'; '.join(told)}.",
        rule="terms",
        where=policy.where,
        outputs=(),
        opened_at=now,
    )


def reasons(policy: Policy, rows: Sequence[Watched], now: datetime) -> list[str]:
    """Why a person should look at a policy's terms; empty: there is no reason."""
    told = []
    for row in rows:
        if row.changed and row.seen_at is not None:
            what = "its terms page says" if row.source is None else f"source '{row.source}' says of its rights"
            told.append(f"{what} something else since {row.seen_at.date()}")
    again = read_again_on(policy, rows)
    if again is not None and again <= now.date():
        told.append(f"its terms were to be read again by {again}")
    told += [
        f"its terms page cannot be read since {row.failing_since.date()} ({row.problem})"
        for row in rows
        if row.failing_since is not None and now - row.failing_since >= UNREADABLE
    ]
    return told


def read_again_on(policy: Policy, rows: Sequence[Watched]) -> date | None:
    """The day by which a person is to read the terms again; None: only when they change."""
    own = policy.terms
    if own.review_every is None:
        return None
    looked = [row.looked_at.date() for row in rows if row.looked_at is not None]
    last = max(filter(None, (own.read, *looked)), default=None)
    return None if last is None else last + max(own.review_every, timedelta(days=1))


def holds_of(unread: Iterable[tuple[str, str, datetime | None, str]], world: World) -> list[Grant]:
    """What changed terms hold back where their policy says `on_change: hold`, until a person has looked.

    Args:
        unread: as `Rulings` has them.
    """
    found = []
    for id_, part, at, url in unread:
        policy = world.policies.by_id(id_)
        if policy is None or policy.terms.on_change != "hold":
            continue
        since = f" on {at.date()}" if at is not None else ""
        source = part.removeprefix("source:") if part.startswith("source:") else None
        what = f"what '{source}' says of its rights" if source else f"the terms of {policy.publisher.name}"
        found.append(
            Grant(
                id=f"terms:{id_}",
                effect=Effect.ASK,
                policy=id_,
                source=source,
                evidence=f"{what} changed{since} ({url})",
            )
        )
    return found


def find_policy(id_: str, world: World) -> Policy:
    """The policy of this id.

    Raises:
        UsageError: there is none.
    """
    policy = world.policies.by_id(id_)
    if policy is None:
        known = ", ".join(f"'{one.id}'" for one in world.configuration.policies) or "none"
        raise UsageError("policy '%(id)s' is not configured; there is: %(known)s", id=id_, known=known)
    return policy
