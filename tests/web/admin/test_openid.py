"""Login by an OpenID Connect provider: a real one on loopback, which can be made to lie in every way that matters."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from aiohttp import web
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from aggregator.model.account import Role
from tests.web.admin.conftest import PASSWORD, Office, Visitor, open_office

SECRET = "s3cret/with:odd characters"
Claims = dict[str, Any]


def rsa() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}, private=True)


@dataclass
class Provider:
    """It lets everybody in as `claims` says, and signs by `sign`."""

    claims: Claims = field(default_factory=lambda: {"sub": "p-1", "preferred_username": "Ines.M"})
    keys: list[Any] = field(default_factory=lambda: [rsa(), ECKey.generate_key("P-256", {"kid": "ec"}, private=True)])
    sign: Callable[[Provider, Claims], str] | None = None
    algorithm: str = "RS256"
    base: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    named: str | None = None
    secret: str = SECRET

    def token(self, claims: Claims) -> str:
        if self.sign is not None:
            return self.sign(self, claims)
        key = self.keys[0] if self.algorithm.startswith(("RS", "PS")) else self.keys[1]
        return jwt.encode({"alg": self.algorithm, "kid": key.kid}, claims, key, algorithms=[self.algorithm])

    async def describe(self, _request: web.Request) -> web.Response:
        self.asked.append("description")
        return web.json_response(
            {
                "issuer": self.named or self.base,
                "authorization_endpoint": f"{self.base}/authorize",
                "token_endpoint": f"{self.base}/token",
                "jwks_uri": f"{self.base}/keys",
                "end_session_endpoint": f"{self.base}/logout",
            }
        )

    async def list_keys(self, _request: web.Request) -> web.Response:
        self.asked.append("keys")
        return web.json_response({"keys": [key.as_dict(private=False) for key in self.keys]})

    async def authorize(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert "openid" in asked["scope"].split()
        code = f"c-{len(self.codes)}"
        self.codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"], "iss": self.base})
        raise web.HTTPFound(f"{asked['redirect_uri']}?{back}")

    async def exchange(self, request: web.Request) -> web.Response:
        form = dict(await request.post())
        asked = self.codes.pop(str(form["code"]), None)
        basic = base64.b64decode(request.headers.get("Authorization", "Basic Og==").partition(" ")[2]).decode()
        name, _, secret = basic.partition(":")
        given = dict(parse_qsl(f"s={secret}")).get("s")
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or name != "aggregator" or given != self.secret:
            return web.json_response({"error": "invalid_client"}, status=401)
        if challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(_now())
        claims = {
            "iss": self.base,
            "aud": "aggregator",
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.claims,
        }
        return web.json_response({"id_token": self.token(claims), "access_token": "at", "token_type": "Bearer"})


def _now() -> float:

    return time.time()


@asynccontextmanager
async def serve(provider: Provider) -> AsyncIterator[Provider]:
    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", provider.describe)
    app.router.add_get("/keys", provider.list_keys)
    app.router.add_get("/authorize", provider.authorize)
    app.router.add_post("/token", provider.exchange)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    provider.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield provider
    await runner.cleanup()


@asynccontextmanager
async def open_desk(
    sample: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, provider: Provider, **keys: Any
) -> AsyncIterator[Office]:
    monkeypatch.setenv("OIDC_SECRET", SECRET)
    monkeypatch.setattr("aggregator.web.admin.openid.PER_MINUTE", 1_000)
    shutil.copytree(sample, folder, dirs_exist_ok=True)
    settings = folder / "config" / "aggregator.yaml"
    written = {
        "issuer": provider.base,
        "client_id": "aggregator",
        "client_secret": "env:OIDC_SECRET",
        "name": "Newsroom login",
        "private_addresses": True,
        **keys,
    }
    settings.write_text(f"{settings.read_text()}\noidc: {json.dumps(written)}\n")
    async with open_office(folder, passwords=False) as office:
        yield office


async def to_provider(visitor: Visitor, start: str = "/admin/login/oidc") -> str:
    """To the provider and almost back: the address to which it sends the browser."""
    status, address = await visitor.get(start)
    assert status == 303, address
    return await allowed(visitor, address)


async def allowed(visitor: Visitor, address: str) -> str:
    async with visitor.client.get(address, allow_redirects=False) as answer:
        assert answer.status == 302
        parts = urlsplit(answer.headers["Location"])
        return f"{parts.path}?{parts.query}"


async def log_in(visitor: Visitor) -> tuple[int, str]:
    return await visitor.get(await to_provider(visitor))


async def test_who_the_provider_knows_gets_in_as_configured(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new account with the role of its groups; the same person again, with other groups; nobody without a group."""
    async with (
        serve(Provider()) as provider,
        open_desk(
            sample,
            tmp_path,
            monkeypatch,
            provider,
            new_accounts=True,
            role_claim="groups",
            roles={"newsroom": "reviewer", "it": "admin"},
            domains=["example.org"],
        ) as office,
    ):
        verified = {"email": "ines@news.example.org", "email_verified": True}
        provider.claims |= {**verified, "groups": ["newsroom", "readers"]}
        async with office.visitor() as visitor:
            _, page = await visitor.get("/admin/login")
            assert "Log in by Newsroom login" in page
            back = await to_provider(visitor, "/admin/login/oidc?next=/admin/flags")
            assert await visitor.get(back) == (303, "/admin/flags")
            assert (await visitor.get("/admin/flags"))[0] == 200
            # The answer is used up.
            async with office.visitor() as other:
                assert (await other.get(back))[0] == 403
        user = await office.desk.accounts.user("ines.m")
        assert (user.role, user.email) == (Role.REVIEWER, "ines@news.example.org")

        provider.algorithm = "ES256"
        provider.claims |= {"groups": "it", "preferred_username": "renamed", "email": "other@elsewhere.example"}
        async with office.visitor() as visitor:
            assert (await log_in(visitor))[0] == 303
            assert (await visitor.get("/admin/users"))[0] == 200
            await visitor.get("/admin/account")
            status, target = await visitor.post("/admin/logout")
            assert status == 303
            _, page = await visitor.get(target)
            assert f"{provider.base}/logout?client_id=aggregator" in page
        assert (await office.desk.accounts.user("ines.m")).role is Role.ADMIN
        assert "renamed" not in {one.name for one in await office.desk.accounts.users()}

        refused = [
            {"sub": "p-1", "groups": ["readers"]},  # lost its groups
            {"sub": "p-2", **verified, "groups": []},
            {"sub": "p-3", **verified, "email_verified": False, "groups": "newsroom"},
            {"sub": "p-4", "email": "a@example.org.evil.example", "email_verified": True, "groups": "newsroom"},
            {"sub": "p-5", "groups": {"newsroom": 1}},
        ]
        for claims in refused:
            provider.claims = claims
            async with office.visitor() as visitor:
                assert (await log_in(visitor))[0] == 403, claims
        await office.desk.accounts.change("ines.m", by="test", disabled=True)
        provider.claims = {"sub": "p-1", "groups": "it"}
        async with office.visitor() as visitor:
            assert (await log_in(visitor))[0] == 403
        assert provider.asked.count("description") == 1


