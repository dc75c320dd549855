"""The pages in other languages: whole catalogues, words from templates only, the reader's choice, both directions."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright

from aggregator.config import load
from aggregator.errors import Problem, UsageError, Word
from aggregator.publishing.phrasebook import DOMAIN, PhraseBook
from aggregator.rights import Policies, decide
from aggregator.rights.explain import explain
from aggregator.rights.portray import portray
from aggregator.web.admin.messages import ERRORS, messages, read, save, update
from aggregator.web.admin.render import Pages
from tests.rights.test_cases import CASES
from tests.web.admin.conftest import PASSWORD, Office, open_office
from tests.web.test_browser import ARGUMENTS, chromium

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES = ROOT / "templates"
CATALOGUES = sorted(TEMPLATES.glob(f"locale/*/LC_MESSAGES/{DOMAIN}.po"))
PLACE = re.compile(r"%\((\w+)\)[sd]")


def forms(message: Any) -> list[str]:
    return list(message) if isinstance(message, tuple | list) else [message]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parents[1].name)
def test_nothing_that_the_pages_say_is_missing_in_a_language(path: Path) -> None:
    """`make messages` brings in what is new; a person translates it."""
    language = path.parents[1].name
    found, told = read(path, language), messages()
    said = {(tuple(forms(one.id)), one.context) for one in told if one.id}
    kept = {(tuple(forms(one.id)), one.context) for one in found if one.id}
    assert said - kept == set()
    assert kept - said == set()
    missing = [one.id for one in found if one.id and not all(forms(one.string))]
    assert missing == []
    assert [one.id for one in found if one.id and one.fuzzy] == []
    assert not found.obsolete


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parents[1].name)
def test_translations_have_the_same_places_for_values(path: Path) -> None:
    """One that asks for another value would break its page."""
    for one in read(path, path.parents[1].name):
        if one.id:
            places = {name for form in forms(one.id) for name in PLACE.findall(form)}
            for form in forms(one.string):
                assert set(PLACE.findall(form)) <= places, one.id
                assert "%" not in PLACE.sub("", form).replace("%%", ""), one.id
            assert {name for form in forms(one.string) for name in PLACE.findall(form)} == places, one.id


BARE = {
    "en",
    "json",
    "yaml",
    "rss",
    "atom",
    "html",
    "txt",
    "eml",
    "sha",
    "id",
    "utc",
    "mb",
    "de",
    "at",
    "feeds",
    "odrl",
    "rsl",
}
BARE |= {"website", "required", "maxlength", "aria", "invalid", "true", "describedby"}
"""Names that are the same everywhere, a trap for machines, and attributes that macros put together."""


@pytest.mark.parametrize(
    "path", [*sorted(TEMPLATES.glob("admin/**/*.html")), TEMPLATES / "river" / "index.html"], ids=lambda path: path.name
)
def test_every_word_of_a_template_can_be_translated(path: Path) -> None:
    """What stands in a template outside of `_()` would stay English on every page."""
    text = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", path.read_text(), flags=re.DOTALL)
    text = re.sub(r"<(code|kbd|pre|style)\b.*?</\1>", " ", text, flags=re.DOTALL)
    shown = re.findall(r'(?:aria-label|placeholder|title|alt|data-confirm)="([^"]*)"', text)
    shown += re.sub(r"<!DOCTYPE html>|<[^<>]*>", "\n", text).splitlines()
    words = [word for line in shown for word in re.findall(r"[^\W\d_]{2,}", line.replace("&nbsp;", " "))]
    assert [word for word in words if word.lower() not in BARE] == []


QUOTED = re.compile(r'"[^"]*"|“[^”]*”|„[^“]*“|\([^()]*\)|found (?:by|in).*|(?:wanted|verlangt) .*')
ENGLISH = re.compile(r"\b(the|is|are|not|must|may|asks|says|allows|of|its|which|that|would|does|and|cannot)\b")
"""Words of which every sentence of ours has one, and no German one."""


def test_every_sentence_of_a_decision_is_told_in_the_readers_language() -> None:
    """Of every case of the rights engine: what flags and decisions say, and each line of an explanation. Names,
    quotations and what a condition looked at stay as they are."""
    book, english, left = PhraseBook((TEMPLATES,), "de"), PhraseBook((TEMPLATES,), "en"), []
    for case in CASES:
        decision = decide(case.question, Policies(case.policies, case.unknown), case.grants)
        for said in {decision.sentence, *(hold.sentence for hold in decision.holds), *explain(decision)}:
            if ENGLISH.search(QUOTED.sub("", book.told(said)).replace("the wire", "")):
                left.append(f"{said} → {book.told(said)}")
            assert "aggregator " not in english.told(said), "a page must not tell people to type a command"
    assert left == []


PORTRAITS = [*load(ROOT / "config").policies, *(case.policies[0] for case in CASES if case.policies)]


def test_a_policy_in_plain_words_is_told_in_the_readers_language() -> None:
    """Of the samples and of the policies of every case of the rights engine; names, quotations and addresses stay."""
    book, english, left = PhraseBook((TEMPLATES,), "de"), PhraseBook((TEMPLATES,), "en"), []
    for policy in PORTRAITS:
        for line in portray(policy)[1:]:
            told = book.told(line)
            assert english.told(line) == line
            if line.startswith("They say: "):
                assert told == f"Sie sagen: {line.removeprefix('They say: ')}"
            elif told == line and line.strip():
                left.append(line)
    assert left == []
    assert book.told("2. Community sites or anyone may show an excerpt or the headline in print.") == (
        "2. Zeigen dürfen Websites von Gemeinschaften oder jedermann, gedruckt: ein Auszug oder die Überschrift."
    )


BAD = sorted((ROOT / "tests/config/bad").glob("*.yaml"))
WRITTEN = re.compile(r"'[^']*'|„[^“]*“|\{.*\}|\[[^\]]*\]|[\w-]+-[\w-]+")
"""Keys, values and samples as a file has them: they are the same in every language."""
FOR_FILES = re.compile(r"\b(the|is|not|must|which|that|cannot|write|give|keep|delete|put|needs|or|and)\b")


def test_what_is_wrong_in_a_file_is_told_in_the_readers_language() -> None:
    """Every message that a bad file is told with, and where: the page has what the command line has."""
    book, left, seen = PhraseBook((TEMPLATES,), "de"), [], 0
    for path in BAD:
        for line in path.read_text("utf-8").splitlines():
            if line.startswith("#! "):
                said = line.removeprefix("#! ").partition(": ")[2]
                seen += 1
                told = book.told(said)
                if told == said or FOR_FILES.search(WRITTEN.sub("", told)):
                    left.append(f"{said} → {told}")
    assert seen > 100
    assert left == []
    wrong = Problem(file="config/outputs.yaml", line=6, message="form 'exerpt' is not known; use headline or full")
    assert Pages([TEMPLATES]).told(wrong, "de") == (
        "config/outputs.yaml:6: form „exerpt“ ist nicht bekannt; erlaubt sind headline oder full"
    )


def test_why_a_source_is_not_read_is_told_in_the_readers_language() -> None:
    """Every sentence by which a fetch or a reading fails, with a number in each place."""
    book, left, seen = PhraseBook((TEMPLATES,), "de"), [], 0
    for path in sorted([*(ROOT / "aggregator/polling").glob("*.py"), *(ROOT / "aggregator/intake").glob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FAILURES:
                for said in map(sentence_of, [*node.args, *(word.value for word in node.keywords)]):
                    seen += bool(said)
                    if said and book.told(said) == said:
                        left.append(f"{path.name}:{node.lineno}: {said}")
    assert seen > 50
    assert left == []
    assert book.told("answered 404 after a redirect to b.example") == (
        "hat mit 404 geantwortet, nach einer Weiterleitung zu b.example"
    )
    assert book.told("every article of ours") == "every article of ours"


FAILURES = {"Failure", "RefusedError"}
ADDED = {"where": "", "what": "no answer"}
"""Values that are words of ours."""


def sentence_of(node: ast.expr) -> str:
    """A text with a number for each value in it; empty where it is none. Words of ours stand for themselves."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return ""
    parts = [
        part.value
        if isinstance(part, ast.Constant)
        else ADDED[part.value.id]
        if isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Name) and part.value.id in ADDED
        else "7"
        for part in node.values
    ]
    return "".join(map(str, parts))


