"""Subscription lists: the sources as OPML, and those of another reader taken in."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aggregator.intake.opml import BODY_BYTES_MAX
from aggregator.model.account import Role
from aggregator.service import sources as use
from aggregator.service.amend import take_list
from aggregator.web.api.operation import Call, Operation, Raw
from aggregator.web.api.shapes import Answer, Asked, Name, Names, Query, Truth

MEDIA = "text/x-opml"


class ExportQuery(Query):
    disabled: Truth = False
    """With those that are switched off, as comments."""


class ListAsked(Asked):
    """A list of feeds."""

    opml: Annotated[str, Field(min_length=1, max_length=BODY_BYTES_MAX)]
    """The document itself."""
    tags: Names = ()
    """For each of its feeds, before those of its folders."""
    policy: Name | None = None
    """Id of the policy of those whose publisher is not recognised by its domain."""
    enabled: bool = True
    """False: they are written switched off, to be looked at first."""
    dry: bool = False
    """Nothing is written; everything is checked."""


class PassedShape(Answer):
    """A feed of a list that was not taken."""

    line: int
    url: str
    why: str


class Imported(Answer):
    """What became of a list."""

    list: str | None
    """Its title."""
    found: int
    added: tuple[str, ...]
    """Ids of the new sources, in the order of the list."""
    there: tuple[PassedShape, ...]
    """Read already, or twice in the list."""
    refused: tuple[PassedShape, ...]
    warnings: tuple[str, ...]
    files: tuple[str, ...]
    """Written; of a dry run, that would be."""
    dry: bool


async def export_sources(call: Call[ExportQuery, None]) -> Raw:
    exported = use.export_list(call.world, call.now, disabled=call.query.disabled)
    return Raw(body=exported.body, media=MEDIA)


async def import_sources(call: Call[None, ListAsked]) -> Imported:
    asked = call.body
    report = await take_list(
        asked.opml.encode(),
        call.by,
        call.house,
        tags=asked.tags,
        policy=asked.policy,
        enabled=asked.enabled,
        dry=asked.dry,
    )
    return Imported.model_validate(report)


OPERATIONS = (
    Operation(
        method="GET",
        path="/opml",
        handler=export_sources,
        summary="The sources as a subscription list",
        about="OPML 2.0, for any reader. Headers and credentials are never part of it, nor are `file:` sources.",
        query=ExportQuery,
        media=(MEDIA,),
    ),
    Operation(
        method="POST",
        path="/opml",
        handler=import_sources,
        summary="Take the feeds of a subscription list into the configuration",
        about="All that can be, in one edit that keeps the comments of the files; the rest is listed with the reason. "
        "Policies that a list names are not believed.",
        role=Role.OPERATOR,
        body=ListAsked,
        answer=Imported,
        creates=True,
        body_max=BODY_BYTES_MAX * 2,
    ),
)
