"""A licence file is read as far as it goes, safely, and every oddity in it is told."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from aggregator.intake.rsl_read import CONTENTS_MAX, PARTS_MAX, SIZE_MAX, read_rsl, rsl_of
from aggregator.model.rsl import (
    KINDS,
    LEGALS,
    NAMESPACE,
    PAYMENTS,
    REPORTS,
    USAGES,
    USERS,
    RslContent,
    RslCopyright,
    RslDocument,
    RslLegal,
    RslLicense,
    RslPayment,
    RslReporting,
    RslTerms,
)
from aggregator.publishing.rsl_write import write_rsl

WORDS = st.from_regex(r"[a-zA-Z0-9:/._*$-]{1,10}", fullmatch=True)
URLS = WORDS.map("https://x.example/{}".format)
SOME = st.lists(URLS, max_size=2, unique=True).map(tuple)


def lists() -> st.SearchStrategy[tuple[RslTerms, ...]]:
    pools = {"usage": USAGES, "user": USERS, "geo": ("DE", "US", "EU")}
    one = st.sampled_from(KINDS).flatmap(
        lambda kind: st.builds(
            RslTerms,
            kind=st.just(kind),
            tokens=st.lists(st.sampled_from(pools[kind]), min_size=1, max_size=3, unique=True).map(tuple),
        )
    )
    return st.lists(one, max_size=2, unique_by=lambda terms: terms.kind).map(tuple)


LICENSES = st.builds(
    RslLicense,
    permits=lists(),
    prohibits=lists(),
    payment=st.none()
    | st.builds(
        lambda kind, standards, customs, amount, accepts: RslPayment(
            kind=kind,
            standards=standards,
            customs=customs,
            amount=amount,
            currency="EUR" if amount else None,
            accepts=accepts,
        ),
        st.sampled_from(PAYMENTS),
        SOME,
        SOME,
        st.none() | st.just("0.05"),
        st.just(()) | st.just(("application/x402+json",)),
    ),
    legal=st.lists(
        st.builds(RslLegal, kind=st.sampled_from(LEGALS), values=st.lists(WORDS, min_size=1, unique=True).map(tuple)),
        max_size=2,
    ).map(tuple),
    reporting=st.lists(
        st.builds(RslReporting, kind=st.sampled_from(REPORTS), profile=URLS, endpoint=st.none() | URLS), max_size=2
    ).map(tuple),
)
DOCUMENTS = st.builds(
    RslDocument,
    contents=st.lists(
        st.builds(
            RslContent,
            url=st.just("") | WORDS,
            server=st.none() | URLS,
            encrypted=st.booleans(),
            lastmod=st.none() | st.just("2026-01-01T00:00:00Z"),
            licenses=st.lists(LICENSES, min_size=1, max_size=2).map(tuple),
            copyright=st.none() | st.builds(RslCopyright, kind=st.none() | st.just("person"), email=st.none() | WORDS),
            terms=st.none() | URLS,
            schema=st.none() | URLS,
            alternates=st.lists(st.tuples(st.none() | WORDS, URLS), max_size=1).map(tuple),
        ),
        min_size=1,
        max_size=2,
    ).map(tuple),
    max_age=st.integers(1, 99_999),
)


def rsl(inner: str, **attributes: str) -> bytes:
    told = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<rsl xmlns="{NAMESPACE}"{told}>{inner}</rsl>'.encode()


def licence(inner: str) -> tuple[RslLicense, tuple[str, ...]]:
    document, warnings = read_rsl(rsl(f'<content url="/"><license>{inner}</license></content>'))
    assert document is not None
    return document.contents[0].licenses[0], warnings


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS)
def test_what_is_written_is_read_again(document: RslDocument) -> None:
    assert read_rsl(write_rsl(document)) == (document, ())


def test_a_document_is_in_its_own_namespace_without_prefix() -> None:
    licence = RslLicense(prohibits=(RslTerms(kind="usage", tokens=("ai-all",)),))
    assert write_rsl(RslDocument(contents=(RslContent(url="/", licenses=(licence,)),))).decode() == (
        "<?xml version='1.0' encoding='utf-8'?>\n"
        '<rsl xmlns="https://rslstandard.org/rsl">\n'
        '  <content url="/">\n'
        "    <license>\n"
        '      <prohibits type="usage">ai-all</prohibits>\n'
        "    </license>\n"
        "  </content>\n"
        "</rsl>\n"
    )


def test_the_draft_is_upgraded_with_a_warning() -> None:
    found, warnings = licence(
        '<permits type="usage">train-ai, search</permits><prohibits type="geo">us,cn</prohibits>'
        '<payment type="inference"><standard>https://x.example/card</standard></payment>'
    )
    assert found == RslLicense(
        permits=(RslTerms(kind="usage", tokens=("ai-train", "search")),),
        prohibits=(RslTerms(kind="geo", tokens=("US", "CN")),),
        payment=RslPayment(kind="use", standards=("https://x.example/card",)),
    )
    assert [line.partition(";")[0] for line in warnings] == [
        "RSL: a list with commas, as in the 0.9 draft",
        "RSL: 'train-ai' is a word of the 0.9 draft",
        "RSL: payment 'inference' is a word of the 0.9 draft",
    ]


@pytest.mark.parametrize(
    ("inner", "unread", "says"),
    [
        ("<allows>all</allows>", ("allows",), "<allows> is not known there"),
        ('<permits type="mood">all</permits>', ("permits",), "permits type 'mood' is not known"),
        ('<reporting type="audit"/>', ("reporting",), None),
        ('<payment type="barter"/>', ("payment",), "payment type 'barter' is not known"),
        ("<payment/><payment/>", ("payment",), "several payments"),
        ("<payment><coupon/></payment>", ("coupon",), "<coupon> is not known there"),
        ('<permits type="usage">ai-fun</permits>', (), "'ai-fun' is not known"),
        ('<permits type="usage">search</permits><permits type="usage">ai-all</permits>', (), "taken together"),
        ('<Permits type="usage">search</Permits>', (), "<Permits> is read as <permits>"),
        ('<x:more xmlns:x="urn:x"/>', (), None),
        ('<legal type="poem">x</legal>', (), "legal type 'poem' is not known"),
    ],
)
def test_what_is_odd_is_told_and_marks_the_licence(inner: str, unread: tuple[str, ...], says: str | None) -> None:
    found, warnings = licence(inner)
    assert found.unread == unread
    assert (says or "") in " ".join(warnings)
    assert bool(warnings) == (says is not None)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not well-formed"),
        (b"<rsl", "not well-formed"),
        (b"<rsl/>", "its root is <rsl>"),
        (b"<html><body/></html>", "its root is <html>"),
        (rsl(""), "it holds no <content>"),
        (b"<!DOCTYPE rsl>" + rsl('<content url="/"/>'), "DOCTYPE"),
        (b'<!DOCTYPE rsl [<!ENTITY a "b">]>' + rsl('<content url="/"><license>&a;</license></content>'), "DOCTYPE"),
        (b'<!DOCTYPE rsl SYSTEM "file:///etc/hostname">' + rsl('<content url="/"/>'), "DOCTYPE"),
        (b" " * (SIZE_MAX + 1), "at most"),
        (rsl("<a>" * 300 + "</a>" * 300), "not well-formed"),
    ],
)
def test_what_is_no_licence_file_is_not_read(data: bytes, says: str) -> None:
    document, warnings = read_rsl(data)
    assert document is None
    assert says in warnings[-1]
    assert all(len(line.splitlines()) == 1 for line in warnings)


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **named: object) -> None:
        pytest.fail(f"it tried to connect: {args}")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for system in ("http://127.0.0.1:9/x.dtd", "file:///etc/hostname"):
        bomb = f'<!DOCTYPE rsl [<!ENTITY % p SYSTEM "{system}"> %p; <!ENTITY e SYSTEM "{system}">]>'
        document, _ = read_rsl(bomb.encode() + rsl('<content url="/"><license>&e;</license></content>'))
        assert document is None


def test_counts_are_bounded() -> None:
    many = '<content url="/"><license/></content>' * (CONTENTS_MAX + 5)
    document, warnings = read_rsl(rsl(many))
    assert document is not None
    assert len(document.contents) == CONTENTS_MAX
    assert "left out" in warnings[-1]
    tokens = " ".join(f"x:{number}" for number in range(1_000))
    found, _ = licence(f'<permits type="usage">{tokens}</permits>' + "".join(f"<n{n}/>" for n in range(1_000)))
    assert len(found.permits[0].tokens) == PARTS_MAX
    assert len(found.unread) <= PARTS_MAX


def test_items_of_a_feed_hold_contents() -> None:
    """In RSS, every element of RSL has a prefix, and contents stand in the item itself."""
    feed = etree.fromstring(
        f'<rss xmlns:rsl="{NAMESPACE}"><channel><item><title>A</title><rsl:content url="https://x.example/a">'
        '<rsl:license><rsl:prohibits type="usage">ai-all</rsl:prohibits></rsl:license></rsl:content></item>'
        "<item><title>B</title></item></channel></rss>"
    )
    first, second = feed.findall(".//item")
    licence = RslLicense(prohibits=(RslTerms(kind="usage", tokens=("ai-all",)),))
    content = RslContent(url="https://x.example/a", licenses=(licence,))
    assert rsl_of(first) == (RslDocument(contents=(content,)), ())
    assert rsl_of(second) == (None, ())


@settings(max_examples=80, deadline=None)
@given(st.one_of(st.binary(max_size=100), st.text("<>/=\"' abcontelisrpm:&;", max_size=80).map(str.encode)))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for tried in (data, rsl("").replace(b"></rsl>", b">" + data + b"</rsl>")):
        document, warnings = read_rsl(tried)
        assert document is not None or warnings
