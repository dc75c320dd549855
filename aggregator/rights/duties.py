"""Which duties apply to a copy, and which of them can be met. A duty that cannot be met turns allow into ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from aggregator.model.decision import FlagKind, Reason
from aggregator.model.policy import Duty, DutyName, Effect
from aggregator.model.use import Form, Medium
from aggregator.rights import times
from aggregator.rights.facts import Facts
from aggregator.rights.hops import Party
from aggregator.rights.licences import known
from aggregator.rights.open_licences import notice_of
from aggregator.rights.reasons import at
from aggregator.rights.sheet import Sheet
from aggregator.rights.times import Clock, Moment, Start
from aggregator.rights.wording import asks

LIFECYCLE = frozenset({DutyName.REMOVE_ON_REQUEST, DutyName.REMOVE_AFTER, DutyName.UPDATE_ON_CORRECTION})
"""Always honoured, whatever the format: they are about the copy's life, not its bytes."""
TEXT_BOUND = frozenset({DutyName.END_NOTE, DutyName.KEEP_LINKS, DutyName.LABEL_CHANGES})
"""Need a text to stand in or after: they do not apply to a headline (ruling 19)."""
TEXT = "text"


UNCOUNTED = frozenset({Medium.PRINT, Medium.BROADCAST})
"""Media in which a counter counts nothing, whatever the document that hands the copy on carries."""


@dataclass(frozen=True, slots=True)
class Unmet:
    """Why a duty cannot be met."""

    why: str
    missing: str = ""
    """The fact that a person could supply."""
    kind: FlagKind = FlagKind.DUTY


@dataclass(frozen=True, slots=True)
class Owed:
    """A duty and who asks for it."""

    duty: Duty
    rule: str
    where: str = ""
    by_licence: bool = False
    """Asked for by a licence's own text, which is met by the publisher's name where there is no author (ruling 18)."""


def applies(duty: Duty, form: Form, facts: Facts) -> bool:
    """Whether a duty concerns the text of this form in this medium. With alternatives: whether one of them does."""
    if duty.media and facts.use.medium not in duty.media:
        return False
    if duty.components and TEXT not in duty.components:
        return False
    if duty.any_of:
        return any(applies(choice, form, facts) for choice in duty.any_of)
    return not (form is Form.HEADLINE and duty.name in TEXT_BOUND)


def on_components(duty: Duty, facts: Facts) -> bool:
    """Whether a duty concerns only components: images and the like, not the text."""
    if duty.media and facts.use.medium not in duty.media:
        return False
    return bool(duty.components) and TEXT not in duty.components


def _author(duty: Duty, facts: Facts, party: Party) -> Unmet | None:
    told = facts.authors or (party.hop.author and party.hop.author.strip())
    return None if told else Unmet("the feed names no author", "author")


def _notice(duty: Duty, facts: Facts, party: Party) -> Unmet | None:
    if duty.text("text").strip() or facts.has_notice:
        return None
    return Unmet("the feed carries no copyright notice", "copyright notice")


def _link(duty: Duty, facts: Facts, party: Party) -> Unmet | None:
    target = duty.text("target", "article")
    article = bool(facts.entry.url or party.article)
    home = bool(party.policy and party.policy.publisher.url)
    met = home if target == "home" else article if target == "article" else article or home
    return None if met else Unmet(f"there is no link to the {'home page' if target == 'home' else 'article'}", "link")


def _licence(duty: Duty, facts: Facts, party: Party) -> Unmet | None:
    return None if duty.text("licence") or duty.text("url") else Unmet("no licence is known to name", "licence")


def _words(duty: Duty, facts: Facts, party: Party) -> Unmet | None:
    return None if duty.text("text").strip() else Unmet("the policy does not give its words", "text")


def _address(duty: Duty, facts: Facts, party: Party) -> Unmet | None:
    return None if duty.text("url").strip() else Unmet("the policy does not give its address", "url")


_NEEDS: dict[DutyName, Callable[[Duty, Facts, Party], Unmet | None]] = {
    DutyName.CREDIT_AUTHOR: _author,
    DutyName.COPYRIGHT_NOTICE: _notice,
    DutyName.LINK_ORIGINAL: _link,
    DutyName.LICENCE_NOTICE: _licence,
    DutyName.CREDIT_LINE: _words,
    DutyName.END_NOTE: _words,
    DutyName.TRACKER: _address,
    DutyName.LOGO: _address,
}


