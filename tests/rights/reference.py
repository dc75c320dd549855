"""The rules once more, plainly and slowly: what `decide` must agree with. Shares no code with it.

It answers with outcome, form, the (hop, duty) pairs, and what is removed. Written from docs/rights.md, not from the
package: where the two disagree, one of them has misread that page.
"""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from typing import Any

from aggregator.model.decision import Question
from aggregator.model.origin import Origin
from aggregator.model.policy import Duty, Grant, Limit, Policy, Rule, UnknownPolicy
from tests.build import a_duty, a_limit

ALLOW, ASK, DENY = "allow", "ask", "deny"
RANK = {ALLOW: 0, ASK: 1, DENY: 2}
YES, NO, MAYBE = "yes", "no", "maybe"
CC = "CC-BY"
Words = tuple[str, set[tuple[int, str]], set[str]]
"""Effect, (hop, duty), removed URLs."""


def worst(effects: list[str]) -> str:
    return max(effects, key=RANK.__getitem__, default=ALLOW)


def flat(text: str) -> str:
    return " ".join(text.casefold().split())


def whole(name: str, text: str) -> bool:
    return re.search(rf"(?<![^\W_]){re.escape(flat(name))}(?![^\W_])", flat(text)) is not None


def anded(found: list[str]) -> str:
    return NO if NO in found else MAYBE if MAYBE in found else YES


def ored(found: list[str]) -> str:
    return YES if YES in found else MAYBE if MAYBE in found else NO


def yes(claim: bool) -> str:
    return YES if claim else NO


