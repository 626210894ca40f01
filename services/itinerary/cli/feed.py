"""`./meguri itinerary feed`: a GTFS or GTFS-JP archive of an operator goes to the service."""

import argparse
import json
import sys
import uuid
from collections.abc import Iterator
from gettext import gettext as _
from pathlib import Path
from typing import Any

import grpc

from kit.client import problem_of
from kit.pure.errors import Refusal
from kit.pure.marked import N_
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from services.itinerary.cli import asking, line_words
from services.itinerary.cli.timetable import BAD_FEEDS, LISTED, REASONS
from services.itinerary.gateways.feeds import ARCHIVE_BYTES

DEADLINE_S = 40.0
UNUSABLE = {
    "TOO_HEAVY": N_("%(file)s takes more to read than any timetable of an area"),
    "NOTHING_RUNS": N_("no run of %(file)s can be used; see ./meguri itinerary timetable"),
    "TEXT_TOO_LONG": N_("%(file)s has a text that is far too long: %(said)s"),
    "BAD_TEXT": N_("%(file)s has a text that cannot be kept: %(said)s"),
    "CARD_NUMBER": N_("%(file)s has a card's number in a name"),
    "BAD_ID": N_("an id has lower-case letters, digits and -, such as town-bus"),
    "BAD_PHONE": N_("a phone number has digits, spaces, - and ( )"),
    "OTHER_KIND": N_("a line kept by hand has this id already: take another one"),
    "TIMETABLES_FULL": N_("the area has as many timetables as it can have"),
    "FEEDS_BUSY": N_("other feeds are being read: try again in a moment"),
}


# GTFS-Realtime of the operator, by option; in the contract by kind.
ADDRESSES = {
    "realtime": N_("where the operator tells of delays (GTFS-RT trip updates); empty for none"),
    "alerts": N_("where it tells what passengers should know (GTFS-RT service alerts)"),
    "vehicles": N_("where it tells where its buses are (GTFS-RT vehicle positions)"),
}
FIELDS = {
    pb.LIVE_KIND_RUNS: "realtime", pb.LIVE_KIND_ALERTS: "alerts", pb.LIVE_KIND_VEHICLES: "vehicles",
}  # fmt: skip
BAD_ADDRESSES = {
    "NOT_HTTPS": N_("an address begins with https://"),
    "NOT_PUBLIC": N_("the address leads into a private network"),
    "BAD_ADDRESS": N_("this is no address that can be asked"),
    "OTHER_KIND": N_("only the feed of an operator tells of delays; this is a line kept by hand"),
    "NOT_FOUND": N_("no feed is kept under this id"),
}


class FeedRefused(Refusal):
    """A feed that was not taken in. reason: stable; the text says what to do."""

    def __init__(self, reason: str, text: str) -> None:
        self.reason = reason
        super().__init__(f"{text} [{reason}]")


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `feed`."""
    parser = commands.add_parser(
        "feed", help=_("take in an operator's timetable in GTFS, in place of the one before")
    )
    parser.add_argument(
        "file", metavar="FILE", type=Path, nargs="?",
        help=_("the archive; may be left out where only addresses are set"),
    )  # fmt: skip
    parser.add_argument(
        "--id", metavar="ID", required=True, help=_("what it is kept under, such as town-bus")
    )
    parser.add_argument(
        "--phone", metavar="NUMBER", default="", help=_("telephone of the operator")
    )
    for kind, text in ADDRESSES.items():
        parser.add_argument(f"--{kind}", metavar="URL", help=_(text))
    parser.add_argument("--dry-run", action="store_true", help=_("only report, change nothing"))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Sends a feed, and says where its operator tells of delays. Returns 1 when a row of it was
    left out. Errors: FeedRefused, OSError."""
    given = {kind: getattr(arguments, kind) for kind in ADDRESSES}
    if any(url is not None for url in given.values()) and not arguments.dry_run:
        if arguments.file is not None and (code := _send(arguments)):
            return code
        return _set_addresses(arguments, given)
    if arguments.file is None:
        raise FeedRefused("NO_ARCHIVE", _("name an archive, or addresses with --realtime"))
    return _send(arguments)


