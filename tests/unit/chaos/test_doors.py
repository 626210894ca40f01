"""Whatever a door hears becomes one of four kinds of answer."""

from typing import Any, cast

import grpc
import pytest
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2

from chaos.doors import Answer, GrpcDoor, HttpDoor, Kind, Question
from chaos.register import Register
from meguri.payments.v1 import payments_service_pb2 as pb

PAID: dict[str, Any] = {
    "payment_id": "p", "state": "captured", "amount_yen": 500, "captured_yen": 500,
    "refunded_yen": 0, "practice": True, "receipt_number": "not kept",
}  # fmt: skip
TAKE = Question("take", "key-1", "card", 500)


class FakeRegister:
    """Answers as it is told, and keeps what was sent."""

    def __init__(self, status: int, document: dict[str, Any]) -> None:
        self._answer = status, document
        self.sent: tuple[Any, ...] = ()

    def send(self, *sent: Any) -> tuple[int, dict[str, Any]]:
        """Returns the answer."""
        self.sent = sent
        return self._answer


def ask(status: int, document: dict[str, Any], question: Question = TAKE) -> Answer:
    """What the HTTP door makes of an answer."""
    return HttpDoor(cast("Register", FakeRegister(status, document))).ask(question)


@pytest.mark.parametrize(
    ("status", "document", "kind"),
    [
        (201, PAID, Kind.SETTLED),
        (201, PAID | {"state": "declined"}, Kind.SETTLED),
        (202, PAID | {"state": "unknown"}, Kind.OPEN),
        (202, PAID | {"state": "created"}, Kind.OPEN),
        (0, {}, Kind.AWAY),
        (503, {"reason": "service_unavailable"}, Kind.AWAY),
        (500, {"reason": "internal"}, Kind.AWAY),
        (409, {"reason": "request_id_reused"}, Kind.REFUSED),
        (401, {"reason": "bad_signature"}, Kind.REFUSED),
    ],
)
def test_an_http_answer_is_read(status: int, document: dict[str, Any], kind: Kind) -> None:
    answer = ask(status, document)
    assert answer.kind is kind
    assert answer.mistake is (status == 500)
    if kind in {Kind.SETTLED, Kind.OPEN}:
        assert answer.document == {k: v for k, v in document.items() if k != "receipt_number"}


@pytest.mark.parametrize(
    ("status", "document", "clear"),
    [
        (503, {"reason": "service_unavailable"}, True),
        (429, {"reason": "busy"}, True),
        (0, {}, False),  # a hang until the client's own deadline, or a cut
        (503, {}, False),
        (504, {"reason": "deadline_exceeded"}, False),
        (500, {"reason": "internal"}, False),
    ],
)
def test_a_clear_no_is_one_in_words(status: int, document: dict[str, Any], *, clear: bool) -> None:
    assert ask(status, document).clear is clear


def test_a_refund_is_open_until_the_refund_itself_is_done() -> None:
    question = Question("refund", "key-2", amount_yen=100, payment_id="p")
    refund = {"refund_id": "r", "amount_yen": 100, "state": "unknown", "payment": PAID}
    assert ask(202, refund, question).kind is Kind.OPEN
    answer = ask(201, refund | {"state": "refunded"}, question)
    assert answer.kind is Kind.SETTLED
    assert (answer.document["refund_yen"], answer.document["payment_id"]) == (100, "p")


@pytest.mark.parametrize(
    ("question", "path", "body"),
    [
        (TAKE, "", {"tender": "card", "amount_yen": 500, "capture": True}),
        (Question("capture", "k", amount_yen=9, payment_id="p"), "/p/capture", {"amount_yen": 9}),
        (Question("void", "k", payment_id="p"), "/p/void", None),
    ],
)
def test_a_question_goes_to_its_path(question: Question, path: str, body: object) -> None:
    register = FakeRegister(201, PAID)
    HttpDoor(cast("Register", register)).ask(question)
    assert register.sent == ("POST", f"/api/v1/payments{path}", body, question.key)


class Failure(grpc.RpcError):
    """A failed call."""

    def __init__(self, code: grpc.StatusCode, reason: str = "") -> None:
        self._code, self._reason = code, reason

    def code(self) -> grpc.StatusCode:
        """Its code."""
        return self._code

    def details(self) -> str:
        """No words."""
        return ""

    def trailing_metadata(self) -> Any:
        """The reason, where a service gave one."""
        if not self._reason:
            return ()
        detail = any_pb2.Any()
        detail.Pack(error_details_pb2.ErrorInfo(reason=self._reason))
        status = status_pb2.Status(code=self._code.value[0], details=[detail])
        return (("grpc-status-details-bin", status.SerializeToString()),)


def grpc_door(outcome: object) -> GrpcDoor:
    """A door whose one call ends as told."""

    class Stub:
        """Stands in for the service."""

        def TakePayment(self, request: pb.TakePaymentRequest, timeout: float) -> object:
            """Ends as told."""
            assert (request.request_id, request.shop_place_id, timeout > 0) == ("key-1", "s", True)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

    door = GrpcDoor(grpc.insecure_channel("127.0.0.1:1"), "s")
    door._stub = Stub()  # type: ignore[assignment]
    return door


@pytest.mark.parametrize(
    ("code", "kind", "mistake"),
    [
        (grpc.StatusCode.UNAVAILABLE, Kind.AWAY, False),
        (grpc.StatusCode.DEADLINE_EXCEEDED, Kind.AWAY, False),
        (grpc.StatusCode.INTERNAL, Kind.AWAY, True),
        (grpc.StatusCode.UNKNOWN, Kind.AWAY, True),
        (grpc.StatusCode.ALREADY_EXISTS, Kind.REFUSED, False),
    ],
)
def test_a_failed_call_is_read(code: grpc.StatusCode, kind: Kind, mistake: bool) -> None:  # noqa: FBT001 - a case
    answer = grpc_door(Failure(code)).ask(TAKE)
    assert (answer.kind, answer.mistake) == (kind, mistake)


@pytest.mark.parametrize(
    ("failure", "clear"),
    [
        (Failure(grpc.StatusCode.UNAVAILABLE, "STORE_UNAVAILABLE"), True),
        (Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "BUSY"), True),
        (Failure(grpc.StatusCode.UNAVAILABLE), False),  # nobody listens there
        (Failure(grpc.StatusCode.DEADLINE_EXCEEDED), False),
        (Failure(grpc.StatusCode.CANCELLED), False),
        (Failure(grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE"), False),
    ],
)
def test_a_hang_is_no_clear_no_of_a_service(failure: Failure, *, clear: bool) -> None:
    assert grpc_door(failure).ask(TAKE).clear is clear


def test_both_doors_tell_the_same_of_a_payment() -> None:
    payment = pb.Payment(
        payment_id="p", state=pb.PAYMENT_STATE_CAPTURED, amount_yen=500, captured_yen=500,
        practice=True,
    )  # fmt: skip
    assert grpc_door(pb.TakePaymentResponse(payment=payment)).ask(TAKE) == ask(201, PAID)
