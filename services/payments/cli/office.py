"""Commands of the office: close, reconcile, settlement, journal, audit verify, products."""

import argparse
import calendar
import sys
import uuid
from datetime import UTC, date
from getpass import getpass
from gettext import gettext as _
from pathlib import Path

import grpc

from kit import area_files
from kit.client import problem_of
from kit.pure.errors import Refusal
from kit.pure.languages import texts_of
from meguri.payments.v1 import office_service_pb2 as pb
from services.payments.cli import office_words as words
from services.payments.cli import said
from services.payments.cli.calls import DEADLINE_S, office, tell, tell_json
from services.payments.domain.provider_file import BUILT_IN

# A file of ten thousand lines is matched in one transaction.
FILE_DEADLINE_S = 60.0


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the commands."""
    close = verbs.add_parser("close", help=_("daily close of a shop"))
    close.add_argument("--shop", required=True, metavar="ID")
    close.add_argument("--day", required=True, metavar="YYYY-MM-DD")
    close.add_argument("--float", type=int, dest="float_yen", default=0, metavar="YEN")
    close.add_argument("--counted", type=int, metavar="YEN", help=_("default: as expected"))
    close.add_argument("--reason", default="", help=_("why the count differs"))
    close.set_defaults(run=run_close)
    reconcile = verbs.add_parser("reconcile", help=_("match a provider's file with the journal"))
    reconcile.add_argument("file", type=Path, metavar="FILE")
    reconcile.add_argument("--mapping", default="paypay_daily", metavar="NAME|FILE.toml",
                           help=_("paypay_daily, generic, or a mapping of your own"))  # fmt: skip
    reconcile.add_argument("--shop", default="", metavar="ID", help=_("whose file it is"))
    reconcile.set_defaults(run=run_reconcile)
    settlement = verbs.add_parser("settlement", help=_("what each provider took, paid and owes"))
    _span(settlement)
    settlement.set_defaults(run=run_settlement)
    journal = verbs.add_parser("journal", help=_("the journal as CSV for accounting software"))
    _span(journal)
    journal.add_argument("--out", type=Path, required=True, metavar="FILE.csv")
    journal.add_argument("--encoding", choices=("utf-8", "shift_jis"), default="utf-8")
    journal.set_defaults(run=run_journal)
    audit = verbs.add_parser("audit", help=_("the audit chain"))
    steps = audit.add_subparsers(metavar="COMMAND", required=True)
    verify = steps.add_parser("verify", help=_("recompute the chain; exit 1 when it is broken"))
    verify.set_defaults(run=run_verify)
    clerk = verbs.add_parser("clerk", help=_("give somebody of a shop a PIN, which stdin says"))
    clerk.add_argument("--shop", required=True, metavar="ID")
    clerk.add_argument("--name", required=True, metavar="NAME")
    clerk.set_defaults(run=run_clerk)
    products = verbs.add_parser("products", help=_("set a shop's products from a CSV file"))
    products.add_argument("file", type=Path, metavar="FILE")
    products.add_argument("--shop", required=True, metavar="ID")
    products.set_defaults(run=run_products)


def _span(parser: argparse.ArgumentParser) -> None:
    span = parser.add_mutually_exclusive_group(required=True)
    span.add_argument("--month", type=_month, metavar="YYYY-MM")
    span.add_argument("--day", metavar="YYYY-MM-DD")
    parser.add_argument("--shop", default="", metavar="ID", help=_("default: all shops"))


def _month(text: str) -> str:
    try:
        return date.fromisoformat(f"{text}-01").strftime("%Y-%m")
    except ValueError as error:
        raise argparse.ArgumentTypeError(_("give a month as YYYY-MM")) from error


def span_of(month: str | None, day: str | None) -> tuple[str, str]:
    """Returns first and last day. Errors: ValueError for no month."""
    if day or not month:
        return day or "", day or ""
    first = date.fromisoformat(f"{month}-01")
    last = calendar.monthrange(first.year, first.month)[1]
    return first.isoformat(), first.replace(day=last).isoformat()


def run_close(arguments: argparse.Namespace) -> int:
    """Closes a day."""
    request = pb.CloseDayRequest(
        request_id=str(uuid.uuid4()), shop_place_id=arguments.shop, business_date=arguments.day,
        counted=arguments.counted is not None, float_yen=arguments.float_yen,
        counted_yen=arguments.counted or 0, reason=arguments.reason,
    )  # fmt: skip
    answer = office(arguments).CloseDay(request, timeout=DEADLINE_S)
    if arguments.json:
        return tell_json(answer)
    made = answer.close
    head = _("close %(number)s of %(shop)s, %(day)s: %(count)s movements, %(net)s yen net")
    tell(head % {
        "number": made.number, "shop": made.shop_place_id, "day": made.business_date,
        "count": made.figures.entry_count, "net": f"{made.figures.net_yen:,}",
    })  # fmt: skip
    for line in made.figures.lines:
        name = words.padded(words.tender(line.tender), 14)
        text = _("%(rate)3s %%%(net)13s yen")
        tell(f"  {name}{text % {'rate': line.tax_rate_percent, 'net': f'{line.net_yen:,}'}}")
    cash = _("cash expected %(expected)s, counted %(counted)s, difference %(difference)s yen")
    tell("  " + cash % {
        "expected": f"{made.expected_yen:,}", "counted": f"{made.counted_yen:,}",
        "difference": f"{made.difference_yen:,}",
    })  # fmt: skip
    if made.unresolved_count:
        text = _("%(count)s without outcome: they get into a later close")
        tell("  " + text % {"count": made.unresolved_count})
    _tell_unfinished(arguments)
    return 0


def _tell_unfinished(arguments: argparse.Namespace) -> None:
    """Names sales in parts that hold money without being paid; the close counted what they hold."""
    request = pb.ReadDayRequest(shop_place_id=arguments.shop, business_date=arguments.day)
    for each in office(arguments).ReadDay(request, timeout=DEADLINE_S).unfinished_sales:
        text = _("not finished: %(receipt)s holds %(held)s of %(total)s yen; at the till, take the"
                 " rest or give it back")  # fmt: skip
        tell("  " + text % {
            "receipt": each.receipt_number, "held": f"{each.held_yen:,}",
            "total": f"{each.total_yen:,}",
        })  # fmt: skip


def run_reconcile(arguments: argparse.Namespace) -> int:
    """Matches a file. Returns 1 when it left something to look into."""
    mapping = arguments.mapping
    if mapping.endswith(".toml"):
        mapping = Path(mapping).read_text(encoding="utf-8")
    elif mapping not in BUILT_IN:
        raise Refusal(
            _("no mapping is called %(name)s: there are %(known)s, and files of your own that end"
              " in .toml") % {"name": mapping[:80], "known": ", ".join(sorted(BUILT_IN))}
        )  # fmt: skip
    request = pb.ReconcileFileRequest(
        request_id=str(uuid.uuid4()), file_name=arguments.file.name,
        content=arguments.file.read_bytes(), mapping=mapping, shop_place_id=arguments.shop,
    )  # fmt: skip
    try:
        answer = office(arguments).ReconcileFile(request, timeout=FILE_DEADLINE_S)
    except grpc.RpcError as error:
        if not (why := said.of_mapping(problem_of(error))):
            raise
        sys.stderr.write(f"meguri: {why}\n")
        return 1
    done = answer.reconciliation
    if arguments.json:
        tell_json(done)
    else:
        if answer.sent_before:
            _tell_before(done)
        _tell_matched(done)
    return 1 if done.rejected or any(count.open_count for count in done.counts) else 0


def _tell_before(done: pb.Reconciliation) -> None:
    text = _("The same content was sent before, as %(name)s on %(time)s: nothing was read or"
             " counted again. This is the result of then.")  # fmt: skip
    sent = done.reconcile_time.ToDatetime(tzinfo=UTC).astimezone()
    tell(text % {"name": done.file_name or done.mapping_name, "time": f"{sent:%Y-%m-%d %H:%M}"})
    if done.rejected:
        tell(_("Rows that could not be read: correct them and send them as a file of their own."))


def _tell_matched(done: pb.Reconciliation) -> None:
    text = _("%(lines)s lines, %(matched)s matched, %(skipped)s without money, %(rejected)s"
             " unreadable; fees %(fees)s, payouts %(payouts)s yen")  # fmt: skip
    tell(text % {
        "lines": done.line_count, "matched": done.matched_count, "skipped": done.skipped_count,
        "rejected": done.rejected_count or len(done.rejected), "fees": f"{done.fee_yen:,}",
        "payouts": f"{done.payout_yen:,}",
    })  # fmt: skip
    for count in done.counts:
        text = _("%(found)6s found%(open)6s open")
        said = text % {"found": count.found_count, "open": count.open_count}
        tell(f"  {words.padded(words.finding(count.kind), 20)}{said}")
    for row in done.rejected:
        tell(f"  {words.rejected(row)}")


def run_settlement(arguments: argparse.Namespace) -> int:
    """Shows what lies at each provider."""
    first, last = span_of(arguments.month, arguments.day)
    request = pb.ReadSettlementRequest(
        shop_place_id=arguments.shop, first_date=first, last_date=last
    )
    answer = office(arguments).ReadSettlement(request, timeout=DEADLINE_S)
    if arguments.json:
        return tell_json(answer)
    for row in answer.rows:
        book = words.padded(_("practice") if row.practice else _("live"), 9)
        text = _("gross %(gross)11s  fees %(fees)8s  paid %(paid)11s  owed %(owed)11s")
        said = text % {
            "gross": f"{row.gross_yen:,}", "fees": f"{row.fee_yen:,}",
            "paid": f"{row.payout_yen:,}", "owed": f"{row.balance_yen:,}",
        }  # fmt: skip
        tender = words.padded(words.tender(row.tender), 14)
        tell(f"  {row.shop_place_id:<24}{row.acquirer:<20}{tender}{book}{said}")
    return 0


def run_journal(arguments: argparse.Namespace) -> int:
    """Writes the journal."""
    first, last = span_of(arguments.month, arguments.day)
    chosen = pb.ENCODING_SHIFT_JIS if arguments.encoding == "shift_jis" else pb.ENCODING_UTF8
    request = pb.ExportJournalRequest(
        shop_place_id=arguments.shop, first_date=first, last_date=last, encoding=chosen
    )
    answer = office(arguments).ExportJournal(request, timeout=FILE_DEADLINE_S)
    arguments.out.write_bytes(answer.content)
    if arguments.json:
        answer.ClearField("content")
        return tell_json(answer)
    text = _("%(count)s entries in %(file)s")
    tell(text % {"count": answer.entry_count, "file": arguments.out})
    return 0


def run_verify(arguments: argparse.Namespace) -> int:
    """Checks the audit chain. Returns 1 when it is broken."""
    answer = office(arguments).VerifyAudit(pb.VerifyAuditRequest(), timeout=FILE_DEADLINE_S)
    if arguments.json:
        tell_json(answer)
    else:
        text = _("%(word)s: %(links)s links, %(heads)s signed heads, %(waiting)s rows wait for"
                 " their seal")  # fmt: skip
        tell(text % {
            "word": _("sound") if answer.sound else _("BROKEN"), "links": answer.link_count,
            "heads": answer.head_count, "waiting": answer.waiting_count,
        })  # fmt: skip
        if answer.head_date:
            text = _("head of %(day)s: link %(number)s, %(hash)s")
            tell("  " + text % {
                "day": answer.head_date, "number": answer.head_number,
                "hash": answer.head_hash.hex(),
            })  # fmt: skip
        else:
            tell("  " + _("no day is signed yet; the first is after midnight of a day with sales"))
        for each in answer.findings:
            text = _("link %(number)s: %(fault)s (%(row)s)")
            tell("  " + text % {
                "number": each.number, "fault": words.fault(each.fault), "row": each.row_id,
            })  # fmt: skip
    return 0 if answer.sound else 1


def run_clerk(arguments: argparse.Namespace) -> int:
    """Makes a clerk, or gives the one of this name a new PIN and has them work here again."""
    stub = office(arguments)
    listed = pb.ListClerksRequest(shop_place_id=arguments.shop)
    known = {each.display_name: each.clerk_id
             for each in stub.ListClerks(listed, timeout=DEADLINE_S).clerks}  # fmt: skip
    # Not an argument: those stand in the history of the shell and in lists of processes.
    pin = getpass("PIN: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
    request = pb.PutClerkRequest(
        request_id=str(uuid.uuid4()), shop_place_id=arguments.shop,
        clerk_id=known.get(arguments.name, ""), display_name=arguments.name, pin=pin,
    )  # fmt: skip
    answer = stub.PutClerk(request, timeout=DEADLINE_S)
    if arguments.json:
        return tell_json(answer)
    text = _("%(name)s may open the till of %(shop)s")
    tell(text % {"name": arguments.name, "shop": arguments.shop})
    return 0


def run_products(arguments: argparse.Namespace) -> int:
    """Sets the products of a shop."""
    request = pb.ReplaceProductsRequest(
        request_id=str(uuid.uuid4()), shop_place_id=arguments.shop,
        products=read_products(arguments.file),
    )  # fmt: skip
    answer = office(arguments).ReplaceProducts(request, timeout=DEADLINE_S)
    if arguments.json:
        return tell_json(answer)
    tell(_("%(count)s products") % {"count": answer.product_count})
    return 0


def read_products(path: Path) -> list[pb.Product]:
    """Reads a product file. Errors: BadFile."""
    return area_files.read(path, _product)


def _product(row: area_files.Row) -> pb.Product:
    return pb.Product(
        code=row["code"], unit_amount_yen=int(row["unit_amount_yen"]),
        tax_rate_percent=int(row["tax_rate_percent"]), button=int(row.get("button") or 0),
        names=texts_of(row),
    )  # fmt: skip
