"""Tells a network of ours that is gone from publishers that are."""

from __future__ import annotations

HOSTS = 3
"""So many that were never reached, with nobody who answered meanwhile, are no accident of theirs."""
QUIET = 60.0
"""Seconds without an answer from anybody after which one host to which there is no way at all is enough."""


class Outage:
    """What is known of the line of this machine. One per fetcher; instants are of the loop's clock, in seconds."""

    def __init__(self) -> None:
        self._heard_at = float("-inf")
        self._unheard: set[str] = set()

    def heard(self, at: float) -> None:
        """Somebody was reached."""
        self._heard_at = at
        self._unheard.clear()

    def unheard(self, host: str, begun: float, *, is_cut_off: bool = False) -> bool:
        """Nothing sent since `begun` can have come to this host: whether, by all that is known, the fault is ours.

        A name server of theirs that does not answer looks the same, so one host alone proves nothing, nor do any where
        another was reached while they were asked.

        Args:
            is_cut_off: it did not leave this machine. There may still be a line of the other version of IP, by which
                others are reached: then it is this host that has no address for us.
        """
        if self._heard_at >= begun:
            return False
        if len(self._unheard) < HOSTS:
            self._unheard.add(host)
        return (is_cut_off and begun - self._heard_at > QUIET) or len(self._unheard) >= HOSTS
