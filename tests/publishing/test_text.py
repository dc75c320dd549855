"""What may not stand in XML is found in every text, however quickly it is looked for."""

from __future__ import annotations

import unicodedata

from aggregator.publishing.text import is_legal, legal


def forbidden(code: int) -> bool:
    """Whether a character may not go out: told by Unicode's own table, not by the pattern that takes it out."""
    if code in {0x09, 0x0A, 0x0D, 0x85} or code == 0xFFFD:
        return code == 0xFFFD
    category = unicodedata.category(chr(code))
    return category in {"Cc", "Cs"} or (code & 0xFFFE) == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


ENDS = [(plane << 16) | low for plane in range(1, 17) for low in range(0xFFC0, 0x10000)]
"""Beyond the first plane, only the last two characters of each may not go out."""
SURROGATES = range(0xD800, 0xE000)


def test_every_character_that_xml_forbids_is_taken_out_and_no_other():
    # Not alone: what stands around it must not hide it.
    texts = {code: f"é{chr(code)}\n" for code in [*range(0x10000), *ENDS] if code not in SURROGATES}
    assert [hex(code) for code, text in texts.items() if (legal(text) == "é\n") != forbidden(code)] == []
    assert [hex(code) for code, text in texts.items() if forbidden(code) and is_legal(text.encode())] == []


def test_half_a_character_is_taken_out():
    assert legal("a\ud800b\n") == "ab\n"
