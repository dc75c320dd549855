"""Small pools to draw questions from. In large ones the interesting values never meet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from aggregator.model.decision import Question
from aggregator.model.entry import Entry
from aggregator.model.policy import (
    Effect,
    Grant,
    ImageRule,
    Images,
    Policy,
    Rule,
    ThirdParty,
    UnknownPolicy,
    When,
)
from aggregator.model.use import Ads, Audience, Form, Medium, Selection, Use
from tests.build import (
    ALL_DUTIES,
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

DAY = timedelta(days=1)


@dataclass(frozen=True)
class World:
    """A question and all that it is asked of."""

    question: Question
    policies: tuple[Policy, ...]
    unknown: UnknownPolicy
    grants: tuple[Grant, ...]

    @property
    def entry(self) -> Entry:
        return self.question.stored.entry

    @property
    def herald(self) -> Policy:
        return self.policies[0]

    def asking(self, **changes: object) -> World:
        return replace(self, question=replace(self.question, **changes))

    def using(self, **changes: object) -> World:
        return self.asking(use=replace(self.question.use, **changes))

    def telling(self, **changes: object) -> World:
        stored = self.question.stored
        return self.asking(stored=replace(stored, entry=replace(stored.entry, **changes)))

    def ruling(self, *rules: Rule, **changes: object) -> World:
        """The same with other rules for the source's policy; each keeps its key."""
        return replace(self, policies=(replace(self.herald, rules=rules, **changes), *self.policies[1:]))


def some(*values: object) -> st.SearchStrategy:
    return st.sampled_from(values)


DUTIES = [
    a_duty("credit-source"),
    a_duty("credit-author"),
    a_duty("link-original"),
    a_duty("link-original", target="home"),
    a_duty("copyright-notice"),
    a_duty("copyright-notice", text="© Herald"),
    a_duty("end-note", text="Read more"),
    a_duty("tracker", url="https://herald.example/t.gif"),
    a_duty("notify", contact="desk@herald.example"),
    a_duty("credit-author", requested=True),
    a_duty("credit-line", any_of=[a_duty("credit-author"), a_duty("end-note", text="More")]),
    replace(a_duty("logo", url="https://herald.example/l.png"), media=frozenset({Medium.PRINT})),
    a_duty("remove-after", days=3),
    a_duty("licence-notice"),
]
LIMITS = [
    a_limit("no-ads"),
    a_limit("no-ads-against"),
    a_limit("full-only"),
    a_limit("excerpt-max", n=100, unit="words"),
    a_limit("excerpt-max", n=25, unit="percent"),
    a_limit("no-automatic"),
    a_limit("no-images"),
    a_limit("own-images-only"),
    a_limit("max-copies", n=100),
    a_limit("max-share", percent=20, period="30d"),
    a_limit("no-translation"),
    a_limit("no-paywall", requested=True),
    a_limit("no-ads", any_of=[a_limit("no-ads"), a_limit("no-automatic")]),
    replace(a_limit("full-only"), media=frozenset({Medium.PRINT})),
]
WHENS = [
    When(category=("News",)),
    When(author=("Ann Lee",)),
    When(language=("en-GB", "de")),
    When(territory=("US", "CA")),
    When(url=("http://herald.example/bri*",)),
    When(marker=("free to use",)),
    When(embargo=2 * DAY),
    When(window=3 * DAY),
    When(since=date(2026, 11, 18)),
    When(until=date(2026, 11, 18)),
    When(author=("AP",), language=("en",)),
    When(other=("only if you like us",)),
]


def rules(effect: Effect, whens: int = 3) -> st.SearchStrategy[Rule]:
    """Rules of one effect; `whens` of eight have a condition."""
    terms = effect is Effect.ALLOW
    return st.builds(
        lambda forms, to, media, when, duties, limits, waive: replace(
            a_rule(effect, *forms, to=to, media=media, when=when, duties=duties, limits=limits), waive=frozenset(waive)
        ),
        some((), (), (Form.FULL,), (Form.EXCERPT, Form.HEADLINE), (Form.HEADLINE,)),
        some((), (), (Audience.COMMUNITY,), (Audience.COMMERCIAL, Audience.NEWS)),
        some((), (), (), (Medium.WEB,), (Medium.PRINT,)),
        st.one_of(*[st.just(When())] * (8 - whens), *[st.sampled_from(WHENS)] * whens),
        st.lists(st.sampled_from(DUTIES), max_size=2) if terms else st.just([]),
        st.one_of(st.just([]), st.just([]), st.lists(st.sampled_from(LIMITS), max_size=1)) if terms else st.just([]),
        some((), (), ("credit-author", "label-changes")) if terms else st.just(()),
    )


