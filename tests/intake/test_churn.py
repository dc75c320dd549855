"""Whether a document is the one before, moved on, or has items that took the place of others."""

from __future__ import annotations

import pytest

from aggregator.intake.churn import has_moved_on


@pytest.mark.parametrize(
    ("before", "after", "moved_on"),
    [
        ("abcd", "nabc", True),
        ("abcd", "mnab", True),
        ("abcd", "bcdn", True),
        ("abcd", "nabcd", True),
        ("abcd", "abc", True),
        ("abcd", "abcd", True),
        ("abcd", "anbcd", False),
        ("abcd", "ancd", False),
        ("abcd", "nbcd", False),
        ("abcd", "abcn", False),
        ("abcd", "nabd", False),
        ("abcd", "mn", False),
        ("", "n", False),
    ],
)
def test_news_come_at_one_end_and_leave_at_the_other(before: str, after: str, moved_on: bool):
    assert has_moved_on(before, after) is moved_on
