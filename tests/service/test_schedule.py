"""A source over many polls: moves, 410, whole documents, hosts that want to be left alone, and what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from aggregator.config import load
from aggregator.intake.parse import parse
from aggregator.model.fetched import Deferred, FailureKind, Fetched, FetchFailed, NotModified, Validators
from aggregator.model.parsed import ParsedFeed, ParseFailed, ParseRequest
from aggregator.model.poll import PollReport, PollState
from aggregator.model.source import Source
from aggregator.service.poll import Polling, poll
from aggregator.service.world import World
from aggregator.store import Store, happenings
from aggregator.store import history as poll_history
from aggregator.store import holds as host_holds
from aggregator.store import sources as source_rows

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
OLD, NEW = "https://herald.example/feed", "https://news.example/feed"
SOURCES = f"""
- {{id: herald, feed: "{OLD}"}}
- {{id: times, feed: "https://times.example/feed"}}
"""


def rss(*numbers: int) -> bytes:
    items = "".join(f"<item><guid>{n}</guid><title>Story {n}</title></item>" for n in numbers)
    return f'<rss version="2.0"><channel><title>Herald</title>{items}</channel></rss>'.encode()


@dataclass
class Web:
    """Answers as it is told, and notes what it was asked."""

    answer: Callable[[Source, Validators, datetime], Any] | None = None
    asked: list[tuple[Validators, str | None]] = field(default_factory=list)

    async def __call__(
        self, source: Source, validators: Validators, now: datetime, *, believed: str | None = None
    ) -> Any:
        self.asked.append((validators, believed))
        assert self.answer is not None
        return self.answer(source, validators, now)


async def read(request: ParseRequest) -> ParsedFeed | ParseFailed:
    return parse(request)


@dataclass
class Town:
    """A configuration, a store and a clock."""

    folder: Path
    store: Store
    web: Web
    now: datetime = NOW
    world: World = None

    async def configure(self, sources: str = SOURCES) -> None:
        (self.folder / "sources.yaml").write_text(sources)
        self.world = World.of(load(self.folder))
        await self.store.sync_sources(self.world.active, self.now, feeds=self.world.feeds)

    @property
    def tools(self) -> Polling:
        return Polling(store=self.store, fetch=self.web, parse=read, owner="me")

    async def poll(self, *, after: timedelta = timedelta(0), source: str = "herald") -> PollReport:
        self.now += after
        states = await self.store.claim_named([source], self.now, lease=HOUR, owner="me")
        return await poll(self.world.sources[source], states[source], self.world, self.tools, self.now)

    async def state(self, source: str = "herald") -> PollState:
        return (await self.store.poll_states([source]))[source]

    async def events(self) -> list[str]:
        return [record.body for record in await self.store.ledger() if record.kind == "source"]

    async def is_due(self, at: datetime) -> bool:
        claimed = await self.store.claim_due(at, lease=MINUTE, owner="look", limit=10)
        await self.store.release_leases("look")
        return any(state.source == "herald" for state in claimed)


@pytest.fixture
async def town(store: Store, tmp_path: Path) -> Town:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "aggregator.yaml").write_text("site: {name: Here, email: desk@example.org}\n")
    made = Town(folder, store, Web())
    await made.configure()
    return made


def fetched(source: Source, now: datetime, body: bytes = b"", **more: Any) -> Fetched:
    usual = {"final_url": source.feed, "status": 200, "content_type": None, "body": body or rss(1, 2)}
    return Fetched(source=source.id, asked_at=now, **(usual | more))


def document(body: bytes = b"", **more: Any) -> Callable[..., Fetched]:
    return lambda source, validators, now: fetched(source, now, body, **more)


def unchanged(**more: Any) -> Callable[..., NotModified]:
    return lambda source, validators, now: NotModified(source=source.id, asked_at=now, validators=validators, **more)


def failure(kind: FailureKind = FailureKind.HTTP_STATUS, **more: Any) -> Callable[..., FetchFailed]:
    return lambda source, validators, now: FetchFailed(source=source.id, asked_at=now, kind=kind, detail="no", **more)


gone = failure(FailureKind.GONE, status=410)


# --- moves


async def test_a_document_counts_as_waiting_until_it_is_read(town: Town) -> None:
    """However its reading ends; one that has not changed is never read, and never waits."""
    seen: list[int] = []

    async def looks(request: ParseRequest) -> ParsedFeed | ParseFailed:
        seen.append(tools.backlog.size)
        if len(seen) == 1:
            raise RuntimeError("the reader is gone")
        return parse(request)

    town.web.answer = lambda source, validators, now: fetched(source, now)
    tools = replace(town.tools, parse=looks)
    states = await town.store.claim_named(["herald"], town.now, lease=HOUR, owner="me")
    source = town.world.sources["herald"]
    with pytest.raises(RuntimeError, match="the reader is gone"):
        await poll(source, states["herald"], town.world, tools, town.now)
    assert tools.backlog.size == 0
    await poll(source, states["herald"], town.world, tools, town.now)
    await poll(source, await town.state(), town.world, tools, town.now)
    assert seen == [len(rss(1, 2))] * 2
    assert tools.backlog.size == 0


@pytest.mark.parametrize("answer", [document(permanent_url=NEW), unchanged(permanent_url=NEW)])
async def test_a_move_is_believed_after_three_polls_and_two_days(town: Town, answer: Any) -> None:
    """R8."""
    town.web.answer = answer
    await town.poll()
    await town.poll(after=HOUR)
    await town.poll(after=46 * HOUR)
    assert (await town.state()).believed_url is None
    report = await town.poll(after=HOUR)
    state = await town.state()
    assert (state.believed_url, state.move) == (NEW, None)
    assert "has moved for good" in report.warnings[-1]
    assert [believed for _, believed in town.web.asked] == [None] * 4
    town.web.answer = unchanged()
    await town.poll(after=HOUR)
    assert town.web.asked[-1][1] == NEW
    (event,) = await town.events()
    assert f'"from":"{OLD}"' in event
    assert f'"to":"{NEW}"' in event


async def test_two_polls_are_too_few_however_long_between(town: Town) -> None:
    town.web.answer = document(permanent_url=NEW)
    await town.poll()
    await town.poll(after=30 * DAY)
    assert (await town.state()).believed_url is None


@pytest.mark.parametrize(
    "between", [document(permanent_url="https://other.example/"), document(), unchanged()], ids=["other", "none", "304"]
)
async def test_a_move_that_breaks_off_starts_anew(town: Town, between: Any) -> None:
    for answer in (document(permanent_url=NEW), between, *[document(permanent_url=NEW)] * 2):
        town.web.answer = answer
        await town.poll(after=DAY)
    assert (await town.state()).believed_url is None
    await town.poll(after=DAY)
    assert (await town.state()).believed_url == NEW


async def test_a_page_at_the_new_address_is_no_move(town: Town) -> None:
    town.web.answer = document(b"<!doctype html><title>This domain is for sale</title>", permanent_url=NEW)
    for _ in range(5):
        assert (await town.poll(after=DAY)).outcome == "failed"
    state = await town.state()
    assert (state.move, state.believed_url) == (None, None)


async def test_a_move_to_another_source_is_never_believed(town: Town) -> None:
    town.web.answer = document(permanent_url="https://times.example/feed")
    for _ in range(5):
        report = await town.poll(after=DAY)
    assert (await town.state()).believed_url is None
    assert "where source 'times' is" in report.warnings[-1]


async def test_a_move_to_where_another_source_has_moved_is_never_believed(town: Town) -> None:
    town.web.answer = document(permanent_url=NEW)
    for source in ("times", "herald"):
        for _ in range(4):
            await town.poll(after=DAY, source=source)
    assert (await town.state("times")).believed_url == NEW
    assert (await town.state("herald")).believed_url is None


async def test_a_move_that_gives_up_tls_is_never_believed(town: Town) -> None:
    town.web.answer = document(permanent_url="http://news.example/feed")
    for _ in range(5):
        await town.poll(after=DAY)
    assert (await town.state()).believed_url is None


async def believe(town: Town) -> None:
    town.web.answer = document(permanent_url=NEW)
    for _ in range(3):
        await town.poll(after=DAY)
    town.web.answer = document()
    assert (await town.state()).believed_url == NEW


async def test_the_way_back_by_hand(town: Town) -> None:
    await believe(town)
    assert await town.store.write(happenings.forget_move, "herald", "by hand", town.now) == NEW
    assert await town.store.write(happenings.forget_move, "herald", "by hand", town.now) is None
    assert await town.is_due(town.now)
    await town.poll()
    assert town.web.asked[-1] == (Validators(), None)
    assert len(await town.events()) == 2


async def test_the_way_back_by_three_failures(town: Town) -> None:
    await believe(town)
    town.web.answer = failure(status=404)
    for _ in range(3):
        await town.poll(after=DAY)
    assert (await town.state()).believed_url is None
    assert "move forgotten" in (await town.events())[-1]


async def test_the_way_back_by_an_edit(town: Town) -> None:
    await believe(town)
    await town.configure(SOURCES.replace(OLD, "https://third.example/feed"))
    assert (await town.state()).believed_url is None
    assert await town.is_due(town.now)
    await town.poll()
    assert town.web.asked[-1] == (Validators(), None)


# --- 410


async def test_gone_twice_is_gone_and_flagged(town: Town) -> None:
    """R7."""
    town.web.answer = document()
    await town.poll()
    town.web.answer = gone
    await town.poll(after=HOUR)
    assert (await town.state()).gone_at is None
    assert await town.store.flags() == []
    report = await town.poll(after=DAY)
    assert (await town.state()).gone_at == town.now
    assert report.next_poll_at is None, "nobody is told a time at which nothing happens"
    assert not await town.is_due(town.now + 400 * DAY)
    (flag,) = await town.store.flags()
    assert (flag.kind, flag.subject) == ("gone", "source:herald")
    assert await town.store.count_entries() == {"herald": 2}
    await town.configure()  # the same configuration again revives nothing
    assert not await town.is_due(town.now + 400 * DAY)


@pytest.mark.parametrize("other", [failure(status=404), failure(FailureKind.TIMEOUT)])
async def test_other_failures_are_not_gone(town: Town, other: Any) -> None:
    for answer in (gone, other, gone, *[other] * 9):
        town.web.answer = answer
        await town.poll(after=DAY)
    assert (await town.state()).gone_at is None
    assert await town.is_due(town.now + 2 * DAY)


async def bury(town: Town) -> None:
    town.web.answer = gone
    await town.poll()
    await town.poll(after=DAY)


async def test_back_by_hand(town: Town) -> None:
    await bury(town)
    assert await town.store.revive("herald", "by hand", town.now)
    assert not await town.store.revive("herald", "by hand", town.now)
    assert await town.is_due(town.now)
    assert await town.store.flags() == []
    assert len(await town.events()) == 2


async def test_back_by_an_edit(town: Town) -> None:
    await bury(town)
    await town.configure(SOURCES.replace(OLD, NEW))
    assert await town.is_due(town.now)
    assert await town.store.flags() == []


async def test_back_by_an_answer_to_a_poll_by_hand(town: Town) -> None:
    await bury(town)
    town.web.answer = document()
    await town.poll(after=DAY)
    assert (await town.state()).gone_at is None
    assert await town.is_due(town.now + DAY)
    assert await town.store.flags() == []


# --- a complete feed that is empty

ATOM = "http://www.w3.org/2005/Atom"


def complete(*ids: str) -> bytes:
    entries = "".join(
        f"<entry><id>{i}</id><title>{i}</title><updated>2026-11-20T09:00:00Z</updated></entry>" for i in ids
    )
    history = "<fh:complete xmlns:fh='http://purl.org/syndication/history/1.0'/>"
    return f"<feed xmlns='{ATOM}'><id>urn:f</id><title>T</title>{history}{entries}</feed>".encode()


async def gone_entries(town: Town) -> list[str]:
    found = await town.store.list_entries(source="herald", limit=10)
    return sorted(entry.entry.id for entry in found if entry.deleted_at is not None)


async def test_an_empty_complete_feed_is_believed_after_two_days(town: Town) -> None:
    """R11 before RFC 5005, 2: it deletes nothing by itself, an admin is told, and no answer but a document counts."""
    known = Validators(etag='"1"')
    town.web.answer = document(complete("a", "b"), validators=known)
    assert (await town.poll()).new == 2
    town.web.answer = document(complete(), validators=Validators(etag='"2"'))
    report = await town.poll(after=HOUR)
    assert (report.deleted, report.outcome) == (0, "unchanged")
    assert report.detail == "a complete feed that is empty: its entries stay until it has been so for 48 hours"
    (flag,) = await town.store.flags()
    assert (flag.kind, flag.subject) == ("notice", "source:herald")
    assert "has no entries any more; it had 2" in flag.reason
    for answer in (document(complete()), failure(status=503), failure(FailureKind.TIMEOUT)):
        town.web.answer = answer
        assert (await town.poll(after=HOUR)).deleted == 0
    assert town.web.asked[-1][0] == Validators(), "the emptiness is looked at anew each time"
    town.web.answer = document(complete("a", "b"), validators=known)
    assert (await town.poll(after=HOUR)).outcome == "unchanged"
    assert await town.store.flags(open_only=True) == []
    # What it was before does not count: the two days begin anew.
    town.web.answer = document(complete())
    for wait in (DAY, DAY, DAY - MINUTE):
        assert (await town.poll(after=wait)).deleted == 0
    assert await gone_entries(town) == []
    assert len(await town.store.flags(open_only=True)) == 1
    report = await town.poll(after=MINUTE)
    assert (report.deleted, report.outcome) == (2, "changed")
    assert await gone_entries(town) == ["a", "b"]
    assert await town.store.flags(open_only=True) == []
    assert [json.loads(event)["what"] for event in await town.events()] == [
        "emptied",
        "filled",
        "emptied",
        "empty believed",
    ]
    assert (await town.poll(after=DAY)).deleted == 0
    town.web.answer = document(complete("b"))
    assert (await town.poll(after=DAY)).outcome == "changed"
    assert await gone_entries(town) == ["a"]


# --- what is asked


async def test_the_whole_document_is_asked_for_once_a_day(town: Town) -> None:
    """R9."""
    known = Validators(etag='"1"')
    town.web.answer = document(validators=known)
    await town.poll()
    town.web.answer = unchanged()
    for _ in range(23):
        await town.poll(after=HOUR)
    assert [sent for sent, _ in town.web.asked] == [Validators(), *[known] * 23]
    town.web.answer = document(validators=known)
    report = await town.poll(after=HOUR)
    assert (town.web.asked[-1][0], report.outcome) == (Validators(), "unchanged")
    await town.poll(after=HOUR)
    assert town.web.asked[-1][0] == known


async def test_the_same_bytes_are_read_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many servers know no 304, or have a validator for each machine behind them. A delta is no document of its own."""
    read_of: list[bytes] = []

    async def noted(request: ParseRequest) -> ParsedFeed | ParseFailed:
        read_of.append(request.body)
        return parse(request)

    monkeypatch.setattr(f"{__name__}.read", noted)
    first, other, delta = rss(1, 2), rss(3, 2), rss(4)
    for number, body in enumerate((first, first, other, other, first)):
        town.web.answer = document(body, validators=Validators(etag=f'"{number}"'))
        await town.poll(after=HOUR)
        assert (await town.state()).validators == Validators(etag=f'"{number}"')
    assert read_of == [first, other, first]
    town.web.answer = document(delta, status=226, is_delta=True)
    await town.poll(after=HOUR)
    town.web.answer = document(delta)
    await town.poll(after=HOUR)
    assert read_of[3:] == [delta, delta]


