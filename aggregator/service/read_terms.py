"""A publisher's terms, in whatever form they stand, read into a policy to review: `aggregator policy read`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aggregator.config.policy_text import policy_yaml
from aggregator.errors import AggregatorError
from aggregator.intake.notice_page import Page
from aggregator.intake.notice_text import page_of
from aggregator.intake.odrl_read import read_odrl
from aggregator.intake.rsl_read import read_rsl
from aggregator.model.policy import Effect, Limit, LimitName, Policy, Publisher, Terms
from aggregator.model.rsl import RslDocument
from aggregator.model.use import Audience, Form, Medium
from aggregator.rights.machine import AI_USES, content_usage, rule_signals, tdm_reservation
from aggregator.rights.notice.proposal import Finding, Proposal, Summary, propose, slug
from aggregator.rights.notice.verdict import QUESTIONS, Answer
from aggregator.rights.odrl import from_odrl, policies_in
from aggregator.rights.rsl import from_rsl, tightened
from aggregator.rights.site import AGENT, quote, read_robots, read_tdmrep
from aggregator.service.stated_rules import stated_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aggregator.model.policy import Rule

_GRAPH_STARTS = ("{", "[", "@prefix", "PREFIX", "<", "#", "@base")
_MARKUP = re.compile(r"<(?:!doctype|html|\?xml)", re.I)
SIZE_MAX = 2_000_000
"""Bytes of a document of terms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsRead:
    """What reading one document of terms brought."""

    where: str
    """The file or address."""
    kind: str
    """`prose`, `rsl`, `odrl`, `robots.txt` or `tdmrep.json`."""
    policy: Policy
    yaml: str
    """The policy as a file, ready to be reviewed and saved."""
    summary: Summary
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    """What could not be read."""


class TermsError(AggregatorError):
    """A document of terms that cannot be read at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is known of a document beside its bytes."""

    where: str
    url: str | None
    """Where it stands on the web; None: it is a file."""
    media_type: str | None = None
    name: str | None = None
    """Name of the publisher, as the operator gives it."""
    id: str | None = None
    read: date


def read_terms(body: bytes, about: About) -> TermsRead:
    """A policy to review from one document.

    Raises:
        TermsError: it is empty, too large, or no text.
    """
    if len(body) > SIZE_MAX:
        raise TermsError(f"{about.where}: {len(body):,} bytes; terms of at most {SIZE_MAX:,} bytes are read")
    text = _text(body, about)
    if not text.strip():
        raise TermsError(f"{about.where}: it is empty; give the page or file that holds the publisher's terms")
    kind = kind_of(text, about)
    proposal, warnings = _READERS[kind](text, about)
    return TermsRead(
        where=about.where,
        kind=kind,
        policy=proposal.policy,
        yaml=policy_yaml(proposal.policy, _head(about, proposal)),
        summary=proposal.summary,
        findings=proposal.findings,
        notes=proposal.notes,
        warnings=warnings,
    )


def _text(body: bytes, about: About) -> str:
    if b"\0" in body[:4_000] and not body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise TermsError(f"{about.where}: it is no text; save the page as HTML or plain text and give that")
    named = re.search(
        r"charset=[\"']?([\w-]{3,20})", f"{about.media_type or ''} {body[:2_000].decode('ascii', 'replace')}", re.I
    )
    names = ["utf-16"] if body.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig"]
    for name in (*names, *([named[1]] if named else []), "windows-1252"):
        try:
            return body.decode(name)
        except (LookupError, UnicodeDecodeError):
            continue
    return body.decode("utf-8", errors="replace")


