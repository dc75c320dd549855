"""Terms as they are compared: what matters differs, what stands around them does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.intake.terms_text import SENTENCES_MAX, TEXT_MAX, changes, differs, terms_text
from tests.tables import table

CASES = table((Path(__file__).parent / "terms_changes.yaml").read_text(encoding="utf-8"))
PAGE = """<!doctype html><html><head><title>Terms</title></head><body><nav><a href=/>Home {noise}</a></nav>
<header>Breaking: {noise}</header><main><h1>Terms of use</h1><p>{text}</p>
<p>Articles may be linked to by anybody. Photographs belong to their authors and may not be used. Questions are
answered by the desk within a week, usually sooner, and always in writing so that there is something to keep.</p></main>
<aside>Most read: {noise}</aside><footer>{noise}</footer></body></html>"""


def read(text: str, noise: str = "one") -> str:
    page = PAGE.format(text=text, noise=noise).encode()
    return terms_text(page, "text/html; charset=utf-8", "https://herald.example/terms")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["about"])
def test_what_matters_differs(case: dict[str, Any]) -> None:
    before, after = read(case["before"]), read(case["after"], noise="another day, another thing, 14:05")
    assert differs(before, after) is case["differs"], (before, after)
    assert bool([one for one in changes(before, after) if one.kind != "same"]) is case["differs"]


def test_a_comparison_shows_words_and_a_little_around_them() -> None:
    told = changes(read("You may quote up to 50 words."), read("You may quote up to 20 words."))
    edited = next(one for one in told if one.kind == "edited")
    assert edited.parts == ((" ", "You may quote up to"), ("-", "50"), ("+", "20"), (" ", "words."))
    assert [one.skipped for one in told if one.skipped] == [2]


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"%PDF-1.7\0", "application/pdf"), (b"", "text/html"), (b"\0\1\2", None), (b"<html><nav>Home</nav>", None)],
)
def test_a_page_without_text_has_none(body: bytes, kind: str | None) -> None:
    assert terms_text(body, kind, "https://herald.example/") == ""


def test_a_page_of_any_size_is_bounded() -> None:
    body = b"<html><body>" + b"<p>You may republish this, says the desk of The Herald.</p>" * 50_000
    text = terms_text(body[:1_900_000], "text/html", "https://herald.example/")
    assert len(text) <= TEXT_MAX
    assert text.count("\n") <= SENTENCES_MAX


@given(st.lists(st.text(max_size=60), max_size=8), st.lists(st.text(max_size=60), max_size=8))
def test_a_comparison_holds_both_texts(old: list[str], new: list[str]) -> None:
    """Whatever the sentences are: what is gone and what is new is exactly what the two do not share."""
    before, after = "\n".join(old), "\n".join(new)
    told = changes(before, after)
    gone = [text for one in told for mark, text in one.parts if mark == "-"]
    fresh = [text for one in told for mark, text in one.parts if mark == "+"]
    if before == after:
        assert (gone, fresh) == ([], [])
    for sentence in after.splitlines():
        words = set(sentence.split())
        shown = {word for one in told for _, text in one.parts for word in text.split()}
        assert words <= shown or any(one.skipped for one in told)
