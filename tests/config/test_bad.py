"""Each file in bad/ states in its first lines, after `#!`, what is said of it: the file is read as it stands, so the
line numbers are its own. The start of its name says which file it takes the place of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aggregator.config import load
from aggregator.errors import ConfigError

BAD = sorted(Path(__file__).with_name("bad").glob("*.yaml"))
PLACES = {
    "aggregator": "aggregator.yaml",
    "sources": "sources.yaml",
    "policies": "policies/herald.yaml",
    "outputs": "outputs.yaml",
    "policy-tests": "policies/tests/herald.yaml",
}


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_file_is_told_with_line_and_remedy(path: Path, write: Callable[..., Path]):
    text = path.read_text(encoding="utf-8")
    expected = [line.removeprefix("#! ") for line in text.splitlines() if line.startswith("#!")]
    place = next(place for kind, place in PLACES.items() if path.name.startswith(f"{kind}-"))
    with pytest.raises(ConfigError) as caught:
        load(write({place: text}))
    assert [str(problem) for problem in caught.value.problems] == expected


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_no_message_shows_a_secret_or_a_python_name(path: Path):
    stated = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#!")]
    assert stated
    for line in stated:
        assert "hunter2" not in line
        assert not any(word in line for word in ("NoneType", "dict", "Keys", "pydantic", "Input should", "Traceback"))
