"""Accounts: people, their sessions, programs' tokens, one-time links, and the brake on guessing.

Secrets never come here: what is kept is an argon2id hash of a password, and SHA-256 digests of random secrets that are
too long to be guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, select, update

from aggregator.errors import UsageError
from aggregator.model.account import Role, Token, User, Visit
from aggregator.store import ledger
from aggregator.store.ledger import Note
from aggregator.store.statements import among, insert, text_of
from aggregator.store.tables import attempts, invitations, sessions, tokens, users

KEPT = timedelta(minutes=1)
"""How exactly the last sight of a session or token is kept: not each request is worth a write."""
FORGET = timedelta(hours=1)
"""After which failed logins count no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What proves that somebody is the user."""

    user: User
    password: str | None
    """argon2id hash."""
    totp: str | None
    totp_step: int


def _user(row: Row[Any]) -> User:
    return User(
        name=row.name,
        role=Role(row.role),
        email=row.email,
        has_totp=row.totp is not None,
        language=row.language,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        last_login_at=row.last_login_at,
    )


def _record(connection: Connection, subject: str, body: dict[str, Any], now: datetime) -> None:
    ledger.append(connection, [Note(kind=ledger.ACCOUNT, subject=subject, body=body)], now)


# People


def read_users(connection: Connection) -> list[User]:
    """All accounts, by name."""
    return [_user(row) for row in connection.execute(select(users).order_by(users.c.name))]


def read_secrets(connection: Connection, name: str) -> Secrets | None:
    """An account with what proves it; None: there is none of that name."""
    row = connection.execute(select(users).where(users.c.name == name)).one_or_none()
    if row is None:
        return None
    return Secrets(user=_user(row), password=row.password, totp=row.totp, totp_step=row.totp_step)


def add_user(connection: Connection, user: User, password: str | None, by: str) -> bool:
    """Stores a new account.

    Returns:
        False if there is one of that name already; nothing is changed then.
    """
    row = {
        "name": user.name,
        "role": user.role.value,
        "email": user.email,
        "password": password,
        "totp": None,
        "totp_step": 0,
        "language": user.language,
        "created_at": user.created_at,
    }
    new = insert(connection.dialect.name, users).values(row).on_conflict_do_nothing().returning(users.c.name)
    if connection.execute(new).one_or_none() is None:
        return False
    _record(connection, f"user/{user.name}", {"added": user.role.value, "by": by}, user.created_at)
    return True


def add_first_user(connection: Connection, user: User, password: str, link: str) -> bool:
    """Makes the first administrator by a one-time link.

    Returns:
        False if the link is not good any more, or there is an account already.
    """
    if not take_invitation(connection, link, None, user.created_at):
        return False
    if connection.execute(select(func.count()).select_from(users)).scalar_one():
        return False
    return add_user(connection, user, password, "one-time link")


def change_user(connection: Connection, name: str, changes: dict[str, Any], by: str, now: datetime) -> bool:
    """Changes columns of an account. Another role, another password or the end of an account ends its sessions (P20).

    Args:
        changes: of `role`, `email`, `language`, `password`, `totp`, `disabled_at`.
    Returns:
        False if there is no such account.
    Raises:
        UsageError: nobody would be left who may give and take accounts. Nothing is changed.
    """
    done = connection.execute(update(users).where(users.c.name == name).values(changes).returning(users.c.name))
    if done.one_or_none() is None:
        return False
    if "disabled_at" in changes or "role" in changes:
        _keep_an_admin(connection)
    if changes.keys() & {"role", "password", "disabled_at", "totp"}:
        connection.execute(delete(sessions).where(sessions.c.user == name))
    told = {key: value for key, value in changes.items() if key in ("role", "email", "language")}
    secret = sorted(changes.keys() & {"password", "totp"})
    state = {"disabled": changes["disabled_at"] is not None} if "disabled_at" in changes else {}
    _record(connection, f"user/{name}", {**told, **state, "changed": secret, "by": by}, now)
    return True


def _keep_an_admin(connection: Connection) -> None:
    left = select(func.count()).where(users.c.role == Role.ADMIN.value, users.c.disabled_at.is_(None))
    if not connection.execute(left).scalar_one():
        raise UsageError("the last administrator cannot be taken away; make another account an administrator first")


def use_code(connection: Connection, name: str, step: int) -> bool:
    """Notes that the code of this time step was used.

    Returns:
        False if it, or a later one, was used before: a code that somebody looked at over a shoulder is worth nothing.
    """
    noted = update(users).where(users.c.name == name, users.c.totp_step < step).values(totp_step=step)
    return connection.execute(noted.returning(users.c.name)).one_or_none() is not None


# Sessions


def open_session(connection: Connection, digest: str, visit: Visit) -> None:
    """Stores a session of somebody who has just logged in; those that have ended are forgotten."""
    now, name = visit.opened_at, visit.user.name
    connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
    connection.execute(update(users).where(users.c.name == name).values(last_login_at=now))
    connection.execute(
        sessions.insert().values(
            digest=digest, user=name, csrf=visit.csrf, opened_at=now, seen_at=now, expires_at=visit.expires_at
        )
    )


def read_visit(connection: Connection, digest: str) -> Visit | None:
    """The session of a cookie, if its account is not disabled; whether its time is over is for the caller to see."""
    joined = select(users, sessions).join(sessions, sessions.c.user == users.c.name)
    row = connection.execute(joined.where(sessions.c.digest == digest, users.c.disabled_at.is_(None))).one_or_none()
    if row is None:
        return None
    return Visit(
        user=_user(row), csrf=row.csrf, opened_at=row.opened_at, seen_at=row.seen_at, expires_at=row.expires_at
    )


def touch_session(connection: Connection, digest: str, now: datetime) -> None:
    """Notes that the session is alive."""
    connection.execute(update(sessions).where(sessions.c.digest == digest).values(seen_at=now))


def close_session(connection: Connection, digest: str) -> None:
    """Ends a session."""
    connection.execute(delete(sessions).where(sessions.c.digest == digest))


def count_sessions(connection: Connection, now: datetime) -> dict[str, int]:
    """How many sessions each account has now; those without any are missing."""
    read = select(sessions.c.user, func.count()).where(sessions.c.expires_at > now).group_by(sessions.c.user)
    return {row[0]: row[1] for row in connection.execute(read)}


def close_sessions(connection: Connection, name: str, but: str | None) -> int:
    """Ends all sessions of an account.

    Args:
        but: digest of one that stays; None: none does.
    Returns:
        How many were ended.
    """
    ended = delete(sessions).where(sessions.c.user == name)
    if but is not None:
        ended = ended.where(sessions.c.digest != but)
    return connection.execute(ended).rowcount


# Tokens


def _token(row: Row[Any]) -> Token:
    return Token(
        id=row.id,
        name=row.name,
        user=row.user,
        role=Role(row.role),
        created_at=row.created_at,
        scopes=_scopes.decode(row.scopes),
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        used_at=row.used_at,
    )


_scopes = msgspec.json.Decoder(tuple[str, ...])


def add_token(connection: Connection, token: Token, digest: str, by: str) -> None:
    """Stores a new token."""
    connection.execute(
        tokens.insert().values(
            id=token.id,
            digest=digest,
            name=token.name,
            user=token.user,
            role=token.role.value,
            created_at=token.created_at,
            expires_at=token.expires_at,
            scopes=text_of(list(token.scopes)),
        )
    )
    body: dict[str, Any] = {"added": token.role.value, "name": token.name, "user": token.user, "by": by}
    if token.scopes:
        body["scopes"] = list(token.scopes)
    _record(connection, f"token/{token.id}", body, token.created_at)


def read_tokens(connection: Connection, user: str | None) -> list[Token]:
    """Tokens, the oldest first; of one account, if it is named."""
    read = select(tokens).order_by(tokens.c.created_at, tokens.c.id)
    return [_token(row) for row in connection.execute(read if user is None else read.where(tokens.c.user == user))]


def find_token(connection: Connection, digest: str) -> tuple[Token, User] | None:
    """The token of a secret and its account, whether or not they are still good."""
    row = connection.execute(select(tokens).where(tokens.c.digest == digest)).one_or_none()
    if row is None:
        return None
    secrets = read_secrets(connection, row.user)
    return (_token(row), secrets.user) if secrets else None


def touch_token(connection: Connection, id_: str, now: datetime) -> None:
    """Notes a use."""
    connection.execute(update(tokens).where(tokens.c.id == id_).values(used_at=now))


def revoke_token(connection: Connection, id_: str, by: str, now: datetime) -> bool:
    """Ends a token.

    Returns:
        False if there is none of that id, or it was ended before.
    """
    ended = update(tokens).where(tokens.c.id == id_, tokens.c.revoked_at.is_(None)).values(revoked_at=now)
    if connection.execute(ended.returning(tokens.c.id)).one_or_none() is None:
        return False
    _record(connection, f"token/{id_}", {"revoked": True, "by": by}, now)
    return True


# One-time links


def invite(connection: Connection, digest: str, user: str | None, expires_at: datetime) -> None:
    """Stores a one-time link; an earlier one for the same purpose is good no more."""
    same = invitations.c.user.is_(None) if user is None else invitations.c.user == user
    connection.execute(delete(invitations).where(same))
    connection.execute(invitations.insert().values(digest=digest, user=user, expires_at=expires_at))


def read_invitation(connection: Connection, digest: str, now: datetime) -> tuple[bool, str | None]:
    """(whether the link is good, whose password it sets)."""
    read = select(invitations.c.user).where(invitations.c.digest == digest, invitations.c.expires_at > now)
    row = connection.execute(read).one_or_none()
    return (False, None) if row is None else (True, row.user)


def take_invitation(connection: Connection, digest: str, user: str | None, now: datetime) -> bool:
    """Uses a link up. False if it is not good for this purpose (any more)."""
    same = invitations.c.user.is_(None) if user is None else invitations.c.user == user
    used = delete(invitations).where(invitations.c.digest == digest, invitations.c.expires_at > now, same)
    return connection.execute(used.returning(invitations.c.digest)).one_or_none() is not None


def take_password(connection: Connection, link: str, user: str, password: str, now: datetime) -> bool:
    """Sets a password by a one-time link. False if the link is not good (any more)."""
    if not take_invitation(connection, link, user, now):
        return False
    return change_user(connection, user, {"password": password}, "one-time link", now)


def has_users(connection: Connection) -> bool:
    """Whether anybody has an account."""
    return connection.execute(select(users.c.name).limit(1)).one_or_none() is not None


# The brake


def locked_until(connection: Connection, keys: Sequence[str], now: datetime) -> datetime | None:
    """Until when logins under any of these keys are refused; None: they are not."""
    read = select(func.max(attempts.c.locked_until)).where(among(connection, attempts.c.key, keys))
    until: datetime | None = connection.execute(read).scalar_one()
    return until if until is not None and until > now else None


def note_failure(connection: Connection, key: str, free: int, first: timedelta, most: timedelta, now: datetime) -> None:
    """Counts a failed login; from the `free`-th on each one locks the key, twice as long as the one before.

    Args:
        first: of the first lock.
        most: of any lock.
    """
    connection.execute(delete(attempts).where(attempts.c.last_at < now - FORGET))
    row = connection.execute(select(attempts.c.failures).where(attempts.c.key == key)).one_or_none()
    failures = (row.failures if row else 0) + 1
    lock = min(first * 2 ** min(failures - free, 20), most) if failures >= free else None
    values = {"failures": failures, "last_at": now, "locked_until": None if lock is None else now + lock}
    new = insert(connection.dialect.name, attempts).values(key=key, **values)
    connection.execute(new.on_conflict_do_update(index_elements=["key"], set_=values))


def forget_failures(connection: Connection, key: str) -> None:
    """After a good login."""
    connection.execute(delete(attempts).where(attempts.c.key == key))
