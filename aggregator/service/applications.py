"""Sites that ask to take outputs: they declare their use, accept the conditions, are admitted, get addresses once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from aggregator.errors import UsageError, Word
from aggregator.model.application import SiteApplication
from aggregator.model.output import Access
from aggregator.model.policy import Effect
from aggregator.model.use import Ads, Audience, Medium, Use
from aggregator.publishing.mail import one_line
from aggregator.rights.licences import known
from aggregator.rights.wording import must, must_not
from aggregator.service import post
from aggregator.service.outside import FieldsError, admit, mailbox_field, may_write_to, site_field, text_field
from aggregator.service.subscribers import Application, Issued, add_subscriber, refusals, renew_subscriber
from aggregator.store import outside
from aggregator.store import subscribers as on_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from aggregator.model.output import Output
    from aggregator.model.policy import Policy
    from aggregator.publishing.credit import Templates
    from aggregator.service.subscribers import Refusal
    from aggregator.service.world import World
    from aggregator.store import Store

NOTE_MAX = 2_000
CONFIRM = timedelta(days=3)
"""How long the link in the mail is good."""
COLLECT = timedelta(days=14)
"""How long the link is good that shows the addresses."""
CONDITIONS_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What a site declares by the form."""

    name: str
    url: str
    contact: str
    use: Use
    outputs: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a declared use comes to: which outputs it may take, on which conditions."""

    outputs: tuple[str, ...]
    refused: tuple[Refusal, ...]
    conditions: tuple[str, ...]
    """Plain sentences, those of all outputs first, then each publisher's."""


def offered(world: World) -> list[Output]:
    """The outputs that a site may ask for."""
    return [one for one in world.outputs.values() if one.access in (Access.PUBLIC, Access.REGISTERED)]


def read_declaration(given: dict[str, str], outputs: Sequence[str], world: World, now: datetime) -> Declared:
    """What a form declares.

    Raises:
        FieldsError: fields are missing or wrong.
    """
    errors: dict[str, str] = {}
    name = text_field(given, "name", 200, errors, needed="What is your site called?")
    url = site_field(given, "url", errors)
    contact = mailbox_field(given, errors, now)
    note = text_field(given, "note", NOTE_MAX, errors, lines=True)
    known_ = {output.id for output in offered(world)}
    chosen = tuple(dict.fromkeys(one for one in outputs if one in known_))
    if not chosen:
        errors["outputs"] = "Please choose at least one feed."
    use = Use(
        output="",
        audience=_word(Audience, given, "audience", "Please say what your site is.", errors) or Audience.COMMERCIAL,
        medium=_word(Medium, given, "medium", "Please say where the copies appear.", errors) or Medium.WEB,
        ads=_word(Ads, given, "ads", "Please say whether there is advertising.", errors) or Ads.ITEM,
        paywall=given.get("paywall") == "1",
        sold=given.get("sold") == "1",
    )
    if errors:
        raise FieldsError(errors)
    return Declared(name=name, url=url, contact=contact, use=use, outputs=chosen, note=note)


def _word(words: Any, given: dict[str, str], name: str, needed: str, errors: dict[str, str]) -> Any:
    try:
        return words(given.get(name, ""))
    except ValueError:
        errors[name] = needed
        return None


GENERAL = (
    "Show each entry with the credit, the licence and the link to the original that it carries, where they stand.",
    "Use the copies only as you declare here; another use needs our word first.",
    "Take a copy down when its feed says so (a tombstone, or our mail), and take over corrections.",
    "Keep the addresses to yourself: they are for your site alone, and we can end them.",
)


def terms_for(declared: Declared, world: World) -> Terms:
    """Which outputs a declared use may take, and what must be accepted for them."""
    answers = refusals(declared.use, world, declared.outputs)
    allowed = tuple(id_ for id_, refusal in answers.items() if refusal is None)
    conditions = [*GENERAL, *_of_publishers(allowed, declared.use, world)]
    return Terms(
        outputs=allowed,
        refused=tuple(refusal for refusal in answers.values() if refusal is not None),
        conditions=tuple(dict.fromkeys(conditions))[:CONDITIONS_MAX],
    )


