"""Which files are read, how they are told apart, and what any text in them may do."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.config import (
    Configuration,
    fingerprint,
    load,
    load_settings,
)
from aggregator.errors import ConfigError, Problem
from tests.config.reading import Write, problems


def test_a_kind_may_be_a_file_a_folder_or_both(write: Write):
    configuration = load(
        write(
            {
                "sources/b.yaml": "id: b\nfeed: https://b.example/\n",
                "sources/a.yml": "- {id: a, feed: https://a.example/}\n",
                "sources/.hidden.yaml": "nonsense",
                "sources/notes.txt": "nonsense",
                "policies.yaml": "- {id: other, publisher: {name: Other}}\n",
            }
        )
    )
    assert [source.id for source in configuration.sources] == ["herald", "a", "b"]
    assert [policy.id for policy in configuration.policies] == ["other", "herald"]


def test_files_may_be_empty_or_absent(write: Write, tmp_path: Path):
    folder = write(
        {"aggregator.yaml": None, "sources.yaml": "# none yet\n", "policies/herald.yaml": "", "outputs.yaml": None}
    )
    configuration = load(folder)
    assert (configuration.sources, configuration.policies, configuration.outputs) == ((), (), ())
    assert configuration.settings.database == f"sqlite:///{tmp_path}/data/aggregator.db"
    assert [str(warning) for warning in configuration.warnings] == [
        (
            "config/aggregator.yaml: does not say who you are; write site: {name: …, url: …, email: …}, so that"
            " publishers can reach you"
        )
    ]


def test_the_wrong_folder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    assert problems(Path("nowhere")) == ["nowhere: is not there; name the configuration folder with --config DIR"]
    assert problems(Path("file")) == ["file: is not a folder; name the configuration folder with --config DIR"]
    assert problems(Path("empty")) == [
        "empty: holds no aggregator.yaml, sources.yaml, policies/ or outputs.yaml; is it the right folder?"
    ]


def test_files_are_named_as_the_operator_types_them(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / write({"sources.yaml": "{"})
    line = ":1: is not valid YAML: the file ends in the middle of something; check '[', ']', '{', '}' and the last key"
    assert problems(folder) == [f"config/sources.yaml{line}"]
    monkeypatch.chdir(folder)
    assert problems(Path()) == [f"sources.yaml{line}"]
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert problems(Path("../config")) == [f"../config/sources.yaml{line}"]
    assert problems(folder) == [f"{folder}/sources.yaml{line}"]


def test_a_file_that_is_none_is_told(write: Write, tmp_path: Path):
    folder = write({"sources.yaml": None, "outputs.yaml": None})
    (folder / "sources.yaml").mkdir()
    (folder / "outputs.yaml").symlink_to("missing.yaml")
    assert problems(folder) == [
        "config/outputs.yaml: is not there: its link leads nowhere",
        "config/sources.yaml: is not a file",
    ]


def test_an_unreadable_file_hides_no_other_problem_and_makes_none_up(write: Write):
    folder = write(
        {
            "policies/herald.yaml": "id: [",
            "aggregator.yaml": "polling: {min_interval: 1s}\nsite: 5\n",
            "sources.yaml": "- {id: herald, feed: https://herald.example/, policy: herald, interval: 1m, tags: 7}\n"
            "- {id: second, feed: https://second.example/, interval: 1m}\n",
            "outputs.yaml": "- {id: x, use: {audience: anybody}, select: {sources: [nobody]}}\n",
        }
    )
    assert problems(folder) == [
        "config/aggregator.yaml:2: site must be keys and values, not a number",
        (
            "config/outputs.yaml:1: audience 'anybody' is not known; did you mean 'anyone'? use anyone, personal,"
            " community, nonprofit, education, government, news, accredited or commercial"
        ),
        "config/outputs.yaml:1: source 'nobody' is not defined; there is herald and second",
        (
            "config/policies/herald.yaml:1: is not valid YAML: the file ends in the middle of something; check '[',"
            " ']', '{', '}' and the last key"
        ),
        "config/sources.yaml:1: tags must be a list, such as [a, b], not a number",
    ]


def test_the_settings_can_be_had_where_the_rest_is_broken(write: Write, tmp_path: Path):
    good = load(write()).settings
    assert load_settings(write({"sources.yaml": "[", "outputs.yaml": "- {id: 7}\n"})) == good
    with pytest.raises(ConfigError, match="key 'sight' is not known; did you mean 'site'"):
        load_settings(write({"aggregator.yaml": "sight: {}\n"}))
    with pytest.raises(ConfigError, match="nowhere: is not there"):
        load_settings(Path("nowhere"))


def test_settings_in_two_files_are_an_error(write: Write):
    folder = write({"aggregator/more.yaml": "unknown_policy: hold\n"})
    assert problems(folder) == [
        "config/aggregator/more.yaml:1: the settings stand in config/aggregator.yaml:1 already; keep one of them"
    ]


def test_a_link_must_not_lead_a_feed_out_of_the_folder(write: Write, tmp_path: Path):
    (tmp_path / "secret.xml").touch()
    folder = write({"sources.yaml": "- {id: a, feed: file:samples/link.xml}\n"})
    (folder / "samples").mkdir()
    (folder / "samples" / "link.xml").symlink_to(tmp_path / "secret.xml")
    assert problems(folder) == [
        (
            "config/sources.yaml:1: feed 'file:samples/link.xml' leads out of the configuration folder; copy the"
            " file into it"
        )
    ]


def test_a_sqlite_path_is_meant_from_beside_the_folder(write: Write, tmp_path: Path):
    written = {
        "relative.db": tmp_path / "relative.db",
        "../up.db": tmp_path.parent / "up.db",
        "/abs/x.db": Path("/abs/x.db"),
    }
    for path, meant in written.items():
        configuration = load(write({"aggregator.yaml": f"site: {{name: R}}\ndatabase: sqlite:///{path}\n"}))
        assert configuration.settings.database == f"sqlite:///{meant}"


def test_the_version_is_that_of_the_bytes_that_were_read(write: Write):
    first = load(write())
    assert load(write()).version == first.version
    assert load(write({"outputs.yaml": "- {id: community, use: {audience: anyone}}\n"})).version != first.version
    assert [path.name for path in first.files] == ["aggregator.yaml", "outputs.yaml", "herald.yaml", "sources.yaml"]


def test_the_fingerprint_changes_with_any_file(write: Write):
    folder = write({"samples/a.xml": "<a/>"})
    first = fingerprint(folder)
    assert fingerprint(folder) == first
    os.utime(folder / "samples" / "a.xml", (1, 1))
    second = fingerprint(folder)
    assert second != first
    (folder / "samples" / "a.xml").unlink()
    assert fingerprint(folder) not in {first, second}


def test_loading_twice_gives_equal_values(write: Write):
    folder = write()
    first, second = load(folder), load(folder)
    assert first == second
    assert isinstance(first, Configuration)


PIECES = """
    id feed policy tags use audience form rules allow ask deny when duties limits any_of requested credit-line tracker
    excerpt-max n unit url text select sources publisher name domains site polling interval auth basic headers default
    https://a.example/x file:a env:X full community web no yes ~ null 1 0x1F -1 .5 1e999 24h 20MB 2026-11-20 {} []
    '' &a *a !!x << ? | > - % @ ` # é
"""
WORDS = st.sampled_from([*PIECES.split(), r'"\ud800"', "\0", "\x85", ""])
BETWEEN = st.sampled_from([": ", "\n", "\n- ", "\n  ", "\n\t", ", ", " ", "{", "}", "[", "]", "\0"])
TEXTS = st.lists(st.tuples(WORDS, BETWEEN).map("".join)).map("".join)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**20) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=25,
)
NAMES = st.sampled_from(
    ["aggregator.yaml", "sources.yaml", "policies/herald.yaml", "outputs.yaml", "policies/tests/x.yaml"]
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES, body=(TEXTS | VALUES.map(json.dumps)).map(str.encode) | st.binary(max_size=60))
def test_no_file_does_more_than_be_told(name: str, body: bytes, write: Write):
    """Whatever stands in a file: it loads, or there is a ConfigError of one-line problems. JSON is YAML."""
    folder = write({name: body})
    found: tuple[Problem, ...] = ()
    try:
        load(folder)
    except ConfigError as error:
        found = error.problems or (Problem(file="", line=None, message="an error without a problem"),)
    finally:
        write({"policies/tests/x.yaml": None})
    assert all(problem.file.startswith("config/") and "\n" not in str(problem) for problem in found)
