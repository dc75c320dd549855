"""A form that is sent twice does its work once: of two presses of one button the second gets the answer of the first.

Browsers send a form again when somebody presses twice, or loads the page anew. Each session has its last form
remembered for a few seconds, by all that stands in it, until it sends another or looks at a page. Several web processes
do not remember for one another: what must never happen twice there is seen to in the store.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from multidict import MultiDictProxy

SECONDS = 5.0
"""How long the last form of a session is remembered after its answer."""
_CHUNK = 1 << 20


@dataclass(slots=True)
class _Sent:
    key: bytes
    answer: asyncio.Future[web.Response]
    until: float
    """On the clock of the event loop; infinite while it is being answered."""


class Twice:
    """The last form of each session."""

    def __init__(self) -> None:
        self._last: dict[str, _Sent] = {}

    async def once(
        self, session: str, key: bytes, handle: Callable[[], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """The answer to a form; that of the same form of a moment ago, if there was one and it did something.

        Args:
            session: whose form it is.
            key: digest of the form and its address.
            handle: answers it.
        """
        now = asyncio.get_running_loop().time()
        self._last = {name: one for name, one in self._last.items() if one.until > now}
        known = self._last.get(session)
        if known is not None and known.key == key:
            return _copy(await asyncio.shield(known.answer))
        sent = self._last[session] = _Sent(key, asyncio.get_running_loop().create_future(), float("inf"))
        try:
            answer = await _answered(handle)
        except BaseException as error:
            self._forget(session, sent)
            # Whoever waits for the answer is told the same; if nobody does, the event loop has nothing to complain of.
            if isinstance(error, web.HTTPException):
                sent.answer.set_result(_copy(error))
            else:
                sent.answer.set_exception(error if isinstance(error, Exception) else web.HTTPServiceUnavailable())
                sent.answer.exception()
            raise
        if not isinstance(answer, web.Response) or answer.status >= 400:
            self._forget(session, sent)
        sent.until = asyncio.get_running_loop().time() + SECONDS
        kept = answer if isinstance(answer, web.Response) else web.Response(status=answer.status)
        sent.answer.set_result(_copy(kept))
        return answer

    def seen(self, session: str) -> None:
        """Somebody looked at a page: what is sent after that is meant, also if it was sent before."""
        known = self._last.get(session)
        if known is not None and known.answer.done():
            del self._last[session]

    def _forget(self, session: str, sent: _Sent) -> None:
        if self._last.get(session) is sent:
            del self._last[session]


async def _answered(handle: Callable[[], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
    """An answer; a page that a handler leads to by raising it is one, too."""
    try:
        return await handle()
    except web.HTTPRedirection as led:
        return _copy(led)


def _copy(answer: web.Response) -> web.Response:
    """The same answer, not sent yet."""
    body = answer.body if isinstance(answer.body, bytes) else None
    headers = answer.headers.copy()
    headers.popall("Content-Length", None)
    made = web.Response(status=answer.status, body=body, headers=headers)
    made.cookies.update(answer.cookies)
    return made


def form_key(path: str, form: MultiDictProxy[str | bytes | bytearray | web.FileField]) -> bytes:
    """Digest of a form, its files included, and of the address that it goes to."""
    digest = blake2b(path.encode("utf-8", "surrogatepass"), digest_size=16)
    for name, value in form.items():
        digest.update(f"\0{name}\0".encode("utf-8", "surrogatepass"))
        if isinstance(value, web.FileField):
            digest.update(f"{value.filename}\0".encode("utf-8", "surrogatepass"))
            while chunk := value.file.read(_CHUNK):
                digest.update(chunk)
            value.file.seek(0)
        else:
            digest.update(value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value)
    return digest.digest()
