"""`./meguri area create|load|languages|password|second-step|drop`: an area's first day, its end."""

import argparse
import csv
import importlib
import json
import os
import shutil
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cli import area_wizard, second_step
from cli.connection import NotRunning
from cli.kept_rows import kept_field, kept_names
from cli.words import _
from infra.local import home as homes
from infra.local.areas import folder_of
from infra.local.files import write_json
from infra.local.home import ROOT, Home
from kit import config
from kit.auth import Caller, Minter
from kit.client import Peers
from kit.roles import OPERATOR

DEADLINE_S = 20.0
# The directory comes first: it makes the area. The others only need its place ids.
LOADED = ("multilingual", "itinerary", "payments", "visitor_sense")
FIRST_ROLES = ("clerk", "shop_owner", "editor", "reviewer", "analyst", "accountant", "admin")


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `area` and its commands."""
    group = subcommands.add_parser("area", help=_("create, load or drop an area"))
    commands = group.add_subparsers(metavar="COMMAND", required=True)
    create = commands.add_parser("create", help=_("make an area of your own, step by step"))
    create.add_argument("name", metavar="NAME", help=_("short name: lower-case letters and digits"))
    area_wizard.add_options(create)
    create.set_defaults(run=run_create)
    load = commands.add_parser("load", help=_("load an area's files; twice changes nothing"))
    load.add_argument("name", metavar="NAME", nargs="?", default="")
    load.add_argument("--overwrite", action="store_true",
                      help=_("also names that staff changed at the studio"))  # fmt: skip
    load.add_argument("--first", action="store_true", help=argparse.SUPPRESS)
    load.set_defaults(run=run_load)
    languages = commands.add_parser(
        "languages", help=_("show the languages an area publishes, or set them")
    )
    languages.add_argument("name", metavar="NAME")
    languages.add_argument("locales", metavar="LIST", nargs="?", default="",
                           help=_("such as %(locales)s; the source language stays first")
                           % {"locales": "ja,en,fr"})  # fmt: skip
    languages.set_defaults(run=run_languages)
    password = commands.add_parser("password", help=_("make a new password for a login"))
    password.add_argument("name", metavar="NAME")
    password.add_argument("login", metavar="LOGIN", help=_("such as admin"))
    password.set_defaults(run=run_password)
    second_step.register(commands)
    drop = commands.add_parser("drop", help=_("remove an area with all its data"))
    drop.add_argument("name", metavar="NAME")
    drop.add_argument("--really", metavar="NAME", default="",
                      help=_("its name once more, where it is no demo area"))  # fmt: skip
    drop.set_defaults(run=run_drop)


def run_load(arguments: argparse.Namespace) -> int:
    """Loads an area into the running platform; at the first time makes logins and a terminal."""
    area = arguments.name or os.environ.get("MEGURI_AREA", "")
    home = Home(_data(arguments))
    counts, first = load(area, home, overwrite=arguments.overwrite, keep=arguments.first)
    if arguments.first:  # as a job: what is printed goes to the log, where no password belongs
        home.keep_loaded(area, os.environ.get("MEGURI_PUBLIC_URL", ""), first)
        first = {}
    _answer({"area": area, "loaded": counts} | first, as_json=arguments.json)
    return 0


def run_create(arguments: argparse.Namespace) -> int:
    """Makes the files of a new area by asking, then loads it."""
    data = _data(arguments)
    begun = area_wizard.is_unfinished(data / "areas" / arguments.name)
    folder = area_wizard.make(arguments, data / "areas", taken=_shipped())
    try:
        counts, first = load(arguments.name, Home(data), begun=begun)
    except BaseException:
        print(_("%(area)s is half made. Say the same once more, and it goes on from there.")
              % {"area": arguments.name}, file=sys.stderr)  # fmt: skip
        raise
    url = address_of(arguments.name, os.environ.get("MEGURI_EDGE_URL", ""))
    answer = {"area": arguments.name, "url": url, "folder": str(folder), "loaded": counts} | first
    report = area_wizard.read_municipal(arguments.csv) if arguments.csv else None
    if report:
        answer["municipal"] = report.document()
    _answer(answer, as_json=arguments.json)
    area_wizard.finish(folder)  # only now has somebody seen the passwords
    if not arguments.json:
        if report:
            area_wizard.tell_municipal(report, folder)
        print("\n" + _("The new area is at %(url)s") % {"url": url})
        area_wizard.tell_next_steps(arguments.name, folder)
    return 0


def run_languages(arguments: argparse.Namespace) -> int:
    """Shows or sets the languages of an area that runs."""
    from services.directory.cli import publish_locales  # noqa: PLC0415 - needs the stubs

    wanted = area_wizard.read_locales(arguments.locales) if arguments.locales else []
    folder = folder_of(arguments.name, _data(arguments))
    peers = peers_as_operator(arguments.name)
    try:
        published = publish_locales(peers, wanted, folder)
    except ValueError as error:
        raise area_wizard.AreaRefused(str(error)) from error
    finally:
        peers.close()
    if arguments.json:
        _answer({"area": arguments.name, "locales": published}, as_json=True)
        return 0
    print(", ".join(published))
    if wanted:
        print(_("Their texts, where files have any: ./meguri area load %(area)s")
              % {"area": arguments.name})  # fmt: skip
    return 0


def run_password(arguments: argparse.Namespace) -> int:
    """Makes a new password, for when nobody is left who could sign in and do it at the pages."""
    from cli import first_people  # noqa: PLC0415 - needs the stubs

    peers = peers_as_operator(arguments.name)
    try:
        made = first_people.new_password(peers, arguments.login)
    finally:
        peers.close()
    if not made:
        raise area_wizard.AreaRefused(f"there is no login {arguments.login} in {arguments.name}")
    if arguments.json:
        print(json.dumps({"area": arguments.name, "user": arguments.login, "password": made}))
        return 0
    print(_("New password of %(login)s (shown only now; write it down): %(password)s")
          % {"login": arguments.login, "password": made})  # fmt: skip
    return 0


def run_drop(arguments: argparse.Namespace) -> int:
    """Removes an area everywhere: a demo area, or one in which nothing was ever sold."""
    home, area = Home(_data(arguments)), arguments.name
    peers = peers_as_operator(area)
    try:
        _check_drop(peers, area, arguments.really)
        _drop(peers, area, arguments.really)
    finally:
        peers.close()
    home.forget_keys(area)
    answer = {"dropped": area} | _put_aside(home.data / "areas" / area)
    _answer(answer, as_json=arguments.json)
    return 0


def _check_drop(peers: Peers, area: str, really: str) -> None:
    """Errors: AreaRefused where the area must stay."""
    from meguri.payments.v1 import payments_service_pb2 as pb  # noqa: PLC0415 - needs the stubs
    from meguri.payments.v1 import payments_service_pb2_grpc as pb_grpc  # noqa: PLC0415 - as above
    from meguri.payments.v1 import register_service_pb2 as register_pb  # noqa: PLC0415 - as above
    from meguri.payments.v1 import register_service_pb2_grpc as register_grpc  # noqa: PLC0415 - as above

    if area == os.environ.get("MEGURI_DEFAULT_AREA"):
        raise area_wizard.AreaRefused(f"{area} is the area that Meguri starts with; it stays")
    if not really:
        return
    if really != area:
        raise area_wizard.AreaRefused(f"--really repeats the name of the area, which is {area}")
    stub = pb_grpc.PaymentsServiceStub(peers.channel("payments"))
    listed = stub.ListPayments(pb.ListPaymentsRequest(page_size=1), timeout=DEADLINE_S)
    proof = stub.ProveLedger(pb.ProveLedgerRequest(), timeout=DEADLINE_S)
    registers = register_grpc.RegisterServiceStub(peers.channel("payments"))
    journals = registers.ListRegisterImports(
        register_pb.ListRegisterImportsRequest(), timeout=DEADLINE_S
    )
    if listed.payments or proof.entry_count or journals.imports:
        raise area_wizard.AreaRefused(
            f"payments were taken in {area}, and books are kept by law: the area stays"
        )


def _drop(peers: Peers, area: str, really: str) -> None:
    """Has the directory drop the area. Errors: AreaRefused with the way out, RpcError."""
    import grpc  # noqa: PLC0415 - slow to load, and other commands do without it

    from kit.client import problem_of  # noqa: PLC0415 - as above
    from meguri.directory.v1 import directory_service_pb2 as pb  # noqa: PLC0415 - as above
    from meguri.directory.v1 import directory_service_pb2_grpc as pb_grpc  # noqa: PLC0415 - as above

    request = pb.DropAreaRequest(request_id=str(uuid.uuid4()), confirm_area=really)
    stub = pb_grpc.DirectoryServiceStub(peers.channel("directory"))
    try:
        stub.DropArea(request, timeout=DEADLINE_S)
    except grpc.RpcError as error:
        if problem_of(error).reason != "AREA_NOT_DEMO":
            raise
        raise area_wizard.AreaRefused(
            f"{area} is no demo area; one made by mistake goes, while nothing was sold in it, by"
            f" ./meguri area drop {area} --really {area}"
        ) from error


def _put_aside(folder: Path) -> dict[str, str]:
    """Keeps the files somebody may have filled in, out of the way of a new area of that name.

    Those of a demo area are copies and go.
    """
    if not folder.exists():
        return {}
    settings = folder / "area.json"
    if settings.exists() and json.loads(settings.read_text(encoding="utf-8")).get("demo"):
        shutil.rmtree(folder)
        return {}
    kept = folder.with_name(f"{folder.name}.dropped")
    shutil.rmtree(kept, ignore_errors=True)
    folder.rename(kept)
    return {"files": str(kept)}


def load(
    area: str, home: Home, *, begun: bool = False, overwrite: bool = False, keep: bool = False
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Loads an area's folder through the services' own doors.

    begun: an earlier try may have made some of the first logins, whose passwords nobody has seen.
    overwrite: names of the files count again where staff changed them. keep: first passwords are
    kept for `up` at once, so that a try that fails does not lose them.

    Returns what each service loaded, and first logins, terminal and sensor where they are new.
    Errors: FileNotFoundError when the area has no folder.
    """
    folder = folder_of(area, home.data)
    peers = peers_as_operator(area)
    try:
        counts = {"directory": _load_service("directory", peers, area, folder, overwrite)}
        with ThreadPoolExecutor(len(LOADED)) as threads:
            waiting = {
                service: threads.submit(_load_service, service, peers, area, folder)
                for service in LOADED
            }
            first = _first_people(peers, area, folder, home, begun=begun, keep=keep)
            counts |= {service: done.result() for service, done in waiting.items()}
    finally:
        peers.close()
    first |= _enrolled(area, home, first.get("terminal"))
    return counts, first


