"""Secrets are random, stay, and nobody else can read them."""

import datetime as dt
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from infra.local import authority, files, home, spawn
from infra.local.bus_layout import USER_NAMES, users
from infra.local.home import Home
from infra.local.table import SERVICES
from simulators.acquirer import books as acquirer
from simulators.stage import books as stage


@pytest.fixture
def made(tmp_path: Path) -> Home:
    """A data folder that was just made."""
    made = Home(tmp_path / "data")
    made.make()
    return made


def test_every_password_is_random_and_stays(made: Home) -> None:
    first, again = home.ensure_passwords(made), home.ensure_passwords(made)
    assert first == again
    every = [first.postgres, first.valkey, first.cookie, *first.databases.values(),
             *first.nats.values()]  # fmt: skip
    assert len(set(every)) == len(every)
    assert all(len(secret) >= 32 for secret in every)
    file = made.secrets / "passwords.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_service_that_comes_later_gets_a_password_and_the_others_keep_theirs(made: Home) -> None:
    first = home.ensure_passwords(made)
    older = {name: first.databases[name] for name in SERVICES[1:]}
    document = {"postgres": first.postgres, "valkey": first.valkey, "cookie": first.cookie,
                "databases": older, "nats": first.nats}  # fmt: skip
    files.write_json(made.secrets / "passwords.json", document)
    later = home.ensure_passwords(made)
    assert {name: later.databases[name] for name in SERVICES[1:]} == older
    assert later.databases[SERVICES[0]] not in {"", first.databases[SERVICES[0]]}


def test_certificates_are_p256_of_our_authority_for_this_machine(tmp_path: Path) -> None:
    assert authority.ensure_certificates(tmp_path, ["edge", "visitor_sense"]) == [
        "edge", "visitor_sense",
    ]  # fmt: skip
    own = x509.load_pem_x509_certificate((tmp_path / "edge" / "ca.pem").read_bytes())
    for name in ("edge", "visitor_sense"):
        certificate = x509.load_pem_x509_certificate((tmp_path / name / "cert.pem").read_bytes())
        certificate.verify_directly_issued_by(own)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert name in names.get_values_for_type(x509.DNSName)
        assert "127.0.0.1" in [str(ip) for ip in names.get_values_for_type(x509.IPAddress)]
        key = serialization.load_pem_private_key((tmp_path / name / "key.pem").read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        assert isinstance(key.curve, ec.SECP256R1)
        assert stat.S_IMODE((tmp_path / name / "key.pem").stat().st_mode) == 0o600


def test_good_certificates_are_kept_and_old_ones_renewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(authority, "CERTIFICATE_DAYS", authority.RENEW_DAYS - 1)
        authority.ensure_certificates(tmp_path, ["edge"])
    before = (tmp_path / "edge" / "cert.pem").read_bytes()
    assert authority.ensure_certificates(tmp_path, ["edge"]) == ["edge"]
    assert (tmp_path / "edge" / "cert.pem").read_bytes() != before
    assert authority.ensure_certificates(tmp_path, ["edge"]) == []


def test_a_new_authority_replaces_every_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.ensure_certificates(tmp_path, ["edge", "insights"])
    (tmp_path / "authority.pem").unlink()
    (tmp_path / "edge" / "cert.pem").unlink()
    assert authority.ensure_certificates(tmp_path, ["edge", "insights"]) == ["edge", "insights"]
    pems = {(tmp_path / name / "ca.pem").read_bytes() for name in ("edge", "insights")}
    assert len(pems) == 1


def test_token_keys_are_made_once(tmp_path: Path) -> None:
    authority.ensure_token_keys(tmp_path)
    before = (tmp_path / "token_private.pem").read_bytes()
    authority.ensure_token_keys(tmp_path)
    assert (tmp_path / "token_private.pem").read_bytes() == before
    assert stat.S_IMODE((tmp_path / "token_private.pem").stat().st_mode) == 0o600


def test_the_authority_outlives_its_certificates() -> None:
    assert authority.AUTHORITY_DAYS > authority.CERTIFICATE_DAYS > authority.RENEW_DAYS
    assert dt.timedelta(days=authority.RENEW_DAYS) > dt.timedelta(days=30)


def test_no_program_may_say_what_is_not_its_own() -> None:
    logins = {user.name: user for user in users(dict.fromkeys(USER_NAMES, "x"))}
    for service in SERVICES:
        said = [subject for subject in logins[service].publish if subject.startswith("meguri.")]
        assert said == [f"meguri.*.{service}.v1.>"]
        assert ">" not in logins[service].publish
    assert logins["edge"].publish == ()
    assert not [subject for subject in logins["sensor"].publish if subject.startswith("$JS")]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    ("identity", "wanted"), [(spawn.Identity.KEEP, 0o700), (spawn.Identity.NOBODY, 0o711)]
)
def test_nobody_else_looks_into_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, identity: spawn.Identity, wanted: int
) -> None:
    """PostgreSQL as nobody has to get through to its own folder, and sees nothing on the way."""
    monkeypatch.setattr(spawn, "unprivileged", lambda: identity)
    home = Home(tmp_path / "data")
    for _ in range(2):  # also one that an earlier release left open
        home.make()
        assert mode(home.data) == wanted
        assert {mode(each) for each in (home.log, home.run, home.secrets)} == {0o700}
        home.data.chmod(0o755)
        home.log.chmod(0o755)


def test_a_folder_that_others_use_stays_as_it_is(tmp_path: Path) -> None:
    shared = Home(tmp_path / "shared")
    shared.data.mkdir()
    shared.data.chmod(0o755)
    shared.make()  # was there before us
    assert mode(shared.data) == 0o755
    shared.data.chmod(0o1777)
    shared.make()  # such as /tmp
    assert mode(shared.data) == 0o777 | stat.S_ISVTX


def test_books_of_a_simulator_are_its_owners_only(tmp_path: Path) -> None:
    for number, books in enumerate((acquirer.Books, stage.Books)):
        path = tmp_path / f"{number}.sqlite3"
        path.touch(mode=0o644)
        books(path)
        assert {mode(each) for each in tmp_path.glob(f"{number}.*")} == {0o600}
