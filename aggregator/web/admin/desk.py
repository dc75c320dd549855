"""What all pages behind the login share: the house, who is asking, how a page is shown and where a form leads."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from aiohttp import web
from yarl import URL

from aggregator.errors import AggregatorError, UsageError
from aggregator.model.account import Role, Visit
from aggregator.service.discover import discover
from aggregator.service.overview import Glance
from aggregator.web.admin.access import POLICY, PREFIX, Entrance, visit_of
from aggregator.web.admin.menu import menu_for

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from contextlib import AbstractAsyncContextManager

    from aggregator.model.fetched import Answer
    from aggregator.publishing.credit import Templates
    from aggregator.service.accounts import Accounts
    from aggregator.service.discover import Discovery, Tools
    from aggregator.service.house import House
    from aggregator.service.openid import OpenId
    from aggregator.service.world import World
    from aggregator.web.admin.render import Pages

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
"""Of every page: what is behind a login belongs into no cache (P17). No address of a page goes to another site; to our
own it may, because with `no-referrer` browsers send `Origin: null` with our own forms (Fetch, 3.2)."""


LOOK_SECONDS = 60.0
"""For a page and all the feeds that it names."""


def attachment(name: str) -> str:
    """A `Content-Disposition` by which a browser keeps a file under this name, whatever letters it has (RFC 6266)."""
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


class Desk:
    """What the handlers work with. One per process."""

    def __init__(
        self,
        house: House,
        accounts: Accounts,
        access: Entrance,
        pages: Pages,
        letters: Templates,
        fetch_page: Callable[[str], Awaitable[Answer]],
    ) -> None:
        """
        Args:
            fetch_page: one document of the web, through the one fetcher; raises UsageError where it is not to be had.
        """
        self.house = house
        self.fetch_page = fetch_page
        self.letters = letters
        self.accounts = accounts
        self.access = access
        self.pages = pages
        self.openid: OpenId | None = None
        """Login by a provider; None: there is none."""
        self.discovering: Callable[[World], AbstractAsyncContextManager[Tools]] | None = None
        """What looks at feeds that are not configured; None: this service asks nobody."""
        self.looks = asyncio.Semaphore(2)
        """Looks at feeds that run at once: each starts workers that parse."""
        self.glance = Glance(house.store)
        self.paths: frozenset[str] = frozenset()
        """Of the pages that can be looked at, after `/admin`; filled in when the application is made."""

    async def discover(self, url: str) -> Discovery:
        """What feeds stand behind an address: asked now, through the one fetcher with its guard.

        Raises:
            UsageError: it is no web address, it takes too long, too many look at this moment, or this service asks
                nobody.
        """
        if self.discovering is None:
            raise UsageError("this service asks nobody", command="look for feeds with 'aggregator sources discover'")
        if self.looks.locked():
            raise UsageError("two searches run already; ask again in a while")
        async with self.looks, self.discovering(self.house.world) as tools:
            try:
                return await asyncio.wait_for(discover(url, self.house.world, tools), LOOK_SECONDS)
            except TimeoutError as error:
                raise UsageError(
                    "'%(url)s' took longer than %(timeout)s s; name the feed itself",
                    url=url,
                    timeout=f"{LOOK_SECONDS:.0f}",
                ) from error

    def language_of(self, request: web.Request) -> str:
        visit = visit_of(request)
        return self.pages.language(visit.user.language if visit else None, request.headers.get("Accept-Language", ""))

    def told(self, request: web.Request, error: AggregatorError) -> str:
        """An error as a sentence in the reader's language, where there is no page to show it on."""
        return self.pages.told(error, self.language_of(request))

    def show(self, request: web.Request, template: str, *, http_status: int = 200, **values: Any) -> web.Response:
        """A page, with all that the layout needs.

        Raises:
            TemplateError: the template cannot be read or rendered.
        """
        visit, language = visit_of(request), self.language_of(request)
        token, fresh = (visit.csrf, None) if visit else self.access.form_token(request)
        shown = {
            "site": self.house.world.configuration.settings.site,
            "visit": visit,
            "may": lambda role: visit is not None and visit.user.role.covers(Role(role)),
            "csrf": token,
            "menu": menu_for(visit.user.role if visit else None, self.paths),
            "here": request.path,
            "link": lambda **changes: link_of(request, changes),
            "now": self.house.clock(),
            "titles": self.house.world.titles,
            "provider": self.openid.settings.name if self.openid else None,
            "done": request.query.get("done", ""),
            "error": None,
            **values,
        }
        body = self.pages.render(template, language, shown)
        answer = web.Response(
            text=body,
            status=http_status,
            content_type="text/html",
            charset="utf-8",
            headers={**HEADERS, "Vary": "Cookie"},
        )
        self.access.give_form_cookie(answer, fresh)
        return answer


def link_of(request: web.Request, changes: Mapping[str, object]) -> str:
    """The address of the page that is shown, with other values in its query.

    Args:
        changes: by name; None or an empty text takes a value out.
    """
    kept = {name: value for name, value in request.query.items() if name not in {"done", *changes}}
    kept |= {name: str(value) for name, value in changes.items() if value not in (None, "")}
    return str(URL.build(path=request.path, query=kept))


def who(request: web.Request) -> Visit:
    """Whoever is logged in: to be asked only behind the guard."""
    visit = visit_of(request)
    if visit is None:
        raise web.HTTPForbidden(text="Log in first.\n")
    return visit


def go(path: str, done: str = "") -> web.HTTPSeeOther:
    """Where a form leads: a page that can be loaded again, with a word of what was done."""
    url = URL(f"{PREFIX}{path}")
    return web.HTTPSeeOther(
        str(url.update_query({"done": done}) if done else url), headers={"Cache-Control": "no-store"}
    )


async def fields(request: web.Request) -> dict[str, str]:
    """The text fields of a form, trimmed; of several of one name the last."""
    form = await request.post()
    return {name: value.strip() for name, value in form.items() if isinstance(value, str)}


class Given(dict[str, str]):
    """The fields of a form, to be shown again; one that was not sent is empty."""

    def __missing__(self, _name: str) -> str:
        return ""
