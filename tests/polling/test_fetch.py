"""One request: what is sent, what comes back as which value, and where it ends."""

from __future__ import annotations

import asyncio
import gzip
import random
import ssl
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from aggregator.model.fetched import FailureKind, Fetched, FetchFailed, NotModified, Validators
from aggregator.model.source import SecretRef
from aggregator.polling import header
from aggregator.polling.fetch import Fetcher
from tests.polling.origin import NOW, Ask, Asked, Server, a_source, answer, moved, settings

KNOWN = Validators(etag='W/"a b\u00e9"', last_modified="Mon, 23 Nov 2026 10:00:00 GMT")


async def failure(ask: Ask, feed: Any, **polling: object) -> tuple[FailureKind, str]:
    outcome = await ask(feed, **polling)
    assert isinstance(outcome, FetchFailed), outcome
    assert outcome.detail.isprintable()
    assert 0 < len(outcome.detail) <= 300
    assert "k3y" not in outcome.detail
    assert "s3cret" not in outcome.detail
    return outcome.kind, outcome.detail


async def test_an_answer_with_a_body(server: Server, ask: Ask) -> None:
    server.paths["/"] = answer(
        b"<rss/>",
        ETag='"1"',
        Last_Modified="yesterday",
        Content_Type="application/rss+xml; charset=utf-8",
        Content_Location="/real.xml",
        Cache_Control="public, max-age=600",
        Retry_After="120",
    )
    assert await ask(server.url("/")) == Fetched(
        source="herald",
        asked_at=NOW,
        final_url=server.url("/"),
        status=200,
        body=b"<rss/>",
        content_type="application/rss+xml; charset=utf-8",
        content_location="/real.xml",
        validators=Validators(etag='"1"', last_modified="yesterday"),
        max_age=timedelta(minutes=10),
        retry_after=timedelta(minutes=2),
        said=(),
    )


async def test_what_is_sent(server: Server, ask: Ask) -> None:
    server.paths["/"] = answer()
    await ask(server.url("/"))
    sent = server.asked[0].headers
    assert sent["User-Agent"] == "test/1 (+desk@example.org)"
    assert sent["Accept-Encoding"] == "gzip, deflate, br, zstd"
    assert "application/atom+xml" in sent["Accept"]
    assert not {"If-None-Match", "If-Modified-Since", "Authorization", "Cookie"} & set(sent)


async def test_validators_go_back_byte_for_byte(server: Server, ask: Ask) -> None:
    server.paths["/"] = answer(b"", "304 Not Modified", Cache_Control="max-age=60")
    assert await ask(server.url("/"), KNOWN) == NotModified(
        source="herald", asked_at=NOW, validators=KNOWN, max_age=timedelta(minutes=1)
    )
    sent = server.asked[0].headers
    assert sent["If-None-Match"].encode("latin-1").decode() == KNOWN.etag
    assert sent["If-Modified-Since"] == KNOWN.last_modified


async def test_a_304_refreshes_the_validators(server: Server, ask: Ask) -> None:
    server.paths["/"] = answer(b"", "304 Not Modified", ETag='"2"')
    outcome = await ask(server.url("/"), KNOWN)
    assert isinstance(outcome, NotModified)
    assert outcome.validators == replace(KNOWN, etag='"2"')


async def test_a_304_that_nobody_asked_for_is_an_error(server: Server, ask: Ask) -> None:
    server.paths["/"] = answer(b"", "304 Not Modified", ETag='"2"')
    assert (await failure(ask, server.url("/")))[0] is FailureKind.PROTOCOL


async def test_a_304_with_a_body_is_asked_again_without_condition(server: Server, ask: Ask) -> None:
    """Nobody can tell where it ends (RFC 9112, 6.3). Its validators are not kept: it would be asked twice each time."""

    async def careless(server: Server, asked: Asked, writer: asyncio.StreamWriter) -> None:
        known = "If-None-Match" in asked.headers
        await server.send(writer, answer(b"<rss/>", "304 Not Modified" if known else "200 OK", ETag='"1"'))

    server.paths["/"] = careless
    outcome = await ask(server.url("/"), KNOWN)
    assert isinstance(outcome, Fetched)
    assert (outcome.body, outcome.validators) == (b"<rss/>", Validators())
    assert ["If-None-Match" in asked.headers for asked in server.asked] == [True, False]


