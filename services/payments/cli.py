"""The command-line door of payments: shops, totals of a day, the proof of the ledger, codes."""

import argparse
import asyncio
import csv
import json
import os
import sys
import uuid
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from kit import config
from kit.auth import Caller, Minter, Role
from kit.client import Peers
from kit.pure.errors import InvalidFields
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1 import payments_service_pb2_grpc as pb_grpc
from services.payments.app import codes
from services.payments.domain.emvqr.jpqr import is_sample
from services.payments.domain.emvqr.make import make_merchant
from services.payments.domain.emvqr.merchant import parse_merchant
from services.payments.gateways import code_picture
from services.payments.gateways.conformance import NAMES

DEADLINE_S = 20.0
_NAME_COLUMNS = {
    "ja": "name_ja",
    "en": "name_en",
    "zh-Hant": "name_zh_hant",
    "zh-Hans": "name_zh_hans",
    "ko": "name_ko",
}
# What "all" in a shop file stands for: every tender, and the terminal a shop may already have.
_TENDERS = frozenset(
    name.removeprefix("TENDER_").lower()
    for name in pb.Tender.keys()  # noqa: SIM118 - no dict
) - {"unspecified"}
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
    _register_codes(verbs)
    conformance = verbs.add_parser("conformance", help="check a gateway against its simulator")
    conformance.add_argument("gateway", choices=NAMES, metavar="GATEWAY", help=", ".join(NAMES))
    conformance.add_argument("--case", action="append", default=[], metavar="NAME")
    conformance.set_defaults(run=run_conformance)
    _register_contracts(verbs)


