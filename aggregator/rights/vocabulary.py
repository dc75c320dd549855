"""The words of a policy as one table: what each means, who asks for it, how it is kept; `docs/policies.md` is its page.

Counts are of 62 republication policies that were read and coded by hand; many of them were read in part only, so a
count is a lower bound, and "none seen" is no proof that nobody asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from aggregator.model.policy import DutyName, LimitName
from aggregator.model.use import Audience, Form, Medium


class Kind(StrEnum):
    """Where in a policy a word stands."""

    FORM = "form"
    AUDIENCE = "audience"
    MEDIUM = "medium"
    CONDITION = "condition"
    DUTY = "duty"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word of a policy."""

    kind: Kind
    name: str
    meaning: str
    asked: str = ""
    """Who asks for it in real life."""
    kept: str = ""
    """How we discharge a duty, or check a limit or condition."""
    example: str = ""
    """As it is written in a policy, with all of its parameters; one line of YAML."""
    carrier: str = ""
    """The nearest term of ODRL (`odrl:`), RSL (`rsl:`) or Creative Commons (`cc:`)."""


def _words(kind: Kind, rows: Iterable[tuple[str, ...]]) -> tuple[Word, ...]:
    fields = ("name", "meaning", "asked", "kept", "example", "carrier")
    return tuple(Word(kind=kind, **dict(zip(fields, map(str, row), strict=False))) for row in rows)


