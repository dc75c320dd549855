"""The published profile is what the program uses. Written anew by `python -m tests.rights.test_odrl_profile`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rdflib import RDF, Graph, URIRef

from aggregator.config.terms import DUTIES, LIMITS
from aggregator.intake.odrl_read import read_odrl
from aggregator.rights.odrl_core import PARENTS
from aggregator.rights.odrl_profile import profile_page, profile_turtle
from aggregator.rights.odrl_terms import CC, NS, ODRL, PARAMS, PROFILE, TERMS, Kind

DOCS = Path(__file__).parents[2] / "docs"
PAGES: dict[str, Callable[[], str]] = {"odrl-profile.md": profile_page, "odrl-profile.ttl": profile_turtle}


@pytest.mark.parametrize("name", PAGES)
def test_the_published_profile_is_not_stale(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name]()


def test_the_published_profile_is_turtle_that_defines_each_term_once() -> None:
    graph = Graph().parse(data=profile_turtle(), format="turtle")
    defined = [str(term) for term in graph.subjects(RDF.type, None) if str(term).startswith(NS)]
    assert set(defined) == {NS + term.local for term in TERMS}
    definition = URIRef("http://www.w3.org/2004/02/skos/core#definition")
    assert all(len(list(graph.objects(URIRef(name), definition))) == 1 for name in defined)
    assert (URIRef(PROFILE), RDF.type, URIRef("http://www.w3.org/2002/07/owl#Ontology")) in graph
    statements, warnings = read_odrl(profile_turtle().encode())
    assert statements is not None, warnings


def test_every_parameter_that_a_policy_may_have_is_in_the_profile() -> None:
    written = {name for spec in (*DUTIES.values(), *LIMITS.values()) for name in (*spec.required, *spec.optional)}
    assert written <= set(PARAMS)


def test_every_parent_is_a_core_action_or_operand() -> None:
    """A parent that does not exist would promise a reading that nobody has."""
    core = "use attribute include acceptTracking inform delete obtainConsent percentage count"
    known = {*PARENTS, CC + "Notice", CC + "ShareAlike"} | {ODRL + name for name in core.split()}
    parents = {term.parent.replace("odrl:", ODRL).replace("cc:", CC) for term in TERMS if term.parent}
    assert parents <= known


def test_words_of_a_kind_have_a_place_on_the_page() -> None:
    page = profile_page()
    assert [kind for kind in Kind if f"`agg:{next(t.local for t in TERMS if t.kind is kind)}`" not in page] == []


if __name__ == "__main__":
    for name, make in PAGES.items():
        (DOCS / name).write_text(make(), encoding="utf-8")
