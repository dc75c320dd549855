"""A page of terms → the sentences that a person would compare, and what changed between two readings.

What stands around terms changes every day: menus, "last updated", counters, teasers. None of it may raise a question.
So the page's main part is taken, and of that what is a sentence, or speaks of rights; a sentence is compared without
case, spaces and the dates of stamps. Everything that might matter stays: a number inside a sentence is a term.
"""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import lxml.html
from lxml import etree

from aggregator.intake.notice_page import encoding_of, read_page
from aggregator.intake.notice_text import page_of
from aggregator.model.terms import Change

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TEXT_MAX = 200_000
"""Characters of a text that are kept and compared."""
SENTENCES_MAX = 3_000
WORDS_MAX = 400
"""Of two versions of one sentence, compared word by word; longer ones are shown whole."""
CONTEXT = 1
"""Sentences that stayed, shown around what changed."""
MAIN_LEAST = 200
"""Characters that `<main>` or `<article>` must hold to stand for the page."""
_ALIKE = 0.4
"""From here on two sentences are two versions of one."""

_MONTHS = (
    "jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|january|february|march|april|june|july|august|september|october"
    "|november|december|januar|februar|märz|mai|juni|juli|oktober|dezember|janvier|février|mars|avril|juin|juillet|août"
    "|septembre|octobre|novembre|décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre"
    "|diciembre|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|janeiro|fevereiro|março|maio|junho"
    "|julho|setembro|outubro|novembro|dezembro|januari|februari|maart|mei|augustus"
)
_DATE = re.compile(
    r"\b(?:\d{4}-\d{2}-\d{2}(?:t[\d:.]+z?)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}"
    rf"|\d{{1,2}}(?:st|nd|rd|th|\.|er|º)?\s+(?:de\s+)?(?:{_MONTHS})\.?,?(?:\s+(?:de\s+)?\d{{4}})?"
    rf"|(?:{_MONTHS})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?(?:\s+\d{{4}})?|(?:{_MONTHS})\.?\s+\d{{4}}"
    r"|\d{1,2}:\d{2}(?::\d{2})?(?:\s*[ap]\.?m\.?)?|\d+\s+(?:seconds?|minutes?|hours?|days?|weeks?|months?)\s+ago)",
)
_STAMP = re.compile(
    r"^(?:[-#*•]\s*)?(?:this (?:page|document|policy) was )?(?:page )?(?:last |zuletzt |dernière |última |ultimo )?"
    r"(?:updated?|modified|changed|reviewed|revised|published|posted|generated|printed|retrieved|as of|date|today is|"
    r"aktualisiert|geändert|stand|veröffentlicht|mise à jour|mis à jour|modifié|actualizad[oa]|actualización|"
    r"aggiornat[oa]|atualizad[oa]|bijgewerkt|gewijzigd)\b"
)
_COUNTER = re.compile(
    r"\b\d[\d.,\u00a0 ]*\s*(?:k|m)?\s*(?:views?|comments?|shares?|likes?|visitors?|visits|readers?|followers?|"
    r"online|reactions?|replies|downloads?|aufrufe|kommentare|leser|commentaires?|vues|lecteurs|comentarios|visitas|lectores|commenti|"
    r"reacties|min(?:ute)?s? read)\b"
)
_YEARS = re.compile(r"((?:©|\(c\)|copyright)\s*(?:©|\(c\))?\s*)(?:\d{4}\s*[-–—]\s*)?\d{4}")
_RIGHTS = re.compile(
    r"copyright|©|licen[cs]|lizenz|licenci|licenz|permi[st]|permess|genehmig|erlaub|autoris|autoriz|toestemming|republi|repubbl|"
    r"reprint|reprod|nachdruck|abdruck|wiedergabe|distribut|verbreit|syndicat|commerc|kommerz|non-?profit|attribut|credit|"
    r"quellenangabe|quelle|fuente|source|fonte|bron|rights|rechte|droits|derechos|diritti|direitos|rechten|excerpt|quot|zitat|"
    r"citat|translat|übersetz|traduc|edit|alter|modif|photo|image|bild|foto|link|paywall|adverti|werbung|embed|scrap|crawl|robot|"
    r"train|\bai\b|\bki\b|\btdm\b|must|may not|shall|darf|müssen|verbot|prohib|interdi|forbid|vietat|verboden|contact|"
    r"@|fee\b|gebühr"
)
_ENDS = re.compile(r"(?<=[.!?…。！？])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-ZÀ-ÞΑ-ΩА-Я0-9\u3040-\u9fff])|(?<=[。！？])")
_LATIN = re.compile(r"[a-zà-ÿ]")


def terms_text(body: bytes, media_type: str | None, url: str) -> str:
    """The text of a page of terms, a sentence a line; empty: it holds none.

    Args:
        media_type: as the server sent it.
    """
    kind = (media_type or "").partition(";")[0].strip().lower()
    if kind.startswith(("image/", "audio/", "video/", "font/")) or kind in {"application/pdf", "application/zip"}:
        return ""
    if b"\0" in body[:4_000]:
        return ""
    if b"<" in body[:2_000] and (
        kind in {"", "text/html", "application/xhtml+xml"} or b"<html" in body[:2_000].lower()
    ):
        text = _main(body, url) or read_page(body, url).text
    else:
        text = page_of(body.decode("utf-8", errors="replace"), url).text
    return "\n".join(sentences(text))[:TEXT_MAX]