FORMS = _words(
    Kind.FORM,
    (
        (
            Form.FULL,
            "The whole text.",
            "nearly all; 8 allow only this",
            "Only where the feed carries the whole text.",
            "",
            "odrl:distribute",
        ),
        (
            Form.EXCERPT,
            "A part: the publisher's summary, or the first words.",
            "5 cap it, 4 allow parts freely, 3 offer it instead of the text",
            "At most 50 words and a third of the text, or the policy's own `excerpt-max`.",
            "",
            "odrl:extract",
        ),
        (
            Form.HEADLINE,
            "Title and link.",
            "seldom named: most texts take it for granted, so a policy must say it",
            "Credit and notices travel as metadata and a line of credit.",
            "",
            "odrl:index; rsl:search",
        ),
    ),
)
AUDIENCES = _words(
    Kind.AUDIENCE,
    (
        (Audience.ANYONE, "Everybody; covers all the others.", "37 of 62", "", "", ""),
        (Audience.PERSONAL, "People for themselves.", "1 of 62", "", "", "rsl:personal"),
        (Audience.COMMUNITY, "Community sites.", "13 of 62, with non-profits", "", "", "rsl:non-commercial"),
        (Audience.NONPROFIT, "Non-profit organisations.", "13 of 62, with communities", "", "", "rsl:non-commercial"),
        (Audience.EDUCATION, "Schools and universities.", "none seen alone", "", "", "rsl:education"),
        (Audience.GOVERNMENT, "Public bodies.", "none seen", "", "", "rsl:government"),
        (Audience.NEWS, "News organisations, partners.", "10 of 62", "", "", "odrl:industry"),
        (Audience.ACCREDITED, "Accredited or registered organisations.", "3 of 62", "", "", "odrl:recipient"),
        (
            Audience.COMMERCIAL,
            "Commercial sites.",
            "3 of 62 say it is fine, 7 want to be asked first",
            "",
            "",
            "cc:CommercialUse; rsl:commercial",
        ),
    ),
)
MEDIA = _words(
    Kind.MEDIUM,
    (
        (Medium.WEB, "Web pages and feeds.", "named by 52 of 62", "", "", "odrl:media electronic"),
        (Medium.NEWSLETTER, "Mail to subscribers.", "named by 2", "", "", "odrl:deliveryChannel"),
        (Medium.SOCIAL, "Social media.", "named by 7", "", "", "odrl:deliveryChannel"),
        (Medium.PRINT, "Print.", "named by 20, often under terms of its own", "", "", "odrl:print"),
        (Medium.BROADCAST, "Radio and television.", "named by 5", "", "", "odrl:deliveryChannel"),
    ),
)
CONDITIONS = _words(
    Kind.CONDITION,
    (
        (
            "category",
            "The entry is in one of these categories.",
            "houses that offer some sections only",
            "A whole value, without case. No categories: unknown.",
            "{category: [News, Health]}",
            "profile term",
        ),
        (
            "author",
            "It is by one of these.",
            "wire and partner exclusions (30 of 62 exclude third parties)",
            "A byline, or a whole name in one. No author: unknown.",
            "{author: [Associated Press]}",
            "profile term",
        ),
        (
            "language",
            "It is in one of these languages.",
            "houses whose translations have other owners",
            "By BCP 47 prefix. Not told, or told less (`en` for `en-GB`): unknown.",
            "{language: [en]}",
            "odrl:language",
        ),
        (
            "territory",
            "All readers are in these countries (allow); some are (ask, deny).",
            "agencies with regional rights",
            "Held against the output's own territory; none means worldwide.",
            "{territory: [US, CA]}",
            "odrl:spatial; rsl geo",
        ),
        (
            "url",
            "Its address is like one of these.",
            "houses that name sections by address",
            "The whole address, `*` for anything; http is https.",
            "{url: ['https://news.example/local/*']}",
            "odrl:target; rsl:content url",
        ),
        (
            "marker",
            "It carries a mark.",
            "houses that offer only items with a button or label: 4 of 52 others",
            "A whole category, or a phrase in the text.",
            "{marker: [Republish this story]}",
            "profile term",
        ),
        (
            "embargo",
            "Not before this long after publication.",
            "3 of 62: a day, two days, two weeks",
            "From the publication date, else the first sighting; the service wakes for it.",
            "{embargo: 24h}",
            "odrl:delayPeriod",
        ),
        (
            "window",
            "Not after this long since publication.",
            "2 of 62: 90 days",
            "From the earliest date ever known; the copy leaves when it closes.",
            "{window: 90d}",
            "odrl:elapsedTime",
        ),
        (
            "since",
            "Published on this day or later.",
            "houses that changed their terms, or offer the recent only",
            "UTC days, inclusive. No date: unknown.",
            "{since: 2024-01-01}",
            "odrl:dateTime gteq",
        ),
        (
            "until",
            "Published on this day or earlier.",
            "archives that were freed",
            "UTC days, inclusive. No date: unknown.",
            "{until: 2020-12-31}",
            "odrl:dateTime lteq",
        ),
        (
            "other",
            "A condition that fits no term.",
            "about 3 in 100 conditions",
            "Never known: a person rules on it.",
            "{other: the story is not exclusive}",
            "none",
        ),
    ),
)
DUTIES = _words(
    Kind.DUTY,
    (
        (
            DutyName.CREDIT_SOURCE,
            "Name the publisher.",
            "51 of 62",
            "In the credit, in `atom:source`, RSS `<source>` and JSON Feed `_rights`.",
            "credit-source",
            "odrl:attribute, cc:Attribution; rsl payment attribution",
        ),
        (
            DutyName.CREDIT_AUTHOR,
            "Name the author.",
            "43 of 62",
            "In the credit and each format's author element. No author: it waits.",
            "credit-author",
            "odrl:attribute, cc:Attribution",
        ),
        (
            DutyName.CREDIT_LINE,
            "Print these words, letter for letter, in this place.",
            "29 of 62 give words, 23 a place",
            "`slot` is top, byline, end or head; `link`: words that link to the article, `target: home` or `url`.",
            "{credit-line: {text: First published by Example News., slot: top, link: Example News}}",
            "odrl:attribute",
        ),
        (
            DutyName.LINK_ORIGINAL,
            "Link to the article (or `home`).",
            "45 of 62: the article 38, the home page fine for 13",
            "In the credit and as the item's link. No link: it waits.",
            "{link-original: {target: article}}",
            "odrl:attribute; cc:attributionURL",
        ),
        (
            DutyName.KEEP_LINKS,
            "Keep all links in the text.",
            "13 of 62",
            "Links are never taken out of a full text.",
            "keep-links",
            "profile term",
        ),
        (
            DutyName.END_NOTE,
            "Print these words at the end.",
            "15 of 62: taglines, biographies, funders",
            "Below the text; `link` as for credit-line. Not for a headline.",
            "{end-note: {text: Example News is a non-profit newsroom.}}",
            "odrl:include",
        ),
        (
            DutyName.COPYRIGHT_NOTICE,
            "Repeat the copyright notice.",
            "7 of 62, with licence notices",
            "The entry's, feed's or origin's own, else `text`. None: it waits.",
            "{copyright-notice: {text: © Example News}}",
            "cc:Notice",
        ),
        (
            DutyName.LICENCE_NOTICE,
            "Name the licence and link to it.",
            "every Creative Commons licence, which 31 of 62 cite",
            "In the credit, as `rel=license` and `creativeCommons:license`.",
            "licence-notice",
            "cc:Notice",
        ),
        (
            DutyName.CANONICAL_OR_NOINDEX,
            "Send search engines to the original, or keep them off the copy.",
            "5 of 62",
            "The original is named as the canonical page in every format.",
            "canonical-or-noindex",
            "profile term",
        ),
        (
            DutyName.TRACKER,
            "Carry the publisher's counter.",
            "9 of 62",
            "An image of one pixel in the credit. Never in a headline, nor in print or on air.",
            "{tracker: {url: 'https://news.example/count.gif'}}",
            "odrl:acceptTracking",
        ),
        (
            DutyName.NOTIFY,
            "Tell the publisher, before or after.",
            "16 of 62, asked or required; 13 want permission or word beforehand",
            "It waits until `aggregator entries notified` records that they were told; `requested` never waits.",
            "{notify: {when: after, contact: desk@news.example}}",
            "odrl:inform",
        ),
        (
            DutyName.LABEL_CHANGES,
            "Say what was changed.",
            "10 of 62",
            "An excerpt says that it is one; nothing else is changed.",
            "label-changes",
            "cc:Notice",
        ),
        (
            DutyName.LOGO,
            "Show the publisher's logo.",
            "10 of 62",
            "Beside the credit. Never in a headline.",
            "{logo: {url: 'https://news.example/logo.png'}}",
            "odrl:attribute",
        ),
        (
            DutyName.SHARE_ALIKE,
            "Pass it on under the same licence.",
            "2 of 62, and every SA licence",
            "The copy names its licence; no other stands on it.",
            "share-alike",
            "cc:ShareAlike; odrl:nextPolicy",
        ),
        (
            DutyName.REMOVE_ON_REQUEST,
            "Take it out when asked.",
            "7 of 62",
            "`aggregator entries withdraw`, and tombstones of the feed. Always honoured.",
            "remove-on-request",
            "odrl:delete",
        ),
        (
            DutyName.REMOVE_AFTER,
            "Take it out this many days after it was first shown.",
            "1 of 62",
            "The service wakes for it.",
            "{remove-after: {days: 90}}",
            "odrl:delete with odrl:elapsedTime",
        ),
        (
            DutyName.UPDATE_ON_CORRECTION,
            "Take over corrections.",
            "2 of 62",
            "An edited entry is decided and shown anew. Always honoured.",
            "update-on-correction",
            "profile term",
        ),
        (
            DutyName.OTHER,
            "A duty that fits no term.",
            "tag an account (8 of 62), show contact details (2), and one-offs",
            "A person rules on it, by a grant.",
            "{other: Tag our account when you post it.}",
            "none",
        ),
    ),
)
LIMITS = _words(
    Kind.LIMIT,
    (
        (
            LimitName.NO_EDITS,
            "Nothing is changed, but for what `except` lists.",
            "35 of 62; 23 allow style, time and place, 6 the headline",
            "We change nothing; an output in another language breaks it.",
            "{no-edits: {except: [style, time-place]}}",
            "odrl:modify; cc:DerivativeWorks",
        ),
        (
            LimitName.FULL_ONLY,
            "The whole text or nothing.",
            "8 of 62",
            "Excerpt and headline break it.",
            "full-only",
            "odrl:extract prohibited",
        ),
        (
            LimitName.EXCERPT_MAX,
            "At most so much.",
            "5 of 62: 3 paragraphs, 100 words, 25 percent, 200 characters, under half",
            "Cuts an excerpt, bars a longer full text. By words, chars, sentences, paragraphs, percent; `end`.",
            "{excerpt-max: {n: 100, unit: words}}",
            "odrl:percentage, odrl:count; robots max-snippet",
        ),
        (
            LimitName.NO_IMAGES,
            "Without images, sound and film.",
            "19 of 62",
            "They are taken out; the text goes out alone.",
            "no-images",
            "odrl:display prohibited for the component",
        ),
        (
            LimitName.OWN_IMAGES_ONLY,
            "Only images credited to the publisher.",
            "13 of 62",
            "The credit must hold a name; one without credit is nobody's.",
            "{own-images-only: {credit: [Example News]}}",
            "profile term",
        ),
        (
            LimitName.NO_RESALE,
            "The copy is not sold.",
            "15 of 62, and every NC licence",
            "The output's `sold`.",
            "no-resale",
            "odrl:sell",
        ),
        (
            LimitName.NO_ADS_AGAINST,
            "No ads sold against the item; ads on the page are fine.",
            "5 of 62; 11 say that ads on the page are fine",
            "The output's `ads: item`.",
            "no-ads-against",
            "profile term",
        ),
        (
            LimitName.NO_ADS,
            "No ads on the page.",
            "the strict reading of every NC licence",
            "The output's `ads`.",
            "no-ads",
            "profile term",
        ),
        (
            LimitName.NO_PAYWALL,
            "Readers neither pay nor register.",
            "2 of 62, and the strict reading of NC",
            "The output's `paywall`.",
            "no-paywall",
            "profile term",
        ),
        (
            LimitName.NO_AUTOMATIC,
            "A person picks each article.",
            "8 of 62, the most copied texts among them",
            "The output's `selection`; a pick lifts it for its entry.",
            "no-automatic",
            "profile term",
        ),
        (
            LimitName.MAX_SHARE,
            "At most this part of what the publisher brings out.",
            "feed terms that bar wholesale copying",
            "Counted per output and source, newest first; what was carried once counts while it is inside the period.",
            "{max-share: {percent: 20, period: 30d}}",
            "profile term",
        ),
        (
            LimitName.MAX_COPIES,
            "At most so many copies.",
            "print permissions; one-time use",
            "The output's `copies`. Not known: it waits.",
            "{max-copies: {n: 500}}",
            "odrl:count",
        ),
        (
            LimitName.NO_TRANSLATION,
            "In its own language only.",
            "1 of 62, and every ND licence; 4 allow it",
            "The output's `language`.",
            "no-translation",
            "odrl:translate; robots notranslate",
        ),
        (
            LimitName.NO_FRAMING,
            "The publisher's page is not shown inside another.",
            "4 of 62",
            "We never frame.",
            "no-framing",
            "profile term",
        ),
        (
            LimitName.NO_ENDORSEMENT,
            "Nothing suggests that the publisher stands behind the republisher.",
            "5 of 62, and Creative Commons 4.0",
            "No text of ours says so; carried for those who write the pages.",
            "no-endorsement",
            "profile term",
        ),
        (
            LimitName.NO_AI,
            "Not for artificial intelligence.",
            "1 of 62 on such pages; it stands in robots.txt and RSL",
            "We use it for nothing of the kind; carried along.",
            "no-ai",
            "rsl:ai-all; tdm:mine; AIPREF train-ai",
        ),
        (
            LimitName.OTHER,
            "A limit that fits no term.",
            "no sublicensing (2 of 62), how often to fetch (1), and one-offs",
            "A person rules on it, by a grant.",
            "{other: Not beside political advertising.}",
            "none",
        ),
    ),
)
WORDS: tuple[Word, ...] = (*FORMS, *AUDIENCES, *MEDIA, *CONDITIONS, *DUTIES, *LIMITS)

