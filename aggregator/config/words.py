"""The small values that an operator writes: durations, sizes, names, addresses, secrets, terms out of a fixed list.

Each is a type for the models of `written`: it says in the operator's words what is wrong, and its JSON Schema.
In a message, `{key}` stands for the key under which the value was found; `shape` fills it in.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

import idna
import re2
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from aggregator.model.query import PATTERN_MAX, TERMS_MAX, TermKind, terms_of
from aggregator.model.source import SecretRef

Word = TypeVar("Word", bound=StrEnum)
JsonSchema = dict[str, Any]


@dataclass(frozen=True)
class Reads:
    """Marks a value that `parse` makes of what is written, and that a JSON Schema calls `schema`."""

    parse: Callable[[Any], Any]
    schema: JsonSchema

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.parse)

    def __get_pydantic_json_schema__(self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        return dict(self.schema)

    __hash__ = object.__hash__


def said(message: str) -> PydanticCustomError:
    """An error that `shape` prints as it stands, with `{key}` filled in."""
    return PydanticCustomError("said", "{message}", {"message": message})


def quoted(value: object) -> str:
    """A value as it is shown in a message: one line, not too long."""
    text = {True: "true", False: "false", None: ""}.get(value, value) if isinstance(value, bool | None) else value
    line = " ".join(str(text).split())
    return f"'{line if len(line) <= 80 else line[:77] + '…'}'"


def one_of(values: Iterable[str]) -> str:
    """`headline, excerpt or full`"""
    *first, last = values
    return f"{', '.join(first)} or {last}" if first else last


def suggestion(value: str, known: Iterable[str]) -> str:
    """`; did you mean 'global-research'?`, or nothing where none is near."""
    known = list(known)
    near = difflib.get_close_matches(value, known, n=1, cutoff=0.6)
    near = near or difflib.get_close_matches(value.lower().replace("_", "-"), known, n=1, cutoff=0.6)
    if near and value.lower().startswith("non") and not near[0].startswith("non"):
        near = difflib.get_close_matches(value, [name for name in known if name.startswith("non")], n=1, cutoff=0)
    return f"; did you mean '{near[0]}'?" if near else ""


def listed(values: Iterable[str]) -> str:
    """`a, b and c`"""
    *first, last = values
    return f"{', '.join(first)} and {last}" if first else last


def unknown(noun: str, value: object, known: Sequence[str]) -> str:
    """`form 'exerpt' is not known; use headline, excerpt or full`"""
    near = suggestion(str(value), known) if len(known) > 4 and isinstance(value, str) else ""
    use = f" use {one_of(known)}" if near else f"; use {one_of(known)}"
    return f"{noun} {quoted(value)} is not known{near}{use}"


def kind_of(value: object) -> str:
    """What a value is, to an operator."""
    if isinstance(value, bool):
        return "true or false"
    names = {dict: "a mapping", list: "a list", str: "a text", int: "a number", float: "a number"}
    return names.get(type(value), "empty")


def text_needed(value: object) -> str:
    """Why a value that should be a text is none."""
    if value is None:
        return "{key} is empty; give it a value or leave the key out"
    if isinstance(value, bool | int | float):
        return '{key} must be text; put it in quotes: "{raw}"'
    return f"{{key}} must be a text, not {kind_of(value)}"


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise said(text_needed(value))
    if not value.strip():
        raise said("{key} is empty; give it a value or leave the key out")
    return value.strip()


def _line(value: object) -> str:
    text = _text(value)
    if "\n" in text:
        raise said("{key} must be one line")
    return text


Line = Annotated[str, Reads(_line, {"type": "string", "minLength": 1})]
"""Text of one line, trimmed, not empty."""
Prose = Annotated[str, Reads(_text, {"type": "string", "minLength": 1})]
"""Text of any number of lines."""


def _query(value: object) -> str:
    text = _line(value)
    terms = terms_of(text)
    if len(terms) > TERMS_MAX:
        raise said(f"{{key}} has {len(terms)} terms; the most is {TERMS_MAX}")
    for term in terms:
        if term.kind is TermKind.PATTERN:
            _check_pattern(term.text)
    return text


def _check_pattern(pattern: str) -> None:
    """Refuses what RE2 cannot compile: look-around and back-references among it, which cannot be had in linear time."""
    if len(pattern) > PATTERN_MAX:
        raise said(f"{{key}}: a pattern of {len(pattern)} characters is too long; the most is {PATTERN_MAX}")
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except re2.error as error:
        why = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else str(error.args[0])
        told = why.replace("{", "(").replace("}", ")")
        raise said(f"{{key}}: /…/ holds no pattern that RE2 knows: {told}; see docs/configuration.md") from None


Query = Annotated[str, Reads(_query, {"type": "string", "minLength": 1})]
"""Terms to look for (`model.query`)."""

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")


def _id(value: object) -> str:
    text = _line(value)
    if not ID.match(text):
        remedy = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:64]
        wish = f", such as '{remedy}'" if remedy else ""
        raise said(f"{{key}} {quoted(text)} may hold a-z, 0-9 and '-' only, at most 64, no '-' in front{wish}")
    return text


Id = Annotated[str, Reads(_id, {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]*$", "maxLength": 64})]


def words_of(kind: type[Word], *, backwards: bool = False) -> list[str]:
    """All values of an enumeration, in its order or from its end."""
    values = [word.value for word in kind]
    return values[::-1] if backwards else values


def word(kind: type[Word], noun: str, known: Sequence[str] | None = None) -> Reads:
    """The type of a value out of a fixed list.

    Args:
        kind: the enumeration.
        noun: what such a value is called: `form`.
        known: the values that may be written, in the order in which messages name them; None: all.
    """
    values = list(known or words_of(kind))

    def look_up(value: object) -> Word:
        if value is None:
            raise said("{key} is empty; give it a value or leave the key out")
        if not isinstance(value, str) or value not in values:
            raise said(unknown(noun, value, values))
        return kind(value)

    return Reads(look_up, {"type": "string", "enum": values})


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str | int | float) else value


def _some(value: Any) -> Any:
    if not value:
        raise said("{key} is empty; give at least one value or leave the key out")
    return value


@dataclass(frozen=True)
class Some:
    """Marks a list that may be written as its only value, and must not be empty.

    An empty list is refused because it reads like "nobody" and would mean "anybody".
    """

    may_be_empty: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        def prepare(value: object) -> object:
            return _as_list(value) if self.may_be_empty else _some(_as_list(value))

        return core_schema.no_info_before_validator_function(prepare, handler(source))

    def __get_pydantic_json_schema__(self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        array = handler(schema)
        if not self.may_be_empty:
            array["minItems"] = 1
        return {"anyOf": [array["items"], array]}


_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400, "y": 365 * 86400}
_DURATION = re.compile(r"([0-9]{1,9})\s*([smhdwy])\Z")
DURATION_MAX = timedelta(days=365 * 100)


def duration(value: object) -> timedelta:
    """A time span from `45s`, `30m`, `24h`, `90d`, `1w` or `2y` (365 days).

    Raises:
        PydanticCustomError: it is none, is zero, or is longer than 100 years.
    """
    match = _DURATION.match(value.strip()) if isinstance(value, str) else None
    if not match:
        if value is None:
            raise said("{key} is empty; give it a value or leave the key out")
        raise said("{key} '{raw}' is not a duration; write a number and a unit, such as 45s, 30m, 24h, 90d, 1w or 2y")
    seconds = int(match[1]) * _SECONDS[match[2]]
    if not 0 < seconds <= DURATION_MAX.total_seconds():
        raise said("{key} '{raw}' is not between 1s and 100y")
    return timedelta(seconds=seconds)


def in_words(span: timedelta) -> str:
    """A time span as an operator writes it: `90m`."""
    seconds = int(span.total_seconds())
    unit = next((unit for unit in "ydhm" if seconds and seconds % _SECONDS[unit] == 0), "s")
    return f"{seconds // _SECONDS[unit]}{unit}"


_DURATION_SCHEMA = {"type": "string", "pattern": "^[0-9]+ *[smhdwy]$", "examples": ["45s", "30m", "24h", "90d", "2y"]}
Duration = Annotated[timedelta, Reads(duration, _DURATION_SCHEMA)]


def duration_between(least: str, most: str) -> Reads:
    """The type of a duration within bounds."""
    low, high = duration(least), duration(most)

    def within(value: object) -> timedelta:
        span = duration(value)
        if not low <= span <= high:
            raise said(f"{{key}} '{{raw}}' is not between {least} and {most}")
        return span

    return Reads(within, _DURATION_SCHEMA)


def _counted(unit: str, key: str) -> Callable[[object], timedelta]:
    """A time span as a duration, a number of `unit`, or `{key: number}`."""
    seconds = _SECONDS[unit]

    def count(value: object) -> timedelta:
        if isinstance(value, dict):
            if list(value) != [key]:
                raise said(f"{{key}} takes one key, '{key}'; or write a duration, such as 24h")
            value = value[key]
        if isinstance(value, int) and not isinstance(value, bool):
            if not 0 < value * seconds <= DURATION_MAX.total_seconds():
                raise said(f"{{key}} '{value}' is not between 1 and 100 years of {key}")
            return timedelta(seconds=value * seconds)
        return duration(value)

    return count


def counted(unit: str, key: str) -> Reads:
    """The type of a duration that may also be written as a number of hours or days."""
    number = {"type": "integer", "minimum": 1}
    schema = {
        "anyOf": [
            _DURATION_SCHEMA,
            number,
            {"type": "object", "properties": {key: number}, "required": [key], "additionalProperties": False},
        ]
    }
    return Reads(_counted(unit, key), schema)


_SIZES = {"B": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_SIZE = re.compile(r"([0-9]{1,12})\s*(B|[kK]B|MB|GB|KiB|MiB|GiB)\Z")
SIZE_MIN, SIZE_MAX = 1_000, 2_000_000_000


def _size(value: object) -> int:
    match = _SIZE.match(value.strip()) if isinstance(value, str) else None
    if match:
        size = int(match[1]) * _SIZES[match[2]]
    elif isinstance(value, int) and not isinstance(value, bool):
        size = value
    else:
        raise said("{key} '{raw}' is not a size; write a number and a unit, such as 500kB, 20MB or 1GiB")
    if not SIZE_MIN <= size <= SIZE_MAX:
        raise said("{key} '{raw}' is not between 1kB and 2GB")
    return size


_SIZE_SCHEMA = {
    "anyOf": [
        {"type": "string", "pattern": "^[0-9]+ *(B|kB|KB|MB|GB|KiB|MiB|GiB)$"},
        {"type": "integer", "minimum": SIZE_MIN},
    ]
}
Size = Annotated[int, Reads(_size, _SIZE_SCHEMA)]


def _day(value: object) -> date:
    # A year alone is a number to YAML: it lacks the month and day, not quotes.
    text = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else _line(value)
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise said(f"{{key}} {quoted(text)} is not a date; write year-month-day, such as 2026-11-20") from None


Day = Annotated[date, Reads(_day, {"type": "string", "format": "date"})]


def _instant(value: object) -> datetime:
    text = _line(value)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise said(f"{{key}} {quoted(text)} is not a time; write it as 2026-11-20T18:00:00Z") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Instant = Annotated[datetime, Reads(_instant, {"type": "string", "format": "date-time"})]


def web_url(value: object) -> str:
    """An absolute http(s) address without a password in it.

    Raises:
        PydanticCustomError: it is none.
    """
    text = _line(value)
    try:
        parts = urlsplit(text)
        port, host = parts.port, parts.hostname
    except ValueError:
        port, host, parts = None, None, urlsplit("")
    if parts.scheme not in {"http", "https"} or not host or port == 0 or re.search(r"\s", text):
        raise said(f"{{key}} {quoted(text)} is not a web address; write one with http:// or https://")
    if parts.username is not None or parts.password is not None:
        raise said("{key} holds a user name or password; write 'auth: {basic: env:NAME}' instead")
    return text


Url = Annotated[str, Reads(web_url, {"type": "string", "format": "uri", "pattern": "^https?://"})]


def _feed(value: object) -> str:
    text = _line(value)
    scheme, _, path = text.partition(":")
    if scheme != "file":
        return web_url(text)
    if path.startswith("/") or "\\" in path or "\0" in path or not path.strip() or ".." in path.split("/"):
        raise said(
            f"{{key}} {quoted(text)} is not a path inside the configuration folder, such as file:samples/feed.xml"
        )
    return text


Feed = Annotated[str, Reads(_feed, {"type": "string", "pattern": "^(https?://|file:).+"})]

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")


def _domain(value: object) -> str:
    text = _line(value)
    if "/" in text or ":" in text or "@" in text:
        try:
            host = urlsplit(text if "//" in text else f"//{text}").hostname or "example.org"
        except ValueError:
            host = "example.org"
        raise said(f"{{key}} {quoted(text)} is not a domain; write the name alone, such as '{host}'")
    if text.startswith("*."):
        raise said(f"{{key}} {quoted(text)} is not a domain; subdomains match by themselves, write '{text[2:]}'")
    try:
        name = text.rstrip(".").lower()
        if not name.isascii() or "--" in name:  # a plain name is its own spelling, and most are
            name = idna.encode(name, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        name = ""
    labels = name.split(".")
    if len(labels) < 2 or len(name) > 253 or not all(_LABEL.match(label) for label in labels):
        raise said(f"{{key}} {quoted(text)} is not a domain; write one such as example.org")
    return name


Domain = Annotated[str, Reads(_domain, {"type": "string", "format": "idn-hostname"})]

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*\Z")


def _language(value: object) -> str:
    text = _line(value)
    if not _LANGUAGE.match(text):
        raise said(f"{{key}} {quoted(text)} is not a language tag; write one such as en, pt-BR or zh-Hans")
    return text


Language = Annotated[str, Reads(_language, {"type": "string", "pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"})]


def _territory(value: object) -> str:
    text = _line(value).upper()
    if text == "UK":
        raise said("territory 'UK' is not an ISO 3166 code; did you mean 'GB'?")
    if not re.fullmatch(r"[A-Z]{2}", text):
        raise said(f"territory {quoted(value)} is not an ISO 3166 code of two letters, such as US or DE")
    return text


Territory = Annotated[str, Reads(_territory, {"type": "string", "pattern": "^[A-Za-z]{2}$"})]

_ENV = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def secret_ref(text: str) -> SecretRef | None:
    """What `env:NAME` or `file:PATH` refers to; None for any other text.

    Raises:
        PydanticCustomError: it starts like a reference and is none.
    """
    scheme, colon, name = text.partition(":")
    if not colon or scheme not in {"env", "file"}:
        return None
    if scheme == "env" and not _ENV.match(name):
        raise said(f"{{key}} {quoted(text)} names no environment variable; write env:NAME with letters, digits and '_'")
    if not name.strip():
        raise said(f"{{key}} {quoted(text)} names no file; write file:PATH")
    return SecretRef(scheme=scheme, name=name)


def _secret(value: object) -> SecretRef:
    # The value is never shown: what stands here by mistake is the password itself.
    ref = secret_ref(value.strip()) if isinstance(value, str) else None
    if ref is None:
        raise said("{key} must not hold the secret itself; write env:NAME or file:PATH, where the secret stands")
    return ref


Secret = Annotated[SecretRef, Reads(_secret, {"type": "string", "pattern": "^(env|file):.+$"})]


def _header_value(value: object) -> SecretRef | str:
    text = _line(value)
    if "\r" in text or not text.isprintable():
        raise said("{key} holds characters that a request header cannot carry")
    return secret_ref(text) or text


HeaderValue = Annotated[SecretRef | str, Reads(_header_value, {"type": "string", "minLength": 1})]
