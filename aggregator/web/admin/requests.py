"""Letters to publishers: edited, sent, answered; and the grant that an answer gives reason for."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from aggregator.errors import AggregatorError, MailError, UsageError
from aggregator.model.account import Role
from aggregator.service import letters
from aggregator.store import answer_files, cases
from aggregator.store.desk import read_grants_saying
from aggregator.web.admin.access import Page
from aggregator.web.admin.desk import HEADERS, Desk, attachment, fields, go, who
from aggregator.web.admin.flags import day_of
from aggregator.web.admin.lists import PAGE, Paged, page_of
from aggregator.web.admin.rulings import evidence_of

STATES = ("sent", "draft", "answered", "all")


class Requests:
    """Handlers of the pages about letters."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pages(self) -> list[Page]:
        """Their rows in the table of pages."""
        return [
            Page(method="GET", path="/requests", role=Role.VIEWER, handler=self.overview),
            Page(method="GET", path="/requests/{id}", role=Role.VIEWER, handler=self.one),
            Page(method="GET", path="/requests/{id}/letter.eml", role=Role.REVIEWER, handler=self.eml),
            Page(method="GET", path="/requests/{id}/files/{digest}", role=Role.REVIEWER, handler=self.file),
            Page(method="POST", path="/requests/{id}", role=Role.REVIEWER, handler=self.act),
            Page(method="POST", path="/requests/{id}/answer", role=Role.REVIEWER, handler=self.answer),
        ]

    async def overview(self, request: web.Request) -> web.StreamResponse:
        state = request.query.get("state", "sent")
        state = state if state in STATES else "sent"
        found = await self._desk.house.store.read(cases.read_letter_page, state, page_of(request.query), PAGE)
        today = self._desk.house.clock().date()
        return self._desk.show(request, "requests.html", found=Paged(*found), state=state, states=STATES, today=today)

    async def one(self, request: web.Request) -> web.StreamResponse:
        return await self._one(request)

    async def _one(self, request: web.Request, http_status: int = 200, **more: Any) -> web.Response:
        house = self._desk.house
        try:
            letter = await house.store.read(cases.read_letter, request.match_info["id"])
        except UsageError as error:
            raise web.HTTPNotFound from error
        about = await house.store.read(cases.read_cases, list(letter.flags))
        settings = house.world.configuration.settings
        files = await house.store.read(answer_files.of_letter, letter.id) if letter.answer_file else []
        given = await house.store.read(read_grants_saying, letter.id) if letter.outcome == "granted" else []
        return self._desk.show(
            request,
            "request.html",
            http_status=http_status,
            **{
                "letter": letter,
                "about": about,
                "files": files,
                "recorded": [one for one in given if evidence_of(one.evidence).letter == letter.id],
                "article_of": {case.flag.entry: case.flag.title for case in about},
                "smtp": settings.mail.smtp is not None,
                "sender": settings.mail.from_ or settings.site.email,
                "today": house.clock().date(),
                "form": {},
                "error_at": "",
                **more,
            },
        )

    async def eml(self, request: web.Request) -> web.StreamResponse:
        house = self._desk.house
        try:
            letter = await house.store.read(cases.read_letter, request.match_info["id"])
            mail = letters.as_mail(letter, house.world.configuration.settings, house.clock())
        except UsageError as error:
            raise web.HTTPNotFound from error
        except MailError as error:
            return await self._one(request, 422, error=error, error_at="letter")
        headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{letter.id}.eml"'}
        return web.Response(body=mail.as_bytes(), content_type="message/rfc822", headers=headers)

    async def file(self, request: web.Request) -> web.StreamResponse:
        """An answer as a file, to be kept by the browser and never shown by it: it is somebody else's (P5)."""
        id_, digest = request.match_info["id"], request.match_info["digest"]
        found = await self._desk.house.store.read(answer_files.body_of, id_, digest)
        if found is None:
            raise web.HTTPNotFound
        name, body = found
        told = attachment(name)
        headers = {**HEADERS, "Content-Disposition": told, "Content-Security-Policy": "sandbox; default-src 'none'"}
        return web.Response(body=body, content_type="application/octet-stream", headers=headers)

    async def act(self, request: web.Request) -> web.StreamResponse:
        id_ = request.match_info["id"]
        given = await fields(request)
        house, by = self._desk.house, who(request).user.name
        settings = house.world.configuration.settings
        act, now = given.get("act", ""), house.clock()
        try:
            if act == "drop":
                if not await house.store.write(cases.drop_draft, id_):
                    raise UsageError("only a draft can be dropped")
                raise go("/requests?state=draft")
            if act.startswith("remind-"):
                await letters.remind(id_, act.removeprefix("remind-"), by, settings, house.store, now)
                raise go(f"/requests/{id_}", "saved")
            await self._save(id_, request, given)
            if act.startswith("send-"):
                await letters.send_letter(id_, act.removeprefix("send-"), by, settings, house.store, now)
        except AggregatorError as error:
            return await self._one(request, 422, error=error, error_at="letter", form=given)
        raise go(f"/requests/{id_}", "sent" if act.startswith("send-") else "saved")

    async def _save(self, id_: str, request: web.Request, given: dict[str, str]) -> None:
        body = (await request.post()).get("body", "")
        await letters.edit_letter(
            id_,
            to=given.get("to", ""),
            subject=given.get("subject", ""),
            body=body.replace("\r\n", "\n") if isinstance(body, str) else "",
            answer_by=day_of(given.get("answer_by", "")),
            store=self._desk.house.store,
        )

    async def answer(self, request: web.Request) -> web.StreamResponse:
        id_ = request.match_info["id"]
        form = await request.post()
        given = await fields(request)
        upload = form.get("file")
        file = (upload.filename, upload.file.read()) if isinstance(upload, web.FileField) and upload.filename else None
        house = self._desk.house
        try:
            letter = await letters.record_answer(
                id_,
                given.get("outcome", ""),
                given.get("answer", ""),
                file,
                who(request).user.name,
                house.store,
                house.clock(),
                house.world,
            )
        except AggregatorError as error:
            return await self._one(request, 422, error=error, error_at="answer", form=given)
        if letter.outcome == "granted":
            raise go(f"/grants/new?letter={id_}")
        if letter.outcome == "refused":
            raise go("/refusals", "refused")
        raise go(f"/requests/{id_}", "saved")
