"""The configuration folder → `Configuration`, or every problem in it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from aggregator.config import check, shape
from aggregator.config.check import Document, Documents
from aggregator.config.policy_check import domain_warnings, policy_errors, policy_warnings
from aggregator.config.read import Finding, read
from aggregator.config.settings import (
    Api,
    Configuration,
    Log,
    Mail,
    Monitored,
    Retention,
    Server,
    Settings,
    Site,
)
from aggregator.config.words import quoted
from aggregator.config.written import OutputKeys, PolicyKeys, PolicyTestKeys, SettingsKeys, SourceKeys, Written
from aggregator.errors import ConfigError, Problem
from aggregator.model.policy import Policy
from aggregator.model.source import PollSettings, Source

Keys = TypeVar("Keys", bound=Written)
PROBLEMS_MAX = 1000
"""More than anybody reads; what is left out is counted."""
FILES_MAX = 50_000
KINDS = ("aggregator", "sources", "policies", "outputs", "policies/tests")
"""Each is a file or a folder of files."""


def load(folder: Path, changes: Mapping[Path, bytes | None] | None = None) -> Configuration:
    """All that stands in a configuration folder, checked, with every default filled in.

    Args:
        folder: `config/`; relative to the current folder, or absolute.
        changes: what files would hold (None: they would be gone), by absolute path: to check an edit before it is
            written.
    Raises:
        ConfigError: with all problems of all files, in file and line order.
    """
    return _Loading(folder, changes=changes or {}).configuration()


def files_of(folder: Path, kind: str) -> list[Path]:
    """The files that hold one of `KINDS`, in the order in which they are read: absolute, links not followed.

    Raises:
        ConfigError: the folder cannot be listed.
    """
    loading = _Loading(folder)
    try:
        return loading.files_of(kind)
    except OSError as error:
        raise ConfigError(
            (
                Problem(
                    file=loading.shown(loading.folder / kind), line=None, message=f"cannot be read: {error.strerror}"
                ),
            )
        ) from error


def load_settings(folder: Path) -> Settings:
    """The settings alone, for where the rest of the folder has problems and somebody asks how things are.

    Raises:
        ConfigError: with all problems of the settings, or of the folder itself.
    """
    loading = _Loading(folder)
    settings = loading.settings(loading.documents(("aggregator",)))
    if settings is None or loading.problems:
        raise ConfigError(_in_order(loading.problems))
    return settings


def fingerprint(folder: Path) -> str:
    """A cheap digest of names, sizes and change times of all files in the folder: another one means, load again."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(_walk(folder)):
        try:
            facts = path.stat()
        except OSError:
            continue  # deleted since it was listed; its absence is the change
        digest.update(
            f"{path.relative_to(folder)}\0{facts.st_size}\0{facts.st_mtime_ns}\0{facts.st_ino}\n".encode(
                errors="surrogateescape"
            )
        )
    return digest.hexdigest()


def _walk(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(root) / name for name in files if not name.startswith("."))


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    unique = sorted(set(problems), key=lambda problem: (problem.file, problem.line or 0, problem.message))
    if len(unique) <= PROBLEMS_MAX:
        return tuple(unique)
    last = unique[PROBLEMS_MAX - 1]
    more = Problem(file=last.file, line=None, message=f"{len(unique) - PROBLEMS_MAX} more problems are not shown")
    return (*unique[:PROBLEMS_MAX], more)


