"""The command-line door: loading POIs from reviewed files, public instances, what is beside."""

import argparse
import json
import sys
import uuid
from collections.abc import Sequence
from gettext import gettext as _
from pathlib import Path
from typing import Any

from kit import area_files
from kit.client import Peers
from kit.pure.languages import texts_of
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import itinerary_service_pb2_grpc as pb_grpc
from services.itinerary.cli import asking, feed, lines, sights, solve, timetable

DEADLINE_S = 20.0
_TEXT_COLUMNS = {
    "summary": "summary",
    "fee_note": "fee_note",
    "access_note": "access",
    "payment_note": "payment",
    "closed_note": "closed",
}


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `itinerary` and its commands."""
    group = subcommands.add_parser("itinerary", help=_("itinerary: points of interest"))
    commands = group.add_subparsers(metavar="COMMAND", required=True)
    pois = commands.add_parser("pois", help=_("load a pois.csv with a report row by row"))
    pois.add_argument("file", metavar="FILE", type=Path)
    pois.add_argument("--dry-run", action="store_true", help=_("only report, change nothing"))
    pois.add_argument("--overwrite", action="store_true", help=_("also what the staff typed since"))
    pois.set_defaults(run=run_pois)
    timetable.register(commands)
    lines.register(commands)
    feed.register(commands)
    sights.register(commands)
    solve.register(commands)


def run_pois(arguments: argparse.Namespace) -> int:
    """Loads the POIs of a file. Returns 1 when a row was rejected."""
    records = read_pois(arguments.file)
    if not records:
        raise area_files.BadFile(f"{arguments.file.name} is empty")
    answer = _stub(arguments.area).ImportPois(
        pb.ImportPoisRequest(
            request_id=str(uuid.uuid4()),
            records=records,
            dry_run=arguments.dry_run,
            overwrite=arguments.overwrite,
        ),
        timeout=DEADLINE_S,
    )
    report = {
        "read": answer.read_count,
        "loaded": answer.loaded_count,
        "changed": answer.changed_count,
        "warnings": _notes(answer.warnings),
        "rejected": _notes(answer.rejected),
        "kept": _notes(answer.kept),
    }
    if arguments.json:
        sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(_in_words(report, dry_run=arguments.dry_run))
    return 1 if answer.rejected else 0


def _in_words(report: dict[str, Any], *, dry_run: bool) -> str:
    head = (
        _("%(read)s read, %(loaded)s can be loaded, %(changed)s of them would change; nothing was"
          " changed")
        if dry_run
        else _("%(read)s read, %(loaded)s loaded, %(changed)s changed")
    )  # fmt: skip
    refused = _("rejected: row %(row)s, %(field)s: %(text)s [%(reason)s]")
    doubtful = _("look again: row %(row)s, %(field)s: %(text)s [%(reason)s]")
    lines = [head % report]
    lines += [f"  {refused % note}" for note in report["rejected"]]
    lines += [f"  {doubtful % note}" for note in report["warnings"]]
    stays = _("stays as the staff typed it: row %(row)s, %(field)s")
    lines += [f"  {stays % note}" for note in report["kept"]]
    return "\n".join(lines) + "\n"


def _notes(notes: Sequence[pb.RowNote]) -> list[dict[str, Any]]:
    return [
        {"row": note.row, "field": note.field, "reason": note.reason, "text": note.text}
        for note in notes
    ]


def _stub(area: str) -> pb_grpc.ItineraryServiceStub:
    return pb_grpc.ItineraryServiceStub(asking.peers(area).channel("itinerary"))


def load_area(peers: Peers, area: str, folder: Path) -> dict[str, Any]:  # noqa: ARG001 - one shape
    """Loads pois.csv and buses/ of a folder. Running it again changes nothing.

    Lines that are kept already are left as people made them since. Returns how many POIs were new
    or changed, equal already, and rejected, how many lines are new, and under "kept_fields" those
    that stay as the staff typed them. Errors: BadFile.
    """
    buses = folder / "buses"
    lines_ = lines.load_folder(peers, buses) if (buses / "lines.csv").exists() else {}
    if not (folder / "pois.csv").exists():
        return {"pois": 0, "unchanged": 0, "rejected": 0} | lines_
    records = read_pois(folder / "pois.csv")
    stub = pb_grpc.ItineraryServiceStub(peers.channel("itinerary"))
    answer = stub.ImportPois(
        pb.ImportPoisRequest(request_id=str(uuid.uuid4()), records=records), timeout=DEADLINE_S
    )
    return (
        {
            "pois": answer.changed_count,
            "unchanged": answer.loaded_count - answer.changed_count,
            "rejected": len({note.row for note in answer.rejected}),
        }
        | ({"kept_fields": [_kept_row(note) for note in answer.kept]} if answer.kept else {})
        | lines_
    )


def _kept_row(note: pb.RowNote) -> dict[str, Any]:
    return {"row": note.row + area_files.FIRST_ROW - 1, "field": note.field}


def read_pois(path: Path) -> list[pb.PoiRecord]:
    """Reads a pois.csv. Errors: BadFile."""
    return area_files.read(path, _record)


def _record(row: area_files.Row) -> pb.PoiRecord:
    record = pb.PoiRecord(
        poi_id=row["poi_id"],
        place_id=row["place_id"],
        category=row.word("category", pb.PoiCategory, "POI_CATEGORY_"),
        interests=[
            pb.Interest.Value(f"INTEREST_{word.upper()}") for word in _list(row, "interests")
        ],
        status=row.word("status", pb.PoiStatus, "POI_STATUS_"),
        opening=row["opening"],
        last_entry=row["last_entry"],
        stay_min_minutes=int(row["stay_min_minutes"]),
        stay_max_minutes=int(row["stay_max_minutes"]),
        score=int(row["score"]),
        hidden_spot=("no", "yes").index(row["hidden_spot"]) == 1,
        group=row["group"],
        phone=row["phone"],
        estimated_fields=_list(row, "estimated_fields"),
        source=row["source"],
    )
    for person in ("adult", "junior_high", "child"):
        if row[f"fee_{person}_yen"]:
            setattr(record.fees, f"{person}_amount_yen", int(row[f"fee_{person}_yen"]))
    for column, names in (
        ("wheelchair", pb.Wheelchair), ("steps", pb.Steps), ("slope", pb.Slope),
    ):  # fmt: skip
        if row.get(column):
            setattr(record.paths, column, row.word(column, names, f"{column.upper()}_"))
    if row.get("cycle_rental"):
        record.cycle_rental = ("no", "yes").index(row["cycle_rental"]) == 1
    if row.get("elevation_m"):
        record.elevation_m = int(row["elevation_m"])
    for field, column in _TEXT_COLUMNS.items():
        getattr(record.texts, field).update(texts_of(row, column))
    return record


def _list(row: dict[str, str], column: str) -> list[str]:
    return [word for word in row[column].split(";") if word]
