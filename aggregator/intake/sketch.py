"""A few numbers by which two texts are known to be the same story, however little each was edited.

The smallest hashes of a text's sentences (min-wise hashing): copies with another headline, a credit line more or a
sentence cut share nearly all of them, other texts none. Taken once per revision; 50 µs for an article.
"""

from __future__ import annotations

from struct import Struct, pack
from zlib import crc32

from aggregator.intake.glance import Glance, folded
from aggregator.model.story import SENTENCES_MIN

SIZE = 16
"""Hashes that are kept."""
_WHOLE = Struct(f"!{SIZE}I")
_CHARS_MAX = 20_000
_SENTENCE_MIN = 25
"""Bytes."""
_ENDS = bytes.maketrans(b".!?", b"\n\n\n")
_OTHER_ENDS = "…。！？"


def sketch_of(text: str | Glance) -> str | None:
    """The sketch of a text, 8 hex digits a hash; None where it is too short.

    Args:
        text: visible text, white space collapsed.
    """
    seen = Glance(text) if isinstance(text, str) else text
    story = seen.folded if len(seen.text) <= _CHARS_MAX else folded(seen.text[:_CHARS_MAX])
    for end in _OTHER_ENDS:
        if end in seen.rare:
            story = story.replace(end.encode(), b".")
    sentences = map(bytes.lstrip, story.translate(_ENDS).split(b"\n"))
    found = set(map(crc32, [sentence for sentence in sentences if len(sentence) >= _SENTENCE_MIN]))
    if len(found) < SENTENCES_MIN:
        return None
    least = sorted(found)[:SIZE]
    return (_WHOLE.pack(*least) if len(least) == SIZE else pack(f"!{len(least)}I", *least)).hex()
