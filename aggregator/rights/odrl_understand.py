"""Statements of an ODRL 2.2 policy → a policy of ours, as a proposal for a person, with what was not understood.

A document in our profile gives back the policy that it was made from. Anybody else's is read by the core vocabulary: a
permission as narrowly as its words allow, a prohibition as widely, and what is not understood becomes an `other`
condition, which nobody but a person can rule on. So nothing is ever allowed that the document does not say.
Source: ODRL Information Model 2.2, sections 2.5 to 2.10 and 3.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from aggregator.model.odrl import Node, Ref, Statements, Text
from aggregator.model.policy import (
    Duty,
    DutyName,
    Effect,
    ImageRule,
    Images,
    Limit,
    LimitName,
    Policy,
    Publisher,
    Rule,
    Terms,
    ThirdParty,
)
from aggregator.model.use import Audience, Form, Medium
from aggregator.rights.odrl_constraints import DEPTH_MAX, Draft, constrain, limit_of, place_of, scope_of, to_audiences
from aggregator.rights.odrl_core import (
    ASKS,
    COMMERCIAL,
    DUTIES,
    NO_CONCERN,
    PARENTS,
    PERMITS,
    PROHIBITED_LIMITS,
    PROHIBITS,
    RIGHTSML,
    TDM,
    TDM_PROFILES,
)
from aggregator.rights.odrl_terms import BY_IRI, NS, ODRL, PARAMS, PROFILE, RDF, VCARD, Kind
from aggregator.rights.odrl_values import action, day, flat, own, own_ref, param, refs, shown, span, text, texts

_TYPES = frozenset(ODRL + name for name in ("Policy", "Set", "Offer", "Agreement", "Assertion", "Privacy", "Ticket"))
_PLAIN = frozenset(ODRL + name for name in ("Policy", "Set", "Offer", "Agreement"))
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_NAMES = (VCARD + "fn", VCARD + "organization-name", "http://xmlns.com/foaf/0.1/name", "http://schema.org/name")
_MAIL = (VCARD + "hasEmail", VCARD + "email", VCARD + "hasURL", "http://schema.org/email")


def policies_in(statements: Statements) -> tuple[str, ...]:
    """Names of the policies that a document holds. Requests are none: they ask, they permit nothing."""
    return tuple(
        name
        for name, node in statements.nodes.items()
        if _TYPES & set(refs(node, RDF + "type"))
        or (
            any(ODRL + rules in node for rules in ("permission", "prohibition", "obligation"))
            and ODRL + "Request" not in refs(node, RDF + "type")
        )
    )


def from_odrl(
    statements: Statements, uid: str | None = None, articles: Collection[str] = ()
) -> tuple[Policy | None, tuple[str, ...]]:
    """The policy that a document states, as a proposal.

    Args:
        uid: which of its policies; None: the only one.
        articles: names of assets that the caller knows to be all articles of the publisher, such as its site.
    Returns:
        The policy, None where there is none to be had; and a line for all that was not understood or taken as it stood.
    """
    found = policies_in(statements)
    if uid is None and len(found) != 1:
        many = f"it holds {len(found)} policies; name one of {', '.join(found[:5])}" if found else "it holds no policy"
        return None, (f"ODRL: {many}",)
    if uid is not None and uid not in found:
        return None, (f"ODRL: it holds no policy '{uid}'",)
    reader = _Reader(statements, uid or found[0], frozenset(articles))
    policy = reader.policy()
    return policy, tuple(dict.fromkeys(reader.notes))


def drafts_of(statements: Statements, uid: str) -> tuple[tuple[Draft, ...], tuple[str, ...]]:
    """The rules of one policy as they stand, permissions and prohibitions, with no conflict settled; and its doubts."""
    reader = _Reader(statements, uid, frozenset())
    return tuple(reader.drafts()), tuple(reader.doubts())


class _Reader:
    """One reading of one policy."""

    def __init__(self, statements: Statements, uid: str, articles: frozenset[str]) -> None:
        self.statements = statements
        self.uid = uid
        self.node = statements.node(uid)
        self.ours = PROFILE in refs(self.node, ODRL + "profile")
        self.articles = articles | {f"{uid}#articles"} if self.ours else articles
        self.notes: list[str] = []
        self.contact = _contact(statements, refs(self.node, ODRL + "assigner"))

    def policy(self) -> Policy:
        drafts = list(self.drafts())
        drafts.sort(key=lambda draft: draft.position)
        drafts = self._obliged(drafts)
        for doubt in self.doubts():
            self.notes.append(doubt)
            for draft in drafts:
                if draft.effect is Effect.ALLOW:
                    draft.doubt(doubt)
        drafts = list(self._bound(self._settled(drafts)))
        publisher = self._publisher()
        id_ = self._id(publisher)
        rules = tuple(_rule(draft, f"{id_}:{number}") for number, draft in enumerate(drafts, start=1))
        policy = Policy(id=id_, publisher=publisher, contact=self.contact, rules=rules)
        return self._own_facts(policy) if self.ours else policy

    def drafts(self) -> Iterator[Draft]:
        """Its rules, one by one."""
        yield from self._drafts("permission")
        yield from self._drafts("prohibition")

    def doubts(self) -> Iterator[str]:
        """Why the policy as a whole cannot be taken at its word."""
        for profile in refs(self.node, ODRL + "profile"):
            if profile not in {PROFILE, ODRL.rstrip("/"), ODRL} | TDM_PROFILES | RIGHTSML:
                yield f"ODRL: it is written in the profile '{profile}', which is not known"
        for parent in refs(self.node, ODRL + "inheritFrom"):
            yield f"ODRL: it inherits from '{parent}', which is not read"
        types = set(refs(self.node, RDF + "type"))
        if types and not types & _PLAIN:
            yield f"ODRL: it is a {shown(Ref(sorted(types)[0]))}, not an offer"

    # ── rules ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _drafts(self, kind: str) -> Iterator[Draft]:
        for name in refs(self.node, ODRL + kind):
            yield from self._draft(name, kind == "prohibition")

    def _merged(self, node: Node, predicate: str) -> list[str]:
        """What a rule says, else what the policy says for all of its rules."""
        return refs(node, ODRL + predicate) or refs(self.node, ODRL + predicate)

    def _draft(self, name: str, denies: bool) -> Iterator[Draft]:
        node = self.statements.node(name)
        duties = [] if denies else refs(node, ODRL + "duty")
        asks = [duty for duty in duties if self._asks(duty)]
        draft = Draft(Effect.DENY if denies else Effect.ASK if asks else Effect.ALLOW, self.ours)
        draft.position = place_of(node)
        draft.waive = frozenset(texts(node, own("waive")))
        self._who(draft, node)
        self._what(draft, node)
        actions = [action(self.statements, written) for written in self._merged(node, "action")]
        draft.actions = tuple(meant for meant, _ in actions)
        self._act(draft)
        for constraint in refs(node, ODRL + "constraint"):
            constrain(draft, self.statements, constraint)
        for _, refinements in actions:
            for refinement in refinements:
                constrain(draft, self.statements, refinement)
        for duty in duties:
            if duty not in asks:
                draft.duties += self._duties(duty)
            elif not self.ours:
                self.notes.append(f"ODRL: {self._told(duty)} before {_verbs(draft.actions)}: a person must see to it")
        self._idle(draft, node)
        if node.get(ODRL + "remedy"):
            self.notes.append("ODRL: a remedy for what is prohibited is not taken over; the prohibition stands")
        yield draft

    def _asks(self, duty: str) -> bool:
        actions = refs(self.statements.node(duty), ODRL + "action")
        return any(action(self.statements, name)[0] in ASKS for name in actions)

    def _told(self, duty: str) -> str:
        names = [action(self.statements, name)[0] for name in refs(self.statements.node(duty), ODRL + "action")]
        return _verbs(tuple(names)) or "a duty without an action"

    def _who(self, draft: Draft, node: Node) -> None:
        names = self._merged(node, "assignee")
        if names and not to_audiences(draft, tuple(map(Ref, names))):
            draft.doubt(f"ODRL: only for {', '.join(shown(Ref(name)) for name in names)}")

    def _what(self, draft: Draft, node: Node) -> None:
        """Its target: all articles, one page, or something that a person must look at."""
        targets = [name for name in self._merged(node, "target") if name not in self.articles]
        draft.targets = frozenset(self._merged(node, "target"))
        if not draft.targets:
            draft.doubt("ODRL: it does not say of what it speaks")
        if not targets or len(targets) < len(draft.targets):
            return
        if any(not _is_page(name, self.statements.node(name)) for name in targets):
            draft.doubt(f"ODRL: only of {', '.join(shown(Ref(name)) for name in targets)}")
            return
        draft.when = replace(draft.when, url=tuple(targets))

    def _act(self, draft: Draft) -> None:
        """Forms and limits from the actions."""
        if not draft.actions:
            draft.doubt("ODRL: it does not say what may or must not be done")
            draft.forms = frozenset(Form)
            return
        if draft.effect is Effect.DENY:
            for name in draft.actions:
                self._prohibit(draft, name)
            return
        table = PERMITS if draft.effect is Effect.ALLOW else PROHIBITS
        for name in draft.actions:
            draft.forms |= table.get(name, frozenset())
        if ODRL + "extract" in draft.actions and draft.effect is Effect.ALLOW:
            if not draft.forms:
                draft.doubt("ODRL: it permits to extract, and does not say that the extract may be published")
            draft.forms |= {Form.EXCERPT}
        known = {*table, ODRL + "extract"}
        if TDM + "mine" in draft.actions and draft.effect is Effect.ASK:
            draft.binding.append(Limit(name=LimitName.NO_AI))
        idle = [shown(Ref(name)) for name in draft.actions if name not in known]
        if idle:
            self.notes.append(f"ODRL: permission for {', '.join(idle)} is not used: it republishes nothing")
        if draft.actions == (ODRL + "print",):
            draft.media = frozenset({Medium.PRINT})
        elif ODRL + "print" in draft.actions and not draft.media:
            self.notes.append("ODRL: print is permitted beside other actions; read as one permission for any medium")

    def _prohibit(self, draft: Draft, name: str) -> None:
        draft.forms |= PROHIBITS.get(name, frozenset())
        if name == ODRL + "print" and draft.actions == (name,):
            draft.media = frozenset({Medium.PRINT})
        if name in COMMERCIAL:
            draft.forms = frozenset(Form)
            draft.to = frozenset({Audience.COMMERCIAL}) if draft.actions == (name,) else draft.to
        draft.binding += [Limit(name=limit) for limit in PROHIBITED_LIMITS.get(name, ())]
        if name not in PROHIBITS and name not in PROHIBITED_LIMITS:
            if name in NO_CONCERN:
                self.notes.append(f"ODRL: prohibition of {shown(Ref(name))} is kept by itself: no output does that")
            else:
                draft.binding.append(_other_limit(f"ODRL: prohibits {shown(Ref(name))}"))

    def _idle(self, draft: Draft, node: Node) -> None:
        for name in refs(node, own("idle-limit")):
            limit = limit_of(self.statements, name)
            if limit is not None:
                draft.limit(limit, place_of(self.statements.node(name)))
        for name in refs(node, own("idle-duty")):
            draft.duties += self._duties(name)

    # ── duties ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _obliged(self, drafts: list[Draft]) -> list[Draft]:
        """With the obligations of the policy, which bind every copy."""
        for name in refs(self.node, ODRL + "obligation"):
            asks = self._asks(name)
            for draft in drafts:
                if draft.effect is Effect.ALLOW and asks:
                    draft.effect = Effect.ASK
                elif draft.effect is Effect.ALLOW:
                    draft.duties += self._duties(name)
            if asks:
                self.notes.append(f"ODRL: it obliges to {self._told(name)}: a person must see to it")
        return drafts

    def _duties(self, name: str) -> Iterator[tuple[int, Duty]]:
        """What one duty comes to, with its place."""
        node = self.statements.node(name)
        ours = self._own_duty(name, 0)
        if ours is not None:
            yield place_of(node), ours
            return
        names = [action(self.statements, written) for written in refs(node, ODRL + "action")]
        constrained = refs(node, ODRL + "constraint") + [inner for _, inners in names for inner in inners]
        for meant, _ in names or [("", [])]:
            for duty in self._core_duty(meant, node, constrained):
                yield 0, duty

    def _core_duty(self, meant: str, node: Node, constrained: list[str]) -> Iterator[Duty]:
        if meant == ODRL + "delete":
            yield self._delete(constrained)
        elif constrained:
            yield _other_duty(f"ODRL: {shown(Ref(meant))}, under conditions")
        elif meant == ODRL + "inform":
            contact = _contact(self.statements, refs(node, ODRL + "informedParty")) or self.contact
            # A duty of a permission comes before its use.
            params = (("contact", contact), ("when", "before")) if contact else (("when", "before"),)
            yield Duty(name=DutyName.NOTIFY, params=params)
        elif meant in DUTIES and not self._credits_another(node):
            for known in DUTIES[meant]:
                yield Duty(name=known)
        else:
            parties = [shown(Ref(iri)) for iri in refs(node, ODRL + "attributedParty")]
            yield _other_duty(f"ODRL: {shown(Ref(meant)) or 'a duty without an action'} {', '.join(parties)}".strip())

    def _credits_another(self, node: Node) -> bool:
        return bool(set(refs(node, ODRL + "attributedParty")) - set(refs(self.node, ODRL + "assigner")))

    def _delete(self, constrained: list[str]) -> Duty:
        """When the copy must go: so long after its release, if that is all that the duty says."""
        scratch = Draft(Effect.ALLOW)
        for name in constrained:
            constrain(scratch, self.statements, name)
        after = scratch.when.window or scratch.when.embargo
        told = replace(scratch.when, window=None, embargo=None)
        if after is None or after.days < 1 or told != Draft(Effect.ALLOW).when or scratch.limits or scratch.media:
            return _other_duty(f"ODRL: delete {'; '.join(scratch.when.other)}".strip())
        return Duty(name=DutyName.REMOVE_AFTER, params=(("days", after.days),))

    def _own_duty(self, name: str, depth: int) -> Duty | None:
        """A duty of our profile."""
        node = self.statements.node(name)
        written = refs(node, ODRL + "action")
        if len(written) != 1 or depth > DEPTH_MAX:
            return None
        meant, refinements = action(self.statements, written[0])
        term = BY_IRI.get(meant)
        if term is None or term.kind is not Kind.DUTY:
            return None
        media, components, requested = scope_of(node)
        facts = Duty(name=DutyName(term.name), media=media, components=components, requested=requested)
        choices = refs(node, own("alternatives"))
        if choices:
            duties = [duty for choice in choices if (duty := self._own_duty(choice, depth + 1))]
            if len(duties) != len(choices):
                return _other_duty(f"ODRL: one of several, not all understood, the first {term.name}")
            return replace(facts, name=duties[0].name, any_of=tuple(duties))
        params = {key: value for inner in refinements for key, value in self._refined(inner)}
        if len(params) != len(refinements):
            return _other_duty(f"ODRL: {term.name}, with parameters that are not understood")
        return replace(facts, params=tuple(sorted(params.items())))

    def _refined(self, name: str) -> Iterator[tuple[str, str | int | float | tuple[str, ...]]]:
        node = self.statements.node(name)
        for left in refs(node, ODRL + "leftOperand"):
            key = left.removeprefix(NS + "param-")
            value = param(node.get(ODRL + "rightOperand", ()))
            if key in PARAMS and value is not None:
                yield key, value

    # ── conflicts ────────────────────────────────────────────────────────────────────────────────────────────────

    def _settled(self, drafts: list[Draft]) -> list[Draft]:
        """By the policy's own strategy. Ours is that a prohibition goes first, which is how rules are read anyway."""
        strategies = set(refs(self.node, ODRL + "conflict"))
        strategy = strategies.pop().removeprefix(ODRL) if len(strategies) == 1 else "invalid"
        clashes = [
            (draft, denied)
            for draft in drafts
            for denied in drafts
            if draft.effect is not Effect.DENY and denied.effect is Effect.DENY and _clash(draft, denied)
        ]
        if clashes and strategy == "perm":
            void = [denied for draft, denied in clashes if _covers(draft, denied)]
            if len(void) < len(clashes):
                self.notes.append("ODRL: permissions go first where both speak; kept as prohibitions, to be looked at")
            drafts = [draft for draft in drafts if not any(draft is one for one in void)]
        elif clashes and strategy != "prohibit":
            draft, denied = clashes[0]
            told = f"it permits {_verbs(draft.actions)} and prohibits {_verbs(denied.actions)}"
            sentence = f"ODRL: {told}, without saying which goes first: that makes it void"
            self.notes.append(f"{sentence}; ask the publisher")
            for draft in drafts:
                if draft.effect is Effect.ALLOW:
                    draft.effect = Effect.ASK
        return drafts

    def _bound(self, drafts: list[Draft]) -> Iterator[Draft]:
        """Prohibitions of what is done to a copy become limits of every rule that allows one."""
        binding = [limit for draft in drafts for limit in draft.binding]
        for draft in drafts:
            if draft.effect is Effect.ALLOW:
                for limit in binding:
                    draft.limit(limit)
            if draft.forms:
                yield draft

    # ── facts ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _publisher(self) -> Publisher:
        assigners = refs(self.node, ODRL + "assigner")
        node = self.statements.node(assigners[0]) if assigners else {}
        name = next((found for key in _NAMES if (found := text(node, key))), None)
        if self.ours:
            return Publisher(
                name=name or "",
                url=text(node, own("url")),
                domains=texts(node, own("domains")),
                aliases=texts(node, own("aliases")),
            )
        page = next((iri for iri in assigners if iri.startswith(("http://", "https://"))), None)
        # Which domains are the publisher's own decides whom a hop belongs to: a person writes them, not a document.
        return Publisher(name=" ".join((name or _host(page) or "Unknown publisher").split()), url=page)

    def _id(self, publisher: Publisher) -> str:
        written = text(self.node, own("id")) if self.ours else None
        if written is not None:
            return written
        slug = re.sub(r"[^a-z0-9]+", "-", publisher.name.lower()).strip("-")[:64]
        return slug if _ID.fullmatch(slug) else "imported"

    def _own_facts(self, policy: Policy) -> Policy:
        """What only our profile can say."""
        node, read = self.node, text(self.node, own("terms-read"))
        every = text(node, own("terms-review-every"))
        assigners = refs(node, ODRL + "assigner")
        third, images, default = (own_ref(node, name) for name in ("third-party", "images", "default"))
        return replace(
            policy,
            contact=text(self.statements.node(assigners[0]), own("contact")) if assigners else None,
            terms=Terms(
                url=text(node, own("terms-url")),
                read=None if read is None else day(read),
                review_every=None if every is None else span(every, up=False),
                evidence=text(node, own("terms-evidence")) or "",
            ),
            licence=text(node, own("licence")),
            waive=frozenset(texts(node, own("waive"))),
            third_party=ThirdParty(third) if third in set(ThirdParty) else ThirdParty.ASK,
            images=Images(
                rule=ImageRule(images) if images in set(ImageRule) else ImageRule.ASK,
                credits=texts(node, own("image-credits")),
            ),
            default=Effect.DENY if default == Effect.DENY else Effect.ASK,
            trust_entry_licence=text(node, own("trust-entry-licence")) == "true",
        )


