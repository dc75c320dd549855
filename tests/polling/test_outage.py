"""A network of ours that is gone, told from publishers that are: nobody is blamed for it."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aggregator.intake.plan import plan_failed
from aggregator.model.fetched import FailureKind, FetchFailed, Validators
from aggregator.model.poll import PollState
from aggregator.polling.fetch import Fetcher
from aggregator.polling.guard import AddrInfo
from aggregator.polling.outage import QUIET, Outage
from aggregator.polling.resolver import Resolver
from tests.polling.origin import NOW, Server, a_source, answer, settings

LOST = "cannot look up {}: the name server did not answer"


def patchy(host: str, port: int, family: socket.AddressFamily) -> list[AddrInfo]:
    """The name server of one host answers."""
    if host != "up.example":
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


@pytest.fixture
async def fetcher(tmp_path: Path) -> AsyncIterator[Fetcher]:
    resolver = Resolver(guarded=False, lookup=patchy)
    async with Fetcher(
        user_agent="t", polling=settings(), files_root=tmp_path, environ={}, resolver=resolver
    ) as fetcher:
        yield fetcher


async def poll(fetcher: Fetcher, feed: str, **polling: object) -> FetchFailed | None:
    outcome = await fetcher.fetch(a_source(feed, polling=settings(**polling)), Validators(), NOW)
    return outcome if isinstance(outcome, FetchFailed) else None


async def test_where_nobody_can_be_reached_the_network_is_at_fault(fetcher: Fetcher, server: Server) -> None:
    lost = [await poll(fetcher, f"http://{host}/") for host in ("a.example", "a.example", "b.example", "c.example")]
    assert [failed and (failed.kind, failed.detail) for failed in lost] == [
        (FailureKind.DNS, LOST.format("a.example")),
        (FailureKind.DNS, LOST.format("a.example")),
        (FailureKind.DNS, LOST.format("b.example")),
        (
            FailureKind.OFFLINE,
            f"{LOST.format('c.example')}; nobody can be reached from this machine: check its network",
        ),
    ]
    server.paths["/"] = answer()
    assert await poll(fetcher, f"http://up.example:{server.port}/") is None
    again = await poll(fetcher, "http://d.example/")
    assert again is not None
    assert again.kind is FailureKind.DNS, "since then somebody was reached"


async def test_robots_of_nobody_close_no_site(fetcher: Fetcher, server: Server) -> None:
    hosts = ("a.example", "b.example", "c.example", "d.example")
    failed = [await poll(fetcher, f"http://{host}/", robots=True) for host in hosts][-1]
    assert failed is not None
    assert failed.kind is FailureKind.OFFLINE
    assert "check its network" in failed.detail


def test_the_wait_after_the_next_failure_of_its_own_is_none_the_longer() -> None:
    state = PollState(source="s", failures=2, last_error_kind=FailureKind.DNS)
    outcome = FetchFailed(source="s", asked_at=NOW, kind=FailureKind.OFFLINE, detail="no network")
    assert plan_failed(state, outcome, next_poll_at=NOW, why="", now=NOW).state.failures == 2
    fresh = PollState(source="s")
    assert plan_failed(fresh, outcome, next_poll_at=NOW, why="", now=NOW).state.failures == 1, "it is told all the same"


def test_one_host_without_a_way_to_it_is_not_taken_for_an_outage_where_others_answer() -> None:
    """An address of the other version of IP, say: else that source alone would have all workers leave their jobs."""
    outage = Outage()
    assert outage.unheard("six.example", 1_000, is_cut_off=True), "nobody has ever answered"
    outage.heard(1_001)
    assert not outage.unheard("six.example", 1_030, is_cut_off=True)
    assert outage.unheard("six.example", 1_001 + QUIET + 1, is_cut_off=True)