def _of_publishers(outputs: Iterable[str], use: Use, world: World) -> list[str]:
    """What the publishers behind outputs ask for, a sentence each."""
    policies: dict[str, Policy] = {}
    for id_ in outputs:
        for source in world.sources_of(world.outputs[id_].select):
            policy = world.policy_of(source)
            if policy is not None:
                policies[policy.id] = policy
    found = []
    for policy in sorted(policies.values(), key=lambda one: one.publisher.name.casefold()):
        duties = list(dict.fromkeys(_duties(policy, use)))
        limits = list(dict.fromkeys(_limits(policy, use)))
        told = "; ".join(filter(None, ("; ".join(duties), f"never {', nor '.join(limits)}" if limits else "")))
        if told:
            found.append(f"Articles of {policy.publisher.name}: {told}.")
    return found


def _rules(policy: Policy, use: Use) -> list[Any]:
    return [
        rule
        for rule in policy.rules
        if rule.effect is Effect.ALLOW
        and (not rule.to or use.audience in rule.to or Audience.ANYONE in rule.to)
        and (not rule.media or use.medium in rule.media)
    ]


def _duties(policy: Policy, use: Use) -> Iterable[str]:
    licence = known(policy.licence) if policy.licence is not None else None
    duties = [duty for rule in _rules(policy, use) for duty in rule.duties]
    duties += [duty for duty in (licence.duties if licence else ()) if duty.name not in policy.waive]
    return (must(duty) for duty in duties if not duty.media or use.medium in duty.media)


def _limits(policy: Policy, use: Use) -> Iterable[str]:
    licence = known(policy.licence) if policy.licence is not None else None
    limits = [limit for rule in _rules(policy, use) for limit in rule.limits]
    limits += [limit for limit in (licence.limits if licence else ()) if limit.name not in policy.waive]
    return (must_not(limit) for limit in limits if not limit.media or use.medium in limit.media)


# ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def apply(
    declared: Declared,
    terms: Terms,
    address: str,
    world: World,
    store: Store,
    templates: Templates,
    now: datetime,
    language: str | None = None,
) -> SiteApplication:
    """Stores an application, and sends the link that confirms its mail address where mail is configured.

    Args:
        language: of the page that it was sent from: mails to the site are written in it.
    Raises:
        UsageError: its use is allowed for none of the outputs.
        TooOftenError: too many were sent in this hour.
    """
    if not terms.outputs:
        raise UsageError("the declared use is allowed for none of these feeds")
    settings = world.configuration.settings
    await admit("subscribe", address, store, now)
    by_mail = post.can_mail(settings) and await may_write_to(declared.contact, store, now)
    secret = secrets.token_urlsafe(24) if by_mail else None
    asked = SiteApplication(
        id=f"a-{secrets.token_hex(4)}",
        name=declared.name,
        url=declared.url,
        contact=declared.contact,
        use=declared.use,
        outputs=terms.outputs,
        note=declared.note,
        accepted=terms.conditions,
        language=language,
        asked_at=now,
        mail_digest=_digest(secret) if secret else None,
    )
    mails = []
    if secret is not None:
        link = f"{_base(world)}/subscribe/confirm/{secret}"
        mail = _mail("confirm", asked, link, world, templates)
        mails.append(post.outgoing(mail, f"confirm:{asked.id}", now))
    await store.write(outside.apply, asked, mails)
    return asked


def _base(world: World) -> str:
    return world.configuration.settings.server.public_url.rstrip("/")


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _mail(which: str, one: SiteApplication, link: str, world: World, templates: Templates) -> post.Mail:
    values = {"name": one_line(one.name), "link": link, "reason": one.reason}
    return post.write_mail(which, one.contact, one.language, world.configuration.settings, templates, **values)


async def find_by_link(kind: str, secret: str, store: Store, now: datetime) -> SiteApplication:
    """The application to which a link leads.

    Args:
        kind: `confirm` or `collect`.
    Raises:
        UsageError: the link is not good, any more or at all.
    """
    column = {"confirm": "mail_digest", "collect": "link_digest"}[kind]
    found = await store.read(outside.find_application, **{column: _digest(secret)})
    late = found is not None and (
        now - found.asked_at > CONFIRM
        if kind == "confirm"
        else found.link_expires_at is None or found.link_expires_at <= now
    )
    if found is None or late:
        raise UsageError("this link is not good any more: it works once, and for some days only")
    return found


async def confirm(secret: str, world: World, store: Store, templates: Templates, now: datetime) -> str | None:
    """Notes that a mail address is its owner's. Where the operator admits by mail, the site is admitted.

    Returns:
        The secret of the link that shows its addresses; None: a person must admit it first.
    Raises:
        UsageError: the link is not good any more.
    """
    one = await find_by_link("confirm", secret, store, now)
    changes = {"mail_digest": None, "confirmed_at": now}
    changed = await store.write(outside.change, one, changes, {"what": "confirmed by mail"}, [], now)
    if changed is None:
        raise UsageError("this link was followed already")
    if world.configuration.settings.subscribe != "mail" or changed.decided_at is not None:
        return None
    _, link = await admit_site(changed.id, "mail link", world, store, templates, now, tell=False)
    return link


