"""What the public pages show, gathered from the running house."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import jinja2

from aggregator.errors import AggregatorError
from aggregator.model.output import Access
from aggregator.service.read import OutputSummary, output_summaries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from aggregator.service.house import House

NAMES = {"rss": "RSS", "atom": "Atom", "json": "JSON Feed", "html": "page"}
TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}
AUDIENCES = {
    "anyone": "anyone",
    "personal": "personal use",
    "community": "community sites",
    "nonprofit": "non-profit organisations",
    "education": "schools and universities",
    "government": "public bodies",
    "news": "news organisations",
    "accredited": "accredited organisations",
    "commercial": "commercial sites",
}
MEDIA = {
    "web": "on the web",
    "newsletter": "in newsletters",
    "social": "in social media",
    "print": "in print",
    "broadcast": "on air",
}


class PublicSite:
    """The start page's values and the state of health (see `web.pages.Site`)."""

    def __init__(self, house: House, folders: Sequence[Path]) -> None:
        self._house = house
        self._summaries: tuple[int, list[OutputSummary]] = (-1, [])
        self.templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader([str(folder) for folder in folders]),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    async def overview(self) -> Mapping[str, object]:
        house = self._house
        outputs = [
            {**asdict(one), "modified_at": max((document.modified_at for document in one.documents), default=None)}
            for one in await self._current()
            if one.access is Access.PUBLIC
        ]
        return {
            "site": house.world.configuration.settings.site,
            "outputs": outputs,
            "sources": sorted({house.world.name_of(source) for source in house.world.active}),
            "names": NAMES,
            "types": TYPES,
            "audiences": AUDIENCES,
            "media": MEDIA,
        }

    async def _current(self) -> list[OutputSummary]:
        """Read again only after something was built: the page may be asked for often."""
        version = self._house.version()
        if self._summaries[0] != version:
            self._summaries = (version, await output_summaries(self._house.world, self._house.store))
        return self._summaries[1]

    async def health(self) -> tuple[bool, Mapping[str, object]]:
        house = self._house
        facts: dict[str, object] = {
            "configuration": "the last good one is in force" if house.keeper.problems else "in force",
            "configuration_problems": len(house.keeper.problems),
        }
        try:
            await house.store.ping()
        except AggregatorError as error:
            return False, {**facts, "database": str(error)}
        return True, {**facts, "database": "answers"}
