"""`./meguri guide export` and `import`: texts out to translators, and home again as drafts."""

import argparse
import json
import sys
import uuid
from collections.abc import Iterable
from gettext import gettext as _
from pathlib import Path
from typing import Any

from kit.pure.marked import N_
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


# What is wrong in a line, and what to do about it.
KINDS = {
    "SYNTAX": N_("The file is broken here, or of another kind. Take the file you sent out and put "
                 "the translations into it."),
    "ENCODING": N_("This is not UTF-8. In Excel, save as \"CSV UTF-8\"."),
    "SOURCE_LANGUAGE": N_("This file was made from another language."),
    "TARGET_LANGUAGE": N_("This file is for another language than --locale says."),
    "UNIT_UNKNOWN": N_("There is no such text. Leave the first two columns, or the ids, as they "
                       "were."),
    "UNIT_TWICE": N_("This text stands in the file twice. Leave one of them."),
    "PLURAL": N_("This entry has several forms; our texts have one."),
    "MARKUP": N_("There is markup in the text, such as bold type. Take it out."),
    "REVISION": N_("The version this was made from is missing or unknown. Take the file out anew."),
    "SOURCE_ALTERED": N_("The original text was changed in the file. Change only the translation."),
    "PLACEHOLDER": N_("A part in brackets, such as {name}, was lost or added. It must stay as it "
                      "is."),
    "FORBIDDEN_MARK": N_("There are invisible marks in the text. Type it anew."),
    "CARD_NUMBER": N_("A card's number stands in the text. Take it out."),
    "TOO_LONG": N_("The translation is more than three times as long as the original."),
    "TOO_MANY": N_("There are more texts from here on than a stop can have. Leave some out."),
    "TOO_HEAVY": N_("This file takes more memory or time than any of ours. Take the file you sent "
                    "out and put the translations into it."),
    "SCRIPT": N_("The translation is not written in this language's letters."),
    "NAME_MISSING": N_("The stop has no name in this language yet. Translate its name too."),
    "CHANGED_SINCE": N_("Somebody changed this stop since the file was made. Say --leave-changed, "
                        "or take the file out anew."),
}  # fmt: skip
# What exactly, where the kind alone does not say what to do.
FAULTS = {
    "FILE_TOO_LARGE": N_("The file has more than 3 MB. Take out a part of the stops at a time, "
                         "with --stops."),
    "LINE_TOO_LONG": N_("This line is longer than any of ours. Take the file you sent out and put "
                        "the translations into it."),
    "GUIDE_TOO_MANY": N_("From here on there are more texts than a guide can have. Was the file "
                          "put together from several?"),
    "TABLE_HEADINGS": N_("The headings are not those of our file. Put them back; they are:"),
    "TABLE_CELLS": N_("A row of our table has 8 cells. This one has another number of them:"),
    "TABLE_STATE": N_("The state can only be \"read\" or \"machine draft\". Here it is:"),
    "TABLE_QUOTES": N_("A quotation mark that opens a cell here is not closed."),
    "XML_BROKEN": N_("The XML is broken here, or holds what no file of ours does. Save the file "
                     "once more in the translator's program."),
    "NOT_XLIFF": N_("This is neither XLIFF 1.2 nor 2.0. Save it as one of these."),
    "NOT_PO": N_("This line is no PO. Save the file once more in the translator's program."),
    "SEVERAL_LANGUAGES": N_("There are several languages in this file. Send one file for each."),
    "NO_LANGUAGE": N_("The file does not say which language it is in. Take it out anew."),
}  # fmt: skip


