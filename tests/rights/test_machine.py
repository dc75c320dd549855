"""What sites say to machines is understood by version, and counts as a refusal where any of it refuses."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model.entry import Level, Notice, NoticeKind
from aggregator.model.policy import Limit, LimitName
from aggregator.rights.machine import (
    TOKENS,
    MachineUse,
    Signal,
    content_signal,
    content_usage,
    machine_limits,
    machine_notices,
    path_matches,
    robots_rules,
    rule_signals,
    tdm_reservation,
)


def said(signals: tuple[Signal, ...]) -> list[str]:
    return [signal.said for signal in signals]


@pytest.mark.parametrize(
    ("text", "understood", "warnings"),
    [
        ("train-ai=n", ["train-ai=n"], 0),
        (" train-ai = n , search=y;x=1", ["train-ai=n", "search=y"], 0),
        ("ai-use=n", ["ai-use=n"], 0),
        ("bots=n", [], 1),
        ("train-ai", [], 1),
        ("train-ai=maybe, search=n", ["search=n"], 1),
        ("=n, , train-ai=N", ["train-ai=n"], 1),
        ("", [], 0),
    ],
)
def test_content_usage_is_read_member_by_member(text: str, understood: list[str], warnings: int) -> None:
    signals, odd = content_usage(text)
    assert (said(signals), len(odd)) == (understood, warnings)


def test_a_version_knows_its_own_tokens() -> None:
    assert content_usage("ai-use=n", "aipref-07")[0] == ()
    assert said(content_usage("ai-use=n", "aipref-08")[0]) == ["ai-use=n"]
    assert TOKENS["aipref-07"].items() <= TOKENS["aipref-08"].items()


def test_content_signals_are_yes_or_no() -> None:
    signals, odd = content_signal("search=yes, ai-input=no, ai-train=n")
    assert (said(signals), len(odd)) == (["search=yes", "ai-input=no"], 1)


@pytest.mark.parametrize(
    ("value", "allowed"), [("1", False), (1, False), ("0", True), ("", None), ("2", None), (True, None), (None, None)]
)
def test_a_reservation_is_one_or_nought(value: str | int | None, allowed: bool | None) -> None:
    signals = tdm_reservation(value, "https://x.example/policy.json")
    assert [signal.allowed for signal in signals] == ([] if allowed is None else [allowed])


def test_one_refusal_of_ai_beats_any_permission() -> None:
    signals = (*content_usage("train-ai=y, search=y")[0], *content_signal("ai-input=no")[0])
    assert machine_limits(signals) == (Limit(name=LimitName.NO_AI),)
    assert machine_limits(content_usage("train-ai=y, search=n")[0]) == ()
    assert machine_notices(signals[-1:], Level.ENTRY) == (
        Notice(kind=NoticeKind.NO_AI, level=Level.ENTRY, value="ai-input=no", carrier="Content-Signal"),
    )


ROBOTS = """\ufeffContent-Signal: ai-train=no   # before any group: for all
User-agent: FirstBot
User-agent: SecondBot/2.0
Content-Usage: train-ai=n
Content-Usage: /open/ train-ai=y
Disallow: /x

User-agent: *
Content-Usage: /a search=n
Content-Usage: /a/b* search=y
"""


@pytest.mark.parametrize(
    ("agent", "path", "found"),
    [
        ("FirstBot", "/", ["train-ai=n"]),
        ("secondbot", "/open/1", ["train-ai=y"]),
        ("Other", "/", ["ai-train=no"]),
        ("Other", "/a", ["ai-train=no", "search=n"]),
        ("Other", "/a/bc", ["ai-train=no", "search=y"]),
    ],
)
def test_robots_speak_by_group_and_longest_path(agent: str, path: str, found: list[str]) -> None:
    signals, odd = rule_signals(robots_rules(ROBOTS, agent), path)
    assert (said(signals), odd) == (found, ())


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("/", "/a", True),
        ("/a", "/b", False),
        ("/a$", "/a", True),
        ("/a$", "/ab", False),
        ("*", "/a", True),
        ("/*/c", "/a/b/c/d", True),
        ("/*c$", "/abc", True),
        ("/*c$", "/abcd", False),
        ("/a*b$", "/ab", True),
        ("/ab*b$", "/ab", False),
        ("", "/a", True),
        ("$", "/a", False),
    ],
)
def test_paths_match_as_in_robots_txt(pattern: str, path: str, matches: bool) -> None:
    assert path_matches(pattern, path) is matches


def test_a_hostile_pattern_takes_no_time() -> None:
    assert not path_matches("/" + "a*" * 2_000 + "b$", "/" + "a" * 5_000)


@settings(max_examples=60, deadline=None)
@given(st.text("UserAgnt-Co: */=ynai\n#$,", max_size=120))
def test_any_robots_txt_is_read(text: str) -> None:
    rule_signals(robots_rules(text, "Bot"), "/a")
    content_usage(text)
    assert set(MachineUse) >= {use for signal in content_signal(text)[0] for use in signal.uses}
