"""Real publishers' terms through the whole pipeline: a feed in, documents out, questions to an admin where they belong.

Each file in `cases/` is one publisher: its terms as a policy, a small feed of our own making, uses as outputs, and what
must come of each entry in each use. The terms were read in 2026 and are coded in our words; where a study of them gave
the kind of a figure and not the figure, it is ours. They are examples of shapes, not the law of any site.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from aggregator.intake.pool import ParserPool
from aggregator.model.output import Format
from aggregator.service.explain import Explanation
from tests.publishers.documents import Shown, shown
from tests.publishers.installation import Case, Installation, installed, short

CASES = sorted(Path(__file__).with_name("cases").glob("*.yaml"))
SAID = {
    "form", "duties", "shows", "gone", "links", "images", "authors", "rights", "licence", "canonical", "enclosures",
    "removed", "until", "hops", "flags",
}  # fmt: skip
"""What a case may say of an entry. What is not said is not looked at, but images, enclosures and flags: none."""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def parsers() -> AsyncIterator[ParserPool]:
    async with ParserPool(size=1) as pool:
        yield pool


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_the_terms_of(path: Path, parsers: ParserPool, tmp_path: Path, migrated_sqlite: Path) -> None:
    case = Case.of(path)
    async with installed(case, tmp_path, migrated_sqlite, parsers) as running:
        for place, step in enumerate(case.steps):
            assert step.keys() <= {"about", "at", "feed", "approve", "expect"}
            running.now = datetime.fromisoformat(step["at"]).astimezone(UTC)
            if place == 0:
                await running.house.sync()
            if place == 0 or "feed" in step:
                await running.poll(step.get("feed", case.feed))
            for output, entries in step.get("approve", {}).items():
                for entry in entries:
                    await running.approve(entry, output)
            for output, expected in step["expect"].items():
                await check_output(running, case, output, expected, f"step {place + 1}, output '{output}'")
        assert await running.house.store.verify_ledger() == []


async def check_output(running: Installation, case: Case, output: str, expected: dict[str, Any], where: str) -> None:
    bodies = await running.bodies(output)
    explained = await running.explain(output)
    assert expected.keys() == explained.keys(), f"{where}: every entry of the feed must be spoken of"
    for name, entry in expected.items():
        check_answer(explained[name], entry, f"{where}, entry '{name}'")
    carried = {name for name, entry in expected.items() if entry["form"] != "none"}
    titles = {explained[name].title: name for name in explained}
    for format_, body in bodies.items():
        found = shown(format_, body)
        names = {titles[key] if format_ is Format.HTML else short(key): one for key, one in found.items()}
        assert names.keys() == carried, f"{where}, {format_}"
        for name, entry in expected.items():
            if name in carried:
                check_copy(names[name], body.decode(), entry, f"{where}, entry '{name}', {format_}")
            else:
                assert explained[name].title not in body.decode(), f"{where}, {format_}"
    await check_flags(running, case, output, expected, explained, where)


def check_copy(copy: Shown, body: str, expected: dict[str, Any], where: str) -> None:
    """What stands in the bytes of one format."""
    assert expected.keys() <= SAID, where
    if copy.form is not None:
        assert copy.form == expected["form"], where
    for words in expected.get("shows", ()):
        assert words in copy.text, where
    for words in expected.get("gone", ()):
        assert words not in body, where
    assert set(expected.get("links", ())) <= copy.links, where
    assert copy.images == tuple(expected.get("images", ())), where
    assert copy.enclosures == set(expected.get("enclosures", ())), where
    if "canonical" in expected:
        assert copy.canonical == expected["canonical"], where
    if copy.authors is not None and "authors" in expected:
        assert copy.authors == tuple(expected["authors"]), where
    if copy.rights is not None and "rights" in expected:
        assert expected["rights"] in copy.rights, where
    if "licence" in expected:
        assert expected["licence"] in (copy.links if copy.licences is None else copy.licences), where


def check_answer(answer: Explanation, expected: dict[str, Any], where: str) -> None:
    """What `explain` says of it, which must be what was built."""
    decision = answer.decision
    form = decision.form.value if decision.allowed else "none"
    assert (form, answer.standing) == (expected["form"], expected["form"] != "none"), f"{where}: {decision.sentence}"
    if "duties" in expected:
        assert [duty.name.value or "any_of" for duty in decision.duties] == expected["duties"], where
    if "removed" in expected:
        assert set(decision.removed) == set(expected["removed"]), where
    if "hops" in expected:
        assert [hop.name for hop in decision.hops] == expected["hops"], where
    if "until" in expected:
        until = expected["until"] and datetime.fromisoformat(expected["until"])
        assert decision.valid_until == until, where


async def check_flags(
    running: Installation,
    case: Case,
    output: str,
    expected: dict[str, Any],
    explained: dict[str, Explanation],
    where: str,
) -> None:
    """Every question to an admin, and no other; each with its reason where the case gives words of it."""
    names = {explanation.entry: name for name, explanation in explained.items()}
    found = {(names[f.entry or ""], str(f.kind), f.publisher): f for f in await running.flags(output)}
    wanted = {}
    for name, entry in expected.items():
        for flag in entry.get("flags", ()):
            # A flag that is only a kind: the publisher of the case is to be asked, where its policy says.
            asked = {"kind": flag} if isinstance(flag, str) else flag
            own = {"publisher": case.policy["publisher"]["name"], "contact": case.policy.get("contact")}
            asked = {**({"contact": None} if "publisher" in asked else own), **asked}
            wanted[name, asked["kind"], asked["publisher"]] = asked
    assert found.keys() == wanted.keys(), where
    for key, flag in found.items():
        assert flag.contact == wanted[key]["contact"], f"{where}: {key}"
        assert wanted[key].get("says", "") in flag.reason, f"{where}: {key}"
