"""What monitoring asks, and what is known of each request: `/metrics`, `/readyz`, request ids, counts, spans."""

from __future__ import annotations

import hmac
import ipaddress
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

import structlog
from aiohttp import web
from prometheus_client.exposition import choose_encoder

from aggregator.errors import AggregatorError
from aggregator.model.output import Format
from aggregator.service.logs import loggable
from aggregator.service.metrics import METRICS
from aggregator.service.readiness import Readiness, readiness
from aggregator.service.tracing import span

if TYPE_CHECKING:
    from aggregator.config.settings import Monitored
    from aggregator.service.house import House

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = structlog.get_logger(__name__)

REQUEST_ID = "X-Request-Id"
_GOOD_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")
"""What a proxy adds. A request with one of them is not the proxy's own, wherever its connection comes from."""

ROUTES = {
    "": "page",
    "about": "page",
    "opml": "page",
    "favicon.ico": "page",
    "subscribe": "page",
    "contact": "page",
    "feeds": "feeds",
    "s": "subscriber",
    "admin": "admin",
    "api": "api",
    "hub": "hub",
    "websub": "websub",
    "healthz": "monitoring",
    "readyz": "monitoring",
    "metrics": "monitoring",
}
"""First part of a path → class of routes; what is in none of them is `other`."""


def route_of(path: str) -> str:
    """The class of routes that a path belongs to: one of a dozen words, whatever is asked for."""
    return ROUTES.get(path[1:].partition("/")[0], "other")


def given_id(request: web.BaseRequest) -> str | None:
    """The id that a request came with, if it is one that may be logged and sent back."""
    given = request.headers.get(REQUEST_ID)
    return given if given is not None and _GOOD_ID.match(given) else None


@web.middleware
async def observed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Gives each request an id (its own, if it brought a good one), counts it, times it and makes its span.

    The id stands in every line that is logged on the way, and in the answer.
    """
    began, route = time.perf_counter(), route_of(request.path)
    id_ = given_id(request) or secrets.token_hex(8)
    with (
        structlog.contextvars.bound_contextvars(request=id_),
        span("request", request.headers, route=route, method=request.method, request_id=id_) as made,
    ):
        try:
            answer = await handler(request)
        except web.HTTPException as error:
            error.headers[REQUEST_ID] = id_
            _note(request, route, error.status, began, made)
            raise
        if not answer.prepared:
            answer.headers[REQUEST_ID] = id_
        _note(request, route, answer.status, began, made)
        return answer


def _note(request: web.Request, route: str, status: int, began: float, made: object) -> None:
    seconds = time.perf_counter() - began
    METRICS.answered(route, request.method, status, seconds)
    if route == "feeds":
        count_document(request.path, status)
    if made is not None:
        made.set_attribute("http.response.status_code", status)  # type: ignore[attr-defined]  # a span of OpenTelemetry
    log.debug("request", method=request.method, path=loggable(request.path), status=status, ms=round(seconds * 1000, 1))


_FORMATS = frozenset(format_.value for format_ in Format)


def count_document(path: str, status: int) -> None:
    """Counts a public document that was asked for."""
    suffix = path.rpartition(".")[2]
    if suffix in _FORMATS and status in (200, 304):
        METRICS.documents.labels(suffix, str(status)).inc()


def served_in_front(request: web.BaseRequest, answer: web.StreamResponse) -> None:
    """The same as `observed` for documents that are at hand, at a fraction of its cost: only an id that was given is
    given back, since an answer without one may be kept by caches."""
    METRICS.served_at_hand(request.path.rpartition(".")[2], request.method, answer.status)
    if REQUEST_ID in request.headers and (id_ := given_id(request)) is not None:
        answer.headers[REQUEST_ID] = id_


class Monitoring:
    """`/metrics` and `/readyz` over a house.

    Args:
        monitored: gives who may read the metrics, as configured now.
        token: gives the token that readers may show instead; None: there is none.
        address: where a request comes from.
        jobs: names of the jobs that this process must do to be ready.
    """

    def __init__(
        self,
        house: House,
        monitored: Callable[[], Monitored],
        token: Callable[[], Awaitable[str | None]],
        address: Callable[[web.Request], str],
        jobs: Sequence[str] = (),
    ) -> None:
        self._house = house
        self._monitored = monitored
        self._token = token
        self._address = address
        self._jobs = tuple(jobs)

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/metrics", self.metrics), web.get("/readyz", self.readyz)]

    async def metrics(self, request: web.Request) -> web.Response:
        """Everything that is counted, in the form that the client likes best (OpenMetrics or Prometheus's text)."""
        refusal = await self._refusal(request)
        if refusal is not None:
            return refusal
        await METRICS.look(self._house)
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        headers = {"Content-Type": content_type, "Cache-Control": "no-store"}
        return web.Response(body=encode(METRICS.registry), headers=headers)

    async def readyz(self, _request: web.Request) -> web.Response:
        """200 where this process can do its work, else 503; what is wrong stands under `reasons`."""
        found = await readiness(self._house, self._jobs)
        return web.json_response(
            _as_json(found), status=200 if found.ready else 503, headers={"Cache-Control": "no-store"}
        )

    async def _refusal(self, request: web.Request) -> web.Response | None:
        """None: it may read."""
        try:
            token = await self._token()
        except AggregatorError as error:
            log.error("the token for /metrics cannot be read; only addresses are believed", error=str(error))
            token = None
        if token is not None:
            scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
            if scheme.lower() == "bearer" and hmac.compare_digest(shown.strip().encode(), token.encode()):
                return None
        if self._is_near(request):
            return None
        if token is not None:
            return _told(401, "Show the token: Authorization: Bearer …", {"WWW-Authenticate": "Bearer"})
        return _told(403, "Who may read this stands under 'metrics' in aggregator.yaml.", {})

    def _is_near(self, request: web.Request) -> bool:
        address = self._address(request)
        if address == request.remote and any(name in request.headers for name in _FORWARDED):
            return False  # somebody else asks, through a proxy that is not listed
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        mapped = getattr(ip, "ipv4_mapped", None)
        return any((mapped or ip) in ipaddress.ip_network(network) for network in self._monitored().allow)


def _as_json(found: Readiness) -> dict[str, object]:
    return {
        "ready": found.ready,
        "reasons": list(found.reasons),
        "warnings": list(found.warnings),
        "checks": {check.name: check.ok for check in found.checks},
    }


def _told(status: int, text: str, headers: dict[str, str]) -> web.Response:
    return web.Response(status=status, text=f"{text}\n", headers={"Cache-Control": "no-store", **headers})
