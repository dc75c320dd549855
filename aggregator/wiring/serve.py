"""A running service: its jobs, its web server, its way to start and to end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from aggregator import __version__
from aggregator.engine import lease
from aggregator.engine.local import LocalEngine
from aggregator.engine.systemd import Systemd
from aggregator.errors import AggregatorError
from aggregator.model.fetched import Answer
from aggregator.model.output import Access
from aggregator.model.role import ALL_ROLES, Role
from aggregator.polling import secret
from aggregator.polling.alarm import Alarm
from aggregator.polling.fetch import Fetcher
from aggregator.publishing.credit import Templates
from aggregator.service import tracing
from aggregator.service.accounts import Accounts
from aggregator.service.admission import Admission
from aggregator.service.evidence import gather_evidence
from aggregator.service.house import LAG, House
from aggregator.service.hub import HubDesk
from aggregator.service.logs import configure_log
from aggregator.service.metrics import METRICS
from aggregator.service.nodes import Presence
from aggregator.service.notify import Notifier
from aggregator.service.openid import OpenId
from aggregator.service.poll import Polling
from aggregator.service.post import tend
from aggregator.service.search import catch_up
from aggregator.service.status import write_note
from aggregator.service.subscribe import Subscriber
from aggregator.service.terms_watch import watch_terms
from aggregator.service.upkeep import keep_up
from aggregator.store import sources as source_rows
from aggregator.web.admin.access import PREFIX, Entrance
from aggregator.web.admin.desk import Desk
from aggregator.web.admin.openid import CALLBACK
from aggregator.web.admin.render import Pages
from aggregator.web.app import Server, make_app, make_monitoring_app
from aggregator.web.feeds import FeedShelf
from aggregator.web.monitoring import Monitoring
from aggregator.web.site import PublicSite
from aggregator.web.subscribers import PrivateShelf
from aggregator.wiring import allocator, ending
from aggregator.wiring.house import calm_collector, open_house, template_folders, utc_now
from aggregator.wiring.outside import fetch_page, open_discovery, open_fetcher, open_polling

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from aiohttp import web

    from aggregator.config.settings import Monitored
    from aggregator.engine import Engine
    from aggregator.model.source import SecretRef
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

UPKEEP = 600.0
"""Seconds between two looks whether the daily upkeep is due."""

HUBS = 5.0
"""Seconds between two looks at which hubs of sources are to be asked."""

WORDS = 2.0
"""Seconds between two looks whether polls have stored what is not findable yet."""

MEMORY = 10.0
"""Seconds after which memory that has become free is given back to the system."""


def open_notifier(house: House, fetcher: Fetcher) -> Notifier:
    """Tells hubs, subscribers of our hub and webhooks of what the house builds."""

    async def secret_of(ref: SecretRef) -> str:
        return await secret.read(ref, os.environ, house.keeper.folder)

    notifier = Notifier(house, fetcher.ask, secret_of, secrets.token_hex(8))
    house.observers.append(notifier.after_build)
    return notifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """What a person should know when the service answers."""

    version: str
    sources: int
    """That are polled."""
    outputs: int
    roles: tuple[Role, ...]
    """What this process does, of all that is to be done."""
    url: str | None
    """The start page, as this machine reaches it; None where this process does not serve."""
    feeds: tuple[tuple[str, str], ...]
    """(title, address) of each public document."""
    health: str | None
    admin: str | None
    """The pages behind the login."""
    welcome: str | None
    """One-time link that makes the first administrator; None where there is an account."""


async def run(folder: Path, announce: Callable[[Started], None], roles: frozenset[Role] = ALL_ROLES) -> None:
    """What these roles do, in this process, until it is told to stop; by default all: scheduler, builder, web server.

    Args:
        folder: the configuration folder.
        announce: told once, when it is at work.
    Raises:
        ConfigError, StoreError, ServeError, UsageError: it could not start.
    """
    allocator.keep_little()
    async with (
        open_house(folder, migrate=True) as house,
        open_fetcher(house) as fetcher,
        open_polling(house, fetcher) as tools,
        open_engine(house, tools, roles) as engine,
    ):
        settings = house.world.configuration.settings
        configure_log(settings.log.level, settings.log.format, for_good=True)
        stop, systemd = asyncio.Event(), Systemd()

        def end() -> None:
            if not stop.is_set():
                stop.set()
                ending.end_in_time()
                house.store.hasten(ending.DATABASE)

        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, end)
        if tracing.start():
            log.info("traces are sent")
        presence = Presence(house, roles, tools.owner, utc_now())
        house.rival = presence.is_rivalled
        house.lag = LAG
        if Role.BUILDER not in roles:
            house.follow()
        await house.sync()
        await presence.show()
        if Role.BUILDER in roles:
            await house.build_stale()
        admission = Admission(house)
        notifier = open_notifier(house, fetcher)
        subscriber = Subscriber(house, tools, fetcher.ask)
        node = _Node(house, presence, tools, engine, notifier, subscriber, admission, roles, systemd)
        if Role.WEB in roles:
            async with _serving(house, admission, subscriber, fetcher, node.must_do) as (port, welcome):
                calm_collector()
                announce(_started(house, roles, port, welcome))
                await _work(node, stop)
        else:
            async with _watched(house, node.must_do):
                calm_collector()
                announce(_started(house, roles, None, None))
                await _work(node, stop)
        try:
            await admission.flush()
        except AggregatorError as error:
            log.warning("what subscribers took last is not on record", error=str(error))
        await asyncio.to_thread(tracing.stop)


@contextlib.asynccontextmanager
async def _serving(
    house: House, admission: Admission, subscriber: Subscriber, fetcher: Fetcher, jobs: Sequence[str]
) -> AsyncIterator[tuple[int, str | None]]:
    """The web server at work: its port, and the link for the first account."""
    settings = house.world.configuration.settings
    site = PublicSite(house, template_folders(settings))
    await site.start_page()  # a template that cannot be used stops the start, not the first visitor
    desk = make_desk(house, fetcher)
    welcome = await _first_link(house, desk.accounts)
    app = make_site_app(house, site, admission, desk, subscriber, jobs)
    server = Server(app, settings.server.host, settings.server.port, ending.REQUESTS)
    port = await server.start()
    yield port, welcome
    await server.stop()


@contextlib.asynccontextmanager
async def _watched(house: House, jobs: Sequence[str]) -> AsyncIterator[None]:
    """`/healthz`, `/readyz` and `/metrics` of a process that serves nothing else, where 'metrics.listen' wants them."""
    settings = house.world.configuration.settings
    listen = settings.metrics.listen
    if listen is None:
        yield
        return
    site = PublicSite(house, template_folders(settings))
    server = Server(make_monitoring_app(site, make_monitoring(house, jobs=jobs)), *listen, ending.REQUESTS)
    await server.start()
    yield
    await server.stop()


@contextlib.asynccontextmanager
async def open_engine(house: House, tools: Polling, roles: frozenset[Role]) -> AsyncIterator[Engine]:
    """Where polls run, by the configuration."""
    settings = house.world.configuration.settings
    if settings.engine == "local":
        yield LocalEngine(tools, utc_now)
        return
    from aggregator.engine import procrastinate as fleet

    fleet.quiet_logs()
    queue = fleet.make_app(settings.database)
    async with fleet.opened(queue):
        dispatcher = fleet.Dispatcher(queue, house.store, utc_now) if Role.SCHEDULER in roles else None
        worker = None
        if Role.WORKER in roles:
            worker = fleet.Worker(queue, tools, utc_now, lambda: house.world, settings.polling.concurrency)
            worker.start()
        yield fleet.Fleet(dispatcher, worker)


def make_site_app(
    house: House,
    site: Site,
    admission: Admission,
    desk: Desk | None = None,
    subscriber: Subscriber | None = None,
    jobs: Sequence[str] = (),
) -> web.Application:
    """The web application over a house: public feeds, pages, subscribers' addresses, the hub, callbacks, the desk.

    Args:
        jobs: names of the jobs without which this process is not ready.
    """

    def clock() -> float:
        return house.clock().timestamp()

    private = PrivateShelf(FeedShelf(house.whole, clock), house.public_url)
    monitoring = make_monitoring(house, desk, jobs)
    return make_app(
        site, FeedShelf(house.public, clock), desk, HubDesk(house), subscriber, (admission, private), monitoring
    )


def make_monitoring(house: House, desk: Desk | None = None, jobs: Sequence[str] = ()) -> Monitoring:
    """`/metrics` and `/readyz`, as the configuration in force has them.

    Args:
        jobs: names of the jobs without which this process is not ready.
    """

    def monitored() -> Monitored:
        return house.world.configuration.settings.metrics

    async def token() -> str | None:
        ref = monitored().token
        return None if ref is None else await secret.read(ref, os.environ, house.keeper.folder)

    def peer(request: web.Request) -> str:
        return request.remote or ""

    return Monitoring(house, monitored, token, desk.access.address if desk is not None else peer, jobs)


@dataclass(frozen=True, slots=True)
class _Node:
    """The parts of a process that runs."""

    house: House
    presence: Presence
    tools: Polling
    engine: Engine
    notifier: Notifier
    subscriber: Subscriber
    admission: Admission
    roles: frozenset[Role]
    systemd: Systemd

    @property
    def asks(self) -> Role:
        """Whose part it is to ask what is due: with the local engine whoever asks also polls."""
        local = self.house.world.configuration.settings.engine == "local"
        return Role.WORKER if local else Role.SCHEDULER

    @property
    def must_do(self) -> tuple[str, ...]:
        """Names of the jobs that this process must have done lately to be ready."""
        parts = ((self.asks, "poll"), (Role.BUILDER, "build"))
        return "configuration", *(name for role, name in parts if role in self.roles)


async def _mend_clock(house: House) -> None:
    if mended := await house.store.write(source_rows.mend_clock, utc_now(), lease(house.world)):
        log.warning("the clock was set back; schedules of before were put right", sources=mended)


async def _work(node: _Node, stop: asyncio.Event) -> None:
    """Lets the alarm drive polls, builds and reloads until the event is set; then ends in order."""
    house, roles = node.house, node.roles

    if Role.SCHEDULER in roles:
        await _mend_clock(house)
    alarm = Alarm(on_jump=partial(_mend_clock, house), on_end=METRICS.worked)
    started_at = utc_now()

    async def sign_of_life() -> None:
        await node.presence.show()
        if Role.BUILDER in roles:
            await write_note(house.store, house.keeper, started_at, utc_now())

    one_at_a_time = asyncio.Lock()  # who asked for a reload must not be told of the end of another that goes on

    async def refresh() -> None:
        async with one_at_a_time:
            edited = await house.refresh()
        if edited:
            node.systemd.status(_told_of(house))
            await sign_of_life()

    alarm.every("configuration", TICK, refresh)
    alarm.every("sign of life", SIGN_OF_LIFE, sign_of_life)
    alarm.every("memory", MEMORY, partial(asyncio.to_thread, allocator.give_back))
    for role, name, seconds, work in _jobs(node, started_at):
        if role in roles:
            alarm.every(name, seconds, work)
    _heed_manager(alarm, node.systemd, house, refresh)
    alarm.start()
    await _until(stop, node, alarm)
    log.info("stopping")
    node.systemd.stopping()
    await alarm.stop(ending.ALARM_GRACE)
    grace = ending.GRACE
    try:
        await asyncio.gather(node.engine.stop(grace), node.notifier.stop(grace), node.subscriber.stop(grace))
        await node.presence.leave()
        if Role.BUILDER in roles:
            await write_note(house.store, house.keeper, started_at, utc_now(), ended=True)
    except AggregatorError as error:
        log.warning("claims not given back; they end by themselves", error=str(error))


def _jobs(node: _Node, started_at: datetime) -> list[tuple[Role, str, float, Callable[[], Awaitable[object]]]]:
    """What runs how often: role, name, seconds, work."""
    house = node.house

    def is_young() -> bool:
        # The first minute belongs to the feeds: their answers may name documents, and a start is busy enough.
        return utc_now() - started_at < timedelta(seconds=EVIDENCE / 2)

    async def evidence() -> None:
        if not is_young():
            await gather_evidence(house.world, house.store, node.tools.fetch, utc_now)

    async def terms() -> None:
        if not is_young():
            await watch_terms(house.world, house.store, node.notifier.ask, utc_now)

    async def post() -> None:
        if not is_young():
            await tend(house, Templates(template_folders(house.world.configuration.settings)))

    async def upkeep() -> None:
        if not is_young():
            await keep_up(house.store, house.world, utc_now())

    return [
        (node.asks, "poll", TICK, lambda: node.engine.tick(house.world)),
        (Role.BUILDER, "build", TICK, house.build_stale),
        (Role.WEB, "look", TICK, house.notice),
        (Role.BUILDER, "notify", TICK, node.notifier.tick),
        (Role.SCHEDULER, "evidence", EVIDENCE, evidence),
        (Role.SCHEDULER, "terms", EVIDENCE, terms),
        (Role.SCHEDULER, "post", EVIDENCE, post),
        (Role.SCHEDULER, "subscriptions", HUBS, node.subscriber.tick),
        (Role.SCHEDULER, "words", WORDS, lambda: catch_up(house.store)),
        (Role.SCHEDULER, "upkeep", UPKEEP, upkeep),
        (Role.WEB, "fetches", FETCHES, node.admission.flush),
    ]


def _heed_manager(alarm: Alarm, systemd: Systemd, house: House, refresh: Callable[[], Awaitable[None]]) -> None:
    """SIGHUP reads the configuration at once; systemd is told what this process is at."""

    async def reload() -> None:
        systemd.reloading()
        await refresh()
        systemd.ready(_told_of(house))

    async def alive() -> None:
        systemd.alive()

    if systemd.watchdog_seconds is not None:
        alarm.every("watchdog", systemd.watchdog_seconds / 2, alive)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, lambda: alarm.at("reload", utc_now(), reload))
    systemd.ready(_told_of(house))


def _told_of(house: House) -> str:
    """One line for `systemctl status`."""
    if count := len(house.keeper.problems):
        many = f"{count} problem{'s' if count > 1 else ''}"
        return f"an edit was not taken ({many}); the last good configuration is in force"
    return f"{len(house.world.active)} sources, {len(house.world.outputs)} outputs"


async def _until(stop: asyncio.Event, node: _Node, alarm: Alarm) -> None:
    """Waits for the event; meanwhile looks at once where another process says that it has changed something."""

    def heard() -> None:
        node.house.changed.set()
        for name in ("build", "look"):
            alarm.ring(name)

    listening = asyncio.create_task(node.house.store.listen(heard), name="signals")
    await stop.wait()
    listening.cancel()
    await asyncio.wait([listening], timeout=0.5)


def make_desk(house: House, fetcher: Fetcher | None = None) -> Desk:
    """The pages behind the login.

    Args:
        fetcher: asks the provider by which people log in; None: they do not.
    Raises:
        UsageError: a provider is configured, and its libraries are not installed.
    """
    settings = house.world.configuration.settings
    accounts = Accounts(house.store, house.clock)
    access = Entrance(accounts, settings.server.public_url, settings.server.proxies)
    folders = template_folders(settings)

    def fetch(url: str) -> Awaitable[Answer]:
        now = house.world.configuration
        return fetch_page(url, now.folder, now.settings)

    desk = Desk(house, accounts, access, Pages(folders), Templates(folders), fetch)
    desk.discovering = open_discovery
    if settings.oidc is not None and fetcher is not None:

        async def secret_of(ref: SecretRef) -> str:
            return await secret.read(ref, os.environ, house.keeper.folder)

        callback = f"{house.public_url()}{PREFIX}{CALLBACK}"
        desk.openid = OpenId(settings.oidc, accounts, house.store, fetcher.ask, secret_of, house.clock, callback)
    return desk


async def _first_link(house: House, accounts: Accounts) -> str | None:
    """A one-time link for the first administrator; None where there is an account."""
    if await accounts.has_users():
        return None
    return f"/admin/welcome/{await accounts.invite(None)}"


def _started(house: House, roles: frozenset[Role], port: int | None, welcome: str | None) -> Started:
    server = house.world.configuration.settings.server
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(server.host, server.host)  # noqa: S104  compared, not bound
    base = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    return Started(
        version=__version__,
        sources=len(house.world.active),
        outputs=len(house.world.outputs),
        roles=tuple(role for role in Role if role in roles),
        url=f"{base}/" if port else None,
        feeds=tuple(
            (output.title, f"{base}/feeds/{output.id}.{format_}")
            for output in house.world.outputs.values()
            if output.access is Access.PUBLIC and port
            for format_ in output.formats
        ),
        health=f"{base}/healthz" if port else None,
        admin=f"{base}/admin/" if port else None,
        welcome=f"{base}{welcome}" if welcome else None,
    )
