"""Commands that look: status, sources, entries, explain, ledger."""

from __future__ import annotations

import re
import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from msgspec import structs

from aggregator.cli.common import (
    FINE,
    HELD,
    USAGE,
    ConfigOption,
    EntryArgument,
    JsonOption,
    Printer,
    brief,
    choices,
    folder_of,
    group,
    run_async,
    show,
    when,
)
from aggregator.cli.ledger import export_command, replay_command
from aggregator.cli.live import again_and_again
from aggregator.errors import ConfigError, UsageError
from aggregator.service.explain import Explanation, explain_entry
from aggregator.service.inspect import EntryDetail, entry_detail
from aggregator.service.ledger_proof import Proof, verify_chain
from aggregator.service.nodes import Node
from aggregator.service.read import EntrySummary, SourceSummary, entry_summaries
from aggregator.service.status import Status, read_status
from aggregator.wiring import open_house, utc_now

if TYPE_CHECKING:
    from pathlib import Path

    from aggregator.store import Record

Limit = Annotated[int, typer.Option("--limit", "-n", metavar="N", min=1, max=10_000, help="How many at most.")]
SourceOption = Annotated[
    str | None,
    typer.Option("--source", "-s", metavar="SOURCE", help="Only entries of this source.", show_default=False),
]


def register(app: typer.Typer) -> None:
    """Adds these commands to the application."""
    app.command("status")(status_command)
    app.command("explain")(explain_command)
    ledger_app = group("The record of what was public, and why.")
    ledger_app.command("show")(ledger_command)
    ledger_app.command("verify")(verify_command)
    ledger_app.command("export")(export_command)
    ledger_app.command("replay")(replay_command)
    app.add_typer(ledger_app, name="ledger")


def status_command(
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Read it again every two seconds, until Ctrl-C; on a terminal only.")
    ] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Sources, outputs and open flags at a glance."""
    folder = folder_of(config)
    if watch:
        if json or choices.json or not sys.stdout.isatty():
            raise UsageError("--watch needs a terminal; leave it out, or ask /healthz of the running service")
        run_async(again_and_again(partial(_print_new_status, folder)))
    status = run_async(read_status(folder, utc_now()))
    show(status, json, lambda out: _print_status(status, out))
    if status.problems:
        return USAGE
    return HELD if not status.ok else FINE


def _state_of(node: Node) -> str:
    if not node.alive:
        return "silent"
    return "stands by" if node.stands_by else "at work"


async def _print_new_status(folder: Path, out: Printer) -> None:
    """What cannot be read now may be mended while somebody watches."""
    try:
        _print_status(await read_status(folder, utc_now()), out)
    except ConfigError as error:
        for problem in error.problems:
            out.line(str(problem), style="red")


def _print_status(status: Status, out: Printer) -> None:
    for problem in status.problems:
        out.line(str(problem), style="red")
    if status.problems:
        out.line("The configuration has problems; a running service keeps its last good one.", style="bold")
    if status.database_error:
        out.line(status.database_error, style="red")
        if not status.readable:
            return
    if status.service:
        service = status.service
        state = "is running" if service.alive else "was last seen"
        out.line(f"Service {state}: since {when(service.started_at)}, last sign of life {when(service.seen_at)}")
        out.line(f"  configuration loaded {when(service.loaded_at)}")
        for text in service.problems:
            out.line(f"  not taken: {text}", style="red")
    else:
        out.line("No service has run on this database yet; 'aggregator run' starts one.")
    if status.disagreement:
        out.line(status.disagreement, style="red")
    if len(status.nodes) > 1:
        out.table(
            ("node", "roles", "state", "configuration", "last sign of life"),
            [
                (f"{n.host}/{n.pid}", ", ".join(n.roles), _state_of(n), n.version[:12], when(n.seen_at))
                for n in status.nodes
            ],
            "",
        )
    if status.problems:
        return
    out.line()
    print_sources(status.sources, out)
    out.line()
    out.table(
        ("output", "entries", "waiting", "built", "next change", "problem"),
        [(o.id, o.entries, o.waiting, when(o.built_at), when(o.wake_at), o.problem or "") for o in status.outputs],
        "There is no output; add one to config/outputs.yaml.",
    )
    out.line()
    for line in status.delivery.lines() if status.delivery else ():
        out.line(line)
    kinds = ", ".join(f"{count} {kind}" for kind, count in status.open_flags.items())
    out.line(f"Open flags: {kinds}. 'aggregator flags list' shows them." if kinds else "No open flags.")


def print_sources(sources: tuple[SourceSummary, ...] | list[SourceSummary], out: Printer) -> None:
    out.table(
        ("source", "health", "entries", "last poll", "next poll", "why", "error"),
        [
            (s.id, s.health, s.entries, when(s.last_polled_at), when(s.next_poll_at), s.why_due, s.error or "")
            for s in sources
        ],
        "There is no source; add one to config/sources.yaml.",
    )


def list_entries_command(
    source: SourceOption = None,
    search: Annotated[
        str,
        typer.Option(
            "--search",
            metavar="WORDS",
            help='Those that fit best: words, "words in quotes", -word, begin*, source:ID.',
            show_default=False,
        ),
    ] = "",
    limit: Limit = 50,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """The newest entries, or those with these words.

    With the outputs in which they stand.
    """

    async def work() -> list[EntrySummary]:
        async with open_house(folder_of(config), migrate=True) as house:
            return await entry_summaries(house.world, house.store, source, limit, search.strip())

    found = run_async(work())

    def human(out: Printer) -> None:
        out.table(
            ("entry", "source", "published", "in", "title"),
            [(e.key, e.source, when(e.published_at), _standing(e), brief(e.title or e.id)) for e in found],
            "Nothing has these words." if search else "No entries yet; 'aggregator poll' asks the sources.",
        )

    show(found, json, human)
    return FINE


def _standing(entry: EntrySummary) -> str:
    if entry.withdrawn:
        return "withdrawn"
    if entry.deleted_at:
        return "deleted upstream"
    return ", ".join(entry.outputs) or "-"


def show_entry_command(
    entry: EntryArgument,
    releases: Annotated[
        bool,
        typer.Option("--releases", help="Who has it: each release, its decision, the subscribers that fetched it."),
    ] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """One entry: its facts, its provenance, where it stands."""

    async def work() -> EntryDetail:
        async with open_house(folder_of(config), migrate=True) as house:
            return await entry_detail(entry, house.world, house.store, with_holders=releases)

    found = run_async(work())

    def human(out: Printer) -> None:
        for line in found.release_lines() if releases else found.lines():
            out.line(line)

    show(_releases(found) if releases else found, json, human)
    return FINE


def _releases(found: EntryDetail) -> dict[str, object]:
    """The releases of an entry, each with its decision and those who fetched it."""
    return {
        "entry": found.key,
        "title": found.stored.entry.title,
        "releases": [
            structs.asdict(release)
            | {"decision": {"id": release.decision, "sentence": sentence}, "fetched_by": holders}
            for release, sentence, holders in zip(found.releases, found.decisions, found.holders, strict=True)
        ],
    }


def explain_command(
    entry: EntryArgument,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "--output", "-o", metavar="OUTPUT", help="Only this output; may be given again.", show_default=False
        ),
    ] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Why an entry is, or is not, in each output, step by step."""

    async def work() -> list[Explanation]:
        async with open_house(folder_of(config), migrate=True) as house:
            return await explain_entry(entry, output or [], house.world, house.store, utc_now())

    found = run_async(work())

    def human(out: Printer) -> None:
        for place, explanation in enumerate(found):
            if place:
                out.line()
            out.line(f"{explanation.title or explanation.entry} → output '{explanation.output}'", style="bold")
            if explanation.withdrawn is not None:
                out.line(f"Withdrawn by hand: {explanation.withdrawn}", style="red")
            if not explanation.selected:
                out.line("The output does not select it, whatever its rights: see 'select' in its configuration.")
            if explanation.unplaced:
                out.line(explanation.unplaced)
            elif explanation.standing:
                out.line("It stands in it now.")
            elif not explanation.decision.allowed:
                out.line("It does not stand in it.")
            for line in explanation.lines:
                out.line(line)

    show(found, json, human)
    return FINE if all(one.decision.allowed for one in found) else HELD


