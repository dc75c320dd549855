"""Commands that do the work: run, check, poll, build, export."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from aggregator.cli.common import (
    FINE,
    HELD,
    USAGE,
    ConfigOption,
    JsonOption,
    Printer,
    choices,
    complain,
    folder_of,
    group,
    run_async,
    show,
)
from aggregator.cli.live import busy, live_round, progress
from aggregator.config import load, load_settings, schemas
from aggregator.errors import ConfigError, UsageError
from aggregator.model.poll import PollReport
from aggregator.model.role import ALL_ROLES, Role
from aggregator.polling.due import GONE_WHY
from aggregator.service.build import prove_output
from aggregator.service.evidence import gather_for
from aggregator.service.export import ExportReport, export
from aggregator.service.logs import configure_log
from aggregator.service.odd_policies import odd_dates, odd_licences
from aggregator.service.policy_tests import run_policy_tests
from aggregator.service.poll import poll_many
from aggregator.service.wording import check_wording, odd_wording
from aggregator.service.world import World
from aggregator.store import holds as host_holds
from aggregator.wiring import open_house, template_folders, utc_now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.service.build import BuildReport
    from aggregator.service.evidence import EvidenceReport
    from aggregator.service.house import House
    from aggregator.service.proof import EntryProof
    from aggregator.wiring.serve import Started

LEASE = timedelta(minutes=10)
"""For a poll by hand: longer than any poll of a named source takes."""

SourceNames = Annotated[
    list[str] | None,
    typer.Argument(metavar="SOURCE", help="Ids of sources; all enabled ones if none is named.", show_default=False),
]
OutputNames = Annotated[
    list[str] | None,
    typer.Argument(metavar="OUTPUT", help="Ids of outputs; all if none is named.", show_default=False),
]


def register(app: typer.Typer) -> None:
    """Adds these commands to the application."""
    app.command("run")(run_command)
    app.command("worker")(worker_command)
    app.command("check")(check_command)
    config_app = group("The configuration.")
    config_app.command("schema")(schema_command)
    app.add_typer(config_app, name="config")
    app.command("poll")(poll_command)
    app.command("build")(build_command)
    app.command("export")(export_command)


def run_command(
    role: Annotated[
        list[str] | None,
        typer.Option(
            "--role",
            "-r",
            metavar="ROLE",
            help="What this process does: scheduler, worker, builder, web, or several between commas; all if left out.",
            show_default=False,
        ),
    ] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Poll, build and serve in one process, until stopped.

    Migrates the database first. Prints the addresses to open. With --role it does a part of that, and other processes
    on the same database do the rest.
    """
    _run(_roles(role or []), config, json)


def worker_command(config: ConfigOption = None, json: JsonOption = False) -> None:
    """Poll what a scheduler hands on, until stopped.

    Needs 'engine: procrastinate'. Any number may run; the same as 'run --role worker'.
    """
    if load_settings(folder_of(config)).engine == "local":
        raise UsageError("workers of their own need 'engine: procrastinate' in aggregator.yaml; 'run' polls by itself")
    _run(frozenset({Role.WORKER}), config, json)


def _roles(given: Sequence[str]) -> frozenset[Role]:
    names = [name.strip() for text in given for name in text.split(",") if name.strip()]
    known = [role.value for role in Role]
    for name in names:
        if name not in known:
            raise UsageError(f"role '{name}' is not known; use {', '.join(known[:-1])} or {known[-1]}")
    if given and not names:
        raise UsageError(f"--role names none; use {', '.join(known[:-1])} or {known[-1]}")
    return frozenset(map(Role, names)) or ALL_ROLES


def _run(roles: frozenset[Role], config: Path | None, json: bool) -> None:
    from aggregator.wiring.serve import run  # the web server is loaded where it runs, not for every command

    def announce(started: Started) -> None:
        show(started, json, lambda out: _print_started(started, out))

    run_async(run(folder_of(config), announce, roles))


def _print_started(started: Started, out: Printer) -> None:
    out.line(f"aggregator {started.version}: {started.sources} sources, {started.outputs} outputs")
    if started.url is None:
        out.line(f"  {', '.join(started.roles)} at work; 'aggregator status' says how all is", style="bold")
        out.line("Stop with Ctrl-C.")
        return
    out.line(f"  {started.url}  outputs, and how to subscribe", style="bold")
    for title, addresses in groupby(started.feeds, key=lambda feed: feed[0]):
        urls = [url for _, url in addresses]
        # The page is what a person opens; a reader that is given the page's address finds the feeds.
        first, *others = sorted(urls, key=lambda url: not url.endswith(".html"))
        endings = ", ".join(f".{url.rpartition('.')[2]}" for url in others)
        out.line(f"  {first}  {title}" + (f" (also {endings})" if others else ""))
    out.line(f"  {started.health}  health")
    if started.welcome:
        out.line(f"  {started.welcome}  makes the first account; works once, for a day")
    else:
        out.line(f"  {started.admin}  for those who administer")
    out.line("Stop with Ctrl-C.")


