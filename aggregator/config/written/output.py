"""What may stand in an output, and how a use is described."""

from __future__ import annotations

from typing import Annotated

from aggregator.config.words import (
    Duration,
    Id,
    Language,
    Line,
    Prose,
    Query,
    Reads,
    Some,
    Territory,
    said,
    word,
)
from aggregator.config.written.keys import AudienceWord, FormWord, MediumWord, Written, key
from aggregator.model.output import FORMATS, Access, Format
from aggregator.model.use import Ads, Form, Medium, Selection


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
