"""Accounts on both databases: what proves somebody, what ends, and the brake on guessing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from aggregator.errors import UsageError
from aggregator.model.account import Role
from aggregator.service.accounts import (
    ACCOUNT_FREE,
    IDLE,
    INVITED,
    LASTS,
    LOCK_FIRST,
    Accounts,
    LoggedIn,
    Refused,
)
from aggregator.store import Store

GOOD = "correct horse battery staple"
HOME = "192.0.2.1"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 26, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def accounts(store: Store, clock: Clock) -> Accounts:
    found = Accounts(store, clock)
    await found.add("ada", Role.ADMIN, password=GOOD, email=None, by="test")
    return found


async def log_in(accounts: Accounts, password: str = GOOD, code: str = "", name: str = "ada") -> LoggedIn | Refused:
    return await accounts.log_in(name, password, code, HOME)


async def test_a_session_ends_by_time_and_by_every_change_of_the_account(accounts: Accounts, clock: Clock) -> None:
    async def session() -> str:
        result = await log_in(accounts)
        assert isinstance(result, LoggedIn)
        assert await accounts.visit(result.cookie) is not None
        return result.cookie

    cookie = await session()
    await accounts.log_out(cookie)
    assert await accounts.visit(cookie) is None

    cookie = await session()
    clock.now += IDLE
    assert await accounts.visit(cookie) is None

    cookie = await session()
    for _ in range(LASTS // timedelta(hours=10)):
        clock.now += timedelta(hours=10)
        assert await accounts.visit(cookie) is not None
    clock.now += timedelta(hours=10)
    assert await accounts.visit(cookie) is None

    cookie, other = await session(), await session()
    await accounts.end_sessions("ada", but=cookie)
    assert await accounts.visit(cookie) is not None
    assert await accounts.visit(other) is None

    await accounts.set_password("ada", "another horse battery", by="ada")
    assert await accounts.visit(cookie) is None


async def test_another_role_or_no_account_any_more_ends_sessions_and_tokens(accounts: Accounts) -> None:
    await accounts.add("bea", Role.OPERATOR, password=GOOD, email="bea@example.org", by="ada")
    first = await log_in(accounts, name="bea")
    _, secret = await accounts.add_token("script", "bea", Role.VIEWER, lasts=None, by="bea")
    assert isinstance(first, LoggedIn)
    await accounts.change("bea", by="ada", role=Role.VIEWER)
    assert await accounts.visit(first.cookie) is None
    assert await accounts.bearer(secret) is not None
    await accounts.change("bea", by="ada", disabled=True)
    assert await accounts.bearer(secret) is None
    assert await log_in(accounts, name="bea") == Refused(why="wrong")
    await accounts.change("bea", by="ada", disabled=False)
    assert isinstance(await log_in(accounts, name="bea"), LoggedIn)


async def test_the_last_administrator_stays(accounts: Accounts) -> None:
    for change in ({"role": Role.OPERATOR}, {"disabled": True}):
        with pytest.raises(UsageError, match="last administrator"):
            await accounts.change("ada", by="ada", **change)
    assert [(user.name, user.role, user.disabled_at) for user in await accounts.users()] == [("ada", Role.ADMIN, None)]


async def test_guesses_lock_the_account_for_longer_each_time_and_a_pause_forgives(
    accounts: Accounts, clock: Clock
) -> None:
    for _ in range(ACCOUNT_FREE):
        assert await log_in(accounts, "wrong") == Refused(why="wrong")
    assert await log_in(accounts) == Refused(why="wait", until=clock.now + LOCK_FIRST)
    clock.now += LOCK_FIRST
    assert await log_in(accounts, "wrong") == Refused(why="wrong")
    assert await log_in(accounts) == Refused(why="wait", until=clock.now + 2 * LOCK_FIRST)
    clock.now += 2 * LOCK_FIRST
    assert isinstance(await log_in(accounts), LoggedIn)
    assert await log_in(accounts, "wrong") == Refused(why="wrong")  # counted from none again


async def test_unknown_names_lock_their_address_and_say_no_more_than_wrong_passwords(accounts: Accounts) -> None:
    answers = [await log_in(accounts, name=f"nobody{number}") for number in range(20)]
    assert answers == [Refused(why="wrong")] * 20
    assert isinstance(last := await log_in(accounts), Refused)
    assert last.why == "wait"
    assert isinstance(await accounts.log_in("ada", GOOD, "", "192.0.2.2"), LoggedIn)


async def test_a_code_works_once_and_only_near_its_time(accounts: Accounts, clock: Clock) -> None:
    secret, address = accounts.new_totp("ada", "Riverside")
    assert address.startswith("otpauth://totp/Riverside:ada?secret=" + secret)
    with pytest.raises(UsageError, match="does not fit"):
        await accounts.set_totp("ada", secret, "000000", by="ada")
    totp = pyotp.TOTP(secret)
    await accounts.set_totp("ada", secret, totp.at(clock.now), by="ada")
    assert await log_in(accounts) == Refused(why="code")
    code = totp.at(clock.now)
    assert isinstance(await log_in(accounts, code=f"{code[:3]} {code[3:]}"), LoggedIn)
    assert await log_in(accounts, code=code) == Refused(why="code")
    clock.now += timedelta(minutes=5)
    assert await log_in(accounts, code=code) == Refused(why="code")
    assert isinstance(await log_in(accounts, code=totp.at(clock.now)), LoggedIn)


async def test_a_link_works_once_for_a_day_and_only_the_newest(accounts: Accounts, clock: Clock) -> None:
    old = await accounts.add("bea", Role.VIEWER, password=None, email=None, by="ada")
    new = await accounts.invite("bea")
    assert old is not None
    assert await accounts.invited(old) == (False, None)
    assert await accounts.invited(new) == (True, "bea")
    with pytest.raises(UsageError, match="too short"):
        await accounts.accept(new, "bea", "short")
    await accounts.accept(new, "bea", GOOD)
    assert isinstance(await log_in(accounts, name="bea"), LoggedIn)
    with pytest.raises(UsageError, match="used before"):
        await accounts.accept(new, "bea", GOOD)
    late = await accounts.invite("bea")
    clock.now += INVITED
    assert await accounts.invited(late) == (False, None)


async def test_the_first_administrator_is_made_by_a_link_only_while_there_is_nobody(store: Store, clock: Clock) -> None:
    accounts = Accounts(store, clock)
    assert not await accounts.has_users()
    link = await accounts.invite(None)
    await accounts.accept(link, "ada", GOOD)
    assert [(user.name, user.role) for user in await accounts.users()] == [("ada", Role.ADMIN)]
    again = await accounts.invite(None)
    with pytest.raises(UsageError):
        await accounts.accept(again, "eve", GOOD)
    assert [user.name for user in await accounts.users()] == ["ada"]


async def test_a_token_can_do_no_more_than_its_account_and_ends(accounts: Accounts, clock: Clock) -> None:
    await accounts.add("bea", Role.REVIEWER, password=GOOD, email=None, by="ada")
    with pytest.raises(UsageError, match="cannot be operator"):
        await accounts.add_token("script", "bea", Role.OPERATOR, lasts=None, by="bea")
    token, secret = await accounts.add_token("script", "bea", Role.REVIEWER, lasts=timedelta(days=30), by="bea")
    found = await accounts.bearer(secret)
    assert found is not None
    assert (found[0].id, found[1].name) == (token.id, "bea")
    assert await accounts.bearer(secret + "x") is None
    clock.now += timedelta(days=30)
    assert await accounts.bearer(secret) is None
    token, secret = await accounts.add_token("script", "bea", Role.VIEWER, lasts=None, by="bea")
    await accounts.revoke_token(token.id, by="ada")
    assert await accounts.bearer(secret) is None
    with pytest.raises(UsageError, match="not in use"):
        await accounts.revoke_token(token.id, by="ada")


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaa", "x" * 1001, "ada-2026-a"])
async def test_weak_passwords_are_refused(accounts: Accounts, password: str) -> None:
    with pytest.raises(UsageError, match="password"):
        await accounts.set_password("ada", password, by="ada")


@pytest.mark.parametrize("name", ["", "Ada Lovelace", "../etc", "a" * 64, "ада", ".ada"])
async def test_names_are_plain(accounts: Accounts, name: str) -> None:
    with pytest.raises(UsageError, match="no name for an account"):
        await accounts.add(name, Role.VIEWER, password=GOOD, email=None, by="ada")


async def test_no_secret_is_stored_and_every_change_is_recorded(accounts: Accounts, store: Store) -> None:
    result = await log_in(accounts)
    _, secret = await accounts.add_token("script", "ada", Role.ADMIN, lasts=None, by="ada")
    link = await accounts.invite("ada")
    assert isinstance(result, LoggedIn)
    await accounts.set_password("ada", "another horse battery", by="ada")
    records = [record for record in await store.ledger() if record.kind == "account"]
    assert [record.subject.split("/")[0] for record in records] == ["user", "token", "user"]
    assert await store.verify_ledger() == []
    told = "".join(record.body for record in records)
    for hidden in (GOOD, secret, link, result.cookie, "another horse"):
        assert hidden not in told
