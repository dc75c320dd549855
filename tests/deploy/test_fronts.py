"""nginx and Caddy as they are delivered, in front of a real service: what they keep, hide and hand on."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import orjson

from tests.cli.conftest import Cli, cli
from tests.deploy.test_deploy import DEPLOY, checker
from tests.story.site import Service, until

__all__ = ["cli"]

DOCUMENT = "/feeds/community.atom"


class Front:
    """A web server in front, by its port."""

    def __init__(self, port: int) -> None:
        self.port = port

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers by their small letters, body."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            found: dict[str, list[str]] = {}
            for name, value in answer.getheaders():
                found.setdefault(name.lower(), []).append(value)
            return answer.status, {name: ", ".join(values) for name, values in found.items()}, answer.read()
        finally:
            connection.close()

    def listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def _running(front: Front, command: list[str], **environ: str) -> Iterator[None]:
    with subprocess.Popen(command, env={**os.environ, **environ}, stderr=subprocess.PIPE, text=True) as process:
        try:
            until(front.listens, f"{command[0]} listens")
            yield
        finally:
            process.terminate()
            said = process.communicate(timeout=30)[1]
            (Path(environ["HOME"]) / "said").write_text(said)


@contextmanager
def _nginx(folder: Path, upstream: str) -> Iterator[Front]:
    """Without TLS, on a port of its own; all else as it is delivered."""
    folder.mkdir()
    front = Front(_free_port())
    text = (DEPLOY / "nginx.conf").read_text()
    text = re.sub(r"server \{\n    listen 80;.*?\n\}\n", "", text, flags=re.DOTALL)
    text = re.sub(r"    (listen \[|ssl_)[^\n]*\n", "", text)
    text = re.sub(r"listen 443 ssl http2;", f"listen 127.0.0.1:{front.port};", text)
    text = text.replace("127.0.0.1:8080", upstream)
    text = re.sub(r"/var/(cache|log)/nginx", str(folder), text)
    (folder / "site.conf").write_text(text)
    temp = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; master_process off; pid {folder}/pid; events {{}} "
        f"http {{ access_log off; {temp} include {folder}/site.conf; }}"
    )
    command = [checker("nginx"), "-e", f"{folder}/start.log", "-c", f"{folder}/nginx.conf"]
    with _running(front, command, HOME=str(folder)):
        yield front


@contextmanager
def _caddy(folder: Path, upstream: str) -> Iterator[Front]:
    folder.mkdir()
    front = Front(_free_port())
    (folder / "Caddyfile").write_text((DEPLOY / "Caddyfile").read_text().replace("{\n", "{\n\tadmin off\n", 1))
    command = [checker("caddy"), "run", "--config", f"{folder}/Caddyfile", "--adapter", "caddyfile"]
    site = f"http://127.0.0.1:{front.port}"
    with _running(front, command, HOME=str(folder), XDG_DATA_HOME=str(folder), SITE=site, UPSTREAM=upstream):
        yield front


def test_fronts_hand_on_what_the_service_says(cli: Cli, sample: Path, tmp_path: Path):
    checker("nginx"), checker("caddy")
    site = tmp_path / "site"
    shutil.copytree(sample, site)
    settings = site / "config/aggregator.yaml"
    text = re.sub(r"(?m)^server:\n(  .*\n)*", "", settings.read_text())
    server = "server: {host: 127.0.0.1, port: 0, public_url: 'https://feeds.example.org', proxies: [127.0.0.1]}"
    settings.write_text(f"{text}\n{server}\n")
    outputs = site / "config/outputs.yaml"
    outputs.write_text(outputs.read_text().replace("- id: print\n", "- id: print\n  access: registered\n"))
    added = ("subscribers", "add", "The Bugle", "--to", "community", "--json")
    addresses = orjson.dumps(cli("--config", str(site / "config"), *added).json).decode()
    secret = next(urlsplit(found).path for found in re.findall(r"https://[^\"]*/s/[^\"]*community[^\"]*", addresses))
    service = Service(site)
    try:
        service.wait_until_up()
        until(lambda: service.get("/readyz")[0] == 200, "all is built")
        upstream = service.base.removeprefix("http://")
        with _nginx(tmp_path / "nginx", upstream) as front:
            _as_any_front(front, secret)
            _keeps_for_as_long_as_it_may(front, tmp_path / "nginx")
        with _caddy(tmp_path / "caddy", upstream) as front:
            _as_any_front(front, secret)
    finally:
        service.stop()
    word = max(secret.split("/"), key=len)
    for path in (file for name in ("nginx", "caddy") for file in (tmp_path / name).rglob("*") if file.is_file()):
        assert word.encode() not in path.read_bytes(), f"{path} has a subscriber's secret"


def _as_any_front(front: Front, secret: str) -> None:
    plain = front.get(DOCUMENT)
    assert (plain[0], plain[1]["content-type"]) == (200, "application/atom+xml; charset=utf-8")
    packed = front.get(DOCUMENT, Accept_Encoding="gzip")
    assert gzip.decompress(packed[2]) == plain[2]
    assert packed[1]["etag"] != plain[1]["etag"], "validators are the service's own, for each coding"
    for validators in ({"If_None_Match": packed[1]["etag"]}, {"If_Modified_Since": packed[1]["last-modified"]}):
        assert front.get(DOCUMENT, Accept_Encoding="gzip", **validators)[::2] == (304, b"")
    head = front.get(DOCUMENT, "HEAD")
    assert (head[0], head[1]["content-length"], head[2]) == (200, str(len(plain[2])), b"")
    assert re.search(r"max-age=\d\d?\b", plain[1]["cache-control"])
    assert "https://feeds.example.org/feeds/community.atom" in plain[1]["link"]
    for path in ("/metrics", "/readyz", "/feeds/print.rss", "/feeds/none.rss"):
        assert front.get(path)[0] == 404, path
    assert front.get("/healthz")[0] == 200
    assert front.get(secret)[0] == 200
    assert "no-store" in (cached := front.get(secret)[1]["cache-control"]) or "private" in cached
    login = front.get("/admin/login")
    assert (login[0], login[1]["cache-control"], "via" in login[1]) == (200, "no-store", False)
    assert login[1]["strict-transport-security"] == "max-age=31536000"
    assert front.get("/feeds/../admin/")[0] != 200


def _keeps_for_as_long_as_it_may(front: Front, folder: Path) -> None:
    """Another reader of the same coding is answered out of the cache; nobody else's page is."""
    for _ in range(2):
        front.get(DOCUMENT, Accept_Encoding="br")
        front.get("/")

    def kept() -> list[tuple[str, str, str]]:
        return re.findall(r'"GET (\S+)" (\d+) \d+ (\S+)', (folder / "aggregator.log").read_text())

    # It writes down what it has answered, and only then.
    until(lambda: kept().count(("/", "200", "-")) == 2, "all is in the log")
    assert (DOCUMENT, "200", "MISS") in kept()
    assert [how for path, _, how in kept() if path == DOCUMENT][-1] == "HIT"
    assert front.get("/", "POST", Content_Length=str(13 * 2**20))[0] == 413
    files = [path.read_bytes() for path in (folder / "aggregator").rglob("*") if path.is_file()]
    keys = {re.search(rb"\nKEY: http://aggregator(\S+)", file)[1] for file in files}  # type: ignore[index]  # each has one
    assert all(key.startswith(b"/feeds/") for key in keys), keys
