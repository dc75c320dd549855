"""Policies: in plain language, with whom they concern; edited as text, checked, planned and saved by operators."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from aiohttp import web

from aggregator.errors import AggregatorError, ConfigError, UsageError
from aggregator.model.account import Role
from aggregator.rights.portray import portray
from aggregator.service import edit_policy as use
from aggregator.service.export_policy import export_policy
from aggregator.service.read_terms import About, read_terms
from aggregator.store.overview import waiting_by
from aggregator.web.admin.access import Page
from aggregator.web.admin.desk import HEADERS, Desk, fields, go, who
from aggregator.web.admin.lists import holds, one_of, ordered, page_of, paged, said

if TYPE_CHECKING:
    from collections.abc import Callable

    from aggregator.errors import Problem
    from aggregator.model.policy import Policy
    from aggregator.service.overview import PolicyRow

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
SHOWN_MAX = 25
"""Entries of each kind in a plan on the page; the numbers tell of all."""
NEAR = 2
"""Lines around a problem."""

KEYS: dict[str, Callable[[PolicyRow], Any]] = {
    "name": lambda row: row.publisher.casefold(),
    "sources": lambda row: len(row.sources),
    "waiting": lambda row: row.waiting,
    "read": lambda row: (row.read is not None, row.read),
}

STUB = """\
id: {id}
publisher:
  name: {name}
  url: null
  # Hosts at which it publishes, such as [herald.example]: by them its articles are recognised elsewhere.
  domains: []
# Where to ask: a mail address, or the page that says how.
contact: null
terms:
  url: null
  read: {today}
  review_every: 180d
  evidence: |
    The words of the terms that say so.
