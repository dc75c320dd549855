"""The application under `/api/v1`: each row of the table behind the same checks, in the same order."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import orjson
import structlog
from aiohttp import hdrs, web
from pydantic import ValidationError

from aggregator.errors import AggregatorError, ConfigError, EditError, MailError, RenderError, UsageError
from aggregator.model.account import Role, Token, User
from aggregator.store import UnavailableError
from aggregator.web.admin.access import NUL
from aggregator.web.api import condition
from aggregator.web.api.document import document_of, fields_of
from aggregator.web.api.operation import KEPT, PREFIX, Call, Operation, Raw, Reply
from aggregator.web.api.page import make_page
from aggregator.web.api.problem import KINDS, Refused, Wrong, answer_of, missing, unfit
from aggregator.web.api.rate import Rate
from aggregator.web.api.repeat import once
from aggregator.web.api.shapes import Answer
from aggregator.web.api.table import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from aiohttp.typedefs import Middleware

    from aggregator.web.admin.desk import Desk

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = structlog.get_logger(__name__)

STRANGERS_PER_MINUTE = 120
"""Requests of one address without a good token: each costs a look into the database."""
EXPOSED = "ETag, Link, Location, Retry-After, Idempotent-Replayed"
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Vary": "Authorization, Origin",
}


class Api:
    """The interface of one house. One per process."""

    def __init__(self, desk: Desk, operations: Sequence[Operation] = OPERATIONS) -> None:
        self._desk = desk
        self.operations = operations
        settings = desk.house.world.configuration.settings.api
        self._origins = frozenset(settings.origins)
        self._rate = Rate(settings.rate)
        self._strangers = Rate(STRANGERS_PER_MINUTE)
        self._edits = condition.Edits()
        self._document: asyncio.Task[bytes] | None = None
        self._page = make_page(operations, desk)

    def application(self) -> web.Application:
        """To be mounted under `PREFIX`."""
        app = web.Application(middlewares=[self._answers()])
        allowed: dict[str, set[str]] = {}
        for operation in self.operations:
            handler = self._handler(operation)
            if operation.method == "GET":
                app.router.add_get(operation.path, handler)
            else:
                app.router.add_route(operation.method, operation.path, handler)
            allowed.setdefault(operation.path, set()).add(operation.method)
        for path, handler in (("/openapi.json", self._openapi), ("/", self._start)):
            app.router.add_get(path, handler)
            allowed[path] = {"GET"}
        for path, methods in allowed.items():
            methods |= {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
            app.router.add_route("OPTIONS", path, self._options(", ".join(sorted(methods))))
        return app

    # Around every request

    def _answers(self) -> Middleware:
        """Whatever happens is answered as the document says, and never with a traceback."""

        @web.middleware
        async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                answer = await handler(request)
            except asyncio.CancelledError:
                raise
            except Refused as refused:
                answer = self._refused(refused)
            except web.HTTPException as error:
                answer = self._refused(_of_http(error))
            except AggregatorError as error:
                answer = self._refused(_of_house(error, request))
            except Exception:
                log.exception("request failed", path=request.path[:200])
                answer = self._refused(Refused(500, KINDS[500].means))
            for name, value in HEADERS.items():
                answer.headers.setdefault(name, value)
            self._allow_origin(request, answer)
            return answer

        return middleware

    def _refused(self, refused: Refused) -> web.Response:
        return answer_of(refused, f"{self._desk.house.public_url()}{PREFIX}")

    def _allow_origin(self, request: web.Request, answer: web.StreamResponse) -> None:
        """Lets pages of other sites read the answer, where the operator named them; cookies are of no use here."""
        origin = request.headers.get("Origin")
        if origin is not None and origin in self._origins:
            answer.headers["Access-Control-Allow-Origin"] = origin
            answer.headers["Access-Control-Expose-Headers"] = EXPOSED

    def _options(self, allow: str) -> Handler:
        async def handler(request: web.Request) -> web.StreamResponse:
            headers = {"Allow": allow}
            if request.headers.get("Origin") in self._origins and "Access-Control-Request-Method" in request.headers:
                headers["Access-Control-Allow-Methods"] = allow
                headers["Access-Control-Allow-Headers"] = (
                    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match"
                )
                headers["Access-Control-Max-Age"] = "3600"
            return web.Response(status=204, headers=headers)

        return handler

    async def _openapi(self, request: web.Request) -> web.StreamResponse:
        _accept(request, ("application/json", "application/openapi+json"))
        if self._document is None:
            # Half a second of work, that most processes are never asked for.
            self._document = asyncio.create_task(asyncio.to_thread(self._described))
        return condition.encoded(request, await asyncio.shield(self._document), "application/json", {})

    def _described(self) -> bytes:
        return orjson.dumps(document_of(self.operations, self._desk.house.public_url()))

    async def _start(self, request: web.Request) -> web.StreamResponse:
        return await self._page(request)

    # One operation

    def _handler(self, operation: Operation) -> Handler:
        several = fields_of(operation.query) if operation.query is not None else frozenset()
        accepted = operation.media or ("application/json",)

        async def handler(request: web.Request) -> web.StreamResponse:
            _accept(request, accepted)
            token, user = await self._known(request, operation)
            if any(NUL in name for name in request.match_info.values()):  # PostgreSQL cannot even be asked for it
                raise missing("no name holds a NUL")
            query = _query(operation, request, several)
            raw = await _body(operation, request)
            body = _parsed(operation, raw)
            call = Call(request, self._desk, user, token, query, body)
            if operation.creates and (key := request.headers.get("Idempotency-Key")) is not None:
                return await once(call, key, raw, lambda: self._done(operation, call))
            return await self._done(operation, call)

        return handler

    async def _done(self, operation: Operation, call: Call[Any, Any]) -> web.Response:
        if not (operation.careful or operation.must_match):
            return await self._answer(operation, call)
        reads = next(one for one in self.operations if one.method == "GET" and one.path == operation.path)

        async def etag() -> str:
            shown = await reads.handler(Call(call.request, call.desk, call.user, call.token, _nothing(reads), None))
            return condition.etag_of(_bytes(shown))

        async with self._edits.alone(call.request.path):
            await condition.check(call.request, etag, must=operation.must_match)
            return await self._answer(operation, call)

    async def _answer(self, operation: Operation, call: Call[Any, Any]) -> web.Response:
        told = await operation.handler(call)
        if told is None:
            return web.Response(status=204)
        if isinstance(told, Raw):
            return condition.encoded(call.request, told.body, told.media, told.headers)
        headers = dict(told.headers) if isinstance(told, Reply) else {}
        body = _bytes(told)
        if operation.method == "GET":
            return condition.encoded(call.request, body, "application/json", headers)
        answer = web.Response(body=body, status=operation.status, content_type="application/json", headers=headers)
        kept = told.answer if isinstance(told, Reply) else told
        answer[KEPT] = _bytes(kept.without_secrets())
        return answer

    async def _known(self, request: web.Request, operation: Operation) -> tuple[Token, User]:
        """Whose token it is, if it may do that."""
        assert operation.role is not None  # noqa: S101  what is open to all is no operation on the house
        kind, _, secret = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        found = None
        if kind.lower() == "bearer" and 0 < len(secret.strip()) <= 500:
            found = await self._desk.accounts.bearer(secret.strip())
        if found is None:
            address = self._desk.access.address(request)
            self._slow_down(self._strangers.wait(f"address:{address}", time.monotonic()))
            problem = ', error="invalid_token"' if hdrs.AUTHORIZATION in request.headers else ""
            raise Refused(
                401,
                "send 'Authorization: Bearer …' with a token that is in use; 'aggregator tokens add' makes one",
                headers={"WWW-Authenticate": f'Bearer realm="aggregator"{problem}'},
            )
        token, user = found
        self._slow_down(self._rate.wait(f"token:{token.id}", time.monotonic()))
        _allow(operation, token, user)
        return token, user

    def _slow_down(self, seconds: int) -> None:
        if seconds:
            raise Refused(429, f"too many requests; wait {seconds} s", headers={"Retry-After": str(seconds)})


def add_api(app: web.Application, desk: Desk) -> None:
    """Mounts the interface."""

    async def to_slash(_request: web.Request) -> web.StreamResponse:
        raise web.HTTPPermanentRedirect(f"{PREFIX}/")

    app.router.add_get(PREFIX, to_slash)
    app.add_subapp(f"{PREFIX}/", Api(desk).application())


def _allow(operation: Operation, token: Token, user: User) -> None:
    role = operation.role or Role.VIEWER
    for whose, has in (("its account", user.role), ("the token", token.role)):
        if not has.covers(role):
            raise Refused(
                403,
                f"this needs the role {role}; {whose} has {has}",
                headers={"WWW-Authenticate": 'Bearer realm="aggregator", error="insufficient_scope"'},
            )
    if token.scopes and operation.noun not in token.scopes:
        raise Refused(
            403,
            f"this needs the scope '{operation.noun}'; the token has {', '.join(token.scopes)}",
            headers={
                "WWW-Authenticate": f'Bearer realm="aggregator", error="insufficient_scope", scope="{operation.noun}"'
            },
        )


def _accept(request: web.Request, media: Sequence[str]) -> None:
    """Refuses what leaves no room for what there is (RFC 9110, 12.5.1)."""
    lines = request.headers.getall(hdrs.ACCEPT, [])
    if not lines:
        return
    for part in ",".join(lines).split(",")[:100]:
        wanted, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if any(one.replace(" ", "") in ("q=0", "q=0.0", "q=0.00", "q=0.000") for one in parameters):
            continue
        main = wanted.partition("/")[0]
        if wanted in ("*/*", "") or any(
            wanted == one or (wanted == f"{main}/*" and one.startswith(f"{main}/")) for one in media
        ):
            return
    raise Refused(406, f"this is to be had as {' or '.join(media)} only")


def _query(operation: Operation, request: web.Request, several: frozenset[str]) -> Any:
    given = request.query
    if operation.query is None:
        if given:
            name = next(iter(given))
            raise Refused(400, f"parameter '{name[:100]}' is not known here", [_unknown(name)])
        return None
    twice = next((name for name in given if name not in several and len(given.getall(name)) > 1), None)
    if twice is not None:
        wrong = Wrong(detail=f"{twice[:100]}: is given more than once", parameter=twice[:200])
        raise Refused(400, f"parameter '{twice[:100]}' is given more than once", [wrong])
    values: Mapping[str, Any] = {
        name: (tuple(given.getall(name)) if name in several else given[name]) for name in given
    }
    try:
        return operation.query.model_validate(values)
    except ValidationError as error:
        raise unfit(error, in_body=False) from error


def _unknown(name: str) -> Wrong:
    return Wrong(detail=f"{name[:100]}: is not known here", parameter=name[:200])


async def _body(operation: Operation, request: web.Request) -> bytes:
    if operation.body is None:
        if request.can_read_body and await request.content.read(1):
            raise Refused(400, "this takes no body")
        return b""
    if request.content_type != "application/json" or (request.charset or "utf-8").lower() != "utf-8":
        raise Refused(415, "send the body as 'Content-Type: application/json', in UTF-8", headers=_TAKES)
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity") != "identity":
        raise Refused(415, "send the body without a content coding", headers=_TAKES)
    try:
        return await request.clone(client_max_size=operation.body_max).read()
    except web.HTTPRequestEntityTooLarge as error:
        raise Refused(413, f"the body is larger than {operation.body_max:,} bytes") from error


_TAKES = {"Accept": "application/json"}


def _parsed(operation: Operation, raw: bytes) -> Any:
    if operation.body is None:
        return None
    try:
        return operation.body.model_validate_json(raw)
    except ValidationError as error:
        raise unfit(error, in_body=True) from error


def _nothing(operation: Operation) -> Any:
    return operation.query() if operation.query is not None else None


def _bytes(told: Answer | Reply | Raw | None) -> bytes:
    if isinstance(told, Raw):
        return told.body
    answer = told.answer if isinstance(told, Reply) else told
    return b"" if answer is None else answer.model_dump_json().encode()


def _of_http(error: web.HTTPException) -> Refused:
    if error.status < 400:
        raise error
    details = {
        404: "there is nothing at this address; /api/v1/openapi.json names all that there are",
        405: "this address knows no such method; see 'Allow'",
    }
    allow = {"Allow": _with_options(error.headers["Allow"])} if "Allow" in error.headers else {}
    return Refused(error.status, details.get(error.status, error.reason), headers=allow)


def _with_options(allow: str) -> str:
    return ", ".join(sorted({part.strip() for part in allow.split(",")}))


def _of_house(error: AggregatorError, request: web.Request) -> Refused:
    """What a use case has to say against a request."""
    if isinstance(error, UnavailableError):
        log.error("request failed", path=request.path[:200], error=str(error))
        return Refused(503, KINDS[503].means, headers={"Retry-After": "60"})
    if isinstance(error, ConfigError):
        return Refused(409, str(error), [Wrong(detail=str(problem)[:500]) for problem in error.problems])
    if isinstance(error, EditError):
        return Refused(409, error.worded())
    if isinstance(error, UsageError | MailError | RenderError):
        return Refused(409, error.worded())
    log.error("request failed", path=request.path[:200], error=str(error))
    return Refused(503, KINDS[503].means, headers={"Retry-After": "60"})
