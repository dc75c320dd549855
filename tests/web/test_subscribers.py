"""Secret addresses: who is served what, what links say, what is remembered, and what nobody is told."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pytest
from lxml import etree
from structlog.testing import capture_logs

from aggregator.model.output import Format
from aggregator.model.subscriber import Fetch, Subscriber
from aggregator.model.use import Audience, Use
from aggregator.publishing.address import readdressed
from aggregator.service import holders as holders_of_many
from aggregator.service.inspect import entry_detail
from aggregator.service.subscribers import Application, Issued, add_subscriber, renew_subscriber, revoke_subscriber
from aggregator.service.withdraw import Scope, withdraw
from aggregator.service.withdrawals import outlook
from aggregator.store import archives
from aggregator.store import subscribers as on_record
from tests.web.conftest import Served

MISSING = "There is nothing at this address. The start page lists all feeds.\n"
SITE = Application(
    name="Riverside School", use=Use(output="", audience=Audience.COMMUNITY), url="https://school.example/"
)
FORMATS = ("rss", "atom", "json", "html")


@pytest.fixture
async def closed(folder: Path, served: Served) -> Served:
    """The community output is for registered subscribers only."""
    outputs = folder / "config/outputs.yaml"
    outputs.write_text(outputs.read_text().replace("access: public  ", "access: registered  "))
    await served.house.refresh()
    return served


async def subscribe(served: Served, **more: object) -> Issued:
    from dataclasses import replace

    house = served.house
    return await add_subscriber(replace(SITE, **more), "test", house.world, house.store, datetime.now(UTC))


def path_of(issued: Issued, name: str = "community.atom") -> str:
    return f"/s/{issued.secret}/{name}"


async def changed(served: Served) -> None:
    """What the service does by itself once a second."""
    served.admission._looked_at = float("-inf")


@pytest.mark.parametrize("format_", FORMATS)
async def test_a_registered_output_is_served_only_at_secret_addresses(format_: str, closed: Served):
    """Its links to itself are the subscriber's own, valid, and nobody else's; its id is the same for everybody."""
    one, other = await subscribe(closed), await subscribe(closed, name="Harbour Blog")
    assert (await closed.ask(f"/feeds/community.{format_}")).status == 404
    mine = await closed.ask(path_of(one, f"community.{format_}"))
    theirs = await closed.ask(path_of(other, f"community.{format_}"))
    assert (mine.status, theirs.status) == (200, 200)
    own = f"http://127.0.0.1:8080/s/{one.secret}/community"
    assert mine.headers["Link"] == f'<{own}.{format_}>; rel="self"'
    assert mine.headers["Cache-Control"].startswith("private")
    assert mine.headers["Referrer-Policy"] == "no-referrer"
    assert "Access-Control-Allow-Origin" not in mine.headers
    assert "noindex" in mine.headers["X-Robots-Tag"]
    assert one.secret is not None
    assert other.secret is not None
    assert one.secret not in theirs.text
    assert other.secret not in mine.text
    assert "/feeds/community." not in mine.text
    assert mine.headers["ETag"] != theirs.headers["ETag"]
    assert mine.text.replace(one.secret, other.secret) == theirs.text
    if format_ == "json":
        assert orjson.loads(mine.body)["feed_url"] == f"{own}.json"
    if format_ == "atom":
        feed = etree.fromstring(mine.body)
        ns = {"a": "http://www.w3.org/2005/Atom"}
        assert feed.findtext("a:id", namespaces=ns) == "http://127.0.0.1:8080/feeds/community"
        assert feed.xpath("a:link[@rel='self']/@href", namespaces=ns) == [f"{own}.atom"]
    if format_ == "html":
        assert 'name="referrer" content="no-referrer"' in mine.text
        for link in (f"{own}.rss", f"{own}.atom"):
            assert link in mine.text
            assert (await closed.ask(urlsplit(link).path)).status == 200


async def test_a_public_output_keeps_its_public_links_at_a_secret_address(served: Served):
    issued = await subscribe(served)
    public, private = await served.ask("/feeds/community.atom"), await served.ask(path_of(issued))
    assert private.body == public.body
    assert private.headers["Cache-Control"].startswith("private")
    assert private.headers["Link"] == public.headers["Link"]
    assert str(issued.secret) not in str(private.headers)


async def test_the_archive_of_a_registered_output_is_to_be_had_at_secret_addresses_only(folder: Path, closed: Served):
    """The feed leads back into it, each document to the next, and all of them under the subscriber's own address."""
    outputs = folder / "config/outputs.yaml"
    outputs.write_text(outputs.read_text().replace("  formats: [rss, atom, json, html]\n", "  archive: 5\n", 1))
    await closed.house.refresh()
    await closed.house.build_all(["community"])
    issued = await subscribe(closed)
    own = f"http://127.0.0.1:8080/s/{issued.secret}/community"
    at, seen = f"{own}.atom", []
    while at:
        answer = await closed.ask(urlsplit(at).path)
        assert answer.status == 200
        assert answer.headers[
            "Link"
        ] == f'<{at}>; rel="self"' or f'<{own}.atom>; rel="current"' in answer.headers.getall("Link")
        assert answer.headers["Cache-Control"].startswith("private")
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "/feeds/community/archive/" not in answer.text
        etag = {"If-None-Match": answer.headers["ETag"]}
        assert (await closed.ask(urlsplit(at).path, headers=etag)).status == 304
        seen.append(at)
        feed = etree.fromstring(answer.body)
        assert feed.findtext("{*}id") == "http://127.0.0.1:8080/feeds/community"
        at = next((link.get("href") for link in feed.findall("{*}link") if link.get("rel") == "prev-archive"), None)
    assert seen[-1] == f"{own}/archive/1.atom"
    assert len(seen) > 2
    assert (await closed.ask("/feeds/community/archive/1.atom")).status == 404
    await closed.admission.flush()
    # Who asks "who has my article" is told of those who read it there, and nobody else.
    house = closed.house
    key = (await house.store.read(archives.one, "community", 1)).members[0].entry
    late = await subscribe(closed, name="Late")
    await changed(closed)
    await withdraw(key, "asked by letter", "test", house.store, datetime.now(UTC))
    await house.build_stale()
    assert (await closed.ask(path_of(late, "community/archive/1.atom"))).status == 200
    assert (await closed.ask(path_of(issued, "community/archive/2.atom"))).status == 200
    await closed.admission.flush()
    detail = await entry_detail(key, house.world, house.store, with_holders=True)
    holders = {release.output: found for release, found in zip(detail.releases, detail.holders, strict=True)}
    assert [holder.name for holder in holders["community"]] == [issued.subscriber.name]
    reached = await outlook(Scope(entry=key), house.world, house.store)
    assert [(one.holder.name, one.entries) for one in reached.copies] == [(issued.subscriber.name, (key,))]
    for path in ("/s/wrong/community/archive/1.atom", path_of(issued, "community/archive/999.atom")):
        assert (await closed.ask(path)).status == 404
    await revoke_subscriber(issued.subscriber.id, "left", "test", closed.house.store, datetime.now(UTC))
    await changed(closed)
    assert (await closed.ask(urlsplit(seen[-1]).path)).status == 404