async def test_an_account_is_linked_by_its_owner_and_never_by_a_mail_address(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serve(Provider()) as provider, open_desk(sample, tmp_path, monkeypatch, provider) as office:
        accounts = office.desk.accounts
        await accounts.set_password("reviewer", PASSWORD, by="test")
        await accounts.change("reviewer", by="test", email="r@example.org")
        provider.claims = {
            "sub": "p-9",
            "preferred_username": "reviewer",
            "email": "r@example.org",
            "email_verified": True,
        }
        async with office.visitor() as stranger:
            status, page = await log_in(stranger)
            assert (status, "There is no account for you here" in page) == (403, True)
        async with office.visitor("reviewer") as visitor, office.visitor() as stranger:
            assert (await visitor.post("/admin/account/oidc", csrf="other"))[0] == 403
            _, page = await visitor.post("/admin/account/oidc")
            address = page.partition(f'href="{provider.base}')[2].partition('"')[0].replace("&amp;", "&")
            back = await allowed(visitor, provider.base + address)
            # In another browser the link is not made, and is used up.
            assert (await stranger.get(back))[0] == 403
            assert (await visitor.get(back))[0] == 403
            _, page = await visitor.post("/admin/account/oidc")
            address = page.partition(f'href="{provider.base}')[2].partition('"')[0].replace("&amp;", "&")
            assert await visitor.get(await allowed(visitor, provider.base + address)) == (
                303,
                "/admin/account?done=linked",
            )
        async with office.visitor() as visitor:
            assert (await log_in(visitor))[0] == 303
            _, page = await visitor.get("/admin/account")
            assert "reviewer" in page
            assert "End the link" in page
            assert (await visitor.post("/admin/account/oidc/unlink"))[0] == 303
        async with office.visitor() as visitor:
            assert (await log_in(visitor))[0] == 403


def none(_provider: Provider, claims: Claims) -> str:
    def part(value: Claims) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."


def by_public_key(provider: Provider, claims: Claims) -> str:
    """HS256 with the public key, which everybody knows, as its secret."""
    key = OctKey.import_key(provider.keys[0].as_pem(private=False))
    return jwt.encode({"alg": "HS256", "kid": "rsa"}, claims, key, algorithms=["HS256"])


def by_client_secret(_provider: Provider, claims: Claims) -> str:
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET), algorithms=["HS256"])