def check_command(config: ConfigOption = None, json: JsonOption = False) -> int:
    """Validate the configuration: all problems at once.

    Runs the tests that stand beside the policies, and words a made-up entry with each credit set that is in use.
    """
    folder = folder_of(config)
    try:
        configuration = load(folder)
    except ConfigError as error:
        if json or choices.json:
            show({"ok": False, "problems": error.problems, "warnings": []}, True, lambda _: None)
        else:
            for problem in error.problems:
                complain(str(problem))
        return USAGE
    world = World.of(configuration)
    folders = template_folders(configuration.settings)
    failures = (*run_policy_tests(world), *check_wording(world, folders))
    warnings = (
        *configuration.warnings,
        *odd_licences(world),
        *odd_dates(world, utc_now().date()),
        *(() if failures else odd_wording(world, folders)),
    )
    report = {
        "ok": not failures,
        "problems": failures,
        "warnings": warnings,
        "sources": len(configuration.sources),
        "policies": len(configuration.policies),
        "outputs": len(configuration.outputs),
        "policy_tests": len(configuration.policy_tests),
    }

    def human(out: Printer) -> None:
        for warning in warnings:
            complain(f"warning: {warning}")
        for problem in failures:
            complain(str(problem))
        if not failures:
            out.line(
                f"{folder}: {len(configuration.sources)} sources, {len(configuration.policies)} policies, "
                f"{len(configuration.outputs)} outputs, {len(configuration.policy_tests)} policy tests: all good"
            )

    show(report, json, human)
    return USAGE if failures else FINE


def schema_command(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="KIND",
            help="aggregator, sources, policies, outputs or policy-tests; all in one object if left out.",
            show_default=False,
        ),
    ] = None,
    directory: Annotated[
        Path | None,
        typer.Option("--write", metavar="DIR", help="Write each to DIR/KIND.json instead.", show_default=False),
    ] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Print the JSON Schema of configuration files, for editors."""
    known = schemas()
    if directory is not None:
        _write_schemas(directory, known)
        return
    if name is not None and name not in known:
        raise UsageError(f"there is no schema '{name}'; there is: {', '.join(known)}")
    typer.echo(_pretty(known[name] if name else known).decode(), nl=False)


def _write_schemas(directory: Path, known: dict[str, dict[str, Any]]) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for key, schema in known.items():
            (directory / f"{key}.json").write_bytes(_pretty(schema))
    except OSError as error:
        raise UsageError(f"cannot write to '{directory}': {error.strerror or error}; name another folder") from error


def _pretty(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def poll_command(
    sources: SourceNames = None,
    watch: Annotated[
        bool,
        typer.Option("--watch", "-w", help="Show what each source is at while it is polled."),
    ] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Poll sources now, whether or not they are due.

    One that is gone (410 twice), or whose host wants to be left alone, is asked only if it is named. What their sites
    say to machines is read once a day.
    """
    as_json = json or choices.json

    async def work() -> tuple[list[PollReport], list[EvidenceReport]]:
        from aggregator.wiring.outside import open_polling  # and with it what the web needs

        async with open_house(folder_of(config), migrate=True) as house, open_polling(house) as tools:
            world = house.world
            wanted = world.pick_sources(sources or [])
            await house.store.sync_sources(world.active, utc_now(), feeds=world.feeds)
            ids = [source.id for source in wanted]
            states = await house.store.claim_named(ids, utc_now(), lease=LEASE, owner=tools.owner)
            due = [(source, states[source.id]) for source in wanted if source.id in states]
            # One that is gone is asked by name alone: who polls all by a timer would ask it for ever.
            gone = [] if sources else [source.id for source, state in due if state.gone_at is not None]
            due = [(source, state) for source, state in due if source.id not in gone]
            if not sources:  # what a host asked of the process before holds for this one, too (R6)
                tools.holds.load(await house.store.read(host_holds.read, utc_now()), utc_now())
            if watch and not as_json:
                with live_round(len(due)) as (shown, tell):
                    reports = await poll_many(due, world, shown.watched(tools), utc_now, on_report=tell)
            else:
                with progress("polling", len(due)) as advance:
                    reports = await poll_many(due, world, tools, utc_now, on_report=lambda _: advance())
            await house.store.release_leases(tools.owner)
            answered = {report.source for report in reports if report.outcome != "failed"}
            sites = await gather_for([one for one in wanted if one.id in answered], house.store, tools.fetch, utc_now)
            taken = [source.id for source in wanted if source.id not in states]
            return [*reports, *map(_busy, taken), *map(_gone, gone)], sites

    _quiet_log()
    reports, sites = run_async(work())

    def human(out: Printer) -> None:
        rows = [(r.source, r.outcome, r.new, r.revised, r.deleted, r.detail) for r in reports]
        out.table(
            ("source", "outcome", "new", "revised", "deleted", "detail"),
            rows,
            "There is no enabled source; add one to config/sources.yaml.",
        )

    show(reports, json, human)
    # Sources of one site share what it says, and what is wrong with it.
    warned: dict[str, list[str]] = {}
    for site in sites:
        for warning in site.warnings:
            warned.setdefault(warning, []).append(site.source)
    for warning, sources in warned.items():
        complain(f"{_named(sources)}: {warning}")
    return HELD if any(report.outcome == "failed" for report in reports) else FINE