def ledger_command(
    limit: Limit = 50,
    after: Annotated[int, typer.Option(metavar="NUMBER", min=0, help="Only records with a higher number.")] = 0,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Records of the ledger, oldest first."""

    async def work() -> list[Record]:
        async with open_house(folder_of(config), migrate=True) as house:
            return list(await house.store.ledger(after, limit))

    found = run_async(work())

    def human(out: Printer) -> None:
        out.table(
            ("number", "at", "kind", "subject", "what", "hash"),
            [(r.number, when(r.at), r.kind, r.subject, _facts(r.body), r.hash[:12]) for r in found],
            "The ledger is empty: nothing has been published yet.",
        )

    show(found, json, human)
    return FINE


def _facts(body: str) -> str:
    """A record's facts as a person reads them; digests by their beginning. `--json` has them whole."""
    facts = orjson.loads(body)
    return ", ".join(f"{name} {_DIGEST.sub(lambda found: found[0][:12], str(value))}" for name, value in facts.items())


_DIGEST = re.compile(r"[0-9a-f]{32,}")


def verify_command(
    noted: Annotated[
        list[str] | None,
        typer.Option("--noted", metavar="NUMBER:HASH", help="A record as it was noted elsewhere; repeatable."),
    ] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Check that no record was changed, removed or reordered.

    That none was cut off the end shows only against a record that was noted elsewhere, such as the head of an export.
    """

    async def work() -> Proof:
        async with open_house(folder_of(config), migrate=True) as house:
            return await verify_chain(noted or (), house.store)

    found = run_async(work())

    def human(out: Printer) -> None:
        for problem in found.problems:
            out.line(problem, style="red")
        if not found.problems:
            out.line("The ledger is whole: every record follows from the one before.")
        if found.head:
            out.line(f"Its head is {found.head}: noted elsewhere, it shows later that nothing was cut off.")

    show({"ok": not found.problems, "problems": list(found.problems), "head": found.head}, json, human)
    return HELD if found.problems else FINE
