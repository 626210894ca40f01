"""The command-line door of visitor sensing: zones, sensors, replay, estimate."""

import argparse
import asyncio
import csv
import json
import os
import sys
from pathlib import Path
from typing import Any

from kit import config, log
from kit.auth import Caller, Minter
from kit.client import Peers
from kit.ids import new_id
from kit.pure.languages import texts_of
from kit.roles import ADMINS
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from meguri.visitor_sense.v1.visitor_sense_service_pb2_grpc import VisitorSenseServiceStub
from services.visitor_sense.domain.calibration import TooFewCounts
from services.visitor_sense.sensor import credential as credentials
from services.visitor_sense.sensor import main as sensor
from services.visitor_sense.sensor.calibrate import CountsUnreadable, calibrate_folder
from services.visitor_sense.sensor.captures import CaptureError
from services.visitor_sense.sensor.estimate import estimate
from services.visitor_sense.sensor.link import KeyRefused, LinkDown

DEADLINE_S = 20.0
# The zone whose sensor is enrolled with the area, so that a first capture can be played at once.
FIRST_ZONE = "main-gate"


def credential_file(data: str, area: str, sensor_id: str) -> Path:
    """Returns where the credential of a sensor of this machine is kept."""
    return Path(data) / "visitor_sense" / "sensors" / f"{area}.{sensor_id}.json"


def load_area(peers: Peers, area: str, folder: Path) -> dict[str, int]:
    """Loads zones.csv of a folder where there is one, and enrolls the first sensor.

    Running it again changes nothing; thresholds that people changed since are kept. Returns how
    many zones were made, how many were there, and how many sensors were enrolled.
    """
    path = folder / "zones.csv"
    if not path.exists():
        return {"zones": 0, "unchanged": 0, "sensors": 0}
    stub = _stub(peers)
    there = stub.ListZones(wire.ListZonesRequest(), timeout=DEADLINE_S).zones
    known = {zone.zone_id for zone in there}
    fresh = [zone for zone in read_zones(path) if zone["zone_id"] not in known]
    if fresh:
        request = wire.ConfigureZonesRequest(request_id=new_id(), zones=[])
        request.zones.extend(wire.Zone(**zone) for zone in fresh)
        stub.ConfigureZones(request, timeout=DEADLINE_S)
    zones = known | {zone["zone_id"] for zone in fresh}
    first = FIRST_ZONE if FIRST_ZONE in zones else min(zones)
    sensors = stub.ListSensors(wire.ListSensorsRequest(), timeout=DEADLINE_S).sensors
    if not sensors:
        _enroll(stub, os.environ["MEGURI_DATA"], area, first_sensor(first), first)
    return {"zones": len(fresh), "unchanged": len(known), "sensors": 0 if sensors else 1}


def without_pseudonyms(counted: bytes) -> bytes:
    """Returns a count as a backup may keep it: a list of pseudonyms becomes a sketch. By
    privacy rule one-day no list outlives its day, and a backup does."""
    from services.visitor_sense.domain.sketch import Distinct  # noqa: PLC0415 - numpy: 0.2 s

    count = Distinct.from_bytes(counted)
    count.forget_values()
    return count.to_bytes()


def first_sensor(zone_id: str = FIRST_ZONE) -> str:
    """Returns the id of the sensor that is enrolled with an area."""
    return f"{zone_id}-1"


