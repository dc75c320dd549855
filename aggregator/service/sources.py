"""Use cases that change which feeds are read: add, remove, import; and export. They edit `config/`, nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticCustomError

from aggregator.config import Edit, Settings
from aggregator.config.words import ID, duration, web_url
from aggregator.errors import ConfigError, Problem, UsageError
from aggregator.intake.opml import Subscription, SubscriptionList
from aggregator.publishing.subscriptions import Subscribed, subscription_list
from aggregator.rights.names import host
from aggregator.service.discover import Candidate, new_id, policy_stub, same_address, site_of, slug
from aggregator.service.policy_tests import run_policy_tests
from aggregator.service.world import World

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.config import Configuration
    from aggregator.model.source import Source
    from aggregator.store import Store


def save(edit: Edit) -> tuple[str, ...]:
    """Writes an edit if the whole configuration passes what `check` passes, the policies' own tests included.

    Raises:
        ConfigError: it does not; nothing was written.
        EditError: it cannot be written; nothing was.
    """

    def judge(configuration: Configuration) -> Sequence[Problem]:
        return run_policy_tests(World.of(configuration))

    return edit.save(judge)


# ── add ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the operator says of a new source; what is None follows from the feed."""

    id: str | None = None
    title: str | None = None
    policy: str | None = None
    tags: tuple[str, ...] = ()
    interval: str | None = None
    enabled: bool = True
    stub_policy: bool = False
    """Write a policy that asks for everything where no policy is known."""
    private_addresses: bool = False
    """Its host may be one of a private network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """A source that now stands in the configuration."""

    id: str
    feed: str
    policy: str | None
    new_policy: bool
    files: tuple[str, ...]


def refuse_taken(wish: Wish, world: World) -> None:
    """Tells early, before anything is asked, what could not be written.

    Raises:
        UsageError: the id is taken or none, the interval is none, or the policy is not there.
    """
    if wish.id is not None and not ID.match(wish.id):
        made = slug(wish.id)
        remedy = f", such as '{made}'" if made else ""
        raise UsageError(
            "id '%(id)s' may hold a-z, 0-9 and '-' only, at most 64, no '-' in front%(remedy)s",
            id=wish.id,
            remedy=remedy,
        )
    if wish.interval is not None:
        try:
            duration(wish.interval)
        except PydanticCustomError as error:
            raise UsageError(error.message().replace("{key}", "--interval").replace("{raw}", wish.interval)) from error
    if wish.id is not None and wish.id in world.sources:
        where = world.sources[wish.id].where
        raise UsageError(
            "source '%(id)s' is there already, in %(where)s", command="give another --id", id=wish.id, where=where
        )
    if wish.policy is not None and world.policies.by_id(wish.policy) is None:
        known = ", ".join(f"'{policy.id}'" for policy in list(world.policies)[:20]) or "none"
        raise UsageError("policy '%(policy)s' is not defined; there is: %(known)s", policy=wish.policy, known=known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A source as it would be written."""

    id: str
    feed: str
    policy: str | None
    stub: dict[str, Any] | None
    """The policy that would be written with it; None: none would."""
    document: dict[str, Any]
    """Its own, as `sources.yaml` will hold it."""
    edit: Edit

    def save(self) -> Added:
        """Writes it.

        Raises:
            ConfigError, EditError: it cannot be written; nothing was.
        """
        return Added(
            id=self.id, feed=self.feed, policy=self.policy, new_policy=self.stub is not None, files=save(self.edit)
        )

    def check(self) -> tuple[str, ...]:
        """The files that would be written, if the whole configuration passes what `check` passes.

        Raises:
            ConfigError: it does not.
        """
        return _checked(self.edit)


def prepare_source(candidate: Candidate, wish: Wish, world: World, now: datetime) -> Prepared:
    """A feed that was found, as the configuration will hold it; nothing is written.

    Raises:
        UsageError: its address or id is taken.
        ConfigError, EditError: the configuration cannot be edited.
    """
    refuse_taken(wish, world)
    if candidate.configured is not None:
        where = world.sources[candidate.configured].where
        raise UsageError(
            "%(url)s is read already, as source '%(configured)s' in %(where)s",
            url=candidate.url,
            configured=candidate.configured,
            where=where,
        )
    names = (candidate.policy, candidate.title, site_of(candidate.url))
    id_ = wish.id or new_id(names, world.sources)
    policy = wish.policy or candidate.policy
    edit = Edit(world.configuration.folder)
    stub = None
    if wish.stub_policy and policy is None:
        policy = new_id((id_,), {known.id for known in world.policies})
        stub = policy_stub(candidate, policy, now)
        edit.add("policies", [stub])
    document: dict[str, Any] = {"id": id_, "feed": candidate.url}
    if wish.title:
        document["title"] = wish.title
    if policy:
        document["policy"] = policy
    if wish.tags:
        document["tags"] = list(wish.tags)
    if wish.interval:
        document["interval"] = wish.interval
    if wish.private_addresses:
        document["private_addresses"] = True
    if not wish.enabled:
        document["enabled"] = False
    edit.add("sources", [document])
    return Prepared(id=id_, feed=candidate.url, policy=policy, stub=stub, document=document, edit=edit)


