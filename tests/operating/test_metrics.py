"""What monitoring reads, over HTTP, from the server that `run` starts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

from aggregator.service.metrics import METRICS
from aggregator.service.readiness import readiness
from aggregator.store import UnavailableError
from aggregator.store import outputs as output_rows
from aggregator.web.monitoring import route_of
from aggregator.wiring.outside import open_polling
from tests.web.conftest import Served, folder, served

__all__ = ["folder", "served"]

NAME = re.compile(r"(aggregator|process|python)_[a-z0-9]+(_[a-z0-9]+)*$")


async def _read(served: Served) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = await served.ask("/metrics")
    assert answer.status == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in prometheus(answer.text)
        for sample in family.samples
    }


async def test_what_happens_is_counted(served: Served):
    """One poll round, one build, documents in front of and behind the application, a page, and nonsense."""
    before = await _read(served)
    async with open_polling(served.house) as tools:
        from aggregator.service.poll import poll_many

        world = served.house.world
        states = await served.house.store.claim_named(
            sorted(world.active),
            served.house.clock(),
            lease=__import__("datetime").timedelta(minutes=5),
            owner=tools.owner,
        )
        await poll_many(
            [(world.sources[id_], state) for id_, state in states.items()], world, tools, served.house.clock
        )
    await served.house.build_all(["community"])
    for path in ("/feeds/community.rss", "/feeds/community.rss", "/", "/no/such/place", "/feeds/none.rss"):
        await served.ask(path)
    etag = (await served.ask("/feeds/community.rss")).headers["ETag"]
    await served.ask("/feeds/community.rss", headers={"If-None-Match": etag})
    await served.ask("/feeds/community.rss", method="DELETE")
    METRICS._read_at = float("-inf")  # as five seconds later
    after = await _read(served)

    def grown(name: str, **labels: str) -> float:
        key = (name, tuple(sorted(labels.items())))
        return after.get(key, 0) - before.get(key, 0)

    polls = sum(grown("aggregator_polls_total", outcome=one) for one in ("changed", "unchanged"))
    assert polls == len(world.active)
    assert grown("aggregator_poll_duration_seconds_count") == polls
    assert (
        grown("aggregator_builds_total", result="unchanged") + grown("aggregator_builds_total", result="changed") >= 1
    )
    assert grown("aggregator_decisions_total", outcome="allow") > 0
    assert grown("aggregator_decisions_total", outcome="ask") > 0
    assert grown("aggregator_documents_served_total", format="rss", answer="200") == 3
    assert grown("aggregator_documents_served_total", format="rss", answer="304") == 1
    assert grown("aggregator_http_requests_total", route="feeds", method="GET", status="404") == 1
    assert grown("aggregator_http_requests_total", route="page", method="GET", status="200") == 1
    assert grown("aggregator_http_requests_total", route="other", method="GET", status="404") == 1
    assert grown("aggregator_http_requests_total", route="feeds", method="DELETE", status="405") == 1
    store = served.house.store
    assert after["aggregator_database_up", ()] == 1
    assert after["aggregator_entries", ()] == sum((await store.count_entries()).values()) > 0
    assert after["aggregator_sources", (("health", "ok"),)] == len(world.active)
    flags = await store.flags(open_only=True)
    assert sum(value for (name, _), value in after.items() if name == "aggregator_flags") == len(flags) > 0
    assert after["aggregator_output_entries", (("output", "community"),)] > 0
    assert after["aggregator_ledger_records", ()] > 0


async def test_names_and_units_are_those_of_the_conventions(served: Served):
    """Base units, `_total` on counters, help everywhere, both text forms; nothing of a feed or a person in a label."""
    await served.ask("/s/SECRETsecretSECRETsecret0123/community.rss")
    await served.ask("/admin/welcome/SECRETsecretSECRETsecret0123")
    text = (await served.ask("/metrics")).text
    assert "SECRET" not in text
    families = list(prometheus(text))
    for family in families:
        assert NAME.match(family.name), family.name
        assert family.documentation, family.name
        assert family.type in ("counter", "gauge", "histogram", "summary"), family.name
        assert not re.search(r"_(ms|milliseconds|minutes|hours|days|kb|mb|percent)$", family.name)
        if family.type == "histogram":
            assert family.name.endswith(("_seconds", "_bytes"))
        if family.name.startswith("aggregator_"):
            assert len(family.samples) < 400, family.name
    answer = await served.ask("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    assert {one.name for one in openmetrics(answer.text)} >= {"aggregator_polls", "aggregator_flags"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"X-Forwarded-For": "203.0.113.5"}, 403),
        ({"X-Forwarded-For": "127.0.0.1"}, 403),
        ({"Forwarded": "for=127.0.0.1"}, 403),
        ({"Via": "1.1 cache"}, 403),
    ],
)
async def test_metrics_are_for_this_machine_unless_told_otherwise(served: Served, headers: dict[str, str], status: int):
    """What comes through a proxy on this machine is not from this machine."""
    assert (await served.ask("/metrics", headers=headers)).status == status


async def test_a_token_lets_monitoring_in_from_anywhere(folder: Path, served: Served, monkeypatch: pytest.MonkeyPatch):
    settings = folder / "config/aggregator.yaml"
    ours = "metrics: {allow: [203.0.113.0/24], token: env:METRICS_TOKEN}\n"
    settings.write_text(re.sub(r"(?m)^metrics:\n(  .*\n)+", lambda _: ours, settings.read_text()))
    await served.house.refresh()
    monkeypatch.setenv("METRICS_TOKEN", "s3cret")
    assert (await served.ask("/metrics")).status == 401
    assert (await served.ask("/metrics", headers={"Authorization": "Bearer wrong"})).status == 401
    assert (await served.ask("/metrics", headers={"Authorization": "Bearer s3cret"})).status == 200
    monkeypatch.delenv("METRICS_TOKEN")
    assert (await served.ask("/metrics", headers={"Authorization": "Bearer s3cret"})).status == 403


def test_every_path_belongs_to_one_of_a_dozen_classes():
    assert route_of("/feeds/a.rss") == "feeds"
    assert route_of("/s/SECRET/a.rss") == "subscriber"
    assert {route_of(path) for path in ("//", "/%00", "/xyz", "/feedsx", "")} <= {"other", "page"}


async def test_readiness_says_what_is_wrong_and_what_to_do(served: Served, monkeypatch: pytest.MonkeyPatch):
    """Not ready before anything is built; ready then; not while the database is away; a broken edit only warns."""

    async def ask() -> tuple[int, dict[str, object]]:
        answer = await served.ask("/readyz")
        return answer.status, json.loads(answer.text)

    house = served.house
    assert (await ask())[0] == 200  # the sample was built before
    await house.store.write(output_rows.drop, "community", house.clock())
    status, said = await ask()
    assert (status, said["ready"]) == (503, False)
    assert re.match(r"\d documents of \d+ are not built yet", said["reasons"][0])
    await house.build_all()
    assert await ask() == (
        200,
        {
            "ready": True,
            "reasons": [],
            "warnings": [],
            "checks": {"database": True, "schema": True, "configuration": True, "documents": True},
        },
    )
    broken = house.keeper.folder / "outputs.yaml"
    good = broken.read_text()
    broken.write_text("- id: [")
    await house.refresh()
    status, said = await ask()
    assert (status, len(said["warnings"])) == (200, 1)
    broken.write_text(good)

    async def away(*_: object, **__: object) -> None:
        raise UnavailableError("database 'postgresql://user@secret.host/x': no answer")

    monkeypatch.setattr(house.store, "read", away)
    answer = await served.ask("/readyz")
    assert answer.status == 503
    assert "secret.host" not in answer.text
    assert json.loads(answer.text)["checks"]["database"] is False


async def test_a_process_whose_jobs_are_stuck_is_not_ready(served: Served, monkeypatch: pytest.MonkeyPatch):
    await served.house.build_all()
    assert not (await readiness(served.house, ["never did"])).ready
    METRICS.worked("a job", True)
    assert (await readiness(served.house, ["a job"])).ready
    monkeypatch.setitem(METRICS._ticked, "a job", METRICS._ticked["a job"] - 61)
    METRICS.worked("a job", False)  # that it runs, and fails, is not that it does its work
    found = await readiness(served.house, ["a job"])
    assert (found.ready, len(found.reasons)) == (False, 1)
    assert "61 s ago" in found.reasons[0]


async def test_a_request_keeps_its_id_and_a_bad_one_is_replaced(served: Served):
    for path in ("/", "/feeds/none.rss", "/healthz", "/feeds/community.rss"):
        await served.ask(path)
        assert (await served.ask(path, headers={"X-Request-Id": "abc-1.2_3"})).headers["X-Request-Id"] == "abc-1.2_3"
    made = (await served.ask("/", headers={"X-Request-Id": "a b<script>"})).headers["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f]{16}", made)
    # Caches keep what has none: an id of one reader is nothing for the others.
    assert "X-Request-Id" not in (await served.ask("/feeds/community.rss")).headers
