"""What tests ask of a folder that is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aggregator.config import (
    load,
)
from aggregator.errors import ConfigError
from aggregator.model.policy import (
    Policy,
)

Write = Callable[..., Path]


def problems(folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder)
    return [str(problem) for problem in caught.value.problems]


def warnings(folder: Path) -> list[str]:
    return [str(warning) for warning in load(folder).warnings]


def policy(write: Write, text: str) -> Policy:
    return load(write({"policies/herald.yaml": f"id: herald\npublisher: {{name: The Herald}}\n{text}"})).policies[0]