async def test_a_delta_removes_nothing_and_is_no_whole_document(town: Town) -> None:
    """RFC 3229: absence from it is not removal, even where the feed says that it is complete."""
    town.web.answer = document(rss(1, 2, 3), validators=Validators(etag='"1"'))
    await town.poll()
    complete = rss(4, 1).replace(
        b"<title>Herald", b'<fh:complete xmlns:fh="http://purl.org/syndication/history/1.0"/><title>Herald'
    )
    town.web.answer = document(complete, status=226, is_delta=True, validators=Validators(etag='"2"'))
    report = await town.poll(after=HOUR)
    assert (report.new, report.deleted) == (1, 0)
    state = await town.state()
    assert sorted(entry for _, entry in state.items) == ["1", "2", "3", "4"]
    assert (state.full_at, state.validators) == (NOW, Validators(etag='"2"'))
    assert await town.store.count_entries() == {"herald": 4}
    town.web.answer = document(rss(4, 3, 2, 1))
    assert (await town.poll(after=DAY)).new == 0


# --- hosts that want to be left alone


async def test_a_busy_host_is_left_alone_by_all_its_feeds_and_after_a_restart(town: Town) -> None:
    """R6."""
    town.web.answer = failure(status=429, retry_after=2 * HOUR, host="herald.example:443")
    tools = town.tools
    (state,) = (await town.store.claim_named(["herald"], NOW, lease=HOUR, owner="me")).values()
    await poll(town.world.sources["herald"], state, town.world, tools, NOW)
    assert tools.holds.until("herald.example:443", NOW + HOUR) == NOW + 2 * HOUR
    (hold,) = await town.store.read(host_holds.read, NOW + HOUR)
    assert (hold.host, hold.until) == ("herald.example:443", NOW + 2 * HOUR)
    assert await town.store.read(host_holds.read, NOW + 2 * HOUR) == ()
    assert not await town.is_due(NOW + 2 * HOUR - MINUTE)


