"""What may stand in each file, key by key: the one list that reading, JSON Schemas and the reference page share.

A key's `description` is what an editor shows and what `docs/configuration.md` must mention; its example completes the
message where it is missing. A key that may be left empty says `| None`; any other empty key is an error, because
`when:` above a list that somebody commented out would otherwise widen a rule without a word.
"""

from __future__ import annotations

from aggregator.config.written.case import ComponentKeys, EntryKeys, PolicyTestKeys
from aggregator.config.written.keys import Written
from aggregator.config.written.output import OutputKeys, UseKeys
from aggregator.config.written.policy import PolicyKeys, RuleKeys, WhenKeys
from aggregator.config.written.polling import SourcePollKeys
from aggregator.config.written.settings import OidcKeys, SettingsKeys, SiteKeys, WebhookKeys, WebSubKeys
from aggregator.config.written.source import SourceKeys

__all__ = [
    "ComponentKeys",
    "EntryKeys",
    "OidcKeys",
    "OutputKeys",
    "PolicyKeys",
    "PolicyTestKeys",
    "RuleKeys",
    "SettingsKeys",
    "SiteKeys",
    "SourceKeys",
    "SourcePollKeys",
    "UseKeys",
    "WebSubKeys",
    "WebhookKeys",
    "WhenKeys",
    "Written",
]
