"""A register as an integrator would write it: signs its requests, knows nothing of our insides."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver, algorithms

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
        keys = MappingKeyResolver(public_keys={}, private_keys={device_id: key})  # type: ignore[dict-item] # the stub of the library asks for text ids only
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
            with urllib.request.urlopen(request, timeout=REQUEST_DEADLINE_S) as answer:  # noqa: S310 - as above
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")
        except (OSError, ValueError):
            return 0, {}
