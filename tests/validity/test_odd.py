"""A source whose feed is wrong in every way that we have met comes out valid, as long as anything of it comes out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from aggregator.cli import run
from tests.validity.checks import CHECKS

BASE = "http://127.0.0.1:8080"


@pytest.fixture(scope="session")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exported feeds of an output that may carry anything of anyone."""
    folder = tmp_path_factory.mktemp("odd")
    config = folder / "config"
    (config / "policies").mkdir(parents=True)
    for name in ("odd.xml", "dated.xml"):
        shutil.copy(Path(__file__).parent / name, config / name)
    (config / "aggregator.yaml").write_text(
        "site: {name: Odd & Sons, url: https://us.example/, email: us@us.example}\ndatabase: sqlite:///data/a.db\n"
    )
    (config / "sources.yaml").write_text(
        "- {id: odd, feed: 'file:odd.xml', policy: odd}\n- {id: dated, feed: 'file:dated.xml', policy: odd}\n"
    )
    (config / "policies/odd.yaml").write_text(
        "id: odd\n"
        "publisher: {name: 'Odd Ends & Co', url: https://odd.example/, domains: [odd.example]}\n"
        "contact: desk@odd.example\n"
        "terms: {url: https://odd.example/terms, read: 2026-11-20, evidence: Take what you like.}\n"
        "rules:\n  - allow: [full, excerpt, headline]\n"
        "third_party: covered\n"
    )
    forms = {"full": ("full", "excerpt, headline"), "excerpts": ("excerpt", "headline"), "lines": ("headline", "")}
    nothing = (
        "- id: nothing\n  title: Nobody’s\n  language: ar\n  select: {tags: [none]}\n"
        "  use: {audience: community, medium: web, form: full}\n  formats: [rss, atom, json, html, txt]\n"
    )
    (config / "outputs.yaml").write_text(
        nothing
        + "".join(
            f"- id: {name}\n  title: 'Odd & even'\n  select: {{}}\n"
            f"  use: {{audience: community, medium: web, form: {form}}}\n  fallback: [{smaller}]\n"
            "  formats: [rss, atom, json, html, txt]\n"
            for name, (form, smaller) in forms.items()
        )
    )
    assert run(["--config", str(config), "poll"]) == 0
    assert run(["--config", str(config), "export", str(folder / "site")]) == 0
    return folder / "site/feeds"


@pytest.mark.parametrize("format_", CHECKS)
@pytest.mark.parametrize("output", ["full", "excerpts", "lines", "nothing"])
def test_what_comes_out_of_an_odd_feed_is_valid(output: str, format_: str, odd: Path):
    path = odd / f"{output}.{format_}"
    problems = CHECKS[format_](path.read_bytes(), f"{BASE}/feeds/{path.name}")
    assert [problem for problem in problems if not problem.startswith("DuplicateUpdated")] == []


def test_it_does_come_out(odd: Path):
    assert len(json.loads((odd / "full.json").read_bytes())["items"]) >= 4
