"""A JSON Schema for each kind of file: what an editor completes and underlines."""

from __future__ import annotations

from typing import Any

from aggregator.config.written import OutputKeys, PolicyKeys, PolicyTestKeys, SettingsKeys, SourceKeys, Written

_ONE: dict[str, type[Written]] = {"aggregator": SettingsKeys}
_MANY: dict[str, type[Written]] = {
    "sources": SourceKeys,
    "policies": PolicyKeys,
    "outputs": OutputKeys,
    "policy-tests": PolicyTestKeys,
}


def schemas() -> dict[str, dict[str, Any]]:
    """The schemas by kind. A file of any kind but `aggregator` holds one document or a list of them."""
    made: dict[str, dict[str, Any]] = {}
    for kind, model in (_ONE | _MANY).items():
        schema = model.model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
        definitions = schema.pop("$defs", {})
        definitions = {name: _plain(definition) for name, definition in {**definitions, model.__name__: schema}.items()}
        document = {"$ref": f"#/$defs/{model.__name__}"}
        body = document if kind in _ONE else {"anyOf": [document, {"type": "array", "items": document}]}
        made[kind] = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": f"config/{kind}",
            **body,
            "$defs": definitions,
        }
    return made


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Without the titles that only repeat the key, and the defaults that are not written as an operator writes them."""
    kept = {key: value for key, value in schema.items() if key != "title"}
    if isinstance(kept.get("default"), dict) or str(kept.get("default", "")).startswith("P"):
        del kept["default"]
    for key in ("items", "additionalProperties"):
        if isinstance(kept.get(key), dict):
            kept[key] = _plain(kept[key])
    if "anyOf" in kept:
        kept["anyOf"] = [_plain(choice) for choice in kept["anyOf"]]
    if "properties" in kept:
        kept["properties"] = {name: _plain(value) for name, value in kept["properties"].items()}
    return kept
