"""What feeds and sites say, carrier by carrier, honest and hostile: from bytes on disk and on the web to documents.

Each case of `cases/` is a source of its own, with one article, in one installation; its publisher's policy allows all
(`OPEN`) unless the case gives another. The commands are those that an operator types.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from aggregator.cli import run
from aggregator.model.decision import Decision
from aggregator.model.output import Format
from aggregator.service.explain import explain_entry
from aggregator.wiring import utc_now
from tests.said.feeds import written
from tests.story.origin import Origin
from tests.story.site import Open, Site

CASES = {
    f"{path.stem}-{number}": case
    for path in sorted(Path(__file__).with_name("cases").glob("*.yaml"))
    for number, case in enumerate(yaml.safe_load(path.read_text(encoding="utf-8")), start=1)
}
OPEN = {"rules": [{"allow": ["full", "excerpt", "headline"], "duties": ["credit-source", "link-original"]}]}
FREE = {"medium": "web", "form": "full", "selection": "automatic"}
OUTPUTS: dict[str, dict[str, Any]] = {
    "comm": {"use": {**FREE, "audience": "community"}, "formats": ["rss", "atom", "json"]},
    "any": {"use": {**FREE, "audience": "anyone"}, "fallback": ["excerpt", "headline"]},
    "biz": {"use": {**FREE, "audience": "commercial", "ads": "item", "paywall": True, "sold": True}},
    "de": {"use": {**FREE, "audience": "community", "language": "de", "territory": ["DE"]}},
    "print": {"use": {**FREE, "audience": "community", "medium": "print"}},
    "mail": {"use": {**FREE, "audience": "nonprofit", "medium": "newsletter"}},
    "page": {"use": {**FREE, "audience": "commercial", "ads": "page"}},
    "wall": {"use": {**FREE, "audience": "nonprofit", "paywall": True}},
    "news": {"use": {**FREE, "audience": "news", "ads": "page"}},
}


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # rdflib warns of itself
def test_what_is_said_tightens_and_nothing_loosens(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        site = installed(tmp_path, stack)
        config = str(site.config)
        assert run(["--config", config, "check"]) == 0
        assert run(["--config", config, "poll"]) == 0
    for id_, case in CASES.items():
        for command in ("grants", "refusals"):
            for options in case.get(command, ()):
                told = [one.replace("{id}", id_) for one in options]
                assert run(["--config", config, command, "add", *told, "--evidence", "Letter of J. Doe"]) == 0
    assert run(["--config", config, "build"]) == 0
    wrong = asyncio.run(all_mistakes(site))
    assert not wrong, "\n".join(wrong)


async def all_mistakes(site: Site) -> list[str]:
    wrong: list[str] = []
    async with site.opened() as open_:
        bodies = {
            (output, format_): (await open_.body(output, Format(format_))).decode()
            for output, settings in OUTPUTS.items()
            for format_ in settings.get("formats", ["json"])
        }
        for id_, case in CASES.items():
            wrong += await mistakes(id_, case, open_, bodies)
    return wrong


def installed(folder: Path, stack: contextlib.ExitStack) -> Site:
    """All cases as sources; the sites that say something run until the stack ends."""
    site = Site(folder / "site")
    sources, policies = [], []
    for id_, case in CASES.items():
        source: dict[str, Any] = {"id": id_}
        base = f"https://{id_}.example"
        publisher = {"name": f"Paper {id_}", "url": f"{base}/", "domains": [f"{id_}.example"]}
        if "site" in case or "header" in case:
            origin = stack.enter_context(Origin().running())
            base, publisher = origin.url(""), {"name": f"Paper {id_}"}
            serve(origin, case, id_)
            source["feed"] = origin.url("/feed")
        else:
            (site.config / "feeds").mkdir(exist_ok=True)
            (site.config / "feeds" / id_).write_text(written(case["feed"], id_, base), encoding="utf-8")
            source["feed"] = f"file:feeds/{id_}"
        policy = case.get("policy", OPEN)
        if policy is not None:
            told = {"publisher": publisher, "contact": f"desk@{id_}.example", **policy, "id": id_}
            policies.append(json.loads(json.dumps(told, default=str).replace("{id}", id_)))
            source["policy"] = id_
        policies += json.loads(json.dumps(case.get("others", []), default=str))
        sources.append(source)
    site.write("sources.yaml", sources)
    site.write("policies.yaml", policies)
    site.write("outputs.yaml", list(outputs()))
    return site


def outputs() -> Iterator[dict[str, Any]]:
    for id_, output in OUTPUTS.items():
        yield {"id": id_, "title": id_, "select": {"newest": 1000}, "fallback": [], "formats": ["json"], **output}


def serve(origin: Origin, case: dict[str, Any], id_: str) -> None:
    base = origin.url("")
    for path, (body, type_) in case.get("site", {}).items():
        origin.serve(path, body.replace("{base}", base).encode(), Content_Type=type_)
    header = {name.replace("-", "_"): value.replace("{base}", base) for name, value in case.get("header", [])}
    origin.serve("/feed", written(case["feed"], id_, base).encode(), **{"Content_Type": "application/xml", **header})


async def mistakes(id_: str, case: dict[str, Any], open_: Open, bodies: dict[tuple[str, str], str]) -> list[str]:
    """What is not as the case says."""
    world, store = open_.house.world, open_.house.store
    wrong = []
    for output, expected in case["expect"].items():
        [answer] = await explain_entry(f"{id_}:{id_}", [output], world, store, utc_now())
        found = told(answer.decision)
        outcome, *rest = expected.split()
        if not (found[0] == outcome and all((word[1:] in found) == (word[0] == "+") for word in rest)):
            wrong.append(f"{id_}, {output}: {' '.join(found)}; expected: {expected}")
        shown = {
            format_
            for (where, format_), body in bodies.items()
            if where == output and any(f"Story {id_}{end}" in body for end in '<"')
        }
        if shown != (set(OUTPUTS[output].get("formats", ["json"])) if found[0] == "allow" else set()):
            wrong.append(f"{id_}, {output}: {found[0]}, but shown in {shown}")
    for words in case.get("shows", ()):
        words = words.replace("{base}", f"https://{id_}.example").replace("{id}", id_)
        wrong += [
            f"{id_}: {form} lacks {words}" for form in OUTPUTS["comm"]["formats"] if words not in bodies["comm", form]
        ]
    return wrong


def told(decision: Decision) -> list[str]:
    """Outcome, form, duties, limits, kinds of flags; `pictures-out`."""
    names = [one.name.value for one in (*decision.duties, *decision.limits) if one.name is not None]
    kinds = [hold.kind.value for hold in decision.holds]
    return [
        decision.outcome.value,
        decision.form.value,
        *names,
        *kinds,
        *(["pictures-out"] if decision.removed else []),
    ]
