"""The pages that the head of each page links to: grouped, for those who may see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.model.account import Role
from aggregator.web.admin.access import PREFIX

if TYPE_CHECKING:
    from collections.abc import Collection


def N_(text: str) -> str:  # noqa: N802 -- the name by which extractors of translations know it
    """Marks a text for translation that is translated where it is shown."""
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One page."""

    path: str
    """After `/admin`, as it stands in the table of pages: `/flags`."""
    name: str
    role: Role = Role.VIEWER
    """The least that may see it."""
    key: str = ""
    """The letter that leads there after `g`; empty: none does."""

    @property
    def address(self) -> str:
        return f"{PREFIX}{self.path}"

    def holds(self, path: str) -> bool:
        """Whether the page at an address is this one, or stands under it."""
        return path == self.address or (self.path != "/" and path.startswith(f"{self.address}/"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Pages that belong together."""

    name: str
    items: tuple[Item, ...]


MENU = (
    Group(
        name=N_("Desk"),
        items=(
            Item(path="/", name=N_("Overview"), key="o"),
            Item(path="/flags", name=N_("Flags"), key="f"),
            Item(path="/review", name=N_("Review"), key="r"),
            Item(path="/requests", name=N_("Requests"), key="q"),
            Item(path="/grants", name=N_("Grants"), key="g"),
            Item(path="/refusals", name=N_("Refusals")),
            Item(path="/withdrawals", name=N_("Withdrawals"), key="w"),
        ),
    ),
    Group(
        name=N_("Content"),
        items=(
            Item(path="/entries", name=N_("Entries"), key="e"),
            Item(path="/sources", name=N_("Sources"), key="s"),
            Item(path="/policies", name=N_("Policies"), key="p"),
            Item(path="/terms", name=N_("Terms watch"), key="t"),
            Item(path="/outputs", name=N_("Outputs"), key="u"),
        ),
    ),
    Group(
        name=N_("People"),
        items=(
            Item(path="/applications", name=N_("Applications")),
            Item(path="/subscribers", name=N_("Subscribers"), key="b"),
            Item(path="/users", name=N_("Accounts"), role=Role.ADMIN),
        ),
    ),
    Group(
        name=N_("House"),
        items=(
            Item(path="/ledger", name=N_("Ledger"), key="l"),
            Item(path="/webhooks", name=N_("Webhooks"), role=Role.OPERATOR, key="h"),
            Item(path="/settings", name=N_("Settings"), role=Role.OPERATOR, key=","),
        ),
    ),
)
"""In the order in which they are shown. A page that is not in the table of pages is left out."""


def menu_for(role: Role | None, paths: Collection[str]) -> list[Group]:
    """What somebody of a role may see of it; nothing for somebody who is not logged in.

    Args:
        paths: of the pages that there are, after `/admin`.
    """
    if role is None:
        return []
    found = []
    for group in MENU:
        items = tuple(item for item in group.items if item.path in paths and role.covers(item.role))
        if items:
            found.append(Group(name=group.name, items=items))
    return found