def read_zones(path: Path) -> list[dict[str, Any]]:
    """Reads a zone file. Errors: KeyError or ValueError naming what a row lacks."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            {
                "zone_id": row["zone_id"],
                "place_id": row["place_id"],
                "names": texts_of(row),
                "normal_from": int(row["normal_from"]),
                "busy_from": int(row["busy_from"]),
                "crowded_from": int(row["crowded_from"]),
            }
            for row in csv.DictReader(file)
        ]


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `sense …`."""
    group = subcommands.add_parser("sense", help="visitor sensing: estimates, sensors, replay")
    verbs = group.add_subparsers(metavar="COMMAND", required=True)

    estimate = verbs.add_parser("estimate", help="devices in capture files (laboratory use)")
    estimate.add_argument("files", nargs="+", type=Path, metavar="FILE")
    estimate.add_argument("--labels", type=Path, metavar="OUT.csv", help="frame -> cluster id")
    estimate.set_defaults(run=run_estimate)

    calibrate = verbs.add_parser(
        "calibrate", help="people per device, from captures and counted people of a place"
    )
    calibrate.add_argument(
        "folder", type=Path, metavar="FOLDER",
        help="a pair per day: NAME.pcap[.gz] and NAME.occupancy.csv, whose columns are start_epoch,"
        " end_epoch and occupancy",
    )  # fmt: skip
    calibrate.set_defaults(run=run_calibrate)

    replay = verbs.add_parser("replay", help="play a capture as a sensor would, ending now")
    replay.add_argument("file", type=Path, metavar="FILE")
    replay.add_argument("--sensor", required=True, metavar="ID")
    replay.add_argument(
        "--speed", type=_speed, default=0.0, metavar="X",
        help="play live, X times as fast as it was; default: at once, re-timed to end now",
    )  # fmt: skip
    replay.add_argument("--credential", type=Path, metavar="FILE", help="default: data folder")
    replay.set_defaults(run=run_replay)

    enroll = verbs.add_parser("enroll", help="enroll a sensor and write its credential file")
    enroll.add_argument("sensor", metavar="ID")
    enroll.add_argument("--zone", required=True, metavar="ZONE")
    enroll.set_defaults(run=run_enroll)
    verbs.add_parser("sensors", help="sensors and how they are").set_defaults(run=run_sensors)


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 < speed <= 100_000:
        raise argparse.ArgumentTypeError("give a number above 0")
    return speed


def run_estimate(arguments: argparse.Namespace) -> int:
    """Estimates the devices in capture files; needs no running platform."""
    try:
        found = estimate(arguments.files, arguments.labels)
    except CaptureError as error:
        return _refuse(arguments, error.reason, str(error))
    devices: Any = found["devices"]
    text = (
        f"{found['probe_frames']} probe requests from {found['addresses']} addresses: about "
        f"{devices['estimate']} devices ({devices['low']} to {devices['high']})"
    )
    return _tell(arguments, found, text)


def run_calibrate(arguments: argparse.Namespace) -> int:
    """Learns a place from files and says how good that is; needs no running platform."""
    try:
        found: dict[str, Any] = calibrate_folder(arguments.folder)
    except CaptureError as error:
        return _refuse(arguments, error.reason, str(error))
    except CountsUnreadable as error:
        return _refuse(arguments, "COUNTS_UNREADABLE", str(error))
    except TooFewCounts as error:
        return _refuse(arguments, "TOO_FEW_COUNTS", str(error))
    good = found["accuracy"]
    text = (
        f"{found['people_per_device']} people per device near by, from {found['windows']} quarters "
        f"of an hour on {found['days']} days.\nEvery day judged by those before it: off by "
        f"{good['wape']:.0%} of the people ({good['mae']:.1f} people in a quarter of an hour, "
        f"{good['bias']:+.1f} on average); {good['coverage']:.0%} within the 90 % interval."
    )
    return _tell(arguments, found, text)


def run_replay(arguments: argparse.Namespace) -> int:
    """Plays a capture file into the running platform."""
    log.configure("sensor", "error")
    path = arguments.credential or credential_file(arguments.data, _area(), arguments.sensor)
    if not arguments.credential and not path.exists():
        return _refuse(
            arguments, "SENSOR_NOT_ENROLLED",
            f"there is no sensor {arguments.sensor} on this machine; ./meguri sense sensors lists"
            f" those of the area, ./meguri sense enroll {arguments.sensor} --zone ZONE adds one",
        )  # fmt: skip
    try:
        credential = credentials.read_credential(path)
        done = asyncio.run(
            sensor.play_file(credential, sensor.spool_of(path), arguments.file,
                             retime=True, speed=arguments.speed)
        )  # fmt: skip
    except (CaptureError, KeyRefused) as error:
        return _refuse(arguments, error.reason, str(error))
    except credentials.CredentialError as error:
        return _refuse(arguments, "CREDENTIAL_UNUSABLE", str(error))
    except LinkDown as error:
        return _refuse(arguments, "LINK_DOWN", f"{error} Batches already made wait on disk.")
    text = (
        f"{done.probe_frames} probe requests played as {done.sensor_id}, from "
        f"{done.first_time:%Y-%m-%d %H:%M:%S} to {done.last_time:%H:%M:%S} UTC, in {done.batches} "
        f"batches; {done.frames_too_old} frames fell more than 24 hours back and were left out"
    )
    return _tell(arguments, done.to_json(), text)


