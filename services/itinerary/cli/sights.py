"""`./meguri itinerary sights`: a municipal file of sights or occasions becomes drafts of our files.

Nothing is loaded: a person looks at each line of the drafts, corrects what is estimated, and copies
it into places.csv and pois.csv of the area.
"""

import argparse
import csv
import json
import re
import sys
from collections.abc import Iterator, Sequence
from gettext import gettext as _
from pathlib import Path
from typing import Any

from kit.pure.errors import Refusal
from kit.pure.marked import N_
from services.itinerary.domain.municipal.kinds import INTERESTS, STAYS, category_of
from services.itinerary.domain.municipal.sights import Sight
from services.itinerary.domain.poi import PoiStatus
from services.itinerary.gateways.municipal_file import BadMunicipalFile, SightsFile, read

PLACES, POIS = "places_draft.csv", "pois_draft.csv"
SCORE = 30  # ours, until somebody says what a sight is worth
LISTED = 5  # rows told of one reason
ASSUMED = frozenset({"YEAR_END_ASSUMED"})  # no reason to ask before going
POINT_REASONS = frozenset({"POINT_MISSING", "POINT_UNUSABLE", "OLD_DATUM"})


REASONS = {
    "CELLS": N_("more or fewer cells than the heading"),
    "NAME_MISSING": N_("no name"),
    "TWICE": N_("stands there twice"),
    "NOTE_NOT_READ": N_("not understood, kept as a note"),
    "IRREGULAR_CLOSING": N_("closed on no fixed days"),
    "ONLY_SOMETIMES": N_("only at certain times that the file does not date"),
    "YEAR_END_ASSUMED": N_("closed over New Year; taken as 29 December to 3 January"),
    "WEEKDAYS_UNREADABLE": N_("the weekdays cannot be read"),
    "TIMES_UNREADABLE": N_("the times cannot be read"),
    "DATES_UNREADABLE": N_("the dates cannot be read"),
    "HOURS_UNKNOWN": N_("no opening hours, so no time can be promised"),
    "FEE_UNREADABLE": N_("the fee cannot be read"),
    "FEES_DIFFER": N_("two fees that differ; the one in words was taken"),
    "POINT_MISSING": N_("no latitude or longitude"),
    "POINT_UNUSABLE": N_("its point is no number or not in Japan"),
    "OLD_DATUM": N_("its point is in the old Japanese datum, some 400 m beside"),
    "TEXT_SHORTENED": N_("a text was too long and was cut"),
    "CATEGORY_UNKNOWN": N_("its name does not tell what it is"),
}
BAD_FILES = {
    "TOO_LARGE": N_("%(file)s is too large: %(said)s"),
    "NO_TEXT": N_("%(file)s is neither UTF-8 nor Shift_JIS: save it as one of them"),
    "NO_TABLE": N_("%(file)s is no table of cells with commas between: %(said)s"),
    "NO_HEADING": N_("%(file)s has no line that names its columns, one of them 名称"),
    "NO_ROWS": N_("%(file)s has no row below the line that names its columns"),
    "TOO_MANY_ROWS": N_("%(file)s has too many rows: %(said)s"),
    "NO_FOLDER": N_("no folder can be made at %(file)s: %(said)s"),
    "DRAFT_EXISTS": N_("%(file)s is there already and may hold your work: give another folder"),
}
PLACE_COLUMNS = (
    "place_id", "kind", "parent", "name_ja", "kana", "name_en", "latitude", "longitude",
    "coordinate_quality", "error_m",
)  # fmt: skip
POI_COLUMNS = (
    "poi_id", "place_id", "category", "interests", "status", "opening", "last_entry",
    "stay_min_minutes", "stay_max_minutes", "score", "hidden_spot", "group", "fee_adult_yen",
    "fee_junior_high_yen", "fee_child_yen", "fee_note_ja", "access_ja", "payment_ja", "closed_ja",
    "summary_ja", "summary_en", "phone", "estimated_fields", "source",
)  # fmt: skip


class SightsRefused(Refusal):
    """The file cannot be used. reason: stable; the text says what to do."""

    def __init__(self, reason: str, file: str, said: str = "") -> None:
        self.reason = reason
        super().__init__(f"{_(BAD_FILES[reason]) % {'file': file, 'said': said}} [{reason}]")


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `sights`."""
    parser = commands.add_parser(
        "sights", help=_("turn a municipal file of sights or events into drafts to look through")
    )
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument(
        "--out", metavar="FOLDER", type=Path, help=_("where drafts go; without it none is made")
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Tells about a file and writes drafts. Returns 1 when a row was refused."""
    found = read_file(arguments.file)
    written = _write(found, arguments.out, arguments.file.name) if arguments.out else []
    if arguments.json:
        answer = _answer(found) | {"written": [str(path) for path in written]}
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in _in_words(found)))
        for path in written:
            sys.stdout.write(_("written: %(file)s") % {"file": path} + "\n")
    return 1 if found.refused else 0


def read_file(path: Path) -> SightsFile:
    """Reads a municipal file. Errors: OSError; SightsRefused where nothing of it can be used."""
    try:
        return read(path)
    except BadMunicipalFile as error:
        raise SightsRefused(error.reason, path.name, str(error)) from error


def places_of(found: SightsFile) -> list[dict[str, object]]:
    """Returns a line of places.csv for each row that can be used, by its columns."""
    ids = _ids(found)
    return [_place(sight, ids[sight.number]) for sight in found.sights]


