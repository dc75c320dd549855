"""Settings → ready objects: the only place where concrete parts meet."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import secrets
import signal
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

import structlog

from aggregator import __version__
from aggregator.config import load_settings
from aggregator.engine.local import LocalEngine, lease
from aggregator.errors import AggregatorError, UsageError
from aggregator.intake.worker import ParserPool
from aggregator.model.fetched import Answer, Ask, FetchFailed
from aggregator.model.output import Access
from aggregator.model.parsed import ParseLimits
from aggregator.model.source import PollSettings
from aggregator.polling import secret
from aggregator.polling.alarm import Alarm
from aggregator.polling.fetch import Fetcher
from aggregator.publishing.credit import Templates
from aggregator.publishing.render import Renderer
from aggregator.service.accounts import Accounts
from aggregator.service.admission import Admission
from aggregator.service.discover import Tools as Discovering
from aggregator.service.evidence import gather_evidence
from aggregator.service.house import House, WholeHouse
from aggregator.service.hub import HubDesk
from aggregator.service.keeper import Keeper
from aggregator.service.notify import Notifier
from aggregator.service.poll import Polling
from aggregator.service.status import write_note
from aggregator.service.subscribe import Subscriber
from aggregator.store import Store
from aggregator.store.migrate import upgrade
from aggregator.web.admin.access import Entrance
from aggregator.web.admin.desk import Desk
from aggregator.web.admin.render import Pages
from aggregator.web.app import Server, make_app
from aggregator.web.feeds import FeedShelf
from aggregator.web.site import PublicSite
from aggregator.web.subscribers import PrivateShelf

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from aiohttp import web

    from aggregator.config import Configuration, Settings
    from aggregator.model.source import SecretRef
    from aggregator.service.world import World
    from aggregator.web.pages import Site

log = structlog.get_logger(__name__)

TICK = 1.0
"""Seconds between two looks at what is due, what is stale, and whether the configuration was edited."""

SIGN_OF_LIFE = 10.0
"""Seconds between two notes in the database that this service runs."""

FETCHES = 10.0
"""Seconds between two notes of what subscribers fetched: so much of them a crash may lose."""

EVIDENCE = 60.0
"""Seconds between two looks at which sites are due to be asked what they say to machines."""

HUBS = 5.0
"""Seconds between two looks at which hubs of sources are to be asked."""

ALARM_GRACE = 2.0
"""Seconds that a running build or reload gets to end after a request to stop; with `GRACE` less than ten (R18)."""

GRACE = timedelta(seconds=6)
"""What running polls get to end after a request to stop."""


def utc_now() -> datetime:
    """The clock of every entry point: aware, UTC."""
    return datetime.now(UTC)


def templates_folder() -> Path:
    """Our own templates: beside the package in a checkout, under `share/` where it was installed from a wheel."""
    beside = Path(__file__).resolve().parent.parent / "templates"
    return beside if beside.is_dir() else Path(sys.prefix) / "share" / "aggregator" / "templates"


def template_folders(settings: Settings) -> tuple[Path, ...]:
    """Where templates are looked for: the operator's own folder first."""
    return (*([settings.templates] if settings.templates else []), templates_folder())


class _Stderr:
    """Standard error as it is when a line is written: loggers live longer than a redirection."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def configure_log(level: str, style: str, *, for_good: bool = False) -> None:
    """Sends the log to stderr: `text` for people, `json` for machines.

    Args:
        for_good: loggers remember it from their first use on, which saves the building of one at each line.
    """
    as_json = style == "json"
    # Never a traceback with local variables: they hold what feeds and secrets hold.
    pretty = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
    renderer: Any = structlog.processors.JSONRenderer() if as_json else pretty
    # A tick that is skipped because the one before still works is ordinary, not a warning.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.StackInfoRenderer(),
            *([structlog.processors.format_exc_info] if as_json else []),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Stderr())),
        cache_logger_on_first_use=for_good,
    )


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


def open_notifier(house: House, fetcher: Fetcher) -> Notifier:
    """Tells hubs, subscribers of our hub and webhooks of what the house builds."""

    async def secret_of(ref: SecretRef) -> str:
        return await secret.read(ref, os.environ, house.keeper.folder)

    notifier = Notifier(house, fetcher.ask, secret_of, secrets.token_hex(8))
    house.observers.append(notifier.after_build)
    return notifier


@contextlib.asynccontextmanager
async def open_discovery(world: World) -> AsyncIterator[Discovering]:
    """A fetcher and parser workers to look at feeds that are not configured: no database is needed."""
    async with _fetcher(world.configuration) as fetcher, ParserPool(size=2, limits=ParseLimits()) as parsers:
        yield Discovering(ask=fetcher.ask, parse=parsers.parse, clock=utc_now)


def _fetcher(configuration: Configuration) -> Fetcher:
    settings = configuration.settings
    return Fetcher(
        user_agent=f"aggregator/{__version__} (+{settings.site.url}; {settings.site.email})",
        polling=settings.polling,
        files_root=configuration.folder,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """What a person should know when the service answers."""

    version: str
    sources: int
    """That are polled."""
    outputs: int
    url: str
    """The start page, as this machine reaches it."""
    feeds: tuple[tuple[str, str], ...]
    """(title, address) of each public document."""
    health: str
    admin: str
    """The pages behind the login."""
    welcome: str | None
    """One-time link that makes the first administrator; None where there is an account."""


async def run(folder: Path, announce: Callable[[Started], None]) -> None:
    """Scheduler, builder and web server in this process, until it is told to stop.

    Args:
        folder: the configuration folder.
        announce: told once, when it answers.
    Raises:
        ConfigError, StoreError, ServeError, UsageError: it could not start.
    """
    engine = load_settings(folder).engine
    if engine != "local":
        raise UsageError(f"engine '{engine}' is not part of this version; set 'engine: local' in aggregator.yaml")
    async with (
        open_house(folder, migrate=True) as house,
        open_fetcher(house) as fetcher,
        open_polling(house, fetcher) as tools,
    ):
        settings = house.world.configuration.settings
        configure_log(settings.log.level, settings.log.format, for_good=True)
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await house.sync()
        await house.build_stale()
        site = PublicSite(house, template_folders(settings))
        admission = Admission(house)
        await site.start_page()  # a template that cannot be used stops the start, not the first visitor
        desk = make_desk(house)
        welcome = await _first_link(house, desk.accounts)
        notifier = open_notifier(house, fetcher)
        subscriber = Subscriber(house, tools, fetcher.ask)
        app = make_site_app(house, site, admission, desk, subscriber)
        server = Server(app, settings.server.host, settings.server.port)
        port = await server.start()
        calm_collector()
        announce(_started(house, port, welcome))
        await _work(house, tools, notifier, subscriber, admission, stop)
        await server.stop()
        try:
            await admission.flush()
        except AggregatorError as error:
            log.warning("what subscribers took last is not on record", error=str(error))


def make_site_app(
    house: House, site: Site, admission: Admission, desk: Desk | None = None, subscriber: Subscriber | None = None
) -> web.Application:
    """The web application over a house: public feeds, pages, subscribers' addresses, the hub, callbacks, the desk."""

    def clock() -> float:
        return house.clock().timestamp()

    private = PrivateShelf(FeedShelf(WholeHouse(house), clock), house.public_url)
    return make_app(site, FeedShelf(house, clock), desk, HubDesk(house), subscriber, (admission, private))


