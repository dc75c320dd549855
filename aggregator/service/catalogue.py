"""The public outputs as a list that feed readers take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.model.output import Access, Format
from aggregator.publishing.catalogue import Offered, output_list

if TYPE_CHECKING:
    from aggregator.service.world import World
    from aggregator.store import Store

_LIKED = (Format.ATOM, Format.RSS, Format.JSON)
"""Formats that a reader can subscribe to, the one that says most first."""


async def catalogue(world: World, store: Store) -> bytes:
    """OPML of all public outputs that have a feed.

    Raises:
        StoreError: the database could not be read.
    """
    settings = world.configuration.settings
    base = settings.server.public_url.rstrip("/")
    offered = []
    for output in world.outputs.values():
        kind = next((format_ for format_ in _LIKED if format_ in output.formats), None)
        if output.access is Access.PUBLIC and kind is not None:
            page = f"{base}/feeds/{output.id}.html" if Format.HTML in output.formats else None
            offered.append(
                Offered(
                    title=output.title,
                    feed=f"{base}/feeds/{output.id}.{kind}",
                    home=page,
                    description=output.description,
                    language=output.language,
                )
            )
    public = {output.id for output in world.outputs.values() if output.access is Access.PUBLIC}
    changed = [document.modified_at for document in await store.documents() if document.output in public]
    return output_list(
        offered,
        title=f"{settings.site.name}: feeds",
        owner=settings.site.name,
        email=settings.site.email,
        url=settings.site.url,
        modified_at=max(changed, default=None),
    )
