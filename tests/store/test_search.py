"""Full text over entries: what is found, what never is an operator, and that it follows what is stored."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import UsageError
from aggregator.model.entry import Author, Content
from aggregator.model.poll import ChangeKind, EntryChange
from aggregator.store import Store, migrations, search
from aggregator.store.search import Found, Hit, terms_of
from aggregator.store.words import words_of
from tests.store.builders import a_change, a_plan, an_entry

CASES = yaml.load(Path(__file__).with_name("search.yaml").read_text("utf-8"), Loader=yaml.BaseLoader)


def a_text(name: str, title: str, text: str, source: str = "herald", **more: object) -> EntryChange:
    entry = an_entry(name, source=source, title=title, **more)
    content = msgspec.json.encode(Content(text=f"{title} {text}"))
    return replace(a_change(entry), content=content)


def names(found: Found) -> list[str]:
    return [hit.stored.entry.id for hit in found.hits]


def shown(hit: Hit) -> str:
    return "".join(f"[{piece}]" if marked else piece for piece, marked in hit.snippet)


async def filled(store: Store) -> Store:
    for name, told in CASES["texts"].items():
        source = told.get("source", "herald")
        await store.apply(a_plan(source, a_text(name, told["title"], told["text"], source)))
    return store


async def test_what_is_asked_is_found(store: Store) -> None:
    await filled(store)
    for case in CASES["cases"]:
        if "error" in case:
            with pytest.raises(UsageError, match=case["error"]):
                await store.read(search.search, case["ask"])
        else:
            for order in (search.BEST, search.NEWEST):
                found = await store.read(search.search, case["ask"], order=order)
                assert sorted(names(found)) == sorted(case["found"]), case["ask"]
                assert (found.total, found.next) == (len(case["found"]), "")


async def test_the_search_follows_what_is_stored(store: Store) -> None:
    """New words with a revision, the former no more; nothing of what is deleted; titles before texts; by page."""
    await store.apply(a_plan("herald", a_text("1", "Harbour", "old words", authors=(Author(name="Ada Lovelace"),))))
    assert names(await store.read(search.search, "lovelace old")) == ["1"]
    revised = replace(a_text("1", "Harbour", "fresh words", revision="b"), kind=ChangeKind.REVISED)
    await store.apply(a_plan("herald", revised))
    assert names(await store.read(search.search, "old")) == []
    assert names(await store.read(search.search, "fresh")) == ["1"]

    many = [a_text(f"n{number}", f"Story {number}", "a harbour far away, by the sea " * 9) for number in range(7)]
    await store.apply(a_plan("herald", *many))
    assert names(await store.read(search.search, "harbour"))[0] == "1"
    pages, after = [], ""
    while True:
        page = await store.read(search.search, "harbour", order=search.NEWEST, limit=3, after=after)
        pages.append(names(page))
        after = page.next
        if not after:
            break
    assert pages == [["n6", "n5", "n4"], ["n3", "n2", "n1"], ["n0", "1"]]
    best = [await store.read(search.search, "harbour", limit=3, after=str(place)) for place in (0, 3, 6)]
    assert sorted(name for page in best for name in names(page)) == ["1", *(f"n{number}" for number in range(7))]
    assert [page.next for page in best] == ["3", "6", ""]

    await store.write(lambda connection: connection.exec_driver_sql("DELETE FROM entries"))
    assert await store.read(search.search, "harbour") == Found(hits=(), total=0, next="")
    left = await store.read(lambda connection: connection.exec_driver_sql("SELECT count(*) FROM entry_search").scalar())
    assert left == 0


async def test_what_was_found_is_marked_in_its_place(store: Store) -> None:
    long = "Word after word. " * 60 + "Then the Café Crème stood <b>open</b> at the quay. " + "More and more. " * 60
    await store.apply(a_plan("herald", a_text("1", "Quay <i>", long), a_text("2", "図書館", "東京都の新しい研究所")))
    (hit,) = (await store.read(search.search, "cafe open quay*")).hits
    assert hit.title == (("Quay", True), (" <i>", False))
    assert "the [Café] Crème stood <b>[open]</b> at the [quay]. More" in shown(hit)
    assert len(shown(hit)) < 300
    (hit,) = (await store.read(search.search, "研究所")).hits
    assert shown(hit) == "東京都の新しい[研究所]"


async def test_texts_of_before_the_search_are_found_after_the_upgrade(empty_url: str) -> None:
    """The migration reads what is stored."""
    store = await filled(await Store.open(empty_url, migrate=True))
    await store.write(lambda connection: connection.exec_driver_sql("DELETE FROM entry_search"))
    assert names(await store.read(search.search, "harbour")) == []
    (path,) = (Path(migrations.__path__[0]) / "versions").glob("*_pages.py")
    module = importlib.import_module(f"aggregator.store.migrations.versions.{path.stem}")
    await store.write(module._fill)
    assert sorted(names(await store.read(search.search, "harbour"))) == ["ferry", "harbour"]
    await store.close()


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=400))
def test_every_question_is_asked_or_refused(query: str) -> None:
    """What reaches a database holds nothing but letters, marks, digits and our own signs."""
    try:
        terms = terms_of(query)
    except UsageError:
        return
    for term in terms:
        assert term.words
        assert all(words_of(word)[0] == word or word.startswith("=") for word in term.words), term
