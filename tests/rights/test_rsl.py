"""RSL adds limits, duties and evidence; nothing in it lets people's copies out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.config.load import load
from aggregator.intake.rsl_read import read_rsl
from aggregator.model.entry import Level, Notice, NoticeKind
from aggregator.model.policy import Duty, DutyName, Effect, Limit, LimitName, Policy, Publisher, Rule, When
from aggregator.model.rsl import NAMESPACE, RslContent, RslDocument, RslLegal, RslLicense, RslPayment, RslTerms
from aggregator.model.use import Audience, Form, Medium
from aggregator.publishing.rsl_write import write_rsl
from aggregator.rights.decide import decide
from aggregator.rights.machine import MachineUse
from aggregator.rights.policies import Policies
from aggregator.rights.rsl import RslReading, from_rsl, notices_from_rsl, tightened, to_rsl
from tests.build import a_duty, a_limit, a_policy, a_question, a_rule, a_stored, an_entry
from tests.rights.pools import WORLDS, World

ROOT = Path(__file__).parents[2]
TRAIN, INPUT, INDEX, SEARCH = MachineUse
AI = {TRAIN, INPUT, INDEX}


def document(*licences: str, url: str = "/", **attributes: str) -> RslDocument:
    told = "".join(f' {name}="{value}"' for name, value in attributes.items())
    inner = "".join(f"<license>{licence}</license>" for licence in licences)
    found, _ = read_rsl(f'<rsl xmlns="{NAMESPACE}"><content url="{url}"{told}>{inner}</content></rsl>'.encode())
    assert found is not None
    return found


def reading(*licences: str, **attributes: str) -> RslReading:
    found, _ = from_rsl(document(*licences, **attributes), "https://x.example/a")
    assert found is not None
    return found


def permits(tokens: str, kind: str = "usage") -> str:
    return f'<permits type="{kind}">{tokens}</permits>'


def prohibits(tokens: str, kind: str = "usage") -> str:
    return f'<prohibits type="{kind}">{tokens}</prohibits>'


@pytest.mark.parametrize(
    ("licence", "refused", "permitted"),
    [
        ("", set(), set()),
        (prohibits("ai-all"), AI, set()),
        (prohibits("ai-train"), {TRAIN}, set()),
        (permits("search"), AI, {SEARCH}),
        (permits("all"), set(), {*AI, SEARCH}),
        (permits("ai-all") + prohibits("ai-train"), {TRAIN, SEARCH}, {INPUT, INDEX}),
        (permits("ai-train") + prohibits("ai-all"), {INPUT, INDEX, SEARCH}, {TRAIN}),
        (permits("ai-all") + prohibits("ai-all"), {*AI, SEARCH}, set()),
        (permits("all") + '<payment type="purchase"/>', {*AI, SEARCH}, set()),
        (permits("all") + '<payment type="attribution"/>', set(), {*AI, SEARCH}),
        (permits("all") + "<mystery/>", set(), set()),
        (permits("all") + '<reporting type="audit" profile="urn:x"/>', set(), set()),
        (permits("commercial", "user"), set(), set()),
    ],
)
def test_narrow_beats_broad_and_prohibited_beats_permitted(
    licence: str, refused: set[MachineUse], permitted: set[MachineUse]
) -> None:
    found = reading(licence)
    assert (set(found.refused), set(found.permitted)) == (refused, permitted)
    assert found.limits == ((Limit(name=LimitName.NO_AI),) if refused & AI else ())


def test_of_several_licences_one_that_permits_is_enough() -> None:
    found = reading(prohibits("ai-all"), permits("ai-train"))
    assert (set(found.refused), set(found.permitted)) == ({INPUT, INDEX, SEARCH}, {TRAIN})


def test_a_licence_server_means_that_nothing_is_free() -> None:
    found, notes = from_rsl(document(permits("all"), server="https://x.example/olp"), "https://x.example/a")
    assert found is not None
    assert found.permitted == frozenset()
    assert "needs a token" in notes[0]


@pytest.mark.parametrize(
    ("patterns", "url", "chosen"),
    [
        (["/", "/a/"], "https://x.example/a/1", "/a/"),
        (["/", "/a/"], "https://x.example/b", "/"),
        (["/*.pdf$"], "https://x.example/b", None),
        (["/*.pdf$"], "https://x.example/b.pdf", "/*.pdf$"),
        (["/*.pdf$"], "https://x.example/b.pdf?x", None),
        (["https://x.example/a", "/"], "https://x.example/a", "https://x.example/a"),
        (["https://y.example/"], "https://x.example/a", None),
        ([""], "https://x.example/a", ""),
        (["/a?page=*"], "https://x.example/a?page=2", "/a?page=*"),
    ],
)
def test_the_longest_pattern_speaks(patterns: list[str], url: str, chosen: str | None) -> None:
    contents = tuple(
        RslContent(url=pattern, licenses=(RslLicense(legal=(RslLegal(kind="contact", values=(f"{pattern}@",)),)),))
        for pattern in patterns
    )
    found, notes = from_rsl(RslDocument(contents=contents), url)
    assert (None if found is None else found.contact) == (None if chosen is None else f"{chosen}@")
    assert bool(notes) == (chosen is None)


def test_who_where_credit_contact_and_licence_are_read() -> None:
    found = reading(
        permits("non-commercial education", "user") + permits("DE EU", "geo") + prohibits("US", "geo")
        + '<payment type="attribution"><standard>https://creativecommons.org/licenses/by/4.0/</standard></payment>'
        '<legal type="contact">mailto:desk@x.example</legal>'
    )  # fmt: skip
    assert found.users == {Audience.COMMUNITY, Audience.NONPROFIT, Audience.EDUCATION}
    assert found.territories is not None
    assert (len(found.territories), found.no_territories) == (27, ("US",))
    assert [duty.name for duty in found.duties] == [DutyName.CREDIT_SOURCE, DutyName.LINK_ORIGINAL]
    assert (found.contact, found.licences) == ("desk@x.example", ("https://creativecommons.org/licenses/by/4.0/",))
    assert found.statement == (
        "permits user: non-commercial education; permits geo: DE EU; prohibits geo: US; "
        "payment attribution https://creativecommons.org/licenses/by/4.0/"
    )


# ── evidence ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("licence", "kinds"),
    [
        (prohibits("ai-all"), [NoticeKind.NO_AI]),
        (prohibits("all"), [NoticeKind.FORBID, NoticeKind.NO_AI]),
        (permits("all") + '<payment type="crawl"/>', [NoticeKind.FORBID, NoticeKind.NO_AI]),
        ('<payment type="crawl"/>', [NoticeKind.FORBID]),
        ('<payment type="use"><amount currency="USD">0.01</amount></payment>', [NoticeKind.FORBID]),
        ('<payment type="training"/>', [NoticeKind.MACHINE]),
        (prohibits("search"), [NoticeKind.MACHINE]),
        (permits("ai-all") + '<payment type="crawl"/>', [NoticeKind.NO_AI]),
        (permits("all"), [NoticeKind.MACHINE]),
        ("<payment><standard>https://creativecommons.org/licenses/by-nd/4.0/</standard></payment>",
         [NoticeKind.MACHINE, NoticeKind.LICENCE]),
        ("<payment><standard>https://collective.example/card</standard></payment>", [NoticeKind.MACHINE]),
        ("", []),
    ],
)  # fmt: skip
def test_an_item_tells_its_terms_as_notices(licence: str, kinds: list[NoticeKind]) -> None:
    notices = notices_from_rsl(document(licence, url="https://x.example/a"))
    assert [notice.kind for notice in notices] == kinds
    assert all(notice.level is Level.ENTRY and notice.carrier.startswith("rsl:content") for notice in notices)


def test_a_bar_on_machines_makes_an_entry_ask() -> None:
    """An aggregator is one."""
    policies = Policies([a_policy(a_rule())])
    plain = an_entry()
    barred = replace(plain, notices=notices_from_rsl(document(prohibits("all"))))
    outcomes = [decide(a_question(a_stored(entry)), policies).outcome for entry in (plain, barred)]
    assert outcomes == [Effect.ALLOW, Effect.ASK]
    assert notices_from_rsl(document(prohibits("ai-all")), level=Level.FEED) == (
        Notice(kind=NoticeKind.NO_AI, level=Level.FEED, value="prohibits ai-all", carrier="rsl:content"),
    )


# ── put to a policy ──────────────────────────────────────────────────────────────────────────────────────────────

TERMS = st.lists(
    st.one_of(
        st.builds(RslTerms, kind=st.just("usage"), tokens=st.sampled_from([("all",), ("ai-all",), ("search",)])),
        st.builds(RslTerms, kind=st.just("user"), tokens=st.sampled_from([("commercial",), ("non-commercial",)])),
        st.builds(RslTerms, kind=st.just("geo"), tokens=st.sampled_from([("US",), ("EU",), ("??",)])),
    ),
    max_size=2,
).map(tuple)
LICENCES = st.builds(
    RslLicense,
    permits=TERMS,
    prohibits=TERMS,
    payment=st.none()
    | st.builds(
        RslPayment,
        kind=st.sampled_from(["free", "attribution", "crawl"]),
        standards=st.sampled_from([(), ("https://creativecommons.org/publicdomain/zero/1.0/",)]),
    ),
    legal=st.just(()) | st.just((RslLegal(kind="contact", values=("desk@x.example",)),)),
)


@settings(max_examples=100, deadline=None)
@given(WORLDS, st.lists(LICENCES, min_size=1, max_size=2))
def test_a_document_never_loosens_a_policy(world: World, licences: list[RslLicense]) -> None:
    found, _ = from_rsl(RslDocument(contents=(RslContent(url="", licenses=tuple(licences)),)))
    assert found is not None
    policies = [tightened(policy, found) for policy in world.policies]
    before = decide(world.question, Policies(world.policies, world.unknown), world.grants)
    after = decide(world.question, Policies(policies, world.unknown), world.grants)
    if after.allowed:
        assert before.allowed
        size = [Form.HEADLINE, Form.EXCERPT, Form.FULL].index
        assert size(after.form) <= size(before.form)


def test_a_policy_takes_limits_duties_and_contact() -> None:
    bare = Policy(id="x", publisher=Publisher(name="X"), rules=(a_rule(),))
    found = reading(
        prohibits("ai-all") + permits("non-commercial", "user") + '<payment type="attribution"/>'
        '<legal type="contact">desk@x.example</legal>'
    )  # fmt: skip
    policy = tightened(bare, found)
    first, second = policy.rules
    assert policy.contact == "desk@x.example"
    assert [duty.name for duty in first.duties] == [DutyName.CREDIT_SOURCE, DutyName.LINK_ORIGINAL]
    assert first.limits == (Limit(name=LimitName.NO_AI),)
    assert (second.effect, second.to) == (
        Effect.ASK, frozenset(Audience) - {Audience.ANYONE, Audience.COMMUNITY, Audience.NONPROFIT},
    )  # fmt: skip
    assert tightened(policy, found).rules[:2] == policy.rules


# ── out ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_rsl_can_hold_comes_back() -> None:
    """AI, users, territories, attribution and contact."""
    policy = a_policy(
        a_rule(
            to=["community", "nonprofit", "personal"],
            when=When(territory=("DE", "FR")),
            duties=["credit-source", "link-original"],
            limits=["no-ai"],
        ),
        a_rule(Effect.DENY, to=["commercial"]),
        a_rule(Effect.DENY, when=When(territory=("US",))),
    )
    document, _ = to_rsl(policy)
    again, warnings = read_rsl(write_rsl(document))
    assert (again, warnings) == (document, ())
    found, notes = from_rsl(document, policy.publisher.url)
    assert found is not None
    assert notes == ()
    assert found == RslReading(
        refused=frozenset(AI),
        duties=(Duty(name=DutyName.CREDIT_SOURCE), Duty(name=DutyName.LINK_ORIGINAL)),
        users=frozenset({Audience.COMMUNITY, Audience.NONPROFIT, Audience.PERSONAL}),
        no_users=frozenset({Audience.COMMERCIAL}),
        territories=("DE", "FR"),
        no_territories=("US",),
        contact="desk@herald.example",
        statement=found.statement,
    )
    allowed = tightened(policy, found).rules[0]
    assert allowed == policy.rules[0], "it says nothing that the policy did not"


def test_what_rsl_cannot_hold_is_listed() -> None:
    policy = a_policy(
        a_rule(
            Effect.ALLOW,
            Form.FULL,
            media=[Medium.WEB],
            to=["news"],
            when=When(embargo=timedelta(days=1), other=("be kind",)),
            duties=["credit-source", a_duty("end-note", text="More")],
            limits=["no-ads", a_limit("no-ai", requested=True)],
        ),
        a_rule(Effect.ASK, media=[Medium.PRINT]),
        a_rule(Effect.DENY, Form.FULL),
    )
    _, losses = to_rsl(policy)
    assert losses == (
        "forms: RSL has no word for republishing full, excerpt or headline to people (herald:1)",
        "in: web (herald:1)",
        "when: embargo (herald:1)",
        "when: other (herald:1)",
        "duty: end-note (herald:1)",
        "limit: no-ads (herald:1)",
        "limit: no-ai (herald:1)",
        "ask: RSL has no word for it, only a contact (herald:2)",
        "in: print (herald:2)",
        "deny: only one of an audience or of a territory, without more, can be said (herald:3)",
        "publisher: its name, domains and aliases",
        "third_party: ask",
        "images: same",
        "default: ask",
        "to: RSL has no word for news",
        "machine use: the policy says nothing of it; silence in the document is not a permission",
    )


def test_every_sample_is_written_and_read_again() -> None:
    for policy in load(ROOT / "config").policies:
        document, losses = to_rsl(policy)
        assert read_rsl(write_rsl(document)) == (document, ())
        assert losses


@settings(max_examples=60, deadline=None)
@given(WORLDS)
def test_an_export_put_back_to_its_policy_never_loosens_it(world: World) -> None:
    for policy in world.policies:
        document, _ = to_rsl(policy)
        found, _ = from_rsl(document, policy.publisher.url)
        assert found is not None
        assert not found.permitted, "a policy for people permits nothing to machines"
        again = tightened(policy, found)
        kept = [rule for rule in again.rules if rule.effect is Effect.ALLOW]
        old = [rule for rule in policy.rules if rule.effect is Effect.ALLOW]
        for rule, was in zip(kept, old, strict=True):
            assert (rule.forms, rule.to, rule.media, rule.waive) == (was.forms, was.to, was.media, was.waive)
            assert set(rule.limits) >= set(was.limits)
            assert set(rule.duties) >= set(was.duties)


def test_a_rule_that_no_place_is_left_to_asks() -> None:
    rule = Rule(key="x:1", effect=Effect.ALLOW, forms=frozenset(Form), when=When(territory=("US",)))
    policy = tightened(Policy(id="x", publisher=Publisher(name="X"), rules=(rule,)), RslReading(territories=("DE",)))
    assert policy.rules[0].when.other == ("RSL: in none of the territories of this rule",)


@given(WORLDS)
@settings(max_examples=100, deadline=None)
def test_what_is_not_listed_as_lost_comes_back(world: World) -> None:
    """The list of losses is complete for what RSL has words for: users, places, artificial intelligence, contact."""
    for policy in world.policies:
        document, losses = to_rsl(policy)
        reading, _ = from_rsl(document, f"{(policy.publisher.url or 'https://e.example').rstrip('/')}/1")
        assert reading is not None
        allows = [rule for rule in policy.rules if rule.effect is Effect.ALLOW]
        lost = "; ".join(losses)
        assert all("forms: RSL" in lost for _ in allows)
        assert policy.contact is None or reading.contact == policy.contact
        assert bool(reading.limits) is any(a_limit("no-ai") in rule.limits for rule in allows)
        if allows and "to: " not in lost:
            wanted = {frozenset() if Audience.ANYONE in rule.to else rule.to for rule in allows}
            assert {reading.users or frozenset()} == wanted
        if allows and "when: territory" not in lost:
            assert {reading.territories or ()} == {tuple(sorted(rule.when.territory)) for rule in allows}
        for rule in policy.rules:
            if rule.effect is Effect.DENY and not any(rule.key in line for line in losses):
                assert rule.to <= reading.no_users
                assert set(rule.when.territory) <= set(reading.no_territories)
