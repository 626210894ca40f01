"""The command-line door of visitor sensing: zones, sensors, replay, estimate."""

import argparse
import asyncio
import os
from datetime import UTC
from gettext import gettext as _
from pathlib import Path
from typing import Any

from kit import area_files, log
from kit.client import Peers
from kit.ids import new_id
from kit.pure import local_time
from kit.pure.languages import texts_of
from kit.pure.marked import N_
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from meguri.visitor_sense.v1.visitor_sense_service_pb2_grpc import VisitorSenseServiceStub
from services.visitor_sense.cli import others
from services.visitor_sense.cli.door import DEADLINE_S, SenseRefused, counted, credential_file
from services.visitor_sense.cli.door import area as _area
from services.visitor_sense.cli.door import peers as _peers
from services.visitor_sense.cli.door import stub as _stub
from services.visitor_sense.cli.door import tell as _tell
from services.visitor_sense.cli.door import zone as _zone
from services.visitor_sense.domain.calibration import TooFewCounts
from services.visitor_sense.sensor import credential as credentials
from services.visitor_sense.sensor import main as sensor
from services.visitor_sense.sensor.calibrate import CountsUnreadable, calibrate_folder
from services.visitor_sense.sensor.captures import CaptureError
from services.visitor_sense.sensor.estimate import estimate
from services.visitor_sense.sensor.generator.generate import simulate, write_area
from services.visitor_sense.sensor.link import KeyRefused, LinkDown

# The zone whose sensor is enrolled with the area, so that a first capture can be played at once.
FIRST_ZONE = "main-gate"


STATES = {
    "ok": N_("ok"), "silent": N_("silent"), "never_heard": N_("never heard"),
    "paused": N_("paused"), "revoked": N_("revoked"), "sick": N_("not well"),
}  # fmt: skip


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
    """Reads a zone file. Errors: BadFile."""
    return area_files.read(path, _zone_of_row)