def _set_addresses(arguments: argparse.Namespace, given: dict[str, str | None]) -> int:
    """Sets the addresses that were given; the others stay."""
    stub = asking.timetables(arguments.area)
    try:
        asked = pb.GetLiveAddressesRequest(timetable_id=arguments.id)
        known = stub.GetLiveAddresses(asked, timeout=DEADLINE_S).addresses
        urls = {FIELDS[each.kind]: each.url for each in known}
        urls |= {kind: url for kind, url in given.items() if url is not None}
        request = pb.SetLiveAddressesRequest(
            request_id=str(uuid.uuid4()), timetable_id=arguments.id,
            runs_url=urls.get("realtime", ""), alerts_url=urls.get("alerts", ""),
            vehicles_url=urls.get("vehicles", ""),
        )  # fmt: skip
        kept = stub.SetLiveAddresses(request, timeout=DEADLINE_S).addresses
    except grpc.RpcError as error:
        said = problem_of(error)
        text = said.fields[0][1] if said.fields else said.text
        sentence, reason = line_words.reason_of(text, said.reason)
        if reason not in BAD_ADDRESSES:
            raise
        del sentence
        raise FeedRefused(reason, _(BAD_ADDRESSES[reason])) from error
    report = {"id": arguments.id, "addresses": {FIELDS[each.kind]: each.url for each in kept}}
    if arguments.json:
        sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(
            _("%(id)s is asked for delays at %(count)s addresses")
            % {"id": arguments.id, "count": len(kept)}
            + "\n"
        )
    return 0


def _send(arguments: argparse.Namespace) -> int:
    archive = arguments.file.read_bytes()
    if len(archive) > ARCHIVE_BYTES:
        raise _refusal(arguments.file, "TOO_LARGE", f"at most {ARCHIVE_BYTES // 1024**2} MiB")
    request = pb.ImportFeedRequest(
        request_id=str(uuid.uuid4()), timetable_id=arguments.id, archive=archive,
        phone=arguments.phone, dry_run=arguments.dry_run,
    )  # fmt: skip
    try:
        answer = asking.timetables(arguments.area).ImportFeed(request, timeout=DEADLINE_S)
    except grpc.RpcError as error:
        said = problem_of(error)
        text = said.fields[0][1] if said.fields else said.text
        sentence, reason = line_words.reason_of(text, said.reason)
        if reason not in UNUSABLE and reason not in BAD_FEEDS:
            raise
        raise _refusal(arguments.file, reason, sentence) from error
    report = _report(answer, dry_run=arguments.dry_run)
    if arguments.json:
        sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in _in_words(report)))
    return 1 if report["refused"] else 0


def _refusal(file: Path, reason: str, said: str) -> FeedRefused:
    text = _(UNUSABLE.get(reason) or BAD_FEEDS[reason])
    return FeedRefused(reason, text % {"file": file.name, "said": said})


def _report(answer: pb.ImportFeedResponse, *, dry_run: bool) -> dict[str, Any]:
    kept = answer.summary
    return {
        "dry_run": dry_run, "id": kept.timetable_id, "version": kept.version,
        "runs": kept.run_count, "until": kept.last_date,
        "confirmed_runs": kept.confirmed_run_count, "stops_without_point": kept.unknown_point_count,
        "refused": sum(table.refused_count for table in answer.tables),
        "tables": [
            {"table": table.name, "read": table.read_count, "refused": table.refused_count,
             "used": table.read_count - table.refused_count}
            for table in answer.tables
        ],
        "notes": [
            {"table": note.field, "row": note.row, "reason": note.reason, "text": note.text}
            for note in answer.notes
        ],
    }  # fmt: skip


def _in_words(report: dict[str, Any]) -> Iterator[str]:
    head = (
        _("%(id)s could be taken in: %(runs)s runs until %(until)s; nothing was changed")
        if report["dry_run"]
        else _("%(id)s is kept: %(runs)s runs until %(until)s (version %(version)s)")
    )
    yield head % report
    if not report["confirmed_runs"]:
        yield _("all of it is over: no plan is made with it")
    if report["stops_without_point"]:
        yield _("%(stops_without_point)s transit stops have no point: nobody is led there") % report
    for table in report["tables"]:
        yield _("  %(table)s.txt: %(read)s rows read, %(used)s used, %(refused)s left out") % table
    for note in report["notes"][:LISTED]:
        text = _(REASONS[note["reason"]]) if note["reason"] in REASONS else note["text"]
        yield _("  look at %(table)s.txt, row %(row)s: %(text)s [%(reason)s]") % {
            **note, "text": text,
        }  # fmt: skip
