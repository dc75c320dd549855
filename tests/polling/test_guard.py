"""No request reaches an address that is not public, however it is spelled (P6–P8)."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model.fetched import FailureKind, Fetched, FetchFailed, Outcome, Validators
from aggregator.polling.fetch import Fetcher
from aggregator.polling.guard import AddressRefused, guarded_socket, open_socket, refusal, url_refusal
from aggregator.polling.resolver import Resolver
from tests.polling.origin import NOW, Ask, Server, a_source, answer, moved, settings

HERE = Path(__file__).parent
PUBLIC = "93.184.216.34"


def lines(name: str) -> list[str]:
    text = (HERE / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


async def ask_as(
    folder: Path, feed: str, lookup: Callable[..., list[Any]] | None = None, guarded: bool = True
) -> Outcome:
    """Fetch under the guard, with a name server of our own."""
    resolver = Resolver(guarded=guarded, lookup=lookup) if lookup is not None else None
    source = a_source(feed, polling=settings(private_addresses=not guarded))
    async with Fetcher(
        user_agent="t", polling=source.polling, files_root=folder, environ={}, resolver=resolver
    ) as fetcher:
        return await fetcher.fetch(source, Validators(), NOW)


def names(*answers: list[str]) -> Callable[..., list[Any]]:
    """A name server that gives the first answer first, the second one then, and the last for ever."""
    left = list(answers)

    def lookup(host: str, port: int, family: socket.AddressFamily) -> list[Any]:
        found = left.pop(0) if len(left) > 1 else left[0]
        return [
            (socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (ip, port))
            for ip in found
        ]

    return lookup


@pytest.mark.parametrize("line", lines("addresses.txt"))
def test_only_public_addresses_pass(line: str) -> None:
    address, kind = line.split()
    assert (refusal(address) is None) == (kind == "public")


@given(st.ip_addresses(v=4))
def test_what_python_calls_private_or_multicast_is_never_public(ip: Any) -> None:
    if ip.is_private or ip.is_multicast or ip.is_reserved or ip.is_loopback or ip.is_link_local:
        assert refusal(str(ip)) is not None


@given(st.ip_addresses(v=6))
def test_ipv6_is_public_only_inside_global_unicast(ip: Any) -> None:
    if refusal(str(ip)) is None:
        assert int(ip) >> 125 == 0b001
        assert not ip.is_private


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:{}", "::{}", "64:ff9b::{}", "::ffff:0:{}"]))
def test_ipv4_inside_ipv6_is_refused(ip: Any, form: str) -> None:
    assert refusal(form.format(ip)) is not None


@pytest.mark.parametrize("host", lines("spellings.txt"))
async def test_no_spelling_of_an_inside_address_is_connected_to(host: str, server: Server, tmp_path: Path) -> None:
    server.paths["/"] = answer(b"inside")
    outcome = await ask_as(tmp_path, f"http://{host}:{server.port}/")
    assert isinstance(outcome, FetchFailed)
    # A resolver may not know odd spellings at all: then there is no such name, and no connection either.
    assert outcome.kind in (FailureKind.ADDRESS, FailureKind.DNS)
    assert server.connections == 0


@pytest.mark.parametrize("host", lines("spellings.txt"))
async def test_a_redirect_gets_no_further_than_an_address(host: str, server: Server, tmp_path: Path) -> None:
    """A public server that redirects inside: the same rule at every hop."""
    server.paths["/"] = moved(f"http://{host}:{server.port}/inside")
    outcome = await through_public_name(server, tmp_path)
    assert isinstance(outcome, FetchFailed)
    assert outcome.kind in (FailureKind.ADDRESS, FailureKind.DNS, FailureKind.REDIRECTS)
    assert "private_addresses: true for this source" not in outcome.detail
    assert [asked.path for asked in server.asked] == ["/"]


async def through_public_name(server: Server, folder: Path) -> Outcome:
    """Ask the loopback server as if `public.example` were a public address: the socket is let through for it only."""
    first = threading.Event()

    def socket_for(info: Any) -> socket.socket:
        if not first.is_set() and info[4][0] == "127.0.0.1":
            first.set()
            return socket.socket(info[0], info[1], info[2])
        return guarded_socket(info)

    def lookup(host: str, port: int, family: socket.AddressFamily) -> list[Any]:
        known = ["127.0.0.1"] if host == "public.example" else None
        if known is None:
            return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        return names(known)(host, port, family)

    source = a_source(f"http://public.example:{server.port}/", polling=settings(private_addresses=False))
    resolver = Resolver(guarded=False, lookup=lookup)
    async with Fetcher(
        user_agent="t", polling=source.polling, files_root=folder, environ={}, resolver=resolver
    ) as fetcher:
        connector: Any = fetcher._connectors[False]
        connector._socket_factory = socket_for
        return await fetcher.fetch(source, Validators(), NOW)


async def test_a_resolver_that_lies_is_caught_at_the_socket(server: Server, tmp_path: Path) -> None:
    """The name server's answer is not believed: the address that will be connected to is judged."""
    async with Fetcher(
        user_agent="t",
        polling=settings(),
        files_root=tmp_path,
        environ={},
        resolver=Resolver(guarded=False, lookup=names(["127.0.0.1"])),
    ) as fetcher:
        source = a_source(server.url("/", "feeds.example"), polling=settings(private_addresses=False))
        outcome = await fetcher.fetch(source, Validators(), NOW)
    assert outcome == FetchFailed(
        source="herald",
        asked_at=NOW,
        kind=FailureKind.ADDRESS,
        detail="address 127.0.0.1 of feeds.example is not public (loopback);"
        " set private_addresses: true for this source to allow it",
    )
    assert server.connections == 0


