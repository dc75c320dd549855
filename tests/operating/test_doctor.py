"""`aggregator doctor`: each thing that can be wrong is found, with what to do about it."""

from __future__ import annotations

import http.server
import re
import shutil
import socketserver
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest

from aggregator.model.role import Role
from aggregator.service.nodes import Node
from aggregator.store import health
from tests.cli.conftest import Cli, cli

__all__ = ["cli"]


@pytest.fixture
def folder(sample: Path, tmp_path: Path) -> Path:
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    (tmp_path / "data/aggregator.db").chmod(0o600)
    return tmp_path


def _set(folder: Path, key: str, line: str) -> None:
    """Replaces a top-level key of aggregator.yaml."""
    path = folder / "config/aggregator.yaml"
    text = re.sub(rf"(?m)^{key}:.*\n(  .*\n)*", "", path.read_text())
    path.write_text(f"{text}\n{line}\n")


def _of(said: Any, topic: str) -> list[tuple[str, str]]:
    return [(one["state"], one["what"]) for one in said["findings"] if one["topic"] == topic]


def test_a_sound_installation_that_nobody_has_started_yet(cli: Cli, folder: Path):
    found = cli("--config", str(folder / "config"), "doctor", "--json")
    assert (found.code, found.json["ok"]) == (0, True), found.out
    for topic in ("configuration", "templates", "secrets", "permissions", "ledger", "disk", "outgoing", "mail"):
        assert {state for state, _ in _of(found.json, topic)} <= {"ok", "warning"}, topic
    assert _of(found.json, "service")[0][0] == "warning"
    assert _of(found.json, "site") == [("warning", "publishers are told 'desk@example.org', where nobody is reached")]
    assert ("ok", "the file is sound") in _of(found.json, "database")
    shown = cli("--config", str(folder / "config"), "doctor")
    assert "→ start 'aggregator run'" in shown.out


def test_a_large_file_is_not_read_whole(cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch):
    """Who asks at night what is wrong does not wait for 15 GB."""
    monkeypatch.setattr(health, "CHECKED_MAX", 10_000)
    found = cli("--config", str(folder / "config"), "doctor", "--json")
    assert any("not read page by page" in what for _, what in _of(found.json, "database"))


def _broken_configuration(folder: Path) -> None:
    (folder / "config/outputs.yaml").write_text("- id: [\n")


def _failing_policy_test(folder: Path) -> None:
    path = next((folder / "config/policies/tests").glob("*.yaml"))
    path.write_text(path.read_text().replace("outcome: allow", "outcome: deny"))


def _no_database(folder: Path) -> None:
    (folder / "data/aggregator.db").unlink()


def _damaged_database(folder: Path) -> None:
    path = folder / "data/aggregator.db"
    data = path.read_bytes()
    path.write_bytes(data[:8192] + b"\xff" * 4096 * 8 + data[8192 + 4096 * 8 :])


def _forged_ledger(folder: Path) -> None:
    connection = sqlite3.connect(folder / "data/aggregator.db")
    connection.execute("UPDATE ledger SET subject = 'x' WHERE number = 2")
    connection.commit()
    connection.close()


def _missing_secret(folder: Path) -> None:
    _set(folder, "metrics", "metrics: {token: env:NO_SUCH_VARIABLE_HERE}")


def _writable_by_all(folder: Path) -> None:
    (folder / "config/sources.yaml").chmod(0o666)


def _no_mail_server(folder: Path) -> None:
    _set(folder, "mail", "mail: {smtp: 'smtp://127.0.0.1:9'}")


@pytest.mark.parametrize(
    ("harm", "topic", "what", "remedy"),
    [
        (_broken_configuration, "configuration", "outputs.yaml", "aggregator check"),
        (_failing_policy_test, "configuration", "", "aggregator check"),
        (_no_database, "database", "does not exist", "aggregator db upgrade"),
        (_damaged_database, "database", "", "restore"),
        (_forged_ledger, "ledger", "record", "backup"),
        (_missing_secret, "secrets", "NO_SUCH_VARIABLE_HERE", "set the variable"),
        (_writable_by_all, "permissions", "by everybody", "chmod"),
        (_no_mail_server, "mail", "127.0.0.1:9", "mail.smtp"),
    ],
)
def test_what_is_wrong_is_found_and_how_to_mend_it_is_told(
    cli: Cli, folder: Path, harm: Callable[[Path], None], topic: str, what: str, remedy: str
):
    harm(folder)
    found = cli("--config", str(folder / "config"), "doctor", "--json")
    assert found.code == 1
    problems = [one for one in found.json["findings"] if one["topic"] == topic and one["state"] == "problem"]
    assert problems, found.out
    assert any(what in one["what"] and remedy in one["remedy"] for one in problems), problems
    assert all("\n" not in one["what"] for one in found.json["findings"])


