"""`./meguri sense optout|counted|import|meraki|gadget|noise`: who is left out, what others count or
hear, and how much chance figures carry."""

import argparse
import asyncio
import os
import secrets
import sys
from dataclasses import asdict
from datetime import UTC
from gettext import gettext as _
from pathlib import Path
from typing import Any

from kit.ids import new_id
from kit.pure import local_time
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from meguri.visitor_sense.v1.visitor_sense_service_pb2_grpc import VisitorSenseServiceStub
from services.visitor_sense.cli import door
from services.visitor_sense.cli.door import DEADLINE_S, SenseRefused, credential_file
from services.visitor_sense.sensor import credential as credentials
from services.visitor_sense.sensor import main as sensor
from services.visitor_sense.sensor.link import KeyRefused, LinkDown
from services.visitor_sense.sensor.rows import RowsUnreadable


def _service() -> VisitorSenseServiceStub:
    return door.stub(door.peers(door.area()))


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the commands."""
    group = verbs.add_parser("optout", help=_("devices whose owners do not want to be counted"))
    steps = group.add_subparsers(metavar="COMMAND", required=True)
    add = steps.add_parser("add", help=_("leave a device out, from now on"))
    add.add_argument("address", metavar="ADDRESS",
                     help=_("Wi-Fi address of the device; - reads it from the input, so that no"
                            " history of commands keeps it"))  # fmt: skip
    add.set_defaults(run=run_opt_out)
    remove = steps.add_parser("remove", help=_("count a device again"))
    remove.add_argument("address", metavar="ADDRESS", help=_("its address, or the entry's name"))
    remove.set_defaults(run=run_opt_in)
    steps.add_parser("list", help=_("entries of the list, never an address")).set_defaults(
        run=run_opt_outs
    )
    counted = verbs.add_parser(
        "counted", help=_("note people counted by hand or by a gate, to calibrate with later")
    )
    columns = _("columns hour_start (2026-05-03T10:00+09:00) and persons")
    counted.add_argument("file", type=Path, metavar="FILE", help=columns)
    counted.add_argument("--zone", required=True, metavar="ZONE")
    counted.set_defaults(run=run_counted)
    rows = verbs.add_parser("import", help=_("send a CSV file of what another sensor heard"))
    columns = _("columns time (2026-05-03T10:00:07+09:00), address and rssi_dbm")
    rows.add_argument("file", type=Path, metavar="FILE", help=columns)
    rows.add_argument("--sensor", required=True, metavar="ID")
    rows.set_defaults(run=run_import)
    meraki = verbs.add_parser("meraki", help=_("take what a Meraki network hears"))
    meraki.add_argument("sensor", metavar="ID")
    meraki.add_argument("--zone", required=True, metavar="ZONE")
    meraki.add_argument("--validator", required=True, metavar="TEXT",
                        help=_("as Meraki's dashboard shows it"))  # fmt: skip
    meraki.set_defaults(run=run_meraki)
    gadget = verbs.add_parser(
        "gadget", help=_("take what a Paxcounter counts, over MQTT; again: a new password")
    )
    gadget.add_argument("sensor", metavar="ID")
    gadget.add_argument("--zone", required=True, metavar="ZONE")
    gadget.set_defaults(run=run_gadget)
    noise = verbs.add_parser(
        "noise",
        help=_("chance in figures (differential privacy): show it, set it from tomorrow on"),
    )
    which = noise.add_mutually_exclusive_group()
    which.add_argument("--epsilon", type=float, metavar="E",
                       help=_("budget of a device and day, 0.5 to 50; the smaller, the more chance;"
                              " 8 is a middle way"))  # fmt: skip
    which.add_argument("--off", action="store_true", help=_("none any more, from tomorrow on"))
    noise.set_defaults(run=run_noise)


def run_counted(arguments: argparse.Namespace) -> int:
    """Notes counted hours."""
    request = wire.NoteCountedHoursRequest(
        request_id=new_id(), zone_id=arguments.zone, counts=door.counted(arguments.file)
    )
    answer = _service().NoteCountedHours(request, timeout=DEADLINE_S)
    told = {"zone": arguments.zone, "hours": answer.hour_count}
    text = _("%(hours)s hours noted for %(zone)s. Learn from them:"
             " ./meguri sense calibrate --zone %(zone)s")  # fmt: skip
    return door.tell(arguments, told, text % told)


def run_import(arguments: argparse.Namespace) -> int:
    """Sends a CSV file as an enrolled sensor of this machine."""
    path = credential_file(arguments.data, door.area(), arguments.sensor)
    try:
        credential = credentials.read_credential(path)
        done = asyncio.run(sensor.import_file(credential, sensor.spool_of(path), arguments.file))
    except credentials.CredentialError as error:
        raise SenseRefused("CREDENTIAL_UNUSABLE", str(error)) from error
    except RowsUnreadable as error:
        raise SenseRefused("ROWS_UNREADABLE", str(error)) from error
    except KeyRefused as error:
        raise SenseRefused(error.reason, str(error)) from error
    except LinkDown as error:
        raise SenseRefused("LINK_DOWN", f"{error} Batches already made wait on disk.") from error
    told = asdict(done)
    text = _("%(sent)s of %(rows)s rows sent; %(old)s fell more than 24 hours back, %(to_come)s are"
             " still to come")  # fmt: skip
    return door.tell(arguments, told, text % told)


def run_opt_out(arguments: argparse.Namespace) -> int:
    """Puts a device on the opt-out list."""
    request = wire.AddOptOutRequest(request_id=new_id(), address=_given(arguments.address))
    answer = _service().AddOptOut(request, timeout=DEADLINE_S)
    text = _("Not counted from now on; the entry is %(entry)s. Give this name to whoever asked.")
    return door.tell(arguments, {"entry": answer.entry_id}, text % {"entry": answer.entry_id})


def run_opt_in(arguments: argparse.Namespace) -> int:
    """Takes a device off the opt-out list."""
    request = wire.RemoveOptOutRequest(
        request_id=new_id(), address_or_entry_id=_given(arguments.address)
    )
    answer = _service().RemoveOptOut(request, timeout=DEADLINE_S)
    text = _("Off the list.") if answer.removed else _("It was not on the list.")
    return door.tell(arguments, {"removed": answer.removed}, text)


def run_opt_outs(arguments: argparse.Namespace) -> int:
    """Lists the entries of the opt-out list."""
    answer = _service().ListOptOuts(wire.ListOptOutsRequest(), timeout=DEADLINE_S)
    rows = [
        {"entry": one.entry_id, "added": one.add_time.ToJsonString(), "readable": one.readable}
        for one in answer.entries
    ]
    if arguments.json:
        return door.tell(arguments, {"entries": rows}, "")
    zone = door.zone(door.area())
    lost = _("sealed under another secret: add the device again")
    lines = [
        f"{one.entry_id}  {local_time.told(one.add_time.ToDatetime(UTC), zone)}"
        + ("" if one.readable else f"  {lost}")
        for one in answer.entries
    ]
    return door.tell(arguments, {}, "\n".join(lines) or _("the list is empty"))


def run_meraki(arguments: argparse.Namespace) -> int:
    """Enrolls a Meraki network under a new secret, which is shown this once."""
    secret = secrets.token_urlsafe(24)
    request = wire.EnrollMerakiRequest(
        request_id=new_id(), sensor_id=arguments.sensor, zone_id=arguments.zone,
        validator=arguments.validator, secret=secret,
    )  # fmt: skip
    _service().EnrollMeraki(request, timeout=DEADLINE_S)
    path = f"/api/v1/meraki/{arguments.sensor}"
    text = _("Enter in Meraki's dashboard: this installation's address followed by %(path)s, API"
             " version 3.0, and the secret %(secret)s (shown only now)")  # fmt: skip
    told = {"path": path, "secret": secret}
    return door.tell(arguments, {"id": arguments.sensor, **told}, text % told)


def run_gadget(arguments: argparse.Namespace) -> int:
    """Enrolls a gadget under a new password, which is shown this once."""
    password = secrets.token_urlsafe(24)
    request = wire.EnrollGadgetRequest(
        request_id=new_id(), sensor_id=arguments.sensor, zone_id=arguments.zone, password=password
    )
    answer = _service().EnrollGadget(request, timeout=DEADLINE_S)
    server = os.environ.get("MEGURI_MQTT_SERVER", "")
    ca = os.environ.get("MEGURI_MQTT_CA", "")
    told = {"server": server, "user": answer.user, "password": password, "topic": answer.topic,
            "ca": ca}  # fmt: skip
    text = _("Enter in the gadget: MQTT 3.1.1 with TLS, server %(server)s, user %(user)s, password"
             " %(password)s (shown only now), topic %(topic)s. It knows the server by the"
             " certificate %(ca)s.")  # fmt: skip
    return door.tell(arguments, {"id": arguments.sensor, **told}, text % told)


def run_noise(arguments: argparse.Namespace) -> int:
    """Shows the noise of today, or sets that of tomorrow and later."""
    service = _service()
    if arguments.epsilon is None and not arguments.off:
        privacy = service.ReadOccupancy(wire.ReadOccupancyRequest(), timeout=DEADLINE_S).privacy
        noise, since = (privacy.noise if privacy.noise_added else None), _("Today")
        told: dict[str, Any] = {"from": None, "noise": _noise_told(noise)}
    else:
        request = wire.SetNoiseRequest(
            request_id=new_id(), epsilon_per_day=0.0 if arguments.off else arguments.epsilon
        )
        answer = service.SetNoise(request, timeout=DEADLINE_S)
        noise = answer.noise if answer.HasField("noise") else None
        since = _("From %(day)s on") % {"day": answer.from_date}
        told = {"from": answer.from_date, "noise": _noise_told(noise)}
    if noise is None:
        return door.tell(arguments, told, _("%(since)s: no chance is added.") % {"since": since})
    text = _("%(since)s: epsilon %(epsilon)g a day. Nine in ten figures of an hour lie within"
             " %(within)s of what was counted; below %(least)s nothing is shown; an hour is told"
             " once and not corrected.")  # fmt: skip
    return door.tell(arguments, told, text % {
        "since": since, "epsilon": noise.epsilon_per_day, "within": noise.within,
        "least": noise.shown_from,
    })  # fmt: skip


def _noise_told(noise: wire.NoiseParameters | None) -> dict[str, float] | None:
    return None if noise is None else {
        "epsilon_per_day": noise.epsilon_per_day, "epsilon_per_hour": noise.epsilon_per_hour,
        "zone_hours": noise.zone_hours, "delta_per_figure": noise.delta_per_figure,
        "shown_from": noise.shown_from, "within": noise.within,
    }  # fmt: skip


def _given(text: str) -> str:
    return sys.stdin.readline().strip() if text == "-" else text
