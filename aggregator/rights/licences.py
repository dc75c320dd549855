"""Known licences as data: what each allows, and what it asks for in return.

Keyed by the canonical address of the licence's text; SPDX ids, short names and titles are aliases. The Creative
Commons family is computed here from its letters, the rest is a table (`open_licences`). Written from the deeds and
legal codes, not from community encodings of them (one of those gives BY-NC-ND a share-alike duty). A licence that is
not here is unknown, and unknown means ask (ruling 13).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from aggregator.model.entry import Level, Notice, NoticeKind
from aggregator.model.policy import Duty, DutyName, Effect, Limit, LimitName
from aggregator.rights.open_licences import OTHERS, Licence, notice_of

__all__ = ["NON_COMMERCIAL", "Licence", "canonical", "choices", "known", "same"]

UNSPECIFIED = "http://purl.org/atompub/license#unspecified"
"""Says that no licence is stated; compared as a string, as all licence links are (RFC 4946, 2)."""
NON_COMMERCIAL = "non-commercial"
"""Name under which a policy waives a licence's NC as a whole; its parts have the names of limits."""

_ELEMENTS = ("by", "nc", "nd", "sa")
_FAMILIES = {("by",), ("by", "sa"), ("by", "nd"), ("by", "nc"), ("by", "nc", "sa"), ("by", "nc", "nd")}
_RETIRED = {("sa",), ("nd",), ("nc",), ("nc", "sa"), ("nc", "nd")}
"""Without attribution; version 1.0 only, and 2.0 in Japan."""
_PORTS = {
    "1.0": "fi il nl",
    "2.0": "at au be br ca cl de es fr hr it jp kr nl pl tw uk za",
    "2.1": "au ca es jp",
    "2.5": "ar au bg br ca ch cl cn co dk es hr hu il in it mk mt mx my nl pe pl pt scotland se si tw za",
    "3.0": "am at au az br ca ch cl cn cr cz de ec ee eg es fr ge gr gt hk hr id ie igo it lu nl no nz ph pl pr pt"
    " ro rs sg th tw ug us ve vn za",
    "4.0": "",
}
"""Jurisdictions to whose law a version was adapted. From 4.0 on there is one text for all, in many languages."""
_UNPORTED = set(_PORTS) - {"2.1"}
_URL = re.compile(r"creativecommons\.org/licen[sc]es?/([a-z-]+)/(\d\.\d)(?:/([a-z]+))?", re.A)
_ADDRESS = re.compile(
    r"(?:[a-z]+:)?//([^/?#:@]+)(?::(?:80|443)?(?=[/?#]|$))?|((?:[a-z0-9-]+\.)+[a-z]{2,})(?::(?:80|443))?(?=/)"
)
_TEXTS = re.compile(r"/(?:deed|legalcode|rdf)(?:[._-][^/]*)?$")
_ID = re.compile(r"cc-((?:by|nc|nd|sa)(?:-(?:nc|nd|sa))*)-(\d\.\d)(?:-([a-z]+))?", re.A)
_SUFFIX = re.compile(r"-(?:international|unported|generic)?-?(?:deed|licen[sc]e)?$")
_VERSIONED = re.compile(r"-\d\.\d(?:-[A-Z]+)?$")
_WORDS = {
    "attribution": "by",
    "noncommercial": "nc",
    "noderivatives": "nd",
    "noderivs": "nd",
    "sharealike": "sa",
}
_NO_PORT = {"international", "unported", "generic", "license", "licence", ""}


def _duties(id_: str, url: str, elements: tuple[str, ...]) -> tuple[Duty, ...]:
    """The attribution bundle of the legal code (4.0, section 3a): creator, notices, licence, address, changes."""
    names: list[DutyName] = []
    if "by" in elements:
        names += [DutyName.CREDIT_SOURCE, DutyName.CREDIT_AUTHOR, DutyName.COPYRIGHT_NOTICE, DutyName.LINK_ORIGINAL]
        names.append(DutyName.LABEL_CHANGES)
    else:
        names.append(DutyName.COPYRIGHT_NOTICE)
    if "sa" in elements:
        names.append(DutyName.SHARE_ALIKE)
    return (*(Duty(name=name) for name in names), notice_of(id_, url))


def _limits(elements: tuple[str, ...]) -> tuple[Limit, ...]:
    names: list[LimitName] = []
    if "nc" in elements:
        names += [LimitName.NO_ADS, LimitName.NO_PAYWALL, LimitName.NO_RESALE]
    if "nd" in elements:
        # Excerpts and re-wrapping stay inside the grant even under ND ("in whole or in part", technical changes).
        names += [LimitName.NO_EDITS, LimitName.NO_TRANSLATION]
    return tuple(Limit(name=name) for name in names)


@lru_cache(maxsize=1024)
def _creative_commons(elements: tuple[str, ...], version: str, port: str) -> Licence | None:
    """A licence of the family; None where there is none of these letters, or none that was ported there."""
    ordered = tuple(element for element in _ELEMENTS if element in elements)
    if len(set(elements)) != len(elements) or (port and port not in _PORTS.get(version, "").split()):
        return None
    exists = ordered in _FAMILIES and (port or version in _UNPORTED)
    retired = ordered in _RETIRED and (version, port) in {("1.0", ""), ("2.0", "jp")}
    if not exists and not retired:
        return None
    # Version 1.0 writes ND before NC, and has no other order.
    path = "-".join(ordered).replace("nc-nd", "nd-nc") if version == "1.0" else "-".join(ordered)
    id_ = "-".join(("CC", *(element.upper() for element in ordered), version, *([port.upper()] if port else [])))
    url = f"https://creativecommons.org/licenses/{path}/{version}/" + (f"{port}/" if port else "")
    return Licence(
        id=id_,
        url=url,
        effect=Effect.ALLOW,
        duties=_duties(id_, url, ordered),
        limits=_limits(ordered),
        non_commercial="nc" in ordered,
    )


