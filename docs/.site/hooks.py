"""Pages that stand outside of `docs/` become pages of the site, and links lead where they lead in a checkout."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parent.parent.parent
OUTSIDE = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security-reports.md",
    "deploy/README.md": "deploy.md",
}
"""Path in a checkout → page of the site."""
PAGES = {page: path for path, page in OUTSIDE.items()}
LINK = re.compile(r"(?<=\]\()(?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]*)?(?=\))")

SKIPPED = re.compile(r"(?m) +# docs: skip.*$")
"""What says to the tests why they do not run a command."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages from outside."""
    for path, page in OUTSIDE.items():
        files.append(File.generated(config, page, content=(ROOT / path).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Links as the site has them: to its pages, or, for what is no page, to nothing but its name."""
    here = PAGES.get(page.file.src_uri, f"docs/{page.file.src_uri}")

    def led(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(here), found[1]))
        if target in OUTSIDE:
            return OUTSIDE[target] + (found[2] or "")
        if target.startswith("docs/"):
            return target.removeprefix("docs/") + (found[2] or "")
        return f"index.md#{target}"  # replaced below

    text = SKIPPED.sub("", LINK.sub(led, markdown))
    # What is only in a checkout (a test, a sample) is named, not linked.
    return re.sub(r"\[([^\]]*)\]\(index\.md#[\w./-]+/[\w./-]+\)", r"\1", text)
