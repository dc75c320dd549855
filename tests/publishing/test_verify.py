"""A proof that cannot fail proves nothing: each duty is broken in the bytes, and the proof must say which."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.errors import RenderError
from aggregator.model.entry import Component, ComponentKind
from aggregator.model.output import Format
from aggregator.model.policy import Duty, DutyName, LimitName
from aggregator.model.use import Form
from aggregator.publishing import atom, jsonfeed, rss
from aggregator.publishing.frame import Frame
from aggregator.publishing.item import EntryRefused, Item, Measure
from aggregator.publishing.verify import Verifier, verify_fragment
from aggregator.publishing.verify_document import verify_around, verify_document, verify_ids
from tests.publishing.build_items import (
    GLOBAL_RESEARCH,
    IMAGE,
    LINK,
    RIVER,
    RT,
    a_content,
    a_duty,
    a_head,
    a_limit,
    an_entry,
    an_item,
)

FRAGMENT: dict[Format, Callable[[Item], bytes]] = {
    Format.RSS: rss.fragment,
    Format.ATOM: atom.fragment,
    Format.JSON: jsonfeed.fragment,
    Format.HTML: RIVER.fragment,
}
DOCUMENT = {
    Format.RSS: rss.document,
    Format.ATOM: atom.document,
    Format.JSON: jsonfeed.document,
    Format.HTML: RIVER.document,
}
FRAME = {
    Format.RSS: rss.frame,
    Format.ATOM: atom.frame,
    Format.JSON: jsonfeed.frame,
    Format.HTML: RIVER.frame,
}
ALL = list(FRAGMENT)  # a digest is put together from other pieces: see test_digest.py
LOGO = "https://globalresearch.example/logo.png"
PIXEL = "https://count.example/p.gif"
LICENCE = "https://creativecommons.org/licenses/by-nc-nd/4.0/"

# (duty, the part of the item's HTML without which it is not discharged)
DUTIES: list[tuple[Duty, str]] = [
    (a_duty(DutyName.CREDIT_LINE, text="Printed by leave of Global Research.", slot="top"), "by leave of"),
    (a_duty(DutyName.CREDIT_LINE, text="Printed by leave of the owner.", slot="head"), "by leave of"),
    (a_duty(DutyName.CREDIT_LINE, text="Printed by leave of the owner.", slot="byline"), "by leave of"),
    (a_duty(DutyName.CREDIT_LINE, text="Printed by leave of the owner."), "by leave of"),
    (a_duty(DutyName.END_NOTE, text="Opinions are the author's."), "Opinions are"),
    (a_duty(DutyName.COPYRIGHT_NOTICE), "Copyright ©"),
    (a_duty(DutyName.LICENCE_NOTICE, licence="CC-BY-NC-ND-4.0"), f'href="{LICENCE}"'),
    (a_duty(DutyName.SHARE_ALIKE, url=LICENCE), f'href="{LICENCE}"'),
    (a_duty(DutyName.TRACKER, url=PIXEL), f'src="{PIXEL}"'),
    (a_duty(DutyName.LOGO, url=LOGO), f'src="{LOGO}"'),
    (a_duty(DutyName.LINK_ORIGINAL), 'href="https://globalresearch.example/aleppo"'),
    (a_duty(DutyName.LINK_ORIGINAL, target="home"), 'href="https://globalresearch.example/"'),
    (a_duty(DutyName.KEEP_LINKS), f'href="{LINK}"'),
    (a_duty(DutyName.CREDIT_AUTHOR), "Lizzie Phelan"),
    (a_duty(DutyName.CREDIT_SOURCE), "Global Research"),
]
IDS = [f"{duty.name.value}-{number}" for number, (duty, _) in enumerate(DUTIES)]


def broken(item: Item, part: str) -> Item:
    """The item as a writer with a fault would see it: that part of the text is gone."""
    assert part in item.html
    damaged = part.replace("https://", "https://not.") if "https://" in part else part[0] + "?" + part[2:]
    return replace(item, html=item.html.replace(part, damaged))


@pytest.mark.parametrize("format_", ALL)
@pytest.mark.parametrize(("duty", "part"), DUTIES, ids=IDS)
def test_a_duty_that_is_not_in_the_bytes_is_missed(format_: Format, duty: Duty, part: str) -> None:
    item = an_item(duty)
    verify_fragment(format_, FRAGMENT[format_](item), item)
    with pytest.raises(EntryRefused) as caught:
        verify_fragment(format_, FRAGMENT[format_](broken(item, part)), item)
    assert (caught.value.entry, caught.value.format, caught.value.duty) == (item.key, format_, duty.name)


def said(verify: Callable[[Format, bytes], None], format_: Format, fragment: bytes) -> str | None:
    """Why a proof refuses an entry's bytes; None: it takes them."""
    try:
        verify(format_, fragment)
    except EntryRefused as error:
        return str(error)
    return None