def kind_of(text: str, about: About) -> str:
    """What sort of document it is, by name, media type and its first words."""
    start = text.lstrip("\ufeff \t\r\n")
    name = urlsplit(about.url or about.where).path.rpartition("/")[2].lower()
    media = (about.media_type or "").partition(";")[0].strip().lower()
    if (
        "<rsl" in start[:3_000]
        and "rslstandard.org" in start[:3_000]
        and not re.match(r"<(?:!doctype|html)", start, re.I)
    ):
        return "rsl"
    if name == "robots.txt" or re.search(r"^user-agent\s*:", start[:2_000], re.I | re.M):
        return "robots.txt"
    if start.startswith("[") and "tdm-reservation" in start[:20_000]:
        return "tdmrep.json"
    is_ld = media in {"application/ld+json", "text/turtle"} or name.endswith((".ttl", ".jsonld"))
    is_odrl = "w3.org/ns/odrl" in start[:20_000] and start.startswith(_GRAPH_STARTS) and not _MARKUP.match(start)
    if is_ld or is_odrl:
        return "odrl"
    return "prose"


# ── each kind ────────────────────────────────────────────────────────────────────────────────────────────────────


def _terms_of(about: About) -> Terms:
    return Terms(url=about.url, read=about.read)


def _publisher(about: About, page: Page | None = None) -> Publisher:
    host = (urlsplit(about.url).hostname or "").removeprefix("www.") if about.url else ""
    title = re.split(r"\s[|–—-]\s", page.title)[-1].strip() if page is not None and page.title else ""
    url = f"{urlsplit(about.url).scheme}://{urlsplit(about.url).netloc}/" if about.url else None
    return Publisher(
        name=about.name or title or host or "Publisher to be named",
        url=url,
        domains=(host,) if "." in host else (),
    )


def _id(about: About, publisher: Publisher) -> str:
    return about.id or slug(publisher.name if publisher.name != "Publisher to be named" else "proposed")


def _prose(text: str, about: About) -> tuple[Proposal, tuple[str, ...]]:
    page = page_of(text, about.url)
    publisher = _publisher(about, page)
    words = "\n\n".join(
        [
            page.text,
            *(f"{one.value}" for one in page.said if one.carrier == "rel=license" and one.value not in page.text),
        ]
    )
    proposal = propose(words, publisher, _id(about, publisher), _terms_of(about))
    found = [
        Finding(term=f"page {one.carrier}", value=one.value, quote=f"{one.carrier}: {one.value}") for one in page.said
    ]
    refused = _refuses_machines(page)
    if refused and not _has_no_ai(proposal.policy):
        summary = replace(proposal.summary, limits=(*proposal.summary.limits, "no_ai_training"))
        proposal = replace(proposal, policy=_with_no_ai(proposal.policy), summary=summary)
    notes = list(proposal.notes)
    if _is_broken_json(text, about):
        notes.append("it is called JSON and cannot be read as that, so it was read as plain words")
    if page.rsl:
        proposal = replace(
            proposal, policy=_by_rsl(proposal.policy, RslDocument(contents=page.rsl), None, found, notes)
        )
    for kind, address in page.documents:
        notes.append(f"the page names a licence document ({kind}): read it too: aggregator policy read {address}")
    return replace(proposal, findings=(*proposal.findings, *found), notes=tuple(notes)), page.warnings


def _is_broken_json(text: str, about: About) -> bool:
    path = urlsplit(about.url or about.where).path.lower()
    if not (path.endswith(".json") or "json" in (about.media_type or "").lower()):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return True
    return False


def _refuses_machines(page: Page) -> bool:
    for one in page.said:
        if one.carrier == "meta tdm-reservation":
            signals = tdm_reservation(one.value)
        elif one.carrier == "meta content-usage":
            signals = content_usage(one.value)[0]
        else:
            continue
        if any(not signal.allowed and signal.uses & AI_USES for signal in signals):
            return True
    return False


def _has_no_ai(policy: Policy) -> bool:
    return all(
        any(limit.name is LimitName.NO_AI for limit in rule.limits)
        for rule in policy.rules
        if rule.effect is Effect.ALLOW
    )


def _with_no_ai(policy: Policy) -> Policy:
    rules = tuple(
        replace(rule, limits=(*rule.limits, Limit(name=LimitName.NO_AI))) if rule.effect is Effect.ALLOW else rule
        for rule in policy.rules
    )
    return replace(policy, rules=rules)


