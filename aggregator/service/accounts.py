"""Accounts: who may log in, what proves it, and the brake on guessing."""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

import argon2
import pyotp

from aggregator.errors import UsageError
from aggregator.model.account import SCOPES, Role, Token, User, Visit
from aggregator.store import accounts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from aggregator.store import Store

IDLE = timedelta(hours=12)
"""After which a session that nobody used ends."""
LASTS = timedelta(days=7)
"""What a session lasts at most."""
INVITED = timedelta(hours=24)
"""How long a one-time link is good."""

PASSWORD_MIN, PASSWORD_MAX = 10, 1000
"""Characters. No rules about their kinds: length is what helps (NIST SP 800-63B, 5.1.1.2)."""

ACCOUNT_FREE, ADDRESS_FREE = 5, 20
"""Failed logins before each further one locks: for one account, and from one address."""
LOCK_FIRST, LOCK_MOST = timedelta(seconds=30), timedelta(minutes=15)

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_HASHER = argon2.PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)
"""argon2id with 46 MB: the first of the sets that OWASP's cheat sheet on storing passwords holds for equal."""
_AT_ONCE = 2
"""Password hashes that are computed side by side: each takes 46 MB and a core."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """What a good login gives."""

    cookie: str
    """The session's secret: for the browser only, never stored or logged."""
    visit: Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why a login did not succeed. It never tells whether there is such an account."""

    why: str
    """`wrong`, `code` (the password was right and a code is wanted) or `wait`."""
    until: datetime | None = None
    """When the next try may be made, for `wait`."""


class Accounts:
    """The use cases about accounts. One per process."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._hashing = asyncio.Semaphore(_AT_ONCE)

    # People

    async def users(self) -> list[User]:
        """All accounts, by name."""
        return await self._store.read(accounts.read_users)

    async def has_users(self) -> bool:
        return await self._store.read(accounts.has_users)

    async def user(self, name: str) -> User:
        """The account of this name.

        Raises:
            UsageError: there is none.
        """
        found = await self._store.read(accounts.read_secrets, name)
        if found is None:
            raise UsageError(
                "there is no account '%(name)s'",
                command="'aggregator users list' shows those that there are",
                name=name,
            )
        return found.user

    async def add(self, name: str, role: Role, *, password: str | None, email: str | None, by: str) -> str | None:
        """Makes an account.

        Args:
            password: None: it is set by a one-time link.
            by: who makes it.
        Returns:
            The secret of the one-time link; None where a password was given.
        Raises:
            UsageError: the name is taken or no name, or the password is too weak.
        """
        user = User(name=checked_name(name), role=role, email=checked_mail(email), created_at=self._clock())
        hashed = None if password is None else await self._hash(checked_password(password, name))
        if not await self._store.write(accounts.add_user, user, hashed, by):
            raise UsageError(
                "there is an account '%(name)s' already", command="'aggregator users list' shows it", name=name
            )
        return await self.invite(name) if password is None else None

    async def change(
        self,
        name: str,
        *,
        by: str,
        role: Role | None = None,
        email: str | None = None,
        language: str | None = None,
        disabled: bool | None = None,
    ) -> None:
        """Changes an account; what is None stays. A change of role or state ends its sessions.

        Args:
            email, language: empty: none any more.
        Raises:
            UsageError: there is no such account, or nobody would be left who gives and takes accounts.
        """
        now = self._clock()
        changes: dict[str, object] = {}
        if role is not None:
            changes["role"] = role.value
        if email is not None:
            changes["email"] = checked_mail(email)
        if language is not None:
            changes["language"] = language or None
        if disabled is not None:
            changes["disabled_at"] = now if disabled else None
        await self._change(name, changes, by)

    async def _change(self, name: str, changes: dict[str, object], by: str) -> None:
        if changes and not await self._store.write(accounts.change_user, name, changes, by, self._clock()):
            raise UsageError(
                "there is no account '%(name)s'",
                command="'aggregator users list' shows those that there are",
                name=name,
            )

    async def set_password(self, name: str, password: str, *, by: str) -> None:
        """Sets another password and ends all sessions of the account.

        Raises:
            UsageError: there is no such account, or the password is too weak.
        """
        await self._change(name, {"password": await self._hash(checked_password(password, name))}, by)

    async def is_password(self, name: str, password: str) -> bool:
        """Whether this is the account's password; takes as long where there is no such account."""
        found = await self._store.read(accounts.read_secrets, name)
        return await self._verify(found.password if found else None, password)

    # One-time links

    async def invite(self, name: str | None) -> str:
        """A one-time link's secret: sets the password of an account, or makes the first administrator (name None)."""
        secret = secrets.token_urlsafe(32)
        await self._store.write(accounts.invite, digest(secret), name, self._clock() + INVITED)
        return secret

    async def invited(self, link: str) -> tuple[bool, str | None]:
        """(whether the link is good, whose password it sets; None: it makes the first administrator)."""
        return await self._store.read(accounts.read_invitation, digest(link), self._clock())

    async def accept(self, link: str, name: str, password: str) -> None:
        """Uses a one-time link: sets the password, or makes the first administrator of this name.

        Raises:
            UsageError: the link is not good any more, or name or password are not.
        """
        good, whose = await self.invited(link)
        if not good:
            raise UsageError("this link was used before or is too old; ask for another")
        name = whose if whose is not None else checked_name(name)
        hashed = await self._hash(checked_password(password, name))
        if whose is not None:
            done = await self._store.write(accounts.take_password, digest(link), name, hashed, self._clock())
        else:
            user = User(name=name, role=Role.ADMIN, created_at=self._clock())
            done = await self._store.write(accounts.add_first_user, user, hashed, digest(link))
        if not done:
            raise UsageError("this link was used before or is too old; ask for another")

    # Logging in and out

    async def log_in(self, name: str, password: str, code: str, address: str) -> LoggedIn | Refused:
        """Opens a session for whoever proves to be the user.

        Args:
            code: from the second device; empty: none was given.
            address: where the request comes from.
        """
        now, name = self._clock(), name.strip().lower()
        keys = [f"account:{name[:100]}", f"address:{address[:100]}"]
        until = await self._store.read(accounts.locked_until, keys, now)
        if until is not None:
            return Refused(why="wait", until=until)
        found = await self._store.read(accounts.read_secrets, name)
        good = await self._verify(found.password if found else None, password)
        if found is None or not good or found.user.disabled_at is not None:
            await self._note_failure(keys, now)
            return Refused(why="wrong")
        if found.totp is not None and not await self._is_code(name, found.totp, code, now):
            if code:
                await self._note_failure(keys, now)
            return Refused(why="code")
        await self._store.write(accounts.forget_failures, keys[0])
        return await self._open(found.user, now)

    async def log_in_proven(self, name: str) -> LoggedIn | None:
        """Opens a session for somebody whom a provider has proven to be the user; None: the account may not log in."""
        found = await self._store.read(accounts.read_secrets, name)
        if found is None or found.user.disabled_at is not None:
            return None
        return await self._open(found.user, self._clock())

    async def _note_failure(self, keys: list[str], now: datetime) -> None:
        for key, free in zip(keys, (ACCOUNT_FREE, ADDRESS_FREE), strict=True):
            await self._store.write(accounts.note_failure, key, free, LOCK_FIRST, LOCK_MOST, now)

    async def _open(self, user: User, now: datetime) -> LoggedIn:
        cookie = secrets.token_urlsafe(32)
        visit = Visit(user=user, csrf=secrets.token_urlsafe(32), opened_at=now, seen_at=now, expires_at=now + LASTS)
        await self._store.write(accounts.open_session, digest(cookie), visit)
        return LoggedIn(cookie=cookie, visit=visit)

    async def visit(self, cookie: str) -> Visit | None:
        """The session of a cookie; None if there is none, or it has ended."""
        now = self._clock()
        found = await self._store.read(accounts.read_visit, digest(cookie))
        if found is None or now >= found.expires_at or now >= found.seen_at + IDLE:
            return None
        if now >= found.seen_at + accounts.KEPT:
            await self._store.write(accounts.touch_session, digest(cookie), now)
        return found

    async def log_out(self, cookie: str) -> None:
        """Ends a session, here and not only in the browser."""
        await self._store.write(accounts.close_session, digest(cookie))

    async def end_sessions(self, name: str, but: str | None = None) -> int:
        """Ends all sessions of an account, but that of a cookie. Returns how many."""
        return await self._store.write(accounts.close_sessions, name, digest(but) if but else None)

    async def count_sessions(self) -> dict[str, int]:
        """How many sessions each account has; those without any are missing."""
        return await self._store.read(accounts.count_sessions, self._clock())

    # The second factor

    @staticmethod
    def new_totp(name: str, site: str) -> tuple[str, str]:
        """(a new secret, the address that an authenticator reads from a picture)."""
        secret = pyotp.random_base32()
        return secret, totp_address(secret, name, site)

    async def set_totp(self, name: str, secret: str | None, code: str, *, by: str) -> None:
        """Asks for codes of this secret from now on; None: for none any more.

        Raises:
            UsageError: the code does not fit the secret.
        """
        if secret is not None and not is_totp_secret(secret):
            raise UsageError("the form was changed on its way; open the page again")
        if secret is not None and self._step(secret, code, self._clock()) is None:
            raise UsageError("the code does not fit; check the clock of your device, and try the next code")
        await self._change(name, {"totp": secret}, by)

    async def _is_code(self, name: str, secret: str, code: str, now: datetime) -> bool:
        step = self._step(secret, code, now)
        return step is not None and await self._store.write(accounts.use_code, name, step)

    @staticmethod
    def _step(secret: str, code: str, now: datetime) -> int | None:
        """The time step whose code this is: the present one or its neighbours (RFC 6238, 5.2)."""
        digits = "".join(code.split())
        totp = pyotp.TOTP(secret)
        present = totp.timecode(now)
        fits = [
            step
            for step in (present - 1, present, present + 1)
            if secrets.compare_digest(totp.generate_otp(step).encode(), digits.encode("utf-8", "replace"))
        ]
        return fits[0] if fits else None

    # Tokens

    async def tokens(self, user: str | None = None) -> list[Token]:
        """Programs' keys, the oldest first; of one account, if it is named."""
        return await self._store.read(accounts.read_tokens, user)

    async def add_token(
        self,
        name: str,
        user: str,
        role: Role,
        *,
        lasts: timedelta | None,
        by: str,
        scopes: Sequence[str] = (),
        no_later: datetime | None = None,
    ) -> tuple[Token, str]:
        """Makes a key for a program.

        Args:
            no_later: when it ends at the latest, however long it lasts; None: there is no such bound.
            scopes: parts of the API that it opens; empty: all that its role may.

        Returns:
            The key's facts, and its secret: to be shown once, it is stored nowhere.
        Raises:
            UsageError: there is no such account, or the key could do more than it.
        """
        owner = await self.user(user)
        if not name.strip():
            raise UsageError("say what the token is for, in a word or two")
        if not owner.role.covers(role):
            raise UsageError(
                "account '%(user)s' is %(role)s: its token cannot be %(role2)s", user=user, role=owner.role, role2=role
            )
        for scope in scopes:
            if scope not in SCOPES:
                raise UsageError(
                    "scope '%(scope)s' is not known; use some of: %(known)s", scope=scope, known=", ".join(SCOPES)
                )
        now = self._clock()
        token = Token(
            id=secrets.token_hex(4),
            name=" ".join(name.split())[:100],
            user=user,
            role=role,
            created_at=now,
            scopes=tuple(dict.fromkeys(scopes)),
            expires_at=min((one for one in (None if lasts is None else now + lasts, no_later) if one), default=None),
        )
        secret = f"agg_{secrets.token_urlsafe(32)}"
        await self._store.write(accounts.add_token, token, digest(secret), by)
        return token, secret

    async def revoke_token(self, id_: str, *, by: str) -> None:
        """Ends a key.

        Raises:
            UsageError: there is none of that id, or it was ended before.
        """
        if not await self._store.write(accounts.revoke_token, id_, by, self._clock()):
            raise UsageError(
                "token '%(id)s' is not in use", command="'aggregator tokens list' shows those that are", id=id_
            )

    async def bearer(self, secret: str) -> tuple[Token, User] | None:
        """The key of a secret and its account; None if it is good no more."""
        now = self._clock()
        found = await self._store.read(accounts.find_token, digest(secret))
        if found is None:
            return None
        token, user = found
        ended = token.revoked_at is not None or (token.expires_at is not None and now >= token.expires_at)
        if ended or user.disabled_at is not None:
            return None
        if token.used_at is None or now >= token.used_at + accounts.KEPT:
            await self._store.write(accounts.touch_token, token.id, now)
        return token, user

    # Hashes, off the event loop

    async def _hash(self, password: str) -> str:
        async with self._hashing:
            return await asyncio.to_thread(_HASHER.hash, password)

    async def _verify(self, hashed: str | None, password: str) -> bool:
        async with self._hashing:
            good = await asyncio.to_thread(_verified, hashed, password[:PASSWORD_MAX])
        return good and hashed is not None


