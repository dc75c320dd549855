"""Bytes of an RSL document, or an `<rsl:content>` in a feed → plain values: lenient, bounded, oddities told.

Few of the licence files in the wild are conformant, so what is odd is told and read as far as it goes; a licence that
holds something not understood is marked, so that nobody relies on what it permits. Documents of the 0.9 draft, which
has the same namespace, are upgraded: lists with commas, other names of AI uses, `payment type="inference"`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from aggregator.model.rsl import (
    KINDS,
    LEGALS,
    MAX_AGE_DAYS,
    NAMESPACE,
    PAYMENTS,
    REPORTS,
    USAGES,
    USERS,
    RslContent,
    RslCopyright,
    RslDocument,
    RslLegal,
    RslLicense,
    RslPayment,
    RslReporting,
    RslTerms,
)

SIZE_MAX = 1_000_000
"""Bytes of a document."""
CONTENTS_MAX = 1_000
PARTS_MAX = 50
"""Licences of a content, statements of a licence, tokens of a list."""
TEXT_MAX = 2_000
"""Characters of one value."""
_OLD_USAGES = {
    "train-ai": "ai-train",
    "train-genai": "ai-train",
    "ai-use": "ai-input",
    "ai-summarize": "ai-input",
}
"""Names of the 0.9 draft."""
_OLD_PAYMENTS = {"inference": "use"}
_Q = f"{{{NAMESPACE}}}"


class _Warnings:
    """What was odd, each once, a bounded number."""

    def __init__(self) -> None:
        self.lines: dict[str, None] = {}

    def add(self, line: str) -> None:
        if len(self.lines) < PARTS_MAX:
            self.lines.setdefault(f"RSL: {line}")


def read_rsl(data: bytes) -> tuple[RslDocument | None, tuple[str, ...]]:
    """What a licence file says.

    Returns:
        The document, None where it is none or cannot be read, which permits nothing; and warnings.
    """
    if len(data) > SIZE_MAX:
        return None, (f"RSL: not read: {len(data):,} bytes; {SIZE_MAX:,} are read at most",)
    # No DTD, entity or address is ever resolved; `huge_tree` off bounds depth and text.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, recover=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        return None, (f"RSL: not read: not well-formed XML: {_line(error)}",)
    if root.getroottree().docinfo.doctype:
        return None, ("RSL: not read: it has a DOCTYPE, which no licence file needs",)
    if root.tag != f"{_Q}rsl":
        return None, (f"RSL: not read: its root is <{_line(root.tag, 80)}>, not <rsl> of {NAMESPACE}",)
    return rsl_of(root)


def rsl_of(element: Any) -> tuple[RslDocument | None, tuple[str, ...]]:
    """What an element of a tree says: `<rsl:rsl>`, or one that holds `<rsl:content>`, such as an item of a feed.

    Args:
        element: an lxml element of a parser that resolves no entities.
    """
    warnings = _Warnings()
    contents: list[RslContent] = []
    for child in _children(element, "content", warnings):
        if len(contents) == CONTENTS_MAX:
            warnings.add(f"more than {CONTENTS_MAX:,} contents; the rest is left out")
            break
        contents.append(_content(child, warnings))
    if element.tag == f"{_Q}rsl":
        _unknown(element, {"content"}, warnings)
        if not contents:
            warnings.add("it holds no <content>")
    if not contents:
        return None, tuple(warnings.lines)
    return RslDocument(contents=tuple(contents), max_age=_max_age(element, warnings)), tuple(warnings.lines)


def _max_age(element: Any, warnings: _Warnings) -> int:
    written = element.get("max-age") if element.tag == f"{_Q}rsl" else None
    if written is None:
        return MAX_AGE_DAYS
    if written.isascii() and written.isdigit() and 0 < len(written) < 6 and int(written) > 0:
        return int(written)
    warnings.add(f"max-age '{_line(written, 40)}' is not a number of days; {MAX_AGE_DAYS} are taken")
    return MAX_AGE_DAYS


def _content(element: Any, warnings: _Warnings) -> RslContent:
    if element.get("url") is None:
        warnings.add("a <content> without url; taken for the page that holds it")
    licenses = [_license(child, warnings) for child in _children(element, "license", warnings)][:PARTS_MAX]
    if not licenses:
        warnings.add("a <content> without <license>")
    left_over = _unknown(element, {"license", "alternate", "schema", "copyright", "terms"}, warnings)
    if left_over:  # a word that is not known may well narrow the licences beside it
        licenses = [_marked(licence, left_over) for licence in licenses]
    owner = next(_children(element, "copyright", warnings), None)
    alternates = [
        (_attribute(child, "type"), _text(child)) for child in _children(element, "alternate", warnings) if _text(child)
    ]
    return RslContent(
        url=_attribute(element, "url") or "",
        server=_attribute(element, "server"),
        encrypted=(element.get("encrypted") or "").strip().lower() in {"true", "1"},
        lastmod=_attribute(element, "lastmod"),
        licenses=tuple(licenses),
        copyright=None
        if owner is None
        else RslCopyright(
            kind=_attribute(owner, "type"),
            email=_attribute(owner, "contactEmail"),
            url=_attribute(owner, "contactUrl"),
        ),
        terms=_first(element, "terms", warnings),
        schema=_first(element, "schema", warnings),
        alternates=tuple(alternates[:PARTS_MAX]),
    )


def _marked(licence: RslLicense, unread: list[str]) -> RslLicense:
    return RslLicense(
        permits=licence.permits,
        prohibits=licence.prohibits,
        payment=licence.payment,
        reporting=licence.reporting,
        legal=licence.legal,
        unread=tuple(dict.fromkeys((*licence.unread, *unread))),
    )


def _license(element: Any, warnings: _Warnings) -> RslLicense:
    unread = _unknown(element, {"permits", "prohibits", "payment", "reporting", "legal"}, warnings)
    legal = []
    for child in _children(element, "legal", warnings):
        kind = _known(child, LEGALS, "legal", warnings)
        values = _list(child, warnings)
        if kind is not None and values:
            legal.append(RslLegal(kind=kind, values=values))
    reporting = []
    for child in _children(element, "reporting", warnings):
        kind, profile = _known(child, REPORTS, "reporting", warnings), _attribute(child, "profile")
        if kind is None or profile is None:
            unread.append("reporting")
        else:
            reporting.append(RslReporting(kind=kind, profile=profile, endpoint=_attribute(child, "endpoint")))
    payments = list(_children(element, "payment", warnings))
    if len(payments) > 1:
        warnings.add("a licence with several payments; none of them is taken for free")
        unread.append("payment")
    return RslLicense(
        permits=tuple(_terms(element, "permits", unread, warnings)),
        prohibits=tuple(_terms(element, "prohibits", unread, warnings)),
        payment=_payment(payments[0], unread, warnings) if payments else None,
        reporting=tuple(reporting[:PARTS_MAX]),
        legal=tuple(legal[:PARTS_MAX]),
        unread=tuple(dict.fromkeys(unread)),
    )


def _terms(element: Any, name: str, unread: list[str], warnings: _Warnings) -> Iterator[RslTerms]:
    found: dict[str, dict[str, None]] = {}
    for child in _children(element, name, warnings):
        # The draft let the type out where it meant uses.
        kind = _known(child, KINDS, name, warnings) if child.get("type") is not None else "usage"
        if kind is None:
            unread.append(name)
            continue
        if kind in found:
            warnings.add(f"several <{name} type='{kind}'> in a licence; taken together")
        found.setdefault(kind, {}).update(dict.fromkeys(_tokens(child, kind, name, warnings)))
    for kind, tokens in found.items():
        yield RslTerms(kind=kind, tokens=tuple(tokens))


def _tokens(element: Any, kind: str, name: str, warnings: _Warnings) -> Iterator[str]:
    for written in _list(element, warnings):
        token = written.upper() if kind == "geo" else written.lower()
        if kind == "usage" and token in _OLD_USAGES:
            warnings.add(f"'{token}' is a word of the 0.9 draft; read as '{_OLD_USAGES[token]}'")
            token = _OLD_USAGES[token]
        fine = {
            "usage": token in USAGES,
            "user": token in USERS,
            "geo": len(token) == 2 and token.isascii() and token.isalpha(),
        }
        if fine[kind] or ":" in token:
            yield token  # a name with a colon is an extension
        else:
            warnings.add(f"{name} type='{kind}': '{_line(written, 40)}' is not known")
            yield token


def _payment(element: Any, unread: list[str], warnings: _Warnings) -> RslPayment:
    written = (_attribute(element, "type") or "free").lower()
    kind = _OLD_PAYMENTS.get(written, written)
    if kind != written:
        warnings.add(f"payment '{written}' is a word of the 0.9 draft; read as '{kind}'")
    if kind not in PAYMENTS:
        warnings.add(f"payment type '{_line(kind, 40)}' is not known")
        unread.append("payment")
    amount = next(_children(element, "amount", warnings), None)
    accepted = list(_children(element, "accepts", warnings))
    unread += _unknown(element, {"standard", "custom", "amount", "accepts"}, warnings)
    return RslPayment(
        kind=kind,
        standards=_all(element, "standard", warnings),
        customs=_all(element, "custom", warnings),
        amount=None if amount is None else _text(amount) or None,
        currency=None if amount is None else _attribute(amount, "currency"),
        accepts=tuple(filter(None, (_attribute(child, "type") for child in accepted)))[:PARTS_MAX],
    )


# ── elements ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _children(element: Any, name: str, warnings: _Warnings) -> Iterator[Any]:
    """Children of that name; in another case of letters too, which is odd."""
    for child in element:
        tag = child.tag if isinstance(child.tag, str) else ""
        if tag.lower() == f"{_Q}{name}":
            if tag != f"{_Q}{name}":
                warnings.add(f"<{tag.removeprefix(_Q)}> is read as <{name}>")
            yield child


def _unknown(element: Any, known: set[str], warnings: _Warnings) -> list[str]:
    """Names in RSL's namespace that RSL does not have there. Foreign ones are extensions, which may be ignored."""
    tags = [child.tag for child in element if isinstance(child.tag, str) and child.tag.startswith(_Q)]
    names = [tag.removeprefix(_Q) for tag in tags if tag.removeprefix(_Q).lower() not in known]
    for name in names[:PARTS_MAX]:
        warnings.add(f"<{_line(name, 40)}> is not known there")
    return [_line(name, 40) for name in names[:PARTS_MAX]]


