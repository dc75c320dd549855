"""Robots, delays, deltas, proxies, cookies: what is sent, to whom, and what an answer to it means."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.model.fetched import Answer, Deferred, FailureKind, Fetched, FetchFailed, Validators
from aggregator.model.fetched import Ask as AnyAsk
from aggregator.model.poll import HostHold
from aggregator.model.source import SecretRef
from aggregator.polling.fetch import Fetcher
from aggregator.polling.robots import KEPT, KEPT_UNREACHABLE
from tests.polling.origin import NOW, Ask, Server, a_source, answer, moved, settings
from tests.polling.test_guard import PUBLIC, names

HOUR = timedelta(hours=1)
FEED = answer(b"<rss/>")


# --- robots.txt


def robots(text: str, status: str = "200 OK", **fields: str) -> bytes:
    return answer(text.encode(), status, Content_Type="text/plain", **fields)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("User-agent: *\nDisallow: /private/", True),
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow: /*.xml$", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: test\nAllow: /", True),
        ("User-agent: test\nDisallow: /feed", False),
        ("User-agent: other\nDisallow: /", True),
        ("\ufeffUser-agent: *\r\nDisallow: /feed.xml\r\n", False),
        ("<html>not a robots.txt</html>", True),
        ("", True),
        ("User-agent: *\nAllow: " + "/*a" * 20_000 + "\nDisallow: /*" + "*a" * 20_000, True),
    ],
)
async def test_robots_is_honoured_where_the_operator_asks(text: str, allowed: bool, server: Server, ask: Ask) -> None:
    server.paths |= {"/feed.xml": FEED, "/robots.txt": robots(text)}
    outcome = await ask(server.url("/feed.xml"), robots=True)
    assert isinstance(outcome, Fetched) == allowed
    assert [asked.path for asked in server.asked] == ["/robots.txt", *(["/feed.xml"] if allowed else [])]
    if not allowed:
        assert outcome.kind is FailureKind.ROBOTS
        assert outcome.detail.startswith("robots.txt of 127.0.0.1 does not allow 'test' to ask this; set robots: false")


async def test_robots_is_never_asked_for_otherwise(server: Server, ask: Ask) -> None:
    server.paths |= {"/": FEED, "/robots.txt": robots("User-agent: *\nDisallow: /")}
    assert isinstance(await ask(server.url("/")), Fetched)
    assert [asked.path for asked in server.asked] == ["/"]


@pytest.mark.parametrize(
    ("status", "allowed"),
    [("404 No", True), ("403 No", True), ("410 No", True), ("500 Oh", False), ("503 Oh", False), ("429 Oh", False)],
)  # fmt: skip
async def test_a_robots_that_cannot_be_read(status: str, allowed: bool, server: Server, ask: Ask) -> None:
    """RFC 9309, 2.3.1: missing is no rule; broken is a closed door."""
    server.paths |= {"/": FEED, "/robots.txt": robots("", status)}
    assert isinstance(await ask(server.url("/"), robots=True), Fetched) == allowed


async def test_robots_is_asked_once_a_day_however_many_wait(server: Server, fetcher: Fetcher) -> None:
    server.paths |= {"/": FEED, "/robots.txt": robots("User-agent: *\nAllow: /")}
    source = a_source(server.url("/"), polling=settings(robots=True))

    async def asked_at(at: Any) -> int:
        await asyncio.gather(*(fetcher.fetch(source, Validators(), at) for _ in range(5)))
        return sum(asked.path == "/robots.txt" for asked in server.asked)

    assert await asked_at(NOW) == 1
    assert await asked_at(NOW + KEPT - HOUR) == 1
    assert await asked_at(NOW + KEPT + HOUR) == 2
    server.paths["/robots.txt"] = robots("", "500 Oh")
    assert await asked_at(NOW + 3 * KEPT) == 3
    assert await asked_at(NOW + 3 * KEPT + KEPT_UNREACHABLE / 2) == 3
    assert await asked_at(NOW + 3 * KEPT + 2 * KEPT_UNREACHABLE) == 4


async def test_each_hop_has_its_robots(server: Server, ask: Ask) -> None:
    server.paths |= {"/": moved("/private/feed"), "/private/feed": FEED}
    server.paths["/robots.txt"] = robots("User-agent: *\nDisallow: /private/")
    assert isinstance(await ask(server.url("/"), robots=True), FetchFailed)
    assert [asked.path for asked in server.asked] == ["/robots.txt", "/"]


@pytest.mark.parametrize(
    ("delay", "meant"),
    [("90", timedelta(seconds=90)), ("1e9", 24 * HOUR), ("-3", None), ("nan", None), ("inf", None), ("x", None)],
)  # fmt: skip
async def test_a_crawl_delay_is_handed_on(delay: str, meant: timedelta | None, server: Server, ask: Ask) -> None:
    server.paths |= {"/": FEED, "/robots.txt": robots(f"User-agent: *\nCrawl-delay: {delay}")}
    outcome = await ask(server.url("/"), robots=True)
    assert isinstance(outcome, Fetched)
    assert outcome.crawl_delay == meant


async def test_one_place_for_a_host_is_enough_for_its_robots_too(server: Server, ask: Ask) -> None:
    server.paths |= {"/": FEED, "/robots.txt": robots("")}
    async with asyncio.timeout(10):
        assert isinstance(await ask(server.url("/"), robots=True, per_host=1), Fetched)


# --- hosts that want to be left alone


async def test_a_host_on_hold_is_not_asked(server: Server, ask: Ask, fetcher: Fetcher) -> None:
    server.paths["/"] = FEED
    host, until = f"127.0.0.1:{server.port}", NOW + HOUR
    fetcher.holds.put(HostHold(host=host, until=until))
    assert await ask(server.url("/")) == Deferred(source="herald", asked_at=NOW, host=host, until=until)
    assert server.asked == []
    fetcher.holds.load([], until)
    assert isinstance(await ask(server.url("/")), Fetched)


async def test_no_other_request_goes_to_a_host_on_hold(server: Server, fetcher: Fetcher) -> None:
    """Terms, licences, discovery, hubs: what a poll was told holds for them, at every hop."""
    server.paths |= {"/": moved(f"http://localhost:{server.port}/new"), "/new": FEED}
    fetcher.holds.put(HostHold(host=f"localhost:{server.port}", until=NOW + HOUR))
    ask = AnyAsk(url=server.url("/"), private_addresses=True, purpose="terms")
    outcome = await fetcher.ask(ask, NOW)
    assert isinstance(outcome, FetchFailed)
    assert (outcome.retry_after, outcome.host, len(server.asked)) == (HOUR, f"localhost:{server.port}", 1)
    assert outcome.detail.endswith("wants to be left alone until 2026-11-23 13:00 UTC (Retry-After)")
    assert isinstance(await fetcher.ask(ask, NOW + HOUR), Answer)


async def test_a_redirect_does_not_lead_to_a_host_on_hold(server: Server, ask: Ask, fetcher: Fetcher) -> None:
    server.paths |= {"/": moved(f"http://localhost:{server.port}/new"), "/new": FEED}
    fetcher.holds.put(HostHold(host=f"localhost:{server.port}", until=NOW + HOUR))
    assert isinstance(await ask(server.url("/")), Deferred)
    assert len(server.asked) == 1


async def test_a_failure_names_the_host_that_answered(server: Server, ask: Ask) -> None:
    server.paths |= {
        "/": moved(f"http://localhost:{server.port}/new"),
        "/new": answer(b"", "429 Slow", Retry_After="60"),
    }
    outcome = await ask(server.url("/"))
    assert isinstance(outcome, FetchFailed)
    assert outcome.host == f"localhost:{server.port}"


# --- RFC 3229


async def test_a_delta_is_asked_for_with_an_etag_only(server: Server, ask: Ask) -> None:
    server.paths["/"] = FEED
    await ask(server.url("/"), Validators(etag='"1"'))
    await ask(server.url("/"), Validators(last_modified="yesterday"))
    await ask(server.url("/"))
    assert [asked.headers.get("A-IM") for asked in server.asked] == ["feed", None, None]


@pytest.mark.parametrize(
    ("known", "im", "taken"),
    [
        (Validators(etag='"1"'), "feed", True),
        (Validators(etag='"1"'), "Feed", True),
        (Validators(etag='"1"'), "vcdiff", False),
        (Validators(etag='"1"'), "feed, gzip", False),
        (Validators(etag='"1"'), "", False),
        (Validators(), "feed", False),
        (Validators(last_modified="yesterday"), "feed", False),
    ],
)
async def test_only_a_delta_that_was_asked_for_counts(
    known: Validators, im: str, taken: bool, server: Server, ask: Ask
) -> None:
    server.paths["/"] = answer(b"<rss/>", "226 IM Used", IM=im, ETag='"2"')
    outcome = await ask(server.url("/"), known)
    if taken:
        assert isinstance(outcome, Fetched)
        assert (outcome.is_delta, outcome.status, outcome.validators) == (True, 226, Validators(etag='"2"'))
    else:
        assert isinstance(outcome, FetchFailed)
        assert outcome.kind is FailureKind.CONTENT


# --- cookies, names, proxies


async def test_cookies_and_a_name_of_its_own(server: Server, ask: Ask) -> None:
    """Cookies stay at home (P28); the name goes along, it is no secret."""
    server.paths |= {"/": moved(f"http://localhost:{server.port}/new"), "/new": FEED}
    source = a_source(
        server.url("/"),
        cookies=(("session", SecretRef(scheme="env", name="FEED_KEY")), ("lang", "en")),
        polling=settings(user_agent="Reader/9 (+desk@example.org)"),
    )
    assert isinstance(await ask(source), Fetched)
    assert [asked.headers.get("Cookie") for asked in server.asked] == ["session=k3y; lang=en", None]
    assert {asked.headers["User-Agent"] for asked in server.asked} == {"Reader/9 (+desk@example.org)"}


@pytest.mark.parametrize(("name", "value"), [("a", "b; c=d"), ("a b", "c"), ("a", "b\r\nX: y")])
async def test_a_cookie_that_cannot_be_sent(name: str, value: str, server: Server, ask: Ask) -> None:
    outcome = await ask(a_source(server.url("/"), cookies=((name, value),)))
    assert isinstance(outcome, FetchFailed)
    assert server.connections == 0


async def test_a_believed_address_gets_no_credentials_of_the_configured_one(server: Server, fetcher: Fetcher) -> None:
    server.paths["/new"] = FEED
    source = a_source(server.url("/"), bearer_auth=SecretRef(scheme="env", name="FEED_KEY"))
    for host, sent in (("localhost", None), ("127.0.0.1", "Bearer k3y")):
        outcome = await fetcher.fetch(source, Validators(), NOW, believed=server.url("/new", host))
        assert isinstance(outcome, Fetched)
        assert outcome.permanent_url is None
        assert server.asked[-1].headers.get("Authorization") == sent


@pytest.fixture
def proxied(server: Server, tmp_path: Path) -> Any:
    """Fetch through our server as a proxy; names have the addresses that a test gives them."""
    known_to = {
        "PROXY": f"http://reader:s3cret@127.0.0.1:{server.port}",
        "BAD": "socks5://127.0.0.1:1",
        "FEED_KEY": "k3y",
    }

    async def run(
        feed: str, *known: list[str], ref: str = "PROXY", environ: str | None = None, **polling: object
    ) -> Any:
        from aggregator.polling.resolver import Resolver

        resolver = Resolver(guarded=True, lookup=names(*(known or [[PUBLIC]])))
        polling = {"private_addresses": False} | polling
        source = a_source(feed, polling=settings(proxy=SecretRef(scheme="env", name=ref), **polling))
        async with Fetcher(
            user_agent="t",
            polling=source.polling,
            files_root=tmp_path,
            environ=known_to | ({"PROXY": environ} if environ else {}),
            resolver=resolver,
        ) as fetcher:
            return await fetcher.fetch(replace(source, headers=(("X-Key", "k3y"),)), Validators(), NOW)

    return run


async def test_a_proxy_is_asked_and_gets_its_own_password(server: Server, proxied: Any) -> None:
    server.paths["http://paper.example/feed"] = FEED
    outcome = await proxied("http://paper.example/feed")
    assert isinstance(outcome, Fetched), outcome
    (asked,) = server.asked
    assert asked.headers["Host"] == "paper.example"
    assert asked.headers["Proxy-Authorization"] == "Basic cmVhZGVyOnMzY3JldA=="


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "93.184.216.34 10.0.0.7"])
async def test_no_proxy_leads_inside(address: str, server: Server, proxied: Any) -> None:
    """P6, P7: neither at once nor after a redirect."""
    outcome = await proxied("http://inside.example/", address.split())
    assert isinstance(outcome, FetchFailed)
    assert (outcome.kind, server.asked) == (FailureKind.ADDRESS, [])
    assert "s3cret" not in outcome.detail


@pytest.mark.parametrize("host", ["169.254.169.254", "2852039166", "0xa9.254.43518", "[::ffff:169.254.169.254]"])
async def test_what_is_never_asked_is_not_asked_through_a_proxy_either(host: str, server: Server, proxied: Any) -> None:
    """Where private addresses are allowed a name is the proxy's to judge; an address that no setting allows is not."""
    server.paths |= {"http://paper.example/": moved(f"http://{host}/"), "http://10.0.0.7/": FEED}
    outcome = await proxied("http://paper.example/", private_addresses=True)
    assert isinstance(outcome, FetchFailed)
    assert (outcome.kind, len(server.asked)) == (FailureKind.ADDRESS, 1)
    assert isinstance(await proxied("http://10.0.0.7/", private_addresses=True), Fetched)


