"""Metrics and traces. Every name is declared here and listed in docs/telemetry.md."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import propagate, trace
from opentelemetry.context import attach, detach
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
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

_TRACER = trace.get_tracer("meguri")  # finds the provider once one is set

METRICS = (RPC_SECONDS, EVENTS_PUBLISHED, EVENTS_REFUSED, EVENTS_HEARD, OUTBOX_PENDING,
           REQUESTS_REPEATED, EDGE_SECONDS, EDGE_CACHE,
           EDGE_VIEWS_LOST, EDGE_STRAYS_LOST)  # fmt: skip


def configure(service: str, metrics_port: int) -> None:
    """Starts tracing and, where a port is given, the metrics page of this process."""
    trace.set_tracer_provider(
        TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(SAMPLED_SHARE)),
            resource=Resource.create({"service.name": service}),
            shutdown_on_exit=False,
        )
    )
    if metrics_port:
        start_http_server(metrics_port, addr="127.0.0.1")


def trace_id() -> str:
    """Returns the trace id of the work at hand in hex, or "" outside of any."""
    context = trace.get_current_span().get_span_context()
    return format(context.trace_id, "032x") if context.is_valid else ""


def traceparent() -> str:
    """Returns the W3C traceparent of the work at hand, or "" outside of any."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent", "")


@contextmanager
def span(name: str, parent: str = "") -> Iterator[None]:
    """Runs a block as one step of a trace.

    parent: traceparent that came with the request or event, "" for none.
    """
    # By hand what start_as_current_span does: it nests two more context managers around each call.
    context = propagate.extract({"traceparent": parent}) if parent else None
    step = _TRACER.start_span(name, context=context)
    token = attach(trace.set_span_in_context(step))
    try:
        yield
    except Exception as error:
        step.record_exception(error)
        step.set_status(trace.StatusCode.ERROR, f"{type(error).__name__}: {error}")
        raise
    finally:
        detach(token)
        step.end()
