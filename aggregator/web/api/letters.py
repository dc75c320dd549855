"""Requests: letters to publishers, and what they answered."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from aggregator.errors import UsageError
from aggregator.model.account import Role
from aggregator.model.desk import Letter
from aggregator.service import letters as use
from aggregator.store import answer_files, cases
from aggregator.web.admin.desk import attachment
from aggregator.web.api.grants import GrantShape
from aggregator.web.api.operation import PREFIX, Call, Operation, Raw, Reply
from aggregator.web.api.paging import Page, Paged, cursor, cut, linked, place
from aggregator.web.api.problem import missing
from aggregator.web.api.shapes import Answer, Asked, Day, Instant, Name, Names, Text, Word

FILE_MAX = 14_000_000
"""Bytes of a body with an answer's file in it: 10 MB, as base64."""


class RequestRow(Answer):
    """A letter to a publisher."""

    id: str
    state: str
    """`draft`, `sent` or `answered`."""
    flags: tuple[str, ...]
    """Ids of those that it asks about."""
    publisher: str
    to: str
    """Mail address; empty: it goes by other ways."""
    subject: str
    language: str
    by: str
    """Who wrote it."""
    drafted_at: Instant
    answer_by: Day | None
    sent_at: Instant | None
    sent_how: str
    """`smtp`, `eml` or `hand`; empty: not sent."""
    reminded_at: Instant | None
    answered_at: Instant | None
    outcome: str
    """`granted`, `refused` or `other`; empty until answered."""


class Request(RequestRow):
    """A letter with its text, and the answer."""

    body: str
    answer: str
    answer_file: str
    """Name, size and SHA-256 of the answer as a file; empty: there is none."""


class RequestPage(Page):
    items: tuple[RequestRow, ...]


class RequestQuery(Paged):
    state: Literal["draft", "sent", "answered", "all"] = "all"
    flag: Word = ""
    """Only those about this flag."""


class RequestAsked(Asked):
    """A letter that is begun from a template, about flags of one publisher."""

    flags: Names = Field(min_length=1)
    language: Literal["en", "de", "fr", "es"] = "en"


class RequestChange(Asked):
    """What is to be another in a draft; what is left out stays."""

    to: Word | None = None
    subject: Word | None = None
    body: Text | None = None
    answer_by: Day | None = None


class Sending(Asked):
    how: Literal["smtp", "eml", "hand"]
    """By the configured relay, or noted as sent by a person: as a file, or copied."""


class AnswerFile(Asked):
    """The answer as a file."""

    name: Name
    content: str = Field(max_length=FILE_MAX, pattern=r"^[A-Za-z0-9+/]*={0,2}$")
    """Base64."""


class AnswerAsked(Asked):
    """What a publisher answered: words, a file, or both. They are the evidence."""

    outcome: Literal["granted", "refused", "other"]
    """What it means for the flags; `other` settles nothing."""
    text: Text = ""
    file: AnswerFile | None = None


async def list_requests(call: Call[RequestQuery, None]) -> Reply:
    query = call.query
    after = place("requests", query.after, datetime, str)
    found = await call.store.read(cases.read_letters_after, query.state, query.flag or None, after, query.limit + 1)
    shown, following = cut(found, query.limit, lambda one: cursor("requests", one.drafted_at, one.id))
    return linked(call, RequestPage(items=tuple(map(RequestRow.model_validate, shown)), next=following))


async def get_request(call: Call[None, None]) -> Request:
    return Request.model_validate(await _letter(call))


async def _letter(call: Call[Any, Any]) -> Letter:
    try:
        return await call.store.read(cases.read_letter, call.named("id"))
    except UsageError as error:
        raise missing(error.worded()) from error


async def draft_request(call: Call[None, RequestAsked]) -> Reply:
    asked = call.body
    letter = await use.draft(asked.flags, asked.language, call.by, call.world, call.store, call.desk.letters, call.now)
    return Reply(answer=Request.model_validate(letter), headers={"Location": f"{PREFIX}/requests/{letter.id}"})


async def change_request(call: Call[None, RequestChange]) -> Request:
    letter, asked = await _letter(call), call.body
    changed = await use.edit_letter(
        letter.id,
        to=letter.to if asked.to is None else asked.to,
        subject=letter.subject if asked.subject is None else asked.subject,
        body=letter.body if asked.body is None else asked.body.replace("\r\n", "\n"),
        answer_by=asked.answer_by if "answer_by" in asked.model_fields_set else letter.answer_by,
        store=call.store,
    )
    return Request.model_validate(changed)


async def drop_request(call: Call[None, None]) -> None:
    letter = await _letter(call)
    if not await call.store.write(cases.drop_draft, letter.id):
        raise UsageError("only a draft can be dropped")


async def send_request(call: Call[None, Sending]) -> Request:
    letter = await _letter(call)
    settings = call.world.configuration.settings
    return Request.model_validate(
        await use.send_letter(letter.id, call.body.how, call.by, settings, call.store, call.now)
    )


