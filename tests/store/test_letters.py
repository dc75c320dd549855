"""Letters: kept for whoever sends them, answered once, their files with them; on each kind of database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from aggregator.model.desk import Letter
from aggregator.model.policy import Effect, Grant
from aggregator.store import Store, answer_files, cases
from aggregator.store import desk as rulings
from tests.store.builders import NOW


def a_letter(id_: str = "l-00000001") -> Letter:
    return Letter(
        id=id_,
        flags=("f1", "f2"),
        publisher="The Herald",
        to="desk@herald.example",
        subject="May we?",
        body="Dear Herald",
        language="en",
        drafted_at=NOW,
        by="ada",
    )


async def test_a_letter_is_kept_for_one_who_sends_it(store: Store) -> None:
    """Until it is noted, let go of, or too long ago to be under way."""
    letter = a_letter()
    await store.write(cases.save_letter, letter)

    async def claim(*, sent: bool, at: datetime = NOW) -> bool:
        return await store.write(cases.claim_letter, letter.id, sent=sent, now=at)

    assert sorted(await asyncio.gather(*(claim(sent=False) for _ in range(4)))) == [False, False, False, True]
    assert not await claim(sent=False, at=NOW + cases.HANDING)
    assert await claim(sent=False, at=NOW + cases.HANDING + timedelta(seconds=1))
    await store.write(cases.let_go_of_letter, letter.id)
    assert not await claim(sent=True), "it was not sent yet, so there is nothing to remind of"
    assert await claim(sent=False)
    await store.write(cases.note_letter, replace(letter, sent_at=NOW, sent_how="smtp"), "sent", "ada", NOW)
    assert not await claim(sent=False), "it was sent"
    assert await claim(sent=True)


async def test_the_first_yes_or_no_stands_with_its_file(store: Store) -> None:
    letter = replace(a_letter(), sent_at=NOW, sent_how="hand")
    await store.write(cases.save_letter, letter)
    body = b"%PDF \x00\xff"

    async def answer(outcome: str, file: tuple[str, bytes] | None = None) -> bool:
        answered = replace(letter, answered_at=NOW, answer="so", outcome=outcome)
        return await store.write(cases.note_answer, answered, file, "ada", NOW, file=file[0] if file else "")

    assert await answer("other", ("first.pdf", body))
    assert await answer("granted", ("again.pdf", body))
    assert not await answer("refused", ("late.pdf", b"no"))
    assert (await store.read(cases.read_letter, letter.id)).outcome == "granted"
    digest = sha256(body).hexdigest()
    [kept] = await store.read(answer_files.of_letter, letter.id)
    assert kept == answer_files.AnswerFile(name="first.pdf", digest=digest, size=len(body), kept_at=NOW)
    assert await store.read(answer_files.body_of, letter.id, digest) == ("first.pdf", body)
    assert await store.read(answer_files.body_of, "l-other", digest) is None
    assert await store.verify_ledger() == []


async def test_grants_are_found_by_what_they_say(store: Store) -> None:
    said = "Answer to letter l-00000001: 100% yes"
    await store.write(rulings.add_grant, Grant(id="g-1", source="herald", evidence=said), NOW)
    await store.write(
        rulings.add_grant, Grant(id="g-2", source="herald", evidence="Answer to letter l-00000002: 100_ yes"), NOW
    )
    await store.write(rulings.add_grant, Grant(id="g-3", effect=Effect.DENY, source="herald", evidence=said), NOW)
    for words, found in (("l-00000001", ["g-1", "g-3"]), ("100%", ["g-1", "g-3"]), ("100_", ["g-2"]), ("l-9", [])):
        assert [one.id for one in await store.read(rulings.read_grants_saying, words)] == found
    assert await store.revoke_grant("g-1", NOW, "ada")
    assert [one.revoked_at for one in await store.read(rulings.read_grants_saying, "l-00000001")] == [NOW, None]