async def test_a_redirect_through_a_proxy_is_judged_too(server: Server, proxied: Any) -> None:
    server.paths["http://paper.example/"] = moved("http://inside.example/")
    outcome = await proxied("http://paper.example/", ["93.184.216.34"], ["10.0.0.7"])
    assert isinstance(outcome, FetchFailed)
    assert [asked.path for asked in server.asked] == ["http://paper.example/"]


async def test_a_tunnel_carries_what_the_proxy_must_not_see(
    server: Server, proxied: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CONNECT with the proxy's password; the feed's own header, and its certificate, are for the end of the tunnel."""
    pem = Path(__file__).with_name("self-signed.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    heads: list[str] = []

    async def paper(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(FEED)
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(paper, "127.0.0.1", 0, ssl=context)
    port = listener.sockets[0].getsockname()[1]

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(pipe(reader, inner_writer), pipe(inner_reader, writer))

    async with listener, await asyncio.start_server(proxy, "127.0.0.1", 0) as door:
        server.port = door.sockets[0].getsockname()[1]  # the fixture's password is for whoever listens there
        environ = f"http://reader:s3cret@127.0.0.1:{server.port}"
        refused = await proxied("https://localhost:8443/feed", environ=environ, private_addresses=True)
        assert (refused.kind, len(heads)) == (FailureKind.TLS, 1), "a certificate that nobody signed"
        trusting = ssl.create_default_context(cafile=pem)
        monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", trusting)
        outcome = await proxied("https://localhost:8443/feed", environ=environ, private_addresses=True)
    assert isinstance(outcome, Fetched), outcome
    _, connect, get = heads
    assert connect.startswith("CONNECT localhost:8443 HTTP/1.1\r\n")
    assert "Proxy-Authorization: Basic cmVhZGVyOnMzY3JldA==" in connect
    assert "X-Key" not in connect
    assert get.startswith("GET /feed HTTP/1.1\r\n")
    assert "X-Key: k3y" in get
    assert "Proxy-Authorization" not in get


async def test_a_proxy_that_is_none(server: Server, proxied: Any) -> None:
    for ref in ("BAD", "NOWHERE"):
        outcome = await proxied("http://paper.example/", ref=ref)
        assert isinstance(outcome, FetchFailed)
        assert outcome.kind is FailureKind.SECRET


async def test_a_proxy_that_does_not_answer(tmp_path: Path, ask: Ask) -> None:
    (tmp_path / "proxy").write_text("http://127.0.0.1:1\n")
    outcome = await ask("http://127.0.0.1:2/", proxy=SecretRef(scheme="file", name="proxy"))
    assert isinstance(outcome, FetchFailed)
    assert (outcome.kind, outcome.detail) == (FailureKind.CONNECT, "cannot connect to the proxy: connection refused")
