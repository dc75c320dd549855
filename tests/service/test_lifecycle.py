"""Duties and limits that act over time: what leaves, waits, returns or is renewed by itself, end to end."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.service.test_grants import FIRST, Office, at_the_clock

DAY = timedelta(days=1)
RSS = "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom' xmlns:at='http://purl.org/atompub/tombstones/1.0'>"


class Desk(Office):
    """One source whose items a test writes, and one output."""

    def items(self, *items: tuple[str, datetime] | tuple[str, datetime, str], extra: str = "") -> None:
        """The feed's items: name, publication date, and a text if it is another one."""
        written = "".join(
            f"<item><title>{one[0]}</title><link>https://herald.example/{one[0].lower()}</link>"
            f"<guid isPermaLink='false'>{one[0].lower()}</guid>"
            f"<pubDate>{one[1]:%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
            f"<description>{one[2] if len(one) > 2 else 'Words enough to be a text.'}</description></item>"
            for one in items
        )
        channel = "<title>Herald</title><link>https://herald.example/</link><description>News</description>"
        self.write("herald.xml", f"{RSS}<channel>{channel}{written}{extra}</channel></rss>")

    def set_up(self) -> None:
        settings = {"site": {"name": "Riverside", "url": "https://news.example.org/"}, "database": "sqlite:///a.db"}
        self.write("aggregator.yaml", settings)
        self.write("sources.yaml", [{"id": "herald", "feed": "file:herald.xml", "policy": "herald"}])
        use = {"audience": "community", "form": "excerpt"}
        self.write("outputs.yaml", [{"id": "community", "title": "News", "use": use, "formats": ["json", "atom"]}])

    def rule(self, **facts: object) -> None:
        self.policy("herald", {"allow": ["full", "excerpt", "headline"]} | facts)

    def titles(self) -> set[str]:
        assert self.run("poll")[0] in (0, 1)
        return {name.partition("/")[2] for name in self.shown()}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    found = Desk(tmp_path)
    found.set_up()
    at_the_clock(found, monkeypatch)
    return found


def test_a_share_is_counted_newest_first_and_follows_the_publisher(desk: Desk) -> None:
    """A fifth of what came out in ten days: of ten articles two; of five one, and the first to come stays."""
    desk.rule(limits=[{"max-share": {"percent": 20, "period": "10d"}}])
    desk.items(*((f"A{n}", FIRST - n * DAY / 2) for n in range(1, 11)))
    assert desk.titles() == {"A1", "A2"}
    assert desk.titles() == {"A1", "A2"}
    assert "max-share" in desk.run("explain", "herald:a3", "--output", "community")[1]
    # Two more come out: twelve allow two still, and those that stand keep their places.
    desk.items(
        ("B1", FIRST + DAY / 4), ("B2", FIRST + DAY / 2), *((f"A{n}", FIRST - n * DAY / 2) for n in range(1, 11))
    )
    desk.now = FIRST + DAY / 2
    assert desk.titles() == {"A1", "A2"}
    # Eight days on A1 and A2 are inside still, but all that was published is the two B's and three A's: one place.
    desk.now = FIRST + 8.2 * DAY
    assert desk.titles() == {"A1"}


def test_an_old_article_is_held_against_its_own_period(desk: Desk) -> None:
    """Alone in its period it is all that was published in it; waiting makes it no less."""
    desk.rule(limits=[{"max-share": {"percent": 50, "period": "10d"}}])
    desk.items(("New", FIRST - DAY), ("Old", FIRST - 100 * DAY))
    assert desk.titles() == set()
    desk.items(("New", FIRST - DAY), ("Newer", FIRST - DAY / 2), ("Old", FIRST - 100 * DAY))
    assert desk.titles() == {"Newer"}


def test_remove_after_ends_a_release_by_itself(desk: Desk) -> None:
    desk.rule(duties=[{"remove-after": {"days": 3}}])
    desk.items(("Bridge", FIRST - DAY))
    assert desk.titles() == {"Bridge"}
    desk.now = FIRST + 2.9 * DAY
    assert desk.shown() == {"herald/Bridge"}
    desk.now = FIRST + 3 * DAY
    assert desk.shown() == set()
    desk.now = FIRST + 4 * DAY
    assert desk.titles() == set()


