"""What permissions and refusals have in common: the options that say what somebody's word covers."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.common import FINE, Printer, folder_of, run_async, show, words
from aggregator.errors import UsageError
from aggregator.model.policy import Grant
from aggregator.model.use import Audience, Form, Medium
from aggregator.service.grants import write_letters
from aggregator.wiring import open_house

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.service.grants import GrantSummary

Many = list[str] | None

OnlySource = Annotated[str | None, typer.Option(help="Only entries of this source.", show_default=False)]
OnlyEntry = Annotated[str | None, typer.Option(help="Only this entry.", show_default=False)]
OnlyOutput = Annotated[Many, typer.Option("--output", "-o", metavar="OUTPUT", help="Only in this output; repeatable.")]
OnlyForm = Annotated[
    Many, typer.Option(metavar="FORM", help="Only in this form: full, excerpt or headline; repeatable.")
]
OnlyTo = Annotated[
    Many, typer.Option(metavar="AUDIENCE", help="Only for this audience, such as commercial; repeatable.")
]
OnlyIn = Annotated[Many, typer.Option("--in", metavar="MEDIUM", help="Only in this medium, such as print; repeatable.")]
Since = Annotated[str | None, typer.Option("--from", help="First day, UTC: 2026-12-01.", show_default=False)]
Until = Annotated[str | None, typer.Option(help="Last day, UTC, inclusive.", show_default=False)]
EvidenceFile = Annotated[
    Path | None, typer.Option(help="The letter itself, up to 10 MB; it is kept.", show_default=False)
]

ToFolder = Annotated[
    Path, typer.Option("--to", metavar="DIR", help="Where they are written; it is made if it is not there.")
]

EVERYTHING = "everything of the publisher"
HEADS = ("state", "by", "for", "outputs", "forms", "to", "in", "from", "until", "evidence")


def write_evidence(id_: str, to: Path, config: Path | None, json: bool) -> int:
    """Writes the files that prove a permission or refusal into a folder, and says where they are."""

    async def work() -> list[Path]:
        async with open_house(folder_of(config), migrate=True) as house:
            return await write_letters(id_, to, house.store)

    paths = run_async(work())

    def human(out: Printer) -> None:
        for path in paths:
            out.line(str(path))
        if not paths:
            out.line(f"No file is kept with {id_}; what proves it is told in its evidence.")

    show([str(path) for path in paths], json, human)
    return FINE


def uses(
    output: Sequence[str] | None, form: Many, to: Many, medium: Many, since: str | None, until: str | None
) -> Grant:
    """A scope of nothing but uses and days, as they were typed.

    Raises:
        UsageError: a word is none of ours, or a day is no day.
    """
    return Grant(
        id="",
        outputs=tuple(output or ()),
        forms=words("form", form, Form),
        to=words("audience", to, Audience),
        media=words("medium", medium, Medium),
        since=day_of(since, "--from"),
        until=day_of(until, "--until"),
    )


def table_row(one: GrantSummary) -> tuple[object, ...]:
    """A row under the id's head and `HEADS`."""
    grant = one.grant
    return (
        grant.id,
        f"{one.state}, covers nothing" if one.idle else one.state,
        grant.publisher or grant.policy or "",
        scope_of(grant),
        ", ".join(grant.outputs) or "all",
        ", ".join(sorted(grant.forms)) or "all",
        ", ".join(sorted(grant.to)) or "anyone",
        ", ".join(sorted(grant.media)) or "all",
        grant.since or "",
        grant.until or "",
        grant.evidence,
    )


def scope_of(grant: Grant) -> str:
    """What a grant or refusal is for, in words; uses, outputs and dates apart."""
    parts = {
        "entry": grant.entry,
        "source": grant.source,
        "author": grant.author,
        "category": grant.category,
    }
    told = ", ".join(f"{name} {value}" for name, value in parts.items() if value)
    return told or EVERYTHING


def told_of(grant: Grant) -> str:
    """All that a grant or refusal covers in one line: `everything of RT, for commercial, until 2026-12-01`."""
    giver = grant.publisher or grant.policy
    scope = scope_of(grant)
    if giver and scope == EVERYTHING:
        scope = f"everything of {giver}"
    parts = [scope]
    for word, names in (("as", grant.forms), ("for", grant.to), ("in", grant.media), ("in output", grant.outputs)):
        if names:
            parts.append(f"{word} {', '.join(sorted(names))}")
    parts += [f"from {grant.since}"] if grant.since else []
    parts += [f"until the end of {grant.until} (UTC)"] if grant.until else []
    return ", ".join(parts)


def day_of(text: str | None, option: str) -> date | None:
    """A day as it was typed; None: none was.

    Raises:
        UsageError: it is no day.
    """
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  a day, not an instant
    except ValueError as error:
        raise UsageError(f"{option} '{text}' is not a day; write it as 2026-12-01") from error