def by_another_key(_provider: Provider, claims: Claims) -> str:
    return jwt.encode({"alg": "RS256", "kid": "rsa"}, claims, rsa(), algorithms=["RS256"])


def by_its_own_key(_provider: Provider, claims: Claims) -> str:
    """The key stands in the token itself."""
    key = rsa()
    header = {"alg": "RS256", "jwk": key.as_dict(private=False)}
    return jws.serialize_compact(header, json.dumps(claims).encode(), key, algorithms=["RS256"])


def by_unknown_key(_provider: Provider, claims: Claims) -> str:
    key = RSAKey.generate_key(2048, {"kid": "made-up"}, private=True)
    return jwt.encode({"alg": "RS256", "kid": "made-up"}, claims, key, algorithms=["RS256"])


def bent(provider: Provider, claims: Claims) -> str:
    header, body, signature = Provider(keys=provider.keys).token(claims).split(".")
    other = base64.urlsafe_b64encode(json.dumps({**claims, "sub": "admin"}).encode()).rstrip(b"=").decode()
    assert other != body
    return f"{header}.{other}.{signature}"


def nonsense(_provider: Provider, _claims: Claims) -> str:
    return "a.b"


HOUR = 3600
LIES: list[tuple[str, Claims | Callable[[Provider, Claims], str]]] = [
    ("alg none", none),
    ("signed with the public key", by_public_key),
    ("signed with the client's secret", by_client_secret),
    ("signed with another key", by_another_key),
    ("signed with a key of its own", by_its_own_key),
    ("signed with an unknown key", by_unknown_key),
    ("changed after it was signed", bent),
    ("no token", nonsense),
    ("another issuer", {"iss": "https://evil.example"}),
    ("another audience", {"aud": "other"}),
    ("several audiences, for another party", {"aud": ["aggregator", "other"], "azp": "other"}),
    ("several audiences, for nobody", {"aud": ["aggregator", "other"]}),
    ("no audience", {"aud": None}),
    ("expired", {"exp": 1_700_000_000}),
    ("no end", {"exp": None}),
    ("an end that is no number", {"exp": "tomorrow"}),
    ("not yet", {"nbf": 4_000_000_000}),
    ("made in the future", {"iat": 4_000_000_000}),
    ("another nonce", {"nonce": "other"}),
    ("no nonce", {"nonce": None}),
    ("no subject", {"sub": None}),
    ("an empty subject", {"sub": ""}),
    ("a subject that is no text", {"sub": ["p-1"]}),
    ("another access token", {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}),
]