@pytest.mark.parametrize("last", ALL)
@pytest.mark.parametrize(("duty", "part"), DUTIES, ids=IDS)
def test_a_duty_that_one_format_alone_has_lost_is_missed(last: Format, duty: Duty, part: str) -> None:
    """However many formats of the same entry were in order before it."""
    item = an_item(duty)
    verifier = Verifier(item, RIVER.style)
    for format_ in ALL:
        verifier.verify(format_, FRAGMENT[format_](item))
    with pytest.raises(EntryRefused) as caught:
        verifier.verify(last, FRAGMENT[last](broken(item, part)))
    assert (caught.value.format, caught.value.duty) == (last, duty.name)


OWING = an_item(*[duty for duty, part in DUTIES[3:7]], DUTIES[10][0], *[duty for duty, part in DUTIES[12:]])


@given(
    order=st.permutations(ALL),
    spoiled=st.sampled_from(ALL),
    at=st.floats(0, 1, exclude_max=True),
    instead=st.sampled_from([b"", b"?", b" ", b"<", b"&amp;", b"x" * 9]),
    length=st.integers(1, 60),
)
@example(order=ALL, spoiled=Format.JSON, at=0.5, instead=b"?", length=20)
def test_formats_proved_together_are_held_to_what_each_is_alone(
    order: list[Format], spoiled: Format, at: float, instead: bytes, length: int
) -> None:
    """What was found in one format is not looked for again in another: only where it was read to the very same."""
    fragments = {format_: FRAGMENT[format_](OWING) for format_ in ALL}
    whole = fragments[spoiled]
    start = int(at * len(whole))
    fragments[spoiled] = whole[:start] + instead + whole[start + length :]
    verifier = Verifier(OWING, RIVER.style)
    together = [said(verifier.verify, format_, fragments[format_]) for format_ in order]
    alone = [said(Verifier(OWING, RIVER.style).verify, format_, fragments[format_]) for format_ in order]
    assert together == alone


@pytest.mark.parametrize("format_", ALL)
@pytest.mark.parametrize("duty", [duty for duty, part in DUTIES if duty.params], ids=lambda duty: duty.name.value)
def test_the_error_names_the_duty(format_: Format, duty: Duty) -> None:
    """Written for the duties with words or addresses of their own, which nothing else looks for."""
    item = an_item()
    owing = replace(item, duties=(duty,), duty_hops=(1,), home="https://globalresearch.example/")
    with pytest.raises(EntryRefused) as caught:
        verify_fragment(format_, FRAGMENT[format_](item), owing)
    assert caught.value.duty == duty.name


@pytest.mark.parametrize("format_", ALL)
@pytest.mark.parametrize("hop", [RT, GLOBAL_RESEARCH], ids=lambda hop: hop.name)
def test_every_hop_is_credited_whoever_asks_for_it(format_: Format, hop: object) -> None:
    item = an_item()
    name = hop.name
    with pytest.raises(EntryRefused, match=f"'{name}' is not credited"):
        verify_fragment(format_, FRAGMENT[format_](replace(item, html=item.html.replace(name, "Somebody"))), item)


