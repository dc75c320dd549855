"""Duties and limits as an operator writes them (ruling 5) → the values that `rights` reads.

credit-source                                   the name alone
{end-note: "text"}                              with its main parameter
{excerpt-max: {n: 50, unit: words}}             with all of its parameters
{credit-line: "…", medium: web}                 in a medium, or for a component
{any_of: [canonical-or-noindex, credit-source]} one of several
{requested: tracker-term}                       done wherever it can be, never a reason to hold
{other: "text"}                                 fits no term: a person must rule on it
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic_core import PydanticCustomError

from aggregator.config.words import (
    Reads,
    Word,
    duration,
    kind_of,
    quoted,
    said,
    suggestion,
    text_needed,
    unknown,
    web_url,
)
from aggregator.model.policy import Duty, DutyName, Limit, LimitName, Param
from aggregator.model.use import Medium

COMPONENTS = ("text", "image", "media")
SLOTS = ("top", "byline", "end", "head")
EDITS = ("style", "headline", "time-place", "cut", "translation")
UNITS = ("words", "chars", "sentences", "paragraphs", "percent")
ENDS = ("word", "sentence", "paragraph")


def _text(value: Any) -> Param:
    if not isinstance(value, str):
        raise said(text_needed(value))
    if not value.strip():
        raise said("{key} is empty; give it a text")
    return value.strip()


def _choice(*known: str) -> Callable[[Any], Param]:
    def choose(value: Any) -> Param:
        if value not in known:
            raise said(unknown("{key}", value, known))
        return str(value)

    return choose


def _texts(value: Any) -> Param:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not items:
        raise said("{key} must be a list of texts, such as [a, b]")
    return tuple(str(_text(item)) for item in items)


def _edits(value: Any) -> Param:
    names = _texts(value)
    wrong = next((name for name in names if name not in EDITS), None) if isinstance(names, tuple) else None
    if wrong is not None:
        raise said(unknown("edit", wrong, EDITS))
    return names


def _count(value: Any) -> Param:
    if isinstance(value, str) and value.strip().isdecimal():
        raise said(f"{{key}} {quoted(value)} is a text; write the number without quotes: {int(value)}")
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise said(f"{{key}} {quoted(value)} is not a whole number above 0")
    return value


def _percent(value: Any) -> Param:
    if isinstance(value, str) and value.strip(" %").isdecimal():
        raise said(f"{{key}} {quoted(value)} is a text; write the number alone: {int(value.strip(' %'))}")
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= 100:
        raise said(f"{{key}} {quoted(value)} is not a percentage above 0 and up to 100")
    return value


def _days(value: Any) -> Param:
    if isinstance(value, str):
        span = duration(value)
        if span.seconds:
            raise said(f"{{key}} {quoted(value)} is not a number of whole days")
        return span.days
    return _count(value)


def _period(value: Any) -> Param:
    duration(value)
    return str(value).strip()


@dataclass(frozen=True)
class Spec:
    """The parameters of one term."""

    required: Mapping[str, Callable[[Any], Param]]
    optional: Mapping[str, Callable[[Any], Param]]
    main: str | None = None
    """The parameter that may be written alone."""
    example: str = ""


def _spec(main: str | None = None, example: str = "", **params: Callable[[Any], Param]) -> Spec:
    """A term's parameters; a name that ends in `_` is optional."""
    return Spec(
        required={name: check for name, check in params.items() if not name.endswith("_")},
        optional={name[:-1]: check for name, check in params.items() if name.endswith("_")},
        main=main,
        example=example,
    )


