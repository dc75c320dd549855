"""All documents of one output, at the cost of what has changed.

An entry's bytes are made and proved once for each (revision, decision, credit, format), for all outputs; what is known
of them is kept, and the bytes themselves for a while. A document is a frame and the digests of such bytes, which the
store has too: so a build needs the contents of new entries only, and no bytes of the others.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from aggregator.errors import RenderError
from aggregator.model.output import Format
from aggregator.publishing import atom, jsonfeed, rss
from aggregator.publishing.compose import compose
from aggregator.publishing.credit import Credits
from aggregator.publishing.digest import Digest
from aggregator.publishing.frame import Frame, digest_of
from aggregator.publishing.item import EntryRefused
from aggregator.publishing.moulds import MARK, Moulds
from aggregator.publishing.page import River
from aggregator.publishing.verify import Verifier

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence
    from pathlib import Path

    from aggregator.model.decision import Decision
    from aggregator.model.entry import Content, StoredEntry
    from aggregator.model.output import Output
    from aggregator.publishing.item import Head, Item, Place
    from aggregator.publishing.words import Words

KEPT_BYTES = 64_000_000
"""Of fragments that are kept: some 5,000 entries of 3 KB in four formats."""
KEPT_ENTRIES = 50_000
"""Of which is known what their bytes are: some 50 MB."""
NEVER = datetime(2000, 1, 1, tzinfo=UTC)
"""The date of a document that never held an entry: the same on every database, and none that validators, which warn of
dates before 1990, take for a mistake."""
_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """An entry that is to stand in an output."""

    stored: StoredEntry
    decision: Decision
    decision_digest: str
    """Changes with anything in the decision that a copy depends on."""
    place: Place

    @cached_property
    def key(self) -> str:
        return self.stored.key

    @cached_property
    def core(self) -> bytes:
        """Digest of all in it that its bytes depend on."""
        stored = self.stored
        facts = (self.key, stored.entry.revision, stored.first_seen_at, stored.revised_at, self.decision_digest)
        return blake2b(_encode((*facts, self.place)), digest_size=16).digest()


class Pieces(NamedTuple):
    """A document: what stands around its entries, and the digests of their bytes in their order."""

    frame: Frame
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rendering:
    """The documents of an output, with the bytes of their entries."""

    documents: dict[Format, Pieces]
    bodies: dict[str, bytes]
    """By digest, as far as they are at hand: of all others the store was given them before."""

    def body(self, format_: Format) -> bytes:
        """A whole document.

        Raises:
            KeyError: the bytes of an entry are not at hand any more.
        """
        frame, parts = self.documents[format_]
        return frame.around([self.bodies[part] for part in parts])


@dataclass(slots=True)
class _Made:
    """What is known of an entry's bytes in all formats of an output, which were proved."""

    digests: dict[Format, str]
    bodies: dict[str, bytes] | None
    """By digest; None: let go of."""
    ids: dict[Format, str]
    updated_at: datetime
    language: str | None

    @property
    def size(self) -> int:
        return sum(map(len, self.bodies.values())) if self.bodies else 0


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
        self._looks: dict[Hashable, int] = {}
        self._kept: OrderedDict[tuple[int, bytes], _Made] = OrderedDict()
        self._full: OrderedDict[tuple[int, bytes], _Made] = OrderedDict()
        """Those of them of which the bytes are at hand."""
        self._kept_bytes_max = kept_bytes
        self._kept_bytes = 0
        self._fragment: dict[Format, Callable[[Item], bytes]] = {
            Format.RSS: rss.fragment,
            Format.ATOM: atom.fragment,
            Format.JSON: jsonfeed.fragment,
            Format.HTML: self.river.fragment,
            Format.TEXT: self.digest.fragment,
        }
        self._frame: dict[Format, Callable[[Head, int], Frame]] = {
            Format.RSS: rss.frame,
            Format.ATOM: atom.frame,
            Format.JSON: jsonfeed.frame,
            Format.HTML: self.river.frame,
            Format.TEXT: self.digest.frame,
        }
        self._moulds = Moulds(
            self._frame,
            {
                Format.RSS: rss.stamps,
                Format.ATOM: atom.stamps,
                Format.HTML: self.river.stamps,
                Format.TEXT: self.digest.stamps,
            },
        )

    @property
    def version(self) -> str:
        """Changes with any template: part of what an output is built from."""
        return self.credits.version

    def words_of(self, output: Output) -> Words:
        """Our own words, in the output's language."""
        return self.credits.dictionary.words(output.language)

    def missing(self, output: Output, wanted: Sequence[Wanted]) -> list[str]:
        """Keys of the entries whose contents it takes to make their bytes."""
        look = self._look(output)
        return [one.key for one in wanted if (look, one.core) not in self._kept]

    def make(self, output: Output, wanted: Sequence[Wanted], contents: Mapping[str, Content]) -> Makings:
        """What is known of the bytes of these entries, made and proved where it was not.

        Args:
            contents: by key, of those that `missing` names at least.
        Raises:
            TemplateError: a credit template cannot be read or rendered.
        """
        made = Makings()
        look = self._look(output)
        for one in wanted:
            try:
                found = made.entries[one.key] = self._made(look, output, one, contents)
            except EntryRefused as error:
                made.refused.append(error)
            else:
                made.bodies.update(found.bodies or ())
        self._let_go()
        return made

    def render(self, output: Output, head: Head, wanted: Sequence[Wanted], made: Makings) -> Rendering:
        """The documents of an output in all its formats, each proved.

        Args:
            output: its formats and credit set.
            head: `updated_at` is a floor: the document's date is that of its newest entry, and never earlier.
            wanted: the entries in their order.
            made: what `make` gave for them.
        Raises:
            RenderError: a document would break a promise.
            TemplateError: a template cannot be read or rendered.
        """
        entries = [made.entries[one.key] for one in wanted]
        head = replace(
            head,
            updated_at=max((head.updated_at, *(one.updated_at for one in entries))),
            language=head.language or _common({one.language for one in entries}),
        )
        documents, bare = {}, replace(head, updated_at=MARK)
        for format_ in output.formats:
            frame = self._moulds.frame(format_, head, bare, [one.ids[format_] for one in entries])
            documents[format_] = Pieces(frame, tuple([one.digests[format_] for one in entries]))
        return Rendering(documents, made.bodies)

    def forget(self, output: Output, wanted: Sequence[Wanted]) -> None:
        """Lets go of all that is known of these entries: the store has lost bytes that it was given."""
        look = self._look(output)
        for one in wanted:
            self._kept.pop((look, one.core), None)
            found = self._full.pop((look, one.core), None)
            self._kept_bytes -= found.size if found else 0

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
        return {format_: self._frame[format_](head, 1).around([fragment]) for format_, fragment in fragments.items()}

    def _made(self, look: int, output: Output, one: Wanted, contents: Mapping[str, Content]) -> _Made:
        identity = look, one.core
        found = self._kept.get(identity)
        if found is not None:
            self._kept.move_to_end(identity)
            if found.bodies is not None:
                self._full.move_to_end(identity)
            return found
        if one.key not in contents:
            raise RenderError(f"entry '{one.key}': its content was not loaded; ask the renderer which are missing")
        item = compose(one.stored, contents[one.key], one.decision, output, one.place, self.credits)
        made = self._prove(output, item)
        self._kept[identity] = self._full[identity] = made
        self._kept_bytes += made.size
        return made

    def _look(self, output: Output) -> int:
        """A number for all of an output that an entry's bytes depend on; the templates a renderer never changes."""
        key = output.credit, output.language, output.formats, output.use.medium
        return self._looks.setdefault(key, len(self._looks))

    def _prove(self, output: Output, item: Item) -> _Made:
        fragments = {format_: self._fragment[format_](item) for format_ in output.formats}
        verifier = Verifier(item, self.river.style)
        for format_, fragment in fragments.items():
            verifier.verify(format_, fragment)
        digests = {format_: digest_of(fragment) for format_, fragment in fragments.items()}
        return _Made(
            digests=digests,
            bodies={digests[format_]: fragment for format_, fragment in fragments.items()},
            ids={format_: item.id_in(format_) for format_ in output.formats},
            updated_at=item.updated_at,
            language=item.language,
        )

    def _let_go(self) -> None:
        """Drops what was used longest ago; a build under way holds what it was given."""
        while self._kept_bytes > self._kept_bytes_max and self._full:
            _, made = self._full.popitem(last=False)
            self._kept_bytes -= made.size
            made.bodies = None
        while len(self._kept) > KEPT_ENTRIES:
            identity, made = self._kept.popitem(last=False)
            if self._full.pop(identity, None) is not None:
                self._kept_bytes -= made.size


@dataclass(frozen=True, slots=True)
class Makings:
    """What one build was given by a renderer."""

    entries: dict[str, _Made] = field(default_factory=dict)
    """Those whose bytes are known, by key."""
    bodies: dict[str, bytes] = field(default_factory=dict)
    """Their bytes by digest, as far as they are at hand."""
    refused: list[EntryRefused] = field(default_factory=list)
    """Why others cannot stand in the output."""

    def add(self, others: Makings) -> None:
        """Takes in others of the same output."""
        self.entries.update(others.entries)
        self.bodies.update(others.bodies)
        self.refused.extend(others.refused)


def _common(languages: set[str | None]) -> str | None:
    """The language, if all entries have the same."""
    return next(iter(languages)) if len(languages) == 1 else None
