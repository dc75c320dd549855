"""What feeds and sites say, through the real readers, carrier against carrier: it tightens, and loosens only on trust.

The laws of `test_laws` are about notices; these are about the bytes that notices are read from: statements of all
carriers that contradict one another, stand twice, nested, malformed or in a wrong namespace.
"""

# ruff: noqa: E501  documents are easier to read unbroken

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from aggregator.intake.parse import parse
from aggregator.model.decision import Decision
from aggregator.model.entry import StoredEntry
from aggregator.model.evidence import Evidence, EvidenceKind
from aggregator.model.fetched import Fetched
from aggregator.model.parsed import ParsedFeed, ParseRequest
from aggregator.model.policy import DutyName, Effect, Policy
from aggregator.model.use import Audience, Form, Use
from aggregator.rights import Policies, decide
from aggregator.service.evidence import read_answer, said_of
from tests.build import NOW, a_policy, a_question, a_rule, a_source, a_stored, a_use
from tests.rights.pools import RULES

EXAMPLES = int(os.environ.get("LAW_EXAMPLES", "60"))
law = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
ORIGIN = "https://herald.example"
NAMESPACES = (
    "xmlns:atom='http://www.w3.org/2005/Atom' xmlns:dc='http://purl.org/dc/elements/1.1/' "
    "xmlns:dcterms='http://purl.org/dc/terms/' xmlns:app='http://www.w3.org/2007/app' "
    "xmlns:access='http://www.bloglines.com/about/specs/fac-1.0' xmlns:media='http://search.yahoo.com/mrss/' "
    "xmlns:cc='http://web.resource.org/cc/' xmlns:ccm='http://backend.userland.com/creativeCommonsRssModule' "
    "xmlns:podcast='https://podcastindex.org/namespace/1.0' xmlns:rsl='https://rslstandard.org/rsl' "
    "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:odd='urn:example:odd'"
)
BY = "https://creativecommons.org/licenses/by/4.0/"
ZERO = "https://creativecommons.org/publicdomain/zero/1.0/"
NC = "https://creativecommons.org/licenses/by-nc-nd/4.0/"
RSL = "https://rslstandard.org/rsl"

# ── what an item, its atom:source or the feed may say ────────────────────────────────────────────────────────────

BARS = (
    "<atom:rights>Not for republication.</atom:rights>",
    "<dc:rights>This text may not be reproduced without written permission.</dc:rights>",
    "<dcterms:accessRights>No republication without permission</dcterms:accessRights>",
    "<app:control><app:draft>yes</app:draft></app:control>",
    "<access:restriction relationship='deny'/>",
    "<podcast:block>yes</podcast:block>",
    "<podcast:locked owner='desk@herald.example'>yes</podcast:locked>",
    "<podcast:locked> YES </podcast:locked>",
)
ITEM_BARS = (
    "<rsl:content url=''><rsl:license><rsl:prohibits type='usage'>all</rsl:prohibits></rsl:license></rsl:content>",
    "<rsl:content url='/'><rsl:license><rsl:prohibits type='user'>non-commercial commercial</rsl:prohibits></rsl:license></rsl:content>",
    "<rsl:content url=''><rsl:license><rsl:payment type='purchase'><rsl:amount currency='EUR'>9</rsl:amount></rsl:payment></rsl:license></rsl:content>",
)
"""Each bars by itself. RSL in an item is a choice among its licences, so a second one may take a bar back."""
LICENCES = (
    f"<atom:link rel='license' href='{BY}'/>",
    f"<atom:link rel='license' href='{ZERO}'/>",
    f"<atom:link rel='license' href='{NC}'/>",
    f"<cc:license rdf:resource='{ZERO}'/>",
    f"<ccm:license>{BY}</ccm:license>",
    f"<dcterms:license>{ZERO}</dcterms:license>",
    "<podcast:license>cc0-1.0</podcast:license>",
    f"<dc:rights rdf:resource='{BY}'/>",
    f"<dc:rights>{ZERO}</dc:rights>",
)
KIND_WORDS = (
    "<dc:rights>Public domain. All uses allowed, no permission needed.</dc:rights>",
    "<atom:rights>Free to republish anywhere, full text, also commercially.</atom:rights>",
    f"<dc:rights>Licensed under {BY}</dc:rights>",
    "<copyright>© 2026 The Herald. You may republish this text.</copyright>",
    "<access:restriction relationship='allow'/>",
    "<podcast:locked>no</podcast:locked>",
    "<podcast:block>no</podcast:block>",
    "<app:control><app:draft>no</app:draft></app:control>",
    "<media:restriction relationship='allow' type='sharing'/>",
    "<rsl:content url=''><rsl:license><rsl:permits type='usage'>all</rsl:permits><rsl:payment type='free'/></rsl:license></rsl:content>",
)
NOISE = (
    "<atom:link rel='license' href='https://herald.example/our-terms'/>",
    "<atom:link rel='license' href='http://purl.org/atompub/license#unspecified'/>",
    "<atom:link rel='license' href=''/>",
    "<atom:link rel='license' href='https://creativecommons.org/licenses/by/9.9/'/>",
    "<atom:link rel='license' href='https://creativecommons.org.evil.example/licenses/by/4.0/'/>",
    "<atom:link rel='license' href='javascript:by/4.0'/>",
    "<atom:link rel='license' href='http://[bad/'/>",
    "<podcast:license>by</podcast:license>",
    "<ccm:license>CC-BY-4.0-free-for-all</ccm:license>",
    f"<odd:license>{ZERO}</odd:license>",
    f"<odd:link rel='license' href='{ZERO}'/>",
    f"<odd:wrap><atom:link rel='license' href='{ZERO}'/></odd:wrap>",
    f"<dc:rights><odd:x><cc:license rdf:resource='{ZERO}'/></odd:x></dc:rights>",
    "<dc:rights/>",
    "<dc:rights>© The Herald</dc:rights>",
    "<rsl:content url='::'><rsl:license/></rsl:content>",
    "<rsl:content><rsl:license><rsl:permits type='nonsense'>everything</rsl:permits></rsl:license></rsl:content>",
)
SAYINGS = (*BARS, *LICENCES, *KIND_WORDS, *NOISE)