async def test_what_is_no_http_is_asked_for_no_third_time(server: Server, ask: Ask) -> None:
    server.paths["/"] = b"<rss/>\r\n\r\n"
    outcome = await ask(server.url("/"), KNOWN)
    assert isinstance(outcome, FetchFailed)
    assert (outcome.kind, len(server.asked)) == (FailureKind.PROTOCOL, 2)


@pytest.mark.parametrize("etag", ['"a\x01b"', '"' + "x" * 9_000 + '"', '"\x7f"'])
async def test_hostile_validators_are_neither_stored_nor_sent(etag: str, server: Server, ask: Ask) -> None:
    async def reply(server: Server, asked: Asked, writer: asyncio.StreamWriter) -> None:
        await server.send(writer, answer(b"<rss/>", ETag=etag))

    server.paths["/"] = reply
    outcome = await ask(server.url("/"), Validators(etag=etag))
    assert isinstance(outcome, FetchFailed) or outcome.validators == Validators()
    assert "If-None-Match" not in server.asked[0].headers


@pytest.mark.parametrize(
    "etag", [b'"\xff\xfe"', b'W/"caf\xe9"', b'"\x80\xc3\xa9\xe9"', '"café €"'.encode(), b'"plain"']
)
async def test_validators_of_any_bytes_go_back_as_they_came(etag: bytes, server: Server, ask: Ask) -> None:
    """RFC 9110, 8.8.3: an ETag may hold any byte from 0x80; what is kept of it is text that a database takes."""
    server.paths["/"] = b"HTTP/1.1 200 OK\r\nETag: " + etag + b"\r\nContent-Length: 6\r\n\r\n<rss/>"
    outcome = await ask(server.url("/"))
    assert isinstance(outcome, Fetched)
    assert outcome.validators.etag is not None
    outcome.validators.etag.encode()
    for _ in range(2):  # over the same connection, which is the plain one again afterwards
        again = await ask(server.url("/"), outcome.validators)
        assert isinstance(again, Fetched), again
    assert [asked.headers["If-None-Match"].encode("latin-1") for asked in server.asked[1:]] == [etag, etag]
    assert server.connections == 1


@pytest.mark.parametrize("kind", ["application/gzip", "application/x-gzip", "application/xml", ""])
async def test_a_packed_file_is_read_as_what_it_holds(kind: str, server: Server, ask: Ask) -> None:
    """`feed.xml.gz`, served as the file that it is."""
    server.paths["/feed.xml.gz"] = answer(gzip.compress(b"<rss>" + bytes(9)), Content_Type=kind)
    outcome = await ask(server.url("/feed.xml.gz"))
    assert isinstance(outcome, Fetched)
    assert outcome.body == b"<rss>" + bytes(9)


async def test_a_packed_file_is_bounded_and_must_be_whole(server: Server, ask: Ask) -> None:
    server.paths["/bomb"] = answer(gzip.compress(bytes(50_000_000)))
    assert (await failure(ask, server.url("/bomb")))[0] is FailureKind.TOO_LARGE
    torn = gzip.compress(random.Random(1).randbytes(5_000))[:2_000]
    server.paths["/torn"] = answer(torn)
    outcome = await ask(server.url("/torn"))
    assert isinstance(outcome, Fetched)
    assert outcome.body == torn, "a body that is no packed file is left as it is"


@pytest.mark.parametrize(
    ("status", "kind", "detail"),
    [
        ("404 Not Found", FailureKind.HTTP_STATUS, "answered 404"),
        ("403 Forbidden", FailureKind.HTTP_STATUS, "answered 403"),
        ("500 Oh", FailureKind.HTTP_STATUS, "answered 500"),
        ("300 Choose", FailureKind.HTTP_STATUS, "answered 300"),
        ("410 Gone", FailureKind.GONE, "answered 410 (gone)"),
        ("206 Part", FailureKind.CONTENT, "answered 206 with a part only"),
        ("201 Made", FailureKind.CONTENT, "answered 201 with nothing"),
        ("999 No", FailureKind.HTTP_STATUS, "answered 999"),
    ],
)
async def test_only_whole_documents_count(
    status: str, kind: FailureKind, detail: str, server: Server, ask: Ask
) -> None:
    server.paths["/"] = answer(b"<rss/>", status, ETag='"1"')
    assert await ask(server.url("/")) == FetchFailed(
        source="herald", asked_at=NOW, kind=kind, detail=detail, status=int(status[:3])
    )


