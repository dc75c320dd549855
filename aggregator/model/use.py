"""What an output would do with an entry: the question that a policy answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    """How much of an entry. Only the form that a rule lists counts; none implies another (ruling 2)."""

    FULL = "full"
    EXCERPT = "excerpt"
    HEADLINE = "headline"
    """Title and link."""


class Audience(StrEnum):
    """Who republishes. None implies another, except that a rule for `anyone` covers all (ruling 4)."""

    ANYONE = "anyone"
    PERSONAL = "personal"
    COMMUNITY = "community"
    NONPROFIT = "nonprofit"
    EDUCATION = "education"
    GOVERNMENT = "government"
    NEWS = "news"
    ACCREDITED = "accredited"
    COMMERCIAL = "commercial"


class Medium(StrEnum):
    """Where the copy appears."""

    WEB = "web"
    NEWSLETTER = "newsletter"
    SOCIAL = "social"
    PRINT = "print"
    BROADCAST = "broadcast"


class Ads(StrEnum):
    """Advertising beside the copy."""

    NONE = "none"
    PAGE = "page"
    ITEM = "item"
    """Sold against the item itself (ruling 6)."""


class Selection(StrEnum):
    """Who picks the entries."""

    AUTOMATIC = "automatic"
    REVIEWED = "reviewed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """The declared use of one output."""

    output: str
    """The output's id; empty for a hypothetical use."""
    form: Form = Form.FULL
    """The form asked for."""
    fallback: tuple[Form, ...] = ()
    """Smaller forms to try, in order, where the asked one is not allowed. Empty: hold."""
    audience: Audience = Audience.COMMUNITY
    medium: Medium = Medium.WEB
    ads: Ads = Ads.NONE
    paywall: bool = False
    sold: bool = False
    selection: Selection = Selection.AUTOMATIC
    territory: frozenset[str] = frozenset()
    """ISO 3166-1 alpha-2, upper case. Empty: worldwide (ruling 11)."""
    language: str | None = None
    """BCP 47 tag of the language in which the output publishes; None: each entry in its own. Matters for
    translation only (ruling 11)."""
    copies: int | None = None
    """How many copies will exist; None where nobody can say, as with a public feed."""
    can_discharge: frozenset[str] = frozenset()
    """Names of the duties that every format of the output can carry. Filled from the formats by `publishing`."""

    @property
    def forms(self) -> tuple[Form, ...]:
        """All forms to try, the asked one first, each once."""
        return tuple(dict.fromkeys((self.form, *self.fallback)))