# ── deciding ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def find_application(id_: str, store: Store) -> SiteApplication:
    """The application of this id.

    Raises:
        UsageError: there is none.
    """
    found = await store.read(outside.find_application, id=id_)
    if found is None:
        raise UsageError(
            "there is no application '%(id)s'",
            command="'aggregator applications list' shows those that there are",
            id=id_,
        )
    return found


async def admit_site(
    id_: str, by: str, world: World, store: Store, templates: Templates, now: datetime, *, tell: bool = True
) -> tuple[SiteApplication, str]:
    """Makes a site a subscriber. Its addresses are shown once, at a link that goes to it by mail, or by your hand.

    Args:
        tell: whether the link is mailed, where mail is configured.
    Returns:
        The application, and the secret of the link.
    Raises:
        UsageError: there is no such application, it was decided, or its use is not allowed any more.
    """
    one = await find_application(id_, store)
    if one.decided_at is not None:
        raise UsageError("application '%(id)s' is %(state)s already", id=id_, state=Word(one.state))
    answers = refusals(one.use, world, one.outputs)
    allowed = tuple(output for output, refusal in answers.items() if refusal is None)
    if not allowed:
        told = "; ".join(str(refusal) for refusal in answers.values())
        raise UsageError("its declared use is not allowed any more: %(told)s", told=told)
    issued = await add_subscriber(
        Application(name=one.name, use=one.use, url=one.url, contact=one.contact, outputs=allowed),
        by,
        world,
        store,
        now,
    )
    secret = secrets.token_urlsafe(24)
    changes: dict[str, Any] = {
        "decided_at": now,
        "decided_by": by,
        "subscriber": issued.subscriber.id,
        "link_digest": _digest(secret),
        "link_expires_at": now + COLLECT,
        "mail_digest": None,
    }
    mails = []
    settings = world.configuration.settings
    if tell and post.can_mail(settings):
        mail = _mail("admitted", one, f"{_base(world)}/subscribe/collect/{secret}", world, templates)
        mails.append(post.outgoing(mail, f"admitted:{one.id}", now))
    told_ = {"what": "admitted", "by": by, "subscriber": issued.subscriber.id}
    changed = await store.write(outside.change, one, changes, told_, mails, now)
    if changed is None:
        await store.write(on_record.revoke, issued.subscriber.id, "admitted twice", by, now)
        raise UsageError("somebody else was quicker with application '%(id)s'", id=id_)
    return changed, secret


async def turn_down(
    id_: str, reason: str, by: str, world: World, store: Store, templates: Templates, now: datetime
) -> SiteApplication:
    """Refuses an application, and says so by mail where the address was confirmed.

    Raises:
        UsageError: there is no such application, or it was decided.
    """
    one = await find_application(id_, store)
    if one.decided_at is not None:
        raise UsageError("application '%(id)s' is %(state)s already", id=id_, state=Word(one.state))
    if len(reason) > NOTE_MAX:
        raise UsageError("the reason is longer than %(note_max)s characters; shorten it", note_max=NOTE_MAX)
    changes = {"decided_at": now, "decided_by": by, "refused": True, "reason": reason.strip(), "mail_digest": None}
    mails = []
    if one.confirmed_at is not None and post.can_mail(world.configuration.settings):
        mail = _mail("turned-down", replace(one, reason=reason.strip()), "", world, templates)
        mails.append(post.outgoing(mail, f"turned-down:{one.id}", now))
    told = {"what": "refused", "by": by, "reason": reason.strip()}
    changed = await store.write(outside.change, one, changes, told, mails, now)
    if changed is None:
        raise UsageError("somebody else was quicker with application '%(id)s'", id=id_)
    return changed


async def collect(secret: str, world: World, store: Store, now: datetime) -> Issued:
    """The addresses of a site that was admitted, made now and shown this once.

    Raises:
        UsageError: the link is not good any more.
    """
    one = await find_by_link("collect", secret, store, now)
    changes = {"link_digest": None, "link_expires_at": None, "collected_at": now}
    changed = await store.write(outside.change, one, changes, {"what": "collected"}, [], now)
    if changed is None or changed.subscriber is None:
        raise UsageError("this link was followed already")
    return await renew_subscriber(changed.subscriber, None, False, "collected by its link", world, store, now)
