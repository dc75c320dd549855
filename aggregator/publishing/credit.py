"""Credit texts from the operator's templates: facts go in as values, HTML and plain text come out.

A set is a folder under `credit/` with a template per slot and format (`end.html`, `end.txt` …). What a set does not
have is taken from the set `default`; an operator's folder overrides the one that comes with the program.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from aggregator.errors import TemplateError
from aggregator.model.decision import Hop
from aggregator.model.entry import Component
from aggregator.model.use import Form
from aggregator.publishing.item import Credit, Licence
from aggregator.publishing.text import legal
from aggregator.publishing.words import ENGLISH, FILTERS, Dictionary

if TYPE_CHECKING:
    from collections.abc import Sequence

SLOTS = ("head", "top", "byline", "end")
"""Where credit may stand, in this order; the text comes before `end`."""
_SLOT_FILES = frozenset(f"{slot}.{kind}" for slot in SLOTS for kind in ("html", "txt"))
CREDIT_MAX = 64_000
"""Characters that one slot may come to: above the longest terms that a publisher asks to have printed."""
_BLANK_LINES = re.compile(r"\n{3,}")


class Linked(str):
    """A prescribed text, some words of which are a link: in HTML it prints itself with that link on those words."""

    __slots__ = ("url", "words")
    words: str
    """The words that are linked, as they stand in the text; empty: none."""
    url: str | None

    def __new__(cls, text: str, words: str = "", url: str | None = None) -> Linked:
        """The words must stand in the text; their first place is linked."""
        made = super().__new__(cls, text)
        made.words, made.url = (words, url) if words and url and words in text else ("", None)
        return made

    def __html__(self) -> str:
        if not self.url:
            return str(escape(str(self)))
        before, _, after = self.partition(self.words)
        return str(Markup('{}<a href="{}">{}</a>{}').format(str(before), self.url, self.words, str(after)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Words that a publisher prescribes, letter for letter."""

    slot: str
    text: Linked


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    url: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditContext:
    """All that a credit template may speak of."""

    title: str
    url: str | None
    """The original article, at the publisher that it was taken from."""
    home: str | None
    """Home page of that publisher, where a duty asks for a link to it."""
    form: Form
    authors: tuple[str, ...]
    hops: tuple[Hop, ...]
    """First the originator, last the publisher that it was taken from."""
    notices: tuple[str, ...]
    licences: tuple[Licence, ...]
    """Those that the publisher states, a choice where they are several; then those that duties name."""
    lines: tuple[Line, ...]
    end_notes: tuple[Linked, ...]
    changes: tuple[str, ...]
    logos: tuple[Logo, ...]
    trackers: tuple[str, ...]
    site_name: str
    site_url: str
    licences_hold_together: bool = False
    """Whether more than one party names a licence: then all of them hold, and none is a choice."""
    components: tuple[Component, ...] = ()
    """Images, recordings and embeds that stay in the copy."""
    links: tuple[str, ...] = ()
    """Addresses of earlier publishers, where a duty asks for a link to them: plain text has to name them."""
    pictures: tuple[str, ...] = ()
    """Who is to be credited for them: what their own text does not say already."""
    published_at: datetime | None = None
    language: str = ENGLISH
    """In which language the credit is worded. Templates also see its `words`, its `direction` (`ltr`, `rtl`) and the
    `date` of publication as it writes it."""


class _Sandbox(SandboxedEnvironment):
    """Templates that can neither reach beyond their values nor blow them up."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Bounds what one multiplication may make."""
        if operator == "**":
            raise SecurityError("powers are not for templates; write the number")
        for many, one in ((left, right), (right, left)):
            if isinstance(many, int) and hasattr(one, "__len__") and many * len(one) > CREDIT_MAX:
                raise SecurityError(f"makes {many * len(one)} characters of one value; shorten it to {CREDIT_MAX}")
        return super().call_binop(context, operator, left, right)


