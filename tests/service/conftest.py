"""A house over a copy of the sample, with a clock that the test moves."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.publishing.render import Renderer
from aggregator.service.house import House
from aggregator.service.keeper import Keeper
from aggregator.store import Store
from aggregator.wiring import template_folders


@dataclass
class Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.now(UTC))


@pytest.fixture
def folder(sample: Path, tmp_path: Path) -> Path:
    """A copy of the sample that the test may change."""
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
async def house(folder: Path, clock: Clock) -> AsyncIterator[House]:
    """All is built and nothing is stale."""
    keeper = Keeper.open(folder / "config", clock())
    settings = keeper.world.configuration.settings
    store = await Store.open(settings.database)
    house = House(keeper, store, Renderer(template_folders(settings)), clock)
    await house.sync()
    await house.build_stale()
    yield house
    await store.close()
