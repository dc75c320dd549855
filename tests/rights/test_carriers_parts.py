"""What is said of single pictures (Media RSS), and by a JSON Feed's `_rights`, through the real readers: it tightens.

As `test_carriers`, which has the elements of items, feeds and sites.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aggregator.intake.parse import parse
from aggregator.model.decision import Decision
from aggregator.model.entry import StoredEntry
from aggregator.model.parsed import ParsedFeed, ParseRequest
from aggregator.model.policy import ImageRule, Images, Policy
from aggregator.model.use import Use
from aggregator.rights import Policies, decide
from tests.build import a_limit, a_policy, a_question, a_rule, a_stored
from tests.rights.test_carriers import (
    BY,
    NC,
    OPEN,
    ORIGIN,
    POLICIES,
    SILENT,
    USES,
    ZERO,
    a_feed,
    law,
    shown,
    stored_of,
)

IMAGE = f"{ORIGIN}/bridge.jpg"

# ── Media RSS: what may be said of one picture ───────────────────────────────────────────────────────────────────

BARS = (
    "<media:license type='text/html' href='https://agency.example/terms'>Agency licence</media:license>",
    "<media:license>All rights reserved</media:license>",
    "<dcterms:license rdf:resource='https://agency.example/terms'/>",
    "<media:restriction relationship='deny' type='country'>de fr</media:restriction>",
    "<media:restriction relationship='allow' type='uri'>https://herald.example</media:restriction>",
    "<media:restriction relationship='deny'>all</media:restriction>",
    "<media:copyright url='https://agency.example/terms'>2026 Agency</media:copyright>",
)
"""Each is a reason to take the picture out."""
KIND = (
    f"<media:license href='{ZERO}'/>",
    f"<media:license href='{BY}'>CC BY</media:license>",
    f"<media:copyright url='{BY}'>The Herald</media:copyright>",
    "<media:restriction relationship='allow'>all</media:restriction>",
    "<media:credit role='photographer'>The Herald / Ann Lee</media:credit>",
)
NOISE = (
    "<media:license/>",
    "<media:license href='http://[bad/'/>",
    "<media:restriction/>",
    "<media:credit/>",
    f"<odd:license href='{ZERO}'/>",
    "<media:copyright url=''/>",
)
OF_PICTURES = st.lists(st.sampled_from((*BARS, *KIND, *NOISE)), max_size=3)


def content(said: list[str], url: str = IMAGE) -> str:
    return f"<media:content url='{url}' medium='image' type='image/jpeg'>{''.join(said)}</media:content>"


OWN = a_policy(a_rule("allow"), images=Images(rule=ImageRule.OWN_CREDIT))
BOUND = a_policy(a_rule("allow", limits=[a_limit("own-images-only")]))


def kept(item: list[str], policy: Policy, use: Use) -> tuple[int, set[str]]:
    """How much is shown, and which pictures stay."""
    stored = stored_of(a_feed(item, [], [], atom=False))
    decision = decide(a_question(stored, use), Policies([policy]), ())
    if not decision.allowed:
        return 0, set()
    return shown(decision), {one.url for one in stored.entry.components} - set(decision.removed)


@law
@given(OF_PICTURES, OF_PICTURES, st.sampled_from(BARS), st.booleans(), USES)
def test_a_picture_that_anything_bars_goes_and_the_text_stays(
    before: list[str], after: list[str], bar: str, apart: bool, use: Use
) -> None:
    """Whatever else is said of it, before or after, in the same element or in another of the same address."""
    elements = [content(before), content([bar]), content(after)] if apart else [content([bar])]
    form, left = kept(elements, OPEN, use)
    assert IMAGE not in left
    assert form == kept([], OPEN, use)[0]


@law
@given(OF_PICTURES, st.sampled_from((OPEN, OWN, BOUND)), USES)
def test_what_is_said_of_one_picture_says_nothing_of_another(said: list[str], policy: Policy, use: Use) -> None:
    other = content(["<media:credit>The Herald</media:credit>"], f"{ORIGIN}/other.jpg")
    form, left = kept([content(said), other], policy, use)
    assert form == kept([other], policy, use)[0]
    assert left - {IMAGE} == kept([other], policy, use)[1]


@law
@given(OF_PICTURES, st.lists(st.sampled_from((*KIND, *NOISE)), max_size=2), USES)
def test_a_kind_word_in_another_element_never_brings_a_picture_back(said: list[str], more: list[str], use: Use) -> None:
    alone = kept([content(said)], OPEN, use)[1]
    for elements in ([content(said), content(more)], [content(more), content(said)]):
        assert kept(elements, OPEN, use)[1] <= alone


def test_a_picture_with_the_credit_of_an_agency_is_not_the_publishers_own() -> None:
    use = a_question().use
    agency = content(["<media:credit role='photographer'>Agency / J. Doe</media:credit>"])
    own = content(["<media:credit>Ann Lee / The Herald</media:credit>"])
    assert [kept([one], policy, use)[1] for policy in (OWN, BOUND) for one in (agency, own)] == [
        set(),
        {IMAGE},
        set(),
        {IMAGE},
    ]


# ── JSON Feed ────────────────────────────────────────────────────────────────────────────────────────────────────

LICENCES = (
    {"url": BY},
    {"url": ZERO},
    {"url": NC},
    {"name": "CC0-1.0"},
    {"name": "Agency licence"},
    {"url": "javascript:x", "name": ""},
    {"url": 7},
    "CC0-1.0",
)
FORBID: tuple[Any, ...] = (
    {"notice": "Not for republication."},
    {"notice": "This text may not be reproduced without written permission.", "licences": [{"url": ZERO}]},
    {"licences": [{"url": ZERO}], "notice": ["Not for republication."]},
    {"hops": [], "note": "Not for republication."},
    {"source": {"name": "The Herald", "notice": "Not for republication."}},
    "Not for republication.",
    {"licences": [{"name": "Agency licence"}]},
)
"""Each bars the item."""
WORDS: tuple[Any, ...] = (
    {"decision": "allow", "outcome": "allow", "duties": [], "notice": "All uses allowed."},
    {"form": "full", "notice": "Public domain, free for all."},
    {"permissions": ["all"], "granted": True},
    ["allow"],
    "allow all",
    7,
    None,
    {"licences": {"url": ZERO}},
    {"hops": "none", "source": [], "components": {}},
)
ANY_RIGHTS = st.one_of(
    st.sampled_from((*FORBID, *WORDS)),
    st.builds(lambda some: {"licences": some}, st.lists(st.sampled_from(LICENCES), max_size=3)),
)


def json_feed(rights: Any, of_feed: Any = None) -> bytes:
    item = {
        "id": "1",
        "url": f"{ORIGIN}/bridge",
        "title": "Bridge",
        "content_text": "The council voted on the bridge. " * 60,
        "date_published": "2026-11-19T12:00:00Z",
        "authors": [{"name": "Ann Lee"}],
        "_rights": rights,
    }
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Herald", "home_page_url": f"{ORIGIN}/"}
    return json.dumps({**feed, "_rights": of_feed, "items": [item]}).encode()


def stored_of_json(document: bytes) -> StoredEntry:
    read = parse(
        ParseRequest(
            source="herald",
            url=f"{ORIGIN}/feed.json",
            body=document,
            content_type="application/feed+json",
            own_names=frozenset({"the herald", "herald"}),
            own_domains=frozenset({"herald.example"}),
        )
    )
    assert isinstance(read, ParsedFeed), read
    return a_stored(read.entries[0].entry)


def decided(policy: Policy, use: Use, rights: Any = None, of_feed: Any = None) -> Decision:
    return decide(a_question(stored_of_json(json_feed(rights, of_feed)), use), Policies([policy]), ())


@law
@given(ANY_RIGHTS, ANY_RIGHTS, st.one_of(POLICIES, st.just(OPEN)), USES)
def test_no_rights_of_a_json_feed_show_more_than_none(item: Any, feed: Any, policy: Policy, use: Use) -> None:
    assert shown(decided(policy, use, item, feed)) <= shown(decided(policy, use))


@law
@given(ANY_RIGHTS, ANY_RIGHTS, USES)
def test_no_rights_of_a_json_feed_speak_for_a_silent_policy(item: Any, feed: Any, use: Use) -> None:
    assert not decided(SILENT, use, item, feed).allowed


@law
@given(st.sampled_from(FORBID), ANY_RIGHTS, USES)
def test_an_item_of_a_json_feed_that_bars_republication_is_held(rights: Any, feed: Any, use: Use) -> None:
    assert not decided(OPEN, use, rights, feed).allowed
    assert not decided(OPEN, use, None, "Not for republication.").allowed


@law
@given(st.lists(st.sampled_from([BY, ZERO, "Agency licence", "", "All rights reserved"]), min_size=1, max_size=3), USES)
def test_a_picture_that_rights_name_twice_stays_only_if_both_let_it(licences: list[str], use: Use) -> None:
    parts = [{"kind": "image", "url": IMAGE, "licence": licence} for licence in licences]
    found = stored_of_json(json_feed({"form": "full", "components": parts}))
    decision = decide(a_question(found, use), Policies([OPEN]), ())
    barred = bool({"Agency licence", "All rights reserved"} & set(licences))
    assert not decision.allowed or not barred or IMAGE in decision.removed
