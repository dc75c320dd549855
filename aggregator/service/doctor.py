"""Looks over an installation: what could go wrong, whether it does, and how to put it right.

Everything is looked at, whatever else is wrong; nothing is changed. Requests leave through the one fetcher; to the mail
server only a greeting goes.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import stat
import statistics
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aggregator.config import load, load_settings
from aggregator.errors import AggregatorError, ConfigError, MailError
from aggregator.model.fetched import Answer, Ask, FetchFailed
from aggregator.model.source import SecretRef
from aggregator.polling import secret
from aggregator.publishing import mail
from aggregator.service.doctor_work import examine_work
from aggregator.service.finding import Finding, ok, problem, warning
from aggregator.service.policy_tests import run_policy_tests
from aggregator.service.status import read_note
from aggregator.service.wording import check_wording, odd_wording
from aggregator.service.world import World
from aggregator.store import Store, upkeep
from aggregator.store.health import look_over
from aggregator.store.overview import LedgerFilter, ledger_page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from aggregator.config import Settings

SKEW_WARNING, SKEW_PROBLEM = timedelta(seconds=30), timedelta(minutes=5)
FREE_WARNING, FREE_PROBLEM = 1_000_000_000, 200_000_000
"""Bytes on the database's disk."""
ASKED = 3
"""Hosts of sources whose clock is compared with ours."""
PATIENCE = timedelta(seconds=10)
_EXAMPLE = re.compile(r"(?:^|\.)(?:example(?:\.(?:com|net|org))?|test|invalid|localhost)$")
"""Names that are nobody's (RFC 2606)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What it looks with."""

    ask: Callable[[Ask, datetime], Awaitable[Answer | FetchFailed]]
    resolve: Callable[[str], Awaitable[Sequence[str]]]
    """Addresses of a name. Raises OSError."""
    clock: Callable[[], datetime]
    templates: Sequence[Path]
    environ: Mapping[str, str]


async def examine(folder: Path, tools: Callable[[Settings], Tools]) -> list[Finding]:
    """Everything, in the order in which it should be put right.

    Args:
        tools: gives what to look with, once the settings are known.
    Raises:
        ConfigError: not even the settings can be read.
    """
    world, found = _configuration(folder)
    settings = world.configuration.settings if world else load_settings(folder)
    with_ = tools(settings)
    if world is not None:
        found += _templates(world, with_)
        found += await _secrets(world, folder, with_)
    found += _permissions(folder, settings)
    found += await _database(world, settings, with_.clock())
    found += _disk(settings)
    found += await _outside(world, settings, with_)
    found += await _mail(settings)
    found += _exposure(settings)
    found += _identity(settings)
    return found


def _configuration(folder: Path) -> tuple[World | None, list[Finding]]:
    try:
        configuration = load(folder)
    except ConfigError as error:
        first = error.problems[0]
        more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
        return None, [problem("configuration", f"{first}{more}", "mend the files; 'aggregator check' lists all")]
    world = World.of(configuration)
    failures = run_policy_tests(world)
    if failures:
        return world, [problem("configuration", str(failures[0]), "mend policy or test; 'aggregator check' lists all")]
    found = [
        ok(
            "configuration",
            f"{len(configuration.sources)} sources, {len(configuration.policies)} policies, "
            f"{len(configuration.outputs)} outputs, {len(configuration.policy_tests)} policy tests",
        )
    ]
    if configuration.warnings:
        found.append(
            warning("configuration", f"{len(configuration.warnings)} warnings", "'aggregator check' lists them")
        )
    return world, found


def _templates(world: World, tools: Tools) -> list[Finding]:
    failures = check_wording(world, tools.templates)
    if failures:
        return [problem("templates", str(one), "mend the template, or name another credit set") for one in failures]
    odd = odd_wording(world, tools.templates)
    return [warning("templates", str(one), "") for one in odd] or [ok("templates", "every credit set can be worded")]


