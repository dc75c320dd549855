"""Pages from templates: values escaped, words in the reader's language, instants that a person can read."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from babel import Locale, UnknownLocaleError
from babel.core import negotiate_locale
from babel.dates import format_date, format_datetime, format_timedelta
from jinja2 import nodes
from jinja2.sandbox import SandboxedEnvironment
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from aggregator.errors import AggregatorError, Problem, TemplateError
from aggregator.publishing.credit import place_in, told_with_place
from aggregator.publishing.phrasebook import PhraseBook, translations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import CodeType

    from babel.support import NullTranslations
    from jinja2.bccache import Bucket

NEAR = 86_400 * 7
"""Seconds around now in which an instant is told by how far away it is."""


class Pages:
    """The templates of the pages, once for each language there is a catalogue for.

    Args:
        folders: template folders, the operator's own first.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)
        self._books: dict[str, PhraseBook] = {}
        self._environments = {language: self._environment(language) for language in ("en", *self._catalogues())}
        self.static = Static(folders)

    @property
    def languages(self) -> tuple[str, ...]:
        """Of the pages, as BCP 47 tags."""
        return tuple(self._environments)

    def language(self, wanted: str | None, accept_language: str) -> str:
        """The language for a reader: the account's, else the browser's, else English."""
        asked = [wanted] if wanted else []
        asked += [part.partition(";")[0].strip() for part in accept_language.split(",")[:20]]
        return negotiate_locale([tag for tag in asked if tag], list(self._environments), sep="-") or "en"

    def render(self, name: str, language: str, values: Mapping[str, Any], folder: str = "admin") -> str:
        """A page.

        Args:
            folder: of its template; `river` holds the public ones.
        Raises:
            TemplateError: its template cannot be read or rendered.
        """
        locale = Locale.parse(language, sep="-")
        try:
            template = self._environments[language].get_template(f"{folder}/{name}")
            return template.render(
                **values, language=language, direction=locale.text_direction, asset=self.static.address
            )
        except jinja2.TemplateSyntaxError as error:
            place = place_in(self._folders, error.name or name)
            raise TemplateError(f"{place}:{error.lineno}: {error.message}") from error
        except Exception as error:  # an operator's own template may run into anything
            raise TemplateError(told_with_place(error, place_in(self._folders, f"{folder}/{name}"))) from error

    def told(self, said: object, language: str) -> str:
        """An error, or a sentence that was kept in English, in a language that there is."""
        return _told(said, self._books[language])

    def _catalogues(self) -> list[str]:
        found = {path.parents[1].name for folder in self._folders for path in folder.glob("locale/*/*/admin.po")}
        return sorted(tag for tag in found if tag != "en" and _is_locale(tag))

    def _environment(self, language: str) -> jinja2.Environment:
        book = self._books[language] = PhraseBook(self._folders, language)
        words = translations(self._folders, language)
        environment = _Environment(
            loader=jinja2.FileSystemLoader([str(folder) for folder in self._folders]),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            extensions=["jinja2.ext.i18n"],
            bytecode_cache=_compiled(words),
        )
        environment.words = words.gettext
        environment.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
        locale = Locale.parse(language, sep="-")
        environment.filters["when"] = lambda instant, now=None: _when(instant, now, locale)
        environment.filters["instant"] = lambda instant: _instant(instant, locale)
        environment.filters["told"] = lambda said: _told(said, book)
        environment.filters["language_name"] = _language_name
        environment.filters["day"] = lambda day: _day(day, locale)
        return environment


class _Compiled(jinja2.BytecodeCache):
    """Templates compiled with the words of one catalogue, as long as the process lives: the public pages and the desk
    share some, and a house that is opened again needs them all."""

    def __init__(self) -> None:
        self._codes: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        source, code = self._codes.get(bucket.key, ("", None))
        if source == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key] = bucket.checksum, bucket.code


@cache
def _compiled(_words: NullTranslations) -> _Compiled:
    return _Compiled()


class _Environment(SandboxedEnvironment):
    """An environment of one language: texts without values are translated when a template is compiled.

    A list of fifty rows asks for some five hundred texts; to look each up when the page is rendered takes longer than
    all the rest of it.
    """

    words: Callable[[str], str]
    """Looks a text up in the language's catalogue."""

    def _generate(self, source: nodes.Template, *args: Any, **more: Any) -> str:
        return super()._generate(_Folded(self.words).visit(source), *args, **more)