async def _work(
    house: House,
    tools: Polling,
    notifier: Notifier,
    subscriber: Subscriber,
    admission: Admission,
    stop: asyncio.Event,
) -> None:
    """Lets the alarm drive polls, builds and reloads until the event is set; then ends in order."""
    engine = LocalEngine(tools, utc_now)

    async def mend_clock() -> None:
        if mended := await house.store.mend_clock(utc_now(), lease(house.world)):
            log.warning("the clock was set back; schedules of before were put right", sources=mended)

    await mend_clock()
    alarm = Alarm(on_jump=mend_clock)
    started_at = utc_now()

    async def poll() -> None:
        await engine.tick(house.world)

    async def sign_of_life() -> None:
        await write_note(house.store, house.keeper, started_at, utc_now())

    async def refresh() -> None:
        if await house.refresh():
            await sign_of_life()

    async def evidence() -> None:
        # The first minute belongs to the feeds: their answers may name documents, and a start is busy enough.
        if utc_now() - started_at >= timedelta(seconds=EVIDENCE / 2):
            await gather_evidence(house.world, house.store, tools.fetch, utc_now)

    alarm.every("configuration", TICK, refresh)
    alarm.every("sign of life", SIGN_OF_LIFE, sign_of_life)
    alarm.every("poll", TICK, poll)
    alarm.every("build", TICK, house.build_stale)
    alarm.every("evidence", EVIDENCE, evidence)
    alarm.every("notify", TICK, notifier.tick)
    alarm.every("subscriptions", HUBS, subscriber.tick)
    alarm.every("fetches", FETCHES, admission.flush)
    alarm.start()
    await stop.wait()
    log.info("stopping")
    await alarm.stop(ALARM_GRACE)
    try:
        await asyncio.gather(engine.stop(GRACE), notifier.stop(GRACE), subscriber.stop(GRACE))
    except AggregatorError as error:
        log.warning("claims not given back; they end by themselves", error=str(error))


def make_desk(house: House) -> Desk:
    """The pages behind the login."""
    settings = house.world.configuration.settings
    accounts = Accounts(house.store, house.clock)
    access = Entrance(accounts, settings.server.public_url, settings.server.proxies)
    folders = template_folders(settings)
    return Desk(house, accounts, access, Pages(folders), Templates(folders))


async def _first_link(house: House, accounts: Accounts) -> str | None:
    """A one-time link for the first administrator; None where there is an account."""
    if await accounts.has_users():
        return None
    return f"/admin/welcome/{await accounts.invite(None)}"


def _started(house: House, port: int, welcome: str | None) -> Started:
    server = house.world.configuration.settings.server
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(server.host, server.host)  # noqa: S104  compared, not bound
    base = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    return Started(
        version=__version__,
        sources=len(house.world.active),
        outputs=len(house.world.outputs),
        url=f"{base}/",
        feeds=tuple(
            (output.title, f"{base}/feeds/{output.id}.{format_}")
            for output in house.world.outputs.values()
            if output.access is Access.PUBLIC
            for format_ in output.formats
        ),
        health=f"{base}/healthz",
        admin=f"{base}/admin/",
        welcome=f"{base}{welcome}" if welcome else None,
    )