class Templates:
    """The templates of an installation: the first folder that has one wins."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Reads nothing yet but a digest of all files.

        Args:
            folders: the operator's own first, then the one that comes with the program.
        """
        self._environment = _Sandbox(
            loader=jinja2.FileSystemLoader([str(folder) for folder in folders]),
            autoescape=lambda name: name is not None and name.endswith(".html"),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters |= FILTERS
        self._chosen = cache(self._choose)
        self.folders = tuple(folders)
        self.version = _digest(folders)
        """Changes with any template."""

    def render(self, names: Sequence[str], **values: Any) -> str:
        """The first of the templates that exists, rendered; values are escaped in `.html`, plain in others.

        Raises:
            TemplateError: none exists, or the one that does cannot be read or rendered.
        """
        template = self._chosen(tuple(names))
        # What `template.render` does, without its search through layers of globals, of which ours have one: that takes
        # as long as all else in a short template, and an entry takes nine.
        context = template.new_context({**self._environment.globals, **values}, shared=True)
        try:
            return "".join(template.root_render_func(context))
        except Exception:  # rendered once more, to hear from Jinja in which line it stopped
            return self._render_slowly(template, names, values)

    def _render_slowly(self, template: jinja2.Template, names: Sequence[str], values: dict[str, Any]) -> str:
        try:
            return template.render(**values)
        except Exception as error:  # whatever an operator's template runs into is theirs to hear, with file and line
            raise TemplateError(told_with_place(error, self.place(template.name or names[0]))) from error

    def has(self, name: str) -> bool:
        """Whether any folder has it."""
        try:
            self._chosen((name,))
        except TemplateError as error:
            if isinstance(error.__cause__, jinja2.TemplateNotFound):
                return False
            raise
        return True

    def place(self, name: str | None) -> str:
        """Where a person finds it (`place_in`)."""
        return place_in(self.folders, name or "")

    def _choose(self, names: tuple[str, ...]) -> jinja2.Template:
        try:
            return self._environment.select_template(names)
        except jinja2.TemplateSyntaxError as error:
            raise TemplateError(f"{self.place(error.name)}:{error.lineno}: {error.message}") from error
        except jinja2.TemplateNotFound as error:
            raise TemplateError(f"{self.place(names[0])}: not found; restore it or name another set") from error
        except (OSError, UnicodeError) as error:
            raise TemplateError(f"{self.place(names[0])}: cannot be read: {error}") from error


def _digest(folders: Sequence[Path]) -> str:
    digest = blake2b(digest_size=8)
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(f"{path.relative_to(folder)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def place_in(folders: Sequence[Path], name: str) -> str:
    """Where a person finds a template: under the name of the folder that it is taken from, the operator's own first.

    Args:
        name: of the template, from its folder on, such as `credit/default/end.html`.
    """
    holder = next((folder for folder in folders if (folder / name).exists()), folders[0])
    return f"{holder.name}/{name}"


_TEMPLATE = re.compile(r"[^/]+/(?:credit|river|admin)/(?:[^/]+/)?[^/]+\.(?:html|txt|css)$")


def told_with_place(error: BaseException, place: str) -> str:
    """File and line of the template in which rendering stopped, and why, in one line.

    Args:
        place: what to name where the error does not tell (`place_in`).
    """
    line = 0
    trace = error.__traceback__
    while trace is not None:
        if found := _TEMPLATE.search(trace.tb_frame.f_code.co_filename):
            place, line = found[0], trace.tb_lineno
        trace = trace.tb_next
    return f"{f'{place}:{line}' if line else place}: {' '.join(str(error).split()) or 'cannot be rendered'}"


_SAMPLE = CreditContext(
    title="A title",
    url="https://publisher.example/article",
    home="https://publisher.example/",
    form=Form.FULL,
    authors=("An Author", "Another"),
    hops=(
        Hop(name="First", policy=None, url="https://first.example/", claimed=True),
        Hop(name="Second", policy=None),
        Hop(name="Publisher", policy="publisher"),
    ),
    notices=("© First",),
    licences=(Licence(name="CC BY 4.0", url="https://creativecommons.org/licenses/by/4.0/"),),
    lines=tuple(
        Line(slot=slot, text=Linked("By leave of First.", "First", "https://first.example/")) for slot in SLOTS
    ),
    end_notes=(Linked("A note."),),
    changes=("Shortened.",),
    logos=(Logo(url="https://publisher.example/logo.png", alt="Publisher"),),
    trackers=("https://publisher.example/count.gif",),
    site_name="A site",
    site_url="https://site.example/",
    links=("https://first.example/",),
    pictures=("A photographer",),
    published_at=datetime(2026, 1, 2, tzinfo=UTC),
)


class Credits:
    """Words the credit of entries."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Reads the folders' templates.

        Args:
            folders: template folders with a `credit/` in each, the operator's own first.
        """
        self.templates = Templates(folders)
        self.dictionary = Dictionary(folders)

    @property
    def version(self) -> str:
        """Changes with any template."""
        return self.templates.version

    def check(self, set_name: str, language: str = ENGLISH) -> None:
        """Words a made-up entry, so that a mistake in a set is told before it meets a real one.

        Raises:
            TemplateError: the set does not exist, or one of its templates cannot be read or rendered.
        """
        if not any(
            self.templates.has(f"credit/{set_name}/{slot}.{kind}") for slot in SLOTS for kind in ("html", "txt")
        ):
            place = self.templates.place(f"credit/{set_name}")
            raise TemplateError(f"{place}: no templates there; make the folder or name another set")
        for context in (_SAMPLE, replace(_SAMPLE, form=Form.HEADLINE, url=None, hops=_SAMPLE.hops[:1], authors=())):
            self.render(set_name, replace(context, language=language))

    def strays(self, set_name: str) -> tuple[str, ...]:
        """Places of files in a set that are no slot's and that none of its templates names: nothing is read from them.

        A file whose name begins with a dot or an underscore is meant to stand apart.
        """
        files = [
            path
            for folder in self.templates.folders
            for path in sorted((folder / "credit" / set_name).glob("[!._]*"))
            if path.is_file()
        ]
        slots = [path for path in files if path.name in _SLOT_FILES]
        said = "".join(path.read_text("utf-8", "replace") for path in slots)
        apart = [path for path in files if path.name not in _SLOT_FILES and path.name not in said]
        return tuple("/".join(path.parts[-4:]) for path in apart)

    def render(self, set_name: str, context: CreditContext) -> Credit:
        """The credit of one entry in all slots.

        Raises:
            TemplateError: a template cannot be read or rendered, or says too much.
        """
        words = self.dictionary.words(context.language)
        values = {name: getattr(context, name) for name in CreditContext.__slots__}
        values |= {
            "words": words.texts,
            "direction": words.direction,
            "date": words.date(context.published_at) if context.published_at else "",
        }
        html = {slot: self._slot(set_name, slot, "html", values) for slot in SLOTS}
        text = {slot: _BLANK_LINES.sub("\n\n", self._slot(set_name, slot, "txt", values)) for slot in SLOTS}
        return Credit(
            **html,
            text="\n\n".join(filter(None, text.values())),
            lead="\n\n".join(filter(None, (text[slot] for slot in SLOTS if slot != "end"))),
            tail=text["end"],
            language=words.language,
        )

    def _slot(self, set_name: str, slot: str, kind: str, values: dict[str, Any]) -> str:
        names = [f"credit/{folder}/{slot}.{kind}" for folder in dict.fromkeys((set_name, "default"))]
        text = legal(self.templates.render(names, **values)).strip()
        if len(text) > CREDIT_MAX:
            raise TemplateError(
                f"{self.templates.place(names[0])}: gives {len(text)} characters; shorten it to {CREDIT_MAX}"
            )
        return text
