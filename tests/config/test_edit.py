"""An edit changes what it was asked to change, keeps every other byte, and is written whole or not at all."""

from __future__ import annotations

import re
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.config import load, splice
from aggregator.config.edit import Edit
from aggregator.config.read import read
from aggregator.errors import ConfigError, EditError, Problem, UsageError

SAMPLES = Path(__file__).parent.parent.parent / "config"
NEW = {"id": "herald", "feed": "https://herald.example/rss", "tags": ["local", "no"], "title": "12"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(SAMPLES, tmp_path / "config")
    return tmp_path / "config"


# ── the text of one file ─────────────────────────────────────────────────────────────────────────────────────────

COMMENTS = ("# plain", "# - id: not-a-document", "#", "# 'quoted' {braces}: and more", "# ü – 漢字")
VALUES = (
    ("title", "A: b", "'A: b'"),
    ("title", "it's", '"it\'s"'),
    ("title", "no # comment", '"no # comment"'),
    ("title", "two lines", "two\n    lines"),
    ("interval", 30, "30"),
    ("enabled", False, "false"),
    ("tags", ["a", "b"], "[a,   b]"),
    ("tags", ["a", "b"], "\n    - a\n    -   b"),
    ("headers", {"X-A": "1"}, "{X-A:   '1'}"),
    ("note", "x\n# no comment\n", "|\n    x\n    # no comment"),
    ("note", "x y\n", ">\n    x\n    y"),
    ("policy", None, ""),
)


@st.composite
def files(draw: st.DrawFn) -> tuple[list[str], list[dict[str, Any]]]:
    """A file's pieces: (what stands between) and (document), in turn, beginning and ending with what stands between.
    And what each document says."""
    indent = draw(st.sampled_from(("", "  ")))

    def between() -> str:
        return "".join(
            draw(st.lists(st.sampled_from(("\n", *(f"{indent}{c}\n" for c in COMMENTS), "# far left\n")), max_size=3))
        )

    pieces, says = [between()], []
    for number in range(draw(st.integers(1, 5))):
        document: dict[str, Any] = {"id": f"d{number}"}
        text = f"{indent}-{draw(st.sampled_from((' ', '   ')))}id: d{number}"
        column = len(text) - len(f"id: d{number}")
        text += draw(st.sampled_from(("", "   # why"))) + "\n"
        for key, value, written in draw(st.lists(st.sampled_from(VALUES), max_size=3, unique_by=lambda v: v[0])):
            document[key] = value
            shifted = written.replace("\n    ", "\n" + " " * (column + 2))
            text += f"{' ' * column}{key}:{'' if written[:1] in {'', chr(10)} else ' '}{shifted}\n"
            text += draw(st.sampled_from(("", "", f"{' ' * column}# inside {key}\n")))
        # A comment that ends a document stands outside of it: the parser cannot tell.
        lines = text.splitlines(keepends=True)
        tail = lines.pop() if lines[-1].lstrip().startswith("# inside") else ""
        pieces += ["".join(lines), tail + between()]
        says.append(document)
    return pieces, says


@settings(max_examples=60, deadline=None)
@given(files())
def test_an_added_document_changes_no_byte_of_what_was_there(file: tuple[list[str], list[dict[str, Any]]]):
    pieces, says = file
    text = "".join(pieces)
    assert splice.documents(text) == says
    longer = splice.append(text, [NEW])
    assert longer.startswith(text)
    assert read(longer.encode()).value == [*says, NEW]


@settings(max_examples=60, deadline=None)
@given(files(), st.integers(0, 4))
def test_a_removed_document_takes_nothing_with_it_but_blank_lines(
    file: tuple[list[str], list[dict[str, Any]]], which: int
):
    pieces, says = file
    which %= len(says)
    shorter = splice.remove("".join(pieces), which)
    assert (read(shorter.encode()).value or []) == says[:which] + says[which + 1 :]
    expected = [*pieces[: 2 * which + 1], *pieces[2 * which + 2 :]]
    assert _lines("".join(expected)) == _lines(shorter)


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines(keepends=True) if line.strip()]


