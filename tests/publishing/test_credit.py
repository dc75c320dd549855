"""Credit is worded by templates that see values only, and an operator's mistake is theirs to read."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from aggregator.errors import TemplateError
from aggregator.model.decision import Hop
from aggregator.model.entry import Level, Notice, NoticeKind
from aggregator.model.output import Format
from aggregator.model.policy import DutyName
from aggregator.model.use import Form
from aggregator.publishing import atom, jsonfeed, rss
from aggregator.publishing.compose import compose
from aggregator.publishing.credit import Credits, Line, Linked, Templates
from aggregator.publishing.item import EntryRefused, Item
from aggregator.publishing.text import spaced
from aggregator.publishing.verify import verify_fragment
from aggregator.publishing.words import FILTERS, Dictionary, script_direction
from tests.publishing.build_items import (
    GLOBAL_RESEARCH,
    PLACE,
    RIVER,
    RT,
    SEEN,
    TEMPLATES,
    a_content,
    a_decision,
    a_duty,
    a_stored,
    an_entry,
    an_item,
    an_output,
)


def own(folder: Path, **files: str) -> list[Path]:
    """Template folders of an operator with a set `house`."""
    for name, text in files.items():
        path = folder / "credit" / "house" / name.replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [folder, TEMPLATES]


def worded(folders: list[Path], title: str = "A story", **duty: str) -> Item:
    duties = (a_duty(DutyName.CREDIT_LINE, **duty),) if duty else ()
    stored = a_stored(an_entry(title=title))
    return compose(stored, a_content(), a_decision(*duties), an_output(credit="house"), PLACE, Credits(folders))


def test_all_hops_are_credited_in_order_nearest_last_with_authors_notice_and_link() -> None:
    assert an_item().credit.text == (
        "Originally published by RT (according to the feed), by Lizzie Phelan. Copyright © Lizzie Phelan, RT, 2016. "
        "Republished from Global Research: https://globalresearch.example/aleppo"
    )


@pytest.mark.parametrize(("slot", "before"), [("head", True), ("top", True), ("byline", True), ("end", False)])
def test_a_prescribed_line_stands_in_its_slot_letter_for_letter(slot: str, before: bool) -> None:
    text = 'Courtesy of <Global> & "Research" – {{ title }}'
    html = an_item(a_duty(DutyName.CREDIT_LINE, text=text, slot=slot)).html
    escaped = "Courtesy of &lt;Global&gt; &amp; &#34;Research&#34; – {{ title }}"
    assert (html.index(escaped) < html.index("Aleppo streets")) is before


def test_an_operators_own_words_replace_ours_and_missing_slots_come_from_the_default(tmp_path: Path) -> None:
    folders = own(
        tmp_path,
        end_html="<p>{% for hop in hops %}{{ hop.name }} {% endfor %}<a href='{{ url }}'>here</a></p>",
        end_txt="{% for hop in hops %}{{ hop.name }} {% endfor %}{{ url }}",
    )
    item = worded(folders, text="Printed by leave.", slot="top")
    assert "<p>RT Global Research <a href='https://globalresearch.example/aleppo'>here</a></p>" in item.html
    assert "<p>Printed by leave.</p>" in item.html


def test_feed_text_is_a_value_and_never_a_template(tmp_path: Path) -> None:
    item = worded(own(tmp_path, end_html="<p>{{ title }}</p>", end_txt="{{ title }}"), title="{{ 7 * 7 }}<b>&{% raw %}")
    assert "<p>{{ 7 * 7 }}&lt;b&gt;&amp;{% raw %}</p>" in item.html
    assert item.credit.text.startswith("{{ 7 * 7 }}<b>&{% raw %}")


@pytest.mark.parametrize(
    ("template", "what"),
    [
        ("{% if %}", r"/credit/house/end\.html:1: "),
        ("\n\n{{ nobody }}", r"/credit/house/end\.html:3: .*nobody"),
        ("{{ hops.__class__.__mro__ }}", r"/credit/house/end\.html:1: .*unsafe"),
        ("{{ ().__class__.__base__.__subclasses__() }}", "unsafe"),
        ("{{ 'x' * 70000 }}", "shorten it"),
        ("{% include '/etc/passwd' %}", "passwd"),
        ("{% include '../../../x' %}", "x"),
        ("{{ 1 / 0 }}", r"end\.html:1: division"),
    ],
)
def test_a_template_that_fails_says_where_and_why(tmp_path: Path, template: str, what: str) -> None:
    with pytest.raises(TemplateError, match=what) as caught:
        worded(own(tmp_path, end_html=template, end_txt=""))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "template",
    [
        "{% set title = 'mine' %}{{ title }}, {{ url }}",
        "{{ seen is defined }}{% set seen = 1 %}{{ seen }}",
        "{% for n in range(3) %}{{ cycler('a', 'b').next() }}{{ loop.index }}{% endfor %}",
        "{% from 'credit/_parts.html' import named with context %}{{ named(hops[0], url) }}",
        "{% from 'credit/_parts.html' import people %}{{ people is defined }}",
        "{% import 'credit/_parts.html' as parts with context %}{% set x = parts.chain() %}{{ x | trim }}",
        "{% macro m(who) %}{{ who }}{{ title }}{% endmacro %}{{ m('<b>') }}{{ dict(a=1).a }}",
        "{% include 'credit/default/top.html' %}{{ lines[0].text }}",
        "{% block credit %}{{ title }}{{ self.name is defined }}{% endblock %}",
    ],
)
def test_what_is_rendered_is_what_jinja_renders(tmp_path: Path, template: str) -> None:
    """However it comes to its globals; and nothing of one rendering is there in the next."""
    (tmp_path / "credit").mkdir()
    (tmp_path / "credit/odd.html").write_text(template, encoding="utf-8")
    folders = [str(tmp_path), str(TEMPLATES)]
    plain = SandboxedEnvironment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    plain.filters |= FILTERS
    texts = Dictionary([TEMPLATES]).words("en").texts
    values = {
        "title": "Fish & <chips>",
        "url": "https://a.example/?a&b",
        "hops": (RT, GLOBAL_RESEARCH),
        "authors": ("Ann Lee",),
        "lines": (Line(slot="top", text=Linked("By leave.", "leave", "https://a.example/")),),
        "words": texts,
        "direction": "ltr",
    }
    wanted = plain.get_template("credit/odd.html").render(**values)
    templates = Templates([tmp_path, TEMPLATES])
    assert [templates.render(["credit/odd.html"], **values) for _ in range(2)] == [wanted, wanted]


def test_a_set_can_be_checked_before_it_is_used(tmp_path: Path) -> None:
    Credits([TEMPLATES]).check("default")
    with pytest.raises(TemplateError, match="no templates there"):
        Credits([TEMPLATES]).check("of-nobody")
    with pytest.raises(TemplateError, match=r"end\.html:1"):
        Credits(own(tmp_path, end_html="{% if %}")).check("house")


def test_its_version_changes_with_any_template(tmp_path: Path) -> None:
    before = Credits(own(tmp_path, end_html="one")).version
    after = Credits(own(tmp_path, end_html="two")).version
    assert before != after


SETS = ["default", "compact", "academic", "originally-published-by"]


@pytest.mark.parametrize("credit_set", SETS)
@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "ar", "he"])
@pytest.mark.parametrize("form", list(Form))
def test_every_set_in_every_language_says_all_that_is_owed(credit_set: str, language: str, form: Form) -> None:
    output = an_output(credit=credit_set, language=language)
    duties = [
        a_duty(DutyName.CREDIT_SOURCE),
        a_duty(DutyName.CREDIT_AUTHOR),
        a_duty(DutyName.COPYRIGHT_NOTICE),
        a_duty(DutyName.LINK_ORIGINAL),
        a_duty(DutyName.LINK_ORIGINAL, target="home"),
        a_duty(DutyName.LICENCE_NOTICE, licence="CC-BY-4.0"),
        a_duty(DutyName.CREDIT_LINE, text="By leave of Global Research.", slot="top", link="Global Research"),
        a_duty(DutyName.END_NOTE, text="Read more at home.", link="at home", target="home"),
        a_duty(DutyName.LABEL_CHANGES),
    ]
    hops = (RT, Hop(name="وكالة", policy=None, url="https://agency.example/"), a_decision().hops[1])
    made = an_item(*duties, output=output, form=form, hops=hops)
    for format_, writer in ((Format.RSS, rss), (Format.ATOM, atom), (Format.JSON, jsonfeed), (Format.HTML, RIVER)):
        verify_fragment(format_, writer.fragment(made), made)
    text = spaced(made.credit.text.translate({0x2068: None, 0x2069: None}))
    for owed in (
        "RT",
        "وكالة",
        "Global Research",
        "Lizzie Phelan",
        RT.notice,
        made.url,
        "By leave of Global Research.",
    ):
        assert owed in text
    assert text.index("RT") < text.index("وكالة") < text.rindex("Global Research")


def test_the_link_stands_on_the_prescribed_words_alone() -> None:
    html = an_item(
        a_duty(DutyName.CREDIT_LINE, text="First in <Global> Research.", link="<Global> Research", slot="top")
    ).html
    assert f'<p>First in <a href="{an_entry().url}">&lt;Global&gt; Research</a>.</p>' in html


def test_a_link_on_other_words_is_found_out() -> None:
    duty = a_duty(DutyName.CREDIT_LINE, text="First in Global Research.", link="Global Research", slot="top")
    item = an_item(duty)
    wrong = item.html.replace('">Global Research</a>.</p>', '">Global</a> Research.</p>', 1)
    with pytest.raises(EntryRefused, match="do not link to"):
        verify_fragment(Format.JSON, jsonfeed.fragment(replace(item, html=wrong)), item)


def test_the_words_of_a_link_must_stand_in_the_text() -> None:
    with pytest.raises(EntryRefused, match="do not stand in its text"):
        an_item(a_duty(DutyName.CREDIT_LINE, text="First in Global Research.", link="The Herald"))


def test_a_right_to_left_text_and_credit_say_which_way_they_run() -> None:
    """Readers do not look at an entry's language for that; a name that runs the other way is set apart."""
    arabic = an_item(entry=an_entry(language="ar"), output=an_output(language="ar"))
    assert arabic.html.startswith('<div lang="ar" dir="rtl"><p>')
    assert '<div lang="ar" dir="rtl"><hr>' in arabic.html
    assert '"><bdi>RT</bdi></a>' in arabic.html
    assert "\u2068RT\u2069" in arabic.credit.text
    english = an_item(entry=an_entry(language="ar"))
    assert '<div lang="en" dir="ltr"><hr>' in english.html
    plain = an_item()
    assert "dir=" not in plain.html
    assert "<bdi>" not in plain.html


