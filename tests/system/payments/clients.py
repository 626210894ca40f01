"""Clients as a careful register behaves: the key of a sale is on disk before the sale is sent, and
the same key is sent again until there is an outcome. What was acknowledged is on disk as well."""

import json
import os
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver, algorithms

from cli.connection import running_machine
from infra.local.home import Home
from infra.local.table import COMMAND_LINE
from kit import config
from kit.auth import Caller, Minter, Role
from kit.client import Peers
from tests.platform import Platform

OPEN_STATES = ("created", "unknown")
PATIENCE_S = 90.0
PAUSE_S = 0.2
MOST_ATTEMPTS = 5
REQUEST_DEADLINE_S = 12.0


@dataclass
class _Message:
    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)


class Register:
    """Signs and sends requests of one enrolled device."""

    def __init__(self, url: str, device_id: str, key_file: Path) -> None:
        self._url, self._device_id = url, device_id
        key = load_pem_private_key(key_file.read_bytes(), None)
        # What a dishonest client changes after or instead of signing.
        self.change_body: Callable[[bytes], bytes] = lambda raw: raw
        self.change_headers: Callable[[dict[str, str]], object] = dict
        self.covers_key, self.clock_error = True, timedelta(0)
        keys = MappingKeyResolver(public_keys={}, private_keys={device_id: key})  # type: ignore[dict-item]
        self._signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=keys)

    def send(
        self, method: str, path: str, body: dict[str, Any] | None = None, key: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """Sends one signed request. Returns status and document, 0 where nothing was answered."""
        message = _Message(method, self._url + path)
        raw = None if body is None else json.dumps(body).encode()
        covered = ["@method", "@authority", "@target-uri"]
        if key:
            message.headers["Idempotency-Key"] = key
            covered += ["idempotency-key"] if self.covers_key else []
        self._signer.sign(
            message, key_id=self._device_id, covered_component_ids=tuple(covered), body=raw,
            created=datetime.now(UTC) + self.clock_error,
        )  # fmt: skip
        if raw is not None:
            message.headers["Content-Type"] = "application/json"
            raw = self.change_body(raw)
        self.change_headers(message.headers)
        request = urllib.request.Request(  # noqa: S310 - the platform under test
            message.url, method=method, data=raw, headers=message.headers
        )
        try:
            with urllib.request.urlopen(request, timeout=REQUEST_DEADLINE_S) as answer:  # noqa: S310
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")
        except (OSError, ValueError):
            return 0, {}


class Log:
    """A file of JSON lines that survives kill -9 of its writer; safe between threads."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()
        self.count = 0

    def write(self, line: dict[str, Any]) -> None:
        """Writes a line durably."""
        with self._lock:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
            self.count += 1

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def sell(register: Register, sales: Iterable[dict[str, Any]], intents: Log, acks: Log) -> None:
    """Takes sales one after the other, each until it is captured.

    A payment that expired was never charged (its request was lost with a killed process): the
    clerk takes the sale again, which is a new payment with a new key.
    """
    for sale in sales:
        for _ in range(MOST_ATTEMPTS):
            key = str(uuid.uuid4())
            intents.write({"key": key, **sale})
            outcome = _outcome(register, sale, key)
            acks.write({"key": key, **outcome})
            if outcome["state"] == "captured":
                break


def _outcome(register: Register, sale: dict[str, Any], key: str) -> dict[str, Any]:
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        status, document = register.send("POST", "/api/v1/payments", sale, key)
        if status in (201, 202) and document["state"] not in OPEN_STATES:
            return document
        if status not in (0, 201, 202, 500, 502, 503):
            raise AssertionError(f"{status} {document}")
        time.sleep(PAUSE_S)
    raise AssertionError(f"{key} has no outcome after {PATIENCE_S} s")


@contextmanager
def owner_peers(platform: Platform) -> Iterator[Peers]:
    """Channels to the services with the rights of the machine's owner, in area mine."""
    machine = running_machine(Home(platform.data))
    assert machine is not None
    settings = config.load("test", machine.variables(COMMAND_LINE))
    assert settings.token_private_key is not None
    minter = Minter(settings.token_private_key.read_bytes())
    owner = Caller("mine", "test", frozenset({Role.ADMIN, Role.SERVICE, Role.ANALYST}))
    made = Peers(settings, lambda: minter.mint(owner))
    yield made
    made.close()