async def test_conditions_codings_and_methods_are_those_of_every_feed(closed: Served):
    path = path_of(await subscribe(closed))
    whole = await closed.ask(path)
    packed = await closed.ask(path, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.body) == whole.body
    for etag in (whole.headers["ETag"], packed.headers["ETag"]):
        assert (await closed.ask(path, headers={"If-None-Match": etag})).status == 304
    head = await closed.ask(path, "HEAD")
    assert (head.status, head.body, head.headers["ETag"]) == (200, b"", whole.headers["ETag"])
    assert (await closed.ask(path, "POST")).status == 405


async def test_whatever_is_not_for_the_subscriber_looks_the_same(closed: Served):
    issued = await subscribe(closed, outputs=("community",), formats=(Format.ATOM,))
    good = path_of(issued)
    assert (await closed.ask(good)).status == 200
    for path in (
        path_of(issued, "community.rss"),
        path_of(issued, "headlines.atom"),
        path_of(issued, "commercial.atom"),
        path_of(issued, "nix.atom"),
        path_of(issued, "community.exe"),
        path_of(issued, "community"),
        good.replace(str(issued.secret), "x" * 32),
        good.replace(str(issued.secret), str(issued.secret)[:-1]),
        good.replace(str(issued.secret), str(issued.secret).swapcase()),
        good.replace(str(issued.secret), "%00"),
        good.replace(str(issued.secret), "é" * 9000),
        "/s//community.atom",
        "/s/community.atom",
    ):
        answer = await closed.ask(path)
        assert (answer.status, answer.text) == (404, MISSING) or len(path) > 8000, path
        assert "Link" not in answer.headers


async def test_an_end_is_an_end(closed: Served):
    """Revoked, expired, or renewed under another secret."""
    now = datetime.now(UTC)
    gone, soon, anew = [await subscribe(closed, name=name) for name in ("Gone", "Soon", "Anew")]
    store, world = closed.house.store, closed.house.world
    assert [(await closed.ask(path_of(issued))).status for issued in (gone, soon, anew)] == [200, 200, 200]
    await revoke_subscriber("Gone", "unpaid", "test", store, now)
    assert await store.write(on_record.renew, soon.subscriber.id, None, now - timedelta(seconds=1), "test", now)
    renewed = await renew_subscriber("Anew", None, False, "test", world, store, now)
    await changed(closed)
    assert [(await closed.ask(path_of(issued))).status for issued in (gone, soon, anew)] == [404, 404, 404]
    assert (await closed.ask(path_of(renewed))).status == 200


