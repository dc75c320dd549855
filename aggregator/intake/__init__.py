"""Bytes of a feed to entries: read, cleaned, with their provenance, and the plan of what to write.

Takes a `ParseRequest` (one document and what is known of its source), gives a `ParsedFeed` or a `ParseFailed`; then,
with what is stored, an `IntakePlan`. Pure, but for `worker`, which does the reading in a process that can be killed.

    worker ─▶ parse ─▶ prune · carriers · jsonfeed ─▶ provenance · clean ─▶ ParsedFeed ─▶ plan ─▶ IntakePlan
"""
