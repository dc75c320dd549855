"""Commands for applications of sites."""

from __future__ import annotations

from typing import Annotated

import typer

from aggregator.cli.common import FINE, ConfigOption, JsonOption, Printer, folder_of, group, run_async, show, when, who
from aggregator.model.application import SiteApplication
from aggregator.publishing.credit import Templates
from aggregator.service.applications import admit_site, find_application, turn_down
from aggregator.store import outside
from aggregator.wiring import open_house, template_folders, utc_now

IdArgument = Annotated[str, typer.Argument(metavar="APPLICATION", help="Its id.", show_default=False)]
_SECRETS = ("mail_digest", "link_digest")


def register(app: typer.Typer) -> None:
    """Adds these commands to the application."""
    found = group("Sites that ask, by the public form, for addresses of their own.")
    found.command("list")(list_command)
    found.command("show")(show_command)
    found.command("approve")(approve_command)
    found.command("refuse")(refuse_command)
    app.add_typer(found, name="applications")


def _facts(one: SiteApplication) -> dict[str, object]:
    fields = {name: getattr(one, name) for name in SiteApplication.__slots__ if name not in _SECRETS}
    return {"state": one.state, **fields}


def list_command(
    all_: Annotated[bool, typer.Option("--all", help="Those that are decided, too.")] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Applications that wait for a word, the newest first."""

    async def work() -> list[SiteApplication]:
        async with open_house(folder_of(config), migrate=True) as house:
            return await house.store.read(outside.read_applications)

    found = [one for one in run_async(work()) if all_ or one.waits]

    def human(out: Printer) -> None:
        rows = [
            (
                one.id,
                one.state,
                one.name,
                one.url,
                one.contact,
                one.use.audience,
                ", ".join(one.outputs),
                when(one.asked_at),
            )
            for one in found
        ]
        heads = ("application", "state", "name", "site", "contact", "is", "outputs", "asked")
        out.table(heads, rows, "Nobody waits for an answer.")

    show([_facts(one) for one in found], json, human)
    return FINE


def show_command(application: IdArgument, config: ConfigOption = None, json: JsonOption = False) -> int:
    """One application: who asks, what it declares, what it accepted."""

    async def work() -> SiteApplication:
        async with open_house(folder_of(config), migrate=True) as house:
            return await find_application(application, house.store)

    one = run_async(work())

    def human(out: Printer) -> None:
        out.line(f"{one.name} ({one.id}), {one.state}", style="bold")
        out.line(f"  site      {one.url}")
        out.line(f"  contact   {one.contact}{' (confirmed)' if one.confirmed_at else ''}")
        extras = [name for name in ("paywall", "sold") if getattr(one.use, name)]
        out.line(
            f"  use       {one.use.audience}, {one.use.medium}, ads {one.use.ads}{''.join(f', {x}' for x in extras)}"
        )
        out.line(f"  outputs   {', '.join(one.outputs)}")
        if one.note:
            out.line(f"  says      {one.note}")
        for condition in one.accepted:
            out.line(f"  accepted  {condition}")

    show(_facts(one), json, human)
    return FINE


def approve_command(application: IdArgument, config: ConfigOption = None, json: JsonOption = False) -> int:
    """Admit a site; prints the link that shows its addresses, once.

    Where mail is configured the link goes to it by itself.
    """

    async def work() -> tuple[SiteApplication, str]:
        async with open_house(folder_of(config), migrate=True) as house:
            templates = Templates(template_folders(house.world.configuration.settings))
            one, secret = await admit_site(application, who(), house.world, house.store, templates, utc_now())
            return one, f"{house.public_url()}/subscribe/collect/{secret}"

    one, link = run_async(work())

    def human(out: Printer) -> None:
        out.line(f"{one.name} is admitted as {one.subscriber}. This link shows its addresses, once, for two weeks:")
        out.line(f"  {link}")

    show({**_facts(one), "link": link}, json, human)
    return FINE


def refuse_command(
    application: IdArgument,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is told to them.")] = "",
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Turn a site down."""

    async def work() -> SiteApplication:
        async with open_house(folder_of(config), migrate=True) as house:
            templates = Templates(template_folders(house.world.configuration.settings))
            return await turn_down(application, reason, who(), house.world, house.store, templates, utc_now())

    one = run_async(work())
    show(_facts(one), json, lambda out: out.line(f"{one.name} is turned down."))
    return FINE
