"""Health while hostile feeds are polled: how long a request waits while readers are busy, killed and started again.

A service of its own polls a score of sources that do their worst, every ten seconds, beside two that are well.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import aiohttp
from aiohttp import web

from benchmarks.measure import Row, held_by, leave_out, promised

PROMISED = 0.1
"""Seconds in which a request for health is answered, at the 99th percentile."""
_ITEM = b"<rss version='2.0'><channel><title>T</title><item><guid>1</guid>%b</item></channel></rss>"
_TEXT = b"<description><![CDATA[%b]]></description>"
DOCUMENTS: dict[str, bytes] = {
    "deep": _ITEM % (b"<x>" * 50_000),
    "attributes": _ITEM % (b"<x " + b" ".join(b"a%d=''" % n for n in range(100_000)) + b"/>"),
    "authors": _ITEM % (b"<author>" + b"a" * 800_000 + b"</author>"),
    "brackets": _ITEM % (_TEXT % (b"(" * 900_000)),
    "formatting": _ITEM % (_TEXT % (b"".join(b"<b title='%d'>" % n for n in range(99)) + b"<p>x" * 200_000)),
    "entries": b"<rss><channel>" + b"<item><title>x</title><description>y</description></item>" * 20_000,
    "entities": b"<!DOCTYPE r [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'>]>" + _ITEM % b"<title>&b;</title>",
    "zeros": bytes(50_000_000),
    "stray": b"<rss>" + b"\xc3" * 5_000_000,
    "json": b'{"items":' + b"[" * 500_000,
}
_WELL = b"<rss version='2.0'><channel><title>T</title><item><guid>%d</guid><title>well</title></item></channel></rss>"


async def hostile(quick: bool) -> list[Row]:
    """The 99th percentile of what a request for health takes, in a hostile round."""
    seconds = 10 if quick else 60
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        runner, port = await _origin()
        process = _service(Path(name), port)
        try:
            address = await _address(process)
            # Two rounds of all documents and more, each half: what a round leaves behind shows in the second.
            halves = [await _ask(address, process.pid, seconds / 2) for _ in range(2)]
        finally:
            process.terminate()
            process.wait()
            await runner.cleanup()
    waits = sorted(wait for half in halves for wait in half.waits)
    p99 = waits[int(len(waits) * 0.99)]
    told = f"{len(waits)} requests, median {median(waits) * 1000:.1f} ms, longest {waits[-1] * 1000:.0f} ms"
    return [
        promised(
            [p99],
            1,
            scenario="hostile",
            what="health while hostile feeds are read, 99th percentile (wall time)",
            unit="request",
            promise=PROMISED,
            notes=(
                told,
                f"{sum(half.failed for half in halves)} requests without an answer",
                "memory of all its processes, at most: {:.0f} MiB in the first half, {:.0f} MiB in the second".format(
                    *(half.memory / 2**20 for half in halves)
                ),
            ),
        )
    ]


async def _origin() -> tuple[web.AppRunner, int]:
    """Each document as it is, and packed: new ones at every poll, so that all are read."""
    packed = {name: gzip.compress(body, 1) for name, body in DOCUMENTS.items()}

    async def answer(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name == "well":
            return web.Response(body=_WELL % time.monotonic_ns())
        if name not in packed:  # tdmrep.json, robots.txt
            raise web.HTTPNotFound
        return web.Response(body=packed[name], headers={"Content-Encoding": "gzip", "ETag": f'"{time.monotonic_ns()}"'})

    app = web.Application()
    app.router.add_get("/{copy}/{name}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return runner, int(runner.addresses[0][1])


def _service(folder: Path, port: int) -> subprocess.Popen[bytes]:
    config = folder / "config"
    config.mkdir()
    often = {"interval": "10s", "min_interval": "10s", "max_interval": "10s", "per_host": 16, "private_addresses": True}
    settings = {
        "site": {"name": "B", "url": "https://news.example.org/", "email": "b@example.org"},
        "server": {"port": 0},
        "polling": often,
    }
    sources = [
        {"id": f"{name}-{copy}", "feed": f"http://127.0.0.1:{port}/{copy}/{name}"}
        for copy in (1, 2)
        for name in (*DOCUMENTS, "well")
    ]
    for name, value in (("aggregator", settings), ("sources", sources), ("outputs", [])):
        (config / f"{name}.yaml").write_text(json.dumps(value))
    process = subprocess.Popen(
        [sys.executable, "-m", "aggregator", "run"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    leave_out(process.pid)
    return process


async def _address(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    while line := await asyncio.to_thread(process.stdout.readline):
        if b"/healthz" in line:
            return next(word for word in line.decode().split() if word.startswith("http"))
    raise RuntimeError("the service did not start")


@dataclass(slots=True)
class _Half:
    """What was seen in half of the time."""

    waits: list[float]
    """Seconds that each request took."""
    failed: int = 0
    memory: int = 0
    """Bytes that all processes of the service held at most, looked at twice a second."""


async def _ask(url: str, pid: int, seconds: float) -> _Half:
    """Fifty requests a second."""
    half = _Half([])
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        watch = asyncio.create_task(_watch(half, pid))
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at:
            started = time.perf_counter()
            try:
                async with session.get(url) as answer:
                    await answer.read()
            except (aiohttp.ClientError, TimeoutError):
                half.failed += 1
            half.waits.append(time.perf_counter() - started)
            await asyncio.sleep(0.02)
        watch.cancel()
    return half


async def _watch(half: _Half, pid: int) -> None:
    while True:
        half.memory = max(half.memory, (await asyncio.to_thread(held_by, pid)).shared)
        await asyncio.sleep(0.5)
