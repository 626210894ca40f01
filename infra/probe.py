"""Asks one of our own processes whether it works: `python -m infra.probe grpc|http HOST:PORT`.

For containers, whose health checks are command lines. Exit code 0 when it works.
"""

import os
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

TIMEOUT_S = 2.0


def http(address: str) -> bool:
    """Tells whether GET /healthz answers 200."""
    try:
        with urllib.request.urlopen(f"http://{address}/healthz", timeout=TIMEOUT_S) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def grpc(address: str) -> bool:
    """Tells whether the gRPC health service says SERVING, over mTLS with the own certificate."""
    import grpc as library  # noqa: PLC0415 - a probe of HTTP need not load it
    from grpc_health.v1 import health_pb2, health_pb2_grpc  # noqa: PLC0415 - as above

    # Not kit.client: it loads all that a caller may need, and costs five times as much processor as
    # the question itself, every few seconds in every container.
    from kit.tls import channel_credentials  # noqa: PLC0415 - a probe of HTTP need not load it

    credentials = channel_credentials(Path(os.environ["MEGURI_TLS_DIR"]))
    with library.secure_channel(address, credentials) as channel:
        try:
            stub: Any = health_pb2_grpc.HealthStub(channel)
            answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=TIMEOUT_S)
        except library.RpcError:
            return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


if __name__ == "__main__":
    kind, where = sys.argv[1:]
    sys.exit(0 if {"http": http, "grpc": grpc}[kind](where) else 1)
