"""Settings → ready objects: what every command needs. Nothing of the network is loaded for them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.errors import UsageError
from aggregator.publishing.render import Renderer
from aggregator.service.house import House
from aggregator.service.keeper import Keeper
from aggregator.store import Store
from aggregator.store.migrate import upgrade

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aggregator.config import Settings


def utc_now() -> datetime:
    """The clock of every entry point: aware, UTC."""
    return datetime.now(UTC)


def templates_folder() -> Path:
    """Our own templates: beside the package in a checkout, under `share/` where it was installed from a wheel."""
    beside = Path(__file__).resolve().parents[2] / "templates"
    return beside if beside.is_dir() else Path(sys.prefix) / "share" / "aggregator" / "templates"


def template_folders(settings: Settings) -> tuple[Path, ...]:
    """Where templates are looked for: the operator's own folder first."""
    return (*([settings.templates] if settings.templates else []), templates_folder())


def calm_collector() -> None:
    """Lets Python's search for cycles run seldom, and not over what lives as long as the process.

    Each poll makes and drops thousands of small values, and none of them in cycles. With Python's own thresholds,
    looking through all that is alive costs a third of a round in which nothing changed.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


@contextlib.asynccontextmanager
async def open_house(folder: Path, *, migrate: bool = False) -> AsyncIterator[House]:
    """Everything but polling and serving, ready for use.

    Args:
        folder: the configuration folder.
        migrate: bring the database to this program's schema first.
    Raises:
        ConfigError: the configuration cannot be used.
        StoreError: the database cannot be used.
    """
    keeper = Keeper.open(folder, utc_now())
    settings = keeper.world.configuration.settings
    if migrate:
        await asyncio.to_thread(upgrade, settings.database)
        await asyncio.to_thread(migrate_queue, settings)
    store = await Store.open(settings.database)
    try:
        yield House(keeper, store, Renderer(template_folders(settings)), utc_now)
    finally:
        await store.close()


def migrate_queue(settings: Settings) -> None:
    """Brings the tables of the job queue up to date, where there is one.

    Raises:
        UsageError: it needs another database, or a package that is not installed.
        StoreError: the database cannot be used.
    """
    if settings.engine == "local":
        return
    if not settings.database.startswith("postgresql://"):
        raise UsageError("engine 'procrastinate' needs a postgresql:// database; set 'database' in aggregator.yaml")
    if find_spec("procrastinate") is None or find_spec("psycopg_pool") is None:
        raise UsageError("engine 'procrastinate' needs a package that is not here; pip install 'aggregator[scale]'")
    from aggregator.engine import queue

    queue.upgrade(settings.database)
