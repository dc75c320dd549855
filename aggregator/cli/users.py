"""Commands for accounts and tokens."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from aggregator.cli.common import (
    FINE,
    ConfigOption,
    JsonOption,
    Printer,
    folder_of,
    group,
    run_async,
    show,
    who,
)
from aggregator.errors import UsageError
from aggregator.model.account import SCOPES, Role, Token, User
from aggregator.service.accounts import Accounts
from aggregator.service.house import House
from aggregator.store import mailing
from aggregator.wiring import open_house, utc_now

T = TypeVar("T")

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the account.", show_default=False)]
RoleOption = Annotated[
    Role, typer.Option("--role", metavar="ROLE", help="viewer, reviewer, operator or admin.", show_default=False)
]


def register(app: typer.Typer) -> None:
    """Adds these commands to the application."""
    users = group("Accounts of those who administer.")
    users.command("list")(list_command)
    users.command("add")(add_command)
    users.command("change")(change_command)
    users.command("password")(password_command)
    users.command("digest")(digest_command)
    users.command("disable")(disable_command)
    users.command("enable")(enable_command)
    app.add_typer(users, name="users")
    tokens = group("Keys of programs that use the API.")
    tokens.command("list")(list_tokens_command)
    tokens.command("add")(add_token_command)
    tokens.command("revoke")(revoke_token_command)
    app.add_typer(tokens, name="tokens")


def _with_accounts(config: Path | None, work: Callable[[Accounts, House], Awaitable[T]]) -> T:
    async def whole() -> T:
        async with open_house(folder_of(config), migrate=True) as house:
            return await work(Accounts(house.store, utc_now), house)

    return run_async(whole())


def list_command(config: ConfigOption = None, json: JsonOption = False) -> int:
    """All accounts."""
    found = _with_accounts(config, lambda accounts, _house: accounts.users())

    def human(out: Printer) -> None:
        out.table(
            ("name", "role", "mail", "second factor", "last login", "state"),
            [
                (
                    user.name,
                    user.role,
                    user.email or "",
                    "yes" if user.has_totp else "no",
                    user.last_login_at.isoformat(timespec="minutes") if user.last_login_at else "never",
                    "disabled" if user.disabled_at else "",
                )
                for user in found
            ],
            "There is no account yet; 'aggregator users add NAME --role admin' makes the first.",
        )

    show(found, json, human)
    return FINE


def add_command(
    name: NameArgument,
    role: RoleOption,
    email: Annotated[str | None, typer.Option(help="For digests and reminders.", show_default=False)] = None,
    link: Annotated[
        bool, typer.Option("--link", help="Print a one-time link that sets the password, instead of asking for it.")
    ] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Make an account.

    Its password is asked for, or read from standard input where that is no terminal.
    """
    password = None if link else _password()

    async def work(accounts: Accounts, house: House) -> tuple[User, str | None]:
        secret = await accounts.add(name.lower(), role, password=password, email=email, by=who())
        url = f"{house.public_url()}/admin/welcome/{secret}" if secret else None
        return await accounts.user(name.lower()), url

    user, url = _with_accounts(config, work)

    def human(out: Printer) -> None:
        out.line(f"account '{user.name}' is {user.role}; it logs in at /admin/")
        if url:
            out.line(f"this link works once, for a day: {url}")

    show({"user": user, "link": url}, json, human)
    return FINE


def _password() -> str:
    """Never an argument: those stand in the list of processes and in the shell's history."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _done(user: User, said: str, json: bool) -> int:
    show(user, json, lambda out: out.line(said))
    return FINE


def _changed(
    name: str, config: Path | None, json: bool, said: str, change: Callable[[Accounts], Awaitable[None]]
) -> int:
    async def work(accounts: Accounts, _house: House) -> User:
        await change(accounts)
        return await accounts.user(name)

    return _done(_with_accounts(config, work), said, json)


def change_command(
    name: NameArgument,
    role: Annotated[
        Role | None,
        typer.Option("--role", metavar="ROLE", help="viewer, reviewer, operator or admin.", show_default=False),
    ] = None,
    email: Annotated[str | None, typer.Option(help="Another mail address; '' for none.", show_default=False)] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Give an account another role or mail address.

    Another role ends its sessions.
    """
    if role is None and email is None:
        raise UsageError("say what to change: --role or --email")
    said = f"account '{name}' is changed"
    return _changed(name, config, json, said, lambda accounts: accounts.change(name, by=who(), role=role, email=email))


