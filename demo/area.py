"""The demo area: made of the default area's files, marked as demo, removed without a trace."""

import json
import shutil
import uuid
from pathlib import Path
from typing import Any, Protocol

from infra.local.files import write_private
from infra.local.home import ROOT, Home, read_object
from kit.client import Peers
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1 import directory_service_pb2_grpc as pb_grpc

AREA = "demo"
DEADLINE_S = 20.0
PREFIXES = {
    "ja": "デモ・",
    "en": "Demo: ",
    "ko": "데모 · ",
    "zh-Hans": "演示・",
    "zh-Hant": "示範・",
    "fr": "Démo\u00a0: ",
    "th": "ตัวอย่าง: ",
    "vi": "Bản thử: ",
}

Logins = dict[str, dict[str, str]]


class Load(Protocol):
    """Loads an area's folder: see cli.area.load."""

    def __call__(self, area: str, home: Home, /, *, begun: bool) -> tuple[Any, dict[str, Any]]: ...


def make_folder(home: Home, source: str, area: str = AREA) -> Path:
    """Writes a demo area's files: those of a source area, with its settings marked as demo."""
    folder = home.data / "areas" / area
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "data" / source, folder)
    path = folder / "area.json"
    settings: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    settings["demo"] = True
    settings["names"] = {
        tag: PREFIXES.get(tag, "Demo: ") + name for tag, name in settings["names"].items()
    }
    path.write_text(json.dumps(settings, ensure_ascii=False, indent=2), encoding="utf-8")
    return folder


def logins_file(home: Home, area: str = AREA) -> Path:
    """Returns where a demo area's passwords are kept, readable by the owner only."""
    return home.secrets / f"{area}_logins.json"


def prepare(home: Home, source: str, load: Load, area: str = AREA) -> Logins:
    """Makes and loads the area, at the first time with logins. Returns role -> user, password.

    A demo that was cut short may have made logins whose passwords nobody kept: they get new ones,
    so that it goes on without being dropped. load: loads an area's folder through the services'
    doors, and makes or completes the logins where they were only begun. area: another demo area,
    as a load that stands for many has them.
    """
    make_folder(home, source, area)
    file = logins_file(home, area)
    known = read_object(file) or {}
    _, first = load(area, home, begun=not known)
    if "first_logins" in first:
        write_private(file, json.dumps(first["first_logins"]).encode())
        known = first["first_logins"]
    return known


def was_cut_short(home: Home, peers: Peers) -> bool:
    """Tells whether the area is there and its passwords are not."""
    return not read_object(logins_file(home)) and exists(peers)


def exists(peers: Peers, area: str = AREA) -> bool:
    """Tells whether a demo area is there."""
    stub = pb_grpc.DirectoryServiceStub(peers.channel("directory"))
    areas = stub.ListAreas(pb.ListAreasRequest(), timeout=DEADLINE_S).areas
    return any(each.area == area for each in areas)


def drop(home: Home, peers: Peers, area: str = AREA) -> bool:
    """Removes the area: directory says area_dropped, every service deletes what it holds.

    Returns False when there was none. peers: speak for that area.
    """
    there = exists(peers, area)
    if there:
        stub = pb_grpc.DirectoryServiceStub(peers.channel("directory"))
        stub.DropArea(pb.DropAreaRequest(request_id=str(uuid.uuid4())), timeout=DEADLINE_S)
    shutil.rmtree(home.data / "areas" / area, ignore_errors=True)
    home.forget_keys(area)
    logins_file(home, area).unlink(missing_ok=True)
    return there