def test_what_allows_is_named_in_the_readers_language() -> None:
    told = PhraseBook((TEMPLATES,), "de").told
    assert told("the full text is allowed by The Wire (config/a.yaml:19), Delta (written permission g-1: Yes)") == (
        "der Volltext ist erlaubt durch The Wire (config/a.yaml:19), Delta (schriftliche Erlaubnis g-1: Yes)"
    )
    assert told("the full text is allowed by Commons (licence CC-BY-4.0, config/a.yaml:3)") == (
        "der Volltext ist erlaubt durch Commons (Lizenz CC-BY-4.0, config/a.yaml:3)"
    )
    assert told("Came through: North Wire (says the feed) > Delta") == "Weg: North Wire (sagt der Feed) > Delta"


def test_a_sentence_that_is_not_ours_stays_as_it_is() -> None:
    book = PhraseBook((TEMPLATES,), "de")
    for said in (
        "",
        "Please, take it down; and the other one",
        "100 % sure",
        "%(who)s",
        "x" * 3_000,
        "a (b) c (d",
        "a\nb",
    ):
        assert book.told(said) == said
    assert book.told("City Weekly asks to take this down: no rule of law (1)") == (
        "City Weekly bittet, dies zu löschen: no rule of law (1)"
    )


WORDED = ("service", "web/admin", "web/outside.py", "store/accounts.py", "store/cases.py", "store/mailing.py")