_INTRODUCTION = """\
# The words of a policy

Every word that a rule may use, what it means, who asks for it, and how it is kept. This page is made from
`aggregator/rights/vocabulary.py`; change it there. How the words work together is told in [rights.md](rights.md), how
the files are written in [configuration.md](configuration.md).

Counts are of 62 republication policies, coded by hand. Many were read in part, so they are lower bounds. The last
column names the nearest term of ODRL 2.2 (`odrl:`), Creative Commons (`cc:`) or RSL 1.0 (`rsl:`); "profile term" is one
that we add to ODRL ourselves: [odrl-profile.md](odrl-profile.md).

```yaml
rules:
  - allow: [full, excerpt]                 # forms; none implies another
    to: [community, nonprofit]             # audiences; left out: anyone
    in: [web]                              # media; left out: any
    when: {category: [News], embargo: 24h} # all must hold; values in a list are alternatives
    duties: [credit-source, {any_of: [canonical-or-noindex, link-original]}]
    limits: [no-resale]
    waive: [label-changes]                 # of the policy's licence
```

A duty or limit is written as its name, or as `{name: {parameter: value}}`. Around it may stand `{any_of: […]}` (one of
them is enough; of limits all must be broken) and `{requested: …}` (done where it can be, never a reason to hold);
beside it `medium:` and `component:` (`text`, `image`, `media`), where it applies there alone.
"""
_HEADS: dict[Kind, tuple[str, str]] = {
    Kind.FORM: ("Forms: `allow`, `ask`, `deny`", "How much of an entry."),
    Kind.AUDIENCE: ("Audiences: `to`", "Who republishes. None implies another, but `anyone` covers all."),
    Kind.MEDIUM: ("Media: `in`", "Where the copy appears."),
    Kind.CONDITION: ("Conditions: `when`", "What must be so of the entry. Unknown never counts as yes."),
    Kind.DUTY: ("Duties: `duties`", "What must go with the copy. One that cannot be met makes the entry wait."),
    Kind.LIMIT: ("Limits: `limits`", "What must not happen. A form that would break one is not allowed in that form."),
}
_COLUMNS = (
    ("means", "meaning"),
    ("asked for by", "asked"),
    ("how it is kept", "kept"),
    ("written", "example"),
    ("nearest term", "carrier"),
)


def page() -> str:
    """`docs/policies.md`."""
    return "\n".join([_INTRODUCTION, *(line for kind in Kind for line in _section(kind))])


def _section(kind: Kind) -> Iterator[str]:
    title, about = _HEADS[kind]
    words = [word for word in WORDS if word.kind is kind]
    columns = [(head, field) for head, field in _COLUMNS if any(getattr(word, field) for word in words)]
    yield f"## {title}"
    yield f"{about}\n"
    yield f"| {kind} | {' | '.join(head for head, _ in columns)} |"
    yield f"|---|{'---|' * len(columns)}"
    for word in words:
        yield f"| `{word.name}` | {' | '.join(_cell(word, field) for _, field in columns)} |"
    yield ""


def _cell(word: Word, field: str) -> str:
    value = str(getattr(word, field)).replace("|", "\\|")
    return f"`{value}`" if field == "example" and value else value
