"""The post office: mails wait in the outbox until the operator's relay has taken them; reminders and digests by the
clock."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from aggregator.errors import MailError, TemplateError
from aggregator.model.hub import Outgoing, OutgoingKind
from aggregator.publishing.mail import message, one_line
from aggregator.publishing.phrasebook import PhraseBook
from aggregator.service.hand_over import hand_over
from aggregator.service.ledger_proof import read_head
from aggregator.store import cases, mailing
from aggregator.store.cases import Filter

if TYPE_CHECKING:
    from datetime import datetime
    from email.message import EmailMessage
    from pathlib import Path

    from aggregator.config.settings import Settings
    from aggregator.model.desk import Letter
    from aggregator.publishing.credit import Templates
    from aggregator.service.house import House
    from aggregator.store.mailing import Addressee

log = structlog.get_logger(__name__)

PERIODS = {"daily": timedelta(hours=22), "weekly": timedelta(days=6, hours=22)}
"""Least time between two digests: a little less than their name says, so that they do not wander through the day."""
MORNING = 6
"""Hour, UTC, from which on digests are made."""
SOON = timedelta(days=3)
SHOWN_MAX = 25
"""Flags that a digest lists; the rest is counted."""
REMINDER_DAYS = 14
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail that waits: all that is needed to write it once more at each try."""

    to: str
    subject: str
    body: str
    letter: str | None = None
    """The letter that it is; None: it is none. Its text is in its own row, so that it is not kept twice."""


def outgoing(mail: Mail, id_: str, now: datetime) -> Outgoing:
    """A mail for the outbox; of two with one id the newer waits."""
    return Outgoing(
        id=f"mail:{id_}",
        kind=OutgoingKind.MAIL,
        target=mail.to.rpartition("@")[2].lower(),
        facts=_encode(mail).decode(),
        created_at=now,
        next_at=now,
    )


def read_mail(one: Outgoing) -> Mail:
    """What waits."""
    return msgspec.json.decode(one.facts, type=Mail)


def write_mail(
    which: str, to: str, language: str | None, settings: Settings, templates: Templates, **values: Any
) -> Mail:
    """A mail from its template: in the reader's language, else in that of `mail.language`, else in English.

    Args:
        which: name of the template under `letters/LANGUAGE/`.
        language: that the reader has chosen; None: none.
        values: for the template, beside `site`.
    Raises:
        TemplateError: it cannot be read or rendered.
    """
    tags = [tag for one in (language, settings.mail.language, "en") if one for tag in (one, one.partition("-")[0])]
    found = [f"letters/{tag}/{which}.txt" for tag in dict.fromkeys(tags)]
    there = [name for name in found if templates.has(name)] or found[-1:]
    text = templates.render(there[:1], site=settings.site, **values)
    head, _, body = text.partition("\n")
    return Mail(to=to, subject=one_line(head.removeprefix("Subject:")), body=body.strip() + "\n")


def as_message(mail: Mail, id_: str, settings: Settings, at: datetime) -> EmailMessage:
    """A mail of ours, ready for the relay.

    Raises:
        MailError: sender or addressee is no mail address.
    """
    return message(
        sender=settings.mail.from_ or settings.site.email or "",
        sender_name=settings.site.name,
        to=mail.to,
        subject=mail.subject,
        body=mail.body,
        at=at,
        id_=id_,
    )


def can_mail(settings: Settings) -> bool:
    """Whether mail can be sent at all."""
    return settings.mail.smtp is not None and bool(settings.mail.from_ or settings.site.email)


async def tend(house: House, templates: Templates) -> None:
    """Does what the clock asks for: reminders of letters, digests of flags. May run in two processes at once."""
    now = house.clock()
    await remind_late(house, now)
    await send_digests(house, templates, now)


REMINDERS = {"de": "Erinnerung", "en": "Reminder", "es": "Recordatorio", "fr": "Rappel"}


def reminding(letter: Letter) -> str:
    """The subject of a letter that goes once more, in its language."""
    return one_line(f"{REMINDERS.get(letter.language, REMINDERS['en'])}: {letter.subject}")


async def remind_late(house: House, now: datetime) -> list[str]:
    """Reminds of each letter whose day has passed, once, as configured. Gives their ids."""
    settings = house.world.configuration.settings
    how = settings.mail.reminders
    if how == "off":
        return []
    done = []
    for letter in await house.store.read(mailing.overdue_letters, now.date()):
        reminder: Letter | Outgoing
        subject = reminding(letter)
        if how == "send" and can_mail(settings) and letter.to:
            mail = Mail(to=letter.to, subject=subject, body=letter.body)
            reminder = outgoing(mail, f"{letter.id}:reminder", now)
        else:
            reminder = replace(
                letter,
                id=f"l-{secrets.token_hex(4)}",
                subject=subject,
                drafted_at=now,
                by="clock",
                answer_by=now.date() + timedelta(days=REMINDER_DAYS),
                sent_at=None,
                sent_how="",
            )
        if await house.store.write(mailing.chase, letter, reminder, now):
            log.info("reminded", letter=letter.id, how="sent" if isinstance(reminder, Outgoing) else "drafted")
            done.append(letter.id)
    return done