RULES = st.one_of(
    rules(Effect.ALLOW), rules(Effect.ALLOW), rules(Effect.ALLOW), rules(Effect.ASK, 5), rules(Effect.DENY, 6)
)
LICENCES = (None,) * 4 + ("CC-BY-4.0", "CC-BY-NC-ND-4.0", "CC0-1.0", "OGL-UK-3.0", "ODbL-1.0", "Herald Licence 1.0")


def policies(id_: str, name: str, **given: object) -> st.SearchStrategy[Policy]:
    publisher = a_publisher(name, url=f"https://{id_}.example/", domains=(f"{id_}.example",))

    def built(
        rules: list[Rule], licence: str, third: ThirdParty, images: Images, default: Effect, contact: str
    ) -> Policy:
        facts = {"licence": licence, "third_party": third, "images": images, "default": default, "contact": contact}
        return a_policy(*rules, id=id_, publisher=publisher, **(facts | given))

    return st.builds(
        built,
        st.lists(RULES, min_size=1, max_size=3),
        st.sampled_from(LICENCES),
        st.sampled_from([ThirdParty.ASK, ThirdParty.DENY, ThirdParty.COVERED, ThirdParty.COVERED]),
        some(
            Images(),
            Images(),
            Images(rule=ImageRule.ASK),
            Images(rule=ImageRule.OWN_CREDIT),
            Images(rule=ImageRule.DENY),
        ),
        some(Effect.ASK, Effect.ASK, Effect.DENY),
        some("desk@example.org", "desk@example.org", None),
    )


ORIGINS = [
    an_origin("Wire", url="https://wire.example/1"),
    an_origin("Wire", carrier="credit-line"),
    an_origin("Wire", url="https://elsewhere.example/1"),
    an_origin("Somebody", notice="© Somebody"),
    an_origin("The Herald", url="https://herald.example/"),
    an_origin("Somebody", url="https://herald.example/tags", carrier="credit-line"),
    an_origin(None, url="https://www.wire.example/2", carrier="rel=canonical"),
    an_origin("Wire", url="https://wire.example/linked", carrier="entry-link"),
    an_origin("Wire", sure=False),
    an_origin("Someone", sure=False),
]
NOTICES = [
    a_notice("rights", "© Ann Lee"),
    a_notice("rights", "© Ann Lee"),
    a_notice("rights", "© Herald", "feed"),
    a_notice("forbid", "not for republication"),
    a_notice("draft", "yes"),
    a_notice("licence", "CC-BY-4.0"),
    a_notice("licence", "CC-BY-NC-ND-4.0", "feed"),
    a_notice("licence", "Herald Licence 1.0"),
    a_notice("licence", "CC-BY-NC-4.0", carrier="cc:license"),
    a_notice("licence", "http://purl.org/atompub/license#unspecified"),
]
SAID = [
    a_notice("no-ai", "train-ai=n", "site"),
    a_notice("machine", "search=y", "site"),
    a_notice("forbid", "prohibits all", "site"),
    a_notice("licence", "CC-BY-4.0", "site"),
    a_notice("licence", "CC-BY-NC-ND-4.0", "site"),
    a_notice("licence", "CC-BY-SA-4.0", "entry"),
    a_notice("licence", "Herald Licence 1.0", "site"),
]
"""What the site, or RSL inside the item, says: not among the entry's own notices."""
IMAGES = [
    an_image("The Herald / A. Lee"),
    an_image("Agency", url="https://herald.example/2.jpg"),
    an_image(None, url="https://herald.example/3.jpg"),
]


def few(pool: list, often: int) -> st.SearchStrategy:
    """A tuple from a pool; empty `often` times of `often` + 1."""
    return st.one_of(
        *[st.just(())] * often, st.lists(st.sampled_from(pool), min_size=1, max_size=2, unique=True).map(tuple)
    )


ENTRIES = st.builds(
    an_entry,
    authors=some(("Ann Lee",), ("By Ann Lee, AP",), ()),
    words=some(600, 600, 600, 80, 0, None),
    categories=some((), ("News",), ("Sport", "Free to use")),
    language=some("en", "en-GB", "de", None),
    url=some(*["https://herald.example/bridge"] * 4, "https://herald.example/x", "https://wire.example/linked", None),
    title=some("Bridge", "Bridge", "Bridge", " "),
    published_at=some(NOW - DAY, NOW - 4 * DAY, NOW + DAY, None),
    has_summary=st.booleans(),
    origins=few(ORIGINS, 3),
    notices=few(NOTICES, 2),
    components=few(IMAGES, 2),
)

