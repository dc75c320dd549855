"""The proof: bytes that are about to be published are read again, and every duty is looked for in them.

What is looked for is taken from the duties, hops and removals of the decision, not from what `compose` believes it
has done. A proof that fails keeps the last good document (DESIGN, section 5).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from aggregator.model.output import Format
from aggregator.model.policy import DutyName
from aggregator.model.use import Form
from aggregator.publishing.abilities import TEXT_BOUND
from aggregator.publishing.chain import told
from aggregator.publishing.duties import ELSEWHERE, licence, link_target
from aggregator.publishing.item import EntryRefused
from aggregator.publishing.media import rights_of
from aggregator.publishing.reading import UnreadableError, piece, plain_piece, read
from aggregator.publishing.text import count_sentences, count_words, inert, legal, line, spaced, web_address
from aggregator.publishing.xml import ATOM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aggregator.model.policy import Duty
    from aggregator.publishing.item import Item
    from aggregator.publishing.reading import Reading
    from aggregator.publishing.style import Style

_A = f"{{{ATOM}}}"


def verify_fragment(format_: Format, fragment: bytes, item: Item, style: Style | None = None) -> None:
    """Reads one entry's bytes and looks for all that its decision asks for.

    Args:
        style: of the page on which it stands, in HTML.
    Raises:
        EntryRefused: names entry, format and duty of the first thing that is missing or should not be there.
    """
    Verifier(item, style).verify(format_, fragment)


class Verifier:
    """The proof of one entry in several formats.

    The bytes of each are read by themselves. But where a feed's bytes were read to the very text, credit and canonical
    link that another one's were read to, its duties were found there already: they are looked for in nothing else. So
    it is with the summary beside the text, which is the same words in every feed.
    """

    def __init__(self, item: Item, style: Style | None = None) -> None:
        """
        Args:
            style: of the page on which it stands, in HTML.
        """
        self._item = item
        self._style = style
        self._proved: list[Reading] = []
        """Of feeds, in which every duty was found."""
        self._summaries: set[str] = set()
        """In which every duty was found that words discharge."""

    def verify(self, format_: Format, fragment: bytes) -> None:
        """Reads the entry's bytes in one format and looks for all that its decision asks for.

        Raises:
            EntryRefused: names entry, format and duty of the first thing that is missing or should not be there.
        """
        item = self._item
        try:
            found = read(format_, fragment, item.text_html, self._style)
        except UnreadableError as error:
            raise EntryRefused(entry=item.key, format_=format_, what=f"cannot be read again: {error}") from error

        def refuse(problems: Iterator[str]) -> None:
            for what in problems:
                raise EntryRefused(entry=item.key, format_=format_, what=what)

        refuse(_identity(format_, found, item))
        refuse(_safety(found, item))
        # The duties before what is looked for whoever asks: the error should name the duty where there is one.
        known = self._is_proved(format_, found)
        if not known:
            for duty, hop in zip(item.duties, item.duty_hops, strict=True):
                _prove(format_, found, item, duty, hop)
        if (summary := found.side.text) and summary not in self._summaries:
            _prove_summary(format_, found, item)
            self._summaries.add(summary)
        refuse(_form(format_, found, item))
        if not known:
            refuse(_chain(found, item))
        if format_ in _FEEDS:
            refuse(_metadata(format_, found, item))
            refuse(_media(format_, found, item))
            self._proved.append(found)
        if format_ is Format.HTML:
            refuse(_microdata(found, item))

    def _is_proved(self, format_: Format, found: Reading) -> bool:
        """Whether every duty, and every hop, was found in the very same."""
        return format_ in _FEEDS and any(
            found.main is other.main and found.credit is other.credit and found.canonical == other.canonical
            for other in self._proved
        )


_FEEDS = frozenset({Format.RSS, Format.ATOM, Format.JSON})
"""Formats in which duties are looked for in the same way."""
_TOLD = frozenset(
    {
        DutyName.CREDIT_SOURCE,
        DutyName.CREDIT_AUTHOR,
        DutyName.CREDIT_LINE,
        DutyName.END_NOTE,
        DutyName.LINK_ORIGINAL,
        DutyName.COPYRIGHT_NOTICE,
        DutyName.LICENCE_NOTICE,
        DutyName.SHARE_ALIKE,
        DutyName.LABEL_CHANGES,
    }
)
"""Duties that words discharge."""


def _prove_summary(format_: Format, found: Reading, item: Item) -> None:
    """The same in the summary beside a full text: many readers show that alone."""
    alone = replace(found, credit=plain_piece(found.side.text))
    try:
        for what in _chain(alone, item):
            raise EntryRefused(entry=item.key, format_=format_, what=what)
        for duty, hop in zip(item.duties, item.duty_hops, strict=True):
            if all(term.name in _TOLD and not term.components for term in duty.any_of or (duty,)):
                _prove(format_, alone, item, duty, hop)
    except EntryRefused as error:
        told = f"in its summary {error.what}; the credit's text templates (.txt) have to say it, too"
        raise EntryRefused(entry=item.key, format_=format_, duty=error.duty, what=told) from None


def names(text: str, who: str) -> bool:
    """Whether a text names somebody: as words of their own, not within another word. Scripts without case and spaces
    join words, so there any neighbour will do."""
    who = spaced(who)
    at = text.find(who)
    while who and at >= 0:
        if not _joined(text[at - 1 : at], who[0]) and not _joined(who[-1], text[at + len(who) : at + len(who) + 1]):
            return True
        at = text.find(who, at + 1)
    return False


def _joined(before: str, after: str) -> bool:
    return all(one.isdecimal() or one.lower() != one.upper() for one in (before, after))


def _identity(format_: Format, found: Reading, item: Item) -> Iterator[str]:
    if found.id != item.id_in(format_):
        yield f"its id is '{found.id}', not '{item.id_in(format_)}'"
    title = item.title_in(format_)
    if title and spaced(found.title) != title:
        yield f"its title is '{found.title}', not '{title}'"
    if item.url and found.url != item.url:
        yield f"it links to '{found.url}', not to '{item.url}'"
    for url in filter(None, (found.url, found.canonical, *found.licences, *found.enclosures)):
        if not web_address(url):
            yield f"'{url}' is not an absolute http(s) address"


def _safety(found: Reading, item: Item) -> Iterator[str]:
    for part in (found.main, found.side, found.credit):
        if part.danger:
            yield part.danger
    shown = found.main.addresses | found.side.addresses | found.enclosures | {url for url, _, _ in found.media}
    for url in item.removed:
        if url in shown:
            yield f"'{url}' is not allowed in the copy and must be removed"


def _form(format_: Format, found: Reading, item: Item) -> Iterator[str]:
    """Exactly the form that is allowed: a headline holds no text, an excerpt no more than its measure."""
    if item.form is Form.FULL:
        for link in item.links:
            if link not in found.main.addresses:
                yield f"the link to '{link}' of its text is lost"
    else:
        credit = spaced(item.credit.text) if format_ is Format.TEXT else _credit_text(item)
        yield from _headline(found, credit) if item.form is Form.HEADLINE else _excerpt(found, item, credit)
    if not found.is_whole:
        yield "its text does not stand there letter for letter"


def _headline(found: Reading, credit: str) -> Iterator[str]:
    if found.main.text != credit:
        yield "a headline may hold nothing but its credit"
    if found.enclosures or found.main.excerpt:
        yield "a headline may hold no enclosure and no excerpt"


def _excerpt(found: Reading, item: Item, credit: str) -> Iterator[str]:
    if not found.main.excerpt:
        yield "its excerpt cannot be found"
    elif found.main.rest != credit:
        yield "beside its excerpt it may hold nothing but its credit"
    elif found.enclosures:
        yield "an excerpt may hold no enclosure"
    else:
        yield from _too_long(found.main.excerpt, item)


def _too_long(paragraphs: tuple[str, ...], item: Item) -> Iterator[str]:
    measure = item.measure
    if measure is None:
        yield "no measure is known for its excerpt"
        return
    lengths = (
        ("words", sum(map(count_words, paragraphs)), measure.words),
        ("characters", sum(map(len, paragraphs)) + len(paragraphs) - 1, measure.chars),
        ("sentences", sum(map(count_sentences, paragraphs)), measure.sentences),
        ("paragraphs", len(paragraphs), measure.paragraphs),
    )
    for unit, length, most in lengths:
        if most is not None and length > most:
            yield f"its excerpt has {length} {unit}; {most} are allowed"


def _credit_text(item: Item) -> str:
    credit = item.credit
    return piece("\n".join(filter(None, (credit.head, credit.top, credit.byline, credit.end)))).text


def _chain(found: Reading, item: Item) -> Iterator[str]:
    """Every hop is credited, whoever asks for it."""
    if not item.hops:
        yield "nobody is credited: no hop is known"
    for hop in item.hops:
        if not names(found.credit.text, hop.name):
            yield f"'{hop.name}' is not credited"


def _metadata(format_: Format, found: Reading, item: Item) -> Iterator[str]:
    """The same facts in the format's own elements, for programs that do not read prose."""
    if spaced(found.rights or "") != item.rights_in(format_):
        yield "its rights are not in the format's own element"
    for known in item.licences:
        if known.url and known.url not in found.licences:
            yield f"licence '{known.url}' is not in the format's own element"
    lost = next((hop.name for hop in item.hops if told(hop) not in found.chain), None)
    if lost is not None or len(found.chain) != len(item.hops):
        yield f"the hops are not in the format's own element: '{lost or len(found.chain)}'"
    origin = item.feed_of_origin
    title = inert(origin.title) if format_ is Format.RSS else origin.title
    if (origin.feed or origin.url) and spaced(found.source or "") != title:
        yield f"the feed '{origin.title}' that it comes from is not in the format's own element"


