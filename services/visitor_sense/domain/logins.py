"""Who may log in to NATS over MQTT: its server asks, and the answer is a signed user of its own.

The server's side: ADR-26 of nats-io/nats-architecture-and-design (authorization callouts). Keys are
Ed25519, written as NKeys (kit.pure.nkeys); tokens are JWTs with the algorithm "ed25519-nkey".
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kit.pure.nkeys import ACCOUNT, nkey
from services.visitor_sense.domain.errors import RequestMalformed
from services.visitor_sense.domain.sealing import raw_public_key

# The account of the house's own programs; what a gadget may do there its permissions say.
_AUDIENCE = "$G"
# A login ends by itself, so that one of a revoked gadget does not stay open for ever.
LASTS = timedelta(hours=1)
PAYLOAD_BYTES = 4_096
_HEADER = {"typ": "JWT", "alg": "ed25519-nkey"}


@dataclass(frozen=True)
class Asked:
    """A question of the server. user_key: that the answer has to name. password: never kept."""

    user_key: str
    server_id: str
    connection_id: int
    mqtt: bool
    user: str
    password: str


def read_asked(data: bytes) -> Asked:
    """Reads a question of the server. Errors: RequestMalformed, which shows nothing of it."""
    try:
        body = data.split(b".")[1]
        found = json.loads(base64.urlsafe_b64decode(body + b"=" * (-len(body) % 4)))["nats"]
        options, client = found["connect_opts"], found["client_info"]
        return Asked(
            user_key=str(found["user_nkey"]),
            server_id=str(found["server_id"]["id"]),
            connection_id=int(client["id"]),
            mqtt=client.get("client_type") == "mqtt" or client.get("type") == "mqtt",
            user=str(options.get("user", "")),
            password=str(options.get("pass", "")),
        )
    except (IndexError, KeyError, TypeError, ValueError, AttributeError):
        raise RequestMalformed("The server's question cannot be read.") from None


class Issuer:
    """Answers the server in the name of the key that its configuration names."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self._name = nkey(ACCOUNT, raw_public_key(private))

    def allow(self, asked: Asked, subject: str, now: datetime) -> bytes:
        """Returns the answer that lets a gadget publish to one subject, over MQTT, and hear
        nothing."""
        user = self._token(
            {
                "sub": asked.user_key, "aud": _AUDIENCE, "name": asked.user,
                "exp": int((now + LASTS).timestamp()),
                "nats": {
                    "type": "user", "version": 2, "pub": {"allow": [subject]},
                    "sub": {"deny": [">"]}, "subs": -1, "data": -1, "payload": PAYLOAD_BYTES,
                    "allowed_connection_types": ["MQTT"],
                },
            },
            now,
        )  # fmt: skip
        return self._answer(asked, {"jwt": user}, now)

    def refuse(self, asked: Asked, reason: str, now: datetime) -> bytes:
        """Returns the answer that lets nobody in."""
        return self._answer(asked, {"error": reason}, now)

    def _answer(self, asked: Asked, content: Mapping[str, str], now: datetime) -> bytes:
        told = {"type": "authorization_response", "version": 2, **content}
        claims = {"sub": asked.user_key, "aud": asked.server_id, "nats": told}
        return self._token(claims, now).encode()

    def _token(self, claims: Mapping[str, Any], now: datetime) -> str:
        full = {**claims, "iss": self._name, "iat": int(now.timestamp())}
        content = json.dumps(full, sort_keys=True).encode()
        full["jti"] = base64.b32encode(hashlib.sha256(content).digest()).decode().rstrip("=")
        text = f"{_part(_HEADER)}.{_part(full)}"
        return f"{text}.{_base64(self._private.sign(text.encode()))}"


def _part(content: Mapping[str, Any]) -> str:
    return _base64(json.dumps(content).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
