"""For those who run Meguri: liveness, readiness of each part, metrics."""

import ipaddress
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from flask import Blueprint, Response, jsonify, request
from grpc_health.v1 import health_pb2, health_pb2_grpc
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from kit import disk
from kit.config import ConfigError
from services.edge import condition
from services.edge.clients import Clients
from services.edge.errors import Problem
from services.edge.parts import parts

SERVICES = ("directory", "multilingual", "itinerary", "payments", "visitor_sense", "insights")
CHECK_DEADLINE_S = 0.8
KEPT_S = 1.0
OLD_S = 10.0  # while the services are asked, an answer of before is told so long
WAIT_S = 3.0  # longer than all checks together
DATABASE, DATABASE_AWAY = "database", "database_away"

INSIDE = ("/readyz", "/metrics")  # for those who run it: how many sales there were is in them
INSIDE_NAMES = (".localhost", ".local", ".internal")  # those of RFC 6761 and 6762, and clusters'

blueprint = Blueprint("operation", __name__)
_kept: dict[str, tuple[float, Mapping[str, str]]] = {}
_asking = threading.Lock()
_pool = ThreadPoolExecutor(len(SERVICES), "readiness")


@blueprint.before_request
def _check_inside() -> None:
    """What the machine tells about itself is not for the world. Our own proxy keeps it back
    (infra/local/proxy.py); a tunnel of somebody else's does not. Errors: Problem not_found."""
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    if request.path in INSIDE and (forwarded or not is_inside(request.host)):
        raise Problem(404, "not_found")


def is_inside(host: str) -> bool:
    """Tells whether a host is this machine or its own network: an address, or a name that no
    public name server knows."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return "." not in name or name.endswith(INSIDE_NAMES)
    return True


@blueprint.get("/healthz")
def healthz() -> Response:
    """Says that this process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Says which parts answer: 200 when all do, else 503. Nothing in it is secret.

    A disk that gets full is told (`disk_low`) while everything still works. One that is full, or a
    database that does not answer its service, makes the whole not ready, and `reason` says so.
    """
    states = readiness()
    ready = all(state in {"ok", disk.LOW} for state in states.values())
    answer = {"status": "ok" if ready else "degraded", "parts": states}
    for reason in (disk.FULL, DATABASE_AWAY):
        if reason in states.values():
            answer["reason"] = reason
            break
    return jsonify(answer), 200 if ready else 503


@blueprint.get("/metrics")
def metrics() -> Response:
    """Returns the metrics of this process for Prometheus, with how the whole is: its parts, disk,
    backups and certificates."""
    condition.note(readiness(), parts().settings.data_dir)
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def readiness() -> Mapping[str, str]:
    """Returns part -> ok, away, database_away or unknown, of the disk also disk_low or disk_full;
    kept for a second. One asks the services at a time, however many ask for it."""
    known = _known(KEPT_S)
    if known is not None:
        return known
    if not _asking.acquire(blocking=False):
        known = _known(OLD_S)
        if known is not None:
            return known
        if not _asking.acquire(timeout=WAIT_S):
            return dict.fromkeys((*SERVICES, "nats", "disk"), "unknown")
    try:
        known = _known(KEPT_S)  # of whoever asked meanwhile
        return _ask() if known is None else known
    finally:
        _asking.release()


def _known(within_s: float) -> Mapping[str, str] | None:
    kept = _kept.get("all")
    return kept[1] if kept and time.monotonic() - kept[0] < within_s else None


def _ask() -> Mapping[str, str]:
    answers = _pool.map(_check, [parts().clients] * len(SERVICES), SERVICES)
    states = dict(zip(SERVICES, answers, strict=True))
    states["nats"] = "ok" if parts().hearing.connected else "away"
    states["disk"] = disk.look(parts().settings.data_dir).state
    _kept["all"] = (time.monotonic(), states)
    return states


def _check(clients: Clients, name: str) -> str:
    try:
        stub: Any = health_pb2_grpc.HealthStub(clients.health_channel(name))
        if not _serves(stub, ""):
            return "away"
        return "ok" if _serves(stub, DATABASE) else DATABASE_AWAY
    except ConfigError:
        return "unknown"
    except grpc.RpcError:
        return "away"


def _serves(stub: Any, what: str) -> bool:
    """Errors: grpc.RpcError."""
    request = health_pb2.HealthCheckRequest(service=what)
    try:
        answer = stub.Check(request, timeout=CHECK_DEADLINE_S)
    except grpc.RpcError as error:
        # A service of the release before, while replicas are exchanged one by one.
        if what and error.code() is grpc.StatusCode.NOT_FOUND:
            return True
        # It has just said that it is well itself: what it waits for is its database.
        if what and error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
            return False
        raise
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)
