"""Feeds are found, added, removed, taken from other programs and given to them; files keep what a person wrote."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from aggregator.config import load
from tests.cli.conftest import Cli, edit
from tests.story.origin import Origin

ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>The Herald</title><id>urn:herald</id>
<updated>2026-11-20T10:00:00Z</updated><rights>(c) The Herald. Ask us.</rights><link href="HOME"/>
<entry><title>One</title><id>urn:1</id><updated>2026-11-20T10:00:00Z</updated><content>Text</content></entry>
<entry><title>Two</title><id>urn:2</id><updated>2026-11-19T10:00:00Z</updated><summary>Text</summary>
<link rel="license" href="https://creativecommons.org/licenses/by/4.0/"/></entry></feed>"""
COMMENTS = b"""<rss version="2.0"><channel><title>Comments on The Herald</title><link>http://x.example/</link>
<description/><item><title>Nice</title><guid>c1</guid></item></channel></rss>"""
PAGE = b"""<!doctype html><html><head><title>Herald</title>
<link rel="alternate" type="application/rss+xml" title="Herald comments" href="/comments.rss">
<link rel="alternate" type="application/atom+xml" title="Herald news" href="news.atom#top">
<link rel="alternate" type="application/rss+xml" href="/gone.rss">
<link rel="alternate" type="application/rss+xml" href="file:///etc/passwd">
<link rel="alternate" hreflang="de" type="text/html" href="/de/">
</head><body>News</body></html>"""


@pytest.fixture
def origin() -> Iterator[Origin]:
    made = Origin()
    with made.running():
        made.serve("/", PAGE, Content_Type="text/html; charset=utf-8")
        made.serve("/news.atom", ATOM.replace(b"HOME", made.url("/").encode()), Content_Type="application/atom+xml")
        made.serve("/comments.rss", COMMENTS, Content_Type="application/rss+xml")
        yield made


@pytest.fixture
def near(fresh: Path) -> Path:
    """A new user's folder that may ask this machine."""
    edit(fresh / "config/aggregator.yaml", "private_addresses: false", "private_addresses: true")
    return fresh


def sources(folder: Path) -> str:
    return (folder / "config/sources.yaml").read_text()


