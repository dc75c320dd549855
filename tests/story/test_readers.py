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

import pytest
from reader import make_reader

from tests.story.feeds import visible
from tests.story.origin import Origin
from tests.story.site import DEADLINE, Service, Site, until
from tests.story.test_seed import OWN, OWN_CREDIT, RT, THEIR_CREDIT, THEIRS, set_up

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
