"""A small good configuration, to be spoilt one file at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

GOOD = {
    "aggregator.yaml": "site: {name: Riverside, url: https://riverside.example/, email: desk@riverside.example}\n",
    "sources.yaml": "- {id: herald, feed: https://herald.example/feed, policy: herald, tags: [world]}\n",
    "policies/herald.yaml": "id: herald\npublisher: {name: The Herald}\nrules:\n  - allow: headline\n",
    "outputs.yaml": "- {id: community, use: {audience: community}}\n",
}


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Writes a configuration below the current folder: the good one, with files replaced, added or (None) left out."""
    monkeypatch.chdir(tmp_path)

    def write(files: dict[str, str | bytes | None] | None = None) -> Path:
        for name, text in {**GOOD, **(files or {})}.items():
            path = tmp_path / "config" / name
            if text is None:
                path.unlink(missing_ok=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode() if isinstance(text, str) else text)
        return Path("config")

    return write
