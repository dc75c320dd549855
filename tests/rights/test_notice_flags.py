"""Where a feed contradicts the operator's policy, a person hears both sides; where it does not, nobody is bothered."""

from __future__ import annotations

import pytest

from aggregator.model.decision import Decision
from aggregator.model.entry import Notice
from aggregator.rights import Policies, decide
from tests.build import a_grant, a_notice, a_policy, a_question, a_rule, a_use, an_entry

ALLOWS = "The Herald allows the full text (policies/herald.yaml:11), but "


def asked(*notices: Notice, audience: str = "commercial", **policy: object) -> Decision:
    rules = policy.pop("rules", (a_rule(),))
    stated = an_entry(notices=notices)
    return decide(a_question(stated, a_use(audience=audience)), Policies([a_policy(*rules, **policy)]))


def told(decision: Decision) -> list[tuple[str, str, str]]:
    return [(hold.kind.value, hold.effect.value, hold.sentence) for hold in decision.holds]


@pytest.mark.parametrize(
    ("notice", "effect", "feed_side"),
    [
        (
            a_notice("forbid", "Not for  republication.", carrier="dc:rights"),
            "ask",
            'the entry itself says that it is not for republication (dc:rights: "Not for republication.")',
        ),
        (
            a_notice("draft", "yes", carrier="app:draft"),
            "deny",
            'the entry itself marks it as a draft (app:draft: "yes")',
        ),
        (
            a_notice("deny", "deny", "feed", "access:restriction"),
            "deny",
            'its feed denies access to it (access:restriction: "deny")',
        ),
        (
            a_notice("licence", "CC-BY-NC-4.0", "feed", "creativeCommons:license"),
            "ask",
            (
                'its feed names a licence (creativeCommons:license: "CC-BY-NC-4.0"): The Herald licenses '
                "non-commercial use only (CC-BY-NC-4.0), and this use is commercial"
            ),
        ),
        (
            a_notice("licence", "https://example.org/terms", "source", "atom:link rel=license"),
            "ask",
            (
                'its atom:source names a licence (atom:link rel=license: "https://example.org/terms"): the licence '
                "'https://example.org/terms' of The Herald is not known: it must be asked"
            ),
        ),
        (
            a_notice("licence", "All rights reserved", carrier="podcast:license"),
            "ask",
            (
                'the entry itself names a licence (podcast:license: "All rights reserved"): The Herald reserves all '
                "rights: it must be asked"
            ),
        ),
    ],
    ids=["forbid", "draft", "deny", "stricter-licence", "unknown-licence", "reserved"],
)
def test_what_is_stricter_than_the_policy_says_both_sides(notice: Notice, effect: str, feed_side: str) -> None:
    assert told(asked(notice)) == [("notice", effect, ALLOWS + feed_side)]


def test_a_policy_that_allows_by_its_licence_is_named_with_it() -> None:
    decision = asked(a_notice("forbid", "no", carrier="dc:rights"), rules=(), licence="CC-BY-4.0")
    sentence = decision.holds[0].sentence
    assert sentence.startswith(
        "The Herald allows the full text (licence CC-BY-4.0, policies/herald.yaml:1), but the entry"
    )


@pytest.mark.parametrize("notices", [("CC0-1.0",), ("CC-BY-4.0",), ("CC-BY-NC-4.0", "CC-BY-4.0")], ids=" or ".join)
def test_a_looser_licence_changes_nothing_and_raises_no_flag(notices: tuple[str, ...]) -> None:
    stated = [a_notice("licence", value) for value in notices]
    assert told(asked(*stated)) == []
    denied = asked(*stated, rules=(a_rule("deny"),))
    assert told(denied) == told(asked(rules=(a_rule("deny"),)))
    waits = asked(*stated, rules=(a_rule("ask"),))
    assert told(waits) == told(asked(rules=(a_rule("ask"),)))


def test_prose_holds_nothing_and_raises_no_flag() -> None:
    assert told(asked(a_notice("rights", "© 2026 The Herald. All rights reserved."))) == []


def test_where_the_policy_asks_anyway_the_notice_contradicts_nobody() -> None:
    decision = asked(a_notice("forbid", "no", carrier="dc:rights"), rules=(a_rule("ask"),))
    assert [kind for kind, _, _ in told(decision)] == ["permission", "notice"]
    assert decision.holds[1].sentence.startswith("the entry itself says")


def test_a_denial_by_the_feed_is_no_question_to_anybody() -> None:
    """Ruling 24: a plain no raises no flag; the sentence stands in the explanation."""
    decision = asked(a_notice("draft", "yes", carrier="app:draft"))
    assert decision.outcome.value == "deny"
    assert {effect for _, effect, _ in told(decision)} == {"deny"}


def test_a_long_notice_is_quoted_in_part() -> None:
    (hold,) = asked(a_notice("forbid", "No. " * 500, carrier="dc:rights")).holds
    assert len(hold.sentence) < 350
    assert "…" in hold.sentence


def test_a_grant_that_names_the_entry_goes_before_the_notice() -> None:
    entry = an_entry(notices=(a_notice("forbid", "no", carrier="dc:rights"),))
    grant = a_grant(entry=entry.key)
    decision = decide(a_question(entry), Policies([a_policy(a_rule())]), [grant])
    assert (decision.outcome.value, decision.holds) == ("allow", ())
    assert any(step.unusable == "a grant goes before it" for step in decision.trace)
