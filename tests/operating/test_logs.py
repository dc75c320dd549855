"""The log: lines for machines, ids, and no secret in any of them."""

from __future__ import annotations

import json
import logging

import pytest
import structlog

from aggregator.service import tracing
from aggregator.service.logs import configure_log, loggable, redact
from tests.web.conftest import Served, folder, served

__all__ = ["folder", "served"]

SECRET = "Zk3-vQ9x_T0kenTOKENtokenTOKEN77"

LINES = [
    f"https://user:{SECRET}@feeds.example/rss",
    f"postgresql://aggregator:{SECRET}@db/name does not answer",
    f"GET /s/{SECRET}/community.rss",
    f"https://news.example/s/{SECRET}/community/archive/1.atom",
    f"/admin/welcome/{SECRET}",
    f"/websub/{SECRET}",
    f"/subscribe/confirm/{SECRET}?x=1",
    f"https://feeds.example/rss?token={SECRET}&page=2",
    f"https://feeds.example/rss?page=2&API_KEY={SECRET}",
    f"Authorization: Bearer {SECRET}",
    f"authorization: Basic {SECRET}==",
    f"token agg_{SECRET} is not known",
    f"Set-Cookie: aggregator={SECRET}; HttpOnly",
    f"{{'Cookie': 'aggregator={SECRET}'}}",
    f"password={SECRET}",
]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("style", ["json", "console"])
def test_no_secret_reaches_the_log(line: str, style: str, capsys: pytest.CaptureFixture[str]):
    """As message, as field, in a traceback, and from a library."""
    configure_log("debug", style)
    log = structlog.get_logger("x")
    log.info(line, detail=line, token=SECRET, password=SECRET)
    try:
        raise ValueError(line)
    except ValueError:
        log.exception("failed", url=line)
        logging.getLogger("aiohttp.server").exception("Error handling %s", line)
    said = capsys.readouterr().err
    assert said.count("ValueError") >= 2
    assert SECRET not in said


@pytest.mark.parametrize(
    "line",
    [
        "https://feeds.example/rss?page=2&tokenised=1",
        "source 'herald': no usable feed at https://herald.example/rss",
        "entry herald:https://herald.example/a@b/c",
        "/admin/flags/3f2a9c0d1e2f3a4b5c6d7e8f90a1b2c3",
        "/feeds/community/archive/1.atom",
        "a basic truth about bearers",
    ],
)
def test_what_is_no_secret_stays(line: str):
    assert redact(line) == line
    assert loggable(line) == line


def test_a_line_for_machines_is_one_json_object(capsys: pytest.CaptureFixture[str]):
    configure_log("info", "json")
    with structlog.contextvars.bound_contextvars(request="r1"):
        structlog.get_logger().warning("poll failed", source="herald", detail="two\nlines")
    logging.getLogger("some.library").warning("odd: %s", 3)
    ours, theirs = map(json.loads, capsys.readouterr().err.splitlines())
    assert (ours["event"], ours["request"], ours["level"], ours["source"]) == ("poll failed", "r1", "warning", "herald")
    assert (theirs["event"], theirs["logger"], theirs["level"]) == ("odd: 3", "some.library", "warning")
    assert ours["timestamp"].endswith("Z")


async def test_requests_that_are_no_http_leave_no_tracebacks(served: Served, capsys: pytest.CaptureFixture[str]):
    configure_log("info", "json")
    assert b" 400 " in await served.raw(b"BREW /pot HTTP/1.1\r\n\r\n")
    assert capsys.readouterr().err == ""


def test_spans_carry_what_happened_and_belong_to_the_callers_trace():
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    tracing.use(provider)
    trace = "0af7651916cd43dd8448eb211c80319c"
    try:
        with (
            tracing.span("request", {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}, route="feeds"),
            pytest.raises(ValueError, match="no"),
            tracing.span("build", output="community", left_out=None),
        ):
            raise ValueError("no")
    finally:
        tracing.use(None)
    build, request = kept.get_finished_spans()
    assert (request.name, request.attributes) == ("request", {"aggregator.route": "feeds"})
    assert f"{request.context.trace_id:032x}" == f"{build.context.trace_id:032x}" == trace
    assert (build.attributes, build.status.is_ok) == ({"aggregator.output": "community"}, False)


def test_traces_are_off_unless_they_are_asked_for(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    assert tracing.start({}) is False
    assert tracing.start({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_SDK_DISABLED": "true"}) is False
    monkeypatch.setattr(tracing, "find_spec", lambda _: None)
    configure_log("info", "json")
    assert tracing.start({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}) is False
    assert "pip install" in capsys.readouterr().err
    with tracing.span("poll", source="x") as made:
        assert made is None
