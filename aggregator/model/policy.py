"""A publisher's republication terms as dated, evidenced rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

from aggregator.model.use import Audience, Form, Medium


class Effect(StrEnum):
    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"


class DutyName(StrEnum):
    """What must accompany the republished entry. `docs/policies.md` explains each."""

    CREDIT_SOURCE = "credit-source"
    CREDIT_AUTHOR = "credit-author"
    CREDIT_LINE = "credit-line"
    """text: the words, letter for letter; slot: top, byline, end or head."""
    LINK_ORIGINAL = "link-original"
    """target: article or home."""
    KEEP_LINKS = "keep-links"
    END_NOTE = "end-note"
    """text."""
    COPYRIGHT_NOTICE = "copyright-notice"
    """text: optional; what to print where the feed has no notice."""
    LICENCE_NOTICE = "licence-notice"
    CANONICAL_OR_NOINDEX = "canonical-or-noindex"
    TRACKER = "tracker"
    """url."""
    NOTIFY = "notify"
    """contact; when: before or after."""
    LABEL_CHANGES = "label-changes"
    LOGO = "logo"
    """url."""
    SHARE_ALIKE = "share-alike"
    REMOVE_ON_REQUEST = "remove-on-request"
    REMOVE_AFTER = "remove-after"
    """days, from the first release."""
    UPDATE_ON_CORRECTION = "update-on-correction"
    OTHER = "other"
    """text: a duty that fits no term. A person must rule on it."""


class LimitName(StrEnum):
    """What must not happen to the republished entry."""

    NO_EDITS = "no-edits"
    """except: what may be edited."""
    FULL_ONLY = "full-only"
    EXCERPT_MAX = "excerpt-max"
    """n; unit: words, chars, sentences, paragraphs or percent; end: on which the excerpt ends, a word, a sentence or a
    paragraph."""
    NO_IMAGES = "no-images"
    OWN_IMAGES_ONLY = "own-images-only"
    """credit: names."""
    NO_RESALE = "no-resale"
    NO_ADS_AGAINST = "no-ads-against"
    NO_ADS = "no-ads"
    NO_PAYWALL = "no-paywall"
    NO_AUTOMATIC = "no-automatic"
    MAX_SHARE = "max-share"
    """percent; period, a duration."""
    MAX_COPIES = "max-copies"
    """n."""
    NO_TRANSLATION = "no-translation"
    NO_FRAMING = "no-framing"
    NO_ENDORSEMENT = "no-endorsement"
    NO_AI = "no-ai"
    OTHER = "other"
    """text."""


Param = str | int | float | tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One duty. With `any_of`, one of several alternatives, and `name` is that of the first."""

    name: DutyName
    params: tuple[tuple[str, Param], ...] = ()
    """(parameter, value), sorted by parameter."""
    media: frozenset[Medium] = frozenset()
    """Media in which it applies; empty: all."""
    components: frozenset[str] = frozenset()
    """Components to which it applies (`text`, `image`, `media`); empty: all."""
    requested: bool = False
    """Done wherever it can be, never a reason to hold."""
    any_of: tuple[Duty, ...] = ()

    def param(self, name: str) -> Param | None:
        return next((value for key, value in self.params if key == name), None)

    def text(self, name: str, default: str = "") -> str:
        """The parameter as text."""
        value = self.param(name)
        return default if value is None else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One limit. With `any_of`, it is broken only where every alternative is."""

    name: LimitName
    params: tuple[tuple[str, Param], ...] = ()
    media: frozenset[Medium] = frozenset()
    components: frozenset[str] = frozenset()
    requested: bool = False
    any_of: tuple[Limit, ...] = ()

    def param(self, name: str) -> Param | None:
        return next((value for key, value in self.params if key == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Conditions of a rule: all that are given must hold; values in a list are alternatives (rulings 4, 10–12)."""

    category: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    """BCP 47 prefixes."""
    territory: tuple[str, ...] = ()
    """ISO 3166-1 alpha-2, upper case."""
    url: tuple[str, ...] = ()
    """Globs: `*` for anything."""
    marker: tuple[str, ...] = ()
    embargo: timedelta | None = None
    """Holds from this long after the publication date on."""
    window: timedelta | None = None
    """Holds until this long after the earliest date ever known."""
    since: date | None = None
    """Publication date, UTC day, inclusive."""
    until: date | None = None
    """Publication date, UTC day, inclusive."""
    other: tuple[str, ...] = ()
    """Conditions that fit no term: never known to hold until a person rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of a policy."""

    key: str
    """`POLICY:N`, N from 1 in file order."""
    effect: Effect
    forms: frozenset[Form]
    to: frozenset[Audience] = frozenset()
    """Audiences; empty or containing `anyone`: any."""
    media: frozenset[Medium] = frozenset()
    """Media; empty: any."""
    when: When = When()
    duties: tuple[Duty, ...] = ()
    limits: tuple[Limit, ...] = ()
    waive: frozenset[str] = frozenset()
    """Names of duties and limits of the policy's licence that do not apply where this rule allows."""
    where: str = ""
    """file:line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Who runs a source."""

    name: str
    url: str | None = None
    domains: tuple[str, ...] = ()
    """Lower-case, ASCII (IDNA); subdomains match."""
    aliases: tuple[str, ...] = ()


