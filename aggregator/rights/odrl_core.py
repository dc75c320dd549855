"""What the core words of ODRL mean to a republisher: tables for reading other people's policies.

A permission is read as narrowly as its words allow, a prohibition as widely. A word that is not here is not understood,
and what is not understood is never permission.
"""

from __future__ import annotations

from aggregator.model.policy import DutyName, LimitName
from aggregator.model.use import Audience, Form, Medium
from aggregator.rights.odrl_terms import CC, ODRL

TDM = "http://www.w3.org/ns/tdmrep#"
TDM_PROFILES = frozenset({"http://www.w3.org/ns/tdmrep", "http://www.w3.org/ns/tdmrep/", TDM})
RIGHTSML = frozenset({"https://iptc.org/std/RightsML/odrl-profile/", "http://iptc.org/std/RightsML/odrl-profile/"})

ALL_FORMS = frozenset(Form)
PERMITS: dict[str, frozenset[Form]] = {
    ODRL + "use": ALL_FORMS,
    ODRL + "distribute": frozenset({Form.FULL}),
    ODRL + "present": frozenset({Form.FULL}),
    ODRL + "print": frozenset({Form.FULL}),
    CC + "Distribution": frozenset({Form.FULL}),
}
"""Permitted actions that put an article before readers, and the forms that they stand for."""
PROHIBITS: dict[str, frozenset[Form]] = {
    ODRL + "use": ALL_FORMS,
    ODRL + "distribute": ALL_FORMS,
    ODRL + "reproduce": ALL_FORMS,
    ODRL + "present": ALL_FORMS,
    ODRL + "display": ALL_FORMS,
    ODRL + "print": ALL_FORMS,
    ODRL + "aggregate": ALL_FORMS,
    ODRL + "archive": ALL_FORMS,
    ODRL + "extract": frozenset({Form.EXCERPT}),
    CC + "Distribution": ALL_FORMS,
    CC + "Reproduction": ALL_FORMS,
    CC + "Sharing": ALL_FORMS,
}
PROHIBITED_LIMITS: dict[str, tuple[LimitName, ...]] = {
    ODRL + "translate": (LimitName.NO_TRANSLATION,),
    ODRL + "modify": (LimitName.NO_EDITS,),
    ODRL + "transform": (LimitName.NO_EDITS,),
    ODRL + "derive": (LimitName.NO_EDITS, LimitName.NO_TRANSLATION),
    CC + "DerivativeWorks": (LimitName.NO_EDITS, LimitName.NO_TRANSLATION),
    ODRL + "sell": (LimitName.NO_RESALE,),
    ODRL + "transfer": (LimitName.NO_RESALE,),
    TDM + "mine": (LimitName.NO_AI,),
    CC + "CommercialUse": (LimitName.NO_RESALE, LimitName.NO_ADS, LimitName.NO_PAYWALL),
    ODRL + "commercialize": (LimitName.NO_RESALE, LimitName.NO_ADS, LimitName.NO_PAYWALL),
}
"""Prohibited actions that bind a copy rather than bar it."""
COMMERCIAL = frozenset({CC + "CommercialUse", ODRL + "commercialize"})
_IDLE = """
anonymize annotate concurrentUse digitize execute give grantUse index install lease lend move play read stream
synchronize textToSpeech uninstall watermark
"""
NO_CONCERN = frozenset(ODRL + name for name in _IDLE.split())
"""Actions that no output of ours performs: prohibiting one takes nothing away."""
_UNDER_USE = """
aggregate annotate anonymize archive concurrentUse derive digitize distribute execute index install modify play present
print read reproduce stream synchronize textToSpeech transfer transform translate uninstall
"""
PARENTS: dict[str, str] = {
    **{ODRL + name: ODRL + "use" for name in _UNDER_USE.split()},
    ODRL + "display": ODRL + "play",
    ODRL + "extract": ODRL + "reproduce",
    ODRL + "sell": ODRL + "transfer",
    ODRL + "give": ODRL + "transfer",
    ODRL + "move": ODRL + "reproduce",
    CC + "Distribution": ODRL + "use",
    CC + "Reproduction": ODRL + "use",
    CC + "Sharing": ODRL + "use",
    CC + "DerivativeWorks": ODRL + "use",
    CC + "CommercialUse": ODRL + "use",
    ODRL + "commercialize": ODRL + "use",
    TDM + "mine": ODRL + "use",
}
"""includedIn: whoever permits or prohibits the parent speaks of the child."""
DUTIES: dict[str, tuple[DutyName, ...]] = {
    ODRL + "attribute": (DutyName.CREDIT_SOURCE,),
    CC + "Attribution": (DutyName.CREDIT_SOURCE, DutyName.CREDIT_AUTHOR),
    CC + "Notice": (DutyName.COPYRIGHT_NOTICE,),
    CC + "ShareAlike": (DutyName.SHARE_ALIKE,),
    ODRL + "shareAlike": (DutyName.SHARE_ALIKE,),
    "http://iptc.org/std/RightsML/2011-10-07/removeFromService": (DutyName.REMOVE_ON_REQUEST,),
    "https://iptc.org/std/RightsML/odrl-profile/removeFromService": (DutyName.REMOVE_ON_REQUEST,),
}
ASKS = frozenset({ODRL + "obtainConsent", ODRL + "compensate", ODRL + "pay"})
"""Duties that a person must see to before anything may be republished."""

_NON_COMMERCIAL = frozenset({Audience.PERSONAL, Audience.COMMUNITY, Audience.NONPROFIT, Audience.EDUCATION})
AUDIENCES: dict[str, frozenset[Audience]] = {
    **{audience.value: frozenset({audience}) for audience in Audience},
    "all": frozenset({Audience.ANYONE}),
    "public": frozenset({Audience.ANYONE}),
    "everyone": frozenset({Audience.ANYONE}),
    "non-profit": frozenset({Audience.NONPROFIT}),
    "noncommercial": _NON_COMMERCIAL,
    "non-commercial": _NON_COMMERCIAL,
    "noncommercialuse": _NON_COMMERCIAL,
    "commercialuse": frozenset({Audience.COMMERCIAL}),
    "private": frozenset({Audience.PERSONAL}),
    "educational": frozenset({Audience.EDUCATION}),
    "journalism": frozenset({Audience.NEWS}),
    "community-sites": frozenset({Audience.COMMUNITY}),
}
"""By the last part of an IRI, lower case."""
WIDER_AUDIENCES: dict[str, frozenset[Audience]] = dict.fromkeys(
    ("noncommercial", "non-commercial", "noncommercialuse"),
    frozenset(Audience) - {Audience.ANYONE, Audience.COMMERCIAL},
)
"""The same where something is prohibited or must be asked for: as wide as the words can be meant."""
MEDIA: dict[str, frozenset[Medium]] = {
    **{medium.value: frozenset({medium}) for medium in Medium},
    **dict.fromkeys(("online", "website", "internet", "html"), frozenset({Medium.WEB})),
    **dict.fromkeys(("email", "e-mail"), frozenset({Medium.NEWSLETTER})),
    **dict.fromkeys(("radio", "tv", "television"), frozenset({Medium.BROADCAST})),
    "paper": frozenset({Medium.PRINT}),
}
ELECTRONIC = frozenset({"electronic", "digital"})
"""Any medium that is not paper: permitted, it is read as the web; prohibited, as all but print."""
