"""Each duty of a decision, and what discharges it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aggregator.model.decision import Hop
from aggregator.model.policy import DutyName
from aggregator.model.use import Form
from aggregator.publishing.abilities import LIFECYCLE, TEXT_BOUND
from aggregator.publishing.credit import SLOTS, CreditContext, Line, Linked, Logo
from aggregator.publishing.item import EntryRefused, Licence
from aggregator.publishing.text import legal, spaced, web_address

if TYPE_CHECKING:
    from collections.abc import Callable

    from aggregator.model.decision import Decision
    from aggregator.model.policy import Duty
    from aggregator.model.use import Medium

ELSEWHERE = LIFECYCLE | {DutyName.NOTIFY}
"""Discharged by what is done, not by what is printed."""
_CC = "creativecommons.org"


def source_hop(url: str | None, title: str) -> tuple[Hop, ...]:
    """The chain of an entry for which rights gave none: the polled source alone."""
    return (Hop(name=title, policy=None, url=url, carrier="source"),)


def due(decision: Decision, medium: Medium, parts: frozenset[str]) -> tuple[tuple[Duty, int], ...]:
    """The decision's duties that are due for a copy with those parts in that medium, each with the hop that asks."""
    last = max(0, len(decision.hops) - 1)
    hops = decision.duty_hops if len(decision.duty_hops) == len(decision.duties) else (last,) * len(decision.duties)
    return tuple(
        (duty, min(hop, last))
        for duty, hop in zip(decision.duties, hops, strict=True)
        if (not duty.media or medium in duty.media)
        and (not duty.components or not duty.components.isdisjoint(parts))
        and not (decision.form is Form.HEADLINE and duty.name in TEXT_BOUND and not duty.any_of)
    )


def discharge(
    facts: CreditContext, duties: tuple[tuple[Duty, int], ...], key: str, changes: tuple[str, ...]
) -> tuple[CreditContext, tuple[str, ...]]:
    """The credit's facts with what the duties add to them, and the names of the duties that are discharged.

    Raises:
        EntryRefused: one that is not only requested cannot be discharged.
    """
    done: list[str] = []
    facts = replace(facts, changes=changes if any(_asks_for_label(duty) for duty, _ in duties) else ())
    for duty, hop in duties:
        added, name, why = _first(facts, duty, hop)
        if name is not None:
            facts = added
            done.append(name)
        elif not duty.requested:
            raise EntryRefused(entry=key, duty=duty.name, what=why)
    return facts, tuple(dict.fromkeys(done))


def _asks_for_label(duty: Duty) -> bool:
    return any(term.name is DutyName.LABEL_CHANGES for term in (duty, *duty.any_of))


def _first(facts: CreditContext, duty: Duty, hop: int) -> tuple[CreditContext, str | None, str]:
    """The first of the duty's alternatives that can be discharged."""
    reasons = []
    for alternative in duty.any_of or (duty,):
        added = _one(facts, alternative, hop)
        if isinstance(added, CreditContext):
            return added, alternative.name.value, ""
        reasons.append(added)
    return facts, None, "; ".join(reasons)


def _one(facts: CreditContext, duty: Duty, hop: int) -> CreditContext | str:
    """The facts with this duty discharged, or why it cannot be."""
    if duty.name in ELSEWHERE:
        return facts
    if facts.form is Form.HEADLINE and duty.name in TEXT_BOUND:
        return facts
    return _HOW[duty.name](facts, duty, hop)


def _stands(facts: CreditContext, duty: Duty, hop: int) -> CreditContext | str:
    """Hops, authors and links of the text are carried whether or not anybody asks."""
    return facts


def _author(facts: CreditContext, duty: Duty, hop: int) -> CreditContext | str:
    if not duty.components or "text" in duty.components:
        return facts
    credits_ = [spaced(legal(one.credit or "")) for one in facts.components if one.kind.value in duty.components]
    return replace(facts, pictures=tuple(dict.fromkeys((*facts.pictures, *filter(None, credits_)))))


