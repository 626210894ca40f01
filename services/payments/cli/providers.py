"""Gateways and contracts with acquirers, on the command line."""

import argparse
import asyncio
import json
import sys
import uuid
from gettext import gettext as _
from pathlib import Path

from meguri.payments.v1 import payments_service_pb2 as pb
from services.payments.cli.calls import DEADLINE_S, payments, tell, tell_json
from services.payments.gateways.conformance import NAMES

_TENDERS = frozenset(
    name.removeprefix("TENDER_").lower()
    for name in pb.Tender.keys()  # noqa: SIM118 - no dict
) - {"unspecified"}


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `payments conformance`, `contract` and `contracts`."""
    conformance = verbs.add_parser("conformance", help=_("check a gateway against its simulator"))
    conformance.add_argument("gateway", choices=NAMES, metavar="GATEWAY", help=", ".join(NAMES))
    conformance.add_argument("--case", action="append", default=[], metavar="NAME")
    conformance.add_argument(
        "--specification",
        type=Path,
        metavar="FILE",
        help=_("the provider's OpenAPI document: Prism stands between and lets nothing else pass"),
    )
    conformance.set_defaults(run=run_conformance)
    contract = verbs.add_parser("contract", help=_("record the acquirer contract of a shop"))
    contract.add_argument("--shop", required=True, metavar="ID")
    contract.add_argument("--tender", required=True, choices=sorted(_TENDERS))
    contract.add_argument("--gateway", required=True, metavar="NAME")
    contract.add_argument("--acquirer", required=True, metavar="NAME")
    contract.add_argument("--number", required=True, metavar="TEXT")
    contract.add_argument("--from", required=True, dest="valid_from", metavar="YYYY-MM-DD")
    contract.add_argument("--until", default="", metavar="YYYY-MM-DD", help=_("default: no end"))
    contract.set_defaults(run=run_contract)
    contracts = verbs.add_parser("contracts", help=_("list the acquirer contracts that hold"))
    contracts.set_defaults(run=run_contracts)


def run_conformance(arguments: argparse.Namespace) -> int:
    """Runs the conformance suite. Needs no platform. Returns 1 when a case fails, 2 for a case that
    is none or where Prism is missing."""
    # Here, since the other commands do without it: it loads every gateway.
    from services.payments.gateways.conformance import suite  # noqa: PLC0415 - loads every gateway
    from services.payments.gateways.conformance.profiles import PROFILES  # noqa: PLC0415 - as above
    from services.payments.gateways.conformance.specification import PrismMissing  # noqa: PLC0415 - as above

    strange = set(arguments.case) - set(suite.NAMES)
    if strange:
        sys.stderr.write(f"no case is called {', '.join(sorted(strange))}\n")
        return 2
    run = suite.run(PROFILES[arguments.gateway], arguments.case, arguments.specification)
    try:
        result = asyncio.run(run)
    except PrismMissing as missing:
        sys.stderr.write(f"{missing}\n")
        return 2
    if arguments.json:
        tell(json.dumps(result, ensure_ascii=False))
    else:
        for case in result["cases"]:
            word = "skipped" if case["skipped"] else "passed" if case["passed"] else "FAILED"
            text = f"  {case['text']}" if case["text"] else ""
            tell(f"{word:<8}{case['seconds']:>6.2f} s  {case['name']}{text}")
        tell(f"{result['gateway']}: {'passed' if result['passed'] else 'FAILED'}")
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
    answer = payments(arguments).RecordAcquirerContract(request, timeout=DEADLINE_S)
    if arguments.json:
        return tell_json(answer)
    tell(f"recorded as {answer.contract_id}")
    return 0


def run_contracts(arguments: argparse.Namespace) -> int:
    """Lists the contracts."""
    answer = payments(arguments).ListAcquirerContracts(
        pb.ListAcquirerContractsRequest(), timeout=DEADLINE_S
    )
    if arguments.json:
        return tell_json(answer)
    if not answer.contracts:
        tell("no contract is recorded: ./meguri payments contract --help says how")
    for each in answer.contracts:
        tender = pb.Tender.Name(each.tender).removeprefix("TENDER_").lower()
        ends = each.valid_until or "no end"
        tell(
            f"{each.shop_place_id:<24}{tender:<14}{each.gateway:<12}{each.acquirer}"
            f" {each.contract_number}  {each.valid_from} to {ends}"
        )
    return 0