def _rule(draft: Draft, key: str) -> Rule:
    return Rule(
        key=key,
        effect=draft.effect,
        forms=draft.forms,
        to=draft.to,
        media=draft.media,
        when=draft.when,
        duties=_in_place(draft.duties),
        limits=tuple(limit for _, limit in sorted(draft.limits, key=lambda pair: pair[0])),
        waive=draft.waive,
    )


def _in_place(duties: list[tuple[int, Duty]]) -> tuple[Duty, ...]:
    """In their order; what several core duties come to stands once."""
    ordered = sorted(duties, key=lambda pair: pair[0])
    return tuple(
        duty for at, (place, duty) in enumerate(ordered) if place or duty not in [known for _, known in ordered[:at]]
    )


def _other_duty(sentence: str) -> Duty:
    return Duty(name=DutyName.OTHER, params=(("text", sentence),))


def _other_limit(sentence: str) -> Limit:
    return Limit(name=LimitName.OTHER, params=(("text", sentence),))


def _verbs(actions: tuple[str, ...]) -> str:
    return " and ".join(shown(Ref(name)) for name in actions)


def _is_page(name: str, node: Node) -> bool:
    """Whether an asset is one page. A `*` would stand for anything in a condition of ours."""
    whole = not {ODRL + "AssetCollection"} & set(refs(node, RDF + "type")) and not node.get(ODRL + "refinement")
    return name.startswith(("http://", "https://")) and "*" not in name and whole