@pytest.mark.parametrize("format_", [Format.RSS, Format.ATOM, Format.JSON])
@pytest.mark.parametrize(
    "loss",
    [
        {"notices": ("© Nobody",)},
        {"licences": ()},
        {"url": "https://elsewhere.example/"},
        {"title": "Another title"},
        {"id": "other", "atom_id": "urn:example:other"},
    ],
    ids=lambda loss: next(iter(loss)),
)
def test_what_a_program_reads_is_proved_too(format_: Format, loss: dict[str, object]) -> None:
    item = an_item(a_duty(DutyName.LICENCE_NOTICE, licence="CC-BY-4.0"))
    with pytest.raises(EntryRefused):
        verify_fragment(format_, FRAGMENT[format_](replace(item, **loss)), item)


@pytest.mark.parametrize("format_", [Format.RSS, Format.ATOM, Format.JSON])
def test_the_feed_of_origin_and_the_canonical_link_are_looked_for(format_: Format) -> None:
    item = an_item(a_duty(DutyName.CANONICAL_OR_NOINDEX))
    other_feed = replace(item, feed_of_origin=replace(item.feed_of_origin, title="Mine"))
    for lossy in (other_feed, replace(item, canonical="https://elsewhere.example/")):
        with pytest.raises(EntryRefused):
            verify_fragment(format_, FRAGMENT[format_](lossy), item)


@pytest.mark.parametrize("format_", ALL)
def test_a_component_that_is_not_allowed_is_found_wherever_it_is_left(format_: Format) -> None:
    item = an_item(removed=(IMAGE,))
    assert IMAGE not in item.html
    left = replace(item, html=item.html + f'<p><img src="{IMAGE}" alt=""></p>')
    enclosed = replace(item, enclosures=(Component(kind=ComponentKind.IMAGE, url=IMAGE, enclosed=True),))
    linked = replace(item, html=item.html + f'<p><a href="{IMAGE}">picture</a></p>')
    for lossy in (left, enclosed, linked):
        with pytest.raises(EntryRefused, match="must be removed"):
            verify_fragment(format_, FRAGMENT[format_](lossy), item)


@pytest.mark.parametrize("format_", ALL)
def test_a_headline_holds_nothing_but_title_link_and_credit(format_: Format) -> None:
    item = an_item(form=Form.HEADLINE)
    verify_fragment(format_, FRAGMENT[format_](item), item)
    with pytest.raises(EntryRefused, match="headline"):
        verify_fragment(format_, FRAGMENT[format_](replace(item, html=f"<p>Text</p>{item.html}")), item)
    enclosure = Component(kind=ComponentKind.MEDIA, url="https://a.example/a.mp3", enclosed=True)
    with pytest.raises(EntryRefused, match="headline"):
        verify_fragment(format_, FRAGMENT[format_](replace(item, enclosures=(enclosure,))), item)


@pytest.mark.parametrize("format_", ALL)
@pytest.mark.parametrize(
    "measure", [Measure(words=2), Measure(chars=12), Measure(paragraphs=0)], ids=["words", "chars", "paragraphs"]
)
def test_an_excerpt_that_is_too_long_is_refused(format_: Format, measure: Measure) -> None:
    item = an_item(form=Form.EXCERPT, limits=(a_limit(3, "words"),))
    verify_fragment(format_, FRAGMENT[format_](item), item)
    with pytest.raises(EntryRefused, match="are allowed"):
        verify_fragment(format_, FRAGMENT[format_](item), replace(item, measure=measure))


