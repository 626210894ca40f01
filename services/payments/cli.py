"""The command-line door of payments: loading shops, totals of a day, the proof of the ledger."""

import csv
import uuid
from pathlib import Path

from kit.client import Peers
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1 import payments_service_pb2_grpc as pb_grpc

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


def load_area(peers: Peers, area: str, folder: Path) -> dict[str, int]:  # noqa: ARG001 - the token names the area
    """Loads shops.csv of a folder where there is one. Running it again changes nothing.

    Shops that are set up already are left as people made them since. Returns how many shops were
    configured and how many were there before.
    """
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
