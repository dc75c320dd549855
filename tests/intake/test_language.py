"""A language is guessed where nobody declares one, where it is wanted, and where the guess is worth something."""

from __future__ import annotations

import pytest

from aggregator.intake.language import detected_language
from aggregator.intake.parse import parse
from aggregator.model.entry import Entry
from aggregator.model.parsed import ParsedFeed, ParseRequest

GERMAN = "Der Rat hat am Dienstag beschlossen, die Brücke zu schließen, weil sie nicht mehr sicher ist."


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The council voted on Tuesday to close the bridge, because it is no longer safe.", "en"),
        (GERMAN, "de"),
        ("Le conseil a voté mardi la fermeture du pont, qui n'est plus sûr.", "fr"),
        ("El consejo votó el martes cerrar el puente, que ya no es seguro.", "es"),
        ("Совет во вторник решил закрыть мост, потому что он больше не безопасен.", "ru"),
        ("市議会は火曜日、安全ではなくなった橋を閉鎖することを決めた。", "ja"),
        ("Hello", None),
        ("12345 !!! ??? 67890 " * 20, None),
        ("", None),
        ("\ud800 \0", None),
    ],
)
def test_a_language_is_told_by_the_text(text: str, language: str | None):
    assert detected_language(text) == language


def read(item: str, *, wanted: bool = True, channel: str = "") -> Entry:
    body = f"<rss version='2.0'><channel><title>T</title>{channel}<item><guid>1</guid>{item}</item></channel></rss>"
    request = ParseRequest(source="s", url="https://a.example/", body=body.encode(), detect_language=wanted)
    answer = parse(request)
    assert isinstance(answer, ParsedFeed)
    return answer.entries[0].entry


def test_a_guess_is_no_declaration_and_no_part_of_the_revision():
    guessed = read(f"<description>{GERMAN}</description>")
    assert (guessed.language, guessed.detected_language) == (None, "de")
    assert read(f"<description>{GERMAN}</description>", wanted=False).detected_language is None
    assert read(f"<description>{GERMAN}</description>", wanted=False).revision == guessed.revision


def test_what_is_declared_is_not_guessed():
    declared = read(f"<description>{GERMAN}</description>", channel="<language>nl</language>")
    assert (declared.language, declared.detected_language) == ("nl", None)