rules: []
# Whatever no rule allows is asked for.
default: ask
"""


class Policies:
    """Handlers of the pages about policies."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pages(self) -> list[Page]:
        """Their rows in the table of pages."""
        return [
            Page(method="GET", path="/policies", role=Role.VIEWER, handler=self.overview),
            Page(method="GET", path="/policies/new", role=Role.OPERATOR, handler=self.new),
            Page(method="POST", path="/policies/new", role=Role.OPERATOR, handler=self.write_new),
            Page(method="GET", path="/policies/{id}", role=Role.VIEWER, handler=self.one),
            Page(method="GET", path="/policies/{id}/export/{format}", role=Role.VIEWER, handler=self.export),
            Page(method="GET", path="/policies/{id}/edit", role=Role.OPERATOR, handler=self.edit),
            Page(method="POST", path="/policies/{id}/edit", role=Role.OPERATOR, handler=self.change),
        ]

    async def overview(self, request: web.Request) -> web.StreamResponse:
        house, words = self._desk.house, said(request.query, "text")
        order = one_of(request.query, "sort", [*KEYS, *(f"-{key}" for key in KEYS)])
        due = request.query.get("due") == "1"
        rows = await self._desk.glance.policies(house.world, house.clock())
        found = [
            row
            for row in rows
            if holds(words, row.publisher, row.id, row.contact or "", row.licence or "") and (row.is_due or not due)
        ]
        return self._desk.show(
            request,
            "policies.html",
            found=paged(ordered(found, order, KEYS), page_of(request.query)),
            any=bool(rows),
            text=words,
            due=due,
            order=order,
        )

    def _policy(self, request: web.Request) -> Policy:
        policy = self._desk.house.world.policies.by_id(request.match_info["id"])
        if policy is None:
            raise web.HTTPNotFound
        return policy

    async def export(self, request: web.Request) -> web.StreamResponse:
        """The policy as a file of a standard."""
        policy = self._policy(request)
        try:
            made = export_policy(policy, request.match_info["format"])
        except UsageError as error:
            raise web.HTTPNotFound from error
        headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{policy.id}.{made.suffix}"'}
        return web.Response(body=made.body, content_type=made.media_type, headers=headers)

    async def one(self, request: web.Request) -> web.StreamResponse:
        house, policy = self._desk.house, self._policy(request)
        sources = [source for source in house.world.configuration.sources if source.policy == policy.id]
        takers = house.world.takers
        outputs = sorted({output for source in sources for output in takers.get(source.id, ())})
        waiting = await house.store.read(waiting_by, "publisher", [policy.publisher.name])
        return self._desk.show(
            request,
            "policy.html",
            policy=policy,
            plain=portray(policy)[1:],
            sources=sources,
            name_of=house.world.name_of,
            outputs=[house.world.outputs[id_] for id_ in outputs],
            waiting=waiting.get(policy.publisher.name, 0),
            versions=await use.versions(policy.id, house),
            tests=sum(test.policy == policy.id for test in house.world.configuration.policy_tests),
        )

    # ── editing ──────────────────────────────────────────────────────────────────────────────────────────────────

    async def edit(self, request: web.Request) -> web.StreamResponse:
        policy = self._policy(request)
        found = use.open_policy(policy.id, self._desk.house.world)
        return self._editor(request, policy.id, found.path, found.text, found.digest, others=found.others)

    def _editor(
        self, request: web.Request, id_: str, path: str, text: str, begun: str, http_status: int = 200, **more: Any
    ) -> web.Response:
        policy = self._desk.house.world.policies.by_id(id_)
        values = {
            "id": id_,
            "title": policy.publisher.name if policy else id_,
            "name_of": self._desk.house.world.name_of,
            "path": path,
            "text": text,
            "begun": begun,
            "others": (),
            "is_new": request.path.endswith("/new"),
            "checked": None,
            "plan": None,
            "near": (),
            "elsewhere": (),
            "shown_max": SHOWN_MAX,
            **more,
        }
        return self._desk.show(request, "policy-edit.html", http_status=http_status, **values)

    async def change(self, request: web.Request) -> web.StreamResponse:
        policy = self._policy(request)
        house = self._desk.house
        found = use.open_policy(policy.id, house.world)
        given = await fields(request)
        text = await _text(request, "text")
        return await self._act(request, policy.id, found.path, text, given.get("begun", ""), given.get("act", ""))

    async def _act(
        self, request: web.Request, id_: str, path: str, text: str, begun: str, act: str
    ) -> web.StreamResponse:
        """Checks, plans or saves what was typed; whatever is wrong, the text comes back."""
        house = self._desk.house
        try:
            checked = await use.check_policy(path, text, house.world)
            plan = await use.plan_policy(checked, house) if act in ("plan", "save") and checked.is_good else None
            if act == "save" and checked.is_good:
                await use.save_policy(path, text, begun, id_, who(request).user.name, house)
                raise go(f"/policies/{id_}", "policy")
        except ConfigError as error:
            return self._problems(request, id_, path, text, begun, error.problems)
        except AggregatorError as error:
            return self._editor(request, id_, path, text, begun, 422, error=error)
        status = 200 if checked.is_good else 422
        near, elsewhere = _near(text, path, checked.problems)
        return self._editor(
            request, id_, path, text, begun, status, checked=checked, plan=plan, near=near, elsewhere=elsewhere
        )

    def _problems(
        self, request: web.Request, id_: str, path: str, text: str, begun: str, problems: tuple[Problem, ...]
    ) -> web.Response:
        near, elsewhere = _near(text, path, problems)
        return self._editor(request, id_, path, text, begun, 422, near=near, elsewhere=elsewhere)

    # ── a new one ────────────────────────────────────────────────────────────────────────────────────────────────

    async def new(self, request: web.Request) -> web.StreamResponse:
        return self._begin(request)

    def _begin(self, request: web.Request, http_status: int = 200, **more: Any) -> web.Response:
        source = said(request.query, "source")
        values = {"form": {"id": source}, "source": source, **more}
        return self._desk.show(request, "policy-new.html", http_status=http_status, **values)

    async def write_new(self, request: web.Request) -> web.StreamResponse:
        given = await fields(request)
        id_ = given.get("id", "")
        try:
            if not ID.fullmatch(id_):
                raise UsageError("give it an id of a-z, 0-9 and hyphens, such as 'herald'")
            if self._desk.house.world.policies.by_id(id_) is not None:
                raise UsageError("there is a policy '%(id)s' already; give another id, or edit that one", id=id_)
            if given.get("act") == "propose":
                text = await self._proposal(id_, given, await _text(request, "terms"))
                return self._editor(request, id_, use.new_path(id_), text, use.digest_of(""), proposed=True)
        except AggregatorError as error:
            return self._begin(request, 422, form=given, error=error)
        text = await _text(request, "text")
        return await self._act(request, id_, use.new_path(id_), text, use.digest_of(""), given.get("act", ""))

    async def _proposal(self, id_: str, given: dict[str, str], terms: str) -> str:
        """A policy to be reviewed: read from an address or from the words of the terms; else a form to be filled in.

        Raises:
            AggregatorError: the address is not to be had, or is no text.
        """
        name, url, today = given.get("name", "") or id_, given.get("url", ""), self._desk.house.clock().date()
        if url:
            if not url.startswith(("https://", "http://")):
                raise UsageError("an address begins with https://")
            answer = await self._desk.fetch_page(url)
            media_type = answer.headers.get("Content-Type")
            about = About(where=url, url=answer.url, media_type=media_type, name=name, id=id_, read=today)
            return read_terms(answer.body, about).yaml
        if terms.strip():
            about = About(where="the words that were pasted", url=None, name=name, id=id_, read=today)
            return read_terms(terms.encode("utf-8", "replace"), about).yaml
        return STUB.format(id=id_, name=_quoted(name), today=today.isoformat())


def _quoted(name: str) -> str:
    """A name as a YAML text that is one, whatever it is."""
    inner = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'


async def _text(request: web.Request, name: str) -> str:
    """A text of a form, untrimmed: indents are YAML's."""
    value = (await request.post()).get(name, "")
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


def _near(
    text: str, path: str, problems: tuple[Problem, ...]
) -> tuple[list[tuple[int, str, list[str]]], list[Problem]]:
    """The lines of a text around its problems, each with what is wrong in it; and the problems of elsewhere."""
    lines = text.splitlines()
    told: dict[int, list[str]] = {}
    elsewhere = []
    for problem in problems:
        if problem.file.endswith(path) and problem.line is not None and problem.line <= max(1, len(lines)):
            told.setdefault(problem.line, []).append(problem.message)
        else:
            elsewhere.append(problem)
    numbers = sorted({near for line in told for near in range(line - NEAR, line + NEAR + 1) if 1 <= near <= len(lines)})
    return [(number, lines[number - 1], told.get(number, [])) for number in numbers], elsewhere
