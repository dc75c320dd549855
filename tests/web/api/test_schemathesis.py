"""Everything that the document allows, and much that it does not, against the real application on a real database."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path

import pytest

from aggregator.model.account import Role
from tests.web.admin.conftest import open_office

WHOLE = os.environ.get("SCHEMATHESIS") == "whole"
"""All phases, and more of each: minutes. `SCHEMATHESIS=whole pytest tests/web/api/test_schemathesis.py`."""
EXAMPLES = 20 if WHOLE else 2
PHASES = "examples,coverage,fuzzing,stateful" if WHOLE else "fuzzing"
ENDS_ITSELF = "revoke_token"
"""It would end the token that asks, and all after it would be refused; it is asked alone, last."""


@pytest.mark.slow
async def test_no_request_is_answered_otherwise_than_the_document_says(sample: Path, tmp_path: Path) -> None:
    """Status codes, media types, schemas and headers as declared; no 500; what fits is taken, what does not is not."""
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    settings = tmp_path / "config" / "aggregator.yaml"
    settings.write_text(f"{settings.read_text()}\napi: {{rate: 1000000}}\n")
    # What fits the document may still be refused for what is there: an If-Match of another version is 412.
    expected = '["2xx", "3xx", "401", "403", "404", "409", "412", "429"]'
    (tmp_path / "schemathesis.toml").write_text(f"[checks.positive_data_acceptance]\nexpected-statuses = {expected}\n")
    async with open_office(tmp_path, passwords=False) as office:
        _, secret = await office.desk.accounts.add_token("test", "admin", Role.ADMIN, lasts=None, by="test")
        for only in (f"--exclude-operation-id={ENDS_ITSELF}", f"--include-operation-id={ENDS_ITSELF}"):
            command = [
                *("run", f"{office.base}/api/v1/openapi.json", f"--url={office.base}/api/v1"),
                *("--header", f"Authorization: Bearer {secret}", only, f"--phases={PHASES}"),
                *(f"--max-examples={EXAMPLES}", "--mode=all", "--checks=all", "--workers=1", "--no-color"),
                *("--warnings=off", "--suppress-health-check=all", "--seed=1", "--no-shrink", "--max-failures=5"),
            ]
            status, told = await schemathesis(command, tmp_path)
            assert status == 0, told


async def schemathesis(command: list[str], folder: Path) -> tuple[int | None, str]:
    """Runs it as a person would: a program of its own."""
    program = Path(sys.executable).with_name("schemathesis")
    process = await asyncio.create_subprocess_exec(
        program, *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    told, _ = await process.communicate()
    return process.returncode, told.decode()
