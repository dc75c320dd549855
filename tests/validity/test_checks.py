"""The checks themselves: each planted fault is found, by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.validity.checks import CHECKS
from tests.validity.test_samples import BASE, exported

__all__ = ["exported"]

FAULTS = {
    "atom": [
        (b'rel="self"', b'rel="related"', "MissingSelf"),
        (b"/feeds/community.atom", b"/feeds/other.atom", "SelfDoesntMatchLocation"),
        (b'rel="via"', b'rel="origin"', "UnregisteredAtomLinkRel"),
        (b"<updated>2026", b"<updated>1969", "ImplausibleDate"),
        (b"Z</published>", b"</published>", "InvalidDate"),
        (b"<author><name>", b"<author><name> </name></author><author><name>", "NotBlank"),
        (b"<title>", b"<title>&lt;b&gt;", "ContainsHTML"),
        (b"<rights>", b"<rights>a</rights><rights>", "DuplicateElement: rights"),
        (b'<content type="html">', b'<content type="html">&lt;script&gt;&lt;/script&gt;', "SecurityRisk"),
        (b'<content type="html">', b'<content type="html">&lt;/b&gt;', "NotHtml"),
        (b'<content type="html">', b'<content type="html">\xc2\x85', "BadCharacters"),
        (b'href="https://', b'href="/', "not absolute"),
        (b"xmlns:dc=", b"xmlns:dublin=", None),
        (b"<title>", b"<title>1&amp;2 ", "ContainsHTML: &2"),
        (b"<author><name>", b"<author><name>Ann &lt;a@b.example&gt; ", "ContainsEmail"),
        (b'rel="via" href="https://', 'rel="via" href="https://é'.encode(), "InvalidFullLink"),
    ],
    "rss": [
        (b"<guid", b"<author>Ann Lee</author><guid", "DuplicateItemSemantics"),
        (b"Sun, 22", b"Mon, 22", "IncorrectDOW"),
        (b" 2026 ", b" 26 ", "InvalidDate"),
        (b" GMT</pubDate>", b" CET</pubDate>", "InvalidDate"),
        (b'isPermaLink="false"', b"", "InvalidHttpGUID"),
        (b'rel="self"', b'rel="related"', "MissingAtomSelfLink"),
        (b"src=\"https://", b"src=\"/", "ContainsRelRef"),
        (b"<description>&lt;p&gt;", b"<description>&lt;p style=\"color:red\"&gt;", "SecurityRiskAttr: style"),
        (b"<docs>", b"<colour/><docs>", "UndefinedElement"),
        (b"<title>", b"<title>1&amp;2 ", "ContainsHTML: &2"),
        (b"<title>", b"<title>this &amp;not that ", "ContainsHTML: &not"),
        (b"<link>https://", b"<link>https://[]", "InvalidFullLink"),
        (b'<source url="https://', '<source url="https://é'.encode(), "InvalidFullLink"),
    ],
    "json": [
        (b'version/1.1"', b'version/1"', "version"),
        (b'"id":"', b'"id":null,"guid":"', "id is missing"),
        (b'"tags":["', b'"tags":"', None),
        (b'"title":"', b'"title":"&amp;', "ContainsHTML"),
        (b"Z\",\"date_modified", b"\",\"date_modified", "InvalidDate"),
    ],
    "html": [
        (b"</main>", b"", "NotHtml"),
        (b"<h1", b"<h1>Again</h1><h1", "2 h1"),
        (b'id="entries"', b'id="other"', "a link to nowhere"),
        (b"<footer>", b"<script>1</script><footer>", "SecurityRisk"),
        (b"<footer>", b"<footer onclick=\"1\">", "SecurityRiskAttr"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("format_", "old", "new", "name"), [(f, *fault) for f, faults in FAULTS.items() for fault in faults]
)
def test_a_planted_fault_is_found(format_: str, old: bytes, new: bytes, name: str | None, exported: Path):
    body = (exported / f"community.{format_}").read_bytes()
    assert old in body
    try:
        problems = CHECKS[format_](body.replace(old, new), f"{BASE}/feeds/community.{format_}")
    except (ValueError, SyntaxError):  # no longer XML or JSON at all
        assert name is None
        return
    assert name is not None
    assert any(name in problem for problem in problems), problems[:5]
