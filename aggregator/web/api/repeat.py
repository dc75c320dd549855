"""What creates something happens once for each `Idempotency-Key`, however often it is sent.

The same key with another request is a conflict (409), and so is one whose request is still being done. What failed
gives its key back. A key is its account's own, and holds for one address.
"""

from __future__ import annotations

import re
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from aiohttp import web

from aggregator.store import repeats
from aggregator.web.api.operation import KEPT
from aggregator.web.api.problem import Refused, Wrong

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aggregator.web.api.operation import Call

LASTS = timedelta(days=1)
_KEY = re.compile(r"[!-~]{1,255}", re.ASCII)
_KEPT_HEADERS = ("Location",)


async def once(call: Call[Any, Any], key: str, raw: bytes, act: Callable[[], Awaitable[web.Response]]) -> web.Response:
    """Does what is asked, or gives the answer of the first time.

    Raises:
        Refused: the key is none, was used for another request, or its request is not answered yet.
    """
    if not _KEY.fullmatch(key):
        raise _wrong(400, "1 to 255 visible characters of ASCII make a key")
    request, store = call.request, call.store
    own = _digest(call.user.name, request.method, request.path, key)
    asked = _digest(
        request.method, request.path_qs, request.headers.get("If-Match", ""), raw.decode("utf-8", "replace")
    )
    before = await store.write(repeats.begin, own, asked, call.now, call.now + LASTS)
    if before is not None:
        return _again(before, asked)
    try:
        answer = await act()
    except BaseException:
        await store.write(repeats.forget, own)
        raise
    headers = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
    await store.write(repeats.keep, own, answer.status, headers, _kept(answer))
    return answer


def _again(before: repeats.Kept, asked: str) -> web.Response:
    if before.asked != asked:
        raise _wrong(409, "was used for another request; take another key")
    if before.status is None:
        # Also where a crash came between the act and its answer: nobody may guess that it was not done.
        raise Refused(
            409,
            "a request with this key is being done, or ended without a word; look whether it was done before you "
            "take another key",
            [Wrong(detail="Idempotency-Key: its request is not answered", parameter="Idempotency-Key")],
            {"Retry-After": "2"},
        )
    headers = {**before.headers, "Idempotent-Replayed": "true"}
    body = before.body or None
    return web.Response(
        body=body, status=before.status, headers=headers, content_type="application/json" if body else None
    )


def _kept(answer: web.Response) -> bytes:
    kept = answer.get(KEPT)
    return kept if isinstance(kept, bytes) else b""


def _wrong(status: int, detail: str) -> Refused:
    told = Wrong(detail=f"Idempotency-Key: {detail}", parameter="Idempotency-Key")
    return Refused(status, f"this Idempotency-Key {detail}", [told])


def _digest(*parts: str) -> str:
    told = sha256()
    for part in parts:
        body = part.encode("utf-8", "surrogateescape")
        told.update(len(body).to_bytes(8) + body)
    return told.hexdigest()
