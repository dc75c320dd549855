"""The licence that a notice names: by address, by short name, by its title in many languages, by its letters."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aggregator.rights.licences import known

_CC_URL = re.compile(
    r"creativecommons\.org/(?:licen[sc]es?|publicdomain)/[a-z-]+/\d\.\d(?:/[a-z]{2,8}(?=[/\s)\"'>.,]|$))?",
    re.I,
)
_CC_SHORT = re.compile(
    r"\bCC[ -]?(?:BY|0|ZERO|PDM)(?:[ -](?:NC|ND|SA))*(?:[ -]?v?(\d\.\d))?(?:[ -]([A-Z]{2})\b)?", re.I
)
_CC_TITLE = re.compile(r"creative ?commons|知识共享|創用|クリエイティブ", re.I)
_TITLES = {
    "by": r"""
        attribution reconocimiento atribuci[oó]n paternit[ée] attribuzione atribui[çc][ãa]o naamsvermelding
        namensnennung uznanie.autorstwa erkännande navngivelse 署名 表示
    """,
    "nc": r"""
        non-?.?commerc\w* no.?-?comercial pas.d.utilisation.commerciale n[ãa]o-?.?comercial niet-?.?commerci\w+
        nicht-?.?kommerziell użycie.niekomercyjne ickekommersiell ikkekommersiel\w* 非商业性? 非営利
    """,
    "nd": r"""
        no-?.?deriv\w* sin.?-?obras?.?-?derivadas? sinderivad\w* pas.de.modification non.opere.derivate sem.deriva\w+
        sem.obras.derivadas geen-?.?afgeleide\w* keine-?.?bearbeitung\w* bez.utworów.zależnych inga.?bearbetningar
        ingen.?bearbejd\w* ingen.?bearbeid\w* 禁止演绎 改変禁止
    """,
    "sa": r"""
        share-?.?alike compartir.?-?igual partage.dans.les.mêmes.conditions partage.à.l.identique
        condividi.allo.stesso.modo compartilha-?\w* gelijk.?delen weitergabe.unter.gleichen.bedingungen
        na.tych.samych.warunkach dela.?lika del.?på.?samme 相同方式共享 継承
    """,
}
"""Parts of a Creative Commons title, by their letters; `.` stands for any one sign."""
_LETTERS = {name: re.compile("|".join(words.split()), re.I) for name, words in _TITLES.items()}
_OTHERS = (
    (
        r"open government licen[cs]e(?: for public sector information)?(?:,? ?v(?:ersion)?\.? ?(\d))?",
        "OGL-UK-{}.0",
        "3",
    ),
    (r"licence ouverte(?: ?/ ?open licen[cs]e)?(?: \(?etalab\)?)?(?:,? ?v?(?:ersion)? ?(\d))?", "etalab-{}.0", "2"),
    (r"etalab-(\d)\.0", "etalab-{}.0", "2"),
    (r"datenlizenz deutschland.{0,40}namensnennung|dl-de/by", "DL-DE-BY-2.0", ""),
    (r"datenlizenz deutschland.{0,40}zero|dl-de/zero", "DL-DE-ZERO-2.0", ""),
    (r"norsk lisens for offentlige data|\bnlod\b", "NLOD-2.0", ""),
    (r"italian open data licen[cs]e|\biodl\b", "IODL-2.0", ""),
    (r"gnu free documentation licen[cs]e|\bgfdl\b", "GFDL-1.3", ""),
)
"""(phrase with the version as its group, id, version where none is told)."""
_VERSION = re.compile(r"\b([1-4]\.[0-9])\b")


@dataclass(frozen=True, slots=True)
class Found:
    """A licence and where it is named."""

    id: str
    """SPDX; without a version where the text gives none."""
    said: str


def licences_in(text: str) -> list[Found]:
    """All licences that a text names, in order of certainty: addresses, short names, titles."""
    found: list[Found] = []
    for match in _CC_URL.finditer(text):
        licence = known("https://" + match[0].rstrip("/"))
        if licence is not None:
            found.append(Found(licence.id, match[0]))
    found += [Found(_short(match), match[0]) for match in _CC_SHORT.finditer(text)]
    if not found and _CC_TITLE.search(text):
        found += _titled(text)
    for pattern, id_, otherwise in _OTHERS:
        named = re.search(pattern, text, re.I)
        if named:
            version = next((group for group in named.groups() if group), otherwise)
            found.append(Found(id_.format(version), named[0]))
    return list(dict.fromkeys(found))


def _short(match: re.Match[str]) -> str:
    letters = re.findall(r"BY|NC|ND|SA|PDM|0|ZERO", match[0].upper().partition(match[1] or "\0")[0])
    if letters[:1] in (["0"], ["ZERO"]):
        return "CC0-1.0"
    if letters[:1] == ["PDM"]:
        return "PDM-1.0"
    ordered = [letter for letter in ("BY", "NC", "ND", "SA") if letter in letters]
    tail = [match[1]] if match[1] else []
    id_ = "-".join(["CC", *ordered, *tail])
    if match[1] and match[2] and known(f"{id_}-{match[2].upper()}"):
        return f"{id_}-{match[2].upper()}"
    return id_


def _titled(text: str) -> list[Found]:
    match = _CC_TITLE.search(text)
    assert match is not None  # noqa: S101 - the caller has looked
    span = text[max(0, match.start() - 60) : match.end() + 160]
    if re.search(r"\bzero\b|\bCC0\b", span, re.I):
        return [Found("CC0-1.0", span.strip())]
    letters = [name.upper() for name, pattern in _LETTERS.items() if pattern.search(span)]
    if not letters:
        return []
    if "BY" not in letters:
        letters = ["BY", *letters]
    version = _VERSION.search(span)
    return [Found("-".join(["CC", *letters, *([version[1]] if version else [])]), match[0])]


def elements(id_: str | None) -> frozenset[str]:
    """The letters of a Creative Commons id: `by`, `nc`, `nd`, `sa`."""
    if id_ is None or not id_.startswith("CC-BY"):
        return frozenset()
    return frozenset(part.lower() for part in id_.split("-")[1:] if part in {"BY", "NC", "ND", "SA"})
