"""A document's Link header names a licence only where that is true of every entry in it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aggregator.model.output import Format
from aggregator.publishing import atom, jsonfeed, rss
from aggregator.publishing.item import Licence
from aggregator.publishing.licence import common_licence
from tests.publishing.build_items import a_head, an_item

BY = Licence(name="CC BY 4.0", url="https://creativecommons.org/licenses/by/4.0/")
ND = Licence(name="CC BY-ND 4.0", url="https://creativecommons.org/licenses/by-nd/4.0/")
EVIL = Licence(name="x", url='https://evil.example/>; rel="self", <https://evil.example/')
WRITERS = {Format.ATOM: atom, Format.RSS: rss, Format.JSON: jsonfeed}


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
