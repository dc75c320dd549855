"""What may stand in a source."""

from __future__ import annotations

from aggregator.config.words import (
    Feed,
    HeaderValue,
    Id,
    Line,
    Secret,
)
from aggregator.config.written.keys import Written, key
from aggregator.config.written.polling import SourcePollKeys


class AuthKeys(Written):
    basic: Secret | None = key("Where user:password stands: env:NAME or file:PATH.", default=None)
    bearer: Secret | None = key("Where a token stands: env:NAME or file:PATH.", default=None)


class SourceKeys(SourcePollKeys):
    """One item of config/sources.yaml"""

    id: Id = key("Name of the source: a-z, 0-9 and '-'; entries are kept under it.", "example-news")
    feed: Feed = key("Address of the feed, or file:PATH inside config/.", "https://example.org/feed")
    policy: Line | None = key("Id of its publisher's policy; none: unknown_policy decides.", default=None)
    tags: list[Line] = key("Words by which outputs select sources.", default=[])
    enabled: bool = key("false: not polled, and no output carries it.", default=True)
    title: Line | None = key("Your name for it; the publisher's name if left out.", default=None)
    headers: dict[str, HeaderValue] = key(
        "Request headers for this feed only: text, env:NAME or file:PATH.", default={}
    )
    cookies: dict[str, HeaderValue] = key("Cookies for this feed only: text, env:NAME or file:PATH.", default={})
    auth: AuthKeys | None = key("Credentials for this feed only.", default=None)


# ── policies/*.yaml ──────────────────────────────────────────────────────────────────────────────────────────────
