"""A policy as the YAML file that an operator would have written: what `load` reads back as the same policy."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import LiteralScalarString

from aggregator.config.words import in_words
from aggregator.model.policy import Duty, Effect, ImageRule, Images, Limit, Policy, Publisher, Rule, Terms, When
from aggregator.model.use import Form

SCHEMA = "# yaml-language-server: $schema=../schemas/policies.json"


def policy_yaml(policy: Policy, about: Iterable[str] = ()) -> str:
    """The file's text.

    Args:
        about: lines of comment to stand above.
    """
    yaml = YAML()
    yaml.width = 110
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.allow_unicode = True
    out = io.StringIO()
    yaml.dump(_document(policy), out)
    head = [SCHEMA, *(_comment(line) for line in about)]
    return "\n".join([*head, out.getvalue()])


def _comment(line: str) -> str:
    """One line of comment; a line keeps the indent that it has."""
    words = " ".join(line.split())
    return f"# {line[: len(line) - len(line.lstrip(' '))]}{words}".rstrip()


def _map(pairs: Mapping[str, Any]) -> CommentedMap:
    """Without what is empty."""
    return CommentedMap({key: value for key, value in pairs.items() if value not in (None, "", [], {})})


def _flow(value: CommentedMap | CommentedSeq) -> Any:
    value.fa.set_flow_style()
    return value


def _list(values: Iterable[Any]) -> Any:
    return _flow(CommentedSeq(values))


def _document(policy: Policy) -> CommentedMap:
    return _map(
        {
            "id": policy.id,
            "publisher": _publisher(policy.publisher),
            "contact": policy.contact,
            "terms": _terms(policy.terms),
            "licence": policy.licence,
            "rules": CommentedSeq(_rule(rule) for rule in policy.rules),
            "waive": _list(sorted(policy.waive)),
            "third_party": policy.third_party.value,
            "images": _images(policy.images),
            "default": policy.default.value,
            "trust_entry_licence": policy.trust_entry_licence or None,
        }
    )


def _publisher(publisher: Publisher) -> CommentedMap:
    return _map(
        {
            "name": publisher.name,
            "url": publisher.url,
            "domains": _list(publisher.domains),
            "aliases": _list(publisher.aliases),
        }
    )


def _terms(terms: Terms) -> CommentedMap:
    evidence = terms.evidence.strip()
    return _map(
        {
            "url": terms.url,
            "read": terms.read,
            "review_every": in_words(terms.review_every) if terms.review_every else None,
            "check_every": in_words(terms.check_every) if terms.check_every else None,
            "on_change": terms.on_change if terms.on_change != "flag" else None,
            "evidence": LiteralScalarString(evidence + "\n") if evidence else None,
        }
    )


def _images(images: Images) -> Any:
    if images.rule is ImageRule.OWN_CREDIT:
        return _flow(CommentedMap({"own_credit": _list(images.credits)}))
    return None if images.rule is ImageRule.SAME else images.rule.value


def _rule(rule: Rule) -> CommentedMap:
    order = (Form.FULL, Form.EXCERPT, Form.HEADLINE)
    forms = [form.value for form in order if form in rule.forms]
    effect = {Effect.ALLOW: "allow", Effect.ASK: "ask", Effect.DENY: "deny"}[rule.effect]
    return _map(
        {
            effect: _list(forms),
            "to": _list(sorted(audience.value for audience in rule.to)),
            "in": _list(sorted(medium.value for medium in rule.media)),
            "when": _when(rule.when),
            "duties": CommentedSeq(_term(duty) for duty in rule.duties),
            "limits": CommentedSeq(_term(limit) for limit in rule.limits),
            "waive": _list(sorted(rule.waive)),
        }
    )


def _when(when: When) -> Any:
    return _map(
        {
            "category": _list(when.category),
            "author": _list(when.author),
            "language": _list(when.language),
            "territory": _list(when.territory),
            "url": _list(when.url),
            "marker": _list(when.marker),
            "embargo": in_words(when.embargo) if when.embargo else None,
            "window": in_words(when.window) if when.window else None,
            "since": when.since,
            "until": when.until,
            "other": CommentedSeq(when.other),
        }
    )


def _term(term: Duty | Limit) -> Any:
    if term.any_of:
        inner: Any = CommentedMap({"any_of": CommentedSeq(_term(one) for one in term.any_of)})
    elif term.params:
        params = {name: _list(value) if isinstance(value, tuple) else value for name, value in term.params}
        inner = CommentedMap({term.name.value: CommentedMap(params)})
    else:
        inner = term.name.value
    if term.requested:
        inner = CommentedMap({"requested": inner})
    scopes = _map({"medium": _list(sorted(m.value for m in term.media)), "component": _list(sorted(term.components))})
    if not scopes:
        return inner
    whole = inner if isinstance(inner, CommentedMap) else CommentedMap({inner: None})
    whole.update(scopes)
    return whole
