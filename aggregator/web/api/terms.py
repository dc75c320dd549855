"""The terms watch: the texts that policies were read from, what changed in them, and the word that somebody looked."""

from __future__ import annotations

from typing import Any

from aggregator.errors import UsageError
from aggregator.model.account import Role
from aggregator.model.terms import Watched
from aggregator.service import terms_desk as use
from aggregator.store import terms as stored
from aggregator.web.api.operation import Call, Operation, Reply
from aggregator.web.api.paging import Page, Paged, linked, page_of
from aggregator.web.api.problem import missing
from aggregator.web.api.shapes import Answer, Asked, Day, Instant, Text


class WatchedText(Answer):
    """One text that is watched."""

    part: str
    """`page`, or `source:ID`: what a source's site and feed say."""
    url: str
    changed: bool
    """Whether nobody has looked yet at what it says now."""
    seen_at: Instant | None
    """When it was first seen to say something else."""
    checked_at: Instant | None
    next_at: Instant
    problem: str | None
    looked_at: Instant | None
    looked_by: str | None


class TermsRow(Answer):
    """The terms of one policy at a glance."""

    policy: str
    publisher: str
    read_again_on: Day | None
    """The day by which a person is to read them again."""
    overdue: bool
    reasons: tuple[str, ...]
    """Why somebody should look; none: nothing to do."""
    sources: tuple[str, ...]
    texts: tuple[WatchedText, ...]


class TermsChange(Answer):
    """A piece of a comparison."""

    kind: str
    """`same`, `gone`, `new` or `edited`."""
    parts: tuple[tuple[str, str], ...]
    """(mark, text): a space stayed, `-` is gone, `+` is new."""
    skipped: int
    """Sentences that stayed, and are not shown."""


class TermsShape(TermsRow):
    """The terms of one policy, with what changed in them."""

    changes: dict[str, tuple[TermsChange, ...]]
    """Part → what changed."""
    seen: dict[str, str | None]
    """Part → digest of the text that this shows: what a confirmation speaks of."""


class TermsPage(Page):
    items: tuple[TermsRow, ...]


class Confirmation(Asked):
    """The word that a person has looked at the terms as they are."""

    seen: dict[str, str | None] | None = None
    """As it was read: what has changed again since is not confirmed. Left out: as they are now."""
    note: Text = ""
    """What was found; it stands in the ledger."""


def _row(view: use.TermsView) -> dict[str, Any]:
    texts: list[Watched] = [*([view.page] if view.page is not None else []), *view.words]
    return {
        "policy": view.policy.id,
        "publisher": view.policy.publisher.name,
        "read_again_on": view.read_again_on,
        "overdue": view.overdue,
        "reasons": view.reasons,
        "sources": view.sources,
        "texts": tuple(map(WatchedText.model_validate, texts)),
    }


async def list_terms(call: Call[Paged, None]) -> Reply:
    found = await use.list_terms(call.world, call.store, call.now)
    shown, following = page_of(found, lambda one: one.policy.id, call.query, "terms")
    return linked(call, TermsPage(items=tuple(TermsRow(**_row(one)) for one in shown), next=following))


async def get_terms(call: Call[None, None]) -> TermsShape:
    return await _terms(call)


async def _terms(call: Call[Any, Any]) -> TermsShape:
    try:
        view = await use.show_terms(call.named("policy"), call.world, call.store, call.now)
    except UsageError as error:
        raise missing(error.worded()) from error
    changes = {part: tuple(map(TermsChange.model_validate, found)) for part, found in view.changes.items()}
    return TermsShape(**_row(view), changes=changes, seen=use.looked_at(view))


async def confirm_terms(call: Call[None, Confirmation]) -> TermsShape:
    policy = (await _terms(call)).policy
    await use.confirm_terms(policy, call.body.seen, call.body.note, call.by, call.world, call.store, call.now)
    return await _terms(call)


async def check_terms(call: Call[None, None]) -> TermsShape:
    policy = (await _terms(call)).policy
    await call.store.write(stored.ask_soon, policy, call.now)
    return await _terms(call)


OPERATIONS = (
    Operation(
        method="GET",
        path="/terms",
        handler=list_terms,
        summary="The terms behind the policies, and which somebody must look at",
        query=Paged,
        answer=TermsPage,
    ),
    Operation(
        method="GET",
        path="/terms/{policy}",
        handler=get_terms,
        summary="The terms behind a policy, with what changed in them",
        answer=TermsShape,
    ),
    Operation(
        method="POST",
        path="/terms/{policy}/confirmation",
        handler=confirm_terms,
        summary="Record that a person has looked",
        about="What the change holds back goes on, and its flag closes.",
        role=Role.REVIEWER,
        body=Confirmation,
        answer=TermsShape,
        creates=True,
    ),
    Operation(
        method="POST",
        path="/terms/{policy}/check",
        handler=check_terms,
        summary="Have the page looked at now",
        about="A running service does it within a minute.",
        role=Role.REVIEWER,
        answer=TermsShape,
        status=202,
        creates=True,
    ),
)
