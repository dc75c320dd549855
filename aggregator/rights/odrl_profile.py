"""The pages that publish our ODRL profile, made from its table of terms: `docs/odrl-profile.ttl` and `.md`."""

from __future__ import annotations

from collections.abc import Iterator

from aggregator.rights.odrl_terms import CC, MEASURES, NS, ODRL, ODRL_CONTEXT, PREFIX, PROFILE, RDF, TERMS, Kind, Term

_CLASSES = {
    Kind.FORM: "odrl:RightOperand",
    Kind.AUDIENCE: "odrl:PartyCollection",
    Kind.MEDIUM: "odrl:RightOperand",
    Kind.DUTY: "odrl:Action",
    Kind.LIMIT: "odrl:LeftOperand",
    Kind.WHEN: "odrl:LeftOperand",
    Kind.PARAM: "odrl:LeftOperand",
    Kind.VALUE: "skos:Concept",
    Kind.PROPERTY: "rdf:Property",
}
_TITLES = {
    Kind.FORM: "Forms: how much of an article",
    Kind.AUDIENCE: "Audiences: who republishes",
    Kind.MEDIUM: "Media: where",
    Kind.DUTY: "Duties: what must accompany the copy",
    Kind.LIMIT: "Limits: what must not happen to the copy",
    Kind.WHEN: "Conditions",
    Kind.PARAM: "Parameters of duties and limits",
    Kind.VALUE: "Answers",
    Kind.PROPERTY: "Properties of a policy, publisher, rule, duty or limit",
}
_USES = {
    Kind.FORM: "Values of `agg:when-form`, which refines the action `odrl:distribute`.",
    Kind.AUDIENCE: "Assignees of a rule; several are alternatives. None: anyone.",
    Kind.MEDIUM: "Values of the core left operand `media`, operator `isAnyOf`.",
    Kind.DUTY: "Actions of a duty, refined by parameters. Who lacks the profile reads the parent.",
    Kind.LIMIT: (
        "Left operands of a constraint on a permission: `eq true`, or `lteq` a number for "
        + ", ".join(f"`{PREFIX}:limit-{name}`" for name in MEASURES)
        + ". A copy that breaks one is not permitted. Several under `or`: one is enough."
    ),
    Kind.WHEN: (
        "Left operands of a constraint on a rule. Core words where there are: `language`, `spatial` (ISO 3166), "
        "`delayPeriod gteq` (embargo) and `elapsedTime lteq` (window), both counted from the publication date."
    ),
    Kind.PARAM: "Left operands that refine a duty's action, operator `eq`; on a limit, properties of the constraint.",
    Kind.VALUE: "Values of `agg:third-party`, `agg:images` and `agg:default`.",
    Kind.PROPERTY: "Plain properties. A prohibition cannot have duties; what a policy writes there is kept as `idle`.",
}
_PAGE = f"""\
# ODRL profile

`aggregator policy export --format odrl` writes a policy as an ODRL 2.2 offer in JSON-LD. ODRL has few words for what
newsrooms ask of those who republish; this profile adds the others. It is machine-readable in
[odrl-profile.ttl](odrl-profile.ttl). Both files are made from one table in `aggregator/rights/odrl_terms.py`.

| | |
|---|---|
| profile | `{PROFILE}` |
| namespace | `{NS}`, here `{PREFIX}:` |
| context | `{ODRL_CONTEXT}`, then `{{"{PREFIX}": "{NS}"}}` |
| conflict | `prohibit`: a prohibition goes before a permission |

**How a policy is said.** The offer's assigner is the publisher, its target the collection of all its articles. An
`allow` is a permission of `odrl:distribute`, refined by the forms; a `deny` a prohibition; an `ask` a permission with
the duty `odrl:obtainConsent`. Audiences are assignees; media, conditions and limits are constraints, so that a reader
who does not know one of them cannot take a permission for wider than it is. Where an order means something to people,
`agg:position` and lists keep it. Written out and read again, a policy is the same, but for file and line.

**How other people's policies are read.** As a proposal, by core words: a permission as narrowly as its words allow, a
prohibition as widely. What is not understood becomes an `other` condition, which no rule passes until a person has
ruled on it; so does inheritance from another policy, a profile that is not known, and an asset that nobody has told to
be the publisher's articles. A policy that permits and prohibits the same without a conflict strategy is void, as ODRL
has it, and all of it must be asked for. No context, profile or parent is ever fetched.
"""


def profile_page() -> str:
    """`docs/odrl-profile.md`."""
    parts = [_PAGE]
    for kind in Kind:
        rows = "\n".join(
            f"| `{PREFIX}:{term.local}` | {term.definition} | {f'`{term.parent}`' if term.parent else ''} |"
            for term in TERMS
            if term.kind is kind
        )
        parts.append(
            f"## {_TITLES[kind]}\n{_USES[kind]}\n\n| term | meaning | nearest core term |\n|---|---|---|\n{rows}\n"
        )
    return "\n".join(parts)


def profile_turtle() -> str:
    """`docs/odrl-profile.ttl`."""
    return "\n".join((_HEAD, *(_statement(term) for term in TERMS)))


_HEAD = f"""\
# Made from aggregator/rights/odrl_terms.py.
@prefix {PREFIX}: <{NS}> .
@prefix odrl: <{ODRL}> .
@prefix cc: <{CC}> .
@prefix rdf: <{RDF}> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix dct: <http://purl.org/dc/terms/> .

<{PROFILE}> a owl:Ontology ;
    dct:title "ODRL profile for republishing articles"@en ;
    owl:imports <{ODRL}> .
"""


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"@en'


def _statement(term: Term) -> str:
    return f"{PREFIX}:{term.local} " + " ;\n    ".join(_facts(term)) + " .\n"


def _facts(term: Term) -> Iterator[str]:
    yield f"a {_CLASSES[term.kind]}, skos:Concept" if term.kind is not Kind.VALUE else "a skos:Concept"
    yield f"rdfs:label {_quoted(term.name)}"
    yield f"skos:definition {_quoted(term.definition)}"
    if term.kind is Kind.DUTY:
        yield f"odrl:includedIn {term.parent or 'odrl:use'}"  # an action of a profile has to be included in one
    elif term.parent is not None:
        yield f"rdfs:seeAlso {term.parent}"
    yield f"rdfs:isDefinedBy <{PROFILE}>"