@pytest.mark.parametrize("body", [b"", b" \r\n\t "])
async def test_nothing_is_not_a_feed(body: bytes, server: Server, ask: Ask) -> None:
    server.paths["/"] = answer(body)
    assert await failure(ask, server.url("/")) == (FailureKind.CONTENT, "answered 200 with nothing")


async def test_no_content_is_not_a_feed(server: Server, ask: Ask) -> None:
    server.paths["/"] = b"HTTP/1.1 204 No Content\r\n\r\n"
    assert await failure(ask, server.url("/")) == (FailureKind.CONTENT, "answered 204 with nothing")


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("0", timedelta(0)),
        ("99999999999999999999", timedelta(days=7)),
        ("0" * 30 + "120", timedelta(minutes=2)),
        ("9999999999", timedelta(days=7)),
        ("Mon, 23 Nov 2026 14:00:00 GMT", timedelta(hours=2)),
        ("Mon, 23 Nov 2020 14:00:00 GMT", timedelta(0)),
        ("Mon, 23 Nov 9999 14:00:00 GMT", timedelta(days=7)),
        ("-5", None),
        ("soon", None),
        ("\u0663", None),
    ],
)
@pytest.mark.parametrize("status", ["429 Slow down", "503 Busy"])
async def test_both_forms_of_retry_after(
    value: str, wait: timedelta | None, status: str, server: Server, ask: Ask
) -> None:
    server.paths["/"] = answer(b"no", status, Retry_After=value)
    outcome = await ask(server.url("/"))
    assert isinstance(outcome, FetchFailed)
    assert (outcome.kind, outcome.retry_after) == (FailureKind.HTTP_STATUS, wait)


@pytest.mark.parametrize(
    ("fields", "age"),
    [
        ({"Cache_Control": "max-age=3600"}, timedelta(hours=1)),
        ({"Cache_Control": "max-age=3600", "Age": "600"}, timedelta(minutes=50)),
        ({"Cache_Control": "s-maxage=3600"}, None),
        ({"Cache_Control": "no-cache, max-age=3600"}, None),
        ({"Cache_Control": "max-age=9999999999"}, timedelta(days=7)),
        ({"Cache_Control": "max-age=x"}, None),
        ({"Expires": "Mon, 23 Nov 2026 13:00:00 GMT"}, timedelta(hours=1)),
        ({"Expires": "Mon, 23 Nov 2026 13:00:00 GMT", "Date": "Mon, 23 Nov 2026 12:30:00 GMT"}, timedelta(minutes=30)),
        ({"Expires": "0"}, None),
        ({"Expires": "Sun, 22 Nov 2026 13:00:00 GMT"}, timedelta(0)),
    ],
)
async def test_how_long_an_answer_stays_fresh(
    fields: dict[str, str], age: timedelta | None, server: Server, ask: Ask
) -> None:
    server.paths["/"] = answer(b"<rss/>", **fields)
    outcome = await ask(server.url("/"))
    assert isinstance(outcome, Fetched)
    assert outcome.max_age == age


async def test_cache_control_in_several_lines_is_one_list(server: Server, ask: Ask) -> None:
    several = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nCache-Control: public\r\nCache-Control: %s\r\n\r\n<rss/>"
    server.paths |= {"/fresh": several % b"max-age=3600", "/never": several % b"max-age=3600, no-store"}
    fresh, never = await ask(server.url("/fresh")), await ask(server.url("/never"))
    assert isinstance(fresh, Fetched)
    assert isinstance(never, Fetched)
    assert (fresh.max_age, never.max_age) == (timedelta(hours=1), None)


# --- redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed(status: int, server: Server, ask: Ask) -> None:
    server.paths |= {"/": moved("/new?x=1#part", status), "/new?x=1": answer()}
    outcome = await ask(server.url("/"), KNOWN)
    assert isinstance(outcome, Fetched)
    new = server.url("/new?x=1")
    assert (outcome.final_url, outcome.permanent_url) == (new, new if status in (301, 308) else None)
    assert [asked.headers.get("If-None-Match") is not None for asked in server.asked] == [True, True]


