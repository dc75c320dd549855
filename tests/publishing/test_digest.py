"""The digest is proved like every other format: what is lost in its bytes is found out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aggregator.model.output import Format
from aggregator.model.policy import Duty, DutyName
from aggregator.model.use import Form
from aggregator.publishing.item import EntryRefused
from aggregator.publishing.verify import verify_fragment
from tests.publishing.build_items import DIGEST, a_content, a_duty, a_limit, an_item

DUTIES: list[tuple[Duty, str]] = [
    (a_duty(DutyName.CREDIT_LINE, text="Printed by leave of Global Research.", slot="top"), "by leave of"),
    (a_duty(DutyName.END_NOTE, text="Opinions are the author's."), "Opinions are"),
    (a_duty(DutyName.COPYRIGHT_NOTICE), "Copyright ©"),
    (a_duty(DutyName.LICENCE_NOTICE, licence="CC-BY-4.0"), "https://creativecommons.org/licenses/by/4.0/"),
    (a_duty(DutyName.LINK_ORIGINAL), "https://globalresearch.example/aleppo"),
    (a_duty(DutyName.LINK_ORIGINAL, target="home"), "https://globalresearch.example/\n"),
    (a_duty(DutyName.KEEP_LINKS), "https://twitter.example/1"),
    (a_duty(DutyName.CANONICAL_OR_NOINDEX), "Canonical: "),
    (a_duty(DutyName.CREDIT_AUTHOR), "Lizzie Phelan"),
    (a_duty(DutyName.CREDIT_SOURCE), "Global Research"),
]


@pytest.mark.parametrize(("duty", "part"), DUTIES, ids=[f"{n}-{duty.name.value}" for n, (duty, _) in enumerate(DUTIES)])
def test_a_duty_that_is_lost_is_named(duty: Duty, part: str) -> None:
    item = an_item(duty)
    text = DIGEST.fragment(item)
    verify_fragment(Format.TEXT, text, item)
    assert part.encode() in text
    with pytest.raises(EntryRefused):
        verify_fragment(Format.TEXT, text.replace(part.encode(), b"?" + part[1:-1].encode() + b"?"), item)


@pytest.mark.parametrize("form", [Form.HEADLINE, Form.EXCERPT])
def test_more_than_the_form_allows_is_refused(form: Form) -> None:
    item = an_item(form=form, limits=(a_limit(3, "words"),), content=a_content(summary="<p>one two three four</p>"))
    text = DIGEST.fragment(item)
    verify_fragment(Format.TEXT, text, item)
    with pytest.raises(EntryRefused, match=r"headline may hold|excerpt has|beside its excerpt"):
        verify_fragment(Format.TEXT, text + b"\n  five words more than allowed\n", item)
    with pytest.raises(EntryRefused, match="nothing but its credit"):
        verify_fragment(Format.TEXT, text + b"\nwords at the margin\n", item)


def test_what_looks_like_the_beginning_of_an_entry_does_not_pass_for_one() -> None:
    item = replace(an_item(), title="-" * 54 + "[ 0123456789abcdef ]--")
    with pytest.raises(EntryRefused, match="2 entries"):
        verify_fragment(Format.TEXT, DIGEST.fragment(item), item)
