"""Makes customers' codes to practice and test with; no wallet accepts one."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from services.payments.domain.emvqr.ber import write

Objects = Sequence[tuple[str, bytes]]


@dataclass(frozen=True, kw_only=True, repr=False)
class PracticeCode:
    """One or two applications, and what they have in common, as tags with bytes."""

    version: bytes = b"CPV01"
    applications: Sequence[Objects]
    common: Objects = ()


def make_consumer(code: PracticeCode) -> str:
    """Returns a customer's code in Base64."""
    data = write("85", code.version)
    data += b"".join(write("61", _objects(each)) for each in code.applications)
    if code.common:
        data += write("62", _objects(code.common))
    return b64encode(data).decode()


def track2(number: str, year_month: str, service: str, more: str = "") -> bytes:
    """Returns a card's second track as the code carries it."""
    text = f"{number}D{year_month}{service}{more}"
    return bytes.fromhex(text + "F" * (len(text) % 2))


def _objects(objects: Objects) -> bytes:
    return b"".join(write(tag, value) for tag, value in objects)
