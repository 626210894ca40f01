"""The command-line door of payments: shops, totals of a day, the proof of the ledger, codes."""

import argparse
import uuid
from gettext import gettext as _
from pathlib import Path

from kit import area_files
from kit.client import Peers
from kit.pure.languages import texts_of
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1 import payments_service_pb2_grpc as pb_grpc
from meguri.payments.v1 import tickets_service_pb2 as tickets_pb
from meguri.payments.v1 import tickets_service_pb2_grpc as tickets_grpc
from services.payments.cli import codes, office, providers, registers, tickets
from services.payments.cli.calls import DEADLINE_S, configured, payments, tell, tell_json
from services.payments.cli.tickets import read_prices
from services.payments.domain.payout_terms import read_terms
from services.payments.wire import settings

# What "all" in a shop file stands for: every tender, and the terminal a shop may already have.
_SIMULATED = ("card", "transit_ic", "id", "quicpay", "code_payment")
_ALL = ("cash_record:cash_record", *(f"{name}:acquirer_simulator" for name in _SIMULATED),
        "card:other_device", "code_payment:other_device")  # fmt: skip


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `payments …`."""
    group = subcommands.add_parser(
        "payments", help=_("payments: totals, closes, reconciliation, shops")
    )
    verbs = group.add_subparsers(metavar="COMMAND", required=True)
    totals = verbs.add_parser("totals", help=_("sums of a business date per way to pay"))
    totals.add_argument("--day", default="", metavar="YYYY-MM-DD", help=_("default: today"))
    totals.add_argument("--shop", default="", metavar="ID", help=_("default: all shops"))
    totals.set_defaults(run=run_totals)
    prove = verbs.add_parser("prove", help=_("recompute the whole ledger from its postings"))
    prove.set_defaults(run=run_prove)
    shops = verbs.add_parser(
        "shops", help=_("set up shops from a CSV file like data/mine/shops.csv")
    )
    shops.add_argument("file", type=Path, metavar="FILE")
    shops.set_defaults(run=run_shops)
    codes.register(verbs)
    providers.register(verbs)
    office.register(verbs)
    tickets.register(verbs)
    registers.register(verbs)


def run_totals(arguments: argparse.Namespace) -> int:
    """Shows the sums of a business date."""
    request = pb.ReadTotalsRequest(business_date=arguments.day, shop_place_id=arguments.shop)
    answer = payments(arguments).ReadTotals(request, timeout=DEADLINE_S)
    if arguments.json:
        return tell_json(answer)
    head = _("%(day)s, %(count)s without outcome")
    tell(head % {"day": answer.business_date, "count": answer.unresolved_count})
    for row in answer.totals:
        tender = pb.Tender.Name(row.tender).removeprefix("TENDER_").lower()
        text = _("%(count)6d sales%(net)13s yen net%(voided)11s voided%(refunded)11s refunded") % {
            "count": row.captured_count, "net": f"{row.net_yen:,}",
            "voided": f"{row.voided_yen:,}", "refunded": f"{row.refunded_yen:,}",
        }  # fmt: skip
        tell(f"  {tender:<14}{_book(practice=row.practice)}{text}")
    return 0


def _book(*, practice: bool) -> str:
    """Returns which book a row belongs to, as wide as the column."""
    return f"{_('practice') if practice else _('live'):<9}"


def run_prove(arguments: argparse.Namespace) -> int:
    """Proves the ledger. Returns 1 when it is not sound."""
    answer = payments(arguments).ProveLedger(pb.ProveLedgerRequest(), timeout=DEADLINE_S)
    if arguments.json:
        tell_json(answer)
    else:
        text = _("%(word)s: %(entries)s entries, %(postings)s postings that sum to %(sum)s yen,"
                 " %(unbalanced)s unbalanced, %(differ)s payments that differ")  # fmt: skip
        tell(text % {
            "word": _("sound") if answer.sound else _("NOT SOUND"), "entries": answer.entry_count,
            "postings": answer.posting_count, "sum": answer.posting_sum_yen,
            "unbalanced": answer.unbalanced_entry_count, "differ": answer.mismatched_payment_count,
        })  # fmt: skip
        for row in answer.accounts:
            tell(f"  {row.account:<50}{_book(practice=row.practice)}{row.balance_yen:>13,}")
    return 0 if answer.sound else 1


def run_shops(arguments: argparse.Namespace) -> int:
    """Sets up the shops of a file."""
    request = pb.ConfigureShopsRequest(
        request_id=str(uuid.uuid4()), shops=read_shops(arguments.file)
    )
    answer = payments(arguments).ConfigureShops(request, timeout=DEADLINE_S)
    if arguments.json:
        return tell_json(answer)
    tell(configured(answer.configured_count, answer.unchanged_count))
    for shop in answer.doubtful_registration_shop_place_ids:
        text = _("%(shop)s: check the registration number; it is no corporate number")
        tell("  " + text % {"shop": shop})
    return 0


def load_area(peers: Peers, area: str, folder: Path) -> dict[str, int]:  # noqa: ARG001 - the token names the area
    """Loads shops.csv and tickets.csv of a folder where they are. Again, it changes nothing.

    Shops that are set up already are left as people made them since. Returns how many shops were
    configured and how many were there before.
    """
    _load_prices(peers, folder / "tickets.csv")
    path = folder / "shops.csv"
    if not path.exists():
        return {"shops": 0, "unchanged": 0}
    stub = pb_grpc.PaymentsServiceStub(peers.channel("payments"))
    there = stub.ListShops(pb.ListShopsRequest(), timeout=DEADLINE_S).shops
    known = {shop.shop_place_id for shop in there}
    fresh = [shop for shop in read_shops(path) if shop.shop_place_id not in known]
    answer = stub.ConfigureShops(
        pb.ConfigureShopsRequest(request_id=str(uuid.uuid4()), shops=fresh), timeout=DEADLINE_S
    )
    return {"shops": answer.configured_count, "unchanged": len(known) + answer.unchanged_count}


def _load_prices(peers: Peers, path: Path) -> None:
    """Prices that are set up already are left as people made them since."""
    if not path.exists():
        return
    stub = tickets_grpc.TicketsServiceStub(peers.channel("payments"))
    there = stub.ListPriceClasses(tickets_pb.ListPriceClassesRequest(), timeout=DEADLINE_S)
    known = {each.class_id for each in there.price_classes}
    fresh = [each for each in read_prices(path) if each.class_id not in known]
    if fresh:
        stub.ConfigurePriceClasses(
            tickets_pb.ConfigurePriceClassesRequest(
                request_id=str(uuid.uuid4()), price_classes=fresh
            ),
            timeout=DEADLINE_S,
        )


def read_shops(path: Path) -> list[pb.Shop]:
    """Reads a shop file. Errors: BadFile."""
    return area_files.read(path, _shop)


def _shop(row: area_files.Row) -> pb.Shop:
    wanted = _ALL if row["tenders"] == "all" else tuple(row["tenders"].split(";"))
    return pb.Shop(
        shop_place_id=row["shop_place_id"],
        names=texts_of(row),
        registration_number=row["registration_number"],
        owner=row.word("owner", pb.ShopOwner, "SHOP_OWNER_"),
        default_tax_rate_percent=int(row["default_tax_rate_percent"]),
        tax_rounding=row.word("tax_rounding", pb.TaxRounding, "TAX_ROUNDING_"),
        tenders=[_tender(text) for text in wanted],
        practice=row["practice"] == "yes",
        address=row["address"],
        phone=row["phone"],
        tax_free=row.get("tax_free") == "yes",
        merchant_code=_merchant_code(row),
    )


def _merchant_code(row: dict[str, str]) -> pb.MerchantCodeSetting | None:
    """The columns of the shop's own payment code; none where the category is empty."""
    if not row.get("code_mcc"):
        return None
    store_id = row.get("jpqr_store_id") or ""
    return pb.MerchantCodeSetting(
        mcc=row["code_mcc"], name=row["code_name"], city=row["code_city"],
        postal_code=row["code_postal"], jpqr_store_id=store_id.split("-") if store_id else [],
        jpqr_issued=bool(store_id),
    )  # fmt: skip


def _tender(text: str) -> pb.TenderSetting:
    """Reads tender:gateway or tender:gateway:terminal, and behind " = " when it is paid."""
    way, _, terms = text.partition(" = ")
    tender, _, rest = way.partition(":")
    gateway, _, terminal = rest.partition(":")
    number = pb.Tender.Value(f"TENDER_{tender.strip().upper()}")
    return pb.TenderSetting(
        tender=number, gateway=gateway.strip(), terminal=terminal.strip(),
        payout_terms=settings.terms_message(read_terms(terms)) if terms else None,
    )  # fmt: skip
