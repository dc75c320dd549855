"""People's own feed readers can subscribe to an output, and see title, link, author and credit in it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import orjson
import pytest
from lxml import etree, html
from reader import make_reader

from tests.story.feeds import visible
from tests.story.origin import Origin
from tests.story.site import DEADLINE, Service, Site, until
from tests.story.test_seed import OWN, OWN_CREDIT, RT, TERMS, THEIR_CREDIT, THEIRS, set_up

FEEDS = ("/feeds/community.atom", "/feeds/community.rss")


@pytest.fixture
def service(site: Site, origin: Origin) -> Iterator[Service]:
    """A service whose community output carries the publisher's own article and the one that it passed on."""
    set_up(site, origin)
    site.policy("rt", **RT)
    with site.serving() as running:
        for feed in FEEDS:
            until(running.shows(THEIRS.title, feed), "the article stands")
        yield running


@pytest.fixture
def _sgmllib(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reader's own copy of feedparser imports `sgmllib`, which feedparser itself has since taken in under another name,
    so that nothing installs it any more."""
    if find_spec("sgmllib") is None:
        monkeypatch.setitem(sys.modules, "sgmllib", import_module("feedparser_sgmllib"))


@pytest.mark.usefixtures("_sgmllib")
@pytest.mark.parametrize("feed", FEEDS)
def test_the_reader_library_sees_the_credit(feed: str, service: Service) -> None:
    """https://github.com/lemon24/reader, as a program would use it."""
    with closing(make_reader(":memory:")) as reader:
        reader.add_feed(service.base + feed)
        reader.update_feeds()
        stored = reader.get_feed(service.base + feed)
        assert stored.last_exception is None
        assert stored.title == "World news"
        found = {entry.id: entry for entry in reader.get_entries()}
    assert found.keys() == {OWN.id, THEIRS.id}
    for article, credit in ((OWN, OWN_CREDIT), (THEIRS, THEIR_CREDIT)):
        entry = found[article.id]
        assert (entry.title, entry.link, entry.authors_str) == (article.title, article.link, article.author)
        text, links = visible(entry.get_content().value)
        assert credit in text
        assert article.link in links
        assert entry.published == article.at


@pytest.mark.parametrize("feed", FEEDS)
def test_newsboat_sees_the_credit(feed: str, service: Service, tmp_path: Path) -> None:
    """https://newsboat.org, as Debian ships it; what it keeps in its cache is what it shows."""
    program = shutil.which("newsboat")
    if program is None:
        message = "newsboat is not installed; on Debian: apt install newsboat"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    urls, cache, config = tmp_path / "urls", tmp_path / "cache.db", tmp_path / "newsboat"
    urls.write_text(f"{service.base}{feed}\n")
    config.write_text("")
    done = subprocess.run(
        [program, "-u", str(urls), "-c", str(cache), "-C", str(config), "-x", "reload"],
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "dumb"},
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with closing(sqlite3.connect(cache)) as connection:
        found = connection.execute("SELECT guid, title, url, author, content FROM rss_item").fetchall()
    assert {guid for guid, *_ in found} == {OWN.id, THEIRS.id}
    for guid, title, url, author, content in found:
        article, credit = (OWN, OWN_CREDIT) if guid == OWN.id else (THEIRS, THEIR_CREDIT)
        assert (title, url, author) == (article.title, article.link, article.author)
        text, links = visible(content)
        assert credit in text
        assert article.link in links


SETS = ("default", "compact", "academic", "originally-published-by")
FORMS = ("full", "excerpt", "headline")
KINDS = ("rss", "atom")
WORDS = "Reprinted with leave of “Global Research” & partners."
KEPT_BY_ALL = ("Lizzie Phelan", "RT", "Global Research", "Copyright © Lizzie Phelan, RT, 2016", WORDS)
"""What stands in the credit of the passed-on article, whatever set words it."""


@pytest.fixture(scope="module")
def worded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Both articles in every credit set, as full texts, excerpts and headlines, and as plain text."""
    with Origin().running() as origin:
        site = Site(tmp_path_factory.mktemp("worded") / "site")
        set_up(site, origin)
        line = {"credit-line": {"text": WORDS, "link": "Global Research", "slot": "top"}}
        rules = [{**TERMS["rules"][0], "duties": [*TERMS["rules"][0]["duties"], line]}]
        site.policy("global-research", **{**TERMS, "rules": rules})
        site.policy("rt", **{**RT, "rules": [{**RT["rules"][0], "allow": ["full", "excerpt", "headline"]}]})
        outputs = [
            {
                "id": f"{credit}-{form}",
                "title": f"World news, {form}",
                "credit": credit,
                "use": {"audience": "community", "form": form},
                "formats": ["rss", "atom", "json", "txt"],
            }
            for credit in SETS
            for form in FORMS
        ]
        site.write("outputs.yaml", outputs)
        with site.serving() as running:
            for output in outputs:
                until(running.shows(THEIRS.title, f"/feeds/{output['id']}.rss"), "the article stands")
            yield running


@pytest.mark.usefixtures("_sgmllib")
def test_every_reader_keeps_title_link_and_credit_of_every_set(worded: Service, tmp_path: Path) -> None:
    """PyPI's reader and newsboat subscribe to all of them at once, in RSS and Atom."""
    feeds = [f"{worded.base}/feeds/{credit}-{form}.{kind}" for credit in SETS for form in FORMS for kind in KINDS]
    stored = 0
    with closing(make_reader(":memory:")) as reader:
        for feed in feeds:
            reader.add_feed(feed)
        reader.update_feeds()
        for entry in reader.get_entries():
            full = entry.get_content()
            # A reader that shows the summary alone has the credit there, too.
            for shown in filter(None, (entry.summary, full.value if full else None)):
                is_credited(entry.id, entry.title, entry.link, shown)
            stored += 1
    assert stored == 2 * len(feeds)
    for number, feed in enumerate(feeds):
        # A cache for each: newsboat keeps one item of an id, whichever feeds have it.
        (folder := tmp_path / str(number)).mkdir()
        items = newsboat_items(feed, folder)
        assert len(items) == 2
        for guid, title, url, content in items:
            is_credited(guid, title, url, content)


def is_credited(id_: str, title: str | None, link: str | None, shown: str) -> None:
    """Whether title, link and the whole credit are there."""
    article = OWN if id_ == OWN.id else THEIRS
    assert (id_, title, link) == (article.id, article.title, article.link)
    text, links = visible(shown)
    kept = KEPT_BY_ALL if article is THEIRS else ("Maren Oduya", "Global Research", WORDS)
    assert not [words for words in kept if words not in text], text
    assert article.link in links or article.link in text


def newsboat_items(feed: str, folder: Path) -> list[tuple[str, str, str, str]]:
    """(guid, title, url, content) of all that newsboat keeps of a feed."""
    program = shutil.which("newsboat")
    if program is None:
        message = "newsboat is not installed; on Debian: apt install newsboat"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    urls, cache, config = folder / "urls", folder / "cache.db", folder / "newsboat"
    urls.write_text(f"{feed}\n")
    config.write_text("")
    done = subprocess.run(
        [program, "-u", str(urls), "-c", str(cache), "-C", str(config), "-x", "reload"],
        env={"HOME": str(folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "dumb"},
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with closing(sqlite3.connect(cache)) as connection:
        return connection.execute("SELECT guid, title, url, content FROM rss_item").fetchall()


def test_a_poor_importer_still_gives_credit(worded: Service) -> None:
    """One that keeps title and link alone sends its readers to the publisher; one that strips HTML, as e-mail does,
    keeps every word of the credit and its addresses; so does the digest."""
    for credit in SETS:
        for form in FORMS:
            body = worded.get(f"/feeds/{credit}-{form}.rss")[1]
            for item in etree.fromstring(body).iter("item"):
                article = OWN if item.findtext("guid") == OWN.id else THEIRS
                assert (item.findtext("title"), item.findtext("link")) == (article.title, article.link)
                plain = " ".join(html.fromstring(item.findtext("description")).text_content().split())
                assert WORDS in plain
                assert article is OWN or all(words in plain for words in KEPT_BY_ALL)
                assert article.link in item.findtext("description")
            for item in orjson.loads(worded.get(f"/feeds/{credit}-{form}.json")[1])["items"]:
                article = OWN if item["id"] == OWN.id else THEIRS
                # A part of an article has its credit beside it, in the one text that there is.
                text = item.get("summary") or html.fromstring(item["content_html"]).text_content()
                told = " ".join(text.split())
                assert WORDS in told
                assert article.link in told or article.link in item["content_html"]
            digest = worded.get(f"/feeds/{credit}-{form}.txt")[1].decode()
            folded = " ".join(digest.split())
            assert not [words for words in (*KEPT_BY_ALL, THEIRS.title, OWN.title) if words not in folded]
            assert THEIRS.link in digest
            assert OWN.link in digest
