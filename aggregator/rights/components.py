"""Images, media and embeds are decided apart from text: what is not allowed is taken out of the copy (ruling 21)."""

from __future__ import annotations

from aggregator.model.decision import FlagKind, Reason, Truth
from aggregator.model.entry import Component
from aggregator.model.policy import Duty, DutyName, Effect, ImageRule, LimitName, Policy
from aggregator.rights.duties import unmet
from aggregator.rights.facts import Facts
from aggregator.rights.grants import Permission
from aggregator.rights.hops import Party
from aggregator.rights.licences import known, same
from aggregator.rights.limits import credited, forbids, own_names
from aggregator.rights.names import fold
from aggregator.rights.reasons import at
from aggregator.rights.sheet import Sheet
from aggregator.rights.speak import Hearing, hear_licence
from aggregator.rights.spelled import spelled
from aggregator.rights.wording import asks, listed, must_not

IMAGES = "images"
"""Key of a policy's rule on images, and the name under which a grant lifts it."""
_WHY = {
    ImageRule.ASK: "their publisher must be asked about them",
    ImageRule.DENY: "their publisher keeps them",
}
CREDIT_MAX = 60
"""Characters of a credit that a trace quotes."""
TOLD_MAX = 3
"""Parts that are taken out and named one by one in a trace."""
_LIFTS = frozenset({IMAGES, LimitName.NO_IMAGES.value})


def strip(sheet: Sheet, everyone: tuple[Party, ...], facts: Facts, given: list[Permission]) -> None:
    """Take out what any hop keeps back; carry the duties on what stays.

    Args:
        sheet: one that has heard every hop and every notice.
        given: what is granted in writing, hop by hop.
    """
    kept = {component.url: component for component in facts.entry.components}
    if not kept:
        return
    for index, (party, permission) in enumerate(zip(everyone, given, strict=True)):
        for policy in filter(None, (party.policy, *party.tighten)):
            if not permission.lift & _LIFTS:
                _by_policy(sheet, index, party, policy, kept)
    for limit, hop, party, rule in sheet.component_limits:
        own = own_names(party.policy)
        barred = [url for url, one in kept.items() if forbids(limit, one, own, sheet.form, facts)]
        _take(sheet, hop, rule, barred, kept, f"a limit says not to {must_not(limit)}")
    _by_licence(sheet, everyone, facts, kept)
    for duty, hop, party, rule in sheet.component_duties:
        _by_duty(sheet, hop, party, rule, duty, facts, kept)


def _take(
    sheet: Sheet, hop: int, rule: str, urls: list[str], kept: dict[str, Component], why: str, where: str = ""
) -> None:
    if not urls:
        return
    if not sheet.quiet:  # words for a trace that somebody reads
        told = f"{len(urls)} taken out ({_told([kept[url] for url in urls])}): {why}"
        sheet.step(hop, IMAGES, rule, Effect.DENY, Truth.YES, where=where, unusable=told)
    for url in urls:
        sheet.removed.append(url)
        kept.pop(url, None)


def _told(parts: list[Component]) -> str:
    """What is taken out, each by the end of its address and with the credit that it has."""
    told = []
    for one in parts[:TOLD_MAX]:
        words = " ".join((one.credit or "").split())
        credit = f" “{words[:CREDIT_MAX]}{'…' if len(words) > CREDIT_MAX else ''}”" if words else ""
        told.append((one.url.partition("?")[0].rstrip("/").rpartition("/")[2] or one.url) + credit)
    # A semicolon would end this part of the sentence for who words it in another language.
    return ", ".join(told).replace(";", ",") + (" …" if len(parts) > TOLD_MAX else "")


def _by_policy(sheet: Sheet, hop: int, party: Party, policy: Policy, kept: dict[str, Component]) -> None:
    rule = policy.images.rule
    if rule is ImageRule.SAME or not kept:
        return
    names = tuple(map(fold, policy.images.credits)) or own_names(policy)
    urls = [url for url, one in kept.items() if rule is not ImageRule.OWN_CREDIT or not credited(one, names)]
    why = (
        _WHY.get(rule) or f"the credit does not name {listed(policy.images.credits or (policy.publisher.name,), 'or')}"
    )
    _take(sheet, hop, IMAGES, urls, kept, why, policy.where)
    if rule is ImageRule.ASK:
        sentence = f"{policy.publisher.name} must be asked before its images are shown; the text goes out without them"
        sheet.hold(
            hop,
            party,
            FlagKind.PERMISSION,
            Reason.MUST_ASK,
            Effect.ASK,
            IMAGES,
            sentence + at(policy.where),
            where=policy.where,
            contact=policy.contact,
            publisher=policy.publisher.name,
            on_images=True,
        )


def _by_licence(sheet: Sheet, everyone: tuple[Party, ...], facts: Facts, kept: dict[str, Component]) -> None:
    """A component's own licence is nearer to it than anything else, and tightens like an entry's."""
    hop, source = len(everyone) - 1, everyone[-1]
    own = source.policy.licence if source.policy else None
    for url, component in list(kept.items()):
        if not component.licence or same(own, component.licence):
            continue
        scratch = sheet.scratch()
        for name in _named(component.licence):
            hear_licence(Hearing(scratch, hop, source, facts), known(name), name, frozenset(), layer="notice")
        if scratch.holds:
            first = scratch.holds[0]
            _take(sheet, hop, first.rule, [url], kept, "its own licence does not cover this use")
            sentence = f"an image is taken out: {first.sentence}"
            sheet.hold(hop, source, FlagKind.NOTICE, first.reason, Effect.ASK, first.rule, sentence, on_images=True)


def _named(licence: str) -> tuple[str, ...]:
    """Licences that a statement names: itself where it is one, else those in its words, which are no choice.

    Two statements that differ are joined by semicolons: nobody knows which of them holds.
    """
    return (licence,) if known(licence) or "; " in licence else spelled(licence) or (licence,)


def _by_duty(
    sheet: Sheet, hop: int, party: Party, rule: str, duty: Duty, facts: Facts, kept: dict[str, Component]
) -> None:
    """A duty on components counts for those that stay; those for which it cannot be met go, and the text stays."""
    concerned = [url for url, one in kept.items() if one.kind.value in duty.components]
    if not concerned:
        return
    if duty.name is DutyName.CREDIT_AUTHOR and not duty.any_of:
        without = [url for url in concerned if not (kept[url].credit or "").strip()]
        why = "an image names no author"
        can = DutyName.CREDIT_AUTHOR in facts.use.can_discharge
        without = without if can else concerned
    else:
        problem = unmet(duty, sheet.form, facts, party)
        without, why = (concerned, problem.why) if problem else ([], "")
    if without and not duty.requested:
        _take(sheet, hop, rule, without, kept, f"it is asked to {asks(duty)}, and {why}")
        sentence = f"{party.hop.name} asks on images to {asks(duty)}, and {why}; the text goes out without them"
        sheet.hold(hop, party, FlagKind.DUTY, Reason.DUTY_UNMET, Effect.ASK, rule, sentence, on_images=True)
    if len(without) < len(concerned):
        sheet.carry(duty, hop)
