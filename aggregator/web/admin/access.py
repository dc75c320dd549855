"""Who may see and do what: one table of pages, closed by default; sessions, forms and where requests come from."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.typedefs import Middleware
from yarl import URL

from aggregator.model.account import Role, Visit
from aggregator.web.admin.twice import Twice, form_key

if TYPE_CHECKING:
    from aggregator.service.accounts import Accounts

PREFIX = "/admin"
SAFE = frozenset({"GET", "HEAD"})
NUL = "\0"
"""The one character that PostgreSQL keeps in no text, and that nobody types."""
FORM_COOKIE_SECONDS = 3600
FORM_MAX = 10_500_000
"""Bytes of a form of somebody who is logged in: an answer's file (10 MB at most) and the fields around it."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy of every page: nothing inline, nothing from elsewhere, never inside another page (P5)."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One row of the table of pages."""

    method: str
    path: str
    """After `/admin`, as aiohttp's router reads it: `/flags/{id}`."""
    role: Role | None
    """The least role that may; None: anyone, logged in or not."""
    handler: Handler


class Forbidden(web.HTTPForbidden):
    """Known who it is, and not allowed; or a form that did not come from our pages."""


VISIT = web.RequestKey("visit", object)
"""Under which a request keeps its session: a `Visit`, or None where nobody is logged in."""


def visit_of(request: web.Request) -> Visit | None:
    """Who is logged in, as the guard found out."""
    found = request.get(VISIT)
    return found if isinstance(found, Visit) else None


