"""Tokens: keys of programs. Everybody sees and ends their own; administrators those of everybody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

from pydantic import Field

from aggregator.model.account import SCOPES, Role, Token
from aggregator.web.api.operation import PREFIX, Call, Operation, Reply
from aggregator.web.api.paging import Page, Paged, linked, page_of
from aggregator.web.api.problem import Refused, missing
from aggregator.web.api.shapes import Answer, Asked, Instant, Name, Said

DAYS, DAYS_MAX = 90, 3650
Scope = Literal[SCOPES]  # type: ignore[valid-type]  # the words stand in the model, once


class TokenShape(Answer):
    """A program's key, without its secret."""

    id: str
    name: str
    """What it is for."""
    user: str
    """Whose it is: it may never do more than that account."""
    role: Role
    """What it may do at most."""
    scopes: tuple[str, ...]
    """Parts of the interface that it opens; none: all that its role may."""
    created_at: Instant
    expires_at: Instant | None
    revoked_at: Instant | None
    used_at: Instant | None
    """Last use, to the minute."""


class TokenPage(Page):
    items: tuple[TokenShape, ...]


class TokenAsked(Asked):
    """A new key. It cannot do more than the token that makes it, nor last longer."""

    name: Said = Field(max_length=100)
    """What it is for."""
    role: Role
    scopes: tuple[Scope, ...] = Field((), max_length=len(SCOPES))
    days: int | None = Field(DAYS, ge=1, le=DAYS_MAX)
    """How long it is good; null: until it is revoked."""
    user: Name | None = None
    """Whose it is, for administrators; left out: your own."""


class TokenMade(Answer):
    """A new key with its secret, which is shown this once and kept nowhere."""

    token: TokenShape
    secret: str | None
    """Null where this answer is given again."""

    def without_secrets(self) -> TokenMade:
        return self.model_copy(update={"secret": None})


async def list_tokens(call: Call[Paged, None]) -> Reply:
    found = await call.desk.accounts.tokens(None if call.may(Role.ADMIN) else call.user.name)
    shown, following = page_of(found, lambda one: one.id, call.query, "tokens")
    return linked(call, TokenPage(items=tuple(map(TokenShape.model_validate, shown)), next=following))


async def get_token(call: Call[None, None]) -> TokenShape:
    return TokenShape.model_validate(await _token(call))


async def _token(call: Call[Any, Any]) -> Token:
    id_ = call.named("id")
    found = await call.desk.accounts.tokens(None if call.may(Role.ADMIN) else call.user.name)
    token = next((one for one in found if one.id == id_), None)
    if token is None:
        raise missing(f"there is no token '{id_}'")
    return token


async def add_token(call: Call[None, TokenAsked]) -> Reply:
    asked, owner = call.body, call.body.user or call.user.name
    if owner != call.user.name and not call.may(Role.ADMIN):
        raise Refused(403, "a token of another account is made by administrators only")
    beyond = call.token.scopes and (not asked.scopes or set(asked.scopes) - set(call.token.scopes))
    if beyond or not call.token.role.covers(asked.role):
        raise Refused(403, "a token cannot make one that may do more than itself")
    token, secret = await call.desk.accounts.add_token(
        asked.name,
        owner,
        asked.role,
        lasts=None if asked.days is None else timedelta(days=asked.days),
        by=call.by,
        scopes=asked.scopes,
        no_later=call.token.expires_at,  # or a stolen one would never end
    )
    made = TokenMade(token=TokenShape.model_validate(token), secret=secret)
    return Reply(answer=made, headers={"Location": f"{PREFIX}/tokens/{token.id}"})


async def revoke_token(call: Call[None, None]) -> None:
    token = await _token(call)
    if not call.token.role.covers(token.role):
        raise Refused(403, "a token cannot end one that may do more than itself")
    await call.desk.accounts.revoke_token(token.id, by=call.by)


OPERATIONS = (
    Operation(
        method="GET", path="/tokens", handler=list_tokens, summary="List the tokens", query=Paged, answer=TokenPage
    ),
    Operation(
        method="POST",
        path="/tokens",
        handler=add_token,
        summary="Make a token",
        body=TokenAsked,
        answer=TokenMade,
        status=201,
        creates=True,
    ),
    Operation(method="GET", path="/tokens/{id}", handler=get_token, summary="One token", answer=TokenShape),
    Operation(
        method="DELETE",
        path="/tokens/{id}",
        handler=revoke_token,
        summary="End a token",
        careful=True,
        refuses=True,
    ),
)
