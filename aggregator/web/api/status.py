"""How everything is, at a glance."""

from __future__ import annotations

from aggregator.service.status import status_of
from aggregator.web.api.operation import Call, Operation
from aggregator.web.api.outputs import OutputRow
from aggregator.web.api.shapes import Answer, Instant
from aggregator.web.api.sources import SourceRow


class Service(Answer):
    """What a running service says of itself."""

    started_at: Instant
    seen_at: Instant
    """Its last sign of life."""
    loaded_at: Instant
    """When the configuration in force was loaded."""
    version: str
    """Of that configuration."""
    problems: tuple[str, ...]
    """Why a newer edit of the configuration was not taken."""
    alive: bool


class Status(Answer):
    """Sources, outputs and open flags at a glance."""

    ok: bool
    problems: tuple[str, ...]
    """Of the configuration as it is now, each with file, line and remedy."""
    service: Service | None
    database_error: str | None
    sources: tuple[SourceRow, ...]
    outputs: tuple[OutputRow, ...]
    open_flags: dict[str, int]
    """Kind → how many."""


async def get_status(call: Call[None, None]) -> Status:
    found = await status_of(call.house.keeper.problems, call.world, call.store, call.now)
    return Status(
        ok=found.ok,
        problems=tuple(map(str, found.problems)),
        service=Service.model_validate(found.service) if found.service else None,
        database_error=found.database_error,
        sources=tuple(map(SourceRow.model_validate, found.sources)),
        outputs=tuple(map(OutputRow.model_validate, found.outputs)),
        open_flags=dict(found.open_flags),
    )


OPERATIONS = (Operation(method="GET", path="/status", handler=get_status, summary="How everything is", answer=Status),)
