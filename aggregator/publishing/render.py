"""All documents of one output, at the cost of what has changed.

An entry's bytes are made and proved once for each (revision, decision, credit, format) and kept, for all outputs; a
document is its head and such bytes. So the caller need load contents only for entries that are missing here.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from aggregator.errors import RenderError
from aggregator.model.output import Format
from aggregator.publishing import atom, jsonfeed, rss
from aggregator.publishing.compose import compose
from aggregator.publishing.credit import Credits
from aggregator.publishing.digest import Digest
from aggregator.publishing.item import EntryRefused
from aggregator.publishing.page import River
from aggregator.publishing.verify import BETWEEN, verify_document, verify_fragment

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence
    from pathlib import Path

    from aggregator.model.decision import Decision
    from aggregator.model.entry import Content, StoredEntry
    from aggregator.model.output import Document, Output
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
class _Facts:
    """What a document must know of an entry beside its bytes."""

    ids: dict[Format, str]
    updated_at: datetime
    language: str | None
    size: int
    """Bytes in all formats."""


@dataclass(frozen=True, slots=True)
class _Made:
    """An entry's bytes in all formats of an output, proved."""

    fragments: dict[Format, bytes]
    facts: _Facts


@dataclass(frozen=True, slots=True)
class _Cut:
    """Where the entries stand in the documents that an output published last."""

    identities: tuple[Hashable, ...]
    facts: tuple[_Facts, ...]
    lengths: dict[Format, tuple[int, ...]]
    """Of each entry's bytes."""
    starts: dict[Format, int]
    etags: dict[Format, str]


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
        self.digest = Digest(self.credits.dictionary)
        self._kept: OrderedDict[Hashable, _Made] = OrderedDict()
        self._kept_bytes_max = kept_bytes
        self._kept_bytes = 0
        self._held: dict[str, frozenset[Hashable]] = {}
        self._cuts: dict[str, _Cut] = {}
        self._fragment: dict[Format, Callable[[Item], bytes]] = {
            Format.RSS: rss.fragment,
            Format.ATOM: atom.fragment,
            Format.JSON: jsonfeed.fragment,
            Format.HTML: self.river.fragment,
            Format.TEXT: self.digest.fragment,
        }
        self._document: dict[Format, Callable[[Head, Sequence[bytes]], bytes]] = {
            Format.RSS: rss.document,
            Format.ATOM: atom.document,
            Format.JSON: jsonfeed.document,
            Format.HTML: self.river.document,
            Format.TEXT: self.digest.document,
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

    def lost(self, output: Output, wanted: Sequence[Wanted]) -> int:
        """How many entries were let go of whose bytes stand in the documents that the output published last."""
        cut = self._cuts.get(output.id)
        if cut is None:
            return 0
        there = set(cut.identities)
        return sum(one not in self._kept and one in there for one in (_identity(output, each) for each in wanted))

    def recall(self, output: Output, documents: Sequence[Document]) -> None:
        """Takes entries' bytes out of the documents in which they were published: cheaper than to make them again.

        Args:
            documents: of the output, as the store has them; if one is another than was published, nothing is taken.
        """
        cut = self._cuts.get(output.id)
        bodies = {one.format: one.body for one in documents if cut and etag_of(one.body) == cut.etags.get(one.format)}
        if cut is None or bodies.keys() != cut.starts.keys():
            return
        taken = {format_: _taken(format_, body, cut) for format_, body in bodies.items()}
        for place, (identity, facts) in enumerate(zip(cut.identities, cut.facts, strict=True)):
            if identity not in self._kept:
                fragments = {format_: pieces[place] for format_, pieces in taken.items()}
                self._keep(identity, _Made(fragments, facts))

    def published(self, output: Output, etags: Mapping[Format, str]) -> None:
        """Tells that the documents rendered last are the output's now, and under which validators."""
        cut = self._cuts.get(output.id)
        if cut is not None:
            self._cuts[output.id] = replace(cut, etags=dict(etags))

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
            updated_at=max((head.updated_at, *(one.facts.updated_at for one in made))),
            language=head.language or _common({one.facts.language for one in made}),
        )
        documents = {}
        for format_ in output.formats:
            body = self._document[format_](head, [one.fragments[format_] for one in made])
            fragments = [one.fragments[format_] for one in made]
            verify_document(format_, body, [one.facts.ids[format_] for one in made], fragments)
            documents[format_] = body
        self._cuts[output.id] = self._cut(output, wanted, made, documents)
        self._held.pop(output.id, None)
        self._forget()
        return documents

    def _cut(
        self, output: Output, wanted: Sequence[Wanted], made: Sequence[_Made], documents: Mapping[Format, bytes]
    ) -> _Cut:
        starts = {}
        if made:
            found = ((format_, body.find(made[0].fragments[format_])) for format_, body in documents.items())
            starts = {format_: at for format_, at in found if at >= 0}
        return _Cut(
            identities=tuple([_identity(output, one) for one in wanted]),
            facts=tuple([one.facts for one in made]),
            lengths={format_: tuple([len(one.fragments[format_]) for one in made]) for format_ in documents},
            starts=starts,
            etags={},
        )

    def examine(self, output: Output, one: Wanted, content: Content) -> tuple[Item, dict[Format, bytes]]:
        """An entry as it is published, made anew, with its bytes in all formats: for a proof told to people.

        Raises:
            EntryRefused: it cannot be.
            TemplateError: a credit template cannot be read or rendered.
        """
        item = compose(one.stored, content, one.decision, output, one.place, self.credits)
        return item, {format_: self._fragment[format_](item) for format_ in output.formats}

    def alone(self, output: Output, head: Head, one: Wanted, content: Content) -> dict[Format, bytes]:
        """A document of each format with one entry alone, made anew and kept nowhere: for people who are to judge it.

        Raises:
            EntryRefused: it cannot be.
            TemplateError: a template cannot be read or rendered.
        """
        item, fragments = self.examine(output, one, content)
        head = replace(head, updated_at=item.updated_at, language=head.language or item.language)
        return {format_: self._document[format_](head, [fragment]) for format_, fragment in fragments.items()}

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
        facts = _Facts(
            ids={format_: item.id_in(format_) for format_ in output.formats},
            updated_at=item.updated_at,
            language=item.language,
            size=sum(map(len, fragments.values())),
        )
        return _Made(fragments, facts)

    def _keep(self, identity: Hashable, made: _Made) -> None:
        self._kept[identity] = made
        self._kept_bytes += made.facts.size
        self._forget()

    def _forget(self) -> None:
        """Drops what was used longest ago, but nothing that a build under way was told it need not load."""
        if self._kept_bytes <= self._kept_bytes_max:
            return
        held = frozenset().union(*self._held.values())
        for identity in [identity for identity in self._kept if identity not in held]:
            if self._kept_bytes <= self._kept_bytes_max:
                return
            self._kept_bytes -= self._kept.pop(identity).facts.size


def _identity(output: Output, one: Wanted) -> Hashable:
    """All that an entry's bytes depend on beside the templates, which a renderer never changes."""
    stored = one.stored
    return (
        output.credit,
        output.language,
        output.formats,
        output.use.medium,
        stored.key,
        stored.entry.revision,
        stored.first_seen_at,
        stored.revised_at,
        one.decision_digest,
        one.place,
    )


def etag_of(body: bytes) -> str:
    """The validator of a document: the same bytes have the same."""
    return f'"{sha256(body).hexdigest()[:32]}"'


def _taken(format_: Format, body: bytes, cut: _Cut) -> list[bytes]:
    """The bytes of the entries of a document."""
    pieces, start = [], cut.starts[format_]
    for length in cut.lengths[format_]:
        pieces.append(body[start : start + length])
        start += length + len(BETWEEN[format_])
    return pieces


def _common(languages: set[str | None]) -> str | None:
    """The language, if all entries have the same."""
    return next(iter(languages)) if len(languages) == 1 else None
