"""Mail: a letter as a message, handed to the operator's relay or kept as a file."""

from __future__ import annotations

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiosmtplib

from aggregator.errors import MailBusyError, MailError

if TYPE_CHECKING:
    from datetime import datetime

SECONDS_MAX = 30.0
"""What handing over one message may take."""
GREETING_SECONDS = 10.0
SUBJECT_MAX = 200
_BREAKS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


def message(*, sender: str, sender_name: str, to: str, subject: str, body: str, at: datetime, id_: str) -> EmailMessage:
    """A letter as a message.

    Args:
        id_: ours; part of the Message-ID, so that an answer can be told.
    Raises:
        MailError: an address is none. Whatever a feed put into title or name cannot add a header (P16).
    """
    letter = EmailMessage()
    letter["From"] = _address(sender, sender_name)
    letter["To"] = _address(to, "")
    letter["Subject"] = one_line(subject)[:SUBJECT_MAX]
    letter["Date"] = format_datetime(at)
    letter["Message-ID"] = make_msgid(idstring=id_, domain=sender.rpartition("@")[2])
    letter.set_content(body, cte="quoted-printable")
    return letter


def one_line(text: str) -> str:
    """The text without anything that could end a header."""
    return " ".join(_BREAKS.sub(" ", text).split())


def _address(mailbox: str, name: str) -> Address:
    local, at, domain = mailbox.strip().rpartition("@")
    try:
        if not (local and at and domain) or any(character in local for character in "@, ;<>"):
            raise ValueError("it is not one mailbox")
        return Address(one_line(name), username=local, domain=domain)
    except (ValueError, IndexError) as error:
        raise MailError(
            "'%(mailbox)s' is not a mail address; write one such as desk@example.org", mailbox=one_line(mailbox)[:100]
        ) from error


async def greet(relay: str) -> str:
    """Greets the operator's relay and sends nothing.

    Returns:
        What it is and whether the way to it is encrypted, one line.
    Raises:
        MailError: it cannot be reached or does not speak SMTP.
    """
    url = urlsplit(relay)
    tls = url.scheme == "smtps"
    port = url.port or (465 if tls else 25)
    client = aiosmtplib.SMTP(hostname=url.hostname, port=port, use_tls=tls, timeout=GREETING_SECONDS)
    try:
        async with client:
            await client.ehlo()
            secure = tls or (client.is_connected and client.get_transport_info("sslcontext") is not None)
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        raise MailError(
            "the mail server '%(hostname)s:%(port)s' does not answer: %(error)s; "
            "check mail.smtp in aggregator.yaml, and whether this machine may reach that port",
            hostname=url.hostname,
            port=port,
            error=re.sub(r"\[Errno -?\d+\] ", "", one_line(str(error)))[:200],
        ) from error
    return f"'{url.hostname}:{port}' answers{', encrypted' if secure else ', not encrypted'}"


def _is_passing(error: Exception) -> bool:
    """Whether the server may take the same message later (RFC 5321, 4.2.1: 4yz is for now, 5yz for good)."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return any(_is_passing(one) for one in error.recipients)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return 400 <= error.code < 500
    return True


async def send(letter: EmailMessage, relay: str) -> None:
    """Hands a message to the operator's relay.

    Args:
        relay: `smtp://HOST[:PORT]` (STARTTLS where it is offered) or `smtps://HOST[:PORT]`.
    Raises:
        MailError: it was not taken; `passing`: it may be handed over again later.
    """
    url = urlsplit(relay)
    tls = url.scheme == "smtps"
    try:
        await aiosmtplib.send(
            letter,
            hostname=url.hostname,
            port=url.port or (465 if tls else 25),
            use_tls=tls,
            timeout=SECONDS_MAX,
        )
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        raise (MailBusyError if _is_passing(error) else MailError)(
            f"the mail server '{url.hostname}' did not take the letter: {one_line(str(error))[:200]}; "
            "check mail.smtp in aggregator.yaml, or save the letter as a file and send it yourself"
        ) from error
