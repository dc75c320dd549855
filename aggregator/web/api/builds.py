"""Building outputs."""

from __future__ import annotations

from aggregator.model.account import Role
from aggregator.web.api.operation import Call, Operation
from aggregator.web.api.shapes import Answer, Asked, Instant, Names


class BuildsAsked(Asked):
    """Which outputs are to be built now."""

    outputs: Names = ()
    """Ids; none: all."""


class Removed(Answer):
    """An entry that left an output."""

    entry: str
    why: str


class Build(Answer):
    """What one build of one output did."""

    output: str
    entries: int
    """That stand in it now."""
    held: int
    """Candidates that may not stand in it in the form asked for or a smaller one."""
    added: tuple[str, ...]
    removed: tuple[Removed, ...]
    changed: tuple[str, ...]
    """Formats whose bytes are new."""
    flags: int
    """Questions to a person that it waits for."""
    wake_at: Instant | None
    problems: tuple[str, ...]


class Builds(Answer):
    items: tuple[Build, ...]


async def start_builds(call: Call[None, BuildsAsked]) -> Builds:
    reports = await call.house.build_all(list(call.body.outputs))
    return Builds(
        items=tuple(
            Build(
                output=one.output,
                entries=one.entries,
                held=one.held,
                added=one.added,
                removed=tuple(Removed(entry=entry, why=why) for entry, why in one.removed),
                changed=one.changed,
                flags=one.flags,
                wake_at=one.wake_at,
                problems=one.problems,
            )
            for one in reports
        )
    )


OPERATIONS = (
    Operation(
        method="POST",
        path="/builds",
        handler=start_builds,
        summary="Build outputs now",
        about="A running service builds by itself whatever has changed; this tells what came of it.",
        role=Role.OPERATOR,
        body=BuildsAsked,
        answer=Builds,
        creates=True,
    ),
)
