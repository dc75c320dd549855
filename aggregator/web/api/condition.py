"""ETags: what has not changed is not sent again, and what somebody else has changed is not overwritten."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from hashlib import blake2b
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from aiohttp import hdrs, web

from aggregator.web.api.problem import Refused, Wrong

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

_TAGS = re.compile(r'\s*(W/)?("[\x21\x23-\x7e]*")\s*(?:,|$)')


def etag_of(body: bytes) -> str:
    """Strong: another answer is another tag."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'


def encoded(request: web.Request, body: bytes, media: str, headers: dict[str, str]) -> web.Response:
    """The answer to a GET; 304 where the caller has it (RFC 9110, 13.1.2)."""
    etag = etag_of(body)
    headers = {**headers, hdrs.ETAG: etag, hdrs.CACHE_CONTROL: "private, no-cache"}
    asked = request.headers.get(hdrs.IF_NONE_MATCH)
    if asked is not None and (asked.strip() == "*" or etag in _tags(asked, weak=True)):
        return web.Response(status=304, headers=headers)
    kind, _, charset = media.partition("; charset=")
    return web.Response(body=body, content_type=kind, charset=charset or None, headers=headers)


def _tags(value: str, *, weak: bool) -> list[str]:
    return [tag for mark, tag in _TAGS.findall(value) if weak or not mark]


class Edits:
    """Lets one edit of one thing happen at a time, from its check to its end."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def alone(self, path: str) -> AsyncIterator[None]:
        lock = self._locks.get(path)
        if lock is None:
            lock = self._locks[path] = asyncio.Lock()
        async with lock:
            yield


async def check(request: web.Request, etag: Callable[[], Awaitable[str]], *, must: bool) -> None:
    """Compares `If-Match` with what stands (RFC 9110, 13.1.1).

    Args:
        etag: of what stands now.
        must: without `If-Match`, nothing may be done.
    Raises:
        Refused: it is missing, or names something else.
    """
    asked = request.headers.get(hdrs.IF_MATCH)
    if asked is None:
        if must:
            await etag()  # what is not there is not there, whatever was sent
            wrong = Wrong(detail="If-Match: is missing", parameter="If-Match")
            raise Refused(428, "send in 'If-Match' the ETag of what you read before", [wrong])
        return
    if asked.strip() == "*":
        await etag()
        return
    if await etag() not in _tags(asked, weak=False):
        wrong = Wrong(detail="If-Match: is not the ETag of what stands", parameter="If-Match")
        raise Refused(412, "it was changed since you read it; read it again", [wrong])
