"""A document's Link header names a licence only where that is true of every entry in it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aggregator.model.entry import Level, Notice, NoticeKind
from aggregator.model.output import Format
from aggregator.model.policy import DutyName
from aggregator.publishing import atom, jsonfeed, rss
from aggregator.publishing.item import Licence
from aggregator.publishing.licence import common_licence
from tests.publishing.build_items import a_duty, a_head, an_entry, an_item

BY = Licence(name="CC BY 4.0", url="https://creativecommons.org/licenses/by/4.0/")
ND = Licence(name="CC BY-ND 4.0", url="https://creativecommons.org/licenses/by-nd/4.0/")
EVIL = Licence(name="x", url='https://evil.example/>; rel="self", <https://evil.example/')
WRITERS = {Format.ATOM: atom, Format.RSS: rss, Format.JSON: jsonfeed}


NC_ND = "https://creativecommons.org/licenses/by-nc-nd/4.0/"
SA = "https://creativecommons.org/licenses/by-sa/4.0/"


@pytest.mark.parametrize("format_", WRITERS)
@pytest.mark.parametrize(
    ("entries", "licence"),
    [
        ([(BY,), (BY,)], BY.url),
        ([(BY,)], BY.url),
        ([(BY,), (ND,)], None),
        ([(BY,), ()], None),
        ([(BY, ND), (BY, ND)], None),
        ([()], None),
        ([], None),
        ([(EVIL,)], None),
    ],
)
def test_one_licence_for_all_or_none(format_: Format, entries: list[tuple[Licence, ...]], licence: str | None) -> None:
    writer = WRITERS[format_]
    items = [replace(an_item(), licences=licences) for licences in entries]
    body = writer.document(a_head(), [writer.fragment(item) for item in items])
    assert common_licence(format_, body) == licence


@pytest.mark.parametrize(
    ("stated", "owed", "offered", "joined"),
    [
        ((BY.url,), (), [BY.url], ""),
        ((BY.url, SA), (), [BY.url, SA], " or "),
        ((BY.url,), (BY.url,), [BY.url], ""),
        ((BY.url,), (NC_ND,), [NC_ND], " and "),
        ((NC_ND,), (BY.url,), [NC_ND], " and "),
        ((NC_ND,), (SA,), [NC_ND], " and "),
        ((NC_ND.replace("-nd", ""),), (SA,), [], " and "),
        ((), (BY.url, NC_ND), [NC_ND], " and "),
        (("https://licences.example/house",), (BY.url,), [], " and "),
        ((BY.url, SA), (BY.url,), [BY.url, SA], " or "),
    ],
)
def test_licences_of_several_parties_are_no_choice(
    stated: tuple[str, ...], owed: tuple[str, ...], offered: list[str], joined: str
) -> None:
    """Whoever reads a copy may choose among the licences of one statement, and is bound by those of all parties."""
    said = tuple(Notice(kind=NoticeKind.LICENCE, value=url, carrier="link", level=Level.ENTRY) for url in stated)
    item = an_item(*(a_duty(DutyName.LICENCE_NOTICE, url=url) for url in owed), entry=an_entry(notices=said))
    assert [one.url for one in item.licences] == offered
    credit = item.credit.text
    assert all(url in credit for url in (*stated, *owed))
    assert [word for word in (" or ", " and ") if f"{word}CC BY" in credit] == ([joined] if joined else [])
