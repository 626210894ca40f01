"""Admission prices and the keys of tickets, on the command line."""

import argparse
import uuid
from gettext import gettext as _
from pathlib import Path

from kit import area_files
from kit.pure.languages import texts_of
from meguri.payments.v1 import tickets_service_pb2 as tickets_pb
from services.payments.cli.calls import DEADLINE_S, configured, tell, tell_json, tickets


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `payments prices` and `payments ticket-keys`."""
    prices = verbs.add_parser("prices", help=_("set up admission prices from a CSV file"))
    prices.add_argument("file", type=Path, metavar="FILE", help=_("such as data/mine/tickets.csv"))
    prices.set_defaults(run=run_prices)
    keys = verbs.add_parser("ticket-keys", help=_("the public keys of tickets; make a new one"))
    keys.add_argument("--rotate", action="store_true", help=_("sign with a new key from now on"))
    keys.add_argument("--revoke-older", action="store_true", help=_("with --rotate: after a leak"))
    keys.set_defaults(run=run_keys)


def run_prices(arguments: argparse.Namespace) -> int:
    """Sets up the price classes of a file."""
    wanted = tickets_pb.ConfigurePriceClassesRequest(
        request_id=str(uuid.uuid4()), price_classes=read_prices(arguments.file)
    )
    answer = tickets(arguments).ConfigurePriceClasses(wanted, timeout=DEADLINE_S)
    if arguments.json:
        return tell_json(answer)
    tell(configured(answer.configured_count, answer.unchanged_count))
    return 0


def run_keys(arguments: argparse.Namespace) -> int:
    """Shows the public keys of tickets, after making a new one where that is wanted."""
    stub = tickets(arguments)
    if arguments.rotate:
        stub.RotateTicketKey(
            tickets_pb.RotateTicketKeyRequest(
                request_id=str(uuid.uuid4()), revoke_older=arguments.revoke_older
            ),
            timeout=DEADLINE_S,
        )
    answer = stub.ListTicketKeys(tickets_pb.ListTicketKeysRequest(), timeout=DEADLINE_S)
    if arguments.json:
        return tell_json(answer)
    for key in answer.keys:
        state = "revoked" if key.revoked else "holds"
        tell(f"{key.generation:>3} {key.key_id.hex()} {key.public_key.hex()} {state}")
    return 0


def read_prices(path: Path) -> list[tickets_pb.PriceClass]:
    """Reads a price file. Errors: BadFile."""
    return area_files.read(path, _price)


def _price(row: area_files.Row) -> tickets_pb.PriceClass:
    return tickets_pb.PriceClass(
        class_id=row["class_id"],
        number=int(row["number"]),
        site_place_id=row["site_place_id"],
        gate_place_ids=row["gate_place_ids"].split(";"),
        names=texts_of(row),
        unit_amount_yen=int(row["unit_amount_yen"]),
        tax_rate_percent=int(row["tax_rate_percent"]),
        kind=row.word("kind", tickets_pb.PriceClassKind, "PRICE_CLASS_KIND_"),
        persons_min=int(row["persons_min"]),
        persons_max=int(row["persons_max"]),
    )
