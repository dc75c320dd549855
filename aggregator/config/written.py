"""What may stand in each file, key by key: the one list that reading, JSON Schemas and the reference page share.

A key's `description` is what an editor shows and what `docs/configuration.md` must mention; its example completes the
message where it is missing. A key that may be left empty says `| None`; any other empty key is an error, because
`when:` above a list that somebody commented out would otherwise widen a rule without a word.
"""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from aggregator.config.terms import DutyTerm, LimitTerm, Waived
from aggregator.config.words import (
    Day,
    Domain,
    Duration,
    Feed,
    HeaderValue,
    Id,
    Instant,
    Language,
    Line,
    Prose,
    Query,
    Reads,
    Secret,
    Size,
    Some,
    Territory,
    Url,
    counted,
    duration_between,
    kind_of,
    quoted,
    said,
    unknown,
    word,
    words_of,
)
from aggregator.model.account import Role
from aggregator.model.decision import Reason
from aggregator.model.entry import Level, NoticeKind
from aggregator.model.origin import Certainty
from aggregator.model.output import FORMATS, Access, Format
from aggregator.model.policy import Effect, ImageRule, Images, OnChange, ThirdParty, UnknownPolicy
from aggregator.model.source import HoldScope, Rhythm
from aggregator.model.use import Ads, Audience, Form, Medium, Selection
from aggregator.model.webhook import OF_OUTPUTS, WebhookEvent

FormWord = Annotated[Form, word(Form, "form", words_of(Form, backwards=True))]
AudienceWord = Annotated[Audience, word(Audience, "audience")]
MediumWord = Annotated[Medium, word(Medium, "medium")]
Forms = Annotated[list[FormWord], Some()]
Lines = Annotated[list[Line], Some()]


class Written(BaseModel):
    """Keys as they are written; any other key is an error."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=False)


def key(description: str, example: str | None = None, **more: Any) -> Any:
    """A key's description and, for one that must be there, what to write."""
    return Field(description=description, examples=None if example is None else [example], **more)


# ── aggregator.yaml ──────────────────────────────────────────────────────────────────────────────────────────────


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


Interval = Annotated[timedelta, duration_between("1s", "90d")]
Timeout = Annotated[timedelta, duration_between("1s", "10m")]


class SourcePollKeys(Written):
    """The polling keys that a source may override."""

    interval: Interval | None = key("How often a feed is asked.", default=None)
    min_interval: Interval | None = key("Never more often than this, whatever a feed says.", default=None)
    max_interval: Interval | None = key("Never less often than this, whatever a feed says.", default=None)
    timeout: Timeout | None = key("Total time of one poll.", default=None)
    max_size: Size | None = key("Largest feed that is read, decompressed.", default=None)
    per_host: int | None = key("Requests to one host at once.", default=None, ge=1, le=64)
    daily_entries: int | None = key(
        "New entries that one feed may bring in 24 hours; the rest comes on the days after.",
        default=None,
        ge=1,
        le=100_000,
    )
    archive_pages: int | None = key(
        "Older pages or archives that are read when a feed is read for the first time.", default=None, ge=0, le=1000
    )
    private_addresses: bool | None = key(
        "Whether feeds on this machine or in a private network may be asked.", default=None
    )
    rhythm: Annotated[Rhythm, word(Rhythm, "rhythm")] | None = key(
        "learned: feeds that publish seldom are asked less often than interval; or fixed.", default=None
    )
    retry_after: Annotated[HoldScope, word(HoldScope, "retry_after")] | None = key(
        "For whom a Retry-After with 429 or 503 holds: all feeds of the host, or that feed only.", default=None
    )
    robots: bool | None = key("Whether robots.txt is asked for and honoured.", default=None)
    user_agent: Line | None = key("User-Agent sent instead of our own.", default=None)
    proxy: Secret | None = key(
        "Where the address of an HTTP proxy stands, http://[USER:PASSWORD@]HOST:PORT: env:NAME or file:PATH.",
        default=None,
    )