# ── discover ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_discover_shows_what_a_page_has_and_what_each_feed_says(near: Path, cli: Cli, origin: Origin):
    before = sources(near)
    said = cli("sources", "discover", origin.url("/"), "--json")
    assert said.code == 0
    best, comments, gone = said.json["candidates"]
    assert (best["url"], best["how"], best["format"], best["entries"], best["full_texts"]) == (
        origin.url("/news.atom"),
        "link in the page",
        "atom10",
        2,
        1,
    )
    assert (best["title"], best["languages"], best["newest_at"]) == ("The Herald", ["en"], "2026-11-20T10:00:00Z")
    assert [(one["level"], one["carrier"], one["quote"], one["licence"]) for one in best["rights"]] == [
        ("feed", "atom:rights", "(c) The Herald. Ask us.", None),
        ("entry", "atom:link rel=license", "https://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
    ]
    assert (comments["title"], comments["problem"]) == ("Comments on The Herald", None)
    assert (gone["url"], gone["problem"]) == (origin.url("/gone.rss"), "answered 404 (not there); check the address")
    assert sources(near) == before
    assert not {asked.path for asked in origin.asked} & {"/feed", "/de/", "/etc/passwd"}
    human = cli("sources", "discover", origin.url("/"))
    assert "“(c) The Herald. Ask us.”" in human.out
    assert "publisher: not known here" in human.out
    assert "default: ask" in human.out


def test_a_feed_is_found_in_the_header_of_an_answer_and_at_the_usual_places_at_last(
    near: Path, cli: Cli, origin: Origin
):
    origin.serve("/head", b"<html></html>", Link='</news.atom>; rel="alternate"; type="application/atom+xml"')
    (found,) = cli("sources", "discover", origin.url("/head"), "--json").json["candidates"]
    assert (found["url"], found["how"]) == (origin.url("/news.atom"), "link in the header")
    origin.serve("/bare", b"<html>nothing</html>", Content_Type="text/html")
    origin.serve("/feed.xml", ATOM)
    (found,) = cli("sources", "discover", origin.url("/bare"), "--json").json["candidates"]
    assert (found["url"], found["how"]) == (origin.url("/feed.xml"), "common path")
    assert len(origin.asked) < 30


def test_a_json_feed_and_a_moved_feed_are_found(near: Path, cli: Cli, origin: Origin):
    origin.serve(
        "/feed.json",
        b'{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": [{"id": "1", "content_text": "x"}]}',
        Content_Type="application/json",
    )
    origin.serve("/old", status=301, Location="/older")
    origin.serve("/older", status=308, Location="/feed.json")
    origin.serve("/today", status=302, Location="/feed.json")
    (found,) = cli("sources", "discover", origin.url("/old"), "--json").json["candidates"]
    assert (found["url"], found["format"], found["title"]) == (origin.url("/feed.json"), "json11", "J")
    (found,) = cli("sources", "discover", origin.url("/today"), "--json").json["candidates"]
    assert found["url"] == origin.url("/today"), "a passing redirect is not written down"


@pytest.mark.parametrize(
    ("address", "code", "line"),
    [
        ("file:samples/talbote.xml", 2, "'file:' sources are only written by hand"),
        ("gopher://x.example/", 2, "'gopher://x.example/' is not a web address"),
        ("https://me:secret@x.example/", 2, "the address holds a user name or password"),
        ("http://127.0.0.1:1/", 1, "http://127.0.0.1:1/: "),
    ],
)
def test_what_cannot_be_asked_is_told_in_a_line(near: Path, cli: Cli, address: str, code: int, line: str):
    said = cli("sources", "discover", address)
    assert said.code == code
    assert line in said.err
    assert "secret" not in said.err + said.out
    assert len(said.lines) == 1


def test_a_page_that_is_a_door_is_gone_through(near: Path, cli: Cli, origin: Origin):
    """By a refresh or a registrar's frame, and through no more than a few."""
    origin.serve(
        "/door", b'<html><meta HTTP-EQUIV="Refresh" content="0; URL=\'/framed\'"></html>', Content_Type="text/html"
    )
    origin.serve("/framed", b'<html><frameset><frame src="/"></frameset></html>', Content_Type="text/html")
    origin.serve("/round", b'<html><meta http-equiv=refresh content="0;url=/round"></html>', Content_Type="text/html")
    origin.serve(
        "/in", b'<html><meta http-equiv=refresh content="0;url=file:///etc/passwd"></html>', Content_Type="text/html"
    )
    found = cli("sources", "discover", origin.url("/door"), "--json").json
    assert found["candidates"][0]["url"] == origin.url("/news.atom")
    assert cli("sources", "discover", origin.url("/round")).code == 1
    assert cli("sources", "discover", origin.url("/in")).code == 1
    assert origin.times("/round") <= 3


def test_a_link_that_says_rss_is_asked_where_a_page_declares_none(near: Path, cli: Cli, origin: Origin):
    """Its title is a claim like any: without what is invisible or moves a terminal's cursor."""
    named = "<a href='/x'>Our <b>RSS</b>\u202e \x1b[31m</a>"
    body = f"\ufeff<html>{named}<a href='/y'>What our research with RSS and atoms has found</a></html>"
    origin.serve("/old-site", body.encode("utf-16-le"), Content_Type="text/html")
    origin.serve("/x", ATOM, Content_Type="application/atom+xml")
    (found,) = cli("sources", "discover", origin.url("/old-site"), "--json").json["candidates"]
    assert (found["url"], found["how"], found["named"]) == (origin.url("/x"), "address in the page", "Our RSS [31m")


def test_a_page_cannot_lead_discovery_into_a_private_network(fresh: Path, cli: Cli, origin: Origin):
    """P8: what the guard refuses for feeds it refuses here."""
    said = cli("sources", "discover", origin.url("/"))
    assert said.code == 1
    assert "127.0.0.1" in said.err
    assert origin.asked == []


def test_a_person_may_say_that_a_feed_stands_in_a_private_network(fresh: Path, cli: Cli, origin: Origin):
    found = cli("sources", "discover", origin.url("/"), "--private-addresses")
    assert found.code == 0
    assert found.out.rstrip().endswith("/news.atom --private-addresses")
    assert cli("sources", "add", origin.url("/"), "--yes", "--id", "near", "--private-addresses").code == 0
    assert "private_addresses: true" in sources(fresh)
    assert cli("poll", "near").code == 0


@pytest.mark.parametrize(
    "body",
    [
        b"<html><a " + b" ".join(b"a%d=1" % n for n in range(150_000)) + b">",
        b"<html>" + b"<div>" * 200_000 + b'<a href="/feed',
        b"<html>" + b'<link rel="' * 100_000,
        b"<html>" + b"<!--<script>" * 100_000,
    ],
)
def test_a_page_that_no_parser_likes_is_looked_at_in_no_time(near: Path, cli: Cli, origin: Origin, body: bytes):
    """No bound of time is asserted: a parser that is quadratic in these takes minutes."""
    origin.serve("/bad", body, Content_Type="text/html")
    said = cli("sources", "discover", origin.url("/bad"))
    assert (said.code, len(said.lines)) == (1, 1)


def test_what_a_page_only_talks_about_is_no_link(near: Path, cli: Cli, origin: Origin):
    link = b'<link rel=alternate type="application/rss+xml" href="/%b">'
    origin.serve(
        "/talk",
        b"<html><base href='/sub/'><!-- "
        + link % b"commented"
        + b" --><script>x = '"
        + link % b"scripted"
        + b"'</script>"
        b"<LINK REL='Alternate' TYPE=application/atom+xml HREF=../news.atom TITLE='Herald &amp; co'>",
        Content_Type="text/html",
    )
    (found,) = cli("sources", "discover", origin.url("/talk"), "--json").json["candidates"]
    assert (found["url"], found["named"]) == (origin.url("/news.atom"), "Herald & co")


def test_a_page_that_names_a_thousand_feeds_has_few_of_them_asked(near: Path, cli: Cli, origin: Origin):
    links = b"".join(b'<link rel=alternate type="application/rss+xml" href="/f%d">' % n for n in range(1000))
    origin.serve("/many", b"<html><head>" + links, Content_Type="text/html")
    assert cli("sources", "discover", origin.url("/many")).code == 1
    assert len(origin.asked) < 30


# ── add ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_add_writes_the_best_feed_and_keeps_the_file_as_it_was(near: Path, cli: Cli, origin: Origin):
    before = sources(near)
    said = cli("sources", "add", origin.url("/"), "--yes", "--tags", "local, news", "--interval", "2h")
    assert (said.code, said.lines) == (0, [])
    assert "Added source 'the-herald' in config/sources.yaml." in said.out
    assert sources(near) == before + (
        f"\n- id: the-herald\n  feed: {origin.url('/news.atom')}\n  tags: [local, news]\n  interval: 2h\n"
    )
    assert cli("check").code == 0
    again = cli("sources", "add", origin.url("/news.atom"), "--yes")
    assert again.code == 2
    assert f"{origin.url('/news.atom')} is read already, as source 'the-herald' in config/sources.yaml:" in again.err


def test_add_without_a_person_or_yes_writes_nothing(near: Path, cli: Cli, origin: Origin):
    before = sources(near)
    said = cli("sources", "add", origin.url("/"))
    assert said.code == 1
    assert origin.url("/news.atom") in said.out
    assert "nothing was written; add --yes" in said.err
    assert sources(near) == before


def test_add_asks_a_person_which_one(near: Path, cli: Cli, origin: Origin, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("aggregator.cli.sources.can_ask", lambda: True)
    answers = iter((9, 2))
    monkeypatch.setattr("typer.prompt", lambda *_, **__: next(answers))
    monkeypatch.setattr("typer.confirm", lambda *_, **__: True)
    said = cli("sources", "add", origin.url("/"), "--id", "talk")
    assert (said.code, said.out.count("says nothing of its rights")) == (0, 1), "shown before the question, and once"
    assert load(near / "config").sources[-1].feed == origin.url("/comments.rss")
    monkeypatch.setattr("typer.confirm", lambda *_, **__: False)
    assert cli("sources", "add", origin.url("/news.atom")).code == 1


def test_add_can_write_a_policy_to_begin_with(near: Path, cli: Cli, origin: Origin):
    said = cli("sources", "add", origin.url("/"), "--yes", "--stub-policy", "--json").json
    assert said["added"]["policy"] == "the-herald"
    assert said["added"]["files"] == ["config/policies/the-herald.yaml", "config/sources.yaml"]
    policy = next(one for one in load(near / "config").policies if one.id == "the-herald")
    assert (policy.default, policy.rules, policy.terms.read) == ("ask", (), None)
    assert "atom:rights (the feed): “(c) The Herald. Ask us.”" in policy.terms.evidence


def test_a_publisher_is_recognised_by_its_domain_alone(near: Path, cli: Cli, origin: Origin):
    """A feed that calls itself by somebody's name is not that somebody's: it is only pointed out."""
    origin.serve("/liar", ATOM.replace(b"The Herald", b"Global Voices"))
    (found,) = cli("sources", "discover", origin.url("/liar"), "--json").json["candidates"]
    assert (found["policy"], found["resembles"]) == (None, ["global-voices"])
    assert cli("sources", "add", origin.url("/liar"), "--yes", "--policy", "nobody").code == 2
    assert cli("sources", "add", origin.url("/liar"), "--yes").code == 0
    assert load(near / "config").sources[-1].policy is None


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--id", "The Herald"], "aggregator: id 'The Herald' may hold a-z, 0-9 and '-' only"),
        (["--id", "talbote"], "aggregator: source 'talbote' is there already, in config/sources.yaml:"),
        (["--interval", "often"], "aggregator: --interval 'often' "),
        (["--policy", "nobody"], "aggregator: policy 'nobody' is not defined; there is: "),
    ],
)
def test_what_could_not_be_written_is_told_before_anybody_is_asked(
    near: Path, cli: Cli, origin: Origin, options: list[str], line: str
):
    said = cli("sources", "add", origin.url("/"), "--yes", *options)
    assert (said.code, len(said.lines)) == (2, 1)
    assert said.lines[0].startswith(line)
    assert origin.asked == []


