"""The words of our ODRL 2.2 profile: one table, from which export, import, `docs/odrl-profile.ttl` and `.md` are made.

ODRL is a grammar of permissions, prohibitions and duties; it has few words for what newsrooms ask for. The profile adds
ours, each under the nearest word of the core vocabulary where there is one, so that a stranger sees at least that.
Source: ODRL Information Model 2.2, section 3.2 (profile mechanism).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from aggregator.model.policy import DutyName, LimitName
from aggregator.model.use import Audience, Form, Medium

PROFILE = "urn:uuid:5c0e4a39-7d0f-4f56-9d5e-3b1f0f4a7c21"
"""The profile's IRI. A UUID needs no registration, and nothing ever fetches it."""
NS = PROFILE + "#"
PREFIX = "agg"
ODRL = "http://www.w3.org/ns/odrl/2/"
ODRL_CONTEXT = "http://www.w3.org/ns/odrl.jsonld"
CC = "http://creativecommons.org/ns#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
VCARD = "http://www.w3.org/2006/vcard/ns#"
ISO_COUNTRY = "https://www.iso.org/obp/ui/#iso:code:3166:"
"""Followed by an ISO 3166-1 alpha-2 code, upper case."""


class Kind(StrEnum):
    """What a term of the profile is in ODRL."""

    FORM = "form"
    AUDIENCE = "audience"
    MEDIUM = "medium"
    DUTY = "duty"
    LIMIT = "limit"
    WHEN = "when"
    PARAM = "param"
    VALUE = "value"
    PROPERTY = "property"


@dataclass(frozen=True, slots=True)
class Term:
    """One word of the profile."""

    kind: Kind
    name: str
    """As in a policy file."""
    definition: str
    parent: str | None = None
    """The nearest core term (`odrl:…`, `cc:…`), that a reader without the profile may go by."""

    @property
    def local(self) -> str:
        """Its name in the profile: `duty-credit-source`. A property has no kind in front."""
        return self.name if self.kind is Kind.PROPERTY else f"{self.kind}-{self.name}"


def iri(kind: Kind, name: str) -> str:
    """The IRI of a term."""
    return NS + (name if kind is Kind.PROPERTY else f"{kind}-{name}")


def _terms(kind: Kind, rows: dict[str, str | tuple[str, str]]) -> list[Term]:
    pairs = {name: row if isinstance(row, tuple) else (row, None) for name, row in rows.items()}
    return [Term(kind, name, definition, parent) for name, (definition, parent) in pairs.items()]


