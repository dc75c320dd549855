"""A source is told as a person asks about it: what was asked when, what came of it, and what comes next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aggregator.model.poll import Move, PollRecord
from aggregator.model.source import PollSettings
from aggregator.service.read import SourceSummary
from aggregator.service.source_detail import Push, SourceDetail

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
AT_NOON = "2026-11-20 12:00:00Z"
DELIVERED = f"4 deliveries, the last {AT_NOON}; 1 without a good signature, ignored"


def a_poll(outcome: str, **facts: object) -> PollRecord:
    known: dict[str, object] = {
        "at": NOON,
        "took": timedelta(milliseconds=120),
        "status": 200,
        "size": 0,
        "new": 0,
        "revised": 0,
        "deleted": 0,
        "detail": "",
        "next_poll_at": None,
        "why": "",
    }
    return PollRecord(outcome=outcome, **{**known, **facts})


def test_the_last_polls_and_the_hub_are_told_line_by_line():
    summary = SourceSummary(
        id="herald",
        title="Herald",
        feed="https://herald.example/rss",
        policy=None,
        enabled=True,
        health="failing",
        entries=3,
        evidence=0,
        last_polled_at=NOON,
        last_success_at=NOON - timedelta(hours=1),
        last_changed_at=None,
        next_poll_at=NOON + timedelta(hours=2),
        why_due="publisher asks for 2 h (Retry-After)",
        failures=2,
        error="answered 503",
        format="rss20",
        claimed_title=None,
    )
    detail = SourceDetail(
        summary=summary,
        where="config/sources.yaml:7",
        tags=(),
        polling=PollSettings(),
        sends=(),
        terms="none",
        claims=None,
        moved_to=None,
        move=Move(to="https://herald.example/feed", since=NOON, polls=2),
        gone_at=None,
        pause=timedelta(hours=5),
        pushed_until=None,
        push=Push(
            state="active",
            hub="https://hub.example/",
            lease_until=NOON,
            deliveries=4,
            ignored=1,
            last_delivery_at=NOON,
            problem=None,
        ),
        outputs=(),
        polls=(
            a_poll("failed", status=503, detail="answered 503"),
            a_poll("changed", size=12_345, new=2, revised=1),
            a_poll("failed", status=None, detail="no answer within 30 s"),
        ),
        evidence=(),
    )
    assert detail.lines() == [
        "Herald (herald)",
        "  feed       https://herald.example/rss",
        "  configured config/sources.yaml:7",
        "  tags       -",
        "  policy     none",
        "  health     failing since 2 polls",
        "  error      answered 503",
        "  last poll  2026-11-20 12:00:00Z",
        "  last good  2026-11-20 11:00:00Z",
        "  changed    -",
        "  next poll  2026-11-20 14:00:00Z (publisher asks for 2 h (Retry-After))",
        "  interval   30m, between 5m and 1d",
        "  rhythm     publishes about every 5 h",
        "  redirects  for good to https://herald.example/feed, since 2026-11-20 12:00:00Z, 2 polls; not believed yet",
        f"  hub        https://hub.example/: active; until {AT_NOON}; {DELIVERED}",
        "Entries: 3 stored.",
        "  no output selects it",
        "Last polls:",
        "  2026-11-20 12:00:00Z  failed 503, 0.12 s: answered 503",
        "  2026-11-20 12:00:00Z  changed 200, 0.12 s, 12,345 bytes, 2 new, 1 revised",
        "  2026-11-20 12:00:00Z  failed, 0.12 s: no answer within 30 s",
    ]
