"""What is stale is known and built; what is not is left alone; what may not be shown is never handed out."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete

from aggregator.errors import StoreError, UsageError
from aggregator.model.output import Format
from aggregator.model.poll import IntakePlan
from aggregator.publishing.render import Renderer
from aggregator.service.house import House
from aggregator.service.withdraw import approve, withdraw
from aggregator.store import BuildResult, outputs
from aggregator.store.tables import fragments
from aggregator.wiring import template_folders
from tests.service.conftest import Clock
from tests.store.builders import a_change, a_plan, an_entry


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


async def standing(house: House, output: str) -> set[str]:
    return set(await house.store.open_releases(output))


def fresh_news(number: int, now: datetime) -> IntakePlan:
    """What a poll brings that the output 'community' takes."""
    url = f"https://commonsgarden.example/fresh-{number}"
    entry = an_entry(f"f{number}", source="commons-garden", title="Fresh news", url=url, published_at=now)
    return a_plan("commons-garden", a_change(entry, at=now), at=now)


async def test_nothing_is_built_where_nothing_has_changed(house: House):
    assert await house.build_stale() == []
    before = house.version()
    assert not await house.refresh()
    assert house.version() == before


async def test_a_ruling_by_a_person_makes_outputs_stale(house: House, clock: Clock):
    key = next(iter(await standing(house, "community")))
    await withdraw(key, "asked by letter", "test", house.store, clock())
    reports = {report.output: report for report in await house.build_stale()}
    assert (key, "withdrawn: asked by letter") in reports["community"].removed
    assert key not in await standing(house, "community")


async def test_an_approval_reaches_its_output_alone(house: House, clock: Clock):
    (entry,) = await house.store.list_entries(source="commons-garden", limit=1)
    await approve(entry.key, "print", "test", house.world, house.store, clock())
    added = {report.output: report.added for report in await house.build_stale() if report.added}
    assert added == {"print": (entry.key,)}


async def test_a_good_edit_is_taken_and_a_broken_one_changes_nothing_but_what_is_told(house: House, folder: Path):
    outputs = folder / "config/outputs.yaml"
    good = outputs.read_text()
    before = house.world
    outputs.write_text(good + "\n- id: [")
    assert await house.refresh()
    assert house.world is before
    assert house.keeper.problems
    assert await house.build_stale() == []
    outputs.write_text(good.replace("title: Riverside headlines", "title: Headlines of the day"))
    assert await house.refresh()
    assert house.keeper.problems == ()
    changed = [report.output for report in await house.build_stale() if report.changed]
    assert changed == ["headlines"]
    assert await house.refresh() is False


async def test_an_edited_policy_changes_outputs_without_a_poll(house: House, folder: Path):
    sources = {
        key: stored.entry.source
        for key, stored in (await house.store.entries_by_key(sorted(await standing(house, "community")))).items()
    }
    assert "delta-research" in sources.values()
    (folder / "config/policies/tests/delta-research.yaml").unlink()
    edit(
        folder / "config/policies/delta-research.yaml",
        "  - allow: [full, excerpt, headline]",
        "  - deny: [full, excerpt, headline]",
    )
    await house.refresh()
    document = await house.public.current("community", Format.JSON)
    assert document is not None
    assert b"delta-research.example/three-dams" not in document[0].body, "handed out only after it was built again"
    gone = {key for key, source in sources.items() if source == "delta-research"}
    assert gone.isdisjoint(await standing(house, "community"))


async def test_a_document_is_built_again_when_its_instant_has_come(house: House, clock: Clock):
    """`select.max_age` and windows end without a poll; nobody is handed the document from before."""
    state = (await house.store.output_states())["community"]
    assert state.wake_at is not None
    clock.now = state.wake_at + timedelta(seconds=1)
    found = await house.public.current("community", Format.ATOM)
    assert found is not None
    _, until = found
    assert until is None or until > clock.now
    assert (await house.store.output_states())["community"].built_at == clock.now


async def test_what_polls_bring_may_wait_for_a_moment_and_nothing_else_may(house: House, clock: Clock):
    """Else each request of a busy time would wait for a build."""

    async def served() -> tuple[int, datetime | None]:
        found = await house.public.current("community", Format.JSON)
        assert found is not None
        return found[0].body.count(b'"Fresh news"'), found[1]

    house.lag = 3_600
    await house.build_one("community")
    _, usual = await served()
    await house.store.apply(fresh_news(1, clock()))
    count, until = await served()
    assert count == 0
    assert until is not None
    assert until <= clock() + timedelta(hours=1), "and is asked for again as soon as it may not wait any longer"
    assert usual is None or until <= usual
    [report] = [report for report in await house.build_stale() if report.output == "community"]
    assert len(report.added) == 1
    await house.store.apply(fresh_news(2, clock()))
    assert (await served())[0] == 1
    (other,) = await house.store.list_entries(source="harbor-light", limit=1)
    await withdraw(other.key, "asked by letter", "test", house.store, clock())
    assert (await served())[0] == 2, "a ruling does not wait"
    await house.store.apply(fresh_news(3, clock()))
    house.lag = 0
    assert (await served())[0] == 3


async def test_what_is_not_public_or_not_offered_is_not_handed_out(house: House, folder: Path):
    assert await house.public.current("nix", Format.RSS) is None
    assert await house.public.current("print", Format.RSS) is None
    edit(folder / "config/outputs.yaml", "- id: commercial\n", "- id: commercial\n  access: registered\n")
    await house.refresh()
    assert await house.public.current("commercial", Format.RSS) is None


async def test_a_document_whose_bytes_somebody_took_away_is_made_anew(house: House):
    before = {form: await house.public.current("community", form) for form in (Format.JSON, Format.HTML)}
    await house.store.write(lambda connection: connection.execute(delete(fragments)))
    for form, found in before.items():
        again = await house.public.current("community", form)
        assert found is not None
        assert again is not None
        assert again[0].body == found[0].body


async def test_a_build_that_fails_stays_stale_and_the_others_go_on(house: House, monkeypatch: pytest.MonkeyPatch):
    publish = outputs.publish

    def failing(connection: Connection, result: BuildResult) -> int:
        if result.output == "community":
            raise StoreError("database 'x': disk full; nothing of this was stored")
        return publish(connection, result)

    await house.sync()
    monkeypatch.setattr(outputs, "publish", failing)
    built = [report.output for report in await house.build_stale()]
    assert "community" not in built
    assert len(built) == 4
    monkeypatch.undo()
    assert [report.output for report in await house.build_stale()] == ["community"]


async def test_where_nothing_can_be_built_what_lacks_only_polls_is_served_and_nothing_else(
    house: House, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    def failing(connection: Connection, result: BuildResult) -> int:
        raise StoreError("database 'x': database is locked; nothing of this was stored")

    before = await house.public.current("community", Format.JSON)
    await house.store.apply(fresh_news(1, clock()))
    monkeypatch.setattr(outputs, "publish", failing)
    found = await house.public.current("community", Format.JSON)
    assert before is not None
    assert found is not None
    assert found[0].body == before[0].body
    assert found[1] is not None, "it is asked for again soon"
    (other,) = await house.store.list_entries(source="harbor-light", limit=1)
    await withdraw(other.key, "asked by letter", "test", house.store, clock())
    with pytest.raises(StoreError, match="locked"):
        await house.public.current("community", Format.JSON)
    monkeypatch.undo()
    found = await house.public.current("community", Format.JSON)
    assert found is not None
    assert b'"Fresh news"' in found[0].body


async def test_after_a_start_nothing_is_made_anew_of_what_has_not_changed(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    """What stands was proved under just this: a start asks again whether it may, and makes no document."""
    started = House(
        house.keeper, house.store, Renderer(template_folders(house.world.configuration.settings)), house.clock
    )

    def never(*_: object) -> None:
        raise AssertionError("bytes were made")

    monkeypatch.setattr(Renderer, "make", never)
    await started.sync()
    reports = await started.build_stale()
    assert {report.output for report in reports} == set(started.world.outputs)
    assert not any(report.changed or report.added or report.removed or report.problems for report in reports)


async def test_an_output_that_is_no_longer_configured_ends_in_the_ledger(house: House, folder: Path):
    edit(folder / "config/outputs.yaml", "- id: headlines\n", "- id: renamed\n")
    last = (await house.store.ledger(0, 10_000))[-1].number
    stood = await standing(house, "headlines")
    await house.refresh()
    assert "headlines" not in await house.store.output_states()
    assert await standing(house, "headlines") == set()
    told = {record.subject for record in await house.store.ledger(last, 10_000)}
    assert {f"headlines/{key}" for key in stood} <= told
    assert await house.store.verify_ledger() == []


async def test_a_name_that_is_not_there_is_told_with_those_that_are(house: House):
    with pytest.raises(UsageError, match=r"^output 'nix' is not configured; there is: 'community', "):
        await house.build_all(["nix"])
