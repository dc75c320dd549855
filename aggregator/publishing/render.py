"""All documents of one output, at the cost of what has changed.

An entry's bytes are made and proved once for each (revision, decision, credit, format) and kept; a document is its
head and such bytes. So the caller need load contents only for entries that are missing here.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aggregator.errors import RenderError
from aggregator.model.output import Format
from aggregator.publishing import atom, jsonfeed, rss
from aggregator.publishing.compose import compose
from aggregator.publishing.credit import Credits
from aggregator.publishing.item import EntryRefused
from aggregator.publishing.page import River
from aggregator.publishing.verify import verify_document, verify_fragment

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence
    from pathlib import Path

    from aggregator.model.decision import Decision
    from aggregator.model.entry import Content, StoredEntry
    from aggregator.model.output import Output
    from aggregator.publishing.item import Head, Item, Place

KEPT_BYTES = 64_000_000
"""Of fragments that are kept: some 5,000 entries of 3 KB in four formats."""
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""The date of a document that never held an entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An entry that is to stand in an output."""

    stored: StoredEntry
    decision: Decision
    decision_digest: str
    """Changes with anything in the decision that a copy depends on."""
    place: Place

    @property
    def key(self) -> str:
        return self.stored.key


@dataclass(frozen=True, slots=True)
class _Made:
    """An entry's bytes in all formats of an output, proved."""

    fragments: dict[Format, bytes]
    ids: dict[Format, str]
    updated_at: datetime
    language: str | None
    size: int


class Renderer:
    """Makes the documents of outputs and keeps the bytes of their entries. Not for several threads at once."""

    def __init__(self, folders: Sequence[Path], *, kept_bytes: int = KEPT_BYTES) -> None:
        """Reads the templates.

        Args:
            folders: template folders, the operator's own first, then the one that comes with the program.
            kept_bytes: of fragments; the ones that were used longest ago go first.
        Raises:
            TemplateError: a template of the page cannot be read.
        """
        self.credits = Credits(folders)
        self.river = River(folders)
        self._kept: OrderedDict[Hashable, _Made] = OrderedDict()
        self._kept_bytes_max = kept_bytes
        self._kept_bytes = 0
        self._held: dict[str, frozenset[Hashable]] = {}
        self._fragment: dict[Format, Callable[[Item], bytes]] = {
            Format.RSS: rss.fragment,
            Format.ATOM: atom.fragment,
            Format.JSON: jsonfeed.fragment,
            Format.HTML: self.river.fragment,
        }
        self._document: dict[Format, Callable[[Head, Sequence[bytes]], bytes]] = {
            Format.RSS: rss.document,
            Format.ATOM: atom.document,
            Format.JSON: jsonfeed.document,
            Format.HTML: self.river.document,
        }

    @property
    def version(self) -> str:
        """Changes with any template: part of what an output is built from."""
        return self.credits.version

    def missing(self, output: Output, wanted: Sequence[Wanted]) -> list[str]:
        """Keys of the entries whose contents `render` will need; the others are kept, and stay so until it is done."""
        identities = {_identity(output, one): one.key for one in wanted}
        self._held[output.id] = frozenset(identities)
        return [key for identity, key in identities.items() if identity not in self._kept]

    def render(
        self, output: Output, head: Head, wanted: Sequence[Wanted], contents: Mapping[str, Content]
    ) -> dict[Format, bytes]:
        """The documents of an output in all its formats, each entry and each document proved.

        Args:
            output: its formats and credit set.
            head: `updated_at` is a floor: the document's date is that of its newest entry, and never earlier.
            wanted: the entries in their order.
            contents: by key, of those that `missing` names at least.
        Raises:
            EntryRefused: an entry would break a promise; `entry` names it, and the output can do without it.
            RenderError: a document would.
            TemplateError: a template cannot be read or rendered.
        """
        made = [self._made(output, one, contents) for one in wanted]
        head = replace(
            head,
            updated_at=max((head.updated_at, *(one.updated_at for one in made))),
            language=head.language or _common({one.language for one in made}),
        )
        documents = {}
        for format_ in output.formats:
            body = self._document[format_](head, [one.fragments[format_] for one in made])
            verify_document(format_, body, [one.ids[format_] for one in made])
            documents[format_] = body
        self._held.pop(output.id, None)
        self._forget()
        return documents

    def refused(self, output: Output, wanted: Sequence[Wanted], contents: Mapping[str, Content]) -> list[EntryRefused]:
        """The entries that cannot stand in the output, with the reason; all others are kept for `render`."""
        problems = []
        for one in wanted:
            try:
                self._made(output, one, contents)
            except EntryRefused as error:
                problems.append(error)
        return problems

    def _made(self, output: Output, one: Wanted, contents: Mapping[str, Content]) -> _Made:
        identity = _identity(output, one)
        found = self._kept.get(identity)
        if found is not None:
            self._kept.move_to_end(identity)
            return found
        if one.key not in contents:
            raise RenderError(f"entry '{one.key}': its content was not loaded; ask the renderer which are missing")
        item = compose(one.stored, contents[one.key], one.decision, output, one.place, self.credits)
        made = self._prove(output, item)
        self._keep(identity, made)
        return made

    def _prove(self, output: Output, item: Item) -> _Made:
        fragments = {format_: self._fragment[format_](item) for format_ in output.formats}
        for format_, fragment in fragments.items():
            verify_fragment(format_, fragment, item)
        return _Made(
            fragments=fragments,
            ids={format_: item.id_in(format_) for format_ in output.formats},
            updated_at=item.updated_at,
            language=item.language,
            size=sum(map(len, fragments.values())),
        )

    def _keep(self, identity: Hashable, made: _Made) -> None:
        self._kept[identity] = made
        self._kept_bytes += made.size
        self._forget()

    def _forget(self) -> None:
        """Drops what was used longest ago, but nothing that a build under way was told it need not load."""
        if self._kept_bytes <= self._kept_bytes_max:
            return
        held = frozenset().union(*self._held.values())
        for identity in [identity for identity in self._kept if identity not in held]:
            if self._kept_bytes <= self._kept_bytes_max:
                return
            self._kept_bytes -= self._kept.pop(identity).size


def _identity(output: Output, one: Wanted) -> Hashable:
    """All that an entry's bytes depend on beside the templates, which a renderer never changes."""
    stored = one.stored
    return (
        output.id,
        output.credit,
        output.formats,
        output.use.medium,
        stored.key,
        stored.entry.revision,
        stored.first_seen_at,
        stored.revised_at,
        one.decision_digest,
        one.place,
    )


def _common(languages: set[str | None]) -> str | None:
    """The language, if all entries have the same."""
    return next(iter(languages)) if len(languages) == 1 else None
