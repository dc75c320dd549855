"""When a feed would like to be asked, as documents say it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.intake.parse import parse
from aggregator.model.fetched import NotModified, Validators
from aggregator.model.parsed import ParsedFeed, ParseRequest, Wishes
from aggregator.model.poll import PollState
from aggregator.model.source import PollSettings
from aggregator.polling.due import next_poll_at

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SY = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
ITEM = "<item><title>t</title><link>http://a.example/1</link></item>"


def rss(channel: str) -> bytes:
    link = "<link>http://a.example/</link>"
    return f'<rss version="2.0" {SY}><channel><title>t</title>{link}{channel}{ITEM}</channel></rss>'.encode()


@pytest.mark.parametrize(
    ("channel", "wishes"),
    [
        ("", Wishes()),
        ("<skipHours><hour>0</hour><hour>23</hour><hour> 7 </hour></skipHours>", Wishes(skip_hours=(0, 7, 23))),
        ("<skipHours><hour>24</hour><hour>25</hour><hour>-1</hour><hour>x</hour><hour>\u0663</hour></skipHours>",
         Wishes(skip_hours=(0,))),
        ("<skipHours>" + "<hour>5</hour>" * 500 + "</skipHours>", Wishes(skip_hours=(5,))),
        ("<skipDays><day>Saturday</day><day>SUNDAY</day><day>Holiday</day></skipDays>", Wishes(skip_days=(5, 6))),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>",
         Wishes(update_every=timedelta(hours=6))),
        ("<sy:updatePeriod> Hourly </sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>",
         Wishes(update_every=timedelta(hours=1))),
        ("<sy:updatePeriod>often</sy:updatePeriod><sy:updateBase>2000-01-01T12:00+00:00</sy:updateBase>", Wishes()),
        ("<sy:updatePeriod>weekly</sy:updatePeriod><sy:updateBase>2000-01-01T12:00+01:00</sy:updateBase>",
         Wishes(update_every=timedelta(weeks=1), update_base=datetime(2000, 1, 1, 11, tzinfo=UTC))),
        ("<sy:updatePeriod>yearly</sy:updatePeriod><sy:updateBase>soon</sy:updateBase>",
         Wishes(update_every=timedelta(days=365))),
    ],
)  # fmt: skip
def test_wishes_are_read(channel: str, wishes: Wishes) -> None:
    parsed = parse(ParseRequest(source="a", url="http://a.example/feed", body=rss(channel)))
    assert isinstance(parsed, ParsedFeed)
    assert parsed.feed.wishes == wishes


@pytest.mark.parametrize(
    ("ttl", "minutes"),
    [
        ("60", 60),
        (" 60\n", 60),
        ("0000000000060", 60),
        ("999999", 999_999),
        ("1000000", 999_999),
        ("9" * 5_000, 999_999),
        ("0", None),
        ("-5", None),
        ("1.5", None),
        ("60 min", None),
        ("\u0666\u0660", None),
        ("", None),
    ],
)
def test_a_ttl_is_a_whole_number_of_minutes_and_bounded(ttl: str, minutes: int | None) -> None:
    """Python refuses to read numbers of more than 4,300 digits, and no timedelta holds what a feed may write."""
    parsed = parse(ParseRequest(source="a", url="http://a.example/feed", body=rss(f"<ttl>{ttl}</ttl>")))
    assert isinstance(parsed, ParsedFeed)
    assert parsed.feed.ttl == (None if minutes is None else timedelta(minutes=minutes))
    outcome = NotModified(source="a", asked_at=NOW, validators=Validators())
    bounds = PollSettings(interval=timedelta(minutes=30), max_interval=timedelta(hours=24))
    due, why = next_poll_at(outcome, PollState(source="a"), bounds, parsed.feed, "a")
    if minutes is None:
        assert why == "every 30 min"
    else:
        assert due - NOW <= timedelta(hours=24)
        assert why.startswith("publisher asks for ")
        assert ("granted 1 d" in why) == (minutes > 24 * 60)
