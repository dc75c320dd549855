"""What the public pages show, gathered from the running house."""

from __future__ import annotations

import itertools
from dataclasses import asdict
from typing import TYPE_CHECKING

import structlog

from aggregator.errors import AggregatorError, StoreError
from aggregator.model.output import Access
from aggregator.publishing.credit import Templates
from aggregator.publishing.jsonfeed import RIGHTS_KEYS
from aggregator.service.catalogue import catalogue
from aggregator.service.read import output_summaries
from aggregator.web.admin.menu import N_
from aggregator.web.admin.render import Pages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from aggregator.service.house import House

log = structlog.get_logger(__name__)

SOURCES_SHOWN = 300
"""Names of sources on the start page: more, and it would be megabytes that nobody reads."""
NAMES = {"rss": "RSS", "atom": "Atom", "json": "JSON Feed", "html": N_("page"), "txt": N_("Plain text")}
TYPES = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
    "txt": "text/plain",
}
AUDIENCES = {
    "anyone": N_("anyone"),
    "personal": N_("personal use"),
    "community": N_("community sites"),
    "nonprofit": N_("non-profit organisations"),
    "education": N_("schools and universities"),
    "government": N_("public bodies"),
    "news": N_("news organisations"),
    "accredited": N_("accredited organisations"),
    "commercial": N_("commercial sites"),
}
MEDIA = {
    "web": N_("on the web"),
    "newsletter": N_("in newsletters"),
    "social": N_("in social media"),
    "print": N_("in print"),
    "broadcast": N_("on air"),
}


class PublicSite:
    """The start page's values and the state of health (see `web.pages.Site`)."""

    def __init__(self, house: House, folders: Sequence[Path]) -> None:
        self._house = house
        self._templates = Templates(folders)
        self._pages = Pages(folders)
        self._made: tuple[int, dict[str, str]] = (-1, {})
        self._trouble = ""
        """What the log was told of the database last; empty: that it is well, or nothing."""

    async def start_page(self, accept_language: str = "") -> str:
        """The start page, made again only after something was built: it may be asked for often.

        Args:
            accept_language: the languages that its reader takes, as browsers send them.
        Raises:
            TemplateError: its template cannot be read or rendered.
            StoreError: the database does not answer.
        """
        version, language = self._house.version(), self._pages.language(None, accept_language)
        before = self._made[1]
        if self._made[0] != version:
            self._made = (version, {})
        made = self._made[1]
        if language not in made:
            try:
                made[language] = await self._index(language, forms=True)
            except StoreError:
                if language not in before or not self._house.is_trusted():
                    raise
                self._made = (-1, before)  # kept while the database is away for a moment
                return before[language]
        return made[language]

    async def _index(self, language: str, *, forms: bool) -> str:
        """The start page.

        Args:
            forms: whether it leads to the public forms: a static site has none.
        """
        settings = self._house.world.configuration.settings
        values = {
            **await self._values(),
            "subscribe_open": forms and settings.subscribe != "off",
            "contact_open": forms and settings.contact,
        }
        return self._pages.render("index.html", language, values, folder="river")

    async def opml(self) -> bytes:
        """The public outputs as a list that feed readers take.

        Raises:
            StoreError: the database does not answer.
        """
        return await catalogue(self._house.world, self._house.store)

    def rights_page(self) -> str:
        """The page to which `_rights.about` leads.

        Raises:
            TemplateError: its template cannot be read or rendered.
        """
        site = self._house.world.configuration.settings.site
        return self._templates.render(["river/json-rights.html"], site=site, keys=RIGHTS_KEYS)

    async def static_files(self) -> dict[str, bytes]:
        """The pages, the list of outputs and the archives as files, by their path below the folder of a static site.

        Raises:
            TemplateError, StoreError: as `start_page`.
        """
        files = {
            "index.html": (await self._index(self._pages.language(None, ""), forms=False)).encode(),
            "about/json-rights.html": self.rights_page().encode(),
            "outputs.opml": await self.opml(),
        }
        for output in self._house.world.outputs.values():
            for number in itertools.count(1) if output.archive else ():
                found = await self._house.public.archive(output.id, number)
                if found is None:
                    break
                files[f"feeds/{output.id}/archive/{number}.atom"] = found[0].body
        return files

    async def _values(self) -> Mapping[str, object]:
        house = self._house
        outputs = [
            {**asdict(one), "modified_at": max((document.modified_at for document in one.documents), default=None)}
            for one in await output_summaries(house.world, house.store)
            if one.access is Access.PUBLIC
        ]
        return {
            "site": house.world.configuration.settings.site,
            "outputs": outputs,
            "sources": house.world.names[:SOURCES_SHOWN],
            "more_sources": len(house.world.names) - SOURCES_SHOWN,
            "labels": NAMES,
            "types": TYPES,
            "audiences": AUDIENCES,
            "media": MEDIA,
        }

    async def health(self) -> tuple[bool, Mapping[str, object]]:
        house = self._house
        facts: dict[str, object] = {
            "configuration": "the last good one is in force" if house.keeper.problems else "in force",
            "configuration_problems": len(house.keeper.problems),
        }
        try:
            await house.store.ping()
        except AggregatorError as error:
            # Its name and address stay in the log: anyone may ask for our health.
            self._tell("database does not answer", str(error))
            return False, {**facts, "database": "does not answer"}
        if house.store.problem is not None:
            # Documents are served as ever; what feeds bring waits for better times, and is asked for again then.
            self._tell("database takes nothing", house.store.problem)
            return False, {**facts, "database": "answers, but takes nothing"}
        self._tell("", "")
        return True, {**facts, "database": "answers"}

    def _tell(self, trouble: str, error: str) -> None:
        """A line in the log where it is news: probes ask every few seconds."""
        if trouble and trouble != self._trouble:
            log.error(trouble, error=error)
        elif self._trouble and not trouble:
            log.info("database is well again", before=self._trouble)
        self._trouble = trouble