def test_what_the_service_fails_at_is_told(cli: Cli, folder: Path):
    """A source, an output, what is to be sent, and a fleet whose builder is gone."""
    now = datetime.now(UTC)
    node = Node(
        id="1", host="a", pid=7, roles=(Role.SCHEDULER, Role.WORKER, Role.WEB), program="1", version="2",
        started_at=now, seen_at=now, loaded_at=now,
    )  # fmt: skip
    with closing(sqlite3.connect(folder / "data/aggregator.db")) as connection, connection:
        connection.execute("UPDATE polls SET failures = 3, last_error = 'answered 404' WHERE source = 'talbote'")
        connection.execute("UPDATE outputs SET problem = 'a duty is not in the bytes' WHERE id = 'community'")
        connection.execute(
            "INSERT INTO outbox (id, kind, target, facts, created_at, next_at, tries, version, claimed_until, problem) "
            "VALUES ('1', 'ping', 'https://hub.example/x', '{}', 1, 1, 3, 1, 0, 'answered 500')"
        )
        connection.execute("INSERT INTO notes VALUES ('node:1', ?, 1)", [msgspec.json.encode(node).decode()])
    found = cli("--config", str(folder / "config"), "doctor", "--json")
    told = {
        one["topic"]: (one["state"], one["what"], one["remedy"])
        for one in found.json["findings"]
        if one["topic"] in ("sources", "outputs", "sending", "nodes")
    }
    assert [(topic, state) for topic, (state, *_) in told.items()] == [
        ("nodes", "problem"),
        ("sources", "warning"),
        ("outputs", "problem"),
        ("sending", "warning"),
    ]
    assert told["nodes"][2] == "start one: aggregator run --role builder"
    assert told["sources"][1] == "1 of 7 are not well, such as 'talbote': answered 404, 3 times in a row"
    assert told["outputs"][1] == "'community' goes on with its last good documents: a duty is not in the bytes"
    assert told["sending"][1] == "waiting: 1 ping; ping hub.example: answered 500"


class _Smtp(socketserver.StreamRequestHandler):
    heard: ClassVar[list[bytes]] = []

    def handle(self) -> None:
        self.wfile.write(b"220 relay\r\n")
        for line in self.rfile:
            self.heard.append(line)
            self.wfile.write(b"221 bye\r\n" if line[:4].upper() == b"QUIT" else b"250 relay\r\n")
            if line[:4].upper() == b"QUIT":
                return


class _Publisher(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_response_only(200)
        self.send_header("Date", "Thu, 01 Jan 2026 00:00:00 GMT")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Not on the tests' output."""


@contextmanager
def _serving(handler: type[socketserver.BaseRequestHandler]) -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()
        server.server_close()


def test_the_mail_server_is_greeted_and_given_nothing(cli: Cli, folder: Path):
    _Smtp.heard.clear()
    with _serving(_Smtp) as port:
        _set(folder, "mail", f"mail: {{smtp: 'smtp://127.0.0.1:{port}'}}")
        found = cli("--config", str(folder / "config"), "doctor", "--json")
    assert _of(found.json, "mail") == [("ok", f"'127.0.0.1:{port}' answers, not encrypted")]
    assert {line.split()[0].upper() for line in _Smtp.heard} <= {b"EHLO", b"QUIT"}


def test_a_clock_that_was_set_back_is_told_by_what_is_stored(cli: Cli, folder: Path):
    """No source need be asked for that, and no service run."""
    with sqlite3.connect(folder / "data/aggregator.db") as connection:
        connection.execute(
            "UPDATE ledger SET at = at + 86400000000 * 400 WHERE number = (SELECT max(number) FROM ledger)"
        )
    found = cli("--config", str(folder / "config"), "doctor", "--json")
    assert found.code == 1
    ((state, what),) = _of(found.json, "clock")
    assert (state, "the newest record of the ledger is from the future" in what) == ("problem", True)


def test_a_clock_that_publishers_do_not_share_is_told(cli: Cli, folder: Path):
    with _serving(_Publisher) as port:
        sources = folder / "config/sources.yaml"
        more = f"\n- id: clock\n  feed: http://127.0.0.1:{port}/rss\n  private_addresses: true\n"
        sources.write_text(sources.read_text() + more)
        _set(folder, "polling", "polling: {private_addresses: true}")
        found = cli("--config", str(folder / "config"), "doctor", "--json")
    ((state, what),) = _of(found.json, "clock")
    assert (state, "ahead of 1 publishers" in what) == ("problem", True), what
    assert ("warning", "every source may be in a private network") in _of(found.json, "outgoing")
