"""The publisher of these tests, and the installation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.service.evidence.publisher import Told, a_feed, configured
from tests.story.origin import Origin


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin().running() as running:
        running.serve("/feed", a_feed(running.url("/story/1")))
        yield running


@pytest.fixture
async def told(origin: Origin, tmp_path: Path) -> AsyncIterator[Told]:
    async with configured(tmp_path, origin).opened() as open_:
        await open_.poll()
        yield Told(origin, open_)


@pytest.fixture
async def paged(origin: Origin, tmp_path: Path) -> AsyncIterator[Told]:
    """Whose feed names a home page at its own origin."""
    origin.serve("/feed", a_feed(origin.url("/story/1"), home=origin.url("/")))
    async with configured(tmp_path, origin).opened() as open_:
        await open_.poll()
        yield Told(origin, open_)
