"""Commands about where sources are: the way back from a believed move, and from 410."""

from __future__ import annotations

from typing import Annotated

import typer

from aggregator.cli.common import FINE, ConfigOption, JsonOption, folder_of, run_async, show
from aggregator.errors import UsageError
from aggregator.store import happenings
from aggregator.wiring import open_house, utc_now

SourceName = Annotated[str, typer.Argument(metavar="SOURCE", help="The source's id.", show_default=False)]
_BY_HAND = "by hand"


def register(sources_app: typer.Typer) -> None:
    """Adds these commands to `sources`."""
    sources_app.command("unmove")(unmove_command)
    sources_app.command("revive")(revive_command)


def unmove_command(source: SourceName, config: ConfigOption = None, json: JsonOption = False) -> int:
    """Ask for a source at its configured address again.

    For one whose permanent redirect was believed. If the redirect goes on, it is believed again after two days.
    """

    async def work() -> tuple[str, str | None]:
        async with open_house(folder_of(config), migrate=True) as house:
            (known,) = house.world.pick_sources([source])
            return known.feed, await house.store.write(happenings.forget_move, source, _BY_HAND, utc_now())

    feed, forgotten = run_async(work())
    if forgotten is None:
        raise UsageError(f"source '{source}' has not moved; it is asked for at {feed}")
    report = {"source": source, "feed": feed, "forgotten": forgotten}
    show(report, json, lambda out: out.line(f"{source}: asked for at {feed} again, no longer at {forgotten}"))
    return FINE


def revive_command(source: SourceName, config: ConfigOption = None, json: JsonOption = False) -> int:
    """Poll a source again that has answered 410 (gone) twice."""

    async def work() -> bool:
        async with open_house(folder_of(config), migrate=True) as house:
            house.world.pick_sources([source])
            return await house.store.revive(source, _BY_HAND, utc_now())

    if not run_async(work()):
        raise UsageError(f"source '{source}' is not gone; 'aggregator sources list' says how it is")
    report = {"source": source, "revived": True}
    show(report, json, lambda out: out.line(f"{source}: polled again, at once if the service runs"))
    return FINE
