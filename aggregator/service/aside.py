"""Work on what a stranger made large is done beside the event loop: whoever waits for an answer should not notice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

MANY = 300
"""Items of a document from which work on all of them is done in a thread: about 2 ms."""
LARGE = 500_000
"""Bytes of a body from which work on it is."""


async def aside(large: bool, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `work` gives; in a thread where it is large, else at once: to hand over takes 0.1 ms."""
    return await asyncio.to_thread(work, *args, **kwargs) if large else work(*args, **kwargs)
