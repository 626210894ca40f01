"""The command-line door: loading an area's POIs from a folder of reviewed files."""

import csv
import uuid
from collections.abc import Iterator
from pathlib import Path

from kit.client import Peers
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import itinerary_service_pb2_grpc as pb_grpc

DEADLINE_S = 20.0
LOCALES = ("ja", "en", "zh-Hans", "zh-Hant", "ko")
_TEXT_COLUMNS = {
    "summary": "summary",
    "fee_note": "fee_note",
    "access_note": "access",
    "payment_note": "payment",
    "closed_note": "closed",
}


class BadFile(ValueError):
    """A file of the area cannot be read; the text names file, row and column."""


def load_area(peers: Peers, area: str, folder: Path) -> dict[str, int]:  # noqa: ARG001 - one shape
    """Loads pois.csv of a folder. Running it again changes nothing.

    Returns how many POIs were new or changed, equal already, and rejected. Errors: BadFile.
    """
    if not (folder / "pois.csv").exists():
        return {"pois": 0, "unchanged": 0, "rejected": 0}
    records = read_pois(folder / "pois.csv")
    stub = pb_grpc.ItineraryServiceStub(peers.channel("itinerary"))
    answer = stub.ImportPois(
        pb.ImportPoisRequest(request_id=str(uuid.uuid4()), records=records), timeout=DEADLINE_S
    )
    return {
        "pois": answer.changed_count,
        "unchanged": answer.loaded_count - answer.changed_count,
        "rejected": len({note.row for note in answer.rejected}),
    }


def read_pois(path: Path) -> list[pb.PoiRecord]:
    """Reads a pois.csv. Errors: BadFile."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(_records(path.name, csv.DictReader(file)))


def _records(name: str, rows: Iterator[dict[str, str]]) -> Iterator[pb.PoiRecord]:
    for number, row in enumerate(rows, start=1):
        try:
            yield _record(row)
        except (KeyError, ValueError, TypeError) as error:
            raise BadFile(f"{name}, row {number}: {error}") from error


def _record(row: dict[str, str]) -> pb.PoiRecord:
    record = pb.PoiRecord(
        poi_id=row["poi_id"],
        place_id=row["place_id"],
        category=pb.PoiCategory.Value(f"POI_CATEGORY_{row['category'].upper()}"),
        interests=[
            pb.Interest.Value(f"INTEREST_{word.upper()}") for word in _list(row, "interests")
        ],
        status=pb.PoiStatus.Value(f"POI_STATUS_{row['status'].upper()}"),
        opening=row["opening"],
        last_entry=row["last_entry"],
        stay_min_minutes=int(row["stay_min_minutes"]),
        stay_max_minutes=int(row["stay_max_minutes"]),
        score=int(row["score"]),
        hidden_spot={"yes": True, "no": False}[row["hidden_spot"]],
        group=row["group"],
        phone=row["phone"],
        estimated_fields=_list(row, "estimated_fields"),
        source=row["source"],
    )
    for person in ("adult", "junior_high", "child"):
        if row[f"fee_{person}_yen"]:
            setattr(record.fees, f"{person}_amount_yen", int(row[f"fee_{person}_yen"]))
    for field, column in _TEXT_COLUMNS.items():
        texts = getattr(record.texts, field)
        for locale in LOCALES:
            text = row.get(f"{column}_{locale.lower().replace('-', '_')}", "")
            if text:
                texts[locale] = text
    return record


def _list(row: dict[str, str], column: str) -> list[str]:
    return [word for word in row[column].split(";") if word]
