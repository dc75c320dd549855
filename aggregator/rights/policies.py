"""The policies of a configuration, found by id, domain and name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.model.origin import Origin
from aggregator.model.policy import Policy, UnknownPolicy
from aggregator.rights.names import NAMES_MAX, core, domains_of, fold, host, is_short, same_case, stands_in
from aggregator.rights.remember import Memory

if TYPE_CHECKING:
    from aggregator.model.use import Form, Use
    from aggregator.rights.facts import Fixed
    from aggregator.rights.hops import Standing


@dataclass(frozen=True, slots=True)
class Recognised:
    """Whom an origin names, by each way of telling (ruling 15)."""

    by_domain: tuple[Policy, ...]
    by_name: tuple[Policy, ...]
    """Names that are equal."""
    by_mention: tuple[Policy, ...]
    """Very short names that stand in a longer one: `AP` in `AP, Washington`; names alike but for an article or ending:
    `The Denied Wire` and `Denied Wire Ltd`. Enough to tighten, never to loosen."""
    has_address: bool


def _each_once(policies: Iterable[Policy]) -> tuple[Policy, ...]:
    return tuple({policy.id: policy for policy in policies}.values())


USES_MAX = 256
"""Kinds of use for which rules are worked out once. At the bound it starts again from nothing."""


class Policies:
    """All policies, indexed. Immutable from outside; inside it remembers answers for questions that differ in nothing.

    Args:
        policies: in file order. Of two with one id the first counts.
        unknown_policy: what a source without a policy may give.
        version: digest of the configuration, written into every decision.
    """

    def __init__(
        self, policies: Iterable[Policy], unknown_policy: UnknownPolicy = UnknownPolicy.HOLD, version: str = ""
    ) -> None:
        self.unknown_policy = unknown_policy
        self.version = version
        self._by_id: dict[str, Policy] = {}
        self._by_domain: dict[str, list[Policy]] = {}
        self._by_name: dict[str, list[Policy]] = {}
        self._by_core: dict[str, list[Policy]] = {}
        self._short: list[tuple[str, Policy]] = []
        for policy in policies:
            if policy.id not in self._by_id:
                self._by_id[policy.id] = policy
                self._index(policy)
        self.memory = Memory()
        self._fixed: dict[tuple[object, ...], dict[Form, Fixed]] = {}
        self._hosts: dict[str, tuple[Policy, ...]] = {}
        self.standings: dict[tuple[object, ...], Standing] = {}
        """Whom origins have meant, for `hops`."""

    def _index(self, policy: Policy) -> None:
        for domain in policy.publisher.domains:
            self._by_domain.setdefault(domain.rstrip(".").lower(), []).append(policy)
        for name in (policy.publisher.name, *policy.publisher.aliases):
            if is_short(name):
                if same_case(name):
                    self._short.append((same_case(name), policy))
            else:
                known = self._by_name.setdefault(fold(name), [])
                alike = self._by_core.setdefault(core(name), [])
                if not alike or alike[-1] is not policy:
                    alike.append(policy)
                if not known or known[-1] is not policy:  # never a look through all of them: a thousand may share one
                    known.append(policy)

    def __iter__(self) -> Iterator[Policy]:
        return iter(self._by_id.values())

    def by_id(self, id_: str | None) -> Policy | None:
        return None if id_ is None else self._by_id.get(id_)

    def fixed(self, use: Use) -> dict[Form, Fixed]:
        """Where what rules say of every entry alike is kept, by form: it depends on whom a use is for, and where."""
        key = use.audience, use.medium, use.territory
        found = self._fixed.get(key)
        if found is None:
            if len(self._fixed) >= USES_MAX:
                self._fixed.clear()
            found = self._fixed[key] = {}
        return found

    def named(self, name: str | None) -> tuple[Policy, ...]:
        """Policies whose publisher has exactly this name or alias; very short ones with their case kept."""
        if not name or not name.strip():
            return ()
        claim = same_case(name)
        short = [policy for known, policy in self._short if known == claim]
        return _each_once([*self._by_name.get(fold(name), ()), *short])

    def at(self, hosts: Iterable[str]) -> tuple[Policy, ...]:
        """Policies whose domain is one of the hosts or above it, the nearest domain first."""
        found: list[Policy] = []
        for name in hosts:
            for domain in domains_of(name):
                if domain in self._by_domain:
                    found.extend(self._by_domain[domain])
                    break
        return _each_once(found)

    def leads_elsewhere(self, url: str | None, own: str | None) -> bool:
        """Whether an address is another known publisher's than the one of policy `own` (ruling 14).

        An unknown domain is nobody's: it may be a redirector. Where the own policy and another name the same domain,
        the address is at home; of a domain and one below it, the nearer speaks.
        """
        known = self.owners(host(url))
        return bool(known) and all(policy.id != own for policy in known)

    def owners(self, name: str | None) -> tuple[Policy, ...]:
        """Policies of the nearest domain of a host."""
        if name is None:
            return ()
        found = self._hosts.get(name)
        if found is None:
            if len(self._hosts) >= NAMES_MAX:
                self._hosts.clear()
            found = self._hosts[name] = self.at([name])
        return found

    def recognise(self, origin: Origin) -> Recognised:
        """Whom an origin names."""
        hosts = [name for name in (host(origin.url), host(origin.feed_url)) if name]
        by_name = self.named(origin.name)
        claim = same_case(origin.name or "")
        named = {policy.id for policy in by_name}
        alike = self._by_core.get(core(origin.name or "") or " ", ())
        short = [policy for known, policy in self._short if stands_in(known, claim)]
        mentioned = _each_once(policy for policy in (*short, *alike) if policy.id not in named)
        return Recognised(self.at(hosts), by_name, mentioned, bool(hosts))

    def needs_text(self, policy_id: str | None, origins: Iterable[Origin] = (), url: str | None = None) -> bool:
        """Whether an answer may depend on the text: some rule that could be asked looks for a marker.

        Args:
            policy_id: of the source.
            origins: the entry's; the policies that they name are asked as well.
            url: the entry's permalink; whom it leads to is asked as well.
        """
        asked = [self.by_id(policy_id), *self.owners(host(url))]
        for origin in origins:
            known = self.recognise(origin)
            asked += [*known.by_domain, *known.by_name, *known.by_mention]
        return any(rule.when.marker for policy in asked if policy is not None for rule in policy.rules)