_BARE = _spec()
DUTIES: dict[DutyName, Spec] = dict.fromkeys(DutyName, _BARE) | {
    DutyName.CREDIT_LINE: _spec(
        "text",
        "{credit-line: {text: 'First published by …', slot: top}}",
        text=_text,
        slot_=_choice(*SLOTS),
        link_=_text,
        target_=_choice("article", "home"),
        url_=web_url,
    ),
    DutyName.LINK_ORIGINAL: _spec("target", "{link-original: home}", target_=_choice("article", "home")),
    DutyName.END_NOTE: _spec(
        "text",
        "{end-note: 'The text'}",
        text=_text,
        link_=_text,
        target_=_choice("article", "home"),
        url_=web_url,
    ),
    DutyName.COPYRIGHT_NOTICE: _spec("text", "{copyright-notice: '© Example News'}", text_=_text),
    DutyName.TRACKER: _spec("url", "{tracker: 'https://example.org/pixel.gif'}", url=web_url),
    DutyName.NOTIFY: _spec(
        "when", "{notify: {when: after, contact: desk@example.org}}", when=_choice("before", "after"), contact_=_text
    ),
    DutyName.LOGO: _spec("url", "{logo: 'https://example.org/logo.png'}", url=web_url),
    DutyName.REMOVE_AFTER: _spec("days", "{remove-after: {days: 90}}", days=_days),
    DutyName.OTHER: _spec("text", "{other: 'what is asked'}", text=_text),
}
LIMITS: dict[LimitName, Spec] = dict.fromkeys(LimitName, _BARE) | {
    LimitName.NO_EDITS: _spec("except", "{no-edits: {except: [style, headline]}}", except_=_edits),
    LimitName.EXCERPT_MAX: _spec(
        None, "{excerpt-max: {n: 50, unit: words}}", n=_count, unit=_choice(*UNITS), end_=_choice(*ENDS)
    ),
    LimitName.OWN_IMAGES_ONLY: _spec("credit", "{own-images-only: {credit: [Example News]}}", credit_=_texts),
    LimitName.MAX_SHARE: _spec(None, "{max-share: {percent: 10, period: 30d}}", percent=_percent, period=_period),
    LimitName.MAX_COPIES: _spec("n", "{max-copies: 500}", n=_count),
    LimitName.OTHER: _spec("text", "{other: 'what is asked'}", text=_text),
}
NON_COMMERCIAL = "non-commercial"
"""Under this name a policy waives the NC of its licence as a whole."""
TERM_NAMES: tuple[str, ...] = tuple(dict.fromkeys([*map(str, DutyName), *map(str, LimitName)]))
_SCOPES = ("medium", "component")
_WRAPPERS = ("any_of", "requested")


def _named(key: str, check: Callable[[Any], Param], value: Any) -> Param:
    """A parameter's value; an error names the parameter."""
    try:
        return check(value)
    except PydanticCustomError as error:
        raise said(error.message().replace("{key}", key).replace("{raw}", str(value))) from None


def _params(name: str, spec: Spec, written: Any) -> tuple[tuple[str, Param], ...]:
    known = {**spec.required, **spec.optional}
    if written is None and not spec.required:
        return ()
    if not known:
        raise said(f"{name} takes no parameters; write {name} alone")
    if not isinstance(written, dict) and written is not None:
        if spec.main is None:
            raise said(f"{name} needs {' and '.join(spec.required)}; write {spec.example}")
        written = {spec.main: written}
    given = written or {}
    for key in given:
        if key not in known:
            if key == "requested":
                raise said(f"what is only wished for is written around it: {{requested: {{{name}: …}}}}")
            raise said(
                f"{name} has no parameter {quoted(key)}{suggestion(key, known)} write {spec.example}"
                if suggestion(key, known)
                else f"{name} has no parameter {quoted(key)}; write {spec.example}"
            )
    missing = [key for key in spec.required if key not in given]
    if missing:
        raise said(f"{name} needs {' and '.join(missing)}; write {spec.example}")
    params = tuple(sorted((key, _named(f"{name} {key}", known[key], value)) for key, value in given.items()))
    if name == LimitName.EXCERPT_MAX and given["unit"] == "percent" and given["n"] > 100:
        raise said("excerpt-max n is above 100 percent; the whole is 'full'")
    if "link" in given and " ".join(given["link"].split()) not in " ".join(given["text"].split()):
        raise said(f"{name} link {quoted(given['link'])} does not stand in its text; give words of the text")
    if given.keys() & {"target", "url"} and "text" in known and "link" not in given:
        raise said(f"{name} says where a link leads, but not which words of its text are the link; add 'link'")
    return params


def _scope(written: dict[str, Any], key: str, known: tuple[str, ...]) -> frozenset[str]:
    if key not in written:
        return frozenset()
    values = written[key] if isinstance(written[key], list) else [written[key]]
    if not values:
        raise said(f"{key} is empty; name at least one or leave the key out (all)")
    for value in values:
        if value not in known:
            raise said(unknown(key, value, known))
    return frozenset(values)


def _one_name(keys: list[Any]) -> str:
    """What to do where a term does not have one name."""
    if "requested" in keys:
        wished = next(key for key in keys if key != "requested")
        return f"what is only wished for is written around it: {{requested: {wished}}}"
    return "write each as an item of its own" if keys else "name one"


