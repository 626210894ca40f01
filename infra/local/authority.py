"""The installation's own certificate authority, and the key pair that signs tokens."""

import datetime as dt
import ipaddress
from collections.abc import Mapping
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from infra.local import files
from kit.pure.nkeys import ACCOUNT, nkey

AUTHORITY_DAYS = 3650
CERTIFICATE_DAYS = 730
GADGET_KEY = "gadget_private.pem"
RENEW_DAYS = 90  # certificates with less than this left are replaced at the next start

_Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def ensure_token_keys(folder: Path) -> None:
    """Makes token_private.pem and token_public.pem unless they are there, and the keys of one
    service alone: audit_private.pem signs the days of the payments' journal, gadget_private.pem
    lets gadgets log in to NATS in the name of visitor_sense.
    """
    for name in ("audit_private.pem", GADGET_KEY):
        if not (folder / name).exists():
            key = ed25519.Ed25519PrivateKey.generate()
            files.write_private(folder / name, private_pem(key))
    private, public = folder / "token_private.pem", folder / "token_public.pem"
    if private.exists() and public.exists():
        return
    key = ed25519.Ed25519PrivateKey.generate()
    files.write_private(private, private_pem(key))
    public.write_bytes(public_pem(key))


def gadget_issuer(folder: Path) -> str:
    """Returns the public half of gadget_private.pem as NATS writes it."""
    key = serialization.load_pem_private_key((folder / GADGET_KEY).read_bytes(), None)
    raw = key.public_key().public_bytes(
        serialization.Encoding.Raw, serialization.PublicFormat.Raw
    )  # fmt: skip
    return nkey(ACCOUNT, raw)


def ensure_certificates(
    folder: Path, names: list[str], hosts: Mapping[str, str] | None = None
) -> list[str]:
    """Gives every name a folder with ca.pem, cert.pem and key.pem; returns the names renewed.

    hosts: by name, a host name or address under which others find it too.
    """
    now, hosts = dt.datetime.now(dt.UTC), hosts or {}
    for name, host in hosts.items():
        if not _is_for(folder / name / "cert.pem", host):
            (folder / name / "cert.pem").unlink(missing_ok=True)
    if all(_is_good(folder / name / "cert.pem", now) for name in names):
        return []
    key, certificate = _authority(folder, now)
    authority_pem = certificate.public_bytes(serialization.Encoding.PEM)
    renewed = []
    for name in names:
        target = folder / name
        if _is_good(target / "cert.pem", now):
            continue
        target.mkdir(parents=True, exist_ok=True)
        own_key = ec.generate_private_key(ec.SECP256R1())
        own = _certificate(name, own_key.public_key(), key, certificate, now, hosts.get(name, ""))
        files.write_private(target / "key.pem", private_pem(own_key))
        (target / "ca.pem").write_bytes(authority_pem)
        (target / "cert.pem").write_bytes(own.public_bytes(serialization.Encoding.PEM))
        renewed.append(name)
    return renewed


def private_pem(key: _Key) -> bytes:
    """Returns a private key as unencrypted PKCS #8."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def public_pem(key: _Key) -> bytes:
    """Returns the public half of a key."""
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _authority(
    folder: Path, now: dt.datetime
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key_file, file = folder / "authority_key.pem", folder / "authority.pem"
    if _is_good(file, now, days_left=CERTIFICATE_DAYS):
        loaded = serialization.load_pem_private_key(key_file.read_bytes(), None)
        if not isinstance(loaded, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{key_file} is not a P-256 key")
        return loaded, x509.load_pem_x509_certificate(file.read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Meguri local authority")
    certificate = (
        _builder(name, name, key.public_key(), now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    # A new authority makes every certificate of the old one worthless.
    for old in folder.glob("*/cert.pem"):
        old.unlink()
    files.write_private(key_file, private_pem(key))
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return key, certificate


def _certificate(
    name: str,
    public_key: ec.EllipticCurvePublicKey,
    authority_key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    now: dt.datetime,
    host: str = "",
) -> x509.Certificate:
    reachable_as = [
        x509.DNSName(name.replace("_", "-")),
        x509.DNSName(name),
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        *([_named(host)] if host else []),
    ]
    usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    return (
        _builder(_name(name), authority.subject, public_key, now, CERTIFICATE_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(reachable_as), critical=False)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _named(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _is_for(file: Path, host: str) -> bool:
    if not file.exists():
        return False
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return _named(host) in list(names)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    now: dt.datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))  # clocks of small machines wander
        .not_valid_after(now + dt.timedelta(days=days))
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _is_good(file: Path, now: dt.datetime, days_left: int = RENEW_DAYS) -> bool:
    if not file.exists():
        return False
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    return certificate.not_valid_after_utc - now > dt.timedelta(days=days_left)
