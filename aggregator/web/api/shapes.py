"""What all models of the interface have in common: strict in what is asked, plain in what is answered."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

TEXT_MAX = 20_000
"""Characters of a long text: as the use cases hold it."""
LIST_MAX = 500
"""Items of a list in a request."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_INTEGER = re.compile(r"-?\d{1,15}", re.ASCII)
_UNSEEN = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$"
"""No control characters but tab and line ends: PostgreSQL keeps no NUL, and no terminal should be sent the others."""
_ONE_LINE = r"^[^\u0000-\u001f\u007f\u0085\u2028\u2029]*$"


class Asked(BaseModel):
    """The body of a request. What it does not know, it refuses: a misspelled wish must not be overheard."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


class Query(BaseModel):
    """What stands behind the question mark of an address, as text."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Answer(BaseModel):
    """What is answered. Fields may be added to it in later versions; a program must not mind them."""

    model_config = ConfigDict(from_attributes=True, frozen=True, use_attribute_docstrings=True)

    def without_secrets(self) -> Answer:
        """What may be kept of it, to be told again."""
        return self


# Values


def _day(value: Any) -> Any:
    if isinstance(value, str):
        if not _DAY.fullmatch(value):
            raise ValueError("is no day; write one such as 2026-12-31")
        return date.fromisoformat(value)
    return value


def _instant(value: Any) -> Any:
    if isinstance(value, str):
        if not _INSTANT.fullmatch(value):
            raise ValueError("is no instant with its time zone; write one such as 2026-12-31T12:00:00Z")
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    return value


def _number(value: Any) -> Any:
    if isinstance(value, str):
        if not _INTEGER.fullmatch(value):
            raise ValueError("is no whole number")
        return int(value)
    return value


def _truth(value: Any) -> Any:
    if isinstance(value, str):
        if value not in ("true", "false"):
            raise ValueError("is neither true nor false")
        return value == "true"
    return value


def _z(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
"""A UTC day, as RFC 3339 writes it."""
Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    PlainSerializer(_z, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An instant, as RFC 3339 writes it; answers are in UTC."""
Number = Annotated[int, BeforeValidator(_number)]
"""A whole number in an address."""
Truth = Annotated[bool, BeforeValidator(_truth)]
"""`true` or `false` in an address."""
Name = Annotated[str, Field(min_length=1, max_length=500, pattern=_ONE_LINE)]
"""A name or address in one line."""
Word = Annotated[str, Field(max_length=500, pattern=_ONE_LINE)]
"""The same; may be empty."""
Text = Annotated[str, Field(max_length=TEXT_MAX, pattern=_UNSEEN)]
"""Some lines of text."""


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("says nothing; write a word or two")
    return text


Said = Annotated[str, Field(min_length=1, max_length=TEXT_MAX, pattern=rf"{_UNSEEN[:-1]}$"), AfterValidator(_said)]
"""A text that has to say something, such as a reason."""
Names = Annotated[tuple[Name, ...], Field(max_length=LIST_MAX)]
