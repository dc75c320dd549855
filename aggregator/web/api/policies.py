"""Policies: publishers' terms as rules."""

from __future__ import annotations

from aggregator.model.policy import Policy
from aggregator.rights.portray import portray
from aggregator.web.api.operation import Call, Operation, Reply
from aggregator.web.api.paging import Page, Paged, linked, page_of
from aggregator.web.api.problem import missing
from aggregator.web.api.shapes import Answer, Day


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
    return PolicyShape.model_validate({**_fields(policy), "lines": tuple(portray(policy))})


def known(call: Call[None, None]) -> Policy:
    """The policy that the address names."""
    id_ = call.named("id")
    found = next((one for one in call.world.configuration.policies if one.id == id_), None)
    if found is None:
        raise missing(f"policy '{id_}' is not configured")
    return found


OPERATIONS = (
    Operation(
        method="GET",
        path="/policies",
        handler=list_policies,
        summary="List the policies",
        query=Paged,
        answer=PolicyPage,
    ),
    Operation(method="GET", path="/policies/{id}", handler=get_policy, summary="One policy", answer=PolicyShape),
)
