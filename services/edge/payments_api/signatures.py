"""HTTP Message Signatures (RFC 9421, ed25519) of enrolled devices.

A signature covers @method, @authority, the address (@target-uri, or @path and @query), the content
digest where there is a body, and the idempotency key where there is one: nobody who overheard a
request can turn it into another payment. The same request sent again is answered with the first
payment, so a device whose clock is off by a day may still work: `created` is taken up to CLOCK_SKEW
before and after now. `expires` has no such grace: a device that sets it means it.
"""

import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import grpc
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import g, request
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    algorithms,
)
from werkzeug.urls import iri_to_uri

from kit.auth import Caller, Role
from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from services.edge.clients import stub
from services.edge.errors import Problem, is_away
from services.edge.parts import act_as, edge_itself

KEPT_S = 5.0  # a revoked device is out within this time (docs/architecture.md, Trust)
KEPT_AT_MOST = 5_000
CLOCK_SKEW = timedelta(days=1, minutes=10)  # of the device, and of this machine


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
    """Checks times itself: the library grants its skew once more on top of the greatest age."""

    def validate_created_and_expires(
        self,
        sig_input: Any,
        max_age: timedelta | None = None,  # noqa: ARG002 - the library calls it so
    ) -> None:
        """Errors: InvalidSignature."""
        created, expires = sig_input.params.get("created"), sig_input.params.get("expires")
        now, most_s = time.time(), CLOCK_SKEW.total_seconds()
        if type(created) is not int:
            raise InvalidSignature("The signature must say when it was created.")
        if abs(now - created) > most_s:
            raise InvalidSignature("created is more than a day from now. Set the device's clock.")
        if expires is not None and (type(expires) is not int or expires < now):
            raise InvalidSignature("The signature has expired. Sign the request again.")


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
        results = verifier.verify(_Message(), max_age=None, body=request.get_data(cache=True))
    except HTTPMessageSignaturesException as error:
        if isinstance(error.__cause__, grpc.RpcError):
            raise error.__cause__ from error
        raise Problem(401, "bad_signature", str(error)) from error
    if len(results) != 1:
        raise Problem(401, "bad_signature", "Send one signature.")
    _check_covered(set(results[0].covered_components))
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
    """covered: as written, so that a part of a header (;key=) is not taken for the whole."""
    wanted = ["@method", "@authority"]
    if not {'"@path"', '"@query"'} <= covered:
        wanted.append("@target-uri")
    if request.headers.get("Idempotency-Key"):
        wanted.append("idempotency-key")
    missing = [name for name in wanted if f'"{name}"' not in covered]
    if missing:
        raise Problem(401, "bad_signature", f"The signature must cover {', '.join(missing)}.")
