"""Notices with what a careful reader takes from each, and how near a reading comes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aggregator.intake.notice_text import page_of
from aggregator.rights.notice.proposal import Summary, summary_of
from aggregator.rights.notice.verdict import QUESTIONS, judge_notice
from tests.tables import table

FOLDER = Path(__file__).parent / "notices"
PERMISSIVE = frozenset({"allow", "conditional"})
PLAIN = ("license", "third_party_excluded", "contact", "takedown_on_request", "grants_nothing")


@dataclass(frozen=True)
class Labelled:
    """A notice and its fair readings."""

    id: str
    text: str
    expect: dict[str, Any]
    also: dict[str, Any] = field(default_factory=dict)

    def answers(self, question: str) -> set[str]:
        """All fair answers to one question."""
        found: set[str] = set()
        for part in (self.expect, self.also):
            told = part.get("decision", {}).get(question, [])
            found |= {told} if isinstance(told, str) else set(told)
        return found


def labelled() -> list[Labelled]:
    """Every notice under `notices/`."""
    found = []
    for file in sorted(FOLDER.glob("*.yaml")):
        notices = table(file.read_text(encoding="utf-8"))
        found += [Labelled(one["id"], one["text"], one["expect"], one.get("or", {})) for one in notices]
    return found


def reading_of(notice: Labelled) -> Summary:
    return summary_of(judge_notice(page_of(notice.text).text))


def over_promises(notice: Labelled, summary: Summary) -> list[str]:
    """Questions that are answered with a permission where no fair reader sees one."""
    return [
        question
        for question in QUESTIONS
        if summary.decision[question] in PERMISSIVE and not notice.answers(question) & PERMISSIVE
    ]


def wrong_answers(notice: Labelled, summary: Summary) -> list[str]:
    """Questions with an answer that no fair reader gives, and facts that are not so."""
    wrong = [name for name in QUESTIONS if summary.decision[name] not in notice.answers(name)]
    for name in PLAIN:
        wanted = notice.expect.get(name, None if name in {"license", "contact"} else False)
        fair = [wanted, *(notice.also[name] if isinstance(notice.also.get(name), list) else [])]
        if getattr(summary, name) not in fair:
            wrong.append(name)
    times = {key: value for key, value in summary.time.items() if value is not None}
    return wrong if times == notice.expect.get("time", {}) else [*wrong, "time"]


def hits(notice: Labelled, summary: Summary, kind: str) -> tuple[int, int, int]:
    """True positives, false positives and misses of duties or limits."""
    got, wanted = set(getattr(summary, kind)), set(notice.expect.get(kind, []))
    return len(got & wanted), len(got - wanted - set(notice.also.get(kind, []))), len(wanted - got)
