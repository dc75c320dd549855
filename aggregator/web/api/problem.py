"""Errors as RFC 9457 wants them: `application/problem+json`, with a pointer to each thing that is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web
from pydantic import ValidationError

from aggregator.web.api.shapes import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MEDIA_TYPE = "application/problem+json"
ERRORS_MAX = 20
"""Named at once."""


class Wrong(Answer):
    """One thing that is wrong with a request."""

    detail: str
    """What, in words."""
    pointer: str | None = None
    """JSON Pointer (RFC 6901) into the body, as a fragment: `#/outputs/0`."""
    parameter: str | None = None
    """Name of the parameter, where it stands in the address or the header."""


class Problem(Answer):
    """Why a request was not done (RFC 9457)."""

    type: str
    """Address of what this kind of problem means."""
    title: str
    """The kind of problem, the same each time."""
    status: int
    """The answer's status."""
    detail: str
    """What is wrong this time, and how to put it right."""
    errors: tuple[Wrong, ...] = ()
    """Each thing that is wrong; empty where the detail says it all."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem."""

    slug: str
    title: str
    means: str
    """For the documentation."""


KINDS: Mapping[int, Kind] = {
    400: Kind("invalid", "The request does not fit its schema", "Mend what `errors` names; the same never succeeds."),
    401: Kind("no-token", "A good token is needed", "Send `Authorization: Bearer …` with a token that is in use."),
    403: Kind("not-allowed", "This token may not do that", "Its role, its account's role or its scopes do not reach."),
    404: Kind("not-found", "There is nothing at this address", "What the address names does not exist."),
    405: Kind("method", "This address knows no such method", "`Allow` names those that it knows."),
    406: Kind("media", "This cannot be had in that form", "`Accept` leaves no room for what there is."),
    409: Kind(
        "conflict", "That cannot be done as things are", "It is well written; the detail says what stands against it."
    ),
    412: Kind("changed", "It was changed meanwhile", "Read it again, and send its new ETag in `If-Match`."),
    413: Kind("too-large", "The body is too large", "The detail says how large it may be."),
    415: Kind("not-json", "The body must be JSON", "Send `Content-Type: application/json`, and no content coding."),
    417: Kind("expectation", "This expectation is not met", "Only `Expect: 100-continue` is known."),
    428: Kind("blind", "Say what you saw", "Send the ETag of what you read in `If-Match`."),
    429: Kind("too-many", "Too many requests", "Wait for the seconds that `Retry-After` names."),
    500: Kind("broken", "Something went wrong here", "It has been logged. Nothing was half done."),
    503: Kind("unavailable", "The service has a problem just now", "Try again in a minute."),
}


class Refused(Exception):  # noqa: N818  it is a refusal of ours, not an error of the program
    """A request that is not done, with all that its answer needs."""

    def __init__(
        self, status: int, detail: str, errors: Iterable[Wrong] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = tuple(errors)[:ERRORS_MAX]
        self.headers = dict(headers or {})


def missing(detail: str) -> Refused:
    """Nothing is there by that name."""
    return Refused(404, detail)


def answer_of(refused: Refused, base: str) -> web.Response:
    """The answer.

    Args:
        base: absolute address of the interface, without a slash at its end.
    """
    kind = KINDS.get(refused.status)
    title = kind.title if kind else HTTPStatus(refused.status).phrase
    told: dict[str, Any] = {
        "type": f"{base}/#{kind.slug}" if kind else "about:blank",
        "title": title,
        "status": refused.status,
        "detail": sentence(refused.detail),
        "errors": [wrong.model_dump(exclude_none=True) for wrong in refused.errors],
    }
    headers = {"Cache-Control": "no-store", **refused.headers}
    return web.Response(body=orjson.dumps(told), status=refused.status, content_type=MEDIA_TYPE, headers=headers)


def sentence(text: str) -> str:
    """An error as an answer shows it: one line that begins and ends like a sentence."""
    text = " ".join(text.split())
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?', '!')) else '.'}"


def unfit(error: ValidationError, *, in_body: bool) -> Refused:
    """What a model found wrong."""
    errors = [
        _wrong(detail["loc"], _words(detail["type"], detail["msg"]), in_body=in_body)
        for detail in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    where = "body" if in_body else "address"
    return Refused(400, f"the {where} does not fit its schema: {errors[0].detail}", errors)


def _wrong(place: tuple[int | str, ...], detail: str, *, in_body: bool) -> Wrong:
    if in_body:
        steps = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)
        return Wrong(detail=f"{place[-1] if place else 'the body'}: {detail}"[:500], pointer=f"#{steps}"[:500])
    return Wrong(detail=f"{place[0] if place else 'parameter'}: {detail}"[:500], parameter=str(place[0])[:200])


def _words(kind: str, told: str) -> str:
    if kind == "extra_forbidden":
        return "is not known here"
    if kind == "missing":
        return "is missing"
    return told.removeprefix("Value error, ")