@pytest.mark.parametrize(
    ("language", "direction"),
    [
        ("ar", "rtl"),
        ("he-IL", "rtl"),
        ("ur", "rtl"),
        ("az-Arab", "rtl"),
        ("ar-Latn", "ltr"),
        ("uz", "ltr"),
        (None, "ltr"),
    ],
)
def test_the_direction_of_a_language_follows_its_script(language: str | None, direction: str) -> None:
    assert script_direction(language) == direction


def test_an_operators_words_replace_ours_key_by_key_and_a_new_language_needs_only_a_file(tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "en.txt").write_text("by: Written by {authors}.\n")
    (tmp_path / "words" / "eo.txt").write_text("by: De {authors}.\n")
    known = Dictionary([tmp_path, TEMPLATES])
    assert known.words("en-GB").say("by", authors="A") == "Written by A."
    assert known.words("eo").say("by", authors="A") == "De A."
    assert known.words("eo").say("shortened", site="S") == "Shortened by S."
    assert known.words("xx").language == "en"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("by Written", r"words/en\.txt:1: is no 'key: text'"),
        ("months: January", "must name twelve"),
        ("a: \xff", "cannot be read"),
    ],
)
def test_a_mistake_in_a_file_of_words_says_where(tmp_path: Path, text: str, what: str) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "en.txt").write_bytes(text.encode("latin-1"))
    with pytest.raises(TemplateError, match=what):
        Dictionary([tmp_path, TEMPLATES]).words("en")


