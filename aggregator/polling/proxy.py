"""Proxies, where the operator names one.

A proxy makes the connection, so the address that it connects to cannot be pinned. The rule is applied all the same,
at every hop, to what this machine's own look-up says: a name that leads inside, or that is unknown here, is refused.
With `private_addresses: true` the proxy's own rules are all there is, but for addresses that are never asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
from yarl import URL

from aggregator.model.fetched import FailureKind
from aggregator.model.source import SecretRef
from aggregator.polling.failure import Failure
from aggregator.polling.guard import AddressRefused, refuse_never
from aggregator.polling.resolver import Resolver


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where requests go first."""

    url: URL
    """Without its password."""
    headers: Mapping[str, str]
    """Proxy-Authorization, where it wants one: for the proxy only."""


def read(ref: SecretRef, written: str) -> Proxy:
    """The proxy that a secret names.

    Raises:
        Failure: it is no proxy's address. Names where it stands, never what it is.
    """
    try:
        url = URL(written)
        usable = url.scheme in ("http", "https") and bool(url.raw_host) and url.port is not None
    except ValueError:
        usable = False
    if not usable:
        raise Failure(
            FailureKind.SECRET, f"secret {ref} is not of the form http://host:port or http://user:pw@host:port"
        )
    login = aiohttp.encode_basic_auth(url.user, url.password or "") if url.user else None
    return Proxy(url.with_user(None), {} if login is None else {"Proxy-Authorization": login})


async def judge(url: URL, resolver: Resolver, *, private_addresses: bool) -> None:
    """Refuses a target that leads inside, as far as can be seen from here.

    Args:
        private_addresses: whether inside is allowed; then only an address that never is, is refused.
    Raises:
        Failure: it does, or nobody can tell.
    """
    host = url.raw_host or ""
    if private_addresses:
        try:
            refuse_never(host)
        except AddressRefused as refused:
            raise Failure(FailureKind.ADDRESS, f"address {refused.address} is not public ({refused.why})") from refused
        return
    try:
        await resolver.judge(host)
    except AddressRefused as refused:
        raise Failure(
            FailureKind.ADDRESS,
            f"address {refused.address} of {host} is not public ({refused.why})",
            remedy="set private_addresses: true for this source to leave the judgement to its proxy",
        ) from refused
    except OSError as problem:
        raise Failure(
            FailureKind.DNS,
            f"cannot look up {host} here, so whether its proxy may be asked for it is unknown",
            remedy="set private_addresses: true for this source to leave the judgement to its proxy",
        ) from problem
