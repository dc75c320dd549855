"""What a site may be handed: nothing that would not be allowed to itself."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from aggregator.model.decision import Reason
from aggregator.model.use import Ads, Audience, Medium
from aggregator.rights import Policies, decide
from aggregator.rights.subscription import beyond
from tests.build import a_limit, a_policy, a_rule, a_use
from tests.rights.pools import a_random_world
from tests.rights.test_laws import answer


def test_what_fits_is_allowed_to_the_site_itself() -> None:
    """Only a duty that a rule for it adds can stand in the way, and duties are credit: more of it, not less."""
    random, tried = Random(20261126), 0
    others = (
        {"audience": Audience.COMMERCIAL},
        {"audience": Audience.COMMUNITY},
        {"medium": Medium.WEB},
        {"ads": Ads.NONE},
        {"paywall": False},
        {"sold": False},
        {"territory": frozenset({"US"})},
        {"language": "de"},
        {"copies": 50},
    )
    for _ in range(1_500):
        world = a_random_world(random)
        use = world.question.use
        declared = use
        for taken in random.sample(others, random.choice([1, 1, 2])):
            declared = replace(declared, **taken)
        if declared == use or beyond(declared, use, world.policies):
            continue
        given_out = answer(world)
        if given_out.allowed:
            tried += 1
            asked = replace(world.question, use=replace(declared, form=given_out.form, fallback=()))
            own = decide(asked, Policies(world.policies, world.unknown), world.grants)
            assert own.allowed or own.reason is Reason.DUTY_UNMET, own.sentence
    assert tried > 30


HERALD = a_policy(
    a_rule("allow", to=["anyone"]),
    a_rule("ask", "full", to=["commercial"]),
    a_rule("deny", "headline", to=["news"]),
    a_rule("allow", "full", to=["education"], limits=[a_limit("no-ads")]),
)


@pytest.mark.parametrize(
    ("declared", "use", "reason"),
    [
        ({}, {}, None),
        ({"audience": "commercial"}, {}, "it is for community use, and the declared use is commercial"),
        ({"audience": "nonprofit"}, {}, "it is for community use, and the declared use is nonprofit"),
        ({"audience": "anyone"}, {}, "it is for community use, and the declared use is anyone"),
        ({"audience": "community"}, {"audience": "anyone"}, None),
        (
            {"audience": "commercial"},
            {"audience": "anyone"},
            "The Herald wants to be asked for commercial use (policies/herald.yaml:12)",
        ),
        ({"audience": "news"}, {"audience": "anyone"}, None),
        (
            {"audience": "education"},
            {"audience": "anyone"},
            "The Herald sets limits for education use (policies/herald.yaml:14)",
        ),
        ({"medium": "print"}, {}, "it is for web, and the declared medium is print"),
        ({"ads": "page"}, {}, "it is for use without advertising, and the declared advertising is 'page'"),
        (
            {"ads": "item"},
            {"ads": "page"},
            "it is for use with advertising on the page only, and the declared advertising is 'item'",
        ),
        ({"ads": "none"}, {"ads": "item"}, None),
        ({"paywall": True}, {}, "it is for use without a paywall, and a paywall is declared"),
        ({"paywall": False}, {"paywall": True}, None),
        ({"sold": True}, {}, "its copies may not be sold, and a sale is declared"),
        ({}, {"territory": frozenset({"US"})}, "it is for US only, and no territory is declared"),
        (
            {"territory": frozenset({"US", "MX"})},
            {"territory": frozenset({"US"})},
            "it is for US only, and the declared territory has MX",
        ),
        ({"territory": frozenset({"US"})}, {}, None),
        ({"language": "de"}, {}, "it does not cover a translation to 'de'"),
        ({"language": "de-AT"}, {"language": "de"}, None),
        ({}, {"copies": 400}, "it is for 400 copies at most, and no number is declared"),
        ({"copies": 500}, {"copies": 400}, "it is for 400 copies at most, and 500 is declared"),
        ({"copies": 400}, {"copies": 400}, None),
    ],
)
def test_in_what_a_use_goes_beyond(declared: dict[str, object], use: dict[str, object], reason: str | None) -> None:
    assert beyond(a_use(**declared), a_use(**use), [HERALD]) == (() if reason is None else (reason,))