@pytest.mark.parametrize("format_", ALL)
def test_text_beside_an_excerpt_is_refused(format_: Format) -> None:
    item = an_item(form=Form.EXCERPT)
    with pytest.raises(EntryRefused, match="beside its excerpt"):
        verify_fragment(format_, FRAGMENT[format_](replace(item, html=f"<p>More text</p>{item.html}")), item)
    unmarked = replace(item, html=item.html.replace("republished-excerpt", "something"))
    with pytest.raises(EntryRefused, match="cannot be found"):
        verify_fragment(format_, FRAGMENT[format_](unmarked), item)


def test_what_was_changed_is_labelled() -> None:
    item = an_item(a_duty(DutyName.LABEL_CHANGES), form=Form.EXCERPT)
    assert "Shortened by Riverside Community News." in item.html
    with pytest.raises(EntryRefused, match="label-changes"):
        verify_fragment(Format.RSS, rss.fragment(broken(item, "Shortened")), replace(item, credit=broken_credit(item)))
    with pytest.raises(EntryRefused, match="what was changed is not said"):
        verify_fragment(Format.RSS, rss.fragment(item), replace(item, changes=()))


def broken_credit(item: Item) -> object:
    return replace(item.credit, end=item.credit.end.replace("Shortened", "S?ortened"))


def test_a_picture_that_stays_is_credited_where_a_duty_asks_for_it() -> None:
    duty = replace(a_duty(DutyName.CREDIT_AUTHOR), components=frozenset({"image"}))
    picture = Component(kind=ComponentKind.IMAGE, url=IMAGE, credit="Jo Doe / Agency")
    item = an_item(duty, entry=an_entry(components=(picture,)), content=a_content())
    assert "Jo Doe / Agency" in item.html
    with pytest.raises(EntryRefused, match="credit-author"):
        verify_fragment(Format.JSON, jsonfeed.fragment(broken(item, "Jo Doe")), item)


@pytest.mark.parametrize("format_", ALL)
@pytest.mark.parametrize(
    "active",
    [
        "<script>alert(1)</script>",
        '<p onclick="alert(1)">x</p>',
        '<a href="javascript:alert(1)">x</a>',
        '<a href="/relative">x</a>',
        '<p style="position:fixed">x</p>',
        '<iframe src="https://a.example/"></iframe>',
        '<svg><animate onbegin="alert(1)"></animate></svg>',
        '<form action="https://a.example/"><button>x</button></form>',
        '<img src="data:image/png;base64,AA==">',
        '<p id="e-0123456789abcdef">x</p>',
    ],
)
def test_nothing_active_or_deceptive_goes_out(format_: Format, active: str) -> None:
    item = an_item()
    with pytest.raises(EntryRefused):
        verify_fragment(format_, FRAGMENT[format_](replace(item, html=item.html + active)), item)


@pytest.mark.parametrize("format_", ALL)
@pytest.mark.parametrize("damage", [b"", b"<", b"{", b"\xff\xfe", b"<item><item></item></item>", b"\x00"])
def test_bytes_that_are_no_entry_are_refused_and_not_a_crash(format_: Format, damage: bytes) -> None:
    with pytest.raises(EntryRefused):
        verify_fragment(format_, damage, an_item())


@pytest.mark.parametrize("format_", ALL)
def test_a_document_holds_exactly_its_entries_in_order(format_: Format) -> None:
    first, second = an_item(), an_item(entry=an_entry(id="urn:example:2"))
    ids = [first.id_in(format_), second.id_in(format_)]
    fragments = [FRAGMENT[format_](first), FRAGMENT[format_](second)]
    body = DOCUMENT[format_](a_head(), fragments)
    verify_document(format_, body, ids)
    for wrong in (ids[::-1], ids[:1], [*ids, "urn:example:3"], []):
        with pytest.raises(RenderError, match="other entries"):
            verify_document(format_, body, wrong)
    with pytest.raises(RenderError, match="twice"):
        verify_document(format_, DOCUMENT[format_](a_head(), [fragments[0]] * 2), ids[:1] * 2)


