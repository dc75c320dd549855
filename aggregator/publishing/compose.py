"""An entry, its content and its decision become an Item, with every duty of the decision discharged."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from aggregator.model.entry import Level, Link, NoticeKind
from aggregator.model.policy import DutyName
from aggregator.model.use import Form
from aggregator.publishing import duties as due
from aggregator.publishing.credit import SLOTS, CreditContext
from aggregator.publishing.excerpt import excerpt, gist, shown
from aggregator.publishing.html import hrefs, parse, scrub, targets, without
from aggregator.publishing.ids import is_active, is_bare_number, is_iri, tag_id
from aggregator.publishing.item import UNSPECIFIED, EntryRefused, FeedOfOrigin, Item, Licence, Measure
from aggregator.publishing.languages import declared
from aggregator.publishing.text import legal, line, name, spaced, web_address
from aggregator.publishing.words import ENGLISH, script_direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aggregator.model.decision import Decision, Hop
    from aggregator.model.entry import Author, Component, Content, Entry, StoredEntry
    from aggregator.model.output import Output
    from aggregator.publishing.credit import Credits
    from aggregator.publishing.excerpt import Excerpt
    from aggregator.publishing.item import Credit, Licence, Measure, Place
    from aggregator.publishing.words import Words

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""A date before this is a mistake, not a publication on the web: mostly the zero of some clock. Intake and the W3C's
validator draw the line here, too."""


class _Body(NamedTuple):
    """What the form lets through of a text."""

    html: str
    summary: str
    measure: Measure | None
    shortened: bool
    links: tuple[str, ...]
    enclosures: tuple[Component, ...]


def outbound_ids(entry: Entry, place: Place) -> tuple[str, str]:
    """The ids under which an entry goes out: in RSS and JSON Feed, and in Atom, which only takes IRIs (ruling 16)."""
    original = legal(entry.id)
    # An id of nothing but forbidden characters and spaces is no id in any format, and a script is none that we hand on:
    # readers take an id for the address where an entry has no link (P3).
    usable = bool(original.strip()) and not is_active(original) and not is_bare_number(original)
    outbound = place.outbound_id or (original if usable else tag_id(place.site_url, entry.key))
    return outbound, outbound if is_iri(outbound) else tag_id(place.site_url, entry.key)


def compose(
    stored: StoredEntry, content: Content, decision: Decision, output: Output, place: Place, wording: Credits
) -> Item:
    """The entry as an output publishes it.

    Args:
        stored: the entry that was decided about.
        content: of the same revision.
        decision: allows it, in some form.
        output: where it is published.
        place: the site, and the feed that the entry was polled from.
        wording: words the credit.
    Raises:
        EntryRefused: the decision does not allow it, or a duty cannot be discharged.
        TemplateError: a credit template cannot be read or rendered.
    """
    entry = stored.entry
    if not decision.allowed:
        raise EntryRefused(entry=entry.key, what="its decision is not allow; nothing of it may go out")
    kept = _kept(entry, decision)
    body = _body(stored, content, decision, kept)
    words = wording.dictionary.words(output.language)
    facts = _facts(stored, content, decision, output, place, kept)
    required = due.due(decision, output.use.medium, _parts(kept))
    context, discharged = due.discharge(facts, required, entry.key, _changes(body, stored, decision, place, words))
    credit = wording.render(output.credit, context)
    published_at, updated_at = _dates(stored)
    language = declared(entry.language)
    outbound, atom_id = outbound_ids(entry, place)
    return Item(
        key=entry.key,
        revision=entry.revision,
        id=outbound,
        atom_id=atom_id,
        original_id=legal(entry.id),
        about=place.about,
        title=context.title,
        url=context.url,
        canonical=_canonical(entry, discharged),
        language=language,
        authors=_authors(entry),
        categories=tuple(dict.fromkeys(filter(None, map(line, entry.categories)))),
        published_at=published_at,
        updated_at=updated_at,
        form=decision.form,
        text_html=body.html,
        html=_joined(_marked(credit, language, words), _in_language(body.html, language, output.language)),
        summary="\n\n".join(filter(None, (body.summary, credit.text))),
        summary_html=_summary_html(body.summary, credit.text),
        related=_related(entry, decision),
        enclosures=body.enclosures,
        credit=_marked(credit, language, words),
        publisher=facts.hops[-1].name,
        hops=context.hops,
        notices=context.notices,
        licences=_offered(context),
        feed_of_origin=_feed_of_origin(entry, place),
        home=context.home,
        changes=context.changes,
        components=context.components,
        duties=tuple(duty for duty, _ in required),
        duty_hops=tuple(hop for _, hop in required),
        discharges=discharged,
        limits=decision.limits,
        measure=body.measure,
        removed=decision.removed,
        links=body.links,
    )


