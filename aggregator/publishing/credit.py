"""Credit texts from the operator's templates: facts go in as values, HTML and plain text come out.

A set is a folder under `credit/` with a template per slot and format (`end.html`, `end.txt` …). What a set does not
have is taken from the set `default`; an operator's folder overrides the one that comes with the program.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from aggregator.errors import TemplateError
from aggregator.model.decision import Hop
from aggregator.model.entry import Component
from aggregator.model.use import Form
from aggregator.publishing.item import Credit, Licence
from aggregator.publishing.text import legal

if TYPE_CHECKING:
    from collections.abc import Sequence

SLOTS = ("head", "top", "byline", "end")
"""Where credit may stand, in this order; the text comes before `end`."""
CREDIT_MAX = 64_000
"""Characters that one slot may come to: above the longest terms that a publisher asks to have printed."""
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Words that a publisher prescribes, letter for letter."""

    slot: str
    text: str


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
    lines: tuple[Line, ...]
    end_notes: tuple[str, ...]
    changes: tuple[str, ...]
    logos: tuple[Logo, ...]
    trackers: tuple[str, ...]
    site_name: str
    site_url: str
    components: tuple[Component, ...] = ()
    """Images, recordings and embeds that stay in the copy."""
    pictures: tuple[str, ...] = ()
    """Whom a duty asks to be credited for them."""


class Templates:
    """The templates of an installation: the first folder that has one wins."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Reads nothing yet but a digest of all files.

        Args:
            folders: the operator's own first, then the one that comes with the program.
        """
        self._environment = SandboxedEnvironment(
            loader=jinja2.FileSystemLoader([str(folder) for folder in folders]),
            autoescape=lambda name: name is not None and name.endswith(".html"),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._chosen = cache(self._choose)
        self.version = _digest(folders)
        """Changes with any template."""

    def render(self, names: Sequence[str], **values: Any) -> str:
        """The first of the templates that exists, rendered; values are escaped in `.html`, plain in others.

        Raises:
            TemplateError: none exists, or the one that does cannot be read or rendered.
        """
        template = self._chosen(tuple(names))
        try:
            return template.render(**values)
        except Exception as error:  # whatever an operator's template runs into is theirs to hear, with file and line
            raise TemplateError(_where(error, template.name or names[0])) from error

    def has(self, name: str) -> bool:
        """Whether any folder has it."""
        try:
            self._chosen((name,))
        except TemplateError as error:
            if isinstance(error.__cause__, jinja2.TemplateNotFound):
                return False
            raise
        return True

    def _choose(self, names: tuple[str, ...]) -> jinja2.Template:
        try:
            return self._environment.select_template(names)
        except jinja2.TemplateSyntaxError as error:
            raise TemplateError(f"templates/{error.name}:{error.lineno}: {error.message}") from error
        except jinja2.TemplateNotFound as error:
            raise TemplateError(f"templates/{names[0]}: not found; restore it or name another set") from error
        except (OSError, UnicodeError) as error:
            raise TemplateError(f"templates/{names[0]}: cannot be read: {error}") from error


def _digest(folders: Sequence[Path]) -> str:
    digest = blake2b(digest_size=8)
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(f"{path.relative_to(folder)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _where(error: BaseException, name: str) -> str:
    """File and line of the template in which rendering stopped, and why, in one line."""
    line = 0
    trace = error.__traceback__
    while trace is not None:
        if "/credit/" in trace.tb_frame.f_code.co_filename or "/river/" in trace.tb_frame.f_code.co_filename:
            line = trace.tb_lineno
        trace = trace.tb_next
    place = f"templates/{name}:{line}" if line else f"templates/{name}"
    return f"{place}: {' '.join(str(error).split()) or 'cannot be rendered'}"


class Credits:
    """Words the credit of entries."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Reads the folders' templates.

        Args:
            folders: template folders with a `credit/` in each, the operator's own first.
        """
        self.templates = Templates(folders)

    @property
    def version(self) -> str:
        """Changes with any template."""
        return self.templates.version

    def check(self, set_name: str) -> None:
        """Raises TemplateError if the set does not exist or one of its templates cannot be read."""
        if not any(
            self.templates.has(f"credit/{set_name}/{slot}.{kind}") for slot in SLOTS for kind in ("html", "txt")
        ):
            raise TemplateError(f"templates/credit/{set_name}: no templates there; make the folder or name another set")

    def render(self, set_name: str, context: CreditContext) -> Credit:
        """The credit of one entry in all slots.

        Raises:
            TemplateError: a template cannot be read or rendered, or says too much.
        """
        values = {name: getattr(context, name) for name in CreditContext.__slots__}
        html = {slot: self._slot(set_name, slot, "html", values) for slot in SLOTS}
        text = "\n\n".join(filter(None, (self._slot(set_name, slot, "txt", values) for slot in SLOTS)))
        return Credit(**html, text=_BLANK_LINES.sub("\n\n", text))

    def _slot(self, set_name: str, slot: str, kind: str, values: dict[str, Any]) -> str:
        names = [f"credit/{folder}/{slot}.{kind}" for folder in dict.fromkeys((set_name, "default"))]
        text = legal(self.templates.render(names, **values)).strip()
        if len(text) > CREDIT_MAX:
            raise TemplateError(f"templates/{names[0]}: gives {len(text)} characters; shorten it to {CREDIT_MAX}")
        return text