class _Folded(NodeTransformer):
    """A template with each `_("text")` replaced by its translation, as newstyle gettext would give it."""

    def __init__(self, words: Callable[[str], str]) -> None:
        self._words = words

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802  Jinja's visitor asks for this name
        self.generic_visit(node)
        plain = isinstance(node.node, nodes.Name) and node.node.name == "_" and len(node.args) == 1
        if not plain or node.kwargs or node.dyn_args is not None or node.dyn_kwargs is not None:
            return node
        [text] = node.args
        if not isinstance(text, nodes.Const) or not isinstance(text.value, str):
            return node
        return nodes.Const(self._translated(text.value), lineno=node.lineno)

    def _translated(self, text: str) -> Markup:
        return Markup(self._words(text)) % {}  # noqa: S704  a text of ours, or of the operator's catalogue


def _is_locale(tag: str) -> bool:
    try:
        Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError):
        return False
    return True


def _told(said: object, book: PhraseBook) -> str:
    """An error, a problem of a file, or a sentence that was kept in English, in the reader's language and without
    commands to type."""
    if isinstance(said, Problem):
        where = said.file if said.line is None else f"{said.file}:{said.line}"
        return f"{where}: {book.told(said.message)}"
    return book.error(said) if isinstance(said, AggregatorError) else book.told(str(said))


def _when(instant: datetime | None, now: datetime | None, locale: Locale) -> Markup:
    """An instant: how long ago where it is near, else the day; exact on hover. A script puts it into the reader's
    time zone."""
    if instant is None:
        return Markup("–")
    instant = instant.astimezone(UTC)
    away = None if now is None else (instant - now).total_seconds()
    near = away is not None and abs(away) < NEAR
    shown = _span(_rounded(away), str(locale)) if near and away is not None else _far(instant, str(locale))
    return Markup('<time datetime="{}" title="{}" data-time="{}">{}</time>').format(
        instant.isoformat(timespec="seconds"),
        instant.strftime("%Y-%m-%d %H:%M:%S UTC"),
        "near" if near else "far",
        shown,
    )


def _instant(instant: datetime, locale: Locale) -> Markup:
    """An instant in UTC, written out: for pages without script."""
    instant = instant.astimezone(UTC)
    return Markup('<time datetime="{}" title="{}">{} UTC</time>').format(
        instant.isoformat(timespec="seconds"),
        format_datetime(instant, "yyyy-MM-dd HH:mm:ss 'UTC'", locale="en"),
        format_datetime(instant, "d MMMM y, HH:mm", locale="en")
        if locale.language == "en"
        else format_datetime(instant, "long", locale=locale).partition(" UTC")[0],
    )


def _rounded(seconds: float) -> int:
    """Seconds as exact as they are told: spans that read the same are formatted once."""
    size = abs(seconds)
    step = 1 if size < 60 else 15 if size < 3_600 else 600
    return round(seconds / step) * step


# Babel takes a tenth of a millisecond for each, and a page has a hundred.
@lru_cache(maxsize=4_096)
def _span(seconds: int, locale: str) -> str:
    # What happened at this moment has happened: to Babel nothing is ahead, `in 0 seconds`.
    return format_timedelta(timedelta(seconds=seconds or -1), add_direction=True, locale=locale)


@lru_cache(maxsize=4_096)
def _far(instant: datetime, locale: str) -> str:
    return format_datetime(instant, "medium", locale=locale)


def _language_name(tag: str) -> str:
    """A language by its own name."""
    locale = Locale.parse(tag, sep="-")
    return locale.get_display_name(locale) or tag


def _day(day: date | None, locale: Locale) -> Markup:
    if day is None:
        return Markup("–")
    return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), escape(format_date(day, locale=locale)))


@dataclass(frozen=True, slots=True)
class Asset:
    body: bytes
    content_type: str


class Static:
    """Style, script and pictures of the pages: addressed by their digest, so browsers may keep them for good."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._assets: dict[str, Asset] = {}
        self._addresses: dict[str, str] = {}
        for folder in reversed(folders):  # the operator's own come last, and win
            for path in sorted((folder / "admin" / "static").glob("*.*")):
                body = path.read_bytes()
                kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
                name = f"{blake2b(body, digest_size=6).hexdigest()}-{path.name}"
                self._assets[name] = Asset(body, kind)
                self._addresses[path.name] = f"/admin/static/{name}"

    def address(self, name: str) -> str:
        """Where an asset is served. Raises KeyError if there is none of that name."""
        return self._addresses[name]

    def get(self, name: str) -> Asset | None:
        return self._assets.get(name)
