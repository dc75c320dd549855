"""What the configuration gives to the rest of the program: frozen, complete, every default filled in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from aggregator.errors import Problem
from aggregator.model.account import Role
from aggregator.model.decision import Question, Reason
from aggregator.model.output import Output
from aggregator.model.policy import Effect, Policy, UnknownPolicy
from aggregator.model.source import PollSettings, SecretRef, Source
from aggregator.model.use import Form
from aggregator.model.webhook import Webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Who runs this installation."""

    name: str
    url: str
    email: str | None
    """Where publishers reach the operator; None: not told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    host: str
    port: int
    """0: any free one."""
    public_url: str
    """Without a slash at its end."""
    proxies: tuple[str, ...] = ()
    """Networks of reverse proxies whose `X-Forwarded-For` is believed."""
    unconfirmed: timedelta = timedelta(minutes=1)
    """How long documents are served while the database cannot be asked whether they are current."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    entries: timedelta | None
    """From the last sighting (ruling 17); None: for ever."""
    revisions: timedelta | None = timedelta(days=730)
    """Former revisions, from when they were stored; None: as long as the entry."""
    flags: timedelta | None = timedelta(days=730)
    """Flags that nobody did anything about, from when they were closed; None: for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    smtp: str | None
    """`smtp://HOST[:PORT]` or `smtps://…`; None: letters are drafts."""
    from_: str | None
    reminders: Literal["off", "draft", "send"] = "draft"
    """What happens when a letter's day passes without an answer."""
    digest: Literal["never", "daily", "weekly"] = "never"
    """How often accounts get a list of open flags by mail, where they have not chosen themselves."""
    language: str = "en"
    """BCP 47: of mails to those who have not chosen one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    level: Literal["debug", "info", "warning", "error"]
    format: Literal["text", "console", "json"]
    """`console` is another word for text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitored:
    """Who may read `/metrics`."""

    allow: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    """Networks."""
    token: SecretRef | None = None
    """Whoever shows it may, from anywhere."""
    listen: tuple[str, int] | None = None
    """Host and port on which a process without the role `web` answers monitoring; None: on none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSub:
    """How changes are heard of and told without polling (W3C WebSub)."""

    subscribe: Literal["auto", "on", "off"] = "auto"
    """Whether sources' hubs are asked to deliver; auto: where they can reach `public_url`."""
    hubs: tuple[str, ...] = ()
    """Hubs that outputs name and that are told of changes; empty: our own, if `hub`."""
    hub: bool = True
    """Whether this service is the hub of its outputs where no other is named."""
    lease: timedelta = timedelta(days=10)
    """What is asked of sources' hubs, and given to subscribers of our own that ask for no length."""
    private_addresses: bool = False
    """Whether subscribers of our hub, and `hubs`, may be on this machine or in a private network."""
    sha1: bool = False
    """Whether deliveries signed with SHA-1 are believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """The interface for programs."""

    rate: int = 600
    """Requests in a minute of one token."""
    origins: tuple[str, ...] = ()
    """`scheme://host[:port]` of sites whose pages may call it from a browser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Oidc:
    """Login by an OpenID Connect provider."""

    issuer: str
    client_id: str
    client_secret: SecretRef | None
    """None: a public client, proven by PKCE alone."""
    name: str
    """Of the button."""
    scopes: tuple[str, ...]
    role_claim: str | None
    roles: tuple[tuple[str, Role], ...]
    """(value of the claim, role)."""
    default_role: Role | None
    """Of who has none of them; None: who has none is refused."""
    new_accounts: bool
    domains: tuple[str, ...]
    """Of verified mail addresses that may have new accounts; empty: all."""
    private_addresses: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """config/aggregator.yaml"""

    site: Site
    database: str
    """`sqlite:////absolute/path` or `postgresql://…`."""
    server: Server
    polling: PollSettings
    unknown_policy: UnknownPolicy
    retention: Retention
    mail: Mail
    engine: Literal["local", "procrastinate"]
    templates: Path | None
    """The operator's own template folder, absolute; None: there is none."""
    log: Log
    metrics: Monitored = Monitored()
    websub: WebSub = WebSub()
    webhooks: tuple[Webhook, ...] = ()
    subscribe: Literal["off", "admin", "mail"] = "admin"
    """How sites get addresses of their own by the public form."""
    contact: bool = True
    """Whether publishers may write by the public form."""
    api: Api = Api()
    oidc: Oidc | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What a policy test looks at in the decision; None: not looked at. Sets where order does not matter."""

    outcome: Effect
    form: Form | None
    reason: Reason | None
    duties: frozenset[str] | None
    """Names."""
    limits: frozenset[str] | None
    """Names."""
    removed: frozenset[str] | None
    """Component kinds (`image`) or addresses."""
    relied_on: frozenset[str] | None
    held_by: frozenset[str] | None
    hops: tuple[str, ...] | None
    """Names, first the originator."""
    contact: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyTest:
    """One test beside the policies: a question and what must come out."""

    about: str
    policy: str
    question: Question
    """Its use has an empty `can_discharge`: whoever runs the test fills it."""
    expect: Expectation
    where: str
    """file:line"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """All that was read from one folder, checked."""

    folder: Path
    """Absolute."""
    settings: Settings
    sources: tuple[Source, ...]
    policies: tuple[Policy, ...]
    outputs: tuple[Output, ...]
    policy_tests: tuple[PolicyTest, ...]
    warnings: tuple[Problem, ...]
    """What is allowed and most likely not meant, in file and line order."""
    version: str
    """Hex SHA-256 over names and bytes of all files that were read."""
    files: tuple[Path, ...]
    """Those files, absolute, sorted."""
