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
    return Field(description=description, examples=None if example is None else [example], **more)


# ── aggregator.yaml ──────────────────────────────────────────────────────────────────────────────────────────────
