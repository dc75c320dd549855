"""No served document ever holds an entry whose current decision is not allow, whatever happens in whatever order."""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import hypothesis.strategies as st
import msgspec
import orjson
import pytest
import structlog
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from lxml import etree, html

from aggregator.config import Configuration, load
from aggregator.intake.parse import parse
from aggregator.model.decision import Decision, Question
from aggregator.model.entry import StoredEntry, entry_key
from aggregator.model.output import Approval, Format, Output, Selector, Withdrawals
from aggregator.model.parsed import ParsedFeed, ParseFailed, ParseRequest
from aggregator.model.policy import Policy, ThirdParty, When
from aggregator.publishing.abilities import can_discharge
from aggregator.publishing.render import Renderer
from aggregator.publishing.select import wanted
from aggregator.rights.approval import approval_digest
from aggregator.rights.decide import decide
from aggregator.rights.policies import Policies
from aggregator.service import build as build_module
from aggregator.service.assess import Desk, gather_desk
from aggregator.service.house import House
from aggregator.service.keeper import Keeper
from aggregator.service.poll import Polling, poll
from aggregator.service.withdraw import withdraw
from aggregator.service.world import World
from aggregator.store import Store, decisions, desk
from aggregator.wiring import template_folders
from tests.build import a_duty, a_grant, a_policy, a_publisher, a_rule, a_source, a_use, an_output
from tests.rights.reference import Reference
from tests.story.site import Site
from tests.story.upstream import Upstream, Version, edited

T = TypeVar("T")
START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SOURCES = ["gazette", "herald"]
IDS = ["1", "2", "3"]
SHARED = "https://shared.example/1"
"""An article that both feeds have under one id and address: it may stand once."""

TERMS: dict[str, tuple[Any, ...]] = {
    "allow": (a_rule("allow", duties=["credit-source"]),),
    "allow-full-only": (a_rule("allow", "full", duties=["credit-author"]),),
    "ask": (a_rule("ask"),),
    "deny": (a_rule("deny"),),
    "embargo": (a_rule("allow", when=When(embargo=timedelta(hours=6)), duties=["credit-source"]),),
    "window": (a_rule("allow", when=When(window=timedelta(hours=24)), duties=["credit-source"]),),
    "window-then-headline": (
        a_rule("allow", "full", when=When(window=timedelta(hours=24))),
        a_rule("allow", "headline"),
    ),
    "days": (a_rule("allow", when=When(until=START.date())),),
    "news-only": (a_rule("allow", when=When(category=("news",))), a_rule("deny", when=When(category=("opinion",)))),
    "picked": (a_rule("allow", limits=["no-automatic"]),),
    "for-a-day": (a_rule("allow", duties=[a_duty("remove-after", days=1)]),),
    "community": (a_rule("allow", to=["community"]), a_rule("deny", to=["commercial"])),
}
OUTPUTS = {
    "open": an_output("open", a_use("full", "headline")),
    "few": an_output("open", a_use("full"), select=Selector(newest=2)),
    "fresh": an_output("open", a_use("full"), select=Selector(max_age=timedelta(hours=30))),
    "commercial": an_output("open", a_use("full", audience="commercial", ads="page")),
    "headlines": an_output("open", a_use("headline"), formats=(Format.JSON, Format.ATOM)),
    "one-source": an_output("open", a_use("full", "excerpt"), select=Selector(sources=("herald",))),
}
PICKED = an_output("picked", a_use("full", "headline", selection="reviewed"))


def policy_of(id_: str, terms: str, third_party: str = "ask") -> Policy:
    publisher = a_publisher(id_.capitalize(), url=f"https://{id_}.example/", domains=(f"{id_}.example",))
    return a_policy(*TERMS[terms], id=id_, publisher=publisher, third_party=ThirdParty(third_party))


async def read(request: ParseRequest) -> ParsedFeed | ParseFailed:
    return parse(request)


