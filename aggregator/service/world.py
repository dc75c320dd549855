"""The configuration as the use cases need it: policies compiled, outputs told what their formats can carry."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from aggregator.errors import UsageError, Word
from aggregator.intake.plan import config_digest
from aggregator.model.policy import DutyName
from aggregator.publishing.abilities import can_discharge
from aggregator.rights.policies import Policies
from aggregator.service.answers import Answers
from aggregator.service.shares import periods_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aggregator.config import Configuration
    from aggregator.model.output import Output, Selector
    from aggregator.model.policy import Duty, Policy, Publisher
    from aggregator.model.source import Source


@dataclass(frozen=True)
class World:
    """One good configuration, ready for use. Replaced whole when `config/` changes."""

    configuration: Configuration
    policies: Policies

    @classmethod
    def of(cls, configuration: Configuration) -> World:
        policies = Policies(
            configuration.policies,
            configuration.settings.unknown_policy,
            version=configuration.version,
        )
        return cls(configuration, policies)

    @cached_property
    def sources(self) -> dict[str, Source]:
        """All configured sources by id."""
        return {source.id: source for source in self.configuration.sources}

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """All tags of sources, in order."""
        return tuple(sorted({tag for source in self.configuration.sources for tag in source.tags}))

    @cached_property
    def feeds(self) -> dict[str, str]:
        """Configured address of each source, by id."""
        return {source.id: source.feed for source in self.configuration.sources}

    def source_at(self, url: str) -> str | None:
        """Id of an enabled source that is configured with this address."""
        return self._by_feed.get(url)

    @cached_property
    def _by_feed(self) -> dict[str, str]:
        return {source.feed: source.id for source in self.configuration.sources if source.enabled}

    @cached_property
    def active(self) -> tuple[str, ...]:
        """Ids of the sources that are polled and published."""
        return tuple(source.id for source in self.configuration.sources if source.enabled)

    @cached_property
    def outputs(self) -> dict[str, Output]:
        """All outputs by id, each use knowing which duties its formats can carry."""
        return {output.id: self._able(output) for output in self.configuration.outputs}

    @cached_property
    def titles(self) -> dict[str, str]:
        """Titles of the outputs by their ids: what people call them."""
        return {output.id: output.title for output in self.configuration.outputs}

    @staticmethod
    def _able(output: Output) -> Output:
        return replace(output, use=replace(output.use, can_discharge=can_discharge(output.formats)))

    @cached_property
    def hubs(self) -> tuple[str, ...]:
        """Addresses of the WebSub hubs that outputs name: the configured ones, else our own, if it is wanted."""
        settings = self.configuration.settings
        own = (f"{settings.server.public_url}/hub",) if settings.websub.hub else ()
        return settings.websub.hubs or own

    @property
    def own_hub(self) -> str | None:
        """Address of our own hub, where outputs name it; None: they name others, or none."""
        return next(iter(self.hubs), None) if self.is_hub else None

    @cached_property
    def is_hub(self) -> bool:
        """Whether this service is the hub of its outputs."""
        websub = self.configuration.settings.websub
        return websub.hub and not websub.hubs

    @cached_property
    def answers(self) -> Answers:
        """What was answered under it."""
        return Answers()

    @cached_property
    def looks_at_text(self) -> bool:
        """Whether any rule asks for a marker, so that answers may depend on entries' texts."""
        return any(rule.when.marker for policy in self.configuration.policies for rule in policy.rules)

    @cached_property
    def counts_from_release(self) -> bool:
        """Whether any policy has a duty that counts from the first release (`remove-after`)."""
        return bool(self.counting_from_release)

    @cached_property
    def counting_from_release(self) -> frozenset[str]:
        """Ids of the policies that have such a duty."""
        return frozenset(
            policy.id
            for policy in self.configuration.policies
            if any(_names(duty, DutyName.REMOVE_AFTER) for rule in policy.rules for duty in rule.duties)
        )

    @cached_property
    def share_periods(self) -> dict[str, tuple[tuple[str, timedelta], ...]]:
        """Source → the periods over which its policy limits what is carried (`max-share`), if any."""
        by_policy = {policy.id: periods_of(policy) for policy in self.configuration.policies}
        found = {source.id: by_policy.get(source.policy or "", ()) for source in self.configuration.sources}
        return {source: periods for source, periods in found.items() if periods}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What people call the enabled sources, each name once, in order."""
        return tuple(sorted({self.name_of(source) for source in self.active}))

    @cached_property
    def sources_by_policy(self) -> dict[str, tuple[str, ...]]:
        """Ids of the sources of each policy, in the order of the configuration."""
        found: dict[str, list[str]] = {}
        for source in self.configuration.sources:
            if source.policy:
                found.setdefault(source.policy, []).append(source.id)
        return {policy: tuple(ids) for policy, ids in found.items()}

    @cached_property
    def longest_timeout(self) -> timedelta:
        """The most time that any source's server is given; for leases."""
        return max((source.polling.timeout for source in self.configuration.sources), default=timedelta(seconds=30))

    def policy_of(self, source_id: str) -> Policy | None:
        """The policy of a source; None if it has none or is not configured."""
        source = self.sources.get(source_id)
        return self.policies.by_id(source.policy) if source and source.policy else None

    def name_of(self, source_id: str) -> str:
        """What people call the source: the operator's title, else its publisher's name, else its id."""
        source = self.sources.get(source_id)
        if source and source.title:
            return source.title
        policy = self.policy_of(source_id)
        return policy.publisher.name if policy else source_id

    def sources_of(self, selector: Selector) -> tuple[str, ...]:
        """Ids of the enabled sources that an output takes entries from."""
        if not selector.tags and not selector.sources:
            return self.active
        key = selector.tags, selector.sources
        found = self._selected.get(key)
        if found is None:
            found = self._selected[key] = self._select(selector)
        return found

    @cached_property
    def _selected(self) -> dict[tuple[object, ...], tuple[str, ...]]:
        return {}

    @cached_property
    def takers(self) -> dict[str, tuple[str, ...]]:
        """Ids of the outputs that take from each enabled source; a source of which none does is missing."""
        found: dict[str, list[str]] = {}
        for output in self.outputs.values():
            for source in self.sources_of(output.select):
                found.setdefault(source, []).append(output.id)
        return {source: tuple(outputs) for source, outputs in found.items()}

    def _select(self, selector: Selector) -> tuple[str, ...]:
        wanted = set(selector.tags)
        named = set(selector.sources)
        return tuple(
            source.id
            for source in self.configuration.sources
            if source.enabled and (source.id in named or not wanted.isdisjoint(source.tags))
        )

    def pick_outputs(self, ids: Sequence[str]) -> list[Output]:
        """The outputs of these ids; all, if none is named.

        Raises:
            UsageError: one of them is not configured.
        """
        return [self.outputs[id_] for id_ in _known("output", ids, self.outputs)]

    def pick_sources(self, ids: Sequence[str]) -> list[Source]:
        """The sources of these ids; all enabled ones, if none is named.

        Raises:
            UsageError: one of them is not configured.
        """
        if not ids:
            return [self.sources[id_] for id_ in self.active]
        return [self.sources[id_] for id_ in _known("source", ids, self.sources)]

    def reading(self, source: Source) -> Reading:
        """What the reading of a source's document depends on."""
        found = self._readings.get(source.id)
        if found is None:
            own, others = self._publishers(source.policy)
            domains = frozenset(own.domains) if own else frozenset()
            names = frozenset((own.name, *own.aliases)) if own else frozenset()
            guesses = any(output.select.language for output in self.configuration.outputs)
            digest = config_digest(source.feed, domains, names, others, detect_language=guesses)
            found = self._readings[source.id] = Reading(digest, domains, names, others, guesses)
        return found

    @cached_property
    def _readings(self) -> dict[str, Reading]:
        return {}

    def _publishers(self, policy_id: str | None) -> tuple[Publisher | None, tuple[tuple[str, str], ...]]:
        """The publisher of a policy, and (domain, name or alias) of all others, names before aliases."""
        own = self.policies.by_id(policy_id) if policy_id else None
        others = tuple(
            (domain, name)
            for policy in self.configuration.policies
            if policy.id != policy_id
            for domain in policy.publisher.domains
            for name in (policy.publisher.name, *policy.publisher.aliases)
        )
        return (own.publisher if own else None), others


@dataclass(frozen=True, slots=True)
class Reading:
    """Who is who, as far as one source's document is concerned."""

    digest: str
    """Where it changes, the document is fetched and read whole again."""
    own_domains: frozenset[str]
    own_names: frozenset[str]
    others: tuple[tuple[str, str], ...]
    """(domain, name) of the other known publishers."""
    detect_language: bool = False
    """Whether some output selects by language."""


def _names(duty: Duty, name: DutyName) -> bool:
    return duty.name is name or any(_names(other, name) for other in duty.any_of)


def _known(kind: str, ids: Sequence[str], known: Iterable[str]) -> list[str]:
    """The ids asked for, each once; all known ones if none is asked for."""
    have = list(known)
    unknown = [id_ for id_ in ids if id_ not in have]
    if unknown:
        told = ", ".join(f"'{id_}'" for id_ in have[:20]) or "none"
        raise UsageError(
            "%(kind)s '%(unknown)s' is not configured; there is: %(told)s",
            kind=Word(kind),
            unknown=unknown[0],
            told=told,
        )
    return list(dict.fromkeys(ids)) if ids else have
