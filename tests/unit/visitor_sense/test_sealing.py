"""Day keys reach one sensor only; messages come from whom they name."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from services.visitor_sense.domain import sealing
from services.visitor_sense.domain.errors import SignatureInvalid
from services.visitor_sense.domain.pseudonym import check_value
from services.visitor_sense.sensor.credential import (
    CredentialError,
    make_credential,
    read_credential,
    write_credential,
)

KEY = bytes(range(32))
USE = sealing.KeyUse("mine", "gate-1", date(2026, 11, 21), 1, b"nonce")


def test_the_receiver_opens_the_key() -> None:
    receiver = X25519PrivateKey.generate()
    sealed = sealing.seal(KEY, sealing.raw_public_key(receiver), USE)
    assert sealing.unseal(sealed, receiver, USE) == KEY
    assert KEY not in sealed.ciphertext + sealed.sender_public_key
    assert sealing.seal(KEY, sealing.raw_public_key(receiver), USE) != sealed


@pytest.mark.parametrize(
    "other",
    [replace(USE, area="other"), replace(USE, receiver="gate-2"), replace(USE, epoch=2),
     replace(USE, key_date=date(2026, 11, 22)), replace(USE, nonce=b"another")],
)  # fmt: skip
def test_a_key_fits_one_question_only(other: sealing.KeyUse) -> None:
    receiver = X25519PrivateKey.generate()
    sealed = sealing.seal(KEY, sealing.raw_public_key(receiver), USE)
    with pytest.raises(SignatureInvalid):
        sealing.unseal(sealed, receiver, other)


def test_nobody_else_opens_it() -> None:
    sealed = sealing.seal(KEY, sealing.raw_public_key(X25519PrivateKey.generate()), USE)
    with pytest.raises(SignatureInvalid):
        sealing.unseal(sealed, X25519PrivateKey.generate(), USE)
    for broken in (sealing.Sealed(b"", b""), replace(sealed, ciphertext=sealed.ciphertext[:-1])):
        with pytest.raises(SignatureInvalid):
            sealing.unseal(broken, X25519PrivateKey.generate(), USE)


def test_a_signature_holds_for_its_purpose_area_and_sensor() -> None:
    key = Ed25519PrivateKey.generate()
    public = sealing.raw_public_key(key)
    signature = sealing.sign(key, sealing.OBSERVATIONS, "mine", "gate-1", b"body")
    sealing.verify(
        public, signature, sealing.signed_text(sealing.OBSERVATIONS, "mine", "gate-1", b"body")
    )
    for purpose, area, sensor, body in (
        (sealing.HEALTH, "mine", "gate-1", b"body"),
        (sealing.OBSERVATIONS, "other", "gate-1", b"body"),
        (sealing.OBSERVATIONS, "mine", "gate-2", b"body"),
        (sealing.OBSERVATIONS, "mine", "gate-1", b"bodY"),
    ):
        with pytest.raises(SignatureInvalid):
            sealing.verify(public, signature, sealing.signed_text(purpose, area, sensor, body))


def test_a_check_value_recognizes_a_key_and_is_none() -> None:
    assert check_value(KEY) == check_value(KEY) != check_value(bytes(32))
    assert KEY not in check_value(KEY) * 3


def test_a_credential_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "sensors" / "mine.gate-1.json"
    made = make_credential("mine", "gate-1", "gate")
    write_credential(path, made)
    assert path.stat().st_mode & 0o777 == 0o600
    found = read_credential(path)
    assert (found.area, found.sensor_id, found.zone_id) == ("mine", "gate-1", "gate")
    assert found.signing_public_key == made.signing_public_key
    assert found.sealing_public_key == made.sealing_public_key
    with pytest.raises(FileExistsError):
        write_credential(path, made)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"area": "mine"}', "\x00"])
def test_a_broken_credential_shows_nothing_of_itself(tmp_path: Path, text: str) -> None:
    path = tmp_path / "credential.json"
    path.write_text(text)
    with pytest.raises(CredentialError, match="is not a sensor credential"):
        read_credential(path)
    with pytest.raises(CredentialError, match="Cannot read"):
        read_credential(tmp_path / "none")