def add_source(candidate: Candidate, wish: Wish, world: World, now: datetime) -> Added:
    """Writes a feed that was found into the configuration.

    Raises:
        UsageError: its address or id is taken.
        ConfigError, EditError: it cannot be written; nothing was.
    """
    return prepare_source(candidate, wish, world, now).save()


# ── remove ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What an output would lose."""

    output: str
    title: str
    named: bool
    """Whether its configuration names the source, so that it must be edited, too."""
    entries: int
    """Of the source, that stand in it now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Farewell:
    """What goes when a source is taken out."""

    id: str
    feed: str
    where: str
    entries: int
    """Stored; they are kept, but no output carries them."""
    losses: tuple[Loss, ...]
    policy: str | None
    """Id of its policy where no other source has it: it stays, and speaks of the publisher's entries elsewhere."""


async def farewell(id_: str, world: World, store: Store) -> Farewell:
    """What would go with a source.

    Raises:
        UsageError: there is none of this id.
    """
    (source,) = world.pick_sources([id_])
    losses = []
    for output in world.outputs.values():
        if id_ not in world.sources_of(output.select) and id_ not in output.select.sources:
            continue
        releases = await store.open_releases(output.id)
        entries = await store.entries_by_key(list(releases))
        standing = sum(stored.entry.source == id_ for stored in entries.values())
        losses.append(Loss(output=output.id, title=output.title, named=id_ in output.select.sources, entries=standing))
    counts = await store.count_entries(id_)
    shared = [other for other in world.configuration.sources if other.policy == source.policy and other.id != id_]
    return Farewell(
        id=id_,
        feed=source.feed,
        where=source.where,
        entries=counts.get(id_, 0),
        losses=tuple(losses),
        policy=source.policy if not shared else None,
    )


def remove_source(id_: str, world: World) -> tuple[str, ...]:
    """Takes a source out of the configuration, and its name out of outputs that select it by name.

    Raises:
        UsageError: there is none of this id; or an output would select nothing, and so everything, without it.
        ConfigError, EditError: it cannot be written; nothing was.
    """
    edit = Edit(world.configuration.folder)
    edit.remove("sources", id_)
    for output in world.configuration.outputs:
        if id_ not in output.select.sources:
            continue
        left = [name for name in output.select.sources if name != id_]
        if not left and not output.select.tags:
            raise UsageError(
                "output '%(id)s' selects this source alone, and would carry every source without it; "
                "change its 'select' in %(where)s first, or set 'enabled: false' on the source",
                id=output.id,
                where=output.where or "outputs.yaml",
            )
        document = next(found for _, found in edit.documents("outputs") if found.get("id") == output.id)
        select = {**document["select"], "sources": left}
        if not left:
            del select["sources"]
        edit.change("outputs", output.id, {"select": select})
    return save(edit)


