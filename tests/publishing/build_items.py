"""Builders for what publishing is given. They fill in all that does not matter; what matters is on the test's page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aggregator.model.decision import Decision, Hop, Reason
from aggregator.model.entry import Author, Content, Entry, StoredEntry
from aggregator.model.output import Format, Output
from aggregator.model.policy import Duty, DutyName, Effect, Limit, LimitName
from aggregator.model.use import Form, Use
from aggregator.publishing.compose import compose
from aggregator.publishing.credit import Credits
from aggregator.publishing.digest import Digest
from aggregator.publishing.item import Head, Item, Place
from aggregator.publishing.page import River
from aggregator.publishing.render import Wanted

TEMPLATES = Path(__file__).parents[2] / "templates"
CREDITS = Credits([TEMPLATES])
RIVER = River([TEMPLATES])
DIGEST = Digest(CREDITS.dictionary)
DAY = datetime(2016, 12, 13, 9, 30, tzinfo=UTC)
SEEN = datetime(2016, 12, 13, 10, 0, tzinfo=UTC)
PLACE = Place(
    site_name="Riverside Community News",
    site_url="https://news.example.org/",
    source_title="Global Research",
    source_feed="https://globalresearch.example/feed",
    source_home="https://globalresearch.example/",
)
RT = Hop(
    name="RT",
    policy=None,
    url="https://rt.example/",
    claimed=True,
    author="Lizzie Phelan",
    notice="Copyright © Lizzie Phelan, RT, 2016",
    carrier="credit-line",
)
GLOBAL_RESEARCH = Hop(
    name="Global Research", policy="global-research", url="https://globalresearch.example/aleppo", carrier="source"
)
LINK = "https://twitter.example/1"
IMAGE = "https://globalresearch.example/a.jpg"
BODY = (
    f'<p>Aleppo streets have erupted in <a href="{LINK}">celebrations</a> with people waving flags.</p>'
    f'<figure><img src="{IMAGE}" alt="A crowd"><figcaption>Agency photo</figcaption></figure>'
    "<p>Singing &amp; chanting could be heard throughout the city, Phelan added.</p>"
)


def an_entry(**changes: Any) -> Entry:
    entry = Entry(
        source="global-research",
        id="https://globalresearch.example/?p=5562169",
        revision="1",
        title="The Liberation of Aleppo",
        url="https://globalresearch.example/aleppo",
        authors=(Author(name="Lizzie Phelan"),),
        categories=("Syria",),
        language="en",
        published_at=DAY,
    )
    return replace(entry, **changes)


def a_stored(entry: Entry | None = None, **changes: Any) -> StoredEntry:
    stored = StoredEntry(entry=entry or an_entry(), first_seen_at=SEEN, ordered_at=DAY, earliest_at=DAY)
    return replace(stored, **changes)


def a_content(**changes: Any) -> Content:
    return replace(Content(body=BODY, summary="<p>Aleppo streets have erupted.</p>", text="Aleppo"), **changes)


def a_duty(name: DutyName, **params: Any) -> Duty:
    return Duty(name=name, params=tuple(sorted(params.items())))


def a_limit(n: int, unit: str) -> Limit:
    return Limit(name=LimitName.EXCERPT_MAX, params=(("n", n), ("unit", unit)))


def a_decision(*duties: Duty, **changes: Any) -> Decision:
    decision = Decision(
        outcome=Effect.ALLOW,
        form=Form.FULL,
        reason=Reason.ALLOWED,
        sentence="Global Research lets community sites have it.",
        duties=duties,
        hops=(RT, GLOBAL_RESEARCH),
    )
    decision = replace(decision, **changes)
    return replace(decision, duty_hops=(len(decision.hops) - 1,) * len(duties)) if not decision.duty_hops else decision


def an_output(**changes: Any) -> Output:
    return replace(Output(id="community", title="Riverside world news", use=Use(output="community")), **changes)


def an_item(
    *duties: Duty,
    entry: Entry | None = None,
    content: Content | None = None,
    stored: StoredEntry | None = None,
    output: Output | None = None,
    place: Place = PLACE,
    **decision: Any,
) -> Item:
    return compose(
        stored or a_stored(entry),
        content or a_content(),
        a_decision(*duties, **decision),
        output or an_output(),
        place,
        CREDITS,
    )


def a_head(**changes: Any) -> Head:
    base = "https://news.example.org/feeds/community"
    head = Head(
        id=f"{base}.atom",
        title="Riverside world news",
        description="World news for Riverside",
        home=f"{base}.html",
        selves=tuple((format_, f"{base}.{format_.value}") for format_ in Format),
        site_name="Riverside Community News",
        site_url="https://news.example.org/",
        updated_at=DAY,
    )
    return replace(head, **changes)


def a_wanted(
    stored: StoredEntry | None = None, decision: Decision | None = None, digest: str = "d1", place: Place = PLACE
) -> Wanted:
    return Wanted(stored=stored or a_stored(), decision=decision or a_decision(), decision_digest=digest, place=place)
