"""Every entry of an output with its duties, and where the published bytes discharge each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.errors import RenderError
from aggregator.publishing.proof import Found, prove

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aggregator.model.entry import Content
    from aggregator.model.output import Format, Output
    from aggregator.publishing.render import Renderer, Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryProof:
    """The proof of one entry in one output."""

    output: str
    entry: str
    title: str
    form: str
    found: tuple[Found, ...]
    problems: tuple[str, ...] = ()
    """What is missing; empty: all is there."""


def prove_entries(
    output: Output,
    wanted: Sequence[Wanted],
    contents: Mapping[str, Content],
    bodies: Mapping[Format, bytes],
    renderer: Renderer,
) -> list[EntryProof]:
    """Looks for every duty of every entry in the documents as they are published.

    Args:
        wanted: the entries that stand in the output.
        contents: of all of them, by key.
        bodies: the published documents.
    """
    return [_prove(output, one, contents, bodies, renderer) for one in wanted]


def _prove(
    output: Output,
    one: Wanted,
    contents: Mapping[str, Content],
    bodies: Mapping[Format, bytes],
    renderer: Renderer,
) -> EntryProof:
    found: list[Found] = []
    problems: list[str] = []
    try:
        item, fragments = renderer.examine(output, one, contents[one.key])
        for format_, fragment in fragments.items():
            if fragment not in bodies.get(format_, b""):
                problems.append(f"{format_.value}: it does not stand in the published document")
            found += prove(format_, fragment, item, renderer.river.style)
    except RenderError as error:
        problems.append(str(error))
    return EntryProof(
        output=output.id,
        entry=one.key,
        title=one.stored.entry.title,
        form=one.decision.form.value,
        found=tuple(found),
        problems=tuple(problems),
    )
