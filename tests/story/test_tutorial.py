"""The operator's tutorial, done as it is written: each command and each file of it, with the publisher on loopback."""

from __future__ import annotations

import re
import shlex
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, cli
from tests.test_samples_in_docs import BLOCKS, Block, commands_of

__all__ = ["cli"]

PAGE = "tutorial-operator.md"
HOME = """<!doctype html><title>The Publisher</title>
<link rel="alternate" type="application/rss+xml" title="The Publisher" href="/feed.xml">
"""
TERMS = """<!doctype html><title>Republish</title>
<p>Community websites may republish our articles in full, with credit and a link.
All others, please ask rights@publisher.example.</p>
"""
FEED = """<rss version="2.0"><channel><title>The Publisher</title><link>{home}/</link><description>News</description>
<item><title>The quay is open again</title><link>{home}/quay</link><guid isPermaLink="false">tag:publisher,2026:1</guid>
<pubDate>Tue, 24 Nov 2026 08:00:00 GMT</pubDate>
<description>&lt;p&gt;The quay is open again.&lt;/p&gt;</description></item>
</channel></rss>"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Not on the tests' output."""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[str]:
    """The publisher's site."""
    folder = tmp_path / "publisher"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), lambda *given: _Quiet(*given, directory=str(folder))) as server:
        address = f"http://127.0.0.1:{server.server_address[1]}"
        for name, text in (("index.html", HOME), ("republish", TERMS), ("feed.xml", FEED.format(home=address))):
            (folder / name).write_text(text)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield address
        server.shutdown()


def _type(cli: Cli, line: str) -> str:
    """What a command prints, or writes into the file behind `>`; 1 is no failure: something is held, or would go."""
    words = shlex.split(line, comments=True)
    if words[0] == "cp":
        shutil.copytree(words[-2], words[-1], dirs_exist_ok=True)
        return ""
    if words[0] in ("make", "export"):
        return ""
    assert words[0] == "aggregator", line
    into = words.index(">") if ">" in words else len(words)
    said = cli(*words[1:into], *(["--yes"] if words[1:3] == ["sources", "add"] else []))
    assert said.code in (0, 1), f"{line}: {said.err}"
    assert not any(told.startswith("aggregator:") for told in said.lines), f"{line}: {said.err}"
    if into < len(words):
        Path(words[-1]).write_text(said.out, encoding="utf-8")
    return said.out


def _save(block: Block, home: str) -> None:
    """A sample of a file, where its first line says it is."""
    named = re.match(r"# (config/\S+\.yaml)", block.text)
    assert named, f"{block}: says not where it belongs"
    path, text = Path(named[1]), _of_loopback(block.text, home)
    if path.name == "aggregator.yaml":
        old = re.sub(r"(?m)^site:.*\n(  .*\n)*", "", path.read_text(encoding="utf-8"))
        text = old.replace("private_addresses: false", "private_addresses: true") + "\n" + text
    elif path.name == "outputs.yaml":
        text = path.read_text(encoding="utf-8") + "\n" + text
    path.write_text(text, encoding="utf-8")


def _of_loopback(text: str, home: str) -> str:
    return text.replace("https://www.publisher.example", home).replace("[publisher.example]", "[127.0.0.1]")


def test_the_operators_tutorial(cli: Cli, sample: Path, tmp_path: Path, home: str, monkeypatch: pytest.MonkeyPatch):
    """Its last page withdraws what its fourth has published. A running service polls and builds by itself."""
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    said: dict[str, str] = {}
    key, published = "", False
    for block in (one for one in BLOCKS if one.page.name == PAGE):
        if block.kind == "yaml":
            _save(block, home)
            continue
        for line in commands_of(block):
            said[line] = _type(cli, _of_loopback(line, home).replace("ENTRY", key))
            if line.startswith("aggregator sources add"):
                _type(cli, "aggregator poll publisher")
                [key] = [one["key"] for one in cli("entries", "list", "--source", "publisher", "--json").json]
            if line.startswith("aggregator build"):
                published = _is_out(cli)
    assert published
    assert "rights@publisher.example" in Path("proposal.yaml").read_text(encoding="utf-8")
    assert "Community sites may show" in said["aggregator policy show publisher"]
    assert "1 entry appears" in said["aggregator plan --config next"]
    _type(cli, "aggregator build")
    assert not _is_out(cli)


def _is_out(cli: Cli) -> bool:
    _type(cli, "aggregator export site")
    return "The quay is open again" in Path("site/feeds/elm-street.html").read_text(encoding="utf-8")
