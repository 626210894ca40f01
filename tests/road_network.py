"""A real Valhalla over a small road network that is made here: a road north, one east, and a ring
of one way. Needs requirements-roads.lock."""

import importlib.util
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.ports import HOST, PortChooser

START_S = 60.0
SOUTH, BEND, NORTH = (34.2250, 131.3030), (34.2350, 131.3030), (34.2400, 131.3030)
EAST, CORNER = (34.2350, 131.3130), (34.2250, 131.3130)
NODES = (SOUTH, BEND, NORTH, EAST, CORNER)
# Cars reach the corner only backwards on its one-way street: that is, not at all.
ROADS = (
    ((SOUTH, BEND, NORTH), {"highway": "secondary", "maxspeed": "40"}),
    ((BEND, EAST), {"highway": "residential"}),
    ((EAST, CORNER), {"highway": "footway"}),
    ((CORNER, SOUTH), {"highway": "residential", "oneway": "yes"}),
)
_MAKE = """
import json, sys
import osmium
from osmium.osm import mutable
from valhalla import get_config

told = json.load(sys.stdin)
writer = osmium.SimpleWriter(told["map"])
for number, (latitude, longitude) in enumerate(told["nodes"], 1):
    writer.add_node(mutable.Node(id=number, location=(longitude, latitude), version=1))
for number, (nodes, tags) in enumerate(told["ways"], 1):
    writer.add_way(mutable.Way(id=number, nodes=nodes, tags=tags, version=1))
writer.close()
config = get_config(tile_dir=told["tiles"], tile_extract="", verbose=False)
service = config["httpd"]["service"]
service["listen"] = told["listen"]
for name in ("loopback", "interrupt"):
    service[name] = f"ipc://{told['sockets']}/{name}"
for name in ("loki", "thor", "odin"):
    config[name]["service"]["proxy"] = f"ipc://{told['sockets']}/{name}"
with open(told["config"], "w") as file:
    json.dump(config, file)
"""


def is_installed() -> bool:
    """Tells whether the engine and what makes its map are here."""
    return all(importlib.util.find_spec(name) for name in ("valhalla", "osmium"))


@contextmanager
def engine(folder: Path) -> Iterator[str]:
    """Runs it for as long as the block; yields its address. Errors: RuntimeError."""
    found = importlib.util.find_spec("valhalla")
    if found is None or found.origin is None:
        raise RuntimeError("requirements-roads.lock is not installed")
    programs = Path(found.origin).parent / "bin"
    port = PortChooser(claims=False).choose(0)
    config, map_file, tiles = folder / "config.json", folder / "map.osm.pbf", folder / "tiles"
    tiles.mkdir()
    number = {node: index for index, node in enumerate(NODES, 1)}
    told = {
        "map": str(map_file), "nodes": NODES, "tiles": str(tiles),
        "ways": [([number[node] for node in nodes], tags) for nodes, tags in ROADS],
        "config": str(config), "listen": f"tcp://{HOST}:{port}", "sockets": str(folder),
    }  # fmt: skip
    subprocess.run([sys.executable, "-c", _MAKE], input=json.dumps(told), text=True, check=True)
    log = (folder / "log").open("wb")
    subprocess.run(
        [programs / "valhalla_build_tiles", "-c", config, map_file],
        stdout=log, stderr=log, check=True, cwd=folder,  # it writes what it wonders at beside it
    )  # fmt: skip
    process = subprocess.Popen(
        [programs / "valhalla_service", config, "1"], stdout=log, stderr=log,
        env={**os.environ, "LC_ALL": "C"}, start_new_session=True, cwd=folder,
    )  # fmt: skip
    try:
        _await_answer(f"http://{HOST}:{port}/status", process)
        yield f"http://{HOST}:{port}"
    finally:
        process.kill()
        process.wait()
        log.close()


def _await_answer(url: str, process: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + START_S
    while time.monotonic() < ends and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()  # noqa: S310 - our own
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the engine did not start")
