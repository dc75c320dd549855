"""Several processes on one database: what one does is what all serve, and nobody serves what nobody can vouch for."""

from __future__ import annotations

import asyncio
import contextlib
import io
import re
import shutil
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from aggregator.cli import run
from aggregator.errors import StoreError
from aggregator.model.output import Format
from aggregator.model.role import ALL_ROLES, Role
from aggregator.publishing.render import Renderer
from aggregator.service import house as houses
from aggregator.service import serving
from aggregator.service.house import House
from aggregator.service.keeper import Keeper
from aggregator.service.nodes import Node, Presence, disagreement, read_nodes
from aggregator.service.status import status_of
from aggregator.service.withdraw import withdraw
from aggregator.store import Store, SupersededError
from aggregator.web.feeds import FeedShelf
from aggregator.wiring import template_folders


def utc_now() -> datetime:
    return datetime.now(UTC)


class Nodes:
    """Houses over one database, each as a process of its own would have it."""

    def __init__(self, folder: Path, stack: contextlib.AsyncExitStack) -> None:
        self.folder = folder
        self._stack = stack
        self._count = 0

    async def node(self, *, builds: bool = True, config: Path | None = None) -> House:
        keeper = Keeper.open(config or self.folder / "config", utc_now())
        settings = keeper.world.configuration.settings
        store = await Store.open(settings.database)
        self._stack.push_async_callback(store.close)
        made = House(keeper, store, Renderer(template_folders(settings)), utc_now)
        self._count += 1
        roles = ALL_ROLES if builds else frozenset({Role.WEB})
        presence = Presence(made, roles, f"n{self._count}", utc_now())
        made.rival = presence.is_rivalled
        if not builds:
            made.follow()
        await made.sync()
        await presence.show()
        self._stack.push_async_callback(presence.leave)
        return made


@pytest.fixture
async def nodes(sample: Path, tmp_path: Path, database_url: str) -> AsyncIterator[Nodes]:
    """The sample, polled, on either database."""
    folder = tmp_path / "site"
    shutil.copytree(sample / "config", folder / "config")
    settings = folder / "config" / "aggregator.yaml"
    settings.write_text(re.sub(r"(?m)^database:.*$", f"database: {database_url}", settings.read_text()))
    with contextlib.redirect_stdout(io.StringIO()):
        assert await asyncio.to_thread(run, ["--config", str(folder / "config"), "poll"]) == 0
    async with contextlib.AsyncExitStack() as stack:
        yield Nodes(folder, stack)


async def ids(house: House, output: str = "community") -> set[str]:
    found = await house.public.current(output, Format.JSON)
    assert found is not None
    return {item["id"] for item in orjson.loads(found[0].body)["items"]}


