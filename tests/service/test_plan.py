"""What an edited configuration would change is told before it does, and is then what the build does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from aggregator.cli import run

HARBOR = "config/policies/harbor-light.yaml"
COMMONS = "config/policies/commons-garden.yaml"


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Call = Callable[..., Said]


@pytest.fixture
def site(sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample configuration, polled and built, in the current folder; without its tests, as terms change here."""
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    shutil.rmtree(tmp_path / "config/policies/tests")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    def call(*arguments: str) -> Said:
        capsys.readouterr()
        code = run(list(arguments))
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return call


def edit(path: str, old: str, new: str) -> None:
    text = Path(path).read_text(encoding="utf-8")
    assert old in text
    Path(path).write_text(text.replace(old, new), encoding="utf-8")


def add(path: str, text: str) -> None:
    with Path(path).open("a", encoding="utf-8") as file:
        file.write(text)


def of(plan: Any, output: str) -> Any:
    [found] = [one for one in plan["outputs"] if one["id"] == output]
    return found


def everything(folder: Path) -> dict[str, str]:
    """A digest of every file but SQLite's own passing ones."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(("-wal", "-shm"))]
    return {str(path): sha256(path.read_bytes()).hexdigest() for path in files}


def test_an_unchanged_configuration_changes_nothing(site: Path, call: Call) -> None:
    before = everything(site)
    said = call("plan")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "As before: community, commercial, print, headlines, classroom",
        "Nothing would be withdrawn.",
    ]
    assert everything(site) == before


def without_harbor() -> None:
    edit(HARBOR, "rules:\n", "rules:\n  - deny: [full, excerpt, headline]\n")


def excerpts_only() -> None:
    edit("config/outputs.yaml", "medium: web                       # web", "medium: newsletter  # web")


def one_newest() -> None:
    edit("config/outputs.yaml", "newest: 50 ", "newest: 1 ")


def commons_disabled() -> None:
    edit(
        "config/sources.yaml",
        "feed: file:samples/commons-garden.json",
        "feed: file:samples/commons-garden.json\n  enabled: false",
    )


def everybody_known() -> None:
    edit("config/policies/delta-research.yaml", "third_party: ask ", "third_party: covered ")


def strict_selection() -> None:
    edit("config/outputs.yaml", "exclude: advertisement ", "match: clock ")


@pytest.mark.parametrize(
    "change", [without_harbor, excerpts_only, one_newest, commons_disabled, everybody_known, strict_selection]
)
def test_the_build_does_what_the_plan_said(change: Callable[[], None], site: Path, call: Call) -> None:
    """Same entries in, same entries out, for the same reasons, in every output."""
    change()
    before = everything(site)
    said = call("plan", "--json")
    assert said.err == ""
    assert everything(site) == before
    built = {report["output"]: report for report in call("build", "--json").json}
    for output in said.json["outputs"]:
        report = built[output["id"]]
        assert {one["entry"] for one in output["appears"]} == set(report["added"])
        assert {(one["entry"], one["why"]) for one in output["disappears"]} == set(map(tuple, report["removed"]))
        assert (output["after"], output["held"]) == (report["entries"], report["held"])
    assert said.code == int(any(output["disappears"] for output in said.json["outputs"]))
    assert said.json["withdraws"] == bool(said.code)
    assert any(output["appears"] or output["disappears"] for output in said.json["outputs"])
    again = call("plan")
    assert (again.code, again.out.splitlines()[-1]) == (0, "Nothing would be withdrawn.")


def test_what_disappears_is_told_with_the_rule_and_its_place(site: Path, call: Call) -> None:
    without_harbor()
    said = call("plan", "--json")
    lost = of(said.json, "commercial")["disappears"]
    assert len(lost) == 3
    assert {(one["source"], one["before"], one["after"]) for one in lost} == {("harbor-light", "full", None)}
    for one in lost:
        assert one["rules"] == ["harbor-light:1 (config/policies/harbor-light.yaml:18)"]
        assert "Harbor Light does not allow the full text for use by commercial sites" in one["why"]
    people = call("plan")
    assert people.code == 1
    lines = people.out.splitlines()
    at = lines.index("output 'commercial': 3 entries now, 0 then, 9 held back")
    assert lines[at + 1].startswith(
        "  - 3 entries disappear: Harbor Light does not allow the full text for use by commercial sites"
    )
    assert "(config/policies/harbor-light.yaml:18)" in lines[at + 1]
    assert "A Night on the Last Car Ferry [harbor-light]" in lines[at + 2]
    assert lines[-1] == "Something would be withdrawn."


def test_another_form_is_told(site: Path, call: Call) -> None:
    edit(HARBOR, "  - allow: [full, excerpt]", "  - allow: [excerpt]")
    changes = of(call("plan", "--json").json, "community")["changes"]
    assert {(one["before"], one["after"], one["differences"][0]) for one in changes} == {
        ("full", "excerpt", "an excerpt instead of the full text")
    }
    assert {one["rules"][0] for one in changes} == {"harbor-light:1 (config/policies/harbor-light.yaml:18)"}


@pytest.mark.parametrize(
    ("path", "old", "new", "told"),
    [
        (COMMONS, "name: Commons Garden", "name: The Commons", "credit to The Commons instead of Commons Garden"),
        (COMMONS, "licence: CC-BY-4.0", "licence: CC0-1.0", "it need no longer name the author"),
        (
            HARBOR,
            "      - link-original\n      - keep-links",
            "      - keep-links",
            "it need no longer link to the original article",
        ),
        (
            HARBOR,
            "      - keep-links",
            "      - keep-links\n      - {copyright-notice: © Harbor}",
            "now it must repeat the copyright notice, or where there is none “© Harbor”",
        ),
        (HARBOR, "images: {own_credit: [Harbor Light]}", "images: deny", "1 picture or medium fewer"),
        (HARBOR, "images: {own_credit: [Harbor Light]}", "images: same", "1 picture or medium more"),
    ],
)
def test_another_credit_or_duty_or_picture_is_told(
    path: str, old: str, new: str, told: str, site: Path, call: Call
) -> None:
    edit(path, old, new)
    said = call("plan", "--json")
    assert said.code == 0
    changes = of(said.json, "community")["changes"]
    assert any(told in one["differences"] for one in changes), changes
    assert all(one["before"] == one["after"] for one in changes)
    assert f"  ~ {len(changes)} entr" in call("plan").out or "~ 1 entry changes" in call("plan").out


def test_new_and_removed_outputs_sources_and_formats_are_told(site: Path, call: Call) -> None:
    add("config/outputs.yaml", "\n- {id: fresh, use: {audience: community}, select: {sources: [talbote]}}\n")
    edit("config/outputs.yaml", "- id: headlines\n", "- id: titles\n")
    edit("config/outputs.yaml", "formats: [rss, atom, json, html]", "formats: [rss, html]")
    add("config/sources.yaml", "\n- {id: later, feed: https://later.example/feed}\n")
    commons_disabled()
    said = call("plan", "--json")
    assert said.code == 1
    assert (said.json["sources_new"], said.json["sources_removed"]) == (["later"], ["commons-garden"])
    status = {one["id"]: one["status"] for one in said.json["outputs"]}
    assert (status["fresh"], status["titles"], status["headlines"], status["print"]) == (
        "new",
        "new",
        "removed",
        "kept",
    )
    assert of(said.json, "community")["formats_removed"] == ["atom", "json"]
    removed = of(said.json, "headlines")
    assert (removed["after"], {one["why"] for one in removed["disappears"]}) == (
        0,
        {"the output is no longer configured"},
    )
    gone = {one["source"]: one["why"] for one in of(said.json, "classroom")["disappears"]}
    assert gone == {"commons-garden": "its source is no longer configured, or is disabled"}
    lines = call("plan").out.splitlines()
    assert lines[:2] == [
        "New sources, unknown until they are polled: later",
        "Sources that are polled no longer: commons-garden",
    ]
    assert "  - no longer offered as atom, json" in lines
    assert any(line.startswith("output 'headlines' (no longer configured): 10 entries now, 0 then") for line in lines)


def test_however_much_changes_it_is_about_a_screen(site: Path, call: Call) -> None:
    """A reason takes two lines, with some titles; the JSON has all of them."""
    for output in ("community", "commercial", "print", "headlines", "classroom"):
        edit("config/outputs.yaml", f"- id: {output}", f"- id: other-{output}")
    plan = call("plan", "--json").json
    assert sum(len(one["appears"]) + len(one["disappears"]) for one in plan["outputs"]) > 60
    assert len(call("plan").out.splitlines()) < 60


def test_a_missing_database_is_told_and_not_made(site: Path, call: Call) -> None:
    shutil.rmtree(site / "data")
    before = everything(site)
    said = call("plan")
    assert (said.code, said.out) == (1, "")
    assert len(said.err.splitlines()) == 1
    assert "does not exist yet" in said.err
    assert everything(site) == before
    assert not (site / "data").exists()


def test_a_broken_configuration_is_told(site: Path, call: Call) -> None:
    edit("config/outputs.yaml", "form: headline", "form: headlin")
    said = call("plan")
    assert (said.code, said.out) == (2, "")
    assert "config/outputs.yaml" in said.err


def test_a_policy_whose_tests_fail_is_told(site: Path, call: Call) -> None:
    (site / "config/policies/tests").mkdir()
    add("config/policies/tests/more.yaml", MORE)
    said = call("plan")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("config/policies/tests/more.yaml:1: policy test 'Nobody gets anything.'")


MORE = """\
- about: Nobody gets anything.
  policy: commons-garden
  entry: {author: Ann Lee}
  use: {audience: community}
  expect: {outcome: deny}
"""
