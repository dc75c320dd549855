"""Serving costs no memory: whatever is asked, however often, nothing is kept of it."""

from __future__ import annotations

import gc

from aggregator.web.feeds import FOLDER
from tests.web.conftest import Served


async def ask_all_kinds(served: Served, numbers: range) -> None:
    for number in numbers:
        codings = ("gzip", "br", "zstd", f"x-{number}, gzip;q=0.{number % 9 + 1}")
        await served.ask(f"{FOLDER}community.atom?{number}", headers={"Accept-Encoding": codings[number % 4]})
        await served.ask(f"{FOLDER}community.rss", headers={"If-None-Match": f'"{number}"'})
        await served.ask(f"{FOLDER}nix-{number}.atom")
        await served.ask(f"/s/secret-{number}/community.atom")
        await served.ask(f"/nothing/{number}")


async def test_requests_leave_nothing_behind(served: Served):
    await ask_all_kinds(served, range(40))
    gc.collect()
    before = len(gc.get_objects())
    await ask_all_kinds(served, range(40, 240))
    gc.collect()
    grown = len(gc.get_objects()) - before
    assert grown < 400, f"{grown} objects more after 1,000 requests"
