"""Settings → ready objects: what asks others, and what reads their answers."""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import TYPE_CHECKING

from aggregator import __version__
from aggregator.errors import UsageError
from aggregator.intake.pool import ParserPool
from aggregator.model.fetched import Answer, Ask, FetchFailed
from aggregator.model.parsed import ParseLimits
from aggregator.model.source import PollSettings
from aggregator.polling.fetch import Fetcher
from aggregator.service.discover import Tools as Discovering
from aggregator.service.poll import Polling
from aggregator.wiring.house import utc_now

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from aggregator.config import Configuration, Settings
    from aggregator.service.house import House
    from aggregator.service.world import World


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
        yield Polling(
            store=house.store,
            fetch=out.fetch,
            parse=parsers.parse,
            owner=owner,
            holds=out.holds,
            backlog=out.backlog,
        )


@contextlib.asynccontextmanager
async def open_discovery(world: World, *, private_addresses: bool = False) -> AsyncIterator[Discovering]:
    """A fetcher and parser workers to look at feeds that are not configured: no database is needed.

    Args:
        private_addresses: whether they may stand in a private network, whatever the settings say.
    """
    async with _fetcher(world.configuration) as fetcher, ParserPool(size=2, limits=ParseLimits()) as parsers:
        yield Discovering(ask=fetcher.ask, parse=parsers.parse, clock=utc_now, private_addresses=private_addresses)


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
        raise UsageError("%(url)s: %(detail)s", url=url, detail=answer.detail)
    if answer.status >= 400:
        raise UsageError(
            "%(url)s: answered %(status)s",
            command="save the page as a file and give that",
            url=url,
            status=answer.status,
        )
    return answer
