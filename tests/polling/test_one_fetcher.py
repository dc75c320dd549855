"""Nothing but the fetcher opens a connection to a server that is not ours (P7); the linter's list keeps it so too."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "aggregator"
ALLOWED = {"polling/fetch.py", "polling/hop.py", "polling/guard.py", "polling/resolver.py", "polling/wire.py"}
OUR_OWN = {
    # Those that read for a process are told over a pair of sockets.
    "intake/nursery.py": ["socket"],
    "intake/pool.py": ["open_unix_connection"],
    "intake/worker.py": ["socket", "socket"],
    "cli/doctor.py": ["getaddrinfo"],  # looks its own names up, and connects to nothing
    "engine/systemd.py": ["socket"],  # tells the service manager of this machine, over its UNIX socket
}
MODULES = {"urllib.request", "http.client", "ftplib", "telnetlib", "imaplib", "poplib", "xmlrpc", "requests", "httpx",
           "urllib3", "httplib2", "pycurl", "websockets"}  # fmt: skip
NAMES = {"ClientSession", "TCPConnector", "UnixConnector", "BaseConnector", "open_connection", "create_connection",
         "open_unix_connection", "create_datagram_endpoint", "sock_connect", "urlopen", "getaddrinfo"}  # fmt: skip


def offences(source: str) -> list[str]:
    """What in a module could open a connection."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if _of(alias.name)]
        elif isinstance(node, ast.ImportFrom):
            names = [alias.name for alias in node.names]
            base = node.module or ""
            found += [f"{base}.{name}" for name in names if _of(base) or _of(f"{base}.{name}") or name in NAMES]
            found += [
                f"{base}.{name}" for name in names if (base, name) in {("socket", "socket"), ("aiohttp", "request")}
            ]
        elif isinstance(node, ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            if node.attr in NAMES or (owner, node.attr) in {("socket", "socket"), ("aiohttp", "request")}:
                found.append(node.attr)
    return found


def _of(module: str) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in MODULES)


def test_only_the_parser_knows_feedparser() -> None:
    """P35: it can be replaced in one place."""
    knowing = [
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if any("feedparser" in name for name in _imported(path.read_text(encoding="utf-8")))
    ]
    assert knowing == ["intake/parse.py"]


def _imported(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append(node.module or "")
    return found


def test_only_the_fetcher_opens_connections() -> None:
    paths = sorted(PACKAGE.rglob("*.py"))
    assert len(paths) > 100
    found = {
        str(path.relative_to(PACKAGE)): offences(path.read_text(encoding="utf-8"))
        for path in paths
        if str(path.relative_to(PACKAGE)) not in ALLOWED
    }
    assert {name: what for name, what in found.items() if what} == OUR_OWN


@pytest.mark.parametrize(
    "source",
    [
        "import urllib.request",
        "from urllib import request",
        "from urllib.request import urlopen as get",
        "import aiohttp as a\na.ClientSession()",
        "from aiohttp import ClientSession",
        "import aiohttp\naiohttp.request('GET', '')",
        "from aiohttp import request",
        "import http.client",
        "import asyncio\nasyncio.open_connection('a', 1)",
        "async def f(loop): await loop.create_connection(None, 'a', 1)",
        "from socket import socket",
        "import socket\nsocket.socket()",
        "import httpx",
    ],
)
def test_the_test_finds_what_it_looks_for(source: str) -> None:
    assert offences(source)
