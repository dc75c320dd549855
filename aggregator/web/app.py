"""The web application: public feeds, the start page, health."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from aggregator.errors import AggregatorError, ServeError
from aggregator.service.logs import loggable
from aggregator.store import patience
from aggregator.web.admin.app import add_admin
from aggregator.web.api.app import add_api
from aggregator.web.archive import add_archives
from aggregator.web.feeds import FeedShelf, feed_routes, in_front
from aggregator.web.hub import hub_routes
from aggregator.web.monitoring import Monitoring, observed, served_in_front
from aggregator.web.outside import Outside
from aggregator.web.pages import page_routes
from aggregator.web.ready import SERVER
from aggregator.web.subscribers import subscriber_routes
from aggregator.web.websub import callback_routes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aggregator.web.admin.desk import Desk
    from aggregator.web.hub import Hub
    from aggregator.web.pages import Site
    from aggregator.web.subscribers import Gate, PrivateShelf
    from aggregator.web.websub import Callbacks

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = structlog.get_logger(__name__)

PATIENCE, OF_ACTS = 10.0, 30.0
"""Seconds that a request waits for one transaction, at most: one that reads, and one that changes something, which may
be a withdrawal of all that a publisher ever wrote."""
BODY_MAX = 1_000_000
"""Bytes of a request's body."""


def make_app(
    site: Site,
    shelf: FeedShelf,
    desk: Desk | None = None,
    hub: Hub | None = None,
    callbacks: Callbacks | None = None,
    private: tuple[Gate, PrivateShelf] | None = None,
    monitoring: Monitoring | None = None,
) -> web.Application:
    """The application over a site's reports and its shelf of documents.

    Args:
        desk: the pages behind the login; None: there are none.
        hub: None: there is none.
        callbacks: what hubs of sources are answered; None: there are no subscriptions.
        private: who is let in at secret addresses, and what is served there; None: there are none.
        monitoring: `/metrics` and `/readyz`; None: there are none.
    """
    app = web.Application(middlewares=[observed, _friendly_errors], client_max_size=BODY_MAX)
    add_archives(app.router, shelf.source)
    app.add_routes(feed_routes(shelf))
    app.add_routes(page_routes(site))
    if hub is not None:
        app.add_routes(hub_routes(hub, desk.access.address if desk is not None else _peer))
    if callbacks is not None:
        app.add_routes(callback_routes(callbacks))
    if desk is not None:
        add_admin(app, desk)
        add_api(app, desk)
        app.add_routes(Outside(desk).routes())
    if private is not None:
        app.add_routes(subscriber_routes(*private))
    if monitoring is not None:
        app.add_routes(monitoring.routes())
    app[SHELF] = shelf
    return app


def make_monitoring_app(site: Site, monitoring: Monitoring) -> web.Application:
    """What a process answers that serves nothing else."""
    app = web.Application(middlewares=[observed, _friendly_errors], client_max_size=BODY_MAX)
    app.add_routes([route for route in page_routes(site) if route.path == "/healthz"])
    app.add_routes(monitoring.routes())
    return app


SHELF = web.AppKey("shelf", FeedShelf)


@web.middleware
async def _friendly_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """An unforeseen error is one sentence for the visitor and a traceback in the log, never the other way round.

    INVARIANT: a database that says nothing holds up no answer.
    """
    try:
        with patience(PATIENCE if request.method in ("GET", "HEAD") else OF_ACTS):
            answer = await handler(request)
    except asyncio.CancelledError:
        raise
    except web.HTTPException as error:
        if error.status in _PLAIN_WORDS:
            error.text = _PLAIN_WORDS[error.status]
        if error.status >= 400:
            # Without a word a cache may keep a 404 as long as it likes (RFC 9111, 4.2.2), and the feed comes tomorrow.
            error.headers.setdefault("Cache-Control", "no-store")
        _same_on_all(error)
        raise
    except AggregatorError as error:
        log.error("request failed", path=loggable(request.path), error=str(error))
        words = "The service has a problem just now. Please try again in a minute.\n"
        answer = _sorry(503, words, {"Retry-After": "60"})
    except Exception:
        log.exception("request failed", path=loggable(request.path))
        answer = _sorry(500, "Something went wrong here. It has been logged.\n", {})
    if "Server" not in answer.headers:  # a ready document has all of it already
        _same_on_all(answer)
    return answer


def _peer(request: web.Request) -> str:
    return request.remote or ""


_PLAIN_WORDS = {
    404: "There is nothing at this address. The start page lists all feeds.\n",
    405: "This address can only be read.\n",
}


def _sorry(status: int, text: str, headers: dict[str, str]) -> web.Response:
    # A cache that kept this would go on after we are well again.
    return web.Response(status=status, text=text, headers={"Cache-Control": "no-store", **headers})


def _same_on_all(response: web.StreamResponse) -> None:
    """What every answer has, errors too."""
    response.headers["Server"] = SERVER
    response.headers.setdefault("X-Content-Type-Options", "nosniff")


class Server:
    """The application on its address. Start it, stop it.

    Args:
        grace: seconds that requests get to end after a stop.
    """

    def __init__(self, app: web.Application, host: str, port: int, grace: float = 5.0) -> None:
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=False, shutdown_timeout=grace)
        self._host = host
        self._port = port

    async def start(self) -> int:
        """Begins to answer.

        Returns:
            The port, also where the configuration leaves the choice to the system (port 0).
        Raises:
            ServeError: the address cannot be had.
        """
        await self._runner.setup()
        server, shelf = self._runner.server, self._runner.app.get(SHELF)
        if server is not None and shelf is not None:
            server.request_handler = in_front(shelf, server.request_handler, served_in_front)
        site = web.TCPSite(self._runner, self._host, self._port)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            raise ServeError(self._refusal(error)) from error
        port: int = self._runner.addresses[0][1]
        return port

    def _refusal(self, error: OSError) -> str:
        place = f"{self._host}:{self._port}"
        if "address already in use" in str(error).lower():
            return f"{place} is already in use; stop the other program or set another server.port in aggregator.yaml"
        return (
            f"cannot listen on {place}: {error.strerror or error}; check server.host and server.port in aggregator.yaml"
        )

    async def stop(self) -> None:
        """Stops listening, lets running requests end."""
        await self._runner.cleanup()
