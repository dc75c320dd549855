"""Accounts of people: for administrators."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from aggregator.errors import UsageError
from aggregator.model.account import Role
from aggregator.web.admin.access import PREFIX as PAGES
from aggregator.web.api.operation import PREFIX, Call, Operation, Reply
from aggregator.web.api.paging import Page, Paged, linked, page_of
from aggregator.web.api.problem import missing
from aggregator.web.api.shapes import Answer, Asked, Instant, Word


class UserShape(Answer):
    """An account of a person, without its secrets."""

    name: str
    role: Role
    email: str | None
    has_totp: bool
    """Whether a code from a second device is asked for."""
    language: str | None
    created_at: Instant
    disabled_at: Instant | None
    last_login_at: Instant | None


class UserPage(Page):
    items: tuple[UserShape, ...]


class UserAsked(Asked):
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]
    role: Role
    email: Word | None = None


class UserChange(Asked):
    """What is to be another; what is left out stays."""

    role: Role | None = None
    email: Word | None = None
    """Empty: none any more."""
    disabled: bool | None = None


class Invited(Answer):
    """A one-time link by which a person sets the password; good for a day."""

    name: str
    link: str | None
    """Null where this answer is given again."""

    def without_secrets(self) -> Invited:
        return self.model_copy(update={"link": None})


async def list_users(call: Call[Paged, None]) -> Reply:
    found = await call.desk.accounts.users()
    shown, following = page_of(found, lambda one: one.name, call.query, "users")
    return linked(call, UserPage(items=tuple(map(UserShape.model_validate, shown)), next=following))


async def get_user(call: Call[None, None]) -> UserShape:
    return await _user(call)


async def _user(call: Call[Any, Any]) -> UserShape:
    try:
        return UserShape.model_validate(await call.desk.accounts.user(call.named("name")))
    except UsageError as error:
        raise missing(error.worded()) from error


async def add_user(call: Call[None, UserAsked]) -> Reply:
    asked = call.body
    secret = await call.desk.accounts.add(asked.name, asked.role, password=None, email=asked.email, by=call.by)
    return Reply(
        answer=Invited(name=asked.name, link=_link(call, secret or "")),
        headers={"Location": f"{PREFIX}/users/{asked.name}"},
    )


def _link(call: Call[Any, Any], secret: str) -> str:
    return f"{call.house.public_url()}{PAGES}/welcome/{secret}"


async def change_user(call: Call[None, UserChange]) -> UserShape:
    before, asked = await _user(call), call.body
    await call.desk.accounts.change(
        before.name, by=call.by, role=asked.role, email=asked.email, disabled=asked.disabled
    )
    return await _user(call)


async def invite_user(call: Call[None, None]) -> Invited:
    before = await _user(call)
    return Invited(name=before.name, link=_link(call, await call.desk.accounts.invite(before.name)))


OPERATIONS = (
    Operation(
        method="GET",
        path="/users",
        handler=list_users,
        summary="List the accounts",
        role=Role.ADMIN,
        query=Paged,
        answer=UserPage,
    ),
    Operation(
        method="POST",
        path="/users",
        handler=add_user,
        summary="Make an account",
        about="Its password is set by the one-time link of the answer.",
        role=Role.ADMIN,
        body=UserAsked,
        answer=Invited,
        status=201,
        creates=True,
    ),
    Operation(
        method="GET",
        path="/users/{name}",
        handler=get_user,
        summary="One account",
        role=Role.ADMIN,
        answer=UserShape,
    ),
    Operation(
        method="PATCH",
        path="/users/{name}",
        handler=change_user,
        summary="Give an account another role, or take it away",
        about="Another role, or the end of it, ends its sessions. The last administrator cannot be taken away.",
        role=Role.ADMIN,
        body=UserChange,
        answer=UserShape,
        careful=True,
    ),
    Operation(
        method="POST",
        path="/users/{name}/invitation",
        handler=invite_user,
        summary="Make a one-time link to set a password",
        role=Role.ADMIN,
        answer=Invited,
        creates=True,
    ),
)