def _line(facts: CreditContext, duty: Duty, hop: int) -> CreditContext | str:
    text = spaced(legal(duty.text("text")))
    slot = duty.text("slot", "end")
    if not text:
        return "it prescribes no words; give it a text in the policy"
    linked = _with_link(facts, duty, hop, text)
    if not isinstance(linked, Linked):
        return linked
    return replace(facts, lines=(*facts.lines, Line(slot=slot if slot in SLOTS else "end", text=linked)))


def _with_link(facts: CreditContext, duty: Duty, hop: int, text: str) -> Linked | str:
    """The prescribed words with the link that belongs on some of them, or why it cannot be made."""
    words = spaced(legal(duty.text("link")))
    if not words:
        return Linked(text)
    if words not in text:
        return f"its link words '{words}' do not stand in its text; give words of the text"
    url = link_target(duty, facts.url, facts.hops, hop)
    return Linked(text, words, url) if url else f"no address is known for the link on '{words}'"


def link_target(duty: Duty, article: str | None, hops: tuple[Hop, ...], hop: int) -> str | None:
    """Where the link on prescribed words leads: the duty's own address, the article's, or its publisher's home page.

    Args:
        duty: with `url`, or `target` as `article` (the default) or `home`.
        article: at the publisher that it was taken from.
        hops: of the entry.
        hop: the one that asks.
    """
    if told := web_address(duty.text("url")):
        return told
    last = hop == len(hops) - 1
    found = article if last else hops[hop].url or article
    return _home_of(found) if duty.text("target") == "home" else found


def _link(facts: CreditContext, duty: Duty, hop: int) -> CreditContext | str:
    last = hop == len(facts.hops) - 1
    # Where only the copy's address is known, that is the nearest that a reader can be sent.
    url = facts.url if last else facts.hops[hop].url or facts.url
    if duty.text("target", "article") != "home":
        if not url:
            return f"no link to the article of '{facts.hops[hop].name}' is known"
        return facts if last else _owing(facts, url)
    home = web_address(duty.text("url")) or _home_of(facts.hops[hop].url or url)
    if not home:
        return f"the home page of '{facts.hops[hop].name}' is not known; give its url in the policy"
    if last:
        return replace(facts, home=home)
    earlier = replace(facts.hops[hop], url=home)
    return _owing(replace(facts, hops=(*facts.hops[:hop], earlier, *facts.hops[hop + 1 :])), home)


def _owing(facts: CreditContext, url: str) -> CreditContext:
    """With an address of an earlier publisher, which in plain text would stand nowhere."""
    return facts if url == facts.url else replace(facts, links=tuple(dict.fromkeys((*facts.links, url))))


def _home_of(url: str | None) -> str | None:
    parts = urlsplit(url) if url else None
    return f"{parts.scheme}://{parts.netloc}/" if parts and parts.netloc else None


def _end_note(facts: CreditContext, duty: Duty, hop: int) -> CreditContext | str:
    text = spaced(legal(duty.text("text")))
    if not text:
        return "it prescribes no words; give it a text in the policy"
    linked = _with_link(facts, duty, hop, text)
    return replace(facts, end_notes=(*facts.end_notes, linked)) if isinstance(linked, Linked) else linked


def _notice(facts: CreditContext, duty: Duty, hop: int) -> CreditContext | str:
    text = spaced(legal(duty.text("text")))
    if text and not facts.notices:
        return replace(facts, notices=(text,))
    return facts if facts.notices else "no hop gives a copyright notice; give its text in the policy"


def _licence(facts: CreditContext, duty: Duty, hop: int) -> CreditContext | str:
    told = next(filter(None, (duty.text(key) for key in ("url", "licence", "text"))), "")
    if told:
        named = licence(told, duty.text("name"))
        if all(known.url != named.url or known.name != named.name for known in facts.licences):
            together = facts.licences_hold_together or bool(facts.licences)
            return replace(facts, licences=(*facts.licences, named), licences_hold_together=together)
        return facts
    return facts if facts.licences else "no licence is named; give its address in the policy"


