"""Commands for webhooks beside those of the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.common import FINE, ConfigOption, JsonOption, Printer, folder_of, group, run_async, show
from aggregator.service.delivery import delivery_summary
from aggregator.service.webhooks import add_webhook, remove_webhook, try_webhook
from aggregator.wiring import open_house, utc_now

if TYPE_CHECKING:
    from aggregator.model.webhook import Webhook
    from aggregator.service.delivery import WebhookSummary

HookName = Annotated[str, typer.Argument(metavar="ID", help="The webhook's id.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Adds these commands to the application."""
    webhooks = group("Addresses that are told of changes, signed.")
    webhooks.command("list")(list_command)
    webhooks.command("add")(add_command)
    webhooks.command("remove")(remove_command)
    webhooks.command("test")(trial_command)
    app.add_typer(webhooks, name="webhooks")


def list_command(config: ConfigOption = None, json: JsonOption = False) -> int:
    """All webhooks, configured and stored, and how each is doing."""

    async def work() -> tuple[WebhookSummary, ...]:
        async with open_house(folder_of(config), migrate=True) as house:
            return (await delivery_summary(house.world, house.store, utc_now())).webhooks

    found = run_async(work())

    def human(out: Printer) -> None:
        out.table(
            ("webhook", "host", "of", "events", "delivered", "waiting", "given up", "problem"),
            [_row(hook) for hook in found],
            "There is no webhook; 'aggregator webhooks add', or 'webhooks' in aggregator.yaml, makes one.",
        )

    show(found, json, human)
    return FINE


def _row(hook: WebhookSummary) -> tuple[object, ...]:
    told = (hook.delivered, hook.waiting, hook.dropped, hook.problem or "")
    return (hook.id, hook.host, hook.subscriber or "", ", ".join(hook.events), *told)


def add_command(
    id_: HookName,
    url: Annotated[str, typer.Argument(metavar="URL", help="Where to POST.", show_default=False)],
    events: Annotated[
        list[str] | None,
        typer.Option(
            "--event",
            metavar="EVENT",
            help="output.changed, entry.withdrawn, flag.opened or flag.closed; repeatable. The first two if left out.",
            show_default=False,
        ),
    ] = None,
    outputs: Annotated[
        list[str] | None,
        typer.Option(
            "--output", metavar="OUTPUT", help="Of whose changes; may be repeated. All if left out.", show_default=False
        ),
    ] = None,
    subscriber: Annotated[
        str | None,
        typer.Option(
            "--subscriber", metavar="NAME", help="Whose it is; it is told of its outputs only.", show_default=False
        ),
    ] = None,
    private: Annotated[
        bool, typer.Option("--private", help="It may be on this machine or in a private network.")
    ] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Store a webhook; prints the key of its signatures, once."""

    async def work() -> Webhook:
        async with open_house(folder_of(config), migrate=True) as house:
            return await add_webhook(
                id_,
                url,
                house.world,
                house.store,
                utc_now(),
                events=events or (),
                outputs=outputs or (),
                subscriber=subscriber,
                private_addresses=private,
            )

    hook = run_async(work())

    def human(out: Printer) -> None:
        out.line(f"Webhook {hook.id} is told of {', '.join(hook.events)}. The key of its signatures, shown only now:")
        out.line(f"  {hook.secret}", style="bold")

    show(hook, json, human)
    return FINE


def remove_command(id_: HookName, config: ConfigOption = None, json: JsonOption = False) -> int:
    """Forget a stored webhook, and what waits for it."""

    async def work() -> None:
        async with open_house(folder_of(config), migrate=True) as house:
            await remove_webhook(id_, house.world, house.store)

    run_async(work())
    show({"removed": id_}, json, lambda out: out.line(f"Webhook {id_} is removed."))
    return FINE


def trial_command(id_: HookName, config: ConfigOption = None, json: JsonOption = False) -> int:
    """Have the running service send a try.

    'aggregator webhooks list' shows how it went.
    """

    async def work() -> None:
        async with open_house(folder_of(config), migrate=True) as house:
            await try_webhook(id_, house.world, house.store, utc_now())

    run_async(work())
    told = f"A try is on its way to {id_}, if the service runs; 'aggregator webhooks list' shows how it went."
    show({"queued": id_}, json, lambda out: out.line(told))
    return FINE
