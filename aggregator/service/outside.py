"""What the public forms share: bounds on how often they are sent, and errors that name their field."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aggregator.errors import MailError, UsageError
from aggregator.publishing.mail import message
from aggregator.store import outside

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.store import Store

ADDRESS_MAX = 5
"""Forms that one address may send in an hour."""
ALL_MAX = 100
"""Forms of one kind that all may send in an hour."""
MAILBOX_MAX = 2
"""Mails that one mailbox may be sent in an hour because somebody typed it into a form."""


class FieldsError(UsageError):
    """A form that cannot be taken: what is wrong, by field."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


class TooOftenError(UsageError):
    """Too many forms in an hour, from one address or from all together."""


async def admit(form: str, address: str, store: Store, now: datetime) -> None:
    """Counts a form that was sent.

    Args:
        address: where it comes from; kept as a digest, for an hour.
    Raises:
        TooOftenError: there were too many.
    """
    wanted = [(f"{form}:{_digest(address)}", ADDRESS_MAX), (form, ALL_MAX)]
    if not await store.write(outside.take, wanted, now):
        raise TooOftenError("this form was sent too often just now; please try again in an hour, or write a mail")


async def may_write_to(mailbox: str, store: Store, now: datetime) -> bool:
    """Whether a mailbox that somebody typed may be sent a mail: not many in an hour, whoever asks."""
    return await store.write(outside.take, [(f"mail:{_digest(mailbox.lower())}", MAILBOX_MAX)], now)


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def text_field(
    given: dict[str, str], name: str, most: int, errors: dict[str, str], *, needed: str = "", lines: bool = False
) -> str:
    """A field's text, trimmed; what is wrong with it goes into `errors`.

    Args:
        needed: what to say where it is empty; empty: it may be.
        lines: whether it may have more than one.
    """
    text = given.get(name, "").replace("\r\n", "\n").strip()
    text = "".join(char for char in text if char.isprintable() or (lines and char in "\n\t"))
    if needed and not text:
        errors[name] = needed
    elif len(text) > most:
        errors[name] = f"This is longer than {most} characters; please shorten it."
    return text[:most]


def mailbox_field(given: dict[str, str], errors: dict[str, str], at: datetime) -> str:
    """A mail address."""
    mailbox = text_field(given, "contact", 254, errors, needed="Where can we answer? Please give a mail address.")
    if mailbox and "contact" not in errors:
        try:
            message(sender=mailbox, sender_name="", to=mailbox, subject="", body="", at=at, id_="x")
        except MailError:
            errors["contact"] = "This is not a mail address; please write one such as desk@example.org."
    return mailbox


def site_field(given: dict[str, str], name: str, errors: dict[str, str]) -> str:
    """The address of a site."""
    url = text_field(given, name, 500, errors, needed="Please give the address of your site.")
    if url and name not in errors:
        url = url if "://" in url else f"https://{url}"
        try:
            parts = urlsplit(url)
            good = parts.scheme in ("http", "https") and "." in (parts.hostname or "") and " " not in url
        except ValueError:
            good = False
        if not good:
            errors[name] = "This is not the address of a site; please write one such as https://example.org/."
    return url
