"""Four worked cases, decided before and after their policies went out as ODRL and came back; and what RSL keeps."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from aggregator.intake.odrl_read import read_odrl
from aggregator.model.decision import Decision, Question
from aggregator.model.odrl import Ref
from aggregator.model.policy import DutyName, Effect, ImageRule, Images, Policy, ThirdParty, When
from aggregator.model.rsl import RslLegal, RslPayment, RslTerms
from aggregator.model.use import Ads, Audience, Form, Medium, Selection
from aggregator.rights.decide import decide
from aggregator.rights.odrl import from_odrl, to_odrl
from aggregator.rights.odrl_terms import ODRL
from aggregator.rights.odrl_values import action, refs
from aggregator.rights.policies import Policies
from aggregator.rights.rsl import to_rsl
from tests.build import (
    PUBLISHED,
    a_duty,
    a_limit,
    a_policy,
    a_publisher,
    a_question,
    a_rule,
    a_stored,
    a_use,
    an_entry,
    an_image,
    an_origin,
    names,
)


def there_and_back(policy: Policy) -> Policy:
    """The policy as another program would get it from us."""
    document, losses = to_odrl(policy)
    assert losses == ()
    statements, warnings = read_odrl(json.dumps(document).encode())
    assert statements is not None, warnings
    found, notes = from_odrl(statements)
    assert found is not None
    assert notes == ()
    bare = replace(policy, where="", rules=tuple(replace(rule, where="") for rule in policy.rules))
    assert found == bare
    return found


def answers(policies: Sequence[Policy], *questions: Question) -> list[Decision]:
    """Decided by policies that went out and came back: the same as by the policies themselves."""
    before, after = Policies(policies), Policies([there_and_back(policy) for policy in policies])
    for question in questions:
        first, second = decide(question, before), decide(question, after)
        assert (first.outcome, first.form, first.duties, first.limits, first.removed, first.valid_until) == (
            second.outcome, second.form, second.duties, second.limits, second.removed, second.valid_until,
        )  # fmt: skip
    return [decide(question, before) for question in questions]


# ── A. cross-posting on community sites ──────────────────────────────────────────────────────────────────────────

CROSS_POST = a_policy(
    a_rule(
        Effect.ALLOW, Form.FULL, Form.EXCERPT, Form.HEADLINE,
        to=["community", "nonprofit"],
        media=[Medium.WEB],
        duties=["credit-source", a_duty("copyright-notice", text="© The Herald"), "link-original"],
    ),
    a_rule(Effect.ASK, Form.FULL, Form.EXCERPT, to=["commercial"]),
    a_rule(Effect.ASK, Form.FULL, Form.EXCERPT, media=[Medium.PRINT]),
)  # fmt: skip


def test_a_community_site_may_cross_post_and_print_and_commerce_must_ask() -> None:
    found = answers(
        [CROSS_POST],
        a_question(),
        a_question(use=a_use(medium=Medium.PRINT)),
        a_question(use=a_use(audience=Audience.COMMERCIAL)),
    )
    assert [decision.outcome for decision in found] == [Effect.ALLOW, Effect.ASK, Effect.ASK]
    assert names(found[0].duties) == ["copyright-notice", "credit-source", "link-original"]
    assert found[1].contact == "desk@herald.example"


def test_cross_posting_is_distribution_to_collections_with_consent_for_the_rest() -> None:
    """As a stranger's graph: permissions of distribute, assignees, media, and obtainConsent from the publisher."""
    statements, _ = read_odrl(json.dumps(to_odrl(CROSS_POST)[0]).encode())
    assert statements is not None
    uid = to_odrl(CROSS_POST)[0]["uid"]
    rules = [statements.node(name) for name in refs(statements.node(uid), ODRL + "permission")]
    actions = [action(statements, name)[0] for rule in rules for name in refs(rule, ODRL + "action")]
    assert actions == [ODRL + "distribute"] * 3
    assert [len(refs(rule, ODRL + "assignee")) for rule in rules] == [2, 1, 0]
    duties = [statements.node(name) for rule in rules[1:] for name in refs(rule, ODRL + "duty")]
    assert [refs(duty, ODRL + "action") for duty in duties] == [[ODRL + "obtainConsent"]] * 2
    assert [duty[ODRL + "consentingParty"] for duty in duties] == [(Ref(f"{uid}#publisher"),)] * 2


def test_the_same_terms_in_core_words_come_to_the_same() -> None:
    """Written by somebody who knows ODRL and not us."""
    cc = "http://creativecommons.org/ns#"

    def purpose(value: str) -> dict[str, Any]:
        return {"leftOperand": "purpose", "operator": "eq", "rightOperand": value}

    consent = {"action": "obtainConsent", "consentingParty": "https://herald.example/"}
    document = {
        "@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Offer", "uid": "https://herald.example/terms",
        "assigner": "https://herald.example/", "target": "https://herald.example/", "conflict": "prohibit",
        "permission": [
            {
                "action": ["distribute", "extract"],
                "assignee": "https://herald.example/parties/community-sites",
                "constraint": {"leftOperand": "media", "operator": "eq", "rightOperand": "electronic"},
                "duty": [{"action": "attribute"}, {"action": cc + "Notice"}],
            },
            {"action": "print", "duty": consent},
            {"action": "distribute", "constraint": purpose("commercial"), "duty": consent},
        ],
    }  # fmt: skip
    statements, _ = read_odrl(json.dumps(document).encode())
    assert statements is not None
    policy, _ = from_odrl(statements, articles={"https://herald.example/"})
    assert policy is not None
    policies = Policies([replace(policy, id="herald", contact="desk@herald.example")])
    entry = a_stored(replace(an_entry(), origins=(an_origin("The Herald", notice="© The Herald"),)))
    uses = [a_use(), a_use(medium=Medium.PRINT), a_use(audience=Audience.COMMERCIAL), a_use(ads=Ads.PAGE)]
    asked = [decide(a_question(entry, use), policies) for use in uses]
    assert [decision.outcome for decision in asked[1:]] == [Effect.ASK] * 3
    (allowed,) = [rule for rule in policy.rules if rule.effect is Effect.ALLOW]
    assert (allowed.to, allowed.media) == (frozenset({Audience.COMMUNITY}), frozenset({Medium.WEB}))
    assert [duty.name for duty in allowed.duties] == [DutyName.CREDIT_SOURCE, DutyName.COPYRIGHT_NOTICE]


