"""Letters to publishers: drafted, sent once, reminded of, answered; and the permissions that answers lead to."""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from aggregator.errors import MailBusyError, MailError, UsageError, Word
from aggregator.model.desk import Case, FlagState, Letter, LetterState
from aggregator.model.policy import Grant
from aggregator.model.use import Form
from aggregator.publishing.mail import one_line
from aggregator.service.credit_offer import offered_credits
from aggregator.service.desk import bounded, few, policy_of
from aggregator.service.grants import described
from aggregator.service.hand_over import hand_over
from aggregator.service.post import Mail, as_message, outgoing, reminding
from aggregator.service.refusals import refuse_flags
from aggregator.store import cases, mailing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from email.message import EmailMessage

    from aggregator.config.settings import Settings
    from aggregator.model.entry import StoredEntry
    from aggregator.model.output import Output
    from aggregator.publishing.credit import Templates
    from aggregator.service.world import World
    from aggregator.store import Store

ANSWER_DAYS = 14
"""Until when an answer is asked for, if nobody says otherwise."""
ENTRIES_MAX = 20
"""Articles that one letter lists."""


async def draft(
    flags: Sequence[str],
    language: str,
    by: str,
    world: World,
    store: Store,
    templates: Templates,
    now: datetime,
    *,
    signed: str | None = None,
) -> Letter:
    """Begins a letter that asks a publisher about flags: a draft from the template of that language, to be edited.

    Args:
        signed: whose name stands below it; None: that of who writes it; empty: the site's alone.
    Raises:
        UsageError: there is no such flag, they are for different publishers, or there is no template.
        TemplateError: the template cannot be rendered.
    """
    found = await store.read(cases.read_cases, list(dict.fromkeys(few(flags))))
    if not found:
        raise UsageError(
            "there is no flag '%(flag)s'", command="'aggregator flags list' shows those that there are", flag=flags[0]
        )
    publishers = {case.flag.publisher for case in found}
    if len(publishers) > 1:
        raise UsageError("one letter goes to one publisher; these flags name %(count)s", count=len(publishers))
    if language not in languages(templates):
        raise UsageError(
            "there is no letter in '%(language)s'; there is: %(known)s",
            language=language,
            known=", ".join(languages(templates)),
        )
    first = found[0].flag
    answer_by = now.date() + timedelta(days=ANSWER_DAYS)
    text = templates.render(
        [f"letters/{language}/permission.txt"],
        **await _values(found, by if signed is None else signed, answer_by, world, store, templates, now),
    )
    subject, body = _subject_and_body(text)
    letter = Letter(
        id=f"l-{secrets.token_hex(4)}",
        flags=tuple(case.flag.id for case in found),
        publisher=first.publisher,
        to=first.contact if first.contact and "@" in first.contact else "",
        subject=subject,
        body=body,
        language=language,
        drafted_at=now,
        by=by,
        answer_by=answer_by,
    )
    await store.write(cases.save_letter, letter)
    return letter


LANGUAGES = ("en", "de", "fr", "es")


def languages(templates: Templates) -> tuple[str, ...]:
    """In which languages there are letters: ours, where the operator's folder has not taken one away."""
    return tuple(language for language in LANGUAGES if templates.has(f"letters/{language}/permission.txt"))


def language_for(entry: StoredEntry | None, templates: Templates) -> str:
    """The language in which a publisher is best written to: the entry's, where there is a letter in it."""
    asked = (entry.entry.language or "").partition("-")[0].lower() if entry else ""
    return asked if asked in languages(templates) else "en"


def _subject_and_body(text: str) -> tuple[str, str]:
    head, _, body = text.partition("\n")
    if head.startswith("Subject:"):
        return one_line(head.removeprefix("Subject:")), body.strip() + "\n"
    return "Permission to republish", text.strip() + "\n"


async def _values(
    found: Sequence[Case], signed: str, answer_by: date, world: World, store: Store, templates: Templates, now: datetime
) -> dict[str, object]:
    """All that a letter may speak of. `credit` is that of the first article; each has its own beside its title."""
    settings = world.configuration.settings
    articles = await _articles(found, store)
    outputs = sorted({output for case in found for output in case.flag.outputs if output in world.outputs})
    policy = policy_of(found[0].flag.publisher, world)
    terms = policy.terms.url if policy and policy.terms else None
    publisher = found[0].flag.publisher
    asked = _grants_about(publisher, found, "", world)[0]
    credits_ = await offered_credits(articles, asked, publisher, world, store, templates, now)
    return {
        "site": settings.site,
        "publisher": publisher,
        "entries": [_article(one, credits_[one.key]) for one in articles],
        "uses": [_use(world.outputs[output], settings) for output in outputs],
        "credit": credits_[articles[0].key],
        "reason": terms or "",
        "answer_by": answer_by.isoformat(),
        "signed": signed,
    }


