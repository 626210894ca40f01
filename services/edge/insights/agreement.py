"""The totals counted here beside those the owners compute when asked now."""

from dataclasses import dataclass
from datetime import date, timedelta

import grpc

from meguri.insights.v1 import insights_service_pb2 as pb
from meguri.insights.v1.insights_service_pb2_grpc import InsightsServiceStub
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.edge.clients import stub
from services.edge.insights.shops import name_closes

MONEY = (
    "captured_count", "captured_yen", "voided_count", "voided_yen", "refunded_count",
    "refunded_yen",
)  # fmt: skip


@dataclass(frozen=True)
class Check:
    """One total, counted here and at its owner; owned is None when the owner cannot be asked."""

    service: str
    measure: str
    practice: bool
    counted: int
    owned: int | None

    @property
    def agrees(self) -> bool:
        """True when both are equal."""
        return self.owned == self.counted


@dataclass(frozen=True)
class CheckedDay:
    """All checks of one business date."""

    on: str
    checks: tuple[Check, ...]
    said: tuple[Check, ...] = ()  # the same money as the ledger's day total told it at night
    closes: tuple[pb.ShopClose, ...] = ()  # of each shop with live money

    @property
    def agrees(self) -> bool | None:
        """False when any total differs; None when no owner said anything to compare.

        Zero on both sides is no comparison: else a day of scans whose owner is silent would agree.
        """
        known = [
            check for check in (*self.checks, *self.said)
            if check.owned is not None and (check.owned or check.counted)
        ]  # fmt: skip
        results = [*(check.agrees for check in known), *(shop.agrees for shop in self.closed)]
        return all(results) if results else None

    @property
    def complete(self) -> bool:
        """True when the owners have said everything there is to say of the day."""
        unsaid = any(check.owned is None and check.counted for check in self.checks)
        return bool(self.said) and not unsaid and not self.open

    @property
    def closed(self) -> list[pb.ShopClose]:
        """Shops of which a close was heard."""
        return [shop for shop in self.closes if shop.close_number]

    @property
    def open(self) -> list[pb.ShopClose]:
        """Shops that have sold and not closed, as far as was heard."""
        return [shop for shop in self.closes if not shop.close_number]

    @property
    def differing_closes(self) -> list[pb.ShopClose]:
        """Shops whose closes hold other money than was counted here."""
        return [shop for shop in self.closed if not shop.agrees]

    @property
    def waiting_yen(self) -> int:
        """What came after the closes of shops whose closes agree."""
        return sum(shop.waiting_yen for shop in self.closed if shop.agrees)

    @property
    def differing(self) -> list[Check]:
        """Where the day total is another than what was counted here."""
        return [check for check in self.said if not check.agrees]


def agreements(first: date, last: date) -> list[CheckedDay]:
    """Returns one entry per date, newest first."""
    found = stub(InsightsServiceStub).ReadAgreement(
        pb.ReadAgreementRequest(from_date=first.isoformat(), until_date=last.isoformat())
    )
    name_closes(found.days)
    counted = {day.business_date: day for day in found.days}
    days = []
    for offset in range((last - first).days + 1):
        on = (last - timedelta(days=offset)).isoformat()
        day = counted.get(on) or pb.DayAgreement(business_date=on)
        checks = _checks(day, _owned_money(on))
        if day.closes or any(check.counted or check.owned for check in checks):
            days.append(CheckedDay(on, checks, _said(day), tuple(day.closes)))
    return days


def _checks(day: pb.DayAgreement, owned: dict[tuple[bool, str], int] | None) -> tuple[Check, ...]:
    books = ((False, day.live_payments), (True, day.practice_payments))
    money = [
        Check(
            "payments", measure, practice, getattr(book, measure),
            None if owned is None else owned.get((practice, measure), 0),
        )
        for practice, book in books
        for measure in MONEY
    ]  # fmt: skip
    said = {(each.service, each.measure): each.said for each in day.totals if each.known}
    counts = [
        Check("multilingual", "scan_count", False, day.scan_count,  # noqa: FBT003 - a row
              said.get(("multilingual", "scan_count"))),
        Check("itinerary", "plan_count", False, day.plan_count,  # noqa: FBT003 - a row
              said.get(("itinerary", "plan_count"))),
    ]  # fmt: skip
    return (*money, *counts)


def _said(day: pb.DayAgreement) -> tuple[Check, ...]:
    return tuple(
        Check("payments", total.measure.removeprefix("practice_"),
              total.measure.startswith("practice_"), total.counted, total.said)
        for total in day.totals if total.service == "payments" and total.known
    )  # fmt: skip


def _owned_money(on: str) -> dict[tuple[bool, str], int] | None:
    """Returns (practice, measure) -> total of all tenders as the ledger's owner counts it."""
    try:
        answer = stub(PaymentsServiceStub).ReadTotals(
            payments_pb.ReadTotalsRequest(business_date=on)
        )
    except grpc.RpcError:
        return None  # the page still shows what is counted here and says that nobody confirmed it
    sums: dict[tuple[bool, str], int] = {}
    for total in answer.totals:
        for measure in MONEY:
            key = (total.practice, measure)
            sums[key] = sums.get(key, 0) + getattr(total, measure)
    return sums
