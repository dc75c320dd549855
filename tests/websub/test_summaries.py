"""What people are told of how news travel, and webhooks that are kept in the database."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from aggregator.cli import run
from aggregator.errors import UsageError
from aggregator.service.delivery import delivery_summary
from aggregator.service.webhooks import add_webhook, remove_webhook, try_webhook
from tests.websub.conftest import Other, Service
from tests.websub.test_webhooks import is_signed


async def test_a_try_is_signed_and_shows_in_the_summary(service: Service, other: Other):
    house, now = service.house, service.clock()
    hook = await add_webhook("mine", other.url("/s3cret"), house.world, house.store, now, private_addresses=True)
    await try_webhook("mine", house.world, house.store, now)
    await service.send()
    (got,) = other.take()
    assert isinstance(hook.secret, str)
    assert is_signed(got, hook.secret)
    assert json.loads(got.body)["type"] == "test"
    summary = await delivery_summary(house.world, house.store, now)
    (shown,) = summary.webhooks
    assert (shown.host, shown.delivered, shown.waiting, shown.problem) == ("127.0.0.1", 1, 0, None)
    told = json.dumps(asdict(summary), default=str) + "\n".join(summary.lines())
    assert "s3cret" not in told
    assert hook.secret not in told
    await remove_webhook("mine", house.world, house.store)
    with pytest.raises(UsageError, match="no webhook 'mine'"):
        await try_webhook("mine", house.world, house.store, now)


async def test_the_summary_counts_subscribers_and_what_they_miss(service: Service, other: Other):
    from aiohttp import web

    from tests.websub.conftest import PUBLIC, Got

    await service.ask_hub(mode="subscribe", topic=f"{PUBLIC}/feeds/community.rss", callback=other.url("/s3cret"))
    await service.send()

    async def unwell(got: Got) -> web.Response:
        return web.Response(status=500)

    other.answer = unwell
    await service.withdraw_one()
    await service.send()
    lines = "\n".join((await delivery_summary(service.house.world, service.house.store, service.clock())).lines())
    assert "Our hub has 1 subscriptions." in lines
    assert "Waits to be sent: 1 deliver." in lines
    assert "deliver 127.0.0.1: answered 500" in lines
    assert "s3cret" not in lines


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"id_": "No Good"}, "may hold"),
        ({"url": "ftp://example.org/"}, "not a web address"),
        ({"url": "https://me:pw@example.org/"}, "not a web address"),
        ({"events": ["output.changd"]}, "event 'output.changd' is not known"),
        ({"outputs": ["nothing"]}, "output 'nothing' is not configured"),
        ({"subscriber": "site"}, "names its outputs"),
        ({"subscriber": "site", "outputs": ["community"], "events": ["flag.opened"]}, "is told of"),
        ({"subscriber": "nobody", "outputs": ["community"]}, "subscriber 'nobody' is not recorded"),
    ],
)
async def test_wrong_words_are_told(service: Service, words: dict[str, object], message: str):
    usual: dict[str, object] = {"id_": "mine", "url": "https://example.org/hook"}
    house = service.house
    facts = usual | words
    id_, url = str(facts.pop("id_")), str(facts.pop("url"))
    with pytest.raises(UsageError, match=message):
        await add_webhook(id_, url, house.world, house.store, service.clock(), **facts)


def test_webhooks_by_command(folder: Path, capsys: pytest.CaptureFixture[str]):
    common = ["--config", str(folder / "config"), "webhooks"]
    assert run([*common, "add", "cms", "https://cms.example.org/hook", "--output", "community"]) == 0
    assert "whsec_" in capsys.readouterr().out
    assert run([*common, "add", "cms", "https://cms.example.org/hook"]) == 2 or "already" in capsys.readouterr().err
    capsys.readouterr()
    assert run([*common, "list", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["id"], listed["host"], listed["events"]) == (
        "cms",
        "cms.example.org",
        ["output.changed", "entry.withdrawn"],
    )
    assert run([*common, "test", "cms"]) == 0
    assert run([*common, "remove", "cms"]) == 0
    assert run([*common, "remove", "cms"]) == 2
    capsys.readouterr()
    assert run(["--config", str(folder / "config"), "status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["delivery"]["is_hub"] is True
