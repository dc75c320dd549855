"""One operation of the interface as a value: the router, the authorisation, the validation and the document read it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from aiohttp import web

from aggregator.model.account import Role, Token, User
from aggregator.web.api.shapes import Answer, Asked, Query

if TYPE_CHECKING:
    from aggregator.service.house import House
    from aggregator.service.world import World
    from aggregator.store import Store
    from aggregator.web.admin.desk import Desk

PREFIX = "/api/v1"
BODY_MAX = 256_000
"""Bytes of a body, where an operation does not say otherwise."""

KEPT = web.ResponseKey("kept", bytes)
"""Under which an answer keeps what may be told again of it."""

Q = TypeVar("Q")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Call(Generic[Q, B]):
    """One request, after everything about it was checked."""

    request: web.Request
    desk: Desk
    user: User
    token: Token
    query: Q
    body: B

    @property
    def house(self) -> House:
        return self.desk.house

    @property
    def world(self) -> World:
        return self.desk.house.world

    @property
    def store(self) -> Store:
        return self.desk.house.store

    @property
    def now(self) -> datetime:
        return self.desk.house.clock()

    @property
    def by(self) -> str:
        """Who acts, as the ledger names it: the token's account."""
        return self.user.name

    def named(self, name: str) -> str:
        """A part of the address."""
        return self.request.match_info[name]

    def may(self, role: Role) -> bool:
        """Whether the token reaches that far."""
        return self.user.role.covers(role) and self.token.role.covers(role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer with header fields of its own."""

    answer: Answer
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """An answer that is no JSON of ours: a letter, a document, an export."""

    body: bytes
    media: str
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[[Call[Any, Any]], Awaitable[Answer | Reply | Raw | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One row of the table."""

    method: str
    path: str
    """After `/api/v1`, as aiohttp's router reads it: `/flags/{id}`."""
    handler: Handler
    """Its name is the operation's id."""
    summary: str
    """What it does, in a line."""
    about: str = ""
    """More, where the line does not say all."""
    role: Role | None = Role.VIEWER
    """The least role that may; None: anyone, without a token."""
    query: type[Query] | None = None
    body: type[Asked] | None = None
    answer: type[Answer] | None = None
    """None: it answers 204, or `media`."""
    status: int = 200
    media: tuple[str, ...] = ()
    """Media types, where it answers no JSON of ours."""
    creates: bool = False
    """It may be sent twice by a program that heard no answer: an `Idempotency-Key` makes it happen once."""
    careful: bool = False
    """It changes what a GET of the same address shows: `If-Match` keeps it from overwriting what it has not seen."""
    must_match: bool = False
    """That `If-Match` must be sent."""
    refuses: bool = False
    """It may be refused though it is well written, and takes no body (409)."""
    body_max: int = BODY_MAX

    @property
    def id(self) -> str:
        return getattr(self.handler, "__name__", "")

    @property
    def noun(self) -> str:
        """The first part of the path: what tokens' scopes name."""
        return self.path.split("/")[1]

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the variable parts of the path."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def errors(self) -> tuple[int, ...]:
        """Statuses that it may answer when it is not done, in order."""
        found = {400, 406, 429, 500, 503}
        if self.role is not None:
            found |= {401, 403}
        if self.parameters:
            found.add(404)
        if self.body is not None:
            found |= {413, 415}
        paged = self.query is not None and "after" in self.query.model_fields  # a cursor may be of another list
        if self.body is not None or self.refuses or self.creates or paged:
            found.add(409)
        if self.careful or self.must_match:
            found.add(412)
        if self.must_match:
            found.add(428)
        return tuple(sorted(found))