def canonical(written: str) -> str:
    """The form in which two spellings of an id, name or address are equal.

    An address, with or without scheme, loses scheme, `www.`, a default port, query, fragment, the language of a deed,
    and its last slash; a name its spaces.
    """
    text = written.strip().strip("<>\"'").strip().lower()
    match = _ADDRESS.match(text)
    if match is not None:
        path = re.sub("/{2,}", "/", f"{(match[1] or match[2]).rstrip('.')}{text[match.end() :]}")
        path = path.partition("#")[0].partition("?")[0].rstrip("/")
        return _TEXTS.sub("", path.removeprefix("www.")).rstrip("/")
    return "-".join(text.rstrip(".").replace("_", "-").split()).replace("---", "-")


def _titled(name: str) -> Licence | None:
    """A licence by its title: `Creative Commons Attribution-NonCommercial 4.0 International`."""
    words = name.replace("non-commercial", "noncommercial").replace("share-alike", "sharealike")
    words = words.replace("no-deriv", "noderiv").removeprefix("creative-commons-")
    match = re.fullmatch(r"([a-z-]+?)-(?:v?)(\d\.\d)(?:-([a-z-]*))?", words, re.A)
    if match is None or not name.startswith("creative-commons-"):
        return None
    titles = match[1].removesuffix("-license").removesuffix("-licence").split("-")
    if any(word not in _WORDS for word in titles) or any(w not in _NO_PORT for w in (match[3] or "").split("-")):
        return None
    return _creative_commons(tuple(_WORDS[word] for word in titles), match[2], "")


_TABLE = {
    canonical(name): licence for licence in OTHERS for name in (licence.id, licence.url or "", *licence.also) if name
}


@lru_cache(maxsize=4096)
def known(value: str) -> Licence | None:
    """The licence that an id, title or address names; None: nobody knows it.

    Args:
        value: an SPDX id, a licence's short name (`CC BY-NC 4.0`), its title, or its address: http or https, with or
            without `www.`, final slash, `deed` or `legalcode` in any language. Case does not matter.
    """
    name = canonical(value)
    if name in _TABLE:
        return _TABLE[name]
    address = _URL.fullmatch(name)
    if address is not None:
        return _creative_commons(tuple(address[1].split("-")), address[2], address[3] or "")
    if "/" in name:
        return None
    short = _ID.fullmatch(_SUFFIX.sub("", name))
    if short is not None:
        return _creative_commons(tuple(short[1].split("-")), short[2], short[3] or "")
    return _titled(name) or _doubled(name)


def _doubled(name: str) -> Licence | None:
    """A title with the short name behind it: `Attribution-NonCommercial 4.0 International (CC BY-NC 4.0)`."""
    title, bracket, rest = name.partition("-(")
    if not bracket or not rest.endswith(")"):
        return None
    short = known(rest.removesuffix(")"))
    long = known(title) or known(f"creative-commons-{title}")
    return short if short is not None and long is not None and short.id == long.id else None


def same(one: str | None, other: str) -> bool:
    """Whether two spellings name one licence, also one that nobody knows."""
    if one is None:
        return False
    first, second = known(one), known(other)
    if first is None or second is None:
        return first is second and one.strip() == other.strip()
    return first.id == second.id


def alike(one: str, other: str) -> bool:
    """Whether two spellings name licences of one family and the same letters, whatever their version and port."""
    first, second = known(one), known(other)
    if first is None or second is None:
        return False
    return first.id == second.id or (
        first.id.startswith("CC-") and _VERSIONED.sub("", first.id) == _VERSIONED.sub("", second.id)
    )


def choices(notices: Iterable[Notice]) -> list[list[tuple[str, str]]]:
    """(licence, carrier) as an entry states them, each list a choice (RFC 4946, 2.4): those of one carrier.

    What several carriers state is no choice: where they contradict one another, nobody knows which holds.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for value, carrier in stated_licences(notices):
        found.setdefault(carrier, []).append((value, carrier))
    offered: dict[frozenset[str], list[tuple[str, str]]] = {}
    for choice in found.values():
        offered.setdefault(frozenset(canonical(value) for value, _ in choice), choice)
    return list(offered.values())


def stated_licences(notices: Iterable[Notice]) -> list[tuple[str, str]]:
    """(licence, carrier) as an entry states them: the nearest level alone (RFC 4946, 2.4).

    `#unspecified` at that level means none, and stops what would come from further away.
    """
    stated = [notice for notice in notices if notice.kind is NoticeKind.LICENCE and notice.value.strip()]
    for level in (Level.ENTRY, Level.SOURCE, Level.FEED, Level.SITE):
        nearest = [notice for notice in stated if notice.level is level]
        if nearest:
            if any(notice.value.strip() == UNSPECIFIED for notice in nearest):
                return []
            return [(notice.value.strip(), notice.carrier) for notice in nearest]
    return []
