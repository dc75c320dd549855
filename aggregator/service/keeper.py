"""Keeps the last good configuration, and knows what is wrong with a newer one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

import structlog

from aggregator.config import fingerprint, load
from aggregator.errors import ConfigError, Problem
from aggregator.service.policy_tests import run_policy_tests
from aggregator.service.world import World

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

log = structlog.get_logger(__name__)

AFTER_A_RESTART = (
    *("database", "server", "polling.concurrency", "templates", "log", "engine", "metrics.listen", "api", "oidc"),
    "site",
)
"""Settings that act after a restart; of `site`, what the `User-Agent` says of it."""


def load_world(folder: Path) -> World:
    """The configuration, ready for use: read, checked, and its policies' own tests passed.

    Raises:
        ConfigError: it cannot be used; every problem is named. A policy whose tests fail says something else than its
            author meant, so nothing is decided by it.
    """
    world = World.of(load(folder))
    failures = run_policy_tests(world)
    if failures:
        raise ConfigError(failures)
    return world


@dataclass(slots=True)
class Keeper:
    """The configuration in force. Only `refresh` changes it."""

    folder: Path
    world: World
    loaded_at: datetime
    seen: str
    """Fingerprint of the files as they were last looked at, good or not."""
    problems: tuple[Problem, ...] = ()
    """What is wrong with the files as they are now; empty while they are in force."""

    @classmethod
    def open(cls, folder: Path, now: datetime) -> Keeper:
        """Reads the configuration.

        Raises:
            ConfigError: it cannot be used; every problem is named.
        """
        seen = fingerprint(folder)
        return cls(folder, load_world(folder), now, seen)

    async def refresh(self, now: datetime) -> bool:
        """Reads the files again if they have changed, in a thread.

        Returns:
            True if another configuration is in force now. A broken edit changes nothing but `problems`.
        """
        seen = await asyncio.to_thread(fingerprint, self.folder)
        if seen == self.seen:
            return False
        self.seen = seen
        try:
            world = await asyncio.to_thread(load_world, self.folder)
        except ConfigError as error:
            self.problems = error.problems
            for problem in error.problems:
                log.error("configuration not taken", problem=str(problem), in_force=self.world.configuration.version)
            return False
        self.problems = ()
        configuration = world.configuration
        if configuration.version == self.world.configuration.version:
            return False
        for warning in configuration.warnings:
            log.warning("configuration", warning=str(warning))
        self._tell_what_waits(world)
        self.world = world
        self.loaded_at = now
        log.info("configuration taken", version=configuration.version)
        return True

    def _tell_what_waits(self, world: World) -> None:
        """What only acts after a restart is told, not silently passed over."""
        before, after = self.world.configuration.settings, world.configuration.settings
        for name in AFTER_A_RESTART:
            if attrgetter(name)(before) != attrgetter(name)(after):
                log.warning("this setting acts after a restart", setting=name)
