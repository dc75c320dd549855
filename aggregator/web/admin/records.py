"""Records of the ledger as people read them: titles and names instead of ids, each fact by its name; the record as it
is chained stands behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from aggregator.model.policy import Grant
from aggregator.store import cases
from aggregator.store import ledger as kinds
from aggregator.web.admin.menu import N_
from aggregator.web.admin.rulings import evidence_of, giver_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from aggregator.service.house import House
    from aggregator.service.world import World

VALUE_MAX = 300
"""Characters of a fact that are shown; the record below it has it whole."""


LABELS = {
    "reason": N_("why"),
    "comment": N_("comment"),
    "note": N_("note"),
    "assignee": N_("assigned to"),
    "due_on": N_("due"),
    "outcome": N_("answer"),
    "how": N_("sent"),
    "to": N_("to"),
    "from": N_("from"),
    "name": N_("name"),
    "url": N_("address"),
    "outputs": N_("outputs"),
    "output": N_("output"),
    "publisher": N_("publisher"),
    "role": N_("role"),
    "changed": N_("changed"),
    "email": N_("mail"),
    "linked": N_("linked with"),
    "unlinked": N_("not linked any more with"),
    "entries": N_("entries"),
    "file": N_("file"),
    "evidence": N_("evidence"),
    "subscriber": N_("subscriber"),
    "user": N_("account"),
    "expires_at": N_("ends"),
    "policy": N_("policy"),
    "path": N_("file"),
    "source": N_("source"),
    "scopes": N_("parts of the interface"),
    "told": N_("told of"),
    "webhook": N_("webhook"),
}
"""What facts are called. One that is not listed is called as in the record."""
WORDS = (
    *("opened", "closed", "opened again", "added", "renewed", "revoked", "ended", "asked", "admitted", "collected"),
    *("confirmed", "confirmed by mail", "kept", "changed again", "as before again", "moved", "move forgotten", "back"),
    *("emptied", "empty believed", "filled", "flooded", "flood over", "drafted", "answered", "reminded", "deleted"),
    *("reminder drafted", "undone", "told", "edited", "removed", "clock", "public form", "one-time link", "picked"),
    *("contact", "application", "approval", "account", "config", "grant", "refusal", "request", "subscriber", "terms"),
    *("withdrawal", "notified", "flag", "password", "totp", "disabled_at"),
)
"""What records say that is no enumeration."""
_SPOKEN = frozenset({"reason", "outcome", "how", "role", "changed", "told"})
"""Facts whose values are words or sentences of ours."""
_BEHIND = frozenset(
    {"decision", "revision", "subject", "flags", "digest", "kept", "seen", "was", "now", "use", "accepted", "version"}
)
"""Facts that only the record itself shows: digests and ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that a record says."""

    label: str
    value: str
    is_ours: bool
    """Whether the value is a word or sentence of the program, to be worded for the reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row."""

    number: int
    at: Any
    kind: str
    about: str
    """Title or name of what it is about; the id where nothing has a name."""
    address: str
    """Of the page about it; empty: there is none."""
    output: str
    """Title of the output that it happened in; empty: in none."""
    what: tuple[str, ...]
    """Words of what happened."""
    facts: tuple[Fact, ...]
    by: str
    subject: str
    body: str
    hash: str


async def told_records(rows: Sequence[Any], house: House) -> list[Record]:
    """Rows of the ledger with the names that their ids stand for."""
    bodies = [_body(row.body) for row in rows]
    entries = {_entry_of(row, body) for row, body in zip(rows, bodies, strict=True)} - {""}
    stored = await house.store.entries_by_key(sorted(entries))
    titles = {key: one.entry.title or "" for key, one in stored.items()}
    flags = [row.subject for row in rows if row.kind == kinds.FLAG]
    known = {case.flag.id: case.flag for case in await house.store.read(cases.read_cases, flags)} if flags else {}
    names = {id_: flag.title or flag.source for id_, flag in known.items()}
    return [_record(row, body, titles, names, house.world) for row, body in zip(rows, bodies, strict=True)]


def _record(
    row: Any, body: dict[str, Any], titles: Mapping[str, str], flags: Mapping[str, str], world: World
) -> Record:
    output = row.subject.partition("/")[0] if row.kind in _IN_OUTPUTS else ""
    entry = _entry_of(row, body)
    grant = _grant(body)
    facts = {name: value for name, value in body.items() if name not in _BEHIND and value not in (None, "", [], {})}
    what = _what(row.kind, facts)
    if grant is not None:
        facts = {"publisher": giver_of(grant, world), "outputs": list(grant.outputs), "by": None}
        told = evidence_of(grant.evidence)
        facts |= {"evidence": told.words, "by": told.by}
    about = flags.get(row.subject, "") or titles.get(entry, "") or _name(row, body, world)
    return Record(
        number=row.number,
        at=row.at,
        kind=row.kind,
        about=about or row.subject,
        address=address_of(row.kind, row.subject) or (f"/admin/entries/{entry}" if entry else ""),
        output=_title(output, world),
        what=what,
        facts=tuple(_facts(facts, world)),
        by=str(facts.get("by") or ""),
        subject=row.subject,
        body=row.body,
        hash=row.hash,
    )


_IN_OUTPUTS = frozenset({kinds.RELEASE, kinds.END, kinds.APPROVAL, kinds.NOTIFIED})


def _body(text: str) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _entry_of(row: Any, body: Mapping[str, Any]) -> str:
    """Key of the entry that a record is about; empty: none."""
    if row.kind in _IN_OUTPUTS:
        return str(row.subject.rpartition("/")[2])
    if row.kind == kinds.WITHDRAWAL:
        return str(row.subject)
    named = body.get("subject")
    if isinstance(named, str) and named.startswith("entry:"):
        return named.removeprefix("entry:")
    for kind in (kinds.GRANT, kinds.REFUSAL):
        given = body.get(kind)
        if isinstance(given, dict) and given.get("entry"):
            return str(given["entry"])
    return ""


def _grant(body: Mapping[str, Any]) -> Grant | None:
    given = body.get(kinds.GRANT) or body.get(kinds.REFUSAL)
    try:
        return msgspec.convert(given, Grant) if isinstance(given, dict) else None
    except msgspec.ValidationError:  # of a version that knew other words; the record below shows it
        return None


def _name(row: Any, body: Mapping[str, Any], world: World) -> str:
    """What people call the subject of a record."""
    if row.kind == kinds.SOURCE:
        id_ = row.subject.removeprefix("source:")
        return world.name_of(id_) if id_ in world.sources else id_
    if row.kind == kinds.TERMS:
        policy = world.policies.by_id(row.subject.partition("/")[0])
        return policy.publisher.name if policy else ""
    if row.kind == kinds.ACCOUNT:
        return str(row.subject.partition("/")[2])
    for field in ("name", "publisher"):
        if isinstance(body.get(field), str):
            return str(body[field])
    return ""


def _what(kind: str, facts: dict[str, Any]) -> tuple[str, ...]:
    """The words of what happened; taken out of the facts."""
    found = [str(facts.pop(name)) for name in ("what", "act", "state") if name in facts]
    if kind == kinds.FLAG and "kind" in facts:
        found.append(str(facts.pop("kind")))
    found += [name for name in ("rejected", "undone", "revoked") if facts.pop(name, False) is True]
    if "added" in facts:  # an account or a token, with its role
        facts["role"] = facts.pop("added")
        found.append("added")
    return tuple(found)


def _facts(facts: Mapping[str, Any], world: World) -> Iterable[Fact]:
    for name, value in facts.items():
        if name == "by" or value in (None, "", []):
            continue
        if name in ("outputs", "output"):
            value = [_title(str(one), world) for one in (value if isinstance(value, list) else [value])]
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        shown = text if len(text) <= VALUE_MAX else f"{text[: VALUE_MAX - 1]}…"
        yield Fact(label=LABELS.get(name, name), value=shown, is_ours=name in _SPOKEN)


def _title(output: str, world: World) -> str:
    return world.titles.get(output, output)


def address_of(kind: str, subject: str) -> str:
    """The page about what a record is about; empty: there is none."""
    if kind in _IN_OUTPUTS:
        return f"/admin/entries/{subject.rpartition('/')[2]}"
    if kind == kinds.SOURCE or subject.startswith("source:"):
        return f"/admin/sources/{subject.removeprefix('source:')}"
    if kind == kinds.TERMS:
        return f"/admin/terms/{subject.partition('/')[0]}"
    if subject.startswith("policy:"):
        return f"/admin/policies/{subject.removeprefix('policy:')}"
    places = {
        kinds.WITHDRAWAL: "entries",
        kinds.FLAG: "flags",
        kinds.SUBSCRIBER: "subscribers",
        kinds.REQUEST: "requests",
    }
    return f"/admin/{places[kind]}/{subject}" if kind in places else ""