def run_enroll(arguments: argparse.Namespace) -> int:
    """Enrolls a sensor: its keys are made here and only their public halves are sent."""
    area = _area()
    path = credential_file(arguments.data, area, arguments.sensor)
    _enroll(_stub(_peers(area)), arguments.data, area, arguments.sensor, arguments.zone)
    answer = {"id": arguments.sensor, "zone": arguments.zone, "credential_file": str(path)}
    return _tell(arguments, answer, f"{arguments.sensor} is enrolled; its credential is {path}")


def run_sensors(arguments: argparse.Namespace) -> int:
    """Lists the sensors, those that need somebody first."""
    answer = _stub(_peers(_area())).ListSensors(wire.ListSensorsRequest(), timeout=DEADLINE_S)
    rows = [
        {
            "id": one.sensor_id,
            "zone": one.zone_id,
            "state": wire.SensorState.Name(one.state).removeprefix("SENSOR_STATE_").lower(),
            "heard": one.heard_time.ToJsonString() if one.HasField("heard_time") else None,
            "batches": one.batches,
            "observations": one.observations,
            "observations_refused": one.observations_refused,
            "batches_waiting": one.batches_waiting,
            "clock_ahead_s": one.clock_ahead_s,
        }
        for one in answer.sensors
    ]
    lines = [f"{row['id']:<24} {row['zone']:<20} {row['state']:<12} {row['heard'] or '-'}"
             for row in rows]  # fmt: skip
    return _tell(arguments, {"sensors": rows}, "\n".join(lines) or "no sensor is enrolled")


def _enroll(
    stub: VisitorSenseServiceStub, data: str, area: str, sensor_id: str, zone_id: str
) -> None:
    """Enrolls with the keys of the credential file, which is made where there is none yet."""
    path = credential_file(data, area, sensor_id)
    if not path.exists():
        credentials.write_credential(path, credentials.make_credential(area, sensor_id, zone_id))
    credential = credentials.read_credential(path)
    request = wire.EnrollSensorRequest(
        request_id=new_id(),
        sensor_id=sensor_id,
        zone_id=zone_id,
        signing_public_key=credential.signing_public_key,
        sealing_public_key=credential.sealing_public_key,
    )
    stub.EnrollSensor(request, timeout=DEADLINE_S)


def _stub(peers: Peers) -> VisitorSenseServiceStub:
    return VisitorSenseServiceStub(peers.channel("visitor_sense"))


def _area() -> str:
    return os.environ.get("MEGURI_AREA") or os.environ.get("MEGURI_DEFAULT_AREA") or "mine"


def _peers(area: str) -> Peers:
    settings = config.load("cli")
    if settings.token_private_key is None:
        raise config.ConfigError("MEGURI_TOKEN_PRIVATE_KEY is not set")
    minter = Minter(settings.token_private_key.read_bytes())
    caller = Caller(area, "command-line", ADMINS)
    return Peers(settings, lambda: minter.mint(caller))


def _tell(arguments: argparse.Namespace, answer: dict[str, Any], text: str) -> int:
    print(json.dumps(answer, ensure_ascii=False) if arguments.json else text)  # noqa: T201
    return 0


def _refuse(arguments: argparse.Namespace, reason: str, text: str) -> int:
    print(f"meguri sense: {text} [{reason}]", file=sys.stderr)  # noqa: T201
    if arguments.json:
        print(json.dumps({"error": text, "reason": reason}, ensure_ascii=False))  # noqa: T201
    return 1
