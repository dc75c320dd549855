"""What becomes free goes back to the system, where the C library can be told to; elsewhere nothing breaks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from aggregator.wiring import allocator


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    allocator._found.cache_clear()
    yield
    allocator._found.cache_clear()


def has_glibc() -> bool:
    return sys.platform == "linux" and allocator._found("gnu_get_libc_version") is not None


BUSY = """
import threading
from aggregator.wiring import allocator
assert allocator.keep_little({})
def held():
    sizes = [line.split() for line in open("/proc/self/smaps_rollup") if line.startswith("Rss:")]
    return int(sizes[0][1]) * 1024
def work():
    made.append([bytes(20_000) for _ in range(1_000)])
made = []
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
last = bytes(20_000)  # behind all that goes
full = held()
made.clear()
allocator.give_back()
print(full - held())
"""


@pytest.mark.skipif(not has_glibc(), reason="the C library is not glibc")
def test_what_threads_have_freed_goes_back_to_the_system() -> None:
    """80 MB in small blocks, and something that stays behind them. In a process of its own: it cannot be undone."""
    told = subprocess.run([sys.executable, "-c", BUSY], capture_output=True, text=True, check=True)
    assert int(told.stdout) > 70_000_000


@pytest.mark.parametrize("name", ["MALLOC_ARENA_MAX", "GLIBC_TUNABLES"])
def test_what_an_operator_has_chosen_stands(name: str) -> None:
    assert allocator.keep_little({name: "1"}) is False


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allocator.ctypes, "CDLL", lambda name: object())
    assert allocator.keep_little({}) is False
    allocator.give_back()


def test_so_is_a_system_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(name: object) -> object:
        raise OSError("no such library")

    monkeypatch.setattr(allocator.ctypes, "CDLL", none)
    assert allocator.keep_little({}) is False
    allocator.give_back()


def test_a_service_on_sqlite_does_not_load_what_only_postgresql_needs() -> None:
    """SQLAlchemy's ORM comes with its asyncio, and takes 7 MB."""
    code = "import sys, aggregator.wiring.serve; print([one for one in sys.modules if 'sqlalchemy.orm' in one])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