@pytest.mark.parametrize(
    ("statuses", "for_good"), [((301, 308), True), ((301, 302), False), ((302, 301), False), ((308, 301, 301), True)]
)
async def test_only_an_unbroken_chain_is_permanent(
    statuses: tuple[int, ...], for_good: bool, server: Server, ask: Ask
) -> None:
    for number, status in enumerate(statuses):
        server.paths[f"/{number}"] = moved(f"/{number + 1}", status)
    last = f"/{len(statuses)}"
    server.paths[last] = answer(b"", "304 Not Modified")
    outcome = await ask(server.url("/0"), KNOWN)
    assert isinstance(outcome, NotModified)
    assert outcome.permanent_url == (server.url(last) if for_good else None)


async def test_ten_redirects_and_no_more(server: Server, ask: Ask) -> None:
    server.paths |= {f"/{number}": moved(f"/{number + 1}") for number in range(12)} | {"/10": answer()}
    assert isinstance(await ask(server.url("/0")), Fetched)
    server.paths |= {"/10": moved("/11"), "/11": answer()}
    assert await failure(ask, server.url("/0")) == (FailureKind.REDIRECTS, "more than 10 redirects")
    assert len(server.asked) == 11 + 11


async def test_a_loop_is_noticed(server: Server, ask: Ask) -> None:
    server.paths |= {"/": moved("/a"), "/a": moved("/#again")}
    assert await failure(ask, server.url("/")) == (FailureKind.REDIRECTS, "redirects in a loop")
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("location", "kind"),
    [
        ("", FailureKind.REDIRECTS),
        ("http://[::1", FailureKind.REDIRECTS),
        ("http://x:99999/", FailureKind.REDIRECTS),
        ("file:///etc/passwd", FailureKind.ADDRESS),
        ("ftp://127.0.0.1/", FailureKind.ADDRESS),
        ("data:text/xml,<rss/>", FailureKind.ADDRESS),
        ("javascript:alert(1)", FailureKind.ADDRESS),
        ("gopher://127.0.0.1:70/", FailureKind.ADDRESS),
        ("http://", FailureKind.REDIRECTS),
        ("http://reader:s3cret@127.0.0.1/", FailureKind.ADDRESS),
    ],
)
async def test_where_a_redirect_may_not_lead(location: str, kind: FailureKind, server: Server, ask: Ask) -> None:
    server.paths["/"] = moved(location)
    assert (await failure(ask, server.url("/")))[0] is kind
    assert len(server.asked) == 1


async def test_a_redirect_to_bytes_that_are_no_text(server: Server, ask: Ask) -> None:
    """They are asked for as browsers do, not left out: that would be another address."""
    server.paths["/"] = b"HTTP/1.1 302 Found\r\nLocation: /caf\xe9\xff.xml\r\nContent-Length: 0\r\n\r\n"
    server.paths["/caf%E9%FF.xml"] = answer()
    outcome = await ask(server.url("/"))
    assert isinstance(outcome, Fetched)
    assert outcome.final_url == server.url("/caf%E9%FF.xml")


SIGNED = "/feed?sign=a%2Fb%3a%7e+%20%2B%C3%A9&100%25=x"


async def test_a_query_is_sent_as_it_was_written(server: Server, ask: Ask) -> None:
    """Also where a redirect names it: a signature is over its very bytes. What no query may hold is escaped."""
    server.paths |= {
        "/": moved(SIGNED),
        SIGNED: moved("/é?ö= %&x=%2f[1]"),
        "/%C3%A9?%C3%B6=%20%25&x=%2f%5B1%5D": answer(),
    }
    outcome = await ask(server.url("/"))
    assert isinstance(outcome, Fetched), outcome
    assert [asked.path for asked in server.asked] == ["/", SIGNED, "/%C3%A9?%C3%B6=%20%25&x=%2f%5B1%5D"]
    assert isinstance(await ask(server.url(SIGNED)), Fetched)
    assert server.asked[-2].path == SIGNED
    assert isinstance(await ask(outcome.final_url), Fetched)


# --- credentials