def _register_contracts(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    contract = verbs.add_parser("contract", help="record the acquirer contract of a shop")
    contract.add_argument("--shop", required=True, metavar="ID")
    contract.add_argument("--tender", required=True, choices=sorted(_TENDERS))
    contract.add_argument("--gateway", required=True, metavar="NAME")
    contract.add_argument("--acquirer", required=True, metavar="NAME")
    contract.add_argument("--number", required=True, metavar="TEXT")
    contract.add_argument("--from", required=True, dest="valid_from", metavar="YYYY-MM-DD")
    contract.add_argument("--until", default="", metavar="YYYY-MM-DD", help="default: no end")
    contract.set_defaults(run=run_contract)
    contracts = verbs.add_parser("contracts", help="list the acquirer contracts that hold")
    contracts.set_defaults(run=run_contracts)


def run_conformance(arguments: argparse.Namespace) -> int:
    """Runs the conformance suite. Needs no platform. Returns 1 when a case fails, 2 for a case that
    is none."""
    # Here, since the other commands do without it: it loads every gateway.
    from services.payments.gateways.conformance import suite  # noqa: PLC0415
    from services.payments.gateways.conformance.profiles import PROFILES  # noqa: PLC0415

    strange = set(arguments.case) - set(suite.NAMES)
    if strange:
        sys.stderr.write(f"no case is called {', '.join(sorted(strange))}\n")
        return 2
    result = asyncio.run(suite.run(PROFILES[arguments.gateway], arguments.case))
    if arguments.json:
        _tell(json.dumps(result, ensure_ascii=False))
    else:
        for case in result["cases"]:
            word = "skipped" if case["skipped"] else "passed" if case["passed"] else "FAILED"
            text = f"  {case['text']}" if case["text"] else ""
            _tell(f"{word:<8}{case['seconds']:>6.2f} s  {case['name']}{text}")
        _tell(f"{result['gateway']}: {'passed' if result['passed'] else 'FAILED'}")
    return 0 if result["passed"] else 1


def run_contract(arguments: argparse.Namespace) -> int:
    """Records a contract; the newest one for a shop, tender and gateway holds."""
    contract = pb.AcquirerContract(
        shop_place_id=arguments.shop,
        tender=pb.Tender.Value(f"TENDER_{arguments.tender.upper()}"),
        gateway=arguments.gateway,
        acquirer=arguments.acquirer,
        contract_number=arguments.number,
        valid_from=arguments.valid_from,
        valid_until=arguments.until,
    )
    request = pb.RecordAcquirerContractRequest(request_id=str(uuid.uuid4()), contract=contract)
    answer = _stub(arguments).RecordAcquirerContract(request, timeout=DEADLINE_S)
    if arguments.json:
        return _tell_json(answer)
    _tell(f"recorded as {answer.contract_id}")
    return 0


def run_contracts(arguments: argparse.Namespace) -> int:
    """Lists the contracts."""
    answer = _stub(arguments).ListAcquirerContracts(
        pb.ListAcquirerContractsRequest(), timeout=DEADLINE_S
    )
    if arguments.json:
        return _tell_json(answer)
    for each in answer.contracts:
        tender = pb.Tender.Name(each.tender).removeprefix("TENDER_").lower()
        ends = each.valid_until or "no end"
        _tell(
            f"{each.shop_place_id:<24}{tender:<14}{each.gateway:<12}{each.acquirer}"
            f" {each.contract_number}  {each.valid_from} to {ends}"
        )
    return 0


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
    for shop in answer.doubtful_registration_shop_place_ids:
        _tell(f"  {shop}: check the registration number; it is no corporate number")
    return 0


def _stub(arguments: argparse.Namespace) -> pb_grpc.PaymentsServiceStub:
    settings = config.load("payments-cli")
    if settings.token_private_key is None:
        raise config.ConfigError("MEGURI_TOKEN_PRIVATE_KEY is not set")
    minter = Minter(settings.token_private_key.read_bytes())
    area = os.environ.get("MEGURI_AREA") or os.environ.get("MEGURI_DEFAULT_AREA") or "mine"
    caller = Caller(arguments.area or area, "operator", frozenset({Role.ADMIN}))
    peers = Peers(settings, lambda: minter.mint(caller))
    return pb_grpc.PaymentsServiceStub(peers.channel("payments"))


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
    """Reads tender:gateway or tender:gateway:terminal."""
    tender, _, rest = text.partition(":")
    gateway, _, terminal = rest.partition(":")
    number = pb.Tender.Value(f"TENDER_{tender.upper()}")
    return pb.TenderSetting(tender=number, gateway=gateway, terminal=terminal)


def _register_codes(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    group = verbs.add_parser("qr", help="payment codes (EMVCo and JPQR): read, make, draw")
    qr = group.add_subparsers(metavar="COMMAND", required=True)
    parse = qr.add_parser("parse", help="stdin: one code a line; stdout: a JSON document a line")
    parse.set_defaults(run=run_qr_parse)
    make = qr.add_parser("make", help="stdin: a JSON object; stdout: the text of a merchant's code")
    make.set_defaults(run=run_qr_make)
    draw = qr.add_parser("draw", help="stdin: the text of a merchant's code; a picture of it")
    draw.add_argument("--out", type=Path, required=True, metavar="FILE.svg|FILE.png")
    draw.add_argument(
        "--issued", action="store_true",
        help="the JPQR id in it was issued to this shop: no 見本 SAMPLE beside it",
    )  # fmt: skip
    draw.set_defaults(run=run_qr_draw)


def run_qr_parse(arguments: argparse.Namespace) -> int:  # noqa: ARG001 - JSON lines in any case
    """Says of each line what code it is. Customers' codes are masked and never quoted."""
    for line in sys.stdin.buffer:
        # What is no UTF-8 becomes half pairs, which the reader refuses by its own rule.
        text = line.rstrip(b"\r\n").decode("utf-8", "surrogateescape")
        _tell(json.dumps(codes.describe(text), ensure_ascii=True))
    return 0


def run_qr_make(arguments: argparse.Namespace) -> int:
    """Makes a merchant's code. Errors: InvalidFields, told by field."""
    try:
        document = json.loads(sys.stdin.buffer.read())
    except (ValueError, RecursionError) as error:
        raise InvalidFields([("document", "give a JSON object")]) from error
    payload = make_merchant(codes.draft_of(document))
    _tell(json.dumps({"payload": payload}, ensure_ascii=False) if arguments.json else payload)
    return 0


def run_qr_draw(arguments: argparse.Namespace) -> int:
    """Draws a merchant's code. Errors: InvalidFields for a text that is none."""
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
    _tell(json.dumps({"file": str(out), "sample": sample}) if arguments.json else str(out))
    return 0
