"""What may stand in a policy."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

from aggregator.config.terms import DutyTerm, LimitTerm, Waived
from aggregator.config.words import (
    Day,
    Domain,
    Duration,
    Id,
    Language,
    Line,
    Prose,
    Reads,
    Some,
    Territory,
    Url,
    counted,
    duration_between,
    kind_of,
    said,
    unknown,
    word,
)
from aggregator.config.written.keys import AudienceWord, Forms, Lines, MediumWord, Written, key
from aggregator.model.policy import Effect, ImageRule, Images, OnChange, ThirdParty


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