def register(commands: "argparse._SubParsersAction[Any]") -> None:
    """Adds `export` and `import`."""
    export = commands.add_parser(
        "export", help=_("write a language's texts into a translator's file")
    )
    export.add_argument("--locale", required=True, help=_("language, such as zh-Hant"))
    export.add_argument("--format", choices=tuple(FORMATS), default="po", help=_("default: po"))
    export.add_argument("--out", type=Path, required=True, help=_("file to write"))
    export.add_argument(
        "--stops", nargs="+", default=[], metavar="CODE", help=_("default: all stops")
    )
    export.add_argument(
        "--unfinished", action="store_true",
        help=_("only what is missing, a machine draft or older than its source"),
    )  # fmt: skip
    export.set_defaults(run=run_export)
    back = commands.add_parser(
        "import", help=_("read such a file back: what is new becomes drafts")
    )
    back.add_argument("file", type=Path, help=_("PO, XLIFF 1.2 or 2.0, CSV"))
    back.add_argument("--locale", required=True, help=_("language it is meant for"))
    back.add_argument("--preview", action="store_true", help=_("only say what would happen"))
    back.add_argument(
        "--read", action="store_true", help=_("a person answers for all of it: no machine drafts")
    )
    back.add_argument(
        "--leave-changed", action="store_true",
        help=_("leave out stops that somebody changed since the file was made"),
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
    said = _("%(texts)s texts, %(units)s pieces in %(file)s. ./meguri guide import takes it back.")
    _say(parsed, told, said % (told | {"file": parsed.out}))
    return 0


def run_import(parsed: argparse.Namespace) -> int:
    """Reads the file and says what became of it; 1 when it is refused. Errors: as run_export."""
    with guide_channel() as channel:
        found = pb_grpc.ExchangeServiceStub(channel).ImportTexts(
            pb.ImportTextsRequest(
                request_id=str(uuid.uuid4()), locale=parsed.locale,
                content=parsed.file.read_bytes(), file_name=parsed.file.name,
                preview=parsed.preview, read=parsed.read, leave_changed=parsed.leave_changed,
                tell_problems=True,
            ),
            timeout=DEADLINE_S,
        )  # fmt: skip
    if found.problems:
        return _refused(parsed, found.problems)
    told = {
        "texts": {each.stop_code: list(each.parts) for each in found.texts},
        "unchanged": found.unchanged_count,
        "left_out": list(found.left_out),
        "retired": list(found.retired),
        "doubts": [f"line {each.line}: {each.lost_numbers}" for each in found.doubts],
    }
    _say(parsed, told, "\n".join(_lines(parsed, found)))
    return 0


def _lines(parsed: argparse.Namespace, found: pb.ImportTextsResponse) -> list[str]:
    counts = {"texts": len(found.texts), "unchanged": found.unchanged_count}
    if parsed.preview:
        lines = [_("%(texts)s texts would change, %(unchanged)s without news") % counts]
    else:
        lines = [_("%(texts)s drafts saved, %(unchanged)s without news") % counts]
    if found.left_out:
        said = _("Left out, changed since the file was made: %(codes)s")
        lines.append(said % {"codes": " ".join(found.left_out)})
    if found.retired:
        said = _("Skipped, retired since the file was made: %(codes)s")
        lines.append(said % {"codes": " ".join(found.retired)})
    doubt = _("Look at line %(line)s (%(stop)s %(part)s): without %(numbers)s")
    lines += [
        doubt % {"line": each.line, "stop": each.stop_code, "part": each.part,
                 "numbers": each.lost_numbers}
        for each in found.doubts
    ]  # fmt: skip
    if found.texts and not parsed.preview:
        lines.append(_("Read and publish them at /studio; visitors see nothing of it before."))
    return lines


def _refused(parsed: argparse.Namespace, problems: Iterable[pb.FileProblem]) -> int:
    problems = list(problems)
    fields = {
        f"line {each.line}": " ".join(
            part for part in (f"{_kind(each)}:", _fault(each), each.quoted) if part
        )
        for each in problems
    }
    told = {"error": "TRANSLATION_FILE_DAMAGED", "problems": fields}
    lines = [_("%(file)s cannot be taken; nothing of it was kept:") % {"file": parsed.file}]
    _say(parsed, told, "\n".join([*lines, *(f"  {_problem(each)}" for each in problems)]))
    return 1


def _problem(each: pb.FileProblem) -> str:
    """Returns a problem in the terminal's language, with what stands there in the file."""
    place = _("line %(line)s") % {"line": each.line} if each.line else _("the file")
    words = FAULTS.get(_fault(each)) or KINDS.get(_kind(each))
    said = _(words) if words else _kind(each)
    return f"{place}: {said} [{each.quoted}]" if each.quoted else f"{place}: {said}"


def _kind(each: pb.FileProblem) -> str:
    """Returns the stable word of a kind; of one that this program does not know its number."""
    names = {number: name for name, number in pb.FileProblemKind.items()}
    return names.get(each.kind, str(each.kind)).removeprefix("FILE_PROBLEM_KIND_")


def _fault(each: pb.FileProblem) -> str:
    """Returns the stable word of a fault, "" for none."""
    names = {number: name for name, number in pb.FileFault.items()}
    return names.get(each.fault, "").removeprefix("FILE_FAULT_") if each.fault else ""


def _say(parsed: argparse.Namespace, told: dict[str, Any], sentence: str) -> None:
    text = json.dumps(told, ensure_ascii=False) if parsed.json else sentence
    sys.stdout.write(text + "\n")
