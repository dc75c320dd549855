"""Full text over entries: what is found, what never is an operator, and that it follows what is stored."""

from __future__ import annotations

import importlib
import itertools
import re
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from aggregator.errors import UsageError
from aggregator.model.entry import Author, Content
from aggregator.model.poll import ChangeKind, EntryChange
from aggregator.store import Store, migrations, search
from aggregator.store.search import Found, Hit, terms_of
from aggregator.store.words import WORD_MAX, words_of
from tests.store.builders import NOW, a_change, a_plan, an_entry

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
    await store.write(search.catch_up)
    return store


async def found_by(store: Store, ask: str) -> list[str]:
    return names(await store.read(search.search, ask))


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
    for source in ("light", "'", '"', "' OR 1=1 --", "\\", "a\0b", "(", "LIGHT", "light*"):
        found = await store.read(search.search, "harbour", source)
        assert names(found) == (["ferry"] if source == "light" else []), source


async def test_the_search_follows_what_is_stored(store: Store) -> None:
    """New words with a revision, the former no more; nothing of what is deleted; titles before texts; by page."""
    await store.apply(a_plan("herald", a_text("1", "Harbour", "old words", authors=(Author(name="Ada Lovelace"),))))
    await store.write(search.catch_up)
    assert names(await store.read(search.search, "lovelace old")) == ["1"]
    revised = replace(a_text("1", "Harbour", "fresh words", revision="b"), kind=ChangeKind.REVISED)
    await store.apply(a_plan("herald", revised))
    await store.write(search.catch_up)
    assert names(await store.read(search.search, "old")) == []
    assert names(await store.read(search.search, "fresh")) == ["1"]

    many = [a_text(f"n{number}", f"Story {number}", "a harbour far away, by the sea " * 9) for number in range(7)]
    await store.apply(a_plan("herald", *many))
    await store.write(search.catch_up)
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


async def test_a_poll_only_marks_and_the_words_come_behind_it(store: Store) -> None:
    """The oldest first; a revision is found by its former words until its own are made; what is deleted stays found."""
    await store.apply(a_plan("herald", *(a_text(name, "Harbour", f"word{name}") for name in "123")))
    assert await store.read(search.is_pending)
    assert await found_by(store, "harbour") == []
    assert await store.write(search.catch_up, 2) == 2
    assert sorted(await found_by(store, "harbour")) == ["1", "2"]
    assert await store.write(search.catch_up) == 1
    assert sorted(await found_by(store, "harbour")) == ["1", "2", "3"]
    assert not await store.read(search.is_pending)

    revised = replace(a_text("1", "Harbour", "fresh", revision="b"), kind=ChangeKind.REVISED)
    same = replace(a_text("2", "Harbour", "word2", revision="b"), kind=ChangeKind.REVISED)
    gone = structs.replace(a_plan("herald", revised, same), deleted=((an_entry("3").key, NOW),))
    await store.apply(gone)
    assert (await found_by(store, "word1"), await found_by(store, "fresh")) == (["1"], [])
    assert await store.write(search.catch_up) == 2
    assert (await found_by(store, "word1"), await found_by(store, "fresh")) == ([], ["1"])
    assert (await found_by(store, "word2"), await found_by(store, "word3")) == (["2"], ["3"])
    assert await store.write(search.catch_up) == 0


@pytest.mark.parametrize("walked", [0, 7, 1_000])
async def test_pages_are_the_same_by_whichever_way_they_are_found(
    store: Store, monkeypatch: pytest.MonkeyPatch, walked: int
) -> None:
    """Of words of a few articles, of old ones, of all."""
    monkeypatch.setattr(search, "RANKED_MAX", 6)
    monkeypatch.setattr(search, "WALKED", walked)
    said = [f"often {'old ' * (number < 8)}{'rare' * (number in (3, 17))}" for number in range(24)]
    await store.apply(a_plan("herald", *(a_text(f"{number:02}", "Story", text) for number, text in enumerate(said))))
    await store.write(search.catch_up)
    for word, order in itertools.product(("often", "old", "rare", "never"), (search.BEST, search.NEWEST)):
        matching = [f"{number:02}" for number in reversed(range(24)) if word in said[number]]
        got, after = [], ""
        while True:
            found = await store.read(search.search, word, None, order, 4, after)
            got += names(found)
            assert found.total == min(6, len(matching))
            if not (after := found.next):
                break
        assert sorted(got) == sorted(matching[:6]) if order == search.BEST else got == matching, (word, order)


async def test_the_index_of_sqlite_holds_what_the_table_holds(tmp_path: Path) -> None:
    """Whatever happens to a row before its words are made, and after."""
    store = await Store.open(f"sqlite:///{tmp_path}/a.db", migrate=True)
    await store.apply(a_plan("herald", *(a_text(name, "Harbour", f"word{name}") for name in "1234")))
    await store.write(lambda connection: connection.exec_driver_sql("DELETE FROM entries"))
    await store.apply(a_plan("herald", *(a_text(name, "Harbour", f"word{name}") for name in "5678")))
    await store.write(search.catch_up, 2)
    # With a mark still on two rows the database is whole, too.
    assert await store.read(lambda connection: connection.exec_driver_sql("PRAGMA integrity_check").scalar()) == "ok"
    await store.apply(a_plan("herald", replace(a_text("5", "Quay", "new", revision="b"), kind=ChangeKind.REVISED)))
    await store.write(search.catch_up)
    await store.write(lambda connection: connection.exec_driver_sql("DELETE FROM entry_search WHERE number % 2 = 0"))
    check = "INSERT INTO entry_words (entry_words, rank) VALUES ('integrity-check', 1)"
    await store.write(lambda connection: connection.exec_driver_sql(check))
    await store.close()


async def test_what_was_found_is_marked_in_its_place(store: Store) -> None:
    long = "Word after word. " * 60 + "Then the Café Crème stood <b>open</b> at the quay. " + "More and more. " * 60
    await store.apply(a_plan("herald", a_text("1", "Quay <i>", long), a_text("2", "図書館", "東京都の新しい研究所")))
    await store.write(search.catch_up)
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


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(max_codepoint=127), max_size=400) | st.text("aB9 -", min_size=200, max_size=400))
def test_the_quick_way_to_the_words_of_plain_text_finds_the_same(said: str) -> None:
    """Runs of letters and digits; what is longer than a word may be is cut."""
    assert words_of(said) == [word[:WORD_MAX] for word in re.findall("[a-z0-9]+", said.lower())]
    assert words_of("x" * 99 + said)[0][:WORD_MAX] == "x" * WORD_MAX