def test_errors_keep_text_values_and_commands_apart() -> None:
    """So that a page words them in its reader's language, and tells nobody to type a command."""
    program, odd = ROOT / "aggregator", []
    for place in WORDED:
        for path in [program / place] if place.endswith(".py") else sorted((program / place).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS:
                    text = node.args[0] if node.args else None
                    if isinstance(text, ast.JoinedStr) or (
                        isinstance(text, ast.Constant) and COMMAND.search(text.value)
                    ):
                        odd.append(f"{path.name}:{node.lineno}")
    assert odd == []


COMMAND = re.compile(r"aggregator \w+|--\w")


def test_an_error_is_worded_where_it_is_shown() -> None:
    error = UsageError(
        "the %(what)s '%(name)s' is 100 %% odd", command="type '%(name)s'", what=Word("letter"), name="%s"
    )
    assert str(error) == "the letter '%s' is 100 % odd; type '%s'"
    assert error.worded() == "the letter '%s' is 100 % odd"
    assert error.worded(lambda text: text.replace("letter", "Brief")) == "the Brief '%s' is 100 % odd"
    assert str(UsageError("100 % of it")) == UsageError("100 % of it").worded() == "100 % of it"
    book = PhraseBook((TEMPLATES,), "de")
    missing = UsageError("there is no flag '%(flag)s'", command="'aggregator flags list' shows them", flag="f%d")
    assert book.error(missing) == "Es gibt keine Frage „f%d“."


async def test_a_reader_gets_the_language_of_the_account_else_of_the_browser(office: Office) -> None:
    async with office.visitor("admin") as visitor:
        for accepted, language in (("de-AT, en;q=0.5", "de"), ("fr, xx", "en"), ("", "en"), ("*;;,;q", "en")):
            _, page = await visitor.get("/admin/account", **{"Accept-Language": accepted})
            assert f'<html lang="{language}" dir="ltr">' in page, accepted
        await visitor.post("/admin/account/settings", {"language": "de", "email": ""})
        _, page = await visitor.get("/admin/flags", **{"Accept-Language": "en"})
        assert '<html lang="de" dir="ltr">' in page
        assert "Abmelden" in page
        assert (await visitor.post("/admin/account/settings", {"language": "xx"}))[0] == 422
    async with office.visitor("viewer") as visitor:
        _, page = await visitor.get("/admin/users", **{"Accept-Language": "de"})
        assert "Das verlangt die Rolle Verwalter; Ihre ist Leser." in page


async def test_the_frame_turns_around_where_text_runs_from_right_to_left(sample: Path, tmp_path: Path) -> None:
    """In a made-up Hebrew: the pages at the other side, nothing cut off or out of the window, desktop and phone.
    German, whose words are long, fits, too."""
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    settings = tmp_path / "config" / "aggregator.yaml"
    settings.write_text(f"{settings.read_text()}\ntemplates: own\n")
    catalogue = tmp_path / "own" / "locale" / "he" / "LC_MESSAGES" / f"{DOMAIN}.po"
    catalogue.parent.mkdir(parents=True)
    hebrew = update(catalogue, "he", messages())
    for one in hebrew:
        if one.id:
            one.string = (
                tuple(f"א {one.id[-1]} ת" for _ in range(hebrew.num_plurals)) if one.pluralizable else f"א {one.id} ת"
            )
    save(catalogue, hebrew)
    async with open_office(tmp_path) as office, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS.split())
        for language in ("he", "de"):
            await office.desk.accounts.change("admin", by="test", language=language)
            for width in (1280, 360):
                context = await browser.new_context(viewport={"width": width, "height": 800})
                page = await context.new_page()
                await page.goto(f"{office.base}/admin/login")
                await page.fill("#name", "admin")
                await page.fill("#password", PASSWORD)
                await page.click("form button")
                for path in ("/admin/", "/admin/flags", "/admin/account", "/admin/users"):
                    await page.goto(f"{office.base}{path}")
                    place = await page.evaluate(LAYOUT)
                    assert place["dir"] == ("rtl" if language == "he" else "ltr")
                    assert place["over"] <= 1, (language, width, path, place)
                    if width == 1280:
                        side, main = place["side"], place["main"]
                        assert (side > main) == (language == "he"), (path, place)
                await context.close()
        await browser.close()


LAYOUT = """() => {
  const at = (selector) => document.querySelector(selector)?.getBoundingClientRect().left ?? 0;
  const root = document.documentElement;
  return {dir: getComputedStyle(root).direction, side: at("nav.side"), main: at("main"),
          over: Math.max(root.scrollWidth, document.body.scrollWidth) - root.clientWidth};
}"""
