"""A feed aggregator that republishes by the rules. The packages, in the order in which an entry meets them:

    config      YAML in config/ → settings, sources, policies, outputs; every problem with file, line and remedy
    polling     when a source is due; one conditional request under all limits
    intake      bytes → entries: parsed in a killable worker, made safe, their provenance read
    store       entries, revisions, releases, flags and the ledger, in SQLite or PostgreSQL
    rights      question → decision with its trace; pure
    publishing  entries and decisions → documents with every duty discharged, and the proof of it
    web         ready bytes over HTTP

`model` holds the values that travel between them, `service` the use cases in which they meet, `engine` decides where
a use case runs, `wiring` makes ready objects of settings, `cli` is the command line.
"""

__version__ = "0.1.0"
