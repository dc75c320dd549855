"""Does one rule apply? Yes, no or unknown, with every check in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from aggregator.model.decision import Check, Truth
from aggregator.model.policy import Effect, Policy, Rule, When
from aggregator.model.use import Audience, Form, Use
from aggregator.rights import times
from aggregator.rights.facts import Facts, words
from aggregator.rights.names import fold, seen, stands_in
from aggregator.rights.times import Clock, Moment, Start
from aggregator.rights.twins import addressed, spellings, spoken

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Judged:
    """One rule against one question."""

    rule: Rule
    holds: Truth
    """Of all conditions but `other`."""
    checks: tuple[Check, ...]
    missing: tuple[str, ...] = ()
    """Names of the conditions that cannot be known."""
    changes: tuple[Moment, ...] = ()
    """Instants still to come at which the answer differs."""
    since: Moment | None = None
    """Moment, already past, from which it has held; None: no time decided that."""

    @property
    def needs_ruling(self) -> bool:
        """A condition that fits no term: a person must say whether it holds."""
        return self.holds is not Truth.NO and bool(self.rule.when.other)


def truth(found: bool | None) -> Truth:
    return Truth.UNKNOWN if found is None else Truth.YES if found else Truth.NO


def any_of(found: Iterable[bool | None]) -> bool | None:
    """Alternatives, of which one is enough; None: none is known to hold, and one may."""
    known = set(found)
    return True if True in known else None if None in known else False


def _check(name: str, wanted: tuple[str, ...], found: str, holds: bool | None) -> Check:
    return Check(name=name, wanted=words(wanted), found=found, holds=truth(holds))


@lru_cache(maxsize=16_384)  # of rules, which are few and asked again and again
def _folded(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(fold, names))


def _category(when: When, facts: Facts) -> Check:
    found = facts.categories
    holds = None if not found else any(name in found for name in _folded(when.category))
    return _check("category", when.category, facts.categories_told or UNKNOWN, holds)


def _author(when: When, facts: Facts) -> Check:
    found = facts.authors
    holds = None
    if found:
        holds = any(stands_in(name, byline) for name in _folded(when.author) for byline in found)
    return _check("author", when.author, facts.authors_told or UNKNOWN, holds)


def _language(when: When, facts: Facts) -> Check:
    found = facts.language
    holds = None if found is None else any_of(spoken(prefix, found) for prefix in when.language)
    return _check("language", when.language, found or UNKNOWN, holds)


def in_territory(rule: Rule, use: Use) -> bool:
    """Ruling 11. An allow must cover all of the use; an ask or a deny bites where it touches any part of it."""
    if not rule.when.territory:
        return True
    wanted = {code.strip().upper() for code in rule.when.territory}
    used = {code.strip().upper() for code in use.territory}
    if rule.effect is Effect.ALLOW:
        return bool(used) and used <= wanted
    return not used or not used.isdisjoint(wanted)


def _territory(rule: Rule, facts: Facts) -> Check:
    used = {code.strip().upper() for code in facts.use.territory}
    found = ", ".join(sorted(used)) or "worldwide"
    return _check("territory", rule.when.territory, found, in_territory(rule, facts.use))


def _url(when: When, facts: Facts) -> Check:
    found = facts.entry.url
    spelt = spellings(found) if found else None
    holds = None if spelt is None else any_of(addressed(glob, spelt) for glob in when.url)
    return _check("url", when.url, found or UNKNOWN, holds)


def _marker(when: When, facts: Facts) -> Check:
    """Ruling 12: in categories as a whole value, in visible text as a whole phrase."""
    wanted = _folded(tuple(map(seen, when.marker)))
    holds: bool | None
    if not set(wanted).isdisjoint(facts.categories):
        found, holds = "in its categories", True
    elif facts.text is None:
        found, holds = "text not at hand", None
    else:
        holds = any(stands_in(marker, facts.text) for marker in wanted)
        found = "in its text" if holds else "nothing"
    return _check("marker", when.marker, found, holds)


def _published_day(when: When, facts: Facts) -> list[Check]:
    published = facts.entry.published_at
    day = None if published is None else times.day(published)
    found = UNKNOWN if day is None else f"published {day}"

    def compared(name: str, bound: date, holds: bool) -> Check:
        return Check(name=name, wanted=str(bound), found=found, holds=truth(None if day is None else holds))

    checks = []
    if when.since is not None:
        checks.append(compared("since", when.since, day is not None and day >= when.since))
    if when.until is not None:
        checks.append(compared("until", when.until, day is not None and day <= when.until))
    return checks


def _standing(rule: Rule, facts: Facts) -> list[Check]:
    """All checks of conditions that time does not change."""
    when = rule.when
    checks = []
    if when.category:
        checks.append(_category(when, facts))
    if when.author:
        checks.append(_author(when, facts))
    if when.language:
        checks.append(_language(when, facts))
    if when.territory:
        checks.append(_territory(rule, facts))
    if when.url:
        checks.append(_url(when, facts))
    if when.marker:
        checks.append(_marker(when, facts))
    if when.since is not None or when.until is not None:
        checks.extend(_published_day(when, facts))
    return checks


def _embargo(embargo: timedelta, facts: Facts) -> tuple[Check, datetime]:
    """Counts from the publication date, from the first sighting where that is missing (ruling 10)."""
    start = times.later(facts.entry.published_at or facts.question.stored.first_seen_at, embargo)
    check = Check(
        name="embargo",
        wanted=f"{times.span(embargo)} after publication",
        found=f"ends {times.written(start)}",
        holds=truth(facts.at >= start),
    )
    return check, start


def _window(window: timedelta, effect: Effect, facts: Facts) -> tuple[Check, datetime | None]:
    """Counts from the earliest date ever known, so that a feed cannot reopen it by a new date (ruling 10).

    An entry without any date is outside: an allow does not reach it. For an ask or a deny, outside would be the
    lenient reading of a fact that is missing, so there it is unknown.
    """
    earliest = facts.question.stored.earliest_at
    end = None if earliest is None else times.later(earliest, window)
    holds: bool | None = facts.at < end if end is not None else False if effect is Effect.ALLOW else None
    check = Check(
        name="window",
        wanted=f"within {times.span(window)} of publication",
        found="no date" if end is None else f"ends {times.written(end)}",
        holds=truth(holds),
    )
    return check, end


def _for_some_of(rule: Rule, use: Use) -> bool:
    """Whether an ask or a deny for some audiences bites a use for anyone: those are among its readers.

    As with territories (ruling 11): an allow must cover all of a use, a bar counts where it touches any part of it.
    """
    return use.audience is Audience.ANYONE and rule.effect is not Effect.ALLOW


def covers(rule: Rule, use: Use, form: Form) -> bool:
    """Whether a rule covers form, audience and medium, whatever its conditions come to."""
    if form not in rule.forms or (rule.media and use.medium not in rule.media):
        return False
    return not rule.to or use.audience in rule.to or Audience.ANYONE in rule.to or _for_some_of(rule, use)


def uncovered(rule: Rule, use: Use, form: Form) -> Check | None:
    """The first of form, audience and medium that the rule does not cover; None: it covers all three."""
    if form not in rule.forms:
        return Check(name="form", wanted=words(rule.forms), found=form, holds=Truth.NO)
    if rule.to and use.audience not in rule.to and Audience.ANYONE not in rule.to and not _for_some_of(rule, use):
        return Check(name="audience", wanted=words(rule.to), found=str(use.audience), holds=Truth.NO)
    if rule.media and use.medium not in rule.media:
        return Check(name="medium", wanted=words(rule.media), found=str(use.medium), holds=Truth.NO)
    return None


def judge(rule: Rule, facts: Facts, form: Form) -> Judged:
    """Whether a rule applies to a question in a form."""
    key, fixed = id(rule), facts.fixed_in(form)
    found = fixed.judged.get(key)
    if found is not None:
        return found
    check = uncovered(rule, facts.use, form)
    if check is not None:
        found = fixed.judged[key] = Judged(rule, Truth.NO, (check,))
        return found
    found = facts.judged.get(key)
    if found is None:
        found = weigh(rule, facts)
        (facts.judged if looks_at(rule) else fixed.judged)[key] = found
    return found


def live(policy: Policy, facts: Facts, form: Form) -> tuple[Rule, ...]:
    """The rules of a policy that cover form, audience and medium, whatever their conditions come to."""
    kept = facts.fixed_in(form).live
    found = kept.get(policy.id)
    if found is None:
        found = kept[policy.id] = tuple([rule for rule in policy.rules if covers(rule, facts.use, form)])
    return found


def looks_at(rule: Rule) -> tuple[str, ...]:
    """Kinds of facts of an entry that a rule's conditions look at; none: it says the same of every entry."""
    when = rule.when
    return tuple(
        kind
        for kind, given in (
            ("categories", when.category),
            ("authors", when.author),
            ("language", when.language),
            ("url", when.url),
            ("marker", when.marker),
            ("day", when.since or when.until),
            ("embargo", when.embargo is not None),
            ("window", when.window is not None),
        )
        if given
    )