def unmet(duty: Duty, form: Form, facts: Facts, party: Party) -> Unmet | None:
    """Why a duty that applies cannot be met; None: it can. Of alternatives, one that can be met is enough."""
    if duty.any_of:
        reasons = [unmet(choice, form, facts, party) for choice in duty.any_of if _open(choice, form, facts)]
        return None if None in reasons else next(iter(reasons), None)
    if duty.name is DutyName.OTHER:
        return Unmet(f'a person must rule on "{duty.text("text")}"', "ruling", FlagKind.CONDITION)
    if duty.name in LIFECYCLE:
        return None
    if form is Form.HEADLINE and duty.name in (DutyName.TRACKER, DutyName.LOGO):
        return Unmet("a headline cannot carry it")
    if duty.name is DutyName.TRACKER and facts.use.medium in UNCOUNTED:
        return Unmet("no copy in print or on air can carry it")
    if duty.name is DutyName.NOTIFY and facts.question.told:
        return None
    if duty.name not in facts.use.can_discharge:
        if duty.name is DutyName.NOTIFY:
            return Unmet("nobody has recorded that the publisher was told", "notice sent")
        return Unmet("not every format of this output can carry it")
    need = _NEEDS.get(duty.name)
    return need(duty, facts, party) if need else None


def _open(choice: Duty, form: Form, facts: Facts) -> bool:
    """Whether an alternative is one at all in this form and medium."""
    return applies(replace(choice, components=frozenset()), form, facts)


def with_licence(duty: Duty, facts: Facts, party: Party) -> Duty:
    """A house's licence-notice, completed with the licence that it means: the policy's, else the entry's."""
    if duty.name is not DutyName.LICENCE_NOTICE or duty.params or duty.any_of:
        return duty
    stated = party.policy.licence if party.policy else None
    stated = stated or next((n.value for n in facts.entry.notices if n.kind == "licence"), None)
    if not stated:
        return duty
    licence = known(stated)
    if licence is not None and licence.url is not None:
        told = next((own for own in licence.duties if own.name is DutyName.LICENCE_NOTICE), None)
        return replace(duty, params=(told or notice_of(licence.id, licence.url)).params)
    return replace(duty, params=(("url" if "//" in stated else "licence", stated),))


def owe(sheet: Sheet, hop: int, party: Party, facts: Facts, owed: list[Owed]) -> None:
    """Take on the duties of one hop, or note why they cannot be met."""
    house = {item.duty.name for item in owed if not item.by_licence}
    for item in owed:
        duty = with_licence(item.duty, facts, party)
        if on_components(duty, facts):
            sheet.component_duties.append((duty, hop, party, item.rule))
        if not applies(duty, sheet.form, facts):
            continue
        problem = _expire(sheet, hop, party, facts, item, duty) or unmet(duty, sheet.form, facts, party)
        if problem is None:
            sheet.carry(duty, hop)
        elif duty.requested or (item.by_licence and duty.name is DutyName.COPYRIGHT_NOTICE):
            continue  # done wherever it can be; a licence asks to keep a notice only where there is one
        elif item.by_licence and duty.name is DutyName.CREDIT_AUTHOR and problem.missing == "author":
            if DutyName.CREDIT_AUTHOR not in house:
                sheet.carry(Duty(name=DutyName.CREDIT_SOURCE), hop)
        elif problem is not EXPIRED:
            _hold(sheet, hop, party, item, duty, problem)


EXPIRED = Unmet("its time has ended")


def _expire(sheet: Sheet, hop: int, party: Party, facts: Facts, item: Owed, duty: Duty) -> Unmet | None:
    """`remove-after` counts from the first release (ruling 17); before one, the clock has not started."""
    duration = times.days(duty.param("days")) if duty.name is DutyName.REMOVE_AFTER else None
    if duration is None or duty.any_of or duty.requested:
        return None
    end = times.later(facts.question.released_at or facts.at, duration)
    if facts.at < end:
        if end < times.NEVER:
            ends = sheet.changes if facts.question.released_at else sheet.on_release
            ends.append(Moment(end, Clock(Start.RELEASED, duration)))
        return None
    sentence = f"{party.hop.name} asks to remove the copy after {times.span(duration)}; that ended {times.written(end)}"
    sheet.hold(
        hop,
        party,
        FlagKind.PERMISSION,
        Reason.EXPIRED,
        Effect.DENY,
        item.rule,
        sentence + at(item.where),
        where=item.where,
    )
    return EXPIRED


def _hold(sheet: Sheet, hop: int, party: Party, item: Owed, duty: Duty, problem: Unmet) -> None:
    name = " or ".join(one.name for one in duty.any_of or (duty,))
    if duty.name is DutyName.OTHER and not duty.any_of:
        sentence = f"{party.hop.name} asks for something of its own, and {problem.why}"
    else:
        sentence = f"{party.hop.name} asks to {asks(duty)}, and {problem.why}"
    sheet.hold(
        hop,
        party,
        problem.kind,
        Reason.DUTY_UNMET,
        Effect.ASK,
        item.rule,
        sentence + at(item.where, name),
        where=item.where,
        missing=(problem.missing,) if problem.missing else (),
    )