@settings(max_examples=60, deadline=None)
@given(files(), st.integers(0, 4), st.sampled_from(("new title", "true", "'", "a: b", "x\ny\n")))
def test_a_changed_document_keeps_its_comments_and_every_byte_of_the_others(
    file: tuple[list[str], list[dict[str, Any]]], which: int, title: str
):
    pieces, says = file
    which %= len(says)
    text = "".join(pieces)
    wanted = {**says[which], "title": title}
    changed = splice.replace(text, which, wanted)
    assert read(changed.encode()).value == [*says[:which], wanted, *says[which + 1 :]]
    before, after = "".join(pieces[: 2 * which + 1]), "".join(pieces[2 * which + 2 :])
    assert changed.startswith(before)
    assert changed.endswith(after)
    inside = changed.removeprefix(before).removesuffix(after)
    for comment in re.findall(r"# (?:why|inside \w+)$", pieces[2 * which + 1], re.MULTILINE):
        assert comment in inside


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "- id: z\n"),
        ("# only a comment", "# only a comment\n\n- id: z\n"),
        ("- id: a", "- id: a\n\n- id: z\n"),
        ("- id: a\n- id: b\n", "- id: a\n- id: b\n- id: z\n"),
        ("- id: a\r\n\r\n- id: b\r\n", "- id: a\r\n\r\n- id: b\r\n\r\n- id: z\r\n"),
        ("  - id: a\n    x: 1\n", "  - id: a\n    x: 1\n\n  - id: z\n"),
        ("[{id: a}]  # why\n", "[{id: a}, {id: z}]  # why\n"),
        ("[{id: a},\n {id: b},\n]\n", "[{id: a},\n {id: b}, {id: z},\n]\n"),
        ("---\n- id: a\n...\n", "---\n- id: a\n\n- id: z\n...\n"),
        ("- id: a\n  t: |+\n    x\n\n", "- id: a\n  t: |+\n    x\n\n- id: z\n"),
    ],
)
def test_a_document_is_added_in_the_manner_of_the_file(before: str, after: str):
    assert splice.append(before, [{"id": "z"}]) == after


@pytest.mark.parametrize(
    ("before", "index", "after"),
    [
        ("- id: a\n\n- id: b\n\n- id: c\n", 1, "- id: a\n\n- id: c\n"),
        ("- id: a\n\n- id: b\n", 1, "- id: a\n"),
        ("# top\n\n- id: a\n\n# heading\n\n- id: b\n", 0, "# top\n\n# heading\n\n- id: b\n"),
        ("[{id: a}, {id: b}] # why\n", 0, "[{id: b}] # why\n"),
        ("[{id: a}, {id: b}]\n", 1, "[{id: a}]\n"),
        ("[{id: a}, {id: b},]\n", 1, "[{id: a},]\n"),
        ("[{id: a},]\n", 0, "[]\n"),
        ("-\n  # about\n  id: a\n- id: b\n", 0, "- id: b\n"),
    ],
)
def test_a_document_is_taken_out_in_the_manner_of_the_file(before: str, index: int, after: str):
    assert splice.remove(before, index) == after


@pytest.mark.parametrize(
    "value",
    [
        *("30", "1e3", "0x1F", "0o17", "null", "~", "", " x ", "yes", "- a", "a: b", "#", "x\n", "\nx", "a\tb"),
        *("it's", "😀", "%", "@a", "2026-11-20", "12:30", "!t", "&a", "*a", "a\n b\n\n"),
    ],
)
def test_a_new_text_reads_back_as_that_text(value: str):
    """Whatever a title is made of, it is never taken for a number, a list or nothing."""
    document = {"id": "a", "title": value, "tags": [value]}
    assert read(splice.written(document).encode()).value == document
    assert splice.documents(splice.replace("- id: a\n  title: t\n", 0, document)) == [document]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# ── the folder ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_added_source_is_written_behind_the_others(folder: Path):
    before = (folder / "sources.yaml").read_text()
    edit = Edit(folder)
    edit.add("sources", [NEW])
    assert edit.save() == (str(folder / "sources.yaml"),)
    after = (folder / "sources.yaml").read_text()
    assert after.startswith(before)
    assert load(folder).sources[-1].title == "12"


def test_nothing_is_written_that_the_check_would_refuse(folder: Path):
    before = (folder / "sources.yaml").read_bytes()
    edit = Edit(folder)
    edit.add("sources", [{**NEW, "policy": "not-there"}])
    with pytest.raises(ConfigError, match="policy 'not-there' is not defined"):
        edit.save()
    edit = Edit(folder)
    edit.remove("policies", "talbote")
    with pytest.raises(ConfigError, match="policy 'talbote' is not defined"):
        edit.save()
    edit = Edit(folder)
    edit.write(Path("policies/talbote.yaml"), "id: talbote\nrules: [")
    with pytest.raises(ConfigError, match=r"policies/talbote.yaml:2: is not valid YAML"):
        edit.save()
    edit = Edit(folder)
    edit.add("sources", [NEW])
    with pytest.raises(ConfigError, match="a test fails"):
        edit.save(lambda _: (Problem(file="tests.yaml", line=1, message="a test fails"),))
    assert (folder / "sources.yaml").read_bytes() == before
    assert (folder / "policies" / "talbote.yaml").read_bytes() == (SAMPLES / "policies" / "talbote.yaml").read_bytes()


def test_an_edit_by_somebody_else_is_never_written_over(folder: Path):
    edit = Edit(folder)
    edit.add("sources", [NEW])
    with (folder / "sources.yaml").open("a") as stream:
        stream.write("# typed meanwhile\n")
    with pytest.raises(EditError, match="changed by somebody else"):
        edit.save()
    assert (folder / "sources.yaml").read_text().endswith("# typed meanwhile\n")


