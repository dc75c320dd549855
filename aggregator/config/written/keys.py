"""What every file is read by: strict objects, keys that describe themselves, words that several files share."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from aggregator.config.words import (
    Line,
    Some,
    word,
    words_of,
)
from aggregator.model.use import Audience, Form, Medium

FormWord = Annotated[Form, word(Form, "form", words_of(Form, backwards=True))]
AudienceWord = Annotated[Audience, word(Audience, "audience")]
MediumWord = Annotated[Medium, word(Medium, "medium")]
Forms = Annotated[list[FormWord], Some()]
Lines = Annotated[list[Line], Some()]


class Written(BaseModel):
    """Keys as they are written; any other key is an error."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=False)


def key(description: str, example: str | None = None, **more: Any) -> Any:
    """A key's description and, for one that must be there, what to write."""
    default = more.get("default")
    if isinstance(default, list | BaseModel):
        # pydantic copies a default that could be changed, deeply, for each value: a quarter of what reading a policy
        # costs. A model here is frozen, and a list is new.
        del more["default"]
        told = default if isinstance(default, list) else default.model_dump(mode="json", by_alias=True)
        more |= {"default_factory": lambda: list(default) if isinstance(default, list) else default}
        more |= {"json_schema_extra": {"default": told}}
    return Field(description=description, examples=None if example is None else [example], **more)


# ── aggregator.yaml ──────────────────────────────────────────────────────────────────────────────────────────────
