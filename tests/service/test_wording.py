"""An operator's own templates that would hide what a policy asks for are told at `check`, not by an empty feed."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.config import load
from aggregator.service.wording import check_wording
from aggregator.service.world import World
from aggregator.wiring import templates_folder

OURS = templates_folder()
SAYS_ALL = (OURS / "credit/default/end.html").read_text(encoding="utf-8")
STYLE = (OURS / "river/style.css").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("credit/default/end.html", "<p>Enjoy!</p>", "duty 'credit-source': 'Delta Research Centre' is not named"),
        ("credit/default/end.txt", "Enjoy!", "in its summary"),
        ("credit/default/end.html", f"{SAYS_ALL}<script>x()</script>", "element 'script'"),
        ("credit/default/end.html", f"<details>{SAYS_ALL}</details>", "'details' would hide"),
        ("river/style.css", f"{STYLE} .e-content hr ~ * {{ display: none }}", "hides the credit by"),
        ("words/en.txt", "republished-link: Somebody wrote {article}", "is not"),
        ("credit/default/end.html", f"{SAYS_ALL}<p>Thank you!</p>", None),
        ("credit/house/end.html", "<p>Enjoy!</p>", None),
        ("letters/x.txt", "Hello", None),
    ],
)
def test_templates_are_proved_against_each_policy(
    file: str, text: str, words: str | None, sample: Path, tmp_path: Path
):
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(text, encoding="utf-8")
    problems = check_wording(World.of(load(sample / "config")), (tmp_path, OURS))
    if words is None:
        assert problems == ()
    else:
        assert problems
        assert words in problems[0].message
        assert str(problems[0]).startswith("config/outputs.yaml:")
