"""What sites say to machines about AI, mining and search, in robots rules, headers and tokens: limits on machine use.

None of it speaks of people who read a copy, so none of it allows or holds republication; it sets `no-ai` and is carried
as evidence. The vocabularies move (AIPREF's changed between two drafts a month apart): they are tables, by version.
Sources: draft-ietf-aipref-vocab and -attach, contentsignals.org, TDMRep (W3C community group, final), RSL 1.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from aggregator.model.entry import Level, Notice, NoticeKind
from aggregator.model.policy import Limit, LimitName


class MachineUse(StrEnum):
    """What a machine may want a text for."""

    TRAIN = "ai-train"
    INPUT = "ai-input"
    INDEX = "ai-index"
    SEARCH = "search"


AI_USES = frozenset({MachineUse.TRAIN, MachineUse.INPUT, MachineUse.INDEX})
_TRAIN, _INPUT, _SEARCH = (frozenset({use}) for use in (MachineUse.TRAIN, MachineUse.INPUT, MachineUse.SEARCH))
TOKENS: dict[str, dict[str, frozenset[MachineUse]]] = {
    "rsl-1.0": {
        "all": frozenset(MachineUse),
        "ai-all": AI_USES,
        "ai-train": _TRAIN,
        "ai-input": _INPUT,
        "ai-index": frozenset({MachineUse.INDEX}),
        "search": _SEARCH,
    },
    "aipref-07": {"train-ai": _TRAIN, "search": _SEARCH},
    "aipref-08": {"train-ai": _TRAIN, "ai-use": _INPUT, "search": _SEARCH},
    "content-signals-1": {"ai-train": _TRAIN, "ai-input": _INPUT, "search": _SEARCH},
    "tdmrep-1": {"tdm-reservation": AI_USES},
}
"""Version of a vocabulary → its tokens → the uses that each names."""
AIPREF = "aipref-08"
"""The newest draft that we know; it has every token of the one before."""
CONTENT_SIGNALS = "content-signals-1"
TDMREP = "tdmrep-1"
MEMBERS_MAX = 100
_KEY = re.compile(r"[a-z*][a-z0-9_.*-]{0,60}", re.A)
_AGENT = re.compile(r"[a-z0-9_-]*", re.A)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One statement to machines."""

    uses: frozenset[MachineUse]
    allowed: bool
    said: str
    """As it was written: `train-ai=n`."""
    carrier: str
    """`Content-Usage`, `Content-Signal`, `tdm-reservation`."""


def content_usage(text: str, version: str = AIPREF) -> tuple[tuple[Signal, ...], tuple[str, ...]]:
    """Signals of a `Content-Usage` header or robots rule without its path, and warnings.

    A dictionary of RFC 9651. By that, a broken member spoils all; here only itself, so that a refusal beside it counts.
    """
    return _members(text, TOKENS[version], {"y": True, "n": False}, "Content-Usage")


def content_signal(text: str) -> tuple[tuple[Signal, ...], tuple[str, ...]]:
    """Signals of a `Content-Signal` line of robots.txt, and warnings. What it does not name is neither."""
    return _members(text, TOKENS[CONTENT_SIGNALS], {"yes": True, "no": False}, "Content-Signal")


def _members(
    text: str, tokens: dict[str, frozenset[MachineUse]], values: dict[str, bool], carrier: str
) -> tuple[tuple[Signal, ...], tuple[str, ...]]:
    signals: list[Signal] = []
    warnings: list[str] = []
    for member in text.split(",")[:MEMBERS_MAX]:
        said = " ".join(member.partition(";")[0].split())
        key, _, value = (part.strip().lower() for part in said.partition("="))
        if not said:
            continue
        if not _KEY.fullmatch(key) or value not in values:
            warnings.append(f"{carrier}: '{said[:80]}' is not understood")
        elif key not in tokens:
            warnings.append(f"{carrier}: '{key}' is not known")
        else:
            signals.append(Signal(uses=tokens[key], allowed=values[value], said=f"{key}={value}", carrier=carrier))
    return tuple(signals), tuple(warnings)


def tdm_reservation(value: str | int | None, policy: str | None = None) -> tuple[Signal, ...]:
    """TDMRep: 1 reserves text and data mining, 0 does not; anything else says nothing.

    Args:
        policy: `tdm-policy`, where to ask for what is reserved.
    """
    written = str(value).strip()
    if written not in {"0", "1"} or isinstance(value, bool):
        return ()
    said = f"tdm-reservation={written}" + (f", see {policy.strip()[:300]}" if policy and policy.strip() else "")
    uses = TOKENS[TDMREP]["tdm-reservation"]
    return (Signal(uses=uses, allowed=written == "0", said=said, carrier="tdm-reservation"),)


