"""What was answered before is the answer for as long as nothing has changed that it may depend on, and no longer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from aggregator.model.decision import Question
from aggregator.model.policy import Effect, Grant
from aggregator.service import assess
from aggregator.service.answers import Answers
from aggregator.service.assess import Desk, Verdict, judge_page
from aggregator.service.house import House
from tests.service.conftest import Clock


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The entries about which a decision was made."""
    found: list[str] = []
    decide = assess.decide

    def watched(question: Question, *rest: Any) -> Any:
        found.append(question.stored.key)
        return decide(question, *rest)

    monkeypatch.setattr(assess, "decide", watched)
    return found


async def test_only_what_changed_is_decided_again(house: House, clock: Clock, asked: list[str]):
    output = house.world.outputs["community"]
    page = await house.store.candidates(house.world.sources_of(output.select), since=None, limit=9)

    async def judged(now_page: Any = page, **ruled: Any) -> list[Verdict]:
        asked.clear()
        return await judge_page(now_page, output, house.world, Desk(**ruled), house.store, clock())

    house.world.__dict__.pop("answers", None)
    first = await judged()
    plain = [stored.key for stored in page if not assess.looks_at_text(stored, output, house.world)]
    assert plain
    assert set(asked) >= set(plain)
    again = await judged()
    assert again == first
    assert not set(asked) & set(plain)
    edited = replace(page[0], entry=replace(page[0].entry, title="Edited", revision="f" * 64))
    await judged([edited, *page[1:]])
    assert set(asked) & {*plain, edited.key} == {edited.key}
    await judged(told=frozenset({page[1].key}))
    assert page[1].key in asked
    await judged(grants=(Grant(id="g-1", publisher="x", policy="nobody", effect=Effect.DENY),))
    assert set(asked) >= set(plain)


async def test_an_answer_ends_with_its_time_its_evidence_and_its_entry(house: House, clock: Clock):
    output = house.world.outputs["community"]
    page = await house.store.candidates(house.world.sources_of(output.select), since=None, limit=9)
    verdict = (await judge_page(page, output, house.world, Desk(), house.store, clock()))[0]
    at, stored = verdict.question.at, verdict.stored
    until = at + timedelta(hours=1)
    verdict = replace(verdict, decision=replace(verdict.decision, valid_until=until))
    answers = Answers()
    known = answers.under(output.use, ())
    known.verdicts[stored.key] = verdict, ()
    assert known.find(stored, (), at) is verdict
    assert known.find(replace(stored), (), until - timedelta(microseconds=1)) is verdict
    assert known.find(stored, (), until) is None
    assert known.find(stored, (), at - timedelta(seconds=1)) is None
    assert known.find(stored, ["a site's word"], at) is None
    assert known.find(replace(stored, revised_at=at), (), at) is None
    assert answers.under(replace(output.use, output="another"), ()) is known
    assert answers.under(replace(output.use, paywall=True), ()) is not known
    some = Grant(id="g-1", publisher="x", policy="nobody", outputs=("another",))
    assert answers.under(output.use, (some,)) is not answers.under(replace(output.use, output="another"), (some,))
    assert not answers.under(output.use, ()).verdicts