async def _secrets(world: World, folder: Path, tools: Tools) -> list[Finding]:
    """Whether what the configuration refers to is there, and for nobody else to read."""
    found, seen = [], 0
    for where, ref in sorted(_references(world), key=str):
        seen += 1
        try:
            await secret.read(ref, tools.environ, folder)
        except AggregatorError as error:
            found.append(problem("secrets", f"{where}: {error}", "set the variable, or write the file"))
            continue
        path = (folder / ref.name) if ref.scheme == "file" else None
        if path is not None and path.exists() and path.stat().st_mode & stat.S_IROTH:
            found.append(warning("secrets", f"{where}: '{path}' can be read by everybody", f"chmod 600 '{path}'"))
    return found or [ok("secrets", f"{seen} are referred to, and all are there" if seen else "none are referred to")]


def _references(world: World) -> Iterator[tuple[str, SecretRef]]:
    settings = world.configuration.settings
    if settings.metrics.token is not None:
        yield "metrics.token", settings.metrics.token
    for hook in settings.webhooks:
        if isinstance(hook.secret, SecretRef):
            yield f"webhook '{hook.id}'", hook.secret
    for source in world.configuration.sources:
        if not source.enabled:
            continue
        values = [value for _, value in (*source.headers, *source.cookies)]
        for value in (*values, source.basic_auth, source.bearer_auth, source.polling.proxy):
            if isinstance(value, SecretRef):
                yield f"source '{source.id}'", value


def _permissions(folder: Path, settings: Settings) -> list[Finding]:
    found = []
    loose = [path for path in (folder, *folder.rglob("*.yaml")) if path.stat().st_mode & stat.S_IWOTH]
    if loose:
        found.append(
            problem("permissions", f"'{loose[0]}' can be changed by everybody", f"chmod -R o-w '{folder.absolute()}'")
        )
    path = _file(settings)
    if path is not None and path.exists():
        if path.stat().st_mode & stat.S_IROTH and path.parent.stat().st_mode & stat.S_IXOTH:
            found.append(
                warning(
                    "permissions",
                    f"'{path}' can be read by everybody; it holds letters, accounts and articles that are not public",
                    f"chmod o-rwx '{path}' '{path.parent}'",
                )
            )
        found += [
            problem("permissions", f"'{needed}' cannot be written by this user", "chown it to the service")
            for needed in (path, path.parent)
            if not os.access(needed, os.W_OK)
        ]
    return found or [ok("permissions", "configuration and database are for their owner")]


def _file(settings: Settings) -> Path | None:
    url = settings.database
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


