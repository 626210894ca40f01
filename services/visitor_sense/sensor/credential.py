"""The credential of one sensor: two private keys, made where the sensor is and never sent."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from services.visitor_sense.domain import sealing


class CredentialError(Exception):
    """The credential file is missing or cannot be used."""


@dataclass(frozen=True)
class Credential:
    """Who a sensor is. signing: signs its messages. unsealing: opens day keys."""

    area: str
    sensor_id: str
    zone_id: str
    signing: Ed25519PrivateKey
    unsealing: X25519PrivateKey

    @property
    def signing_public_key(self) -> bytes:
        """32 bytes, given to the service at enrolment."""
        return sealing.raw_public_key(self.signing)

    @property
    def sealing_public_key(self) -> bytes:
        """32 bytes, given to the service at enrolment."""
        return sealing.raw_public_key(self.unsealing)


def make_credential(area: str, sensor_id: str, zone_id: str) -> Credential:
    """Returns a credential with new keys."""
    return Credential(
        area, sensor_id, zone_id, Ed25519PrivateKey.generate(), X25519PrivateKey.generate()
    )


def write_credential(path: Path, credential: Credential) -> None:
    """Writes a credential so that only its owner can read it; never over an existing file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(
        {
            "area": credential.area,
            "sensor_id": credential.sensor_id,
            "zone_id": credential.zone_id,
            "signing_key": credential.signing.private_bytes_raw().hex(),
            "sealing_key": credential.unsealing.private_bytes_raw().hex(),
        },
        indent=2,
    )
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")


def read_credential(path: Path) -> Credential:
    """Reads a credential file. Errors: CredentialError, which never shows the content."""
    try:
        content = json.loads(path.read_text())
        return Credential(
            area=str(content["area"]),
            sensor_id=str(content["sensor_id"]),
            zone_id=str(content["zone_id"]),
            signing=Ed25519PrivateKey.from_private_bytes(bytes.fromhex(content["signing_key"])),
            unsealing=X25519PrivateKey.from_private_bytes(bytes.fromhex(content["sealing_key"])),
        )
    except OSError as error:
        raise CredentialError(f"Cannot read {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError):
        raise CredentialError(f"{path} is not a sensor credential") from None
