"""PostgreSQL keeps no NUL: an address with one names nothing, and is no fault of the server's."""

from __future__ import annotations

import shutil
from pathlib import Path

import aiohttp

from aggregator.model.account import Role
from aggregator.web.api.table import OPERATIONS
from tests.conftest import PostgresServer
from tests.web.admin.conftest import open_office
from tests.web.api.conftest import Programs

READS = sorted(one.path for one in OPERATIONS if one.method == "GET" and "{" in one.path)


async def test_an_address_with_a_nul_names_nothing(postgres: PostgresServer, sample: Path, tmp_path: Path) -> None:
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    settings = tmp_path / "config/aggregator.yaml"
    lines = settings.read_text("utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("database:"))
    url = postgres.create()
    lines[at] = f"database: {url}"
    settings.write_text("\n".join(lines), "utf-8")
    async with open_office(tmp_path, passwords=False) as office, aiohttp.ClientSession() as client:
        program = await Programs(office, client).of(Role.ADMIN)
        for path in READS:
            asked = path.replace("{", "%00{").format_map(dict.fromkeys(_names(path), "x"))
            told = await program("GET", asked, Accept="*/*")
            assert told.status == 404, (asked, told)
    postgres.drop(url)


def _names(path: str) -> list[str]:
    return [part.partition("}")[0] for part in path.split("{")[1:]]