async def test_a_node_that_only_serves_serves_what_a_builder_builds_and_builds_nothing(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A withdrawal by a third process takes effect on both, by the builder's build."""
    builder, server, desk = await nodes.node(), await nodes.node(builds=False), await nodes.node()
    await builder.build_stale()

    async def never(*_: object) -> None:
        raise AssertionError("a node that only serves has built although a builder is at work")

    monkeypatch.setattr(server, "_build", never)
    before = await ids(server)
    assert before == await ids(builder)
    key = next(iter(await desk.store.open_releases("community")))
    [entry] = await desk.store.find(key)
    await withdraw(key, "asked by letter", "test", desk.store, utc_now())
    asked = asyncio.create_task(ids(server))
    await asyncio.sleep(0.1)
    await builder.build_stale()
    assert entry.entry.id not in await asked
    assert await server.notice() == set()
    assert await builder.notice() == set()
    assert await builder.build_stale() == []


async def test_without_a_builder_a_node_builds_what_it_is_asked_for(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "PATIENCE", 0.2)
    builder, server = await nodes.node(), await nodes.node(builds=False)
    await builder.build_stale()
    key = next(iter(await builder.store.open_releases("community")))
    [entry] = await builder.store.find(key)
    await withdraw(key, "asked by letter", "test", builder.store, utc_now())
    assert entry.entry.id not in await ids(server)
    assert await server.notice() != set(), "the others wait until they are asked for, or a builder comes"
    built = {report.output for report in await builder.build_stale()}
    assert "community" not in built, "what another process has built is not built once more"


async def test_an_output_that_leaves_while_it_is_waited_for_is_told_in_words(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No builder comes, the node would build itself, and the output is taken out of its files: 503 once, then 404."""
    monkeypatch.setattr(serving, "PATIENCE", 0.0)
    builder, server = await nodes.node(), await nodes.node(builds=False)
    await builder.build_stale()
    key = next(iter(await builder.store.open_releases("community")))
    await withdraw(key, "asked by letter", "test", builder.store, utc_now())
    async with server._locks["community"]:  # as one visitor has it while others wait
        asked = [asyncio.create_task(ids(server)) for _ in range(3)]
        await asyncio.sleep(0.5)
        outputs = nodes.folder / "config" / "outputs.yaml"
        outputs.write_text(outputs.read_text().replace("- id: community ", "- id: other ", 1))
        assert await server.refresh()
    for one in asked:
        with pytest.raises(StoreError, match="has left the configuration"):
            await one
    assert await server.public.current("community", Format.JSON) is None


async def test_one_builder_builds_an_output_at_a_time(nodes: Nodes) -> None:
    """Two that begin together publish one build; one that was overtaken while it slept publishes nothing."""
    first, second = await nodes.node(), await nodes.node()
    reports = await asyncio.gather(first.build_stale(), second.build_stale())
    built = sorted(report.output for some in reports for report in some)
    assert set(built) == set(first.world.outputs)
    if first.store.is_shared:
        assert len(built) == len(set(built))
    assert await first.store.verify_ledger() == []
    stamp, facts = first.currency.stamp(first.world), await houses.gather_facts(first.store, ["community"], utc_now())
    await second.build_one("community")
    asleep = houses.Build(
        first.world.outputs["community"], first.world, first.store, first.renderer, utc_now(), facts["community"],
        stamp=stamp,
    )  # fmt: skip
    with pytest.raises(SupersededError, match="another process has built it"):
        await first.store.publish(await asleep.prepare())


async def test_the_configuration_of_the_builder_that_loaded_last_is_in_force(nodes: Nodes) -> None:
    """The other says so and stands by; where the newer one ends, it is in force again, and a command's passes by."""
    old = await nodes.node()
    await old.build_stale()
    edited = nodes.folder / "edited"
    shutil.copytree(nodes.folder / "config", edited)
    outputs = edited / "outputs.yaml"
    outputs.write_text(outputs.read_text().replace("title: Riverside headlines", "title: Headlines of the day"))
    new = await nodes.node(config=edited)
    assert await old.build_stale() == []
    assert (old.stands_by, new.stands_by) == (True, False)
    assert {report.output for report in await new.build_stale()} == set(new.world.outputs)
    assert await old.notice() == set(), "it serves what the other has built"
    told = disagreement(await read_nodes(old.store, utc_now()))
    assert told is not None
    assert told.startswith("nodes have different configurations: ")
    status = await status_of((), old.world, old.store, utc_now())
    assert (status.ok, status.disagreement) == (False, told)
    shutil.copy(nodes.folder / "config" / "outputs.yaml", outputs)
    assert await new.refresh()
    await new.build_stale()
    assert await old.build_stale() == []
    assert not old.stands_by


async def test_a_command_with_other_files_puts_nothing_into_force_for_good(nodes: Nodes) -> None:
    service = await nodes.node()
    await service.build_stale()
    edited = nodes.folder / "edited"
    shutil.copytree(nodes.folder / "config", edited)
    outputs = edited / "outputs.yaml"
    outputs.write_text(outputs.read_text().replace("title: Riverside headlines", "title: Headlines of the day"))
    with contextlib.redirect_stdout(io.StringIO()):
        assert await asyncio.to_thread(run, ["--config", str(edited), "build"]) == 0
    built = {report.output for report in await service.build_stale()}
    built |= {report.output for report in await service.build_stale()}
    assert built == set(service.world.outputs)
    found = await service.public.current("headlines", Format.RSS)
    assert found is not None
    assert b"Headlines of the day" not in found[0].body


async def test_what_nobody_can_vouch_for_is_served_for_a_while_and_then_not(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that is away for a moment stops no feed; after `unconfirmed` nobody knows what was withdrawn."""
    clock = [time.monotonic()]
    monkeypatch.setattr(houses, "seconds", lambda: clock[0])
    monkeypatch.setattr("aggregator.service.currency.seconds", lambda: clock[0])
    house = await nodes.node()
    await house.build_stale()
    shelf = FeedShelf(house.public, time.time)
    ready = await shelf.get("community.json")
    assert ready is not None
    assert shelf.held("community.json") is ready
    clock[0] += houses.HEARD + 0.1
    assert shelf.held("community.json") is None, "it is asked for anew: it may be older than five seconds"
    assert await shelf.get("community.json") is ready
    with monkeypatch.context() as gone:
        gone.setattr(house.store, "read", _away)
        await _served_for_a_while(shelf, ready, clock)


async def _served_for_a_while(shelf: FeedShelf, ready: object, clock: list[float]) -> None:
    for later in (houses.HEARD + 0.1, 50.0):
        clock[0] += later
        assert await shelf.get("community.json") is ready
    clock[0] += 10
    with pytest.raises(StoreError):
        await shelf.get("community.json")
    with pytest.raises(StoreError):
        await shelf.get("community.atom")


async def _away(*_: object, **__: object) -> None:
    raise StoreError("database 'x': gone")


async def test_a_database_that_hangs_holds_no_request_up(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    house = await nodes.node()
    await house.build_stale()
    shelf = FeedShelf(house.public, time.time)
    ready = await shelf.get("community.json")
    forever = asyncio.Event()

    async def hang(*_: object, **__: object) -> None:
        await forever.wait()

    with monkeypatch.context() as hung:
        hung.setattr(serving, "IN_TIME", 0.05)
        hung.setattr(house.store, "read", hang)
        house._version += 1
        async with asyncio.timeout(5):
            answers = await asyncio.gather(*(shelf.get("community.json") for _ in range(20)))
        assert answers == [ready] * 20
    forever.set()


async def test_a_change_elsewhere_is_signalled(nodes: Nodes) -> None:
    """Where the database has signals: on SQLite a look a second does."""
    house, other = await nodes.node(), await nodes.node()
    heard: list[float] = []
    listening = asyncio.create_task(house.store.listen(lambda: heard.append(time.monotonic())))
    if not house.store.is_shared:
        await asyncio.wait_for(listening, 5)
        return
    await _until(lambda: bool(heard))
    key = (await other.store.list_entries(limit=1))[0].key
    heard.clear()
    await withdraw(key, "asked by letter", "test", other.store, utc_now())
    await _until(lambda: bool(heard))
    listening.cancel()


async def _until(claim: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not claim():  # noqa: ASYNC110  what is waited for comes from a database
            await asyncio.sleep(0.005)


async def test_a_node_that_says_nothing_is_silent_and_is_forgotten(nodes: Nodes) -> None:
    house = await nodes.node()
    [node] = await read_nodes(house.store, utc_now())
    assert (node.alive, node.roles, node.version) == (True, tuple(Role), house.world.configuration.version)
    assert not (await read_nodes(house.store, utc_now() + timedelta(minutes=1)))[0].alive


def test_a_fleet_in_which_a_role_is_missing_says_so() -> None:
    """Nothing fails then, and nothing goes out: somebody must be told."""
    now = utc_now()

    def node(*roles: Role, alive: bool = True) -> Node:
        facts = {"program": "0.1.0", "version": "a", "started_at": now, "seen_at": now, "loaded_at": now}
        return Node(id="n", host="h", pid=1, roles=roles, alive=alive, **facts)

    told = "of the nodes none is scheduler or builder; start one: aggregator run --role scheduler,builder"
    assert disagreement([node(Role.WEB), node(Role.WORKER), node(*Role, alive=False)]) == told
    assert disagreement([node(Role.SCHEDULER, Role.BUILDER), node(Role.WORKER)]) is None
    assert disagreement([]) is None
