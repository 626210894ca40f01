"""`./meguri guide signs` prints the sheets of stops into a PDF."""

import argparse
import json
import sys
import time
import uuid
from gettext import gettext as _
from pathlib import Path
from typing import Any

from meguri.multilingual.v1 import sign_service_pb2 as pb
from meguri.multilingual.v1 import sign_service_pb2_grpc as pb_grpc
from services.multilingual.cli.owner import guide_channel

DEADLINE_S = 120.0
PAPERS = {"a4": pb.PAPER_A4, "a5": pb.PAPER_A5}


def register(commands: "argparse._SubParsersAction[Any]") -> None:
    """Adds `signs`."""
    signs = commands.add_parser("signs", help=_("print the sheets of stops into a PDF"))
    signs.add_argument("--out", type=Path, required=True, help=_("file to write"))
    signs.add_argument(
        "--stops", nargs="+", default=[], metavar="CODE", help=_("default: all stops")
    )
    signs.add_argument("--paper", choices=tuple(PAPERS), default="a4", help=_("default: a4"))
    signs.add_argument(
        "--force", action="store_true",
        help=_("also for an address that visitors' phones cannot reach"),
    )  # fmt: skip
    signs.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> int:
    """Prints and says what is on the paper. Errors: grpc.RpcError, ConfigError."""
    with guide_channel() as channel:
        told = print_signs(
            pb_grpc.SignServiceStub(channel), parsed.out, parsed.stops, parsed.paper,
            force=parsed.force,
        )  # fmt: skip
    if parsed.json:
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    else:
        said = _("%(signs)s signs in %(file)s (%(size)s MB, %(seconds)s s). Once they hang, say so "
                 "at /studio/signs.")  # fmt: skip
        if told["trial"]:
            said += " " + _("They are trial prints and say so: visitors’ phones cannot use this "
                            "address.")  # fmt: skip
        sys.stdout.write(
            said % {
                "signs": told["signs"], "file": parsed.out, "size": f"{told['bytes'] / 1e6:.1f}",
                "seconds": told["seconds"],
            }
            + "\n"
        )  # fmt: skip
    return 0


def print_signs(
    stub: Any, out: Path, stops: list[str], paper: str, *, force: bool
) -> dict[str, Any]:
    """Prints into a file; returns counts, the time it took and the revision of each sheet."""
    started = time.monotonic()
    made = stub.PrintSigns(
        pb.PrintSignsRequest(
            request_id=str(uuid.uuid4()), stop_codes=stops, paper=PAPERS[paper], force=force
        ),
        timeout=DEADLINE_S,
    )
    pdf = b""
    while True:
        piece = stub.ReadSignSheets(
            pb.ReadSignSheetsRequest(print_id=made.print_id, offset=len(pdf)), timeout=DEADLINE_S
        )
        pdf += piece.content
        if len(pdf) >= piece.total_bytes:
            break
    out.write_bytes(pdf)
    return {
        "signs": len(made.stop_codes),
        "bytes": len(pdf),
        "seconds": round(time.monotonic() - started, 2),
        "paper": paper,
        "trial": made.trial,
        "print_id": made.print_id,
        "revisions": dict(zip(made.stop_codes, made.revisions, strict=True)),
    }
