"""The two doors a client may use: the signed HTTP API of registers, and gRPC as the edge does.

Whatever a door hears becomes one of four kinds of answer, so that the client behaves the same.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

import grpc

from chaos.logs import Line
from chaos.register import Register
from kit.client import Problem, problem_of
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub

OPEN_STATES = frozenset({"created", "unknown"})
DEADLINE_S = 12.0
PAY = "/api/v1/payments"
_PATHS = {"capture": "capture", "void": "void", "refund": "refunds"}
_KEPT = ("payment_id", "state", "amount_yen", "captured_yen", "refunded_yen", "practice")
# Answers after which a client sends the same again.
_AGAIN_HTTP = frozenset({0, 429, 500, 502, 503, 504})
_AGAIN_GRPC = frozenset(
    {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.INTERNAL,
     grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.ABORTED, grpc.StatusCode.CANCELLED,
     grpc.StatusCode.UNKNOWN}
)  # fmt: skip
_CLEAR_HTTP = frozenset({429, 503})
_CLEAR_GRPC = frozenset(
    {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.ABORTED}
)
_MISTAKES_GRPC = frozenset({grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN})


class Kind(StrEnum):
    """SETTLED: an outcome. OPEN: the outcome is still to come. AWAY: no answer, or one that says
    nothing. REFUSED: a clear no that changed nothing."""

    SETTLED = "settled"
    OPEN = "open"
    AWAY = "away"
    REFUSED = "refused"


@dataclass(frozen=True)
class Answer:
    """What came back. document: the payment's figures, with refund_id, refund_state and
    refund_yen for a refund. mistake: the server says that the mistake is its own. clear: whoever
    is AWAY says so, in its own words; a hang or a cut is no answer.
    """

    kind: Kind
    document: Line = field(default_factory=dict)
    reason: str = ""
    mistake: bool = False
    clear: bool = False


@dataclass(frozen=True)
class Question:
    """One thing asked under one key. step: take, capture, void or refund."""

    step: str
    key: str
    tender: str = ""
    amount_yen: int = 0
    capture_at_once: bool = True
    payment_id: str = ""


class Door(Protocol):
    """Sends a question."""

    name: str

    def ask(self, question: Question) -> Answer:
        """Sends it once and returns what came back."""
        ...


class HttpDoor:
    """Through the edge, signed by an enrolled device."""

    name = "http"

    def __init__(self, register: Register) -> None:
        self._register = register

    def ask(self, question: Question) -> Answer:
        """Sends it once and returns what came back."""
        path, body = PAY, None
        if question.step == "take":
            body = {"tender": question.tender, "amount_yen": question.amount_yen,
                    "capture": question.capture_at_once}  # fmt: skip
        else:
            path = f"{PAY}/{question.payment_id}/{_PATHS[question.step]}"
            if question.step == "capture":
                body = {"amount_yen": question.amount_yen}
            if question.step == "refund":
                body = {"amount_yen": question.amount_yen, "reason": "fault test"}
        status, document = self._register.send("POST", path, body, question.key)
        if status in _AGAIN_HTTP:
            reason = str(document.get("reason", ""))
            clear = status in _CLEAR_HTTP and bool(reason)
            return Answer(Kind.AWAY, reason=reason, mistake=status == 500, clear=clear)
        if status not in {200, 201, 202}:
            return Answer(Kind.REFUSED, reason=f"{status} {document.get('reason')}")
        if question.step != "refund":
            return _of_payment(document)
        return _of_refund(document, document["payment"])


class GrpcDoor:
    """Straight to the service, with the token a clerk's request gets from the edge.

    name: another one for another caller, since a key is the caller's own.
    """

    def __init__(self, channel: grpc.Channel, shop: str, name: str = "grpc") -> None:
        self._stub, self._shop, self.name = PaymentsServiceStub(channel), shop, name

    def ask(self, question: Question) -> Answer:
        """Sends it once and returns what came back."""
        try:
            return self._ask(question)
        except grpc.RpcError as error:
            problem = problem_of(error)
            if problem.code in _AGAIN_GRPC:
                mistake = problem.code in _MISTAKES_GRPC
                clear = is_clear(problem)
                return Answer(Kind.AWAY, reason=problem.reason, mistake=mistake, clear=clear)
            return Answer(Kind.REFUSED, reason=f"{problem.code.name} {problem.reason}")

    def _ask(self, question: Question) -> Answer:
        answer: Any
        if question.step == "take":
            answer = self._stub.TakePayment(take_request(question, self._shop), timeout=DEADLINE_S)
        elif question.step == "capture":
            answer = self._stub.CapturePayment(
                pb.CapturePaymentRequest(
                    request_id=question.key, payment_id=question.payment_id,
                    amount_yen=question.amount_yen,
                ), timeout=DEADLINE_S,
            )  # fmt: skip
        elif question.step == "void":
            answer = self._stub.VoidPayment(
                pb.VoidPaymentRequest(request_id=question.key, payment_id=question.payment_id),
                timeout=DEADLINE_S,
            )
        else:
            answer = self._stub.RefundPayment(
                pb.RefundPaymentRequest(
                    request_id=question.key, payment_id=question.payment_id,
                    amount_yen=question.amount_yen, reason="fault test",
                ), timeout=DEADLINE_S,
            )  # fmt: skip
            refund = {
                "refund_id": answer.refund.refund_id,
                "amount_yen": answer.refund.amount_yen,
                "state": word(pb.RefundState.Name(answer.refund.state), "REFUND_STATE_"),
            }
            return _of_refund(refund, payment_line(answer.payment))
        return _of_payment(payment_line(answer.payment))


def is_clear(problem: Problem) -> bool:
    """Tells whether a service said no itself: a call that nobody answered has its code's name for a
    reason."""
    return problem.code in _CLEAR_GRPC and problem.reason != problem.code.name


def take_request(question: Question, shop: str) -> pb.TakePaymentRequest:
    """Returns the sale as a message."""
    return pb.TakePaymentRequest(
        request_id=question.key, shop_place_id=shop, amount_yen=question.amount_yen,
        tender=pb.Tender.Value(f"TENDER_{question.tender.upper()}"),
        capture=pb.CAPTURE_MODE_NOW if question.capture_at_once else pb.CAPTURE_MODE_LATER,
    )  # fmt: skip


def payment_line(payment: pb.Payment) -> Line:
    """Returns what a client keeps of a payment."""
    line = {name: getattr(payment, name) for name in _KEPT}
    return line | {"state": word(pb.PaymentState.Name(payment.state), "PAYMENT_STATE_")}


def word(name: str, prefix: str) -> str:
    """Returns an enum's value as the HTTP API spells it."""
    return name.removeprefix(prefix).lower()


def _of_payment(document: Line) -> Answer:
    kept = {name: document[name] for name in _KEPT}
    return Answer(Kind.OPEN if kept["state"] in OPEN_STATES else Kind.SETTLED, kept)


def _of_refund(refund: Line, payment: Line) -> Answer:
    kept = {name: payment[name] for name in _KEPT} | {
        "refund_id": refund["refund_id"],
        "refund_state": refund["state"],
        "refund_yen": refund["amount_yen"],
    }
    return Answer(Kind.OPEN if refund["state"] in OPEN_STATES else Kind.SETTLED, kept)
