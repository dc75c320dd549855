"""Plain values → typed ones, or every problem in them with its line and remedy.

pydantic says what is wrong where; its words are for programmers, so each kind of error is told anew here.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from aggregator.config.read import Finding, Place, Plain
from aggregator.config.settings import Expectation, Oidc, PolicyTest, WebSub
from aggregator.config.words import kind_of, one_of, quoted, suggestion, text_needed
from aggregator.config.written import (
    ComponentKeys,
    EntryKeys,
    OidcKeys,
    OutputKeys,
    PolicyKeys,
    PolicyTestKeys,
    RuleKeys,
    SourceKeys,
    SourcePollKeys,
    UseKeys,
    WebhookKeys,
    WebSubKeys,
    WhenKeys,
    Written,
)
from aggregator.model.account import Role
from aggregator.model.decision import Question
from aggregator.model.entry import Author, Component, ComponentKind, Entry, Notice, StoredEntry, TextSize
from aggregator.model.origin import Origin
from aggregator.model.output import Output, Selector
from aggregator.model.policy import Duty, DutyName, Effect, Policy, Publisher, Rule, Terms, When
from aggregator.model.source import PollSettings, Source
from aggregator.model.use import Form, Use
from aggregator.model.webhook import Webhook

Keys = TypeVar("Keys", bound=Written)
TESTED_AT = datetime(2026, 1, 2, tzinfo=UTC)
"""When a policy test is decided that names neither an instant nor a publication date."""


def shape(model: type[Keys], value: Plain, place: Place) -> tuple[Keys | None, list[Finding]]:
    """The typed value; None where anything is wrong with it, and then all that is."""
    try:
        return model.model_validate(value), []
    except ValidationError as error:
        return None, [_finding(model, detail, place) for detail in error.errors(include_url=False)]


def _finding(model: type[Written], detail: ErrorDetails, place: Place) -> Finding:
    path = tuple(step for step in detail["loc"] if isinstance(step, str | int))
    here = place.at(path)
    name = next((step for step in reversed(path) if isinstance(step, str)), "this")
    if detail["type"] == "extra_forbidden":
        above = place.at(path[:-1])
        return Finding(above.keys.get(name, above.line), _unknown_key(model, path))
    if detail["type"] == "missing":
        example = _field(_model_at(model, path[:-1]), name).examples
        remedy = f"; write {name}: {example[0]}" if example else ""
        return Finding(place.at(path[:-1]).line, f"needs '{name}'{remedy}")
    if path and isinstance(path[-1], int) and detail["type"] in ("model_type", "dict_type"):
        name = f"item {path[-1] + 1} of {name}"
    message = _message(detail).replace("{key}", name).replace("{raw}", here.raw or quoted(detail["input"]).strip("'"))
    return Finding(here.line, " ".join(message.split()))


def _message(detail: ErrorDetails) -> str:
    kind, value, more = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "said":
        return str(more["message"])
    if value is None:
        return "{key} is empty; give it a value or leave the key out"
    tellings = {
        "string_type": text_needed(value),
        "bool_type": "{key} '{raw}' is neither true nor false; write one of them",
        "int_type": "{key} '{raw}' is not a whole number",
        "list_type": f"{{key}} must be a list, such as [a, b], not {kind_of(value)}"
        + ("; start each of its items with '-'" if isinstance(value, dict) else ""),
        "dict_type": f"{{key}} must be keys and values, not {kind_of(value)}",
        "model_type": f"{{key}} must be keys and values, not {kind_of(value)}",
        "greater_than_equal": f"{{key}} '{{raw}}' is too small; the least is {more.get('ge')}",
        "less_than_equal": f"{{key}} '{{raw}}' is too large; the most is {more.get('le')}",
    }
    if kind == "literal_error":
        expected = [part.strip("'") for part in str(more["expected"]).replace(" or ", ", ").split(", ")]
        return f"{{key}} {quoted(value)} is not known; use {one_of(expected)}"
    return tellings.get(kind, f"{{key}} '{{raw}}' is not valid: {detail['msg']}")


_BELONGS = {
    "fallback": "it stands beside 'use', not in it",
    "concurrency": "it holds for all sources together; set it under 'polling' in aggregator.yaml",
    "sources": "write the list itself, without 'sources:' above it",
    "outputs": "write the list itself, without 'outputs:' above it",
    "policies": "write the list itself, without 'policies:' above it",
    "polling": "write its keys beside 'feed', without 'polling:' above them",
}


def _unknown_key(model: type[Written], path: tuple[str | int, ...]) -> str:
    name = str(path[-1])
    known = _names(_model_at(model, path[:-1]))
    near = suggestion(name, known)
    if near:
        return f"key {quoted(name)} is not known{near}"
    if name in _BELONGS:
        return f"key {quoted(name)} is not known here; {_BELONGS[name]}"
    return f"key {quoted(name)} is not known; use {one_of(known)}"


def _names(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _field(model: type[BaseModel], name: str) -> Any:
    return next(field for key, field in model.model_fields.items() if (field.alias or key) == name)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models in an annotation such as `list[RuleKeys]` or `SiteKeys | None`."""
    if typing.get_origin(annotation) is None:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield annotation
        return
    for inner in typing.get_args(annotation):
        yield from _models(inner)


