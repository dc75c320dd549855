"""What most likely is a slip is a warning."""

from __future__ import annotations

import pytest

from tests.config.reading import Write, warnings


def test_the_good_configuration_gives_no_warning(write: Write):
    assert warnings(write()) == []


def test_addresses_that_nobody_can_reach_are_a_warning(write: Write):
    """Which port it will be is known when the service has started; feeds name their own address."""
    site = "site: {name: Here, email: desk@example.org}\n"
    expected = (
        "config/aggregator.yaml:2: port 0 takes any free port, and addresses in feeds name port 0; "
        "give server.public_url, or a port"
    )
    assert warnings(write({"aggregator.yaml": f"{site}server: {{port: 0}}\n"})) == [expected]
    given = f"{site}server: {{port: 0, public_url: 'https://news.example.org'}}\n"
    assert warnings(write({"aggregator.yaml": given})) == []


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
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
        (
            "{allow: [full, excerpt], limits: [full-only]}",
            "full-only beside an allowed 'excerpt': the excerpt is never out; take it out of this rule",
        ),
        (
            "{allow: headline, duties: [{tracker: https://herald.example/t.gif}]}",
            "a headline cannot carry a tracker: nothing can satisfy this rule; allow a larger form",
        ),
        (
            "{allow: full, duties: [{link-original: home}]}",
            "link-original: home needs the publisher's home page, which is not named; add 'url' to the publisher",
        ),
        (
            "{allow: full, duties: [licence-notice]}",
            "licence-notice without a licence holds each entry that states none of its own; add 'licence'",
        ),
        (
            "{allow: full, in: web, limits: [{max-copies: 500, medium: print}]}",
            "max-copies is for print and this rule for web: it never applies; give it a rule for print",
        ),
    ],
)
def test_a_rule_that_says_what_it_cannot_mean_is_a_warning(rule: str, expected: str, write: Write):
    text = f"id: herald\npublisher: {{name: The Herald}}\ncontact: desk@herald.example\nrules:\n  - {rule}\n"
    assert warnings(write({"policies/herald.yaml": text})) == [f"config/policies/herald.yaml:5: {expected}"]


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
    who = "id: herald\npublisher: {name: The Herald}\ncontact: desk@herald.example\nlicence: CC-BY-4.0\n"
    text = f"{who}rules:\n  - {rule}\n"
    assert warnings(write({"policies/herald.yaml": text})) == [f"config/policies/herald.yaml:6: {expected}"]
    assert warnings(write({"policies/herald.yaml": f"{text}  - {also}\n"})) == []


def test_rules_that_never_decide_are_warnings(write: Write):
    text = """id: herald
publisher: {name: The Herald}
rules:
  - {allow: full, to: community}
  - {ask: [full, excerpt]}
  - {allow: headline, in: web, when: {category: [news], embargo: 2d}}
  - {deny: headline, in: web, when: {category: [sport, news]}}
  - {allow: headline, in: print}
  - {allow: headline, in: print}
"""
    assert warnings(write({"policies/herald.yaml": text})) == [
        "config/policies/herald.yaml:1: a rule asks and nobody is named to be asked; add 'contact'",
        "config/policies/herald.yaml:4: never decides: rule 2 says 'ask' to all that it covers: the stricter wins",
        "config/policies/herald.yaml:6: never decides: rule 4 says 'deny' to all that it covers: the stricter wins",
        "config/policies/herald.yaml:9: this rule says the same as rule 5; delete one of them",
    ]


def test_a_licence_that_nobody_hears_is_a_warning(write: Write):
    text = "id: herald\npublisher: {name: The Herald}\nlicence: CC-BY-4.0\nrules: [{deny: [full, excerpt, headline]}]\n"
    expected = (
        "config/policies/herald.yaml:3: never decides: rule 1 says 'deny' to all that it covers: the stricter wins"
    )
    assert warnings(write({"policies/herald.yaml": text})) == [expected]


def test_what_most_likely_is_a_slip_is_a_warning(write: Write):
    folder = write(
        {
            "sources.yaml": "- id: herald\n  feed: https://feeds.example.net/x\n  policy: herald\n  tags: [world]\n"
            "  headers: {Authorization: Bearer abc}\n- {id: b, feed: file:samples/b.xml}\n",
            "policies/herald.yaml": "id: herald\npublisher: {name: H, domains: [herald.example]}\nlicence: CC0-1.0\n",
            "policies/second.yaml": "id: second\npublisher: {name: Herald Two, domains: [herald.example]}\n",
            "outputs.yaml": "- {id: x, use: {audience: anyone}, select: {tags: [worlds, moon]}}\n"
            "- {id: y, use: {audience: anyone}, formats: [rss, json], archive: true}\n",
            "aggregator.yaml": "site: {name: N, url: 'https://n.example/', email: n@n.example}\nsubscribe: mail\n",
        }
    )
    assert warnings(folder) == [
        (
            "config/aggregator.yaml:2: subscribe is 'mail', and no mail can be sent without mail.smtp; write it, or"
            " 'admin'"
        ),
        "config/outputs.yaml:1: no source has the tag 'moon'; there is world",
        "config/outputs.yaml:1: no source has the tag 'worlds'; did you mean 'world'?",
        (
            "config/outputs.yaml:2: an archive is written in Atom alone, and 'formats' has no atom; add it, or take"
            " 'archive' out"
        ),
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
