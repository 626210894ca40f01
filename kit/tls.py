"""mTLS between processes: every process shows a certificate of the installation's own authority."""

from pathlib import Path

import grpc


def _read(folder: Path) -> tuple[bytes, bytes, bytes]:
    return (
        (folder / "ca.pem").read_bytes(),
        (folder / "key.pem").read_bytes(),
        (folder / "cert.pem").read_bytes(),
    )


def server_credentials(folder: Path) -> grpc.ServerCredentials:
    """Returns credentials that also demand a certificate of the client."""
    authority, key, certificate = _read(folder)
    return grpc.ssl_server_credentials(
        [(key, certificate)], root_certificates=authority, require_client_auth=True
    )


def channel_credentials(folder: Path) -> grpc.ChannelCredentials:
    """Returns credentials that trust the installation's authority only."""
    authority, key, certificate = _read(folder)
    return grpc.ssl_channel_credentials(authority, key, certificate)