class Entrance:
    """Sessions and forms of one installation.

    Args:
        accounts: the use cases.
        public_url: decides whether cookies need TLS, and which origin forms must come from.
        proxies: networks of reverse proxies whose `X-Forwarded-For` is believed (P17).
    """

    def __init__(self, accounts: Accounts, public_url: str, proxies: Iterable[str] = ()) -> None:
        self.accounts = accounts
        self._origin = str(URL(public_url).origin())
        self._secure = self._origin.startswith("https:")
        # `__Host-`: no other host of the domain can set it; browsers take it only with TLS.
        prefix = "__Host-" if self._secure else ""
        self._cookie, self._form_cookie = f"{prefix}aggregator", f"{prefix}aggregator-form"
        self._oidc_cookie = f"{prefix}aggregator-oidc"
        self._proxies = tuple(ipaddress.ip_network(network) for network in proxies)

    # Where from

    def address(self, request: web.Request) -> str:
        """The address that a request comes from: of the last hop that is no proxy of ours."""
        hops = [part.strip() for line in request.headers.getall("X-Forwarded-For", []) for part in line.split(",")]
        address = request.remote or ""
        while hops and self._is_proxy(address):
            address = hops.pop()
        return address

    def _is_proxy(self, address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(ip in network for network in self._proxies)

    def from_our_pages(self, request: web.Request) -> bool:
        """Whether a browser says that the request comes from a page of ours. Programs say nothing; their form still
        needs its token (P18)."""
        site = request.headers.get("Sec-Fetch-Site")
        if site is not None:
            return site in ("same-origin", "none")
        origin = request.headers.get("Origin")
        if origin is None:
            return True
        # A browser names itself as it sees us: by the configured address, or by the one it was given (localhost).
        return origin == self._origin or origin.partition("://")[2] == request.headers.get("Host")

    # Sessions

    async def visit(self, request: web.Request) -> Visit | None:
        """The session of a request; None if nobody is logged in."""
        cookie = request.cookies.get(self._cookie)
        return await self.accounts.visit(cookie) if cookie else None

    def cookie_of(self, request: web.Request) -> str:
        """The session's secret; empty if there is none."""
        return request.cookies.get(self._cookie, "")

    def give_session(self, answer: web.StreamResponse, cookie: str) -> None:
        self._set(answer, self._cookie, cookie, None)
        self._drop(answer, self._form_cookie)

    def drop_session(self, answer: web.StreamResponse) -> None:
        self._drop(answer, self._cookie)

    # A login at a provider: which browser began it

    def give_oidc_cookie(self, answer: web.StreamResponse, cookie: str) -> None:
        self._set(answer, self._oidc_cookie, cookie, FORM_COOKIE_SECONDS)

    def oidc_cookie_of(self, request: web.Request) -> str:
        """The secret of the login that began in this browser; empty if there is none."""
        return request.cookies.get(self._oidc_cookie, "")

    def drop_oidc_cookie(self, answer: web.StreamResponse) -> None:
        self._drop(answer, self._oidc_cookie)

    def _set(self, answer: web.StreamResponse, name: str, value: str, max_age: int | None) -> None:
        answer.set_cookie(name, value, max_age=max_age, path="/", secure=self._secure, httponly=True, samesite="Lax")

    def _drop(self, answer: web.StreamResponse, name: str) -> None:
        answer.del_cookie(name, path="/", secure=self._secure, httponly=True, samesite="Lax")

    # Forms before anybody is logged in: a cookie of their own, and its digest in the form

    def form_token(self, request: web.Request) -> tuple[str, str | None]:
        """(what the form must carry, the cookie to set; None: the browser has one)."""
        cookie = request.cookies.get(self._form_cookie)
        fresh = None if cookie else secrets.token_urlsafe(24)
        return _form_digest(cookie or fresh or ""), fresh

    def give_form_cookie(self, answer: web.StreamResponse, fresh: str | None) -> None:
        if fresh is not None:
            self._set(answer, self._form_cookie, fresh, FORM_COOKIE_SECONDS)

    def is_own_form(self, request: web.Request, form: Mapping[str, object]) -> bool:
        """Whether the form was made for this browser."""
        visit = visit_of(request)
        expected = visit.csrf if visit else _form_digest(request.cookies.get(self._form_cookie, ""))
        given = form.get("csrf", "")
        known = visit is not None or self._form_cookie in request.cookies
        return known and isinstance(given, str) and secrets.compare_digest(expected.encode(), given.encode())


def _form_digest(cookie: str) -> str:
    return hashlib.sha256(f"form\0{cookie}".encode()).hexdigest()


def refuse_nul(form: Mapping[str, object]) -> None:
    """Lets through a form whose texts can be kept.

    Raises:
        HTTPBadRequest: one holds a NUL.
    """
    if any(NUL in text for pair in form.items() for text in pair if isinstance(text, str)):
        raise web.HTTPBadRequest(text="This form holds a character that no text has. Nothing was changed.\n")


def local_path(target: str | None) -> str | None:
    """The page to go to after login, if it is one of ours: one leading slash, nothing a browser could read otherwise
    (P19)."""
    if not target or not target.startswith(f"{PREFIX}/") or ".." in target.partition("?")[0].split("/"):
        return None
    return target if target.isprintable() and target.isascii() and "\\" not in target else None


def guard(access: Entrance, pages: Iterable[Page]) -> Middleware:
    """The middleware that lets a request through, or not. What stands in no row of the table is closed (P22)."""
    twice = Twice()
    table = {(page.method, f"{PREFIX}{page.path}"): page.role for page in pages}

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        resource = request.match_info.route.resource
        method = "GET" if request.method == "HEAD" else request.method
        key = (method, resource.canonical if resource is not None else "")
        if request.match_info.http_exception is not None:
            return await handler(request)  # no such page, or not by this method
        if any(NUL in text for text in (*request.query.values(), *request.match_info.values())):
            raise web.HTTPBadRequest(text="This address holds a character that no text has.\n")
        if key not in table:
            raise Forbidden(text="This page is open to nobody.\n")
        visit = await access.visit(request)
        request[VISIT] = visit
        role = table[key]
        if role is not None and visit is None:
            return _to_login(request)
        if role is not None and visit is not None and not visit.user.role.covers(role):
            raise Forbidden(text=f"This needs the role {role}; yours is {visit.user.role}.\n")
        if request.method in SAFE:
            if visit is not None:
                twice.seen(visit.csrf)
            return await handler(request)
        if role is not None:
            # Who is logged in may send a publisher's letter; for all others the service's small bound stays.
            request = request.clone(client_max_size=FORM_MAX)
        return await _with_form(access, request, handler, twice if role is not None else None)

    return middleware


def _to_login(request: web.Request) -> web.StreamResponse:
    """Asks for a login; a page that was only looked at is shown afterwards."""
    url = URL(f"{PREFIX}/login")
    if request.method in SAFE and (target := local_path(request.path_qs)) and target != f"{PREFIX}/":
        url = url.with_query({"next": target})
    raise web.HTTPSeeOther(str(url), headers={"Cache-Control": "no-store"})


async def _with_form(
    access: Entrance, request: web.Request, handler: Handler, twice: Twice | None
) -> web.StreamResponse:
    """Answers a form of our own pages; sent twice by somebody who is logged in, it does its work once (`twice`).

    Files that it brings are closed afterwards: aiohttp sees to that only for the request that it made itself, and this
    may be another with a larger bound.
    """
    if not access.from_our_pages(request):
        raise Forbidden(text="This form was sent from another site. Nothing was changed.\n")
    if request.content_type not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise web.HTTPUnsupportedMediaType(text="Send a form.\n")
    form = await request.post()
    try:
        if not access.is_own_form(request, form):
            raise Forbidden(text="This form is too old, or not yours. Nothing was changed: open the page again.\n")
        refuse_nul(form)
        visit = visit_of(request)
        if twice is None or visit is None:
            return await handler(request)
        return await twice.once(visit.csrf, form_key(request.path_qs, form), lambda: handler(request))
    finally:
        for part in form.values():
            if isinstance(part, web.FileField):
                part.file.close()
