"""A policy in a standard's own form: ODRL, which loses nothing, or RSL, which speaks of machine use only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from aggregator.errors import UsageError
from aggregator.publishing.rsl_write import write_rsl
from aggregator.rights.odrl import to_odrl
from aggregator.rights.rsl import to_rsl

if TYPE_CHECKING:
    from aggregator.model.policy import Policy

FORMATS = ("odrl", "rsl")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedPolicy:
    """One policy as a document."""

    format: str
    body: bytes
    media_type: str
    suffix: str
    """Of a file that holds it, without a dot."""
    losses: tuple[str, ...]
    """What the format cannot hold, a sentence each."""


def export_policy(policy: Policy, format_: str) -> ExportedPolicy:
    """The document of a policy.

    Args:
        format_: `odrl` (JSON-LD) or `rsl` (XML).
    Raises:
        UsageError: the format is another.
    """
    if format_ == "odrl":
        document, lost = to_odrl(policy)
        body = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        return ExportedPolicy(
            format=format_, body=body, media_type="application/ld+json", suffix="jsonld", losses=tuple(lost)
        )
    if format_ == "rsl":
        terms, lost = to_rsl(policy)
        return ExportedPolicy(
            format=format_, body=write_rsl(terms), media_type="application/rsl+xml", suffix="xml", losses=tuple(lost)
        )
    raise UsageError("format '%(format)s' is not known; use %(known)s", format=format_, known=" or ".join(FORMATS))