async def _database(world: World | None, settings: Settings, now: datetime) -> list[Finding]:
    try:
        store = await Store.open(settings.database)
    except AggregatorError as error:
        what, _, remedy = str(error).partition("; ")
        return [problem("database", what, remedy)]
    try:
        found = [
            Finding(topic="database", state=one.state, what=one.what, remedy=one.remedy)
            for one in await store.read(look_over)
        ]
        try:
            await store.try_to_write(now)
        except AggregatorError as error:
            what, _, remedy = str(error).partition("; ")
            found.append(problem("database", what, remedy))
        broken = await store.verify_ledger()
        if broken:
            remedy = "somebody has changed the database by hand; restore a backup, or keep this one as evidence"
            found.append(problem("ledger", broken[0], remedy))
        else:
            found.append(ok("ledger", "the chain holds"))
        room = await store.read(upkeep.space)
        if room.free > max(room.size // 4, 10_000_000):
            found.append(warning("database", f"{room.free:,} of {room.size:,} bytes are free", "aggregator db vacuum"))
        note = await read_note(store, now)
        if note is None:
            found.append(warning("service", "none has run on this database yet", "start 'aggregator run'"))
        elif not note.alive:
            since = f"{note.seen_at:%Y-%m-%d %H:%M:%SZ}"
            found.append(warning("service", f"no sign of life since {since}", "start 'aggregator run'; read its log"))
        elif note.problems:
            found.append(
                warning("service", f"runs on an older configuration: {note.problems[0]}", "mend the files; it reloads")
            )
        else:
            found.append(ok("service", f"runs since {note.started_at:%Y-%m-%d %H:%M:%SZ}"))
        if note is not None and note.seen_at - now > SKEW_WARNING:
            found.append(problem("clock", "a service's sign of life is from the future", "set the clock (NTP)"))
        newest = await store.read(ledger_page, LedgerFilter(), 0, 1)
        if newest and newest[0].at - now > SKEW_WARNING:
            what = f"the newest record of the ledger is from the future: {newest[0].at:%Y-%m-%d %H:%M:%SZ}"
            remedy = "set the clock, and keep it set (systemd-timesyncd or chrony); if it was ahead then, wait"
            found.append(problem("clock", what, remedy))
        if world is not None:
            found += await examine_work(world, store, now)
        return found
    except AggregatorError as error:
        what, _, remedy = str(error).partition("; ")
        return [problem("database", what, remedy)]
    finally:
        await store.close()


def _disk(settings: Settings) -> list[Finding]:
    path = _file(settings)
    if path is None:
        return []  # it is another machine's
    place = next(folder for folder in path.absolute().parents if folder.is_dir())
    usage = shutil.disk_usage(place)
    what = f"{_size(usage.free)} of {_size(usage.total)} are free at '{place}'"
    remedy = "free some space, or shorten 'retention' and run 'aggregator db prune' and 'db vacuum'"
    if usage.free < FREE_PROBLEM:
        return [problem("disk", what, remedy)]
    return [warning("disk", what, remedy)] if usage.free < FREE_WARNING else [ok("disk", what)]


def _size(octets: int) -> str:
    return f"{octets / 1e9:,.1f} GB" if octets >= FREE_WARNING else f"{octets / 1e6:,.0f} MB"


async def _outside(world: World | None, settings: Settings, tools: Tools) -> list[Finding]:
    """Names, the way out, the clock against those of publishers, and the way in."""
    found = [await _rule(tools)]
    hosts = _hosts(world) if world else {}
    if hosts:
        found += await _names(list(hosts), tools)
        found += await _clock(list(hosts.values())[:ASKED], settings, tools)
    else:
        found.append(ok("dns", "no source is asked over the network"))
    found.append(await _public_url(settings, tools))
    return found


def _hosts(world: World) -> dict[str, str]:
    """Host → one feed of it, of sources that are asked over the network."""
    found: dict[str, str] = {}
    for feed in (source.feed for source in world.configuration.sources if source.enabled):
        parts = urlsplit(feed)
        if parts.scheme in ("http", "https") and parts.hostname:
            found.setdefault(parts.hostname, feed)
    return found


async def _rule(tools: Tools) -> Finding:
    """That the guard in front of all outgoing requests is in place: an address of this machine must be refused."""
    ask = Ask(url="http://127.0.0.1:9/", purpose="doctor", timeout=PATIENCE, max_size=0)
    answer = await tools.ask(ask, tools.clock())
    if isinstance(answer, FetchFailed) and answer.kind.value == "address":
        return ok("outgoing", "private addresses are refused, but to sources that may ask them")
    came = answer.detail if isinstance(answer, FetchFailed) else f"answered {answer.status}"
    return problem("outgoing", f"asking this machine was not refused ({came})", "report this: feeds must not reach it")


async def _names(hosts: Sequence[str], tools: Tools) -> list[Finding]:
    failed = []
    for host in hosts[:20]:
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                await tools.resolve(host)
        except (OSError, TimeoutError, UnicodeError):
            failed.append(host)
    looked = min(len(hosts), 20)
    if failed and len(failed) == looked:
        return [problem("dns", f"no name can be resolved, such as '{failed[0]}'", "check /etc/resolv.conf")]
    if failed:
        remedy = "check the feeds' addresses in sources.yaml"
        return [warning("dns", f"{len(failed)} of {looked} hosts have no address, such as '{failed[0]}'", remedy)]
    return [ok("dns", f"{looked} hosts of sources have addresses")]


async def _clock(feeds: Sequence[str], settings: Settings, tools: Tools) -> list[Finding]:
    """Our clock against the Date of publishers' answers: they rarely agree on a wrong one."""
    apart = []
    for feed in feeds:
        ask = Ask(
            url=feed,
            method="HEAD",
            timeout=PATIENCE,
            max_size=0,
            private_addresses=settings.polling.private_addresses,
            purpose="doctor",
        )
        answer = await tools.ask(ask, tools.clock())
        if isinstance(answer, FetchFailed):
            continue
        try:
            told = parsedate_to_datetime(answer.headers.get("Date", ""))
        except (TypeError, ValueError):
            continue
        if told.tzinfo is not None:
            apart.append((tools.clock() - told).total_seconds())
    if not apart:
        return [warning("clock", "no source answered with its time", "look whether the machine reaches the network")]
    skew = statistics.median(apart)
    what = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} {len(apart)} publishers"
    remedy = "set the clock, and keep it set (systemd-timesyncd or chrony)"
    if abs(skew) >= SKEW_PROBLEM.total_seconds():
        return [problem("clock", what, remedy)]
    return [warning("clock", what, remedy) if abs(skew) >= SKEW_WARNING.total_seconds() else ok("clock", what)]


