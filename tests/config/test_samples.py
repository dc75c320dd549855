"""The sample configuration of the project works, is complete, and its schemas and reference page are not stale."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aggregator.config import load, schemas
from aggregator.config.terms import TERM_NAMES
from aggregator.model.policy import Effect
from aggregator.model.use import Audience

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config"
REFERENCE = ROOT / "docs" / "configuration.md"
YAMLS = sorted(CONFIG.rglob("*.yaml"))


def keys_of(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name, schema) of each key that a schema describes."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {}).items()
        for value in schema.values():
            yield from keys_of(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from keys_of(value)


def test_the_samples_load_without_a_warning():
    assert load(CONFIG).warnings == ()


def test_the_samples_show_publishers_with_different_terms():
    configuration = load(CONFIG)
    polled = {source.policy for source in configuration.sources if source.enabled}
    assert len(polled - {None}) >= 5
    assert None in polled
    assert all(source.feed.startswith("file:") for source in configuration.sources if source.enabled)
    assert {rule.effect for policy in configuration.policies for rule in policy.rules} == set(Effect)
    assert {output.use.audience for output in configuration.outputs} >= {Audience.COMMUNITY, Audience.COMMERCIAL}


def test_no_sample_output_empties_itself_with_time():
    assert [output.id for output in load(CONFIG).outputs if output.select.max_age] == []


def test_every_policy_that_is_polled_is_tested():
    configuration = load(CONFIG)
    tested = {case.policy for case in configuration.policy_tests}
    with_rules = {policy.id for policy in configuration.policies if policy.rules}
    polled = {source.policy for source in configuration.sources if source.enabled}
    assert polled & with_rules <= tested


@pytest.mark.parametrize("path", YAMLS, ids=lambda path: path.relative_to(CONFIG).as_posix())
def test_each_sample_names_its_schema(path: Path):
    first = path.read_text(encoding="utf-8").splitlines()[0]
    match = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert match
    schema = (path.parent / match[1]).resolve()
    assert schema.is_file()
    kind = (
        "policy-tests" if path.parent.name == "tests" else "policies" if path.parent.name == "policies" else path.stem
    )
    assert schema.stem == kind


@pytest.mark.parametrize("kind", schemas())
def test_the_schema_files_are_those_of_this_program(kind: str):
    """Where this fails, a key has changed: write `schemas()` to config/schemas/ anew."""
    written = json.loads((CONFIG / "schemas" / f"{kind}.json").read_text(encoding="utf-8"))
    assert written == schemas()[kind]


@pytest.mark.parametrize("kind", schemas())
def test_every_key_is_described_in_its_schema(kind: str):
    for definition in schemas()[kind]["$defs"].values():
        for name, key in definition.get("properties", {}).items():
            assert key.get("description"), name
        assert definition["additionalProperties"] is False


def test_every_key_stands_in_the_reference():
    page = REFERENCE.read_text(encoding="utf-8")
    keys = {name for schema in schemas().values() for name, _ in keys_of(schema)} | set(TERM_NAMES)
    assert sorted(name for name in keys if f"`{name}`" not in page) == []


def test_every_value_of_a_fixed_list_stands_in_the_reference():
    page = REFERENCE.read_text(encoding="utf-8")
    values = set(re.findall(r'"enum": \[([^\]]*)\]', json.dumps(schemas())))
    words = {word for group in values for word in json.loads(f"[{group}]")}
    assert sorted(word for word in words if f"`{word}`" not in page) == []


def test_the_examples_of_the_reference_load(tmp_path: Path):
    """Each block that starts with the name of a file is that file."""
    page = REFERENCE.read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n# config/(\S+)\n(.*?)```", page, re.DOTALL)
    assert len(blocks) >= 4
    for name, text in blocks:
        path = tmp_path / "config" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert load(tmp_path / "config").warnings == ()