OnChange = Literal["flag", "hold"]
"""What happens when the terms say something else: a flag; `hold`: what they cover waits, too, until a person looked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Where the policy was read, and when."""

    url: str | None = None
    read: date | None = None
    review_every: timedelta | None = None
    """How long after `read` a person must read them again; None: only when they change."""
    check_every: timedelta | None = None
    """Between two looks of the program at the page; None: a week, or `review_every` where that is shorter."""
    on_change: OnChange = "flag"
    evidence: str = ""


class ThirdParty(StrEnum):
    """What holds for a hop whose publisher has no policy."""

    ASK = "ask"
    DENY = "deny"
    COVERED = "covered"


class ImageRule(StrEnum):
    """What holds for images, media and embeds (ruling 21)."""

    SAME = "same"
    ASK = "ask"
    DENY = "deny"
    OWN_CREDIT = "own_credit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    rule: ImageRule = ImageRule.SAME
    credits: tuple[str, ...] = ()
    """For `own_credit`: names of which one must stand in the image's credit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A publisher's terms."""

    id: str
    publisher: Publisher
    contact: str | None = None
    """Where to ask: an address or a URL."""
    terms: Terms = Terms()
    licence: str | None = None
    """SPDX id or URL, as written."""
    rules: tuple[Rule, ...] = ()
    waive: frozenset[str] = frozenset()
    """Names of duties and limits of the licence that the publisher waives everywhere."""
    third_party: ThirdParty = ThirdParty.ASK
    images: Images = Images()
    default: Effect = Effect.ASK
    """`ask` or `deny`, never `allow` (ruling 7)."""
    trust_entry_licence: bool = False
    where: str = ""


class UnknownPolicy(StrEnum):
    """What an output may carry of a source with no policy."""

    HOLD = "hold"
    HEADLINE = "headline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A recorded written permission (ruling 23), or, with the effect `deny`, a recorded refusal.

    A permission speaks only for its own publisher's hop. A refusal beats permissions and policies inside its scope,
    whoever originated the entry; `waive`, `lift` and `over_notices` mean nothing in it.
    """

    id: str
    effect: Effect = Effect.ALLOW
    """`allow`: a permission; `deny`: a refusal; `ask`: a hold while nobody has looked at changed terms."""
    policy: str | None = None
    """The policy whose publisher gave it."""
    publisher: str | None = None
    """Name of the publisher, where it has no policy."""
    source: str | None = None
    entry: str | None = None
    """Internal id of an entry."""
    author: str | None = None
    category: str | None = None
    outputs: tuple[str, ...] = ()
    """Empty: all."""
    forms: frozenset[Form] = frozenset()
    """Empty: all."""
    to: frozenset[Audience] = frozenset()
    """Audiences of the uses that it covers; empty or containing `anyone`: all."""
    media: frozenset[Medium] = frozenset()
    """Media of the uses that it covers; empty: all."""
    since: date | None = None
    until: date | None = None
    """Inclusive, UTC days."""
    waive: frozenset[str] = frozenset()
    """Names of duties it waives."""
    lift: frozenset[str] = frozenset()
    """Names of limits it lifts."""
    over_notices: bool = False
    evidence: str = ""
    given_at: datetime | None = None
    revoked_at: datetime | None = None
