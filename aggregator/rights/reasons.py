"""The catalogue of reasons: a sentence and what to do, for each; and the phrases that sentences are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.model.decision import Reason
from aggregator.model.use import Ads, Audience, Form, Medium, Use

FORMS = {Form.FULL: "the full text", Form.EXCERPT: "an excerpt", Form.HEADLINE: "the headline"}

AUDIENCES = {
    Audience.ANYONE: "anyone",
    Audience.PERSONAL: "people for themselves",
    Audience.COMMUNITY: "community sites",
    Audience.NONPROFIT: "non-profit organisations",
    Audience.EDUCATION: "schools and universities",
    Audience.GOVERNMENT: "public bodies",
    Audience.NEWS: "news organisations",
    Audience.ACCREDITED: "accredited organisations",
    Audience.COMMERCIAL: "commercial sites",
}

MEDIA = {
    Medium.WEB: "on the web",
    Medium.NEWSLETTER: "in a newsletter",
    Medium.SOCIAL: "on social media",
    Medium.PRINT: "in print",
    Medium.BROADCAST: "on air",
}


@dataclass(frozen=True, slots=True)
class Help:
    """A reason for a person."""

    sentence: str
    remedy: str


CATALOGUE: dict[Reason, Help] = {
    Reason.ALLOWED: Help("A recorded rule allows it, and all that it asks for can be done.", "Nothing to do."),
    Reason.DENIED: Help(
        "A rule of its publisher bars this use.", "Leave it, ask for a smaller form, or record a written grant."
    ),
    Reason.REFUSED: Help(
        "Its publisher or author said no, and a person recorded it.",
        "Leave it out; if they have changed their mind, end the refusal with 'aggregator refusals revoke'.",
    ),
    Reason.TERMS_CHANGED: Help(
        "The terms that its policy was read from have changed, and nobody has looked at them since.",
        "Look: 'aggregator terms show POLICY'. Mend the policy if it must be, then say so: 'aggregator terms confirm'.",
    ),
    Reason.MUST_ASK: Help(
        "Its publisher wants to be asked first.",
        "Write to the contact; record the answer with 'aggregator grants add'.",
    ),
    Reason.FACT_MISSING: Help(
        "A rule depends on a fact that the feed does not tell, or that only a person can judge.",
        "Look at the entry; if it is fine, record a grant that says so, or make the policy's rule plainer.",
    ),
    Reason.DUTY_UNMET: Help(
        "The publisher asks for something that this entry or these formats cannot carry.",
        "Supply the words in the policy, change the output's formats, ask the publisher to waive it, or, where it wants"
        " word, tell it and record that: aggregator entries notified.",
    ),
    Reason.LIMIT_BROKEN: Help(
        "The output's use breaks a limit that the publisher sets.",
        "Change the output's use, ask for a smaller form, pick the entry by hand where only that is missing, or ask.",
    ),
    Reason.NO_RULE: Help(
        "No rule of its publisher's policy covers this use.", "Ask the publisher, and add a rule with the answer."
    ),
    Reason.NO_POLICY: Help(
        "Its source has no policy, so nobody knows the terms.", "Read the publisher's terms and write config/policies/."
    ),
    Reason.THIRD_PARTY: Help(
        "Somebody else originated it, or may have, and their terms are not known.",
        "Write a policy for that publisher, record a grant of theirs, or settle who wrote it.",
    ),
    Reason.NOTICE: Help(
        "The entry or its feed says so of itself.",
        "Ask the publisher; a grant that names the entry goes before a notice.",
    ),
    Reason.NOT_PICKED: Help(
        "This output carries only entries that a person picked.",
        "Pick it: 'aggregator entries approve ENTRY --output ID'.",
    ),
    Reason.NOTHING_TO_SHOW: Help(
        "The feed does not carry what this form would show.", "Allow the output a smaller form in 'fallback'."
    ),
    Reason.EXPIRED: Help(
        "The time for which it might be shown has ended.", "Nothing to do; a new grant could open it again."
    ),
}


def at(where: str, term: str = "") -> str:
    """` (policies/herald.yaml:12)`, or nothing.

    Args:
        term: the word to look for there, as the policy spells it: ` (policies/herald.yaml:12, no-resale)`.
    """
    return f" ({', '.join(filter(None, (where, term)))})" if where else ""


_CARRIERS = {
    "credit-line": "a credit line in its text",
    "copyright-line": "a copyright line in its text",
    "entry-link": "its link",
    "": "the feed",
}


def told_by(carrier: str) -> str:
    """Where a hop was read, for a person: `a credit line in its text`, `the feed's atom:source`."""
    return _CARRIERS.get(carrier, f"the feed's {carrier}")


def described(form: Form, use: Use) -> str:
    """A use for a person: `the full text for use by commercial sites on the web, sold`."""
    extras = []
    if use.ads is not Ads.NONE:
        extras.append("with ads on the page" if use.ads is Ads.PAGE else "with ads sold against it")
    if use.paywall:
        extras.append("behind a paywall")
    if use.sold:
        extras.append("sold")
    return ", ".join([f"{FORMS[form]} for use by {AUDIENCES[use.audience]} {MEDIA[use.medium]}", *extras])


def unknown_facts(names: Sequence[str]) -> str:
    """What cannot be known: `its author cannot be known`."""
    told = [name for name in names if name != "other"]
    if not told:
        return "a person must rule on whether this is one of them"
    return f"its {' and '.join(told)} cannot be known"