def test_a_broken_configuration_is_not_added_to(near: Path, cli: Cli, origin: Origin):
    edit(near / "config/sources.yaml", "policy: talbote", "policy: nobody")
    before = sources(near)
    said = cli("sources", "add", origin.url("/"), "--yes")
    assert said.code == 2
    assert "policy 'nobody' is not defined" in said.err
    assert sources(near) == before


def test_a_hostile_title_cannot_break_out_of_the_file(near: Path, cli: Cli, origin: Origin):
    evil = b"x&#10;- id: evil&#10;  feed: file:samples/talbote.xml &#x9; {a: b} # \xe2\x80\xa8 &#39;&quot;"
    origin.serve("/evil", ATOM.replace(b"The Herald", evil).replace(b"Ask us.", evil))
    before = load(near / "config").sources
    assert cli("sources", "add", origin.url("/evil"), "--yes", "--stub-policy").code == 0
    after = load(near / "config").sources
    assert [source.id for source in after[:-1]] == [source.id for source in before]
    assert after[-1].feed == origin.url("/evil")


# ── remove ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_remove_says_what_outputs_lose_and_waits_for_a_yes(built: Path, cli: Cli):
    before = sources(built)
    said = cli("sources", "remove", "talbote")
    assert said.code == 1
    assert "3 entries stored; what is stored stays, and no output carries it any more" in said.out
    assert "output 'community' loses 3 entries" in said.out
    assert "policy 'talbote' stays" in said.out
    assert "add --yes" in said.err
    assert sources(built) == before
    said = cli("sources", "remove", "talbote", "--yes")
    assert (said.code, said.lines) == (0, [])
    lines = before.splitlines()
    at = lines.index("- id: talbote")
    assert sources(built).splitlines() == lines[:at] + lines[at + 6 :]
    assert cli("sources", "remove", "talbote", "--yes").code == 2