def _above(name: str) -> set[str]:
    """An action and all that it is included in."""
    found = {name}
    while name in PARENTS and PARENTS[name] not in found:
        name = PARENTS[name]
        found.add(name)
    return found


def _clash(draft: Draft, denied: Draft) -> bool:
    """Whether both may speak of one use. An action covers what is included in it."""
    related = any(one in _above(other) or other in _above(one) for one in draft.actions for other in denied.actions)
    apart = (
        (draft.media and denied.media and not draft.media & denied.media)
        or (_closed(draft.to) and _closed(denied.to) and not draft.to & denied.to)
        or (draft.targets and denied.targets and not draft.targets & denied.targets)
        or (draft.when.territory and denied.when.territory and not {*draft.when.territory} & {*denied.when.territory})
    )
    return related and not apart


def _closed(to: frozenset[Audience]) -> bool:
    return bool(to) and Audience.ANYONE not in to


def _covers(draft: Draft, denied: Draft) -> bool:
    """Whether a permission takes all of a prohibition away: it has no condition, and its action includes the other."""
    free = draft.effect is Effect.ALLOW and not (draft.to or draft.media or draft.duties or draft.limits)
    same = draft.targets == denied.targets and draft.when == Draft(Effect.ALLOW).when
    return free and same and all(set(draft.actions) & _above(name) for name in denied.actions)


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url).hostname if url else None
    except ValueError:
        return None


def _contact(statements: Statements, parties: list[str]) -> str | None:
    """Where a party can be reached, in the order mail, page."""
    for party in parties:
        node = statements.node(party)
        for key in _MAIL:
            for value in flat(node.get(key, ())):
                raw = value.value if isinstance(value, Text) else value.iri
                inner = refs(statements.node(raw), VCARD + "hasValue") or texts(
                    statements.node(raw), VCARD + "hasValue"
                )
                found = (inner[0] if inner else raw).removeprefix("mailto:")
                if not found.startswith("_:") and found:
                    return found
        if party.startswith("mailto:"):
            return party.removeprefix("mailto:")
    return None
