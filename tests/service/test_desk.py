"""The permission desk on both databases: what people rule holds for the question as it was."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.errors import MailError, UsageError
from aggregator.model.desk import FlagState
from aggregator.model.output import Flag
from aggregator.publishing.credit import Templates
from aggregator.publishing.mail import message
from aggregator.service import desk, letters
from aggregator.service.house import House
from aggregator.store import Store, answer_files, cases
from aggregator.store.cases import Filter
from aggregator.wiring import open_house, templates_folder
from tests.relay import Relay, relay

__all__ = ["relay"]

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
TODAY = NOW.date()
HOUR = timedelta(hours=1)


def a_flag(
    number: int = 1, *, publisher: str = "Herald", reason: str = "Herald must be asked", kind: str = "permission"
) -> Flag:
    return Flag(
        id=f"{number:016x}",
        kind="permission",
        subject=f"entry:{number}",
        source="herald",
        entry=f"key-{number}",
        title=f"Story {number}",
        publisher=publisher,
        contact="rights@herald.example",
        reason=reason,
        rule="herald:1",
        where="policies/herald.yaml:4",
        outputs=("web",),
        opened_at=NOW,
    )


async def waiting(store: Store, **wanted: str) -> list[str]:
    page = await store.read(cases.read_page, Filter(**wanted), 1, TODAY)
    return [case.flag.title for case in page.cases]


async def test_a_dismissed_flag_stays_dismissed_until_its_facts_are_others(store: Store) -> None:
    flag = a_flag()
    await store.sync_flags("web", [flag], NOW)
    await desk.settle([flag.id], FlagState.DISMISSED, "not worth a letter", "ada", store, NOW)
    assert await waiting(store) == []
    await store.sync_flags("web", [flag], NOW + HOUR)
    assert await waiting(store) == []
    assert await waiting(store, state="dismissed") == ["Story 1"]
    await store.sync_flags("web", [replace(flag, reason="Herald must be asked about print, too")], NOW + 2 * HOUR)
    case = await desk.find_case(flag.id, store)
    assert (case.state, case.waits) == (FlagState.OPEN, True)


async def test_a_flag_that_closed_itself_and_comes_back_is_a_new_question(store: Store) -> None:
    flag = a_flag()
    await store.sync_flags("web", [flag], NOW)
    await desk.assign([flag.id], "ada", date(2026, 12, 1), "ada", store, NOW)
    await desk.settle([flag.id], FlagState.REFUSED, "", "ada", store, NOW)
    await store.sync_flags("web", [], NOW + HOUR)
    assert await waiting(store, state="closed") == ["Story 1"]
    await store.sync_flags("web", [flag], NOW + 2 * HOUR)
    case = await desk.find_case(flag.id, store)
    assert (case.state, case.assignee, case.due_on) == (FlagState.OPEN, None, None)


async def test_filters_pages_and_counts(store: Store) -> None:
    flags = [a_flag(number, publisher="Herald" if number % 2 else "North_Wire 100%") for number in range(1, 61)]
    await store.sync_flags("web", flags, NOW)
    await store.sync_flags("print", flags[:3], NOW)
    page = await store.read(cases.read_page, Filter(), 2, TODAY)
    assert (page.total, page.page, page.pages, len(page.cases)) == (60, 2, 2, 10)
    last = await store.read(cases.read_page, Filter(), 99, TODAY)
    assert last.page == 2
    assert len(await waiting(store, output="print")) == 3
    assert len(await waiting(store, publisher="Herald")) == 30
    assert len(await waiting(store, text="wire 100%")) == 30
    assert await waiting(store, text="w%re") == []
    assert await waiting(store, text="story 17") == ["Story 17"]
    await desk.assign([flags[4].id], "bea", TODAY - timedelta(days=1), "ada", store, NOW)
    await desk.settle([flags[5].id], FlagState.DISMISSED, "", "ada", store, NOW)
    assert await waiting(store, assignee="bea") == ["Story 5"]
    assert (await store.read(cases.read_page, Filter(assignee="-"), 1, TODAY)).total == 58
    assert (await store.read(cases.count_states, TODAY)) == {"open": 59, "dismissed": 1, "waiting": 59, "overdue": 1}
    assert (await waiting(store))[0] == "Story 5"  # what is due comes first


async def test_everything_that_people_do_stands_in_the_ledger(store: Store) -> None:
    flag = a_flag()
    await store.sync_flags("web", [flag], NOW)
    await desk.settle([flag.id, "0" * 16], FlagState.REFUSED, "they said no", "ada", store, NOW)
    await desk.comment(flag.id, "called them", "bea", store, NOW)
    record = [one for one in await store.ledger() if one.kind == "flag"][-1]
    assert record.subject == flag.id
    assert '"comment":"they said no"' in record.body
    assert [said.text for said in await store.read(cases.read_comments, flag.id)] == ["they said no", "called them"]
    assert await store.verify_ledger() == []


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda store: desk.settle([], FlagState.OPEN, "", "ada", store, NOW), "choose at least one"),
        (lambda store: desk.settle(["x"] * 501, FlagState.OPEN, "", "ada", store, NOW), "too many"),
        (lambda store: desk.settle(["x"], FlagState.GRANTED, "", "ada", store, NOW), "grants add"),
        (lambda store: desk.comment("x", "hello", "ada", store, NOW), "there is no flag 'x'"),
        (lambda store: desk.settle(["x"], FlagState.OPEN, "a" * 20_001, "ada", store, NOW), "longer than"),
        (lambda store: letters.record_answer("x", "granted", "yes", None, "ada", store, NOW), "there is no letter 'x'"),
    ],
)
async def test_nonsense_is_refused_in_words(act, said: str, store: Store) -> None:
    with pytest.raises(UsageError, match=said):
        await act(store)


# Letters, over the sample

TEMPLATES = Templates([templates_folder()])


@pytest.fixture
async def house(sample: Path, tmp_path: Path) -> AsyncIterator[House]:
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    async with open_house(tmp_path / "config") as house:
        yield house


async def flags_for(house: House, **wanted: str) -> list[str]:
    page = await house.store.read(cases.read_page, Filter(**wanted), 1, TODAY)
    return [case.flag.id for case in page.cases]


async def test_a_letter_asks_about_all_and_its_answer_settles_all(house: House) -> None:
    ids = await flags_for(house, publisher="Delta Research Centre", output="commercial")
    assert len(ids) > 1
    letter = await letters.draft(ids, "en", "ada", house.world, house.store, TEMPLATES, NOW)
    assert letter.to == "publications@delta-research.example"
    assert "Riverside Business Portal" in letter.body
    cases_ = [await desk.find_case(id_, house.store) for id_ in ids]
    articles = await house.store.entries_by_key([case.flag.entry for case in cases_])
    for one in articles.values():
        assert f"Republished from Delta Research Centre: {one.entry.url}" in letter.body, (
            "the credit that it would carry"
        )
    changed = await letters.edit_letter(
        letter.id, to=letter.to, subject="Please", body="Dear all", answer_by=date(2026, 12, 24), store=house.store
    )
    settings = house.world.configuration.settings
    with pytest.raises(UsageError, match="no mail server is configured"):
        await letters.send_letter(letter.id, "smtp", "ada", settings, house.store, NOW)
    await letters.send_letter(letter.id, "hand", "ada", settings, house.store, NOW)
    assert {(await desk.find_case(id_, house.store)).state for id_ in ids} == {FlagState.REQUESTED}
    with pytest.raises(UsageError, match="was sent"):
        await letters.edit_letter(letter.id, to="", subject="", body="", answer_by=None, store=house.store)
    with pytest.raises(UsageError, match="it is the evidence"):
        await letters.record_answer(letter.id, "granted", " ", None, "ada", house.store, NOW)
    yes = ("../yes\r\n.pdf", b"%PDF")
    answered = await letters.record_answer(letter.id, "granted", "", yes, "ada", house.store, NOW)
    assert answered.subject == changed.subject
    assert "[file ../yes .pdf, 4 bytes, sha256 " in answered.answer_file
    [kept] = await house.store.read(answer_files.of_letter, letter.id)
    assert await house.store.read(answer_files.body_of, letter.id, kept.digest) == ("yes .pdf", b"%PDF")
    grants = await letters.proposed_grants(answered, house.world, house.store)
    asked_about = {(await desk.find_case(id_, house.store)).flag.entry for id_ in ids}
    assert {grant.entry for grant in grants} == asked_about, "what the letter named, and nothing else of the publisher"
    for grant in grants:
        assert (grant.policy, "commercial" in grant.outputs) == ("delta-research", True)
        assert answered.answer_file in grant.evidence


async def test_a_letter_goes_once_and_has_one_answer(house: House, relay: Relay) -> None:
    """Whoever presses how many buttons at once: one mail, one reminder, and the first yes or no stands."""
    config = house.keeper.folder
    relay.configure(config, "language: en")
    await house.refresh()
    settings = house.world.configuration.settings
    [flag, *_] = await flags_for(house, publisher="Delta Research Centre", output="commercial")
    letter = await letters.draft([flag], "de", "ada", house.world, house.store, TEMPLATES, NOW)

    async def at_once(*acts: Awaitable[object]) -> list[str]:
        found = await asyncio.gather(*acts, return_exceptions=True)
        return sorted(type(one).__name__ for one in found)

    send = [letters.send_letter(letter.id, "smtp", who, settings, house.store, NOW) for who in ("ada", "bob", "eve")]
    assert await at_once(*send) == ["Letter", "UsageError", "UsageError"]
    assert len(relay.taken) == 1
    remind = [letters.remind(letter.id, "smtp", who, settings, house.store, NOW) for who in ("ada", "bob")]
    assert await at_once(*remind) == ["Letter", "UsageError"]
    assert [subject.partition(":")[0] for subject in relay.subjects()[1:]] == ["Erinnerung"]

    await letters.record_answer(letter.id, "other", "We shall see.", None, "ada", house.store, NOW)
    words = ("granted", "refused")
    answers = [letters.record_answer(letter.id, said, said, None, "ada", house.store, NOW) for said in words]
    assert await at_once(*answers) == ["Letter", "UsageError"]
    kept = await house.store.read(cases.read_letter, letter.id)
    assert kept.answer == f"We shall see.\n\n{kept.outcome}"
    assert (await desk.find_case(flag, house.store)).state == kept.outcome


async def test_a_letter_that_the_server_refuses_can_be_sent_again(house: House, relay: Relay) -> None:
    relay.configure(house.keeper.folder, "language: en")
    await house.refresh()
    settings = house.world.configuration.settings
    [flag, *_] = await flags_for(house, publisher="Delta Research Centre", output="commercial")
    letter = await letters.draft([flag], "en", "ada", house.world, house.store, TEMPLATES, NOW)
    relay.answer = "550 no such mailbox"
    with pytest.raises(MailError, match="550"):
        await letters.send_letter(letter.id, "smtp", "ada", settings, house.store, NOW)
    relay.answer = "250 fine"
    assert (await letters.send_letter(letter.id, "smtp", "ada", settings, house.store, NOW)).sent_at == NOW


async def test_every_language_of_letters_can_be_written_for_every_flag_of_the_sample(house: House) -> None:
    for flag in await flags_for(house):
        for language in letters.languages(TEMPLATES):
            letter = await letters.draft([flag], language, "ada", house.world, house.store, TEMPLATES, NOW)
            assert letter.subject
            assert "{" not in letter.body
            assert "None" not in letter.body


async def test_one_letter_goes_to_one_publisher(house: House) -> None:
    with pytest.raises(UsageError, match="one publisher"):
        await letters.draft(await flags_for(house), "en", "ada", house.world, house.store, TEMPLATES, NOW)
    with pytest.raises(UsageError, match="no letter in 'xx'"):
        await letters.draft((await flags_for(house))[:1], "xx", "ada", house.world, house.store, TEMPLATES, NOW)


@pytest.mark.parametrize("title", ["Hello\r\nBcc: all@example.org", "a\u2028b\x00c", "x" * 5000, "Ünïcødé 記事"])
def test_no_title_adds_a_header(title: str) -> None:
    mail = message(
        sender="desk@example.org",
        sender_name=title,
        to="rights@herald.example",
        subject=title,
        body=title,
        at=NOW,
        id_="l-1",
    )
    parsed = mail.as_bytes().split(b"\n\n")[0]
    assert b"\nBcc:" not in parsed
    assert set(mail.keys()) == {
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Content-Type",
        "Content-Transfer-Encoding",
        "MIME-Version",
    }


@pytest.mark.parametrize("to", ["", "nobody", "a@b\r\nBcc: c@d", "@example.org", "two@a.example, three@b.example"])
def test_an_address_that_is_none_is_refused(to: str) -> None:
    with pytest.raises(MailError, match="is not a mail address"):
        message(sender="desk@example.org", sender_name="", to=to, subject="s", body="b", at=NOW, id_="l-1")
