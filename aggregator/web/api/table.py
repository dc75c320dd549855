"""The one table of operations: what there is at which address, for whom, with which words in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.web.api import (
    accounts,
    applications,
    builds,
    changes,
    discoveries,
    entries,
    flags,
    grants,
    ledger,
    letters,
    mail,
    opml,
    outputs,
    policies,
    refusals,
    review,
    sources,
    status,
    subscribers,
    terms,
    tokens,
    webhooks,
    withdrawals,
)

if TYPE_CHECKING:
    from aggregator.web.api.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    *status.OPERATIONS,
    *changes.OPERATIONS,
    *sources.OPERATIONS,
    *discoveries.OPERATIONS,
    *opml.OPERATIONS,
    *entries.OPERATIONS,
    *flags.OPERATIONS,
    *letters.OPERATIONS,
    *grants.OPERATIONS,
    *refusals.OPERATIONS,
    *review.OPERATIONS,
    *withdrawals.OPERATIONS,
    *outputs.OPERATIONS,
    *builds.OPERATIONS,
    *policies.OPERATIONS,
    *terms.OPERATIONS,
    *subscribers.OPERATIONS,
    *applications.OPERATIONS,
    *webhooks.OPERATIONS,
    *mail.OPERATIONS,
    *ledger.OPERATIONS,
    *accounts.OPERATIONS,
    *tokens.OPERATIONS,
)

NOUNS: tuple[str, ...] = tuple(dict.fromkeys(operation.noun for operation in OPERATIONS))
"""What tokens may be bound to."""