def _known(element: Any, known: tuple[str, ...], name: str, warnings: _Warnings) -> str | None:
    kind = (element.get("type") or "").strip().lower()
    if kind in known:
        return kind
    warnings.add(f"{name} type '{_line(kind, 40)}' is not known")
    return None


def _list(element: Any, warnings: _Warnings) -> tuple[str, ...]:
    """Tokens of a list; in the draft they were parted by commas."""
    written = _text(element)
    if "," in written:
        warnings.add("a list with commas, as in the 0.9 draft")
        written = written.replace(",", " ")
    return tuple(dict.fromkeys(written.split()))[:PARTS_MAX]


def _all(element: Any, name: str, warnings: _Warnings) -> tuple[str, ...]:
    found = [_text(child) for child in _children(element, name, warnings)]
    return tuple(dict.fromkeys(value for value in found if value))[:PARTS_MAX]


def _first(element: Any, name: str, warnings: _Warnings) -> str | None:
    return next(iter(_all(element, name, warnings)), None)


def _text(element: Any) -> str:
    return _line("".join(element.itertext()) if len(element) else element.text or "", TEXT_MAX)


def _attribute(element: Any, name: str) -> str | None:
    return _line(element.get(name) or "", TEXT_MAX) or None


def _line(value: object, limit: int = 200) -> str:
    return " ".join(str(value).split())[:limit]
