"""The daily close while everything arrives: sales at both doors, sales that waited since yesterday,
captures of authorizations, returns, and a kill in between. Each movement gets into one close."""

import random
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import grpc

from chaos.client import new_key
from chaos.crowd import SHOP, Crowd
from chaos.doors import Question, payment_line, take_request
from chaos.exports import collect
from chaos.logs import Line, Log
from chaos.peers import clerk_peers, owner_peers
from chaos.sales import Sale, make_sales
from chaos.stage import Broken, Size, Stage
from chaos.statement import check_statement
from meguri.payments.v1 import office_service_pb2 as pb
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from meguri.payments.v1.office_service_pb2_grpc import OfficeServiceStub
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub

SHOPS = ("akiyoshido-main", SHOP)
ZONE = ZoneInfo("Asia/Tokyo")
MOST_CLOSES = 40  # of each closer; the service lists 400
UPLOADS, IN_AN_UPLOAD = 12, 10
WAITED = timedelta(days=1)
DEADLINE_S = 10.0
FLOAT_YEN = 1_000_000  # returns may take more out of the drawer than sales of the same close
PATIENCE_S = 90.0
BACK_WITHIN_S = 30.0


def race(stage: Stage, size: Size) -> None:
    """Closes both shops again and again while sales arrive, and kills payments and PostgreSQL in
    between. Errors: Broken."""
    sales = _with_cash(make_sales(size.payments, size.seed), size.seed)
    with Crowd(stage, size, sales) as crowd, ExitStack() as stack:
        told = stack.enter_context(stage.log("closes"))
        closers = [_Closer(stage, crowd, shop, told) for shop in (*SHOPS, SHOP)]
        drain = _Drain(stage, crowd, size.seed)
        workers: list[_Closer | _Drain] = [*closers, drain]
        threads = [threading.Thread(target=each.run, daemon=True) for each in workers]
        crowd.start()
        for thread in threads:
            thread.start()
        for number, name in enumerate(("payments", "postgres"), 1):
            crowd.allow((number + 1) / 3)
            crowd.wait_for_share(number / 3)
            before = stage.platform.kill(name)
            stage.fault(name)
            stage.platform.wait_healthy(name, after=before, timeout_s=BACK_WITHIN_S)
        crowd.allow(1)
        crowd.finish()
        for thread in threads:
            thread.join(PATIENCE_S)
        failed = [each.failure for each in workers if each.failure]
        if failed or any(thread.is_alive() for thread in threads):
            raise Broken("; ".join(failed) or "a close has no answer")
        stage.wait_ready()
        last = _last_closes(stage, told)
    stage.figures |= {
        "closes": sum(each.count for each in closers) + last, "waited": UPLOADS * IN_AN_UPLOAD,
        **check_statement(stage, drain.keys, drain.day),
    }  # fmt: skip


def check_told(told: Sequence[Line], closes: Sequence[Line]) -> list[str]:
    """What closers were told against the closes that are there. Returns what is wrong."""
    there = {each["close_id"]: each for each in closes}
    ids_of: dict[str, set[str]] = {}
    keys_of: dict[str, set[str]] = {}
    found = []
    for line in told:
        ids_of.setdefault(line["key"], set()).add(line["close_id"])
        keys_of.setdefault(line["close_id"], set()).add(line["key"])
        stored = there.get(line["close_id"])
        if stored is None:
            found.append(f"close {line['close_id']} was acknowledged and is not there")
        elif any(stored[name] != line[name] for name in ("number", "entry_count", "captured_yen")):
            found.append(f"close {line['close_id']} is not what was acknowledged")
    found += [f"key {key} made {len(ids)} closes" for key, ids in ids_of.items() if len(ids) > 1]
    found += [f"{len(keys)} keys made the close {made}" for made, keys in keys_of.items()
              if len(keys) > 1]  # fmt: skip
    return found


def _with_cash(sales: Sequence[Sale], seed: int) -> list[Sale]:
    """Half of the sales in cash: only real money gets into a close."""
    chance = random.Random(seed)
    return [
        replace(each, tender="cash_record")
        if each.follow != "capture" and chance.random() < 0.5 else each
        for each in sales
    ]  # fmt: skip


