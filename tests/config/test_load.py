"""A configuration folder is read whole, with every default filled in, or every problem in it is told."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.config import (
    Configuration,
    Log,
    Mail,
    Retention,
    Server,
    Settings,
    Site,
    fingerprint,
    load,
    load_settings,
)
from aggregator.errors import ConfigError, Problem
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

Write = Callable[..., Path]


def problems(folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder)
    return [str(problem) for problem in caught.value.problems]


def warnings(folder: Path) -> list[str]:
    return [str(warning) for warning in load(folder).warnings]


def policy(write: Write, text: str) -> Policy:
    return load(write({"policies/herald.yaml": f"id: herald\npublisher: {{name: The Herald}}\n{text}"})).policies[0]


# ── whole values ─────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_kind_may_be_a_file_a_folder_or_both(write: Write):
    configuration = load(
        write(
            {
                "sources/b.yaml": "id: b\nfeed: https://b.example/\n",
                "sources/a.yml": "- {id: a, feed: https://a.example/}\n",
                "sources/.hidden.yaml": "nonsense",
                "sources/notes.txt": "nonsense",
                "policies.yaml": "- {id: other, publisher: {name: Other}}\n",
            }
        )
    )
    assert [source.id for source in configuration.sources] == ["herald", "a", "b"]
    assert [policy.id for policy in configuration.policies] == ["other", "herald"]


def test_files_may_be_empty_or_absent(write: Write, tmp_path: Path):
    folder = write(
        {"aggregator.yaml": None, "sources.yaml": "# none yet\n", "policies/herald.yaml": "", "outputs.yaml": None}
    )
    configuration = load(folder)
    assert (configuration.sources, configuration.policies, configuration.outputs) == ((), (), ())
    assert configuration.settings.database == f"sqlite:///{tmp_path}/data/aggregator.db"
    assert [str(warning) for warning in configuration.warnings] == [
        (
            "config/aggregator.yaml: does not say who you are; write site: {name: …, url: …, email: …}, so that"
            " publishers can reach you"
        )
    ]


def test_the_wrong_folder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    assert problems(Path("nowhere")) == ["nowhere: is not there; name the configuration folder with --config DIR"]
    assert problems(Path("file")) == ["file: is not a folder; name the configuration folder with --config DIR"]
    assert problems(Path("empty")) == [
        "empty: holds no aggregator.yaml, sources.yaml, policies/ or outputs.yaml; is it the right folder?"
    ]


def test_files_are_named_as_the_operator_types_them(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / write({"sources.yaml": "{"})
    line = ":1: is not valid YAML: the file ends in the middle of something; check '[', ']', '{', '}' and the last key"
    assert problems(folder) == [f"config/sources.yaml{line}"]
    monkeypatch.chdir(folder)
    assert problems(Path()) == [f"sources.yaml{line}"]
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert problems(Path("../config")) == [f"../config/sources.yaml{line}"]
    assert problems(folder) == [f"{folder}/sources.yaml{line}"]


def test_a_file_that_is_none_is_told(write: Write, tmp_path: Path):
    folder = write({"sources.yaml": None, "outputs.yaml": None})
    (folder / "sources.yaml").mkdir()
    (folder / "outputs.yaml").symlink_to("missing.yaml")
    assert problems(folder) == [
        "config/outputs.yaml: is not there: its link leads nowhere",
        "config/sources.yaml: is not a file",
    ]


def test_an_unreadable_file_hides_no_other_problem_and_makes_none_up(write: Write):
    folder = write(
        {
            "policies/herald.yaml": "id: [",
            "aggregator.yaml": "polling: {min_interval: 1s}\nsite: 5\n",
            "sources.yaml": "- {id: herald, feed: https://herald.example/, policy: herald, interval: 1m, tags: 7}\n"
            "- {id: second, feed: https://second.example/, interval: 1m}\n",
            "outputs.yaml": "- {id: x, use: {audience: anybody}, select: {sources: [nobody]}}\n",
        }
    )
    assert problems(folder) == [
        "config/aggregator.yaml:2: site must be keys and values, not a number",
        (
            "config/outputs.yaml:1: audience 'anybody' is not known; did you mean 'anyone'? use anyone, personal,"
            " community, nonprofit, education, government, news, accredited or commercial"
        ),
        "config/outputs.yaml:1: source 'nobody' is not defined; there is herald and second",
        (
            "config/policies/herald.yaml:1: is not valid YAML: the file ends in the middle of something; check '[',"
            " ']', '{', '}' and the last key"
        ),
        "config/sources.yaml:1: tags must be a list, such as [a, b], not a number",
    ]


def test_the_settings_can_be_had_where_the_rest_is_broken(write: Write, tmp_path: Path):
    good = load(write()).settings
    assert load_settings(write({"sources.yaml": "[", "outputs.yaml": "- {id: 7}\n"})) == good
    with pytest.raises(ConfigError, match="key 'sight' is not known; did you mean 'site'"):
        load_settings(write({"aggregator.yaml": "sight: {}\n"}))
    with pytest.raises(ConfigError, match="nowhere: is not there"):
        load_settings(Path("nowhere"))


def test_settings_in_two_files_are_an_error(write: Write):
    folder = write({"aggregator/more.yaml": "unknown_policy: hold\n"})
    assert problems(folder) == [
        "config/aggregator/more.yaml:1: the settings stand in config/aggregator.yaml:1 already; keep one of them"
    ]


def test_a_link_must_not_lead_a_feed_out_of_the_folder(write: Write, tmp_path: Path):
    (tmp_path / "secret.xml").touch()
    folder = write({"sources.yaml": "- {id: a, feed: file:samples/link.xml}\n"})
    (folder / "samples").mkdir()
    (folder / "samples" / "link.xml").symlink_to(tmp_path / "secret.xml")
    assert problems(folder) == [
        (
            "config/sources.yaml:1: feed 'file:samples/link.xml' leads out of the configuration folder; copy the"
            " file into it"
        )
    ]


def test_a_sqlite_path_is_meant_from_beside_the_folder(write: Write, tmp_path: Path):
    written = {
        "relative.db": tmp_path / "relative.db",
        "../up.db": tmp_path.parent / "up.db",
        "/abs/x.db": Path("/abs/x.db"),
    }
    for path, meant in written.items():
        configuration = load(write({"aggregator.yaml": f"site: {{name: R}}\ndatabase: sqlite:///{path}\n"}))
        assert configuration.settings.database == f"sqlite:///{meant}"


# ── warnings ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_good_configuration_gives_no_warning(write: Write):
    assert warnings(write()) == []


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (
            "{allow: full, when: {since: 2026-02-01, until: 2026-01-01}}",
            "since 2026-02-01 is after until 2026-01-01: this rule never applies",
        ),
        (
            "{allow: full, when: {embargo: 2d, window: 1d}}",
            "the window of 1d ends before the embargo of 2d does",
        ),
        (
            "{deny: full, when: {embargo: 24h}}",
            "embargo on a 'deny' rule says when that applies; was 'allow' meant?",
        ),
        (
            "{ask: full, duties: [credit-source]}",
            "duties, limits and waive have no effect on an 'ask' rule",
        ),
        (
            "{allow: [full, excerpt], limits: [{excerpt-max: {n: 5, unit: words}}]}",
            "excerpt-max beside an allowed 'full': write a rule for the excerpt alone",
        ),
        (
            "{allow: excerpt, limits: [full-only]}",
            "full-only on a rule that does not allow 'full': nothing can satisfy it",
        ),
    ],
)
def test_a_rule_that_says_what_it_cannot_mean_is_a_warning(rule: str, expected: str, write: Write):
    text = f"id: herald\npublisher: {{name: The Herald}}\nrules:\n  - {rule}\n"
    assert warnings(write({"policies/herald.yaml": text})) == [f"config/policies/herald.yaml:4: {expected}"]


def test_a_waiver_of_no_licence_is_a_warning(write: Write):
    text = "id: herald\npublisher: {name: The Herald}\nwaive: [label-changes]\nrules: [{allow: full}]\n"
    expected = "config/policies/herald.yaml:3: waive has no effect without a licence"
    assert warnings(write({"policies/herald.yaml": text})) == [expected]


@pytest.mark.parametrize(
    ("rule", "also", "expected"),
    [
        (
            "{allow: [excerpt, full], when: {embargo: 24h}}",
            "{deny: full, when: {window: 24h}}",
            (
                "until the embargo ends the licence speaks instead of this rule; to hold it back, add"
                " {deny: [full, excerpt], when: {window: 1d}}"
            ),
        ),
        (
            "{allow: full, when: {window: 90d}}",
            "{ask: full, when: {embargo: 90d}}",
            (
                "when the window has ended the licence speaks instead of this rule; to take it out, add"
                " {deny: [full], when: {embargo: 90d}}"
            ),
        ),
    ],
)
def test_a_time_that_a_licence_makes_void_is_a_warning(rule: str, also: str, expected: str, write: Write):
    text = f"id: herald\npublisher: {{name: The Herald}}\nlicence: CC-BY-4.0\nrules:\n  - {rule}\n"
    assert warnings(write({"policies/herald.yaml": text})) == [f"config/policies/herald.yaml:5: {expected}"]
    assert warnings(write({"policies/herald.yaml": f"{text}  - {also}\n"})) == []


def test_rules_that_never_decide_are_warnings(write: Write):
    text = """id: herald
