"""Written permissions on the desk: found, and told where they cover nothing."""

from __future__ import annotations

from aggregator.model.policy import Grant
from aggregator.service.grants import add_grant
from tests.web.admin.conftest import Office
from tests.web.admin.test_pages import BREAKWATER, key_of, read, words


async def test_permissions_are_found_by_words_and_state(office: Office) -> None:
    """By the names that people know; each with its title, its letter's page, and who recorded it."""
    house, now = office.house, office.house.clock()
    key = await key_of(office, BREAKWATER)
    for number in range(51):
        asked = Grant(id="", policy="talbote", category=f"Topic {number}", evidence=f"Letter {number}")
        await add_grant(asked, None, "admin", house.world, house.store, now)
    asked = Grant(id="", policy="delta-research", entry=key, evidence="Answer to letter l-0123abcd: Yes (1). J. Doe")
    kept = await add_grant(asked, None, "reviewer", house.world, house.store, now)
    async with office.visitor("reviewer") as visitor:
        page = await read(visitor, "/admin/grants?text=breakwater")
        assert page.count("<tr") == 2
        shown = words(page)
        assert f"Delta Research Centre {BREAKWATER}" in shown
        assert "Yes (1). J. Doe answer to a letter , recorded by reviewer" in shown
        assert 'href="/admin/requests/l-0123abcd"' in page
        assert "Page 2 of 2" in await read(visitor, "/admin/grants?page=9")
        assert (await visitor.post(f"/admin/grants/{kept.id}/revoke"))[0] == 303
        assert "No permission is like this." in await read(visitor, "/admin/grants?text=breakwater&state=in+force")
        assert BREAKWATER in await read(visitor, "/admin/grants?state=revoked")
        assert "Delta Research Centre" in (await read(visitor, "/admin/grants?sort=giver")).partition("</tr>")[2][:600]


async def test_a_permission_that_covers_nothing_says_so(office: Office) -> None:
    """A slip of who typed it would wait for ever. One that is ended is no longer looked at."""
    house, now = office.house, office.house.clock()
    idle, used = [
        await add_grant(
            Grant(id="", source="talbote", author=author, evidence="Letter"), None, "a", house.world, house.store, now
        )
        for author in ("Nobody", None)
    ]
    async with office.visitor("reviewer") as visitor:
        page = await read(visitor, "/admin/grants")
        told = "Covers nothing so far. No entry of the newest"
        row = {one.id: words(page.partition(one.id)[2].partition("</tr>")[0]) for one in (idle, used)}
        assert told in row[idle.id]
        assert "has the author 'Nobody'" in row[idle.id]
        assert told not in row[used.id]
        assert (await visitor.post(f"/admin/grants/{idle.id}/revoke"))[0] == 303
        assert told not in words(await read(visitor, "/admin/grants"))