class PollingKeys(SourcePollKeys):
    concurrency: int | None = key("Requests at once in all.", default=None, ge=1, le=1000)


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


class AuthKeys(Written):
    basic: Secret | None = key("Where user:password stands: env:NAME or file:PATH.", default=None)
    bearer: Secret | None = key("Where a token stands: env:NAME or file:PATH.", default=None)


class SourceKeys(SourcePollKeys):
    """One item of config/sources.yaml"""

    id: Id = key("Name of the source: a-z, 0-9 and '-'; entries are kept under it.", "example-news")
    feed: Feed = key("Address of the feed, or file:PATH inside config/.", "https://example.org/feed")
    policy: Line | None = key("Id of its publisher's policy; none: unknown_policy decides.", default=None)
    tags: list[Line] = key("Words by which outputs select sources.", default=[])
    enabled: bool = key("false: not polled, and no output carries it.", default=True)
    title: Line | None = key("Your name for it; the publisher's name if left out.", default=None)
    headers: dict[str, HeaderValue] = key(
        "Request headers for this feed only: text, env:NAME or file:PATH.", default={}
    )
    cookies: dict[str, HeaderValue] = key("Cookies for this feed only: text, env:NAME or file:PATH.", default={})
    auth: AuthKeys | None = key("Credentials for this feed only.", default=None)


# ── policies/*.yaml ──────────────────────────────────────────────────────────────────────────────────────────────


class PublisherKeys(Written):
    name: Line = key("Name as it is credited.", "Example News")
    url: Url | None = key("Home page.", default=None)
    domains: list[Domain] = key("Its domains; subdomains match by themselves.", default=[])
    aliases: list[Line] = key("Other names by which feeds and credit lines call it.", default=[])


class TermsKeys(Written):
    url: Url | None = key("Where the terms stand.", default=None)
    read: Day | None = key("Day on which they were read.", default=None)
    review_every: Duration | None = key("When a person must read them again.", default=None)
    check_every: Annotated[timedelta, duration_between("1h", "1y")] | None = key(
        "How often the page is looked at for changes; without it, every 7 days.", default=None
    )
    on_change: OnChange = key(
        "When they change: flag, or hold (what they cover waits until a person has looked).", default="flag"
    )
    evidence: Prose | None = key("What they say, in short or quoted.", default=None)


class WhenKeys(Written):
    """All that are given must hold; values in a list are alternatives."""

    category: Lines = key("Categories of the entry.", default=[])
    author: Lines = key("Authors of the entry.", default=[])
    language: Annotated[list[Language], Some()] = key("Languages of the entry; 'en' covers en-GB.", default=[])
    territory: Annotated[list[Territory], Some()] = key("Where the output is read: ISO 3166 codes.", default=[])
    url: Lines = key("Addresses of the entry; '*' stands for anything.", default=[])
    marker: Lines = key("Marks that the entry must carry, as category or in its text.", default=[])
    embargo: Annotated[timedelta, counted("h", "hours")] | None = key(
        "Only this long after publication: 24h, or hours.", default=None
    )
    window: Annotated[timedelta, counted("d", "days")] | None = key(
        "Only this long from publication: 90d, or days.", default=None
    )
    since: Day | None = key("Published on this day or later.", default=None)
    until: Day | None = key("Published on this day or earlier.", default=None)
    other: Annotated[list[Prose], Some()] = key("A condition that fits no key: a person must rule on it.", default=[])