async def test_credentials_go_to_the_feeds_own_origin_only(server: Server, ask: Ask) -> None:
    """Not to another host or port, and not back home after such a hop (P28)."""
    other = f"http://localhost:{server.port}"
    server.paths |= {
        "/": moved("/same"),
        "/same": moved(f"{other}/other"),
        "/other": moved(server.url("/back")),
        "/back": answer(),
    }
    source = a_source(
        server.url("/"),
        basic_auth=SecretRef(scheme="env", name="FEED_LOGIN"),
        headers=(("X-Api-Key", SecretRef(scheme="env", name="FEED_KEY")), ("X-Plain", "yes")),
    )
    assert isinstance(await ask(source), Fetched)
    mine = {"Authorization": "Basic cmVhZGVyOnMzY3JldA==", "X-Api-Key": "k3y", "X-Plain": "yes"}
    sent = [{name: asked.headers.get(name) for name in mine} for asked in server.asked]
    none = dict.fromkeys(mine)
    assert sent == [mine, mine, none, none]


async def test_a_token_from_a_file(server: Server, ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t0ken\n")
    server.paths["/"] = answer()
    source = a_source(server.url("/"), bearer_auth=SecretRef(scheme="file", name="token"))
    assert isinstance(await ask(source), Fetched)
    assert server.asked[0].headers["Authorization"] == "Bearer t0ken"


@pytest.mark.parametrize(
    ("ref", "detail"),
    [
        (SecretRef(scheme="env", name="NOWHERE"), "secret env:NOWHERE is not set"),
        (SecretRef(scheme="file", name="nowhere"), "secret file:nowhere cannot be read"),
        (SecretRef(scheme="env", name="FEED_KEY"), "secret env:FEED_KEY is not of the form user:password"),
        (
            SecretRef(scheme="file", name="two-lines"),
            "secret file:two-lines holds what cannot be sent: a line break or too many characters",
        ),
    ],
)
async def test_a_missing_secret_is_a_failure_and_nothing_is_sent(
    ref: SecretRef, detail: str, server: Server, ask: Ask, tmp_path: Path
) -> None:
    (tmp_path / "two-lines").write_text("reader:s3cret\r\nX: y")
    assert await failure(ask, a_source(server.url("/"), basic_auth=ref)) == (FailureKind.SECRET, detail)
    assert server.connections == 0


async def test_a_401_elsewhere_says_why(server: Server, ask: Ask) -> None:
    server.paths |= {"/": moved(f"http://localhost:{server.port}/new"), "/new": answer(b"", "401 Who")}
    kind, detail = await failure(ask, server.url("/"))
    assert (kind, "own origin only" in detail) == (FailureKind.HTTP_STATUS, True)


async def test_no_cookie_is_kept(server: Server, ask: Ask) -> None:
    server.paths["/"] = answer(b"<rss/>", Set_Cookie="id=1; Path=/")
    await ask(server.url("/"))
    await ask(server.url("/"))
    assert [asked.headers.get("Cookie") for asked in server.asked] == [None, None]


async def test_proxies_and_netrc_of_the_environment_are_not_used(
    server: Server, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login reader password s3cret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    server.paths["/"] = answer()
    assert isinstance(await ask(server.url("/")), Fetched)
    assert "Authorization" not in server.asked[0].headers


# --- what goes wrong on the way


async def test_a_url_with_a_secret_is_told_to_nobody(server: Server, ask: Ask) -> None:
    await failure(ask, server.url("/feed?key=s3cret"))
    await failure(ask, "http://reader:s3cret@127.0.0.1/")


async def test_nobody_listens(ask: Ask) -> None:
    assert await failure(ask, "http://127.0.0.1:1/") == (
        FailureKind.CONNECT,
        "cannot connect to 127.0.0.1:1: connection refused",
    )


async def test_a_name_that_does_not_exist(ask: Ask) -> None:
    assert (await failure(ask, "http://does-not-exist.invalid/"))[0] is FailureKind.DNS


async def test_tls_with_one_who_does_not_speak_it(ask: Ask) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        assert await failure(ask, f"https://127.0.0.1:{port}/") == (
            FailureKind.TLS,
            "no TLS connection to 127.0.0.1: wrong version number",
        )


async def test_a_certificate_that_nobody_signed(ask: Ask) -> None:
    async def unreachable(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).with_name("self-signed.pem"))
    async with await asyncio.start_server(unreachable, "127.0.0.1", 0, ssl=context) as listener:
        port = listener.sockets[0].getsockname()[1]
        assert await failure(ask, f"https://localhost:{port}/") == (
            FailureKind.TLS,
            "the certificate of localhost is not valid: self-signed certificate",
        )


async def test_a_mistake_of_ours_stays_with_its_feed_and_shows_no_secret(
    server: Server, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R16, P26: the log has the place; no traceback, which some renderers print with its variables."""
    monkeypatch.setattr(header, "max_age", lambda headers, now: 1 // 0)
    server.paths["/"] = answer()
    source = a_source(server.url("/?key=s3cret"), bearer_auth=SecretRef(scheme="env", name="FEED_KEY"))
    server.paths["/?key=s3cret"] = answer()
    with capture_logs() as logs:
        assert await failure(ask, source) == (
            FailureKind.PROTOCOL,
            "the answer could not be handled (ZeroDivisionError)",
        )
    assert [(log["event"], log["source"], "exc_info" in log) for log in logs] == [("fetch broke", "herald", False)]
    assert "s3cret" not in str(logs)
    assert "k3y" not in str(logs)


def test_it_runs_under_uvloop_too(tmp_path: Path) -> None:
    uvloop = pytest.importorskip("uvloop")

    async def run() -> list[Any]:
        async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer(b"<rss/>"))
            await writer.drain()
            writer.close()

        async with await asyncio.start_server(reply, "127.0.0.1", 0) as listener:
            url = f"http://localhost:{listener.sockets[0].getsockname()[1]}/"
            async with Fetcher(user_agent="t", polling=settings(), files_root=tmp_path, environ={}) as fetcher:
                closed = a_source(url, polling=settings(private_addresses=False))
                nobody = a_source("http://127.0.0.1:1/")
                return [await fetcher.fetch(source, Validators(), NOW) for source in (a_source(url), closed, nobody)]

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        fetched, refused, unreachable = runner.run(run())
    assert isinstance(fetched, Fetched)
    assert (refused.kind, unreachable.kind) == (FailureKind.ADDRESS, FailureKind.CONNECT)


async def test_a_cancelled_fetch_is_cancelled(server: Server, ask: Ask) -> None:
    arrived = asyncio.Event()

    async def hang(server: Server, asked: Asked, writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await asyncio.Event().wait()

    server.paths["/"] = hang
    task = asyncio.ensure_future(ask(server.url("/")))
    await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ((), ()),
        (('</l.xml>; rel="license"; type="application/rsl+xml"',), ("https://a.example/l.xml",)),
        (("<l.xml>;rel=LICENSE;type=application/RSL+xml",), ("https://a.example/feed/l.xml",)),
        (('<https://b.example/a,b;c.xml>; type="application/rsl+xml"; rel="x license"',),
         ("https://b.example/a,b;c.xml",)),
        (('</1>; rel="license"; type="text/html", </2>; rel="license"; type="application/rsl+xml"',),
         ("https://a.example/2",)),
        (('</1>; title="a, b; rel=license"; type="application/rsl+xml"',), ()),
        (('<ftp://a.example/l>; rel="license"; type="application/rsl+xml"',), ()),
        (('<https://[bad/l>; rel="license"; type="application/rsl+xml"',), ()),
        (('</l.xml; rel="license"; type="application/rsl+xml"', "<<<>>>;;;,,,"), ()),
        (tuple(f'</{n}>; rel="license"; type="application/rsl+xml"' for n in "1123456"),
         ("https://a.example/1", "https://a.example/2", "https://a.example/3")),
    ],
)  # fmt: skip
def test_an_answer_may_name_three_licences_for_machines(fields: tuple[str, ...], found: tuple[str, ...]) -> None:
    assert header.licences(fields, "https://a.example/feed/") == found


@pytest.mark.parametrize(
    "made", ["<a>" * 3_000, "<" * 9_000, '<a>; rel="' * 900, "<a>" + ";a=" * 4_000, "<a>" + '"' * 9_000]
)
def test_a_link_field_made_to_cost_time_does_not(made: str) -> None:
    begun = time.process_time()
    assert header.licences([made], "https://a.example/") == ()
    assert time.process_time() - begun < 1