def password_command(
    name: NameArgument,
    link: Annotated[bool, typer.Option("--link", help="Print a one-time link that sets it, instead.")] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Set another password. Ends all sessions of the account."""
    if not link:
        password = _password()
        said = f"the password of '{name}' is changed; all its sessions are ended"
        return _changed(name, config, json, said, lambda accounts: accounts.set_password(name, password, by=who()))

    async def invite(accounts: Accounts, house: House) -> tuple[User, str]:
        user = await accounts.user(name)
        return user, f"{house.public_url()}/admin/welcome/{await accounts.invite(name)}"

    user, url = _with_accounts(config, invite)
    show({"user": user, "link": url}, json, lambda out: out.line(f"this link works once, for a day: {url}"))
    return FINE


def digest_command(
    name: NameArgument,
    often: Annotated[
        str, typer.Argument(metavar="OFTEN", help="daily, weekly, never, or configured.", show_default=False)
    ],
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """How often an account gets a list of open flags by mail."""

    async def work(_accounts: Accounts, house: House) -> None:
        wanted = None if often == "configured" else often
        await house.store.write(mailing.choose_digest, name, wanted, who(), utc_now())

    _with_accounts(config, work)
    show({"name": name, "digest": often}, json, lambda out: out.line(f"{name} gets a digest: {often}"))
    return FINE


def disable_command(name: NameArgument, config: ConfigOption = None, json: JsonOption = False) -> int:
    """Let an account do nothing any more.

    Its sessions end, and its tokens are refused.
    """
    said = f"account '{name}' is disabled"
    return _changed(name, config, json, said, lambda accounts: accounts.change(name, by=who(), disabled=True))


def enable_command(name: NameArgument, config: ConfigOption = None, json: JsonOption = False) -> int:
    """Let a disabled account log in again."""
    said = f"account '{name}' may log in again"
    return _changed(name, config, json, said, lambda accounts: accounts.change(name, by=who(), disabled=False))


def list_tokens_command(config: ConfigOption = None, json: JsonOption = False) -> int:
    """All tokens, those that have ended too."""
    found = _with_accounts(config, lambda accounts, _house: accounts.tokens())

    def human(out: Printer) -> None:
        out.table(
            ("token", "for", "account", "may", "with", "made", "last used", "ends"),
            [
                (
                    token.id,
                    token.name,
                    token.user,
                    token.role,
                    ", ".join(token.scopes) or "all",
                    token.created_at.isoformat(timespec="minutes"),
                    token.used_at.isoformat(timespec="minutes") if token.used_at else "never",
                    _end(token),
                )
                for token in found
            ],
            "There is no token yet; 'aggregator tokens add ACCOUNT --role viewer --for WHAT' makes one.",
        )

    show(found, json, human)
    return FINE


def _end(token: Token) -> str:
    if token.revoked_at:
        return f"revoked {token.revoked_at.isoformat(timespec='minutes')}"
    return token.expires_at.isoformat(timespec="minutes") if token.expires_at else "never"


def add_token_command(
    account: Annotated[
        str, typer.Argument(metavar="ACCOUNT", help="Whose it is: it may never do more.", show_default=False)
    ],
    role: RoleOption,
    purpose: Annotated[str, typer.Option("--for", metavar="WHAT", help="What it is for.", show_default=False)],
    days: Annotated[int, typer.Option(min=0, max=3650, help="Days that it lasts; 0: until it is revoked.")] = 90,
    scopes: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            metavar="PART",
            help=f"Part of the API that it opens, again for each: {', '.join(SCOPES)}. All that its role may, if none.",
            show_default=False,
        ),
    ] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Make a token. Its secret is printed this once."""
    lasts = timedelta(days=days) if days else None

    async def work(accounts: Accounts, _house: House) -> tuple[Token, str]:
        return await accounts.add_token(purpose, account, role, lasts=lasts, by=who(), scopes=scopes or ())

    token, secret = _with_accounts(config, work)

    def human(out: Printer) -> None:
        parts = f" with {', '.join(token.scopes)}" if token.scopes else ""
        out.line(f"token {token.id} of '{token.user}' may do what a {token.role} may{parts}, until {_end(token)}")
        out.line("it is shown this once; send it as 'Authorization: Bearer …':")
        out.line(secret)

    show({"token": token, "secret": secret}, json, human)
    return FINE


def revoke_token_command(
    token: Annotated[str, typer.Argument(metavar="TOKEN", help="Id of the token.", show_default=False)],
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """End a token: its programs are refused at once."""

    async def work(accounts: Accounts, _house: House) -> None:
        await accounts.revoke_token(token, by=who())

    _with_accounts(config, work)
    show({"revoked": token}, json, lambda out: out.line(f"token {token} is revoked"))
    return FINE