class RuleKeys(Written):
    """One rule: exactly one of allow, ask and deny."""

    allow: Forms = key("Forms that may be republished.", default=[])
    ask: Forms = key("Forms for which the publisher must be asked.", default=[])
    deny: Forms = key("Forms that must not be republished.", default=[])
    to: Annotated[list[AudienceWord], Some()] = key("Who republishes; left out: anyone.", default=[])
    in_: Annotated[list[MediumWord], Some()] = key("Where; left out: any medium.", default=[], alias="in")
    when: WhenKeys = key("Conditions.", default=WhenKeys())
    duties: list[DutyTerm] = key("What must accompany the copy.", default=[])
    limits: list[LimitTerm] = key("What must not happen to the copy.", default=[])
    waive: list[Waived] = key("Duties and limits of the licence that do not apply here.", default=[])


_IMAGE_WORDS = ("same", "ask", "deny")


def _images(value: object) -> Images:
    if isinstance(value, str) and value in _IMAGE_WORDS:
        return Images(rule=ImageRule(value))
    if isinstance(value, dict) and list(value) == ["own_credit"]:
        names = value["own_credit"]
        names = [names] if isinstance(names, str) else names
        if isinstance(names, list) and names and all(isinstance(name, str) and name.strip() for name in names):
            return Images(rule=ImageRule.OWN_CREDIT, credits=tuple(name.strip() for name in names))
        raise said("own_credit needs the names that stand in the credit, such as {own_credit: [Example News]}")
    if isinstance(value, str):
        raise said(unknown("{key}", value, [*_IMAGE_WORDS, "{own_credit: [NAME]}"]))
    raise said(f"{{key}} must be same, ask, deny or {{own_credit: [NAME]}}, not {kind_of(value)}")


ImagesRule = Annotated[
    Images,
    Reads(
        _images,
        {
            "anyOf": [
                {"enum": list(_IMAGE_WORDS)},
                {
                    "type": "object",
                    "properties": {
                        "own_credit": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
                    },
                    "required": ["own_credit"],
                    "additionalProperties": False,
                },
            ]
        },
    ),
]


def _no_allow(value: object) -> object:
    if value == "allow":
        raise said(
            "default 'allow' would republish what no rule names; write ask or deny, and a rule for what is allowed"
        )
    return value


DefaultEffect = Annotated[Effect, word(Effect, "default", ["ask", "deny"]), BeforeValidator(_no_allow)]


class PolicyKeys(Written):
    """A publisher's terms: config/policies/ID.yaml"""

    id: Id = key("Name of the policy: a-z, 0-9 and '-'.", "example-news")
    publisher: PublisherKeys = key("Who publishes.", "{name: Example News, domains: [example.org]}")
    contact: Line | None = key("Where to ask: a mail address or a page.", default=None)
    terms: TermsKeys = key("Where these terms were read, and when.", default=TermsKeys())
    licence: Line | None = key("SPDX id or address of a licence that supplies base rules.", default=None)
    rules: list[RuleKeys] = key("What is allowed, must be asked, or is denied.", default=[])
    waive: list[Waived] = key("Duties and limits of the licence that the publisher waives.", default=[])
    third_party: Annotated[ThirdParty, word(ThirdParty, "third_party")] = key(
        "Entries that another publisher without a policy originated: ask, deny or covered.", default=ThirdParty.ASK
    )
    images: ImagesRule = key(
        "Images, media and embeds: same as the text, ask, deny, or only those credited to own_credit.",
        default=Images(),
    )
    default: DefaultEffect = key("What holds where no rule applies: ask or deny.", default=Effect.ASK)
    trust_entry_licence: bool = key(
        "Whether a licence that an entry names for itself may loosen these rules.", default=False
    )


# ── outputs.yaml ─────────────────────────────────────────────────────────────────────────────────────────────────


class SelectKeys(Written):
    tags: list[Line] = key("Sources with any of these tags; without tags and sources: all.", default=[])
    sources: list[Line] = key("Ids of sources, beside those of the tags.", default=[])
    language: list[Language] = key("Languages of entries.", default=[])
    category: list[Line] = key("Categories of entries, any of them.", default=[])
    author: list[Line] = key("Authors of entries, any of them.", default=[])
    match: Query | None = key(
        'Terms that must all stand in title or text: word, "a phrase", begin*, /pattern/.', default=None
    )
    exclude: Query | None = key("Terms, any of which keeps an entry out.", default=None)
    newest: int = key("How many entries at most.", default=50, ge=1, le=5000)
    per_source: int | None = key("How many entries of one source at most.", default=None, ge=1, le=5000)
    max_age: Duration | None = key("How old an entry may be.", default=None)


