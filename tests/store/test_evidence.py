"""What sites say comes back as it was stored, on both databases, and makes stale what it concerns."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from aggregator.model.evidence import Evidence, EvidenceKind, Reservation, SiteWords
from aggregator.model.rsl import RslContent, RslLicense, RslPayment, RslTerms
from aggregator.store import Store, sources
from aggregator.store import evidence as evidence_rows
from tests.store.builders import NOW

DAY = timedelta(days=1)
SPEAKS = SiteWords(rules=(("content-signal", "ai-train=no \x00 ä"),), licences=("https://herald.example/l.xml",))
TERMS = SiteWords(
    contents=(
        RslContent(
            url="/",
            licenses=(
                RslLicense(
                    prohibits=(RslTerms(kind="usage", tokens=("all",)),), payment=RslPayment(kind="use", amount="1")
                ),
            ),
        ),
    )
)


def a_row(name: str = "robots.txt", words: SiteWords | None = SPEAKS, **given: Any) -> Evidence:
    facts = {
        "source": "herald",
        "kind": EvidenceKind.ROBOTS,
        "url": f"https://herald.example/{name}",
        "origin": "https://herald.example",
        "quote": "content-signal: ai-train=no",
        "read_at": NOW,
        "next_at": NOW + DAY,
    }
    return Evidence(words=words, **(facts | given))


async def test_evidence_comes_back_as_it_was_stored(store: Store) -> None:
    await store.sync_sources(["herald", "other"], NOW)
    rows = [
        a_row("l.xml", TERMS, kind=EvidenceKind.RSL),
        a_row(failures=2, problem="https://herald.example/robots.txt: answered 503"),
        a_row(
            "tdmrep.json", SiteWords(reservations=(Reservation(location="/", reserved=True),)), kind=EvidenceKind.TDMREP
        ),
        a_row("void", None, read_at=None, quote=""),
    ]
    assert await store.keep_evidence("herald", rows)
    assert await store.evidence("herald") == rows
    assert await store.evidence_said(["herald", "other", "gone"]) == {"herald": tuple(rows[:3])}
    assert await store.evidence_said(["other"]) == {}
    assert await store.read(evidence_rows.counts) == {"herald": 3}


async def test_all_that_is_known_of_a_site_is_replaced_at_once(store: Store) -> None:
    await store.sync_sources(["herald", "other"], NOW)
    await store.keep_evidence("herald", [a_row(), a_row("l.xml", TERMS)])
    await store.keep_evidence("other", [a_row(source="other", next_at=NOW)])
    fresh = [a_row(next_at=NOW + 2 * DAY)]
    await store.keep_evidence("herald", fresh)
    assert await store.evidence("herald") == fresh
    assert await store.read(evidence_rows.schedule) == {
        "herald": ("https://herald.example", NOW + 2 * DAY),
        "other": ("https://herald.example", NOW),
    }


async def test_only_other_words_make_outputs_stale(store: Store) -> None:
    await store.sync_sources(["herald", "other"], NOW)
    silent = a_row(words=None)
    assert not await store.keep_evidence("herald", [silent])
    assert await store.read(sources.changed_rows, 0) == []
    assert await store.keep_evidence("herald", [a_row()])
    [(changed, cursor)] = await store.read(sources.changed_rows, 0)
    assert changed == "herald"
    later = replace(a_row(), read_at=NOW + DAY, next_at=NOW + 2 * DAY, failures=1, problem="late")
    assert not await store.keep_evidence("herald", [later])
    assert await store.read(sources.changed_rows, cursor) == []
    assert await store.keep_evidence("herald", [])
    assert [source for source, _ in await store.read(sources.changed_rows, cursor)] == ["herald"]


async def test_evidence_of_a_source_that_is_not_stored_is_left_alone(store: Store) -> None:
    assert not await store.keep_evidence("gone", [a_row(source="gone")])
    assert await store.evidence("gone") == []