async def test_a_deferred_source_is_not_failing_and_has_no_poll(town: Town) -> None:
    town.web.answer = document()
    await town.poll()
    before = await town.state()
    until = town.now + 5 * HOUR
    town.web.answer = lambda source, validators, now: Deferred(
        source=source.id, asked_at=now, host="x:443", until=until
    )
    report = await town.poll(after=HOUR)
    state = await town.state()
    assert report.outcome == "deferred"
    assert state == structs.replace(
        before, next_poll_at=state.next_poll_at, why_due="x:443 asked to be left alone (Retry-After)"
    )
    assert state.next_poll_at is not None
    assert until <= state.next_poll_at <= until + 3 * MINUTE
    assert len(await town.store.read(poll_history.of_source, "herald")) == 1


@pytest.mark.parametrize(
    ("sources", "more"),
    [
        (SOURCES.replace("{id: herald", "{id: herald, retry_after: feed"), {"status": 429, "retry_after": HOUR}),
        (SOURCES, {"status": 404, "retry_after": HOUR}),
        (SOURCES, {"status": 503}),
    ],
)
async def test_only_busy_answers_hold_for_the_host_and_only_where_configured(
    town: Town, sources: str, more: dict[str, Any]
) -> None:
    await town.configure(sources)
    town.web.answer = failure(host="herald.example:443", **more)
    await town.poll()
    assert await town.store.read(host_holds.read, NOW) == ()