def _named(sources: Sequence[str]) -> str:
    if len(sources) == 1:
        return f"source '{sources[0]}'"
    rest = f" and {len(sources) - 3} more" if len(sources) > 3 else ""
    return "sources " + ", ".join(f"'{source}'" for source in sources[:3]) + rest


def _busy(source: str) -> PollReport:
    return PollReport(source=source, outcome="failed", detail="another process is polling it right now")


def _gone(source: str) -> PollReport:
    return PollReport(source=source, outcome="deferred", detail=f"{GONE_WHY}; 'aggregator sources revive {source}'")


def build_command(
    outputs: OutputNames = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Print the proof: for each entry every duty, and where each format has it.")
    ] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Decide again and rebuild outputs, without a poll."""

    async def work() -> tuple[list[BuildReport], list[EntryProof]]:
        async with open_house(folder_of(config), migrate=True) as house:
            house.world.pick_outputs(outputs or [])
            await house.sync()
            built = await _build(house, outputs or [])
            proofs: list[EntryProof] = []
            for output in house.world.pick_outputs(outputs or []) if verify else ():
                proofs += await prove_output(output, house.world, house.store, house.renderer, utc_now())
            return built, proofs

    _quiet_log()
    reports, proofs = run_async(work())

    def human(out: Printer) -> None:
        rows = [
            (r.output, r.entries, len(r.added), len(r.removed), r.held, "changed" if r.changed else "as before")
            for r in reports
        ]
        out.table(
            ("output", "entries", "added", "removed", "held", "documents"),
            rows,
            "There is no output; add one to config/outputs.yaml.",
        )
        for report in reports:
            for problem in report.problems:
                complain(f"output '{report.output}': {problem}")
        for proof in proofs:
            _print_proof(proof, out)

    if verify and (json or choices.json):
        show({"built": reports, "proofs": proofs}, True, lambda _: None)
    else:
        show(reports, json, human)
    failed = [report.output for report in reports if report.problems] or [one.entry for one in proofs if one.problems]
    return HELD if failed else FINE


def _print_proof(proof: EntryProof, out: Printer) -> None:
    out.line(f"{proof.output} {proof.entry} ({proof.form}) {proof.title}", style="bold")
    for duty, found in groupby(sorted(proof.found, key=lambda one: one.duty), key=lambda one: one.duty):
        out.line(f"  {duty}")
        for one in found:
            out.line(f"    {one.format.value:4} {one.where}")
    if not proof.found and not proof.problems:
        out.line("  no duty is due")
    for problem in proof.problems:
        complain(f"output '{proof.output}': {problem}")


async def _build(house: House, outputs: Sequence[str] = ()) -> list[BuildReport]:
    """Builds outputs one by one, with a bar."""
    wanted = [output.id for output in house.world.pick_outputs(outputs)]
    reports: list[BuildReport] = []
    with progress("building", len(wanted)) as advance:
        for output in wanted:
            reports += await house.build_all([output])
            advance()
    return reports


def export_command(
    directory: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="The folder to write to; it is made if it is not there.", show_default=False
        ),
    ],
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Write all public outputs as files: DIR/feeds/OUTPUT.FORMAT.

    And the pages around them, each file also as .gz, .br and .zst. Only what has changed is written, each file at once;
    what is no longer public is removed.
    """

    async def work() -> ExportReport:
        from aggregator.web.ready import codings
        from aggregator.web.site import PublicSite  # and with it what the web needs

        async with open_house(folder_of(config), migrate=True) as house:
            await house.sync()
            await _build(house)
            pages = await PublicSite(house, template_folders(house.world.configuration.settings)).static_files()
            with busy(f"writing {directory} …"):
                return await export(directory, house.world, house.store, pages, codings)

    _quiet_log()
    report = run_async(work())

    def human(out: Printer) -> None:
        out.line(
            f"{report.folder}: {len(report.written)} files written, {len(report.unchanged)} as before, "
            f"{len(report.removed)} removed; {report.packed} compressed beside them"
        )

    show(report, json, human)
    return FINE


def _quiet_log() -> None:
    """One-shot commands print their report; the log only adds what went wrong."""
    configure_log("error", "console")
