"""The terms of the ODRL 2.2 JSON-LD context, and of the few others that policies name: a table, so that none is fetched.

Written from the vocabulary; where published copies of the context differ or slip (`xor`, `odrl:neg`), the vocabulary wins.
"""

from __future__ import annotations

from typing import Any

_PREFIXES = {
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dct": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "schema": "http://schema.org/",
    "cc": "http://creativecommons.org/ns#",
}
_LINKS = """
profile inheritFrom relation output target hasPolicy partOf source includedIn implies
assignee assigner assigneeOf assignerOf attributedParty attributingParty compensatedParty compensatingParty
consentedParty consentingParty contractedParty contractingParty informedParty informingParty trackedParty trackingParty
permission prohibition obligation duty consequence remedy failure constraint refinement operand
or xone and andSequence
""".split()
"""Properties whose values are things."""
_WORDS = "conflict action operator leftOperand scope function".split()
"""Properties whose values are words of the vocabulary."""
_NAMES = """
Policy Rule Set Offer Agreement Request Assertion Privacy Ticket Asset AssetCollection AssetScope Party PartyCollection
PartyScope Action Permission Prohibition Duty Constraint LogicalConstraint Operator LeftOperand RightOperand
ConflictTerm Group Individual All AllConnections All2ndConnections AllGroups perm prohibit invalid
rightOperand unit status uid
use grantUse aggregate annotate anonymize archive concurrentUse derive digitize display distribute execute extract give
index install modify move play present print read reproduce sell stream textToSpeech transfer transform translate
acceptTracking attribute compensate delete ensureExclusivity include inform nextPolicy obtainConsent reviewPolicy
uninstall watermark synchronize
absolutePosition absoluteSpatialPosition absoluteTemporalPosition absoluteSize count dateTime delayPeriod
deliveryChannel elapsedTime event fileFormat industry language media meteredTime payAmount percentage product purpose
recipient relativePosition relativeSpatialPosition relativeTemporalPosition relativeSize resolution spatial
spatialCoordinates systemDevice timeInterval unitOfCount version virtualLocation
eq gt gteq lt lteq neq isA hasPart isPartOf isAllOf isAnyOf isNoneOf policyUsage
""".split()

CONTEXT: dict[str, Any] = {
    **_PREFIXES,
    **{name: f"odrl:{name}" for name in _NAMES},
    **{name: {"@id": f"odrl:{name}", "@type": "@id"} for name in _LINKS},
    **{name: {"@id": f"odrl:{name}", "@type": "@vocab"} for name in _WORDS},
    "uid": "@id",
    "type": "@type",
    "inheritAllowed": {"@id": "odrl:inheritAllowed", "@type": "xsd:boolean"},
    "rightOperandReference": {"@id": "odrl:rightOperandReference", "@type": "@id"},
    "dataType": {"@id": "odrl:dataType", "@type": "@id"},
}
ADDRESSES = frozenset(
    f"{scheme}://{host}/ns/{name}"
    for scheme in ("http", "https")
    for host in ("www.w3.org", "w3.org")
    for name in ("odrl.jsonld", "odrl/2/ODRL22.json", "odrl/2/ODRL22.jsonld", "odrl/2/")
)
"""Addresses by which documents name that context."""
EXTRA: dict[str, dict[str, Any]] = {
    "http://www.w3.org/ns/tdmrep.jsonld": {"tdm": "http://www.w3.org/ns/tdmrep#"},
    "http://www.w3.org/ns/tdmrep": {"tdm": "http://www.w3.org/ns/tdmrep#"},
    "https://schema.org": {"schema": "http://schema.org/"},
    "https://schema.org/": {"schema": "http://schema.org/"},
}
"""Others, of which the prefix alone is known."""
