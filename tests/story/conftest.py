"""A publisher's server and an installation, fresh for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.story.origin import Origin
from tests.story.site import Site


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin().running() as running:
        yield running


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """On SQLite, in a file that does not exist yet."""
    return Site(tmp_path / "site")


@pytest.fixture
def site_on(database_url: str, tmp_path: Path) -> Site:
    """On each kind of database."""
    return Site(tmp_path / "site", database_url)
