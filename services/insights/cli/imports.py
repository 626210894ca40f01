"""`./meguri insights import-weather` and `import-statistics`: files taken in with a report row by
row, as at /insights/imports."""

import argparse
import json
import os
import sys
import uuid
from collections.abc import Iterable
from gettext import gettext as _
from pathlib import Path
from typing import Any

import grpc

from kit import area_files, config
from kit.auth import Caller, Minter
from kit.client import Peers, problem_of
from kit.pure.errors import Refusal
from kit.pure.marked import N_
from kit.roles import ADMINS
from meguri.insights.v1 import import_service_pb2 as pb
from meguri.insights.v1.import_service_pb2_grpc import ImportServiceStub

DEADLINE_S = 60.0
MOST_BYTES = 3 * 1024 * 1024
SIGNED = "operator"
ASIDE = {
    pb.ROW_FATE_TITLE: "TITLE", pb.ROW_FATE_HEADING: "HEADING", pb.ROW_FATE_TOTAL: "TOTAL",
    pb.ROW_FATE_WORKED_OUT: "WORKED_OUT", pb.ROW_FATE_NOTE: "NOTE", pb.ROW_FATE_EMPTY: "EMPTY",
}  # fmt: skip
OTHERWISE = {
    "import-weather": N_("this file holds no weather of the Japan Meteorological Agency"),
    "import-statistics": N_("this is a file of weather: use import-weather"),
}


class ImportRefused(Refusal):
    """Nothing of a file was kept. reason: stable."""

    def __init__(self, reason: str, text: str) -> None:
        self.reason = reason
        super().__init__(f"{text} [{reason}]")


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the commands."""
    weather = commands.add_parser(
        "import-weather", help=_("take in weather downloaded from the Japan Meteorological Agency")
    )
    statistics = commands.add_parser(
        "import-statistics", help=_("take in a sheet of visitors or accommodation by month")
    )
    for parser in (weather, statistics):
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--dry-run", action="store_true", help=_("only report, change nothing"))
        parser.set_defaults(run=run, mapping="", source="")
    weather.set_defaults(command="import-weather")
    statistics.set_defaults(command="import-statistics")
    statistics.add_argument(
        "--mapping", metavar="NAME", required=True,
        help=_("what stands where, as it was remembered at /insights/imports"),
    )  # fmt: skip
    statistics.add_argument(
        "--source",
        metavar="TEXT",
        default="",
        help=_("where the figures are from; default: the file"),
    )


def run(arguments: argparse.Namespace) -> int:
    """Takes a file in. Returns 1 when a row was rejected."""
    content = area_files.content(arguments.file, MOST_BYTES)
    stub = _stub(arguments.area)
    started = pb.StartImportRequest(
        request_id=str(uuid.uuid4()), file=content, file_name=arguments.file.name[:200]
    )
    draft_id = stub.StartImport(started, timeout=DEADLINE_S).draft_id
    try:
        report = _take(stub, draft_id, arguments)
    except BaseException:
        _drop(stub, draft_id)
        raise
    if arguments.json:
        sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(_in_words(report, dry_run=arguments.dry_run))
    return 1 if report["rejected_count"] else 0


def _take(stub: Any, draft_id: str, arguments: argparse.Namespace) -> dict[str, Any]:
    draft = stub.ReadImportDraft(
        pb.ReadImportDraftRequest(draft_id=draft_id, mapping_name=arguments.mapping),
        timeout=DEADLINE_S,
    )
    is_weather = draft.HasField("weather")
    if is_weather != (arguments.command == "import-weather"):
        raise ImportRefused("OTHER_KIND", _(OTHERWISE[arguments.command]))
    if draft.statistics.wrong:
        told = "; ".join(f"{each.field}: {each.text}" for each in draft.statistics.wrong)
        raise ImportRefused("MAPPING_UNFIT", told)
    report = report_of(draft)
    if arguments.dry_run or not (draft.new_count or draft.other_count):
        _drop(stub, draft_id)
        return report
    asked = pb.KeepImportRequest(
        request_id=str(uuid.uuid4()), draft_id=draft_id, expected_version=draft.version,
        source_note=arguments.source or ("" if is_weather else arguments.file.name[:200]),
        signed_as=SIGNED, leave_out=True,
    )  # fmt: skip
    if not is_weather:
        asked.mapping.CopyFrom(draft.statistics.mapping)
    try:
        kept = stub.KeepImport(asked, timeout=DEADLINE_S)
    except grpc.RpcError as error:
        # Hours that change no day are looked at by the service alone.
        if problem_of(error).reason != "NOTHING_NEW":
            raise
        _drop(stub, draft_id)
        return report
    return report | {"number": kept.number, "kept": kept.kept_count}


def report_of(draft: pb.ReadImportDraftResponse) -> dict[str, Any]:
    """Returns what became of the rows of a file. read is loaded and rejected; `aside` are rows that
    hold no figures of their own. Notes are at most 200 of each kind, the counts are whole."""
    return {
        "read": draft.read_count, "loaded": draft.loaded_count,
        "warnings": _notes(draft.warnings), "rejected": _notes(draft.rejected),
        "warning_count": draft.warning_count, "rejected_count": draft.rejected_count,
        "new": draft.new_count, "changed": draft.other_count, "same": draft.same_count,
        "aside": [
            {"row": each.at, "reason": ASIDE[each.fate], "text": each.label}
            for each in draft.statistics.rows
            if each.fate in ASIDE
        ],
        "number": 0, "kept": 0,
    }  # fmt: skip


def _in_words(report: dict[str, Any], *, dry_run: bool) -> str:
    head = _("%(read)s rows read, %(loaded)s taken; %(new)s figures are new, %(changed)s differ,"
             " %(same)s are kept already")  # fmt: skip
    lines = [head % report]
    if dry_run:
        lines.append(_("nothing was changed"))
    elif report["number"]:
        lines.append(_("import %(number)s: %(kept)s figures kept") % report)
    else:
        lines.append(_("there was nothing new to keep"))
    refused = _("rejected: row %(row)s, %(field)s: %(text)s [%(reason)s]")
    doubtful = _("look again: row %(row)s, %(field)s: %(text)s [%(reason)s]")
    lines += [f"  {refused % note}" for note in report["rejected"]]
    lines += [f"  {doubtful % note}" for note in report["warnings"]]
    return "\n".join(lines) + "\n"


def _notes(notes: Iterable[pb.ImportNote]) -> list[dict[str, Any]]:
    return [
        {"row": note.row, "field": note.field, "reason": note.reason, "text": note.text}
        for note in notes
    ]


def _drop(stub: Any, draft_id: str) -> None:
    asked = pb.DropImportDraftRequest(request_id=str(uuid.uuid4()), draft_id=draft_id)
    stub.DropImportDraft(asked, timeout=DEADLINE_S)


def _stub(area: str) -> Any:
    """Returns the service, asked as the owner of the machine."""
    settings = config.load("insights-cli")
    if settings.token_private_key is None:
        raise config.ConfigError("MEGURI_TOKEN_PRIVATE_KEY is not set")
    minter = Minter(settings.token_private_key.read_bytes())
    known = area or os.environ.get("MEGURI_AREA") or "mine"
    caller = Caller(known, SIGNED, ADMINS)
    return ImportServiceStub(Peers(settings, minter.tokens_of(caller)).channel("insights"))
