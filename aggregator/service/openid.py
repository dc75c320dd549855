"""Login by an OpenID Connect provider: the code flow with PKCE, state and nonce (OpenID Connect Core 1.0, 3.1).

A person is known by the provider's subject, never by a mail address: addresses are given to others. Who has no account
gets one only where the configuration says so; who has one links it while logged in.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

import structlog

from aggregator.errors import AggregatorError, UsageError
from aggregator.model.account import Role, User
from aggregator.model.fetched import Ask, FetchFailed
from aggregator.service.accounts import digest
from aggregator.store import identities

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from aggregator.config.settings import Oidc
    from aggregator.model.fetched import Answer
    from aggregator.model.source import SecretRef
    from aggregator.service.accounts import Accounts, LoggedIn
    from aggregator.store import Store

    Asking = Callable[[Ask, datetime], Awaitable[Answer | FetchFailed]]

log = structlog.get_logger(__name__)

ALGORITHMS = ("RS256", "PS256", "ES256", "RS384", "PS384", "ES384", "RS512", "PS512", "ES512", "EdDSA", "Ed25519")
"""Of signatures: public keys only. `none`, and what needs a secret that both know, are none of them."""
WAITS = timedelta(minutes=10)
"""How long a login may take at the provider."""
KEPT = timedelta(hours=1)
"""How long the provider's description and keys are believed without asking again."""
AGAIN = timedelta(minutes=1)
"""The least between two requests for keys: a token with a made-up key must not make us ask each time."""
LEEWAY = 60
"""Seconds by which the clocks may differ."""
SIZE_MAX = 500_000
_NOT_IN_NAMES = re.compile(r"[^a-z0-9._-]+")

NOT_PROVEN = "The provider's answer does not prove who you are. Begin again."
NO_ANSWER = "The provider does not answer. Try again later, or log in by password."
TOO_MANY = "Too many logins wait. Try again in some minutes."
TOO_OLD = "This login is too old, or did not begin in this browser. Begin again."
LINK_FIRST = "Log in by password first, then link your account."
MAY_NOT = "This account may not log in."
NO_ACCOUNT = "There is no account for you here. Who has one links it on its page, after a login by password."
NO_DOMAIN = "People of your domain have no accounts here."
NO_ROLE = "None of your groups has a role here."
IS_LINKED = "You are linked with an account already."
SENTENCES = (NOT_PROVEN, NO_ANSWER, TOO_MANY, TOO_OLD, LINK_FIRST, MAY_NOT, NO_ACCOUNT, NO_DOMAIN, NO_ROLE, IS_LINKED)
"""What is told to a person, for translation."""


