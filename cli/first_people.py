"""The first logins and the first terminal of an area: random, shown once, never a default."""

import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cli.present import ROLE_NAMES
from cli.words import in_language
from infra.local import authority, files
from kit.client import Peers
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1 import directory_service_pb2_grpc as pb_grpc

DEADLINE_S = 20.0


def is_empty(peers: Peers) -> bool:
    """Tells whether the area has no login yet."""
    return not _stub(peers).ListUsers(pb.ListUsersRequest(), timeout=DEADLINE_S).users


def create_logins(peers: Peers, roles: Sequence[str], locale: str) -> dict[str, dict[str, str]]:
    """Creates one login per role and returns role → user and password. Keep the answer.

    locale: the area's own, in which its pages name them.
    """

    def create(role: str) -> dict[str, str]:
        answer = _stub(peers).CreateUser(
            pb.CreateUserRequest(
                request_id=str(uuid.uuid4()),
                login_name=role,
                display_name=in_language(locale, ROLE_NAMES[role]),
                roles=[pb.Role.Value(f"ROLE_{role.upper()}")],
            ),
            timeout=DEADLINE_S,
        )
        return {"user": answer.user.login_name, "password": answer.password}

    # Side by side: a password's hash is slow on purpose.
    with ThreadPoolExecutor(len(roles)) as threads:
        return dict(zip(roles, threads.map(create, roles), strict=True))


def complete_logins(peers: Peers, roles: Sequence[str], locale: str) -> dict[str, dict[str, str]]:
    """Creates the logins that are missing, and gives those that are there a new password.

    Only for an area that is being made: nobody has seen the passwords of an earlier try.
    """
    there = {
        user.login_name: new_password(peers, user.login_name)
        for user in _stub(peers).ListUsers(pb.ListUsersRequest(), timeout=DEADLINE_S).users
        if user.login_name in roles
    }
    known = {role: {"user": role, "password": password} for role, password in there.items()}
    missing = [role for role in roles if role not in there]
    return known | (create_logins(peers, missing, locale) if missing else {})


def new_password(peers: Peers, login_name: str) -> str:
    """Has a new password made for a login and returns it, "" where there is no such login."""
    users = _stub(peers).ListUsers(pb.ListUsersRequest(), timeout=DEADLINE_S).users
    for user in users:
        if user.login_name == login_name:
            asked = pb.ChangeUserRequest(
                request_id=str(uuid.uuid4()), user_id=user.user_id, version=user.version,
                disabled=user.disabled, make_password=True,
            )  # fmt: skip
            return str(_stub(peers).ChangeUser(asked, timeout=DEADLINE_S).password)
    return ""


def enroll_terminal(peers: Peers, area: str, place_id: str, secrets: Path) -> dict[str, str]:
    """Enrolls a terminal with a new key and returns its id and the file of its private key.

    Returns {} when the area has no place it could stand at.
    """
    if not place_id:
        return {}
    key = ed25519.Ed25519PrivateKey.generate()
    answer = _stub(peers).EnrollDevice(
        pb.EnrollDeviceRequest(
            request_id=str(uuid.uuid4()),
            name="First terminal",
            kind="terminal",
            place_id=place_id,
            public_key=key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw),
        ),
        timeout=DEADLINE_S,
    )
    file = secrets / "terminals" / f"{area}.{answer.device.device_id}.pem"
    files.write_private(file, authority.private_pem(key))
    return {"id": answer.device.device_id, "key_file": str(file), "place_id": place_id}


def set_address(peers: Peers, public_url: str) -> None:
    """Keeps the address for phones in the area's settings, where signs are printed from."""
    area = _stub(peers).ReadArea(pb.ReadAreaRequest(), timeout=DEADLINE_S).area
    host = public_url.removeprefix("https://").partition(":")[0]
    if area.public_url == public_url and host in area.hosts:
        return
    area.public_url = public_url
    if host not in area.hosts:
        area.hosts.append(host)
    _stub(peers).ConfigureArea(
        pb.ConfigureAreaRequest(request_id=str(uuid.uuid4()), area=area), timeout=DEADLINE_S
    )


def _stub(peers: Peers) -> pb_grpc.DirectoryServiceStub:
    return pb_grpc.DirectoryServiceStub(peers.channel("directory"))
