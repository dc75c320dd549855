"""What may stand in a test of a policy."""

from __future__ import annotations

from typing import Annotated

from aggregator.config.words import (
    Id,
    Instant,
    Language,
    Line,
    Prose,
    Url,
    word,
)
from aggregator.config.written.keys import FormWord, Lines, Written, key
from aggregator.config.written.output import UseKeys
from aggregator.model.decision import Reason
from aggregator.model.entry import Level, NoticeKind
from aggregator.model.origin import Certainty
from aggregator.model.policy import Effect


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