def _parts(kept: Sequence[Component]) -> frozenset[str]:
    """The components that a duty may be scoped to, as far as the copy has them."""
    return frozenset({"text", *(component.kind.value for component in kept)})


def _kept(entry: Entry, decision: Decision) -> tuple[Component, ...]:
    """The components that stay: only a full text has any."""
    if decision.form is not Form.FULL:
        return ()
    return tuple(_cleaned(part) for part in entry.components if part.url not in decision.removed)


def _cleaned(part: Component) -> Component:
    """The component with texts that can be printed."""
    texts = (part.title, part.type, part.credit, part.licence)
    title, type_, credit, licence = cleaned = tuple([line(text) or None if text else None for text in texts])
    if cleaned == texts:
        return part
    return replace(part, title=title, type=type_, credit=credit, licence=licence)


def _body(stored: StoredEntry, content: Content, decision: Decision, kept: Sequence[Component]) -> _Body:
    entry = stored.entry
    removed = frozenset(decision.removed)
    if decision.form is Form.HEADLINE:
        if not line(entry.title):
            raise EntryRefused(entry=entry.key, what="a headline needs a title, and it has none")
        return _Body("", "", None, shortened=False, links=(), enclosures=())
    summary = without(scrub(content.summary or ""), removed)
    text = without(scrub(content.body or ""), removed)
    if decision.form is Form.EXCERPT:
        made, measure = excerpt(summary, text, decision.limits, entry.size)
        if not made.text:
            raise EntryRefused(entry=entry.key, what="there are no words to take an excerpt from")
        return _excerpted(made, measure)
    if content.body is None:
        raise EntryRefused(entry=entry.key, what="its feed does not carry the full text; allow an excerpt instead")
    enclosures = tuple(part for part in kept if part.enclosed and web_address(part.url))
    return _Body(text, gist(summary), None, shortened=False, links=targets(text), enclosures=enclosures)


def _excerpted(made: Excerpt, measure: Measure) -> _Body:
    return _Body(shown(made.html), made.text, measure, shortened=True, links=hrefs(parse(made.html)), enclosures=())


def _facts(
    stored: StoredEntry,
    content: Content,
    decision: Decision,
    output: Output,
    place: Place,
    kept: tuple[Component, ...],
) -> CreditContext:
    """All that is known for the credit before any duty adds to it."""
    entry = stored.entry
    hops = tuple(_clean_hop(hop, place) for hop in decision.hops) or due.source_hop(
        web_address(entry.url), line(place.source_title)
    )
    return CreditContext(
        title=line(entry.title),
        url=web_address(entry.url),
        home=None,
        form=decision.form,
        authors=_credited(entry, hops),
        hops=hops,
        notices=_notices(entry, hops),
        licences=_licences(entry),
        lines=(),
        end_notes=(),
        changes=(),
        logos=(),
        trackers=(),
        site_name=line(place.site_name),
        site_url=place.site_url,
        components=kept,
        pictures=_picture_credits(kept, content),
        published_at=_dates(stored)[0],
        language=output.language,
    )


def _picture_credits(kept: Sequence[Component], content: Content) -> tuple[str, ...]:
    """Whose the images and recordings of the copy are, where its own text does not say so."""
    found = [spaced(part.credit) for part in kept if part.credit]
    # Mostly they stand in the text as they are: its white space is collapsed only where they do not.
    missing = [credit for credit in found if credit and credit not in content.text]
    shown = spaced(content.text) if missing else ""
    return tuple(dict.fromkeys(credit for credit in missing if credit not in shown))


def _clean_hop(hop: Hop, place: Place) -> Hop:
    """The hop with names that can be printed. A source without a policy goes by what the operator calls it."""
    told = place.source_title if hop.policy is None and hop.carrier == "source" else hop.name
    return replace(
        hop,
        name=name(told) or web_address(hop.url) or "unnamed",
        url=web_address(hop.url),
        author=name(hop.author or "") or None,
        notice=line(hop.notice or "") or None,
    )


