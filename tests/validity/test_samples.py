"""Every format of every sample output is valid by its format's rules, and nothing that we cause earns a warning."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from aggregator.cli import run
from aggregator.publishing.catalogue import output_list
from tests.validity.checks import CHECKS, check_opml

BASE = "http://127.0.0.1:8080"


@pytest.fixture(scope="session")
def exported(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample outputs as files."""
    folder = tmp_path_factory.mktemp("exported")
    shutil.copytree(sample, folder, dirs_exist_ok=True)
    assert run(["--config", str(folder / "config"), "export", str(folder / "site")]) == 0
    return folder / "site" / "feeds"


@pytest.mark.parametrize("format_", [name for name in CHECKS if name != "txt"])
def test_every_sample_output_is_valid(format_: str, exported: Path):
    paths = sorted(exported.glob(f"[a-z]*.{format_}"))
    assert len(paths) >= 3
    found = {path.name: CHECKS[format_](path.read_bytes(), f"{BASE}/feeds/{path.name}") for path in paths}
    assert {name: problems for name, problems in found.items() if problems} == {}


def test_the_list_of_outputs_is_valid(exported: Path):
    assert check_opml((exported.parent / "outputs.opml").read_bytes()) == []


def test_a_list_of_no_outputs_is_valid_too():
    """A body without an outline is an error to the W3C's validator."""
    body = output_list((), title="t", owner="o", email=None, url="https://us.example/", modified_at=None)
    assert check_opml(body) == []
