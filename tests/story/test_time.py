"""In a running service time and edited files change the outputs by themselves, without a poll."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.story.feeds import Article, an_rss
from tests.story.origin import Origin
from tests.story.site import Site, a_source, until

FEED = "/feed"
PAGE = "/feeds/community.json"
POLICY: dict[str, Any] = {
    "publisher": {"name": "Global Research", "url": "https://www.globalresearch.ca/", "domains": ["globalresearch.ca"]},
    "contact": "desk@herald.example",
}
OUTPUTS = [{"id": "community", "title": "World news", "use": {"audience": "community"}}]


def set_up(site: Site, origin: Origin, rules: list[dict[str, Any]], *articles: Article) -> None:
    origin.serve(FEED, an_rss(*articles))
    site.write("sources.yaml", [a_source("herald", origin, FEED, policy="herald")])
    site.policy("herald", **POLICY, rules=rules)
    site.write("outputs.yaml", OUTPUTS)


def test_an_embargo_and_a_window_end_by_themselves(site: Site, origin: Origin) -> None:
    """At the instant that the policy names, though nobody polls, builds or asks for it in between."""
    rules = [
        {"allow": ["full"], "when": {"embargo": "8s", "url": "*/fresh"}},
        {"allow": ["full"], "when": {"window": "1h", "url": "*/old"}},
    ]
    set_up(site, origin, rules)
    site.write("sources.yaml", [])
    with site.serving() as service:
        now = datetime.now(UTC).replace(microsecond=0)
        closes = now + timedelta(seconds=15)
        fresh = Article(id="fresh", title="Fresh story", link="https://www.globalresearch.ca/fresh", at=now)
        old = Article(
            id="old", title="Old story", link="https://www.globalresearch.ca/old", at=closes - timedelta(hours=1)
        )
        set_up(site, origin, rules, fresh, old)
        until(service.shows("Old story", PAGE), "the old story stands while its window is open")
        until(service.shows("Fresh story", PAGE), "the fresh story stands when its embargo has ended")
        assert datetime.now(UTC) >= now + timedelta(seconds=8)
        until(lambda: b"Old story" not in service.get(PAGE)[1], "the old story leaves when its window closes")
        assert datetime.now(UTC) >= closes
        assert b"Fresh story" in service.get(PAGE)[1]
        assert origin.times(FEED) == 1


def test_edited_files_are_taken_at_once_and_a_broken_edit_is_told_and_changes_nothing(
    site: Site, origin: Origin
) -> None:
    """The last good configuration stays in force; status, log and health say why; a repair is taken like any edit."""
    allowed = [{"allow": ["full"]}]
    set_up(site, origin, allowed, Article(id="1", title="The story"))
    with site.serving() as service:
        until(service.shows("The story", PAGE), "the story stands")
        assert health(service.get("/healthz")) == (200, True, 0)

        site.policy("herald", **POLICY, rules=[{"deny": ["full"]}])
        until(lambda: b"The story" not in service.get(PAGE)[1], "the story leaves with the permission")
        site.policy("herald", **POLICY, rules=allowed)
        until(service.shows("The story", PAGE), "the story is back with the permission")

        site.policy("herald", **POLICY, rules=[{"deny": ["fool"]}])
        until(lambda: health(service.get("/healthz"))[2] == 1, "health tells of the problem")
        assert service.get("/healthz")[0] == 200
        assert b"The story" in service.get(PAGE)[1]
        place = "herald.yaml:14"
        until(service.says("fool"), "the log tells it")
        assert [line for line in service.log if place in line and "fool" in line], service.log
        status = until(lambda: told(site, place), "status tells of the problem")
        assert status["service"]["alive"]
        assert [place in problem for problem in status["service"]["problems"]] == [True]

        (site.config / "sources.yaml").write_text("- {id: herald, feed")
        until(lambda: health(service.get("/healthz"))[2] > 0 and service.says("sources.yaml")(), "that is told too")
        assert b"The story" in service.get(PAGE)[1]

        site.write("sources.yaml", [a_source("herald", origin, FEED, policy="herald")])
        site.policy("herald", **POLICY, rules=[{"deny": ["full"]}])
        until(lambda: b"The story" not in service.get(PAGE)[1], "the repaired file is taken")
        assert health(service.get("/healthz")) == (200, True, 0)
        until(lambda: site.run("status", "--json").json["service"]["problems"] == [], "status forgets the problem")
        assert service.alive
        assert origin.times(FEED) == 1


def health(answer: tuple[int, bytes]) -> tuple[int, bool, int]:
    facts = json.loads(answer[1])
    return answer[0], facts["ok"], facts["configuration_problems"]


def told(site: Site, place: str) -> dict[str, Any] | None:
    """What `status` says, once the service has told it that it did not take an edit."""
    ran = site.run("status", "--json")
    assert ran.code == 2
    assert [place in f"{problem['file']}:{problem['line']}" for problem in ran.json["problems"]] == [True]
    return ran.json if ran.json["service"]["problems"] else None
