"""Where things are published: what an entry and a document say of the site and the feed around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.model.output import Access, Format
from aggregator.publishing.item import Head, Place
from aggregator.publishing.render import NEVER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aggregator.model.output import Output
    from aggregator.model.parsed import FeedFacts
    from aggregator.publishing.item import Tombstone
    from aggregator.publishing.select import Placed
    from aggregator.publishing.words import Words
    from aggregator.service.world import World


def place_of(placed: Placed, world: World, feeds: Mapping[str, FeedFacts]) -> Place:
    """Where an entry is published, and the feed that it was polled from."""
    site = world.configuration.settings.site
    source = world.sources[placed.stored.entry.source]
    policy = world.policy_of(source.id)
    feed = feeds.get(source.id)
    home = policy.publisher.url if policy else None
    return Place(
        site_name=site.name,
        site_url=site.url,
        source_title=world.name_of(source.id),
        source_feed=source.feed if source.feed.startswith(("http://", "https://")) else None,
        source_home=home or (feed.url if feed else None),
        source_id=feed.feed_id if feed else None,
        source_rights=feed.rights if feed else None,
        about=f"{world.configuration.settings.server.public_url.rstrip('/')}/about/json-rights",
        outbound_id=placed.outbound_id,
    )


def head_of(
    output: Output, world: World, words: Words, recalled: tuple[Tombstone, ...] = (), archives: int = 0
) -> Head:
    """What the documents of an output say of themselves.

    Args:
        words: of the output's language.
    """
    settings = world.configuration.settings
    base = settings.server.public_url.rstrip("/")
    selves = tuple((format_, f"{base}/feeds/{output.id}.{format_}") for format_ in output.formats)
    home = f"{base}/feeds/{output.id}.html" if Format.HTML in output.formats else f"{base}/"
    return Head(
        id=f"{base}/feeds/{output.id}",
        title=output.title,
        description=output.description or words.say("description", site=settings.site.name),
        home=home,
        selves=selves,
        site_name=settings.site.name,
        site_url=settings.site.url,
        updated_at=max((one.at for one in recalled), default=NEVER),
        about=f"{base}/about/json-rights",
        report_url=f"{base}/contact" if settings.contact else None,
        apply_url=f"{base}/subscribe?output={output.id}" if settings.subscribe != "off" else None,
        tombstones=recalled,
        own_language=output.language,
        per_page=output.per_page,
        # They are served at public addresses only.
        archives=archives,
        # A hub would be told addresses that are secrets.
        hubs=world.hubs if output.access is Access.PUBLIC else (),
    )
