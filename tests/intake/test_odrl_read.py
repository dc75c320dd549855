"""A policy document is read without asking anybody for anything, within bounds, or refused with the reason."""

from __future__ import annotations

import builtins
import json
import socket
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.intake.odrl_read import DEPTH_MAX, SIZE_MAX, STATEMENTS_MAX, read_odrl
from aggregator.model.odrl import XSD, Items, Ref, Text

ODRL = "http://www.w3.org/ns/odrl/2/"
CONTEXT = "http://www.w3.org/ns/odrl.jsonld"


@pytest.fixture
def no_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """No network, and no file either: rdflib opens whatever a context names."""
    read_odrl(b"{}")  # what is imported lazily is imported before files are out of reach
    read_odrl(b"<urn:a> <urn:b> <urn:c> .")

    def refuse(*args: Any, **named: Any) -> Any:
        pytest.fail(f"it tried to open {args}")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    monkeypatch.setattr(urllib.request.OpenerDirector, "open", refuse)
    monkeypatch.setattr(builtins, "open", refuse)


def refused(data: bytes | Any, media_type: str | None = None) -> str:
    """Why it is not read."""
    statements, warnings = read_odrl(data if isinstance(data, bytes) else json.dumps(data).encode(), media_type)
    assert statements is None
    assert len(warnings[-1].splitlines()) == 1
    return warnings[-1]


LIST = b"@prefix r: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . "
EVIL = "http://127.0.0.1:9/context.jsonld"


@pytest.mark.usefixtures("no_way_out")
@pytest.mark.parametrize(
    "document",
    [
        {"@context": EVIL},
        {"@context": [CONTEXT, EVIL]},
        {"@context": [[EVIL]]},
        {"@context": "file:///etc/hostname"},
        {"@context": "context.jsonld"},
        {"@context": "https://www.w3.org/ns/odrl.jsonld?x"},
        {"@context": {"@import": EVIL}},
        {"@context": {"a": {"@id": "urn:a", "@context": EVIL}}, "a": {"b": 1}},
        {"@context": {"a": {"@id": "urn:a", "@context": {"@import": EVIL}}}, "a": {"b": 1}},
        {"@context": CONTEXT, "permission": {"@context": EVIL, "action": "use"}},
        {"@context": CONTEXT, "permission": [{"duty": {"@context": [EVIL]}}]},
        {"@graph": [{"@context": EVIL}]},
        [{"@context": EVIL}],
    ],
)
def test_a_context_from_elsewhere_is_refused_and_never_fetched(document: Any) -> None:
    assert "none is fetched" in refused(document)


@pytest.mark.usefixtures("no_way_out")
def test_the_usual_context_is_at_hand() -> None:
    for context in (CONTEXT, "https://www.w3.org/ns/odrl.jsonld", [CONTEXT, {"ex": "urn:ex:"}]):
        document = {"@context": context, "uid": "urn:p", "@type": "Offer", "permission": {"action": "odrl:use"}}
        statements, warnings = read_odrl(json.dumps(document).encode())
        assert statements is not None
        assert warnings == ()
        assert statements.node("urn:p") == {
            ODRL + "permission": (Ref("_:00000"),),
            "http://www.w3.org/1999/02/22-rdf-syntax-ns#type": (Ref(ODRL + "Offer"),),
        }
        assert statements.node("_:00000") == {ODRL + "action": (Ref(ODRL + "use"),)}


@pytest.mark.usefixtures("no_way_out")
def test_turtle_imports_nothing() -> None:
    turtle = f"""@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix odrl: <{ODRL}> .
    <urn:p> a odrl:Offer ; owl:imports <{EVIL}> ; odrl:profile <file:///etc/hostname> ."""
    statements, warnings = read_odrl(turtle.encode())
    assert statements is not None
    assert (statements.node("urn:p")[ODRL + "profile"], warnings) == ((Ref("file:///etc/hostname"),), ())


def test_values_keep_datatype_language_and_order() -> None:
    turtle = """@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    <urn:p> <urn:day> "2026-01-01"^^xsd:date ; <urn:name> "Haus"@de ; <urn:n> 5 ; <urn:list> ( "b" "a" ( <urn:c> ) ) ;
      <urn:none> () ; <urn:odd> "P90Dx"^^xsd:duration ."""
    statements, _ = read_odrl(turtle.encode())
    assert statements is not None
    assert statements.node("urn:p") == {
        "urn:day": (Text("2026-01-01", XSD + "date"),),
        "urn:name": (Text("Haus", XSD + "string", "de"),),
        "urn:n": (Text("5", XSD + "integer"),),
        "urn:list": (Items((Text("b"), Text("a"), Items((Ref("urn:c"),)))),),
        "urn:none": (Items(),),
        "urn:odd": (Text("P90Dx", XSD + "duration"),),
    }


def test_a_document_reads_the_same_each_time() -> None:
    document = {
        "@context": CONTEXT,
        "uid": "urn:p",
        "permission": [{"action": word} for word in ("use", "print", "play")],
    }
    data = json.dumps(document).encode()
    assert read_odrl(data) == read_odrl(data)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\xff\xfe", "byte 0 is not UTF-8"),
        (b"{", "not JSON"),
        (b"<urn:a> <urn:b>", "not Turtle"),
        (b"<html><body>Terms</body></html>", "not Turtle"),
        (b"{" + b'"a":' * 1, "not JSON"),
        (b" " * (SIZE_MAX + 1), "bytes"),
        (b'{"a":' * (DEPTH_MAX + 5) + b"1" + b"}" * (DEPTH_MAX + 5), "nested deeper"),
        (b'{"a":' * 3000 + b"1" + b"}" * 3000, "not read as a policy"),
        (b"<urn:a> <urn:b> " + b"[ <urn:c> " * 5000 + b"1" + b"]" * 5000 + b" .", "nested deeper"),
        (LIST + b"<urn:a> <urn:b> _:x . _:x r:first 1 ; r:rest _:x .", "no end"),
        (LIST + b"<urn:a> <urn:b> _:x . _:x r:first 1 .", "no end"),
        (b"".join(b"<urn:a> <urn:b> %d .\n" % n for n in range(STATEMENTS_MAX + 1)), "statements"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_one_line(data: bytes, says: str) -> None:
    assert says in refused(data)


def test_the_media_type_decides_then_the_first_character() -> None:
    assert "not JSON" in refused(b"<urn:a> <urn:b> 1 .", "application/ld+json; profile=x")
    assert "not Turtle" in refused(b"{}", "text/turtle")
    statements, _ = read_odrl(b"[ a <urn:t> ] .", "text/plain")
    assert statements is not None
    assert len(statements.nodes) == 1


@settings(max_examples=80, deadline=None)
@given(
    st.one_of(st.binary(max_size=200), st.text(alphabet='{}[]<>"@:,;. abcuidontext\\/#', max_size=80).map(str.encode))
)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    statements, warnings = read_odrl(data)
    assert statements is not None or warnings


def test_no_file_is_read_beside_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative context would be a file of the working directory."""
    (tmp_path / "c.jsonld").write_text('{"@context": {"a": "urn:secret"}}')
    monkeypatch.chdir(tmp_path)
    assert "none is fetched" in refused({"@context": "c.jsonld", "a": 1})