USES: st.SearchStrategy[Use] = st.builds(
    a_use,
    some(Form.FULL, Form.FULL, Form.EXCERPT),
    audience=some(*[Audience.COMMUNITY] * 4, Audience.COMMERCIAL, Audience.COMMERCIAL, Audience.ANYONE),
    medium=some(Medium.WEB, Medium.WEB, Medium.PRINT),
    ads=some(Ads.NONE, Ads.NONE, Ads.PAGE, Ads.ITEM),
    paywall=some(False, False, True),
    sold=some(False, False, True),
    selection=some(Selection.AUTOMATIC, Selection.AUTOMATIC, Selection.REVIEWED),
    territory=some(frozenset(), frozenset({"US"}), frozenset({"US", "MX"})),
    language=some(None, None, "de"),
    copies=some(None, 50, 500),
    can_discharge=some(ALL_DUTIES, ALL_DUTIES, ALL_DUTIES, ALL_DUTIES - {"tracker", "notify", "end-note"}, frozenset()),
).flatmap(lambda use: some((), (Form.EXCERPT, Form.HEADLINE), (Form.HEADLINE,)).map(lambda f: replace(use, fallback=f)))

GRANTS = [
    a_grant(),
    a_grant(id="g2", forms=frozenset({Form.FULL}), waive=frozenset({"credit-author", "other"})),
    a_grant(id="g3", author="Ann Lee", lift=frozenset({"no-images", "no-ads", "no-automatic", "full-only"})),
    a_grant(id="g4", policy="wire", category="News"),
    a_grant(id="g5", publisher="Somebody"),
    a_grant(id="g6", entry=an_entry().key),
    a_grant(id="g7", over_notices=True, since=date(2026, 11, 21)),
    a_grant(id="g8", until=date(2026, 11, 20)),
    a_grant(id="g9", revoked_at=NOW),
    a_grant(id="g10", outputs=("other",)),
    a_grant(id="g11", to=frozenset({Audience.COMMERCIAL}), lift=frozenset({"no-ads"})),
    a_grant(id="g12", to=frozenset({Audience.ANYONE}), media=frozenset({Medium.PRINT})),
]

REFUSALS = [
    replace(grant, id=f"r{number}", effect=Effect.DENY)
    for number, grant in enumerate(
        [
            a_grant(),
            a_grant(policy="wire"),
            a_grant(publisher="Somebody"),
            a_grant(policy=None, author="Ann Lee"),
            a_grant(policy=None, category="News"),
            a_grant(policy=None, entry=an_entry().key),
            a_grant(policy=None, source="other"),
            a_grant(forms=frozenset({Form.FULL})),
            a_grant(outputs=("other",)),
            a_grant(to=frozenset({Audience.COMMERCIAL})),
            a_grant(media=frozenset({Medium.PRINT})),
            a_grant(since=date(2026, 11, 21)),
            a_grant(until=date(2026, 11, 20)),
            a_grant(revoked_at=NOW),
        ],
        1,
    )
]

QUESTIONS = st.builds(
    lambda entry, use, policy, stored, approved, text, released, shares, said, told: a_question(
        a_stored(entry, **stored),
        use,
        policy=policy,
        approved=approved,
        text=text,
        released_at=released,
        shares=shares,
        said=said,
        told=told,
    ),
    ENTRIES,
    USES,
    some(*["herald"] * 10, None, "gone"),
    some({}, {"first_seen_at": NOW - 3 * DAY}, {"earliest_at": NOW - 5 * DAY}, {"earliest_at": None}),
    st.booleans(),
    some(None, "A text that is free to use.", "A text."),
    some(None, NOW - DAY, NOW - 4 * DAY),
    some((), (("30d", 10.0),), (("30d", 30.0),)),
    few(SAID, 2),
    st.booleans(),
)

WORLDS: st.SearchStrategy[World] = st.builds(
    lambda question, herald, wire, unknown, grants: World(question, (herald, wire), unknown, grants),
    QUESTIONS,
    st.booleans().flatmap(lambda trust: policies("herald", "The Herald", trust_entry_licence=trust)),
    policies("wire", "Wire"),
    st.sampled_from(UnknownPolicy),
    few(GRANTS, 3),
)