class UseKeys(Written):
    """What you do with the copies: nothing of it is assumed for you."""

    audience: AudienceWord = key("Who republishes.", "community")
    medium: MediumWord = key("Where the copy appears.", default=Medium.WEB)
    form: FormWord = key("How much is asked for: full, excerpt or headline.", default=Form.FULL)
    ads: Annotated[Ads, word(Ads, "ads")] = key(
        "Advertising: none, on the page, or sold against the item.", default=Ads.NONE
    )
    paywall: bool = key("Whether readers pay or register to see the copy.", default=False)
    sold: bool = key("Whether the copy itself is sold.", default=False)
    selection: Annotated[Selection, word(Selection, "selection")] = key(
        "Who picks: automatic, or reviewed (a person approves each entry).", default=Selection.AUTOMATIC
    )
    territory: Annotated[list[Territory], Some(may_be_empty=True)] = key(
        "Where it is read: ISO 3166 codes; left out: worldwide.", default=[]
    )
    language: Language | None = key("Language in which you publish, if you translate.", default=None)
    copies: int | None = key("How many copies will exist; left out: nobody can say.", default=None, ge=1)


ARCHIVE_SIZE = 50


def _archive(value: object) -> int | None:
    if value is True or value is False:
        return ARCHIVE_SIZE if value else None
    if not isinstance(value, int) or not 1 <= value <= 1000:
        raise said("{key} must be true, false or how many entries an archive document has, 1 to 1000")
    return value


ArchiveSize = Annotated[
    int | None, Reads(_archive, {"anyOf": [{"type": "boolean"}, {"type": "integer", "minimum": 1, "maximum": 1000}]})
]


class OutputKeys(Written):
    """One item of config/outputs.yaml"""

    id: Id = key("Name of the output: a-z, 0-9 and '-'; part of its address.", "community")
    title: Line | None = key("Title of the feed; its id if left out.", default=None)
    description: Prose | None = key("What it is, for its readers.", default=None)
    select: SelectKeys = key("Which entries it would like to carry.", default=SelectKeys())
    use: UseKeys = key("What you do with the copies.", "{audience: community, medium: web, form: full}")
    fallback: list[FormWord] = key("Smaller forms to try where the asked one is not allowed; []: hold.", default=[])
    access: Annotated[Access, word(Access, "access")] = key(
        "public, or registered subscribers only.", default=Access.PUBLIC
    )
    credit: Id = key("Credit template set: a folder under templates/credit/.", default="default")
    archive: ArchiveSize = key(
        "Keep an archive that readers can page back through: true, or how many entries each document has.",
        default=None,
    )
    per_page: int = key("Entries on each page of the HTML river.", default=50, ge=5, le=500)
    language: Language | None = key(
        "Language of your own words in it, such as the credit; left out: that of 'use', of 'select' if it is one, "
        "else English.",
        default=None,
    )
    formats: Annotated[list[Annotated[Format, word(Format, "format")]], Some()] = key(
        "Which of rss, atom, json, html and txt are written.", default=list(FORMATS)
    )


# ── policies/tests/*.yaml ────────────────────────────────────────────────────────────────────────────────────────


class OriginKeys(Written):
    """Somebody through whose hands the entry went before its source."""

    name: Line | None = key("Publisher as named.", default=None)
    url: Url | None = key("Page there, or the publisher's page.", default=None)
    author: Line | None = key("Author as named.", default=None)
    notice: Line | None = key("Copyright notice as written.", default=None)
    carrier: Line = key("Where it was read.", default="credit-line")
    certainty: Annotated[Certainty, word(Certainty, "certainty")] = key(
        "sure, or unsure whether it names a third party.", default=Certainty.SURE
    )