def test_a_deletion_upstream_and_a_request_end_a_release(desk: Desk) -> None:
    desk.rule(duties=["remove-on-request"])
    desk.items(("Bridge", FIRST - DAY), ("Ferry", FIRST - DAY))
    assert desk.titles() == {"Bridge", "Ferry"}
    assert desk.run("entries", "withdraw", "herald:bridge", "--reason", "the author asked")[0] == 0
    assert desk.shown() == {"herald/Ferry"}
    desk.now = FIRST + DAY
    assert desk.titles() == {"Ferry"}


def test_a_correction_renews_a_release(desk: Desk) -> None:
    desk.rule(duties=["update-on-correction"])
    desk.items(("Bridge", FIRST - DAY, "The bridge is red."))
    assert desk.titles() == {"Bridge"}
    desk.items(("Bridge", FIRST - DAY, "Correction: the bridge is green."))
    desk.now = FIRST + DAY
    assert desk.titles() == {"Bridge"}
    document = (desk.config.parent / "out/feeds/community.json").read_text()
    assert "green" in document
    assert "is red" not in document


def test_a_publisher_that_was_told_lets_the_entry_out(desk: Desk) -> None:
    desk.rule(duties=[{"notify": {"when": "after", "contact": "desk@herald.example"}}])
    desk.items(("Bridge", FIRST - DAY), ("Ferry", FIRST - DAY))
    assert desk.titles() == set()
    told = desk.json("entries", "notified", "herald:bridge", "--output", "community", "--note", "mail of today")
    assert (told["output"], told["note"]) == ("community", "mail of today")
    assert desk.shown() == {"herald/Bridge"}
    flags = desk.json("flags", "list")
    assert [flag["title"] for flag in flags] == ["Ferry"]
    assert desk.run("entries", "notified", "herald:nobody", "--output", "community")[0] == 2
    assert desk.run("entries", "notified", "herald:ferry", "--output", "nowhere")[0] == 2


def test_a_wish_for_word_never_holds(desk: Desk) -> None:
    desk.rule(duties=[{"requested": {"notify": {"when": "before"}}}])
    desk.items(("Bridge", FIRST - DAY))
    assert desk.titles() == {"Bridge"}


def test_an_embargo_ends_and_a_window_closes_by_themselves(desk: Desk) -> None:
    desk.rule(when={"embargo": "24h", "window": "3d"})
    desk.items(("Bridge", FIRST - timedelta(hours=20)))
    assert desk.titles() == set()
    (flag,) = json.loads(desk.run("--json", "flags", "list")[1])
    comes = f"{FIRST + timedelta(hours=4):from %Y-%m-%d %H:%M UTC} on, an excerpt may be shown, without anybody doing"
    assert flag["reason"].startswith(comes)
    said = desk.run("explain", "herald:bridge")[1]
    assert f"Not yet: {comes}" in said
    assert "What to do" not in said
    desk.now = FIRST + timedelta(hours=4)
    assert desk.shown() == {"herald/Bridge"}
    assert json.loads(desk.run("--json", "flags", "list")[1]) == []
    desk.now = FIRST - timedelta(hours=20) + 3 * DAY
    assert desk.shown() == set()


def test_readers_hear_of_a_deletion_also_where_newer_entries_had_crowded_it_out(desk: Desk) -> None:
    desk.rule()
    use = {"audience": "community", "form": "excerpt"}
    output = {"id": "community", "title": "News", "use": use, "formats": ["json", "atom"], "select": {"newest": 1}}
    desk.write("outputs.yaml", [output])
    desk.items(("A", FIRST - DAY))
    assert desk.titles() == {"A"}
    desk.items(("B", FIRST - DAY / 2), ("A", FIRST - DAY))
    desk.now = FIRST + DAY / 2
    assert desk.titles() == {"B"}
    told = desk.config.parent / "out/feeds/community.json"
    assert "_tombstones" not in told.read_text()
    when = FIRST + DAY
    stone = f"<at:deleted-entry ref='a' when='{when:%Y-%m-%dT%H:%M:%SZ}'/>"
    desk.items(("B", FIRST - DAY / 2), extra=stone)
    desk.now = FIRST + 2 * DAY
    assert desk.titles() == {"B"}
    (one,) = json.loads(told.read_text())["_tombstones"]["items"]
    assert (one["id"], one["comment"]) == ("a", "Withdrawn by its publisher.")
