"""Commands of the watch on terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.common import (
    FINE,
    HELD,
    ConfigOption,
    JsonOption,
    Printer,
    folder_of,
    group,
    run_async,
    show,
    when,
    who,
)
from aggregator.service.terms_desk import TermsView, confirm_terms, list_terms, show_terms
from aggregator.service.terms_watch import TermsReport, check_terms
from aggregator.wiring import open_house, utc_now

if TYPE_CHECKING:
    from aggregator.model.terms import Change, Watched

PolicyArgument = Annotated[str, typer.Argument(metavar="POLICY", help="Id of the policy.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Adds these commands to the application."""
    terms_app = group("The watch on publishers' terms: what changed, and who has looked.")
    terms_app.command("list")(list_command)
    terms_app.command("show")(show_command)
    terms_app.command("check")(check_command)
    terms_app.command("confirm")(confirm_command)
    app.add_typer(terms_app, name="terms")


def _flat(view: TermsView) -> dict[str, object]:
    page = view.page
    return {
        "policy": view.policy.id,
        "state": view.state,
        "url": view.policy.terms.url,
        "read": view.policy.terms.read,
        "read_again_on": view.read_again_on,
        "on_change": view.policy.terms.on_change,
        "checked_at": page.checked_at if page else None,
        "next_at": page.next_at if page else None,
        "looked_at": page.looked_at if page else None,
        "looked_by": page.looked_by if page else None,
        "problem": page.problem if page else None,
        "reasons": view.reasons,
    }


def list_command(config: ConfigOption = None, json: JsonOption = False) -> int:
    """Each policy's terms: when read, when checked, what waits."""

    async def work() -> list[TermsView]:
        async with open_house(folder_of(config), migrate=True) as house:
            return await list_terms(house.world, house.store, utc_now())

    found = run_async(work())

    def human(out: Printer) -> None:
        rows = [
            (
                view.policy.id,
                view.state,
                view.policy.terms.read or "",
                view.read_again_on or "",
                when(view.page.checked_at) if view.page else "",
                view.policy.terms.url or "",
                "; ".join(view.reasons),
            )
            for view in found
        ]
        heads = ("policy", "state", "read", "read again", "checked", "page", "why look")
        out.table(heads, rows, "No policy is configured.")

    show([_flat(view) for view in found], json, human)
    return FINE


def show_command(
    policy: PolicyArgument,
    text: Annotated[bool, typer.Option("--text", help="The whole text as it is now, too.")] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """One policy's terms, and what changed since a person looked."""

    async def work() -> TermsView:
        async with open_house(folder_of(config), migrate=True) as house:
            return await show_terms(policy, house.world, house.store, utc_now())

    view = run_async(work())
    parts = [part for part in (view.page, *view.words) if part is not None]

    def human(out: Printer) -> None:
        out.line(f"{view.policy.publisher.name}: {view.state}", style="bold")
        for reason in view.reasons:
            out.line(f"  look because {reason}")
        if view.policy.terms.url:
            out.line(f"  page      {view.policy.terms.url}")
        out.line(
            f"  read      {view.policy.terms.read or 'never'}; again by {view.read_again_on or 'when they change'}"
        )
        for part in parts:
            for line in _told(part, view.changes.get(part.part, ())):
                out.line(line)
            if text and part.part == "page":
                for sentence in (part.seen or part.kept or "").splitlines():
                    out.line(f"    {sentence}")
        if view.state == "changed":
            out.line(f"'aggregator terms confirm {view.policy.id}' records that you have looked.")

    told = [
        {
            "part": part.part,
            "url": part.url,
            "changed": part.changed,
            "seen_at": part.seen_at,
            "checked_at": part.checked_at,
            "problem": part.problem,
            "looked_at": part.looked_at,
            "looked_by": part.looked_by,
            "changes": view.changes.get(part.part, ()),
            **({"text": part.seen or part.kept} if text else {}),
        }
        for part in parts
    ]
    show({**_flat(view), "parts": told}, json, human)
    return FINE


def _told(part: Watched, changes: tuple[Change, ...]) -> list[str]:
    name = "terms page" if part.source is None else f"words of source '{part.source}'"
    lines = [f"  {name}, checked {when(part.checked_at) or 'never'}{f'; {part.problem}' if part.problem else ''}"]
    if part.looked_at is not None:
        lines.append(f"    {part.looked_by} looked {when(part.looked_at)}")
    return lines + [f"    {_line(change)}" for change in changes]


_MARKS = {"same": " ", "gone": "-", "new": "+", "edited": "~"}


def _line(change: Change) -> str:
    """A piece of a comparison: `~ You may quote up to [-50-] {+20+} words.`"""
    if change.skipped:
        return f"  … {change.skipped} more that stayed"
    if change.kind != "edited":
        return f"{_MARKS[change.kind]} {' '.join(text for _, text in change.parts)}"
    words = [{" ": "{}", "-": "[-{}-]", "+": "{{+{}+}}"}[mark].format(text) for mark, text in change.parts]
    return f"~ {' '.join(words)}"


def check_command(
    policies: Annotated[
        list[str] | None, typer.Argument(metavar="[POLICY]...", help="Ids; without any, all that are in use.")
    ] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Fetch terms pages now and compare them.

    Exit code 1 where one changed or could not be read.
    """

    async def work() -> list[TermsReport]:
        from aggregator.wiring.outside import open_fetcher  # and with it what the web needs

        async with open_house(folder_of(config), migrate=True) as house, open_fetcher(house) as fetcher:
            return await check_terms(policies or [], house.world, house.store, fetcher.ask, utc_now)

    found = run_async(work())

    def human(out: Printer) -> None:
        rows = [(one.policy, one.part, one.outcome, one.problem or "", one.url) for one in found]
        out.table(("policy", "what", "outcome", "problem", "address"), rows, "No policy names a terms page.")

    show(found, json, human)
    return HELD if any(one.outcome in ("changed", "failed") for one in found) else FINE


def confirm_command(
    policy: PolicyArgument,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What you found; it stands in the ledger.")] = "",
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Record that you have looked at a policy's terms of now.

    It ends what 'on_change: hold' holds back. Mend the policy first, if it must be.
    """

    async def work() -> TermsView:
        async with open_house(folder_of(config), migrate=True) as house:
            await confirm_terms(policy, None, note, who(), house.world, house.store, utc_now())
            return await show_terms(policy, house.world, house.store, utc_now())

    view = run_async(work())
    show(_flat(view), json, lambda out: out.line(f"{policy}: confirmed; it is {view.state}."))
    return FINE
