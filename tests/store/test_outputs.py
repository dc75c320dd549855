"""Outputs: what a build publishes is there as a whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, select, update

from aggregator.errors import StoreError
from aggregator.model.output import Document, Ending, Format, Laid, Withdrawal
from aggregator.publishing.frame import digest_of
from aggregator.store import BuildResult, DocumentInfo, End, FragmentsLostError, OutputState, Store, decisions, outputs
from aggregator.store.tables import documents, fragments
from tests.store.builders import MINUTE, NOW, a_document, a_flag, a_release, an_entry

FIRST, SECOND = an_entry("1"), an_entry("2")


def a_build(at: datetime = NOW, output: str = "community", **more: Any) -> BuildResult:
    given = more.pop("documents", ())
    laid = tuple(one if isinstance(one, Laid) else in_pieces(one) for one in given)
    bodies = {digest_of(one.body): one.body for one in given if not isinstance(one, Laid)} | more.pop("bodies", {})
    return BuildResult(
        output=output, at=at, built_from=more.pop("built_from", "f"), documents=laid, bodies=bodies, **more
    )


def in_pieces(whole: Document) -> Laid:
    """A document of one entry and nothing around it."""
    return Laid(
        output=whole.output,
        format=whole.format,
        opening=b"",
        parts=(digest_of(whole.body),),
        etag=whole.etag,
        modified_at=whole.modified_at,
    )


def made_of(*bodies: bytes, output: str = "community", form: Format = Format.RSS) -> Laid:
    return Laid(
        output=output,
        format=form,
        opening=b"<",
        between=b",",
        closing=b">",
        parts=tuple(map(digest_of, bodies)),
        etag=f'"{len(bodies)}"',
        modified_at=NOW,
    )


def by_digest(*bodies: bytes) -> dict[str, bytes]:
    return {digest_of(body): body for body in bodies}


def count_fragments(connection: Connection) -> dict[bytes, int]:
    return {bytes(row.body): row.uses for row in connection.execute(select(fragments))}


def a_withdrawal(entry: str) -> Withdrawal:
    return Withdrawal(entry=entry, at=NOW, by="ann", reason="asked by the author")


async def kinds(store: Store) -> list[tuple[str, str]]:
    return [(record.kind, record.subject) for record in await store.ledger()]


async def test_a_build_is_published_as_a_whole(store: Store) -> None:
    release = a_release(FIRST)
    document = a_document(body=b"\0\xff<rss/>")
    result = a_build(
        documents=(document,),
        opened=(release,),
        decisions=(("d1", b'{"q":1}', b'{"d":1}', "v1"),),
        flags=(a_flag(SECOND),),
        wake_at=NOW + MINUTE,
    )
    await store.publish(result)
    assert await store.document("community", Format.RSS) == document
    assert await store.document("community", Format.ATOM) is None
    info = DocumentInfo(output="community", format=Format.RSS, etag=document.etag, modified_at=NOW, entries=1)
    assert await store.documents() == [info]
    assert await store.open_releases("community") == {FIRST.key: release}
    assert await store.read(decisions.by_digest, "d1") == (b'{"q":1}', b'{"d":1}')
    assert await store.read(decisions.by_digest, "d2") is None
    assert await store.flags() == [a_flag(SECOND)]
    state = OutputState(output="community", built_at=NOW, built_from="f", wake_at=NOW + MINUTE, problem=None, entries=1)
    assert await store.output_state("community") == state
    assert await store.output_states() == {"community": state}
    assert await store.output_state("print") is None
    assert await kinds(store) == [("release", f"community/{FIRST.key}"), ("flag", a_flag(SECOND).id)]


async def test_a_build_that_cannot_be_stored_leaves_everything_as_it_was(store: Store) -> None:
    await store.publish(a_build(documents=(a_document(),), opened=(a_release(FIRST),)))
    before = await store.ledger()
    twice = (a_release(SECOND), a_release(SECOND))
    with pytest.raises(StoreError):
        await store.publish(
            a_build(
                NOW + MINUTE,
                documents=(a_document(body=b"other"),),
                opened=twice,
                closed=(End(FIRST.key, "gone", Ending.RIGHTS),),
            )
        )
    assert await store.document("community", Format.RSS) == a_document()
    assert list(await store.open_releases("community")) == [FIRST.key]
    assert await store.ledger() == before
    assert (await store.output_states())["community"].built_at == NOW


async def test_a_release_that_ends_says_when_and_why(store: Store) -> None:
    await store.publish(a_build(opened=(a_release(FIRST),)))
    await store.publish(
        a_build(
            NOW + MINUTE,
            closed=(End(FIRST.key, "the policy changed", Ending.RIGHTS), End("0" * 16, "never stood", Ending.NEWER)),
        )
    )
    ended = a_release(FIRST, closed_at=NOW + MINUTE, reason="the policy changed", ending=Ending.RIGHTS)
    assert await store.releases_of(FIRST.key) == [ended]
    assert await store.open_releases("community") == {}
    assert [kind for kind, _ in await kinds(store)] == ["release", "end"]
    await store.publish(a_build(NOW + 2 * MINUTE, opened=(a_release(FIRST, opened_at=NOW + 2 * MINUTE),)))
    assert await store.first_releases("community") == {FIRST.key: NOW}
    assert await store.first_releases("community", [SECOND.key]) == {}


async def test_what_was_recalled_is_told_until_it_stands_again(store: Store) -> None:
    """Crowded out, replaced or dropped is not recalled; a date before which it is old news bounds the list."""
    ids = {"outbound_id": "1", "atom_id": "tag:news.example,2026:1"}
    third = an_entry("3")
    await store.publish(a_build(opened=(a_release(FIRST, **ids), a_release(SECOND), a_release(third))))
    ends = (
        End(FIRST.key, "withdrawn: a letter", Ending.WITHDRAWN),
        End(SECOND.key, "newer entries took its place", Ending.NEWER),
        End(third.key, "the window ended", Ending.RIGHTS),
    )
    await store.publish(a_build(NOW + MINUTE, closed=ends))
    told = await store.recalled("community", since=NOW, limit=10)
    assert {release.entry: release.ending for release in told} == {
        FIRST.key: Ending.WITHDRAWN,
        third.key: Ending.RIGHTS,
    }
    gone = a_release(FIRST, closed_at=NOW + MINUTE, reason="withdrawn: a letter", ending=Ending.WITHDRAWN, **ids)
    assert gone in told
    assert await store.recalled("community", since=NOW + 2 * MINUTE, limit=10) == []
    assert len(await store.recalled("community", since=NOW, limit=1)) == 1
    assert await store.recalled("print", since=NOW, limit=10) == []
    await store.publish(a_build(NOW + 2 * MINUTE, opened=(a_release(third, opened_at=NOW + 2 * MINUTE),)))
    assert await store.recalled("community", since=NOW, limit=10) == [gone]


async def test_a_new_revision_replaces_the_release_of_the_old_one(store: Store) -> None:
    await store.publish(a_build(opened=(a_release(FIRST),)))
    second = a_release(replace(FIRST, revision="b"), opened_at=NOW + MINUTE)
    await store.publish(a_build(NOW + MINUTE, opened=(second,)))
    await store.publish(a_build(NOW + 2 * MINUTE, opened=(second,)))
    assert await store.releases_of(FIRST.key) == [
        a_release(FIRST, closed_at=NOW + MINUTE, reason="replaced", ending=Ending.REPLACED),
        second,
    ]


async def test_an_entry_withdrawn_during_a_build_is_not_published(store: Store) -> None:
    await store.publish(a_build(opened=(a_release(FIRST),), documents=(a_document(),)))
    await store.withdraw(a_withdrawal(FIRST.key))
    for result in (a_build(documents=(a_document(body=b"2"),)), a_build(opened=(a_release(FIRST, revision="b"),))):
        with pytest.raises(StoreError, match="withdrawn while it was built"):
            await store.publish(result)
    assert await store.document("community", Format.RSS) == a_document()
    await store.publish(a_build(closed=(End(FIRST.key, "withdrawn", Ending.WITHDRAWN),)))
    assert await store.open_releases("community") == {}


async def test_a_build_with_a_problem_keeps_the_documents_that_are_there(store: Store) -> None:
    await store.publish(a_build(documents=(a_document(),), opened=(a_release(FIRST),)))
    await store.publish(a_build(NOW + MINUTE, problem="rss: duty 'credit-source' not found"))
    state = await store.output_state("community")
    assert state is not None
    assert (state.problem, state.entries) == ("rss: duty 'credit-source' not found", 1)
    assert await store.document("community", Format.RSS) == a_document()


async def test_a_format_that_is_no_longer_offered_is_gone(store: Store) -> None:
    await store.publish(a_build(documents=(a_document(), a_document(form=Format.JSON))))
    await store.publish(a_build(dropped_formats=(Format.JSON,)))
    assert [info.format for info in await store.documents()] == [Format.RSS]


async def test_a_dropped_output_ends_with_its_releases_documents_and_questions(store: Store) -> None:
    await store.publish(a_build(documents=(a_document(),), opened=(a_release(FIRST),), flags=(a_flag(SECOND),)))
    await store.publish(a_build(output="other", documents=(a_document("other"),)))
    await store.write(outputs.drop, "community", NOW + MINUTE)
    assert list(await store.output_states()) == ["other"]
    assert [info.output for info in await store.documents()] == ["other"]
    assert await store.flags() == []
    assert [release.closed_at for release in await store.releases_of(FIRST.key)] == [NOW + MINUTE]
    assert [kind for kind, _ in await kinds(store)] == ["release", "flag", "end", "flag"]


async def test_a_stored_decision_never_changes(store: Store) -> None:
    await store.publish(a_build(decisions=(("d1", b"first", b"first", "v1"),)))
    await store.publish(a_build(decisions=(("d1", b"second", b"second", "v2"), ("d2", b"q", b"a", "v2"))))
    assert await store.read(decisions.by_digest, "d1") == (b"first", b"first")
    assert await store.read(decisions.by_digest, "d2") == (b"q", b"a")


async def test_an_entrys_bytes_are_kept_once_for_all_documents_and_as_long_as_one_holds_them(store: Store) -> None:
    first = made_of(b"a", b"b"), made_of(b"A", b"B", form=Format.ATOM)
    await store.publish(a_build(documents=first, bodies=by_digest(b"a", b"b", b"A", b"B", b"of no use")))
    await store.publish(a_build(output="other", documents=(made_of(b"b", output="other"),), bodies=by_digest(b"b")))
    assert await store.read(count_fragments) == {b"a": 1, b"b": 2, b"A": 1, b"B": 1}
    found = await store.document("community", Format.RSS)
    assert found is not None
    assert (found.body, found.entries) == (b"<a,b>", 2)
    # Bytes that are there need not be given again, whoever brought them.
    await store.publish(a_build(NOW + MINUTE, documents=(made_of(b"b", b"c"),), bodies=by_digest(b"c")))
    assert await store.read(count_fragments) == {b"b": 2, b"c": 1, b"A": 1, b"B": 1}
    found = await store.document("community", Format.RSS)
    assert found is not None
    assert found.body == b"<b,c>"
    await store.publish(a_build(NOW + 2 * MINUTE, dropped_formats=(Format.ATOM,)))
    assert await store.read(count_fragments) == {b"b": 2, b"c": 1}
    await store.write(outputs.drop, "community", NOW + 3 * MINUTE)
    assert await store.read(count_fragments) == {b"b": 1}


async def test_another_version_of_a_document_has_a_later_date_whatever_the_clock_says(store: Store) -> None:
    """Who asks by date alone must not be told that nothing has changed: dates are in whole seconds, and clocks step."""

    async def published(at: datetime, *bodies: bytes) -> datetime:
        laid = replace(made_of(*bodies), modified_at=at)
        await store.publish(a_build(documents=(laid,), bodies=by_digest(*bodies)))
        document = await store.document("community", Format.RSS)
        assert document is not None
        return document.modified_at

    second = timedelta(seconds=1)
    assert await published(NOW, b"one", b"two") == NOW
    assert await published(NOW, b"one") == NOW + second
    assert await published(NOW - MINUTE) == NOW + 2 * second
    assert await published(NOW + MINUTE, b"one") == NOW + MINUTE


async def test_a_document_whose_bytes_nobody_has_is_not_published(store: Store) -> None:
    await store.publish(a_build(documents=(made_of(b"a"),), bodies=by_digest(b"a")))
    result = a_build(NOW + MINUTE, documents=(made_of(b"a", b"b"),), opened=(a_release(FIRST),))
    with pytest.raises(FragmentsLostError, match="not stored"):
        await store.publish(result)
    found = await store.document("community", Format.RSS)
    assert found is not None
    assert found.body == b"<a>"
    assert await store.open_releases("community") == {}


async def test_bytes_that_somebody_took_out_of_the_database_are_missed(store: Store) -> None:
    await store.publish(a_build(documents=(made_of(b"a"),), bodies=by_digest(b"a")))
    await store.write(lambda connection: connection.execute(delete(fragments)) and None)
    with pytest.raises(FragmentsLostError, match="community"):
        await store.document("community", Format.RSS)


async def test_a_document_of_an_older_program_is_whole_and_gives_way_to_one_in_pieces(store: Store) -> None:
    await store.publish(a_build(documents=(made_of(b"a"),), bodies=by_digest(b"a")))
    older = {"opening": b"<old/>", "separator": "", "closing": None, "parts": ""}
    await store.write(lambda connection: connection.execute(update(documents).values(older)) and None)
    found = await store.document("community", Format.RSS)
    assert found is not None
    assert found.body == b"<old/>"
    await store.publish(a_build(NOW + MINUTE, documents=(made_of(b"b"),), bodies=by_digest(b"b")))
    found = await store.document("community", Format.RSS)
    assert found is not None
    assert found.body == b"<b>"


async def test_of_outputs_that_are_published_together_one_that_cannot_be_does_not_stop_the_others(store: Store) -> None:
    sound = a_build(documents=(made_of(b"a"),), bodies=by_digest(b"a"), opened=(a_release(FIRST),))
    unsound = a_build(output="other", documents=(made_of(b"b", output="other"),))
    number, problem = await store.publish_all([sound, unsound])
    assert (number, isinstance(problem, FragmentsLostError)) == (0, True)
    assert await store.document("community", Format.RSS) is not None
    assert await store.document("other", Format.RSS) is None
    assert [kind for kind, _ in await kinds(store)] == ["release"]
