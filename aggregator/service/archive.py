"""The archive of an output (RFC 5005, 4): what ever stood in it, in documents that keep their place for ever.

Which document an entry belongs to follows from the order in which entries first stood in the output, which the releases
remember: document 1 has the first so many, and only full ones exist. So a document never changes by what comes later.
What is in it is decided anew when it is asked for: an entry that was withdrawn, deleted or is no longer allowed is not
in it, and one that was corrected is there as corrected.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

import structlog

from aggregator.model.output import Document, Format
from aggregator.publishing import atom
from aggregator.publishing.item import EntryRefused
from aggregator.publishing.render import NEVER, Wanted
from aggregator.publishing.select import Placed
from aggregator.publishing.text import legal
from aggregator.publishing.verify import verify_document, verify_fragment
from aggregator.rights.decide import decide
from aggregator.service.assess import Verdict, gather_desk, question_of, texts_for
from aggregator.service.place import place_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.model.output import Output
    from aggregator.publishing.item import Head
    from aggregator.publishing.render import Renderer
    from aggregator.service.world import World
    from aggregator.store import Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """One archive document as it may be served now."""

    document: Document
    until: datetime | None
    """First instant at which a decision in it may differ; None: never by time alone."""


async def count(output: Output, store: Store, opened: Sequence[str] = ()) -> int:
    """How many archive documents an output has.

    Args:
        opened: entries that are about to stand in it.
    """
    if not output.archive:
        return 0
    return len((await store.first_releases(output.id)).keys() | set(opened)) // output.archive


async def archived(
    output: Output, number: int, head: Head, world: World, store: Store, renderer: Renderer, now: datetime
) -> Archived | None:
    """One document of an output's archive; None: there is none of that number.

    Args:
        number: from 1, the oldest.
        head: of the output's own document.
    Raises:
        StoreError: the database could not be read.
        RenderError: the document would break a promise.
        TemplateError: a template cannot be used.
    """
    last = await count(output, store)
    if not output.archive or not 1 <= number <= last:
        return None
    firsts = await store.first_releases(output.id)
    order = sorted(firsts, key=lambda key: (firsts[key], key))
    keys = order[(number - 1) * output.archive : number * output.archive]
    verdicts = await _decide(keys, output, world, store, now)
    wanted = [one for one in await _wanted(verdicts, output, world, store) if one.decision.allowed]
    contents = await store.contents(sorted(one.key for one in wanted))
    fragments, ids, updated = [], [], NEVER
    for one in wanted:
        if one.key not in contents:
            continue
        try:
            item, made = renderer.examine(replace(output, formats=(Format.ATOM,)), one, contents[one.key])
            verify_fragment(Format.ATOM, made[Format.ATOM], item)
        except EntryRefused as error:
            log.error("entry left out of an archive", output=output.id, archive=number, problem=str(error))
            continue
        fragments.append(made[Format.ATOM])
        ids.append(item.atom_id)
        updated = max(updated, item.updated_at)
    # The newest instant that belongs to this document alone: that of its last first release.
    closed_at = max((firsts[key] for key in keys), default=now).replace(microsecond=0)
    head = replace(
        head, updated_at=max(updated, closed_at), archive=number, archives=last, tombstones=(), hubs=(), language=None
    )
    body = atom.document(head, fragments)
    verify_document(Format.ATOM, body, ids)
    instants = [one.decision.valid_until for one in verdicts if one.decision.valid_until is not None]
    document = Document(
        output=output.id,
        format=Format.ATOM,
        body=body,
        etag=f'"{sha256(body).hexdigest()[:32]}"',
        modified_at=head.updated_at,
        entries=len(ids),
    )
    return Archived(document=document, until=min((at for at in instants if at > now), default=None))


async def _decide(keys: Sequence[str], output: Output, world: World, store: Store, now: datetime) -> list[Verdict]:
    """Newest first, without those that are gone whatever the policies say."""
    desk = await gather_desk(store, output, world, now)
    known = await store.entries_by_key(sorted(keys))
    page = [
        known[key]
        for key in reversed(keys)
        if key in known
        and known[key].deleted_at is None
        and key not in desk.withdrawals
        and known[key].entry.source in world.active
    ]
    texts = await texts_for(page, output, world, store)
    evidence = await store.evidence_said(sorted({stored.entry.source for stored in page})) if page else {}
    questions = [question_of(stored, output, world, desk, now, texts.get(stored.key), evidence) for stored in page]
    return [Verdict(question=one, decision=decide(one, world.policies, desk.grants)) for one in questions]


async def _wanted(verdicts: Sequence[Verdict], output: Output, world: World, store: Store) -> list[Wanted]:
    """As a build wants them, each under the id under which it went out."""
    feeds = await store.feeds(sorted({verdict.stored.entry.source for verdict in verdicts})) if verdicts else {}
    found = []
    for verdict in verdicts:
        stored = verdict.stored
        released = [one for one in await store.releases_of(stored.key) if one.output == output.id and one.outbound_id]
        derived = released[-1].outbound_id if released else None
        if derived == legal(stored.entry.id):
            derived = None
        placed = Placed(stored=stored, decision=verdict.decision, outbound_id=derived)
        found.append(
            Wanted(
                stored=stored,
                decision=verdict.decision,
                decision_digest=verdict.digest,
                place=place_of(placed, world, feeds),
            )
        )
    return found
