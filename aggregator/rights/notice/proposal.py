"""What was understood of a notice → a policy to review, with the words that each part of it comes from.

A proposal never says more than the notice: who is not named, what is not mentioned and what was not understood is left
to `default: ask`. A licence is only proposed where the notice's own terms do not narrow it in time: what the rules are
silent about, a licence would allow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from aggregator.model.policy import (
    Duty,
    DutyName,
    Effect,
    ImageRule,
    Images,
    Limit,
    LimitName,
    Param,
    Policy,
    Publisher,
    Rule,
    Terms,
    When,
)
from aggregator.model.use import Audience, Form, Medium
from aggregator.rights.licences import known
from aggregator.rights.notice.credited import credit_lines, has_gap
from aggregator.rights.notice.doubt import is_of_titles
from aggregator.rights.notice.hear import Frame, Mood, hear
from aggregator.rights.notice.left_over import bars, left_over
from aggregator.rights.notice.licence import elements
from aggregator.rights.notice.terms import Term
from aggregator.rights.notice.text import URL
from aggregator.rights.notice.verdict import QUESTIONS, Answer, Verdict, judge_notice
from aggregator.rights.notice.whom import AUDIENCES, granted_to

QUOTE_MAX = 400
LEFT_MAX = 12
"""Sentences that nothing was made of and that are quoted one by one."""
_GIVEN = frozenset({Answer.ALLOW, Answer.CONDITIONAL})
_UNITS = {"words": "words", "characters": "chars", "paragraphs": "paragraphs", "percent": "percent"}
_SIMPLE = {
    "credit_source": DutyName.CREDIT_SOURCE,
    "credit_author": DutyName.CREDIT_AUTHOR,
    "copyright_notice": DutyName.COPYRIGHT_NOTICE,
    "canonical": DutyName.CANONICAL_OR_NOINDEX,
    "keep_links": DutyName.KEEP_LINKS,
    "link_original": DutyName.LINK_ORIGINAL,
}
_LIMITS = {
    "no_selling": LimitName.NO_RESALE,
    "no_ads_against": LimitName.NO_ADS_AGAINST,
    "no_ai_training": LimitName.NO_AI,
    "no_automated": LimitName.NO_AUTOMATIC,
    "no_translation": LimitName.NO_TRANSLATION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was understood, and where the notice says it."""

    term: str
    """`decision print`, `duty credit_source`, `limit no_images`, `licence`, `contact` …"""
    value: str
    quote: str
    """The sentence, as it stands in the notice; empty: it follows from the licence or from silence."""
    as_written: str = ""
    """What the proposed policy makes of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The notice in the words of a short questionnaire."""

    license: str | None = None
    decision: dict[str, str] = field(default_factory=dict)
    """Six questions → allow, conditional, permission, deny or unknown."""
    duties: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    time: dict[str, int | None] = field(default_factory=dict)
    third_party_excluded: bool = False
    contact: str | None = None
    takedown_on_request: bool = False
    grants_nothing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A policy to review, and what it rests on."""

    policy: Policy
    summary: Summary
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    """What a person must look at: what was not understood, or could not be written as a term."""


def propose(text: str, publisher: Publisher, id_: str, terms: Terms) -> Proposal:
    """A policy from a notice in prose.

    Args:
        text: without markup.
        publisher: as the operator, or the page, names it.
        terms: where and when it was read; its evidence is filled in here.
    """
    verdict = judge_notice(text)
    return _Draft(verdict, hear(verdict.sentences), publisher, id_, terms).proposal()


def summary_of(verdict: Verdict) -> Summary:
    """The answers to the questionnaire."""
    times: dict[str, Any] = {"embargo_h": None, "remove_after_d": None}
    times |= {term.name: term.value for term in verdict.times}
    limits = [term.name for term in verdict.limits]
    if verdict.excerpt is not None:
        limits.append(verdict.excerpt.name)
    return Summary(
        license=verdict.licence_id,
        decision={name: verdict.decision[name].value for name in QUESTIONS},
        duties=tuple(term.name for term in verdict.duties),
        limits=tuple(dict.fromkeys(limits)),
        time=times,
        third_party_excluded=verdict.third_party is not None,
        contact=str(verdict.contact.value) if verdict.contact else None,
        takedown_on_request=verdict.takedown is not None,
        grants_nothing=verdict.grants_nothing,
    )


class _Draft:
    """One proposal in the making."""

    def __init__(self, verdict: Verdict, frames: Sequence[Frame], publisher: Publisher, id_: str, terms: Terms) -> None:
        self.verdict = verdict
        self.frames = frames
        self.publisher = publisher
        self.id = id_
        self.terms = terms
        self.findings: list[Finding] = []
        self.notes: list[str] = []
        self.left: tuple[int, ...] = ()
        """Places of sentences that nothing was made of."""

    def proposal(self) -> Proposal:
        verdict = self.verdict
        if verdict.grants_nothing:
            self.notes.append(
                f"this looks like {_LOOKS[verdict.look]}, which grants readers nothing; nothing is proposed but to ask"
            )
        left = tuple(dict.fromkeys(left_over(verdict, self.frames)))
        self.left = () if verdict.grants_nothing else left
        licence = self._licence()
        self._tell_decisions()
        rules = tuple(self._rules(licence))
        quotes = dict.fromkeys(finding.quote for finding in self.findings if finding.quote)
        terms = Terms(
            url=self.terms.url,
            read=self.terms.read,
            review_every=timedelta(days=180),
            evidence="\n".join(f"“{quote}”" for quote in quotes)[:8_000],
        )
        contact = str(verdict.contact.value) if verdict.contact else None
        if verdict.contact is not None:
            self._find("contact", str(contact), verdict.contact.sentence, "contact")
        if verdict.third_party is not None:
            self._find("third_party_excluded", "true", verdict.third_party.sentence, "third_party: ask")
        policy = Policy(
            id=self.id,
            publisher=self.publisher,
            contact=contact,
            terms=terms,
            licence=licence,
            rules=tuple(_numbered(rules, self.id)),
            images=Images(rule=self._images()),
        )
        if not rules and licence is None and not verdict.grants_nothing:
            self.notes.append("no permission was understood; everything is left to be asked for")
        return Proposal(
            policy=policy, summary=summary_of(verdict), findings=tuple(self.findings), notes=tuple(self.notes)
        )

    # ── what it rests on ─────────────────────────────────────────────────────────────────────────────────────────

    def _quote(self, place: int | None) -> str:
        if place is None or place >= len(self.verdict.sentences):
            return ""
        return self.verdict.sentences[place].text[:QUOTE_MAX]

    def _find(self, term: str, value: str, place: int | None, written: str = "") -> None:
        self.findings.append(Finding(term=term, value=value, quote=self._quote(place), as_written=written))

    def _tell_decisions(self) -> None:
        for name in QUESTIONS:
            places = self.verdict.why.get(name, ())
            self._find(f"decision {name}", self.verdict.decision[name].value, places[0] if places else None)

    def _licence(self) -> str | None:
        """The licence, where it may be proposed."""
        id_, place = self.verdict.licence_id, self.verdict.licence_at
        if id_ is None:
            return None
        written = {"US-PD": "US-GOV-WORK", "PD": "PDM-1.0"}.get(id_, id_)
        if known(written) is None:
            self._find("licence", id_, place, "not written: its version is not told")
            self.notes.append(f"the licence '{id_}' is named without a version, so it is not written into the policy")
            return None
        if self.verdict.times:
            self._find("licence", id_, place, "not written: the notice narrows it in time")
            self.notes.append(
                f"{id_} is named, but the notice sets times; as 'licence:' it would allow before and after them"
            )
            return None
        if self.left:
            self._find("licence", id_, place, "not written: the notice says more than was understood")
            self.notes.append(
                f"{id_} is named, but the notice says more; 'licence:' would allow without regard to that"
            )
            return None
        self._find("licence", id_, place, f"licence: {written}")
        return written

    # ── rules ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _rules(self, licence: str | None) -> Iterator[Rule]:
        decision = self.verdict.decision
        given = [name for name in AUDIENCES if decision[name] in _GIVEN]
        to = granted_to(self.verdict, self.frames, given)
        duties = tuple(self._duties(licence))
        limits = tuple(self._limits())
        excerpt = self._excerpt_limit()
        when = self._when()
        if given:
            forms = self._forms()
            own = (*limits, *excerpt) if Form.FULL not in forms else limits
            yield _rule(Effect.ALLOW, forms, to, self._media(licence), when, duties, own)
        if decision["excerpt"] in _GIVEN and (not given or (excerpt and Form.FULL in self._forms())):
            to = self._excerpt_audiences()
            yield _rule(
                Effect.ALLOW,
                self._excerpt_forms(),
                to,
                self._media(None),
                when,
                duties,
                (*limits, *excerpt),
            )
        yield from self._refusals()

    def _forms(self) -> frozenset[Form]:
        excerpt = self.verdict.excerpt
        if excerpt is not None and not any(
            "whole" in one.uses and one.mood is Mood.GRANT and not one.feed for one in self.frames
        ):
            return self._excerpt_forms()
        both = self.verdict.decision["excerpt"] in _GIVEN
        return frozenset(Form) if both else frozenset({Form.FULL})

    def _excerpt_forms(self) -> frozenset[Form]:
        """Forms of which a part is all that is offered: titles alone, or more."""
        offers = [one for one in self.frames if one.mood is Mood.GRANT and "quote" in one.uses]
        titles = bool(offers) and all(is_of_titles(self.verdict.sentences[one.sentence].low) for one in offers)
        return frozenset({Form.HEADLINE} if titles else {Form.EXCERPT, Form.HEADLINE})

    def _media(self, licence: str | None) -> frozenset[Medium]:
        """A licence speaks of all media, and would where the rule is silent; prose only of those that it names."""
        if licence is not None:
            return frozenset()
        printed = self.verdict.decision["print"] in _GIVEN
        return frozenset({Medium.WEB, Medium.PRINT}) if printed else frozenset({Medium.WEB})

    def _excerpt_audiences(self) -> frozenset[Audience]:
        named = frozenset[str]().union(
            *(one.audiences for one in self.frames if one.mood is Mood.GRANT and "quote" in one.uses)
        )
        if not named & {"community", "nonprofit", "commercial", "narrow", "personal"}:
            return frozenset()
        return frozenset(
            Audience(name) for name in named & {"community", "nonprofit", "commercial", "personal"}
        ) or frozenset({Audience.PERSONAL})

    def _refusals(self) -> Iterator[Rule]:
        decision = self.verdict.decision
        whole = frozenset({Form.FULL}) if decision["excerpt"] in _GIVEN else frozenset({Form.FULL, Form.EXCERPT})
        for answer, effect in ((Answer.PERMISSION, Effect.ASK), (Answer.DENY, Effect.DENY)):
            to = frozenset[Audience]().union(*(AUDIENCES[name] for name in AUDIENCES if decision[name] is answer))
            if len(to) == len(AUDIENCES):
                yield _rule(effect, whole)
            elif to:
                yield _rule(effect, whole, to)
            if decision["print"] is answer and len(to) != len(AUDIENCES):
                yield _rule(effect, whole, media=frozenset({Medium.PRINT}))
            if decision["excerpt"] is answer and answer is Answer.DENY:
                yield _rule(effect, frozenset({Form.EXCERPT}))

    def _when(self) -> When:
        values = {term.name: int(term.value or 0) for term in self.verdict.times}
        for term in self.verdict.times:
            if term.name == "embargo_h":
                self._find("time embargo_h", str(term.value), term.sentence, f"when: {{embargo: {term.value}h}}")
            elif term.name == "window_d":
                self._find("time window_d", str(term.value), term.sentence, f"when: {{window: {term.value}d}}")
        embargo, window = values.get("embargo_h"), values.get("window_d")
        return When(
            embargo=timedelta(hours=embargo) if embargo else None, window=timedelta(days=window) if window else None
        )

    # ── duties and limits ────────────────────────────────────────────────────────────────────────────────────────

    def _duties(self, licence: str | None) -> Iterator[Duty]:
        line = self._credit_line()
        for term in self.verdict.duties:
            if term.name == "top_placement" and line is not None and line[0] == term.sentence:
                continue  # it tells the place of the line
            duty = self._duty(term, licence)
            if duty is not None:
                self._find(f"duty {term.name}", term.name, term.sentence, str(duty.name))
                yield duty
        if line is not None:
            yield self._credit_in_words(*line)
        for term in self.verdict.times:
            if term.name == "remove_after_d":
                self._find(
                    "time remove_after_d", str(term.value), term.sentence, f"remove-after: {{days: {term.value}}}"
                )
                yield Duty(name=DutyName.REMOVE_AFTER, params=(("days", int(term.value or 1)),))
        if self.verdict.takedown is not None:
            self._find("takedown_on_request", "true", self.verdict.takedown.sentence, "remove-on-request")
            yield Duty(name=DutyName.REMOVE_ON_REQUEST)
        if any(term.name == "share_alike" for term in self.verdict.limits) and licence is None:
            yield Duty(name=DutyName.SHARE_ALIKE)
        for place in self.left[:LEFT_MAX]:
            self._find("not understood", "", place, "other")
            yield self._other(self._quote(place))
        if len(self.left) > LEFT_MAX:
            yield self._other(f"and {len(self.left) - LEFT_MAX} more sentences that were not understood")

    def _duty(self, term: Term, licence: str | None) -> Duty | None:
        quote = self._quote(term.sentence)
        if term.name in _SIMPLE:
            return Duty(name=_SIMPLE[term.name])
        if term.name == "link_home":
            return Duty(name=DutyName.LINK_ORIGINAL, params=(("target", "home"),))
        if term.name == "licence_notice":
            return Duty(name=DutyName.LICENCE_NOTICE) if licence is not None else self._other(quote)
        if term.name == "tracker":
            address = next((match[0] for match in URL.finditer(quote) if match[0].startswith("http")), None)
            return Duty(name=DutyName.TRACKER, params=(("url", address),)) if address else self._other(quote)
        if term.name == "notify":
            before = re.search(r"\b(?:before|vorher|avant|antes|prima|vooraf|事先|przed)\b", quote.lower())
            params: list[tuple[str, Param]] = [("when", "before" if before else "after")]
            if self.verdict.contact is not None:
                params.insert(0, ("contact", str(self.verdict.contact.value)))
            return Duty(name=DutyName.NOTIFY, params=tuple(params))
        return self._other(quote)

    def _credit_line(self) -> tuple[int, str] | None:
        """(sentence, words) of a line of credit that the notice gives in quotes: to be printed letter for letter."""
        for place in range(len(self.verdict.sentences)):
            words = next(credit_lines(self._quote(place)), None)
            if words is not None:
                return place, words
        return None

    def _credit_in_words(self, place: int, words: str) -> Duty:
        self._find("duty credit_line", words, place, "credit-line")
        if has_gap(words):  # a person fills it in
            return self._other(self._quote(place))
        top = any(term.name == "top_placement" and term.sentence == place for term in self.verdict.duties)
        return Duty(name=DutyName.CREDIT_LINE, params=(("text", words), *((("slot", "top"),) if top else ())))

    def _other(self, quote: str) -> Duty:
        """A duty that needs a person: its words are not told, or fit no term."""
        self.notes.append(f"to be written by hand: “{quote}”")
        return Duty(name=DutyName.OTHER, params=(("text", quote),))

    def _limits(self) -> Iterator[Limit]:
        names = [term.name for term in self.verdict.limits]
        may = [word for name, word in (("minor_edits_ok", "style"), ("headline_ok", "headline")) if name in names]
        for term in self.verdict.limits:
            if term.name in _LIMITS:
                self._find(f"limit {term.name}", term.name, term.sentence, str(_LIMITS[term.name]))
                yield Limit(name=_LIMITS[term.name])
            else:
                self._find(f"limit {term.name}", term.name, term.sentence)
        if {"no_edits", "minor_edits_ok", "no_derivatives"} & set(names):
            yield Limit(name=LimitName.NO_EDITS, params=(("except", tuple(may)),) if may else ())
        shut = dict[LimitName, int]()
        for limit, place in bars(self.verdict.sentences, self.frames):
            shut.setdefault(limit, place)
        for limit, place in shut.items():
            self._find(f"limit {limit}".replace("-", "_"), str(limit), place, str(limit))
            yield Limit(name=limit)
        translation = self.verdict.decision["translation"]
        if translation not in _GIVEN and "no_translation" not in names:
            yield Limit(name=LimitName.NO_TRANSLATION)

    def _excerpt_limit(self) -> tuple[Limit, ...]:
        term = self.verdict.excerpt
        if term is None:
            return ()
        self._find("limit excerpt_only", term.name, term.sentence, "excerpt-max")
        match = re.fullmatch(r"excerpt_only\((\d+) (\w+)\)", term.name)
        if match and match[2] in _UNITS and int(match[1]) > 0:
            n = min(int(match[1]), 100) if match[2] == "percent" else int(match[1])
            return (Limit(name=LimitName.EXCERPT_MAX, params=(("n", n), ("unit", _UNITS[match[2]]))),)
        if match:
            quote = self._quote(term.sentence)
            self.notes.append(
                f"how much may be quoted is told in {match[2]}, which is to be written by hand: “{quote}”"
            )
            return (Limit(name=LimitName.OTHER, params=(("text", quote),)),)
        return ()

    def _images(self) -> ImageRule:
        """Images are only the text's if the notice names them in a permission."""
        names = {term.name for term in self.verdict.limits}
        if {"no_images", "images_with_credit"} & names:
            return ImageRule.ASK
        given = any(one.mood is Mood.GRANT and "image" in one.uses for one in self.frames)
        free = self.verdict.licence_id is not None and not elements(self.verdict.licence_id)
        return ImageRule.SAME if given and not free else ImageRule.ASK


_LOOKS = {
    "contributor": "terms for those who send in texts",
    "privacy": "a privacy policy",
    "inbound": "rules for a site's own members or editors",
    "news": "a report about somebody's licence",
}


def _rule(
    effect: Effect,
    forms: frozenset[Form],
    to: frozenset[Audience] = frozenset(),
    media: frozenset[Medium] = frozenset(),
    when: When | None = None,
    duties: tuple[Duty, ...] = (),
    limits: tuple[Limit, ...] = (),
) -> Rule:
    return Rule(
        key="", effect=effect, forms=forms, to=to, media=media, when=when or When(), duties=duties, limits=limits
    )


def _numbered(rules: Sequence[Rule], id_: str) -> Iterator[Rule]:
    for number, rule in enumerate(rules, start=1):
        yield replace(rule, key=f"{id_}:{number}")


def slug(name: str) -> str:
    """An id for a policy from a name or address."""
    host = urlsplit(name).hostname if "://" in name else None
    words = (host or name).lower().removeprefix("www.")
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-")[:60] or "proposed"