async def _articles(found: Sequence[Case], store: Store) -> list[StoredEntry]:
    """The articles that the flags are about; for a whole source, its newest."""
    keys = [case.flag.entry for case in found if case.flag.entry][:ENTRIES_MAX]
    stored = await store.entries_by_key(keys) if keys else {}
    articles = [stored[key] for key in keys if key in stored]
    if not articles:
        articles = await store.list_entries(source=found[0].flag.source, limit=3)
    if not articles:
        raise UsageError("nothing is stored any more of what this flag is about, so there is nothing to ask for")
    return articles


def _article(stored: StoredEntry, credit: str) -> dict[str, object]:
    entry = stored.entry
    return {
        "title": one_line(entry.title),
        "url": entry.url or "",
        "authors": [one_line(name) for name in entry.author_names],
        "day": stored.ordered_at.date().isoformat(),
        "credit": credit,
    }


def _use(output: Output, settings: Settings) -> dict[str, object]:
    use = output.use
    return {
        "title": output.title,
        "url": f"{settings.server.public_url.rstrip('/')}/feeds/{output.id}.{output.formats[0]}",
        "form": use.form.value,
        "medium": use.medium.value,
        "audience": use.audience.value,
        "ads": use.ads.value,
        "paywall": use.paywall,
        "sold": use.sold,
    }


async def edit_letter(id_: str, *, to: str, subject: str, body: str, answer_by: date | None, store: Store) -> Letter:
    """Changes a draft.

    Raises:
        UsageError: there is no such letter, or it was sent.
    """
    letter = await store.read(cases.read_letter, id_)
    if letter.state is not LetterState.DRAFT:
        raise UsageError("letter '%(id)s' was sent; what was sent cannot be changed", id=id_)
    changed = replace(
        letter, to=one_line(to), subject=one_line(subject), body=bounded(body, "letter") + "\n", answer_by=answer_by
    )
    await store.write(cases.save_letter, changed)
    return changed


def as_mail(letter: Letter, settings: Settings, at: datetime) -> EmailMessage:
    """The letter as a message that any mail program opens (`.eml`).

    Raises:
        MailError: sender or addressee is no mail address.
    """
    return as_message(Mail(to=letter.to, subject=letter.subject, body=letter.body), letter.id, settings, at)


async def send_letter(id_: str, how: str, by: str, settings: Settings, store: Store, now: datetime) -> Letter:
    """Sends a letter, or notes that a person did; its flags wait for the answer from now on.

    Args:
        how: `smtp` (by the configured relay), `eml` (saved as a file) or `hand`. Where the relay cannot be reached, the
            letter waits in the outbox of the service for up to a day; where nobody takes it, it is a draft again.
    Raises:
        UsageError: there is no such letter, it was sent, or no relay is configured.
        MailError: the relay refused it for good; nothing is noted then.
    """
    letter = await store.read(cases.read_letter, id_)
    if letter.state is not LetterState.DRAFT:
        raise UsageError(
            "letter '%(id)s' was sent before, at %(sent_at)s UTC", id=id_, sent_at=f"{letter.sent_at:%Y-%m-%d %H:%M}"
        )
    sent = replace(letter, sent_at=now, sent_how=how)
    if how not in ("smtp", "eml", "hand"):
        raise UsageError("say how the letter goes: smtp, eml or hand")
    if how == "smtp" and await _hand_over(letter, letter, sent=False, settings=settings, store=store, now=now):
        mail = Mail(to=letter.to, subject=letter.subject, body=letter.body, letter=letter.id)
        await store.write(mailing.queue_letter, sent, outgoing(mail, letter.id, now), by, now)
        return sent
    await store.write(cases.note_letter, sent, "sent", by, now, how=how, to=sent.to)
    changes = {"state": FlagState.REQUESTED.value, "due_on": sent.answer_by.isoformat() if sent.answer_by else None}
    await store.write(cases.change, sent.flags, changes, by, now)
    return sent


async def _hand_over(
    letter: Letter, text: Letter, *, sent: bool, settings: Settings, store: Store, now: datetime
) -> bool:
    """Gives a letter to the relay, once, whoever presses how many buttons.

    Args:
        text: as it goes out.
        sent: whether it was sent before, and this is its reminder.
    Returns:
        Whether the relay is busy, so that it must wait; the letter stays kept for the caller then, who notes it.
    Raises:
        UsageError: no relay is configured, or somebody else sends it at this moment.
        MailError: the relay did not take it.
    """
    relay, mail = relay_of(settings), as_mail(text, settings, now)
    if not await store.write(cases.claim_letter, letter.id, sent=sent, now=now):
        raise UsageError("letter '%(id)s' is being sent at this moment; look again in a while", id=letter.id)
    try:
        await hand_over(mail, relay)
    except MailBusyError:
        if not sent:
            return True
        await store.write(cases.let_go_of_letter, letter.id)
        raise
    except MailError:
        await store.write(cases.let_go_of_letter, letter.id)
        raise
    return False


