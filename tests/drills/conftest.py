"""Fleets for drills, and a PostgreSQL server that a drill may stop, hang and fill."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.engine import queue
from tests.conftest import PostgresServer
from tests.drills.fleet import Drill, Mother
from tests.story.origin import Origin


@pytest.fixture(scope="session")
def mother() -> Iterator[Mother]:
    made = Mother()
    yield made
    made.end()


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin().running() as running:
        yield running


class Victim(PostgresServer):
    """A server that is treated badly."""

    @property
    def family(self) -> list[int]:
        """All its processes, the parent first."""
        parent = int((Path(self._server.pgdata) / "postmaster.pid").read_text().splitlines()[0])
        told = Path(f"/proc/{parent}/task/{parent}/children").read_text()
        return [parent, *map(int, told.split())]

    @property
    def socket(self) -> str:
        """Where it listens."""
        return str(next(Path(self._server.pgdata).glob(".s.PGSQL.*[0-9]")))

    def hang(self) -> None:
        """It takes connections and says nothing."""
        for process in self.family:
            os.kill(process, signal.SIGSTOP)

    def wake(self) -> None:
        for process in self.family:
            os.kill(process, signal.SIGCONT)


@pytest.fixture(scope="session")
def victim() -> Iterator[Victim]:
    """For drills alone."""
    folder = Path(tempfile.mkdtemp(prefix="agg-drill-"))
    server = Victim(folder)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def with_queue(victim: Victim) -> str:
    """Name of a database with our schema and the queue's, to be copied."""
    url = victim.create()
    queue.upgrade(url)
    return url.partition("?")[0].rpartition("/")[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def drill(request: pytest.FixtureRequest, mother: Mother, tmp_path: Path, origin: Origin) -> Iterator[Drill]:
    """A fleet on PostgreSQL, several processes of the default engine on one SQLite file."""
    folder = tmp_path / "site"
    if request.param == "sqlite":
        made = Drill(mother, folder, f"sqlite:///{folder / 'a.db'}", origin)
        shutil.copy(request.getfixturevalue("migrated_sqlite"), folder / "a.db")
        yield made
        made.close()
        return
    server: Victim = request.getfixturevalue("victim")
    url = server.create(request.getfixturevalue("with_queue"))
    made = Drill(mother, folder, url, origin, PGHOST=str(Path(server.socket).parent))
    yield made
    made.close()
    server.drop(url)
