"""Commands about the inbound feeds: what there is, what could be, and changes to `config/`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli import addresses
from aggregator.cli.common import (
    FINE,
    HELD,
    ConfigOption,
    JsonOption,
    Printer,
    can_ask,
    choices,
    complain,
    counted,
    folder_of,
    group,
    run_async,
    show,
    when,
)
from aggregator.cli.live import busy
from aggregator.cli.look import print_sources
from aggregator.config.splice import written
from aggregator.errors import UsageError
from aggregator.intake.opml import BODY_BYTES_MAX, OpmlRefusedError, read_opml
from aggregator.service.discover import Candidate, Discovery, discover, policy_stub, slug, whose_words
from aggregator.service.keeper import load_world
from aggregator.service.read import SourceSummary, source_summaries
from aggregator.service.source_detail import SourceDetail, source_detail
from aggregator.service.sources import (
    Added,
    ImportReport,
    Wish,
    add_source,
    export_list,
    farewell,
    import_list,
    read_list,
    refuse_taken,
    remove_source,
)
from aggregator.wiring import open_house, utc_now

if TYPE_CHECKING:
    from aggregator.service.sources import Farewell
    from aggregator.service.world import World

Address = Annotated[
    str, typer.Argument(metavar="URL", help="A feed, or a page of a site that has one.", show_default=False)
]
SourceName = Annotated[str, typer.Argument(metavar="SOURCE", help="The source's id.", show_default=False)]
Tags = Annotated[
    list[str] | None,
    typer.Option(
        "--tags", "-t", metavar="WORDS", help="Tags, with commas between; may be given again.", show_default=False
    ),
]
Private = Annotated[
    bool, typer.Option("--private-addresses", help="Let it stand in a private network, such as 10.0.0.0/8.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")]


def register(app: typer.Typer) -> None:
    """Adds these commands to the application."""
    sources_app = group("The inbound feeds.")
    sources_app.command("list")(list_command)
    sources_app.command("show")(show_command)
    sources_app.command("add")(add_command)
    sources_app.command("remove")(remove_command)
    sources_app.command("discover")(discover_command)
    sources_app.command("import")(import_command)
    sources_app.command("export")(export_command)
    addresses.register(sources_app)
    app.add_typer(sources_app, name="sources")


# ── list ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def list_command(
    health: Annotated[
        str | None,
        typer.Option(
            "--health", metavar="WORD", help="Only those that are ok, failing, new or disabled.", show_default=False
        ),
    ] = None,
    tags: Tags = None,
    policy: Annotated[
        str | None,
        typer.Option(
            "--policy", metavar="POLICY", help="Only those under this policy; 'none': without.", show_default=False
        ),
    ] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """All configured sources with their health."""

    async def work() -> list[SourceSummary]:
        async with open_house(folder_of(config), migrate=True) as house:
            found = await source_summaries(house.world, house.store)
            wanted = set(_words(tags))
            return [
                one
                for one in found
                if (health is None or one.health == health)
                and (policy is None or one.policy == (None if policy == "none" else policy))
                and (not wanted or not wanted.isdisjoint(house.world.sources[one.id].tags))
            ]

    if health not in {None, *_HEALTHS}:
        raise UsageError(f"health '{health}' is not known; use {', '.join(_HEALTHS[:-1])} or {_HEALTHS[-1]}")
    found = run_async(work())
    filtered = health is not None or policy is not None or bool(tags)

    def human(out: Printer) -> None:
        if filtered and not found:
            out.line("No source is like that; 'aggregator sources list' shows all.")
        else:
            print_sources(found, out)

    show(found, json, human)
    return FINE


_HEALTHS = ("ok", "failing", "new", "disabled")


def _words(options: list[str] | None) -> tuple[str, ...]:
    """Words given with commas, or in several options, or both."""
    words = (word.strip() for option in options or () for word in option.split(","))
    return tuple(dict.fromkeys(word for word in words if word))


def show_command(source: SourceName, config: ConfigOption = None, json: JsonOption = False) -> int:
    """One source: its terms, its schedule and why, its last polls."""

    async def work() -> SourceDetail:
        async with open_house(folder_of(config), migrate=True) as house:
            return await source_detail(source, house.world, house.store)

    found = run_async(work())

    def human(out: Printer) -> None:
        for place, line in enumerate(found.lines()):
            out.line(line, style=None if place else "bold")

    show(found, json, human)
    return FINE


# ── discover, add ────────────────────────────────────────────────────────────────────────────────────────────────


def discover_command(
    address: Address, private: Private = False, config: ConfigOption = None, json: JsonOption = False
) -> int:
    """Show which feeds a page or address has; change nothing."""
    world = load_world(folder_of(config))
    found = _discover(address, world, private)

    def human(out: Printer) -> None:
        _print_discovery(found, out)
        for candidate in found.feeds[:1]:
            out.line()
            _print_candidate(candidate, out)
            if candidate.configured is None:
                out.line()
                option = " --private-addresses" if private else ""
                out.line(f"To read it: aggregator sources add {candidate.url}{option}")

    show(found, json, human)
    return FINE if found.feeds else HELD


def _discover(address: str, world: World, private: bool) -> Discovery:
    async def work() -> Discovery:
        from aggregator.wiring.outside import open_discovery  # and with it what the web needs

        async with open_discovery(world, private_addresses=private) as tools:
            with busy(f"asking {address} …"):
                return await discover(address, world, tools)

    return run_async(work())


def add_command(
    address: Address,
    id_: Annotated[
        str | None,
        typer.Option("--id", metavar="ID", help="Its id; made of its title if left out.", show_default=False),
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option(
            "--policy",
            metavar="POLICY",
            help="The publisher's policy; if left out, the one that has the feed's domain.",
            show_default=False,
        ),
    ] = None,
    stub_policy: Annotated[
        bool,
        typer.Option(
            "--stub-policy", help="Where no policy fits: write one that asks for everything, to be completed."
        ),
    ] = False,
    tags: Tags = None,
    title: Annotated[
        str | None, typer.Option("--title", metavar="TEXT", help="Your name for it.", show_default=False)
    ] = None,
    interval: Annotated[
        str | None,
        typer.Option("--interval", metavar="TIME", help="How often to ask, such as 1h.", show_default=False),
    ] = None,
    disabled: Annotated[bool, typer.Option("--disabled", help="Write it switched off.")] = False,
    private: Private = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Take the best feed found; ask nothing.")] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Find a site's feed and add it to the configuration.

    Shows what was found and asks which feed to take; comments and order of the files are kept.
    """
    world = load_world(folder_of(config))
    wish = Wish(
        id=id_,
        title=title,
        policy=policy,
        tags=_words(tags),
        interval=interval,
        enabled=not disabled,
        stub_policy=stub_policy,
        private_addresses=private,
    )
    refuse_taken(wish, world)
    found = _discover(address, world, private)
    as_json = json or choices.json
    if not as_json:
        out = Printer()
        _print_discovery(found, out)
    chosen = _choose(found, yes, as_json)
    added = None if chosen is None else add_source(chosen, wish, world, utc_now())

    def human(out: Printer) -> None:
        if chosen is not None and added is not None:
            out.line()
            if yes:  # else it was shown before the question
                _print_candidate(chosen, out, with_stub=not added.policy)
                out.line()
            _print_added(added, out)

    show({"discovery": found, "chosen": chosen, "added": added}, json, human)
    return HELD if added is None else FINE


