"""What a person's pick depends on (ruling 22)."""

from __future__ import annotations

from hashlib import blake2b

from aggregator.model.entry import Entry


def approval_digest(entry: Entry) -> str:
    """Digest over origins, licences and notices of an entry: an approval lapses where it changes.

    The text may change under an approval, where the article came from and what it says of its rights may not.
    """
    parts: list[str] = []
    for origin in entry.origins:
        parts += ["origin", *(str(value or "") for value in (origin.name, origin.url, origin.author, origin.notice))]
        parts += [origin.feed_id or "", origin.feed_url or "", origin.carrier, origin.certainty.value]
    for notice in sorted(entry.notices, key=lambda one: (one.kind, one.level, one.value, one.carrier)):
        parts += ["notice", notice.kind.value, notice.level.value, notice.value, notice.carrier]
    if entry.rsl:
        parts += ["rsl", repr(entry.rsl)]
    for component in entry.components:
        if component.licence:
            parts += ["component", component.url, component.licence]
    digest = blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()