def a_random_rule(random: Random, effect: Effect | None = None) -> Rule:
    effect = effect or random.choice([Effect.ALLOW] * 4 + [Effect.ASK, Effect.DENY])
    terms = effect is Effect.ALLOW
    found = a_rule(
        effect,
        *random.choice([(), (), (Form.FULL,), (Form.EXCERPT, Form.HEADLINE), (Form.HEADLINE,)]),
        to=random.choice([(), (), (Audience.COMMUNITY,), (Audience.COMMERCIAL, Audience.NEWS)]),
        media=random.choice([(), (), (), (Medium.WEB,), (Medium.PRINT,)]),
        when=random.choice(WHENS) if random.random() < (0.3 if terms else 0.6) else When(),
        duties=random.sample(DUTIES, random.choice([0, 1, 1, 2])) if terms else (),
        limits=random.sample(LIMITS, random.choice([0, 0, 0, 1])) if terms else (),
    )
    return replace(found, waive=frozenset({"credit-author"} if terms and random.random() < 0.2 else ()))


def a_random_policy(random: Random, id_: str, name: str) -> Policy:
    return a_policy(
        *(a_random_rule(random) for _ in range(random.choice([1, 2, 3]))),
        id=id_,
        publisher=a_publisher(name, url=f"https://{id_}.example/", domains=(f"{id_}.example",)),
        licence=random.choice(LICENCES),
        third_party=random.choice([*ThirdParty, ThirdParty.COVERED]),
        images=random.choice([Images(), *(Images(rule=rule) for rule in ImageRule)]),
        default=random.choice([Effect.ASK, Effect.ASK, Effect.DENY]),
        contact=random.choice(["desk@example.org", "desk@example.org", None]),
        trust_entry_licence=id_ == "herald" and random.random() < 0.3,
    )


def a_random_world(random: Random) -> World:
    """As `WORLDS`, but drawn evenly and fast: for banks of thousands, where nothing needs to shrink."""

    def maybe(pool: list[Any], chance: float) -> tuple[Any, ...]:
        return tuple(random.sample(pool, random.choice([1, 2]))) if random.random() < chance else ()

    entry = an_entry(
        authors=random.choice([("Ann Lee",), ("By Ann Lee, AP",), ()]),
        words=random.choice([600, 600, 600, 80, 0, None]),
        categories=random.choice([(), ("News",), ("Sport", "Free to use")]),
        language=random.choice(["en", "en-GB", "de", None]),
        url=random.choice(
            ["https://herald.example/bridge"] * 7
            + ["https://herald.example/x", "https://www.wire.example/1", "https://wire.example/linked", None]
        ),
        title=random.choice(["Bridge"] * 5 + [" "]),
        published_at=random.choice([NOW - DAY, NOW - 4 * DAY, NOW + DAY, None]),
        has_summary=random.random() < 0.5,
        origins=maybe(ORIGINS, 0.25),
        notices=maybe(NOTICES, 0.35),
        components=maybe(IMAGES, 0.35),
    )
    use = a_use(
        random.choice([Form.FULL, Form.FULL, Form.EXCERPT]),
        *random.choice([(), (Form.EXCERPT, Form.HEADLINE), (Form.HEADLINE,)]),
        audience=random.choice([Audience.COMMUNITY] * 4 + [Audience.COMMERCIAL] * 2 + [Audience.ANYONE]),
        medium=random.choice([Medium.WEB, Medium.WEB, Medium.PRINT]),
        ads=random.choice([Ads.NONE, Ads.NONE, Ads.PAGE, Ads.ITEM]),
        paywall=random.random() < 0.2,
        sold=random.random() < 0.2,
        selection=random.choice([Selection.AUTOMATIC, Selection.AUTOMATIC, Selection.REVIEWED]),
        territory=random.choice([frozenset(), frozenset({"US"}), frozenset({"US", "MX"})]),
        language=random.choice([None, None, "de"]),
        copies=random.choice([None, 50, 500]),
        can_discharge=random.choice([ALL_DUTIES] * 4 + [ALL_DUTIES - {"tracker", "notify", "end-note"}, frozenset()]),
    )
    asked = a_question(
        a_stored(entry, **random.choice([{}, {"first_seen_at": NOW - 3 * DAY}, {"earliest_at": NOW - 5 * DAY}])),
        use,
        policy=random.choice(["herald"] * 12 + [None, "gone"]),
        approved=random.random() < 0.5,
        text=random.choice([None, "A text that is free to use.", "A text."]),
        released_at=random.choice([None, NOW - DAY, NOW - 4 * DAY]),
        shares=random.choice([(), (("30d", 10.0),), (("30d", 30.0),)]),
        said=maybe(SAID, 0.15),
        told=len(entry.title) % 2 == 0,  # no draw of its own: the others stay as they were
    )
    herald, wire = (a_random_policy(random, *one) for one in (("herald", "The Herald"), ("wire", "Wire")))
    return World(asked, (herald, wire), random.choice(list(UnknownPolicy)), maybe(GRANTS, 0.25))
