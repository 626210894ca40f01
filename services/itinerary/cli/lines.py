"""`./meguri itinerary lines`: lines kept by hand, known walks and taxis, from a folder of tables.

What is there already and differs is left alone, for people may have confirmed or corrected it
since; --replace takes what the tables say instead.
"""

import argparse
import json
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from gettext import gettext as _
from pathlib import Path
from typing import Any

import grpc

from kit.client import Peers, problem_of
from kit.pure.marked import N_
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from meguri.itinerary.v1 import timetable_service_pb2_grpc as pb_grpc
from services.itinerary.cli import asking, line_words
from services.itinerary.cli.line_files import Draft, Tables, place_of, read
from services.itinerary.domain.transit.faults import Faulty
from services.itinerary.wire.timetables import line_of

WAYS = "walks and taxis"
OUTCOMES = {
    "new": N_("%(id)s: new"),
    "changed": N_("%(id)s: changed"),
    "unchanged": N_("%(id)s: as it was"),
    "differs": N_(
        "%(id)s: differs from what is kept and was left alone; --replace takes the file's"
    ),
    "refused": N_("%(id)s: refused"),
}
TRIED = N_("only tried, nothing was changed:")


@dataclass(frozen=True)
class Told:
    """What became of a line, or of walks and taxis. problems: with file, row, column, reason."""

    id: str
    outcome: str
    problems: tuple[dict[str, Any], ...] = ()


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `lines`."""
    parser = commands.add_parser(
        "lines", help=_("load lines kept by hand, walks and taxis from a folder of tables")
    )
    parser.add_argument("folder", metavar="FOLDER", type=Path)
    parser.add_argument("--dry-run", action="store_true", help=_("only report, change nothing"))
    parser.add_argument(
        "--replace", action="store_true",
        help=_("take what the tables say, also where somebody has changed a line since"),
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Loads a folder. Returns 1 where something was refused. Errors: BadFile, OSError."""
    tables = read(arguments.folder)
    told = list(
        load(
            asking.timetables(arguments.area), tables,
            replace=arguments.replace, dry_run=arguments.dry_run,
        )
    )  # fmt: skip
    if arguments.json:
        answer = {"dry_run": arguments.dry_run, "lines": [vars(each) for each in told]}
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in _in_words(told, arguments.dry_run)))
    return 1 if any(each.outcome == "refused" for each in told) else 0


def load_folder(peers: Peers, folder: Path) -> dict[str, int]:
    """Loads a folder's lines that are not there yet, as `./meguri area load` does.

    Returns how many lines are new, and how many were refused. Errors: BadFile.
    """
    stub = pb_grpc.TimetableServiceStub(peers.channel("itinerary"))
    counts = Counter(
        each.outcome for each in load(stub, read(folder), replace=False, dry_run=False)
        if each.id != WAYS or each.outcome == "refused"
    )  # fmt: skip
    return {"lines": counts["new"], "lines_rejected": counts["refused"]}


def load(
    stub: pb_grpc.TimetableServiceStub, tables: Tables, *, replace: bool, dry_run: bool
) -> Iterator[Told]:
    """Sends each line, then walks and taxis, and tells what became of each. Errors: RpcError where
    the service itself is away."""
    for draft in tables.lines:
        yield _line(stub, draft, replace=replace, dry_run=dry_run)
    if tables.ways is not None:
        yield _ways(stub, tables.ways, replace=replace, dry_run=dry_run)


def _line(
    stub: pb_grpc.TimetableServiceStub, draft: Draft, *, replace: bool, dry_run: bool
) -> Told:  # fmt: skip
    line_id, version = draft.line.timetable_id, 0
    if kept := _kept(stub, line_id):
        if _equal(kept.line, draft.line):
            return Told(line_id, "unchanged")
        if not replace:
            return Told(line_id, "differs")
        version = kept.version
    request = pb.SaveLineRequest(
        request_id=str(uuid.uuid4()), line=draft.line, expected_version=version, dry_run=dry_run,
        update_shared_stops=replace,
    )  # fmt: skip
    try:
        stub.SaveLine(request, timeout=asking.DEADLINE_S)
    except grpc.RpcError as error:
        return Told(line_id, "refused", _problems(error, draft))
    return Told(line_id, "changed" if version else "new")


def _ways(
    stub: pb_grpc.TimetableServiceStub, ways: pb.SaveWaysRequest, *, replace: bool, dry_run: bool
) -> Told:
    kept = stub.GetWays(pb.GetWaysRequest(), timeout=asking.DEADLINE_S)
    if list(kept.walks) == list(ways.walks) and list(kept.taxis) == list(ways.taxis):
        return Told(WAYS, "unchanged")
    if kept.version and not replace:
        return Told(WAYS, "differs")
    request = pb.SaveWaysRequest(
        request_id=str(uuid.uuid4()), walks=ways.walks, taxis=ways.taxis,
        expected_version=kept.version, dry_run=dry_run,
    )  # fmt: skip
    try:
        stub.SaveWays(request, timeout=asking.DEADLINE_S)
    except grpc.RpcError as error:
        return Told(WAYS, "refused", _problems(error, None))
    return Told(WAYS, "changed" if kept.version else "new")


def _kept(stub: pb_grpc.TimetableServiceStub, line_id: str) -> pb.GetLineResponse | None:
    try:
        return stub.GetLine(pb.GetLineRequest(timetable_id=line_id), timeout=asking.DEADLINE_S)
    except grpc.RpcError as error:
        if problem_of(error).reason != "NOT_FOUND":
            raise
        return None


def _equal(one: pb.Line, other: pb.Line) -> bool:
    try:
        return line_of(one).tidied == line_of(other).tidied
    except Faulty:
        return False


def _problems(error: grpc.RpcError, draft: Draft | None) -> tuple[dict[str, Any], ...]:
    """Returns what the service refused. Errors: RpcError where it is no refusal."""
    said = problem_of(error)
    if said.code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
        raise error
    found = []
    for path, text in said.fields or (("line" if draft else "walks", said.text),):
        file, row, column = place_of(path, draft)
        sentence, reason = line_words.reason_of(text, said.reason)
        problem = {"file": file, "row": row, "column": column, "reason": reason, "text": sentence}
        found.append(problem)
    return tuple(found)


def _in_words(told: list[Told], tried: bool) -> Iterator[str]:  # noqa: FBT001 - of one caller
    if tried:
        yield _(TRIED)
    for each in told:
        yield _(OUTCOMES[each.outcome]) % {
            "id": _("walks and taxis") if each.id == WAYS else each.id
        }
        for problem in each.problems:
            sentence = line_words.in_words(problem["reason"], problem["text"])
            yield _("  %(file)s, row %(row)s, column %(column)s: %(text)s [%(reason)s]") % {
                **problem, "text": sentence,
            }  # fmt: skip
