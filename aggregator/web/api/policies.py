"""Policies: publishers' terms as rules."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from pydantic import Field

from aggregator.errors import ConfigError, Problem, UsageError
from aggregator.model.account import Role
from aggregator.model.policy import Policy
from aggregator.rights.portray import portray
from aggregator.service import edit_policy as use
from aggregator.service.export_policy import export_policy as as_standard
from aggregator.service.plan import OutputPlan, Plan
from aggregator.web.api.operation import PREFIX, Call, Operation, Reply
from aggregator.web.api.paging import Page, Paged, linked, page_of
from aggregator.web.api.problem import missing
from aggregator.web.api.shapes import Answer, Asked, Day, Instant, Query


class PolicyRow(Answer):
    """A publisher's terms at a glance."""

    id: str
    publisher: str
    contact: str | None
    licence: str | None
    rules: int
    default: str
    """`ask` or `deny`: what holds where no rule speaks."""
    third_party: str
    terms_url: str | None
    read: Day | None
    """When a person read the terms last."""
    where: str
    """file:line."""


class PolicyShape(PolicyRow):
    """A publisher's terms."""

    lines: tuple[str, ...]
    """The policy in plain language."""
    file: str
    """That holds it, inside the configuration folder."""
    text: str
    """Of that file: what is edited."""
    others: tuple[str, ...]
    """Ids of further policies in the same file."""


class ProblemShape(Answer):
    """One thing wrong in a file of the configuration."""

    file: str
    line: int | None
    message: str


class LineShape(Answer):
    """A line of a comparison."""

    mark: str
    """`+`, `-`, a space, or `@` between two places."""
    text: str


class Checked(Answer):
    """What is to be said of a text."""

    ok: bool
    problems: tuple[ProblemShape, ...]
    warnings: tuple[ProblemShape, ...]
    diff: tuple[LineShape, ...]
    """Against the file as it is."""


class ChangeShape(Answer):
    """What would happen to one entry in one output."""

    entry: str
    source: str
    title: str
    why: str
    rules: tuple[str, ...]
    before: str | None
    """Form in which it stands now."""
    after: str | None
    """Form in which it would stand."""
    differences: tuple[str, ...]


class OutputPlanShape(Answer):
    """What would happen to one output."""

    id: str
    status: str
    """`new`, `kept` or `removed`."""
    before: int
    after: int
    held: int
    appears: tuple[ChangeShape, ...]
    disappears: tuple[ChangeShape, ...]
    changes: tuple[ChangeShape, ...]
    """At most a hundred entries of each kind are told; the numbers tell of all."""
    appear_count: int
    disappear_count: int
    change_count: int


class PlanShape(Answer):
    """What a text would change in what is published."""

    withdraws: bool
    """Whether an entry, an output or one of its formats would be taken away."""
    outputs: tuple[OutputPlanShape, ...]
    """Those that it concerns."""


class PolicySaved(Answer):
    id: str
    files: tuple[str, ...]
    """That were written; none: it says what it said before."""


PolicyYaml = Annotated[str, Field(min_length=1, max_length=60_000, pattern=r"^[^\u0000]*$")]


class PolicyText(Asked):
    """The whole text of a policy's file, in YAML, as a person writes it."""

    text: PolicyYaml


class PolicyWithId(PolicyText):
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    """Of the policy; a new one is checked as `policies/ID.yaml`."""


class VersionShape(Answer):
    """One edit of a policy by page or program."""

    number: int
    """Of its record in the ledger."""
    at: Instant
    by: str
    diff: tuple[LineShape, ...]


class Versions(Answer):
    items: tuple[VersionShape, ...]
    """The newest first."""


class PolicyPage(Page):
    items: tuple[PolicyRow, ...]


def _fields(policy: Policy) -> dict[str, object]:
    return {
        "id": policy.id,
        "publisher": policy.publisher.name,
        "contact": policy.contact,
        "licence": policy.licence,
        "rules": len(policy.rules),
        "default": policy.default.value,
        "third_party": policy.third_party.value,
        "terms_url": policy.terms.url,
        "read": policy.terms.read,
        "where": policy.where,
    }


async def list_policies(call: Call[Paged, None]) -> Reply:
    shown, following = page_of(call.world.configuration.policies, lambda one: one.id, call.query, "policies")
    items = tuple(PolicyRow.model_validate(_fields(one)) for one in shown)
    return linked(call, PolicyPage(items=items, next=following))


async def get_policy(call: Call[None, None]) -> PolicyShape:
    policy = known(call)
    found = await asyncio.to_thread(use.open_policy, policy.id, call.world)
    told = {"lines": tuple(portray(policy)), "file": found.path, "text": found.text, "others": found.others}
    return PolicyShape.model_validate({**_fields(policy), **told})


def known(call: Call[Any, Any]) -> Policy:
    """The policy that the address names."""
    id_ = call.named("id")
    found = next((one for one in call.world.configuration.policies if one.id == id_), None)
    if found is None:
        raise missing(f"policy '{id_}' is not configured")
    return found


def _problems(found: tuple[Problem, ...]) -> tuple[ProblemShape, ...]:
    return tuple(map(ProblemShape.model_validate, found[:100]))


def _lines(diff: tuple[tuple[str, str], ...]) -> tuple[LineShape, ...]:
    return tuple(LineShape(mark=mark, text=text) for mark, text in diff)


