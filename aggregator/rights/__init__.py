"""Question → decision, with its trace. Pure: no I/O, no clock.

Takes a `Question` (an entry's facts, the use, the instant), all `Policies` and the grants; gives a `Decision`. Knows
rules, licences, hops, notices, duties and limits; knows nothing of feeds, stores or formats.

    facts, names, times   what can be known, and how it is compared
    policies, hops        whose word counts
    judge                 does one rule apply: yes, no, unknown
    speak, grants, licences, notices   what each layer says
    machine, rsl, site    what is said to machines, as notices that only tighten
    duties, limits, components         what an allow would carry, and what stands against it
    decide                the strictest over all hops, form after form
    conditions, known, remember        rules made ready for a use; one answer for all entries that differ in nothing
    reasons, explain      the same for a person
"""

from aggregator.rights.approval import approval_digest
from aggregator.rights.decide import ENGINE_VERSION, decide
from aggregator.rights.explain import explain
from aggregator.rights.policies import Policies
from aggregator.rights.reasons import CATALOGUE

__all__ = ["CATALOGUE", "ENGINE_VERSION", "Policies", "approval_digest", "decide", "explain"]