class Histories(RuleBasedStateMachine):
    """Publishers, operator, admin and clock do what they like; after each step the promise is looked at."""

    template: ClassVar[Path]
    """A database that holds the schema only."""
    base: ClassVar[Configuration]
    """Settings without sources, policies and outputs."""
    renderer: ClassVar[Renderer]
    """One for all: to compile the templates takes longer than a whole history."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp(prefix="agg-story-"))
        database = self.folder / "aggregator.db"
        shutil.copy(self.template, database)
        self.now = START
        self.number = 0
        self.policies: dict[str, Policy] = {}
        self.disabled: set[str] = set()
        self.outputs = {"open": OUTPUTS["open"], "picked": PICKED}
        self.upstream = Upstream(SOURCES)
        self.keeper = Keeper(self.folder, World.of(self.base), START, "")
        self.store = self.wait(Store.open(f"sqlite:///{database}"))
        self.tools = Polling(store=self.store, fetch=self.upstream, parse=read, owner="test")
        self.steps = 0
        self.every = 1
        """Steps between two looks."""
        self.start()

    def start(self) -> None:
        self.house = House(self.keeper, self.store, self.renderer, lambda: self.now)

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def teardown(self) -> None:
        self.wait(self.store.close())
        self.runner.close()
        shutil.rmtree(self.folder)

    # What publishers do

    @initialize(terms=st.tuples(*[st.sampled_from(sorted(TERMS))] * 2), every=st.integers(1, 4))
    def begin(self, terms: tuple[str, str], every: int) -> None:
        self.every = every
        for source, own in zip(SOURCES, terms, strict=True):
            self.policies[source] = policy_of(source, own)
            self.put(source, "1", START - timedelta(hours=1), {})
            self.put(source, "2", START - timedelta(hours=20), {"wire": True})
        self.configure()
        for source in SOURCES:
            self.poll(source)

    def put(self, source: str, id_: str, published: datetime | None, facts: dict[str, Any]) -> None:
        self.number += 1
        url = SHARED if id_ == "3" else f"https://{source}.example/{id_}"
        title = "Shared" if id_ == "3" else f"{source} {id_} version {self.number}"
        fresh = Version(title=title, url=url, published=published, updated=self.now)
        self.upstream.feeds[source].items[id_] = edited(fresh, **facts)

    @rule(
        source=st.sampled_from(SOURCES),
        id_=st.sampled_from(IDS),
        hours=st.sampled_from([None, -40, -20, -1, 0, 5]),
        facts=st.fixed_dictionaries(
            {},
            optional={
                "wire": st.booleans(),
                "forbids": st.booleans(),
                "draft": st.booleans(),
                "author": st.none(),
                "category": st.just("opinion"),
            },
        ),
    )
    def publisher_puts(self, source: str, id_: str, hours: int | None, facts: dict[str, Any]) -> None:
        """A new article, or another version of it."""
        self.put(source, id_, None if hours is None else START + timedelta(hours=hours), facts)
        self.upstream.feeds[source].buried.pop(id_, None)
        self.poll(source)

    @rule(source=st.sampled_from(SOURCES), id_=st.sampled_from(IDS), tombstone=st.booleans(), complete=st.booleans())
    def publisher_deletes(self, source: str, id_: str, tombstone: bool, complete: bool) -> None:
        """By a tombstone, by absence from a complete feed, or only out of the window."""
        feed = self.upstream.feeds[source]
        feed.items.pop(id_, None)
        feed.complete = complete
        if tombstone:
            feed.buried[id_] = self.now
        self.poll(source)

    def poll(self, source: str) -> None:
        async def work() -> None:
            states = await self.store.poll_states([source])
            report = await poll(world.sources[source], states[source], world, untied, self.now)
            assert report.outcome in {"changed", "unchanged"}, report

        world = self.keeper.world
        untied = self.tools
        if source in world.active:
            self.wait(self.store.claim_named([source], self.now, lease=timedelta(minutes=9), owner="test"))
            self.wait(work())

    # What the operator does

    def configure(self) -> None:
        self.number += 1
        self.keeper.world = World.of(
            replace(
                self.base,
                sources=tuple(
                    a_source(id_, policy=id_ if id_ in self.policies else None, enabled=id_ not in self.disabled)
                    for id_ in SOURCES
                ),
                policies=tuple(self.policies.values()),
                outputs=tuple(self.outputs.values()),
                version=str(self.number),
            )
        )
        self.wait(self.house.sync())

    @rule(
        policy=st.sampled_from([*SOURCES, "wire"]),
        terms=st.sampled_from(sorted(TERMS)),
        third_party=st.sampled_from(["ask", "deny", "covered"]),
    )
    def operator_edits_a_policy(self, policy: str, terms: str, third_party: str) -> None:
        self.policies[policy] = policy_of(policy, terms, third_party)
        self.configure()

    @rule(policy=st.sampled_from([*SOURCES, "wire"]))
    def operator_removes_a_policy(self, policy: str) -> None:
        self.policies.pop(policy, None)
        self.configure()

    @rule(source=st.sampled_from(SOURCES))
    def operator_switches_a_source(self, source: str) -> None:
        self.disabled ^= {source}
        self.configure()

    @rule(output=st.sampled_from(sorted(OUTPUTS)))
    def operator_edits_an_output(self, output: str) -> None:
        self.outputs["open"] = OUTPUTS[output]
        self.configure()

    @rule()
    def operator_removes_or_returns_an_output(self) -> None:
        if self.outputs.pop("picked", None) is None:
            self.outputs["picked"] = PICKED
        self.configure()

    @rule()
    def service_starts_again(self) -> None:
        """What was in memory only is forgotten."""
        self.start()

    @rule()
    def another_process_builds(self) -> None:
        other = House(self.keeper, self.store, self.renderer, lambda: self.now)
        self.wait(other.build_all())

    # What admins do

    @rule(publisher=st.sampled_from([*SOURCES, "Wire"]), over=st.booleans())
    def admin_records_a_grant(self, publisher: str, over: bool) -> None:
        self.number += 1
        whose = {"policy": publisher} if publisher in SOURCES else {"publisher": publisher}
        grant = a_grant(id=f"g{self.number}", over_notices=over, given_at=self.now, **whose)
        self.wait(self.store.write(desk.add_grant, grant, self.now))

    @rule(data=st.data())
    def admin_revokes_a_grant(self, data: st.DataObject) -> None:
        standing = [grant.id for grant in self.wait(self.store.grants()) if grant.revoked_at is None]
        if standing:
            assert self.wait(self.store.revoke_grant(data.draw(st.sampled_from(standing)), self.now))

    @precondition(lambda self: "picked" in self.outputs)
    @rule(data=st.data(), output=st.sampled_from(["open", "picked"]))
    def admin_picks(self, data: st.DataObject, output: str) -> None:
        if stored := self.draw_entry(data):
            digest = approval_digest(stored.entry)
            self.wait(self.store.approve(Approval(entry=stored.key, output=output, digest=digest, at=self.now, by="a")))

    @rule(data=st.data())
    def admin_withdraws(self, data: st.DataObject) -> None:
        if stored := self.draw_entry(data):
            self.wait(withdraw(stored.key, "asked by mail", "a", self.store, self.now))

    def draw_entry(self, data: st.DataObject) -> StoredEntry | None:
        entries = self.wait(self.store.list_entries(limit=50))
        return data.draw(st.sampled_from(sorted(entries, key=lambda one: one.key))) if entries else None

    # What time does

    @rule(minutes=st.sampled_from([1, 359, 361, 1441, 2_881]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    # The promise

    @rule()
    def the_service_builds(self) -> None:
        """After a tick, what stands is right even if nobody asks, and all that may stand does."""
        self.wait(self.house.build_stale())
        for output in self.keeper.world.outputs.values():
            self.wait(self.look(output, self.store.document))
        assert self.wait(self.store.verify_ledger()) == []

    def a_reader_asks(self, output: str) -> None:
        """Whatever has happened since the last build, what is served now is right now."""
        configured = self.keeper.world.outputs.get(output)
        if configured is None:
            assert self.wait(self.house.public.current(output, Format.RSS)) is None
        else:
            self.wait(self.look(configured, self.served))

    @invariant()
    def readers_ask(self) -> None:
        """Both outputs, after every few steps."""
        self.steps += 1
        if self.steps % self.every == 0:
            self.a_reader_asks("open")
            self.a_reader_asks("picked")

    async def served(self, output: str, format_: Format) -> Any:
        found = await self.house.public.current(output, format_)
        assert found is not None
        return found[0]

    async def look(self, output: Output, document: Callable[[str, Format], Coroutine[Any, Any, Any]]) -> None:
        bodies = {format_: (await document(output.id, format_)).body for format_ in output.formats}
        shown = await self.agreed(bodies)
        releases = await self.store.open_releases(output.id)
        assert set(shown) == set(releases)
        records = await self.standing_in_ledger(output.id)
        assert records == {key: (one.revision, one.decision) for key, one in releases.items()}
        everything = {one.key: one for one in await self.store.list_entries(limit=100)}
        allowed = {}
        for key, stored in everything.items():
            decision = await self.decided(stored, output)
            if decision is not None and decision.allowed:
                allowed[key] = stored
            if key in shown:
                assert decision is not None
                assert decision.allowed, decision.sentence
                assert releases[key].revision == stored.entry.revision
                assert shown[key] == stored.entry.title
                kept = await self.store.read(decisions.by_digest, releases[key].decision)
                assert kept is not None
                assert msgspec.json.decode(kept[1], type=Decision).allowed
        stories = {stored.entry.url for stored in allowed.values()}
        assert len(shown) == min(len(stories), output.select.newest)

    async def agreed(self, bodies: dict[Format, bytes]) -> dict[str, str]:
        """Key → title of what all formats show, each read for itself."""
        feeds = {source.feed: source.id for source in self.keeper.world.sources.values()}
        items = orjson.loads(bodies[Format.JSON])["items"]
        shown = {
            entry_key(feeds[item["_rights"]["source"]["feed_url"]], item["_rights"]["original_id"]): item["title"]
            for item in items
        }
        assert len(shown) == len(items)
        for format_, tag in ((Format.RSS, "item"), (Format.ATOM, "{http://www.w3.org/2005/Atom}entry")):
            if format_ in bodies:
                found = [one[0].text for one in etree.fromstring(bodies[format_]).iter(tag)]
                titles = [
                    one.findtext("title") or one.findtext("{http://www.w3.org/2005/Atom}title")
                    for one in etree.fromstring(bodies[format_]).iter(tag)
                ]
                assert len(found) == len(items)
                assert titles == list(shown.values())
        if Format.HTML in bodies:
            anchors = html.fromstring(bodies[Format.HTML]).xpath("//article/@id")
            assert anchors == [f"e-{key}" for key in shown]
        return shown

    async def decided(self, stored: StoredEntry, output: Output) -> Decision | None:
        """The decision on an entry now, worked out twice without any help of the service; None: not a candidate."""
        world = self.keeper.world
        source = next(one for one in world.configuration.sources if one.id == stored.entry.source)
        selected = not output.select.sources or source.id in output.select.sources
        text = (await self.store.contents([stored.key]))[stored.key].text if stored.deleted_at is None else ""
        if stored.deleted_at or not source.enabled or not selected:
            return None
        if stored.key in await self.store.withdrawals() or not wanted(output.select, stored, text, self.now):
            return None
        approval = (await self.store.read(desk.approvals_of, output.id)).get(stored.key)
        opened = [one.opened_at for one in await self.store.releases_of(stored.key) if one.output == output.id]
        question = Question(
            stored=stored,
            policy=source.policy,
            use=replace(output.use, can_discharge=can_discharge(output.formats)),
            at=self.now,
            text=text,
            approved=approval is not None and approval.digest == approval_digest(stored.entry),
            released_at=min(opened, default=None),
        )
        grants = await self.store.grants()
        policies = list(world.configuration.policies)
        unknown = world.configuration.settings.unknown_policy
        decision = decide(question, Policies(policies, unknown), grants)
        reference = Reference(question, policies, unknown, list(grants)).answer()
        assert (decision.outcome.value, decision.form.value) == reference[:2]
        return decision

    async def standing_in_ledger(self, output: str) -> dict[str, tuple[str, str]]:
        """What stands in an output if one believes the ledger alone."""
        standing: dict[str, tuple[str, str]] = {}
        for record in await self.store.ledger(limit=100_000):
            name, _, entry = record.subject.partition("/")
            if name != output:
                continue
            body = orjson.loads(record.body)
            if record.kind == "release":
                assert entry not in standing
                standing[entry] = (body["revision"], body["decision"])
            elif record.kind == "end":
                assert standing.pop(entry) == (body["revision"], body["decision"])
        return standing


QUICK = settings(
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


@pytest.fixture(autouse=True)
def histories(migrated_sqlite: Path, tmp_path: Path) -> Iterator[None]:
    site = Site(tmp_path / "site")
    source = {"id": "herald", "feed": "https://herald.example/feed"}
    site.write("sources.yaml", [source])
    site.write("outputs.yaml", [{"id": "open", "title": "Open", "use": {"audience": "community"}}])
    Histories.template = migrated_sqlite
    Histories.base = load(site.config)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    Histories.renderer = Renderer(template_folders(Histories.base.settings))
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize("number", range(5))
def test_nothing_stands_that_may_not_and_everything_that_may(number: int) -> None:
    """Several short searches: each begins with the simplest histories, and then goes elsewhere."""
    search = settings(QUICK, max_examples=4, stateful_step_count=35)
    run_state_machine_as_test(seed(number)(Histories), settings=search)


def forget_the_wake(monkeypatch: pytest.MonkeyPatch) -> None:
    """A decision that changes by time alone goes unnoticed."""
    monkeypatch.setattr(build_module.Build, "_wake_at", lambda *_: None)


def forget_the_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody hears what people rule."""
    monkeypatch.setattr("aggregator.service.currency.desk_rows.version", lambda _: "")


