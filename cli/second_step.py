"""`./meguri area second-step`: for somebody who lost phone and paper, and which roles need one.

The way in from the machine's own console, where nobody is left who could sign in and do it at the
pages: whoever types here owns the machine.
"""

import argparse
import json
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cli import area_wizard
from cli.words import _
from kit.auth import Role
from kit.roles import STAFF

if TYPE_CHECKING:
    from kit.client import Peers

DEADLINE_S = 20.0
NOBODY = "none"
ROLES = tuple(role.value for role in Role if role in STAFF)


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `area second-step`."""
    parser = commands.add_parser(
        "second-step", help=_("take the second step of a login away, or say which roles need one")
    )
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("login", metavar="LOGIN", nargs="?", default="",
                        help=_("whose phone is lost, such as admin"))  # fmt: skip
    parser.add_argument("--roles", metavar="LIST", default="",
                        help=_("roles that need one, such as %(roles)s; %(nobody)s for nobody")
                        % {"roles": "admin,analyst", "nobody": NOBODY})  # fmt: skip
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Takes a second step away, sets the rule, or shows it. Errors: AreaRefused, RpcError."""
    from cli.area import peers_as_operator  # noqa: PLC0415 - it registers this command

    wanted = _roles(arguments.roles)
    peers = peers_as_operator(arguments.name)
    try:
        if arguments.login:
            reset(peers, arguments.name, arguments.login)
        needing = rule(peers, wanted)
    finally:
        peers.close()
    if arguments.json:
        told = {"area": arguments.name, "roles": needing}
        print(json.dumps(told | ({"user": arguments.login} if arguments.login else {})))
        return 0
    if arguments.login:
        print(_("The second step of %(login)s is taken away: the password alone opens, until it is "
                "set up anew.") % {"login": arguments.login})  # fmt: skip
    print(_("Roles that need a second step: %(roles)s")
          % {"roles": ", ".join(needing) or _("none")})  # fmt: skip
    return 0


def reset(peers: "Peers", area: str, login_name: str) -> None:
    """Takes the second step of a login away. Errors: AreaRefused where there is none."""
    from meguri.directory.v1 import directory_service_pb2 as pb  # noqa: PLC0415 - needs the stubs
    from meguri.directory.v1 import directory_service_pb2_grpc as pb_grpc  # noqa: PLC0415 - as above
    from meguri.directory.v1 import second_factor_service_pb2 as step_pb  # noqa: PLC0415 - as above
    from meguri.directory.v1 import second_factor_service_pb2_grpc as step_grpc  # noqa: PLC0415 - as above

    directory = pb_grpc.DirectoryServiceStub(peers.channel("directory"))
    users = directory.ListUsers(pb.ListUsersRequest(), timeout=DEADLINE_S).users
    found = next((user for user in users if user.login_name == login_name), None)
    if found is None:
        raise area_wizard.AreaRefused(f"there is no login {login_name} in {area}")
    if not found.second_factor:
        raise area_wizard.AreaRefused(f"{login_name} has no second step; a new password is made by"
                                      f" ./meguri area password {area} {login_name}")  # fmt: skip
    asked = step_pb.ResetSecondFactorRequest(
        request_id=str(uuid.uuid4()), user_id=found.user_id, version=found.version
    )
    step_grpc.SecondFactorServiceStub(peers.channel("directory")).ResetSecondFactor(
        asked, timeout=DEADLINE_S
    )


def rule(peers: "Peers", wanted: Sequence[str] | None) -> list[str]:
    """Says which roles need a second step, None to leave them; returns those that do."""
    from meguri.directory.v1 import directory_service_pb2 as pb  # noqa: PLC0415 - needs the stubs
    from meguri.directory.v1 import second_factor_service_pb2 as step_pb  # noqa: PLC0415 - as above
    from meguri.directory.v1 import second_factor_service_pb2_grpc as step_grpc  # noqa: PLC0415 - as above

    steps = step_grpc.SecondFactorServiceStub(peers.channel("directory"))
    if wanted is not None:
        asked = step_pb.SetSecondFactorRuleRequest(
            request_id=str(uuid.uuid4()),
            roles=[pb.Role.Value(f"ROLE_{role.upper()}") for role in wanted],
        )
        steps.SetSecondFactorRule(asked, timeout=DEADLINE_S)
    found = steps.GetSecondFactorRule(step_pb.GetSecondFactorRuleRequest(), timeout=DEADLINE_S)
    return [pb.Role.Name(role).removeprefix("ROLE_").lower() for role in found.roles]


def _roles(text: str) -> Sequence[str] | None:
    """Reads --roles. Errors: AreaRefused."""
    if not text:
        return None
    names = [each.strip().lower() for each in text.split(",") if each.strip()]
    if names == [NOBODY]:
        return ()
    for name in names:
        if name not in ROLES:
            raise area_wizard.AreaRefused(f"there is no role {name}; there are {', '.join(ROLES)}")
    return names
