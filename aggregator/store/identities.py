"""Who a person of an OpenID Connect provider is here, and logins that wait for the provider's answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from aggregator.model.account import User
from aggregator.store import ledger
from aggregator.store.accounts import add_user
from aggregator.store.ledger import Note
from aggregator.store.statements import insert
from aggregator.store.tables import identities, oidc_logins, users

WAITING_MAX = 5_000
"""Logins that wait at once: anybody may begin one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A login that waits for the provider's answer."""

    browser: str
    """Digest of the cookie of the browser in which it began."""
    nonce: str
    verifier: str
    target: str
    user: str | None
    """Account that is to be linked; None: a login."""


def begin(connection: Connection, state: str, begun: Begun, now: datetime, expires_at: datetime) -> bool:
    """Stores a login that begins; those that nobody ended are forgotten.

    Args:
        state: digest of what the provider must send back.
    Returns:
        False if too many wait.
    """
    connection.execute(delete(oidc_logins).where(oidc_logins.c.expires_at <= now))
    if connection.execute(select(func.count()).select_from(oidc_logins)).scalar_one() >= WAITING_MAX:
        return False
    values = {name: getattr(begun, name) for name in ("browser", "nonce", "verifier", "target", "user")}
    connection.execute(oidc_logins.insert().values(state=state, expires_at=expires_at, **values))
    return True


def take(connection: Connection, state: str, now: datetime) -> Begun | None:
    """The login that waits for this answer, which is used up by it; None: there is none (any more)."""
    ended = delete(oidc_logins).where(oidc_logins.c.state == state).returning(oidc_logins)
    row = connection.execute(ended).one_or_none()
    if row is None or row.expires_at <= now:
        return None
    return Begun(browser=row.browser, nonce=row.nonce, verifier=row.verifier, target=row.target, user=row.user)


def find(connection: Connection, issuer: str, subject: str) -> str | None:
    """Name of the account of a person; None: nobody here."""
    read = select(identities.c.user).where(identities.c.issuer == issuer, identities.c.subject == subject)
    found: str | None = connection.execute(read).scalar_one_or_none()
    return found


def of_user(connection: Connection, user: str) -> list[str]:
    """Issuers by which an account logs in."""
    read = select(identities.c.issuer).where(identities.c.user == user).order_by(identities.c.issuer)
    return [str(row.issuer) for row in connection.execute(read)]


def link(connection: Connection, issuer: str, subject: str, user: str, now: datetime) -> bool:
    """Says who a person is here.

    Returns:
        False if the person is somebody already; nothing is changed then.
    """
    new = insert(connection.dialect.name, identities).values(issuer=issuer, subject=subject, user=user, linked_at=now)
    done = new.on_conflict_do_nothing().returning(identities.c.user)
    if connection.execute(done).one_or_none() is None:
        return False
    body = {"linked": issuer, "subject": subject, "by": user}
    ledger.append(connection, [Note(kind=ledger.ACCOUNT, subject=f"user/{user}", body=body)], now)
    return True


def unlink(connection: Connection, issuer: str, user: str, now: datetime) -> bool:
    """Ends that an account logs in by a provider. False if it did not."""
    ended = delete(identities).where(identities.c.issuer == issuer, identities.c.user == user)
    if connection.execute(ended.returning(identities.c.subject)).first() is None:
        return False
    body = {"unlinked": issuer, "by": user}
    ledger.append(connection, [Note(kind=ledger.ACCOUNT, subject=f"user/{user}", body=body)], now)
    return True


def add_linked(connection: Connection, user: User, issuer: str, subject: str) -> str:
    """Makes an account for a person, under the first free name after that of `user`.

    Returns:
        Its name.
    """
    taken = {str(row.name) for row in connection.execute(select(users.c.name))}
    name, number = user.name, 1
    while name in taken:
        number += 1
        name = f"{user.name[:56]}-{number}"
    fresh = User(name=name, role=user.role, email=user.email, created_at=user.created_at)
    add_user(connection, fresh, None, issuer)
    link(connection, issuer, subject, name, user.created_at)
    return name
