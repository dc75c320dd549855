"""Every mail leaves through here: handed to the operator's relay, and counted for monitoring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.errors import MailBusyError, MailError
from aggregator.publishing.mail import send
from aggregator.service.metrics import METRICS

if TYPE_CHECKING:
    from email.message import EmailMessage


async def hand_over(letter: EmailMessage, relay: str) -> None:
    """Hands a message to the relay: `publishing.mail.send`, counted as `sent`, `later` or `refused`.

    Raises:
        MailError: it was not taken; `MailBusyError`: it may be handed over again later.
    """
    try:
        await send(letter, relay)
    except MailError as error:
        METRICS.letters.labels("later" if isinstance(error, MailBusyError) else "refused").inc()
        raise
    METRICS.letters.labels("sent").inc()