async def test_no_lie_gets_in(sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens that were forged or are meant for others; answers that are replayed, torn, or began elsewhere."""
    async with (
        serve(Provider()) as provider,
        open_desk(sample, tmp_path, monkeypatch, provider, new_accounts=True, default_role="admin") as office,
    ):
        honest = dict(provider.claims)
        for what, lie in LIES:
            provider.sign = lie if callable(lie) else None
            provider.claims = {**honest, **(lie if isinstance(lie, dict) else {})}
            if isinstance(lie, dict) and None in lie.values():
                gone = next(name for name, value in lie.items() if value is None)
                provider.claims = dict(honest)
                provider.sign = _without(gone)
            async with office.visitor() as visitor:
                status, _ = await log_in(visitor)
                assert status == 403, what
                assert (await visitor.get("/admin/"))[0] == 303, what
        # A made-up key makes us ask for the keys once more, not each time.
        assert provider.asked.count("keys") <= 2

        provider.sign, provider.claims = None, honest
        async with office.visitor() as visitor, office.visitor() as other:
            back = await to_provider(visitor)
            assert (await other.get(back))[0] == 403  # another browser
            assert (await visitor.get(back))[0] == 403  # used up by that
            back = await to_provider(visitor)
            assert (await visitor.get(back.replace("state=", "state=x")))[0] == 403
            for wrong in ("&iss=https%3A%2F%2Fevil.example", ""):
                query = dict(parse_qsl((await to_provider(visitor)).partition("?")[2]))
                query.pop("iss")
                told = {**query, "code": query["code"] if wrong else "never-given"}
                assert (await visitor.get(f"/admin/login/oidc/callback?{urlencode(told)}{wrong}"))[0] == 403
            state = dict(parse_qsl((await to_provider(visitor)).partition("?")[2]))["state"]
            told = {"state": state, "error": "access_denied", "error_description": "<script>"}
            assert (await visitor.get(f"/admin/login/oidc/callback?{urlencode(told)}"))[0] == 403
            assert (await visitor.get("/admin/login/oidc/callback"))[0] == 403
        provider.secret = "another"
        async with office.visitor() as visitor:
            assert (await log_in(visitor))[0] == 403
        provider.secret = SECRET
        assert {user.name for user in await office.desk.accounts.users()} == {role.value for role in Role}
        async with office.visitor() as visitor:  # and the truth does
            before = visitor.client.cookie_jar.filter_cookies(office.base)
            assert (await log_in(visitor))[0] == 303
            assert before.get("aggregator") is None


def _without(name: str) -> Callable[[Provider, Claims], str]:
    def sign(provider: Provider, claims: Claims) -> str:
        left = {key: value for key, value in claims.items() if key != name}
        return Provider(keys=provider.keys).token(left)

    return sign


async def test_a_provider_that_is_another_or_away_lets_nobody_in(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serve(Provider(named="https://evil.example")) as provider:
        async with open_desk(sample, tmp_path / "a", monkeypatch, provider) as office, office.visitor() as visitor:
            assert (await visitor.get("/admin/login/oidc"))[0] == 403
        keys = {"private_addresses": False}
        async with (
            open_desk(sample, tmp_path / "b", monkeypatch, provider, **keys) as office,
            office.visitor() as visitor,
        ):
            asked = len(provider.asked)
            assert (await visitor.get("/admin/login/oidc"))[0] == 403  # no TLS
            assert len(provider.asked) == asked
