"""Promises of the parts that no case shows well."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from aggregator.model.decision import Decision, Question
from aggregator.model.policy import When
from aggregator.model.use import Form
from aggregator.rights import Policies, approval_digest, decide, explain
from aggregator.rights.names import fits, fold, host, stands_in
from aggregator.rights.reasons import described
from tests.build import (
    NOW,
    a_duty,
    a_grant,
    a_limit,
    a_notice,
    a_policy,
    a_publisher,
    a_question,
    a_rule,
    a_stored,
    a_use,
    an_entry,
    an_image,
    an_origin,
)


def test_look_alikes_are_other_names() -> None:
    assert fold("Ｗire") == fold("wire")
    assert fold("Wіre") != fold("Wire"), "a Cyrillic і is not an i"


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [("ap", "ann lee, ap", True), ("ap", "ann lee, apt", False), ("c++", "all about c++!", True), ("", "text", False)],
)
def test_a_name_stands_in_a_text_as_a_whole(name: str, text: str, found: bool) -> None:
    assert stands_in(name, text) is found


def test_a_glob_of_many_stars_takes_no_time() -> None:
    assert not fits("*a" * 40 + "b", "a" * 20_000)
    assert fits("https://*/news/*", "HTTPS://herald.example/News/1")
    assert not fits("ab*ba", "aba")


@pytest.mark.parametrize(
    "url", ["http://[", "", "no address", "https://", "http://\udcff.example/", "https://" + "a" * 300]
)
def test_an_odd_address_is_nobodys(url: str) -> None:
    assert Policies([a_policy()]).at([name for name in [host(url)] if name]) == ()


HUGE = timedelta(days=999_999_999)
ODD = [
    a_rule(when=When(embargo=HUGE)),
    a_rule(when=When(window=HUGE)),
    a_rule("deny", when=When(window=-HUGE, territory=("",), url=("",), category=("",))),
    a_rule(duties=[a_duty("remove-after", days="soon"), a_duty("remove-after", days=1e300), a_duty("tracker")]),
    a_rule(limits=[a_limit("excerpt-max"), a_limit("excerpt-max", n="x", unit="pages"), a_limit("max-copies")]),
    a_rule(limits=[a_limit("max-share", percent=float("nan")), a_limit("own-images-only", credit=("", "x"))]),
    a_rule(duties=[a_duty("credit-line", any_of=[a_duty("other", text="x")]), a_duty("licence-notice")]),
]


@pytest.mark.parametrize("rule", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("at", [NOW, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_every_question_has_an_answer(rule: object, at: datetime) -> None:
    """Whatever stands in a policy, a feed or a grant."""
    entry = an_entry(
        authors=("", "\u0000"),
        categories=("",),
        language="_",
        title="\ud800",
        url="http://[",
        published_at=datetime.max.replace(tzinfo=UTC),
        origins=(an_origin(None), an_origin("", url="http://["), an_origin("A" * 10_000, feed_url="x:")),
        notices=(a_notice("licence", ""), a_notice("rights", " "), a_notice("licence", "//")),
        components=(an_image("", licence="?"), an_image(None)),
    )
    nobody = a_publisher("", aliases=("",), domains=("",))
    policies = Policies([a_policy(rule, publisher=nobody, licence="")])
    grants = (
        a_grant(author="", category="", since=date.max, until=date.max),
        a_grant(publisher=""),
    )
    use = a_use("full", "excerpt", "headline", language="", territory=frozenset({""}))
    for policy in ("herald", None, "gone"):
        decision = decide(a_question(a_stored(entry), use, policy=policy, at=at, text=""), policies, grants)
        assert explain(decision)


def test_a_decision_survives_json() -> None:
    question = a_question(an_entry(origins=(an_origin("Wire"),)), a_use("full", "headline"))
    decision = decide(question, Policies([a_policy(a_rule(duties=["credit-source"]))], version="v1"))
    assert type(decision.told().trace) is tuple
    assert msgspec.json.decode(msgspec.json.encode(decision.told()), type=Decision) == decision
    assert msgspec.json.decode(msgspec.json.encode(question), type=Question) == question
    assert decision.policy_version == "v1"


def test_an_approval_lapses_with_origin_licence_or_notice_and_not_with_the_text() -> None:
    entry = an_entry()
    digest = approval_digest(entry)
    assert approval_digest(replace(entry, title="Other", revision="2")) == digest
    assert approval_digest(replace(entry, origins=(an_origin("Wire"),))) != digest
    assert approval_digest(replace(entry, notices=(a_notice("licence", "CC0-1.0"),))) != digest
    assert approval_digest(replace(entry, origins=(an_origin("Wire", sure=False),))) != approval_digest(
        replace(entry, origins=(an_origin("Wire"),))
    )


def test_policies_say_whether_they_look_at_the_text() -> None:
    marked = a_policy(
        a_rule(when=When(marker=("free",))), id="wire", publisher=a_publisher("Wire", domains=("wire.example",))
    )
    policies = Policies([a_policy(a_rule()), marked])
    assert not policies.needs_text("herald")
    assert policies.needs_text("wire")
    assert policies.needs_text("herald", (an_origin("Wire"),))
    assert not policies.needs_text(None)


def test_an_explanation_starts_with_the_answer_and_names_whom_to_ask() -> None:
    policies = Policies([a_policy(a_rule("allow", "headline"), a_rule("ask", "excerpt", to=["news"]))])
    use = a_use("excerpt", audience="news", medium="print")
    lines = explain(decide(a_question(use=use), policies))
    assert lines == [
        "Not yet: an excerpt waits until somebody has been asked.",
        f"Why: The Herald must be asked about {described(Form.EXCERPT, use)} (policies/herald.yaml:12).",
        "What to do: Write to the contact; record the answer with 'aggregator grants add'.",
        "Ask The Herald, desk@herald.example",
        "Came through: The Herald",
        "How this was found:",
        "  ? The Herald: rule 2 wants to be asked about an excerpt (policies/herald.yaml:12)",
        "  1 other rule does not concern this use.",
    ]
