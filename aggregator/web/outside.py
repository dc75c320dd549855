"""The public forms: /contact for those whose articles we carry, /subscribe for sites that want to carry them.

No account, no script. A form needs the token of the page that it stands on; a field that people do not see catches
programs; what was typed is never shown to anybody but the desk, and never sent back by mail.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from aiohttp import web

from aggregator.errors import UsageError
from aggregator.model.use import Ads, Audience, Medium
from aggregator.service.applications import (
    apply,
    collect,
    confirm,
    find_by_link,
    offered,
    read_declaration,
    terms_for,
)
from aggregator.service.contact import KINDS, read_request, receive_request
from aggregator.service.outside import FieldsError, TooOftenError
from aggregator.web.admin.access import refuse_nul
from aggregator.web.admin.desk import Given, fields
from aggregator.web.admin.twice import Twice, form_key

if TYPE_CHECKING:
    from aggregator.web.admin.access import Handler
    from aggregator.web.admin.desk import Desk

TRAP = "website"
"""A field that people do not see: whoever fills it in is a program."""
BODY_MAX = 100_000
"""Bytes of a form."""


class Outside:
    """Handlers of the public forms."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._twice = Twice()

    def routes(self) -> list[web.RouteDef]:
        """Their routes; a form that is switched off answers 404."""
        return [
            web.get("/contact", self.contact),
            web.post("/contact", self._once(self.send_request)),
            web.get("/subscribe", self.subscribe),
            web.post("/subscribe", self._once(self.declare)),
            web.get("/subscribe/confirm/{secret}", self.look_confirm),
            web.post("/subscribe/confirm/{secret}", self._once(self.confirm)),
            web.get("/subscribe/collect/{secret}", self.look_collect),
            web.post("/subscribe/collect/{secret}", self._once(self.collect)),
        ]

    def _once(self, handler: Handler) -> Handler:
        """The same, doing the work of a form once if somebody sends it twice."""

        async def once(request: web.Request) -> web.StreamResponse:
            if (request.content_length or 0) > BODY_MAX:
                return await handler(request)  # which refuses it unread
            form = await request.post()
            if not self._desk.access.is_own_form(request, form):
                return await handler(request)
            key = form_key(request.path_qs, form)
            return await self._twice.once(str(form["csrf"]), key, lambda: handler(request))

        return once

    def _show(self, request: web.Request, name: str, http_status: int = 200, **values: Any) -> web.Response:
        settings = self._desk.house.world.configuration.settings
        shown: dict[str, Any] = {
            "errors": {},
            "given": {},
            "contact_open": settings.contact,
            "subscribe_open": settings.subscribe != "off",
        }
        shown |= values
        shown |= {name_: Given(shown[name_]) for name_ in ("given", "errors")}
        return self._desk.show(request, f"outside/{name}", http_status=http_status, **shown)

    async def _form(self, request: web.Request) -> dict[str, str]:
        """The fields of a form that came from a page of ours.

        Raises:
            HTTPForbidden: it did not.
            HTTPRequestEntityTooLarge: it is larger than any that a person fills in.
        """
        if request.content_length is not None and request.content_length > BODY_MAX:
            raise web.HTTPRequestEntityTooLarge(max_size=BODY_MAX, actual_size=request.content_length)
        access = self._desk.access
        form = await request.post()
        if not access.from_our_pages(request) or not access.is_own_form(request, form):
            raise web.HTTPForbidden(
                text="This form is too old, or did not come from here. Load the page again, and send it again.\n"
            )
        refuse_nul(form)
        return await fields(request)

    def _language(self, request: web.Request) -> str | None:
        """In which to write to whoever sends a form: that of its page; None: their browser names none."""
        return self._desk.language_of(request) if request.headers.get("Accept-Language") else None

    def _address(self, request: web.Request) -> str:
        return self._desk.access.address(request)

    # /contact

    def _contact_open(self) -> None:
        if not self._desk.house.world.configuration.settings.contact:
            raise web.HTTPNotFound

    async def contact(self, request: web.Request) -> web.StreamResponse:
        self._contact_open()
        given = {"urls": request.query.get("url", "")[:2000], "kind": "takedown"}
        return self._show(request, "contact.html", given=given, kinds=KINDS)

    async def send_request(self, request: web.Request) -> web.StreamResponse:
        self._contact_open()
        given = await self._form(request)
        house = self._desk.house
        if given.get(TRAP):
            return self._show(request, "contact_sent.html", receipt=None)
        try:
            asked = read_request(given, house.clock())
            receipt = await receive_request(
                asked,
                self._address(request),
                house.world,
                house.store,
                self._desk.letters,
                house.clock(),
                self._language(request),
            )
        except FieldsError as error:
            return self._show(request, "contact.html", 422, given=given, kinds=KINDS, errors=error.errors)
        except TooOftenError as error:
            return self._show(request, "contact.html", 429, given=given, kinds=KINDS, error=error)
        return self._show(request, "contact_sent.html", receipt=receipt)

    # /subscribe

    def _subscribe_open(self) -> None:
        if self._desk.house.world.configuration.settings.subscribe == "off":
            raise web.HTTPNotFound

    def _declaration(self, request: web.Request, http_status: int = 200, **values: Any) -> web.Response:
        world = self._desk.house.world
        shown = {
            "outputs": offered(world),
            "chosen": (),
            "audiences": [one.value for one in Audience if one is not Audience.ANYONE],
            "media": [one.value for one in Medium],
            "kinds_of_ads": [one.value for one in Ads],
            "terms": None,
            "terms_digest": terms_digest,
        }
        return self._show(request, "subscribe.html", http_status, **{**shown, **values})

    async def subscribe(self, request: web.Request) -> web.StreamResponse:
        self._subscribe_open()
        return self._declaration(request, chosen=request.query.getall("output", [])[:50])

    async def declare(self, request: web.Request) -> web.StreamResponse:
        """First the declaration, answered with the conditions; then, with those accepted, the application."""
        self._subscribe_open()
        given = await self._form(request)
        form = await request.post()
        chosen = [one for one in form.getall("outputs", []) if isinstance(one, str)][:200]
        house = self._desk.house
        if given.get(TRAP):
            return self._show(request, "subscribe_sent.html", asked=None)
        try:
            declared = read_declaration(given, chosen, house.world, house.clock())
            terms = terms_for(declared, house.world)
            again = {"given": given, "chosen": declared.outputs, "terms": terms}
            if given.get("accepted") != "1" or not terms.outputs:
                errors = {"accepted": "Please accept the conditions, or leave it."} if given.get("step") == "2" else {}
                return self._declaration(request, 422 if errors or not terms.outputs else 200, errors=errors, **again)
            if given.get("conditions") != terms_digest(terms.conditions):
                errors = {"accepted": "The conditions changed just now. Please read them again."}
                return self._declaration(request, 422, errors=errors, **again)
            asked = await apply(
                declared,
                terms,
                self._address(request),
                house.world,
                house.store,
                self._desk.letters,
                house.clock(),
                self._language(request),
            )
        except FieldsError as error:
            return self._declaration(request, 422, given=given, chosen=chosen, errors=error.errors)
        except TooOftenError as error:
            return self._declaration(request, 429, given=given, chosen=chosen, error=error)
        except UsageError as error:
            return self._declaration(request, 422, given=given, chosen=chosen, error=error)
        return self._show(request, "subscribe_sent.html", asked=asked)

    async def look_confirm(self, request: web.Request) -> web.StreamResponse:
        return await self._look(request, "confirm")

    async def look_collect(self, request: web.Request) -> web.StreamResponse:
        return await self._look(request, "collect")

    async def _look(self, request: web.Request, kind: str) -> web.Response:
        """A page with a button: programs that follow links in mails press none."""
        house = self._desk.house
        self._twice.seen(self._desk.access.form_token(request)[0])
        try:
            one = await find_by_link(kind, request.match_info["secret"], house.store, house.clock())
        except UsageError as error:
            return self._show(request, "subscribe_link.html", 404, kind=kind, one=None, issued=None, error=error)
        return self._show(request, "subscribe_link.html", kind=kind, one=one, issued=None)

    async def confirm(self, request: web.Request) -> web.StreamResponse:
        await self._form(request)
        house = self._desk.house
        try:
            link = await confirm(
                request.match_info["secret"], house.world, house.store, self._desk.letters, house.clock()
            )
        except UsageError as error:
            return self._show(request, "subscribe_link.html", 404, kind="confirm", one=None, issued=None, error=error)
        if link is not None:
            raise web.HTTPSeeOther(f"/subscribe/collect/{link}", headers={"Cache-Control": "no-store"})
        return self._show(request, "subscribe_link.html", kind="confirmed", one=None, issued=None)

    async def collect(self, request: web.Request) -> web.StreamResponse:
        await self._form(request)
        house = self._desk.house
        try:
            issued = await collect(request.match_info["secret"], house.world, house.store, house.clock())
        except UsageError as error:
            return self._show(request, "subscribe_link.html", 404, kind="collect", one=None, issued=None, error=error)
        return self._show(request, "subscribe_link.html", kind="collected", one=None, issued=issued)


def terms_digest(conditions: tuple[str, ...]) -> str:
    """By which a form says which conditions were accepted."""
    return sha256("\n".join(conditions).encode()).hexdigest()