def test_remove_takes_the_name_out_of_outputs_but_never_widens_one(built: Path, cli: Cli):
    outputs = built / "config/outputs.yaml"
    outputs.write_text(
        outputs.read_text()
        + "\n- id: two\n  title: Two\n  use: {audience: community}\n  formats: [rss]\n"
        + "  select: {sources: [talbote, town-hall]}   # both\n"
    )
    assert cli("sources", "remove", "talbote", "--yes").code == 0
    assert outputs.read_text().endswith("  select: {sources: [town-hall]}            # both\n"), "in its column"
    before = sources(built)
    said = cli("sources", "remove", "town-hall", "--yes")
    assert said.code == 2
    assert "output 'two' selects this source alone, and would carry every source without it" in said.err
    assert sources(built) == before


# ── list ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_list_can_be_narrowed(built: Path, cli: Cli):
    def listed(*options: str) -> list[str]:
        return [one["id"] for one in cli("sources", "list", "--json", *options).json]

    assert listed("--policy", "none") == ["town-hall"]
    assert listed("--health", "disabled", "--tags", "science,syria") == ["global-research", "the-conversation"]
    assert set(listed("--tags", "local")) == {"harbor-light", "talbote", "commons-garden", "town-hall"}
    assert cli("sources", "list", "--health", "fine").code == 2
    assert "No source is like that" in cli("sources", "list", "--tags", "nothing").out