def test_several_files_are_written_together_and_a_failure_writes_none(folder: Path, monkeypatch: pytest.MonkeyPatch):
    edit = Edit(folder)
    edit.add("policies", [{"id": "herald", "publisher": {"name": "Herald"}, "default": "ask"}])
    edit.add("sources", [{**NEW, "policy": "herald"}])
    renames = iter((True, False))
    rename = Path.replace

    def fails_the_second_time(self: Path, target: Path) -> Path:
        if not next(renames):
            raise OSError(28, "No space left on device", str(target))
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", fails_the_second_time)
    with pytest.raises(EditError, match="No space left on device"):
        edit.save()
    monkeypatch.undo()
    assert names(folder) == names(SAMPLES)
    assert not (folder / "policies" / "herald.yaml").exists()
    assert edit.save() == (str(folder / "policies" / "herald.yaml"), str(folder / "sources.yaml"))
    assert (folder / "policies" / "herald.yaml").read_text().startswith("# yaml-language-server: $schema=../schemas/")


def test_the_rights_of_a_file_and_a_link_to_it_are_kept(folder: Path, tmp_path: Path):
    elsewhere = tmp_path / "elsewhere.yaml"
    (folder / "sources.yaml").rename(elsewhere)
    elsewhere.chmod(0o640)
    (folder / "sources.yaml").symlink_to(elsewhere)
    edit = Edit(folder)
    edit.add("sources", [NEW])
    edit.save()
    assert (folder / "sources.yaml").is_symlink()
    assert "herald" in elsewhere.read_text()
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o640
    assert names(tmp_path) == ["config", "elsewhere.yaml"]


def test_an_id_is_given_once(folder: Path):
    with pytest.raises(UsageError, match=r"source 'talbote' is there already, in .*sources.yaml; give another id"):
        Edit(folder).add("sources", [{**NEW, "id": "talbote"}])
    with pytest.raises(UsageError, match="source 'nobody' is not configured; there is: 'delta-research'"):
        Edit(folder).remove("sources", "nobody")


def test_a_folder_of_documents_is_edited_file_by_file(folder: Path):
    text = (folder / "sources.yaml").read_text()
    (folder / "sources.yaml").unlink()
    (folder / "sources").mkdir()
    (folder / "sources" / "b.yaml").write_text(text)
    (folder / "sources" / "a.yaml").write_text("# alone\nid: alone\nfeed: https://alone.example/\n")
    edit = Edit(folder)
    edit.add("sources", [NEW])
    edit.change("sources", "alone", {"interval": "2h", "feed": "https://alone.example/feed"})
    edit.save()
    assert (folder / "sources" / "b.yaml").read_text().startswith(text)
    assert (folder / "sources" / "a.yaml").read_text() == (
        "# alone\nid: alone\nfeed: https://alone.example/feed\ninterval: 2h\n"
    )
    edit = Edit(folder)
    edit.remove("sources", "alone")
    edit.save()
    assert not (folder / "sources" / "a.yaml").exists()


def test_where_each_document_has_a_file_of_its_own_a_new_one_has_one_too(folder: Path):
    text = (folder / "sources.yaml").read_text()
    (folder / "sources.yaml").unlink()
    (folder / "outputs.yaml").unlink()
    (folder / "sources").mkdir()
    for document in splice.documents(text):
        (folder / "sources" / f"{document['id']}.yaml").write_text(splice.written(document))
    edit = Edit(folder)
    edit.add("sources", [NEW])
    assert edit.save() == (str(folder / "sources" / "herald.yaml"),)
    assert (folder / "sources" / "herald.yaml").read_text().splitlines()[:2] == [
        "# yaml-language-server: $schema=../schemas/sources.json",
        "id: herald",
    ]
    edit = Edit(folder)
    edit.add("sources", [{**NEW, "id": "one"}, {**NEW, "id": "two"}])
    assert edit.save() == (str(folder / "sources" / "more-1.yaml"),)
    assert not (folder / "sources.yaml").exists()


def test_a_file_that_is_made_says_which_keys_it_may_hold(folder: Path):
    (folder / "sources.yaml").unlink()
    (folder / "outputs.yaml").unlink()
    edit = Edit(folder)
    edit.add("sources", [{"id": "herald", "feed": "https://herald.example/rss"}])
    edit.save()
    assert (folder / "sources.yaml").read_text() == (
        "# yaml-language-server: $schema=schemas/sources.json\n\n- id: herald\n  feed: https://herald.example/rss\n"
    )


def test_more_than_a_file_may_hold_goes_into_further_files(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("aggregator.config.edit.VALUES_MAX", 200)
    edit = Edit(folder)
    edit.add("sources", [{**NEW, "id": f"s{number}"} for number in range(100)])
    edit.save()
    found = load(folder)
    assert [source.id for source in found.sources][-100:] == [f"s{number}" for number in range(100)]
    assert len(list((folder / "sources").iterdir())) > 1
    for path in (folder / "sources").iterdir():
        assert sum(1 for _ in re.finditer("id:", path.read_text())) <= 200 / 6


def test_nothing_outside_the_folder_can_be_written(folder: Path):
    for path in ("../x.yaml", "/etc/x.yaml", "policies/../../x.yaml", "run.sh", ".hidden.yaml"):
        with pytest.raises(UsageError, match="is no configuration file"):
            Edit(folder).write(Path(path), "x")