publisher: {name: The Herald}
rules:
  - {allow: full, to: community}
  - {ask: [full, excerpt]}
  - {allow: headline, in: web}
  - {allow: headline, in: web}
"""
    assert warnings(write({"policies/herald.yaml": text})) == [
        "config/policies/herald.yaml:4: never decides: rule 2 says 'ask' to all that it covers: the stricter wins",
        "config/policies/herald.yaml:7: this rule says the same as rule 3; delete one of them",
    ]


def test_what_most_likely_is_a_slip_is_a_warning(write: Write):
    folder = write(
        {
            "sources.yaml": "- id: herald\n  feed: https://feeds.example.net/x\n  policy: herald\n  tags: [world]\n"
            "  headers: {Authorization: Bearer abc}\n- {id: b, feed: file:samples/b.xml}\n",
            "policies/herald.yaml": "id: herald\npublisher: {name: H, domains: [herald.example]}\nlicence: CC0-1.0\n",
            "policies/second.yaml": "id: second\npublisher: {name: Herald Two, domains: [herald.example]}\n",
            "outputs.yaml": "- {id: x, use: {audience: anyone}, select: {tags: [worlds, moon]}}\n",
        }
    )
    assert warnings(folder) == [
        "config/outputs.yaml:1: no source has the tag 'moon'; there is world",
        "config/outputs.yaml:1: no source has the tag 'worlds'; did you mean 'world'?",
        "config/policies/second.yaml:1: policy 'second' has no rules and no licence: all is 'ask'",
        (
            "config/policies/second.yaml:2: domain 'herald.example' belongs to policy 'herald' too; entries that link"
            " there take the stricter of both"
        ),
        (
            "config/sources.yaml:2: feed host 'feeds.example.net' is not among the domains of policy 'herald'"
            " (herald.example); add it there if it is the publisher's"
        ),
        "config/sources.yaml:5: header 'Authorization' looks like a secret; write env:NAME or file:PATH instead",
        "config/sources.yaml:6: file 'samples/b.xml' is not there (yet)",
    ]


# ── versions ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_version_is_that_of_the_bytes_that_were_read(write: Write):
    first = load(write())
    assert load(write()).version == first.version
    assert load(write({"outputs.yaml": "- {id: community, use: {audience: anyone}}\n"})).version != first.version
    assert [path.name for path in first.files] == ["aggregator.yaml", "outputs.yaml", "herald.yaml", "sources.yaml"]


def test_the_fingerprint_changes_with_any_file(write: Write):
    folder = write({"samples/a.xml": "<a/>"})
    first = fingerprint(folder)
    assert fingerprint(folder) == first
    os.utime(folder / "samples" / "a.xml", (1, 1))
    second = fingerprint(folder)
    assert second != first
    (folder / "samples" / "a.xml").unlink()
    assert fingerprint(folder) not in {first, second}


def test_loading_twice_gives_equal_values(write: Write):
    folder = write()
    first, second = load(folder), load(folder)
    assert first == second
    assert isinstance(first, Configuration)


# ── any text ─────────────────────────────────────────────────────────────────────────────────────────────────────

PIECES = """
    id feed policy tags use audience form rules allow ask deny when duties limits any_of requested credit-line tracker
    excerpt-max n unit url text select sources publisher name domains site polling interval auth basic headers default
    https://a.example/x file:a env:X full community web no yes ~ null 1 0x1F -1 .5 1e999 24h 20MB 2026-11-20 {} []
    '' &a *a !!x << ? | > - % @ ` # é
"""
WORDS = st.sampled_from([*PIECES.split(), r'"\ud800"', "\0", "\x85", ""])
BETWEEN = st.sampled_from([": ", "\n", "\n- ", "\n  ", "\n\t", ", ", " ", "{", "}", "[", "]", "\0"])
TEXTS = st.lists(st.tuples(WORDS, BETWEEN).map("".join)).map("".join)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**20) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=25,
)
NAMES = st.sampled_from(
    ["aggregator.yaml", "sources.yaml", "policies/herald.yaml", "outputs.yaml", "policies/tests/x.yaml"]
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES, body=(TEXTS | VALUES.map(json.dumps)).map(str.encode) | st.binary(max_size=60))
def test_no_file_does_more_than_be_told(name: str, body: bytes, write: Write):
    """Whatever stands in a file: it loads, or there is a ConfigError of one-line problems. JSON is YAML."""
    folder = write({name: body})
    found: tuple[Problem, ...] = ()
    try:
        load(folder)
    except ConfigError as error:
        found = error.problems or (Problem(file="", line=None, message="an error without a problem"),)
    finally:
        write({"policies/tests/x.yaml": None})
    assert all(problem.file.startswith("config/") and "\n" not in str(problem) for problem in found)
