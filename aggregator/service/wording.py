"""Whether the credit sets and languages that outputs name can be used, and whether they say what is owed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from aggregator.errors import Problem, TemplateError
from aggregator.model.decision import Decision, Hop, Reason
from aggregator.model.entry import Author, Content, Entry, Level, Notice, NoticeKind, StoredEntry
from aggregator.model.policy import Effect
from aggregator.model.use import Form
from aggregator.publishing.credit import SLOTS, Credits
from aggregator.publishing.item import EntryRefused
from aggregator.publishing.render import Renderer, Wanted
from aggregator.publishing.select import Placed
from aggregator.publishing.verify import verify_fragment
from aggregator.service.place import place_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from aggregator.model.output import Output
    from aggregator.model.policy import Policy
    from aggregator.model.source import Source
    from aggregator.service.world import World

SAMPLES_MAX = 200
"""Made-up entries that are proved for one output: some two seconds."""
_DAY = datetime(2026, 1, 2, tzinfo=UTC)
_BODY = '<p>An article about something. It goes on to say <a href="https://elsewhere.example/more">more</a>.</p>'


def check_wording(world: World, folders: Sequence[Path]) -> tuple[Problem, ...]:
    """One problem for each output whose credit cannot be worded, or would hide what a policy asks for, with the
    output's file and line.

    Args:
        world: its outputs.
        folders: template folders, the operator's own first.
    """
    credits_ = Credits(folders)
    prover = _Prover(world, folders)
    problems = []
    for output in world.outputs.values():
        file, _, line = output.where.rpartition(":")
        try:
            credits_.check(output.credit, output.language)
            lacking = prover.lacking(output)
        except TemplateError as error:
            lacking = str(error)
        if lacking:
            problems.append(Problem(file=file, line=int(line), message=f"credit '{output.credit}': {lacking}"))
    return tuple(problems)


class _Prover:
    """Proves made-up entries under the operator's own templates, so that one which hides what is owed is known before
    it holds every real entry back."""

    def __init__(self, world: World, folders: Sequence[Path]) -> None:
        self._world = world
        self._own = any((folder / part).is_dir() for folder in folders[:-1] for part in ("credit", "river", "words"))
        self._with_own = Renderer(folders) if self._own else None
        self._shipped = Renderer(folders[-1:]) if self._own else None

    def lacking(self, output: Output) -> str | None:
        """What the copies of an output would lack by its templates alone; None: nothing.

        What stays out whatever the templates say (a duty that no format of the output can carry) is not theirs.

        Raises:
            TemplateError: a template cannot be read or rendered.
        """
        if self._with_own is None or self._shipped is None:
            return None
        for policy, source, form in islice(self._asked(output), SAMPLES_MAX):
            wanted = self._sample(policy, source, form)
            why = _refused(self._with_own, output, wanted)
            if why is not None and _refused(self._shipped, _shipped_like(output, self._shipped), wanted) is None:
                duty = f"duty '{why.duty}': " if why.duty else ""
                remedy = "" if "; " in why.what else "; mend the templates, or name another set"
                return f"each {form.value} under policy '{policy.id}' would be held: {duty}{why.what}{remedy}"
        return None

    def _asked(self, output: Output) -> Iterator[tuple[Policy, Source, Form]]:
        """Each policy whose entries it may carry, with one of its sources, and each form that both know."""
        seen = set()
        for id_ in self._world.sources_of(output.select):
            policy = self._world.policy_of(id_)
            if policy is None or policy.id in seen:
                continue
            seen.add(policy.id)
            allowed = {form for rule in policy.rules if rule.effect is Effect.ALLOW for form in rule.forms}
            for form in (output.use.form, *output.use.fallback):
                if form in allowed:
                    yield policy, self._world.sources[id_], form

    def _sample(self, policy: Policy, source: Source, form: Form) -> Wanted:
        """An entry of which everything is known, with all that the policy asks of this form."""
        home = policy.publisher.url or "https://publisher.example/"
        url = f"{home.rstrip('/')}/an-article"
        entry = Entry(
            source=source.id,
            id=url,
            revision="1",
            title="An article",
            url=url,
            authors=(Author(name="An Author"),),
            published_at=_DAY,
            notices=(
                Notice(kind=NoticeKind.RIGHTS, level=Level.ENTRY, value="© 2026 An Author", carrier="a sample"),
                Notice(
                    kind=NoticeKind.LICENCE,
                    level=Level.ENTRY,
                    value="https://creativecommons.org/licenses/by/4.0/",
                    carrier="a sample",
                ),
            ),
        )
        rules = [rule for rule in policy.rules if rule.effect is Effect.ALLOW and form in rule.forms]
        duties = tuple(dict.fromkeys(duty for rule in rules for duty in rule.duties))
        hops = (
            Hop(name="A First Publisher", policy=None, url="https://first.example/", claimed=True),
            Hop(name=policy.publisher.name, policy=policy.id, url=url, carrier="source"),
        )
        decision = Decision(
            outcome=Effect.ALLOW,
            form=form,
            reason=Reason.ALLOWED,
            sentence="a sample",
            duties=duties,
            duty_hops=(len(hops) - 1,) * len(duties),
            hops=hops,
        )
        stored = StoredEntry(entry=entry, first_seen_at=_DAY, ordered_at=_DAY, earliest_at=_DAY)
        place = place_of(Placed(stored=stored, decision=decision), self._world, {})
        return Wanted(stored=stored, decision=decision, decision_digest="a sample", place=place)


def _shipped_like(output: Output, shipped: Renderer) -> Output:
    """The output with a set that comes with the program: its own, or, where that is the operator's, the default."""
    known = any((folder / "credit" / output.credit).is_dir() for folder in shipped.credits.templates.folders)
    return output if known else replace(output, credit="default")


def _refused(renderer: Renderer, output: Output, wanted: Wanted) -> EntryRefused | None:
    """Why an entry would not stand in an output; None: it would."""
    content = Content(body=_BODY, summary="<p>An article about something.</p>", text="An article about something.")
    try:
        item, fragments = renderer.examine(output, wanted, content)
        for format_, fragment in fragments.items():
            verify_fragment(format_, fragment, item, renderer.river.style)
    except EntryRefused as error:
        return error
    return None


def odd_wording(world: World, folders: Sequence[Path]) -> tuple[Problem, ...]:
    """What works otherwise than its operator may think: languages without words, files of a set that nothing reads."""
    return (*_unknown_languages(world, folders), *_stray_templates(world, folders))


def _stray_templates(world: World, folders: Sequence[Path]) -> Iterator[Problem]:
    known = Credits(folders)
    used = {output.credit: output for output in reversed(world.outputs.values())}
    for set_name, output in sorted(used.items()):
        file, _, line = output.where.rpartition(":")
        for place in known.strays(set_name):
            message = (
                f"{place} is not read: a set's files are named for its slots ({', '.join(SLOTS)}), .html or .txt; "
                "rename it, or include it in one of those"
            )
            yield Problem(file=file, line=int(line), message=f"credit '{set_name}': {message}")


def _unknown_languages(world: World, folders: Sequence[Path]) -> tuple[Problem, ...]:
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
