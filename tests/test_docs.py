"""The documentation says what is so: its links lead somewhere, its commands exist, its reference is fresh."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from aggregator import cli
from aggregator.publishing.jsonfeed import RIGHTS_KEYS
from tests.reference import reference

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("deploy/*.md")])
COMMANDS_PAGE = ROOT / "docs" / "commands.md"
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
COMMAND = re.compile(r"(?:^|[\s`'(/])aggregator (?:--config \S+ )?([a-z]+)(?: ([a-z]+))?", re.MULTILINE)

OPENING = """\
# Commands

Every command takes `--config DIR` (the configuration folder, else `$AGGREGATOR_CONFIG`, else `config`) and, where it
prints a report, `--json` (one JSON document on standard output), before or after its name.

Exit codes: 0 fine · 1 something is held back or failed · 2 usage or configuration. Errors go to standard error, a line
each.

This page is made from the program's own help; a test compares them.
"""


def _leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, with the words that call it."""
    below = getattr(command, "commands", None)
    if not below:
        yield path, command
        return
    for name in sorted(below):
        yield from _leaves(below[name], (*path, name))


LEAVES = dict(_leaves(get_command(cli.application())))


def _reference() -> str:
    parts = [OPENING]
    for path, command in LEAVES.items():
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        shown = "".join(f" {p.name.upper()}" if p.required else f" [{p.name.upper()}…]" for p in arguments)
        parts.append(f"## `aggregator {' '.join(path)}{shown}`\n\n{' '.join((command.help or '').split())}\n")
        options = [p for p in command.params if p.param_type_name == "option" and p.name not in {"config", "json"}]
        lines = [f"- `{', '.join(p.opts)}`: {' '.join((p.help or '').split())}" for p in options if not p.hidden]
        if lines:
            parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def test_the_reference_of_commands_is_fresh() -> None:
    """`COMMANDS=write pytest tests/test_docs.py` makes it anew."""
    if os.environ.get("COMMANDS") == "write":
        COMMANDS_PAGE.write_text(_reference())
    assert COMMANDS_PAGE.read_text() == _reference()


def test_every_command_and_option_says_what_it_is_for() -> None:
    """Somebody who types --help is told something about each word."""
    silent = [(path, None) for path, command in LEAVES.items() if not command.help]
    silent += [
        (path, parameter.name)
        for path, command in LEAVES.items()
        for parameter in command.params
        if parameter.param_type_name == "option" and not parameter.help
    ]
    assert silent == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    missing = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_documentation_exist(page: Path) -> None:
    named = {tuple(filter(None, match.groups())) for match in COMMAND.finditer(page.read_text())}
    groups = {path[0] for path in LEAVES}
    calls = {words for words in named if words[0] in groups}
    whole_groups = {path[:1] for path in LEAVES if len(path) == 2}
    unknown = [words for words in calls if not {words, words[:1]} & LEAVES.keys() and words not in whole_groups]
    assert unknown == []


@pytest.mark.parametrize("suffix", ["py", "md", "yaml", "toml", "html", "txt", "service", "conf"])
def test_no_file_names_one_machine(suffix: str) -> None:
    """No path of the machine on which it was written, and no registry's address."""
    marks = re.compile(r"(?<![\w.])/(?:root|work|home/[a-z]+)/|pypi\.|pythonhosted|registry\.npmjs")
    folders = [ROOT / name for name in ("aggregator", "benchmarks", "config", "deploy", "docs", "templates", "tests")]
    files = [path for folder in folders for path in folder.rglob(f"*.{suffix}")] + list(ROOT.glob(f"*.{suffix}"))
    here = Path(__file__)
    assert [str(path) for path in files if path != here and marks.search(path.read_text(errors="replace"))] == []


def test_the_page_on_json_rights_has_every_key_with_its_meaning() -> None:
    text = (ROOT / "docs" / "json-rights.md").read_text(encoding="utf-8")
    assert dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", text, re.MULTILINE)) == RIGHTS_KEYS


def test_every_promise_names_tests_that_there_are():
    """The table of docs/security.md against the files: each row has a test, and each test is there."""
    rows = re.findall(r"^\| ([PR]\d+) \|.*$", (ROOT / "docs/security.md").read_text("utf-8"), re.MULTILINE)
    assert rows == [f"P{n}" for n in range(1, 36)] + [f"R{n}" for n in range(1, 21)]
    for line in (ROOT / "docs/security.md").read_text("utf-8").splitlines():
        if re.match(r"\| [PR]\d+ \|", line):
            named = re.findall(r"`([a-z_/]+\.py)::(test_\w+)`", line)
            assert named, line[:80]
            for path, name in named:
                assert f"def {name}(" in (ROOT / "tests" / path).read_text("utf-8"), f"{path}::{name}"


def test_the_reference_of_keys_is_fresh() -> None:
    """`REFERENCE=write pytest tests/test_docs.py` makes it anew."""
    page = ROOT / "docs" / "reference.md"
    if os.environ.get("REFERENCE") == "write":
        page.write_text(reference(), encoding="utf-8")
    assert page.read_text(encoding="utf-8") == reference()


def test_the_page_on_configuration_names_every_key() -> None:
    """It explains what the reference lists; a key that stands in one of them only is news that nobody is told."""
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    keys = re.findall(r"^\| `(\w+)` \|", reference(), re.MULTILINE)
    assert len(keys) > 150
    assert sorted({key for key in keys if f"`{key}`" not in text}) == []
