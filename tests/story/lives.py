"""The real service for drills, started again at once: imports are made once, and each life is a fork of that.

Told `folder` on a line it starts a life there and prints its process number; when that life has ended, `ended`. A life
reads documents itself, because starting workers takes longer than all else of it; it looks at what is due more often.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from aggregator.intake.parse import parse
from aggregator.model.parsed import ParsedFeed, ParseFailed, ParseRequest
from aggregator.wiring import outside, serve

TICK = 0.1


class Here:
    """Reads in this process, as the pool's children do."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    async def __aenter__(self) -> Here:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def parse(self, request: ParseRequest) -> ParsedFeed | ParseFailed:
        return parse(request)


def live(folder: Path) -> None:
    """One life, until it is ended: says where it answers in `started`, and all else in `log`."""
    log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    outside.ParserPool = Here  # for this life only
    serve.TICK = TICK

    def announce(started: serve.Started) -> None:
        new = folder / "started.new"
        new.write_text(started.url)
        new.rename(folder / "started")  # whoever sees it finds the whole address in it

    asyncio.run(serve.run(folder / "config", announce))


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main() -> None:
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            try:
                live(Path(line.strip()))
            finally:
                os._exit(0)
        say(str(process))
        os.waitpid(process, 0)
        say("ended")


if __name__ == "__main__":
    main()