def _model_at(model: type[BaseModel], path: tuple[str | int, ...]) -> type[BaseModel]:
    for step in path:
        if isinstance(step, str):
            model = next(_models(_field(model, step).annotation), model)
    return model


# ── typed keys → values of the model ─────────────────────────────────────────────────────────────────────────────


def poll_settings(keys: SourcePollKeys, base: PollSettings) -> PollSettings:
    """What the keys say, and `base` where they say nothing."""
    names = set(type(keys).model_fields) & set(PollSettings.__slots__)
    given = {name: value for name in names if (value := getattr(keys, name)) is not None}
    return replace(base, **given) if given else base


def websub(keys: WebSubKeys) -> WebSub:
    return WebSub(
        subscribe=keys.subscribe,
        hubs=tuple(dict.fromkeys(keys.hubs)),
        hub=keys.hub,
        lease=keys.lease,
        private_addresses=keys.private_addresses,
        sha1=keys.sha1,
    )


def oidc(keys: OidcKeys | None) -> Oidc | None:
    if keys is None:
        return None
    default = keys.default_role or (None if keys.role_claim else Role.VIEWER)
    return Oidc(
        issuer=keys.issuer,
        client_id=keys.client_id,
        client_secret=keys.client_secret,
        name=keys.name,
        scopes=tuple(dict.fromkeys(("openid", *keys.scopes))),
        role_claim=keys.role_claim,
        roles=tuple(keys.roles.items()),
        default_role=default,
        new_accounts=keys.new_accounts,
        domains=tuple(dict.fromkeys(keys.domains)),
        private_addresses=keys.private_addresses,
    )


def webhook(keys: WebhookKeys) -> Webhook:
    return Webhook(
        id=keys.id,
        url=keys.url,
        secret=keys.secret,
        events=tuple(dict.fromkeys(keys.events)),
        outputs=tuple(dict.fromkeys(keys.outputs)),
        private_addresses=keys.private_addresses,
    )


def source(keys: SourceKeys, base: PollSettings, where: str) -> Source:
    return Source(
        id=keys.id,
        feed=keys.feed,
        policy=keys.policy,
        tags=tuple(dict.fromkeys(keys.tags)),
        enabled=keys.enabled,
        title=keys.title,
        polling=poll_settings(keys, base),
        headers=tuple(keys.headers.items()),
        cookies=tuple(keys.cookies.items()),
        basic_auth=keys.auth.basic if keys.auth else None,
        bearer_auth=keys.auth.bearer if keys.auth else None,
        where=where,
    )


def policy(keys: PolicyKeys, place: Place, file: str) -> Policy:
    """Args:
    place: of the policy, to name the line of each rule.
    file: where it stands, the same on every machine: decisions keep it.
    """
    return Policy(
        id=keys.id,
        publisher=Publisher(
            name=keys.publisher.name,
            url=keys.publisher.url,
            domains=tuple(dict.fromkeys(keys.publisher.domains)),
            aliases=tuple(dict.fromkeys(keys.publisher.aliases)),
        ),
        contact=keys.contact,
        terms=Terms(
            url=keys.terms.url,
            read=keys.terms.read,
            review_every=keys.terms.review_every,
            check_every=keys.terms.check_every,
            on_change=keys.terms.on_change,
            evidence=keys.terms.evidence or "",
        ),
        licence=keys.licence,
        rules=tuple(
            _rule(rule, f"{keys.id}:{number}", keys.contact, f"{file}:{place.at(('rules', number - 1)).line}")
            for number, rule in enumerate(keys.rules, start=1)
        ),
        waive=frozenset(keys.waive),
        third_party=keys.third_party,
        images=keys.images,
        default=keys.default,
        trust_entry_licence=keys.trust_entry_licence,
        where=f"{file}:{place.line}",
    )


def _rule(keys: RuleKeys, key: str, contact: str | None, where: str) -> Rule:
    effects = ((Effect.ALLOW, keys.allow), (Effect.ASK, keys.ask), (Effect.DENY, keys.deny))
    effect, forms = next((effect, forms) for effect, forms in effects if forms)
    return Rule(
        key=key,
        effect=effect,
        forms=frozenset(forms),
        to=frozenset(keys.to),
        media=frozenset(keys.in_),
        when=_when(keys.when),
        duties=tuple(_addressed(duty, contact) for duty in keys.duties),
        limits=tuple(keys.limits),
        waive=frozenset(keys.waive),
        where=where,
    )


def _when(keys: WhenKeys) -> When:
    return When(
        category=tuple(keys.category),
        author=tuple(keys.author),
        language=tuple(keys.language),
        territory=tuple(keys.territory),
        url=tuple(keys.url),
        marker=tuple(keys.marker),
        embargo=keys.embargo,
        window=keys.window,
        since=keys.since,
        until=keys.until,
        other=tuple(keys.other),
    )


