"""Why nothing usable came, in words for a person and without secrets."""

from __future__ import annotations

import errno
import os
import re
import socket
import ssl
from datetime import datetime, timedelta

import aiohttp

from aggregator.model.fetched import FailureKind, FetchFailed
from aggregator.polling.guard import AddressRefused

_DETAIL_CHARS_MAX = 300
_NO_LINE = frozenset({errno.ENETUNREACH, errno.ENETDOWN})
_NO_WAY = _NO_LINE | {errno.EHOSTUNREACH}


class Failure(Exception):  # noqa: N818  never leaves the package: it becomes a value
    """Ends a fetch; `Fetcher` turns it into a `FetchFailed`."""

    def __init__(
        self,
        kind: FailureKind,
        detail: str,
        *,
        remedy: str = "",
        status: int | None = None,
        retry_after: timedelta | None = None,
        host: str | None = None,
        unheard: str | None = None,
        is_cut_off: bool = False,
        is_garbled: bool = False,
    ) -> None:
        """
        Args:
            unheard: the host that nothing of what we sent can have come to.
            is_cut_off: whether it did not as much as leave this machine.
            is_garbled: whether something came that is no HTTP.
        """
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.remedy = remedy
        self.status = status
        self.retry_after = retry_after
        self.host = host
        self.unheard = unheard
        self.is_cut_off = is_cut_off
        self.is_garbled = is_garbled
        self.took = timedelta()

    def of(self, source: str, asked_at: datetime) -> FetchFailed:
        return FetchFailed(
            source=source,
            asked_at=asked_at,
            kind=self.kind,
            detail=one_line(f"{self.detail}; {self.remedy}" if self.remedy else self.detail),
            status=self.status,
            retry_after=self.retry_after,
            host=self.host,
            took=self.took,
        )


def one_line(text: str) -> str:
    """The text without line breaks and control characters, at most 300 characters."""
    plain = "".join(char if char.isprintable() else " " for char in text[: 4 * _DETAIL_CHARS_MAX])
    return re.sub(r" {2,}", " ", plain).strip()[:_DETAIL_CHARS_MAX]


def explain(problem: Exception, host: str) -> Failure | None:
    """What an error on the way to a host means; None: it is none that a server or a network can cause."""
    match problem:
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            return _proxy(problem, host)
        case aiohttp.ClientConnectorDNSError():
            return _lookup(problem.os_error, host)
        case aiohttp.ClientConnectorCertificateError():
            return Failure(FailureKind.TLS, f"the certificate of {host} is not valid: {_certificate(problem)}")
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return _no_tls(problem, host)
        case aiohttp.ClientConnectorError():
            return _connect(problem.os_error, host, problem.port)
        case aiohttp.ServerDisconnectedError():
            return Failure(FailureKind.PROTOCOL, f"{host} closed the connection without an answer")
        case aiohttp.ClientPayloadError():
            return Failure(FailureKind.PROTOCOL, "the body was cut short or broken on its way")
        case aiohttp.ClientResponseError():
            return Failure(FailureKind.PROTOCOL, f"{host} did not answer in proper HTTP", is_garbled=True)
        case aiohttp.InvalidURL():
            return Failure(FailureKind.ADDRESS, f"the address of {host} cannot be read")
        case aiohttp.ClientOSError() | ConnectionError():
            return Failure(FailureKind.CONNECT, f"the connection to {host} broke: {_os_reason(problem)}")
        case aiohttp.ClientError() | OSError() | UnicodeError():
            return Failure(FailureKind.PROTOCOL, f"the exchange with {host} failed ({type(problem).__name__})")
    return None


def _lookup(problem: OSError, host: str) -> Failure:
    if isinstance(problem, AddressRefused):
        return _refused(problem, host)
    if isinstance(problem, socket.gaierror) and problem.errno == socket.EAI_AGAIN:
        return Failure(FailureKind.DNS, f"cannot look up {host}: the name server did not answer", unheard=host)
    return Failure(FailureKind.DNS, f"cannot look up {host}: there is no such name")


def _connect(problem: OSError, host: str, port: int | None) -> Failure:
    if isinstance(problem, AddressRefused):
        return _refused(problem, host)
    return Failure(
        FailureKind.CONNECT,
        f"cannot connect to {host}:{port}: {_os_reason(problem)}",
        unheard=host if problem.errno in _NO_WAY else None,
        is_cut_off=problem.errno in _NO_LINE,
    )


def _no_tls(problem: aiohttp.ClientSSLError | ssl.SSLError, host: str) -> Failure:
    if isinstance(problem, aiohttp.ClientSSLError):  # first: some of them are SSLErrors too
        return Failure(FailureKind.TLS, f"no TLS connection to {host}: {_tls(problem.os_error)}")
    return Failure(FailureKind.TLS, f"the TLS connection to {host} broke: {_tls(problem)}")


def _proxy(problem: aiohttp.ClientProxyConnectionError | aiohttp.ClientHttpProxyError, host: str) -> Failure:
    if isinstance(problem, aiohttp.ClientHttpProxyError):
        return Failure(FailureKind.CONNECT, f"the proxy does not lead to {host}: it answered {problem.status}")
    return Failure(FailureKind.CONNECT, f"cannot connect to the proxy: {_os_reason(problem.os_error)}")


def _refused(problem: AddressRefused, host: str) -> Failure:
    name = "" if problem.address in (host, host.strip("[]")) else f" of {host}"
    return Failure(
        FailureKind.ADDRESS,
        f"address {problem.address}{name} is not public ({problem.why})",
        remedy="" if problem.never else "set private_addresses: true for this source to allow it",
    )


def _os_reason(problem: OSError) -> str:
    if problem.errno is None or problem.errno not in errno.errorcode:
        return "no address answered"
    return os.strerror(problem.errno).lower()


def _certificate(problem: aiohttp.ClientConnectorCertificateError) -> str:
    cause = problem.certificate_error
    return cause.verify_message if isinstance(cause, ssl.SSLCertVerificationError) else "it cannot be checked"


def _tls(problem: OSError) -> str:
    reason = getattr(problem, "reason", None)
    return str(reason).lower().replace("_", " ") if reason else "the other side does not speak it"
