"""Metrics and traces. Every name is declared here and listed in docs/telemetry.md."""

import json
import random
import re
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from opentelemetry import propagate, trace
from opentelemetry.context import attach, detach
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from prometheus_client import Counter, Gauge, Histogram, start_http_server

# A tenth of all requests is recorded: at 1.0 tracing cost about 15 % of throughput.
SAMPLED_SHARE = 0.1
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

RPC_SECONDS = Histogram(
    "meguri_rpc_seconds", "Time to answer one call", ("service", "method", "code"), buckets=_SECONDS
)
EVENTS_PUBLISHED = Counter(
    "meguri_events_published_total", "Events sent from the outbox", ("service",)
)
EVENTS_REFUSED = Counter(
    "meguri_events_refused_total", "Refusals of single events by NATS", ("service",)
)
EVENTS_HEARD = Counter(
    "meguri_events_heard_total", "Deliveries by outcome", ("service", "source", "outcome")
)
HEARING_SECONDS = Counter(
    "meguri_hearing_seconds_total", "Time spent on hearing, by step", ("service", "source", "step")
)
OUTBOX_PENDING = Gauge("meguri_outbox_pending", "Events waiting to be published", ("service",))
REQUESTS_REPEATED = Counter(
    "meguri_requests_repeated_total", "State changes answered from an earlier one"
)
EDGE_SECONDS = Histogram(
    "meguri_edge_seconds", "Time to answer one page or API call", ("route", "status"),
    buckets=_SECONDS,
)  # fmt: skip
EDGE_CACHE = Counter("meguri_edge_cache_total", "Pages from the ready cache", ("outcome",))
EDGE_STRAYS_LOST = Counter(
    "meguri_edge_strays_lost_total", "Stray codes that are never counted", ("reason",)
)
EDGE_VIEWS_LOST = Counter(
    "meguri_edge_views_lost_total", "Page views that are never counted", ("reason",)
)
FACTS_REMOVED = Counter("meguri_facts_removed_total", "Single facts over their term, one by one")
FACT_PARTS_DROPPED = Counter(
    "meguri_fact_parts_dropped_total", "Whole months of facts over their term"
)
# Told by the edge alone. Each has a label, so that others do not tell a 0 that nobody measured.
PART_UP = Gauge("meguri_part_up", "1 where a part answers, else 0", ("part",))
DISK_FREE_BYTES = Gauge("meguri_disk_free_bytes", "Room left on a disk", ("of",))
BACKUP_AGE_SECONDS = Gauge("meguri_backup_age_seconds", "Since the last backup or copy", ("of",))
CERTIFICATE_LEFT_SECONDS = Gauge(
    "meguri_certificate_left_seconds", "Until a certificate ends", ("of",)
)
CERTIFICATE_LIFE_SECONDS = Gauge(
    "meguri_certificate_life_seconds", "From a certificate's beginning to its end", ("of",)
)

_service = list[str]()  # whose steps are written, once that is known
_RECORDED = re.compile("00-([0-9a-f]{32})-[0-9a-f]{16}-01")
STEP = "step"  # the event of a line of the log that is a step of a trace
_TRACER = trace.get_tracer("meguri")  # finds the provider once one is set

METRICS = (RPC_SECONDS, EVENTS_PUBLISHED, EVENTS_REFUSED, EVENTS_HEARD, HEARING_SECONDS,
           OUTBOX_PENDING, REQUESTS_REPEATED, EDGE_SECONDS, EDGE_CACHE,
           EDGE_VIEWS_LOST, EDGE_STRAYS_LOST, FACTS_REMOVED, FACT_PARTS_DROPPED, PART_UP,
           DISK_FREE_BYTES, BACKUP_AGE_SECONDS, CERTIFICATE_LEFT_SECONDS,
           CERTIFICATE_LIFE_SECONDS)  # fmt: skip


def configure(service: str, metrics_port: int, host: str = "127.0.0.1") -> None:
    """Starts tracing and, where a port is given, the metrics page of this process. host: where it
    listens; in a container whoever asks comes from another one."""
    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(SAMPLED_SHARE)), shutdown_on_exit=False
    )
    provider.add_span_processor(_Lines(service))
    trace.set_tracer_provider(provider)
    _service[:] = [service]
    if metrics_port:
        start_http_server(metrics_port, addr=host)


