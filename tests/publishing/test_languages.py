"""What a document may say of languages: only what validators and browsers know."""

from __future__ import annotations

import pytest
from lxml import etree

from aggregator.model.output import Format
from aggregator.publishing import atom, rss
from aggregator.publishing.languages import declared, in_xml
from tests.publishing.build_items import RIVER, a_head, an_entry, an_item

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("en", "en"),
        ("EN_uk", "en-GB"),
        ("pt-BR", "pt-BR"),
        ("zh-Hant-TW", "zh-Hant-TW"),
        ("gsw", "gsw"),
        ("xx", None),
        ("english", None),
        ("e", None),
        ("", None),
        (None, None),
        ("de de", None),
    ],
)
def test_only_tags_are_declared(told: str | None, said: str | None) -> None:
    assert declared(told) == said


def test_xml_declares_only_what_the_w3c_validator_knows() -> None:
    """Swiss German is a language all the same, to browsers and in JSON."""
    assert (in_xml("gsw"), in_xml("ast"), in_xml("ja"), in_xml(None)) == (None, "ast", "ja", None)
    item = an_item(entry=an_entry(language="gsw"))
    for writer in (rss, atom):
        root = etree.fromstring(writer.document(a_head(language="gsw"), [writer.fragment(item)]))
        assert not [node for node in root.iter() if node.get(XML_LANG) or node.tag == "language"]
    assert b'lang="gsw"' in RIVER.fragment(item)


@pytest.mark.parametrize("language", ["ja", "th", "ar"])
def test_a_text_in_another_language_says_so_wherever_it_is_read(language: str) -> None:
    """An excerpt of a script without spaces is drawn with the right letters, and read by the right voice."""
    item = an_item(entry=an_entry(language=language))
    assert item.id_in(Format.RSS)
    assert f'<div lang="{language}"' in item.html
    for writer in (rss, atom):
        root = etree.fromstring(writer.document(a_head(), [writer.fragment(item)]))
        assert [node.get(XML_LANG) for node in root.iter() if node.get(XML_LANG)] == [language]
