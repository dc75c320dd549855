"""Licences that stand in prose: by address, by short name, by title. They tighten, and never loosen (ruling 13).

A notice such as `licensed under CC BY-NC` names no version. For a bar that is enough: it is read as the newest.
`Creative Commons` alone says nothing that could bar, nor does `all rights reserved`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from aggregator.rights.licences import canonical, known
from aggregator.rights.open_licences import ALL_RIGHTS_RESERVED, OTHERS

TEXT_MAX = 4_000
"""Characters of a notice that are looked at."""
_NEWEST = "4.0"
_ADDRESS = re.compile(
    r"(?:https?:)?//[^\s<>\"'()\[\]]{4,300}|\b(?:www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+/[^\s<>\"'()\[\]]{2,300}", re.I
)
_END = ".,;:!?)»”’"
_FAMILY = re.compile(
    r"creativecommons\.org(?::\d+)?/+licen[sc]es?/((?:by|nc|nd|sa)(?:-(?:nc|nd|sa))*)(?:/(\d\.\d))?(?![\d.])"
    r"|(?:i\.creativecommons\.org|licensebuttons\.net)(?::\d+)?/+l/((?:by|nc|nd|sa)(?:-(?:nc|nd|sa))*)(?:/(\d\.\d))?",
    re.I,
)
_SHORT = re.compile(
    r"\bcc[\s_/-]{0,2}(by(?:[\s_/-]{1,3}(?:nc|nd|sa)){0,2})(?![a-z])(?:[\s_/,-]{1,3}(?:v(?:ersion)?\.?\s?)?(\d\.\d))?",
    re.I,
)
_TITLE = re.compile(r"\bcreative[\s-]commons\b(.{0,160})", re.I | re.S)
_VERSION = re.compile(r"(?<![\d.])(\d\.\d)(?![\d.])")
_PARTS = {
    "nc": re.compile(
        r"\bnc\b|non.{0,2}commerc|not?.{0,2}comer[cz]|não.{0,2}comercial|nicht.{0,2}k?omm?er[zc]|nicht-?kommerz|"
        r"pas d.utilisation commerc|niet.{0,2}commerc|ikke.?kommers|icke.?kommers|ei.?kaupall|ikke.?kommerc|"
        r"niekomercyj|užití nekomerč|некоммерч|非营利|非營利|非商业|非商業|非営利|ticari olmayan|gayri.?ticari",
        re.I,
    ),
    "nd": re.compile(
        r"\bnd\b|no.{0,2}deriv|sin.{0,2}(?:obra.{0,2})?deriv|sem.{0,2}deriv|non.{0,2}opere.{0,2}deriv|"
        r"keine.{0,2}bearbeit|pas de modif|geen.?afgeleid|inga.?bearbet|"
        r"bez utworów|без производ|禁止演绎|禁止改作|改変禁止|türetilemez",
        re.I,
    ),
    "sa": re.compile(
        r"\bsa\b|share.{0,2}alike|compartir.{0,2}igual|compartilha|condividi|partage.{0,40}(?:m[êe]mes?|identique)|"
        r"weitergabe|gelijk.?del|dela.?lika|na tych samych|с сохранением|相同方式|繼承|継承|aynı lisans",
        re.I,
    ),
}
_OTHERS = {
    canonical(address): licence.id
    for licence in OTHERS
    for address in (licence.url or "", *licence.also)
    if "//" in address and licence is not ALL_RIGHTS_RESERVED
}
_NAMED = tuple(
    (re.compile(rf"\b{pattern}\b", re.I), id_)
    for pattern, id_ in (
        (r"(?:GFDL|GNU Free Documentation Licen[sc]e)", "GFDL-1.3"),
        (r"(?:ODbL|Open Database Licen[sc]e)", "ODbL-1.0"),
    )
)


@lru_cache(maxsize=4_096)  # a feed says the same of each of its entries
def spelled(text: str) -> tuple[str, ...]:
    """Ids of the licences that a text names, each once, in order."""
    text = text[:TEXT_MAX]
    found = [*_addresses(text), *_short(text), *_titles(text), *(id_ for name, id_ in _NAMED if name.search(text))]
    return tuple(dict.fromkeys(found))


def _addresses(text: str) -> Iterator[str]:
    for match in _ADDRESS.finditer(text):
        address = match[0].rstrip(_END)
        licence = known(address)
        family = _FAMILY.search(address)
        if licence is not None and licence is not ALL_RIGHTS_RESERVED:
            yield licence.id
        elif family is not None:
            yield _named(family[1] or family[3], family[2] or family[4])


def _short(text: str) -> Iterator[str]:
    for match in _SHORT.finditer(text):
        yield _named("-".join(re.findall(r"by|nc|nd|sa", match[1].lower())), match[2])


def _titles(text: str) -> Iterator[str]:
    for match in _TITLE.finditer(text):
        after = match[1].partition("\n")[0]
        parts = [name for name, pattern in _PARTS.items() if pattern.search(after)]
        if parts:
            version = _VERSION.search(after)
            yield _named("-".join(("by", *parts)), version[1] if version else None)


def _named(letters: str, version: str | None) -> str:
    """The id of a licence by its letters; of letters that no licence has, all that they bar."""
    parts = set(letters.lower().split("-"))
    if "nd" in parts:
        parts.discard("sa")
    ordered = "-".join(part for part in ("by", "nc", "nd", "sa") if part in parts | {"by"})
    found = known(f"CC-{ordered}-{version or _NEWEST}") or known(f"CC-{ordered}-{_NEWEST}")
    return found.id if found is not None else f"CC-{ordered.upper()}"
