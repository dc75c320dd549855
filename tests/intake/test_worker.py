"""A hostile document costs its own reading, and nothing else."""

# ruff: noqa: E501  documents and tables are easier to read unbroken

from __future__ import annotations

import asyncio
import os
import platform
import re
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.intake import nursery, pool
from aggregator.intake.parse import parse
from aggregator.intake.pool import ParserPool
from aggregator.model.parsed import ParsedFeed, ParseFailed, ParseLimits, ParseRequest

GOOD = ParseRequest(
    source="s",
    url="https://a.example/feed",
    body=b"<rss version='2.0'><channel><title>T</title><item><guid isPermaLink='false'>1</guid><pubDate>13 Dec 2016 10:00 GMT</pubDate></item></channel></rss>",
    known=frozenset({"d"}),
    own_names=frozenset({"A"}),
    others=(("b.example", "B"),),
)


def a_hostile(start: bytes) -> ParseRequest:
    """Ninety-nine unclosed elements and 200,000 paragraphs in 800 KB."""
    text = start + b"".join(b"<b title='%d'>" % n for n in range(99)) + b"<p>x" * 200_000
    body = b"<rss><channel><item><description><![CDATA[%b]]></description></item></channel></rss>" % text
    return ParseRequest(source="bomb", url="https://a.example/feed", body=body)


SLOW = a_hostile(b"")
# Formatting that is open where a paragraph ends is opened again in the next one: twenty million nodes.
HUGE = a_hostile(b"<p>")


async def test_a_child_reads_as_this_process_does():
    async with ParserPool(1) as pool:
        assert await pool.parse(GOOD) == parse(GOOD)
        failed = await pool.parse(ParseRequest(source="s", url="https://a.example/", body=b""))
        assert failed == ParseFailed(source="s", detail="answered with nothing")


async def test_a_slow_reading_is_killed_and_the_next_one_is_fine():
    async with ParserPool(1, ParseLimits(time=timedelta(seconds=0.3))) as pool:
        assert isinstance(await pool.parse(GOOD), ParsedFeed)
        answer = await pool.parse(SLOW)
        assert answer == ParseFailed(
            source="bomb", detail="reading took more than 0.3 s; the feed was left as it was", killed=True
        )
        assert isinstance(await pool.parse(GOOD), ParsedFeed)


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="the system does not tell a process' limits")
async def test_a_child_may_take_no_more_processor_time_than_a_document_may():
    """The clock of a parent that is busy, or gone, is not what ends it."""
    async with ParserPool(1, ParseLimits(time=timedelta(seconds=7))) as pool:
        for _ in range(2):
            await pool.parse(GOOD)
            [child] = pool._children
            assert child.process is not None
            assert 8 <= processor_time_of(child.process) <= 60


def processor_time_of(process: int) -> int:
    """Its bound in seconds."""
    [bound] = re.findall(r"Max cpu time +(\d+)", Path(f"/proc/{process}/limits").read_text())
    return int(bound)


async def test_a_reading_that_wants_too_much_memory_dies_alone():
    async with ParserPool(1, ParseLimits(memory=300_000_000, time=timedelta(seconds=60))) as pool:
        answer = await pool.parse(HUGE)
        assert isinstance(answer, ParseFailed)
        assert "died" in answer.detail or "MemoryError" in answer.detail
        assert isinstance(await pool.parse(GOOD), ParsedFeed)


async def test_a_child_that_dies_takes_no_other_request_with_it():
    async with ParserPool(2) as pool:
        await asyncio.gather(pool.parse(GOOD), pool.parse(GOOD))
        for child in pool._children:
            if child.process is not None:
                os.kill(child.process, signal.SIGKILL)
        answers = [await pool.parse(GOOD) for _ in range(4)]
        assert any(isinstance(answer, ParsedFeed) for answer in answers)
        assert all(isinstance(answer, ParsedFeed) or answer.killed for answer in answers)
        assert isinstance(answers[-1], ParsedFeed)


async def test_a_cancelled_request_leaves_no_half_answer_behind():
    async with ParserPool(1, ParseLimits(time=timedelta(seconds=30))) as pool:
        await pool.parse(GOOD)
        task = asyncio.create_task(pool.parse(SLOW))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await pool.parse(GOOD) == parse(GOOD)


async def test_children_are_replaced_after_their_share_of_work(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pool, "TASKS_MAX", 1)
    async with ParserPool(1) as parsers:
        await parsers.parse(GOOD)
        first = parsers._children[0].process
        assert first is not None
        assert isinstance(await parsers.parse(GOOD), ParsedFeed)
        assert is_gone(first)


async def test_after_closing_no_child_is_left():
    async with ParserPool(2) as parsers:
        await asyncio.gather(parsers.parse(GOOD), parsers.parse(GOOD))
        processes = [child.process for child in parsers._children if child.process is not None]
    assert processes
    assert all(map(is_gone, processes))


async def test_a_child_that_was_killed_needs_no_new_imports():
    """All are forks of one process, which lives as long as this one does."""
    async with ParserPool(1, ParseLimits(time=timedelta(seconds=0.3))) as parsers:
        await parsers.parse(GOOD)
        before = list(nursery._mothers)
        answer = await parsers.parse(SLOW)
        assert isinstance(answer, ParseFailed)
        assert isinstance(await parsers.parse(GOOD), ParsedFeed)
    assert nursery._mothers == before


async def test_where_they_come_from_may_die_too():
    async with ParserPool(1) as parsers:
        await parsers.parse(GOOD)
        [mother] = nursery._mothers
        os.kill(mother._process.pid, signal.SIGKILL)
        mother._process.wait()
        assert isinstance(await parsers.parse(GOOD), ParsedFeed)  # the child lives on
    async with ParserPool(1) as parsers:
        assert isinstance(await parsers.parse(GOOD), ParsedFeed)
    assert nursery._mothers != [mother]


def is_gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


async def test_a_parser_that_cannot_start_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(nursery, "_mothers", [])
    monkeypatch.setattr(nursery.sys, "executable", "/nonexistent/python")
    async with ParserPool(1) as pool:
        answer = await pool.parse(GOOD)
    assert isinstance(answer, ParseFailed)
    assert answer.killed
    assert answer.detail.startswith("the parser could not be started")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="others have no such setting")
async def test_a_child_keeps_the_memory_that_the_next_document_takes():
    """Glibc by default gives it back each time: some fifty page faults for each of these."""
    async with ParserPool(1) as parsers:
        for _ in range(20):
            await parsers.parse(a_newspaper())
        [child] = parsers._children
        assert child.process is not None
        before = faults_of(child.process)
        for _ in range(20):
            await parsers.parse(a_newspaper())
        assert faults_of(child.process) - before < 20 * 15


def a_newspaper() -> ParseRequest:
    """A hundred kilobytes in 25 items."""
    items = "".join(f"<item><guid>{n}</guid><description>{f'text {n} ' * 500}</description></item>" for n in range(25))
    body = f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()
    return ParseRequest(source="s", url="https://a.example/feed", body=body)


def faults_of(process: int) -> int:
    """Pages that it was given so far."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[7])


async def test_a_child_is_given_no_secrets(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FEED_PASSWORD", "secret")
    assert "FEED_PASSWORD" not in nursery.environment()
