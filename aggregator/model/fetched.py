"""What one request brought: of a poll three kinds, one value; of any other request an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct, structs


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
    is_delta: bool = False
    """226 (RFC 3229, `feed`): only what is new or changed; absence means nothing."""
    permanent_url: str | None = None
    """Target of an unbroken chain of 301/308 from the asked address; None if there was none."""
    retry_after: timedelta | None = None
    max_age: timedelta | None = None
    """What Cache-Control or Expires asks for."""
    licences: tuple[str, ...] = ()
    """Absolute addresses of RSL documents that its `Link` header names."""
    said: tuple[tuple[str, str], ...] | None = None
    """(name in lower case, value) of the header fields that speak of rights: TDMRep, Content-Usage, X-Robots-Tag, and
    `Link: <…>; rel="license"`, one for each link. None: this is no answer of the feed's server (a push, a file)."""
    hubs: tuple[str, ...] = ()
    """Absolute addresses of WebSub hubs that its `Link` header names."""
    selves: tuple[str, ...] = ()
    """What its `Link` header calls `rel=self`."""
    crawl_delay: timedelta | None = None
    """What robots.txt asks for, where the operator has it honoured."""
    took: timedelta = field(default=timedelta(), compare=False)
    """Of the exchange itself, without waiting for a turn."""


class NotModified(Struct, frozen=True, kw_only=True, eq=False):
    """304: nothing new since the validators that were sent. A struct, as `PollState` is one: nearly every poll ends so,
    and to make a dataclass of it would cost a twentieth of its request."""

    source: str
    asked_at: datetime
    validators: Validators
    """Those to keep: the ones that were sent, refreshed by the answer's own."""
    permanent_url: str | None = None
    retry_after: timedelta | None = None
    max_age: timedelta | None = None
    crawl_delay: timedelta | None = None
    took: timedelta = timedelta()

    def __eq__(self, other: object) -> bool:
        """Whether both say the same, however long each took."""
        return isinstance(other, NotModified) and structs.astuple(self)[:-1] == structs.astuple(other)[:-1]

    def __hash__(self) -> int:
        return hash(structs.astuple(self)[:-1])


class FailureKind(StrEnum):
    """Why a fetch brought nothing that can be used."""

    ADDRESS = "address"
    """The guard refused an address, a port or a scheme."""
    DNS = "dns"
    CONNECT = "connect"
    OFFLINE = "offline"
    """Nobody can be reached: the network of this machine is gone."""
    TLS = "tls"
    TIMEOUT = "timeout"
    HTTP_STATUS = "http-status"
    TOO_LARGE = "too-large"
    REDIRECTS = "redirects"
    PROTOCOL = "protocol"
    """Malformed HTTP, a broken coding, a 304 that was not asked for."""
    GONE = "gone"
    ROBOTS = "robots"
    """robots.txt does not allow it, and the operator has it honoured."""
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
    """Id of the source; of a request that is no poll, its purpose."""
    asked_at: datetime
    kind: FailureKind
    detail: str
    """One line for a person, without secrets: `answered 404`, `address 127.0.0.1 is not global`."""
    status: int | None = None
    retry_after: timedelta | None = None
    host: str | None = field(default=None, compare=False)
    """Which one has answered, where one has."""
    took: timedelta = field(default=timedelta(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred:
    """Nothing was asked: the host wants to be left alone until then."""

    source: str
    asked_at: datetime
    host: str
    until: datetime


Outcome = Fetched | NotModified | FetchFailed


class Headers(Mapping[str, str]):
    """Fields of an answer: names in any case; a field that came several times is joined with commas, in its order
    (RFC 9110, 5.3)."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._fields: dict[str, str] = {}
        for name, value in fields:
            low = name.lower()
            self._fields[low] = f"{self._fields[low]}, {value}" if low in self._fields else value

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    def __iter__(self) -> Iterator[str]:
        """Names in lower case, each once."""
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        """Without values: cookies and tokens are among them."""
        return f"Headers({', '.join(self._fields)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request that is no poll of a feed."""

    url: str
    method: str = "GET"
    """GET, HEAD or POST."""
    headers: tuple[tuple[str, str], ...] = ()
    """Sent to the first origin only, but for content negotiation and what describes the body. Host, Content-Length and
    the like are the fetcher's own."""
    body: bytes | None = None
    accept: str | None = None
    """None: anything."""
    timeout: timedelta = timedelta(seconds=30)
    """Total time over all hops."""
    max_size: int = 1_000_000
    """Bytes of the decoded body; 0: the body is of no interest and is not read."""
    private_addresses: bool = False
    """Whether the operator has allowed what is asked here to be on this machine or in a private network."""
    redirects: bool = True
    """False: a redirect is an answer like any other."""
    purpose: str
    """For logs and failures: `discovery`, `hub`, `webhook`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered, whatever the status."""

    url: str
    """After redirects."""
    status: int
    headers: Headers
    body: bytes
    """Decoded (gzip, deflate, br, zstd)."""
    asked_at: datetime
    retry_after: timedelta | None = None
    """How long the server asks us to stay away, 0 to 7 days."""
