"""What goes wrong around a command is one line that says where, what, and how to put it right."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, edit
from tests.publishing.build_items import TEMPLATES

NEED_A_DATABASE = [
    ["poll"],
    ["build"],
    ["export", "site"],
    ["sources", "list"],
    ["entries", "list"],
    ["flags", "list"],
    ["ledger", "verify"],
    ["db", "upgrade"],
    ["run"],
]
NEED_A_CONFIGURATION = [*NEED_A_DATABASE, ["check"], ["status"], ["policy", "list"], ["policy", "test"]]


def use_database(folder: Path, url: str) -> None:
    edit(folder / "config/aggregator.yaml", "database: sqlite:///data/aggregator.db", f"database: {url}")


@pytest.mark.parametrize("command", NEED_A_CONFIGURATION, ids=" ".join)
def test_a_folder_that_is_not_there(command: list[str], tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    said = cli(*command)
    assert said.code == 2
    assert said.out + said.err == "config: is not there; name the configuration folder with --config DIR\n"
    assert list(tmp_path.iterdir()) == [], "nothing was made on the way"


def test_a_folder_that_is_a_file(tmp_path: Path, cli: Cli):
    (tmp_path / "file").touch()
    said = cli("check", "--config", str(tmp_path / "file"))
    assert (said.code, said.out) == (2, "")
    assert said.lines == [f"{tmp_path / 'file'}: is not a folder; name the configuration folder with --config DIR"]


def test_an_empty_folder(tmp_path: Path, cli: Cli):
    said = cli("check", "--config", str(tmp_path))
    assert said.code == 2
    assert "aggregator.yaml" in said.err


@pytest.mark.parametrize("command", [["poll"], ["build"], ["export", "site"], ["run"]], ids=" ".join)
def test_broken_yaml_stops_a_command_before_it_touches_anything(command: list[str], fresh: Path, cli: Cli):
    edit(fresh / "config/outputs.yaml", "- id: community ", "- id: [community ")
    edit(fresh / "config/sources.yaml", "  tags: [science]", "  tags: [science")
    said = cli(*command)
    assert (said.code, said.out) == (2, "")
    assert {line.split(":")[0] for line in said.lines} == {"config/outputs.yaml", "config/sources.yaml"}
    assert all(line.split(":")[1].isdigit() for line in said.lines)
    assert not (fresh / "data").exists()


@pytest.mark.parametrize("command", NEED_A_DATABASE, ids=" ".join)
def test_a_file_that_is_no_database(command: list[str], fresh: Path, cli: Cli):
    (fresh / "notes.txt").write_text("milk, bread\n" * 100)
    use_database(fresh, "sqlite:///notes.txt")
    said = cli(*command)
    assert (said.code, said.out) == (1, "")
    assert said.lines == [
        (
            f"aggregator: database 'sqlite:///{fresh}/notes.txt' is no SQLite database; "
            "name another file, or move this one away ('aggregator db restore' brings back a copy)"
        )
    ]
    assert (fresh / "notes.txt").read_text().startswith("milk")


@pytest.mark.parametrize("command", NEED_A_DATABASE, ids=" ".join)
def test_a_database_of_a_newer_program(command: list[str], built: Path, cli: Cli):
    with sqlite3.connect(built / "data/aggregator.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    said = cli(*command)
    assert (said.code, said.out) == (1, "")
    (line,) = said.lines
    assert "was written by a newer aggregator (schema '9999'" in line


def test_an_older_database_is_told_by_status_and_mended_by_the_next_command(fresh: Path, cli: Cli):
    (fresh / "data").mkdir()
    sqlite3.connect(fresh / "data/aggregator.db").close()
    (fresh / "data/aggregator.db").touch()
    said = cli("status", "--json")
    assert said.code == 1
    assert "run 'aggregator db upgrade'" in said.json["database_error"]
    assert cli("sources", "list").code == 0
    assert cli("status", "--json").json["database_error"] is None


@pytest.mark.parametrize("command", [["db", "upgrade"], ["poll"], ["status"]], ids=" ".join)
def test_a_server_that_cannot_be_reached_and_a_password_that_is_not_shown(command: list[str], fresh: Path, cli: Cli):
    use_database(fresh, "postgresql://me:hunter2@127.0.0.1:1/news")
    said = cli(*command)
    assert said.code == 1
    (line,) = (said.out + said.err).splitlines()
    assert "database 'postgresql://me:***@127.0.0.1:1/news': connection failed" in line
    assert line.endswith("check that the server runs and that name, user and password are right")
    assert "hunter2" not in line


@pytest.mark.parametrize("command", NEED_A_DATABASE, ids=" ".join)
def test_a_place_where_no_database_can_be_made(command: list[str], fresh: Path, cli: Cli):
    (fresh / "data").touch()
    said = cli(*command)
    assert (said.code, said.out) == (1, "")
    (line,) = said.lines
    assert f"{fresh}/data" in line
    assert "; " in line


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may write anywhere")
def test_a_read_only_folder(fresh: Path, cli: Cli):
    fresh.chmod(0o555)
    try:
        said = cli("poll")
    finally:
        fresh.chmod(0o755)
    assert (said.code, said.out) == (1, "")
    assert "writable" in said.err


@pytest.mark.parametrize(
    ("file", "text", "where"),
    [
        ("credit/default/end.html", "{% if %}", "own/credit/default/end.html:1: "),
        ("credit/default/end.html", "{{ nothing.of.this }}", "own/credit/default/end.html:1: "),
        ("river/entry.html", "<p>{{ item.title", "own/river/entry.html:1: "),
        ("river/page.html", "{% include 'river/lost.html' %}", "own/river/"),
    ],
)
def test_an_operators_template_that_cannot_be_used(file: str, text: str, where: str, built: Path, cli: Cli):
    """The build stops with the template's file and line; what was published stays."""
    path = built / "own" / file
    path.parent.mkdir(parents=True)
    path.write_text(text)
    edit(built / "config/aggregator.yaml", "engine: local", "templates: own\nengine: local")
    said = cli("build", "community")
    assert (said.code, said.out) == (1, "")
    (line,) = said.lines
    assert line.startswith(f"aggregator: {where}")
    edit(built / "config/aggregator.yaml", "templates: own\n", "")
    assert cli("build", "community", "--json").json[0]["changed"] == []