def a_feed(item: list[str], source: list[str], feed: list[str], atom: bool) -> bytes:
    inner = f"<atom:source><atom:id>x</atom:id>{''.join(source)}</atom:source>" if source else ""
    words = "The council voted on the bridge. " * 60
    if atom:
        return (
            f"<feed xmlns='http://www.w3.org/2005/Atom' {NAMESPACES}><title>Herald</title><id>f</id>{''.join(feed)}<entry>"
            f"<title>Bridge</title><id>1</id><link href='{ORIGIN}/bridge'/><published>2026-11-19T12:00:00Z</published><updated>2026-11-19T12:00:00Z</updated>"
            f"<author><name>Ann Lee</name></author><content type='text'>{words}</content>{inner}{''.join(item)}</entry></feed>"
        ).encode()
    return (
        f"<rss version='2.0' {NAMESPACES}><channel><title>Herald</title><link>{ORIGIN}/</link>{''.join(feed)}<item>"
        f"<title>Bridge</title><guid>1</guid><link>{ORIGIN}/bridge</link><pubDate>Thu, 19 Nov 2026 12:00:00 GMT</pubDate>"
        f"<dc:creator>Ann Lee</dc:creator><description>{words}</description>{inner}{''.join(item)}</item></channel></rss>"
    ).encode()


def stored_of(document: bytes) -> StoredEntry:
    """The one entry of a feed, as the store knows it."""
    read = parse(
        ParseRequest(
            source="herald",
            url=f"{ORIGIN}/feed",
            body=document,
            content_type="application/xml",
            own_names=frozenset({"the herald", "herald"}),
            own_domains=frozenset({"herald.example"}),
        )
    )
    assert isinstance(read, ParsedFeed), read
    (one,) = read.entries
    return a_stored(one.entry)


# ── what a site may say ──────────────────────────────────────────────────────────────────────────────────────────


def rsl(*licences: str, url: str = "/") -> str:
    inner = "".join(f"<license>{licence}</license>" for licence in licences)
    return f"<rsl xmlns='{RSL}'><content url='{url}'>{inner}</content></rsl>"


def odrl(*rules: str, kind: str = "Set") -> str:
    return f'{{"@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "{kind}", "uid": "{ORIGIN}/p", {", ".join(rules)}}}'


def page(head: str) -> str:
    return f"<!doctype html><html><head><title>Herald</title>{head}</head><body>News</body></html>"


