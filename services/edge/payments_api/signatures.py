"""HTTP Message Signatures (RFC 9421, ed25519) of enrolled devices.

A signature covers at least @method, the address (@target-uri, or @path with @authority), the
content digest where there is a body, and the idempotency key where there is one: nobody who
overheard a request can turn it into another payment. The same request sent again, however late, is
answered with the first payment; so an old signature harms nobody, and a terminal whose clock is off
by a day still works.
"""

import threading
import time
from dataclasses import dataclass
from datetime import timedelta

import grpc
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import g, request
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)
from werkzeug.urls import iri_to_uri

from kit.auth import Caller, Role
from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from services.edge.clients import stub
from services.edge.errors import Problem, is_away
from services.edge.parts import act_as, edge_itself

KEPT_S = 5.0  # a revoked device is out within this time (house rule); payments checks once more
KEPT_AT_MOST = 5_000
CLOCK_SKEW = timedelta(days=2)


@dataclass(frozen=True)
class Device:
    """An enrolled device. place_id: shop or gate it stands at."""

    device_id: str
    place_id: str
    key: Ed25519PublicKey


class Devices(HTTPSignatureKeyResolver):
    """Enrolled devices of directory, remembered for a few seconds."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[float, Device]] = {}
        self._lock = threading.Lock()

    def read(self, area: str, device_id: str) -> Device | None:
        """Returns a device that may sign, None for one that may not. Errors: grpc.RpcError when
        directory is away."""
        kept = self._kept.get((area, device_id))
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
        directory = stub(DirectoryServiceStub, caller=edge_itself(area))
        try:
            found = directory.ReadDevice(directory_pb.ReadDeviceRequest(device_id=device_id)).device
        except grpc.RpcError as error:
            if is_away(error):
                raise
            return None
        device = Device(
            found.device_id, found.place_id, Ed25519PublicKey.from_public_bytes(found.public_key)
        )
        with self._lock:
            if len(self._kept) >= KEPT_AT_MOST:
                self._kept.clear()
            self._kept[area, device_id] = (time.monotonic() + KEPT_S, device)
        return device

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey | None:
        """Returns the key of a device of this request's area."""
        device = self.read(g.area.area, key_id)
        return device.key if device else None


class _Verifier(HTTPMessageVerifier):
    max_clock_skew = CLOCK_SKEW


class _Message:
    """The request as the library reads it."""

    def __init__(self) -> None:
        self.method = request.method
        self.url = iri_to_uri(request.url)
        self.headers = request.headers


devices = Devices()


def verified_device() -> Device:
    """Checks the signature and has the rest of the request speak for the device.

    Errors: Problem bad_signature (401); grpc.RpcError when directory is away.
    """
    verifier = _Verifier(signature_algorithm=algorithms.ED25519, key_resolver=devices)
    try:
        results = verifier.verify(_Message(), max_age=CLOCK_SKEW, body=request.get_data(cache=True))
    except HTTPMessageSignaturesException as error:
        if isinstance(error.__cause__, grpc.RpcError):
            raise error.__cause__ from error
        raise Problem(401, "bad_signature", str(error)) from error
    if len(results) != 1:
        raise Problem(401, "bad_signature", "Send one signature.")
    _check_covered({name.split(";")[0].strip('"') for name in results[0].covered_components})
    device = devices.read(g.area.area, str(results[0].parameters["keyid"]))
    if device is None:
        raise Problem(401, "bad_signature", "This device may not sign.")
    act_as(
        Caller(
            g.area.area, device.device_id, frozenset({Role.DEVICE}), frozenset({device.place_id})
        )
    )
    return device


def _check_covered(covered: set[str]) -> None:
    missing = [] if "@method" in covered else ["@method"]
    if not ({"@target-uri", "@request-target"} & covered or {"@path", "@authority"} <= covered):
        missing.append("@target-uri")
    if request.headers.get("Idempotency-Key") and "idempotency-key" not in covered:
        missing.append("idempotency-key")
    if missing:
        raise Problem(401, "bad_signature", f"The signature must cover {', '.join(missing)}.")
