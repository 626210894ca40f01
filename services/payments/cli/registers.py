"""Commands of the link to registers."""

import argparse
import uuid
from gettext import gettext as _
from pathlib import Path

from meguri.payments.v1 import register_service_pb2 as pb
from services.payments.cli.calls import registers, tell, tell_json

FILE_DEADLINE_S = 60.0


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the commands."""
    journal = verbs.add_parser("import-journal", help=_("take a register's own sales journal"))
    journal.add_argument("file", type=Path, metavar="FILE")
    journal.add_argument("--shop", required=True, metavar="ID")
    journal.add_argument("--register", required=True, metavar="NAME", dest="register_name")
    journal.add_argument("--mapping", default="generic", metavar="NAME|FILE.toml",
                         help=_("what its columns mean (default: generic)"))  # fmt: skip
    journal.add_argument("--dry-run", action="store_true", help=_("only say what would be done"))
    journal.set_defaults(run=run_journal)


def run_journal(arguments: argparse.Namespace) -> int:
    """Takes a journal. Returns 1 when a line was not taken."""
    mapping = arguments.mapping
    if mapping.endswith(".toml"):
        mapping = Path(mapping).read_text(encoding="utf-8")
    done = registers(arguments).TakeRegisterJournal(
        pb.TakeRegisterJournalRequest(
            request_id=str(uuid.uuid4()), shop_place_id=arguments.shop,
            register=arguments.register_name, file_name=arguments.file.name,
            content=arguments.file.read_bytes(), mapping=mapping, dry_run=arguments.dry_run,
        ), timeout=FILE_DEADLINE_S,
    )  # fmt: skip
    if arguments.json:
        tell_json(done)
        return 1 if done.rejected else 0
    tell(_told(done))
    for remark in done.warnings:
        text = _("row %(row)s: look again: %(reason)s")
        tell("  " + text % {"row": remark.row, "reason": remark.reason})
    for remark in done.rejected:
        text = _("row %(row)s: %(field)s: %(text)s")
        tell("  " + text % {"row": remark.row, "field": remark.field, "text": remark.text})
    return 1 if done.rejected else 0


def _told(done: pb.TakeRegisterJournalResponse) -> str:
    text = (
        _("%(read)s lines: %(loaded)s would be taken, %(known)s known, %(skipped)s without money,"
          " %(rejected)s rejected")
        if done.dry_run
        else _("%(read)s lines: %(loaded)s taken, %(known)s known, %(skipped)s without money,"
               " %(rejected)s rejected")
    )  # fmt: skip
    return text % {
        "read": done.read_count, "loaded": done.loaded_count, "known": done.known_count,
        "skipped": done.skipped_count, "rejected": len(done.rejected),
    }  # fmt: skip