def _parse(
    value: Any, noun: str, kind: type[Word], specs: Mapping[Word, Spec], other: tuple[str, ...], make: Any
) -> Any:
    """One term of either kind, any_of and requested included."""

    def inner(item: Any) -> Any:
        return _parse(item, noun, kind, specs, other, make)

    def find(name: Any) -> Word:
        if isinstance(name, str) and name in specs:
            return kind(name)
        if name in other:
            raise said(
                f"{quoted(name)} is no {noun} but a {'limit' if noun == 'duty' else 'duty'}; move it to "
                f"'{'limits' if noun == 'duty' else 'duties'}'"
            )
        raise said(unknown(noun, name, [word.value for word in kind]))

    if isinstance(value, str):
        name = find(value)
        return make(name=name, params=_params(name, specs[name], None))
    if not isinstance(value, dict):
        raise said(f"a {noun} must be a name or a mapping of one name, not {kind_of(value)}")
    keys = [key for key in value if key not in _SCOPES]
    if len(keys) != 1:
        remedy = _one_name(keys)
        raise said(
            f"a {noun} has one name beside 'medium' and 'component', here {quoted(', '.join(keys) or 'none')}; {remedy}"
        )
    (key,) = keys
    if key == "requested":
        term = replace(inner(value[key]), requested=True)
    elif key == "any_of":
        if not isinstance(value[key], list) or len(value[key]) < 2:
            raise said("any_of needs a list of at least two alternatives")
        alternatives = tuple(inner(item) for item in value[key])
        if any(item.any_of or item.requested for item in alternatives):
            raise said("any_of must not hold any_of or requested; write the names side by side")
        term = make(name=alternatives[0].name, any_of=alternatives)
    else:
        name = find(key)
        term = make(name=name, params=_params(name, specs[name], value[key]))
    media = frozenset(map(Medium, _scope(value, "medium", tuple(Medium))))
    components = _scope(value, "component", COMPONENTS)
    return replace(term, media=media or term.media, components=components or term.components)


_LIMITS_ONLY = tuple(name.value for name in LimitName if name not in {word.value for word in DutyName})
_DUTIES_ONLY = tuple(name.value for name in DutyName if name not in {word.value for word in LimitName})


def parse_duty(value: Any) -> Duty:
    """One duty, in any of its spellings.

    Raises:
        PydanticCustomError: it is none; the message says what to write.
    """
    duty: Duty = _parse(value, "duty", DutyName, DUTIES, _LIMITS_ONLY, Duty)
    return duty


def parse_limit(value: Any) -> Limit:
    """One limit, in any of its spellings.

    Raises:
        PydanticCustomError: it is none; the message says what to write.
    """
    limit: Limit = _parse(value, "limit", LimitName, LIMITS, _DUTIES_ONLY, Limit)
    return limit


WAIVABLE = (*(name for name in TERM_NAMES if name != "other"), NON_COMMERCIAL)


def _waived(value: Any) -> str:
    if not isinstance(value, str) or value not in WAIVABLE:
        raise said(unknown("duty or limit", value, WAIVABLE))
    return value


Waived = Annotated[str, Reads(_waived, {"type": "string", "enum": list(WAIVABLE)})]


_VALUE_SCHEMAS: dict[str, dict[str, Any]] = {
    "slot": {"enum": list(SLOTS)},
    "target": {"enum": ["article", "home"]},
    "when": {"enum": ["before", "after"]},
    "unit": {"enum": list(UNITS)},
    "end": {"enum": list(ENDS)},
    "url": {"type": "string", "pattern": "^https?://"},
    "n": {"type": "integer", "minimum": 1},
    "percent": {"type": "number", "exclusiveMinimum": 0, "maximum": 100},
    "days": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": "^[0-9]+ *[dwy]$"}]},
    "period": {"type": "string", "pattern": "^[0-9]+ *[smhdwy]$"},
    "except": {"anyOf": [{"enum": list(EDITS)}, {"type": "array", "items": {"enum": list(EDITS)}}]},
    "credit": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
}


def _term_schema(specs: Mapping[Any, Spec]) -> dict[str, Any]:
    """The JSON Schema of one term, all spellings."""
    words = list(Medium)
    scopes = {
        "medium": {"anyOf": [{"enum": words}, {"type": "array", "items": {"enum": words}, "minItems": 1}]},
        "component": {
            "anyOf": [{"enum": list(COMPONENTS)}, {"type": "array", "items": {"enum": list(COMPONENTS)}, "minItems": 1}]
        },
    }
    named: dict[str, Any] = {}
    for name, spec in specs.items():
        params = {key: _VALUE_SCHEMAS.get(key, {"type": "string"}) for key in (*spec.required, *spec.optional)}
        whole: dict[str, Any] = {"type": "object", "properties": params, "additionalProperties": False}
        if spec.required:
            whole["required"] = list(spec.required)
        spellings = [whole] if params else []
        spellings += [params[spec.main]] if spec.main else []
        spellings += [] if spec.required else [{"type": "null"}]
        named[str(name)] = {"anyOf": spellings}
    bare = [str(name) for name, spec in specs.items() if not spec.required]
    return {
        "anyOf": [
            {"type": "string", "enum": bare},
            {
                "type": "object",
                "properties": {**named, **scopes, "any_of": {"type": "array", "minItems": 2}, "requested": {}},
                "additionalProperties": False,
            },
        ]
    }


DutyTerm = Annotated[Duty, Reads(parse_duty, _term_schema(DUTIES))]
LimitTerm = Annotated[Limit, Reads(parse_limit, _term_schema(LIMITS))]
