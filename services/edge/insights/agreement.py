"""The totals counted here beside those the owners compute when asked now."""

from dataclasses import dataclass
from datetime import date, timedelta

import grpc

from kit.roles import AUDITORS
from meguri.insights.v1 import insights_service_pb2 as pb
from meguri.insights.v1.insights_service_pb2_grpc import InsightsServiceStub
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.edge.clients import stub
from services.edge.insights.shops import name_closes
from services.edge.parts import may

MONEY = (
    "captured_count", "captured_yen", "voided_count", "voided_yen", "refunded_count",
    "refunded_yen",
)  # fmt: skip


@dataclass(frozen=True)
class Check:
    """One total, counted here and at its owner; owned is None when the owner cannot be asked.
    withheld: neither is told, but whether they are the same."""

    service: str
    measure: str
    practice: bool
    counted: int
    owned: int | None
    withheld: bool = False
    same: bool = False

    @property
    def agrees(self) -> bool:
        """True when both are equal."""
        return self.same if self.withheld else self.owned == self.counted


@dataclass(frozen=True)
class CheckedDay:
    """All checks of one business date."""

    on: str
    checks: tuple[Check, ...]
    said: tuple[Check, ...] = ()  # the same money as the ledger's day total told it at night
    closes: tuple[pb.ShopClose, ...] = ()  # of each shop with live money
    withheld: bool = False  # sales of the day are not told one by one

    @property
    def agrees(self) -> bool | None:
        """False when any total differs; None when no owner said anything to compare.

        Zero on both sides is no comparison: else a day of scans whose owner is silent would agree.
        """
        known = [
            check for check in (*self.checks, *self.said)
            if check.owned is not None and (check.owned or check.counted or check.withheld)
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
        hidden = day.live_payments.reach in (pb.SALES_REACH_TOTAL, pb.SALES_REACH_NONE)
        # Whoever does not keep the books is told what the ledger said of the day, at most.
        owned = _owned_money(on) if may(*AUDITORS) else _said_money(day)
        checks = _checks(day, owned, live=not hidden)
        if day.closes or any(check.counted or check.owned for check in checks):
            days.append(CheckedDay(on, checks, _said(day), tuple(day.closes), hidden))
    return days


def _checks(
    day: pb.DayAgreement, owned: dict[tuple[bool, str], int] | None, *, live: bool
) -> tuple[Check, ...]:
    books = ((False, day.live_payments), (True, day.practice_payments))[not live :]
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
              total.measure.startswith("practice_"), total.counted, total.said,
              total.withheld, total.agrees)
        for total in day.totals if total.service == "payments" and total.known
    )  # fmt: skip


def _said_money(day: pb.DayAgreement) -> dict[tuple[bool, str], int] | None:
    """Returns the same as the ledger's day total told it; None before that."""
    found = {
        (check.practice, check.measure): check.owned or 0
        for check in _said(day) if not check.withheld
    }  # fmt: skip
    return found or None


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
