"""The credit that a publisher is offered in a letter: word for word what a copy would carry if it agreed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aggregator.errors import AggregatorError
from aggregator.publishing.compose import compose
from aggregator.publishing.credit import Credits
from aggregator.publishing.select import Placed
from aggregator.rights.decide import decide
from aggregator.service.assess import gather_desk, question_of
from aggregator.service.place import place_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.model.decision import Decision, Question
    from aggregator.model.entry import StoredEntry
    from aggregator.model.policy import Grant
    from aggregator.publishing.credit import Templates
    from aggregator.service.world import World
    from aggregator.store import Store


async def offered_credits(
    articles: Sequence[StoredEntry],
    grant: Grant,
    publisher: str,
    world: World,
    store: Store,
    templates: Templates,
    now: datetime,
) -> dict[str, str]:
    """By entry, the credit in plain text: as the first of the outputs that wait would word it.

    Where another publisher must agree, too, it is the credit that is due once both do; where nothing could go out even
    then, it is author, publisher and address.

    Args:
        grant: what is asked for, as if it were given, of no single entry; the outputs are those that wait.
        publisher: whom the letter goes to.
    """
    asked = [world.outputs[output] for output in grant.outputs if output in world.outputs]
    contents = await store.contents([one.key for one in articles])
    sources = sorted({one.entry.source for one in articles if one.entry.source in world.sources})
    evidence, feeds = await store.evidence_said(sources), await store.feeds(sources)
    found = {one.key: _plain(one, publisher) for one in articles}
    wording, left = Credits(templates.folders), {one.key: one for one in articles if one.entry.source in world.sources}
    for output in asked:
        desk = await gather_desk(store, output, world, now)
        for key, stored in list(left.items()):
            if (content := contents.get(key)) is None:
                continue
            question = question_of(stored, output, world, desk, now, content.text, evidence)
            decision = _if_all_agreed(replace(question, approved=True), replace(grant, entry=key), desk.grants, world)
            if not decision.allowed:
                continue
            place = place_of(Placed(stored=stored, decision=decision), world, feeds)
            try:
                credit = compose(stored, content, decision, output, place, wording).credit.text
            except AggregatorError:
                continue  # it could not go out like this; another output may, and the plain words are true of all
            if credit:
                found[key] = credit
                del left[key]
    return found


def _if_all_agreed(question: Question, asked: Grant, grants: Sequence[Grant], world: World) -> Decision:
    """The decision if the publisher gave what is asked for, and so did each that the article came through."""
    decision = decide(question, world.policies, (*grants, asked))
    if decision.allowed:
        return decision
    agreed = [
        replace(asked, policy=hop.policy, publisher=None if hop.policy else hop.name)
        for hop in decision.hops
        if hop.policy or hop.name
    ]
    return decide(question, world.policies, (*grants, asked, *agreed))


def _plain(stored: StoredEntry, publisher: str) -> str:
    entry = stored.entry
    return ", ".join(filter(None, (*entry.author_names, publisher, entry.url)))