@pytest.mark.parametrize("format_", [Format.RSS, Format.ATOM, Format.JSON])
def test_a_broken_document_is_refused(format_: Format) -> None:
    item = an_item()
    body = DOCUMENT[format_](a_head(), [FRAGMENT[format_](item)])
    for damage in (body[:-3], body.replace(b"Aleppo", b"\x0b"), b"", b"null", b"[]"):
        with pytest.raises(RenderError):
            verify_document(format_, damage, [item.id_in(format_)])


def test_a_page_that_search_engines_may_index_or_that_runs_script_is_refused() -> None:
    item = an_item()
    body = RIVER.document(a_head(), [RIVER.fragment(item)])
    with pytest.raises(RenderError, match="search engines"):
        verify_document(Format.HTML, body.replace(b"noindex", b"index"), [item.anchor])
    with pytest.raises(RenderError, match="script"):
        verify_document(Format.HTML, body.replace(b"</body>", b"<script>1</script></body>"), [item.anchor])


def test_a_requested_duty_is_proved_once_it_was_done_and_never_holds_an_entry() -> None:
    wish = replace(a_duty(DutyName.LOGO, url=LOGO), requested=True)
    done = an_item(wish)
    assert "logo" in done.discharges
    with pytest.raises(EntryRefused, match="logo"):
        verify_fragment(Format.JSON, jsonfeed.fragment(broken(done, f'src="{LOGO}"')), done)
    skipped = an_item(wish, form=Form.HEADLINE)
    assert "logo" not in skipped.discharges
    verify_fragment(Format.JSON, jsonfeed.fragment(skipped), skipped)


def test_one_of_several_alternatives_is_enough() -> None:
    choice = Duty(
        name=DutyName.OTHER,
        any_of=(a_duty(DutyName.OTHER, text="call us"), a_duty(DutyName.CREDIT_LINE, text="By leave of the owner.")),
    )
    item = an_item(choice)
    assert item.discharges == ("credit-line",)
    verify_fragment(Format.ATOM, atom.fragment(item), item)
    with pytest.raises(EntryRefused):
        verify_fragment(Format.ATOM, atom.fragment(broken(item, "By leave")), item)


def test_every_duty_has_a_proof_or_is_kept_elsewhere() -> None:
    from aggregator.publishing.duties import _HOW, ELSEWHERE
    from aggregator.publishing.verify import _PROOFS

    assert set(_PROOFS) | ELSEWHERE == set(DutyName)
    assert set(_HOW) | ELSEWHERE == set(DutyName)
    assert LimitName.EXCERPT_MAX in LimitName


def test_json_with_characters_that_xml_forbids_is_refused() -> None:
    item = an_item()
    entry = orjson.loads(jsonfeed.fragment(item)) | {"tags": ["a\x0bb"]}
    with pytest.raises(EntryRefused, match="XML forbids"):
        verify_fragment(Format.JSON, orjson.dumps(entry), item)


@pytest.mark.parametrize("format_", ALL)
def test_a_link_that_stands_twice_is_kept_twice_and_one_in_an_excerpt_too(format_: Format) -> None:
    link = f'<a href="{LINK}">one</a>'
    content = a_content(body=f"<p>{link} and {link} {'word ' * 20}</p>", summary=None)
    for form in (Form.FULL, Form.EXCERPT):
        item = an_item(a_duty(DutyName.KEEP_LINKS), content=content, form=form)
        assert item.links == (LINK, LINK)
        with pytest.raises(EntryRefused, match="keep-links"):
            verify_fragment(format_, FRAGMENT[format_](replace(item, html=item.html.replace(link, "one", 1))), item)


@pytest.mark.parametrize("format_", [Format.RSS, Format.ATOM])
def test_ids_are_read_as_they_were_meant_and_an_entry_without_one_is_noticed(format_: Format) -> None:
    odd = an_item(entry=an_entry(id='a & b <item> "]]>\r\n'))
    body = DOCUMENT[format_](a_head(), [FRAGMENT[format_](odd)])
    verify_document(format_, body, [odd.id_in(format_)])
    lost = re.sub(rb"<(guid|id)[^>]*>(?!https://news)[^<]*</\1>", b"", body)
    with pytest.raises(RenderError, match="without an id"):
        verify_document(format_, lost, [])