async def remind_request(call: Call[None, Sending]) -> Request:
    letter = await _letter(call)
    settings = call.world.configuration.settings
    return Request.model_validate(await use.remind(letter.id, call.body.how, call.by, settings, call.store, call.now))


async def answer_request(call: Call[None, AnswerAsked]) -> Request:
    letter, asked = await _letter(call), call.body
    file = None
    if asked.file is not None:
        try:
            file = (asked.file.name, base64.b64decode(asked.file.content, validate=True))
        except (ValueError, binascii.Error) as error:
            raise UsageError("the file's content is no base64") from error
    answered = await use.record_answer(
        letter.id, asked.outcome, asked.text, file, call.by, call.store, call.now, call.world
    )
    return Request.model_validate(answered)


async def get_request_mail(call: Call[None, None]) -> Raw:
    letter = await _letter(call)
    mail = use.as_mail(letter, call.world.configuration.settings, letter.sent_at or letter.drafted_at)
    return Raw(
        body=mail.as_bytes(),
        media="message/rfc822",
        headers={"Content-Disposition": f'attachment; filename="{letter.id}.eml"'},
    )


class FileShape(Answer):
    """An answer as a file, without its bytes."""

    name: str
    digest: str
    """SHA-256, hex: names the file here, and stands in the ledger."""
    size: int
    """Bytes."""
    kept_at: Instant


class Files(Answer):
    items: tuple[FileShape, ...]


async def list_answer_files(call: Call[None, None]) -> Files:
    found = await call.store.read(answer_files.of_letter, (await _letter(call)).id)
    return Files(items=tuple(map(FileShape.model_validate, found)))


async def get_answer_file(call: Call[None, None]) -> Raw:
    found = await call.store.read(answer_files.body_of, (await _letter(call)).id, call.named("digest"))
    if found is None:
        raise missing("no file of this digest is kept with the letter")
    name, body = found
    told = attachment(name)
    return Raw(body=body, media="application/octet-stream", headers={"Content-Disposition": told})


class GrantProposal(GrantShape):
    """The permission that an answer gives reason for."""

    further: tuple[str, ...] = ()
    """Further entries that the letter asked about: the same permission for each, and not for all of a publisher."""


async def propose_grant(call: Call[None, None]) -> GrantProposal:
    first, *others = await use.proposed_grants(await _letter(call), call.world, call.store)
    told = GrantShape.model_validate(first).model_dump()
    return GrantProposal.model_validate({**told, "further": [one.entry for one in others]})


OPERATIONS = (
    Operation(
        method="GET",
        path="/requests",
        handler=list_requests,
        summary="List the letters",
        query=RequestQuery,
        answer=RequestPage,
    ),
    Operation(
        method="POST",
        path="/requests",
        handler=draft_request,
        summary="Begin a letter about flags",
        about="A draft from the template of that language, to be edited and sent.",
        role=Role.REVIEWER,
        body=RequestAsked,
        answer=Request,
        status=201,
        creates=True,
    ),
    Operation(method="GET", path="/requests/{id}", handler=get_request, summary="One letter", answer=Request),
    Operation(
        method="PATCH",
        path="/requests/{id}",
        handler=change_request,
        summary="Edit a draft",
        role=Role.REVIEWER,
        body=RequestChange,
        answer=Request,
        careful=True,
    ),
    Operation(
        method="DELETE",
        path="/requests/{id}",
        handler=drop_request,
        summary="Drop a draft",
        role=Role.REVIEWER,
        careful=True,
        refuses=True,
    ),
    Operation(
        method="GET",
        path="/requests/{id}/mail",
        handler=get_request_mail,
        summary="A letter as a mail message",
        role=Role.REVIEWER,
        media=("message/rfc822",),
        refuses=True,
    ),
    Operation(
        method="POST",
        path="/requests/{id}/sending",
        handler=send_request,
        summary="Send a letter, or note that it was sent",
        about="Its flags wait for the answer from then on.",
        role=Role.REVIEWER,
        body=Sending,
        answer=Request,
        creates=True,
    ),
    Operation(
        method="POST",
        path="/requests/{id}/reminder",
        handler=remind_request,
        summary="Remind a publisher of a letter",
        role=Role.REVIEWER,
        body=Sending,
        answer=Request,
        creates=True,
    ),
    Operation(
        method="POST",
        path="/requests/{id}/answer",
        handler=answer_request,
        summary="Record what a publisher answered",
        role=Role.REVIEWER,
        body=AnswerAsked,
        answer=Request,
        creates=True,
        body_max=FILE_MAX + 200_000,
    ),
    Operation(
        method="GET",
        path="/requests/{id}/files",
        handler=list_answer_files,
        summary="The files that answered a letter",
        answer=Files,
    ),
    Operation(
        method="GET",
        path="/requests/{id}/files/{digest}",
        handler=get_answer_file,
        summary="An answer as a file",
        role=Role.REVIEWER,
        media=("application/octet-stream",),
    ),
    Operation(
        method="GET",
        path="/requests/{id}/grant",
        handler=propose_grant,
        summary="The grant that an answer gives reason for",
        about="To be looked at, changed, and sent to `POST /grants`.",
        answer=GrantProposal,
    ),
)
