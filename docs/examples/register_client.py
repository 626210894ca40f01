"""A register that takes payments through Meguri and hears notices. See docs/register-link.md.

Needs: pip install http-message-signatures standardwebhooks (cryptography comes with the first).
Copy it into your register; it is yours. As a program it takes one payment in cash:

    python register_client.py https://cave.example DEVICE_ID key.pem 1300
"""

import json
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver, algorithms
from standardwebhooks import Webhook

Answer = tuple[int, dict[str, Any]]
Send = Callable[[str, str, bytes, Mapping[str, str]], Answer]
PAUSES_S = (0.5, 1, 2, 4, 8, 15)
TIMEOUT_S = 15.0


class Unknown(Exception):
    """Nobody answered for long. Ask again later with the same key; never charge anew."""


class _Request:
    """A request as the signer reads it."""

    def __init__(self, method: str, url: str, headers: dict[str, str]) -> None:
        self.method, self.url, self.headers = method, url, headers


def send_over_http(method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Sends one request. Errors: OSError when nobody answers."""
    request = urllib.request.Request(  # noqa: S310 - the address you gave
        url, data=body or None, headers=dict(headers), method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - as above
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read() or b"{}")


class Register:
    """Signs with the key that was enrolled for this register."""

    def __init__(
        self, url: str, device_id: str, key: Ed25519PrivateKey, send: Send = send_over_http,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        self._url, self._device_id, self._send, self._pause = url, device_id, send, pause
        keys = MappingKeyResolver(public_keys={}, private_keys={device_id: key})
        self._signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=keys)

    def take(self, key: str, tender: str, amount_yen: int) -> dict[str, Any]:
        """Takes a payment and returns it with its outcome.

        key: made when the button is tapped and written to the register's disk before this is
        called. After a power cut call again with the same key: it is the same payment.
        """
        body = {"tender": tender, "amount_yen": amount_yen}
        return self._until_known("POST", "/api/v1/payments", body, key)

    def refund(self, key: str, payment_id: str, amount_yen: int, reason: str) -> dict[str, Any]:
        """Gives money back in cash and returns the refund."""
        body = {"amount_yen": amount_yen, "channel": "cash", "reason": reason}
        return self._until_known("POST", f"/api/v1/payments/{payment_id}/refunds", body, key)

    def _until_known(
        self, method: str, path: str, body: Mapping[str, Any], key: str
    ) -> dict[str, Any]:
        """Repeats with the same key until the outcome is known. Errors: Unknown, ValueError."""
        for pause_s in PAUSES_S:
            try:
                status, document = self._signed(method, path, json.dumps(body).encode(), key)
            except OSError:
                status, document = 503, {}
            if status in (200, 201):
                return document
            if status not in (202, 429) and status < 500:
                raise ValueError(f"{document.get('reason')}: {document.get('detail')}")
            self._pause(pause_s)
        raise Unknown(key)

    def _signed(self, method: str, path: str, body: bytes, key: str) -> Answer:
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        request = _Request(method, self._url + path, headers)
        self._signer.sign(
            request, key_id=self._device_id, body=body, created=datetime.now(UTC),
            covered_component_ids=("@method", "@authority", "@target-uri", "idempotency-key"),
        )  # fmt: skip
        return self._send(method, request.url, body, request.headers)


class Notices:
    """Reads notices: checks the signature and drops what came before."""

    def __init__(self, secret: str) -> None:
        self._webhook = Webhook(secret)
        self._known: set[str] = set()  # keep it on disk for a week

    def read(self, headers: Mapping[str, str], body: bytes) -> dict[str, Any] | None:
        """Returns a new notice, None for one that is known already: answer 204 to both.

        Errors: standardwebhooks.WebhookVerificationError: answer 401.
        """
        lower = {name.lower(): value for name, value in headers.items()}
        document: dict[str, Any] = self._webhook.verify(body, lower)
        if lower["webhook-id"] in self._known:
            return None
        self._known.add(lower["webhook-id"])
        return document


def main(url: str, device_id: str, key_file: str, amount_yen: str) -> None:
    """Takes one payment in cash."""
    key = load_pem_private_key(Path(key_file).read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("the key must be Ed25519")
    payment = Register(url, device_id, key).take(str(uuid.uuid4()), "cash_record", int(amount_yen))
    sys.stdout.write(f"{payment['state']} {payment['receipt_number']}\n")


if __name__ == "__main__":
    main(*sys.argv[1:5])
