"""Looks every hour until when certificates hold, and writes it down for whoever shows it.

That of the pages is asked for as a phone asks for it: a file that was replaced is of no use while
the proxy still shows the old one.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from infra.local import proxy
from infra.local.home import Home, Settings
from infra.local.machine import OPERATOR, Machine
from kit import certificates
from kit.certificates import Certificate

if TYPE_CHECKING:
    from cryptography import x509

EVERY_S = 3600.0
AGAIN_S = 60.0  # while there is none yet, somebody waits for it
ANSWER_S = 5.0


class Watch:
    """Writes down what it finds while the platform runs."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    async def run(self) -> None:
        """Looks until canceled."""
        home, settings = self._machine.home, self._machine.settings
        names = (*self._machine.ports, OPERATOR)
        is_first = True
        while True:
            found = await asyncio.to_thread(look, home, settings, names)
            # A proxy that gets its first certificate needs a minute: until then nothing is said.
            told = tuple(each for each in found if each.ends or not is_first)
            with contextlib.suppress(OSError):  # a full disk is told of elsewhere
                certificates.save(home.data, certificates.Record(datetime.now(UTC), told))
            is_first = False
            await asyncio.sleep(EVERY_S if all(each.ends for each in found) else AGAIN_S)


def look(home: Home, settings: Settings, names: Iterable[str]) -> tuple[Certificate, ...]:
    """Returns the certificates between the parts of these names, and that of the pages where the
    proxy here has one. Takes seconds at most."""
    parts = _of_parts(home.secrets / "tls", names)
    return (_of_pages(settings), parts) if settings.domain else (parts,)


def _of_parts(folder: Path, names: Iterable[str]) -> Certificate:
    """The one that ends first: with it the first part is lost to the others."""
    from cryptography import x509  # noqa: PLC0415 - it costs 60 ms

    found = []
    for file in (folder / "authority.pem", *(folder / name / "cert.pem" for name in names)):
        with contextlib.suppress(OSError, ValueError):
            found.append(x509.load_pem_x509_certificate(file.read_bytes()))
    return _told(certificates.PARTS, certificates.BY_START, found)


def _of_pages(settings: Settings) -> Certificate:
    from cryptography import x509  # noqa: PLC0415 - as above

    own = settings.certificate and settings.key
    found = []
    with contextlib.suppress(OSError, ValueError):
        name = settings.domain.partition(":")[0]
        found.append(x509.load_der_x509_certificate(shown(name, proxy.port(settings))))
    by = certificates.BY_HAND if own else certificates.BY_ITSELF
    return _told(certificates.PAGES, by, found)


def shown(name: str, port: int, host: str = "127.0.0.1") -> bytes:
    """Returns the certificate (DER) that a server shows to who asks for a name, whoever signed it.

    Errors: OSError where nothing answers, or has no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # it is looked at, not believed
    with (
        socket.create_connection((host, port), ANSWER_S) as plain,
        context.wrap_socket(plain, server_hostname=name) as secured,
    ):
        return secured.getpeercert(binary_form=True) or b""


def _told(of: str, by: str, found: "list[x509.Certificate]") -> Certificate:
    first = min(found, key=lambda each: each.not_valid_after_utc, default=None)
    if first is None:
        return Certificate(of=of, by=by)
    return Certificate(
        of=of, by=by, begins=first.not_valid_before_utc, ends=first.not_valid_after_utc
    )
