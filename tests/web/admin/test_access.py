"""Who may see and do what: every page, every role, every method; forms from elsewhere; where a login leads."""

from __future__ import annotations

import asyncio
import io

import aiohttp
import pytest
from yarl import URL

from aggregator.model.account import Role
from aggregator.store import subscribers
from aggregator.web.admin.access import local_path
from aggregator.web.admin.app import make_admin, table_of_pages
from tests.web.admin.conftest import PASSWORD, Office, Visitor


def address(path: str) -> str:
    return "/admin" + path.replace("{", "").replace("}", "")


async def test_every_page_is_open_to_its_roles_and_closed_to_all_others(office: Office) -> None:
    """Each row of the table, by each role and by nobody, with the method that it has and with those it has not."""
    pages = table_of_pages(office.desk)
    own = {"/logout", "/account/password", "/account/totp", "/account/sessions"}
    for role in (None, *Role):
        async with office.visitor(role.value if role else None) as visitor:
            await visitor.get("/admin/account" if role else "/admin/login")
            for page in pages:
                if page.path in own and role is not None:
                    continue  # ends the session that asks
                if page.method == "GET":
                    status, told = await visitor.get(address(page.path))
                else:
                    status, told = await visitor.post(address(page.path))
                if page.role is None:
                    assert status not in (401, 403) or page.path == "/login", page
                elif role is None:
                    assert (status, told.split("?")[0]) == (303, "/admin/login"), page
                else:
                    assert (status == 403) == (not role.covers(page.role)), (role, page, told)


async def test_every_route_stands_in_the_table(office: Office) -> None:
    """A handler that somebody adds past the table is closed to everybody."""
    pages = {(page.method, page.path) for page in table_of_pages(office.desk)}
    routes = {
        (route.method, route.resource.canonical)
        for route in make_admin(office.desk).router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    assert routes == pages


@pytest.mark.parametrize(
    ("headers", "csrf", "status"),
    [
        ({}, None, 303),
        ({}, "", 403),
        ({}, "other", 403),
        ({"Origin": "https://evil.example"}, None, 403),
        ({"Origin": "null"}, None, 403),
        ({"Origin": "http://["}, None, 403),
        ({"Origin": "http://x:99999"}, None, 403),
        ({"Sec-Fetch-Site": "cross-site"}, None, 403),
        ({"Sec-Fetch-Site": "same-site"}, None, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, None, 303),
        ({"Origin": "http://127.0.0.1:8080"}, None, 303),  # the configured address
    ],
)
async def test_a_form_must_be_ours(office: Office, headers: dict[str, str], csrf: str | None, status: int) -> None:
    async with office.visitor("viewer") as visitor:
        found, _ = await visitor.post("/admin/account/settings", {"email": "v@example.org"}, csrf=csrf, **headers)
        assert found == status
    users = {user.name: user for user in await office.desk.accounts.users()}
    assert (users["viewer"].email is not None) == (status == 303)


async def test_a_form_that_is_sent_twice_does_its_work_once(office: Office) -> None:
    """Two presses of one button make one subscriber, and both show its addresses; the next form is a new one."""
    sent = {"name": "A site", "audience": "community", "medium": "web"}
    async with office.visitor("operator") as visitor, office.visitor("admin") as other:
        (one, page), (two, same) = await asyncio.gather(
            *(visitor.post("/admin/subscribers/new", sent) for _ in range(2))
        )
        assert (one, two, page == same, "/s/" in page) == (200, 200, True, True)
        assert (await visitor.post("/admin/subscribers/new", sent))[1] == page, "and when the page is loaded anew"
        assert len(await office.house.store.read(subscribers.read)) == 1
        assert (await visitor.post("/admin/subscribers/new", {**sent, "name": "Another"}))[0] == 200
        assert (await visitor.post("/admin/subscribers/new", sent))[1] != page
        assert (await other.post("/admin/subscribers/new", sent))[1] != page, "somebody else's is another"
        await visitor.get("/admin/subscribers")
        assert (await visitor.post("/admin/subscribers/new", sent))[1] != page, "after another page it is meant"
        assert len(await office.house.store.read(subscribers.read)) == 5
        wrong = {**sent, "until": "soon"}
        assert [(await visitor.post("/admin/subscribers/new", wrong))[0] for _ in range(2)] == [422, 422]


async def test_what_no_text_holds_is_refused_before_anything_is_asked_or_stored(office: Office) -> None:
    """PostgreSQL takes no NUL in a text: in an address or a form it is nobody's typing, and no fault of the server."""
    async with office.visitor("admin") as visitor:
        for path in ("/admin/flags?text=a%00b", "/admin/flags/%00", "/admin/entries?source=%00&q=x"):
            assert (await visitor.get(path))[0] == 400, path
        await visitor.get("/admin/account")
        status, page = await visitor.post("/admin/withdraw", {"scope": "entry", "name": "a\0b", "reason": "x"})
        assert status == 400
        assert "This form holds a character that no text has. Nothing was changed." in page


async def test_another_sessions_token_is_no_token(office: Office) -> None:
    async with office.visitor("viewer") as one, office.visitor("admin") as other:
        assert (await one.post("/admin/account/settings", csrf=other.csrf))[0] == 403


async def test_a_login_needs_the_form_of_this_browser(office: Office) -> None:
    """Nobody can be logged in to somebody else's account from another site."""
    async with office.visitor() as one, office.visitor() as other:
        await one.get("/admin/login")
        await other.get("/admin/login")
        assert (await one.post("/admin/login", {"name": "admin", "password": PASSWORD}, csrf=other.csrf))[0] == 403
        assert (await one.post("/admin/login", {"name": "admin", "password": PASSWORD}))[0] == 303


async def test_a_login_leads_to_the_page_that_was_asked_for_and_never_elsewhere(office: Office) -> None:
    async with office.visitor() as visitor:
        assert await visitor.get("/admin/users?a=1") == (303, "/admin/login?next=/admin/users?a%3D1")
        await visitor.get("/admin/login")
        form = {"name": "admin", "password": PASSWORD}
        assert await visitor.post("/admin/login", {**form, "next": "/admin/users?a=1"}) == (303, "/admin/users?a=1")
    async with office.visitor() as visitor:
        await visitor.get("/admin/login")
        assert await visitor.post("/admin/login", {**form, "next": "//evil.example/"}) == (303, "/admin/")


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/admin/\\evil",
        "/admin/\n",
        "/admin/../..//evil.example",
        "/feeds/",
        "",
        None,
    ],
)
def test_only_our_own_pages_are_led_to(target: str | None) -> None:
    assert local_path(target) is None


