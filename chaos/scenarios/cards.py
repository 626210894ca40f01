"""Card numbers, tracks and customers' codes in every field there is, while parts are killed.

What a dying process writes down is written down too. The search at the end of every scenario is to
find none of it."""

import time
import urllib.parse
from threading import Event, Thread
from typing import Any

import grpc

from chaos.cards import NUMBER
from chaos.client import new_key
from chaos.crowd import SHOP, Crowd, register
from chaos.doors import Question, take_request
from chaos.peers import clerk_peers
from chaos.register import Register
from chaos.sales import make_sales
from chaos.stage import Broken, Size, Stage
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.payments.domain.emvqr.practice import PracticeCode, make_consumer, track2

PAY = "/api/v1/payments"
KILLED = ("payments", "edge", "postgres")
BACK_WITHIN_S = 30.0
DEADLINE_S = 5.0
LEAST_SENT = 20


def everywhere(stage: Stage, size: Size) -> None:
    """Sends card data with every request that takes text, beside ordinary sales. Errors: Broken
    when one of them is taken."""
    sender = _Sender(stage)
    with Crowd(stage, size, make_sales(size.payments, size.seed)) as crowd:
        crowd.start()
        sender.start()
        try:
            for number, name in enumerate(KILLED, 1):
                crowd.allow((number + 1) / (len(KILLED) + 1))
                crowd.wait_for_share(number / (len(KILLED) + 1))
                before = stage.platform.kill(name)
                stage.fault(name)
                stage.platform.wait_healthy(name, after=before, timeout_s=BACK_WITHIN_S)
            crowd.allow(1)
            crowd.finish()
        finally:
            sender.over.set()
            sender.join()
    stage.figures |= {"card_data_sent": sender.sent, "refused": sender.refused}
    if sender.taken:
        raise Broken(f"{len(sender.taken)} requests with card data were taken: {sender.taken[:3]}")
    if sender.refused < LEAST_SENT:
        raise Broken(f"only {sender.refused} requests with card data had an answer")
    stage.wait_ready()


def codes() -> list[str]:
    """What a customer's phone may show, and what a reader of tracks may hand over."""
    name = ("4F", bytes.fromhex("A0000000031010"))
    track = [name, ("57", track2(NUMBER, "3012", "201"))]
    number = [name, ("5A", bytes.fromhex(NUMBER))]
    made = [
        make_consumer(PracticeCode(version=version, applications=[application]))
        for version in (b"CPV01", b"JPQR1") for application in (track, number)
    ]  # fmt: skip
    return [*made, f";{NUMBER}=30122010000?", NUMBER]


class _Sender(Thread):
    """Sends until told to end. sent, refused: how many. taken: which fields were accepted."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(daemon=True)
        self._stage, self.over = stage, Event()
        self.sent, self.refused, self.taken = 0, 0, list[str]()

    def run(self) -> None:
        """One code after the other, at both doors."""
        terminal: Register = register(self._stage)
        with clerk_peers(self._stage.platform, "fault-test-cards") as peers:
            stub = PaymentsServiceStub(peers.channel("payments"))
            while not self.over.is_set():
                for code in codes():
                    self._over_http(terminal, code)
                    self._over_grpc(stub, code)
                time.sleep(0.2)

    def _over_http(self, terminal: Register, code: str) -> None:
        sale: dict[str, Any] = {"tender": "card", "amount_yen": 1300}
        for field in ("customer_code", "tender", "shop_place_id", "gateway", "amount_yen"):
            status, _ = terminal.send("POST", PAY, {**sale, field: code}, new_key())
            self._note(f"HTTP {field}", status)
        lines = [{"name": code, "unit_amount_yen": 1300, "tax_rate_percent": 8}]
        self._note("HTTP items", terminal.send("POST", PAY, {**sale, "items": lines}, new_key())[0])
        self._note("HTTP key", terminal.send("POST", PAY, sale, code)[0])
        path = f"{PAY}/{urllib.parse.quote(code, safe='')}"
        self._note("HTTP path", terminal.send("GET", path)[0])
        self._note("HTTP query", terminal.send("GET", f"{PAY}?code={path[len(PAY) + 1 :]}")[0])

    def _over_grpc(self, stub: PaymentsServiceStub, code: str) -> None:
        for field in ("shop_place_id", "gateway", "request_id", "clerk_id"):
            wanted = take_request(Question("take", new_key(), "card", 1300), SHOP)
            setattr(wanted, field, code)
            status = 200
            try:
                stub.TakePayment(wanted, timeout=DEADLINE_S)
            except grpc.RpcError as error:
                away = error.code() in {
                    grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED,
                }  # fmt: skip
                status = 0 if away else 400
            self._note(f"gRPC {field}", status)

    def _note(self, what: str, status: int) -> None:
        self.sent += 1
        self.refused += 400 <= status < 500
        if 200 <= status < 300:
            self.taken.append(what)
