"""`./meguri guide export` and `import`: texts out to translators, and home again as drafts."""

import argparse
import json
import sys
import uuid
from pathlib import Path
from typing import Any

import grpc

from kit.client import problem_of
from meguri.multilingual.v1 import exchange_service_pb2 as pb
from meguri.multilingual.v1 import exchange_service_pb2_grpc as pb_grpc
from services.multilingual.cli.owner import guide_channel

DEADLINE_S = 60.0
FORMATS = {
    "po": pb.FILE_FORMAT_PO,
    "xliff-1.2": pb.FILE_FORMAT_XLIFF_1_2,
    "xliff-2.0": pb.FILE_FORMAT_XLIFF_2_0,
    "csv": pb.FILE_FORMAT_CSV,
}


def register(commands: "argparse._SubParsersAction[Any]") -> None:
    """Adds `export` and `import`."""
    export = commands.add_parser("export", help="write a language's texts into a translator's file")
    export.add_argument("--locale", required=True, help="language, such as zh-Hant")
    export.add_argument("--format", choices=tuple(FORMATS), default="po", help="default: po")
    export.add_argument("--out", type=Path, required=True, help="file to write")
    export.add_argument("--stops", nargs="+", default=[], metavar="CODE", help="default: all stops")
    export.add_argument(
        "--unfinished", action="store_true",
        help="only what is missing, a machine draft or older than its source",
    )  # fmt: skip
    export.set_defaults(run=run_export)
    back = commands.add_parser("import", help="read such a file back: what is new becomes drafts")
    back.add_argument("file", type=Path, help="PO, XLIFF 1.2 or 2.0, CSV")
    back.add_argument("--locale", required=True, help="language it is meant for")
    back.add_argument("--preview", action="store_true", help="only say what would happen")
    back.add_argument(
        "--read", action="store_true", help="a person answers for all of it: no machine drafts"
    )
    back.add_argument(
        "--leave-changed", action="store_true",
        help="leave out stops that somebody changed since the file was made",
    )  # fmt: skip
    back.set_defaults(run=run_import)


def run_export(parsed: argparse.Namespace) -> int:
    """Writes the file and says what is in it. Errors: grpc.RpcError, ConfigError."""
    with guide_channel() as channel:
        made = pb_grpc.ExchangeServiceStub(channel).ExportTexts(
            pb.ExportTextsRequest(
                locale=parsed.locale, format=FORMATS[parsed.format], stop_codes=parsed.stops,
                unfinished=parsed.unfinished,
            ),
            timeout=DEADLINE_S,
        )  # fmt: skip
    parsed.out.write_bytes(made.content)
    told = {"texts": made.text_count, "units": made.unit_count, "bytes": len(made.content)}
    _say(
        parsed, told,
        f"{made.text_count} texts, {made.unit_count} pieces in {parsed.out}."
        " `guide import` takes it back.",
    )  # fmt: skip
    return 0


def run_import(parsed: argparse.Namespace) -> int:
    """Reads the file and says what became of it; 1 when it is refused. Errors: as run_export."""
    with guide_channel() as channel:
        try:
            found = pb_grpc.ExchangeServiceStub(channel).ImportTexts(
                pb.ImportTextsRequest(
                    request_id=str(uuid.uuid4()), locale=parsed.locale,
                    content=parsed.file.read_bytes(), file_name=parsed.file.name,
                    preview=parsed.preview, read=parsed.read, leave_changed=parsed.leave_changed,
                ),
                timeout=DEADLINE_S,
            )  # fmt: skip
        except grpc.RpcError as error:
            refused = problem_of(error)
            if refused.reason != "TRANSLATION_FILE_DAMAGED":
                raise
            return _refused(parsed, refused.fields)
    told = {
        "texts": {each.stop_code: list(each.parts) for each in found.texts},
        "unchanged": found.unchanged_count,
        "left_out": list(found.left_out),
        "doubts": [f"line {each.line}: {each.lost_numbers}" for each in found.doubts],
    }
    _say(parsed, told, "\n".join(_lines(parsed, found)))
    return 0


def _lines(parsed: argparse.Namespace, found: pb.ImportTextsResponse) -> list[str]:
    what = "texts would change" if parsed.preview else "drafts saved"
    lines = [f"{len(found.texts)} {what}, {found.unchanged_count} without news"]
    if found.left_out:
        lines.append(f"Left out, changed since the file was made: {' '.join(found.left_out)}")
    lines += [
        f"Look at line {each.line} ({each.stop_code} {each.part}): without {each.lost_numbers}"
        for each in found.doubts
    ]
    if found.texts and not parsed.preview:
        lines.append("Read and publish them at /studio; visitors see nothing of it before.")
    return lines


def _refused(parsed: argparse.Namespace, fields: tuple[tuple[str, str], ...]) -> int:
    told = {"error": "TRANSLATION_FILE_DAMAGED", "problems": dict(fields)}
    lines = [f"{parsed.file} cannot be taken; nothing of it was kept:"]
    _say(parsed, told, "\n".join([*lines, *(f"  {where}: {what}" for where, what in fields)]))
    return 1


def _say(parsed: argparse.Namespace, told: dict[str, Any], sentence: str) -> None:
    text = json.dumps(told, ensure_ascii=False) if parsed.json else sentence
    sys.stdout.write(text + "\n")
