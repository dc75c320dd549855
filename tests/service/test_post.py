"""Mail by a relay on loopback: reminders and digests by the clock, and a relay that has a bad day."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from aggregator.errors import MailError, UsageError
from aggregator.model.account import Role
from aggregator.model.desk import FlagState, LetterState
from aggregator.publishing.credit import Templates
from aggregator.service import desk, post
from aggregator.service.accounts import Accounts
from aggregator.service.house import House
from aggregator.service.metrics import METRICS
from aggregator.service.notify import Notifier
from aggregator.store import cases, mailing
from aggregator.store.cases import Filter
from aggregator.wiring import open_house, templates_folder

TEMPLATES = Templates([templates_folder()])
DAY = timedelta(days=1)


@dataclass
class Relay:
    """A mail server that answers RCPT as it is told to."""

    answer: str = "250 fine"
    port: int = 0
    taken: list[bytes] = field(default_factory=list)
    now: datetime = field(default_factory=lambda: datetime(2026, 11, 26, 12, tzinfo=UTC))

    def clock(self) -> datetime:
        return self.now

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay\r\n")
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                self.taken.append((await reader.readuntil(b"\r\n.\r\n"))[:-3])
                writer.write(b"250 taken\r\n")
            elif word == b"RCPT":
                writer.write(f"{self.answer}\r\n".encode())
            elif word == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 fine\r\n")
        writer.close()

    def subjects(self) -> list[str]:
        return [str(message_from_bytes(body, policy=default)["Subject"]) for body in self.taken]


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    relay = Relay()
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    async with server:
        yield relay


@pytest.fixture
async def house(sample: Path, tmp_path: Path, relay: Relay) -> AsyncIterator[House]:
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "config/aggregator.yaml"
    text = path.read_text()
    lines = text.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("mail:"))
    stop = next(
        (number for number in range(at + 1, len(lines)) if lines[number] and not lines[number].startswith(" ")), at + 1
    )
    lines[at:stop] = [
        f"mail: {{smtp: 'smtp://127.0.0.1:{relay.port}', from: desk@example.org, reminders: send, digest: weekly}}"
    ]
    path.write_text("\n".join(lines) + "\n")
    async with open_house(tmp_path / "config") as house:
        house.clock = relay.clock
        await house.sync()
        await house.build_stale()
        yield house


async def delivered(house: House) -> None:
    async def nobody(*_: object) -> None:
        raise AssertionError("only mail waits")

    notifier = Notifier(house, nobody, nobody, "test")
    notifier._looked_at = house.clock()
    await notifier.tick()
    await notifier.settle()


async def a_letter(house: House) -> tuple[str, list[str]]:
    page = await house.store.read(
        cases.read_page, Filter(output="commercial", kind="permission"), 1, house.clock().date()
    )
    ids = [case.flag.id for case in page.cases if case.flag.contact and "@" in case.flag.contact][:1]
    letter = await desk.draft(ids, "en", "ada", house.world, house.store, TEMPLATES, house.clock())
    return letter.id, ids


async def test_a_letter_waits_for_a_relay_that_has_a_bad_day(house: House, relay: Relay) -> None:
    """450 is for now: it waits, is tried again, arrives once. 550 is for good: nothing is noted."""
    settings = house.world.configuration.settings
    letter, flags = await a_letter(house)
    before = counted()
    relay.answer = "550 no such mailbox"
    with pytest.raises(MailError, match="did not take the letter"):
        await desk.send_letter(letter, "smtp", "ada", settings, house.store, relay.now)
    assert (await house.store.read(cases.read_letter, letter)).state is LetterState.DRAFT
    relay.answer = "450 come again"
    sent = await desk.send_letter(letter, "smtp", "ada", settings, house.store, relay.now)
    assert sent.state is LetterState.SENT
    assert (await desk.find_case(flags[0], house.store)).state is FlagState.REQUESTED
    await delivered(house)
    assert relay.taken == []
    relay.answer = "250 fine"
    await delivered(house)
    assert relay.taken == [], "not before its time"
    relay.now += timedelta(minutes=10)
    await delivered(house)
    await delivered(house)
    assert relay.subjects() == [sent.subject]
    told = {result: count - before[result] for result, count in counted().items()}
    assert told == {"sent": 1, "later": 2, "refused": 1}, "monitoring hears of each"


def counted() -> dict[str, float]:
    return {
        result: METRICS.registry.get_sample_value("aggregator_letters_sent_total", {"result": result}) or 0
        for result in ("sent", "later", "refused")
    }


async def test_a_letter_that_nobody_takes_is_a_draft_again(house: House, relay: Relay) -> None:
    letter, flags = await a_letter(house)
    relay.answer = "450 come again"
    await desk.send_letter(letter, "smtp", "ada", house.world.configuration.settings, house.store, relay.now)
    relay.answer = "550 never heard of them"
    await delivered(house)
    assert (await house.store.read(cases.read_letter, letter)).state is LetterState.DRAFT
    case = await desk.find_case(flags[0], house.store)
    assert case.state is FlagState.OPEN
    said = await house.store.read(cases.read_comments, flags[0])
    assert "could not be delivered" in said[-1].text
    assert await house.store.verify_ledger() == []


async def test_a_letter_without_an_answer_is_reminded_of_once(house: House, relay: Relay) -> None:
    letter, _ = await a_letter(house)
    await desk.send_letter(letter, "hand", "ada", house.world.configuration.settings, house.store, relay.now)
    assert await post.remind_late(house, relay.now) == []
    relay.now += 16 * DAY
    assert await post.remind_late(house, relay.now) == [letter]
    assert await post.remind_late(house, relay.now) == []
    await delivered(house)
    assert [subject[:9] for subject in relay.subjects()] == ["Reminder:"]
    assert (await house.store.read(cases.read_letter, letter)).reminded_at == relay.now


async def test_without_a_relay_a_reminder_is_drafted(house: House, relay: Relay, tmp_path: Path) -> None:
    path = tmp_path / "config/aggregator.yaml"
    path.write_text(path.read_text().replace(f"'smtp://127.0.0.1:{relay.port}'", "null"))
    await house.refresh()
    letter, flags = await a_letter(house)
    await desk.send_letter(letter, "hand", "ada", house.world.configuration.settings, house.store, relay.now)
    relay.now += 16 * DAY
    assert await post.remind_late(house, relay.now) == [letter]
    drafts = await house.store.read(cases.read_letters, state="draft")
    assert [one.subject[:9] for one in drafts] == ["Reminder:"]
    assert list(drafts[0].flags) == flags
    assert "a reminder is drafted" in (await house.store.read(cases.read_comments, flags[0]))[-1].text


async def test_digests_come_as_often_as_each_account_wants(house: House, relay: Relay) -> None:
    accounts = Accounts(house.store, relay.clock)
    for name, email in (("ada", "ada@example.org"), ("bea", "bea@example.org"), ("cy", None), ("dan", "dan@e.org")):
        await accounts.add(name, Role.REVIEWER, password=None, email=email, by="test")
    await house.store.write(mailing.choose_digest, "ada", "daily", "ada", relay.now)
    await house.store.write(mailing.choose_digest, "dan", "never", "dan", relay.now)
    with pytest.raises(UsageError, match="daily, weekly or never"):
        await house.store.write(mailing.choose_digest, "ada", "hourly", "ada", relay.now)
    assert await post.send_digests(house, TEMPLATES, relay.now) == ["ada", "bea"]
    assert await post.send_digests(house, TEMPLATES, relay.now) == []
    await delivered(house)
    text = message_from_bytes(relay.taken[0], policy=default).get_content()
    assert "The Breakwater Contract Nobody Signed" in text or "/admin/flags/" in text
    assert "flags waiting" in relay.subjects()[0]
    relay.now += DAY
    assert await post.send_digests(house, TEMPLATES, relay.now) == ["ada"]
    relay.now += 6 * DAY
    assert await post.send_digests(house, TEMPLATES, relay.now) == ["ada", "bea"]
