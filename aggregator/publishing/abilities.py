"""Which duties a format can carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.model.output import Format
from aggregator.model.policy import DutyName

if TYPE_CHECKING:
    from collections.abc import Sequence

LIFECYCLE = frozenset({DutyName.REMOVE_ON_REQUEST, DutyName.REMOVE_AFTER, DutyName.UPDATE_ON_CORRECTION})
"""Kept by what is built and when, not by what stands in the bytes."""

TEXT_BOUND = frozenset({DutyName.END_NOTE, DutyName.KEEP_LINKS, DutyName.LABEL_CHANGES})
"""Speak of the text, so nothing is owed where only title and link go out (ruling 19)."""

# Every format but plain text carries HTML, and has an element or a key for each fact. `other` waits for a person to
# rule on it, and a letter to a publisher is not something that a document can do.
_CARRIED = frozenset(name.value for name in DutyName) - {DutyName.OTHER.value, DutyName.NOTIFY.value}
ABILITIES: dict[Format, frozenset[str]] = dict.fromkeys(Format, _CARRIED) | {
    # Plain text loads nothing.
    Format.TEXT: _CARRIED - {DutyName.TRACKER.value, DutyName.LOGO.value}
}


def can_discharge(formats: Sequence[Format]) -> frozenset[str]:
    """Names of the duties that every one of the formats can carry; of no formats, none."""
    if not formats:
        return frozenset()
    return frozenset.intersection(*(ABILITIES[format_] for format_ in formats))
