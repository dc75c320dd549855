"""A policy's file, edited at the pages: opened, checked, planned, saved.

The text stays the operator's: what is saved is what was typed, comments and all. What is typed is checked as the whole
configuration that it would make, policy tests included; a file that somebody else has changed meanwhile is not written.
"""

from __future__ import annotations

import asyncio
import difflib
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from aggregator.config.edit import Edit
from aggregator.errors import ConfigError, EditError, Problem, UsageError
from aggregator.service.amend import amend
from aggregator.service.plan import plan
from aggregator.service.policy_tests import run_policy_tests
from aggregator.service.world import World
from aggregator.store.overview import LedgerFilter, ledger_page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from aggregator.config import Configuration
    from aggregator.service.house import House
    from aggregator.service.plan import Plan

DIFF_LINES_MAX = 400
"""Of a comparison that the ledger keeps: a policy has some fifty lines."""
VERSIONS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyText:
    """A policy's file as it is."""

    path: str
    """Inside the configuration folder, with `/`."""
    shown: str
    """As the operator types it, and as problems name it."""
    text: str
    digest: str
    """Of the text: whoever saves says what they began with."""
    others: tuple[str, ...]
    """Ids of further policies in the same file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What is to be said of a text."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    diff: tuple[tuple[str, str], ...]
    """(`+`, `-`, `@` or a space, line): against the file as it is."""
    configuration: Configuration | None
    """That it would make; None: it could not be used."""

    @property
    def is_good(self) -> bool:
        return not self.problems


def digest_of(text: str) -> str:
    """Hex digest of a file's text."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def open_policy(id_: str, world: World) -> PolicyText:
    """The file that holds a policy.

    Raises:
        UsageError: there is none of this id.
        ConfigError: its file is not readable as it is.
    """
    edit = Edit(world.configuration.folder)
    path = edit.place("policies", id_)
    others = [str(document.get("id")) for place, document in edit.documents("policies") if place == path]
    text = edit.text(path)
    return PolicyText(
        path=path.relative_to(edit.folder).as_posix(),
        shown=edit.shown(path),
        text=text,
        digest=digest_of(text),
        others=tuple(name for name in others if name != id_),
    )


def new_path(id_: str) -> str:
    """Where a new policy is written."""
    return f"policies/{id_}.yaml"


async def check_policy(path: str, text: str, world: World) -> Checked:
    """Checks a text as the whole configuration that it would make.

    Args:
        path: of its file, inside the configuration folder; a new one too.
    Raises:
        UsageError: the path is not one of a policy.
    """
    return await asyncio.to_thread(_check, path, text, world)


def _check(path: str, text: str, world: World) -> Checked:
    edit, place = _edited(path, text, world)
    diff = tuple(_diff(_before(path, world), edit.text(place)))
    try:
        configuration = edit.check()
    except ConfigError as error:
        return Checked(problems=error.problems, warnings=(), diff=diff, configuration=None)
    except EditError as error:
        problem = Problem(file=edit.shown(place), line=None, message=str(error))
        return Checked(problems=(problem,), warnings=(), diff=diff, configuration=None)
    failures = run_policy_tests(World.of(configuration))
    good = configuration if not failures else None
    return Checked(problems=failures, warnings=tuple(configuration.warnings), diff=diff, configuration=good)


def _edited(path: str, text: str, world: World) -> tuple[Edit, Path]:
    edit = Edit(world.configuration.folder)
    place = edit.folder / path
    if place.parent != edit.folder / "policies" and place != edit.folder / "policies.yaml":
        raise UsageError("'%(path)s' is no file of policies", path=path)
    text = "\n".join(text.splitlines())
    edit.write(place, f"{text}\n" if text else "")
    return edit, place


def _before(path: str, world: World) -> str:
    edit = Edit(world.configuration.folder)
    return edit.text(edit.folder / path)


def _diff(before: str, after: str) -> Sequence[tuple[str, str]]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=2, lineterm="")
    return [(line[:1], line[1:] if line[:1] != "@" else "") for line in lines if line[:3] not in ("---", "+++")]


async def plan_policy(checked: Checked, house: House) -> Plan:
    """What a checked text would change in the outputs that it concerns.

    Raises:
        UsageError: it could not be used.
    """
    if checked.configuration is None:
        raise UsageError("it has problems; a plan needs a text that can be used")
    world = await asyncio.to_thread(World.of, checked.configuration)
    return await plan(world, house.store, house.clock(), house.concerned(world))


async def save_policy(path: str, text: str, begun: str, policy: str, by: str, house: House) -> tuple[str, ...]:
    """Writes a text, records who changed what, and takes it into force.

    Args:
        begun: digest of the file's text as the editor saw it; of the empty text for a new file.
        policy: id, for the ledger.
    Returns:
        The files that were written; none: it says what it said before.
    Raises:
        EditError: the file was changed meanwhile, or cannot be written; nothing was.
        ConfigError: it could not be used; nothing was written.
    """
    edit, place = _edited(path, text, house.world)
    now = _before(path, house.world)
    if digest_of(now) != begun:
        raise EditError(
            "%(file)s: was changed by somebody else while you edited it; nothing was written. "
            "Your text stands below; open the file again in another window, and bring both together",
            file=edit.shown(place),
        )
    diff = [f"{mark}{line}" for mark, line in _diff(now, edit.text(place))][:DIFF_LINES_MAX]
    return await amend(edit, f"policy:{policy}", by, {"diff": diff}, house)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One edit of a policy at the pages."""

    at: datetime
    by: str
    number: int
    """Of its record in the ledger."""
    diff: tuple[tuple[str, str], ...]


async def versions(policy: str, house: House) -> list[Version]:
    """The last edits of a policy at the pages, the newest first; edits of the files by other means are not among
    them, only that the configuration changed."""
    wanted = LedgerFilter(subjects=(f"policy:{policy}",))
    found = []
    for row in await house.store.read(ledger_page, wanted, 0, VERSIONS):
        body = msgspec.json.decode(row.body)
        diff = tuple((line[:1], line[1:]) for line in body.get("diff", ()))
        found.append(Version(at=row.at, by=str(body.get("by", "")), number=row.number, diff=diff))
    return found