def address_of(area: str, edge_url: str) -> str:
    """Returns where a browser of this machine finds an area: every one has a name of its own."""
    port = urlsplit(edge_url).port
    return f"http://{area}.localhost{f':{port}' if port else ''}/"


def peers_as_operator(area: str) -> Peers:
    """Returns channels to all services, with the rights of the machine's owner in one area."""
    settings = config.load("operator")
    if settings.token_private_key is None:
        raise config.ConfigError("MEGURI_TOKEN_PRIVATE_KEY is not set")
    minter = Minter(settings.token_private_key.read_bytes())
    caller = Caller(area, "operator", OPERATOR)
    return Peers(settings, minter.tokens_of(caller))


def _load_service(
    service: str, peers: Peers, area: str, folder: Path, *more: bool
) -> dict[str, Any]:
    counts: dict[str, Any] = importlib.import_module(f"services.{service}.cli").load_area(
        peers, area, folder, *more
    )
    return counts


def _first_people(
    peers: Peers, area: str, folder: Path, home: Home, *, begun: bool, keep: bool
) -> dict[str, Any]:
    from cli import first_people  # noqa: PLC0415 - needs the stubs, which `build` makes

    public_url = os.environ.get("MEGURI_PUBLIC_URL", "")
    if public_url and area == os.environ.get("MEGURI_DEFAULT_AREA", area):
        first_people.set_address(peers, public_url)
    locale = _source_locale(folder)
    # The file is there from before the first of them is made until `up` has shown them all.
    unseen = keep and home.first_file.exists()
    if begun or unseen:
        logins = first_people.complete_logins(peers, FIRST_ROLES, locale)
    elif first_people.is_empty(peers):
        if keep:
            home.keep_first({})
        logins = first_people.create_logins(peers, FIRST_ROLES, locale)
    else:
        return {}
    if keep:
        home.keep_first(logins)
    terminal = first_people.enroll_terminal(peers, area, _first_shop(folder), home.secrets)
    return {"first_logins": logins} | ({"terminal": terminal} if terminal else {})


