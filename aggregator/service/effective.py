"""The configuration in force, for people: every value, also those nobody wrote; secrets never."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from aggregator.config.words import in_words
from aggregator.errors import MailError
from aggregator.publishing.mail import message
from aggregator.service.hand_over import hand_over
from aggregator.store.address import locate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from aggregator.config.settings import Settings

MASK = "•••"
_SECRETS = frozenset({"secret", "token", "password"})


def effective(settings: Settings) -> list[tuple[str, list[tuple[str, str]]]]:
    """(section, [(name, value)]) in the order of the file; values as a person writes them."""
    top: list[tuple[str, str]] = []
    found = [("", top)]
    for field in fields(settings):
        name, value = _name(field.name), getattr(settings, field.name)
        if field.name == "database":
            top.append((name, locate(value).name))
        elif field.name == "webhooks":
            found.append((name, [(_host(one.url), ", ".join(map(str, one.outputs)) or "all") for one in value]))
        elif is_dataclass(value):
            found.append((name, list(_section(value))))
        else:
            top.append((name, _said(value)))
    return [(section, values) for section, values in found if values]


def _section(value: Any) -> Iterator[tuple[str, str]]:
    for field in fields(value):
        name = _name(field.name)
        said = getattr(value, field.name)
        yield name, MASK if field.name in _SECRETS and said else _said(said)


def _name(name: str) -> str:
    """The key in the file: `from_` is `from` there."""
    return name.rstrip("_")


def _said(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, timedelta):
        return in_words(value)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, (tuple, list, frozenset)):
        return ", ".join(map(_said, value)) or "–"
    if isinstance(value, int):
        return f"{value:,}" if value >= 100_000 else str(value)  # a port is no quantity
    if isinstance(value, Path):
        return str(value)
    return _without_password(str(value))


def _without_password(text: str) -> str:
    """An address without who logs in there."""
    parts = urlsplit(text) if "://" in text and "@" in text else None
    if parts is None or "@" not in parts.netloc:
        return text
    return urlunsplit(parts._replace(netloc=f"{MASK}@{parts.netloc.rpartition('@')[2]}"))


def _host(url: str) -> str:
    """Of a webhook, whose path may be a secret."""
    return urlsplit(url).hostname or MASK


async def send_test_letter(to: str, settings: Settings, now: datetime) -> None:
    """Sends a letter to somebody of the house, to see whether mail works.

    Raises:
        MailError: no server is configured, an address is none, or the server did not take it.
    """
    if settings.mail.smtp is None:
        raise MailError("no mail server is configured; write mail.smtp in aggregator.yaml")
    sender = settings.mail.from_ or settings.site.email
    if not sender:
        raise MailError("nobody sends it; write mail.from or site.email in aggregator.yaml")
    letter = message(
        sender=sender,
        sender_name=settings.site.name,
        to=to,
        subject=f"A test of {settings.site.name}",
        body=f"This letter was sent from the settings of {settings.site.name}. Mail works.\n",
        at=now,
        id_="test",
    )
    await hand_over(letter, settings.mail.smtp)