def lacks_contact(duty: Duty) -> bool:
    """Whether it asks to notify somebody and does not say whom."""
    return (not duty.any_of and duty.name is DutyName.NOTIFY and duty.param("contact") is None) or any(
        map(lacks_contact, duty.any_of)
    )


def _addressed(duty: Duty, contact: str | None) -> Duty:
    """The duty, with the policy's contact where it names none."""
    if contact is None or not lacks_contact(duty):
        return duty
    if duty.any_of:
        return replace(duty, any_of=tuple(_addressed(inner, contact) for inner in duty.any_of))
    return replace(duty, params=tuple(sorted((*duty.params, ("contact", contact)))))


def use(keys: UseKeys, fallback: list[Form], output: str) -> Use:
    return Use(
        output=output,
        form=keys.form,
        fallback=tuple(fallback),
        audience=keys.audience,
        medium=keys.medium,
        ads=keys.ads,
        paywall=keys.paywall,
        sold=keys.sold,
        selection=keys.selection,
        territory=frozenset(keys.territory),
        language=keys.language,
        copies=keys.copies,
    )


def output(keys: OutputKeys, where: str) -> Output:
    select = keys.select
    return Output(
        id=keys.id,
        title=keys.title or keys.id,
        description=keys.description or "",
        select=Selector(
            tags=tuple(dict.fromkeys(select.tags)),
            sources=tuple(dict.fromkeys(select.sources)),
            language=tuple(select.language),
            category=tuple(select.category),
            author=tuple(select.author),
            match=select.match,
            exclude=select.exclude,
            newest=select.newest,
            per_source=select.per_source,
            max_age=select.max_age,
        ),
        use=use(keys.use, keys.fallback, keys.id),
        access=keys.access,
        credit=keys.credit,
        # Never more than the output holds: what newer entries crowd out must stand in an archive by then.
        archive=min(keys.archive, select.newest) if keys.archive else None,
        per_page=keys.per_page,
        language=keys.language or keys.use.language or _only(select.language) or "en",
        formats=tuple(dict.fromkeys(keys.formats)),
        where=where,
    )


def _only(languages: list[str]) -> str | None:
    """The language of an output that asks for entries in a single one."""
    return languages[0] if len(languages) == 1 else None


def policy_test(keys: PolicyTestKeys, where: str) -> PolicyTest:
    published = keys.entry.published
    at = keys.at or (published + timedelta(days=1) if published else TESTED_AT)
    seen_at = min(published or at, at)
    expect = keys.expect
    return PolicyTest(
        about=keys.about,
        policy=keys.policy,
        question=Question(
            stored=StoredEntry(
                entry=_entry(keys.entry, keys.policy),
                first_seen_at=seen_at,
                ordered_at=seen_at,
                earliest_at=published,
            ),
            policy=keys.policy,
            use=use(keys.use, keys.use.fallback, ""),
            at=at,
            text=keys.entry.text,
            approved=keys.approved,
            released_at=keys.released,
        ),
        expect=Expectation(
            outcome=expect.outcome,
            form=expect.form,
            reason=expect.reason,
            duties=_set(expect.duties),
            limits=_set(expect.limits),
            removed=_set(expect.removed),
            relied_on=_set(expect.relied_on),
            held_by=_set(expect.held_by),
            hops=None if expect.hops is None else tuple(expect.hops),
            contact=expect.contact,
        ),
        where=where,
    )


def _set(values: list[str] | None) -> frozenset[str] | None:
    return None if values is None else frozenset(values)


def _entry(keys: EntryKeys, policy_id: str) -> Entry:
    written = ((ComponentKind.IMAGE, keys.image), (ComponentKind.MEDIA, keys.media), (ComponentKind.EMBED, keys.embed))
    size = (
        None
        if keys.words is None
        else TextSize(words=keys.words, chars=6 * keys.words, paragraphs=1 + keys.words // 60)
    )
    return Entry(
        source=keys.source or policy_id,
        id=keys.id,
        revision="0" * 64,
        title=keys.title,
        url=keys.url,
        authors=tuple(Author(name=name) for name in keys.author),
        categories=tuple(keys.category),
        language=keys.language,
        published_at=keys.published,
        updated_at=keys.updated,
        components=tuple(_component(kind, component) for kind, component in written if component),
        origins=tuple(
            Origin(
                name=origin.name,
                url=origin.url,
                author=origin.author,
                notice=origin.notice,
                carrier=origin.carrier,
                certainty=origin.certainty,
            )
            for origin in keys.origins
        ),
        notices=tuple(
            Notice(kind=notice.kind, level=notice.level, value=notice.value, carrier=notice.carrier)
            for notice in keys.notices
        ),
        size=size,
        has_summary=keys.summary,
    )


def _component(kind: ComponentKind, keys: ComponentKeys) -> Component:
    return Component(kind=kind, url=keys.url, credit=keys.credit, licence=keys.licence)
