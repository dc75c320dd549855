"""The exceptions that a caller cannot foresee. What is ordinary (a failed fetch, an unreadable feed) is a value.

AggregatorError          one line for a person: where, what, how to put it right
├── ConfigError          one or more Problems in config/; exit code 2
├── EditError            configuration files could not be changed; nothing was written
├── UsageError           a command was asked for something that does not exist; exit code 2
├── StoreError           the database cannot be used
│   └── SchemaError      its schema is missing, older or newer than this program
├── TemplateError        a template cannot be read or rendered
├── MailError            a letter was not taken by the mail server, or has no usable address
├── RenderError          a document would break a promise (malformed, or a duty not found in its bytes)
└── ServeError           the web server cannot start
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


class Word(str):
    """A value of an error that is a word of ours, to be translated where the error is: `comment`, `source`."""

    __slots__ = ()


class AggregatorError(Exception):
    """Base of all. `str()` is one line for a person at the command line, in English.

    The parts stay as they were given, so that each surface words them for its readers: a page in their language and
    without commands to type, an answer of the API without them.
    """

    def __init__(self, text: str = "", /, *, command: str = "", **values: object) -> None:
        """
        Args:
            text: what is wrong and how to put it right, where ever it is shown; `%(name)s` where a value stands. It is
                what translations are found by.
            command: what to type, or which option to give, for people at the command line only; may hold values too.
            values: by their names in the text.
        """
        self.text = text
        self.values = values
        said = f"{text}; {command}" if command else text
        super().__init__(said % values if values else said)

    def worded(self, translated: Callable[[str], str] = str) -> str:
        """What is wrong and how to put it right, without what only helps at a command line.

        Args:
            translated: gives a text or a word in the reader's language.
        """
        text = translated(self.text) if self.text else str(self)
        if not self.values:
            return text
        return text % {
            name: translated(value) if isinstance(value, Word) else value for name, value in self.values.items()
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong in a file that the operator edits."""

    file: str
    """Path as the operator would type it, such as `config/sources.yaml`."""
    line: int | None
    """1-based; None if the problem is the file itself."""
    message: str
    """What is wrong and how to put it right; values in quotes, no line breaks."""

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.message}"


class ConfigError(AggregatorError):
    """The configuration cannot be used. `problems` names every reason, in file and line order."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


class EditError(AggregatorError):
    """Configuration files could not be changed. Nothing was written; the message says why and what to do."""


class UsageError(AggregatorError):
    """A command names something that is not there. The message says what is."""


class StoreError(AggregatorError):
    """The database cannot be reached or used. The message names it without its password."""


class SchemaError(StoreError):
    """The database's schema is not the one this program knows. The message says which command mends it."""


class TemplateError(AggregatorError):
    """A template cannot be found, read or rendered. The message names its file and line."""


class MailError(AggregatorError):
    """A letter could not be sent. It is kept; the message says why and what to do."""

    passing = False
    """Whether it may be taken if it is handed over again."""


class MailBusyError(MailError):
    """The mail server could not be reached, or asked to come again later."""

    passing = True


class RenderError(AggregatorError):
    """A document was not written because it would break a promise. The message names entry, format and duty."""


class ServeError(AggregatorError):
    """The web server cannot start, for example because its port is taken."""
