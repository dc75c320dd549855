"""Spans of polls, builds and requests, where OpenTelemetry is installed and told where to send them.

`pip install 'aggregator[tracing]'` and the standard environment variables (OTEL_EXPORTER_OTLP_ENDPOINT and the like)
switch it on. Without them `span` costs a comparison, and nothing of OpenTelemetry is imported.
"""

from __future__ import annotations

import contextlib
import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import structlog

from aggregator import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

log = structlog.get_logger(__name__)

SWITCHES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_tracer: Any = None
_provider: Any = None


def start(environ: Mapping[str, str] = os.environ) -> bool:
    """Begins to send spans, if the environment says where to and the packages are there.

    Returns:
        Whether spans are sent.
    """
    global _provider  # one process has one provider
    if environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or not any(map(environ.get, SWITCHES)):
        return False
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.exporter.otlp.proto.http") is None:
        log.warning("no traces: OpenTelemetry is not installed", remedy="pip install 'aggregator[tracing]'")
        return False
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    _provider = TracerProvider(resource=Resource.create({"service.version": __version__, **_named(environ)}))
    _provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    use(_provider)
    return True


def _named(environ: Mapping[str, str]) -> dict[str, str]:
    return {} if environ.get("OTEL_SERVICE_NAME") else {"service.name": "aggregator"}


def use(provider: Any) -> None:
    """Makes spans with this provider; None: makes none."""
    global _tracer
    _tracer = None if provider is None else provider.get_tracer("aggregator", __version__)


def stop() -> None:
    """Sends what waits. May be called where nothing was started."""
    global _provider
    if _provider is not None:
        _provider.shutdown()
        _provider = None
        use(None)


def is_on() -> bool:
    """Whether spans are made: where thousands are, not even to open one is cheaper."""
    return _tracer is not None


@contextlib.contextmanager
def span(name: str, headers: Mapping[str, str] | None = None, **facts: str | int | None) -> Iterator[Any]:
    """A span around what happens in the block; it fails where the block raises.

    Args:
        name: from a short list: `poll`, `build`, `request`.
        headers: of a request that may say to which trace it belongs (W3C `traceparent`).
        facts: attributes; None is left out. Never secrets, never feed text.
    """
    if _tracer is None:
        yield None
        return
    context = None
    if headers is not None and "traceparent" in headers:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        context = TraceContextTextMapPropagator().extract({"traceparent": headers["traceparent"]})
    attributes = {f"aggregator.{key}": value for key, value in facts.items() if value is not None}
    with _tracer.start_as_current_span(name, context=context, attributes=attributes) as made:
        yield made
