"""The log: one line an event, for people or for machines, with everything secret taken out on the way.

What our own code logs and what libraries log take the same way. Secrets are taken out of the finished line, whatever
brought them there: a field, a message or a traceback.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING, Any, TextIO, cast

import structlog

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from structlog.typing import Processor

SECRET_KEYS = frozenset(
    {"password", "secret", "token", "cookie", "authorization", "set-cookie", "api_key", "code", "csrf", "link"}
)
"""Fields whose value is never shown."""
GONE = "…"

_NAMES = r"password|passwd|pwd|secret|token|access_token|api_?key|apikey|auth|sig|signature|session|csrf|code"
_PLACES = "s|welcome|password|invite|invitation|websub|confirm|verify|unsubscribe|link"
_RULES = (
    # scheme://user:password@host, of databases, feeds and proxies
    (re.compile(r"(?<=://)[^/\s'\"@<>]{1,512}@"), f"{GONE}@"),
    # the secret part of our own addresses: subscribers, invitations, callbacks
    (re.compile(rf"(?<=/)({_PLACES})/[A-Za-z0-9_~.-]{{16,}}"), rf"\1/{GONE}"),
    # ?token=…&password=…, and the same in forms
    (re.compile(rf"(?i)(?<![\w-])({_NAMES})=[^&\s'\"<>;,)]+"), rf"\1={GONE}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9+/=_.~-]{8,}"), rf"\1 {GONE}"),
    (re.compile(r"\bagg_[A-Za-z0-9_-]{8,}"), f"agg_{GONE}"),
    (
        re.compile(r"(?i)\b((?:set-cookie|cookie|authorization)['\"\\]*\s*[:=]\s*['\"\\]*)[^\n'\"\\]{1,2000}"),
        rf"\1{GONE}",
    ),
)
_SEGMENT = re.compile(r"(?<=/)(?=[A-Za-z0-9_-]*[A-Z])[A-Za-z0-9_-]{24,}(?=/|$)")
"""Part of a path that is made of random letters; ids and digests of ours have no capitals."""


def redact(text: str) -> str:
    """A line without user info in addresses, secrets of our own addresses, tokens, cookies and passwords."""
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text


def loggable(path: str) -> str:
    """The path of a request as it may be logged: without secrets, and not too long."""
    secret = next((start for start in _SECRET_PATHS if path.startswith(start)), None)
    return redact(_SEGMENT.sub(GONE, path if secret is None else f"{secret}…"))[:200]


_SECRET_PATHS = ("/s/", "/subscribe/confirm/", "/subscribe/collect/")
"""What stands behind these is a secret: a subscriber's address, or a link that works once."""


def configure_log(level: str, style: str, *, for_good: bool = False) -> None:
    """Sends the log to stderr: `console` (or `text`) for people, `json` for machines.

    Args:
        for_good: loggers remember it from their first use on, which saves the building of one at each line.
    """
    as_json = style == "json"
    # Never a traceback with local variables: they hold what feeds and secrets hold.
    pretty = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
    renderer: Any = structlog.processors.JSONRenderer() if as_json else pretty
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        *([structlog.processors.format_exc_info] if as_json else []),
        _without_secrets,
    ]
    weight = logging.getLevelName(level.upper())
    structlog.configure(
        processors=[*shared, renderer, _redacted],
        wrapper_class=structlog.make_filtering_bound_logger(weight),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Stderr())),
        cache_logger_on_first_use=for_good,
    )
    _take_over_libraries(weight, shared, renderer)


def _take_over_libraries(weight: int, shared: list[Processor], renderer: Any) -> None:
    """What libraries log is shown likewise, from warnings on."""
    handler = logging.StreamHandler(cast("TextIO", _Stderr()))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer, _redacted],
        )
    )
    handler.set_name("aggregator")
    handler.addFilter(_is_ours_to_tell)
    root = logging.getLogger()
    for old in [one for one in root.handlers if one.get_name() == "aggregator"]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(max(weight, logging.WARNING))
    # A tick that is skipped because the one before still works is ordinary, not a warning.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def _is_ours_to_tell(record: logging.LogRecord) -> bool:
    """False for requests that are no HTTP: whoever sends them is answered 400, and could fill the log."""
    error = record.exc_info[1] if record.exc_info else None
    return not (record.name == "aiohttp.server" and type(error).__module__.startswith("aiohttp.http"))


def _without_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in event.keys() & SECRET_KEYS:
        event[name] = GONE
    return event


def _redacted(_logger: object, _method: str, line: Any) -> str:
    return redact(str(line))


class _Stderr:
    """Standard error as it is when a line is written: loggers live longer than a redirection."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()