DENY_ALL = '"prohibition": [{"target": "https://herald.example/", "action": "use"}]'
PERMIT_ALL = '"permission": [{"target": "https://herald.example/", "action": "use"}]'
NAMES_POLICY = f'[{{"location": "/", "tdm-reservation": 1, "tdm-policy": "{ORIGIN}/policy"}}]'
SITE: dict[EvidenceKind, tuple[tuple[str, str, str], ...]] = {
    EvidenceKind.ROBOTS: tuple(
        ("text/plain", "/robots.txt", text)
        for text in (
            "User-agent: *\nContent-Signal: search=yes, ai-input=no, ai-train=no\n",
            "User-agent: *\nContent-Usage: train-ai=y, search=y\nLicense: https://herald.example/l.xml\n",
            "User-agent: *\nDisallow: /\n",
            "Content-Signal: =,;;ai-train\nUser-agent *\nLicense: nowhere\n",
        )
    ),
    EvidenceKind.TDMREP: tuple(
        ("application/json", "/.well-known/tdmrep.json", text)
        for text in (
            NAMES_POLICY,
            '[{"location": "/*", "tdm-reservation": 0}]',
            '{"location": "/"}',
            "[[[[",
            '[{"tdm-reservation": "1"}]',
        )
    ),
    EvidenceKind.RSL: tuple(
        ("application/rsl+xml", "/l.xml", text)
        for text in (
            rsl("<prohibits type='usage'>all</prohibits>"),
            rsl("<permits type='usage'>all</permits><payment type='free'/>"),
            rsl("<permits type='user'>education</permits>"),
            rsl("<permits type='geo'>DE</permits>"),
            rsl(f"<payment type='attribution'><standard>{ZERO}</standard></payment>"),
            rsl("<prohibits type='usage'>all</prohibits>", "<permits type='usage'>all</permits>"),
            rsl("<prohibits type='usage'>all</prohibits>", url="https://other.example/*"),
            "<rsl xmlns='https://rslstandard.org/rsl'><content></rsl>",
            "<rsl xmlns='urn:odd'><content url='/'><license><permits type='usage'>all</permits></license></content></rsl>",
        )
    ),
    EvidenceKind.ODRL: (
        *(
            ("application/ld+json", "/policy", text)
            for text in (
                odrl(PERMIT_ALL),
                odrl(DENY_ALL),
                odrl(PERMIT_ALL, DENY_ALL),
                odrl('"prohibition": [{"action": "commercialize"}]'),
                odrl('"prohibition": [{"action": "translate"}]'),
                odrl(
                    '"permission": [{"action": "distribute", "constraint": [{"leftOperand": "spatial", "operator": "eq", "rightOperand": "DE"}]}]'
                ),
                odrl('"permission": [[[]]]'),
                odrl('"prohibition": [{"action": {"@id": 7}}]'),
                "{",
            )
        ),
        (
            "text/turtle",
            "/policy",
            f"@prefix odrl: <http://www.w3.org/ns/odrl/2/> . <{ORIGIN}/p> a odrl:Set ; odrl:prohibition [ odrl:action odrl:distribute ] .",
        ),
        ("text/turtle", "/policy", "@prefix odrl: <http://www.w3.org/ns/odrl/2/> . <x> a odrl:Set ; odrl:permission ["),
    ),
    EvidenceKind.PAGE: tuple(
        ("text/html", "/", page(head))
        for head in (
            f"<link rel='license' href='{ZERO}'>",
            f"<link rel='license' href='{NC}'>",
            "<link rel='license' href='https://herald.example/terms'>",
            "<meta name='tdm-reservation' content='1'><meta name='tdm-policy' content='/policy'>",
            "<meta name='tdm-reservation' content='0'>",
            "<meta name='robots' content='noai, noimageai'>",
            f"<script type='application/rsl+xml'>{rsl('<prohibits type=usage>all</prohibits>')}</script>",
            f'<script type=\'application/ld+json\'>{{"@type": "WebSite", "license": "{BY}"}}</script>',
            "<script type='application/ld+json'>{{{</script><link rel='license'>",
        )
    ),
}
HEADERS = (
    ("tdm-reservation", "1"),
    ("tdm-reservation", "0, 1"),
    ("content-usage", "train-ai=n"),
    ("content-usage", ";;="),
    ("x-robots-tag", "noai"),
    ("link", f'<{ZERO}>; rel="license"; type=""'),
    ("link", f'<{NC}>; rel="license"; type=""'),
    ("link", '<https://herald.example/terms>; rel="license"; type=""'),
)


def evidence_of(kind: EvidenceKind, document: tuple[str, str, str], said: tuple[tuple[str, str], ...]) -> Evidence:
    media_type, path, text = document
    url = ORIGIN + path
    known = Evidence(source="herald", kind=kind, url=url, origin=ORIGIN, next_at=NOW)
    answer = Fetched(
        source="herald",
        asked_at=NOW,
        final_url=url,
        status=200,
        body=text.encode(),
        content_type=media_type,
        said=said,
    )
    return read_answer(known, answer, NOW)


