"""Any bytes give a value or a refusal in words, in good time, at every place where strangers or editors bring some.

`make fuzz` goes on for a minute over all targets, `FUZZ_SECONDS=600 make fuzz` for ten.
"""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

from aggregator.config import load
from aggregator.errors import ConfigError
from aggregator.intake.odrl_read import read_odrl
from aggregator.intake.rsl_read import read_rsl
from aggregator.service.admission import Admission
from aggregator.web.app import Server
from aggregator.web.site import PublicSite
from aggregator.wiring import open_house, template_folders
from aggregator.wiring.serve import make_desk, make_site_app
from tests.fuzz.mutate import fuzz
from tests.web.conftest import folder

__all__ = ["folder"]

ROOT = Path(__file__).resolve().parent.parent.parent
GOOD_TIME = 10.0
"""Seconds of one input: an alarm for what grows without bound, not a measure of speed."""


def test_any_configuration_is_read_or_told_what_is_wrong_with_it(tmp_path: Path):
    """Each problem with file and remedy in one line; nothing else is raised."""
    names = ("aggregator.yaml", "sources.yaml", "outputs.yaml", "policies.yaml")
    seeds = [(ROOT / "config" / name).read_bytes() for name in names[:3]]
    seeds += [path.read_bytes() for path in sorted((ROOT / "config/policies").glob("*.yaml"))]
    turn = iter(range(10**9))

    def see(body: bytes) -> object:
        path = tmp_path / names[next(turn) % len(names)]
        path.write_bytes(body)
        began = time.monotonic()
        try:
            load(tmp_path)
        except ConfigError as error:
            problems = error.problems
        else:
            problems = ()
        assert [str(one) for one in problems if "\n" in str(one) or not one.file] == []
        path.unlink()
        assert time.monotonic() - began < GOOD_TIME
        return sorted({one.message for one in problems})

    fuzz("config", seeds, see)


def test_any_rsl_is_read_or_refused():
    def see(body: bytes) -> object:
        began = time.monotonic()
        document, warnings = read_rsl(body)
        assert all(isinstance(line, str) and "\n" not in line and len(line) < 2000 for line in warnings)
        assert time.monotonic() - began < GOOD_TIME
        return document is not None, sorted(set(warnings))[:5]

    fuzz("rsl", (), see)


def test_any_odrl_is_read_or_refused():
    """In JSON-LD and Turtle, whatever it calls itself; no context is fetched."""

    def see(body: bytes) -> object:
        began = time.monotonic()
        kind = (None, "application/ld+json", "text/turtle")[len(body) % 3]
        statements, warnings = read_odrl(body, kind)
        assert all(isinstance(line, str) and "\n" not in line and len(line) < 2000 for line in warnings)
        assert time.monotonic() - began < GOOD_TIME
        return statements is not None, sorted(set(warnings))[:5]

    fuzz("odrl", (), see, rounds=60)


async def test_any_request_is_answered_or_hung_up_on(folder: Path):
    """Cookies, forms, validators, ids, traces: never an error of ours (500), and the server lives on."""
    async with open_house(folder / "config") as house:
        await house.sync()
        site = PublicSite(house, template_folders(house.world.configuration.settings))
        server = Server(make_site_app(house, site, Admission(house), make_desk(house)), "127.0.0.1", 0)
        port = await server.start()

        async def ask(body: bytes) -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(body.replace(b"HTTP/1.1\r\n", b"HTTP/1.1\r\nConnection: close\r\n", 1))
            writer.write_eof()
            try:
                return await asyncio.wait_for(reader.read(65536), 15)
            except ConnectionError:
                return b""
            finally:
                writer.close()

        loop = asyncio.get_running_loop()

        def see(body: bytes) -> object:
            answer = asyncio.run_coroutine_threadsafe(ask(body), loop).result(20)
            found = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
            assert found is None or found[1] != b"500", answer[:300]
            assert b"Traceback" not in answer
            return found[1] if found else b"hung up"

        await asyncio.to_thread(fuzz, "requests", (), see, 80)
        await server.stop()