def _main(body: bytes, url: str) -> str:
    """The text of the page's one `<main>` or `<article>`; empty: there is none, or it holds next to nothing."""
    try:
        parser = lxml.html.HTMLParser(no_network=True, huge_tree=False, encoding=encoding_of(body))
        root = lxml.html.document_fromstring(body, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return ""
    for path in ("//main|//*[@role='main']", "//article"):
        found = root.xpath(path)
        if len(found) != 1:
            continue
        piece = b"<html><body>" + etree.tostring(found[0], encoding="utf-8", method="html", with_tail=False)
        text = read_page(b"<meta charset=utf-8>" + piece + b"</body></html>", url).text
        if len(text) >= MAIN_LEAST:
            return text
    return ""


def sentences(text: str) -> list[str]:
    """A text as sentences, as written, those left out in which nothing can be a term."""
    found: list[str] = []
    for block in text.splitlines():
        line = " ".join(block.split())
        if line:
            found += [piece for piece in (one.strip() for one in _ENDS.split(line)) if piece and _matters(piece)]
        if len(found) >= SENTENCES_MAX:
            break
    return found[:SENTENCES_MAX]


def _matters(sentence: str) -> bool:
    """Whether a sentence may be a term: no stamp, no counter, no entry of a menu."""
    low = unicodedata.normalize("NFKC", sentence).lower()
    bare = _COUNTER.sub(" ", _DATE.sub(" ", low))
    words = re.findall(r"\w+", bare)
    if not words or (_STAMP.match(low) and len(words) <= 8):
        return False
    if not _LATIN.search(low):
        return True  # in other scripts nobody here can tell a menu from a term
    if _RIGHTS.search(bare):
        return True
    return bool(re.search(r"[.!?:;…][\"'”’)\]]*$", sentence)) and len(words) >= 3


def gist(sentence: str) -> str:
    """What is compared: without case, marks, spaces, years of copyright lines, counters, and dates of stamps."""
    low = unicodedata.normalize("NFKC", sentence).casefold()
    low = _COUNTER.sub("#", _YEARS.sub(r"\1#", low))
    if _STAMP.match(low):
        low = _DATE.sub("#", low)
    return " ".join(re.findall(r"[\w%§@€$£#-]+", low))


def differs(before: str, after: str) -> bool:
    """Whether two readings say something else; the order of sentences and repetitions do not matter."""
    return {gist(one) for one in before.splitlines()} != {gist(one) for one in after.splitlines()}


def changes(before: str, after: str) -> tuple[Change, ...]:
    """What changed, sentence by sentence, in the order of the page, with a little of what stayed around it."""
    old, new = before.splitlines()[:SENTENCES_MAX], after.splitlines()[:SENTENCES_MAX]
    matcher = SequenceMatcher(None, [gist(one) for one in old], [gist(one) for one in new], autojunk=False)
    found: list[Change] = []
    for tag, start, end, low, high in matcher.get_opcodes():
        if tag == "equal":
            found.append(Change(kind="same", parts=tuple((" ", one) for one in new[low:high])))
        else:
            found.extend(_replaced(old[start:end], new[low:high]))
    return tuple(_shortened(found))


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    """Sentences that took the place of others: versions of one are shown as one."""
    for index in range(max(len(old), len(new))):
        before = old[index] if index < len(old) else None
        after = new[index] if index < len(new) else None
        if before is not None and after is not None:
            parts = _words(before, after)
            if parts is not None:
                yield Change(kind="edited", parts=parts)
                continue
        if before is not None:
            yield Change(kind="gone", parts=(("-", before),))
        if after is not None:
            yield Change(kind="new", parts=(("+", after),))


def _words(before: str, after: str) -> tuple[tuple[str, str], ...] | None:
    """Two versions of one sentence, word by word; None: they have too little in common."""
    old, new = before.split(), after.split()
    if max(len(old), len(new)) > WORDS_MAX:
        return None
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return None
    parts: list[tuple[str, str]] = []
    for tag, start, end, low, high in matcher.get_opcodes():
        if tag == "equal":
            parts.append((" ", " ".join(old[start:end])))
            continue
        if start < end:
            parts.append(("-", " ".join(old[start:end])))
        if low < high:
            parts.append(("+", " ".join(new[low:high])))
    return tuple(parts)


def _shortened(found: Sequence[Change]) -> Iterator[Change]:
    """Of what stayed, only what stands next to a change."""
    for place, change in enumerate(found):
        if change.kind != "same":
            yield change
            continue
        head = change.parts[:CONTEXT] if place > 0 else ()
        tail = change.parts[-CONTEXT:] if place < len(found) - 1 else ()
        if len(head) + len(tail) >= len(change.parts):
            yield change
            continue
        if head:
            yield Change(kind="same", parts=head)
        yield Change(kind="same", parts=(), skipped=len(change.parts) - len(head) - len(tail))
        if tail:
            yield Change(kind="same", parts=tail)
