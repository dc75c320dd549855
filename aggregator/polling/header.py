"""What an answer's header fields say: how long to wait, and what to echo at the next request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from aggregator.model.entry import Link
from aggregator.model.fetched import FailureKind, Headers, Validators
from aggregator.polling.failure import Failure

if TYPE_CHECKING:
    from multidict import CIMultiDictProxy, MultiMapping

WAIT_MAX = timedelta(days=7)
"""No header may silence a feed for longer: one wrong one would do so for good."""

_NONE = Validators()
_VALIDATOR_CHARS_MAX = 8_192
_MAX_AGE = re.compile(r'(?:^|[\s,])max-age\s*=\s*"?(\d{1,10})', re.IGNORECASE)
RSL_TYPE = "application/rsl+xml"
LICENCES_MAX = 3
"""RSL documents that one answer may name: more would have us ask a stranger's choice of servers."""
_LINK_CHARS_MAX = 8_192
_LINK = re.compile(r"<([^<>]*)>((?:[^<>\",]|\"[^\"]*\")*)")
_PARAMETER = re.compile(r';\s*([a-z]+)\s*=\s*(?:"([^"]*)"|([^\s;,"]+))', re.IGNORECASE)
_SECONDS = re.compile(r"[0-9]+")
_SECONDS_DIGITS_MAX = 10
SAID = ("tdm-reservation", "tdm-policy", "content-usage", "x-robots-tag")
"""Fields that speak to machines of rights."""
SAID_MAX = 4
"""Fields of one name that are kept."""
SAID_CHARS_MAX = 1_000
_MEDIA = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
NEUTRAL = frozenset(
    {"accept", "accept-language", "content-type", "content-language", "if-none-match", "if-modified-since"}
)
"""Fields, in lower case, that tell nothing about who asks: they go along to another origin."""
_RESERVED = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "te", "trailer", "upgrade"}
    | {"keep-alive", "expect", "proxy-authorization", "proxy-connection"}
)


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long the publisher asks us to stay away, 0 to 7 days; None: it does not, or nobody can tell.

    Source: RFC 9110, 10.2.3. A date counts from the answer's own Date where it has one, so that neither clock need
    be right.
    """
    value = headers.get("Retry-After")
    if value is None:
        return None
    seconds = _seconds(value)
    return _bounded(seconds if seconds is not None else _until(value, headers, now))


def max_age(headers: CIMultiDictProxy[str] | Headers, now: datetime) -> timedelta | None:
    """For how long the answer stays fresh, 0 to 7 days; None: it does not say.

    Source: RFC 9111, 4.2.1. `no-store` and `no-cache` ask for no interval, so they say nothing here.
    """
    control = _joined(headers, "Cache-Control")
    if control is not None:
        asked, fresh = _controlled(control)
        if not asked:
            return None
        if fresh is not None:
            age = headers.get("Age")
            return _bounded(fresh if age is None else fresh - (_seconds(age) or timedelta()))
    expires = headers.get("Expires")
    return _bounded(_until(expires, headers, now)) if expires is not None else None


def _joined(headers: CIMultiDictProxy[str] | Headers, name: str) -> str | None:
    """A list field's value: several lines of it mean the same as one with commas (RFC 9110, 5.3)."""
    if isinstance(headers, Headers):
        return headers.get(name)
    lines = headers.getall(name, ())
    return lines[0] if len(lines) == 1 else ", ".join(lines) if lines else None


@lru_cache(maxsize=1_024)
def _controlled(control: str) -> tuple[bool, timedelta | None]:
    """(whether Cache-Control lets an answer be kept at all, its max-age). Servers send few different ones."""
    lowered = control.lower()
    if "no-cache" in lowered or "no-store" in lowered:
        return False, None
    found = _MAX_AGE.search(control)
    return True, None if found is None else timedelta(seconds=int(found[1]))


RAW = 0x10FF00
"""A byte of a validator that is no UTF-8 is kept as this character and the byte: text that a database takes, of a
private plane that no server writes. `exact` sends it as the byte that it was."""
_BYTE = re.compile("[\udc80-\udcff]")
_RAW_CHARACTER = re.compile("[\U0010ff80-\U0010ffff]")


def _storable(value: str | None) -> str | None:
    """A field's value with its bytes that are no UTF-8, which aiohttp gives as lone surrogates, as characters."""
    if value is None or value.isascii() or not _BYTE.search(value):
        return value
    if _RAW_CHARACTER.search(value):
        return ""  # which of them was which could not be told
    return _BYTE.sub(lambda match: chr(RAW + ord(match[0]) - 0xDC00), value)


def bytes_of(value: str) -> bytes:
    """The value as it came over the line."""
    if value.isascii():
        return value.encode("ascii")
    parts = (bytes([ord(char) - RAW]) if ord(char) >= RAW + 0x80 else char.encode() for char in value)
    return b"".join(parts)


def has_raw(value: str) -> bool:
    """Whether it holds bytes that are no UTF-8."""
    return not value.isascii() and _RAW_CHARACTER.search(value) is not None


def validators(headers: Mapping[str, str], old: Validators = _NONE) -> Validators:
    """What to send at the next request, byte for byte; where the answer names none, the old ones.

    One that cannot be echoed is dropped: with control characters, or longer than 8 KB.
    """
    etag, modified = _storable(headers.get("ETag")), _storable(headers.get("Last-Modified"))
    if (etag is None or etag == old.etag) and (modified is None or modified == old.last_modified):
        return old
    return Validators(
        etag=old.etag if etag is None else _clean(etag),
        last_modified=old.last_modified if modified is None else _clean(modified),
    )


def conditions(known: Validators) -> dict[str, str]:
    """The request's fields for what is known. A hostile value, however it came to be stored, is not sent."""
    fields = {}
    if known.etag is not None and _clean(known.etag):
        fields["If-None-Match"] = known.etag
    if known.last_modified is not None and _clean(known.last_modified):
        fields["If-Modified-Since"] = known.last_modified
    return fields


def is_feed_delta(headers: CIMultiDictProxy[str]) -> bool:
    """Whether a 226 holds what the `feed` manipulation makes of a document, and nothing else was done to it."""
    return [token.strip().lower() for token in (_joined(headers, "IM") or "").split(",")] == ["feed"]


def sendable(fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The fields of a request, if they can be sent as they stand.

    Raises:
        Failure: a name or a value cannot be; it names the field, never the value.
    """
    found: dict[str, str] = {}
    for name, value in fields:
        if not _NAME.fullmatch(name) or not value.isprintable():
            raise Failure(FailureKind.PROTOCOL, f"header '{name}' cannot be sent as it stands")
        if name.lower() in _RESERVED:
            raise Failure(FailureKind.PROTOCOL, f"header '{name}' is set by the program")
        found[name] = value
    return found


def licences(fields: Iterable[str], base: str) -> tuple[str, ...]:
    """Addresses of RSL documents that `Link` fields name: absolute http(s), each once, three at most.

    Source: RFC 8288, 3; RSL 1.0: `<…>; rel="license"; type="application/rsl+xml"`.
    """
    found: dict[str, None] = {}
    for target, written in _LINK.findall(", ".join(fields)[:_LINK_CHARS_MAX]):
        parameters = {name.lower(): (quoted or bare).lower() for name, quoted, bare in _PARAMETER.findall(written)}
        if "license" not in parameters.get("rel", "").split() or parameters.get("type") != RSL_TYPE:
            continue
        try:
            address = urljoin(base, target.strip())
        except ValueError:
            continue
        if address.startswith(("http://", "https://")) and (_clean(address) or "") == address:
            found[address] = None
    return tuple(found)[:LICENCES_MAX]


def links(fields: Iterable[str], base: str) -> tuple[Link, ...]:
    """What `Link` fields name, one value for each relation: absolute http(s) addresses, relations and types in lower
    case; a link about another resource than the answer (`anchor`) is left out.

    Source: RFC 8288, 3.
    """
    found: list[Link] = []
    for target, written in _LINK.findall(", ".join(fields)[:_LINK_CHARS_MAX]):
        parameters: dict[str, str] = {}
        for name, quoted, bare in _PARAMETER.findall(written):
            parameters.setdefault(name.lower(), quoted or bare)  # the first one counts (RFC 8288, 3.3)
        try:
            address = urljoin(base, target.strip())
        except ValueError:
            continue
        if "anchor" in parameters or not address.startswith(("http://", "https://")) or _clean(address) != address:
            continue
        type_ = parameters.get("type", "").partition(";")[0].strip().lower() or None
        title = parameters.get("title") or None
        found += [
            Link(rel=rel, href=address, type=type_, title=title) for rel in parameters.get("rel", "").lower().split()
        ]
    return tuple(found)


def said(headers: MultiMapping[str], base: str) -> tuple[tuple[str, str], ...]:
    """What an answer's fields say of rights, as (name in lower case, value): bounded in number and length.

    A `Link` is one value for each licence that it names, with an absolute address; RSL documents are for `licences`.
    Source: TDMRep, 6.2; draft-ietf-aipref-attach; RFC 8288 and RFC 4946, 2.
    """
    found: dict[tuple[str, str], None] = {}
    for name in SAID:
        for value in headers.getall(name, ())[:SAID_MAX]:
            line = " ".join("".join(char if char.isprintable() else " " for char in value).split())
            if line:
                found[name, _completed(line, base) if name == "tdm-policy" else line[:SAID_CHARS_MAX]] = None
    named = [link for link in links(headers.getall("Link", ()), base) if link.rel == "license"]
    for link in [link for link in named if link.type != RSL_TYPE][:SAID_MAX]:
        kind = f'; type="{link.type}"' if link.type and _MEDIA.fullmatch(link.type) else ""
        found["link", f'<{link.href[:SAID_CHARS_MAX]}>; rel="license"{kind}'] = None
    return tuple(found)


def _completed(address: str, base: str) -> str:
    """An address, absolute where it can be; one that cannot be is left as it is, for whoever reads it to refuse."""
    try:
        return urljoin(base, address)[:SAID_CHARS_MAX]
    except ValueError:
        return address[:SAID_CHARS_MAX]


def related(fields: Iterable[str], rel: str, base: str) -> tuple[str, ...]:
    """Addresses that `Link` fields name in a relation: absolute http(s), each once, three at most.

    Source: RFC 8288, 3; WebSub, 4 (`rel=hub`, `rel=self`).
    """
    found: dict[str, None] = {}
    for target, written in _LINK.findall(", ".join(fields)[:_LINK_CHARS_MAX]):
        parameters = {name.lower(): (quoted or bare).lower() for name, quoted, bare in _PARAMETER.findall(written)}
        if rel not in parameters.get("rel", "").split():
            continue
        try:
            address = urljoin(base, target.strip())
        except ValueError:
            continue
        if address.startswith(("http://", "https://")) and (_clean(address) or "") == address:
            found[address] = None
    return tuple(found)[:LICENCES_MAX]


def _clean(value: str) -> str | None:
    if not value or len(value) > _VALIDATOR_CHARS_MAX:
        return None
    if value.isascii():
        return value if value.isprintable() else None
    # C1 controls are controls too.
    return (
        None
        if any(ord(char) < 32 or 127 <= ord(char) < 160 or 0xD800 <= ord(char) < 0xE000 for char in value)
        else value
    )


def _seconds(value: str) -> timedelta | None:
    """Any number of digits is a number (RFC 9110, 10.2.3); one too long to count is as good as for ever."""
    digits = value.strip()
    if not _SECONDS.fullmatch(digits):
        return None
    digits = digits.lstrip("0") or "0"
    return timedelta(seconds=int(digits)) if len(digits) <= _SECONDS_DIGITS_MAX else timedelta.max


def _until(value: str, headers: Mapping[str, str], now: datetime) -> timedelta | None:
    instant = _date(value)
    return None if instant is None else instant - (_date(headers.get("Date", "")) or now)


def _date(value: str) -> datetime | None:
    try:
        instant = parsedate_to_datetime(value)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _bounded(wait: timedelta | None) -> timedelta | None:
    return None if wait is None else min(max(wait, timedelta()), WAIT_MAX)