async def test_a_name_is_looked_up_once_and_that_address_is_asked(server: Server, tmp_path: Path) -> None:
    """Public first, loopback second: there is no second lookup between the judgement and the connection."""
    lookup = names([PUBLIC], ["127.0.0.1"])
    resolver = Resolver(guarded=True, lookup=lookup)
    first = await resolver.resolve("feeds.example", 80)
    assert [found["host"] for found in first] == [PUBLIC]
    with pytest.raises(AddressRefused):
        await resolver.resolve("feeds.example", 80)
    outcome = await ask_as(tmp_path, server.url("/", "feeds.example"), lookup)
    assert isinstance(outcome, FetchFailed)
    assert outcome.kind is FailureKind.ADDRESS
    assert server.connections == 0


async def test_of_several_addresses_only_public_ones_are_tried() -> None:
    resolver = Resolver(guarded=True, lookup=names(["127.0.0.1", PUBLIC, "::1", "10.0.0.1"]))
    assert [found["host"] for found in await resolver.resolve("feeds.example", 80)] == [PUBLIC]


async def test_a_connection_made_without_the_guard_serves_no_guarded_source(
    server: Server, fetcher: Fetcher, ask: Ask
) -> None:
    server.paths["/"] = answer(b"inside")
    assert isinstance(await ask(server.url("/")), Fetched)
    outcome = await ask(server.url("/"), private_addresses=False)
    assert isinstance(outcome, FetchFailed)
    assert outcome.kind is FailureKind.ADDRESS
    assert len(server.asked) == 1


def test_the_socket_is_judged_by_its_own_address() -> None:
    with pytest.raises(AddressRefused, match=r"address 10\.1\.2\.3 is not public"):
        guarded_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.1.2.3", 80)))
    with pytest.raises(AddressRefused):
        guarded_socket((socket.AF_UNIX, socket.SOCK_STREAM, 0, "", "/run/docker.sock"))
    with guarded_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", (PUBLIC, 80))) as made:
        assert made.family is socket.AF_INET


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("ftp://example.org/feed", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("gopher://example.org/", "scheme"),
        ("data:text/xml,<rss/>", "scheme"),
        ("/feed", "scheme"),
        ("http:///feed", "host"),
        ("http://reader:s3cret@example.org/", "user name"),
        ("http://reader@example.org/", "user name"),
        ("http://example.org:22/", "port 22"),
        ("http://example.org:25/", "port 25"),
        ("http://example.org:6379/", "port 6379"),
        ("http://example.org:5432/", "port 5432"),
        ("http://example.org:11211/", "port 11211"),
        ("http://example.org:0/", "port"),
        ("http://example.org:99999/", "read"),
        ("http://[::1/", "read"),
    ],
)
def test_what_a_url_may_not_be(url: str, word: str) -> None:
    why = url_refusal(url)
    assert why is not None
    assert word in why
    assert "s3cret" not in why


@pytest.mark.parametrize("port", [80, 443, 8000, 8080, 8443, 3000, 60_123])
def test_web_ports_are_fine(port: int) -> None:
    assert url_refusal(f"http://example.org:{port}/") is None


def test_a_source_that_may_ask_private_addresses_may_ask_any_port() -> None:
    assert url_refusal("http://nas.lan:5432/feed", private_addresses=True) is None


async def test_a_lookup_that_hangs_delays_no_other(tmp_path: Path, server: Server) -> None:
    """Every name server in the world may be slow: each lookup has its own thread."""
    server.paths["/"] = answer(b"<rss/>")
    release = threading.Event()

    def lookup(host: str, port: int, family: socket.AddressFamily) -> list[Any]:
        if host.startswith("slow"):
            release.wait(20)
        return names(["127.0.0.1"])(host, port, family)

    resolver = Resolver(guarded=False, lookup=lookup)
    async with Fetcher(
        user_agent="t", polling=settings(), files_root=tmp_path, environ={}, resolver=resolver
    ) as fetcher:
        slow = [
            asyncio.create_task(fetcher.fetch(a_source(server.url("/", f"slow{n}.example")), Validators(), NOW))
            for n in range(40)
        ]
        await asyncio.sleep(0)
        quick = await fetcher.fetch(a_source(server.url("/", "quick.example")), Validators(), NOW)
        assert isinstance(quick, Fetched)
        assert not any(task.done() for task in slow)
        release.set()
        assert all(isinstance(outcome, Fetched) for outcome in await asyncio.gather(*slow))


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.0.1",
        "168.63.129.16",
        "100.100.100.200",
        "fd00:ec2::254",
        "fe80::1%1",
        "::ffff:169.254.169.254",
    ],
)
async def test_a_cloud_s_credentials_are_asked_for_by_no_setting(address: str, tmp_path: Path) -> None:
    """Where private addresses are allowed, a feed, a hub's callback or a webhook could name them."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with pytest.raises(AddressRefused, match="not public"):
        open_socket((family, socket.SOCK_STREAM, 6, "", (address, 80)))
    if "%" not in address:
        outcome = await ask_as(tmp_path, "http://inside.example/", names([address]), guarded=False)
        assert isinstance(outcome, FetchFailed)
        assert outcome.kind is FailureKind.ADDRESS
        assert "private_addresses" not in outcome.detail


def test_other_private_addresses_are_the_operator_s_to_allow() -> None:
    with open_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.1.2.3", 80))) as made:
        assert made.family is socket.AF_INET