# ── import, export ───────────────────────────────────────────────────────────────────────────────────────────────

LIST = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.1"><head><title>Mine</title></head><body>
 <outline text="News &amp; more"><outline text="Local">
  <outline type="rss" text="Herald &nbsp; &eacute;"
   category="/extra/deep,x" xmlUrl="https://herald.example/feed?a=1&b=2"/>
 </outline>
  <outline text="again" XMLURL="http://herald.example:80/feed?a=1&amp;b=2"/></outline>
 <outline text="A file" xmlUrl="file:///etc/passwd"/>
 <outline text="A program" xmlUrl="javascript:alert(1)"/>
 <outline text="A login" xmlUrl="https://me:pass@herald.example/"/>
 <outline text="Herald é" xmlUrl="https://other.example/"/>
 <outline type="include" text="more" url="https://lists.example/more.opml"/>
 <outline text="GV" xmlUrl="https://globalvoices.org/other" aggregator:policy="commons-garden"
   xmlns:aggregator="urn:aggregator:opml"/>
 <outline text="Mine" xmlUrl="https://mine.example/f" xmlns:a="urn:aggregator:opml" a:policy="talbote" a:id="m"/>
</body></opml>"""


def test_import_takes_what_it_can_and_tells_the_rest_with_its_line(fresh: Path, cli: Cli):
    (fresh / "my.opml").write_text(LIST)
    before = sources(fresh)
    said = cli("sources", "import", "my.opml", "--dry-run")
    assert said.code == 1
    assert said.lines[0] == "warning: my.opml: line 12: another list is linked, and not followed"
    assert said.lines[1].startswith("my.opml:8: file:///etc/passwd: is not a web address")
    assert said.lines[2].startswith("my.opml:9: javascript:alert(1): is not a web address")
    assert said.lines[3].startswith("my.opml:10: https://…@herald.example/: ")
    assert "my.opml:7: http://herald.example:80/feed?a=1&b=2: is source 'herald-e' already" in said.out
    assert "my.opml: 8 feeds, 4 would be added in config/sources.yaml, 1 there already, 3 refused" in said.out
    assert sources(fresh) == before
    assert cli("sources", "import", "my.opml").code == 1
    assert sources(fresh).startswith(before)
    found = {source.id: source for source in load(fresh / "config").sources}
    herald = found["herald-e"]
    assert (herald.feed, herald.title) == ("https://herald.example/feed?a=1&b=2", "Herald é")
    assert herald.tags == ("News & more", "Local", "extra", "deep", "x")
    assert found["herald-e-2"].feed == "https://other.example/"
    assert found["gv"].policy == "global-voices", "by its domain, not by what the list says"
    assert found["m"].policy is None
    again = cli("sources", "import", "my.opml", "--json")
    assert (again.json["added"], len(again.json["there"])) == ([], 5)


def test_import_reads_addresses_that_are_marked_as_feeds(fresh: Path, cli: Cli):
    """`feed:`, as browsers and readers had it for years."""
    urls = ("feed://one.example/f", "FEED:https://two.example/f")
    outlines = "".join(f'<outline type="rss" text="F" xmlUrl="{url}"/>' for url in urls)
    (fresh / "my.opml").write_text(f'<opml version="2.0"><body>{outlines}</body></opml>')
    assert cli("sources", "import", "my.opml").code == 0
    feeds = {source.feed for source in load(fresh / "config").sources}
    assert feeds >= {"http://one.example/f", "https://two.example/f"}


def test_a_list_goes_out_and_comes_back_the_same(fresh: Path, cli: Cli):
    said = cli("sources", "export", "out.opml", "--disabled")
    assert (said.code, said.out) == (0, "out.opml: 5 feeds written\n")
    assert "town-hall" in said.err
    root = etree.parse("out.opml").getroot()
    assert root.get("version") == "2.0"
    assert {outline.get("type") for outline in root.iter("outline") if outline.get("xmlUrl")} == {"rss"}
    before = [s for s in load(fresh / "config").sources if not s.feed.startswith("file:")]
    (fresh / "config/sources.yaml").unlink()
    assert cli("sources", "import", "out.opml", "--trust-policies").code == 0
    after = load(fresh / "config").sources

    def facts(source: object) -> tuple[object, ...]:
        return tuple(getattr(source, name) for name in ("id", "feed", "policy", "tags", "enabled"))

    assert sorted(map(facts, after)) == sorted(map(facts, before))
    assert cli("sources", "export").out.startswith("<?xml")
    assert cli("sources", "export", "--json").json["feeds"] == 0


def test_import_of_ten_thousand_feeds_is_one_edit(fresh: Path, cli: Cli):
    outlines = "".join(
        f'<outline text="Feed" title="Feed" type="rss" xmlUrl="https://h{n}.example/feed"/>' for n in range(10_000)
    )
    (fresh / "big.opml").write_text(f'<opml version="2.0"><body><outline text="all">{outlines}</outline></body></opml>')
    said = cli("sources", "import", "big.opml", "--json").json
    assert (len(said["added"]), said["added"][1]) == (10_000, "feed-2")
    assert len(load(fresh / "config").sources) == 10_012


BOMB = '<!DOCTYPE opml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b"", "is no OPML"),
        (b"<html><body>login</body></html>", "is no OPML"),
        (f'<?xml version="1.0"?>{BOMB}<opml><body><outline xmlUrl="&b;"/></body></opml>'.encode(), "a document type"),
        (f"{BOMB}<opml><body/></opml>".encode("utf-16"), "a document type"),
        (b"<opml><body>" + b'<outline text="a">' * 60 + b"</outline>" * 60 + b"</body></opml>", "deeper than 50"),
        (b"<opml><body>" + b'<outline text="a">' * 3000, "deeper than 50"),
        (b"<opml><body>" + b'<outline text="a"/>' * 20_001 + b"</body></opml>", "more than 20000 outlines"),
        (b"<opml>" + b" " * 10_000_000, "larger than 10 MB"),
        (b"<opml><outline " + b" ".join(b'a%d=""' % n for n in range(100_000)) + b"/></opml>", "20000 characters"),
    ],
)
def test_a_hostile_list_is_refused_in_a_line(fresh: Path, cli: Cli, body: bytes, line: str):
    (fresh / "bad.opml").write_bytes(body)
    said = cli("sources", "import", "bad.opml")
    assert said.code == 2
    assert len(said.lines) == 1
    assert said.lines[0].startswith("aggregator: bad.opml: ")
    assert line in said.lines[0]


@pytest.mark.parametrize(
    "body",
    [
        '<opml><body><outline text="Zürich" xmlUrl="https://a.example/"/></body></opml>'.encode("cp1252"),
        '<?xml version="1.0" encoding="iso-8859-1"?><opml><body><outline text="Zürich" xmlUrl="https://a.example/"/>'.encode(
            "latin-1"
        ),
        '<?xml version="1.0" encoding="x-nonsense"?><opml><body><outline text="Zürich" xmlUrl="https://a.example/"/>'.encode(),
        '<?xml version="1.0" encoding="utf-8"?><opml><body><outline text="Zürich" xmlUrl="https://a.example/"/>'.encode(
            "utf-16"
        ),
        "\n\n<OPML><BODY><OUTLINE TEXT='Zürich' XMLURL='https://a.example/'/></BODY></OPML>".encode(),
    ],
)
def test_a_list_in_a_bad_encoding_or_cut_off_is_read(fresh: Path, cli: Cli, body: bytes):
    (fresh / "odd.opml").write_bytes(body)
    assert cli("sources", "import", "odd.opml").code == 0
    assert load(fresh / "config").sources[-1].title == "Zürich"


def test_a_list_that_is_not_there_is_told(fresh: Path, cli: Cli):
    said = cli("sources", "import", "no.opml")
    assert (said.code, said.lines) == (
        2,
        ["aggregator: 'no.opml' cannot be read: No such file or directory; name an OPML file"],
    )


# ── show ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_show_tells_what_is_known_of_a_source_and_why_it_is_due(built: Path, cli: Cli):
    edit(
        built / "config/sources.yaml",
        "  title: Talbote (Deutsch)",
        "  headers: {X-Key: env:TALBOTE}\n  auth: {basic: env:TALBOTE}\n  title: Talbote (Deutsch)",
    )
    said = cli("sources", "show", "talbote")
    assert (said.code, said.lines) == (0, [])
    for line in (
        "Talbote (Deutsch) (talbote)",
        "  feed       file:samples/talbote.xml",
        "  sends      X-Key, basic credentials (values are not shown)",
        "  health     ok",
        "  interval   30m, between 5m and 1d",
        "Entries: 3 stored.",
        "  output 'community' carries 3",
        "  language: de",
    ):
        assert line in said.out.splitlines()
    assert "  policy     talbote: allow full, excerpt, headline; deny" in said.out
    (next_poll,) = [line for line in said.out.splitlines() if line.startswith("  next poll  ")]
    assert next_poll.endswith(")")
    assert "TALBOTE" not in said.out
    report = cli("sources", "show", "talbote", "--json").json
    assert (report["summary"]["health"], report["terms"].split(":")[0]) == ("ok", "talbote")
    assert "TALBOTE" not in str(report)
    off = cli("sources", "show", "wikinews").out
    assert "next poll  never: it is switched off by 'enabled: false'" in off
    assert "policy     none: 'unknown_policy: hold' decides" in cli("sources", "show", "town-hall").out
    assert "there is: 'delta-research'" in cli("sources", "show", "nobody").err


def test_gone_and_moved_are_undone_by_hand(cli: Cli, near: Path, origin: Origin) -> None:
    """`revive` after 410, `unmove` after a redirect that was believed; each says what it did, and that there is nothing
    to do."""
    edit(near / "config/sources.yaml", sources(near), f"- {{id: herald, feed: '{origin.url('/news.atom')}'}}\n")
    assert cli("poll", "herald").code == 0
    assert cli("sources", "revive", "herald").lines == [
        "aggregator: source 'herald' is not gone; 'aggregator sources list' says how it is"
    ]
    origin.serve("/news.atom", b"", 410)
    for _ in range(2):
        polled = cli("poll", "herald", "--json")
    assert polled.code == 1
    (report,) = polled.json["sources"] if isinstance(polled.json, dict) else polled.json
    assert (report["outcome"], report["next_poll_at"]) == ("failed", None)
    listed = cli("sources", "list", "--json").json
    assert [one["health"] for one in (listed["sources"] if isinstance(listed, dict) else listed)] == ["gone"]
    revived = cli("sources", "revive", "herald", "--json")
    assert (revived.code, revived.json) == (0, {"source": "herald", "revived": True})
    assert cli("sources", "revive", "herald").code == 2
    assert cli("sources", "revive", "nobody").code == 2

    home = origin.url("/news.atom")
    assert cli("sources", "unmove", "herald").lines == [
        f"aggregator: source 'herald' has not moved; it is asked for at {home}"
    ]
    with contextlib.closing(sqlite3.connect(near / "data/aggregator.db")) as database, database:
        database.execute("UPDATE polls SET believed_url = 'https://new.example/feed'")
    moved = cli("sources", "unmove", "herald")
    assert (moved.code, moved.out) == (0, f"herald: asked for at {home} again, no longer at https://new.example/feed\n")
    assert cli("sources", "unmove", "herald").code == 2
    kinds = [
        json.loads(record["body"])["what"]
        for record in cli("ledger", "show", "--json").json
        if record["kind"] == "source"
    ]
    assert sorted(kinds) == ["back", "gone", "move forgotten"]