async def _path(call: Call[None, PolicyWithId]) -> str:
    """Where the text of a policy stands, or would stand."""
    if call.world.policies.by_id(call.body.id) is None:
        return use.new_path(call.body.id)
    return (await asyncio.to_thread(use.open_policy, call.body.id, call.world)).path


async def check_policy(call: Call[None, PolicyWithId]) -> Checked:
    found = await use.check_policy(await _path(call), call.body.text, call.world)
    return Checked(
        ok=found.is_good,
        problems=_problems(found.problems),
        warnings=_problems(found.warnings),
        diff=_lines(found.diff),
    )


async def plan_policy(call: Call[None, PolicyWithId]) -> PlanShape:
    checked = await use.check_policy(await _path(call), call.body.text, call.world)
    if not checked.is_good:
        raise ConfigError(checked.problems)
    return _plan(await use.plan_policy(checked, call.house))


TOLD_MAX = 100


def _plan(found: Plan) -> PlanShape:
    return PlanShape(withdraws=found.withdraws, outputs=tuple(map(_output, found.outputs)))


def _output(one: OutputPlan) -> OutputPlanShape:
    return OutputPlanShape(
        id=one.id,
        status=one.status,
        before=one.before,
        after=one.after,
        held=one.held,
        appears=tuple(map(ChangeShape.model_validate, one.appears[:TOLD_MAX])),
        disappears=tuple(map(ChangeShape.model_validate, one.disappears[:TOLD_MAX])),
        changes=tuple(map(ChangeShape.model_validate, one.changes[:TOLD_MAX])),
        appear_count=len(one.appears),
        disappear_count=len(one.disappears),
        change_count=len(one.changes),
    )


async def save_policy(call: Call[None, PolicyText]) -> PolicySaved:
    policy = known(call)
    found = await asyncio.to_thread(use.open_policy, policy.id, call.world)
    files = await use.save_policy(found.path, call.body.text, found.digest, policy.id, call.by, call.house)
    return PolicySaved(id=policy.id, files=files)


async def add_policy(call: Call[None, PolicyWithId]) -> Reply:
    id_, text = call.body.id, call.body.text
    if call.world.policies.by_id(id_) is not None:
        raise UsageError("there is a policy '%(id)s' already; 'PUT /policies/%(id)s' edits it", id=id_)
    files = await use.save_policy(use.new_path(id_), text, use.digest_of(""), id_, call.by, call.house)
    return Reply(answer=PolicySaved(id=id_, files=files), headers={"Location": f"{PREFIX}/policies/{id_}"})


async def list_versions(call: Call[None, None]) -> Versions:
    found = await use.versions(known(call).id, call.house)
    items = tuple(VersionShape(number=one.number, at=one.at, by=one.by, diff=_lines(one.diff)) for one in found)
    return Versions(items=items)


class ExportQuery(Query):
    """In which form."""

    format: Literal["odrl", "rsl"] = "odrl"
    """`odrl` (JSON-LD) loses nothing; `rsl` (XML) speaks of machine use only."""


class Exported(Answer):
    """A policy as a document of a standard."""

    format: str
    media_type: str
    document: str
    losses: tuple[str, ...]
    """What the format cannot hold, a sentence each."""


async def export_policy(call: Call[ExportQuery, None]) -> Exported:
    made = as_standard(known(call), call.query.format)
    return Exported(format=made.format, media_type=made.media_type, document=made.body.decode(), losses=made.losses)


OPERATIONS = (
    Operation(
        method="GET",
        path="/policies",
        handler=list_policies,
        summary="List the policies",
        query=Paged,
        answer=PolicyPage,
    ),
    Operation(
        method="POST",
        path="/policies",
        handler=add_policy,
        summary="Write a new policy",
        about="Checked as the whole configuration that it would make, policy tests included.",
        role=Role.OPERATOR,
        body=PolicyWithId,
        answer=PolicySaved,
        status=201,
        creates=True,
    ),
    Operation(
        method="POST",
        path="/policies/check",
        handler=check_policy,
        summary="What is wrong with a policy's text; nothing is written",
        role=Role.OPERATOR,
        body=PolicyWithId,
        answer=Checked,
    ),
    Operation(
        method="POST",
        path="/policies/plan",
        handler=plan_policy,
        summary="What a policy's text would change in what is published; nothing is written",
        role=Role.OPERATOR,
        body=PolicyWithId,
        answer=PlanShape,
    ),
    Operation(method="GET", path="/policies/{id}", handler=get_policy, summary="One policy", answer=PolicyShape),
    Operation(
        method="PUT",
        path="/policies/{id}",
        handler=save_policy,
        summary="Save a policy's text",
        about="What is saved is what was sent, comments and all; what `check` refuses is not written.",
        role=Role.OPERATOR,
        body=PolicyText,
        answer=PolicySaved,
        must_match=True,
    ),
    Operation(
        method="GET",
        path="/policies/{id}/export",
        handler=export_policy,
        summary="One policy in a standard's own form: ODRL or RSL",
        query=ExportQuery,
        answer=Exported,
    ),
    Operation(
        method="GET",
        path="/policies/{id}/versions",
        handler=list_versions,
        summary="Who edited a policy, and how",
        answer=Versions,
    ),
)
