"""What the C library does with memory that is free: gives it back, as far as it can be told to.

glibc gives each thread that allocates a heap of its own, keeps in each what was freed, and lets what it keeps grow with
the largest block that ever was. A service that polls has a dozen threads and bursts of work: half of what it held was
free. Here is the one place that talks to the C library about it (readers are born with settings of their own, see
`intake.nursery`); where that is another (musl, macOS), nothing happens.
"""

from __future__ import annotations

import ctypes
import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# malloc.h
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8

TRIM = 1 << 20
"""Bytes that may be free at the end of the heap before they go back."""
APART = 1 << 20
"""Bytes of a block from which on it is mapped by itself, and so goes back when it is freed."""
_CHOSEN = ("MALLOC_ARENA_MAX", "MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")


def keep_little(environ: Mapping[str, str] = os.environ) -> bool:
    """Has all threads share one heap, and free memory go back soon. To be called before there are threads.

    Returns:
        Whether it was done: not where an operator has chosen otherwise in the environment, nor where the C library
        knows nothing of it.
    """
    mallopt = _found("mallopt")
    if mallopt is None or any(name in environ for name in _CHOSEN):
        return False
    mallopt.argtypes, mallopt.restype = (ctypes.c_int, ctypes.c_int), ctypes.c_int
    done = [mallopt(_ARENA_MAX, 1), mallopt(_TRIM_THRESHOLD, TRIM), mallopt(_MMAP_THRESHOLD, APART)]
    return done == [1, 1, 1]


def give_back() -> None:
    """Lets go of pages that are free in the midst of the heap, too. Milliseconds, in which other threads may wait."""
    trim = _found("malloc_trim")
    if trim is not None:
        trim.argtypes, trim.restype = (ctypes.c_size_t,), ctypes.c_int
        trim(0)


@cache
def _found(name: str) -> ctypes._NamedFuncPointer | None:
    """A function of the C library that this process has; None: it has none of the name."""
    try:
        return getattr(ctypes.CDLL(None), name, None)
    except (OSError, TypeError):  # there is no such library
        return None
