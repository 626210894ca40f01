"""Parts talk by TLS 1.2 or 1.3 alone, and each shows a certificate of our own authority."""

import asyncio
import socket
import ssl
import warnings
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from infra.local.authority import ensure_certificates
from kit.tls import channel_credentials, server_credentials

HERE = "127.0.0.1"
VERSIONS = ssl.TLSVersion


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Certificates of ours, and of an authority of somebody else."""
    ensure_certificates(tmp_path / "ours", ["directory", "edge"])
    ensure_certificates(tmp_path / "theirs", ["directory", "edge"])
    return tmp_path


@pytest.fixture
async def port(folder: Path) -> AsyncIterator[int]:
    """A server of gRPC as our services open it."""
    server = grpc.aio.server()
    port = server.add_secure_port(
        f"{HERE}:0", server_credentials(folder / "ours" / "directory")
    )  # fmt: skip
    await server.start()
    yield port
    await server.stop(None)


def shake(port: int, own: Path | None, least: VERSIONS, most: VERSIONS) -> str:
    """Opens a connection and returns its version. Errors: OSError where it is refused."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # it is the server that is asked here
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.set_alpn_protocols(["h2"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of versions that are to be refused
        context.minimum_version, context.maximum_version = least, most
    if own is not None:
        context.load_cert_chain(own / "cert.pem", own / "key.pem")
    with socket.create_connection((HERE, port), 10) as raw, context.wrap_socket(raw) as line:
        line.settimeout(10)
        # With TLS 1.3 a server looks at a certificate after the client believes all is well.
        line.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]))
        if not line.recv(9):
            raise ConnectionError("the server hung up")
        return str(line.version())


@pytest.mark.parametrize(("version", "told"), [
    (VERSIONS.TLSv1_3, "TLSv1.3"), (VERSIONS.TLSv1_2, "TLSv1.2"),
])  # fmt: skip
async def test_newer_versions_are_spoken(
    folder: Path, port: int, version: VERSIONS, told: str
) -> None:
    own = folder / "ours" / "edge"
    assert await asyncio.to_thread(shake, port, own, version, version) == told


async def test_older_versions_are_refused(folder: Path, port: int) -> None:
    own = folder / "ours" / "edge"
    with pytest.raises(OSError, match=r"(?i)ssl|reset|hung"):
        await asyncio.to_thread(shake, port, own, VERSIONS.TLSv1, VERSIONS.TLSv1_1)


@pytest.mark.parametrize("version", [VERSIONS.TLSv1_2, VERSIONS.TLSv1_3])
@pytest.mark.parametrize("whose", ["nobody's", "theirs"])
async def test_without_a_certificate_of_ours_nobody_is_heard(
    folder: Path, port: int, version: VERSIONS, whose: str
) -> None:
    own = folder / "theirs" / "edge" if whose == "theirs" else None
    with pytest.raises(OSError, match=r"(?i)ssl|reset|hung"):
        await asyncio.to_thread(shake, port, own, version, version)


@pytest.mark.parametrize(("whose", "works"), [("ours", True), ("theirs", False)])
async def test_a_part_believes_a_server_of_ours_alone(
    folder: Path, port: int, *, whose: str, works: bool
) -> None:
    mixed = folder / "mixed"
    mixed.mkdir()
    for name, source in (("ca.pem", whose), ("cert.pem", "ours"), ("key.pem", "ours")):
        (mixed / name).write_bytes((folder / source / "edge" / name).read_bytes())
    async with grpc.aio.secure_channel(f"{HERE}:{port}", channel_credentials(mixed)) as channel:
        ready = asyncio.create_task(channel.channel_ready())
        done, _ = await asyncio.wait({ready}, timeout=15 if works else 2)
        assert bool(done) == works
        ready.cancel()