def test_a_template_that_is_no_text(built: Path, cli: Cli):
    path = built / "own/river/entry.html"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xff\xfe\x00")
    edit(built / "config/aggregator.yaml", "engine: local", "templates: own\nengine: local")
    said = cli("build")
    assert said.code == 1
    (line,) = said.lines
    assert line.startswith("aggregator: own/river/entry.html: ")


def test_a_file_of_a_credit_set_that_nothing_reads_is_told(built: Path, cli: Cli):
    """`botom.html` is no slot's name: its operator waits in vain for what it says."""
    house = built / "own/credit/house"
    shutil.copytree(TEMPLATES / "credit/default", house)
    (house / "inner.html").write_text("<p>{{ site_name }}</p>")
    with (house / "end.html").open("a") as end:
        end.write("{% include 'credit/house/inner.html' %}")
    edit(built / "config/aggregator.yaml", "engine: local", "templates: own\nengine: local")
    edit(built / "config/outputs.yaml", "credit: default", "credit: house")
    assert "is not read" not in cli("check").err
    (house / "botom.html").write_text("<p>Thanks</p>")
    (house / ".botom.html.swp").write_text("x")
    said = cli("check")
    assert said.code == 0
    (line,) = [line for line in said.lines if "is not read" in line]
    assert "own/credit/house/botom.html is not read" in line
    assert "(head, top, byline, end)" in line


def test_a_template_folder_that_is_not_there(fresh: Path, cli: Cli):
    edit(fresh / "config/aggregator.yaml", "engine: local", "templates: own\nengine: local")
    said = cli("build")
    assert said.code == 2
    (line,) = said.lines
    assert line.startswith("config/aggregator.yaml:")
    assert "template folder 'own' is not there" in line


def test_a_start_page_that_cannot_be_used_stops_the_start(built: Path, cli: Cli):
    path = built / "own/river/index.html"
    path.parent.mkdir(parents=True)
    path.write_text("<h1>{% for %}</h1>")
    edit(built / "config/aggregator.yaml", "engine: local", "templates: own\nengine: local")
    edit(built / "config/aggregator.yaml", "port: 8080 ", "port: 0 ")
    said = cli("run")
    assert (said.code, said.out) == (1, "")
    assert said.lines[-1].startswith("aggregator: own/river/index.html:1: ")


def test_a_port_in_use(built: Path, cli: Cli):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        edit(built / "config/aggregator.yaml", "port: 8080 ", f"port: {port} ")
        said = cli("run")
    assert (said.code, said.out) == (1, "")
    assert said.lines[-1] == (
        f"aggregator: 127.0.0.1:{port} is already in use; "
        "stop the other program or set another server.port in aggregator.yaml"
    )


def test_an_address_that_is_not_ours(built: Path, cli: Cli):
    edit(built / "config/aggregator.yaml", "host: 127.0.0.1 ", "host: 192.0.2.1 ")
    said = cli("run")
    assert (said.code, said.out) == (1, "")
    assert said.lines[-1].startswith("aggregator: cannot listen on 192.0.2.1:8080: ")
    assert said.lines[-1].endswith("check server.host and server.port in aggregator.yaml")
