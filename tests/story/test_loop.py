"""A hostile round leaves the event loop free: whoever asks meanwhile is answered.

Counted in processor time of the loop's own thread, step by step, and held against a piece of work that is measured
beside it: the clock would tell of the machine's other users.
"""

from __future__ import annotations

import asyncio
import gc
import gzip
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from benchmarks.hostile import DOCUMENTS
from tests.story.origin import Asked, Origin, Reply
from tests.story.site import Site, a_source

STEP_MAX = 80
"""Units that one step of the loop may take. What a step must not do takes some 100 to 400: 3,000 items in Python, the
digest or the decoding of 20 MB."""
ARTICLE = (
    "<item><guid isPermaLink='false'>{0}</guid><title>Title {0}</title><link>https://papers.example/{0}</link><pubDate>"
    "Tue, 13 Dec 2016 09:00:00 GMT</pubDate><description>{1}</description></item>"
)


def unit() -> float:
    """Processor seconds of a fixed piece of Python, some 0.3 ms: the least of several tries."""

    def once() -> float:
        began = time.thread_time()
        sum(number * number for number in range(5_000))
        return time.thread_time() - began

    return min(once() for _ in range(20))


@contextmanager
def steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[float, str]]]:
    """The processor seconds of each step of the loop, and whose it was."""
    found: list[tuple[float, str]] = []
    run = asyncio.events.Handle._run

    def measured(self: asyncio.Handle) -> None:
        began = time.thread_time()
        run(self)
        found.append((time.thread_time() - began, _whose(self)))

    # The service has Python look for cycles rarely (`calm_collector`); here it would look at all that pytest holds.
    gc.collect()
    gc.disable()
    try:
        with monkeypatch.context() as patched:
            patched.setattr(asyncio.events.Handle, "_run", measured)
            yield found
    finally:
        gc.enable()


def _whose(handle: Any) -> str:
    task = getattr(handle._callback, "__self__", None)
    coroutine, names = getattr(task, "get_coro", lambda: None)(), []
    while coroutine is not None and hasattr(coroutine, "cr_frame"):
        frame = coroutine.cr_frame
        names.append(f"{coroutine.__qualname__}:{frame.f_lineno if frame else ''}")
        coroutine = coroutine.cr_await
    return " > ".join(names) or repr(handle._callback)[:200]


def documents() -> dict[str, bytes]:
    many = "".join(ARTICLE.format(number, "A text. " * 40) for number in range(3_000))
    twins = "".join(ARTICLE.format("1", f"A text of {number}. ") for number in range(1_000))
    wide = "".join(ARTICLE.format(number, "x" * 900_000) for number in range(6))
    written = {name: f"<rss version='2.0'><channel>{items}</channel></rss>".encode() for name, items in
               (("many", many), ("twins", twins), ("wide", wide))}  # fmt: skip
    cheap = {name: body for name, body in DOCUMENTS.items() if name in {"zeros", "stray", "attributes"}}
    return cheap | written


async def test_no_step_of_the_loop_is_long_in_a_hostile_round(
    site: Site, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither while thousands of items come for the first time, nor in the rounds after, where all is read again."""
    bodies = documents()

    def answer_of(name: str) -> Any:
        packed = {turn: gzip.compress(bodies[name] + b" " * turn, 1) for turn in (1, 2)}

        def answer(_: Asked) -> Reply:
            return Reply(packed[turn], headers={"Content-Encoding": "gzip"})

        return answer

    for name in bodies:
        origin.paths[f"/{name}"] = answer_of(name)
    origin.serve("/well", b"<rss version='2.0'><channel><item><title>well</title></item></channel></rss>")
    site.write("sources.yaml", [a_source(name, origin, f"/{name}") for name in (*bodies, "well")])
    site.write("outputs.yaml", [])
    async with site.opened() as opened:
        await opened.poll("well")  # statements, connections and workers are made once in a service's life
        for turn in (1, 2):
            with steps(monkeypatch) as found:
                reports = await opened.poll()
            assert reports["many"].new == (3_000 if turn == 1 else 0)
            assert reports["well"].outcome == "unchanged"
            longest = sorted(found, reverse=True)[:5]
            scale = unit()
            told = [f"{seconds / scale:.0f} {whose}" for seconds, whose in longest]
            assert longest[0][0] <= STEP_MAX * scale, told
