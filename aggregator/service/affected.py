"""What an edited configuration can affect: the outputs that must be built again, and no others.

An answer depends on the policy of an entry's source, and on those of the publishers whom the entry names or links to.
So the edit of one policy concerns the outputs that take from a source under it, and those that hold an entry which
leads to its publisher, by domain, name or alias, as it was or as it is now.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from aggregator.model.origin import Origin
from aggregator.rights.names import host
from aggregator.rights.policies import Policies

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aggregator.model.entry import Entry
    from aggregator.model.policy import Policy
    from aggregator.service.world import World


@dataclass(frozen=True, slots=True)
class Named:
    """Whom the candidates of one output name or link to, by the last build."""

    origins: frozenset[Origin]
    """Without what tells no publisher: each name with its addresses' hosts once."""
    hosts: frozenset[str]
    """Of the permalinks."""


NOBODY = Named(frozenset(), frozenset())


def named(entries: Iterable[Entry]) -> Named:
    """Whom entries name or link to."""
    origins, hosts = set(), set()
    for entry in entries:
        at = host(entry.url)
        if at is not None:
            hosts.add(at)
        for origin in entry.origins:
            place, feed = host(origin.url), host(origin.feed_url)
            origins.add(Origin(name=origin.name, url=_home(place), feed_url=_home(feed), carrier=""))
    return Named(frozenset(origins), frozenset(hosts))


def _home(name: str | None) -> str | None:
    return None if name is None else f"https://{name}/"


def affected(before: World, after: World, known: Mapping[str, Named]) -> set[str]:
    """Ids of the outputs that may come out otherwise under another configuration.

    Args:
        before: the configuration under which they were built.
        known: whom their candidates name, by output; one that is missing is affected by anything.
    """
    if before.configuration.settings != after.configuration.settings:
        return set(after.outputs)
    policies = _changed(before.configuration.policies, after.configuration.policies)
    sources = {
        id_
        for id_ in before.sources.keys() | after.sources.keys()
        if _bare(before.sources.get(id_)) != _bare(after.sources.get(id_))
        or any(world.sources[id_].policy in policies for world in (before, after) if id_ in world.sources)
    }
    speakers = Policies(one for versions in policies.values() for one in versions)
    return {
        id_
        for id_, output in after.outputs.items()
        if id_ not in known
        or id_ not in before.outputs
        or _bare(before.outputs[id_]) != _bare(output)
        or not sources.isdisjoint((*before.sources_of(output.select), *after.sources_of(output.select)))
        or (policies and _speaks(speakers, known[id_]))
    }


def edited(before: World | None, after: World) -> dict[str, object]:
    """What is another in a configuration, by kind, for the ledger; empty: it is not known what was before."""
    if before is None:
        return {}
    pairs: tuple[tuple[str, Iterable[Any], Iterable[Any]], ...] = (
        ("policies", before.configuration.policies, after.configuration.policies),
        ("sources", before.configuration.sources, after.configuration.sources),
        ("outputs", before.configuration.outputs, after.configuration.outputs),
    )
    found: dict[str, object] = {}
    for kind, some, others in pairs:
        old, new = ({one.id: _bare(one) for one in named} for named in (some, others))
        ids = sorted(id_ for id_ in old.keys() | new.keys() if old.get(id_) != new.get(id_))
        if ids:
            found[kind] = ids[:EDITED_MAX]
    if before.configuration.settings != after.configuration.settings:
        found["settings"] = True
    return found


EDITED_MAX = 200
"""Ids of one kind that a record names."""


def _bare(one: Any) -> Any:
    """Without its line: an edit above it moves it, and changes nothing else."""
    return None if one is None else replace(one, where="")


def _changed(before: Iterable[Policy], after: Iterable[Policy]) -> dict[str, tuple[Policy, ...]]:
    """The policies that differ, by id, as they were and as they are, under different ids: both count."""
    old, new = ({policy.id: policy for policy in reversed(tuple(some))} for some in (before, after))
    return {
        id_: tuple(replace(world[id_], id=f"{id_}:{number}") for number, world in enumerate((old, new)) if id_ in world)
        for id_ in old.keys() | new.keys()
        if old.get(id_) != new.get(id_)
    }


def _speaks(policies: Policies, known: Named) -> bool:
    """Whether one of these policies may be asked about an entry of an output that is not under it."""
    if any(policies.owners(name) for name in known.hosts):
        return True
    told = (policies.recognise(origin) for origin in known.origins)
    return any(found.by_domain or found.by_name or found.by_mention for found in told)