class ComponentKeys(Written):
    url: Url = key("Address.", default="https://example.org/image.jpg")
    credit: Line | None = key("Credit as written.", default=None)
    licence: Line | None = key("Licence as written.", default=None)


class NoticeKeys(Written):
    """What entry or feed says of its own rights."""

    kind: Annotated[NoticeKind, word(NoticeKind, "notice")] = key(
        "licence, rights, forbid, draft, deny, no-ai or machine.", "licence"
    )
    value: Line = key("As written.", default="yes")
    level: Annotated[Level, word(Level, "level")] = key("entry, source, feed or site.", default=Level.ENTRY)
    carrier: Line = key("Where it stands.", default="atom:link rel=license")


class EntryKeys(Written):
    """The facts of a made-up entry; a fact that is not given is unknown."""

    source: Id | None = key("Source's id; the policy's id if left out.", default=None)
    id: Line = key("The feed's id.", default="urn:example:entry")
    title: Line = key("Title.", default="A title")
    url: Url | None = key("Permalink.", default="https://example.org/article")
    author: Lines = key("Authors.", default=[])
    category: Lines = key("Categories.", default=[])
    language: Language | None = key("Language.", default=None)
    published: Instant | None = key("Publication date.", default=None)
    updated: Instant | None = key("Date of the last change.", default=None)
    text: Prose | None = key("All visible text, for markers.", default=None)
    words: int | None = key("Words of the full text; null: the feed does not carry it.", default=500, ge=0)
    summary: bool = key("Whether the feed carries a summary.", default=True)
    image: ComponentKeys | None = key("An image of the entry.", default=None)
    media: ComponentKeys | None = key("A recording.", default=None)
    embed: ComponentKeys | None = key("An embed.", default=None)
    origins: list[OriginKeys] = key("Through whose hands it went, first the originator.", default=[])
    notices: list[NoticeKeys] = key("What it says of its own rights.", default=[])


class TestedUseKeys(UseKeys):
    fallback: list[FormWord] = key("Smaller forms to try.", default=[])


class ExpectKeys(Written):
    """What must come out; a key that is not given is not looked at."""

    outcome: Annotated[Effect, word(Effect, "outcome")] = key("allow, ask or deny.", "allow")
    form: FormWord | None = key("The form that is allowed.", default=None)
    reason: Annotated[Reason, word(Reason, "reason")] | None = key("Why.", default=None)
    duties: list[Line] | None = key("Names of all duties, in any order.", default=None)
    limits: list[Line] | None = key("Names of all limits, in any order.", default=None)
    removed: list[Line] | None = key("image, media, embed or addresses that must not be in the copy.", default=None)
    relied_on: list[Line] | None = key("Rules that allowed, as POLICY:N.", default=None)
    held_by: list[Line] | None = key("Rules that kept the asked form away.", default=None)
    hops: list[Line] | None = key("Publishers to credit, first the originator.", default=None)
    contact: Line | None = key("Whom to ask.", default=None)


class PolicyTestKeys(Written):
    """config/policies/tests/*.yaml: entry facts + use → expected decision."""

    about: Prose = key("What this shows, in a sentence.", "The Herald grants its own text to community sites.")
    policy: Line = key("Id of the policy.", "example-news")
    at: Instant | None = key("When it is decided; a day after the entry's date if left out.", default=None)
    entry: EntryKeys = key("Facts of the entry.", default=EntryKeys())
    use: TestedUseKeys = key("What is done with it.", "{audience: community, medium: web, form: full}")
    approved: bool = key("Whether a person picked the entry.", default=False)
    released: Instant | None = key("First release, for remove-after.", default=None)
    expect: ExpectKeys = key("What must come out.", "{outcome: allow}")