def _source_locale(folder: Path) -> str:
    settings = json.loads((folder / "area.json").read_text(encoding="utf-8"))
    return str(next(iter(settings.get("locales", ())), "ja"))


def _first_shop(folder: Path) -> str:
    for name, column in (("shops.csv", "shop_place_id"), ("places.csv", "place_id")):
        path = folder / name
        if path.exists():
            with path.open(encoding="utf-8-sig", newline="") as file:
                first = next(csv.DictReader(file), None)
            if first is not None:
                return first[column]
    return ""


def _enrolled(area: str, home: Home, terminal: dict[str, str] | None) -> dict[str, Any]:
    """Returns the area's own terminal and sensor, where it has any; holds no key.

    The file keeps those of the area that was loaded first, which is what `status` shows.
    """
    own: dict[str, Any] = {"terminal": terminal} if terminal else {}
    sensors = sorted((home.data / "visitor_sense" / "sensors").glob(f"{area}.*.json"))
    if sensors:
        sensor = {"id": sensors[0].stem.split(".", 1)[1], "credential_file": str(sensors[0])}
        own["sensor"] = sensor
    known = homes.read_enrolled(home, area)
    write_json(home.enrolled_file, own | known)
    return {name: entry for name, entry in known.items() if _is_of(area, entry)} | own


