"""A configuration folder is read whole, with every default filled in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.config import (
    Log,
    Mail,
    Retention,
    Server,
    Settings,
    Site,
    load,
)
from aggregator.model.output import Access, Format, Output, Selector
from aggregator.model.policy import (
    Duty,
    DutyName,
    Effect,
    ImageRule,
    Images,
    Limit,
    LimitName,
    Policy,
    Publisher,
    Rule,
    Terms,
    ThirdParty,
    UnknownPolicy,
    When,
)
from aggregator.model.source import PollSettings, SecretRef, Source
from aggregator.model.use import Ads, Audience, Form, Medium, Selection, Use
from tests.config.reading import Write, policy


def test_what_is_left_out_of_the_settings_has_its_default(write: Write, tmp_path: Path):
    assert load(write()).settings == Settings(
        site=Site(name="Riverside", url="https://riverside.example/", email="desk@riverside.example"),
        database=f"sqlite:///{tmp_path}/data/aggregator.db",
        server=Server(host="127.0.0.1", port=8080, public_url="http://127.0.0.1:8080"),
        polling=PollSettings(),
        unknown_policy=UnknownPolicy.HOLD,
        retention=Retention(entries=timedelta(days=730)),
        mail=Mail(smtp=None, from_="desk@riverside.example"),
        engine="local",
        templates=None,
        log=Log(level="info", format="text"),
    )


def test_all_settings_are_read(write: Write, tmp_path: Path):
    (tmp_path / "ours").mkdir()
    text = """