def weigh(rule: Rule, facts: Facts) -> Judged:
    """What the conditions of a rule come to. Keys under `when` are AND, values in a list OR (ruling 4)."""
    checks = _standing(rule, facts)
    no = any(check.holds is Truth.NO for check in checks)
    changes: list[Moment] = []
    since: Moment | None = None
    if rule.when.embargo is not None:
        check, start = _embargo(rule.when.embargo, facts)
        checks.append(check)
        if check.holds is Truth.YES:
            since = Moment(start, Clock(Start.PUBLISHED, rule.when.embargo))
        elif start < times.NEVER:
            changes.append(Moment(start, Clock(Start.PUBLISHED, rule.when.embargo)))
    if rule.when.window is not None:
        check, end = _window(rule.when.window, rule.effect, facts)
        checks.append(check)
        if check.holds is Truth.YES and end is not None and end < times.NEVER:
            changes.append(Moment(end, Clock(Start.EARLIEST, rule.when.window)))
        no = no or check.holds is Truth.NO
    checks.extend(Check(name="other", wanted=text, found=UNKNOWN, holds=Truth.UNKNOWN) for text in rule.when.other)
    if no:  # no later instant can make it apply: the closed window stays closed, the rest does not know time
        changes, since = [], None
    holds = _all(checks)
    missing = () if holds is Truth.NO else _unknown(checks)  # no fact could make it apply
    return Judged(rule, holds, tuple(checks), missing, tuple(changes), since)


def _all(checks: list[Check]) -> Truth:
    """All checks together, `other` apart: that one is a person's to judge."""
    if len(checks) == 1 and checks[0].name != "other":
        return checks[0].holds
    told = [check.holds for check in checks if check.name != "other"]
    return Truth.NO if Truth.NO in told else Truth.UNKNOWN if Truth.UNKNOWN in told else Truth.YES


def _unknown(checks: list[Check]) -> tuple[str, ...]:
    if not any(check.holds is Truth.UNKNOWN for check in checks):
        return ()
    return tuple(dict.fromkeys(check.name for check in checks if check.holds is Truth.UNKNOWN))
