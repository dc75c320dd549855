"""Tables of cases, read by the C library: PyYAML's own reader takes ten times as long, in each process that tests."""

from __future__ import annotations

from typing import Any

import yaml


def table(text: str) -> Any:
    """What the YAML text says, in plain values."""
    return yaml.load(text, Loader=yaml.CSafeLoader)