def _microdata(found: Reading, item: Item) -> Iterator[str]:
    """What a page says to machines of an entry's rights, in schema.org's words."""
    if spaced(found.rights or "") != item.rights:
        yield "its copyrightNotice is not on the page"
    if spaced(found.credit_line or "") != line(item.credit.text):
        yield "its creditText is not on the page"
    for known in item.licences:
        if known.url and known.url not in found.licences:
            yield f"licence '{known.url}' is not on the page for machines"


def _media(format_: Format, found: Reading, item: Item) -> Iterator[str]:
    """Whose each image and recording is, beside it in the format's own elements."""
    for part in item.media:
        told = (part.url, part.credit, part.licence) if format_ is Format.JSON else rights_of(part)
        if told not in found.media:
            yield f"whose '{part.url}' is does not stand in the format's own element"


def _prove(format_: Format, found: Reading, item: Item, duty: Duty, hop: int) -> None:
    """One duty, or one of its alternatives, is found in the bytes."""
    alternatives = duty.any_of or (duty,)
    if duty.requested and not any(term.name in item.discharges for term in alternatives):
        return
    missing = [_missing(format_, found, item, term, hop) for term in alternatives]
    if all(missing):
        raise EntryRefused(entry=item.key, format_=format_, duty=duty.name, what=next(filter(None, missing)))


