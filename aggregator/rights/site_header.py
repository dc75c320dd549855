"""What the header fields of an answer say of rights: words for a site's evidence, and what they mean. None permits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from aggregator.model.entry import Level, Notice, NoticeKind
from aggregator.model.evidence import SiteWords
from aggregator.rights.licences import known
from aggregator.rights.machine import Signal, content_usage, machine_notices, tdm_reservation

_LINK = re.compile(r'<([^<>]*)>; rel="license"(?:; type="([^"]*)")?')
POLICY_TYPES = frozenset({"application/ld+json", "text/turtle"})
"""Media types under which a link of relation `license` names an ODRL policy."""
_REFUSALS = frozenset({"noai", "noimageai"})
_UNTIL = "unavailable_after"
_ROBOTS_WORDS = """
all none index noindex follow nofollow archive noarchive nocache snippet nosnippet notranslate noimageindex
indexifembedded nositelinkssearchbox noodp noydir max-snippet max-image-preview max-video-preview
"""
_ADVICE = frozenset(_ROBOTS_WORDS.split())
"""Advice to search engines: none of it is about a copy for people, nor about artificial intelligence."""
_NAMES = {
    "tdm-reservation": "tdm-reservation",
    "tdm-policy": "tdm-policy",
    "content-usage": "Content-Usage",
    "x-robots-tag": "X-Robots-Tag",
    "link": "Link",
}


def header_words(said: Iterable[tuple[str, str]]) -> tuple[SiteWords, tuple[str, ...]]:
    """What fields say, as far as it is understood; and a warning for each thing that is not.

    Args:
        said: (name in lower case, value); a `Link` as `<absolute address>; rel="license"; type="…"`, the address of a
            `tdm-policy` absolute too.
    """
    headers: list[tuple[str, str]] = []
    stated: list[tuple[str, str]] = []
    policies: list[str] = []
    warnings: list[str] = []
    for name, value in said:
        if name == "link":
            _link(value, stated, policies, warnings)
        elif name == "tdm-policy":
            if value.startswith(("http://", "https://")):
                policies.append(value)
            else:
                warnings.append(f"tdm-policy: '{value[:80]}' is not a web address")
        else:
            notices, odd = _field(name, value)
            warnings += odd
            if notices:
                headers.append((name, value))
    words = SiteWords(
        headers=tuple(dict.fromkeys(headers)),
        stated=tuple(dict.fromkeys(stated)),
        policies=tuple(dict.fromkeys(policies)),
    )
    return words, tuple(dict.fromkeys(f"HTTP header {line}" for line in warnings))[:20]


def header_notices(headers: Iterable[tuple[str, str]], level: Level) -> Iterator[Notice]:
    """What fields mean for every address that they speak of."""
    for name, value in headers:
        notices, _ = _field(name, value)
        for notice in notices:
            yield Notice(kind=notice.kind, level=level, value=notice.value, carrier=f"HTTP header {_NAMES[name]}")


def _link(value: str, stated: list[tuple[str, str]], policies: list[str], warnings: list[str]) -> None:
    match = _LINK.fullmatch(value)
    address, kind = (match[1], match[2] or "") if match else ("", "")
    if kind in POLICY_TYPES:
        policies.append(address)
        return
    licence = known(address)
    if licence is None:
        warnings.append(f"Link rel=license: '{address[:80]}' is no licence that is known; it is not taken for one")
    else:
        stated.append(("HTTP header Link rel=license", licence.url or licence.id))


def _field(name: str, value: str) -> tuple[tuple[Notice, ...], tuple[str, ...]]:
    """One field's notices, and what of it is not understood."""
    if name == "x-robots-tag":
        return _robots_tag(value)
    signals: list[Signal] = []
    warnings: tuple[str, ...] = ()
    if name == "content-usage":
        found, warnings = content_usage(value)
        signals += found
    elif name == "tdm-reservation":
        for part in value.split(","):  # sent twice, and joined on the way: each is heard
            signals += tdm_reservation(part)
            if not tdm_reservation(part):
                warnings = (f"tdm-reservation: '{value[:80]}' is not understood",)
    return machine_notices(signals), warnings


def _robots_tag(value: str) -> tuple[tuple[Notice, ...], tuple[str, ...]]:
    """Refusals of AI, to whichever program they are said, and a date of expiry, which is only told."""
    found: list[Notice] = []
    warnings: list[str] = []
    in_date = False
    for written in value.split(","):
        token = " ".join(written.lower().split())
        words = {part.strip() for part in token.split(":")}
        if refused := _REFUSALS & words:
            found.append(_notice(NoticeKind.NO_AI, min(refused)))
            in_date = False
        elif _UNTIL in words:
            found.append(_notice(NoticeKind.MACHINE, " ".join(value[value.lower().find(_UNTIL) :].split())[:200]))
            in_date = True
        elif _ADVICE & words:
            in_date = False
        elif token and not in_date:  # a date may hold a comma
            warnings.append(f"X-Robots-Tag: '{token[:80]}' is not understood")
    return tuple(dict.fromkeys(found)), tuple(warnings)


def _notice(kind: NoticeKind, value: str) -> Notice:
    return Notice(kind=kind, level=Level.SITE, value=value, carrier="X-Robots-Tag")
