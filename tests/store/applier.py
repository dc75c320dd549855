"""A program to be killed: applies numbered plans for ever, and tells each that is acknowledged.

Each plan of a source brings entry N, with N as the validator; a revision of entry N-1; and N items.
"""

from __future__ import annotations

import asyncio
import sys

from aggregator.model.fetched import Validators
from aggregator.model.poll import ChangeKind, PollState
from aggregator.store import Store
from tests.store.builders import NOW, a_change, a_plan, an_entry

SOURCES = [f"source-{number}" for number in range(6)]


async def apply_for_ever(store: Store, source: str, number: int) -> None:
    while True:
        number += 1
        changes = [a_change(an_entry(str(number), source=source))]
        if number > 1:
            changes.append(a_change(an_entry(str(number - 1), source=source, revision="b"), ChangeKind.REVISED))
        validators, items = Validators(etag=str(number)), tuple((str(each), "") for each in range(number))
        state = PollState(source=source, next_poll_at=NOW, validators=validators, items=items)
        assert await store.apply(a_plan(source, *changes, state=state))
        sys.stdout.write(f"{source} {number}\n")
        sys.stdout.flush()


async def main(url: str) -> None:
    store = await Store.open(url)
    states = await store.poll_states(SOURCES)
    started = {source: int(states[source].validators.etag or 0) if source in states else 0 for source in SOURCES}
    await asyncio.gather(*(apply_for_ever(store, source, started[source]) for source in SOURCES))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