def forget_withdrawals(monkeypatch: pytest.MonkeyPatch) -> None:
    """A build looks past them, and the store lets it."""

    async def blind(*given: Any, **named: Any) -> Desk:
        return replace(await gather_desk(*given, **named), withdrawals=Withdrawals())

    monkeypatch.setattr("aggregator.service.build.gather_desk", blind)
    monkeypatch.setattr("aggregator.store.outputs._refuse_withdrawn", lambda *_: None)


def forget_revocations(monkeypatch: pytest.MonkeyPatch) -> None:
    """A grant is for ever."""

    async def generous(*given: Any, **named: Any) -> Desk:
        desk = await gather_desk(*given, **named)
        return replace(desk, grants=[replace(grant, revoked_at=None) for grant in desk.grants])

    monkeypatch.setattr("aggregator.service.build.gather_desk", generous)


def forget_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new configuration waits until something else makes an output stale."""

    async def lazy(house: House) -> None:
        await house.store.sync_sources(house.world.active, house.clock())

    monkeypatch.setattr(House, "sync", lazy)


LIKELY = (2, 1, 10, 6, *range(20, 30))
"""Seeds, those first by which most mistakes were soon found."""


@pytest.mark.parametrize(
    "plant",
    [forget_the_wake, forget_the_desk, forget_withdrawals, forget_revocations, forget_the_configuration],
)
def test_a_planted_mistake_is_found(
    plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The histories above would notice each of these."""
    plant(monkeypatch)
    assert any(is_found(number) for number in LIKELY)


def is_found(number: int) -> bool:
    """Whether a few histories show that something is wrong."""
    hunt = settings(QUICK, max_examples=4, phases=[Phase.generate], report_multiple_bugs=False)
    try:
        run_state_machine_as_test(seed(number)(type("Planted", (Histories,), {})), settings=hunt)
    except (AssertionError, KeyError):
        return True
    return False
