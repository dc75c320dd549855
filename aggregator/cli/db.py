"""Commands about the database: upgrade, backup, restore, prune, vacuum."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.common import FINE, ConfigOption, JsonOption, Printer, counted, folder_of, group, run_async, show
from aggregator.cli.live import busy
from aggregator.config import load_settings
from aggregator.errors import StoreError
from aggregator.service.logs import configure_log
from aggregator.service.nodes import read_nodes
from aggregator.service.status import read_note
from aggregator.service.upkeep import Pruned, prune, vacuum
from aggregator.store import Store
from aggregator.store.backup import Copied, back_up, restore
from aggregator.store.migrate import upgrade
from aggregator.wiring import migrate_queue, open_house, utc_now

if TYPE_CHECKING:
    from aggregator.store.upkeep import Space

File = Annotated[Path, typer.Argument(metavar="FILE", help="The file that holds the copy.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Adds these commands to the application."""
    db_app = group("The database.")
    db_app.command("upgrade")(upgrade_command)
    db_app.command("backup")(backup_command)
    db_app.command("restore")(restore_command)
    db_app.command("prune")(prune_command)
    db_app.command("vacuum")(vacuum_command)
    app.add_typer(db_app, name="db")


def upgrade_command(config: ConfigOption = None, json: JsonOption = False) -> int:
    """Bring the database to this program's schema."""
    settings = load_settings(folder_of(config))
    schema = upgrade(settings.database)
    migrate_queue(settings)
    show({"ok": True, "schema": schema}, json, lambda out: out.line(f"The database is up to date (schema {schema})."))
    return FINE


def backup_command(
    file: File,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Copy the database into a file, while the service runs.

    The copy is checked: the file is sound and the ledger's chain holds. PostgreSQL is copied by pg_dump.
    """
    url = load_settings(folder_of(config)).database
    with busy(f"copying to {file} …"):
        copied = back_up(url, file, force=force)
    show(copied, json, lambda out: out.line(f"{_told(copied)}; 'aggregator db restore {file}' puts it back"))
    return FINE


def restore_command(
    file: File,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the database that is there; SQLite's is kept beside the new one.")
    ] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Put a copy in place of the database; stop the service first.

    The copy is checked first, and brought to this program's schema.
    """
    url = load_settings(folder_of(config)).database
    run_async(_refuse_while_running(url))
    with busy(f"restoring {file} …"):
        copied = restore(url, file, force=force)

    def human(out: Printer) -> None:
        out.line(_told(copied))
        if copied.kept is not None:
            out.line(f"The database of before is kept as {copied.kept}; delete it when all is well.")

    show(copied, json, human)
    return FINE


async def _refuse_while_running(url: str) -> None:
    """A service that runs would go on with what it remembers of the database of before.

    Raises:
        StoreError: one gave a sign of life in the last seconds.
    """
    try:
        store = await Store.open(url)
    except StoreError:
        return  # there is none, or it is what is to be replaced
    try:
        note = await read_note(store, utc_now())
        others = await read_nodes(store, utc_now())
    except StoreError:
        return
    finally:
        await store.close()
    if (note is not None and note.alive) or any(node.alive for node in others):
        raise StoreError(
            "a service runs on this database; stop it, and restore again (one that was killed counts for half a minute)"
        )


def _told(copied: Copied) -> str:
    return (
        f"{copied.file}: {copied.size:,} bytes, schema {copied.schema}, {counted(copied.entries, more='entries')}, "
        f"{counted(copied.ledger, 'record', 'records')} of the ledger, verified"
    )


def prune_command(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would go.")] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Delete what is older than 'retention' keeps.

    A running service does it once a day.

    Nothing goes that stands in an output, that somebody is asked about, or that is proof.
    """

    async def work() -> Pruned:
        async with open_house(folder_of(config), migrate=True) as house:
            return await prune(house.store, house.world, utc_now(), dry=dry_run)

    configure_log("error", "console")
    pruned = run_async(work())

    def human(out: Printer) -> None:
        parts = (
            counted(pruned.entries),
            counted(pruned.revisions, "former revision", "former revisions"),
            counted(pruned.flags, "closed flag", "closed flags"),
            counted(pruned.ended, "ended session or lease", "ended sessions and leases"),
        )
        out.line(f"{', '.join(parts)} {'would go' if dry_run else 'are gone'}")
        if not dry_run and pruned.free > pruned.size // 10:
            out.line(f"{pruned.free:,} of {pruned.size:,} bytes are free; 'aggregator db vacuum' gives them back")

    show(pruned, json, human)
    return FINE


def vacuum_command(config: ConfigOption = None, json: JsonOption = False) -> int:
    """Give back the room of what was deleted; renew statistics.

    Writers wait meanwhile; SQLite needs as much room again as the database takes.
    """

    async def work() -> Space:
        async with open_house(folder_of(config), migrate=True) as house:
            with busy("vacuum …"):
                return await vacuum(house.store)

    configure_log("error", "console")
    space = run_async(work())
    show(space, json, lambda out: out.line(f"The database takes {space.size:,} bytes."))
    return FINE