class _Closer:
    """Closes a shop whenever some more was sold; sends each request twice, as a lost answer does.
    failure: why it ended early."""

    def __init__(self, stage: Stage, crowd: Crowd, shop: str, told: Log) -> None:
        self._stage, self._crowd, self._shop, self._told = stage, crowd, shop, told
        self.count, self.failure = 0, ""

    def run(self) -> None:
        """Until the sales are over."""
        try:
            with owner_peers(self._stage.platform) as peers:
                stub = OfficeServiceStub(peers.channel("payments"))
                step = max(1, self._crowd.total // MOST_CLOSES)
                sold = 0
                while self._crowd.working:
                    if self._crowd.done >= sold + step:
                        sold = self._crowd.done
                        self.count += _close(self._stage, stub, self._shop, self._told)
                    time.sleep(0.05)
        except Exception as error:  # noqa: BLE001 - told by the scenario
            self.failure = f"closing {self._shop}: {error!r}"[:300]


def _close(
    stage: Stage, stub: OfficeServiceStub, shop: str, told: Log, counted_yen: int | None = None
) -> int:
    """Closes today's takings under one key, and asks again. counted_yen: in the drawer, float
    included. Returns how many closes that made: 0 where nobody counted and more cash went out than
    came in. Errors: Broken."""
    today = f"{datetime.now(ZONE):%Y-%m-%d}"
    wanted = pb.CloseDayRequest(request_id=new_key(), shop_place_id=shop, business_date=today)
    if counted_yen is not None:
        wanted.counted, wanted.float_yen, wanted.counted_yen = True, FLOAT_YEN, counted_yen
    for _ in range(2):
        made = _until_closed(stub, wanted)
        if made is None:
            return 0
        figures = made.figures
        told.write({
            "scenario": stage.scenario, "key": wanted.request_id, "close_id": made.close_id,
            "number": made.number, "entry_count": figures.entry_count,
            "captured_yen": sum(line.captured_yen for line in figures.lines),
        })  # fmt: skip
    return 1


def _until_closed(stub: OfficeServiceStub, wanted: pb.CloseDayRequest) -> pb.Close | None:
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        try:
            return stub.CloseDay(wanted, timeout=DEADLINE_S).close
        except grpc.RpcError as error:
            code = error.code()
            if code is grpc.StatusCode.INVALID_ARGUMENT:
                return None
            if code is grpc.StatusCode.INTERNAL:
                raise Broken(f"a close was answered with a mistake: {error!r}"[:200]) from error
            time.sleep(0.2)
    raise Broken(f"close {wanted.request_id} has no answer")


def _last_closes(stage: Stage, told: Log) -> int:
    """Nothing moves any more: the X report of each shop is its next close, and then nothing waits.

    Errors: Broken.
    """
    count = 0
    with owner_peers(stage.platform) as peers:
        stub = OfficeServiceStub(peers.channel("payments"))
        for shop in SHOPS:
            before = stub.ReadDay(pb.ReadDayRequest(shop_place_id=shop), timeout=DEADLINE_S)
            counted_yen = FLOAT_YEN + before.figures.cash_yen
            count += _close(stage, stub, shop, told, counted_yen)
            listed = stub.ListCloses(pb.ListClosesRequest(shop_place_id=shop), timeout=DEADLINE_S)
            if listed.waiting:
                raise Broken(f"{shop} was closed and {len(listed.waiting)} days wait")
            if listed.closes[0].figures != before.figures:
                raise Broken(f"the close of {shop} is not its X report")
    problems = check_told(stage.lines("closes"), collect(stage.platform).closes)
    if problems:
        raise Broken("; ".join(problems[:3]))
    return count


class _Drain:
    """Sales of yesterday that a till without a signal took through another device, uploaded in the
    middle of it all, each upload twice. keys: of its sales. day: when they were made."""

    def __init__(self, stage: Stage, crowd: Crowd, seed: int) -> None:
        self._stage, self._crowd, self._chance = stage, crowd, random.Random(seed)
        self.keys, self.failure = set[str](), ""
        self.day = (datetime.now(UTC) - WAITED).astimezone(ZONE).date()

    def run(self) -> None:
        """One upload after the other, spread over the sales."""
        try:
            with (
                clerk_peers(self._stage.platform, "fault-test-drain") as peers,
                self._stage.log("intents") as intents,
                self._stage.log("acks") as acks,
            ):
                stub = PaymentsServiceStub(peers.channel("payments"))
                for number in range(UPLOADS):
                    while self._crowd.working and (
                        self._crowd.done < number / (UPLOADS + 1) * self._crowd.total
                    ):
                        time.sleep(0.05)
                    self._upload(stub, intents, acks)
        except Exception as error:  # noqa: BLE001 - told by the scenario
            self.failure = f"the upload of sales that waited: {error!r}"[:300]

    def _upload(self, stub: PaymentsServiceStub, intents: Log, acks: Log) -> None:
        questions = [
            Question("take", new_key(), "card", self._chance.randint(1, 8_999))
            for _ in range(IN_AN_UPLOAD)
        ]
        request = payments_pb.TakePaymentsRequest(request_id=new_key())
        for each in questions:
            self.keys.add(each.key)
            intents.write({"scenario": self._stage.scenario, "key": each.key, "step": "take",
                           "amount_yen": each.amount_yen, "payment_id": "", "tender": "card",
                           "capture_at_once": True})  # fmt: skip
            sale = take_request(each, SHOP)
            sale.gateway = "other_device"
            request.sales.add(sale=sale, waited_s=int(WAITED.total_seconds()))
        for _ in range(2):
            first = time.monotonic()
            for result in _until_taken(stub, request):
                at = time.monotonic()
                if result.reason:
                    raise Broken(f"a sale that waited was refused: {result.reason}")
                acks.write({
                    "scenario": self._stage.scenario, "key": result.request_id, "step": "take",
                    "door": "drain", "tender": "other_device", "first": first,
                    "sent": first, "at": at, "attempts": 1,
                    "mistakes": 0, "refused": "", "unknown_s": 0.0,
                    **payment_line(result.payment),
                })  # fmt: skip


def _until_taken(
    stub: PaymentsServiceStub, request: payments_pb.TakePaymentsRequest
) -> Sequence[payments_pb.WaitingSaleResult]:
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        try:
            return stub.TakePayments(request, timeout=DEADLINE_S).results
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.INTERNAL:
                raise
            time.sleep(0.2)
    raise Broken("an upload has no answer")
