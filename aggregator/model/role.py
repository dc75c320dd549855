"""What a process of a fleet does; by default one process does all of it."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A part of the work that may be a process, or a machine, of its own."""

    SCHEDULER = "scheduler"
    """Says what is to be polled, looks after sites and hubs, and does what is to be done by the clock."""
    WORKER = "worker"
    """Polls."""
    BUILDER = "builder"
    """Builds outputs as soon as they are stale, and tells hubs and webhooks of what is new."""
    WEB = "web"
    """Serves documents, pages and the API."""


ALL_ROLES = frozenset(Role)