class _Lines(SpanProcessor):
    """Writes each recorded step as a line of the log, where `./meguri trace` finds it.

    A step is one line and holds names of our own only: no address, no text of a person. Its ids are
    written as traceparents, which the search for card numbers knows.
    """

    def __init__(self, service: str) -> None:
        self._service = service

    def on_end(self, span: ReadableSpan) -> None:
        """Writes a step that is over."""
        line: dict[str, Any] = {
            "event": STEP,
            "service": self._service,
            "name": span.name,
            "timestamp": _iso(span.start_time),
            "ms": round(((span.end_time or 0) - (span.start_time or 0)) / 1e6, 3),
            "step": _written(span.context),
        }
        if span.parent is not None:
            line["parent"] = _written(span.parent)
        if not span.status.is_ok and span.status.description:
            line["failed"] = span.status.description
        sys.stderr.write(json.dumps(line, ensure_ascii=False) + "\n")


def _written(context: trace.SpanContext) -> str:
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-01"


def _iso(nanoseconds: int | None) -> str:
    return datetime.fromtimestamp((nanoseconds or 0) / 1e9, UTC).isoformat()


def trace_id() -> str:
    """Returns the trace id of the work at hand in hex, or "" outside of any."""
    context = trace.get_current_span().get_span_context()
    return format(context.trace_id, "032x") if context.is_valid else ""


def traceparent() -> str:
    """Returns the W3C traceparent of the work at hand, or "" outside of any."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent", "")


def _unrecorded(parent: str) -> trace.Span | None:
    """Returns the step of a trace that nobody records, without what leads there: for nine of ten
    events that was a quarter of the work of hearing them."""
    if len(parent) != len("00-") + 32 + 1 + 16 + len("-00") or not parent.endswith("-00"):
        return None
    try:
        trace_id, span_id = int(parent[3:35], 16), int(parent[36:52], 16)
    except ValueError:
        return None
    return trace.NonRecordingSpan(trace.SpanContext(trace_id, span_id, is_remote=True))


@contextmanager
def span(name: str, parent: str = "") -> Iterator[None]:
    """Runs a block as one step of a trace.

    parent: traceparent that came with the request or event, "" for none.
    """
    # By hand what start_as_current_span does: it nests two more context managers around each call.
    step = _unrecorded(parent)
    if step is None:
        context = propagate.extract({"traceparent": parent}) if parent else None
        step = _TRACER.start_span(name, context=context)
    token = attach(trace.set_span_in_context(step))
    try:
        yield
    except Exception as error:
        fail(error)
        raise
    finally:
        detach(token)
        step.end()


def began() -> tuple[int, int]:
    """Returns the moment at which steps begin, for `steps`."""
    return time.time_ns(), time.perf_counter_ns()


def steps(name: str, parents: Iterable[str], at: tuple[int, int]) -> None:
    """Writes a step for each of many that were done together: each took as long as all of them.

    Of traces that are recorded and no others. Through the library it was a sixth of the work of
    hearing an event, though only one of ten has such a trace. at: as began() returned it.
    """
    taken_ms = round((time.perf_counter_ns() - at[1]) / 1e6, 3)
    lines = []
    for parent in parents:
        known = _RECORDED.fullmatch(parent)
        if known is not None and _service:
            own = random.getrandbits(64) or 1
            lines.append(json.dumps({
                "event": STEP, "service": _service[0], "name": name, "timestamp": _iso(at[0]),
                "ms": taken_ms, "step": f"00-{known[1]}-{own:016x}-01", "parent": parent,
            }) + "\n")  # fmt: skip
    if lines:
        sys.stderr.write("".join(lines))


def fail(error: Exception) -> None:
    """Marks the step at hand as failed by the name of an error: its words may quote somebody. What
    failed it first stands."""
    step = trace.get_current_span()
    status = getattr(step, "status", None)
    if status is None or status.is_unset:
        step.set_status(trace.StatusCode.ERROR, type(error).__name__)