# --- what is kept


async def test_the_last_twelve_polls_are_kept_in_order(town: Town) -> None:
    town.web.answer = document(took=timedelta(milliseconds=120))
    await town.poll()
    town.web.answer = unchanged()
    for _ in range(12):
        await town.poll(after=HOUR)
    town.web.answer = failure(status=500)
    await town.poll(after=HOUR)
    history = await town.store.read(poll_history.of_source, "herald")
    assert [one.outcome for one in history] == ["failed", *["unchanged"] * 11]
    assert [one.at for one in history] == sorted((one.at for one in history), reverse=True)
    assert (history[0].status, history[0].detail, history[0].why) == (500, "no", "failed once; again in 30 min")
    assert history[0].next_poll_at == (await town.state()).next_poll_at


async def test_a_poll_is_kept_with_what_it_brought(town: Town) -> None:
    town.web.answer = document(rss(1, 2), took=timedelta(milliseconds=120))
    await town.poll()
    (kept,) = await town.store.read(poll_history.of_source, "herald")
    assert (kept.outcome, kept.status, kept.size, kept.new, kept.took) == (
        "changed",
        200,
        len(rss(1, 2)),
        2,
        timedelta(milliseconds=120),
    )


# --- the clock (R17)


async def test_a_clock_that_went_ahead_silences_nobody(town: Town) -> None:
    town.web.answer = document()
    await town.poll(after=3650 * DAY)
    await town.store.claim_due(town.now + DAY, lease=HOUR, owner="lost", limit=10)
    assert not await town.is_due(NOW + HOUR)
    assert await town.store.write(source_rows.mend_clock, NOW, HOUR) == 1
    assert not await town.is_due(NOW + MINUTE)
    assert await town.is_due(NOW + HOUR)
    assert await town.store.write(source_rows.mend_clock, NOW, HOUR) == 0


async def test_a_hub_that_delivers_is_noted_beside_polls(town: Town) -> None:
    town.web.answer = document()
    await town.store.set_pushed("herald", NOW + 9 * DAY, NOW)
    await town.poll()
    assert (await town.state()).why_due == "a hub delivers; asked every 1 d to be sure"
    await town.store.set_pushed("herald", None, NOW + HOUR)
    assert await town.is_due(NOW + HOUR)
    await town.poll(after=HOUR)
    assert (await town.state()).why_due == "every 30 min"