def _share_alike(facts: CreditContext, duty: Duty, hop: int) -> CreditContext | str:
    """The copy stays under its own licence: it names that, where one is known."""
    return _licence(facts, duty, hop) if duty.params else facts


def _tracker(facts: CreditContext, duty: Duty, hop: int) -> CreditContext | str:
    url = duty.text("url")
    if facts.form is Form.HEADLINE:
        return "a headline carries no picture to count by"
    if not web_address(url):
        return f"'{url}' is not an http(s) address"
    return replace(facts, trackers=tuple(dict.fromkeys((*facts.trackers, url))))


def _logo(facts: CreditContext, duty: Duty, hop: int) -> CreditContext | str:
    url = duty.text("url")
    if facts.form is Form.HEADLINE:
        return "a headline carries no picture"
    if not web_address(url):
        return f"'{url}' is not an http(s) address"
    return replace(facts, logos=(*facts.logos, Logo(url=url, alt=facts.hops[hop].name)))


def _canonical(facts: CreditContext, duty: Duty, hop: int) -> CreditContext | str:
    return facts if facts.url else "the entry has no link that a search engine could be sent to"


def _other(facts: CreditContext, duty: Duty, hop: int) -> CreditContext | str:
    return f"'{spaced(duty.text('text'))}' is for a person to rule on"


_HOW: dict[DutyName, Callable[[CreditContext, Duty, int], CreditContext | str]] = {
    DutyName.CREDIT_SOURCE: _stands,
    # Without an author the publisher is named, where rights lets that pass (ruling 18).
    DutyName.CREDIT_AUTHOR: _author,
    DutyName.CREDIT_LINE: _line,
    DutyName.LINK_ORIGINAL: _link,
    DutyName.KEEP_LINKS: _stands,
    DutyName.LABEL_CHANGES: _stands,
    DutyName.END_NOTE: _end_note,
    DutyName.COPYRIGHT_NOTICE: _notice,
    DutyName.LICENCE_NOTICE: _licence,
    DutyName.SHARE_ALIKE: _share_alike,
    DutyName.CANONICAL_OR_NOINDEX: _canonical,
    DutyName.TRACKER: _tracker,
    DutyName.LOGO: _logo,
    DutyName.OTHER: _other,
}


@lru_cache(maxsize=1_024)
def licence(value: str, name: str = "") -> Licence:
    """A licence as a person and a machine can name it.

    Args:
        value: an address, an SPDX id or words.
        name: what to call it; empty: made of the value.
    """
    if web_address(value):
        return Licence(name=name or _cc_name(value) or value, url=value)
    url = _cc_url(value)
    return Licence(name=name or value, url=url)


def _cc_name(url: str) -> str | None:
    """`CC BY-NC-ND 4.0` of a Creative Commons address."""
    parts = urlsplit(url)
    steps = [step for step in parts.path.split("/") if step]
    if not (parts.hostname or "").endswith(_CC) or len(steps) < 3:
        return None
    if steps[0] == "licenses":
        return f"CC {steps[1].upper()} {steps[2]}"
    return {"zero": f"CC0 {steps[2]}", "mark": f"Public Domain Mark {steps[2]}"}.get(steps[1])


def _cc_url(spdx: str) -> str | None:
    """The address of a Creative Commons licence given by its SPDX id."""
    letters, _, version = spdx.upper().rpartition("-")
    if letters == "CC0":
        return f"https://{_CC}/publicdomain/zero/{version}/"
    if letters.startswith("CC-BY") and version.replace(".", "").isdigit():
        return f"https://{_CC}/licenses/{letters[3:].lower()}/{version}/"
    return None
