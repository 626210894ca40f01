"""An operator of the tests: a GTFS archive between places of Mine, and its simulator that tells of
delays, as a process of its own."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

from tests import servers

ROOT = Path(__file__).resolve().parents[1]
# By their published points (data/mine/places.csv).
STATION, CAVE = (34.093255, 131.39657), (34.228111, 131.303472)
RIDE_MINUTES = 40
NOTICE = "no bus is where this says"


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}:00"


def archive(
    folder: Path,
    out: range,
    back: range,
    *,
    there: tuple[float, float] = CAVE,
    name: str = "山バス",
) -> Path:
    """Writes a feed of runs from the station to a point and back. Trips: out-540, back-900, by the
    minute they leave."""
    calls, trips = [], []
    for line, minutes, stops in (("out", out, ("s", "c")), ("back", back, ("c", "s"))):
        for minute in minutes:
            trips.append(f"{line},daily,{line}-{minute},終点")
            for number, (stop, at) in enumerate(
                zip(stops, (minute, minute + RIDE_MINUTES), strict=True), start=1
            ):
                calls.append(f"{line}-{minute},{clock(at)},{clock(at)},{stop},{number}")
    tables = {
        "agency.txt": f"agency_id,agency_name,agency_timezone\n1,{name},Asia/Tokyo",
        "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\n"
        f"s,駅前,{STATION[0]},{STATION[1]}\nc,洞前,{there[0]},{there[1]}",
        "routes.txt": "route_id,agency_id,route_short_name,route_long_name,route_type\n"
        "out,1,1,山線（往）,3\nback,1,1,山線（復）,3",
        "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,"
        "start_date,end_date\ndaily,1,1,1,1,1,1,1,20200101,20391231",
        "trips.txt": "\n".join(["route_id,service_id,trip_id,trip_headsign", *trips]),
        "stop_times.txt": "\n".join(
            ["trip_id,arrival_time,departure_time,stop_id,stop_sequence", *calls]
        ),
        "feed_info.txt": f"feed_publisher_name,feed_version,feed_lang\n{name},1,ja",
    }
    path = folder / "operator.zip"
    with zipfile.ZipFile(path, "w") as made:
        for table, text in tables.items():
            made.writestr(table, text + "\n")
    return path


class Operator:
    """The GTFS-Realtime simulator as a process."""

    def __init__(self, feed: Path | None = None) -> None:
        port = servers._ports.choose(0)
        self.url = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "simulators.gtfs_rt.main", *([str(feed)] if feed else [])],
            env={**os.environ, "MEGURI_LISTEN": f"127.0.0.1:{port}", "PYTHONPATH": str(ROOT)},
            stderr=subprocess.DEVNULL, cwd=ROOT,
        )  # fmt: skip
        for _ in range(500):
            try:
                self.get("/healthz")
            except urllib.error.URLError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError("the simulator did not start")

    def get(self, path: str) -> Any:
        """Returns what an address answers, as JSON."""
        with urllib.request.urlopen(self.url + path, timeout=5) as answer:  # noqa: S310 - our own
            assert answer.headers["X-Simulator"] == NOTICE
            return json.loads(answer.read())

    def play(self, **orders: Any) -> None:
        """Has it say something else from now on."""
        request = urllib.request.Request(  # noqa: S310 - our own
            f"{self.url}/play", data=json.dumps(orders).encode(), method="POST"
        )
        urllib.request.urlopen(request, timeout=5).close()  # noqa: S310 - our own

    def close(self) -> None:
        """Ends it."""
        self._process.kill()
        self._process.wait()