# ── the laws ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Told:
    """All that is said of one entry, in all places."""

    item: list[str]
    source: list[str]
    feed: list[str]
    atom: bool
    site: list[Evidence]

    def decided(self, policy: Policy, use: Use, *more: str) -> Decision:
        stored = stored_of(a_feed([*self.item, *more], self.source, self.feed, self.atom))
        said = said_of(stored, a_source(feed=f"{ORIGIN}/feed"), self.site, use)
        return decide(a_question(stored, use, said=said), Policies([policy]), ())


SITES = st.lists(
    st.sampled_from(list(SITE)).flatmap(
        lambda kind: st.builds(
            evidence_of,
            st.just(kind),
            st.sampled_from(SITE[kind]),
            st.lists(st.sampled_from(HEADERS), max_size=2).map(tuple),
        )
    ),
    max_size=4,
)


def told(sayings: tuple[str, ...]) -> st.SearchStrategy[Told]:
    some = st.lists(st.sampled_from(sayings), max_size=4)
    own = st.lists(st.sampled_from((*sayings, *ITEM_BARS)), max_size=4)
    return st.builds(Told, own, some, some, st.booleans(), SITES)


USES = st.builds(
    lambda audience: a_use(Form.FULL, Form.EXCERPT, Form.HEADLINE, audience=audience),
    st.sampled_from([Audience.COMMUNITY, Audience.COMMERCIAL, Audience.ANYONE, Audience.EDUCATION]),
)
_MET_BY_NOTICES = {DutyName.LICENCE_NOTICE, DutyName.COPYRIGHT_NOTICE}


def needs_no_notice(policy: Policy) -> bool:
    """A notice may meet a duty to keep one; that is its purpose, and no loosening."""
    duties = [duty for rule in policy.rules for duty in (*rule.duties, *(o for d in rule.duties for o in d.any_of))]
    return all(duty.name not in _MET_BY_NOTICES for duty in duties)


POLICIES = st.builds(
    lambda rules, licence, trusts: a_policy(*rules, licence=licence, trust_entry_licence=trusts),
    st.lists(RULES, max_size=3),
    st.sampled_from([None, "CC-BY-4.0", "CC-BY-NC-ND-4.0", "Herald Licence 1.0"]),
    st.just(False),
).filter(needs_no_notice)
OPEN = a_policy(a_rule(Effect.ALLOW))
SILENT = a_policy()


def shown(decision: Decision) -> int:
    forms = [Form.HEADLINE, Form.EXCERPT, Form.FULL]
    return forms.index(decision.form) + 1 if decision.allowed else 0


@law
@given(told(SAYINGS), st.one_of(POLICIES, st.just(OPEN)), USES)
def test_nothing_that_is_said_shows_more_than_silence_where_nobody_trusts_it(
    said: Told, policy: Policy, use: Use
) -> None:
    silence = Told([], [], [], said.atom, [])
    assert shown(said.decided(policy, use)) <= shown(silence.decided(policy, use))


@law
@given(told(SAYINGS), USES)
def test_a_policy_that_says_nothing_lets_nothing_out_whatever_is_said(said: Told, use: Use) -> None:
    assert not said.decided(SILENT, use).allowed


@law
@given(told((*BARS, *KIND_WORDS, *NOISE)), USES)
def test_what_nobody_knows_is_never_permission_even_where_it_is_trusted(said: Told, use: Use) -> None:
    """Without a licence that is known, stated for machines, there is nothing to trust."""
    assert not said.decided(replace(SILENT, trust_entry_licence=True), use).allowed


@law
@given(told(SAYINGS), st.one_of(POLICIES, st.just(OPEN)), USES, st.sampled_from((*BARS, *ITEM_BARS)), st.booleans())
def test_another_bar_in_an_item_never_shows_more(said: Told, policy: Policy, use: Use, bar: str, trusts: bool) -> None:
    if "rsl" in bar:
        assume(not any("rsl" in one for one in said.item))
    policy = replace(policy, trust_entry_licence=trusts)
    assert shown(said.decided(policy, use, bar)) <= shown(said.decided(policy, use))
    if bar in BARS:
        assert not said.decided(policy, use, bar).allowed


@law
@given(told(SAYINGS), st.one_of(POLICIES, st.just(OPEN)), USES, SITES, st.booleans())
def test_another_document_of_a_site_never_shows_more(
    said: Told, policy: Policy, use: Use, more: list[Evidence], trusts: bool
) -> None:
    policy = replace(policy, trust_entry_licence=trusts)
    after = replace(said, site=[*said.site, *more])
    assert shown(after.decided(policy, use)) <= shown(said.decided(policy, use))