@cache
def _nobody() -> str:
    """A hash to verify where there is no such account, so that a guess takes as long (P21)."""
    return _HASHER.hash(secrets.token_urlsafe(16))


def _verified(hashed: str | None, password: str) -> bool:
    try:
        return _HASHER.verify(hashed or _nobody(), password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


def totp_address(secret: str, name: str, site: str) -> str:
    """What an authenticator reads from a picture (`otpauth://…`)."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=site)


def is_totp_secret(text: str) -> bool:
    """Whether this is a secret that `new_totp` could have made: it comes back in a form."""
    return re.fullmatch(r"[A-Z2-7]{32}", text) is not None


def digest(secret: str) -> str:
    """What is stored of a random secret of 256 bits: it cannot be guessed, so a plain hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def checked_name(name: str) -> str:
    """Raises UsageError if no account may have this name."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            "'%(name)s' is no name for an account; use a-z, 0-9, dots and hyphens, 63 at most", name=name[:80]
        )
    return name


def checked_mail(email: str | None) -> str | None:
    """A mail address or None. Raises UsageError."""
    text = (email or "").strip()
    name, at, domain = text.rpartition("@")
    if text and not (name and at and "." in domain and text.isprintable() and " " not in text and len(text) < 255):
        raise UsageError("'%(text)s' is not a mail address; write one such as desk@example.org", text=text[:80])
    return text or None


def checked_password(password: str, name: str) -> str:
    """Raises UsageError if a password is too easy to guess or too long to hash."""
    if len(password) < PASSWORD_MIN:
        raise UsageError(
            "the password is too short; use %(password_min)s characters or more, such as four words",
            password_min=PASSWORD_MIN,
        )
    if len(password) > PASSWORD_MAX:
        raise UsageError("the password is longer than %(password_max)s characters", password_max=PASSWORD_MAX)
    if (name in password.lower() and len(password) < len(name) + PASSWORD_MIN) or len(set(password)) < 5:
        raise UsageError("the password is too easy to guess; use several words that have nothing to do with each other")
    return password