def _answer(found: SightsFile) -> dict[str, Any]:
    return {
        "encoding": found.encoding, "ignored_columns": list(found.ignored),
        "rows": len(found.sights) + len(found.refused), "used": len(found.sights),
        "sights": [
            {
                "row": sight.number, "name": sight.name, "opening": sight.hours.opening,
                "last_entry": sight.hours.last_entry, "adult_yen": sight.fees.adult_yen,
                "doubts": [{"reason": each.reason, "text": each.text} for each in sight.doubts],
            }
            for sight in found.sights
        ],
        "refused": [
            {"row": row.number, "name": row.name, "reasons": list(row.reasons)}
            for row in found.refused
        ],
        "counts": dict(found.counts),
    }  # fmt: skip


def _in_words(found: SightsFile) -> Iterator[str]:
    yield _("%(rows)s rows, %(used)s can be used, %(refused)s cannot") % {
        "rows": len(found.sights) + len(found.refused), "used": len(found.sights),
        "refused": len(found.refused),
    }  # fmt: skip
    if found.ignored:
        yield _("columns not needed: %(names)s") % {"names": ", ".join(found.ignored)}
    said: dict[str, list[tuple[int, str, str]]] = {}
    for row in found.refused:
        for reason in row.reasons:
            said.setdefault(reason, []).append((row.number, row.name, ""))
    for sight in found.sights:
        for doubt in sight.doubts:
            said.setdefault(doubt.reason, []).append((sight.number, sight.name, doubt.text))
    for reason, rows in said.items():
        yield from _of_reason(reason, rows)


def _of_reason(reason: str, rows: Sequence[tuple[int, str, str]]) -> Iterator[str]:
    told = {"count": len(rows), "why": _(REASONS[reason]), "reason": reason}
    yield _("%(count)s × %(why)s [%(reason)s]") % told
    for number, name, text in rows[:LISTED]:
        said = {"row": number, "name": f"{name} {_quoted(text)}"}
        yield (_("  row %(row)s: %(name)s") % said).rstrip()
    if len(rows) > LISTED:
        yield _("  and %(count)s more; all are in --json") % {"count": len(rows) - LISTED}


def _quoted(text: str) -> str:
    return f"「{text}」" if text else ""


def _write(found: SightsFile, folder: Path, source: str) -> list[Path]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SightsRefused("NO_FOLDER", str(folder), error.strerror or "") from error
    ids = _ids(found)
    tables = {
        PLACES: (PLACE_COLUMNS, places_of(found)),
        POIS: (POI_COLUMNS, [_poi(sight, ids[sight.number], source, found.is_occasions)
                             for sight in found.sights]),
    }  # fmt: skip
    for name in tables:
        if (folder / name).exists():
            raise SightsRefused("DRAFT_EXISTS", str(folder / name))
    for name, (columns, rows) in tables.items():
        # With the mark that Excel needs to read UTF-8.
        with (folder / name).open("w", encoding="utf-8-sig", newline="") as written:
            writer = csv.DictWriter(written, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return [folder / name for name in tables]


def _ids(found: SightsFile) -> dict[int, str]:
    """Returns an id for each row: its English name where that is one of its own."""
    made: dict[int, str] = {}
    taken = {""}
    for sight in found.sights:
        words = re.findall("[a-z0-9]+", sight.cells.get("name_en", "").lower())
        name = "-".join(words)[:60].strip("-")
        # "Sight 7" would be the id of row 7.
        free = name not in taken and not re.fullmatch("sight-[0-9]+", name)
        made[sight.number] = name if free else f"sight-{sight.number}"
        taken.add(name)
    return made


def _place(sight: Sight, place_id: str) -> dict[str, object]:
    point = sight.point
    return {
        "place_id": place_id, "kind": "poi", "name_ja": sight.name,
        "kana": sight.cells.get("kana", ""), "name_en": sight.cells.get("name_en", ""),
        "latitude": point.latitude if point else "", "longitude": point.longitude if point else "",
        "coordinate_quality": "source" if point else "", "error_m": "0" if point else "",
    }  # fmt: skip


def _poi(sight: Sight, poi_id: str, source: str, is_occasion: bool) -> dict[str, object]:  # noqa: FBT001 - one caller
    doubts = {doubt.reason for doubt in sight.doubts}
    category = category_of(sight.name, is_occasion=is_occasion)
    stay = STAYS[category] if category else ("", "")
    interest = INTERESTS.get(category) if category else None
    estimated = ["category", "stay_min_minutes", "stay_max_minutes", "score"]
    estimated += ["opening"] if "YEAR_END_ASSUMED" in doubts else []
    in_doubt = doubts - ASSUMED - {"POINT_MISSING"}
    status = PoiStatus.CHECK_BEFORE_USE if in_doubt else PoiStatus.OPEN
    if is_occasion:
        status = PoiStatus.ANNUAL
    return {
        "poi_id": poi_id, "place_id": poi_id, "category": category or "",
        "interests": interest or "", "status": status, "opening": sight.hours.opening,
        "last_entry": sight.hours.last_entry, "stay_min_minutes": stay[0],
        "stay_max_minutes": stay[1], "score": SCORE, "hidden_spot": "no",
        "fee_adult_yen": _yen(sight.fees.adult_yen),
        "fee_junior_high_yen": _yen(sight.fees.junior_high_yen),
        "fee_child_yen": _yen(sight.fees.child_yen), "phone": sight.cells.get("phone", ""),
        "estimated_fields": ";".join(estimated), "source": source, **sight.texts,
    }  # fmt: skip


def _yen(amount: int | None) -> object:
    return "" if amount is None else amount