def _by_rsl(policy: Policy, document: RslDocument, url: str | None, found: list[Finding], notes: list[str]) -> Policy:
    reading, odd = from_rsl(document, url)
    notes += odd
    if reading is None:
        return policy
    found.append(Finding(term="rsl", value="terms of machine use", quote=reading.statement))
    asked = [*(duty.name.value for duty in reading.duties), *(limit.name.value for limit in reading.limits)]
    asked += [f"a use in {', '.join(reading.territories)} alone"] if reading.territories else []
    if asked and not any(rule.effect is Effect.ALLOW for rule in policy.rules):
        notes.append(f"RSL asks for {', '.join(asked)}: write that to each rule by which you allow something")
    notes += [
        f"RSL names {licence} as its standard terms; read it, and write 'licence:' if it is meant for people"
        for licence in reading.licences
    ]
    return tightened(policy, reading)


def _rsl(text: str, about: About) -> tuple[Proposal, tuple[str, ...]]:
    document, warnings = read_rsl(text.encode())
    if document is None:
        raise TermsError(f"{about.where}: {warnings[0] if warnings else 'RSL: it holds nothing'}")
    publisher = _publisher(about)
    found: list[Finding] = []
    notes = ["RSL speaks of machine use; it permits no republication for people, so nothing is allowed by it alone"]
    page = publisher.url or next((one.url for one in document.contents if "://" in one.url), None)
    base = Policy(id=_id(about, publisher), publisher=publisher, terms=_terms_of(about))
    policy = _by_rsl(base, document, page, found, notes)
    reading, _ = from_rsl(document, page)
    return _plain_proposal(policy, found, notes, ("no_ai_training",) if reading and reading.limits else ()), warnings


def _odrl(text: str, about: About) -> tuple[Proposal, tuple[str, ...]]:
    statements, warnings = read_odrl(text.encode(), about.media_type)
    if statements is None:
        raise TermsError(f"{about.where}: {warnings[-1] if warnings else 'ODRL: it cannot be read'}")
    names = policies_in(statements)
    policy, notes = from_odrl(statements, names[0] if len(names) > 1 else None)
    if policy is None:
        raise TermsError(f"{about.where}: {notes[0] if notes else 'ODRL: it holds no policy'}")
    told = list(notes)
    if len(names) > 1:
        told.append(f"ODRL: it holds {len(names)} policies; '{names[0]}' is read")
    if about.id:
        policy = replace(policy, id=about.id, rules=tuple(_renamed(policy.rules, about.id)))
    if about.name:
        policy = replace(policy, publisher=replace(policy.publisher, name=about.name))
    terms = policy.terms if policy.terms.url else replace(policy.terms, url=about.url)
    policy = replace(policy, terms=terms if terms.read else replace(terms, read=about.read))
    found = list(stated_rules(text))
    return _plain_proposal(policy, found, told), warnings


def _renamed(rules: Iterable[Rule], id_: str) -> Iterator[Rule]:
    for number, rule in enumerate(rules, start=1):
        yield replace(rule, key=f"{id_}:{number}")


def _robots(text: str, about: About) -> tuple[Proposal, tuple[str, ...]]:
    words, warnings = read_robots(text)
    publisher = _publisher(about)
    notes = ["robots.txt speaks to programs: it permits no republication; what it refuses is a limit on machine use"]
    found: list[Finding] = []
    limits: tuple[str, ...] = ()
    if words is not None:
        found.append(Finding(term="robots.txt", value="machine use", quote=quote(words)))
        signals, _ = rule_signals(words.rules, "/")
        if any(not one.allowed and one.uses & AI_USES for one in signals):
            limits = ("no_ai_training",)
        notes += [
            f"it names a licence document: read it too: aggregator policy read {address}" for address in words.licences
        ]
    else:
        notes.append(f"it says nothing to '{AGENT}' about machine use")
    policy = Policy(id=_id(about, publisher), publisher=publisher, terms=_evidenced(about, found))
    return _plain_proposal(policy, found, notes, limits), warnings