def _credited(entry: Entry, hops: tuple[Hop, ...]) -> tuple[str, ...]:
    """Everyone named as an author, by the entry first, then by each hop."""
    named = [name(author.name) for author in entry.authors] + [hop.author or "" for hop in hops]
    return tuple(dict.fromkeys(filter(None, named)))


def _authors(entry: Entry) -> tuple[Author, ...]:
    cleaned = (replace(author, name=name(author.name), url=web_address(author.url)) for author in entry.authors)
    return tuple({author.name: author for author in cleaned if author.name}.values())


def _nearest(entry: Entry, kind: NoticeKind) -> Iterable[str]:
    """What the entry says of itself, else its `atom:source`, else its feed: the nearest replaces (RFC 4946)."""
    for level in (Level.ENTRY, Level.SOURCE, Level.FEED):
        found = [notice.value for notice in entry.notices if notice.kind is kind and notice.level is level]
        if found:
            return found
    return ()


def _notices(entry: Entry, hops: tuple[Hop, ...]) -> tuple[str, ...]:
    """Copyright notices, each once: one that another one holds whole says nothing more."""
    found = [line(text) for text in (*(hop.notice or "" for hop in hops), *_nearest(entry, NoticeKind.RIGHTS))]
    distinct = list(dict.fromkeys(filter(None, found)))
    return tuple(text for text in distinct if not any(text != other and text in other for other in distinct))


_DEED = re.compile(r"creativecommons\.org/licenses/(by[a-z-]*)/")


def _offered(context: CreditContext) -> tuple[Licence, ...]:
    """The licences that programs are told, for which several are a choice (RFC 4946, 2).

    Where several hold at once, that is the one which holds back all that the others do; none, if there is none such:
    what only one publisher of the chain grants is not offered.
    """
    if not context.licences_hold_together:
        return context.licences
    parts = list(map(_held_back, context.licences))
    for licence, own in zip(context.licences, parts, strict=True):
        if own is not None and all(other is not None and other <= own for other in parts):
            return (licence,)
    return ()


def _held_back(licence: Licence) -> set[str] | None:
    """What a Creative Commons licence holds back; whoever allows no changes allows none under the same licence either.
    None: it is another."""
    found = _DEED.search(licence.url or "")
    if found is None:
        return None
    letters = set(found[1].split("-"))
    return letters | {"sa"} if "nd" in letters else letters


def _licences(entry: Entry) -> tuple[Licence, ...]:
    return _named(_nearest(entry, NoticeKind.LICENCE))


def _named(values: Iterable[str]) -> tuple[Licence, ...]:
    """Licences by what names them, each once."""
    known = dict.fromkeys(map(line, values))
    return tuple(due.licence(value) for value in known if value and value != UNSPECIFIED)


def _licences_at(entry: Entry, level: Level) -> tuple[Licence, ...]:
    """What the feed of origin says of itself at one level."""
    notices = [one for one in entry.notices if one.kind is NoticeKind.LICENCE and one.level is level]
    return _named(one.value for one in notices)


def _changes(body: _Body, stored: StoredEntry, decision: Decision, place: Place, words: Words) -> tuple[str, ...]:
    """What was done to the copy, by us or since by its publisher, for a duty to label it."""
    site = line(place.site_name)
    made = []
    if body.shortened:
        made.append(words.say("shortened", site=site))
    if decision.form is Form.FULL and decision.removed:
        made.append(words.say("media-removed", site=site))
    if stored.revised_at is not None:
        made.append(words.say("corrected", date=words.date(_dates(stored)[1])))
    return tuple(made)


RELATED_MAX = 20
"""Related links of one entry that are passed on."""


def _related(entry: Entry, decision: Decision) -> tuple[Link, ...]:
    """What the entry calls related, as far as a reader can be sent there and nobody has forbidden it."""
    removed = frozenset(decision.removed)
    found = [
        Link(rel="related", href=link.href, title=line(link.title or "") or None)
        for link in entry.links
        if link.rel == "related" and web_address(link.href) and link.href not in removed and link.href != entry.url
    ]
    return tuple({link.href: link for link in reversed(found)}.values())[::-1][:RELATED_MAX]