@pytest.mark.parametrize("format_", [Format.RSS, Format.ATOM])
def test_a_prefix_that_is_bound_to_nothing_is_no_document(format_: Format) -> None:
    item = an_item()
    body = DOCUMENT[format_](a_head(), [FRAGMENT[format_](item)]).replace(b"xmlns:dcterms", b"xmlns:other")
    with pytest.raises(RenderError, match="cannot be read"):
        verify_document(format_, body, [item.id_in(format_)])


def verify_frame(format_: Format, frame: Frame, ids: Sequence[str]) -> None:
    verify_ids(format_, ids, verify_around(format_, frame, holds=bool(ids)))


@pytest.mark.parametrize("format_", ALL)
def test_a_document_in_pieces_is_held_to_the_same(format_: Format) -> None:
    first, second = an_item(), an_item(entry=an_entry(id="urn:example:2"))
    ids = [first.id_in(format_), second.id_in(format_)]
    fragments = [FRAGMENT[format_](first), FRAGMENT[format_](second)]
    frame = FRAME[format_](a_head(), 2)
    verify_frame(format_, frame, ids)
    verify_document(format_, frame.around(fragments), ids)
    verify_frame(format_, FRAME[format_](a_head(), 0), [])
    verify_document(format_, FRAME[format_](a_head(), 0).around([]), [])
    with pytest.raises(RenderError, match="twice"):
        verify_frame(format_, frame, ids[:1] * 2)
    third = FRAGMENT[format_](an_item(entry=an_entry(id="urn:example:3")))
    before, after = frame.opening + third + frame.between, frame.between + third + frame.closing
    for around in (frame._replace(opening=before), frame._replace(closing=after)):
        with pytest.raises(RenderError, match=r"other entries|cannot be read|where entries belong"):
            verify_frame(format_, around, ids)


@pytest.mark.parametrize("format_", ALL)
def test_entries_stand_within_what_holds_them(format_: Format) -> None:
    """Not before it, not after it, and not run together."""
    item = an_item()
    frame = FRAME[format_](a_head(), 1)
    whole = frame.opening + frame.closing
    for wrong in (Frame(b"", frame.between, whole), Frame(whole, frame.between, b""), frame._replace(between=b"")):
        with pytest.raises(RenderError, match="where entries belong"):
            verify_frame(format_, wrong, [item.id_in(format_)])


@pytest.mark.parametrize("format_", [Format.RSS, Format.ATOM, Format.JSON])
def test_what_stands_around_the_entries_is_read_again(format_: Format) -> None:
    ids = [an_item().id_in(format_)]
    frame = FRAME[format_](a_head(), 1)
    for damage in (
        frame._replace(closing=frame.closing[:-3]),
        frame._replace(opening=frame.opening + b"<"),
        frame._replace(closing=b"\x0b" + frame.closing),
        frame._replace(opening=b""),
    ):
        with pytest.raises(RenderError):
            verify_frame(format_, damage, ids)
    if format_ is not Format.JSON:
        root = frame._replace(opening=frame.opening.replace(b"xmlns:dcterms", b"xmlns:other"))
        with pytest.raises(RenderError, match="not the one"):
            verify_frame(format_, root, ids)


def test_a_page_in_pieces_keeps_search_engines_out_and_runs_nothing() -> None:
    item = an_item()
    frame = RIVER.frame(a_head(), 1)
    with pytest.raises(RenderError, match="search engines"):
        verify_frame(Format.HTML, frame._replace(opening=frame.opening.replace(b"noindex", b"index")), [item.anchor])
    script = frame.closing.replace(b"</body>", b"<script>1</script></body>")
    with pytest.raises(RenderError, match="script"):
        verify_frame(Format.HTML, frame._replace(closing=script), [item.anchor])
