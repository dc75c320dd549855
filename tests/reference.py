"""docs/reference.md: every key of every configuration file, made from the schemas that editors are given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import yaml

from aggregator.config.schema import schemas
from aggregator.config.written import SourcePollKeys, Written
from aggregator.model.source import PollSettings

FILES = {
    "aggregator": "aggregator.yaml",
    "sources": "sources.yaml",
    "policies": "policies",
    "outputs": "outputs.yaml",
    "policy-tests": "policies/tests",
}
OPENING = """\
# Reference of keys

Every key of every file in `config/`, with what it takes and what holds where it is left out.
[Configuration](configuration.md) explains them in use, and how values are written. This page is made from the schemas
that the program checks files by; a test compares them.
"""


def _below(model: type[Written]) -> Iterator[type[Written]]:
    for one in model.__subclasses__():
        yield one
        yield from _below(one)


_MODELS = {model.__name__: model for model in _below(Written)}


def reference() -> str:
    """The page."""
    parts = [OPENING]
    for kind, schema in schemas().items():
        parts.append(f"## {FILES[kind]}\n")
        for place, name in _walk(schema["$defs"], _main(schema), (), set()):
            definition = schema["$defs"][name]
            if place:
                parts.append(f"### {'.'.join(place)}\n")
            if about := " ".join(definition.get("description", "").split()):
                parts.append(f"{about}\n")
            parts.append("\n".join(_table(schema["$defs"], name, definition)) + "\n")
    return "\n".join(parts)


def _main(schema: dict[str, Any]) -> str:
    return str((schema.get("anyOf") or [schema])[0]["$ref"].rpartition("/")[2])


def _walk(
    all_: dict[str, Any], name: str, place: tuple[str, ...], seen: set[str]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """A definition and those below it by name, each with the keys that lead there."""
    if name in seen:
        return
    seen.add(name)
    yield place, name
    for key, value in all_[name].get("properties", {}).items():
        for below in _named(value):
            if "properties" in all_[below]:
                yield from _walk(all_, below, (*place, key), seen)


def _named(value: Any) -> Iterator[str]:
    """The definitions that a schema refers to."""
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"].rpartition("/")[2]
        for one in value.values():
            yield from _named(one)
    elif isinstance(value, list):
        for one in value:
            yield from _named(one)


def _table(all_: dict[str, Any], name: str, definition: dict[str, Any]) -> Iterator[str]:
    yield "| key | takes | what | left out |"
    yield "|---|---|---|---|"
    required = set(definition.get("required", ()))
    for key, value in definition.get("properties", {}).items():
        cells = (f"`{key}`", _takes(all_, value), value.get("description", ""), _default(name, key, value, required))
        yield "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _default(model: str, key: str, value: dict[str, Any], required: set[str]) -> str:
    if key in required:
        return "must be given"
    if model == "SourceKeys" and key in SourcePollKeys.model_fields:
        return "as under `polling`"
    default = value.get("default")
    if default in (None, [], {}):
        found = _MODELS[model].model_fields.get(key)
        default = None if found is None else found.default
        if default is None and model in ("PollingKeys", "SourcePollKeys"):
            default = getattr(PollSettings(), key, None)
        if isinstance(default, timedelta):
            return f"`{_duration(default)}`"
        if key == "max_size" and isinstance(default, int):
            return f"`{default // 1_000_000}MB`"
        if not isinstance(default, bool | int | str):
            return ""
    default = getattr(default, "value", default)
    return f"`{yaml.safe_dump(default, default_flow_style=True).removesuffix('...' + chr(10)).strip()}`"


def _duration(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    units = ((31_536_000, "y"), (86_400, "d"), (3600, "h"), (60, "m"))
    return next((f"{seconds // size}{unit}" for size, unit in units if seconds % size == 0), f"{seconds}s")


def _takes(all_: dict[str, Any], value: dict[str, Any]) -> str:
    choices = value.get("anyOf") or value.get("oneOf") or [value]
    return " or ".join(dict.fromkeys(filter(None, (_one(all_, choice) for choice in choices))))


def _one(all_: dict[str, Any], value: dict[str, Any]) -> str:
    """One kind of value, in words."""
    if "$ref" in value:
        target = all_[value["$ref"].rpartition("/")[2]]
        return "keys, below" if "properties" in target else _takes(all_, target)
    if "enum" in value:
        return ", ".join(f"`{word}`" for word in value["enum"])
    if "const" in value:
        return f"`{value['const']}`"
    kind = value.get("type")
    if isinstance(kind, list):
        return " or ".join(filter(None, (_one(all_, value | {"type": one}) for one in kind)))
    if kind == "array":
        items = _takes(all_, value.get("items", {}))
        return f"list of {items}" if items else "list"
    if kind == "object":
        more = value.get("additionalProperties")
        if isinstance(more, dict):
            return f"keys of your own, each {_takes(all_, more)}"
        return ", ".join(f"`{{{name}: …}}`" for name in value.get("properties", {})) or "keys"
    if kind in ("integer", "number"):
        low, high = value.get("minimum"), value.get("maximum")
        between = {(False, False): "", (True, False): f", at least {low}", (False, True): f", at most {high}"}
        return "number" + between.get((low is not None, high is not None), f", {low} to {high}")
    return {"boolean": "`true`, `false`", "null": "`null`", "string": "text"}.get(str(kind), "")
