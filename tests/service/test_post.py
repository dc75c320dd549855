"""Mail by a relay on loopback: reminders and digests by the clock, and a relay that has a bad day."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from aggregator.config import load
from aggregator.errors import MailError, UsageError
from aggregator.model.account import Role
from aggregator.model.desk import FlagState, LetterState
from aggregator.publishing.credit import Templates
from aggregator.service import desk, letters, post
from aggregator.service.accounts import Accounts
from aggregator.service.house import House
from aggregator.service.metrics import METRICS
from aggregator.store import cases, mailing
from aggregator.store.cases import Filter
from aggregator.wiring import open_house, templates_folder, utc_now
from tests.relay import Relay, delivered, relay

__all__ = ["relay"]

TEMPLATES = Templates([templates_folder()])
DAY = timedelta(days=1)


@pytest.fixture
async def house(sample: Path, tmp_path: Path, relay: Relay) -> AsyncIterator[House]:
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    relay.configure(tmp_path / "config", "reminders: send, digest: weekly")
    async with open_house(tmp_path / "config") as house:
        house.clock = relay.clock
        await house.sync()
        await house.build_stale()
        yield house


async def a_letter(house: House) -> tuple[str, list[str]]:
    page = await house.store.read(
        cases.read_page, Filter(output="commercial", kind="permission"), 1, house.clock().date()
    )
    ids = [case.flag.id for case in page.cases if case.flag.contact and "@" in case.flag.contact][:1]
    letter = await letters.draft(ids, "en", "ada", house.world, house.store, TEMPLATES, house.clock())
    return letter.id, ids


async def test_a_letter_waits_for_a_relay_that_has_a_bad_day(house: House, relay: Relay) -> None:
    """450 is for now: it waits, is tried again, arrives once. 550 is for good: nothing is noted."""
    settings = house.world.configuration.settings
    letter, flags = await a_letter(house)
    before = counted()
    relay.answer = "550 no such mailbox"
    with pytest.raises(MailError, match="did not take the letter"):
        await letters.send_letter(letter, "smtp", "ada", settings, house.store, relay.now)
    assert (await house.store.read(cases.read_letter, letter)).state is LetterState.DRAFT
    relay.answer = "450 come again"
    sent = await letters.send_letter(letter, "smtp", "ada", settings, house.store, relay.now)
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
    await letters.send_letter(letter, "smtp", "ada", house.world.configuration.settings, house.store, relay.now)
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
    await letters.send_letter(letter, "hand", "ada", house.world.configuration.settings, house.store, relay.now)
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
    await letters.send_letter(letter, "hand", "ada", house.world.configuration.settings, house.store, relay.now)
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
    await accounts.change("bea", by="bea", language="de")
    await house.store.write(mailing.choose_digest, "ada", "daily", "ada", relay.now)
    await house.store.write(mailing.choose_digest, "dan", "never", "dan", relay.now)
    with pytest.raises(UsageError, match="daily, weekly or never"):
        await house.store.write(mailing.choose_digest, "ada", "hourly", "ada", relay.now)
    assert await post.send_digests(house, TEMPLATES, relay.now) == ["ada", "bea"]
    assert await post.send_digests(house, TEMPLATES, relay.now) == []
    await delivered(house)
    mails = {one["To"]: one for one in (message_from_bytes(taken, policy=default) for taken in relay.taken)}
    text = mails["ada@example.org"].get_content()
    assert "The Breakwater Contract Nobody Signed" in text or "/admin/flags/" in text
    assert "flags waiting" in mails["ada@example.org"]["Subject"]
    german = mails["bea@example.org"].get_content()
    assert "muss gefragt werden: der Volltext" in german, "the reasons of flags, too, in the reader's language"
    assert "must be asked" not in german
    stood = re.search(r"The ledger stands at (\d+):([0-9a-f]{64})\.", text)
    assert stood, "with the mail somebody else has what shows that nothing was cut off the ledger's end"
    assert await house.store.verify_ledger([(int(stood[1]), stood[2])]) == []
    relay.now += DAY
    assert await post.send_digests(house, TEMPLATES, relay.now) == ["ada"]
    relay.now += 6 * DAY
    assert await post.send_digests(house, TEMPLATES, relay.now) == ["ada", "bea"]


async def test_a_long_digest_tells_what_is_new_or_due_and_counts_the_rest(
    house: House, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "SHOWN_MAX", 3)
    await Accounts(house.store, relay.clock).add("ada", Role.REVIEWER, password=None, email="a@b.example", by="test")
    await house.store.write(mailing.choose_digest, "ada", "daily", "ada", relay.now)
    relay.now = (utc_now() + DAY).replace(hour=12)  # after the flags were raised, in the morning or later
    assert await post.send_digests(house, TEMPLATES, relay.now) == ["ada"]
    relay.now += DAY
    flag = (await house.store.read(cases.read_page, Filter(), 1, relay.now.date())).cases[0].flag
    assert await post.send_digests(house, TEMPLATES, relay.now) == ["ada"]
    relay.now += DAY
    change = {"due_on": relay.now.date().isoformat()}
    await house.store.write(cases.change, [flag.id], change, "ada", relay.now, "")
    assert await post.send_digests(house, TEMPLATES, relay.now) == ["ada"]
    await delivered(house)
    texts = [message_from_bytes(one, policy=default).get_content() for one in relay.taken]
    first, quiet, due = sorted(texts, key=lambda text: text.partition(" on 20")[2][:8])  # they are sent side by side
    counts = await house.store.read(cases.count_by_publisher, 3)
    assert sum(count for _, count in await house.store.read(cases.count_by_publisher, 99)) > 3
    for text in (first, quiet, due):
        for name, count in counts:
            assert f"- {name}: {count}, " in text
        assert "/admin/flags?publisher=" in text
    assert first.count("/admin/flags/") == 3
    assert quiet.count("/admin/flags/") == 0
    assert "Nothing is new since the last mail" in quiet
    assert due.count("/admin/flags/") == 1
    assert f"/admin/flags/{flag.id}" in due
    monkeypatch.setattr(post, "SHOWN_MAX", 99)
    relay.now += DAY
    assert await post.send_digests(house, TEMPLATES, relay.now) == ["ada"]
    await delivered(house)
    whole = message_from_bytes(relay.taken[-1], policy=default).get_content()
    assert whole.count("/admin/flags/") > 3
    assert re.findall(r"/admin/flags/(\w+)", whole)[0] == flag.id, "what is due comes first"


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_mails_are_written_in_the_language_of_the_reader_or_the_house(language: str, sample: Path) -> None:
    """Each of them, in the singular and the plural; an unknown language falls back to the house's, then to English."""
    settings = load(sample / "config").settings
    house = replace(settings, mail=replace(settings.mail, language=language))
    flag = {"title": "T", "kind": "third-party", "publisher": "P", "reason": "R", "state": "requested", "id": "f"}
    letter = {"subject": "S", "publisher": "P", "by": date(2026, 12, 1)}
    values = {
        "digest": {
            "head": "7:abc",
            "base": "B",
            "today": date(2026, 12, 2),
            "counts": {"overdue": 1, "requested": 1},
            "letters": [letter],
            "publishers": [{"name": "P", "count": 30}],
        },
        "confirm": {"link": "L"},
        "admitted": {"link": "L"},
        "turned-down": {"reason": "Not now."},
        "receipt": {"id": "c-1"},
        "withdrawal": {"notice": "N", "entries": [{"title": "T", "url": "U"}]},
    }
    for which, given in values.items():
        seen = []
        for number in (1, 2):
            shown = {**given, "total": number, "found": number, "name": "N"}
            if which == "digest":
                shown["flags"] = [{**flag, "due": date(2026, 12, 3), "mine": True}]
            mail = post.write_mail(which, "a@b.example", None, house, TEMPLATES, **shown)
            assert mail == post.write_mail(which, "a@b.example", "xx", house, TEMPLATES, **shown)
            assert mail == post.write_mail(which, "a@b.example", f"{language}-XX", settings, TEMPLATES, **shown)
            assert mail.subject
            assert "Subject" not in mail.body
            seen.append(mail.subject + mail.body)
        english = post.write_mail(which, "a@b.example", "en", settings, TEMPLATES, **shown)
        assert (english.subject + english.body == seen[1]) == (language == "en")
    assert post.write_mail("receipt", "", "de", house, TEMPLATES, id="c-1", found=0).body.startswith("Guten Tag")
