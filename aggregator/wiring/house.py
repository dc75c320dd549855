"""Settings → ready objects: what every command needs. Nothing of the web is loaded for them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import secrets
import sys
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator import __version__
from aggregator.errors import UsageError
from aggregator.intake.worker import ParserPool
from aggregator.model.fetched import Answer, Ask, FetchFailed
from aggregator.model.parsed import ParseLimits
from aggregator.model.source import PollSettings
from aggregator.polling.fetch import Fetcher
from aggregator.publishing.render import Renderer
from aggregator.service.discover import Tools as Discovering
from aggregator.service.house import House
from aggregator.service.keeper import Keeper
from aggregator.service.poll import Polling
from aggregator.store import Store
from aggregator.store.migrate import upgrade

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aggregator.config import Configuration, Settings
    from aggregator.service.world import World


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


@contextlib.asynccontextmanager
async def open_fetcher(house: House) -> AsyncIterator[Fetcher]:
    """The one way out of this process."""
    async with _fetcher(house.world.configuration) as fetcher:
        yield fetcher


@contextlib.asynccontextmanager
async def open_polling(house: House, fetcher: Fetcher | None = None) -> AsyncIterator[Polling]:
    """A fetcher, unless one is given, and parser workers over the house's store."""
    async with contextlib.AsyncExitStack() as stack:
        out = fetcher if fetcher is not None else await stack.enter_async_context(open_fetcher(house))
        parsers = await stack.enter_async_context(ParserPool(size=os.cpu_count() or 1, limits=ParseLimits()))
        owner = secrets.token_hex(8)
        yield Polling(store=house.store, fetch=out.fetch, parse=parsers.parse, owner=owner, holds=out.holds)


@contextlib.asynccontextmanager
async def open_discovery(world: World) -> AsyncIterator[Discovering]:
    """A fetcher and parser workers to look at feeds that are not configured: no database is needed."""
    async with _fetcher(world.configuration) as fetcher, ParserPool(size=2, limits=ParseLimits()) as parsers:
        yield Discovering(ask=fetcher.ask, parse=parsers.parse, clock=utc_now)


def _fetcher(configuration: Configuration) -> Fetcher:
    return settings_fetcher(configuration.settings, configuration.folder)


def settings_fetcher(settings: Settings, folder: Path) -> Fetcher:
    """The one way out, under an operator's settings.

    Args:
        folder: the configuration folder, which `file:` addresses start from.
    """
    return Fetcher(
        user_agent=f"aggregator/{__version__} (+{settings.site.url}; {settings.site.email})",
        polling=settings.polling,
        files_root=folder,
        environ=os.environ,
    )


async def fetch_page(url: str, folder: Path, settings: Settings | None, *, max_size: int = 2_000_000) -> Answer:
    """One document of the web, through the one fetcher, under the operator's settings where there are any.

    Args:
        settings: None: there is no configuration yet; the defaults hold.
    Raises:
        UsageError: there is no such document; the message says why.
    """
    polling = settings.polling if settings is not None else PollSettings()
    told = f" (+{settings.site.url}; {settings.site.email})" if settings is not None else ""
    agent = f"aggregator/{__version__}{told}"
    ask = Ask(url=url, max_size=max_size, private_addresses=polling.private_addresses, purpose="terms")
    async with Fetcher(user_agent=agent, polling=polling, files_root=folder, environ=os.environ) as fetcher:
        answer = await fetcher.ask(ask, utc_now())
    if isinstance(answer, FetchFailed):
        raise UsageError(f"{url}: {answer.detail}")
    if answer.status >= 400:
        raise UsageError(f"{url}: answered {answer.status}; save the page as a file and give that")
    return answer


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
