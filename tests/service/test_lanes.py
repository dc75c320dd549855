"""Who is told of news first: nobody waits for somebody else's server."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from aggregator.model.hub import Outgoing, OutgoingKind
from aggregator.service.lanes import ROOM, WAITING_MAX, Lanes

NOW = datetime(2026, 11, 20, tzinfo=UTC)


class Outside:
    """The other side: answers all but those whose name begins with `slow`, which hang until they are let go."""

    def __init__(self, slow: timedelta = timedelta(hours=1)) -> None:
        self.let_go = asyncio.Event()
        self.begun: list[str] = []
        self.sent: list[str] = []
        self.back: list[str] = []
        self.under_way = self.most = 0
        self.lanes = Lanes(self.send, self.put_back, slow=slow)

    async def send(self, one: Outgoing) -> None:
        self.begun.append(one.id)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await (self.let_go.wait() if one.id.startswith("slow") else asyncio.sleep(0))
        self.under_way -= 1
        self.sent.append(one.id)

    async def put_back(self, ones: Sequence[Outgoing], wait: timedelta) -> None:
        assert wait > timedelta(0)
        self.back += [one.id for one in ones]

    async def add(self, receiver: str, count: int, width: int = 1) -> None:
        for number in range(count):
            one = Outgoing(
                id=f"{receiver} {number}",
                kind=OutgoingKind.WEBHOOK,
                target=receiver,
                facts="{}",
                created_at=NOW,
                next_at=NOW,
            )
            await self.lanes.add(one, receiver, width)


async def test_a_receiver_that_hangs_keeps_nobody_else_waiting() -> None:
    outside = Outside()
    await outside.add("slow", 30)
    await outside.add("good", 3)
    for _ in range(20):
        await asyncio.sleep(0)
    assert outside.sent == ["good 0", "good 1", "good 2"]
    assert outside.begun.count("slow 0") == 1
    assert outside.lanes.free == ROOM - 1
    outside.let_go.set()
    await outside.lanes.settle()
    assert outside.sent[3:] == [f"slow {number}" for number in range(30)]


async def test_no_more_than_there_is_room_for_and_no_more_than_one_receiver_may_have() -> None:
    outside = Outside()
    await outside.add("slow a", 9, width=4)
    assert (outside.most, outside.lanes.free) == (0, ROOM - 4)
    for name in range(ROOM):
        await outside.add(f"slow {name}", 2, width=2)
    await asyncio.sleep(0)
    assert (outside.most, outside.lanes.free) == (ROOM, 0)
    outside.let_go.set()
    await outside.lanes.settle()
    assert (outside.most, len(outside.sent), outside.under_way) == (ROOM, 9 + 2 * ROOM, 0)


async def test_what_waits_for_a_slow_receiver_goes_back_and_so_does_what_is_too_much() -> None:
    outside = Outside(slow=timedelta(0))
    await outside.add("slow", WAITING_MAX + 2)
    assert outside.back == [f"slow {WAITING_MAX + 1}"]
    outside.let_go.set()
    await outside.lanes.settle()
    assert outside.sent == ["slow 0"]
    assert sorted(outside.back) == sorted(f"slow {number}" for number in range(1, WAITING_MAX + 2))


async def test_after_the_end_nothing_starts_and_what_hangs_is_dropped() -> None:
    outside = Outside()
    await outside.add("slow", 5)
    await asyncio.sleep(0)
    await outside.lanes.stop(timedelta(0))
    await outside.add("good", 1)
    await asyncio.sleep(0)
    assert (outside.begun, outside.sent, outside.lanes.free) == (["slow 0"], [], 0)