@dataclass
class _Loading:
    """One attempt to load one folder."""

    folder: Path
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    digest: Any = field(default_factory=hashlib.sha256)
    changes: Mapping[Path, bytes | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.typed = self.folder
        self.folder = Path(os.path.abspath(self.folder))  # noqa: PTH100 -- a link to the folder keeps its own name
        here = Path.cwd()
        if self.folder.is_relative_to(here):
            self.typed = self.folder.relative_to(here)

    # ── files → documents ────────────────────────────────────────────────────────────────────────────────────────

    def documents(self, wanted: tuple[str, ...] = KINDS) -> Documents:
        """Everything of the wanted kinds; what could not be read is among the problems."""
        documents = Documents()
        what = _no_folder(self.folder)
        if what:
            self._problem(self.folder, None, f"{what}; name the configuration folder with --config DIR")
            return documents
        places = {
            "aggregator": documents.settings,
            "sources": documents.sources,
            "policies": documents.policies,
            "outputs": documents.outputs,
            "policies/tests": documents.policy_tests,
        }
        for kind in wanted:
            try:
                complete = [self._read(path, places[kind]) for path in self.files_of(kind)]
            except OSError as error:
                self._problem(self.folder / kind, None, f"cannot be read: {error.strerror}")
                complete = [False]
            if not all(complete):
                documents.incomplete.add(kind)
        if not self.problems and not self.files and not self._holds_any():
            self._problem(
                self.folder,
                None,
                "holds no aggregator.yaml, sources.yaml, policies/ or outputs.yaml; is it the right folder?",
            )
        return documents

    def _holds_any(self) -> bool:
        try:
            return any(map(self.files_of, KINDS))
        except OSError:
            return True  # what cannot be listed is there

    def files_of(self, kind: str) -> list[Path]:
        """`KIND.yaml` and `KIND/*.yaml`, whichever there are."""
        gone = {path for path, body in self.changes.items() if body is None}
        there = {path for path, body in self.changes.items() if body is not None}
        ends = (".yaml", ".yml")
        single = [
            path
            for end in ends
            if (path := self.folder / f"{kind}{end}") in there or (_is_there(path) and path not in gone)
        ]
        below = self.folder / kind
        names = {entry.name for entry in os.scandir(below)} if below.is_dir() else set()
        names |= {path.name for path in there if path.parent == below}
        names -= {path.name for path in gone if path.parent == below}
        many = [below / name for name in sorted(names) if name.endswith(ends) and not name.startswith(".")]
        if len(many) > FILES_MAX:
            self._problem(below, None, f"holds more than {FILES_MAX} files")
            return single
        return single + many

    def _read(self, path: Path, found: list[Document]) -> bool:
        """Adds the file's documents; False where some could not be read."""
        self.files.append(path)
        try:
            body = self.changes[path] if path in self.changes else path.read_bytes() if path.is_file() else None
        except OSError as error:
            self._problem(path, None, f"cannot be read: {error.strerror}")
            return False
        if body is None:
            self._problem(path, None, "is not a file" if path.exists() else "is not there: its link leads nowhere")
            return False
        name = path.relative_to(self.folder).as_posix()
        self.digest.update(f"{name}\0{len(body)}\0".encode(errors="surrogateescape") + body)
        text = read(body)
        for finding in text.findings:
            self._problem(path, finding.line, finding.message)
        if text.findings:
            return False
        items = text.value if isinstance(text.value, list) else [] if text.value is None else [text.value]
        complete = True
        for index, item in enumerate(items):
            place = text.place.at((index,)) if isinstance(text.value, list) else text.place
            if isinstance(item, dict):
                found.append(Document(self.shown(path), f"{self.folder.name}/{name}", item, place))
            else:
                complete = False
                self._problem(path, place.line, f"holds {quoted(place.raw or item)} where keys and values are needed")
        return complete

    def shown(self, path: Path) -> str:
        return (self.typed / path.relative_to(self.folder)).as_posix()

    def _problem(self, path: Path, line: int | None, message: str) -> None:
        self.problems.append(Problem(file=self.shown(path), line=line, message=message))

    # ── documents → values ───────────────────────────────────────────────────────────────────────────────────────

    def _shaped(self, model: type[Keys], documents: list[Document]) -> Iterator[tuple[Document, Keys]]:
        for document in documents:
            keys, findings = shape.shape(model, document.value, document.place)
            self._found(document, findings)
            if keys is not None:
                yield document, keys

    def _found(self, document: Document, findings: list[Finding]) -> None:
        self.problems += [
            Problem(file=document.file, line=finding.line, message=finding.message) for finding in findings
        ]

    def configuration(self) -> Configuration:
        documents = self.documents()
        self.problems += check.errors(documents, self.folder)
        settings = self.settings(documents)
        policies = list(self._policies(documents))
        base = settings.polling if settings else None
        sources = list(self._sources(documents, base, {policy.id: policy for policy in policies}))
        outputs = [shape.output(keys, document.where) for document, keys in self._shaped(OutputKeys, documents.outputs)]
        tests = [
            shape.policy_test(keys, document.where)
            for document, keys in self._shaped(PolicyTestKeys, documents.policy_tests)
        ]
        self.warnings += [*check.tag_warnings(documents), *check.idle_warnings(documents)]
        if settings is None or self.problems:
            raise ConfigError(_in_order(self.problems))
        return Configuration(
            folder=self.folder,
            settings=settings,
            sources=tuple(sources),
            policies=tuple(policies),
            outputs=tuple(outputs),
            policy_tests=tuple(tests),
            warnings=_in_order(self.warnings),
            version=self.digest.hexdigest(),
            files=tuple(sorted(self.files)),
        )

    def settings(self, documents: Documents) -> Settings | None:
        """The settings; None where they are not known because of problems."""
        document = documents.settings[0] if documents.settings else None
        shaped = list(self._shaped(SettingsKeys, documents.settings[:1]))
        if "aggregator" in documents.incomplete or (document and not shaped):
            return None
        keys = shaped[0][1] if shaped else SettingsKeys()
        polling = shape.poll_settings(keys.polling, PollSettings())
        problem = check.polling_problem(polling)
        if problem and document:
            self.problems.append(document.problem(("polling",), problem))
        if keys.site is None:
            file = document.file if document else self.shown(self.folder / "aggregator.yaml")
            message = (
                "does not say who you are; write site: {name: …, url: …, email: …}, so that publishers can reach you"
            )
            self.warnings.append(Problem(file=file, line=None, message=message))
        if keys.server.port == 0 and keys.server.public_url is None and document:
            message = (
                "port 0 takes any free port, and addresses in feeds name port 0; give server.public_url, or a port"
            )
            self.warnings.append(document.problem(("server", "port"), message))
        public_url = (keys.server.public_url or f"http://{_host(keys.server.host)}:{keys.server.port}").rstrip("/")
        email = keys.site.email if keys.site else None
        return Settings(
            site=Site(
                name=keys.site.name if keys.site else "Feed aggregator",
                url=(keys.site.url if keys.site else None) or f"{public_url}/",
                email=email,
            ),
            database=self._database(keys.database),
            server=Server(
                host=keys.server.host,
                port=keys.server.port,
                public_url=public_url,
                proxies=tuple(keys.server.proxies or ()),
                unconfirmed=keys.server.unconfirmed,
            ),
            polling=polling,
            unknown_policy=keys.unknown_policy,
            retention=Retention(
                entries=keys.retention.entries, revisions=keys.retention.revisions, flags=keys.retention.flags
            ),
            mail=Mail(
                smtp=keys.mail.smtp,
                from_=keys.mail.from_ or email,
                reminders=keys.mail.reminders,
                digest=keys.mail.digest,
                language=keys.mail.language,
            ),
            engine=keys.engine,
            templates=self._templates(keys.templates, document),
            log=Log(level=keys.log.level, format=keys.log.format),
            metrics=Monitored(allow=tuple(keys.metrics.allow), token=keys.metrics.token, listen=keys.metrics.listen),
            websub=shape.websub(keys.websub),
            webhooks=tuple(map(shape.webhook, keys.webhooks)),
            subscribe=keys.subscribe,
            contact=keys.contact,
            api=Api(rate=keys.api.rate, origins=tuple(dict.fromkeys(map(_origin, keys.api.origins)))),
            oidc=shape.oidc(keys.oidc),
        )

    def _database(self, written: str) -> str:
        """A relative SQLite path is meant from the folder that holds the configuration folder."""
        if not written.startswith("sqlite:///"):
            return written
        path = written.removeprefix("sqlite:///")
        return f"sqlite:///{Path(os.path.normpath(self.folder.parent / path)).as_posix()}"

    def _templates(self, written: str | None, document: Document | None) -> Path | None:
        if written is None or document is None:
            return None
        path = Path(os.path.normpath(self.folder.parent / written))
        if not path.is_dir():
            self.problems.append(
                document.problem(
                    ("templates",), f"template folder {quoted(written)} is not there; make it, or delete the key"
                )
            )
        return path

    def _policies(self, documents: Documents) -> Iterator[Policy]:
        made: list[tuple[Document, Policy]] = []
        for document, keys in self._shaped(PolicyKeys, documents.policies):
            if all(sum(map(bool, (rule.allow, rule.ask, rule.deny))) == 1 for rule in keys.rules):
                policy = shape.policy(keys, document.place, document.stable)
                made.append((document, policy))
                self.problems += policy_errors(document, policy)
                self.warnings += policy_warnings(document, policy)
        self.warnings += domain_warnings(made)
        yield from (policy for _, policy in made)

    def _sources(
        self, documents: Documents, base: PollSettings | None, policies: dict[str, Policy]
    ) -> Iterator[Source]:
        """Args:
        base: the polling settings of aggregator.yaml; None: they are not known, so nothing is held against them.
        """
        for document, keys in self._shaped(SourceKeys, documents.sources):
            source = shape.source(keys, base or PollSettings(), document.where)
            problem = check.polling_problem(source.polling)
            if problem and base and source.polling != base:
                self.problems.append(document.problem(("interval",), problem))
            policy = policies.get(source.policy or "")
            self.warnings += check.source_warnings(document, source, policy, self.folder)
            yield source


def _no_folder(path: Path) -> str:
    """Why a path is no folder to read; empty: it is one."""
    try:
        if path.is_dir():
            return ""
        return "is not a folder" if path.exists() else "is not there"
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _is_there(path: Path) -> bool:
    """Also for a link that leads nowhere: a file that somebody meant to be read is not simply absent."""
    return path.exists() or path.is_symlink()


def _origin(url: str) -> str:
    """As browsers send it in `Origin`."""
    parts = urlsplit(url)
    usual = {"http": 80, "https": 443}[parts.scheme]
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return f"{parts.scheme}://{_host(parts.hostname or '')}{port}"


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host