def _missing(format_: Format, found: Reading, item: Item, duty: Duty, hop: int) -> str | None:
    """What of a duty is not in the bytes; None if nothing is missing."""
    if duty.name in ELSEWHERE or (item.form is Form.HEADLINE and duty.name in TEXT_BOUND):
        return None
    if duty.name is DutyName.CANONICAL_OR_NOINDEX and format_ is Format.HTML:
        return None  # the page as a whole is kept out of search engines, and `verify_document` looks for that
    return _PROOFS[duty.name](found, item, duty, hop)


def _source_named(found: Reading, item: Item, duty: Duty, hop: int) -> str | None:
    named = item.hops[hop].name
    return None if names(found.credit.text, named) else f"'{named}' is not named"


def _author_named(found: Reading, item: Item, duty: Duty, hop: int) -> str | None:
    if duty.components and "text" not in duty.components:
        return _pictures_credited(found, item, duty)
    named = [author.name for author in item.authors] or [item.hops[hop].author or item.hops[hop].name]
    return next((f"author '{who}' is not named" for who in named if not names(found.credit.text, who)), None)


def _pictures_credited(found: Reading, item: Item, duty: Duty) -> str | None:
    kept = [one for one in item.components if one.kind.value in duty.components]
    credited = [spaced(legal(one.credit or "")) for one in kept]
    return next((f"'{who}' is not named for a picture" for who in credited if not names(found.main.text, who)), None)


