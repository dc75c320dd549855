"""Whether the credit sets and languages that outputs name can be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.errors import Problem, TemplateError
from aggregator.publishing.credit import Credits

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aggregator.service.world import World


def check_wording(world: World, folders: Sequence[Path]) -> tuple[Problem, ...]:
    """One problem for each output whose credit cannot be worded, with the output's file and line.

    Args:
        world: its outputs.
        folders: template folders, the operator's own first.
    """
    credits_ = Credits(folders)
    problems = []
    for output in world.outputs.values():
        file, _, line = output.where.rpartition(":")
        try:
            credits_.check(output.credit, output.language)
        except TemplateError as error:
            problems.append(Problem(file=file, line=int(line), message=f"credit '{output.credit}': {error}"))
    return tuple(problems)


def unknown_languages(world: World, folders: Sequence[Path]) -> tuple[Problem, ...]:
    """Outputs in whose language we have no words: they get English ones, which their operator should know."""
    known = Credits(folders).dictionary
    problems = []
    for output in world.outputs.values():
        asked = output.language.lower().partition("-")[0]
        if known.words(output.language).language.partition("-")[0] != asked:
            file, _, line = output.where.rpartition(":")
            message = (
                f"there are no words in '{output.language}', so credit is worded in English; write "
                f"words/{asked}.txt in your template folder, or name one of: {', '.join(known.languages())}"
            )
            problems.append(Problem(file=file, line=int(line), message=message))
    return tuple(problems)
