"""What may stand in `settings.yaml`."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network
from typing import Annotated, Literal

from aggregator.config.words import (
    Domain,
    Duration,
    Id,
    Language,
    Line,
    Reads,
    Secret,
    Some,
    Url,
    duration_between,
    quoted,
    said,
    word,
)
from aggregator.config.written.keys import Lines, Written, key
from aggregator.config.written.polling import PollingKeys
from aggregator.model.account import Role
from aggregator.model.policy import UnknownPolicy
from aggregator.model.webhook import OF_OUTPUTS, WebhookEvent


def _mailbox(value: object) -> str:
    text = value.strip() if isinstance(value, str) else ""
    name, at, domain = text.rpartition("@")
    if not (name and at and domain) or any(character.isspace() for character in text):
        raise said(f"{{key}} {quoted(value)} is not a mail address; write one such as desk@example.org")
    return text


Mailbox = Annotated[str, Reads(_mailbox, {"type": "string", "format": "email"})]


def _database(value: object) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if text.startswith("sqlite:///") and len(text) > len("sqlite:///"):
        return text
    if text.startswith("postgresql://") and len(text) > len("postgresql://"):
        return text
    raise said("{key} must be sqlite:///PATH or postgresql://USER@HOST/NAME, such as sqlite:///data/aggregator.db")


Database = Annotated[str, Reads(_database, {"type": "string", "pattern": "^(sqlite:///|postgresql://).+"})]


def _smtp(value: object) -> str | None:
    if value is None:
        return None
    text = value.strip() if isinstance(value, str) else ""
    scheme, mark, rest = text.rpartition("://")
    host, colon, port = rest.rpartition(":") if ":" in rest else (rest, "", "")
    if "@" in rest:
        raise said("{key} must not hold a user name or password; name a relay that accepts mail from this machine")
    known = not mark or scheme in {"smtp", "smtps"}
    if (
        not known
        or not host
        or any(c in host for c in " /")
        or (colon and not (port.isdigit() and 0 < int(port) < 65536))
    ):
        raise said(f"{{key}} {quoted(value)} is not a mail server; write smtp://HOST:PORT, HOST, or null for none")
    return text if mark else f"smtp://{text}"


Smtp = Annotated[str | None, Reads(_smtp, {"type": ["string", "null"]})]


def _network(value: object) -> str:
    try:
        return str(ip_network(value.strip() if isinstance(value, str) else ""))
    except ValueError as error:
        raise said(f"{{key}} {quoted(value)} is no address or network; write 127.0.0.1 or 10.0.0.0/8") from error


Network = Annotated[str, Reads(_network, {"type": "string"})]


def _listen(value: object) -> tuple[str, int]:
    text = value.strip() if isinstance(value, str) else ""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (host and colon and port.isdigit() and int(port) < 65536) or any(c in host for c in " /@"):
        raise said(f"{{key}} {quoted(value)} is no address to listen on; write HOST:PORT, such as 127.0.0.1:9090")
    return host, int(port)


Listen = Annotated[tuple[str, int], Reads(_listen, {"type": "string", "pattern": "^.+:[0-9]+$"})]


class SiteKeys(Written):
    name: Line = key("Name of your site: in titles, letters and the User-Agent.", "Riverside Community News")
    url: Url | None = key("Your site's home page; server.public_url if left out.", default=None)
    email: Mailbox | None = key("Where publishers reach you; sent with each request for a feed.", default=None)


Unconfirmed = Annotated[timedelta, duration_between("5s", "1h")]


class ServerKeys(Written):
    host: Line = key("Address to listen on; 127.0.0.1 is this machine only.", default="127.0.0.1")
    port: int = key("Port to listen on; 0 takes any free one.", default=8080, ge=0, le=65535)
    public_url: Url | None = key(
        "Address under which the outputs are reached; http://HOST:PORT if left out.", default=None
    )
    proxies: list[Network] | None = key(
        "Reverse proxies whose X-Forwarded-For is believed, as addresses or networks.", default=None
    )
    unconfirmed: Unconfirmed = key(
        "How long documents are served while the database cannot be asked whether they are current.",
        default=timedelta(minutes=1),
    )


class ApiKeys(Written):
    rate: int = key("Requests in a minute that one token may send.", default=600, ge=1, le=1_000_000)
    origins: list[Url] = key(
        "Sites whose pages may call the API from a browser, such as https://tools.example.org; none if left out.",
        default=[],
    )


class OidcKeys(Written):
    issuer: Url = key("Address of the provider, as its tokens name it.", "https://id.example.org")
    client_id: Line = key("Name under which the provider knows this service.", "aggregator")
    client_secret: Secret | None = key(
        "Where the secret stands: env:NAME or file:PATH; none for a public client.", default=None
    )
    name: Line = key("What the button on the login page says.", default="Single sign-on")
    scopes: Lines = key("What is asked for.", default=["openid", "profile", "email"])
    role_claim: Line | None = key("Claim of the token that names groups or roles, such as groups.", default=None)
    roles: dict[str, Annotated[Role, word(Role, "role")]] = key(
        "Role of each value of that claim; the highest counts.", default={}
    )
    default_role: Annotated[Role, word(Role, "role")] | None = key(
        "Role of who has none of them; left out: viewer without role_claim, else nobody gets in by it.", default=None
    )
    new_accounts: bool = key(
        "Whether who has no account here gets one; else accounts are linked by their owners.", default=False
    )
    domains: list[Domain] = key(
        "Domains of mail addresses, verified by the provider, that may have new accounts; none: all.", default=[]
    )
    private_addresses: bool = key(
        "Whether the provider may be on this machine or in a private network, without TLS.", default=False
    )


class RetentionKeys(Written):
    entries: Duration | None = key(
        "How long an entry is kept after its last sighting; null: for ever.", default=timedelta(days=730)
    )
    revisions: Duration | None = key(
        "How long a former revision is kept that no release names; null: as long as its entry.",
        default=timedelta(days=730),
    )
    flags: Duration | None = key(
        "How long a closed flag is kept that nobody did anything about; null: for ever.", default=timedelta(days=730)
    )


class MailKeys(Written):
    smtp: Smtp = key("Mail server, smtp://HOST:PORT; null: letters are drafts to copy.", default=None)
    from_: Mailbox | None = key("Sender of letters; site.email if left out.", default=None, alias="from")
    reminders: Literal["off", "draft", "send"] = key(
        "When a letter's day passes without an answer: off, draft (a reminder to look at and send), or send.",
        default="draft",
    )
    digest: Literal["never", "daily", "weekly"] = key(
        "How often accounts with a mail address get a list of open flags; each may choose for itself.",
        default="never",
    )
    language: Language = key(
        "Language of mails to accounts that have chosen none, to subscribers and to those who used a form. Letters to "
        "publishers have their own.",
        default="en",
    )


class LogKeys(Written):
    level: Literal["debug", "info", "warning", "error"] = key("Least weight of what is logged.", default="info")
    format: Literal["text", "console", "json"] = key(
        "Lines for people (text; console is the same) or for machines (json).", default="text"
    )


class MetricsKeys(Written):
    allow: list[Network] = key("Addresses or networks that may read /metrics.", default=["127.0.0.0/8", "::1/128"])
    token: Secret | None = key(
        "Where a token stands with which /metrics may be read from anywhere: env:NAME or file:PATH.", default=None
    )
    listen: Listen | None = key(
        "HOST:PORT on which a process without the role web answers /healthz, /readyz and /metrics; null: on none.",
        default=None,
    )


class WebSubKeys(Written):
    subscribe: Literal["auto", "on", "off"] = key(
        "Whether sources' hubs are asked to deliver; auto: where they can reach server.public_url.", default="auto"
    )
    hubs: list[Url] = key("Hubs that outputs name and that are told of changes; none: our own.", default=[])
    hub: bool = key("Whether this service is the hub of its outputs where 'hubs' names none.", default=True)
    lease: Annotated[timedelta, duration_between("1h", "30d")] = key(
        "Length of subscriptions: what we ask for, and what subscribers get who ask for none.",
        default=timedelta(days=10),
    )
    private_addresses: bool = key(
        "Whether 'hubs' and subscribers of our hub may be on this machine or in a private network.", default=False
    )
    sha1: bool = key("Whether deliveries signed with SHA-1 are believed.", default=False)


EventWord = Annotated[WebhookEvent, word(WebhookEvent, "event")]


class WebhookKeys(Written):
    """An address that is told of changes."""

    id: Id = key("Name of the webhook: a-z, 0-9 and '-'.", "newsroom")
    url: Url = key("Where to POST.", "https://example.org/hook")
    secret: Secret = key("Where the key of its signatures stands: env:NAME or file:PATH.", "env:NEWSROOM_HOOK")
    events: Annotated[list[EventWord], Some()] = key(
        "What it is told: output.changed, entry.withdrawn, flag.opened, flag.closed.", default=list(OF_OUTPUTS)
    )
    outputs: list[Line] = key("Ids of outputs of whose changes it is told; none: all.", default=[])
    private_addresses: bool = key("Whether it may be on this machine or in a private network.", default=False)


class SettingsKeys(Written):
    """config/aggregator.yaml"""

    site: SiteKeys | None = key("Who you are.", default=None)
    database: Database = key(
        "sqlite:///PATH, relative to the folder that holds config/, or postgresql://USER@HOST/NAME.",
        default="sqlite:///data/aggregator.db",
    )
    server: ServerKeys = key("Where the web server listens.", default=ServerKeys())
    polling: PollingKeys = key(
        "How sources are asked; a source may override all but concurrency.", default=PollingKeys()
    )
    unknown_policy: Annotated[UnknownPolicy, word(UnknownPolicy, "unknown_policy")] = key(
        "What an output may carry of a source with no policy: hold (nothing) or headline.", default=UnknownPolicy.HOLD
    )
    retention: RetentionKeys = key("How long things are kept.", default=RetentionKeys())
    mail: MailKeys = key("How permission letters leave.", default=MailKeys())
    engine: Literal["local", "procrastinate"] = key(
        "Where polls run: in this process, or by workers over a postgresql:// database.", default="local"
    )
    templates: Line | None = key(
        "Your own template folder, relative to the folder that holds config/; its files replace ours by name.",
        default=None,
    )
    log: LogKeys = key("What is logged, and how.", default=LogKeys())
    metrics: MetricsKeys = key("Who may read /metrics.", default=MetricsKeys())
    websub: WebSubKeys = key("How changes are heard of and told without polling.", default=WebSubKeys())
    webhooks: list[WebhookKeys] = key("Addresses that are told of changes, signed.", default=[])
    subscribe: Literal["off", "admin", "mail"] = key(
        "How sites get addresses of their own by /subscribe: not, when a person admits them, or by a link in a mail.",
        default="admin",
    )
    contact: bool = key("Whether publishers may write by the form at /contact.", default=True)
    api: ApiKeys = key("The interface for programs under /api/v1.", default=ApiKeys())
    oidc: OidcKeys | None = key("Login by an OpenID Connect provider.", default=None)


# ── sources.yaml ─────────────────────────────────────────────────────────────────────────────────────────────────
