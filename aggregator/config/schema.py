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
        definitions[model.__name__] = schema
        document = {"$ref": f"#/$defs/{model.__name__}"}
        body = document if kind in _ONE else {"anyOf": [document, {"type": "array", "items": document}]}
        made[kind] = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": f"config/{kind}",
            **body,
            "$defs": definitions,
        }
    return made