def test_rsl_keeps_users_attribution_and_contact_of_it() -> None:
    document, losses = to_rsl(CROSS_POST)
    (licence,) = document.contents[0].licenses
    # `non-commercial` alone: personal and education are other audiences, of which the policy says nothing.
    assert licence.permits == (RslTerms(kind="user", tokens=("non-commercial",)),)
    assert licence.payment == RslPayment(kind="attribution")
    assert licence.legal == (RslLegal(kind="contact", values=("desk@herald.example",)),)
    assert "in: print (herald:3)" in losses


# ── B. ninety days, own pictures ─────────────────────────────────────────────────────────────────────────────────

NINETY_DAYS = a_policy(
    a_rule(
        Effect.ALLOW, Form.FULL,
        media=[Medium.WEB],
        when=When(window=timedelta(days=90)),
        duties=[
            a_duty("credit-line", text="Originally published by The Herald", slot="top"),
            a_duty("link-original", target="article"),
            "keep-links",
            a_duty("remove-after", days=90),
            a_duty("other", text="The republishing site must show how to contact it."),
        ],
        limits=["no-ads-against", "no-endorsement"],
    ),
    licence="CC-BY-4.0",
    images=Images(rule=ImageRule.OWN_CREDIT, credits=("The Herald",)),
    third_party=ThirdParty.DENY,
)  # fmt: skip


def test_a_window_ends_and_pictures_need_the_outlets_name() -> None:
    policy = replace(
        NINETY_DAYS,
        licence=None,
        rules=(replace(NINETY_DAYS.rules[0], duties=NINETY_DAYS.rules[0].duties[:-1]),),
    )
    entry = replace(
        an_entry(), components=(an_image("The Herald / Ann Lee"), an_image("Agency", "https://herald.example/2.jpg"))
    )
    now, later, with_ads = answers(
        [policy],
        a_question(entry),
        a_question(entry, at=PUBLISHED + timedelta(days=91)),
        a_question(entry, a_use(ads=Ads.ITEM)),
    )
    assert (now.outcome, now.removed) == (Effect.ALLOW, ("https://herald.example/2.jpg",))
    assert now.valid_until == PUBLISHED + timedelta(days=90)
    assert "remove-after" in names(now.duties)
    assert later.outcome is not Effect.ALLOW
    assert with_ads.outcome is not Effect.ALLOW


def test_a_condition_that_fits_no_term_travels_and_asks() -> None:
    (found,) = answers([NINETY_DAYS], a_question())
    assert found.outcome is Effect.ASK


# ── C. one entry, one policy, three outcomes ─────────────────────────────────────────────────────────────────────

BY_HAND = a_policy(
    a_rule(
        Effect.ALLOW, Form.FULL,
        duties=[
            "credit-author", "credit-source", "link-original",
            a_duty("tracker", url="https://herald.example/count.gif"),
            a_duty("logo", requested=True, url="https://herald.example/logo.png"),
        ],
        limits=[a_limit("no-edits", **{"except": ("style", "time-place")}), "no-resale", "no-automatic"],
    ),
    a_rule(Effect.ALLOW, Form.EXCERPT, duties=[a_duty("end-note", text="Read the full article at The Herald.")]),
    licence="CC-BY-ND-4.0",
    waive=frozenset({"copyright-notice"}),
    images=Images(rule=ImageRule.DENY),
)  # fmt: skip


def test_a_machine_gets_an_excerpt_and_a_person_the_whole() -> None:
    automatic, smaller, reviewed = answers(
        [BY_HAND],
        a_question(),
        a_question(use=a_use(Form.FULL, Form.EXCERPT)),
        a_question(use=a_use(selection=Selection.REVIEWED), approved=True),
    )
    assert automatic.outcome is Effect.ASK
    assert (smaller.outcome, smaller.form) == (Effect.ALLOW, Form.EXCERPT)
    assert (reviewed.outcome, reviewed.form) == (Effect.ALLOW, Form.FULL)
    assert {"tracker", "logo", "credit-author"} <= set(names(reviewed.duties))


# ── D. a story that came from somebody else ──────────────────────────────────────────────────────────────────────


def test_a_licence_of_the_last_hop_does_not_cover_the_first() -> None:
    """The Herald's licence is its own to give; the story is Wire's."""
    herald = a_policy(licence="CC-BY-NC-ND-4.0", third_party=ThirdParty.ASK, waive=frozenset({"copyright-notice"}))
    wire = a_policy(
        a_rule(Effect.DENY, Form.FULL),
        id="wire",
        publisher=a_publisher("Wire", url="https://wire.example/", domains=("wire.example",)),
    )
    from_wire = replace(an_entry(), origins=(an_origin("Wire", url="https://wire.example/1"),))
    questions = [a_question(), a_question(from_wire)]
    own, unknown = answers([herald], *questions)
    assert (own.outcome, unknown.outcome) == (Effect.ALLOW, Effect.ASK)
    assert answers([herald, wire], *questions)[1].outcome is Effect.DENY
    _, losses = to_rsl(herald)
    assert "third_party: ask" in losses