@pytest.mark.parametrize("language", ["de", "fr", "es", "ar", "he"])
def test_every_language_has_every_word_with_the_same_slots(language: str) -> None:
    def read(name: str) -> dict[str, set[str]]:
        lines = (TEMPLATES / "words" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        pairs = [line.partition(":") for line in lines if line and not line.startswith("#")]
        return {key: set(re.findall(r"\{\w+\}", text)) for key, _, text in pairs}

    assert read(language) == read("en")


def test_what_a_publisher_corrects_is_marked_where_the_policy_asks_for_it() -> None:
    stored = a_stored(revised_at=SEEN + timedelta(days=3))
    assert (
        "Corrected by its publisher on 16 December 2016." in an_item(a_duty(DutyName.LABEL_CHANGES), stored=stored).html
    )
    assert "Corrected" not in an_item(stored=stored).html


@pytest.mark.parametrize("template", ["{{ 'x' * 10 ** 12 }}", "{{ 'x' * 999999999 }}", "{{ [1] * 999999999 }}"])
def test_a_template_cannot_blow_up(tmp_path: Path, template: str) -> None:
    with pytest.raises(TemplateError, match=r"end\.html:1"):
        worded(own(tmp_path, end_html=template, end_txt=""))


@pytest.mark.parametrize("credit_set", ["default", "compact", "academic", "originally-published-by"])
@pytest.mark.parametrize("link", ["https://globalresearch.example/aleppo", None])
@pytest.mark.parametrize("notices", [(), ("© Herald",)])
def test_no_paragraph_begins_with_a_blank_or_is_empty(
    credit_set: str, link: str | None, notices: tuple[str, ...]
) -> None:
    """Also where there is no author, no notice and no link to speak of."""
    told = tuple(Notice(kind=NoticeKind.RIGHTS, level=Level.ENTRY, value=one, carrier="dc:rights") for one in notices)
    hops = (replace(GLOBAL_RESEARCH, url=link),)
    item = an_item(entry=an_entry(authors=(), url=link, notices=told), hops=hops, output=an_output(credit=credit_set))
    assert not re.search(r"<p[^>]*>(\s|</p>)", item.html)
    assert "Global Research" in item.credit.text
    assert not any(line.startswith(" ") for line in item.credit.text.split("\n"))
