"""Known licences as data: what each allows, and what it asks for in return.

Written from the deeds and legal codes, not from community encodings of them (one of those gives BY-NC-ND a
share-alike duty). A licence that is not here is unknown, and unknown means ask (ruling 13).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from aggregator.model.entry import Level, Notice, NoticeKind
from aggregator.model.policy import Duty, DutyName, Effect, Limit, LimitName

NON_COMMERCIAL = "non-commercial"
"""Name under which a policy waives a licence's NC as a whole; its parts have the names of limits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """What one licence says to a republisher."""

    id: str
    """SPDX where SPDX has one: `CC-BY-NC-4.0`; a ported version is named after its port: `CC-BY-3.0-US`."""
    url: str | None
    effect: Effect
    """`allow` under its duties and limits, or `ask`."""
    duties: tuple[Duty, ...] = ()
    limits: tuple[Limit, ...] = ()
    non_commercial: bool = False
    """Bars commercial audiences, beside the limits that NC sets on ads, paywalls and sale."""


_ELEMENTS = {"by", "nc", "nd", "sa"}
_FAMILIES = {("by",), ("by", "sa"), ("by", "nd"), ("by", "nc"), ("by", "nc", "sa"), ("by", "nc", "nd")}
_VERSIONS = {"1.0", "2.0", "2.1", "2.5", "3.0", "4.0"}
_URL = re.compile(
    r"(?:https?:)?//(?:www\.)?creativecommons\.org/(licenses|publicdomain)/([a-z-]+)/(\d\.\d)/?(.*)", re.A
)
_ID = re.compile(r"cc-(by(?:-(?:nc|nd|sa))*)-(\d\.\d)(?:-([a-z]{2,3}))?", re.A)
_ZERO = {"cc0-1.0", "cc0"}
_MARK = {"pdm-1.0", "pdm", "cc-pdm-1.0", "cc-pddc", "public-domain"}
_RESERVED = {"all-rights-reserved", "arr"}

CC0 = Licence(id="CC0-1.0", url="https://creativecommons.org/publicdomain/zero/1.0/", effect=Effect.ALLOW)
PUBLIC_DOMAIN = Licence(id="PDM-1.0", url="https://creativecommons.org/publicdomain/mark/1.0/", effect=Effect.ALLOW)
ALL_RIGHTS_RESERVED = Licence(id="all rights reserved", url=None, effect=Effect.ASK)


def _duties(id_: str, url: str, elements: tuple[str, ...]) -> tuple[Duty, ...]:
    """The attribution bundle of the legal code (4.0, section 3a): creator, notices, licence, address, changes."""
    notice = Duty(name=DutyName.LICENCE_NOTICE, params=(("licence", id_), ("url", url)))
    names = [DutyName.CREDIT_SOURCE, DutyName.CREDIT_AUTHOR, DutyName.COPYRIGHT_NOTICE, DutyName.LINK_ORIGINAL]
    names.append(DutyName.LABEL_CHANGES)
    if "sa" in elements:
        names.append(DutyName.SHARE_ALIKE)
    return (*(Duty(name=name) for name in names), notice)


def _limits(elements: tuple[str, ...]) -> tuple[Limit, ...]:
    names: list[LimitName] = []
    if "nc" in elements:
        names += [LimitName.NO_ADS, LimitName.NO_PAYWALL, LimitName.NO_RESALE]
    if "nd" in elements:
        # Excerpts and re-wrapping stay inside the grant even under ND ("in whole or in part", technical changes).
        names += [LimitName.NO_EDITS, LimitName.NO_TRANSLATION]
    return tuple(Limit(name=name) for name in names)


@lru_cache(maxsize=256)
def _creative_commons(elements: tuple[str, ...], version: str, port: str) -> Licence:
    path = "-".join(elements)
    id_ = f"CC-{path.upper()}-{version}" + (f"-{port.upper()}" if port else "")
    url = f"https://creativecommons.org/licenses/{path}/{version}/" + (f"{port}/" if port else "")
    return Licence(
        id=id_,
        url=url,
        effect=Effect.ALLOW,
        duties=_duties(id_, url, elements),
        limits=_limits(elements),
        non_commercial="nc" in elements,
    )


def _family(path: str, version: str, port: str) -> Licence | None:
    """The licence of a path such as `by-nd-nc`, which version 1.0 writes in another order than later ones."""
    elements = tuple(path.split("-"))
    if version not in _VERSIONS or not set(elements) <= _ELEMENTS:
        return None
    ordered = tuple(element for element in ("by", "nc", "nd", "sa") if element in elements)
    return _creative_commons(ordered, version, port) if ordered in _FAMILIES else None


def _by_url(text: str) -> Licence | None:
    match = _URL.fullmatch(text.partition("#")[0].partition("?")[0])
    if match is None:
        return None
    kind, path, version, rest = match.groups()
    tail = [part for part in rest.split("/") if part and not part.startswith(("deed", "legalcode", "rdf"))]
    if len(tail) > 1 or (tail and not re.fullmatch(r"[a-z]{2,3}", tail[0])):
        return None
    if kind == "publicdomain":
        return {"zero": CC0, "mark": PUBLIC_DOMAIN}.get(path) if version == "1.0" and not tail else None
    return _family(path, version, tail[0] if tail else "")


@lru_cache(maxsize=1024)
def known(value: str) -> Licence | None:
    """The licence that an id or address names; None: nobody knows it.

    Args:
        value: an SPDX id, a licence's short name (`CC BY-NC 4.0`), or its address: http or https, with or without
            `www.`, final slash, `deed` or `legalcode`. Case does not matter.
    """
    text = value.strip().lower()
    if "//" in text:
        return _by_url(text)
    name = "-".join(text.rstrip(".").replace("_", "-").split())
    if name in _ZERO:
        return CC0
    if name in _MARK:
        return PUBLIC_DOMAIN
    if name in _RESERVED:
        return ALL_RIGHTS_RESERVED
    match = _ID.fullmatch(name)
    return _family(match[1], match[2], match[3] or "") if match else None


def same(one: str | None, other: str) -> bool:
    """Whether two spellings name one licence, also one that nobody knows."""
    if one is None:
        return False
    first, second = known(one), known(other)
    return first == second if first is not None else second is None and one.strip() == other.strip()


def stated_licences(notices: Iterable[Notice]) -> list[tuple[str, str]]:
    """(licence, carrier) as an entry states them: the nearest level alone, several as a choice (RFC 4946, 2.4).

    `…#unspecified` at that level means none, and stops what would come from further away.
    """
    stated = [notice for notice in notices if notice.kind is NoticeKind.LICENCE and notice.value.strip()]
    for level in (Level.ENTRY, Level.SOURCE, Level.FEED):
        nearest = [notice for notice in stated if notice.level is level]
        if nearest:
            if any(notice.value.strip().endswith("#unspecified") for notice in nearest):
                return []
            return [(notice.value.strip(), notice.carrier) for notice in nearest]
    return []
