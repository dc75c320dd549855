"""How many requests run at once, and that nobody is forgotten."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from aggregator.model.fetched import Fetched, Validators
from aggregator.polling.fetch import Fetcher
from aggregator.polling.gate import Gate
from aggregator.polling.resolver import Resolver
from tests.polling.origin import NOW, Asked, Server, a_source, answer, settings


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


class Crowd:
    """Tasks that go through a gate and stay inside until told to leave."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.inside: list[str] = []
        self.doors: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    def come(self, name: str, host: str, per_host: int = 2) -> None:
        self.doors[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._stay(name, host, per_host))

    async def _stay(self, name: str, host: str, per_host: int) -> None:
        async with self.gate.through(host, per_host):
            self.inside.append(name)
            await self.doors[name].wait()
            self.inside.remove(name)

    async def leave(self, *names: str) -> list[str]:
        for name in names:
            self.doors[name].set()
        await settle()
        return self.inside


async def test_first_come_first_served_within_a_host() -> None:
    crowd = Crowd(Gate(10))
    for number in range(5):
        crowd.come(str(number), "a")
    await settle()
    assert crowd.inside == ["0", "1"]
    assert await crowd.leave("1") == ["0", "2"]
    assert await crowd.leave("0", "2") == ["3", "4"]
    await crowd.leave("3", "4")


async def test_a_host_that_everyone_waits_for_holds_nobody_else_up() -> None:
    """All places but two stay free, however many feeds of the slow host are due."""
    crowd = Crowd(Gate(4))
    for number in range(50):
        crowd.come(f"slow{number}", "slow")
    crowd.come("b", "b")
    crowd.come("c", "c")
    crowd.come("d", "d")
    await settle()
    assert crowd.inside == ["slow0", "slow1", "b", "c"]
    assert await crowd.leave("b") == ["slow0", "slow1", "c", "d"]
    for task in crowd.tasks.values():
        task.cancel()
    await asyncio.gather(*crowd.tasks.values(), return_exceptions=True)


async def test_a_source_may_allow_its_host_less() -> None:
    crowd = Crowd(Gate(10))
    crowd.come("0", "a", per_host=2)
    crowd.come("1", "a", per_host=1)
    crowd.come("2", "a", per_host=2)
    await settle()
    assert crowd.inside == ["0"]
    assert await crowd.leave("0") == ["1", "2"]
    await crowd.leave("1", "2")


async def test_who_gives_up_waiting_takes_no_place_along() -> None:
    crowd = Crowd(Gate(1))
    for name in "abcd":
        crowd.come(name, "host", per_host=1)
    await settle()
    crowd.tasks["b"].cancel()
    await settle()
    crowd.doors["a"].set()
    await asyncio.sleep(0)  # `a` leaves, and `c` has its turn but does not know yet
    crowd.tasks["c"].cancel()
    await settle()
    assert crowd.inside == ["d"]
    await crowd.leave("d")
    assert crowd.gate._hosts == {}
    assert crowd.gate._all.empty


async def test_all_who_wait_may_give_up_at_once() -> None:
    """As at the end of the service: each is told that it was cancelled, and nothing else."""
    crowd = Crowd(Gate(1))
    for name in "abcd":
        crowd.come(name, "host")
    await settle()
    for name in "bcda":
        crowd.tasks[name].cancel()
    ends = await asyncio.gather(*crowd.tasks.values(), return_exceptions=True)
    assert [type(end) for end in ends] == [asyncio.CancelledError] * 4


async def test_the_wait_does_not_count_against_the_time(server: Server, tmp_path: Path) -> None:
    """Twelve feeds, one at a time, each slow: together they take longer than one may."""
    running = most = 0

    async def reply(server: Server, asked: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.1)
        running -= 1
        await server.send(writer, answer(b"<rss/>"))

    server.paths["/"] = reply
    one = settings(concurrency=1, timeout=timedelta(seconds=1))
    async with Fetcher(user_agent="t", polling=one, files_root=tmp_path, environ={}) as fetcher:
        sources = [a_source(server.url("/"), id=str(number), polling=one) for number in range(12)]
        outcomes = await asyncio.gather(*(fetcher.fetch(source, Validators(), NOW) for source in sources))
    assert [type(outcome) for outcome in outcomes] == [Fetched] * 12
    assert most == 1


async def test_hosts_that_redirect_to_each_other_do_not_block_each_other(server: Server, tmp_path: Path) -> None:
    """Nobody holds a place while waiting for a host, so there is no circle of those who wait."""

    async def reply(server: Server, asked: Asked, writer: asyncio.StreamWriter) -> None:
        here = asked.headers["Host"].split(":")[0]
        there = {"a.example": "b.example", "b.example": "a.example"}[here]
        done = asked.path == "/done"
        location = f"http://{there}:{server.port}/done"
        await server.send(
            writer,
            answer(b"<rss/>") if done else answer(b"", "302 Found", Location=location, Connection="close"),
        )

    server.paths |= {"/": reply, "/done": reply}

    def lookup(host: str, port: int, family: int) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    few = settings(concurrency=2, per_host=1)
    resolver = Resolver(guarded=False, lookup=lookup)
    async with Fetcher(user_agent="t", polling=few, files_root=tmp_path, environ={}, resolver=resolver) as fetcher:
        sources = [
            a_source(server.url("/", f"{'ab'[number % 2]}.example"), id=str(number), polling=few)
            for number in range(12)
        ]
        outcomes = await asyncio.gather(*(fetcher.fetch(source, Validators(), NOW) for source in sources))
    assert [type(outcome) for outcome in outcomes] == [Fetched] * 12
