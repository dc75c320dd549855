"""What is in force, and what an edit does to it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from aggregator.errors import ConfigError
from aggregator.service.keeper import Keeper

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
POLICY = """\
id: herald
publisher: {name: The Herald}
rules:
  - allow: [full]
    to: [community]
"""
TEST = """\
- about: community sites may carry the full text
  policy: herald
  entry: {title: A story, url: https://herald.example/1, text: Some words.}
  use: {audience: community, form: full}
  expect: {outcome: OUTCOME}
"""


def a_folder(folder: Path, outcome: str) -> Path:
    (folder / "policies" / "tests").mkdir(parents=True)
    (folder / "policies" / "herald.yaml").write_text(POLICY)
    (folder / "policies" / "tests" / "herald.yaml").write_text(TEST.replace("OUTCOME", outcome))
    return folder


def test_a_policy_whose_tests_fail_does_not_load(tmp_path: Path) -> None:
    """It says something else than its author meant, so nothing is decided by it."""
    with pytest.raises(ConfigError) as raised:
        Keeper.open(a_folder(tmp_path / "config", "deny"), NOW)
    assert "policy test 'community sites may carry the full text': outcome: expected deny, got allow" in str(
        raised.value
    )


async def test_an_edit_that_breaks_a_policys_tests_is_not_taken(tmp_path: Path) -> None:
    """The last good configuration stays in force, and the problem is known."""
    folder = a_folder(tmp_path / "config", "allow")
    keeper = Keeper.open(folder, NOW)
    in_force = keeper.world
    (folder / "policies" / "herald.yaml").write_text(POLICY.replace("allow:", "deny:"))
    assert not await keeper.refresh(NOW)
    assert keeper.world is in_force
    assert ["outcome: expected allow, got deny" in str(problem) for problem in keeper.problems] == [True]
    (folder / "policies" / "herald.yaml").write_text(POLICY + "# as before\n")
    assert await keeper.refresh(NOW)
    assert keeper.problems == ()


async def test_an_edit_that_acts_after_a_restart_is_told_and_another_is_not(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "config", "allow")
    keeper = Keeper.open(folder, NOW)
    settings = folder / "aggregator.yaml"
    for written, told in (
        ("polling: {interval: 45m}\n", []),
        ("polling: {interval: 45m, concurrency: 7}\n", ["polling.concurrency"]),
        ("polling: {interval: 45m, concurrency: 7}\napi: {rate: 5}\n", ["api"]),
        ("api: {rate: 5}\nmetrics: {listen: '127.0.0.1:9'}\n", ["polling.concurrency", "metrics.listen"]),
    ):
        settings.write_text(written)
        with capture_logs() as logs:
            assert await keeper.refresh(NOW)
        assert [log["setting"] for log in logs if "setting" in log] == told