def _tdmrep(text: str, about: About) -> tuple[Proposal, tuple[str, ...]]:
    try:
        words, warnings = read_tdmrep(text.encode())
    except ValueError as error:
        raise TermsError(f"{about.where}: tdmrep.json: {error}") from None
    publisher = _publisher(about)
    notes = ["tdmrep.json speaks of text and data mining: it permits no republication"]
    found = [Finding(term="tdmrep.json", value="mining", quote=quote(words))] if words is not None else []
    reserved = words is not None and any(rule.reserved for rule in words.reservations)
    policy = Policy(id=_id(about, publisher), publisher=publisher, terms=_evidenced(about, found))
    notes += [f"ask for mining at {rule.policy}" for rule in (words.reservations if words else ()) if rule.policy][:3]
    return _plain_proposal(policy, found, notes, ("no_ai_training",) if reserved else ()), warnings


def _evidenced(about: About, found: Iterable[Finding]) -> Terms:
    return replace(_terms_of(about), evidence="\n".join(one.quote for one in found if one.quote))


def _plain_proposal(
    policy: Policy, found: Iterable[Finding], notes: Iterable[str], limits: tuple[str, ...] = ()
) -> Proposal:
    if not policy.terms.evidence:
        policy = replace(
            policy, terms=replace(policy.terms, evidence="\n".join(one.quote for one in found if one.quote))
        )
    return Proposal(
        policy=policy, summary=_summary(policy, limits), findings=tuple(found), notes=tuple(dict.fromkeys(notes))
    )


def _summary(policy: Policy, limits: tuple[str, ...]) -> Summary:
    """The questionnaire's answers, from a policy's rules."""
    asked = {
        "community_online": (Audience.COMMUNITY, Medium.WEB, Form.FULL),
        "nonprofit_online": (Audience.NONPROFIT, Medium.WEB, Form.FULL),
        "commercial_online": (Audience.COMMERCIAL, Medium.WEB, Form.FULL),
        "print": (None, Medium.PRINT, Form.FULL),
        "excerpt": (None, Medium.WEB, Form.EXCERPT),
    }
    decision = dict.fromkeys(QUESTIONS, Answer.UNKNOWN.value)
    for question, (who, medium, form) in asked.items():
        speaking = {
            rule.effect
            for rule in policy.rules
            if form in rule.forms
            and (who is None or not rule.to or who in rule.to or Audience.ANYONE in rule.to)
            and (not rule.media or medium in rule.media)
        }
        for effect, answer in (
            (Effect.DENY, Answer.DENY),
            (Effect.ASK, Answer.PERMISSION),
            (Effect.ALLOW, Answer.CONDITIONAL),
        ):
            if effect in speaking:
                decision[question] = answer.value
                break
    allows = [rule for rule in policy.rules if rule.effect is Effect.ALLOW]
    if any(limit.name is LimitName.NO_TRANSLATION for rule in allows for limit in rule.limits):
        decision["translation"] = Answer.DENY.value
    no_ai = any(limit.name is LimitName.NO_AI for rule in allows for limit in rule.limits)
    return Summary(
        license=policy.licence,
        decision=decision,
        duties=tuple(dict.fromkeys(duty.name.value.replace("-", "_") for rule in allows for duty in rule.duties)),
        limits=tuple(dict.fromkeys((*limits, *(("no_ai_training",) if no_ai else ())))),
        time={"embargo_h": None, "remove_after_d": None},
        contact=policy.contact,
    )


_READERS = {"prose": _prose, "rsl": _rsl, "odrl": _odrl, "robots.txt": _robots, "tdmrep.json": _tdmrep}


# ── the file's head ──────────────────────────────────────────────────────────────────────────────────────────────


def _head(about: About, proposal: Proposal) -> Iterator[str]:
    yield f"PROPOSED from {about.where}, read on {about.read.isoformat()}. A program read it, and it may be wrong:"
    yield "compare each line with the terms, put right what is not so, and only then save it to config/policies/."
    said: dict[str, list[str]] = {}
    for finding in proposal.findings:
        made = f" -> {finding.as_written}" if finding.as_written else ""
        said.setdefault(finding.quote, []).append(f"  {finding.term}: {finding.value}{made}")
    for words, lines in said.items():
        yield f"“{words}”" if words else "Not told in words:"
        yield from lines
    for note in proposal.notes:
        yield f"TO DECIDE: {note}"
