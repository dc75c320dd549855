"""What a document may say of languages: only what validators and browsers know."""

from __future__ import annotations

import pytest
from lxml import etree, html

from aggregator.model.output import Format
from aggregator.publishing import atom, rss
from aggregator.publishing.languages import declared, in_xml
from tests.publishing.build_items import RIVER, a_head, an_entry, an_item, an_output

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


@pytest.mark.parametrize(
    ("language", "title", "direction", "isolated"),
    [
        ("en", "A day in Damascus", "ltr", False),
        ("en", "يوم في دمشق", "ltr", True),
        ("ar", "يوم في دمشق", "rtl", False),
        (None, "يوم في دمشق", "rtl", False),
        (None, "A day in Damascus", "ltr", False),
    ],
)
def test_what_runs_the_other_way_does_not_carry_its_neighbours_along(
    language: str | None, title: str, direction: str, isolated: bool
) -> None:
    """A date in Arabic words under an English article, and the other way round: each in a direction of its own."""
    output = an_output(language="ar")
    item = an_item(entry=an_entry(language=language, title=title), output=output)
    article = html.fragment_fromstring(RIVER.fragment(item).decode())
    assert article.get("dir") == direction
    assert bool(article.xpath("h2//bdi")) is isolated
    (date,) = article.xpath(".//time[@itemprop='datePublished']")
    assert date.get("dir", direction) == "rtl"
    assert "ديسمبر" in date.text_content()
    assert "ديسمبر" in date.get("title")


def test_a_page_of_an_arabic_output_sets_english_names_apart() -> None:
    head = a_head(own_language="ar", title="World news", site_name="Riverside (community)")
    page = html.document_fromstring(RIVER.document(head, []).decode())
    assert page.get("dir") == "rtl"
    assert [node.text for node in page.xpath("//header//bdi")][:2] == ["Riverside (community)", "World news"]
