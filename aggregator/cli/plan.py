"""The command that looks before an edited configuration comes into force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.cli.common import FINE, HELD, ConfigOption, JsonOption, Printer, folder_of, run_async, show
from aggregator.service.plan import Change, OutputPlan, Plan, read_plan
from aggregator.wiring import utc_now

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import typer

REASONS_MAX = 5
TITLES_MAX = 3
"""Shown of each kind: a screen is read, a list is not. `--json` has all."""


def register(app: typer.Typer) -> None:
    """Adds this command to the application."""
    app.command("plan")(plan_command)


def plan_command(config: ConfigOption = None, json: JsonOption = False) -> int:
    """What the edited configuration would add, change or withdraw.

    Touches nothing. Exit code 1: something would be withdrawn.
    """
    plan = run_async(read_plan(folder_of(config), utc_now()))
    show(plan, json, lambda out: _print(plan, out))
    return HELD if plan.withdraws else FINE


def _print(plan: Plan, out: Printer) -> None:
    if plan.sources_new:
        out.line(f"New sources, unknown until they are polled: {', '.join(plan.sources_new)}")
    if plan.sources_removed:
        out.line(f"Sources that are polled no longer: {', '.join(plan.sources_removed)}")
    as_before = [output.id for output in plan.outputs if output.is_as_before]
    for output in plan.outputs:
        if not output.is_as_before:
            for text, style in _lines(output):
                out.line(text, style)
    if as_before:
        out.line(f"As before: {', '.join(as_before)}")
    out.line("Something would be withdrawn." if plan.withdraws else "Nothing would be withdrawn.", style="bold")


def _lines(output: OutputPlan) -> Iterator[tuple[str, str | None]]:
    """(text, style) of each line about one output."""
    status = {"new": "new", "removed": "no longer configured"}.get(output.status)
    head = f"output '{output.id}'" + (f" ({status})" if status else "")
    yield f"{head}: {_entries(output.before)} now, {output.after} then, {output.held} held back", "bold"
    if output.formats_removed:
        yield f"  - no longer offered as {', '.join(output.formats_removed)}", "red"
    for mark, said, changes, style in (
        ("-", "disappears", output.disappears, "red"),
        ("+", "appears", output.appears, "green"),
        ("~", "changes", output.changes, "yellow"),
    ):
        groups = _grouped(changes)
        for why, some in groups[:REASONS_MAX]:
            yield f"  {mark} {_entries(len(some))} {said if len(some) == 1 else said.removesuffix('s')}: {why}", style
            yield f"      {_titles(some)}", None
        if len(groups) > REASONS_MAX:
            rest = sum(len(some) for _, some in groups[REASONS_MAX:])
            yield f"  {mark} {_entries(rest)} more, for {len(groups) - REASONS_MAX} other reasons; see --json", style


PLACE_MAX = 40
"""Characters by which a place, or a letter that is quoted, is known again in a sentence that shortens it."""


def _grouped(changes: Sequence[Change]) -> list[tuple[str, list[Change]]]:
    """Changes with the same reason together, the most frequent first."""
    groups: dict[str, list[Change]] = {}
    for change in changes:
        groups.setdefault(_reason(change), []).append(change)
    return sorted(groups.items(), key=lambda group: -len(group[1]))


def _reason(change: Change) -> str:
    """Why, with file and line of every rule behind it."""
    why = "; ".join(change.differences) or change.why
    for rule in change.rules:
        name, _, place = rule.partition(" (")
        if place and place.removesuffix(")")[:PLACE_MAX] in why:
            continue
        where = place.removesuffix(")") or name
        why = why.replace(name, rule, 1) if name in why else f"{why} [{where}]"
    return why


def _titles(changes: Sequence[Change]) -> str:
    shown = [f"{change.title} [{change.source}]" if change.source else change.title for change in changes[:TITLES_MAX]]
    more = [f"and {len(changes) - TITLES_MAX} more"] if len(changes) > TITLES_MAX else []
    return "; ".join([*shown, *more])


def _entries(number: int) -> str:
    return f"{number} {'entry' if number == 1 else 'entries'}"