site: {name: Riverside, url: https://riverside.example/, email: desk@riverside.example}
database: postgresql://feeds@db.example/feeds
server: {host: "::1", port: 0, public_url: https://feeds.riverside.example/}
polling: {interval: 45s, min_interval: 1s, max_interval: 1w, timeout: 5s, max_size: 1MiB, concurrency: 3, per_host: 1,
          private_addresses: true}
unknown_policy: headline
retention: {entries: null}
mail: {smtp: mail.example.org:25, from: letters@riverside.example}
engine: procrastinate
templates: ours
log: {level: debug, format: json}
"""
    assert load(write({"aggregator.yaml": text})).settings == Settings(
        site=Site(name="Riverside", url="https://riverside.example/", email="desk@riverside.example"),
        database="postgresql://feeds@db.example/feeds",
        server=Server(host="::1", port=0, public_url="https://feeds.riverside.example"),
        polling=PollSettings(
            interval=timedelta(seconds=45),
            min_interval=timedelta(seconds=1),
            max_interval=timedelta(days=7),
            timeout=timedelta(seconds=5),
            max_size=1_048_576,
            concurrency=3,
            per_host=1,
            private_addresses=True,
        ),
        unknown_policy=UnknownPolicy.HEADLINE,
        retention=Retention(entries=None),
        mail=Mail(smtp="smtp://mail.example.org:25", from_="letters@riverside.example"),
        engine="procrastinate",
        templates=tmp_path / "ours",
        log=Log(level="debug", format="json"),
    )


def test_a_source_takes_the_settings_that_it_does_not_override(write: Write):
    text = """
- id: herald
  feed: https://herald.example/feed?a=b
  policy: herald
  tags: [world, "2026", world]
  enabled: false
  title: The Herald, morning edition
  interval: 10m
  private_addresses: true
  headers: {Accept-Language: en, X-Key: env:HERALD_KEY}
  auth: {basic: env:HERALD_LOGIN}
- {id: open, feed: file:samples/open.xml, auth: {bearer: file:/run/secrets/open}}
"""
    general = "site: {name: R}\npolling: {max_size: 500kB}\n"
    configuration = load(write({"aggregator.yaml": general, "sources.yaml": text}))
    assert configuration.sources == (
        Source(
            id="herald",
            feed="https://herald.example/feed?a=b",
            policy="herald",
            tags=("world", "2026"),
            enabled=False,
            title="The Herald, morning edition",
            polling=PollSettings(max_size=500_000, interval=timedelta(minutes=10), private_addresses=True),
            headers=(("Accept-Language", "en"), ("X-Key", SecretRef(scheme="env", name="HERALD_KEY"))),
            basic_auth=SecretRef(scheme="env", name="HERALD_LOGIN"),
            where="config/sources.yaml:2",
        ),
        Source(
            id="open",
            feed="file:samples/open.xml",
            polling=PollSettings(max_size=500_000),
            bearer_auth=SecretRef(scheme="file", name="/run/secrets/open"),
            where="config/sources.yaml:12",
        ),
    )


def test_a_policy_is_read_in_full(write: Write):
    text = """
id: herald
publisher: {name: The Herald, url: https://herald.example/, domains: [Herald.EXAMPLE, bücher.example],
            aliases: [Herald]}
contact: desk@herald.example
terms: {url: https://herald.example/terms, read: 2026-11-20, review_every: 180d, evidence: Footer of each page.}
licence: CC-BY-NC-4.0
waive: [non-commercial]
rules:
  - allow: [full, headline]
    to: [community, nonprofit]
    in: web
    when:
      category: World
      author: [Ann Lee, Bo Chen]
      language: [en, pt-BR]
      territory: [us, DE]
      url: https://herald.example/free/*
      marker: Free to republish
      embargo: 24
      window: {days: 90}
      since: 2026-01-01
      until: 2026-12-31
      other: Only in election years.
    duties: [credit-source]
    limits: [no-resale]
    waive: [label-changes]
  - deny: full
third_party: covered
images: {own_credit: The Herald}
default: deny
trust_entry_licence: true
"""
    assert load(write({"policies/herald.yaml": text})).policies == (
        Policy(
            id="herald",
            publisher=Publisher(
                name="The Herald",
                url="https://herald.example/",
                domains=("herald.example", "xn--bcher-kva.example"),
                aliases=("Herald",),
            ),
            contact="desk@herald.example",
            terms=Terms(
                url="https://herald.example/terms",
                read=date(2026, 11, 20),
                review_every=timedelta(days=180),
                evidence="Footer of each page.",
            ),
            licence="CC-BY-NC-4.0",
            waive=frozenset({"non-commercial"}),
            rules=(
                Rule(
                    key="herald:1",
                    effect=Effect.ALLOW,
                    forms=frozenset({Form.FULL, Form.HEADLINE}),
                    to=frozenset({Audience.COMMUNITY, Audience.NONPROFIT}),
                    media=frozenset({Medium.WEB}),
                    when=When(
                        category=("World",),
                        author=("Ann Lee", "Bo Chen"),
                        language=("en", "pt-BR"),
                        territory=("US", "DE"),
                        url=("https://herald.example/free/*",),
                        marker=("Free to republish",),
                        embargo=timedelta(hours=24),
                        window=timedelta(days=90),
                        since=date(2026, 1, 1),
                        until=date(2026, 12, 31),
                        other=("Only in election years.",),
                    ),
                    duties=(Duty(name=DutyName.CREDIT_SOURCE),),
                    limits=(Limit(name=LimitName.NO_RESALE),),
                    waive=frozenset({"label-changes"}),
                    where="config/policies/herald.yaml:10",
                ),
                Rule(
                    key="herald:2",
                    effect=Effect.DENY,
                    forms=frozenset({Form.FULL}),
                    where="config/policies/herald.yaml:28",
                ),
            ),
            third_party=ThirdParty.COVERED,
            images=Images(rule=ImageRule.OWN_CREDIT, credits=("The Herald",)),
            default=Effect.DENY,
            trust_entry_licence=True,
            where="config/policies/herald.yaml:2",
        ),
    )


def test_what_a_policy_does_not_say_is_the_careful_answer(write: Write):
    assert policy(write, "") == Policy(
        id="herald", publisher=Publisher(name="The Herald"), where="config/policies/herald.yaml:1"
    )
    assert (policy(write, "").default, policy(write, "").third_party) == (Effect.ASK, ThirdParty.ASK)


def test_an_output_is_read_in_full(write: Write):
    text = """
- id: sheet
  title: The sheet
  description: Picked by hand.
  select: {tags: [world], sources: [herald], language: [en], category: [World], author: [Ann Lee],
           match: '"city hall" budget', exclude: sport, newest: 7, max_age: 90d}
  use: {audience: community, medium: print, form: full, ads: page, paywall: true, sold: true, selection: reviewed,
        territory: us, language: en, copies: 400}
  fallback: [excerpt, headline]
  access: registered
  credit: short
  formats: html
"""
    assert load(write({"outputs.yaml": text})).outputs == (
        Output(
            id="sheet",
            title="The sheet",
            description="Picked by hand.",
            select=Selector(
                tags=("world",),
                sources=("herald",),
                language=("en",),
                category=("World",),
                author=("Ann Lee",),
                match='"city hall" budget',
                exclude="sport",
                newest=7,
                max_age=timedelta(days=90),
            ),
            use=Use(
                output="sheet",
                form=Form.FULL,
                fallback=(Form.EXCERPT, Form.HEADLINE),
                audience=Audience.COMMUNITY,
                medium=Medium.PRINT,
                ads=Ads.PAGE,
                paywall=True,
                sold=True,
                selection=Selection.REVIEWED,
                territory=frozenset({"US"}),
                language="en",
                copies=400,
            ),
            access=Access.REGISTERED,
            credit="short",
            formats=(Format.HTML,),
            where="config/outputs.yaml:2",
        ),
    )


def test_a_policy_test_becomes_a_question(write: Write):
    text = """
about: An agency's picture is not theirs to give.
policy: herald
at: 2026-11-22T12:00:00+01:00
entry: {author: Ann Lee, category: [World], published: 2026-11-20, image: {credit: Agency}, text: Words, words: null,
        origins: [{name: North Wire, certainty: unsure}], notices: [{kind: forbid}]}
use: {audience: community, fallback: [headline]}
approved: true
expect: {outcome: allow, duties: [credit-source], removed: [image], hops: [North Wire, The Herald]}
"""
    (case,) = load(write({"policies/tests/herald.yaml": text})).policy_tests
    entry = case.question.stored.entry
    assert (case.about, case.policy) == ("An agency's picture is not theirs to give.", "herald")
    assert (case.question.at, case.question.policy) == (datetime(2026, 11, 22, 11, tzinfo=UTC), "herald")
    assert (case.question.use.fallback, case.question.approved, case.question.text) == ((Form.HEADLINE,), True, "Words")
    assert (entry.source, entry.author_names, entry.categories, entry.size) == (
        "herald",
        ("Ann Lee",),
        ("World",),
        None,
    )
    assert (entry.components[0].credit, entry.origins[0].certainty, entry.notices[0].kind) == (
        "Agency",
        "unsure",
        "forbid",
    )
    assert (case.expect.duties, case.expect.hops) == (frozenset({"credit-source"}), ("North Wire", "The Herald"))
    assert (case.expect.limits, case.expect.form) == (None, None)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("credit-source", Duty(name=DutyName.CREDIT_SOURCE)),
        ("{credit-source: }", Duty(name=DutyName.CREDIT_SOURCE)),
        ("{end-note: By us.}", Duty(name=DutyName.END_NOTE, params=(("text", "By us."),))),
        (
            "{credit-line: {text: By us., slot: top}, medium: [web, print], component: image}",
            Duty(
                name=DutyName.CREDIT_LINE,
                params=(("slot", "top"), ("text", "By us.")),
                media=frozenset({Medium.WEB, Medium.PRINT}),
                components=frozenset({"image"}),
            ),
        ),
        ("{remove-after: 12w}", Duty(name=DutyName.REMOVE_AFTER, params=(("days", 84),))),
        ("{notify: after}", Duty(name=DutyName.NOTIFY, params=(("contact", "desk@herald.example"), ("when", "after")))),
        ("{other: Ring the bell.}", Duty(name=DutyName.OTHER, params=(("text", "Ring the bell."),))),
        (
            "{any_of: [canonical-or-noindex, {credit-line: By us.}], medium: web}",
            Duty(
                name=DutyName.CANONICAL_OR_NOINDEX,
                media=frozenset({Medium.WEB}),
                any_of=(
                    Duty(name=DutyName.CANONICAL_OR_NOINDEX),
                    Duty(name=DutyName.CREDIT_LINE, params=(("text", "By us."),)),
                ),
            ),
        ),
        (
            "{requested: {logo: https://herald.example/logo.png}}",
            Duty(name=DutyName.LOGO, params=(("url", "https://herald.example/logo.png"),), requested=True),
        ),
    ],
)
def test_every_spelling_of_a_duty_is_read(written: str, read: Duty, write: Write):
    text = f"contact: desk@herald.example\nrules:\n  - allow: full\n    duties: [{written}]\n"
    assert policy(write, text).rules[0].duties == (read,)


@pytest.mark.parametrize(
    ("written", "name", "params"),
    [
        ("no-edits", "no-edits", ()),
        ("{no-edits: style}", "no-edits", (("except", ("style",)),)),
        ("{excerpt-max: {n: 50, unit: words}}", "excerpt-max", (("n", 50), ("unit", "words"))),
        ("{max-share: {percent: 12.5, period: 30d}}", "max-share", (("percent", 12.5), ("period", "30d"))),
        ("{own-images-only: {credit: [Herald]}}", "own-images-only", (("credit", ("Herald",)),)),
        ("{own-images-only: Herald}", "own-images-only", (("credit", ("Herald",)),)),
        ("{max-copies: 400}", "max-copies", (("n", 400),)),
    ],
)
def test_every_spelling_of_a_limit_is_read(
    written: str, name: str, params: tuple[tuple[str, str | int | float | tuple[str, ...]], ...], write: Write
):
    (rule,) = policy(write, f"rules:\n  - allow: excerpt\n    limits: [{written}, {{requested: {written}}}]\n").rules
    limit = Limit(name=LimitName(name), params=params)
    assert rule.limits == (limit, replace(limit, requested=True))


def test_waive_takes_every_name_but_other(write: Write):
    names = sorted(({*DutyName} | {*LimitName, "non-commercial"}) - {"other"})
    text = f"licence: CC-BY-4.0\nwaive: [{', '.join(names)}]\n"
    assert policy(write, text).waive == frozenset(names)
