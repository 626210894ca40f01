"""The command-line door of insights: figures as files, files taken in, terms of records."""

import argparse
import json
import os
import sys
from datetime import date
from gettext import gettext as _
from pathlib import Path
from typing import Any

from kit import config
from kit.auth import Caller, Minter, Role
from kit.client import Peers
from kit.ids import new_id
from kit.roles import ADMINS
from meguri.insights.v1 import keeping_service_pb2 as keeping_pb
from meguri.insights.v1.insights_service_pb2_grpc import InsightsServiceStub
from meguri.insights.v1.keeping_service_pb2_grpc import KeepingServiceStub
from services.insights.cli import export, imports

DEADLINE_S = 20.0
GROUPS = ("answers", "happenings", "money")


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `insights …`."""
    group = subcommands.add_parser("insights", help=_("figures: files out and in, terms"))
    verbs = group.add_subparsers(metavar="COMMAND", required=True)
    files = verbs.add_parser("export", help=_("write figures of days and hours as Parquet files"))
    files.add_argument("--out", type=Path, required=True, metavar="DIR",
                       help=_("a new or empty folder"))  # fmt: skip
    files.add_argument("--from", dest="first", type=_date, metavar="YYYY-MM-DD",
                       help=_("first day (default: the first there is)"))  # fmt: skip
    files.add_argument("--until", dest="last", type=_date, metavar="YYYY-MM-DD",
                       help=_("last day (default: yesterday)"))  # fmt: skip
    files.set_defaults(run=run_export)
    keep = verbs.add_parser("keep", help=_("show or set for how long single records are kept"))
    terms = (
        _("whole months for ratings and the survey; what is over goes for good, sums stay"),
        _("the same for pages opened, plans, tickets and closures"),
        _("the same for payments"),
    )
    for name, text in zip(GROUPS, terms, strict=True):
        keep.add_argument(f"--{name}", type=int, metavar="MONTHS", help=text)
    keep.set_defaults(run=run_keep)
    imports.register(verbs)


def run_export(arguments: argparse.Namespace) -> int:
    """Writes the files and says what is in them."""
    # What analysts may read: the files go to them (decision 0088).
    stub = InsightsServiceStub(_peers(arguments, frozenset({Role.ANALYST})).channel("insights"))
    made = export.write(
        stub, _area(arguments), arguments.out, arguments.first, arguments.last, _progress
    )
    text = _("%(days)s days from %(first)s to %(last)s are in %(folder)s; README.md says what"
             " each column is")  # fmt: skip
    return _tell(arguments, made, text % made)


def run_keep(arguments: argparse.Namespace) -> int:
    """Shows the terms; sets those that are given, the others stay."""
    stub = KeepingServiceStub(_peers(arguments).channel("insights"))
    found = stub.ReadKeeping(keeping_pb.ReadKeepingRequest(), timeout=DEADLINE_S)
    given = {name: getattr(arguments, name) for name in GROUPS}
    if any(months is not None for months in given.values()):
        terms = [
            keeping_pb.KeepTerm(
                group=each.group, months=each.months if given[name] is None else given[name]
            )
            for each in found.terms
            for name in [_group(each.group)]
        ]
        stub.SaveKeeping(
            keeping_pb.SaveKeepingRequest(
                request_id=new_id(), expected_version=found.version, terms=terms
            ), timeout=DEADLINE_S,
        )  # fmt: skip
        found = stub.ReadKeeping(keeping_pb.ReadKeepingRequest(), timeout=DEADLINE_S)
    rows = [
        {
            "group": _group(each.group), "months": each.months, "least": each.least_months,
            "most": each.most_months, "first_kept_date": each.first_kept_date or None,
        }
        for each in found.terms
    ]  # fmt: skip
    line = _("%(group)-11s %(months)3s months after their own (%(least)s to %(most)s); there are"
             " single records from %(since)s on")  # fmt: skip
    told = [line % {**row, "since": row["first_kept_date"] or _("the first")} for row in rows]
    return _tell(arguments, {"terms": rows}, "\n".join(told))


def _group(number: int) -> str:
    return keeping_pb.FactGroup.Name(number).removeprefix("FACT_GROUP_").lower()  # type: ignore[arg-type] # of a message


def _area(arguments: argparse.Namespace) -> str:
    return str(
        arguments.area or os.environ.get("MEGURI_AREA") or os.environ.get("MEGURI_DEFAULT_AREA")
        or "mine"
    )  # fmt: skip


def _peers(arguments: argparse.Namespace, roles: frozenset[Role] = ADMINS) -> Peers:
    settings = config.load("insights-cli")
    if settings.token_private_key is None:
        raise config.ConfigError("MEGURI_TOKEN_PRIVATE_KEY is not set")
    minter = Minter(settings.token_private_key.read_bytes())
    caller = Caller(_area(arguments), "operator", roles)
    return Peers(settings, minter.tokens_of(caller))


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(_("a day is written like 2026-11-28")) from None


def _progress(done: int, whole: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done:,} / {whole:,}" + ("\n" if done == whole else ""))


def _tell(arguments: argparse.Namespace, answer: dict[str, Any], text: str) -> int:
    sys.stdout.write((json.dumps(answer, ensure_ascii=False) if arguments.json else text) + "\n")
    return 0
