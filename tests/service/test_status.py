"""The state of an installation, also where parts of it are broken."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.errors import ConfigError
from aggregator.service.house import House
from aggregator.service.status import read_note, read_status, write_note
from tests.service.conftest import Clock


async def test_a_running_service_is_known_by_its_recent_sign_of_life(house: House, folder: Path, clock: Clock):
    started_at = clock()
    assert await read_note(house.store, clock()) is None
    await write_note(house.store, house.keeper, started_at, clock())
    note = await read_note(house.store, clock() + timedelta(seconds=29))
    assert note is not None
    assert (note.alive, note.started_at, note.seen_at) == (True, started_at, clock())
    later = await read_status(folder / "config", clock() + timedelta(seconds=31))
    assert later.service is not None
    assert later.service.alive is False


async def test_a_service_that_refuses_an_edit_makes_the_status_unwell(house: House, folder: Path, clock: Clock):
    assert (await read_status(folder / "config", clock())).ok
    outputs = folder / "config/outputs.yaml"
    good = outputs.read_text()
    outputs.write_text("- id: [")
    await house.refresh()
    await write_note(house.store, house.keeper, clock(), clock())
    broken = await read_status(folder / "config", clock())
    assert (broken.ok, bool(broken.problems)) == (False, True)
    assert broken.service is not None
    assert broken.service.problems
    outputs.write_text(good)
    mended = await read_status(folder / "config", clock())
    assert mended.problems == ()
    assert not mended.ok, "the service has not taken it yet"


async def test_settings_that_cannot_be_read_name_every_problem(folder: Path, clock: Clock):
    (folder / "config/aggregator.yaml").write_text("site: {name: 1\n")
    with pytest.raises(ConfigError):
        await read_status(folder / "config", clock())
