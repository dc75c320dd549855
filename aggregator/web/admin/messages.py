"""The catalogues of the pages: what is said, brought into each language's file; `make messages`.

Takes: templates and Python files of a checkout. Gives: `templates/locale/LANGUAGE/LC_MESSAGES/admin.po` with every
message that there is, translations kept. What has no translation yet is English on the page.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from aggregator.model.account import Role
from aggregator.model.decision import FlagKind, Reason, Truth
from aggregator.model.desk import FlagState, LetterState
from aggregator.model.entry import ComponentKind, Level, NoticeKind
from aggregator.model.output import Access
from aggregator.model.policy import Effect
from aggregator.model.use import Ads, Audience, Form, Medium, Selection
from aggregator.publishing.phrasebook import DOMAIN
from aggregator.publishing.phrases import PHRASES
from aggregator.service.applications import GENERAL
from aggregator.service.openid import SENTENCES
from aggregator.web.admin.records import LABELS
from aggregator.web.admin.records import WORDS as RECORDED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parents[3]
METHODS = [
    ("aggregator/web/*.py", "python"),
    ("aggregator/web/admin/**.py", "python"),
    ("aggregator/service/**.py", "python"),
    *((f"aggregator/store/{name}.py", "python") for name in ("accounts", "cases", "mailing", "search")),
    ("aggregator/config/edit.py", "python"),
    ("aggregator/publishing/mail.py", "python"),
    ("aggregator/wiring/outside.py", "python"),
    ("templates/**.html", "jinja2"),
]
ERRORS = (
    "AggregatorError",
    "UsageError",
    "EditError",
    "MailError",
    "MailBusyError",
    "TooOftenError",
    "Word",
)
"""What is given a text to be worded for readers: `errors.AggregatorError`."""
OPTIONS = {"templates/**.html": {"silent": "false", "newstyle_gettext": "true", "trimmed": "true"}}
ENUMERATIONS = (
    Role,
    FlagKind,
    Reason,
    Truth,
    FlagState,
    LetterState,
    ComponentKind,
    Level,
    NoticeKind,
    Access,
    Effect,
    Ads,
    Audience,
    Form,
    Medium,
    Selection,
)
WORDS = (
    *("smtp", "eml", "hand"),
    *("other", "all", "closed", "waiting"),
    *("ok", "failing", "gone", "new", "disabled"),
    *("active", "expired", "revoked", "in force", "not yet"),
    *("here", "lapsed", "rejected", "approved", "carried"),
    *SENTENCES,
    *("changed", "unchanged", "not-modified", "failed", "deferred"),
    *("overdue", "unreadable", "fine", "unread", "not watched"),
    *("never", "daily", "weekly"),
    *("deleted upstream", "to be read again", "confirmed", "not confirmed", "admitted", "waiting"),
    *LABELS.values(),
    *RECORDED,
)
"""States and kinds that pages show and that are no enumeration."""
FORM_SENTENCES = (
    "Where can we answer? Please give a mail address.",
    "This is not a mail address; please write one such as desk@example.org.",
    "Please give the address of your site.",
    "This is not the address of a site; please write one such as https://example.org/.",
    "What is your site called?",
    "Please choose at least one feed.",
    "Please say what your site is.",
    "Please say where the copies appear.",
    "Please say whether there is advertising.",
    "Please say what you ask for.",
    "Who are you?",
    "Please say what it is about.",
    "Please accept the conditions, or leave it.",
    "The conditions changed just now. Please read them again.",
)
"""What the public forms say beside a field."""


def spoken() -> Iterator[str]:
    """The words that templates take from values: `_(flag.kind)`."""
    yield from dict.fromkeys(
        [*(word.value for kind in ENUMERATIONS for word in kind), *WORDS, *FORM_SENTENCES, *GENERAL, *PHRASES]
    )


def messages(root: Path = ROOT) -> Catalog:
    """Everything that the pages say, in English."""
    found = Catalog(domain=DOMAIN, project="aggregator", charset="utf-8", fuzzy=False)
    extracted: Iterable[tuple[str, int, Any, list[str], str | None]] = extract_from_dir(
        root,
        METHODS,
        OPTIONS,
        {**DEFAULT_KEYWORDS, **dict.fromkeys(ERRORS)},
        comment_tags=("translators:",),
        strip_comment_tags=True,
    )
    for file, _line, message, comments, context in sorted(extracted, key=lambda one: (one[0], one[1])):
        found.add(message, None, [(file, 1)], auto_comments=comments, context=context)
    for word in spoken():
        if found.get(word) is None:
            found.add(word, None, [("words of the program", 1)])
    return found


def read(path: Path, language: str) -> Catalog:
    """A language's file."""
    with path.open("rb") as file:
        return read_po(file, locale=language.replace("-", "_"), domain=DOMAIN)


def update(path: Path, language: str, told: Catalog) -> Catalog:
    """A language's catalogue with every message that there is; what is said no more goes."""
    known = read(path, language) if path.is_file() else Catalog(locale=language.replace("-", "_"), domain=DOMAIN)
    known.fuzzy = False
    known.project = "aggregator"
    known.update(told, no_fuzzy_matching=True)
    known.obsolete.clear()
    return known


def save(path: Path, catalogue: Catalog) -> None:
    """Writes a language's file: no dates and no line numbers, so that it only changes where the words do."""
    body = BytesIO()
    write_po(body, catalogue, width=0, include_lineno=False, omit_header=True)
    language = str(catalogue.locale).replace("_", "-")
    header = "".join(
        f'"{line}\\n"\n'
        for line in (
            f"Language: {language}",
            f"Plural-Forms: {catalogue.plural_forms}",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: 8bit",
        )
    )
    path.write_bytes(
        f'# Words of the pages. `make messages` brings in what is new.\nmsgid ""\nmsgstr ""\n{header}\n'.encode()
        + body.getvalue()
    )


def main(languages: list[str]) -> None:
    """Brings the files of these languages up to date; of all that there are, if none is named."""
    folder, told = ROOT / "templates" / "locale", messages()
    for language in languages or sorted(path.name for path in folder.iterdir() if path.is_dir()):
        path = folder / language / "LC_MESSAGES" / f"{DOMAIN}.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        catalogue = update(path, language, told)
        save(path, catalogue)
        missing = [message.id for message in catalogue if message.id and not _is_translated(message.string)]
        sys.stdout.write(f"{path.relative_to(ROOT)}: {len(catalogue)} messages, {len(missing)} not translated\n")


def _is_translated(string: Any) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)


if __name__ == "__main__":
    main(sys.argv[1:])