def _choose(found: Discovery, yes: bool, as_json: bool) -> Candidate | None:
    """The feed to take; None: nobody says which."""
    feeds = found.feeds
    if not feeds:
        return None
    if yes:
        return next((feed for feed in feeds if feed.configured is None), feeds[0])
    if as_json or not can_ask():
        complain("aggregator sources add: nothing was written; add --yes to take the first, or name the feed's address")
        return None
    number = 1
    if len(feeds) > 1:
        number = -1
        while not 0 <= number <= len(feeds):
            number = typer.prompt(f"Which one (1-{len(feeds)}, 0 for none)?", default=1, type=int, err=True)
    if number == 0:
        return None
    chosen = feeds[number - 1]
    out = Printer()
    out.line()
    _print_candidate(chosen, out)
    out.line()
    return chosen if typer.confirm(f"Add {chosen.url}?", default=True, err=True) else None


def _print_discovery(found: Discovery, out: Printer) -> None:
    if found.problem:
        complain(found.problem)
    rows = [
        (
            number,
            feed.url,
            feed.format,
            feed.entries,
            when(feed.newest_at),
            ", ".join(feed.languages) or "-",
            feed.title or feed.named or "-",
            f"read already: {feed.configured}" if feed.configured else feed.policy or "-",
        )
        for number, feed in enumerate(found.feeds, 1)
    ]
    if rows:
        out.table(("", "address", "format", "entries", "newest", "language", "title", "policy"), rows, "")
    for candidate in found.candidates:
        if not candidate.usable:
            out.line(f"   {candidate.url}: {candidate.problem}")


