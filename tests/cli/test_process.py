"""Commands as processes: a service that is stopped, pipes that close, two at once."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.cli.conftest import Cli, edit

AGGREGATOR = [sys.executable, "-m", "aggregator"]
ROOT = Path(__file__).parent.parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def start(*arguments: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*AGGREGATOR, *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def line_of(service: subprocess.Popen[str], ends: float) -> str:
    """The next line that it prints; read byte by byte, because select does not see what a buffer holds."""
    assert service.stdout is not None
    line = b""
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([service.stdout], [], [], max(0, ends - time.monotonic()))
        assert ready, "the service did not say that it answers"
        byte = os.read(service.stdout.fileno(), 1)
        assert byte, service.communicate()[1]
        line += byte
    return line.decode()


@contextmanager
def running(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A service on a free port, and what it first printed."""
    edit(folder / "config/aggregator.yaml", "port: 8080 ", "port: 0 ")
    service = start("run", *options, folder=folder)
    said, ends = "", time.monotonic() + 30
    try:
        while "Ctrl-C" not in said and "\n}" not in said:
            said += line_of(service, ends)
        yield service, said
    finally:
        service.kill()
        service.communicate()


def get(url: str) -> tuple[int, bytes]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.status, answer.read()


def test_run_prints_where_to_look_serves_and_ends_in_order(fresh: Path, cli: Cli):
    """From nothing: the addresses that it prints answer, with entries after the first round of polls."""
    with running(fresh) as (service, said):
        lines = said.splitlines()
        assert lines[0].startswith("aggregator ")
        assert lines[0].endswith("7 sources, 5 outputs")
        opened = {line.split()[0]: line for line in lines if "http://" in line}
        endings = {url: re.findall(r"\.(rss|atom|json)\b", line.partition("(also ")[2]) for url, line in opened.items()}
        addresses = [*opened, *(f"{url.rpartition('.')[0]}.{end}" for url in endings for end in endings[url])]
        assert len(addresses) == 18
        assert {get(address)[0] for address in addresses} == {200}
        community = next(address for address in addresses if address.endswith("community.atom"))
        ends = time.monotonic() + 30
        while b"<entry" not in get(community)[1]:
            assert time.monotonic() < ends
            time.sleep(0.2)
        service.send_signal(signal.SIGTERM)
        _, err = service.communicate(timeout=20)
        assert service.returncode == 0
        assert "Traceback" not in err
    assert not (fresh / "data").stat().st_mode & 0o007, "what it keeps is nobody else's business"
    status = cli("status", "--json").json
    assert (status["service"]["alive"], status["nodes"]) == (False, []), "it took its leave: a restore need not wait"


def test_run_as_json_tells_its_addresses_as_one_document_and_ctrl_c_ends_it(fresh: Path, cli: Cli):
    with running(fresh, "--json") as (service, said):
        report: dict[str, Any] = json.loads(said)
        assert report.keys() == {"version", "sources", "outputs", "url", "feeds", "health", "admin", "welcome", "roles"}
        assert report["roles"] == ["scheduler", "worker", "builder", "web"]
        status = cli("status", "--json").json
        assert status["service"] is None or status["service"]["alive"]
        service.send_signal(signal.SIGINT)
        service.communicate(timeout=20)
        assert service.returncode == 0


def test_a_reader_that_goes_away_is_no_failure(built: Path):
    """`aggregator entries list | head -1`."""
    for arguments in (["entries", "list"], ["ledger", "show", "--json"], ["--help"]):
        read, write = os.pipe()
        os.close(read)
        with os.fdopen(write, "wb") as closed:
            done = subprocess.run(
                [*AGGREGATOR, *arguments],
                cwd=built,
                env=ENVIRONMENT,
                stdout=closed,
                stderr=subprocess.PIPE,
                check=False,
            )
        assert (done.returncode, done.stderr) == (0, b""), arguments


def test_standard_output_that_is_closed(built: Path):
    """`aggregator poll >&-`, as some schedulers start programs."""
    done = subprocess.run(
        ["/bin/sh", "-c", '"$@" >&-', "sh", *AGGREGATOR, "build"],
        cwd=built,
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_commands_at_once_wait_for_one_another_and_harm_nothing(fresh: Path, cli: Cli):
    """Four processes meet on a database that is not there yet: each entry comes once, each release is told once."""
    at_once = [start(*words, "--json", folder=fresh) for words in (["poll"], ["poll"], ["build"], ["export", "site"])]
    ended = [(process.communicate(timeout=60), process.returncode) for process in at_once]
    for (out, err), code in ended:
        assert code in {0, 1}, err
        assert "unexpected" not in err
        json.loads(out)
    polls = [report for (out, _), _ in ended[:2] for report in json.loads(out)]
    told = {report["detail"] for report in polls if report["outcome"] == "failed"}
    assert told <= {"another process is polling it right now"}
    assert sum(report["new"] for report in polls) == len(cli("entries", "list", "--json").json)
    assert cli("build").code == 0
    assert cli("ledger", "verify").code == 0


def test_a_terminal_without_these_letters_is_no_failure(built: Path):
    done = subprocess.run(
        [*AGGREGATOR, "entries", "list", "--source", "talbote"],
        cwd=built,
        env={**ENVIRONMENT, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_run_tells_of_a_queue_that_it_cannot_reach_and_of_words_that_it_does_not_know(fresh: Path):
    settings = fresh / "config" / "aggregator.yaml"
    local = settings.read_text()
    text = re.sub(r"(?m)^database:.*$", "database: postgresql://nobody@127.0.0.1:1/none", local)
    for arguments, configured, code, words in (
        (["run"], text.replace("engine: local ", "engine: procrastinate "), 1, "database 'postgresql://nobody@127.0.0"),
        (["run"], local.replace("engine: local ", "engine: procrastinate "), 2, "needs a postgresql:// database"),
        (["worker"], local, 2, "workers of their own need 'engine: procrastinate'"),
        (["run", "--role", "web,bulider"], local, 2, "role 'bulider' is not known; use scheduler, worker, builder or"),
        (["run", "--role", ","], local, 2, "--role names none"),
    ):
        settings.write_text(configured)
        ended = subprocess.run(
            [*AGGREGATOR, *arguments], cwd=fresh, env=ENVIRONMENT, capture_output=True, text=True, timeout=60
        )
        assert (ended.returncode, len(ended.stderr.splitlines())) == (code, 1), ended.stderr
        assert words in ended.stderr
