"""What a home page says of rights is heard, and only tightens."""

from __future__ import annotations

import pytest

from tests.service.evidence.publisher import Told, a_page, rsl

BARS = '<rsl xmlns="https://rslstandard.org/rsl"><content url="/"><license><prohibits type="usage">all</prohibits>'
INLINE = f'<script type="application/rsl+xml">{BARS}</license></content></rsl></script>'
CC = '<a rel="license" href="http://creativecommons.org/licenses/by-nc-nd/4.0/deed.de">Licence</a>'
LINKED = '<script type="application/ld+json">{"@type": "WebSite", "license": "https://creativecommons.org/licenses/by/4.0/"}</script>'


@pytest.mark.parametrize(
    ("head", "outcome", "limits"),
    [
        ("", "allow", ()),
        ('<meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="/p">', "allow", ("no-ai",)),
        ('<meta name="tdm-reservation" content="0">', "allow", ()),
        ('<meta name="robots" content="index, noai">', "allow", ("no-ai",)),
        ('<meta name="Content-Usage" content="train-ai=n">', "allow", ("no-ai",)),
        (INLINE, "ask", ()),
        ('<link rel="license" type="application/rsl+xml" href="/rsl.xml">', "ask", ()),
        ('<link rel="license" href="/our-own-terms">', "allow", ()),
    ],
)
async def test_what_the_home_page_says_only_tightens(
    paged: Told, head: str, outcome: str, limits: tuple[str, ...]
) -> None:
    paged.origin.serve("/", a_page(head))
    paged.origin.serve("/rsl.xml", rsl())
    await paged.look()
    assert (await paged.outcome())[:2] == (outcome, limits)


@pytest.mark.parametrize("head", [CC, LINKED])
async def test_a_licence_that_the_home_page_names_binds_what_the_policy_does_not_name(paged: Told, head: str) -> None:
    """It adds the licence's own duties and limits; it never loosens."""
    paged.origin.serve("/", a_page(head))
    await paged.look()
    assert (await paged.rows())["page"].words.stated
    found = await paged.outcome()
    assert found[0] in {"allow", "ask"}


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ('<meta name="tdm-reservation" content="perhaps">', "tdm-reservation: 'perhaps' is not understood"),
        ('<script type="application/rsl+xml"><rsl></script>', "not read"),
        ('<link rel="license" href="/our-own-terms">', "is no licence that is known"),
        ('<script type="application/ld+json">{</script>', "is not JSON"),
        ('<link rel="license" type="text/turtle" href="/p.ttl">', "/p.ttl: answered 404"),
    ],
)
async def test_what_a_page_says_wrongly_is_named_and_ignored(paged: Told, head: str, says: str) -> None:
    paged.origin.serve("/", a_page(head))
    (report,) = await paged.look()
    assert says in "; ".join(report.warnings)
    assert (await paged.outcome())[:2] == ("allow", ())
