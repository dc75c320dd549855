"""How often pages ask the database: counted, not timed. With PostgreSQL each is a way to the server and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import Engine

from aggregator.model.decision import FlagKind
from aggregator.service.explain import explain_entry
from tests.web.admin.conftest import Office
from tests.web.admin.test_pages import BREAKWATER, key_of

PAGES = tuple(Path(__file__).with_name("pages.txt").read_text("utf-8").split())
MOST = 20
"""Questions of the page that asks most, a flag: of the account, the flag, its entry, and what people said of both."""

LATER = """
- id: later-COPY
  title: Later
  select: {}
  use: {audience: community, medium: web, form: full}
"""


@contextmanager
def counted() -> Iterator[list[str]]:
    """Every statement that is executed meanwhile, on any connection."""
    found: list[str] = []

    def seen(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        found.append(statement)

    event.listen(Engine, "before_cursor_execute", seen)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", seen)


async def test_no_page_asks_the_database_often(office: Office) -> None:
    key = await key_of(office, BREAKWATER)
    flags = await office.house.store.flags()
    flag = next(flag for flag in flags if flag.kind == FlagKind.THIRD_PARTY and flag.entry)
    asked = {}
    async with office.visitor("admin") as visitor:
        for path in (*PAGES, f"/admin/entries/{key}", f"/admin/flags/{flag.id}"):
            with counted() as statements:
                await visitor.get(path)
            asked[path] = sum(not statement.startswith("BEGIN") for statement in statements)
    assert {path: number for path, number in asked.items() if number > MOST} == {}
    assert asked["/admin/"] > 2, "they were counted"


async def test_an_entry_is_explained_for_many_outputs_by_as_many_questions_as_for_one(office: Office) -> None:
    house, outputs = office.house, office.house.keeper.folder / "outputs.yaml"
    key = await key_of(office, BREAKWATER)

    async def ask() -> tuple[int, int]:
        with counted() as statements:
            found = await explain_entry(key, (), house.world, house.store, house.clock())
        # One that may stand and does not is looked for among what stands: in all such outputs at once.
        assert {bool(one.unplaced) for one in found} == {True, False}
        return len(found), len(statements)

    before = outputs.read_text("utf-8")
    found = []
    for number in (1, 9):
        later = "".join(LATER.replace("COPY", str(copy)) for copy in range(number))
        outputs.write_text(before + later, "utf-8")
        await house.refresh()
        found.append(await ask())
    (few, questions), (many, same) = found
    assert (many, same) == (few + 8, questions)
