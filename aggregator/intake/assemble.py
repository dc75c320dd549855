"""What was read of one item, put together: components, hops, notices, sizes, and the revision over all of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from aggregator.intake.article import read_article
from aggregator.intake.claims import FeedClaims, ItemClaims
from aggregator.intake.clean import text_of, without_rel
from aggregator.intake.components import find_components, without_unlisted
from aggregator.intake.credit_lines import may_claim
from aggregator.intake.known import known
from aggregator.intake.language import detected_language
from aggregator.intake.provenance import origins
from aggregator.intake.sketch import sketch_of
from aggregator.intake.text_notices import forbidding_lines, licence_lines, near, own_notices
from aggregator.model.entry import Author, Component, Content, Entry
from aggregator.model.parsed import ParsedEntry, ParseRequest

_JSON = msgspec.json.Encoder()
_CANONICAL = msgspec.json.Encoder(order="sorted")
_PARAGRAPH = re.compile(r"<(?:p|h[1-6]|ul|ol|blockquote|figure|table)[\s>]")
_CUT_SHORT = re.compile(
    r"(?:…|\.\.\.|\[…\]|\[\.\.\.\]|(?:continue|keep) reading|read (?:more|on|the (?:rest|full))|weiterlesen|mehr lesen|"
    r"lire la suite|en savoir plus|seguir leyendo|leer más|leia mais|continua a leggere|leggi tutto|"
    r"lees (?:meer|verder)|читать (?:далее|дальше))[\s\W]*$|the post .{1,300} (?:first )?appeared first on .{1,100}$",
    re.IGNORECASE | re.DOTALL,
)
_FULL_TEXT_CHARS_MIN = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One item as a format's reader found it; HTML is clean, text is plain."""

    id: str | None
    title: str
    url: str | None
    authors: tuple[Author, ...] = ()
    categories: tuple[str, ...] = ()
    published_at: datetime | None = None
    updated_at: datetime | None = None
    body: str | None = None
    summary: str | None = None
    claims: ItemClaims = ItemClaims()
    digest: str = ""


def passes_for_full(html: str) -> bool:
    """Whether a lone RSS description is the whole article.

    RSS 2.0 has one element for both. It counts as full text where it is built like an article (two or more blocks, or
    over 1,000 characters) and does not end as a teaser does. In doubt it is a summary: an article too few is put
    right by the publisher or a person, an excerpt that passes for the whole breaks a promise (ruling 9).
    """
    text = text_of(html)
    if _CUT_SHORT.search(text[-500:]):
        return False
    return len(text) > _FULL_TEXT_CHARS_MIN or (len(_PARAGRAPH.findall(html)) >= 2 and len(text) > 300)


def assemble(draft: Draft, feed: FeedClaims, request: ParseRequest, warnings: list[str]) -> ParsedEntry:
    """The entry with its content, its hops and its revision."""
    limit = request.limits.per_entry
    claims = draft.claims
    body, summary, components = _bounded_media(draft, limit, warnings)
    authors = draft.authors[:limit]
    if len(draft.authors) > limit:
        # Readers give one more than the limit, so that nobody is left out in silence who is to be credited.
        warnings.append(f"an entry has more than {limit} authors; only the first {limit} were kept")
    names = tuple(author.name for author in authors)
    who = known(request, feed, names)
    shown = body or summary or ""
    article = read_article(shown)
    shown_text = article.text
    lines = article.seen_lines()
    whole = article.glance()
    ends = near(lines, whole if lines is article.lines else None)
    is_licensed = 'rel="license"' in shown
    claimed = lines is not article.lines or may_claim(whole)
    body_text = shown_text if body else ""
    summary_text = (text_of(summary) if body else shown_text) if summary else ""
    facts: dict[str, Any] = {
        "source": request.source,
        "id": draft.id or draft.url or _made_id(draft),
        "title": draft.title,
        "url": draft.url,
        "authors": authors,
        "categories": tuple(dict.fromkeys(draft.categories))[:limit],
        "language": claims.language,
        "published_at": draft.published_at,
        "updated_at": draft.updated_at,
        "links": claims.links[:limit],
        "components": components,
        "origins": origins(claims, feed, draft.url, lines, who, request, claimed=claimed)[:limit],
        "notices": (
            claims.notices
            + forbidding_lines(lines, ends)
            + licence_lines(lines, shown if is_licensed else "", ends)
            + (own_notices(lines, who) if claimed else ())
        )[:limit],
        "rsl": claims.rsl,
        "size": article.size(whole) if body else None,
        "has_summary": bool(summary_text.strip()),
    }
    text = "\n".join([part for part in (draft.title, summary_text, body_text) if part])
    content = Content(body=without_rel(body) if is_licensed else body, summary=without_rel(summary), text=text)
    guessed = detected_language(text) if request.detect_language and claims.language is None else None
    entry = Entry(
        **facts,
        revision=_revision(facts, content),
        sketch=sketch_of(whole if shown_text else summary_text),
        detected_language=guessed,
    )
    return ParsedEntry(entry=entry, content=_JSON.encode(content), digest=draft.digest, has_id=bool(draft.id))


def _bounded_media(
    draft: Draft, limit: int, warnings: list[str]
) -> tuple[str | None, str | None, tuple[Component, ...]]:
    """(body, summary, components): not more of those than the limit, and none in a text that is not among them."""
    body, summary = draft.body or None, draft.summary or None
    components = find_components((body, summary), draft.claims.components)
    if len(components) <= limit:
        return body, summary, components
    warnings.append(
        f"an entry has {len(components)} images, recordings and enclosures; only the first {limit} were kept"
    )
    components = components[:limit]
    listed = frozenset(component.url for component in components)
    return (
        (without_unlisted(body, listed) or None) if body else None,
        (without_unlisted(summary, listed) or None) if summary else None,
        components,
    )


def revision_of(entry: Entry, content: Content) -> str:
    """Hex SHA-256 over facts and content, the revision itself left out.

    What is empty is left out, too, so that a release which learns a new fact does not revise every entry without it.
    """
    return _revision({name: getattr(entry, name) for name in _FACTS}, content)


def _revision(facts: dict[str, Any], content: Content) -> str:
    filled = {name: _as_json(value) for name, value in facts.items() if value}
    return sha256(_CANONICAL.encode([filled, content.body, content.summary])).hexdigest()


_FACTS = tuple(field.name for field in fields(Entry) if field.name not in {"revision", "sketch", "detected_language"})


def _as_json(value: Any) -> Any:
    """A fact as JSON has it, without what is empty in it."""
    if type(value) in _WRITTEN_AS_THEY_ARE:
        return value
    plain = msgspec.to_builtins(value)
    return _filled(plain) if type(plain) in _NESTING else plain


def _filled(value: Any) -> Any:
    if type(value) is dict:
        return {
            key: _filled(part) if type(part) in _NESTING else part
            for key, part in value.items()
            if part or type(part) is dict
        }
    return [_filled(part) if type(part) in _NESTING else part for part in value]


_NESTING = (dict, list, tuple)
_WRITTEN_AS_THEY_ARE = (str, bool, datetime)
"""Types that the encoder writes as `msgspec.to_builtins` would give them."""


def _made_id(draft: Draft) -> str:
    """An id for an item with neither id nor link: a digest of title and text."""
    return f"urn:sha256:{sha256(_CANONICAL.encode([draft.title, draft.body, draft.summary])).hexdigest()}"