def _print_candidate(feed: Candidate, out: Printer, *, with_stub: bool = True) -> None:
    """One feed in full: what it holds, what it says of its rights, who it may be."""
    out.line(feed.title or feed.url, style="bold")
    out.line(f"  {feed.url} ({feed.how})")
    texts = (
        "all with their whole text" if feed.full_texts == feed.entries else f"{feed.full_texts} with their whole text"
    )
    newest = f", the newest of {when(feed.newest_at)}" if feed.newest_at else ", none with a date"
    out.line(f"  {feed.format}: {counted(feed.entries)}" + (f", {texts}{newest}" if feed.entries else ""))
    for warning in feed.warnings:
        out.line(f"  odd: {warning}")
    if feed.rights:
        out.line("  says of its rights:")
        for said in feed.rights:
            whose = whose_words(said)
            licence = f" = {said.licence}" if said.licence else ""
            out.line(f"    {said.carrier} ({whose}): “{said.quote}”{licence}")
    else:
        out.line("  says nothing of its rights")
    if feed.others:
        out.line(f"  names as origin of entries: {', '.join(feed.others)}")
    if feed.policy:
        out.line(f"  publisher: recognised by its domain, policy '{feed.policy}'")
    elif feed.resembles:
        out.line(f"  publisher: may be that of {', '.join(feed.resembles)}; if it is, add --policy {feed.resembles[0]}")
    else:
        out.line("  publisher: not known here")
    if with_stub and not feed.policy and not feed.resembles:
        _print_stub(feed, out)


def _print_stub(feed: Candidate, out: Printer) -> None:
    id_ = slug(feed.title or "") or "publisher"
    out.line(f"  a policy to begin with (--stub-policy writes it; complete it as config/policies/{id_}.yaml):")
    for line in written(policy_stub(feed, id_, utc_now())).splitlines():
        out.line(f"    {line}")


def _print_added(added: Added, out: Printer) -> None:
    out.line(f"Added source '{added.id}' in {' and '.join(added.files)}.", style="bold")
    if added.new_policy:
        out.line(f"Policy '{added.policy}' asks for everything until you complete it.")
        out.line("'aggregator policy read URL-OF-ITS-TERMS' proposes rules, with the words that they come from.")
    elif added.policy:
        out.line(f"It is under policy '{added.policy}': 'aggregator policy show {added.policy}' tells its terms.")
    else:
        out.line("It has no policy yet: 'unknown_policy' decides what outputs carry of it.")
    out.line(f"A running service reads it within seconds; 'aggregator poll {added.id}' reads it now.")


# ── remove ───────────────────────────────────────────────────────────────────────────────────────────────────────


def remove_command(source: SourceName, yes: Yes = False, config: ConfigOption = None, json: JsonOption = False) -> int:
    """Take a source out of the configuration.

    Says first which outputs would lose what. Its stored entries stay, but no output carries them.
    """
    folder = folder_of(config)

    async def work() -> Farewell:
        async with open_house(folder, migrate=True) as house:
            return await farewell(source, house.world, house.store)

    found = run_async(work())
    as_json = json or choices.json
    if not as_json:
        _print_farewell(found, Printer())
    sure = yes
    if not yes and can_ask() and not as_json:
        sure = typer.confirm(f"Remove '{source}'?", default=False, err=True)
    elif not yes:
        complain("aggregator sources remove: nothing was written; add --yes to remove it")
    files = remove_source(source, load_world(folder)) if sure else ()

    def human(out: Printer) -> None:
        if files:
            out.line(f"Removed source '{source}' from {' and '.join(files)}.", style="bold")

    show({"source": found, "removed": bool(files), "files": files}, json, human)
    return FINE if files else HELD