def _words_stand(found: Reading, item: Item, duty: Duty, hop: int) -> str | None:
    text = spaced(legal(duty.text("text")))
    if not text or text not in found.credit.text:
        return f"the words '{text}' are not there letter for letter"
    words = spaced(legal(duty.text("link")))
    target = link_target(duty, item.url, item.hops, hop)
    if words and (target is None or not found.credit.links(words, target, text)):
        return f"the words '{words}' do not link to '{target}'"
    return None


def _linked(found: Reading, item: Item, duty: Duty, hop: int) -> str | None:
    last = hop == len(item.hops) - 1
    target = item.url if last else item.hops[hop].url or item.url
    if duty.text("target", "article") == "home":
        target = web_address(duty.text("url")) or (item.home if last else item.hops[hop].url)
    return None if target and found.credit.leads_to(target) else f"there is no link to '{target}'"


def _links_kept(found: Reading, item: Item, duty: Duty, hop: int) -> str | None:
    lost = Counter(item.links) - Counter(found.main.hrefs)
    return next((f"the link to '{link}' is lost" for link in lost), None)


def _notices_stand(found: Reading, item: Item, duty: Duty, hop: int) -> str | None:
    if not item.notices:
        return "there is no copyright notice"
    return next((f"the notice '{text}' is not there" for text in item.notices if text not in found.credit.text), None)


def _licence_linked(found: Reading, item: Item, duty: Duty, hop: int) -> str | None:
    told = next(filter(None, (duty.text(key) for key in ("url", "licence", "text"))), "")
    wanted = (licence(told, duty.text("name")),) if told else item.licences
    if not wanted and duty.name is not DutyName.SHARE_ALIKE:
        return "no licence is named"
    for known in wanted:
        there = found.credit.leads_to(known.url) if known.url else names(found.credit.text, known.name)
        if not there:
            return f"licence '{known.url or known.name}' is not there"
    return None


def _pictured(found: Reading, item: Item, duty: Duty, hop: int) -> str | None:
    url = duty.text("url")
    return None if url in found.main.sources else f"'{url}' is not loaded"


def _canonical(found: Reading, item: Item, duty: Duty, hop: int) -> str | None:
    same = item.canonical is not None and found.canonical == item.canonical
    return None if same else f"the canonical link is '{found.canonical}', not '{item.canonical}'"


def _labelled(found: Reading, item: Item, duty: Duty, hop: int) -> str | None:
    if not item.changes and (item.form is Form.EXCERPT or (item.form is Form.FULL and item.removed)):
        return "what was changed is not said"
    return next((f"'{change}' is not said" for change in item.changes if change not in found.credit.text), None)


def _never(found: Reading, item: Item, duty: Duty, hop: int) -> str | None:
    return f"'{duty.text('text')}' is for a person to rule on"


_PROOFS: dict[DutyName, Callable[[Reading, Item, Duty, int], str | None]] = {
    DutyName.CREDIT_SOURCE: _source_named,
    DutyName.CREDIT_AUTHOR: _author_named,
    DutyName.CREDIT_LINE: _words_stand,
    DutyName.LINK_ORIGINAL: _linked,
    DutyName.KEEP_LINKS: _links_kept,
    DutyName.END_NOTE: _words_stand,
    DutyName.COPYRIGHT_NOTICE: _notices_stand,
    DutyName.LICENCE_NOTICE: _licence_linked,
    DutyName.SHARE_ALIKE: _licence_linked,
    DutyName.CANONICAL_OR_NOINDEX: _canonical,
    DutyName.TRACKER: _pictured,
    DutyName.LOGO: _pictured,
    DutyName.LABEL_CHANGES: _labelled,
    DutyName.OTHER: _never,
}