def _canonical(entry: Entry, discharged: tuple[str, ...]) -> str | None:
    """Where search engines should look instead: said only where somebody asked for it, or it is not the permalink."""
    told = web_address(next((link.href for link in entry.links if link.rel == "canonical"), None))
    if DutyName.CANONICAL_OR_NOINDEX in discharged:
        return told or web_address(entry.url)
    return told if told != entry.url else None


def _dates(stored: StoredEntry) -> tuple[datetime, datetime]:
    """(published, updated), both true and in order: a date that cannot be is replaced by when we saw it (R13)."""
    entry = stored.entry
    first, seen = stored.first_seen_at, stored.revised_at or stored.first_seen_at
    place = min(stored.ordered_at, first)
    published = entry.published_at if _possible(entry.published_at, first) else None
    updated = entry.updated_at if _possible(entry.updated_at, seen) else stored.revised_at
    published = published or min(updated or place, place)
    return _whole(published), _whole(max(published, updated or published))


def _possible(date: datetime | None, seen: datetime) -> bool:
    return date is not None and EARLIEST <= date <= seen


def _whole(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(microsecond=0)


_SOURCES = frozenset({"atom:source", "json:_rights.source"})
"""Carriers that name the feed of origin with its own id."""


def _feed_of_origin(entry: Entry, place: Place) -> FeedOfOrigin:
    """The inbound `atom:source` if there is one, else the feed that was polled (ruling 20)."""
    for origin in entry.origins:
        if origin.carrier in _SOURCES:
            id_ = legal(origin.feed_id or origin.feed_url or origin.url or "")
            return FeedOfOrigin(
                id=id_ if is_iri(id_) else tag_id(place.site_url, f"source/{entry.source}"),
                title=name(origin.name or "") or origin.feed_url or origin.url or line(place.source_title),
                url=web_address(origin.url),
                feed=web_address(origin.feed_url),
                rights=line(origin.notice or "") or None,
                licences=_licences_at(entry, Level.SOURCE),
            )
    id_ = legal(place.source_id or place.source_feed or "")
    return FeedOfOrigin(
        id=id_ if is_iri(id_) else tag_id(place.site_url, f"source/{entry.source}"),
        title=line(place.source_title) or entry.source,
        url=web_address(place.source_home),
        feed=web_address(place.source_feed),
        rights=line(place.source_rights or "") or None,
        licences=_licences_at(entry, Level.FEED),
    )


def _marked(credit: Credit, language: str | None, words: Words) -> Credit:
    """The credit with its language and direction, where they are not those of the text around it."""
    around = (language or ENGLISH).partition("-")[0].lower()
    if around == words.language.partition("-")[0] and "rtl" not in (words.direction, script_direction(language)):
        return credit
    marked = {
        slot: str(Markup('<div lang="{}" dir="{}">{}</div>').format(words.language, words.direction, Markup(html)))  # noqa: S704  rendered credit
        for slot in SLOTS
        if (html := getattr(credit, slot))
    }
    return replace(credit, **marked)


def _in_language(html: str, language: str | None, around: str) -> str:
    """A text in another language than what stands around it says so, and which way it runs.

    Readers do not look at an entry's language for that: without it a Japanese text is drawn with Chinese letters, and a
    voice reads it as English.
    """
    if not html or language is None:
        return html
    direction = script_direction(language)
    turns = "rtl" in (direction, script_direction(around))
    if not turns and language.partition("-")[0].lower() == around.partition("-")[0].lower():
        return html
    way = Markup(' dir="{}"').format(direction) if turns else ""
    return str(Markup('<div lang="{}"{}>{}</div>').format(language, way, Markup(html)))  # noqa: S704  scrubbed HTML


def _joined(credit: Credit, body: str) -> str:
    return "\n".join(filter(None, (credit.head, credit.top, credit.byline, body, credit.end)))


def _summary_html(summary: str, credit: str) -> str:
    paragraphs = [part for part in (*summary.split("\n\n"), *credit.split("\n\n")) if part]
    # Line breaks also for those who only strip the tags: no word or address may run into the next.
    breaks = Markup("<br>\n")
    return "\n".join(Markup("<p>{}</p>").format(breaks.join(part.split("\n"))) for part in paragraphs)