FORMS: dict[str, str | tuple[str, str]] = {
    Form.FULL: "The whole text of an article. Implies neither excerpt nor headline.",
    Form.EXCERPT: ("A part of the text: the publisher's summary, or the first words.", "odrl:extract"),
    Form.HEADLINE: "Title and link.",
}
AUDIENCES: dict[str, str | tuple[str, str]] = {
    Audience.ANYONE: "Whoever republishes.",
    Audience.PERSONAL: "A person, for no organisation.",
    Audience.COMMUNITY: "A community site.",
    Audience.NONPROFIT: "An organisation that makes no profit.",
    Audience.EDUCATION: "A place of teaching or research.",
    Audience.GOVERNMENT: "A public body.",
    Audience.NEWS: "A news organisation.",
    Audience.ACCREDITED: "An organisation that is accredited or legally registered as the publisher requires.",
    Audience.COMMERCIAL: "A business.",
}
MEDIA: dict[str, str | tuple[str, str]] = {
    Medium.WEB: "Web pages and feeds.",
    Medium.NEWSLETTER: "Mail to subscribers.",
    Medium.SOCIAL: "Posts on social networks.",
    Medium.PRINT: "Paper.",
    Medium.BROADCAST: "Radio and television.",
}
DUTIES: dict[str, str | tuple[str, str]] = {
    DutyName.CREDIT_SOURCE: ("Name the publisher.", "odrl:attribute"),
    DutyName.CREDIT_AUTHOR: ("Name the author.", "odrl:attribute"),
    DutyName.CREDIT_LINE: (
        "Print `text` letter for letter, in `slot`: top, byline, end or head.",
        "odrl:attribute",
    ),
    DutyName.LINK_ORIGINAL: ("Link to the original article, or with `target` home to the publisher.", "odrl:attribute"),
    DutyName.KEEP_LINKS: "Keep the links in the text.",
    DutyName.END_NOTE: ("Print `text` at the end.", "odrl:include"),
    DutyName.COPYRIGHT_NOTICE: ("Print the copyright notice: the article's own, else `text`.", "cc:Notice"),
    DutyName.LICENCE_NOTICE: ("Name the licence and link to it.", "cc:Notice"),
    DutyName.CANONICAL_OR_NOINDEX: "Name the original to search engines as the one to find, or keep them off the copy.",
    DutyName.TRACKER: ("Carry the counter at `url`.", "odrl:acceptTracking"),
    DutyName.NOTIFY: ("Tell `contact`, `when`: before or after.", "odrl:inform"),
    DutyName.LABEL_CHANGES: "Say what was changed.",
    DutyName.LOGO: ("Show the logo at `url`.", "odrl:attribute"),
    DutyName.SHARE_ALIKE: ("Pass on under the same terms.", "cc:ShareAlike"),
    DutyName.REMOVE_ON_REQUEST: ("Take the copy down when the publisher asks.", "odrl:delete"),
    DutyName.REMOVE_AFTER: ("Take the copy down `days` after its first release.", "odrl:delete"),
    DutyName.UPDATE_ON_CORRECTION: "Follow corrections of the original.",
    DutyName.OTHER: "`text`: a duty that fits no term. A person must rule on it.",
}
LIMITS: dict[str, str | tuple[str, str]] = {
    LimitName.NO_EDITS: ("The text stays as it is, but for the edits in `except`.", "odrl:modify"),
    LimitName.FULL_ONLY: ("Only the whole text.", "odrl:extract"),
    LimitName.EXCERPT_MAX: (
        "At most `n` of `unit`: words, chars, sentences, paragraphs or percent.",
        "odrl:percentage",
    ),
    LimitName.NO_IMAGES: "Without images, media and embeds.",
    LimitName.OWN_IMAGES_ONLY: "Only images whose credit holds one of the names in `credit`, else the publisher's.",
    LimitName.NO_RESALE: ("The copy is not sold.", "odrl:sell"),
    LimitName.NO_ADS_AGAINST: "No advertising sold against the article itself.",
    LimitName.NO_ADS: "No advertising on the page.",
    LimitName.NO_PAYWALL: "Not behind a paywall.",
    LimitName.NO_AUTOMATIC: "A person picks each article.",
    LimitName.MAX_SHARE: "At most `percent` of what the publisher published in `period`.",
    LimitName.MAX_COPIES: ("At most `n` copies.", "odrl:count"),
    LimitName.NO_TRANSLATION: ("In its own language only.", "odrl:translate"),
    LimitName.NO_FRAMING: "Not inside a frame.",
    LimitName.NO_ENDORSEMENT: "Nothing that suggests that the publisher endorses the republisher.",
    LimitName.NO_AI: "Not for training or feeding artificial intelligence.",
    LimitName.OTHER: "`text`: a limit that fits no term. A person must rule on it.",
}
WHENS: dict[str, str | tuple[str, str]] = {
    "form": "How much of the article is distributed; refines odrl:distribute.",
    "category": "A category of the article.",
    "author": "An author of the article.",
    "url": "The article's address; `*` stands for anything.",
    "marker": "A mark that the article carries, as category or in its text.",
    "published": "Publication date, a UTC day.",
    "other": "A condition that fits no term. Not known to hold until a person has ruled on it.",
}
PARAMS: dict[str, str | tuple[str, str]] = {
    "text": "Words to print, or the words of a term that fits no other.",
    "link": "Words of the text that are a link.",
    "end": "On what an excerpt ends: word, sentence or paragraph.",
    "slot": "Where a credit line stands: top, byline, end or head.",
    "target": "What to link to: article or home.",
    "url": "Address of a counter, a logo or a link.",
    "licence": "Name of a licence.",
    "contact": "Whom to notify.",
    "when": "Notify before or after.",
    "days": "A number of days.",
    "except": "A list of edits that are fine: style, headline, time-place, cut, translation.",
    "n": "A number.",
    "unit": "What is counted: words, chars, sentences, paragraphs or percent.",
    "credit": "A list of names of which one must stand in an image's credit.",
    "percent": "A share.",
    "period": "A span of time: 30d.",
}
VALUES: dict[str, str | tuple[str, str]] = {
    "ask": ("The publisher must be asked.", "odrl:obtainConsent"),
    "deny": "Not allowed.",
    "covered": "The publisher's own terms cover it.",
    "same": "As for the text.",
    "own_credit": "Only those whose credit holds one of the names in image-credits.",
}
PROPERTIES: dict[str, str | tuple[str, str]] = {
    "id": "Short name of the policy.",
    "url": "Home page of a publisher.",
    "domains": "List of the publisher's domains; subdomains match.",
    "aliases": "List of other names of the publisher.",
    "contact": "Where to ask: an address or a page.",
    "terms-url": "Where the terms were read.",
    "terms-read": "The day on which they were read.",
    "terms-review-every": "When to read them again.",
    "terms-evidence": "What they say, in short or quoted.",
    "licence": "A licence that supplies base rules: SPDX id or address.",
    "waive": "Name of a duty or limit of the licence that does not apply.",
    "third-party": "What holds for articles that another publisher, without a policy, originated.",
    "images": "What holds for images, media and embeds.",
    "image-credits": "List of names for own_credit.",
    "default": "What holds where no rule speaks.",
    "trust-entry-licence": "Whether a licence that an article states of itself may loosen.",
    "position": "Place among its kind, from 1: for people. No meaning depends on it.",
    "requested": "Done wherever it can be, never a reason to hold.",
    "alternatives": "List of duties or limits of which one is enough.",
    "in-medium": "A medium in which alone a duty or limit applies.",
    "of-component": "A part to which alone a duty or limit applies: text, image or media.",
    "idle-duty": "A duty written at a prohibition: kept, without effect.",
    "idle-limit": "A limit written at a prohibition: kept, without effect.",
}
TERMS: tuple[Term, ...] = tuple(
    term
    for kind, rows in (
        (Kind.FORM, FORMS),
        (Kind.AUDIENCE, AUDIENCES),
        (Kind.MEDIUM, MEDIA),
        (Kind.DUTY, DUTIES),
        (Kind.LIMIT, LIMITS),
        (Kind.WHEN, WHENS),
        (Kind.PARAM, PARAMS),
        (Kind.VALUE, VALUES),
        (Kind.PROPERTY, PROPERTIES),
    )
    for term in _terms(kind, rows)
)
BY_IRI: dict[str, Term] = {NS + term.local: term for term in TERMS}
MEASURES: dict[LimitName, str] = {
    LimitName.EXCERPT_MAX: "n",
    LimitName.MAX_SHARE: "percent",
    LimitName.MAX_COPIES: "n",
}
"""Limits that are `lteq` a number, and the parameter that holds it; all others are `eq true`."""
