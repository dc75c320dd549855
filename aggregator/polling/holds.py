"""Hosts that asked to be left alone (R6): every feed of theirs waits, not only the one that was told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from yarl import URL

from aggregator.model.poll import HostHold

HOSTS_MAX = 50_000


def host_of(url: URL) -> str:
    """What is held: name and port, since several servers may share a name."""
    return f"{url.raw_host}:{url.port}"


class Holds:
    """What is known in this process: what the store has, and what was heard since."""

    def __init__(self) -> None:
        self._until: dict[str, datetime] = {}

    def put(self, hold: HostHold) -> None:
        """Remember one; the newest word of a host stands."""
        if len(self._until) < HOSTS_MAX or hold.host in self._until:
            self._until[hold.host] = hold.until

    def load(self, found: Iterable[HostHold], now: datetime) -> None:
        """Take over what other processes heard, and forget what has ended."""
        self._until = {host: until for host, until in self._until.items() if until > now}
        for hold in found:
            self.put(hold)

    def until(self, host: str, now: datetime) -> datetime | None:
        """Until when the host wants to be left alone; None: it does not."""
        until = self._until.get(host)
        return until if until is not None and until > now else None

    def __bool__(self) -> bool:
        return bool(self._until)