def _is_of(area: str, entry: dict[str, Any]) -> bool:
    """Tells whose a terminal or sensor is by the file of its key, which begins with the area."""
    file = entry.get("key_file") or entry.get("credential_file") or ""
    return Path(str(file)).name.startswith(f"{area}.")


def _data(arguments: argparse.Namespace) -> Path:
    if not os.environ.get("MEGURI_DIRECTORY_ADDRESS"):
        raise NotRunning(arguments.data)
    return Path(os.environ["MEGURI_DATA"])


def _shipped() -> set[str]:
    return {path.name for path in (ROOT / "data").iterdir() if (path / "area.json").exists()}


def _answer(answer: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(answer, ensure_ascii=False))
        return
    for service, counts in answer.get("loaded", {}).items():
        numbers = ((name, count) for name, count in counts.items()
                   if not isinstance(count, list))  # fmt: skip
        print(f"{service}: {', '.join(f'{count} {name}' for name, count in numbers)}")
        for row in counts.get("kept", ()):
            print(kept_names(row))
        for row in counts.get("kept_fields", ()):
            print(kept_field(row))
    if "dropped" in answer:
        print(_("%(area)s: removed everywhere") % {"area": answer["dropped"]})
        if "files" in answer:
            print(_("its files are kept in %(folder)s") % {"folder": answer["files"]})
    if "first_logins" in answer:
        from cli import present  # noqa: PLC0415 - only where logins were made

        present.first_logins(answer["first_logins"], sys.stdout)