def relay_of(settings: Settings) -> str:
    """Where mail is handed over.

    Raises:
        UsageError: nowhere.
    """
    if settings.mail.smtp is None:
        raise UsageError("no mail server is configured; save the letter as a file, or copy it")
    return settings.mail.smtp


async def remind(id_: str, how: str, by: str, settings: Settings, store: Store, now: datetime) -> Letter:
    """Sends a letter once more, as a reminder, or notes that a person did.

    Raises:
        UsageError: there is no such letter, or it does not wait for an answer.
        MailError: the relay did not take it; nothing is noted then.
    """
    letter = await store.read(cases.read_letter, id_)
    if letter.state is not LetterState.SENT:
        raise UsageError("letter '%(id)s' does not wait for an answer", id=id_)
    if how == "smtp":
        again = replace(letter, subject=reminding(letter))
        await _hand_over(letter, again, sent=True, settings=settings, store=store, now=now)
    reminded = replace(letter, reminded_at=now)
    await store.write(cases.note_letter, reminded, "reminded", by, now, how=how)
    return reminded


async def record_answer(
    id_: str,
    outcome: str,
    text: str,
    file: tuple[str, bytes] | None,
    by: str,
    store: Store,
    now: datetime,
    world: World | None = None,
) -> Letter:
    """Keeps what a publisher answered, and where the flags stand then.

    Args:
        outcome: `granted`, `refused` or `other` (nothing is settled by it).
        file: name and bytes of the answer as a file; it is kept, and its name and digest stand in the ledger.
        world: with it, `refused` records the refusals that keep the matter out, with the answer as evidence.
    Raises:
        UsageError: there is no such letter, it was never sent, it was answered before with a yes or a no, or there is
            neither text nor file.
    """
    letter = await store.read(cases.read_letter, id_)
    if letter.state is LetterState.DRAFT:
        raise UsageError("letter '%(id)s' was not sent yet", id=id_)
    if letter.outcome in ("granted", "refused"):
        raise _answered(letter)
    if outcome not in ("granted", "refused", "other"):
        raise UsageError("say what the answer is: granted, refused or other")
    told = bounded(text, "answer")
    named = described(file)
    if not told and not named:
        raise UsageError("what did they answer? Paste the words, or give the letter as a file: it is the evidence")
    # What was said before, and settled nothing, stays: it may be what the new answer is about.
    words = "\n\n".join(filter(None, (letter.answer, told)))
    answered = replace(letter, answered_at=now, answer=words, answer_file=named, outcome=outcome)
    kept = (_file_name(file[0]), file[1]) if file else None
    if not await store.write(cases.note_answer, answered, kept, by, now, file=named):
        raise _answered(await store.read(cases.read_letter, id_))
    if outcome == "refused" and world is not None:
        evidence = f"Answer to letter {id_}: {' '.join(filter(None, (told, named)))}"
        await refuse_flags(answered.flags, evidence, by, world, store, now)
    if outcome != "other":
        await store.write(cases.change, answered.flags, {"state": outcome}, by, now)
    return answered


def _answered(letter: Letter) -> UsageError:
    return UsageError(
        "the answer to letter '%(id)s' is recorded already: %(outcome)s", id=letter.id, outcome=Word(letter.outcome)
    )


def _file_name(name: str) -> str:
    """The name of a file, without the folders that some browsers tell, and in no other way surprising."""
    plain = re.sub(r'[<>:"|?*\x00-\x1f\x7f]', "_", re.split(r"[\\/]", one_line(name))[-1])
    return plain.strip(". ")[:200] or "answer"


async def proposed_grants(letter: Letter, world: World, store: Store) -> tuple[Grant, ...]:
    """The grants that an answered letter gives reason for, to be looked at and changed before they are recorded: one
    for each entry that it asked about, and nothing beside them."""
    found = await store.read(cases.read_cases, list(letter.flags))
    said = " ".join(filter(None, (letter.answer, letter.answer_file)))
    return _grants_about(letter.publisher, found, f"Answer to letter {letter.id}: {said}", world)


def grant_for(case: Case, world: World) -> Grant:
    """The grant that would settle one flag: its publisher, its entry, the outputs that wait."""
    return _grants_about(case.flag.publisher, [case], "", world)[0]


def _grants_about(publisher: str, found: Sequence[Case], evidence: str, world: World) -> tuple[Grant, ...]:
    policy = policy_of(publisher, world)
    keys = list(dict.fromkeys(case.flag.entry for case in found if case.flag.entry))
    outputs = tuple(sorted({output for case in found for output in case.flag.outputs}))
    forms = {world.outputs[output].use.form for output in outputs if output in world.outputs}
    grant = Grant(
        id="",
        policy=policy.id if policy else None,
        publisher=None if policy else publisher,
        source=found[0].flag.source or None if found and not keys else None,
        outputs=outputs,
        forms=frozenset(forms or {Form.FULL}),
        evidence=evidence,
    )
    return tuple(replace(grant, entry=key) for key in keys) or (grant,)