def _print_farewell(found: Farewell, out: Printer) -> None:
    out.line(f"{found.id}: {found.feed} ({found.where})", style="bold")
    out.line(f"  {counted(found.entries)} stored; what is stored stays, and no output carries it any more")
    for loss in found.losses:
        named = "; its 'select' names the source, which is taken out there, too" if loss.named else ""
        if loss.entries or loss.named:
            out.line(f"  output '{loss.output}' loses {counted(loss.entries)}{named}")
    if not any(loss.entries for loss in found.losses):
        out.line("  no output carries any of it now")
    if found.policy:
        out.line(f"  policy '{found.policy}' stays: it still speaks of this publisher's articles in other feeds")


# ── import, export ───────────────────────────────────────────────────────────────────────────────────────────────


def import_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An OPML file.", show_default=False)],
    tags: Tags = None,
    policy: Annotated[
        str | None,
        typer.Option(
            "--policy",
            metavar="POLICY",
            help="For feeds whose publisher is not recognised by its domain.",
            show_default=False,
        ),
    ] = None,
    disabled: Annotated[
        bool, typer.Option("--disabled", help="Write them switched off, to be looked at first.")
    ] = False,
    trust: Annotated[
        bool,
        typer.Option("--trust-policies", help="Take the policies that the list names: only for a list of your own."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and report everything, write nothing.")] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Add the feeds of an OPML list to the configuration.

    Folders become tags. Feeds that are read already are told and passed over, and so are addresses that are not http or
    https.
    """
    world = load_world(folder_of(config))
    try:
        found = read_opml(read_list(file, BODY_BYTES_MAX))
    except OpmlRefusedError as error:
        raise UsageError(f"{file}: {error}") from error
    with busy(f"checking {len(found.feeds)} feeds …"):
        report = import_list(
            found, world, tags=_words(tags), policy=policy, enabled=not disabled, trusted=trust, dry=dry_run
        )
    show(report, json, lambda out: _print_import(file, report, out))
    return HELD if report.refused or not (report.added or report.there) else FINE


def _print_import(file: Path, report: ImportReport, out: Printer) -> None:
    for warning in report.warnings:
        complain(f"warning: {file}: {warning}")
    for passed in report.refused:
        complain(f"{file}:{passed.line}: {passed.url}: {passed.why}")
    for passed in report.there[:_TOLD_MAX]:
        out.line(f"{file}:{passed.line}: {passed.url}: {passed.why}")
    if len(report.there) > _TOLD_MAX:
        out.line(f"… and {len(report.there) - _TOLD_MAX} more that are read already")
    place = f" in {' and '.join(report.files)}" if report.files else ""
    verb = "would be added" if report.dry else "added"
    out.line(
        f"{file}: {report.found} feeds, {len(report.added)} {verb}{place}, {len(report.there)} there already, "
        f"{len(report.refused)} refused",
        style="bold",
    )
    if report.tags:
        shown = ", ".join(report.tags[:20]) + (" …" if len(report.tags) > 20 else "")
        out.line(f"Tags from folders and options: {shown}")
    if report.added and not report.dry:
        out.line("A running service reads them within seconds; 'aggregator poll' reads them now.")


_TOLD_MAX = 50


def export_command(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="Where to write; standard output if left out.", show_default=False),
    ] = None,
    disabled: Annotated[bool, typer.Option("--disabled", help="Include sources that are switched off.")] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Write the sources as an OPML list that any feed reader takes.

    'file:' sources, headers and credentials are never part of it.
    """
    exported = export_list(load_world(folder_of(config)), utc_now(), disabled=disabled)
    if exported.left_out:
        names = ", ".join(exported.left_out)
        complain(f"left out, because nobody else can read files of the configuration folder: {names}")
    if file is None and not (json or choices.json):
        sys.stdout.buffer.write(exported.body)
        sys.stdout.flush()
        return FINE
    if file is not None:
        try:
            file.write_bytes(exported.body)
        except OSError as error:
            raise UsageError(f"cannot write '{file}': {error.strerror or error}; name another file") from error
    report = {
        "feeds": exported.feeds,
        "left_out": exported.left_out,
        "file": None if file is None else str(file),
        "opml": exported.body.decode() if file is None else None,
    }
    show(report, json, lambda out: out.line(f"{file}: {exported.feeds} feeds written"))
    return FINE