class LoginRefusedError(AggregatorError):
    """A login by the provider did not succeed. The message is for the person; `why` for the log."""

    def __init__(self, told: str, why: str) -> None:
        super().__init__(told)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where a browser is to be sent."""

    url: str
    """Of the provider, with all that it is asked."""
    cookie: str
    """Binds the login to this browser: for the browser only, never stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A login that succeeded."""

    target: str
    """Page to go to; empty: the first one."""
    logged_in: LoggedIn | None
    """None: an account of somebody who is logged in was linked."""


@dataclass(frozen=True, slots=True)
class _Kept:
    at: datetime
    value: dict[str, Any]


class OpenId:
    """The use cases of login by a provider. One per process.

    Args:
        ask: sends a request under the one fetcher's guard and limits.
        secret_of: reads a secret.
        callback: absolute address to which the provider sends browsers back.
    Raises:
        UsageError: the libraries are not installed.
    """

    def __init__(
        self,
        settings: Oidc,
        accounts: Accounts,
        store: Store,
        ask: Asking,
        secret_of: Callable[[SecretRef], Awaitable[str]],
        clock: Callable[[], datetime],
        callback: str,
    ) -> None:
        try:
            from authlib.oidc.core import CodeIDToken  # noqa: F401  looked for, so that a start fails and not a login
            from joserfc import jwt  # noqa: F401  likewise
        except ImportError as error:
            raise UsageError(
                "'oidc' in aggregator.yaml needs libraries that are not installed; install aggregator[oidc]"
            ) from error
        self.settings = settings
        self.accounts = accounts
        self._store = store
        self._ask = ask
        self._secret_of = secret_of
        self._clock = clock
        self._callback = callback
        self._provider: _Kept | None = None
        self._keys: _Kept | None = None

    # The beginning

    async def begin(self, target: str, link: str | None = None) -> Start:
        """Begins a login.

        Args:
            target: page to go to afterwards, one of ours.
            link: account to be linked with whoever logs in; None: a login.
        Raises:
            LoginRefusedError: the provider does not answer, or too many logins wait.
        """
        provider = await self._described()
        state, nonce, cookie = (secrets.token_urlsafe(32) for _ in range(3))
        verifier = secrets.token_urlsafe(48)
        now = self._clock()
        begun = identities.Begun(browser=digest(cookie), nonce=nonce, verifier=verifier, target=target, user=link)
        if not await self._store.write(identities.begin, digest(state), begun, now, now + WAITS):
            raise LoginRefusedError(TOO_MANY, "too many logins wait")
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": self._callback,
            "scope": " ".join(self.settings.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        address = provider["authorization_endpoint"]
        return Start(url=f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}", cookie=cookie)

    # The end

    async def end(self, answer: Mapping[str, str], cookie: str, here: str | None) -> Ended:
        """Ends a login with what the provider sent the browser back with.

        Args:
            answer: parameters of the address.
            cookie: of the browser.
            here: account that is logged in there; None: nobody is.
        Raises:
            LoginRefusedError: it is no login that began in this browser, or does not prove who it is.
        """
        begun = await self._store.write(identities.take, digest(answer.get("state", "")), self._clock())
        if begun is None or not cookie or not secrets.compare_digest(begun.browser, digest(cookie)):
            raise LoginRefusedError(TOO_OLD, "no such state, or not here")
        # RFC 9207: a provider that names itself must be ours, or its answer is meant for another.
        if "iss" in answer and answer["iss"] != self.settings.issuer:
            raise LoginRefusedError(NOT_PROVEN, f"answer of another issuer: {answer['iss'][:200]!r}")
        if "error" in answer or not answer.get("code"):
            raise LoginRefusedError(NOT_PROVEN, f"the provider said {answer.get('error', 'nothing')[:100]!r}")
        if begun.user is not None and begun.user != here:
            raise LoginRefusedError(LINK_FIRST, "who links is not logged in")
        claims = await self._proven(answer["code"], begun)
        if begun.user is not None:
            await self._link(claims, begun.user)
            return Ended(target=begun.target, logged_in=None)
        return Ended(target=begun.target, logged_in=await self._log_in(claims))

    async def _proven(self, code: str, begun: identities.Begun) -> Mapping[str, Any]:
        """What the provider says of the person, after everything about it was checked."""
        provider = await self._described()
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._callback,
            "code_verifier": begun.verifier,
        }
        headers = [("Content-Type", "application/x-www-form-urlencoded")]
        if self.settings.client_secret is None:
            given["client_id"] = self.settings.client_id
        else:
            secret = await self._secret_of(self.settings.client_secret)
            if "client_secret_basic" in provider.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
                headers.append(("Authorization", _basic(self.settings.client_id, secret)))
            else:
                given |= {"client_id": self.settings.client_id, "client_secret": secret}
        told = await self._fetch(provider["token_endpoint"], "POST", urlencode(given).encode(), tuple(headers))
        token, access = told.get("id_token"), told.get("access_token")
        if not isinstance(token, str):
            raise LoginRefusedError(NOT_PROVEN, "the provider gave no ID token")
        return await self._verified(token, begun.nonce, access if isinstance(access, str) else None)

    async def _verified(self, token: str, nonce: str, access: str | None) -> Mapping[str, Any]:
        """The claims of an ID token (OpenID Connect Core 1.0, 3.1.3.7).

        Raises:
            LoginRefusedError: signature, issuer, audience, time, nonce or subject is not right.
        """
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import JoseError

        options: dict[str, Any] = {
            "iss": {"essential": True, "value": self.settings.issuer},
            "aud": {"essential": True, "value": self.settings.client_id},
        }
        params = {"nonce": nonce, "client_id": self.settings.client_id, "access_token": access}
        try:
            decoded = jwt.decode(token, await self._key_set(token), algorithms=list(ALGORITHMS))
            claims = CodeIDToken(decoded.claims, decoded.header, options, params)
            claims.validate(now=int(self._clock().timestamp()), leeway=LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise LoginRefusedError(NOT_PROVEN, f"ID token: {type(error).__name__}: {str(error)[:200]}") from error
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
            raise LoginRefusedError(NOT_PROVEN, "ID token: no usable subject")
        found: Mapping[str, Any] = claims
        return found

    async def _key_set(self, token: str) -> Any:
        """The provider's keys; asked for again where they do not hold the one that a token names."""
        from joserfc.jwk import KeySet

        keys = await self._read_keys(KEPT)
        wanted = _key_id(token)
        known = {key.get("kid") for key in keys.get("keys", []) if isinstance(key, dict)}
        if wanted is not None and wanted not in known:
            keys = await self._read_keys(AGAIN)
        # Keys for signatures alone: one that is meant for encryption proves nothing.
        usable = [
            key
            for key in keys.get("keys", [])
            if isinstance(key, dict) and key.get("use", "sig") == "sig" and key.get("kty") in ("RSA", "EC", "OKP")
        ]
        return KeySet.import_key_set({"keys": usable})

    async def _read_keys(self, age: timedelta) -> dict[str, Any]:
        now = self._clock()
        if self._keys is None or now - self._keys.at >= age:
            provider = await self._described()
            self._keys = _Kept(now, await self._fetch(provider["jwks_uri"]))
        return self._keys.value

    # Who it is

    async def _log_in(self, claims: Mapping[str, Any]) -> LoggedIn:
        role = self._role(claims)
        name = await self._store.read(identities.find, self.settings.issuer, str(claims["sub"]))
        if name is None:
            name = await self._newcomer(claims, role)
        elif self.settings.role_claim is not None:
            await self._give_role(name, role)
        found = await self.accounts.log_in_proven(name)
        if found is None:
            raise LoginRefusedError(MAY_NOT, f"account '{name}' is disabled")
        return found

    async def _newcomer(self, claims: Mapping[str, Any], role: Role | None) -> str:
        settings = self.settings
        if not settings.new_accounts:
            raise LoginRefusedError(
                NO_ACCOUNT,
                f"no account for subject {str(claims['sub'])[:100]!r}",
            )
        email = _verified_email(claims)
        domain = (email or "").rpartition("@")[2].lower()
        if settings.domains and not any(domain == one or domain.endswith(f".{one}") for one in settings.domains):
            raise LoginRefusedError(NO_DOMAIN, f"domain {domain[:100]!r}")
        if role is None:
            raise LoginRefusedError(NO_ROLE, "no role")
        user = User(name=_name(claims), role=role, email=email, created_at=self._clock())
        name = await self._store.write(identities.add_linked, user, settings.issuer, str(claims["sub"]))
        log.info("account made by the provider", account=name, role=role.value)
        return name

    async def _give_role(self, name: str, role: Role | None) -> None:
        """Gives an account the role that the provider's groups have now."""
        if role is None:
            raise LoginRefusedError(NO_ROLE, f"account '{name}' has no role any more")
        if (await self.accounts.user(name)).role is not role:
            try:
                await self.accounts.change(name, by=self.settings.issuer, role=role)
            except UsageError as error:  # the last administrator stays one
                log.warning("role of the provider not taken", account=name, role=role.value, error=str(error))

    def _role(self, claims: Mapping[str, Any]) -> Role | None:
        """The highest role of a person's groups; the default one without any; None: none at all."""
        settings = self.settings
        told: Any = claims.get(settings.role_claim) if settings.role_claim else None
        groups = {told} if isinstance(told, str) else {one for one in told or () if isinstance(one, str)}
        roles = [role for group, role in settings.roles if group in groups]
        return max(roles, key=lambda role: role.rank) if roles else settings.default_role

    async def _link(self, claims: Mapping[str, Any], user: str) -> None:
        linked = await self._store.write(identities.link, self.settings.issuer, str(claims["sub"]), user, self._clock())
        if not linked:
            raise LoginRefusedError(IS_LINKED, "subject is linked")

    # The provider

    def logout_url(self, back: str) -> str | None:
        """Where a person can log out at the provider, too; None: it does not say."""
        provider = self._provider.value if self._provider else {}
        address = provider.get("end_session_endpoint")
        if not isinstance(address, str) or not self._is_fit(address):
            return None
        asked = {"client_id": self.settings.client_id, "post_logout_redirect_uri": back}
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    async def _described(self) -> dict[str, Any]:
        """The provider's own description (OpenID Connect Discovery 1.0, 4)."""
        now = self._clock()
        if self._provider is None or now - self._provider.at >= KEPT:
            address = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
            found = await self._fetch(address)
            if found.get("issuer") != self.settings.issuer:
                raise LoginRefusedError(NOT_PROVEN, f"the provider names itself {str(found.get('issuer'))[:200]!r}")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                if not isinstance(found.get(name), str) or not self._is_fit(found[name]):
                    raise LoginRefusedError(NOT_PROVEN, f"the provider names no usable {name}")
            self._provider = _Kept(now, found)
        return self._provider.value

    def _is_fit(self, address: str) -> bool:
        """TLS, unless the operator has allowed a provider in a private network."""
        parts = urlsplit(address)
        return bool(parts.hostname) and (
            parts.scheme == "https" or (parts.scheme == "http" and self.settings.private_addresses)
        )

    async def _fetch(
        self, url: str, method: str = "GET", body: bytes | None = None, headers: tuple[tuple[str, str], ...] = ()
    ) -> dict[str, Any]:
        if not self._is_fit(url):
            raise LoginRefusedError(NOT_PROVEN, f"{url[:200]} is not reached by TLS")
        ask = Ask(
            url=url,
            method=method,
            body=body,
            headers=headers,
            accept="application/json",
            timeout=timedelta(seconds=10),
            max_size=SIZE_MAX,
            private_addresses=self.settings.private_addresses,
            redirects=False,
            purpose="oidc",
        )
        answer = await self._ask(ask, self._clock())
        if isinstance(answer, FetchFailed):
            raise LoginRefusedError(NO_ANSWER, f"{url[:200]}: {answer.detail}")
        try:
            told = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise LoginRefusedError(NO_ANSWER, f"{url[:200]}: answered {answer.status} with no JSON") from error
        if answer.status != 200 or not isinstance(told, dict):
            said = told.get("error") if isinstance(told, dict) else None
            raise LoginRefusedError(NOT_PROVEN, f"{url[:200]}: answered {answer.status} {str(said)[:100]}")
        return told


def _basic(client_id: str, secret: str) -> str:
    """RFC 6749, 2.3.1: both form-encoded first."""
    import base64

    pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def _key_id(token: str) -> str | None:
    """Which key a token names, before anything of it is believed."""
    from joserfc.errors import JoseError
    from joserfc.jws import extract_compact

    try:
        found = extract_compact(token.encode()).headers().get("kid")
    except (JoseError, ValueError, AttributeError):
        return None
    return found if isinstance(found, str) else None


def _verified_email(claims: Mapping[str, Any]) -> str | None:
    email = claims.get("email")
    fit = isinstance(email, str) and "@" in email and len(email) <= 200 and email.isprintable() and " " not in email
    return str(email) if fit and claims.get("email_verified") is True else None


def _name(claims: Mapping[str, Any]) -> str:
    """What an account is called: a name, not an identity, so whatever the provider says will do."""
    wishes = (claims.get("preferred_username"), claims.get("email"), claims.get("name"))
    for wish in wishes:
        if isinstance(wish, str):
            name = _NOT_IN_NAMES.sub("-", wish.partition("@")[0].strip().lower()).strip("._-")[:60]
            if name:
                return name
    return "member"
