"""The ledger for people outside: what was public, where, when, by which rule; JSON Lines, or a page to print."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from aggregator.errors import UsageError
from aggregator.rights.names import fold
from aggregator.rights.wording import must, must_not
from aggregator.service.withdraw import find_entry
from aggregator.store import proving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from aggregator.publishing.credit import Templates
    from aggregator.service.world import World
    from aggregator.store import Store
    from aggregator.store.proving import Proof

FORMATS = ("jsonl", "html")
ARTICLES_MAX = 5_000
"""Articles on one page to print; JSON Lines have no bound."""
_encode = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """What an export is about; all that are given must hold."""

    entry: str | None = None
    """Any name of an article (ruling 25)."""
    publisher: str | None = None
    """Name, alias or policy id: all that it published or originated."""
    since: datetime | None = None
    until: datetime | None = None
    """Exclusive."""

    def told(self) -> str:
        """In words."""
        parts = []
        if self.entry is not None:
            parts.append(f"article {self.entry}")
        if self.publisher is not None:
            parts.append(f"publisher {self.publisher}")
        if self.since is not None:
            parts.append(f"from {self.since.date()}")
        if self.until is not None:
            parts.append(f"before {self.until.date()}")
        return ", ".join(parts) or "everything"


async def resolved(extent: Extent, world: World, store: Store) -> Extent:
    """The extent with the article's key in place of its name.

    Raises:
        UsageError: there is no such article, no such publisher, or the period ends before it begins.
    """
    if extent.since is not None and extent.until is not None and extent.until <= extent.since:
        raise UsageError("the period ends before it begins; swap the days")
    if extent.publisher is not None and not extent.publisher.strip():
        raise UsageError("the publisher is empty; give a name")
    if extent.entry is None:
        return extent
    try:
        key = (await find_entry(store, extent.entry)).key
    except UsageError:
        # Proof outlives the entry: its key alone still names its releases.
        if not await store.read(proving.proofs, ("", 0), entry=extent.entry):
            raise
        key = extent.entry
    return Extent(entry=key, publisher=extent.publisher, since=extent.since, until=extent.until)


async def proofs(extent: Extent, world: World, store: Store) -> AsyncIterator[Proof]:
    """The releases of an extent, by article, then in their order.

    Args:
        extent: as `resolved` gives it.
    """
    names = _names(extent.publisher, world) if extent.publisher is not None else None
    after = ("", 0)
    while page := await store.read(proving.proofs, after, entry=extent.entry, since=extent.since, until=extent.until):
        for proof in page:
            if names is None or _is_of(proof, names):
                yield proof
        after = page[-1].entry, page[-1].number


def _names(publisher: str, world: World) -> tuple[frozenset[str], frozenset[str]]:
    """(policy ids, folded names) of a publisher."""
    wanted = fold(publisher)
    policies = [
        policy
        for policy in world.configuration.policies
        if policy.id == publisher or wanted in map(fold, (policy.publisher.name, *policy.publisher.aliases))
    ]
    names = {wanted, *(fold(name) for one in policies for name in (one.publisher.name, *one.publisher.aliases))}
    return frozenset(one.id for one in policies), frozenset(names)


def _is_of(proof: Proof, names: tuple[frozenset[str], frozenset[str]]) -> bool:
    if proof.decision is None:
        return False
    return any(hop.policy in names[0] or fold(hop.name) in names[1] for hop in proof.decision.hops)


# ── JSON Lines ───────────────────────────────────────────────────────────────────────────────────────────────────


async def lines(extent: Extent, world: World, store: Store, now: datetime) -> AsyncIterator[bytes]:
    """The export as JSON Lines: a head, then for each article its releases and the ledger's records about it.

    Each record carries number, `previous` and `hash`, so that it can be held against the ledger it came from.

    Raises:
        UsageError: as `resolved`.
    """
    extent = await resolved(extent, world, store)
    number, last = await store.read(proving.head)
    site = world.configuration.settings.site
    yield _line(
        {
            "type": "export",
            "of": extent.told(),
            "site": {"name": site.name, "url": site.url},
            "made_at": now,
            "ledger": {"records": number, "hash": last, "problems": await store.verify_ledger()},
        }
    )
    article, outputs = "", set[str]()
    async for proof in proofs(extent, world, store):
        if proof.entry != article:
            async for line in _records(article, outputs, store):
                yield line
            article, outputs = proof.entry, set()
        outputs.add(proof.output)
        yield _line({"type": "release", **told(proof)})
    async for line in _records(article, outputs, store):
        yield line


async def _records(article: str, outputs: set[str], store: Store) -> AsyncIterator[bytes]:
    if not article:
        return
    for record in await store.read(proving.records_about, [article, *(f"{one}/{article}" for one in sorted(outputs))]):
        yield _line({"type": "record", **asdict(record), "body": msgspec.json.decode(record.body)})


def _line(value: dict[str, Any]) -> bytes:
    return _encode(value) + b"\n"


def told(proof: Proof) -> dict[str, Any]:
    """A release with its rule, flat."""
    decision = proof.decision
    found: dict[str, Any] = {
        "entry": proof.entry,
        "source": proof.source,
        "title": proof.title,
        "url": proof.url,
        "authors": proof.authors,
        "output": proof.output,
        "revision": proof.revision,
        "from": proof.opened_at,
        "until": proof.closed_at,
        "ended_because": proof.reason or None,
        "ending": proof.ending,
        "decision": proof.digest,
    }
    if decision is not None:
        found |= {
            "decided_at": proof.decided_at,
            "outcome": decision.outcome,
            "form": decision.form,
            "because": decision.sentence,
            "rules": decision.relied_on,
            "publishers": [hop.name for hop in decision.hops],
            "must": [must(duty) for duty in decision.duties],
            "must_not": [must_not(limit) for limit in decision.limits],
            "policy_version": decision.policy_version,
            "engine_version": decision.engine_version,
        }
    return found


# ── a page to print ──────────────────────────────────────────────────────────────────────────────────────────────


async def page(extent: Extent, world: World, store: Store, templates: Templates, now: datetime) -> str:
    """The export as one HTML page that stands by itself and prints well.

    Raises:
        UsageError: as `resolved`, or there are too many articles for one page.
        TemplateError: its template cannot be rendered.
    """
    extent = await resolved(extent, world, store)
    number, last = await store.read(proving.head)
    articles: list[dict[str, Any]] = []
    async for proof in proofs(extent, world, store):
        if not articles or articles[-1]["key"] != proof.entry:
            if len(articles) >= ARTICLES_MAX:
                raise UsageError(
                    "these are more than %(articles_max)s articles for one page; name a shorter period, or take jsonl",
                    articles_max=ARTICLES_MAX,
                )
            articles.append(
                {
                    "key": proof.entry,
                    "title": proof.title or "(untitled)",
                    "url": proof.url,
                    "authors": proof.authors,
                    "source": world.name_of(proof.source) if proof.source in world.sources else proof.source,
                    "releases": [],
                }
            )
        articles[-1]["releases"].append(told(proof))
    for article in articles:
        outputs = sorted({one["output"] for one in article["releases"]})
        subjects = [article["key"], *(f"{output}/{article['key']}" for output in outputs)]
        found = await store.read(proving.records_about, subjects)
        article["records"] = f"{found[0].number}–{found[-1].number}" if found else "none"
        article["count"] = len(found)
    return templates.render(
        ["ledger/report.html"],
        site=world.configuration.settings.site,
        extent=extent.told(),
        made_at=now,
        number=number,
        hash=last,
        problems=await store.verify_ledger(),
        articles=articles,
    )


async def whole(
    extent: Extent, format_: str, world: World, store: Store, templates: Templates, now: datetime, most: int
) -> bytes:
    """The export in one of `FORMATS`, for whoever takes it at once.

    Args:
        most: bytes.
    Raises:
        UsageError: as `lines` and `page`, or it is larger.
        TemplateError: as `page`.
    """
    body = bytearray()
    if format_ == "html":
        body += (await page(extent, world, store, templates, now)).encode()
    else:
        async for line in lines(extent, world, store, now):
            body += line
            if len(body) > most:
                break
    if len(body) > most:
        raise UsageError(
            "this export is larger than %(most)s MB; name a shorter period",
            command="or take it with 'aggregator ledger export'",
            most=most // 1_000_000,
        )
    return bytes(body)
