"""Keeps the last good configuration, and knows what is wrong with a newer one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from aggregator.config import fingerprint, load
from aggregator.errors import ConfigError, Problem
from aggregator.service.world import World

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

log = structlog.get_logger(__name__)


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
        return cls(folder, World.of(load(folder)), now, seen)

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
            configuration = await asyncio.to_thread(load, self.folder)
        except ConfigError as error:
            self.problems = error.problems
            for problem in error.problems:
                log.error("configuration not taken", problem=str(problem), in_force=self.world.configuration.version)
            return False
        self.problems = ()
        if configuration.version == self.world.configuration.version:
            return False
        for warning in configuration.warnings:
            log.warning("configuration", warning=str(warning))
        self.world = World.of(configuration)
        self.loaded_at = now
        log.info("configuration taken", version=configuration.version)
        return True
