"""The command-line door of the guide: loading an area's texts, negotiation, labels."""

import argparse
import csv
import json
import os
import sys
import uuid
from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from gettext import gettext as _
from pathlib import Path
from typing import Any, TextIO

from kit import area_files
from kit.client import Peers
from kit.pure.languages import texts_of
from kit.pure.locale import negotiate
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from meguri.multilingual.v1 import multilingual_service_pb2_grpc as pb_grpc
from services.multilingual.cli import bringing, exchange, signs, speaking, translating
from services.multilingual.domain import stop_code as codes

DEADLINE_S = 30.0


def load_area(peers: Peers, area: str, folder: Path) -> dict[str, int]:
    """Loads sections.csv, stops.csv and narrations/*.csv of a folder, where there are any.

    Running it again changes nothing; texts that editors have touched stay theirs. Returns how many
    stops and texts are new, and how many texts were left alone.
    """
    if not (folder / "stops.csv").exists():
        return {"stops": 0, "narrations": 0, "unchanged": 0}
    stub = pb_grpc.GuideServiceStub(peers.channel("multilingual"))
    answer = stub.ImportStops(read_seeds(folder, area), timeout=DEADLINE_S)
    return {
        "stops": answer.stop_count,
        "narrations": answer.narration_count,
        "unchanged": answer.unchanged_count,
    }


def read_seeds(folder: Path, area: str) -> pb.ImportStopsRequest:
    """Reads the reviewed files of a folder. Errors: BadFile.

    All texts come as machine drafts: nobody of the area has read them before the first load.
    """
    narrations = _read_narrations(folder / "narrations")
    request = pb.ImportStopsRequest(request_id=str(uuid.uuid4()))
    if (folder / "sections.csv").exists():
        request.sections.extend(area_files.read(folder / "sections.csv", _section))
    if (folder / "terms.csv").exists():
        request.terms.extend(area_files.read(folder / "terms.csv", _term))
    stops = area_files.read(folder / "stops.csv", lambda row: (row["stop_id"], _stop(row, area)))
    for stop_id, stop in stops:
        stop.narrations.extend(narrations.get(stop_id, []))
        if stop.narrations:
            request.stops.append(stop)
    return request


def _stop(row: area_files.Row, area: str) -> pb.StopSeed:
    return pb.StopSeed(
        stop_code=row.get("stop_code") or codes.make(area, row["place_id"], 0),
        place_id=row["place_id"],
        group=row.word("group", pb.StopGroup, "STOP_GROUP_"),
        kind=row["type"],
        section_id=row["section"],
        position=int(row["seq"]),
        route_m=int(row["route_m"]) if row["route_m"] else None,
        sources=_list(row["source"]),
        estimates=_list(row.get("estimates", "")),
    )


def _section(row: area_files.Row) -> pb.SectionSeed:
    return pb.SectionSeed(
        section_id=row["section_id"],
        position=int(row["seq"]),
        names=texts_of(row),
    )


def _term(row: area_files.Row) -> pb.TermSeed:
    return pb.TermSeed(
        locale=row["locale"],
        term=row["term"],
        reading=row["reading"],
        accent=int(row.get("accent") or 0),
    )


def _read_narrations(folder: Path) -> dict[str, list[pb.NarrationSeed]]:
    """Returns stop id → texts. A file is named after its locale, a row is one paragraph."""
    found: defaultdict[str, list[pb.NarrationSeed]] = defaultdict(list)
    for path in sorted(folder.glob("*.csv")):
        texts: dict[str, pb.NarrationText] = {}
        area_files.read(path, partial(_add_paragraph, texts))
        for stop_id, text in texts.items():
            seed = pb.NarrationSeed(locale=path.stem, text=text, machine_draft=True)
            found[stop_id].append(seed)
    return found


def _add_paragraph(texts: dict[str, pb.NarrationText], row: area_files.Row) -> None:
    text = texts.setdefault(row["stop_id"], pb.NarrationText())
    text.name = text.name or row["name"]
    text.reading = text.reading or row["reading"]
    if row["text"]:
        topic = row.word("topic", pb.ParagraphTopic, "PARAGRAPH_TOPIC_")
        text.paragraphs.add(paragraph_id=row["paragraph_id"], topic=topic, text=row["text"])


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `guide` and its commands."""
    guide = subcommands.add_parser("guide", help=_("guide: languages, codes of stops"))
    commands = guide.add_subparsers(metavar="COMMAND", required=True)
    talk = commands.add_parser(
        "negotiate", help=_("JSON lines {supported, accept_language} → {locale, matched}")
    )
    talk.set_defaults(run=lambda _parsed: negotiate_lines(sys.stdin, sys.stdout))
    code = commands.add_parser("codes", help=_("give every stop of a stops.csv its code"))
    code.add_argument("file", type=Path, help=_("stops.csv; codes that are there stay"))
    code.set_defaults(run=_add_codes)
    speaking.register(commands)
    bringing.register(commands)
    signs.register(commands)
    exchange.register(commands)
    translating.register(commands)


def negotiate_lines(lines: Iterable[str], out: TextIO) -> int:
    """Answers each line of {supported, accept_language, chosen?, default?} with one line.

    locale is null when nothing is supported. A line that is no such object gets {"error": …} and
    makes the exit code 1.
    """
    exit_code = 0
    for line in lines:
        if not line.strip():
            continue
        try:
            answer = _negotiate_one(json.loads(line))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            answer, exit_code = {"error": f"{type(error).__name__}: {error}"}, 1
        out.write(json.dumps(answer, ensure_ascii=False) + "\n")
    return exit_code


def _negotiate_one(question: dict[str, Any]) -> dict[str, Any]:
    supported = [str(locale) for locale in question["supported"]]
    header = question["accept_language"]
    if not isinstance(header, str):
        raise TypeError("accept_language is a string")
    if not supported:
        return {"locale": None, "matched": False}
    match = negotiate(header, supported, str(question.get("chosen") or ""))
    locale = match.locale if match.matched else question.get("default") or match.locale
    return {"locale": locale, "matched": match.matched, "needs_label": match.needs_label}


def _add_codes(parsed: argparse.Namespace) -> int:
    """Writes the column stop_code into a stops file, for stops that have none."""
    rows = list(_rows(parsed.file))
    taken = {row["stop_code"] for row in rows if row.get("stop_code")}
    area, made = os.environ.get("MEGURI_AREA", "mine"), 0
    for row in rows:
        attempt = 0
        while not row.get("stop_code") or (attempt and row["stop_code"] in taken):
            row["stop_code"] = codes.make(area, row["place_id"], attempt)
            attempt += 1
        made += bool(attempt)
        taken.add(row["stop_code"])
    columns = ["stop_code", *(name for name in rows[0] if name != "stop_code")]
    with parsed.file.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    answer = {"stops": len(rows), "codes_made": made}
    said = _("%(made)s codes made for %(stops)s stops") % {"made": made, "stops": len(rows)}
    sys.stdout.write((json.dumps(answer) if parsed.json else said) + "\n")
    return 0


def _rows(path: Path) -> list[area_files.Row]:
    return area_files.read(path, lambda row: row)


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]