def _zone_of_row(row: area_files.Row) -> dict[str, Any]:
    return {
        "zone_id": row["zone_id"],
        "place_id": row["place_id"],
        "names": texts_of(row),
        "normal_from": int(row["normal_from"]),
        "busy_from": int(row["busy_from"]),
        "crowded_from": int(row["crowded_from"]),
    }


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `sense …`."""
    group = subcommands.add_parser("sense", help=_("visitor sensing: estimates, sensors, replay"))
    verbs = group.add_subparsers(metavar="COMMAND", required=True)

    estimate = verbs.add_parser("estimate", help=_("devices in capture files (laboratory use)"))
    estimate.add_argument("files", nargs="+", type=Path, metavar="FILE",
                          help=_("pcap or pcapng, also packed with gzip"))  # fmt: skip
    estimate.add_argument("--labels", type=Path, metavar="OUT.csv", help=_("frame -> cluster id"))
    estimate.set_defaults(run=run_estimate)

    calibrate = verbs.add_parser(
        "calibrate", help=_("people per device, from captures and counted people of a place")
    )
    calibrate.add_argument(
        "folder", type=Path, metavar="FOLDER", nargs="?",
        help=_("a pair per day: NAME.pcap[.gz] and NAME.occupancy.csv, whose columns are"
               " start_epoch, end_epoch and occupancy"),
    )  # fmt: skip
    calibrate.add_argument(
        "--zone",
        metavar="ZONE",
        help=_(
            "calibrate a running zone by the tickets of its gates; it tells visitors from then on"
        ),
    )
    calibrate.add_argument(
        "--counts", type=Path, metavar="FILE.csv",
        help=_("with --zone: hours counted by hand; columns hour_start (2026-05-03T10:00+09:00)"
               " and persons"),
    )  # fmt: skip
    calibrate.set_defaults(run=run_calibrate)

    generate = verbs.add_parser(
        "generate", help=_("captures of a simulated area whose visitors are all known")
    )
    generate.add_argument("--seed", type=int, required=True, metavar="N",
                          help=_("any number; the same one makes the same bytes"))  # fmt: skip
    generate.add_argument("--visitors", type=int, required=True, metavar="N",
                          help=_("how many come in the day"))  # fmt: skip
    generate.add_argument("--out", type=Path, required=True, metavar="FOLDER",
                          help=_("will hold a capture per sensor and the truth"))  # fmt: skip
    generate.add_argument(
        "--captures", type=Path, metavar="FOLDER",
        help=_("captures of one phone each, whose bursts are sent again under other addresses"),
    )  # fmt: skip
    generate.set_defaults(run=run_generate)

    replay = verbs.add_parser("replay", help=_("play a capture as a sensor would, ending now"))
    replay.add_argument("file", type=Path, metavar="FILE")
    replay.add_argument("--sensor", required=True, metavar="ID")
    replay.add_argument(
        "--speed", type=_speed, default=0.0, metavar="X",
        help=_("play live, X times as fast as it was; default: at once, re-timed to end now"),
    )  # fmt: skip
    replay.add_argument("--credential", type=Path, metavar="FILE", help=_("default: data folder"))
    replay.set_defaults(run=run_replay)

    enroll = verbs.add_parser("enroll", help=_("enroll a sensor and write its credential file"))
    enroll.add_argument("sensor", metavar="ID")
    enroll.add_argument("--zone", required=True, metavar="ZONE")
    enroll.set_defaults(run=run_enroll)
    others.register(verbs)
    verbs.add_parser("sensors", help=_("sensors and how they are")).set_defaults(run=run_sensors)


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
        raise SenseRefused(error.reason, str(error)) from error
    devices: Any = found["devices"]
    text = _(
        "%(probe_frames)s probe requests from %(addresses)s addresses: about %(estimate)s devices"
        " (%(low)s to %(high)s)"
    )
    return _tell(arguments, found, text % (found | devices))


def run_calibrate(arguments: argparse.Namespace) -> int:
    """Learns a zone that runs, or a place from files, and says how good that is."""
    if (arguments.folder is None) is (arguments.zone is None):
        raise SenseRefused("FOLDER_OR_ZONE", "give a FOLDER of captures or --zone ZONE, not both")
    if arguments.zone is not None:
        return _calibrate_zone(arguments)
    try:
        found: dict[str, Any] = calibrate_folder(arguments.folder)
    except CaptureError as error:
        raise SenseRefused(error.reason, str(error)) from error
    except CountsUnreadable as error:
        raise SenseRefused("COUNTS_UNREADABLE", str(error)) from error
    except TooFewCounts as error:
        raise SenseRefused("TOO_FEW_COUNTS", str(error)) from error
    good = found["accuracy"]
    text = _(
        "%(people_per_device)s people per device near by, from %(windows)s quarters of an hour on"
        " %(days)s days.\nEvery day judged by those before it: off by %(wape)s of the people"
        " (%(mae)s people in a quarter of an hour, %(bias)s on average); %(coverage)s within the"
        " 90 %% interval."
    )
    told = found | {
        "wape": f"{good['wape']:.0%}", "mae": f"{good['mae']:.1f}",
        "bias": f"{good['bias']:+.1f}", "coverage": f"{good['coverage']:.0%}",
    }  # fmt: skip
    return _tell(arguments, found, text % told)


def run_generate(arguments: argparse.Namespace) -> int:
    """Writes what the sensors of a simulated day hear, and the truth; needs no running platform."""
    try:
        area = simulate(arguments.seed, arguments.visitors, arguments.captures)
    except CaptureError as error:
        raise SenseRefused(error.reason, str(error)) from error
    except ValueError as error:
        raise SenseRefused("VISITORS_OUT_OF_RANGE", str(error)) from error
    found = write_area(area, arguments.out)
    text = _(
        "%(visitors)s visitors, %(devices)s devices: captures, counts and truth are in %(folder)s"
    )
    return _tell(arguments, found, text % found)


def _calibrate_zone(arguments: argparse.Namespace) -> int:
    request = wire.CalibrateZoneRequest(
        request_id=new_id(),
        zone_id=arguments.zone,
        counts=counted(arguments.counts) if arguments.counts else [],
    )
    found = _stub(_peers(_area())).CalibrateZone(request, timeout=DEADLINE_S).calibration
    answer = {
        "zone": found.zone_id, "version": found.version, "days": found.days, "hours": found.hours,
        "learned": found.learn_time.ToJsonString(),
        "error_share": round(found.error_share, 3) if found.judged else None,
        "mean_error": round(found.mean_error, 1) if found.judged else None,
        "coverage": round(found.coverage, 3) if found.judged else None,
    }  # fmt: skip
    text = _(
        "%(zone)s tells visitors from now on: learned from %(hours)s counted hours on %(days)s"
        " days."
    ) % {"zone": found.zone_id, "hours": found.hours, "days": found.days}
    good = _(
        "Every day judged by those before it: off by %(wape)s of the people; %(coverage)s of the"
        " hours within the 90 %% interval."
    )
    if found.judged:
        told = {"wape": f"{found.error_share:.0%}", "coverage": f"{found.coverage:.0%}"}
        text += "\n" + good % told
    return _tell(arguments, answer, text)


def run_replay(arguments: argparse.Namespace) -> int:
    """Plays a capture file into the running platform."""
    log.configure("sensor", "error")
    path = arguments.credential or credential_file(arguments.data, _area(), arguments.sensor)
    if not arguments.credential and not path.exists():
        raise SenseRefused(
            "SENSOR_NOT_ENROLLED",
            f"there is no sensor {arguments.sensor} on this machine; ./meguri sense sensors lists"
            " those of the area; one is added by"
            f" ./meguri sense enroll {arguments.sensor} --zone ZONE",
        )
    try:
        credential = credentials.read_credential(path)
        done = asyncio.run(
            sensor.play_file(credential, sensor.spool_of(path), arguments.file,
                             retime=True, speed=arguments.speed)
        )  # fmt: skip
    except (CaptureError, KeyRefused) as error:
        raise SenseRefused(error.reason, str(error)) from error
    except credentials.CredentialError as error:
        raise SenseRefused("CREDENTIAL_UNUSABLE", str(error)) from error
    except LinkDown as error:
        raise SenseRefused("LINK_DOWN", f"{error} Batches already made wait on disk.") from error
    if arguments.json:
        return _tell(arguments, done.to_json(), "")
    text = _("%(frames)s probe requests played as %(sensor)s, from %(first)s to %(last)s, in"
             " %(batches)s batches; %(old)s frames fell more than 24 hours back and were left"
             " out")  # fmt: skip
    zone = _zone(_area())
    told = {
        "frames": done.probe_frames, "sensor": done.sensor_id, "batches": done.batches,
        "first": local_time.told(done.first_time, zone),
        "last": local_time.told(done.last_time, zone), "old": done.frames_too_old,
    }  # fmt: skip
    return _tell(arguments, {}, text % told)


def run_enroll(arguments: argparse.Namespace) -> int:
    """Enrolls a sensor: its keys are made here and only their public halves are sent."""
    area = _area()
    path = credential_file(arguments.data, area, arguments.sensor)
    _enroll(_stub(_peers(area)), arguments.data, area, arguments.sensor, arguments.zone)
    answer = {"id": arguments.sensor, "zone": arguments.zone, "credential_file": str(path)}
    text = _("%(sensor)s is enrolled; its credential is %(file)s")
    return _tell(arguments, answer, text % {"sensor": arguments.sensor, "file": path})


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
            "posts_refused": one.posts_refused,
            "kind": wire.SensorKind.Name(one.kind).removeprefix("SENSOR_KIND_").lower(),
            "refused": {each.reason: each.count for each in one.refusals},
        }
        for one in answer.sensors
    ]
    if arguments.json:
        return _tell(arguments, {"sensors": rows}, "")
    zone = _zone(_area())
    lines = []
    for row, one in zip(rows, answer.sensors, strict=True):
        heard = one.heard_time.ToDatetime(UTC) if one.HasField("heard_time") else None
        said = local_time.told(heard, zone) if heard else "-"
        state = _(STATES.get(str(row["state"]), str(row["state"])))
        if one.posts_refused:
            state += "; " + _("posts with a wrong secret: %(count)s") % {"count": one.posts_refused}
        if one.refusals:
            reasons = ", ".join(f"{each.reason} {each.count}" for each in one.refusals)
            state += "; " + _("refused: %(reasons)s") % {"reasons": reasons}
        lines.append(f"{row['id']:<24} {row['zone']:<20} {said:<28} {state}")
    return _tell(arguments, {}, "\n".join(lines) or _("no sensor is enrolled"))


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
