"""Frames that are kept with their date left open are those that their writers would write, and proved like those."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.errors import RenderError
from aggregator.model.output import Format
from aggregator.publishing.frame import Frame
from aggregator.publishing.item import FeedOfOrigin, Tombstone
from aggregator.publishing.moulds import MARK, Moulds
from aggregator.publishing.render import Renderer
from tests.publishing.build_items import DAY, TEMPLATES, a_head


class Asked(Moulds):
    """Of a renderer, with a count of the frames that were really written."""

    def __init__(self, renderer: Renderer) -> None:
        self.written = 0
        self.writers = renderer._frame
        counting = {format_: self._counted(writer) for format_, writer in renderer._frame.items()}
        super().__init__(counting, renderer._moulds._stamps)

    def _counted(self, writer):
        def write(head, entries):
            self.written += 1
            return writer(head, entries)

        return write

    def ask(self, format_: Format, head, ids=("e-0", "e-1")) -> Frame:
        return self.frame(format_, head, replace(head, updated_at=MARK), ids)


@pytest.mark.parametrize("language", ["en", "de", "ar"])
@pytest.mark.parametrize("format_", list(Format))
def test_a_frame_of_another_date_is_the_one_that_would_be_written(format_: Format, language: str) -> None:
    moulds = Asked(Renderer([TEMPLATES]))
    for number in range(5):
        head = a_head(own_language=language, updated_at=DAY + number * timedelta(days=37, seconds=3661))
        assert moulds.ask(format_, head) == moulds.writers[format_](head, 2)
    assert moulds.written == 3  # the first, and the second with its mould
    other = a_head(own_language=language, title="Another")
    assert moulds.ask(format_, other) == moulds.writers[format_](other, 2)


def test_a_page_that_tells_its_date_in_a_way_of_its_own_is_written_each_time(tmp_path: Path) -> None:
    own = tmp_path / "river"
    own.mkdir()
    page = (TEMPLATES / "river/page.html").read_text().replace("<footer>", "<footer>{{ head.updated_at.year }}")
    (own / "page.html").write_text(page)
    for name in ("entry.html", "style.css"):
        shutil.copy(TEMPLATES / "river" / name, own / name)
    moulds = Asked(Renderer([tmp_path, TEMPLATES]))
    for number in range(4):
        head = a_head(updated_at=DAY + number * timedelta(days=400))
        frame = moulds.ask(Format.HTML, head)
        assert frame == moulds.writers[Format.HTML](head, 2)
        assert b"<footer>%d" % head.updated_at.year in frame.closing


def test_what_is_kept_is_held_to_the_same() -> None:
    origin = FeedOfOrigin(id="urn:example:feed", title="F", url=None, feed=None, rights=None)
    gone = Tombstone(id="urn:x:1", atom_id="urn:x:1", at=DAY, by="us", comment="gone", source=origin)
    moulds = Asked(Renderer([TEMPLATES]))
    head = a_head(tombstones=(gone,))
    for _ in range(3):
        moulds.ask(Format.ATOM, head, ("urn:x:2", "urn:x:3"))
    with pytest.raises(RenderError, match="says that it is gone"):
        moulds.ask(Format.ATOM, head, ("urn:x:2", "urn:x:1"))
    with pytest.raises(RenderError, match="twice"):
        moulds.ask(Format.ATOM, head, ("urn:x:2", "urn:x:2"))


def test_what_was_used_longest_ago_is_let_go_of() -> None:
    renderer = Renderer([TEMPLATES])
    moulds = Moulds(renderer._frame, renderer._moulds._stamps, kept_bytes=40_000)
    for number in range(30):
        head = a_head(title=f"Output {number}")
        for _ in range(3):
            moulds.frame(Format.HTML, head, replace(head, updated_at=MARK), ())
    assert 0 < moulds._kept_bytes <= 40_000
    assert moulds._kept_bytes == sum(one.size for one in moulds._kept.values() if one)
