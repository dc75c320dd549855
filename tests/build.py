"""Builders: each fills in all that does not matter, so that a test's page holds only what does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from aggregator.model.decision import Question
from aggregator.model.entry import (
    Author,
    Component,
    ComponentKind,
    Content,
    Entry,
    Level,
    Notice,
    NoticeKind,
    StoredEntry,
    TextSize,
)
from aggregator.model.origin import Certainty, Origin
from aggregator.model.output import Output
from aggregator.model.policy import (
    Duty,
    DutyName,
    Effect,
    Grant,
    Limit,
    LimitName,
    Param,
    Policy,
    Publisher,
    Rule,
    When,
)
from aggregator.model.source import Source
from aggregator.model.use import Ads, Audience, Form, Medium, Selection, Use

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
"""The instant of every test that does not say otherwise."""
PUBLISHED = NOW - timedelta(days=1)
ALL_DUTIES = frozenset(name.value for name in DutyName if name is not DutyName.OTHER)
"""What an output can discharge whose formats carry everything."""


def _authors(names: Iterable[str | Author]) -> tuple[Author, ...]:
    return tuple(name if isinstance(name, Author) else Author(name=name) for name in names)


def an_entry(*, authors: Iterable[str | Author] = ("Ann Lee",), words: int | None = 600, **given: Any) -> Entry:
    """An entry of source `herald` with title, link, author, date and a full text of 600 words.

    Args:
        words: length of the full text; None: the feed does not carry it.
    """
    size = None if words is None else TextSize(words=words, chars=words * 6, paragraphs=max(1, words // 50))
    facts: dict[str, Any] = {
        "source": "herald",
        "id": "tag:herald.example,2026:1",
        "revision": "1",
        "title": "Council votes on bridge",
        "url": "https://herald.example/bridge",
        "authors": _authors(authors),
        "language": "en",
        "published_at": PUBLISHED,
        "size": size,
        "has_summary": True,
    }
    return Entry(**(facts | given))


def a_stored(entry: Entry | None = None, **given: Any) -> StoredEntry:
    """An entry as the store knows it; first seen when it was published, or now if that is not told."""
    entry = entry or an_entry()
    seen = min(entry.published_at or NOW, NOW)
    facts: dict[str, Any] = {
        "entry": entry,
        "first_seen_at": seen,
        "ordered_at": seen,
        "earliest_at": entry.published_at,
    }
    return StoredEntry(**(facts | given))


def a_content(
    body: str | None = "<p>The council voted.</p>", summary: str | None = "A vote.", text: str = ""
) -> Content:
    return Content(body=body, summary=summary, text=text or "Council votes on bridge. The council voted.")


def a_duty(name: str | DutyName, *, any_of: Iterable[Duty] = (), requested: bool = False, **params: Param) -> Duty:
    """A duty; parameters by keyword: `a_duty("end-note", text="Read more")`. Scopes with `replace`."""
    return Duty(name=DutyName(name), params=tuple(sorted(params.items())), any_of=tuple(any_of), requested=requested)


def a_limit(name: str | LimitName, *, any_of: Iterable[Limit] = (), requested: bool = False, **params: Param) -> Limit:
    """A limit; parameters by keyword: `a_limit("excerpt-max", n=100, unit="words")`. Scopes with `replace`."""
    return Limit(name=LimitName(name), params=tuple(sorted(params.items())), any_of=tuple(any_of), requested=requested)


def a_rule(
    effect: str | Effect = Effect.ALLOW,
    *forms: str | Form,
    duties: Iterable[str | Duty] = (),
    limits: Iterable[str | Limit] = (),
    when: When | None = None,
    **given: Any,
) -> Rule:
    """A rule for all forms unless some are named; `to` and `media` may be lists. Its key is set by `a_policy`."""
    facts: dict[str, Any] = {"key": "rule"} | given
    for name in ("to", "media", "waive"):
        if name in facts:
            kind = {"to": Audience, "media": Medium}.get(name, str)
            facts[name] = frozenset(map(kind, facts[name]))
    return Rule(
        effect=Effect(effect),
        forms=frozenset(map(Form, forms)) or frozenset(Form),
        duties=tuple(one if isinstance(one, Duty) else a_duty(one) for one in duties),
        limits=tuple(one if isinstance(one, Limit) else a_limit(one) for one in limits),
        when=when or When(),
        **facts,
    )


def a_publisher(name: str = "The Herald", **given: Any) -> Publisher:
    facts: dict[str, Any] = {"url": "https://herald.example/", "domains": ("herald.example",)}
    return Publisher(name=name, **(facts | given))


def a_policy(*rules: Rule, **given: Any) -> Policy:
    """Policy `herald` of The Herald, with a contact. Rules get the keys and lines that a file would give them."""
    id_ = given.get("id", "herald")
    facts: dict[str, Any] = {
        "id": id_,
        "publisher": a_publisher(),
        "contact": "desk@herald.example",
        "where": f"policies/{id_}.yaml:1",
    }
    numbered = tuple(
        replace(rule, key=f"{id_}:{number}", where=f"policies/{id_}.yaml:{10 + number}")
        for number, rule in enumerate(rules, 1)
    )
    return Policy(rules=numbered, **(facts | given))


def a_use(form: str | Form = Form.FULL, *fallback: str | Form, **given: Any) -> Use:
    """A community site on the web, without ads, whose formats can carry every duty."""
    facts: dict[str, Any] = {"output": "community", "can_discharge": ALL_DUTIES}
    kinds = {"audience": Audience, "medium": Medium, "ads": Ads, "selection": Selection}
    facts |= {name: kinds[name](value) if name in kinds else value for name, value in given.items()}
    return Use(form=Form(form), fallback=tuple(map(Form, fallback)), **facts)


def a_question(
    stored: StoredEntry | Entry | None = None, use: Use | None = None, *, policy: str | None = "herald", **given: Any
) -> Question:
    """May this entry be shown in this use, now?"""
    if not isinstance(stored, StoredEntry):
        stored = a_stored(stored)
    return Question(stored=stored, policy=policy, use=use or a_use(), **({"at": NOW} | given))


def a_grant(**given: Any) -> Grant:
    """A written permission of The Herald, for everything unless a scope is given."""
    facts: dict[str, Any] = {"id": "g1", "evidence": "letter of 2026-11-01"}
    if not {"policy", "publisher"} & given.keys():
        facts["policy"] = "herald"
    return Grant(**(facts | given))


def an_origin(name: str | None = "Wire", *, sure: bool = True, **given: Any) -> Origin:
    """Another publisher, as a credit line names it."""
    certainty = Certainty.SURE if sure else Certainty.UNSURE
    return Origin(name=name, certainty=certainty, **({"carrier": "credit-line"} | given))


def a_notice(
    kind: str | NoticeKind, value: str = "", level: str | Level = Level.ENTRY, carrier: str = "feed"
) -> Notice:
    return Notice(kind=NoticeKind(kind), level=Level(level), value=value, carrier=carrier)


def an_image(credit: str | None = None, url: str = "https://herald.example/bridge.jpg", **given: Any) -> Component:
    return Component(kind=ComponentKind.IMAGE, url=url, credit=credit, **given)


def a_source(id_: str = "herald", **given: Any) -> Source:
    facts: dict[str, Any] = {"feed": f"https://{id_}.example/feed", "policy": id_}
    return Source(id=id_, **(facts | given))


def an_output(id_: str = "community", use: Use | None = None, **given: Any) -> Output:
    """An output of everything, titled after its id."""
    use = replace(use or a_use(), output=id_)
    return Output(id=id_, use=use, **({"title": id_.capitalize()} | given))


def names(terms: Sequence[Duty | Limit]) -> list[str]:
    """Names of duties or limits, sorted, each once: for tests to which parameters do not matter."""
    return sorted({term.name.value for term in terms})
