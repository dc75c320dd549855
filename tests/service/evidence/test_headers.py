"""What headers of answers say of rights is heard."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.service.evidence.publisher import DAY, NOW, ROBOTS, TDMREP, Told, a_feed, notices
from tests.story.origin import Origin

BY_NC_ND = '<https://creativecommons.org/licenses/by-nc-nd/4.0/>; rel="license"'
DATED = "unavailable_after: Sunday, 25 Jun 2028 15:00:00 PST"
HEADERS = [
    ({"TDM_Reservation": "1", "TDM_Policy": "/p"}, ("no-ai",), "no-ai", "tdm-reservation", "tdm-reservation=1"),
    ({"tdm_reservation": "0"}, (), "machine", "tdm-reservation", "tdm-reservation=0"),
    ({"tdm_reservation": "0, 1"}, ("no-ai",), "no-ai", "tdm-reservation", "tdm-reservation=1"),
    ({"Content_Usage": "search=y, train-ai=n;x=1"}, ("no-ai",), "no-ai", "Content-Usage", "train-ai=n"),
    ({"Content_Usage": "train-ai=y"}, (), "machine", "Content-Usage", "train-ai=y"),
    ({"X_Robots_Tag": "noindex, NoAI"}, ("no-ai",), "no-ai", "X-Robots-Tag", "noai"),
    ({"X_Robots_Tag": "anybot: noimageai"}, ("no-ai",), "no-ai", "X-Robots-Tag", "noimageai"),
    ({"X_Robots_Tag": DATED}, (), "machine", "X-Robots-Tag", DATED),
    ({"X_Robots_Tag": f"{DATED}, noai"}, ("no-ai",), "no-ai", "X-Robots-Tag", "noai"),
]


@pytest.mark.parametrize(("sent", "limits", "kind", "name", "said"), HEADERS)
async def test_the_header_of_the_feeds_answer_is_heard(
    told: Told, sent: dict[str, str], limits: tuple[str, ...], kind: str, name: str, said: str
) -> None:
    told.origin.serve("/feed", a_feed(told.origin.url("/story/1")), **sent)  # the same bytes under another header
    await told.open.poll()
    assert (await told.outcome())[:2] == ("allow", limits), "it acts before anybody looks at the site"
    (report,) = await told.look()
    assert report.speaking == 1
    assert (await told.outcome())[:2] == ("allow", limits)
    assert f"{kind} (feed, HTTP header {name} in {told.origin.url('/feed')}): {said}" in await notices(told)
    told.origin.serve("/feed", a_feed(told.origin.url("/story/1")))
    await told.open.poll()
    assert (await told.outcome())[:2] == ("allow", ())
    await told.look(NOW + DAY)
    assert (await told.outcome())[:2] == ("allow", ())


@pytest.mark.parametrize(("path", "body"), [(ROBOTS, b"User-agent: *"), (TDMREP, b"[]"), ("/", b"<p>Hello.</p>")])
@pytest.mark.parametrize(("sent", "limits", "kind", "name", "said"), HEADERS[:1] + HEADERS[3:4] + HEADERS[5:6])
async def test_the_header_of_a_document_of_the_site_is_heard(
    paged: Told,
    path: str,
    body: bytes,
    sent: dict[str, str],
    limits: tuple[str, ...],
    kind: str,
    name: str,
    said: str,
) -> None:
    paged.origin.serve(path, body, **sent)
    await paged.look()
    assert (await paged.outcome())[:2] == ("allow", limits)
    assert f"{kind} (site, HTTP header {name} in {paged.origin.url(path)}): {said}" in await notices(paged)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"tdm_reservation": "perhaps"}, "HTTP header tdm-reservation: 'perhaps' is not understood"),
        ({"Content_Usage": "train-ai=(n"}, "HTTP header Content-Usage: 'train-ai=(n' is not understood"),
        ({"Content_Usage": '"n"'}, "HTTP header Content-Usage: '\"n\"' is not understood"),
        ({"X_Robots_Tag": "no-ai"}, "HTTP header X-Robots-Tag: 'no-ai' is not understood"),
        ({"tdm_policy": "mailto:desk@herald.example"}, "HTTP header tdm-policy: 'mailto:desk@herald.example' is not"),
        ({"Link": '</terms>; rel="license"'}, "/terms' is no licence that is known"),
    ],
)
async def test_a_header_that_is_not_understood_is_named_once_and_permits_nothing(
    told: Told, sent: dict[str, str], says: str
) -> None:
    told.origin.serve("/feed", a_feed(told.origin.url("/story/1"), "<category>new</category>"), **sent)
    await told.open.poll()
    (report,) = await told.look()
    assert says in "; ".join(report.warnings)
    assert report.speaking == 0
    assert (await told.outcome())[:2] == ("allow", ())
    (report,) = await told.look(NOW + DAY)
    assert report.warnings == ()


@pytest.mark.parametrize("where", ["/feed", ROBOTS])
async def test_a_licence_in_a_header_binds_and_a_looser_one_beside_it_takes_nothing_back(
    told: Told, where: str
) -> None:
    bodies = {"/feed": a_feed(told.origin.url("/story/1")), ROBOTS: b"User-agent: *"}
    told.origin.serve(where, bodies[where], Link=BY_NC_ND)
    await told.open.poll()
    await told.look()
    bound = await told.outcome()
    assert bound[:2] != ("allow", ())
    (other,) = set(bodies) - {where}
    told.origin.serve(other, bodies[other], Link=BY_NC_ND.replace("by-nc-nd", "by"))
    await told.open.poll()
    await told.look(NOW + DAY)
    assert (await told.rows())["feed"].words is not None
    now = await told.outcome()
    assert now[0] == bound[0]
    assert set(bound[1]) <= set(now[1])


async def test_an_answer_without_news_costs_nothing_and_keeps_what_was_said(told: Told) -> None:
    told.origin.serve("/feed", a_feed(told.origin.url("/story/1")), ETag='"1"', X_Robots_Tag="noai")
    await told.open.poll()
    told.origin.serve("/feed", b"", 304, X_Robots_Tag="all")
    await told.open.poll()
    await told.look()
    assert (await told.outcome())[:2] == ("allow", ("no-ai",))


async def test_a_header_of_another_server_does_not_speak_for_the_site(told: Told, tmp_path: Path) -> None:
    with Origin().running() as other:
        other.serve(ROBOTS, b"User-agent: *", X_Robots_Tag="noai")
        told.origin.serve(ROBOTS, b"", 302, Location=other.url(ROBOTS))
        (report,) = await told.look()
    assert (report.speaking, report.warnings) == (0, ())
