"""A second installation subscribes to the first: what it knows of each article, it knows from the first's outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from aggregator.model.output import Format
from tests.story.feeds import read_json
from tests.story.origin import Origin
from tests.story.site import Site, a_source
from tests.story.test_seed import OWN, RT, RT_PAGE, THEIRS, set_up

FORMATS = (Format.RSS, Format.ATOM, Format.JSON)
RIVERSIDE: dict[str, Any] = {
    "publisher": {"name": "Riverside", "url": "https://news.example.org/", "domains": ["news.example.org"]},
    "rules": [{"allow": ["full"], "duties": ["credit-source", "copyright-notice", "link-original"]}],
    "third_party": "covered",
}


async def test_every_hop_and_notice_survives_a_second_republication(tmp_path: Path, origin: Origin) -> None:
    """In each format alike; and the first publisher's own terms hold two steps later."""
    first, second = Site(tmp_path / "first"), Site(tmp_path / "second")
    set_up(first, origin)
    first.policy("rt", **RT)
    async with first.opened() as running:
        await running.poll()
        await running.build()
        for format_ in FORMATS:
            origin.serve(f"/community.{format_}", await running.body("community", format_))
    second.settings["site"] = {"name": "Valley", "url": "https://valley.example.net/", "email": "desk@valley.example"}
    second.settings["server"]["public_url"] = "https://valley.example.net"
    second.write("aggregator.yaml", second.settings)
    second.policy("riverside", **RIVERSIDE)
    sources = [a_source(f"by-{format_}", origin, f"/community.{format_}", policy="riverside") for format_ in FORMATS]
    second.write("sources.yaml", sources)
    outputs = [
        {"id": f"all-{one}", "title": "All", "select": {"sources": [f"by-{one}"]}, "use": {"audience": "community"}}
        for one in FORMATS
    ]
    second.write("outputs.yaml", outputs)
    async with second.opened() as running:
        for report in (await running.poll()).values():
            assert (report.outcome, report.new, report.warnings) == ("changed", 2, ()), report
        await running.build()
        for format_ in FORMATS:
            shown = read_json(await running.body(f"all-{format_}", Format.JSON))
            assert list(shown) == [THEIRS.id, OWN.id], format_
            theirs, own = shown[THEIRS.id], shown[OWN.id]
            assert theirs.hops == ("RT", "Global Research", "Riverside"), format_
            assert own.hops == ("Global Research", "Riverside"), format_
            assert (theirs.title, theirs.link, theirs.authors) == (THEIRS.title, THEIRS.link, ("Lizzie Phelan",))
            assert "Copyright © Lizzie Phelan, RT, 2016" in theirs.rights
            assert {RT_PAGE, THEIRS.link} <= set(theirs.links)
            hops = orjson.loads(await running.body(f"all-{format_}", Format.JSON))["items"][0]["_rights"]["hops"]
            assert (hops[0]["url"], hops[0]["author"]) == (RT_PAGE, "Lizzie Phelan")
            assert hops[1]["url"] == THEIRS.link
        # RT is known here, too, from now on, and has another mind.
        second.policy("rt", **{**RT, "rules": [{"deny": ["full"]}]})
        await running.edit()
        await running.build()
        for format_ in FORMATS:
            assert list(read_json(await running.body(f"all-{format_}", Format.JSON))) == [OWN.id], format_
