"""May a site take an output? Its declared use must lie within the use for which every entry of it was decided."""

from __future__ import annotations

from collections.abc import Iterable

from aggregator.model.policy import Effect, Policy
from aggregator.model.use import Ads, Audience, Use
from aggregator.rights.names import primary

_ADS = (Ads.NONE, Ads.PAGE, Ads.ITEM)
"""From least to most: what may stand beside more advertising may stand beside less."""


def beyond(declared: Use, use: Use, policies: Iterable[Policy]) -> tuple[str, ...]:
    """In what a declared use goes beyond an output's, a sentence each; empty: the output may be handed over.

    What is allowed for the output's use is then allowed for the declared one too, in the same form, with duties that
    are the same or are what was asked of the output anyway.

    Args:
        declared: what the site will do with the copies.
        use: the output's.
        policies: all that are configured: any publisher may be a hop.
    """
    found = [*_who(declared, use, policies), *_how(declared, use), *_where(declared, use), *_which(declared, use)]
    return tuple(found)


def _who(declared: Use, use: Use, policies: Iterable[Policy]) -> Iterable[str]:
    if declared.audience is use.audience:
        return
    if use.audience is not Audience.ANYONE:
        yield f"it is for {use.audience} use, and the declared use is {declared.audience}"
        return
    # What is allowed to anyone may still be asked of some, denied them, or bound to limits: by a rule that names them.
    for policy in policies:
        for rule in policy.rules:
            names_them = declared.audience in rule.to and Audience.ANYONE not in rule.to
            if names_them and not rule.forms.isdisjoint(use.forms) and (rule.effect is not Effect.ALLOW or rule.limits):
                what = {Effect.ALLOW: "sets limits", Effect.ASK: "wants to be asked", Effect.DENY: "gives nothing"}
                name = policy.publisher.name
                yield f"{name} {what[rule.effect]} for {declared.audience} use ({rule.where or rule.key})"


def _how(declared: Use, use: Use) -> Iterable[str]:
    if declared.medium is not use.medium:
        yield f"it is for {use.medium}, and the declared medium is {declared.medium}"
    if _ADS.index(declared.ads) > _ADS.index(use.ads):
        said = {Ads.NONE: "without advertising", Ads.PAGE: "with advertising on the page only"}[use.ads]
        yield f"it is for use {said}, and the declared advertising is '{declared.ads}'"
    if declared.paywall and not use.paywall:
        yield "it is for use without a paywall, and a paywall is declared"
    if declared.sold and not use.sold:
        yield "its copies may not be sold, and a sale is declared"


def _where(declared: Use, use: Use) -> Iterable[str]:
    """A use that states no territory is worldwide (ruling 11)."""
    if not use.territory:
        return
    here = ", ".join(sorted(use.territory))
    if not declared.territory:
        yield f"it is for {here} only, and no territory is declared"
    elif outside := declared.territory - use.territory:
        yield f"it is for {here} only, and the declared territory has {', '.join(sorted(outside))}"


def _which(declared: Use, use: Use) -> Iterable[str]:
    if declared.language is not None and (use.language is None or primary(declared.language) != primary(use.language)):
        yield f"it does not cover a translation to '{declared.language}'"
    if use.copies is not None and (declared.copies is None or declared.copies > use.copies):
        told = "no number" if declared.copies is None else str(declared.copies)
        yield f"it is for {use.copies} copies at most, and {told} is declared"