class Reference:
    def __init__(self, question: Question, policies: list[Policy], unknown: UnknownPolicy, grants: list[Grant]) -> None:
        self.q, self.e, self.use, self.unknown, self.grants = (
            question,
            question.stored.entry,
            question.use,
            unknown,
            grants,
        )
        self.policies = {policy.id: policy for policy in reversed(policies)}
        self.source = self.policies.get(question.policy or "")
        self.hops = self._hops()

    # --- whose word counts

    def _hops(self) -> list[dict[str, Any]]:
        """Origins that some policy knows for sure, or by half, or not at all; each publisher once; the source last."""
        found: list[dict[str, Any]] = []
        source: dict[str, Any] = {
            "policy": self.source,
            "half": set(),
            "sure": True,
            "source": True,
            "name": None,
            "url": None,
        }
        for origin in self._travelled():
            address = origin.url or origin.feed_url
            at = (address or "").split("/")[2] if address else None
            near = self._near(at)
            called = [
                p
                for p in self.policies.values()
                if origin.name and any(flat(origin.name) == flat(n) for n in (p.publisher.name, *p.publisher.aliases))
            ]
            speaker = near[0] if near else called[0] if called and not address else None
            credited = origin.carrier == "credit-line" and origin.name
            if speaker is not None and speaker is self.source and credited:
                speaker = speaker if whole(speaker.publisher.name, credited) else None
            half = {p.id for p in (*near, *called)} - ({speaker.id} if speaker else set())
            half -= {self.source.id} if self.source else set()
            hop = {"policy": speaker, "half": half, "sure": origin.certainty == "sure", "source": False}
            hop["name"] = speaker.publisher.name if speaker else origin.name or at or "another publisher"
            hop["at"], hop["url"] = at, origin.url
            if speaker is not None and speaker is self.source:
                source["half"] |= half
                continue
            twin = next((h for h in found if self._twins(h, hop)), None)
            if twin is None:
                found.append(hop)
            else:
                twin["half"] |= half
                twin["sure"] = twin["sure"] or hop["sure"]
                twin["url"] = twin["url"] or hop["url"]
        return [*found, source]

    def _near(self, at: str | None) -> list[Policy]:
        """Policies of the domain that is nearest to a host."""
        labels = (at or "").split(".")
        for start in range(len(labels)):
            domain = ".".join(labels[start:])
            found = [p for p in self.policies.values() if domain in p.publisher.domains]
            if found:
                return found
        return []

    def _travelled(self) -> list[Origin]:
        """The origins that the feed tells, and whom the entry's own link leads to, if today's policies know it."""
        url, told = self.e.url, list(self.e.origins)
        near = self._near(url.split("/")[2]) if url else []
        link = [Origin(url=url, carrier="entry-link")] if near and self.source not in near else []
        stale = [o for o in told if o.carrier == "entry-link" and o.url == url]
        if stale:
            told[told.index(stale[0])] = link[0] if link else stale[0]
        else:
            told += link
        return [o for o in told if o not in stale or o in link]

    @staticmethod
    def _twins(one: dict[str, Any], two: dict[str, Any]) -> bool:
        if one["policy"] or two["policy"]:
            return one["policy"] is two["policy"]
        if flat(one["name"]) == flat(two["name"]):
            return True
        return one["at"] is not None and one["at"] == two["at"] and one["at"] in (one["name"], two["name"])

    # --- conditions

    def condition(self, rule: Rule) -> str:
        when, e, found = rule.when, self.e, []
        if when.category:
            has = {flat(c) for c in e.categories}
            found.append(MAYBE if not has else yes(bool(has & {flat(c) for c in when.category})))
        if when.author:
            lines = [a.name for a in e.authors]
            found.append(MAYBE if not lines else yes(any(whole(n, line) for n in when.author for line in lines)))
        if when.language:
            told = e.language
            found.append(MAYBE if not told else ored([self.speaks(p.lower(), told.lower()) for p in when.language]))
        if when.territory:
            mine, theirs = set(self.use.territory), set(when.territory)
            if rule.effect == ALLOW:
                found.append(yes(bool(mine) and mine <= theirs))
            else:
                found.append(yes(not mine or bool(mine & theirs)))
        if when.url:
            globs = ["".join(".*" if c == "*" else re.escape(c) for c in g) for g in when.url]
            bare = [re.sub("^https?://", "", text or "") for text in (*globs, e.url)]
            found.append(MAYBE if not e.url else yes(any(re.fullmatch(g, bare[-1], re.I) for g in bare[:-1])))
        if when.marker:
            if {flat(c) for c in e.categories} & {flat(m) for m in when.marker}:
                found.append(YES)
            else:
                text = self.q.text
                found.append(MAYBE if text is None else yes(any(whole(m, text) for m in when.marker)))
        return anded(found + self._times(rule))

    @staticmethod
    def speaks(wanted: str, told: str) -> str:
        """`en` covers `en-gb`; whether `en` is `en-gb` nobody knows."""
        if (told + "-").startswith(wanted + "-"):
            return YES
        return MAYBE if wanted.startswith(told + "-") else NO

    def _times(self, rule: Rule) -> list[str]:
        when, found = rule.when, []
        published = self.e.published_at
        for bound, fits in ((when.since, lambda d, b: d >= b), (when.until, lambda d, b: d <= b)):
            if bound is not None:
                found.append(MAYBE if published is None else yes(fits(published.astimezone(UTC).date(), bound)))
        if when.embargo is not None:
            found.append(yes(self.q.at >= (published or self.q.stored.first_seen_at) + when.embargo))
        if when.window is not None:
            first = self.q.stored.earliest_at
            if first is None:
                found.append(NO if rule.effect == ALLOW else MAYBE)
            else:
                found.append(yes(self.q.at < first + when.window))
        return found

    def covers(self, rule: Rule, form: str) -> bool:
        return (
            form in rule.forms
            and (
                not rule.to
                or "anyone" in rule.to
                or self.use.audience in rule.to
                or (self.use.audience == "anyone" and rule.effect != "allow")
            )
            and (not rule.media or self.use.medium in rule.media)
        )

    # --- duties and limits

    def met(self, duty: Duty, form: str, hop: dict[str, Any]) -> bool:
        if duty.any_of:
            return any(self.met(c, form, hop) for c in duty.any_of if self.owed(c, form))
        name = duty.name.value
        if name in ("remove-on-request", "remove-after", "update-on-correction"):
            return True
        if name == "notify" and self.q.told:
            return True
        if name == "other" or name not in self.use.can_discharge:
            return False
        if form == "headline" and name in ("tracker", "logo"):
            return False
        if name == "tracker" and self.use.medium in ("print", "broadcast"):
            return False
        notice = any(n.kind == "rights" for n in self.e.notices) or any(o.notice for o in self.e.origins)
        stated = [n.value for n in self.e.notices if n.kind == "licence"]
        policy = hop["policy"]
        return {
            "credit-author": bool(self.e.authors),
            "copyright-notice": bool(duty.text("text")) or notice,
            "link-original": bool(self.e.url or hop["url"])
            if duty.text("target") != "home"
            else bool(policy and policy.publisher.url),
            "licence-notice": bool(duty.params or (policy and policy.licence) or stated),
            "credit-line": bool(duty.text("text")),
            "end-note": bool(duty.text("text")),
            "tracker": bool(duty.text("url")),
            "logo": bool(duty.text("url")),
        }.get(name, True)

    def owed(self, duty: Duty, form: str) -> bool:
        if duty.media and self.use.medium not in duty.media:
            return False
        if duty.any_of:
            return any(self.owed(c, form) for c in duty.any_of)
        return not (form == "headline" and duty.name in ("end-note", "keep-links", "label-changes"))

    def breaks(self, limit: Limit, form: str) -> str:
        if limit.media and self.use.medium not in limit.media:
            return NO
        if limit.any_of:
            return anded(
                [self.breaks(c, form) for c in limit.any_of if not c.media or self.use.medium in c.media] or [NO]
            )
        use, size, name = self.use, self.e.size, limit.name.value
        n = limit.param("n")
        if name == "excerpt-max":
            unit = limit.param("unit")
            if unit == "percent":
                return yes(form == "full" and n < 100) if size or form != "excerpt" else MAYBE
            return yes(form == "full" and size is not None and getattr(size, str(unit)) > n)
        if name == "max-share":
            told = dict(self.q.shares).get(str(limit.param("period")))
            return MAYBE if told is None else yes(told > limit.param("percent"))
        if name == "max-copies":
            return MAYBE if use.copies is None else yes(use.copies > n)
        excepted = limit.param("except") or ()
        free = name == "no-edits" and "translation" in ((excepted,) if isinstance(excepted, str) else excepted)
        if name in {"no-translation", "no-edits"} and use.language is not None and not free:
            told = self.e.language
            return MAYBE if told is None else yes(told.split("-")[0] != use.language.split("-")[0])
        if name == "other":
            return MAYBE
        return yes(
            {
                "full-only": form != "full",
                "no-resale": use.sold,
                "no-ads-against": use.ads == "item",
                "no-ads": use.ads != "none",
                "no-paywall": use.paywall,
                "no-automatic": use.selection == "automatic" and not self.q.approved,
            }.get(name, False)
        )

    def _automatic(self, limit: Limit) -> bool:
        return limit.name == "no-automatic" or any(self._automatic(c) for c in limit.any_of)

    def terms(  # noqa: C901  one page of rules, as plain as the page it was written from
        self, at: int, form: str, duties: list[tuple[Duty, bool]], limits: list[Limit], contact: str | None
    ) -> Words:
        """What an allow under these duties (with: whether a licence asks) and limits comes to."""
        hop, effects, carried, removed = self.hops[at], [], set(), set()
        house = {d.name for d, licence in duties if not licence}
        for duty, licence in duties:
            if not self.owed(duty, form):
                continue
            if duty.name == "remove-after" and not duty.any_of and not duty.requested:
                end = (self.q.released_at or self.q.at) + timedelta(days=float(duty.text("days")))
                if self.q.at >= end:
                    effects.append(DENY)
                    continue
            if self.met(duty, form, hop):
                carried.add((at, duty.name.value))
            elif duty.requested or (licence and duty.name == "copyright-notice"):
                continue
            elif licence and duty.name == "credit-author" and "credit-author" in self.use.can_discharge:
                if "credit-author" not in house:
                    carried.add((at, "credit-source"))
            else:
                effects.append(ASK)
        for limit in limits:
            if limit.media and self.use.medium not in limit.media:
                continue
            removed |= self.bared(limit, hop)
            if limit.requested:
                continue
            broken = self.breaks(limit, form)
            if broken == MAYBE or (broken == YES and self._automatic(limit)):
                effects.append(ASK)
            elif broken == YES:
                effects.append(ASK if contact else DENY)
        return worst(effects), carried, removed

    def bared(self, limit: Limit, hop: dict[str, Any]) -> set[str]:
        if limit.name == "no-images":
            return {c.url for c in self.e.components}
        if limit.name == "own-images-only":
            names = [str(limit.param("credit"))] if limit.param("credit") else []
            names = names or [hop["policy"].publisher.name, *hop["policy"].publisher.aliases]
            return {c.url for c in self.e.components if not any(whole(n, c.credit or "") for n in names)}
        return set()

    # --- layers

    def licence(self, written: str, at: int, form: str, waive: frozenset[str], contact: str | None) -> Words:
        if written == "OGL-UK-3.0":
            named = ["credit-source", "copyright-notice", "licence-notice"]
            owed = [(a_duty(n, **({"url": "x"} if "l" in n[0] else {})), True) for n in named if n not in waive]
            return self.terms(at, form, owed, [], contact)
        if not written.startswith("CC"):
            return ASK, set(), set()
        if written == "CC0-1.0":
            return ALLOW, set(), set()
        names = ["credit-source", "credit-author", "copyright-notice", "link-original", "label-changes"]
        names += ["share-alike"] * ("SA" in written) + ["licence-notice"]
        duties = [(a_duty(n, **({"url": "x"} if n == "licence-notice" else {})), True) for n in names if n not in waive]
        limits = [a_limit(n) for n in ("no-ads", "no-paywall", "no-resale") if "NC" in written and n not in waive]
        limits += [a_limit("no-translation")] * ("ND" in written and "no-translation" not in waive)
        effect, carried, removed = self.terms(at, form, duties, limits, contact)
        if "NC" in written and self.use.audience in ("commercial", "anyone"):
            effect = worst([effect, ASK if contact else DENY])
        return effect, carried, removed

    def policy(self, policy: Policy, at: int, form: str) -> Words:
        judged = [(r, self.condition(r)) for r in policy.rules if self.covers(r, form)]
        against = [(r, c) for r, c in judged if r.effect != ALLOW and c != NO]
        if against:
            sure = [DENY for r, c in against if r.effect == DENY and c == YES and not r.when.other]
            return (DENY if sure else ASK), set(), set()
        for_ = [r for r, c in judged if r.effect == ALLOW and c == YES]
        plain = [r for r in for_ if not r.when.other]
        if plain:
            return self.allowed(policy, plain, at, form, frozenset(), frozenset())
        if for_:
            return ASK, set(), set()
        if policy.licence:
            return self.licence(policy.licence, at, form, policy.waive, policy.contact)
        if policy.trust_entry_licence and at == 0 and len(self.hops) == 1 and self.stated():
            return self.choices(at, form, policy.contact, self.stated())
        return policy.default.value, set(), set()

    def allowed(
        self, policy: Policy, rules: list[Rule], at: int, form: str, waive: frozenset[str], lift: frozenset[str]
    ) -> Words:
        gone = set(policy.waive).union(*(r.waive for r in rules), waive)
        duties = [(d, False) for r in rules for d in r.duties if not self._named(d) & waive]
        if policy.licence and policy.licence.startswith("CC-"):
            names = ["credit-source", "credit-author", "copyright-notice", "link-original", "label-changes"]
            names += ["share-alike"] * ("SA" in policy.licence) + ["licence-notice"]
            duties += [(a_duty(n), True) for n in names if n not in gone]
        if policy.licence == "OGL-UK-3.0":
            names = ["credit-source", "copyright-notice", "licence-notice"]
            duties += [(a_duty(n), True) for n in names if n not in gone]
        limits = [x for r in rules for x in r.limits if not self._named(x) & (lift | ({"other"} & waive))]
        return self.terms(at, form, duties, limits, policy.contact)

    def _named(self, term: Duty | Limit) -> set[str]:
        return {term.name.value}.union(*(self._named(c) for c in term.any_of))

    def stated(self, notices: Any = None) -> list[list[str]]:
        """A list of choices: what one carrier states."""
        for level in ("entry", "source", "feed", "site"):
            of = self.e.notices if notices is None else notices
            near = [n for n in of if n.kind == "licence" and n.level == level]
            if near:
                if any(n.value == "http://purl.org/atompub/license#unspecified" for n in near):
                    return []
                carriers = dict.fromkeys(n.carrier for n in near)
                return [[n.value for n in near if n.carrier == carrier] for carrier in carriers]
        return []

    def choice(self, at: int, form: str, contact: str | None, stated: list[str]) -> Words:
        """The one that leaves most; of equals the first. Which of two asks is named does not show."""
        offers = [self.licence(v, at, form, frozenset(), contact) for v in stated]
        return min(offers, key=lambda offer: RANK[offer[0]])

    def choices(self, at: int, form: str, contact: str | None, stated: list[list[str]]) -> Words:
        words = [self.choice(at, form, contact, one) for one in stated]
        return worst([w[0] for w in words]), set().union(*(w[1] for w in words)), set().union(*(w[2] for w in words))

    # --- grants

    def granted(self, at: int, form: str) -> list[Grant]:
        hop, found = self.hops[at], []
        for g in self.grants:
            policy = hop["policy"]
            if g.policy:
                mine = policy is not None and policy.id == g.policy
            elif g.publisher:
                names = [policy.publisher.name, *policy.publisher.aliases] if policy else [hop["name"] or self.e.source]
                mine = flat(g.publisher) in map(flat, names)
            else:
                mine = hop["source"] and bool(g.source or g.entry)
            day = self.q.at.astimezone(UTC).date()
            scope = (
                (not g.source or g.source == self.e.source)
                and (not g.entry or g.entry == self.e.key)
                and (not g.forms or form in g.forms)
                and (not g.outputs or self.use.output in g.outputs)
                and (not g.to or {"anyone", self.use.audience} & g.to)
                and (not g.media or self.use.medium in g.media)
                and (not g.category or flat(g.category) in map(flat, self.e.categories))
                and (not g.author or any(whole(g.author, a.name) for a in self.e.authors))
                and (not g.since or g.since <= day)
                and (not g.until or day <= g.until)
                and (not g.revoked_at or self.q.at < g.revoked_at)
            )
            if mine and scope:
                found.append(g)
        return found

    def hop(self, at: int, form: str) -> Words:
        hop = self.hops[at]
        policy: Policy | None = hop["policy"]
        grants = self.granted(at, form)
        if grants:
            if policy is None:
                return ALLOW, set(), set()
            allows = [r for r in policy.rules if r.effect == ALLOW]
            rules = [r for r in allows if self.covers(r, form) and self.condition(r) == YES]
            rules = rules or [r for r in allows if form in r.forms] or allows
            waive = frozenset[str]().union(*(g.waive for g in grants))
            lift = frozenset[str]().union(*(g.lift for g in grants))
            granted = self.allowed(policy, rules, at, form, waive, lift)
            if granted[0] != ALLOW:
                plain = self.ungranted(at, form)
                return plain if plain[0] == ALLOW else granted
            return granted
        return self.ungranted(at, form)

    def ungranted(self, at: int, form: str) -> Words:
        hop = self.hops[at]
        policy: Policy | None = hop["policy"]
        third = self.source.third_party if self.source else ASK
        if not hop["sure"] and not (policy is None and third == "covered"):
            return ASK, set(), set()
        if policy is not None:
            effect, carried, removed = self.policy(policy, at, form)
        elif hop["source"]:
            head = self.unknown == UnknownPolicy.HEADLINE and form == "headline" and not self.q.policy
            can = {"credit-source", "link-original"} <= set(self.use.can_discharge) and self.e.url
            effect = ALLOW if head and can else ASK
            carried, removed = ({(at, "credit-source"), (at, "link-original")} if effect == ALLOW else set()), set()
        else:
            effect, carried, removed = (ALLOW if third == "covered" else str(third)), set(), set()
        halves = []
        for id_ in hop["half"]:
            self.hops[at] = hop | {"policy": self.policies[id_]}
            halves.append(self.policy(self.policies[id_], at, form)[0])
        self.hops[at] = hop
        return worst([effect, *halves]), carried, removed

    # --- all together

    def form(self, form: str) -> Words:
        e = self.e
        has_text = e.size is not None
        shows = {
            "full": has_text,
            "excerpt": (has_text and bool(e.size.chars)) or e.has_summary,
            "headline": bool(e.title.strip() and e.url),
        }
        if not shows[form]:
            return DENY, set(), set()
        words = [self.hop(at, form) for at in range(len(self.hops))]
        last = len(self.hops) - 1
        beaten = any(g.entry or g.over_notices for g in self.granted(last, form))
        if not beaten:
            kinds = {n.kind.value for n in (*e.notices, *self.q.said)}
            words.append((DENY if kinds & {"draft", "deny"} else ASK if "forbid" in kinds else ALLOW, set(), set()))
            own, contact = (self.source.licence, self.source.contact) if self.source else (None, None)
            told = [stated for stated in (*self.stated(), *self.stated(self.q.said)) if own not in stated]
            words += [self.choice(last, form, contact, stated) for stated in told]
        removed = set().union(*(w[2] for w in words), *(self.images(at, form) for at in range(len(self.hops))))
        return worst([w[0] for w in words]), set().union(*(w[1] for w in words)), removed

    def images(self, at: int, form: str) -> set[str]:
        lifted = {x for g in self.granted(at, form) for x in g.lift} & {"images", "no-images"}
        found: set[str] = set()
        hop = self.hops[at]
        for policy in [p for p in (hop["policy"], *(self.policies[i] for i in hop["half"])) if p and not lifted]:
            rule = policy.images
            names = rule.credits or (policy.publisher.name, *policy.publisher.aliases)
            for c in self.e.components:
                own = rule.rule == "own_credit" and any(whole(n, c.credit or "") for n in names)
                if rule.rule != "same" and not own:
                    found.add(c.url)
        return found

    def answer(self) -> tuple[str, str, set[tuple[int, str]], set[str]]:
        told = [(form.value, self.form(form.value)) for form in self.use.forms]
        form, (effect, duties, removed) = min(told, key=lambda one: RANK[one[1][0]])
        if effect == ALLOW and self.use.selection == "reviewed" and not self.q.approved:
            effect = ASK
        return effect, form, duties if effect == ALLOW else set(), removed if effect == ALLOW else set()