async def send_digests(house: House, templates: Templates, now: datetime) -> list[str]:
    """Hands out the digests that are due. Gives the names of the accounts that get one."""
    settings = house.world.configuration.settings
    if now.hour < MORNING or not can_mail(settings):
        return []
    sent = []
    for one in await house.store.read(mailing.addressees):
        period = PERIODS.get(one.digest or settings.mail.digest)
        if period is None or (one.digest_at is not None and now - one.digest_at < period):
            continue
        try:
            mail = await write_digest(one, house, templates, now)
        except TemplateError as error:
            log.error("digest cannot be written", account=one.user.name, error=str(error))
            continue
        made = outgoing(mail, f"digest:{one.user.name}:{now.date()}", now) if mail is not None else None
        if await house.store.write(mailing.send_digest, one.user.name, one.digest_at, made, now) and mail is not None:
            sent.append(one.user.name)
    return sent


async def write_digest(one: Addressee, house: House, templates: Templates, now: datetime) -> Mail | None:
    """The digest of one account; None: nothing waits for anybody.

    Where few flags wait, it lists them, those that are due first; else those that are due and those that came since its
    last one, and how many wait by publisher: nobody reads the same hundred every morning.

    Raises:
        TemplateError: its template cannot be rendered.
    """
    store, today = house.store, now.date()
    counts = await store.read(cases.count_states, today)
    page = await store.read(cases.read_page, Filter(), 1, today, "-opened")
    late = await store.read(cases.read_letters, state="sent")
    letters = [letter for letter in late if letter.answer_by is not None and letter.answer_by < today]
    if not page.total and not letters:
        return None
    book = _phrase_book(templates.folders, one.user.language or house.world.configuration.settings.mail.language)
    due = {id_: (day, whose) for id_, day, whose in await store.read(mailing.due_flags, today, SOON)}
    is_long = page.total > SHOWN_MAX
    since = one.digest_at if is_long else None
    new = [case for case in page.cases if since is None or case.flag.opened_at > since]
    shown = [*await store.read(cases.read_cases, list(due)), *(case for case in new if case.flag.id not in due)]
    publishers = await store.read(cases.count_by_publisher, SHOWN_MAX) if is_long else []
    return write_mail(
        "digest",
        one.user.email or "",
        one.user.language,
        house.world.configuration.settings,
        templates,
        name=one.user.name,
        base=f"{house.public_url()}/admin",
        today=today,
        counts=counts,
        head=await read_head(store),
        total=page.total,
        flags=[
            {
                "title": one_line(case.flag.title or case.flag.source),
                "kind": case.flag.kind,
                "publisher": one_line(case.flag.publisher),
                "reason": book.told(one_line(case.flag.reason))[:300],
                "state": case.state.value,
                "due": due.get(case.flag.id, (None, None))[0],
                "mine": case.assignee == one.user.name,
                "id": case.flag.id,
            }
            for case in shown[:SHOWN_MAX]
        ],
        publishers=[{"name": one_line(name), "count": count} for name, count in publishers],
        letters=[
            {"subject": one_line(letter.subject), "publisher": one_line(letter.publisher), "by": letter.answer_by}
            for letter in letters[:SHOWN_MAX]
        ],
    )


@cache
def _phrase_book(folders: tuple[Path, ...], language: str) -> PhraseBook:
    """Kept, because a catalogue takes longer to read than a digest to write."""
    return PhraseBook(folders, language.partition("-")[0])


async def deliver(one: Outgoing, house: House) -> MailError | None:
    """Hands one mail of the outbox to the relay.

    Returns:
        Why it was not taken; None: it was, or mail is not configured any more.
    """
    settings = house.world.configuration.settings
    if settings.mail.smtp is None:
        return None
    mail, now = read_mail(one), house.clock()
    try:
        letter = as_message(mail, one.id.removeprefix("mail:").replace(":", "-"), settings, now)
        await hand_over(letter, settings.mail.smtp)
    except MailError as error:
        return error
    return None


async def gave_up(one: Outgoing, problem: str, house: House) -> None:
    """Tells that a mail was never taken: a letter becomes a draft again."""
    mail = read_mail(one)
    log.warning("mail given up", to=mail.to.rpartition("@")[2], problem=problem)
    if mail.letter is not None:
        await house.store.write(mailing.bounced, mail.letter, problem, house.clock())
