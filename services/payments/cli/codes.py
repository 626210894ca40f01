"""Payment codes on the command line: read, made, drawn."""

import argparse
import json
import sys
from gettext import gettext as _
from pathlib import Path

from kit.pure.errors import InvalidFields
from services.payments.app import codes
from services.payments.cli.calls import tell
from services.payments.domain.emvqr.jpqr import is_sample
from services.payments.domain.emvqr.make import make_merchant
from services.payments.domain.emvqr.merchant import parse_merchant
from services.payments.gateways import code_picture


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `payments qr …`."""
    group = verbs.add_parser("qr", help=_("payment codes (EMVCo and JPQR): read, make, draw"))
    qr = group.add_subparsers(metavar="COMMAND", required=True)
    parse = qr.add_parser("parse", help=_("stdin: one code a line; stdout: a JSON document a line"))
    parse.set_defaults(run=run_qr_parse)
    make = qr.add_parser(
        "make", help=_("stdin: a JSON object; stdout: the text of a merchant's code")
    )
    make.set_defaults(run=run_qr_make)
    draw = qr.add_parser("draw", help=_("stdin: the text of a merchant's code; a picture of it"))
    draw.add_argument("--out", type=Path, required=True, metavar="FILE.svg|FILE.png")
    draw.add_argument(
        "--issued", action="store_true",
        help=_("the JPQR id in it was issued to this shop: no 見本 SAMPLE beside it"),
    )  # fmt: skip
    draw.set_defaults(run=run_qr_draw)


def _say_that_it_waits(what: str) -> None:
    if sys.stdin.isatty():
        sys.stderr.write(f"Reading {what}, from this terminal; end with Ctrl-D.\n")
        sys.stderr.flush()


def run_qr_parse(arguments: argparse.Namespace) -> int:  # noqa: ARG001 - JSON lines in any case
    """Says of each line what code it is. Customers' codes are masked and never quoted."""
    _say_that_it_waits("codes, one a line")
    for line in sys.stdin.buffer:
        # What is no UTF-8 becomes half pairs, which the reader refuses by its own rule.
        text = line.rstrip(b"\r\n").decode("utf-8", "surrogateescape")
        tell(json.dumps(codes.describe(text), ensure_ascii=True))
    return 0


def run_qr_make(arguments: argparse.Namespace) -> int:
    """Makes a merchant's code. Errors: InvalidFields, told by field."""
    _say_that_it_waits("a JSON object")
    try:
        document = json.loads(sys.stdin.buffer.read())
    except (ValueError, RecursionError) as error:
        raise InvalidFields([("document", "give a JSON object")]) from error
    payload = make_merchant(codes.draft_of(document))
    tell(json.dumps({"payload": payload}, ensure_ascii=False) if arguments.json else payload)
    return 0


def run_qr_draw(arguments: argparse.Namespace) -> int:
    """Draws a merchant's code. Errors: InvalidFields for a text that is none."""
    _say_that_it_waits("the text of a merchant's code")
    payload = sys.stdin.buffer.readline().rstrip(b"\r\n").decode("utf-8", "surrogateescape")
    code = parse_merchant(payload)
    if not code.valid:
        first = code.errors[0]
        raise InvalidFields([(first.field or "code", f"{first.text} [{first.reason}]")])
    sample = is_sample(code.root, issued=arguments.issued)
    out: Path = arguments.out
    if out.suffix not in (".svg", ".png"):
        raise InvalidFields([("out", "name a file that ends in .svg or .png")])
    title = code.value("64", "01") or code.value("59")
    if out.suffix == ".svg":
        out.write_bytes(code_picture.svg(payload, title=title, sample=sample))
    else:
        out.write_bytes(code_picture.png(payload, sample=sample))
    tell(json.dumps({"file": str(out), "sample": sample}) if arguments.json else str(out))
    return 0
