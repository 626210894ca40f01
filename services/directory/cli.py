"""The directory's part in loading an area from a folder of reviewed files."""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

import grpc

from kit import area_files
from kit.client import Peers, problem_of
from kit.pure.languages import texts_of
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1 import directory_service_pb2_grpc as pb_grpc

DEADLINE_S = 20.0


def load_area(
    peers: Peers, area: str, folder: Path, overwrite: bool = False,  # noqa: FBT001, FBT002 - one shape
) -> dict[str, Any]:  # fmt: skip
    """Loads area.json and places.csv of a folder. Running it again changes nothing.

    Returns how many places were recorded and how many were equal already, and under "kept" the
    rows whose names staff changed since, which stay as staff has them. overwrite: those of the file
    count again. Settings that were changed since by people (hosts, public address, help phone) are
    kept. Errors: BadFile.
    """
    stub = pb_grpc.DirectoryServiceStub(peers.channel("directory"))
    settings = json.loads((folder / "area.json").read_text(encoding="utf-8"))
    known = {found.area: found for found in stub.ListAreas(
        pb.ListAreasRequest(), timeout=DEADLINE_S).areas}  # fmt: skip
    if area not in known:
        stub.ConfigureArea(
            pb.ConfigureAreaRequest(
                request_id=str(uuid.uuid4()),
                area=pb.Area(
                    area=area,
                    names=settings["names"],
                    time_zone=settings["time_zone"],
                    locales=settings["locales"],
                    help_phone=settings.get("help_phone", ""),
                    demo=bool(settings.get("demo", False)),
                ),
            ),
            timeout=DEADLINE_S,
        )
    places = read_places(folder)
    if not places:  # an area of one's own begins empty
        return {"places": 0, "unchanged": 0}
    try:
        wanted = pb.RecordPlacesRequest(
            request_id=str(uuid.uuid4()), places=places, overwrite=overwrite
        )
        answer = stub.RecordPlaces(wanted, timeout=DEADLINE_S)
    except grpc.RpcError as error:
        refused = area_files.of_refusal("places.csv", "places", problem_of(error).fields)
        raise refused or error from error
    counts = {"places": answer.recorded_count, "unchanged": answer.unchanged_count}
    kept = [kept_row(each, places[each.index]) for each in answer.kept]
    return counts | ({"kept": kept} if kept else {})


def kept_row(each: pb.NamesKept, place: pb.Place) -> dict[str, Any]:
    """Returns a row whose names staff changed: what the file says, and what stays."""
    told = {tag: [place.names.get(tag, ""), name] for tag, name in sorted(each.names.items())}
    if each.kana:
        told["kana"] = [place.kana, each.kana]
    return {
        "row": each.index + area_files.FIRST_ROW, "place_id": each.place_id,
        "named": each.name_time.ToDatetime(UTC).isoformat(timespec="seconds"), "names": told,
    }  # fmt: skip


def publish_locales(peers: Peers, wanted: Sequence[str], folder: Path) -> list[str]:
    """Has an area publish its texts in these languages, the source language first.

    The names the area itself has in new languages come from area.json of the folder. Returns what
    is published now. Errors: ValueError when the source language would change.
    """
    stub = pb_grpc.DirectoryServiceStub(peers.channel("directory"))
    area = stub.ReadArea(pb.ReadAreaRequest(), timeout=DEADLINE_S).area
    if wanted:
        names = json.loads((folder / "area.json").read_text(encoding="utf-8"))["names"]
        area = stub.ConfigureArea(
            pb.ConfigureAreaRequest(
                request_id=str(uuid.uuid4()), area=with_locales(area, wanted, names)
            ),
            timeout=DEADLINE_S,
        ).area
    return list(area.locales)


def with_locales(area: pb.Area, wanted: Sequence[str], names: Mapping[str, str]) -> pb.Area:
    """Returns an area that publishes other languages. Names that are there stay.

    Errors: ValueError when the first language would be another: every text is a translation of it.
    """
    if wanted[0] != area.locales[0]:
        raise ValueError(f"the first language stays {area.locales[0]}: all texts come from it")
    changed = pb.Area()
    changed.CopyFrom(area)
    del changed.locales[:]
    changed.locales.extend(wanted)
    for locale in wanted:
        if locale in names and locale not in changed.names:
            changed.names[locale] = names[locale]
    return changed


def read_places(folder: Path) -> list[pb.Place]:
    """Reads places.csv. Errors: BadFile."""
    return area_files.read(folder / "places.csv", _place)


def _place(row: area_files.Row) -> pb.Place:
    return pb.Place(
        place_id=row["place_id"],
        kind=row.word("kind", pb.PlaceKind, "PLACE_KIND_"),
        parent_place_id=row["parent"],
        names=texts_of(row),
        kana=row["kana"],
        latitude=float(row["latitude"] or 0),
        longitude=float(row["longitude"] or 0),
        coordinate_quality=row.word(
            "coordinate_quality", pb.CoordinateQuality, "COORDINATE_QUALITY_", "unspecified"
        ),
        error_m=int(row["error_m"] or 0),
    )
