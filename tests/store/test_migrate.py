"""The schema: made by migrations, equal to the tables that the program knows, and never guessed at."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import run
from sys import executable

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from aggregator.errors import SchemaError, StoreError
from aggregator.store import Store, upgrade
from aggregator.store.address import locate
from aggregator.store.migrate import HEAD, REVISIONS
from aggregator.store.tables import metadata, to_microseconds
from tests.store.builders import LEASE, NOW

MIGRATIONS = Path(__file__).parents[2] / "aggregator" / "store" / "migrations"


def is_ours(name: str | None, kind: str, _: object) -> bool:
    """Not what the full-text search of a database keeps for itself, which SQLAlchemy has no words for."""
    return not (name or "").startswith(("entry_words", "ix_entry_words"))


def change(url: str, statement: str) -> None:
    engine = create_engine(locate(url).url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_migrations_make_exactly_the_tables_that_the_program_knows(database_url: str) -> None:
    engine = create_engine(locate(database_url).url)
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True, "include_name": is_ours}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
    engine.dispose()


def test_the_known_revisions_are_those_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    revisions = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(revisions)) == REVISIONS


async def test_a_database_without_tables_names_the_command_that_makes_them(empty_url: str) -> None:
    with pytest.raises(SchemaError, match="run 'aggregator db upgrade'"):
        await Store.open(empty_url)
    store = await Store.open(empty_url, migrate=True)
    await store.ping()
    await store.close()
    again = await Store.open(empty_url)
    await again.close()


@pytest.mark.parametrize("start", REVISIONS)
def test_a_schema_of_every_age_is_brought_up_to_date(empty_url: str, start: str) -> None:
    engine = create_engine(locate(empty_url).url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, start)
        connection.execute(
            text(
                "INSERT INTO sources (id, active, added_at, change, known_items, feed_facts) "
                "VALUES ('herald', true, 0, 0, '[]', '{}')"
            )
        )
    assert upgrade(empty_url) == HEAD
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_ours})
        assert compare_metadata(context, metadata) == []
        assert connection.execute(text("SELECT id FROM sources")).scalar_one() == "herald"
    engine.dispose()


async def test_a_lease_outlives_the_move_to_a_table_of_its_own(empty_url: str) -> None:
    """Another process may be at work while the schema is brought up to date."""
    engine = create_engine(locate(empty_url).url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0020")
        for source, until, owner in (("herald", to_microseconds(NOW) + 1, "'other'"), ("times", 0, "NULL")):
            connection.execute(
                text(
                    "INSERT INTO sources (id, active, added_at, change, known_items, feed_facts) "
                    f"VALUES ('{source}', true, 0, 0, '[]', '{{}}')"
                )
            )
            connection.execute(
                text(
                    "INSERT INTO polls (source, active, next_poll_at, leased_until, lease_owner, failures, why_due) "
                    f"VALUES ('{source}', true, 0, {until}, {owner}, 0, '')"
                )
            )
    engine.dispose()
    store = await Store.open(empty_url, migrate=True)
    claimed = await store.claim_due(NOW, lease=LEASE, owner="me", limit=10)
    assert [state.source for state in claimed] == ["times"]
    await store.close()


def test_a_new_sqlite_file_is_nobodys_business_but_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "aggregator.db"
    upgrade(f"sqlite:///{path}")
    assert path.stat().st_mode & 0o007 == 0
    path.chmod(0o604)
    upgrade(f"sqlite:///{path}")
    assert path.stat().st_mode & 0o777 == 0o604, "it is the operator's to open it"


def test_an_upgrade_may_be_repeated(database_url: str) -> None:
    assert upgrade(database_url) == HEAD
    assert upgrade(database_url) == HEAD


def test_two_upgrades_at_once_both_succeed(empty_url: str) -> None:
    """Two processes, because one process lets one upgrade wait for the other anyway."""
    command = [executable, "-c", f"from aggregator.store import upgrade; print(upgrade({empty_url!r}))"]
    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(lambda _: run(command, check=True, capture_output=True, text=True), range(2)))
    assert [end.stdout.strip() for end in ends] == [HEAD, HEAD]


async def test_a_newer_schema_is_left_alone(database_url: str) -> None:
    change(database_url, "UPDATE alembic_version SET version_num = '9999'")
    for migrate in (False, True):
        with pytest.raises(SchemaError, match="written by a newer aggregator"):
            await Store.open(database_url, migrate=migrate)


async def test_an_older_schema_is_not_used(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.store.migrate.REVISIONS", (*REVISIONS, "9999"))
    monkeypatch.setattr("aggregator.store.migrate.HEAD", "9999")
    with pytest.raises(SchemaError, match=f"older schema '{HEAD}'; run 'aggregator db upgrade'"):
        await Store.open(database_url)


async def test_an_upgrade_creates_the_folder(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite:///{tmp_path}/a/b/c.db", migrate=True)
    await store.close()


async def test_what_cannot_be_a_database_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Not a database, but somebody's notes.")
    (tmp_path / "folder").mkdir()
    (tmp_path / "torn.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)
    cases = {
        f"sqlite:///{tmp_path}/notes.txt": "is no SQLite database",
        f"sqlite:///{tmp_path}/folder": "is a folder; name a file",
        f"sqlite:///{tmp_path}/notes.txt/a.db": "cannot be created",
        f"sqlite:///{tmp_path}/torn.db": "restore it from a backup",
        "sqlite://": "names no file",
        "mysql://root:secret@localhost/x": "'mysql' is not supported",
        "no url, but a secret": "cannot be read; write 'sqlite:///PATH'",
    }
    for url, message in cases.items():
        with pytest.raises(StoreError, match=message) as caught:
            await Store.open(url, migrate=True)
        assert "secret" not in str(caught.value)
        assert "\n" not in str(caught.value)
    assert (tmp_path / "notes.txt").read_text().startswith("Not a database")


async def test_a_server_that_does_not_answer_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.store.session.BACKOFF", (0, 0))
    for open_it in (lambda url: Store.open(url), lambda url: asyncio.to_thread(upgrade, url)):
        with pytest.raises(StoreError, match="check that the server runs") as caught:
            await open_it("postgresql://ann:top%2Fsecret@127.0.0.1:1/news")
        assert "postgresql://ann:***@127.0.0.1:1/news" in str(caught.value)
        assert "secret" not in str(caught.value)
        assert "\n" not in str(caught.value)
