"""The permission desk: look at flags, and work on them. Letters about them: `service.letters`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.errors import UsageError, Word
from aggregator.model.desk import Case, Comment, FlagState, Letter
from aggregator.service.refusals import refuse_flags
from aggregator.store import cases, dossier

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from aggregator.model.entry import StoredEntry
    from aggregator.model.policy import Policy
    from aggregator.service.world import World
    from aggregator.store import Store
    from aggregator.store.dossier import Dossier

TEXT_MAX = 20_000
"""Characters of a letter, an answer or a comment."""
BULK_MAX = 500
RELATED_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """Everything about one flag."""

    case: Case
    about: Dossier | None
    """Of the entry that it is about; None: it is about none, or that is not stored any more."""
    policy: Policy | None
    """Of the publisher who must be asked, where one is configured."""
    comments: tuple[Comment, ...]
    letters: tuple[Letter, ...]
    related: tuple[Case, ...]
    """Other waiting flags that the same publisher could answer: one letter may ask about all."""

    @property
    def entry(self) -> StoredEntry | None:
        return self.about.stored if self.about else None


async def look(flag: str, world: World, store: Store) -> CaseView:
    """One flag with all that is known of it.

    Raises:
        UsageError: there is no such flag.
    """
    found = await store.read(dossier.read_case, flag, RELATED_MAX)
    if found is None:
        raise _no_flag(flag)
    return CaseView(
        case=found.case,
        about=found.about,
        policy=policy_of(found.case.flag.publisher, world),
        comments=found.comments,
        letters=found.letters,
        related=found.related,
    )


async def find_case(flag: str, store: Store) -> Case:
    """The flag of this id.

    Raises:
        UsageError: there is none.
    """
    found = await store.read(cases.read_cases, [flag])
    if not found:
        raise _no_flag(flag)
    return found[0]


def _no_flag(flag: str) -> UsageError:
    return UsageError(
        "there is no flag '%(flag)s'", command="'aggregator flags list' shows those that there are", flag=flag
    )


def policy_of(publisher: str, world: World) -> Policy | None:
    """The policy of a publisher of this name; None: it has none."""
    named = (policy for policy in world.configuration.policies if policy.publisher.name == publisher)
    return next(named, None)


async def assign(
    flags: Sequence[str], assignee: str | None, due_on: date | None, by: str, store: Store, now: datetime
) -> int:
    """Gives flags to somebody, with a day until when; None: nobody, no day. Returns how many there were.

    Raises:
        UsageError: too many at once.
    """
    changes = {"assignee": assignee or None, "due_on": due_on.isoformat() if due_on else None}
    return len(await store.write(cases.change, few(flags), changes, by, now))


async def settle(
    flags: Sequence[str],
    state: FlagState,
    comment: str,
    by: str,
    store: Store,
    now: datetime,
    world: World | None = None,
) -> int:
    """Rules on flags: dismissed, refused, or open again. What they hold back stays held. Returns how many there were.

    Args:
        world: with it, `refused` records the refusals that keep the matter out, with the comment as evidence.
    Raises:
        UsageError: too many at once, or `granted`: only a grant lets an entry out.
    """
    if state is FlagState.GRANTED:
        raise UsageError(
            "record the permission itself, with its words and dates", command="use 'aggregator grants add'"
        )
    told = bounded(comment, "comment")
    if state is FlagState.REFUSED and world is not None:
        await refuse_flags(few(flags), told, by, world, store, now)
    return len(await store.write(cases.change, few(flags), {"state": state.value}, by, now, told))


async def comment(flag: str, text: str, by: str, store: Store, now: datetime) -> None:
    """Keeps what somebody says of a flag.

    Raises:
        UsageError: there is no such flag, or nothing is said.
    """
    await find_case(flag, store)
    if not text.strip():
        raise UsageError("the comment is empty")
    said = Comment(at=now, by=by, text=bounded(text, "comment"))
    await store.write(cases.add_comment, flag, said)


def few(flags: Sequence[str]) -> Sequence[str]:
    """The flags, if there are some and not too many.

    Raises:
        UsageError: there are none, or too many at once.
    """
    if not flags:
        raise UsageError("choose at least one flag")
    if len(flags) > BULK_MAX:
        raise UsageError(
            "%(count)s flags are too many at once; choose %(bulk_max)s or fewer", count=len(flags), bulk_max=BULK_MAX
        )
    return flags


def bounded(text: str, what: str) -> str:
    """The text, trimmed.

    Raises:
        UsageError: it is too long.
    """
    if len(text) > TEXT_MAX:
        raise UsageError(
            "the %(what)s is longer than %(text_max)s characters; shorten it", what=Word(what), text_max=TEXT_MAX
        )
    return text.strip()