async def test_an_output_whose_use_has_changed_is_handed_over_no_longer(folder: Path, closed: Served):
    issued = await subscribe(closed)
    assert (await closed.ask(path_of(issued))).status == 200
    outputs = folder / "config/outputs.yaml"
    outputs.write_text(outputs.read_text().replace("audience: community               #", "audience: education  #"))
    await closed.house.refresh()
    assert (await closed.ask(path_of(issued))).status == 404


async def test_who_asks_too_often_is_told_when_to_ask_again(closed: Served):
    busy, calm = await subscribe(closed, rate=3), await subscribe(closed, name="Calm")
    answers = [await closed.ask(path_of(busy), headers={"If-None-Match": "*"}) for _ in range(4)]
    assert [answer.status for answer in answers] == [304, 304, 304, 429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 1200
    assert answers[-1].headers["Cache-Control"] == "no-store"
    assert (await closed.ask(path_of(calm))).status == 200


async def test_who_has_an_article(closed: Served, monkeypatch: pytest.MonkeyPatch):
    """Those that fetched a version in which it stood: not those before it came or after it left, nor the public."""
    house = closed.house
    early, late, never = [await subscribe(closed, name=name) for name in ("Early", "Late", "Never")]
    key = next(iter(await house.store.open_releases("community")), None)
    if key is None:
        await house.build_one("community")
        key = next(iter(await house.store.open_releases("community")))
    for _ in range(2):
        assert (await closed.ask(path_of(early))).status == 200
    etag = (await closed.ask(path_of(early, "community.rss"))).headers["ETag"]
    await closed.ask(path_of(early, "community.rss"), headers={"If-None-Match": etag})
    await closed.ask(path_of(never), "HEAD")
    await withdraw(key, "asked by letter", "test", house.store, datetime.now(UTC))
    await house.build_stale()
    assert (await closed.ask(path_of(late))).status == 200
    await closed.admission.flush()
    await closed.admission.flush()
    detail = await entry_detail(key, house.world, house.store, with_holders=True)
    holders = {release.output: found for release, found in zip(detail.releases, detail.holders, strict=True)}
    assert [(holder.name, holder.count) for holder in holders["community"]] == [("Early", 4)]
    assert holders["community"][0].url == "https://school.example/"
    # The same of many entries at once, each of them.
    everything = await outlook(Scope(source=detail.stored.entry.source), house.world, house.store)
    assert len(everything.reached) > 1
    for one in everything.reached:
        shown = await entry_detail(one.entry, house.world, house.store, with_holders=True)
        names = {holder.name for found in shown.holders for holder in found}
        assert {copy.holder.name for copy in everything.copies if one.entry in copy.entries} == names
    # What was fetched is read in pieces, however large the scope: the same comes out of the smallest.
    asked: list[int] = []
    real = on_record.fetched_after

    def counted(*given: object) -> list[Fetch]:
        found = real(*given)
        asked.append(len(found))
        return found

    monkeypatch.setattr(holders_of_many, "FETCHES_AT_ONCE", 1)
    monkeypatch.setattr(holders_of_many, "DOCUMENTS_AT_ONCE", 1)
    monkeypatch.setattr(on_record, "fetched_after", counted)
    assert await outlook(Scope(source=detail.stored.entry.source), house.world, house.store) == everything
    assert (max(asked), sum(asked) > 1) == (1, True)
    told = "\n".join(detail.release_lines())
    assert "fetched by Early" in told
    assert "withdrawn: asked by letter" in told
    [fetch] = await house.store.read(on_record.fetched_by, early.subscriber.id)
    assert (fetch.count, fetch.formats) == (4, ("atom", "rss"))


async def test_no_secret_reaches_a_log(closed: Served, monkeypatch: pytest.MonkeyPatch):
    issued = await subscribe(closed)

    async def broken(*_: object) -> Subscriber:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(closed.admission, "admit", broken)
    with capture_logs() as logs:
        answer = await closed.ask(path_of(issued))
    assert answer.status == 500
    assert [entry["event"] for entry in logs if entry["event"] != "request"] == ["request failed"]
    assert str(issued.secret) not in str(logs)
    assert str(issued.secret) not in answer.text


@pytest.mark.parametrize("format_", list(FORMATS))
async def test_an_entry_that_names_the_old_address_is_left_alone(format_: str, closed: Served):
    """Or a publisher could make a subscriber's page show its readers the secret address."""
    old, new = "http://127.0.0.1:8080/feeds/community", "http://127.0.0.1:8080/s/secret/community"
    found = await closed.house.whole.current("community", Format(format_))
    assert found is not None
    body = found[0].body
    marks = {"rss": b"</item>", "atom": b"</entry>", "json": b'"content_html"', "html": b"</article>"}
    at = body.index(marks[format_])
    hostile = body[:at] + f"<a>{old}.rss {old}/archive/1.atom</a>".encode() + body[at:]
    moved = readdressed(Format(format_), hostile, old, new)
    assert moved.count(f"<a>{old}.rss {old}/archive/1.atom</a>".encode()) == 1
    assert moved.count(new.encode()) == readdressed(Format(format_), body, old, new).count(new.encode()) > 0
