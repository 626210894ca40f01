"""The command-line door of payments: loading shops, totals of a day, the proof of the ledger."""

import argparse
import csv
import json
import os
import sys
import uuid
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from kit import config
from kit.auth import Caller, Minter, Role
from kit.client import Peers
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1 import payments_service_pb2_grpc as pb_grpc
from meguri.payments.v1 import tickets_service_pb2 as tickets_pb
from meguri.payments.v1 import tickets_service_pb2_grpc as tickets_grpc

DEADLINE_S = 20.0
_NAME_COLUMNS = {
    "ja": "name_ja",
    "en": "name_en",
    "zh-Hant": "name_zh_hant",
    "zh-Hans": "name_zh_hans",
    "ko": "name_ko",
}
# What "all" in a shop file stands for: every tender, and the terminal a shop may already have.
_SIMULATED = ("card", "transit_ic", "id", "quicpay", "code_payment")
_ALL = ("cash_record:cash_record", *(f"{name}:acquirer_simulator" for name in _SIMULATED),
        "card:other_device", "code_payment:other_device")  # fmt: skip


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `payments …`."""
    group = subcommands.add_parser("payments", help="payments: totals, proof of the ledger, shops")
    verbs = group.add_subparsers(metavar="COMMAND", required=True)
    totals = verbs.add_parser("totals", help="sums of a business date per way to pay")
    totals.add_argument("--day", default="", metavar="YYYY-MM-DD", help="default: today")
    totals.add_argument("--shop", default="", metavar="ID", help="default: all shops")
    totals.set_defaults(run=run_totals)
    prove = verbs.add_parser("prove", help="recompute the whole ledger from its postings")
    prove.set_defaults(run=run_prove)
    shops = verbs.add_parser("shops", help="set up shops from a CSV file like data/mine/shops.csv")
    shops.add_argument("file", type=Path, metavar="FILE")
    shops.set_defaults(run=run_shops)
    prices = verbs.add_parser("prices", help="set up admission prices from a CSV file")
    prices.add_argument("file", type=Path, metavar="FILE", help="such as data/mine/tickets.csv")
    prices.set_defaults(run=run_prices)
    keys = verbs.add_parser("ticket-keys", help="the public keys of tickets; make a new one")
    keys.add_argument("--rotate", action="store_true", help="sign with a new key from now on")
    keys.add_argument("--revoke-older", action="store_true", help="with --rotate: after a leak")
    keys.set_defaults(run=run_keys)


def run_totals(arguments: argparse.Namespace) -> int:
    """Shows the sums of a business date."""
    request = pb.ReadTotalsRequest(business_date=arguments.day, shop_place_id=arguments.shop)
    answer = _stub(arguments).ReadTotals(request, timeout=DEADLINE_S)
    if arguments.json:
        return _tell_json(answer)
    _tell(f"{answer.business_date}, {answer.unresolved_count} without outcome")
    for row in answer.totals:
        book = "practice" if row.practice else "live"
        _tell(
            f"  {pb.Tender.Name(row.tender).removeprefix('TENDER_').lower():<14}{book:<9}"
            f"{row.captured_count:>6} sales{row.net_yen:>13,} yen net"
            f"{row.voided_yen:>11,} voided{row.refunded_yen:>11,} refunded"
        )
    return 0


def run_prove(arguments: argparse.Namespace) -> int:
    """Proves the ledger. Returns 1 when it is not sound."""
    answer = _stub(arguments).ProveLedger(pb.ProveLedgerRequest(), timeout=DEADLINE_S)
    if arguments.json:
        _tell_json(answer)
    else:
        _tell(
            f"{'sound' if answer.sound else 'NOT SOUND'}: {answer.entry_count} entries,"
            f" {answer.posting_count} postings that sum to {answer.posting_sum_yen} yen,"
            f" {answer.unbalanced_entry_count} unbalanced,"
            f" {answer.mismatched_payment_count} payments that differ"
        )
        for row in answer.accounts:
            book = "practice" if row.practice else "live"
            _tell(f"  {row.account:<50}{book:<9}{row.balance_yen:>13,}")
    return 0 if answer.sound else 1


def run_shops(arguments: argparse.Namespace) -> int:
    """Sets up the shops of a file."""
    request = pb.ConfigureShopsRequest(
        request_id=str(uuid.uuid4()), shops=read_shops(arguments.file)
    )
    answer = _stub(arguments).ConfigureShops(request, timeout=DEADLINE_S)
    if arguments.json:
        return _tell_json(answer)
    _tell(f"{answer.configured_count} configured, {answer.unchanged_count} as they were")
    return 0


def run_prices(arguments: argparse.Namespace) -> int:
    """Sets up the price classes of a file."""
    wanted = tickets_pb.ConfigurePriceClassesRequest(
        request_id=str(uuid.uuid4()), price_classes=read_prices(arguments.file)
    )
    answer = _tickets(arguments).ConfigurePriceClasses(wanted, timeout=DEADLINE_S)
    if arguments.json:
        return _tell_json(answer)
    _tell(f"{answer.configured_count} configured, {answer.unchanged_count} as they were")
    return 0


def run_keys(arguments: argparse.Namespace) -> int:
    """Shows the public keys of tickets, after making a new one where that is wanted."""
    stub = _tickets(arguments)
    if arguments.rotate:
        stub.RotateTicketKey(
            tickets_pb.RotateTicketKeyRequest(
                request_id=str(uuid.uuid4()), revoke_older=arguments.revoke_older
            ),
            timeout=DEADLINE_S,
        )
    answer = stub.ListTicketKeys(tickets_pb.ListTicketKeysRequest(), timeout=DEADLINE_S)
    if arguments.json:
        return _tell_json(answer)
    for key in answer.keys:
        state = "revoked" if key.revoked else "holds"
        _tell(f"{key.generation:>3} {key.key_id.hex()} {key.public_key.hex()} {state}")
    return 0


def _tickets(arguments: argparse.Namespace) -> tickets_grpc.TicketsServiceStub:
    return tickets_grpc.TicketsServiceStub(_channel(arguments))


def _stub(arguments: argparse.Namespace) -> pb_grpc.PaymentsServiceStub:
    return pb_grpc.PaymentsServiceStub(_channel(arguments))


def _channel(arguments: argparse.Namespace) -> grpc.Channel:
    settings = config.load("payments-cli")
    if settings.token_private_key is None:
        raise config.ConfigError("MEGURI_TOKEN_PRIVATE_KEY is not set")
    minter = Minter(settings.token_private_key.read_bytes())
    area = os.environ.get("MEGURI_AREA") or os.environ.get("MEGURI_DEFAULT_AREA") or "mine"
    caller = Caller(arguments.area or area, "operator", frozenset({Role.ADMIN}))
    peers = Peers(settings, lambda: minter.mint(caller))
    return peers.channel("payments")


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _tell_json(answer: Message) -> int:
    document: dict[str, Any] = MessageToDict(
        answer, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    _tell(json.dumps(_numbers(document), ensure_ascii=False))
    return 0


def _numbers(found: Any) -> Any:
    """Proto3 JSON writes 64-bit numbers as text; our documents hold numbers."""
    if isinstance(found, dict):
        return {name: _numbers(value) for name, value in found.items()}
    if isinstance(found, list):
        return [_numbers(value) for value in found]
    is_number = isinstance(found, str) and found.lstrip("-").isdigit()
    return int(found) if is_number else found


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


def read_prices(path: Path) -> list[tickets_pb.PriceClass]:
    """Reads a price file. Errors: KeyError or ValueError naming what a row lacks."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            tickets_pb.PriceClass(
                class_id=row["class_id"],
                number=int(row["number"]),
                site_place_id=row["site_place_id"],
                gate_place_ids=row["gate_place_ids"].split(";"),
                names={tag: row[name] for tag, name in _NAME_COLUMNS.items() if row.get(name)},
                unit_amount_yen=int(row["unit_amount_yen"]),
                tax_rate_percent=int(row["tax_rate_percent"]),
                kind=tickets_pb.PriceClassKind.Value(f"PRICE_CLASS_KIND_{row['kind'].upper()}"),
                persons_min=int(row["persons_min"]),
                persons_max=int(row["persons_max"]),
            )
            for row in csv.DictReader(file)
        ]


def read_shops(path: Path) -> list[pb.Shop]:
    """Reads a shop file. Errors: KeyError or ValueError naming what a row lacks."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [_shop(row) for row in csv.DictReader(file)]


def _shop(row: dict[str, str]) -> pb.Shop:
    wanted = _ALL if row["tenders"] == "all" else tuple(row["tenders"].split(";"))
    return pb.Shop(
        shop_place_id=row["shop_place_id"],
        names={locale: row[name] for locale, name in _NAME_COLUMNS.items() if row.get(name)},
        registration_number=row["registration_number"],
        owner=pb.ShopOwner.Value(f"SHOP_OWNER_{row['owner'].upper()}"),
        default_tax_rate_percent=int(row["default_tax_rate_percent"]),
        tax_rounding=pb.TaxRounding.Value(f"TAX_ROUNDING_{row['tax_rounding'].upper()}"),
        tenders=[_tender(text) for text in wanted],
        practice=row["practice"] == "yes",
        address=row["address"],
        phone=row["phone"],
    )


def _tender(text: str) -> pb.TenderSetting:
    tender, _, gateway = text.partition(":")
    return pb.TenderSetting(tender=pb.Tender.Value(f"TENDER_{tender.upper()}"), gateway=gateway)