async def test_the_cookie_is_out_of_reach_and_logging_out_ends_the_session_here(office: Office) -> None:
    async with office.visitor("admin") as visitor:
        cookies = {cookie.key: cookie for cookie in visitor.client.cookie_jar}
        cookie = cookies["aggregator"]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
        stolen = cookie.value
        assert (await visitor.post("/admin/logout"))[0] == 303
        status, _ = await visitor.get("/admin/", Cookie=f"aggregator={stolen}")
        assert status == 303


async def test_pages_may_do_nothing_but_what_is_ours(office: Office) -> None:
    async with office.visitor("admin") as visitor, visitor.client.get(f"{office.base}/admin/users") as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        text = await answer.text()
        assert "<style" not in text
        assert " style=" not in text
        assert "<script>" not in text


async def test_a_letter_of_some_megabytes_is_taken_and_only_from_who_is_logged_in(office: Office) -> None:
    """What the page promises (10 MB) must pass the bound on bodies, which stays small for everybody else."""

    async def upload(visitor: Visitor, path: str, size: int) -> int:
        form = aiohttp.FormData()
        form.add_field("csrf", visitor.csrf)
        form.add_field("file", io.BytesIO(b"x" * size), filename="letter.pdf")
        async with visitor.client.post(office.base + path, data=form, allow_redirects=False) as answer:
            return answer.status

    async with office.visitor("reviewer") as visitor:
        assert await upload(visitor, "/admin/account/settings", 9_900_000) == 303
        assert await upload(visitor, "/admin/account/settings", 11_000_000) == 413
    async with office.visitor() as visitor:
        await visitor.get("/admin/login")
        assert await upload(visitor, "/admin/login", 2_000_000) == 413


async def test_a_session_that_somebody_planted_is_not_taken_over(office: Office) -> None:
    """A login gives the browser a session of its own, whatever cookie it came with."""
    async with office.visitor() as visitor:
        visitor.client.cookie_jar.update_cookies({"aggregator": "planted"}, URL(office.base))
        await visitor.get("/admin/login")
        assert (await visitor.post("/admin/login", {"name": "viewer", "password": PASSWORD}))[0] == 303
        kept = {cookie.key: cookie.value for cookie in visitor.client.cookie_jar}
        assert kept["aggregator"] != "planted"
        assert (await visitor.get("/admin/flags"))[0] == 200
    async with office.visitor() as other:
        assert (await other.get("/admin/flags", Cookie="aggregator=planted"))[0] == 303


async def test_every_login_costs_one_verification(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """How long an answer takes tells nobody whether there is such an account, or whether it is disabled."""
    tried: list[bool] = []

    def verified(hashed: str | None, _password: str) -> bool:
        tried.append(hashed is not None)
        return False

    monkeypatch.setattr("aggregator.service.accounts._verified", verified)
    await office.desk.accounts.change("reviewer", by="test", disabled=True)
    async with office.visitor() as visitor:
        await visitor.get("/admin/login")
        for name in ("viewer", "reviewer", "nobody", "x" * 5000, "a\r\nb", "\N{SNOWMAN}"):
            status, page = await visitor.post("/admin/login", {"name": name, "password": "wrong " * 10_000})
            assert (status, "Name or password is not right." in page) == (403, True), name
    assert tried == [True, True, False, False, False, False]
