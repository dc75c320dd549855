"""Samples in the documentation are what they say: configuration is read, commands are parsed, and run where possible.

A line that can be neither carries `# docs: skip, WHY`. Lines in capitals stand for something of the reader's own.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from aggregator import cli
from aggregator.cli import run
from aggregator.config import load
from aggregator.config.read import read
from aggregator.config.written import (
    OutputKeys,
    PolicyKeys,
    PolicyTestKeys,
    RuleKeys,
    SettingsKeys,
    SourceKeys,
    UseKeys,
    Written,
)

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("deploy/*.md")])
FENCE = re.compile(
    r"^(?P<fence>```+)(?P<kind>[a-z0-9-]*)[^\n]*\n(?P<text>.*?)^(?P=fence)\s*$", re.MULTILINE | re.DOTALL
)
SKIP = re.compile(r"#\s*docs: skip, \S+")
KINDS = {"console", "sh", "yaml", "json", "http", "text", "turtle", "xml", "html", "nginx", "css", "python", "php", ""}
MODELS: tuple[type[Written], ...] = (
    SettingsKeys,
    SourceKeys,
    PolicyKeys,
    OutputKeys,
    PolicyTestKeys,
    RuleKeys,
    UseKeys,
)
STAYS = {("run",), ("worker",)}
"""Commands that do not end by themselves."""
SHELL = {"cp", "echo", "export", "kill", "mkdir", "newsboat", "python3", "systemctl", "useradd", "journalctl", "curl"}
"""Programs that samples may call without a word of explanation."""


@dataclass(frozen=True)
class Block:
    page: Path
    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def _blocks() -> Iterator[Block]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for found in FENCE.finditer(text):
            yield Block(page, text.count("\n", 0, found.start()) + 1, found["kind"], found["text"])


BLOCKS = list(_blocks())


def commands_of(block: Block) -> Iterator[str]:
    """The commands of a console block, each as one line, without those that are marked."""
    for line in block.text.replace("\\\n", " ").splitlines():
        if not SKIP.search(line) and (found := re.match(r"[$#] (.*)", line)):
            yield found[1].split("  # ")[0].strip()


def _of(*kinds: str) -> list[Block]:
    return [block for block in BLOCKS if block.kind in kinds]


def test_every_block_says_what_it_is():
    assert {block.kind for block in BLOCKS} <= KINDS
    assert len(_of("console", "sh")) > 10
    assert len(_of("yaml")) > 8


@pytest.mark.parametrize("block", _of("yaml"), ids=str)
def test_yaml_is_configuration(block: Block, tmp_path: Path):
    """Whole files are loaded; of others each key must be one that is known where it could stand."""
    if "# docs: skip, " in block.text:
        return
    head = re.match(r"# config/(aggregator\.yaml)\n", block.text)
    if head:
        shutil.copytree(ROOT / "config", tmp_path / "config")
        (tmp_path / "config" / head[1]).write_text(block.text, encoding="utf-8")
        load(tmp_path / "config")
    found = read(block.text.encode())
    assert not found.findings, f"{block}: {found.findings}"
    known = [{field.alias or name for name, field in model.model_fields.items()} for model in MODELS]
    for entry in found.value if isinstance(found.value, list) else [found.value]:
        assert isinstance(entry, dict), block.text
        near = min(known, key=lambda names: len(set(entry) - names))
        assert set(entry) - near <= {"rules"}, f"{block}: {sorted(set(entry) - near)}"


@pytest.mark.parametrize("block", _of("json"), ids=str)
def test_json_is_json(block: Block):
    """Up to the ellipses that stand for what is left out."""
    for part in re.split(r"\n(?=\{)", block.text.strip()):
        json.loads(re.sub(r",?\s*…", "", part) or "null")


@pytest.mark.parametrize("block", _of("console", "sh"), ids=str)
def test_commands_are_known(block: Block):
    """Options, arguments and targets as they are; other programs are few, or said to be skipped and why."""
    for line in commands_of(block):
        words = shlex.split(line, comments=True)
        while words and re.match(r"[A-Z_]+=", words[0]):
            words.pop(0)  # a variable in front
        program = words[0].rpartition("/")[2]
        if program == "aggregator":
            _parse(words[1:], f"{block}: {line}")
        elif program == "make":
            targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
            assert {word for word in words[1:] if "=" not in word} <= targets, f"{block}: {line}"
        else:
            assert program in SHELL or "bin/" in words[0], f"{block}: {line}: add '# docs: skip, WHY'"
        for word in words:
            if word.startswith(("deploy/", "docs/", "benchmarks/")):
                assert (ROOT / word).exists(), f"{block}: {word}"


def _parse(words: list[str], where: str) -> None:
    """As the program does, but for the call itself."""
    command: Any = get_command(cli.application())
    context = None
    ends = [number for number, word in enumerate(words) if word in ("|", "<", ">", ">>")]
    rest = words[: min(ends, default=len(words))]
    while True:
        try:
            context = command.make_context("aggregator", list(rest), parent=context)
        except Exception as error:
            pytest.fail(f"{where}: {getattr(error, 'message', error)}")
        if not getattr(command, "commands", None):
            return
        rest = [*context._protected_args, *context.args] if hasattr(context, "_protected_args") else context.args
        if not rest:
            return
        assert rest[0] in command.commands, f"{where}: there is no '{rest[0]}'"
        command, rest = command.commands[rest[0]], rest[1:]


def _runnable() -> Iterator[tuple[str, list[str]]]:
    seen = set()
    for block in _of("console", "sh"):
        if block.page.name == "tutorial-operator.md":
            continue  # tests/story/test_tutorial.py walks it
        for line in commands_of(block):
            words = shlex.split(line, comments=True)
            if words[0].rpartition("/")[2] != "aggregator" or line in seen or any(c in line for c in "|<>"):
                continue
            seen.add(line)
            own = [
                word
                for word in words
                if re.search(r"^[a-z]-[0-9a-f]{8}$|^[A-Z]{3,}(\.[A-Z]+)?$|/etc/|/var/|/srv/", word)
            ]
            plain = [word for word in words[1:] if not word.startswith("-")]
            if own or tuple(plain[:1]) in STAYS or "--send" in words or "http" in line:
                continue
            yield f"{block}", words[1:]


def test_commands_without_anything_of_the_readers_run(sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """In the folder of a new user, one after the other, as somebody would who follows the pages."""
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    commands = list(_runnable())
    assert len(commands) >= 8
    for where, words in commands:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(words)
        assert code in (0, 1), f"{where}: aggregator {' '.join(words)}: {err.getvalue()}"
