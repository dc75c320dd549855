"""The formats' own rules, and what the W3C feed validator is known to warn of, as functions from bytes to problems.

Written from the specifications, without a line of the program: what the writers and their proof have in common with
each other, they do not have in common with this.
"""

from __future__ import annotations

from tests.validity.checks.atom import check_atom
from tests.validity.checks.jsonfeed import check_json
from tests.validity.checks.opml import check_opml
from tests.validity.checks.page import check_html, check_text
from tests.validity.checks.rss import check_rss

CHECKS = {"atom": check_atom, "rss": check_rss, "json": check_json, "html": check_html, "txt": check_text}
"""By the ending of a document's name."""

__all__ = ["CHECKS", "check_atom", "check_html", "check_json", "check_opml", "check_rss", "check_text"]