# ── import ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A feed of a list that is not taken, and why."""

    line: int
    url: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What became of a list."""

    list: str | None
    """Its title."""
    found: int
    added: tuple[str, ...]
    """Ids, in the order of the list."""
    there: tuple[Passed, ...]
    """Read already, or twice in the list."""
    refused: tuple[Passed, ...]
    warnings: tuple[str, ...]
    tags: tuple[str, ...]
    """That the new sources have."""
    files: tuple[str, ...]
    """Written; of a dry run, that would be."""
    dry: bool = False


def import_list(
    found: SubscriptionList,
    world: World,
    *,
    tags: Sequence[str] = (),
    policy: str | None = None,
    enabled: bool = True,
    trusted: bool = False,
    dry: bool = False,
) -> ImportReport:
    """Takes the feeds of a list into the configuration, all that can be, in one edit.

    Args:
        tags: for each, before those of its folders.
        policy: for each whose publisher is not recognised by its domain.
        enabled: false: they are written switched off, to be looked at first.
        trusted: it is a list of our own: the policies that it names count. In anybody else's list such a name would let
            a stranger choose the terms of his feed.
        dry: nothing is written; everything is checked.
    Raises:
        UsageError: the policy is not there.
        ConfigError, EditError: they cannot be written; nothing was.
    """
    refuse_taken(Wish(policy=policy), world)
    taken: dict[str, str] = {same_address(source.feed): source.id for source in world.configuration.sources}
    ids = set(world.sources)
    documents: list[dict[str, Any]] = []
    there: list[Passed] = []
    refused: list[Passed] = []
    numbers: Counter[str] = Counter()
    for feed in found.feeds:
        why = _refusal(feed.url)
        if why:
            refused.append(Passed(line=feed.line, url=_shown(feed.url), why=why))
            continue
        url = feed.url.partition("#")[0]
        place = same_address(url)
        if place in taken:
            there.append(Passed(line=feed.line, url=_shown(url), why=f"is source '{taken[place]}' already"))
            continue
        id_ = _id_of(feed, ids, numbers)
        ids.add(id_)
        taken[place] = id_
        if not trusted:
            feed = replace(feed, policy=None)
        documents.append(_document(feed, id_, url, world, tags, policy, enabled))
    edit = Edit(world.configuration.folder)
    files: tuple[str, ...] = ()
    if documents:
        edit.add("sources", documents)
        files = _checked(edit) if dry else save(edit)
    return ImportReport(
        list=found.title,
        found=len(found.feeds),
        added=tuple(document["id"] for document in documents),
        there=tuple(there),
        refused=tuple(refused),
        warnings=found.warnings,
        tags=tuple(dict.fromkeys(tag for document in documents for tag in document.get("tags", ()))),
        files=files,
        dry=dry,
    )


def _checked(edit: Edit) -> tuple[str, ...]:
    failures = run_policy_tests(World.of(edit.check()))
    if failures:
        raise ConfigError(failures)
    return tuple(map(edit.shown, edit.changed))


def _refusal(url: str) -> str:
    """Why an address of a stranger's list cannot become a source; empty: it can (P8: http and https only)."""
    try:
        web_url(url)
    except PydanticCustomError as error:
        return error.message().removeprefix("{key} ").removeprefix(f"'{url}' ").replace("{key}", "the address")
    return "" if url.isprintable() and len(url) <= 2_000 else "is longer than any address, or holds control characters"


def _shown(url: str) -> str:
    """An address for a report: a password in it is nobody's business."""
    start, at, rest = url.rpartition("@")
    return url[:200] if not at or "/" not in start else f"{start.partition('//')[0]}//…@{rest}"[:200]


def _id_of(feed: Subscription, taken: set[str], numbers: Counter[str]) -> str:
    """An id of its own: as our own lists keep it, else from title or host; numbered without a search."""
    names = (feed.id, feed.title, site_of(feed.url))
    base = new_id(names, ())
    id_ = base
    while id_ in taken:
        numbers[base] += 1
        id_ = f"{base}-{numbers[base] + 1}"
    return id_


def _document(
    feed: Subscription, id_: str, url: str, world: World, tags: Sequence[str], policy: str | None, enabled: bool
) -> dict[str, Any]:
    document: dict[str, Any] = {"id": id_, "feed": url}
    if feed.title:
        document["title"] = feed.title
    own = world.policies.owners(host(url))
    known = feed.policy if feed.policy and world.policies.by_id(feed.policy) else None
    chosen = known or (own[0].id if len(own) == 1 else policy)
    if chosen:
        document["policy"] = chosen
    words = tuple(dict.fromkeys((*tags, *feed.tags)))
    if words:
        document["tags"] = list(words)
    if feed.disabled or not enabled:
        document["enabled"] = False
    return document


# ── export ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedList:
    """A subscription list of the configured sources."""

    body: bytes
    feeds: int
    left_out: tuple[str, ...]
    """Ids of sources that nobody else could read: `file:` ones."""


def export_list(world: World, now: datetime, *, disabled: bool = False) -> ExportedList:
    """The sources as OPML 2.0. Headers and credentials are never part of it.

    Args:
        disabled: include those that are switched off, marked as comments.
    """
    settings: Settings = world.configuration.settings
    wanted = [source for source in world.configuration.sources if source.enabled or disabled]
    feeds = [_subscribed(source, world) for source in wanted if not source.feed.startswith("file:")]
    body = subscription_list(
        feeds,
        title=f"Sources of {settings.site.name}",
        owner=settings.site.name,
        email=settings.site.email,
        now=now,
    )
    left_out = tuple(source.id for source in wanted if source.feed.startswith("file:"))
    return ExportedList(body=body, feeds=len(feeds), left_out=left_out)


def _subscribed(source: Source, world: World) -> Subscribed:
    policy = world.policy_of(source.id)
    return Subscribed(
        id=source.id,
        url=source.feed,
        title=world.name_of(source.id),
        home=policy.publisher.url if policy else None,
        tags=source.tags,
        policy=source.policy,
        enabled=source.enabled,
    )


def read_list(path: Path, most: int) -> bytes:
    """The bytes of a list, but never more than one over the bound.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(most + 1)
    except OSError as error:
        raise UsageError(
            "'%(path)s' cannot be read: %(strerror)s; name an OPML file", path=path, strerror=error.strerror or error
        ) from error
