"""Mutations of text, and a corpus that grows by what they bring to light."""

from __future__ import annotations

import hashlib
import os
import random
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
"""What everybody's runs begin with."""
FOUND = Path(__file__).parent.parent.parent / ".fuzz"
"""What runs here have found since, each beginning with what those before it found; not part of the sources, so that a
run leaves a clone as it was. FUZZ_KEEP=1 puts new finds into the corpus instead, to be committed."""
KEEPING = os.environ.get("FUZZ_KEEP", "") not in ("", "0")
SECONDS = float(os.environ.get("FUZZ_SECONDS", "0"))
SEED = int(os.environ.get("FUZZ_SEED", str(random.SystemRandom().randrange(2**32)) if SECONDS else "20161213"))
KEPT = 60
"""Inputs of one target in one folder: all are tried at each run."""
SIZE_MAX = 4096
_WORDS = [
    "null",
    "true",
    "~",
    "-",
    ":",
    "?",
    "<<",
    "&a",
    "*a",
    "!!python/object",
    "...",
    "---",
    "é",
    "🦊",
    "1e999",
    "0x1f",
    "2026-11-20",
    "&a;",
    "]]>",
    "@context",
    "@id",
]
_CHARACTERS = "\u2028\u202e\ufeff\x85\0\t\n\r \"'&<>[]{}:,-#|*!%@`=;/\\"
TOKENS = [
    *(text.encode() for text in (*_WORDS, *_CHARACTERS, "9" * 300, "[" * 200, "<a>" * 200)),
    *(b"\xff\xfe", b"\xed\xa0\x80", b"<!DOCTYPE x [<!ENTITY a 'b'>]>"),
]


def fuzz(target: str, seeds: Iterable[bytes], see: Callable[[bytes], object], rounds: int = 150) -> None:
    """Puts mutations to a target, which raises where a promise is broken.

    Args:
        see: gives what the target said of an input; where that is new in kind, the input stays in the corpus.
    """
    folder = (CORPUS if KEEPING else FOUND) / target
    kept = _read(folder)
    pool = [seed[:20_000] for seed in seeds] + _read(CORPUS / target)
    # Without time to search, a run is the same on every machine.
    pool += _read(FOUND / target) if SECONDS else []
    seen = {_kind(_put(see, body, target)) for body in pool}
    ends_at, done = time.monotonic() + SECONDS, 0
    chance = random.Random(SEED)
    while done < rounds or time.monotonic() < ends_at:
        body = mutated(random.Random(chance.getrandbits(32)), pool)
        kind = _kind(_put(see, body, target))
        if kind not in seen:
            seen.add(kind)
            pool.append(body)
            if SECONDS and len(body) <= SIZE_MAX and len(kept) < KEPT:
                kept.append(body)
                folder.mkdir(parents=True, exist_ok=True)
                (folder / hashlib.sha256(body).hexdigest()[:16]).write_bytes(body)
        done += 1


def _read(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.glob("*"))] if folder.is_dir() else []


def _put(see: Callable[[bytes], object], body: bytes, target: str) -> object:
    try:
        return see(body)
    except BaseException as error:
        error.add_note(f"FUZZ_SEED={SEED}, target {target}, input {body[:2000]!r}")
        raise


def _kind(said: object) -> str:
    """What was said, without what comes from the input."""
    return re.sub(r"'[^']*'|\"[^\"]*\"|\d+", "·", str(said))[:400]


def mutated(chance: random.Random, pool: list[bytes]) -> bytes:
    """One of the pool with a few bytes, tokens, lines or parts of another in other places."""
    body = bytearray(chance.choice(pool))
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(body))
        kind = chance.randrange(7)
        if kind == 0:
            body[at:at] = chance.choice(TOKENS)
        elif kind == 1:
            del body[at : at + chance.randint(1, 40)]
        elif kind == 2 and body:
            body[min(at, len(body) - 1)] = chance.randrange(256)
        elif kind == 3:
            other = chance.choice(pool)
            start = chance.randint(0, len(other))
            body[at:at] = other[start : start + chance.randint(1, 400)]
        elif kind == 4:
            lines = bytes(body).split(b"\n")
            if chance.random() < 0.2:
                chance.shuffle(lines)
            else:
                lines.insert(chance.randint(0, len(lines)), chance.choice(lines))
            body = bytearray(b"\n".join(lines))
        elif kind == 5:
            body[at:at] = bytes(body[max(0, at - 60) : at]) * chance.randint(1, 3)
        else:
            body[at : at + chance.randint(1, 8)] = chance.choice(TOKENS)
    return bytes(body[:40_000])