async def _public_url(settings: Settings, tools: Tools) -> Finding:
    url = settings.server.public_url.rstrip("/")
    ask = Ask(url=f"{url}/healthz", timeout=PATIENCE, max_size=10_000, private_addresses=True, purpose="doctor")
    answer = await tools.ask(ask, tools.clock())
    remedy = "start the service, or set server.public_url to what readers use and look at the proxy in front"
    if isinstance(answer, FetchFailed):
        return warning("public_url", f"{url} is not reached from here: {answer.detail}", remedy)
    if answer.status == 503:
        return problem("public_url", f"{url} answers that it is not well", "'aggregator status' says why")
    if answer.status != 200 or b'"ok"' not in answer.body:
        return warning("public_url", f"{url}/healthz answers {answer.status}, and not as this program does", remedy)
    return ok("public_url", f"{url} answers")


async def _mail(settings: Settings) -> list[Finding]:
    relay = settings.mail.smtp
    if relay is None:
        return [ok("mail", "none is configured: letters are drafts to copy")]
    found = []
    if settings.mail.from_ is None:
        found.append(problem("mail", "letters have no sender", "set mail.from or site.email"))
    try:
        said = await mail.greet(relay)
    except MailError as error:
        what, _, remedy = str(error).partition("; ")
        return [*found, problem("mail", what, remedy)]
    return [*found, ok("mail", said)]


def _exposure(settings: Settings) -> list[Finding]:
    """Settings that are well in a test and dangerous on the open network."""
    found = []
    if settings.polling.private_addresses:
        remedy = "set polling.private_addresses: false, and true only for the sources that need it"
        found.append(warning("outgoing", "every source may be in a private network", remedy))
    outside = settings.server.host not in ("127.0.0.1", "::1", "localhost")
    if outside and settings.server.public_url.startswith("http:"):
        remedy = "put a web server with TLS in front (deploy/), and set public_url to https://"
        found.append(warning("server", "accounts log in over http:, where others can read along", remedy))
    return found


def _identity(settings: Settings) -> list[Finding]:
    """Whom publishers may write to: it stands in every request and letter."""
    site = settings.site
    remedy = "say who you are: site in aggregator.yaml; publishers get it with every request"
    if site.email is None:
        return [warning("site", "publishers are told no address to write to", remedy)]
    for given, host in (
        (site.email, site.email.rpartition("@")[2]),
        (site.url, urlsplit(site.url).hostname or ""),
    ):
        if _EXAMPLE.search(host.lower()):
            return [warning("site", f"publishers are told '{given}', where nobody is reached", remedy)]
    return [ok("site", f"publishers are told {site.url} and {site.email}")]
