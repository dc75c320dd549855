"""What can only be seen with several keys or files together: references, duplicates, contradictions.

It looks at the values as written, so that a file with other problems is still checked and all are told at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aggregator.config.read import Place
from aggregator.config.words import in_words, listed, quoted, suggestion
from aggregator.errors import Problem
from aggregator.model.policy import Policy
from aggregator.model.source import PollSettings, Source


@dataclass(slots=True)
class Document:
    """One settings document, source, policy, output or policy test, as written."""

    file: str
    """As the operator types it."""
    stable: str
    """The same on every machine: `config/sources.yaml`."""
    value: dict[str, Any]
    place: Place

    def problem(self, path: tuple[str | int, ...], message: str) -> Problem:
        """A problem with what stands under `path`, or with the whole."""
        above, step = self.place.at(path[:-1]), path[-1] if path else None
        here = self.place.at(path)
        line = here.line if isinstance(step, int) or here.raw else above.keys.get(str(step), here.line)
        return Problem(file=self.file, line=line, message=message)

    @property
    def where(self) -> str:
        return f"{self.stable}:{self.place.line}"

    @property
    def shown(self) -> str:
        return f"{self.file}:{self.place.line}"


@dataclass(slots=True)
class Documents:
    """All that was read, by kind."""

    settings: list[Document] = field(default_factory=list)
    sources: list[Document] = field(default_factory=list)
    policies: list[Document] = field(default_factory=list)
    outputs: list[Document] = field(default_factory=list)
    policy_tests: list[Document] = field(default_factory=list)
    incomplete: set[str] = field(default_factory=set)
    """Kinds of which a file could not be read: what they define is unknown, so nothing is called undefined."""


def _texts(value: Any) -> list[str]:
    """The texts in a value as written: a list or a single one."""
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, str)]


def _ids(documents: Iterable[Document]) -> list[str]:
    return [name for document in documents if isinstance(name := document.value.get("id"), str)]


def errors(documents: Documents, folder: Path) -> Iterator[Problem]:
    """Every error that takes several keys or files to see."""
    for kind in (documents.sources, documents.policies, documents.outputs):
        yield from _duplicates(kind)
    yield from _references(documents)
    for document in documents.sources:
        yield from _requests(document)
        yield from _inside(document, folder)
    for document in documents.policies:
        yield from _rules(document)
    for document in documents.outputs:
        yield from _fallback(document, document.value.get("fallback"))
    for document in documents.settings[1:]:
        yield document.problem((), f"the settings stand in {documents.settings[0].shown} already; keep one of them")
    for document in documents.settings[:1]:
        settings = document.value
        database = settings.get("database", "")
        if settings.get("engine") == "procrastinate" and not str(database).startswith("postgresql://"):
            yield document.problem(("engine",), "engine 'procrastinate' needs a postgresql:// database; set 'database'")
        yield from _webhooks(document, documents)


def _duplicates(documents: list[Document]) -> Iterator[Problem]:
    first: dict[str, Document] = {}
    for document in documents:
        for name in _texts(document.value.get("id")):
            if name in first:
                yield document.problem(
                    ("id",), f"id {quoted(name)} is taken, first in {first[name].shown}; give one of them another id"
                )
            else:
                first[name] = document


def _references(documents: Documents) -> Iterator[Problem]:
    if "policies" not in documents.incomplete:
        policies = set(_ids(documents.policies))
        for document in (*documents.sources, *documents.policy_tests):
            for name in _texts(document.value.get("policy")):
                if name not in policies:
                    remedy = _nearest(name, policies, f"write config/policies/{name}.yaml")
                    yield document.problem(("policy",), f"policy {quoted(name)} is not defined{remedy}")
    if "sources" not in documents.incomplete:
        sources = set(_ids(documents.sources))
        for document in documents.outputs:
            for index, name in _selected(document, "sources"):
                if name not in sources:
                    remedy = _nearest(name, sources, "add it to config/sources.yaml")
                    yield document.problem(
                        ("select", "sources", index), f"source {quoted(name)} is not defined{remedy}"
                    )


def _webhooks(document: Document, documents: Documents) -> Iterator[Problem]:
    """Errors in the addresses that are told of changes: an id twice, an output that is not there."""
    hooks = document.value.get("webhooks")
    outputs = set(_ids(documents.outputs))
    seen: set[str] = set()
    for index, hook in enumerate(hooks if isinstance(hooks, list) else ()):
        if not isinstance(hook, dict):
            continue
        name = hook.get("id")
        if isinstance(name, str) and name in seen:
            message = f"id {quoted(name)} is taken by another webhook; give one of them another id"
            yield document.problem(("webhooks", index, "id"), message)
        elif isinstance(name, str):
            seen.add(name)
        if "outputs" in documents.incomplete:
            continue
        for place, output in enumerate(_texts(hook.get("outputs"))):
            if output not in outputs:
                remedy = _nearest(output, outputs, "add it to config/outputs.yaml")
                path = ("webhooks", index, "outputs", place)
                yield document.problem(path, f"output {quoted(output)} is not defined{remedy}")


def _nearest(name: str, known: set[str], otherwise: str) -> str:
    near = suggestion(name, sorted(known))
    if near:
        return near
    return f"; there is {listed(sorted(known))}" if 0 < len(known) <= 8 else f"; {otherwise}"


def _selected(document: Document, key: str) -> Iterator[tuple[int, str]]:
    select = document.value.get("select")
    values = select.get(key) if isinstance(select, dict) else None
    if isinstance(values, list):
        yield from ((index, value) for index, value in enumerate(values) if isinstance(value, str))


_EFFECTS = ("allow", "ask", "deny")


def _rules(document: Document) -> Iterator[Problem]:
    rules = document.value.get("rules")
    for index, rule in enumerate(rules if isinstance(rules, list) else ()):
        if not isinstance(rule, dict):
            continue
        effects = [effect for effect in _EFFECTS if effect in rule]
        if not effects and not any(key.lower() in _EFFECTS for key in rule):  # a capital is told by the key itself
            yield document.problem(
                ("rules", index),
                "a rule needs one of 'allow', 'ask' and 'deny' with its forms, such as allow: [headline]",
            )
        elif len(effects) > 1:
            yield document.problem(
                ("rules", index), f"a rule has one effect, here {' and '.join(effects)}; write a rule for each"
            )


def _fallback(document: Document, written: Any) -> Iterator[Problem]:
    use = document.value.get("use")
    asked = use.get("form", "full") if isinstance(use, dict) else None
    forms = written if isinstance(written, list) else []
    for index, form in enumerate(forms):
        if form == asked:
            yield document.problem(
                ("fallback", index), f"fallback {quoted(form)} is the form that 'use' asks for; delete it"
            )
        elif form in forms[:index]:
            yield document.problem(("fallback", index), f"fallback {quoted(form)} stands twice; delete one")


def polling_problem(settings: PollSettings) -> str | None:
    """Why intervals do not fit together; None: they do."""
    low, wanted, high = settings.min_interval, settings.interval, settings.max_interval
    if low > high:
        return f"min_interval {in_words(low)} is above max_interval {in_words(high)}; lower one or raise the other"
    if wanted < low:
        return f"interval {in_words(wanted)} is below min_interval {in_words(low)}; raise one or lower the other"
    if wanted > high:
        return f"interval {in_words(wanted)} is above max_interval {in_words(high)}; lower one or raise the other"
    return None


_OURS = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "if-none-match", "if-modified-since", "user-agent"}
)
_SECRETS = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key"})
_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")


def _requests(document: Document) -> Iterator[Problem]:
    """Errors in what is sent along with a request for a feed."""
    headers, auth = document.value.get("headers"), document.value.get("auth")
    names = list(headers) if isinstance(headers, dict) else []
    for name in names:
        if not name or set(name.lower()) - _TOKEN:
            yield document.problem(("headers", name), f"header {quoted(name)} is not a header name")
        elif name.lower() in _OURS:
            yield document.problem(("headers", name), f"header {quoted(name)} is set by the program; delete it")
    cookies = document.value.get("cookies")
    for name, value in cookies.items() if isinstance(cookies, dict) else ():
        if not name or set(name.lower()) - _TOKEN:
            yield document.problem(("cookies", name), f"cookie {quoted(name)} is not a cookie's name")
        elif isinstance(value, str) and any(char in value for char in ";, "):
            yield document.problem(("cookies", name), f"cookie {quoted(name)} holds a space, ',' or ';'; encode it")
    if cookies and "cookie" in {name.lower() for name in names}:
        yield document.problem(("cookies",), "cookies stand here and under headers; keep one of them")
    if len({name.lower() for name in names}) < len(names):
        yield document.problem(("headers",), "a header stands twice in different spellings; keep one of them")
    if isinstance(auth, dict) and {"basic", "bearer"} <= auth.keys():
        yield document.problem(("auth",), "auth holds both basic and bearer; keep one of them")


def _inside(document: Document, folder: Path) -> Iterator[Problem]:
    """Errors: a link in the configuration folder leads a file: feed out of it."""
    feed = document.value.get("feed")
    if not isinstance(feed, str) or not feed.startswith("file:"):
        return
    try:
        inside = (folder / feed.removeprefix("file:")).resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):
        inside = False
    if not inside and ".." not in feed and not feed.startswith("file:/"):  # those are told by the key itself
        message = f"feed {quoted(feed)} leads out of the configuration folder; copy the file into it"
        yield document.problem(("feed",), message)


# ── warnings ─────────────────────────────────────────────────────────────────────────────────────────────────────


def source_warnings(document: Document, source: Source, policy: Policy | None, folder: Path) -> Iterator[Problem]:
    if source.feed.startswith("file:"):
        if not (folder / source.feed.removeprefix("file:")).is_file():
            yield document.problem(("feed",), f"file {quoted(source.feed.removeprefix('file:'))} is not there (yet)")
    elif policy and policy.publisher.domains:
        host = urlsplit(source.feed).hostname or ""
        if not any(host == domain or host.endswith(f".{domain}") for domain in policy.publisher.domains):
            yield document.problem(
                ("feed",),
                f"feed host {quoted(host)} is not among the domains of policy {quoted(policy.id)}"
                f" ({', '.join(policy.publisher.domains)}); add it there if it is the publisher's",
            )
    agent = source.polling.user_agent
    if agent is not None and "user_agent" in document.value and not agent.isascii():
        yield document.problem(
            ("user_agent",), f"user_agent {quoted(agent)} holds what many servers cannot read; use ASCII"
        )
    for name, value in source.headers:
        if name.lower() in _SECRETS and isinstance(value, str):
            yield document.problem(
                ("headers", name), f"header {quoted(name)} looks like a secret; write env:NAME or file:PATH instead"
            )


def idle_warnings(documents: Documents) -> Iterator[Problem]:
    """What is asked for and cannot be had, because of another key."""
    for document in documents.outputs:
        formats = _texts(document.value.get("formats"))
        if document.value.get("archive") and formats and "atom" not in formats:
            message = "an archive is written in Atom alone, and 'formats' has no atom; add it, or take 'archive' out"
            yield document.problem(("archive",), message)
    for document in documents.settings:
        mail = document.value.get("mail")
        if document.value.get("subscribe") == "mail" and not (isinstance(mail, dict) and mail.get("smtp")):
            message = "subscribe is 'mail', and no mail can be sent without mail.smtp; write it, or 'admin'"
            yield document.problem(("subscribe",), message)


def tag_warnings(documents: Documents) -> Iterator[Problem]:
    if "sources" in documents.incomplete:
        return
    tags = {tag for document in documents.sources for tag in _texts(document.value.get("tags"))}
    for document in documents.outputs:
        for index, tag in _selected(document, "tags"):
            if tag not in tags:
                remedy = _nearest(tag, tags, "add it to a source")
                yield document.problem(("select", "tags", index), f"no source has the tag {quoted(tag)}{remedy}")
