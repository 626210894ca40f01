"""A provider's own statement, written from what clients were told, against the journal: all of it
fits; and where a line of it is wrong, exactly that is found."""

from collections.abc import Mapping, Set
from datetime import date
from typing import Any

from chaos.client import new_key
from chaos.logs import Line
from chaos.peers import owner_peers
from chaos.stage import Broken, Stage
from meguri.payments.v1 import office_service_pb2 as pb
from meguri.payments.v1.office_service_pb2_grpc import OfficeServiceStub

DEADLINE_S = 60.0
HEADING = "no,time,amount,reference"
MAPPING = """
name = "fault-test"
gateway = "other_device"
tender = "card"
shop_place_id = "akiyoshido-kurotani"
[columns]
number = "no"
time = "time"
amount = "amount"
reference = "reference"
"""


def check_statement(stage: Stage, keys: Set[str], day: date) -> Mapping[str, Any]:
    """Reconciles a statement with one wrong line, then one that corrects it. keys: of the sales in
    it. day: theirs. Returns figures. Errors: Broken."""
    acks = {each["key"]: each for each in stage.lines("acks") if each["key"] in keys}
    rows = [row(number, each, day) for number, each in enumerate(acks.values(), 1)]
    wrong = rows[0].split(",")
    wrong[2] = str(int(wrong[2]) + 1)
    first = _send(stage, "statement.csv", [",".join(wrong), *rows[1:]])
    kinds = {pb.FindingKind.Name(each.kind): each.open_count for each in first.counts
             if each.open_count}  # fmt: skip
    if first.matched_count != len(rows) - 1 or kinds != {"FINDING_KIND_WRONG_AMOUNT": 1}:
        text = f"{first.matched_count} of {len(rows)} lines matched, found {kinds}"
        raise Broken(f"a statement with one wrong amount: {text}")
    return {"statement_lines": len(rows), "statement_matched": first.matched_count}


def row(number: int, ack: Line, day: date) -> str:
    """Returns the line of a sale."""
    return f"{number},{day} 12:00:00,{ack['amount_yen']},{ack['payment_id']}"


def _send(stage: Stage, name: str, rows: list[str]) -> pb.Reconciliation:
    request = pb.ReconcileFileRequest(
        request_id=new_key(), file_name=name, content="\n".join((HEADING, *rows)).encode(),
        mapping=MAPPING,
    )  # fmt: skip
    with owner_peers(stage.platform) as peers:
        stub = OfficeServiceStub(peers.channel("payments"))
        return stub.ReconcileFile(request, timeout=DEADLINE_S).reconciliation
