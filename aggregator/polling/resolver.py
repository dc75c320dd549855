"""Names to addresses, of which only public ones are handed on where the guard stands (P6)."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable

from aiohttp.abc import AbstractResolver, ResolveResult

from aggregator.polling.guard import AddressRefused, AddrInfo, refusal

Lookup = Callable[[str, int, socket.AddressFamily], list[AddrInfo]]


def look_up(host: str, port: int, family: socket.AddressFamily) -> list[AddrInfo]:
    """The operating system's answer. Blocks."""
    return list(socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG))


class Resolver(AbstractResolver):
    """Names to addresses; where guarded, only public ones.

    Each lookup has a thread of its own, a daemon. In the loop's own pool of six threads (four under uvloop) a few
    names whose server does not answer would hold up every other feed, and would have to be waited for at the end.
    """

    def __init__(self, *, guarded: bool, lookup: Lookup = look_up) -> None:
        self._guarded = guarded
        self._lookup = lookup

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """All addresses that may be connected to.

        Raises:
            AddressRefused: there are addresses, and none may be.
            OSError: there are none.
        """
        found = await self._found(host, port, family)
        usable = [info for info in found if not self._guarded or refusal(str(info[4][0])) is None]
        if found and not usable:
            address = str(found[0][4][0])
            raise AddressRefused(address, refusal(address) or "")
        return [_result(host, info) for info in usable]

    async def judge(self, host: str) -> None:
        """For a connection that somebody else makes, to whichever of the addresses: all of them must be public.

        Raises:
            AddressRefused: one of them is not.
            OSError: there are none.
        """
        for info in await self._found(host, 0, socket.AF_UNSPEC):
            address = str(info[4][0])
            if why := refusal(address):
                raise AddressRefused(address, why)

    async def _found(self, host: str, port: int, family: socket.AddressFamily) -> list[AddrInfo]:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[AddrInfo]] = loop.create_future()

        def settle(found: list[AddrInfo] | None, problem: Exception | None) -> None:
            if answer.done():
                return
            if problem is not None:
                answer.set_exception(problem)
            else:
                answer.set_result(found or [])

        def work() -> None:
            found: list[AddrInfo] | None = None
            problem: Exception | None = None
            try:
                found = self._lookup(host, port, family)
            except OSError as failed:
                problem = failed
            except UnicodeError:  # a label that is empty or longer than 63 characters
                problem = socket.gaierror(socket.EAI_NONAME, "not a host name")
            with contextlib.suppress(RuntimeError):  # the loop has closed: nobody waits any more
                loop.call_soon_threadsafe(settle, found, problem)

        threading.Thread(target=work, name="lookup", daemon=True).start()
        return await answer

    async def close(self) -> None:
        """Nothing to close: threads end with their lookup."""


def _result(host: str, info: AddrInfo) -> ResolveResult:
    family, _, proto, _, address = info
    name = str(address[0])
    if family == socket.AF_INET6 and len(address) > 3 and address[3] and "%" not in name:
        name = f"{name}%{address[3]}"  # aiohttp hands on only host and port, and the scope would be lost
    return ResolveResult(
        hostname=host,
        host=name,
        port=int(address[1]),
        family=family,
        proto=proto,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )
