"""What one conditional request brought: three kinds, one value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What the server wants to hear at the next request, byte for byte (RFC 9110, 13.1)."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A usable answer with a body."""

    source: str
    asked_at: datetime
    final_url: str
    """Address of the body after redirects."""
    status: int
    body: bytes
    """Decoded (gzip, deflate, br, zstd)."""
    content_type: str | None
    """As sent, with its charset."""
    content_location: str | None = None
    validators: Validators = Validators()
    permanent_url: str | None = None
    """Target of an unbroken chain of 301/308 from the asked address; None if there was none."""
    retry_after: timedelta | None = None
    max_age: timedelta | None = None
    """What Cache-Control or Expires asks for."""
    licences: tuple[str, ...] = ()
    """Absolute addresses of RSL documents that its `Link` header names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """304: nothing new since the validators that were sent."""

    source: str
    asked_at: datetime
    validators: Validators
    """Those to keep: the ones that were sent, refreshed by the answer's own."""
    permanent_url: str | None = None
    retry_after: timedelta | None = None
    max_age: timedelta | None = None


class FailureKind(StrEnum):
    """Why a fetch brought nothing that can be used."""

    ADDRESS = "address"
    """The guard refused an address, a port or a scheme."""
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    HTTP_STATUS = "http-status"
    TOO_LARGE = "too-large"
    REDIRECTS = "redirects"
    PROTOCOL = "protocol"
    """Malformed HTTP, a broken coding, a 304 that was not asked for."""
    GONE = "gone"
    FILE = "file"
    """A `file:` source that cannot be read."""
    SECRET = "secret"  # noqa: S105  the name of a kind of failure
    """A referenced secret is missing."""
    CONTENT = "content"
    """Answered, but not with a feed: HTML, nothing, garbage."""
    PARSER = "parser"
    """The parser was killed at its time or memory limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFailed:
    """Nothing usable. Ordinary, so a value; nothing that is stored changes but the schedule."""

    source: str
    asked_at: datetime
    kind: FailureKind
    detail: str
    """One line for a person, without secrets: `answered 404`, `address 127.0.0.1 is not global`."""
    status: int | None = None
    retry_after: timedelta | None = None


Outcome = Fetched | NotModified | FetchFailed