def robots_rules(robots: str, agent: str = "*") -> tuple[tuple[str, str], ...]:
    """(key in lower case, value) of each line about machine use in the group that speaks to an agent, or in the one for
    all (RFC 9309, 2.2.1).

    Args:
        agent: product token: `ExampleBot`.
    """
    rules = _group(robots, agent.lower())
    return tuple((key, value) for key, value in rules if key in {"content-signal", "content-usage"})


def robots_licences(robots: str, agent: str = "*") -> tuple[str, ...]:
    """What `License:` lines name, as written: those of the group that speaks to an agent, else those outside of groups.

    Generators append such a line to the end of a file, as they do with `Sitemap`: after an empty line it is read as
    outside of the group before it, not as a word to that group's agent alone.
    Source: RSL 1.0, robots.txt association.
    """
    grouped: dict[str, list[str]] = {}
    outside: list[str] = []
    names: list[str] = []
    in_rules = ended = True
    for line in robots.removeprefix("\ufeff").splitlines()[:10_000]:
        if not line.strip():
            ended = True
        for key, value in _lines(line):
            if key == "user-agent":
                names = [] if in_rules else names
                names.append("*" if value == "*" else (_AGENT.match(value.lower()) or [""])[0])
                in_rules = ended = False
                continue
            in_rules = True
            if key == "license" and value:
                for held in [outside] if ended or not names else [grouped.setdefault(name, []) for name in names]:
                    held.append(value)
    return tuple(dict.fromkeys(grouped.get(agent.lower()) or grouped.get("*") or outside))


def rule_signals(rules: Iterable[tuple[str, str]], path: str) -> tuple[tuple[Signal, ...], tuple[str, ...]]:
    """What rules of robots.txt say of a path, and warnings: of `Content-Usage` those of the longest path that fits
    (draft-ietf-aipref-attach).

    Args:
        rules: as `robots_rules` gives them.
    """
    warnings: list[str] = []
    signals: list[Signal] = []
    longest = -1
    usages: list[str] = []
    for key, value in rules:
        if key == "content-signal":
            found, odd = content_signal(value)
            signals += found
            warnings += odd
        elif key == "content-usage":
            pattern, _, usage = value.partition(" ") if value.startswith("/") else ("/", "", value)
            if len(pattern) >= longest and path_matches(pattern, path):
                usages = [*usages, usage] if len(pattern) == longest else [usage]
                longest = len(pattern)
    for usage in usages:
        found, odd = content_usage(usage)
        signals += found
        warnings += odd
    return tuple(signals), tuple(dict.fromkeys(warnings))


def _group(robots: str, agent: str) -> list[tuple[str, str]]:
    """Rules for an agent: (key, value) in order."""
    groups: dict[str, list[tuple[str, str]]] = {}
    names: list[str] = []
    in_rules = True
    for key, value in _lines(robots):
        if key == "user-agent":
            names = [] if in_rules else names
            name = "*" if value == "*" else (_AGENT.match(value.lower()) or [""])[0]
            names.append(name)
            groups.setdefault(name, [])
            in_rules = False
        else:
            in_rules = True
            for name in names or ["*"]:
                groups.setdefault(name, []).append((key, value))
    return groups[agent] if agent in groups else groups.get("*", [])


def _lines(robots: str) -> Iterator[tuple[str, str]]:
    for line in robots.removeprefix("\ufeff").splitlines()[:10_000]:
        key, colon, value = line.partition("#")[0].partition(":")
        if colon and key.strip():
            yield key.strip().lower(), value.strip()


def path_matches(pattern: str, path: str) -> bool:
    """Whether a path starts with a pattern, in which `*` stands for anything and a final `$` for the end.

    Source: RFC 9309, 2.2.3. Piece by piece, so that no pattern takes more than its length times the path's.
    """
    pattern, ends = (pattern[:-1], True) if pattern.endswith("$") else (pattern, False)
    first, *pieces = pattern.split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for number, piece in enumerate(pieces, start=1):
        if ends and number == len(pieces):
            return len(path) - at >= len(piece) and path.endswith(piece)
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return not ends or at == len(path)


def machine_limits(signals: Iterable[Signal]) -> tuple[Limit, ...]:
    """The limits that signals come to: one refusal of an AI use beats any permission."""
    refused = any(not signal.allowed and signal.uses & AI_USES for signal in signals)
    return (Limit(name=LimitName.NO_AI),) if refused else ()


def machine_notices(signals: Iterable[Signal], level: Level = Level.FEED) -> tuple[Notice, ...]:
    """Signals as evidence beside an entry or feed: a refusal of AI becomes a limit; none of them holds or loosens."""
    notices = [
        Notice(
            kind=NoticeKind.NO_AI if machine_limits([signal]) else NoticeKind.MACHINE,
            level=level,
            value=signal.said,
            carrier=signal.carrier,
        )
        for signal in signals
    ]
    return tuple(dict.fromkeys(notices))
