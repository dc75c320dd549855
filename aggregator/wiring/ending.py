"""How a service ends: in order, and in any case within the time that is promised (R18)."""

from __future__ import annotations

import os
import threading
from datetime import timedelta

import structlog

log = structlog.get_logger(__name__)

ALARM_GRACE = 2.0
"""Seconds that a running build or reload gets to end after a request to stop."""
GRACE = timedelta(seconds=5)
"""What running polls get."""
REQUESTS = 1.0
"""Seconds that running requests get, afterwards."""
DATABASE = 7.5
"""Seconds after which nobody waits for the database any more: what it was not told (leases, claims) ends by itself."""
AT_LAST = 9.5
"""Seconds after which the process ends whatever it waits for: a library that does not come back from a server that
hangs, a thread in a lock. Nothing that was stored is lost by it, as drills with `kill -9` show."""


def end_in_time() -> None:
    """Makes sure that this process ends, from the moment at which it was asked to."""

    def end() -> None:
        log.error("something did not end; the process does. Leases and claims end by themselves", seconds=AT_LAST)
        os._exit(1)

    timer = threading.Timer(AT_LAST, end)
    timer.daemon = True
    timer.start()
