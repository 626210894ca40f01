"""A month of the area and of a shop as a table, one figure a line."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from meguri.insights.v1 import shop_service_pb2 as pb
from services.edge.spreadsheet import Cells

HEADINGS = (
    "month", "until", "whose", "source", "figure", "by", "value", "count", "amount_yen", "low",
    "high", "days_left_out", "withheld_below", "demo",
)  # fmt: skip
_PEOPLE = (("admitted", "payments"), ("guide_views", "multilingual"), ("plans", "itinerary"))


@dataclass(frozen=True)
class Lines:
    """Makes the lines of a month."""

    found: pb.ReadShopMonthResponse

    def all(self) -> Iterator[Cells]:
        """Yields the area's figures, then the shop's."""
        yield from self._compared()
        yield from self._guests()
        yield from self._own()

    def _line(self, whose: str, source: str, figure: str, **more: Any) -> Cells:
        given = {
            "month": self.found.month, "until": self.found.until_date, "whose": whose,
            "source": source, "figure": figure, "demo": "yes" if self.found.demo else "no",
            "withheld_below": self.found.suppression_k if whose == "area" else "",
        } | more  # fmt: skip
        return [given.get(name, "") for name in HEADINGS]

    def _compared(self) -> Iterator[Cells]:
        found = self.found
        for part in (found.area, found.before, found.year_before):
            when = {} if isinstance(part, pb.AreaMonth) else _when(part)
            for field, source in _PEOPLE:
                if part.HasField(field):  # type: ignore[arg-type] # one of three
                    told = getattr(part, field)
                    yield self._line("area", source, field, count=told.value,
                                     days_left_out=told.untold_days, **when)  # fmt: skip
        yield self._line("shop", "payments", "kept", count=found.own.kept_count,
                         amount_yen=found.own.net_yen)  # fmt: skip
        for other in (found.before, found.year_before):
            if other.HasField("kept_count"):
                yield self._line("shop", "payments", "kept", count=other.kept_count,
                                 amount_yen=other.net_yen, **_when(other))  # fmt: skip

    def _guests(self) -> Iterator[Cells]:
        area = self.found.area
        for figure, source, by, cells in (
            ("admitted", "payments", "origin", area.origins),
            ("guide_views", "multilingual", "language", area.languages),
        ):
            for cell in cells:
                yield self._line("area", source, figure, by=by, value=cell.value, count=cell.count)
        for figure, source, hours in (
            ("admitted", "payments", area.gate_hours),
            ("guide_views", "multilingual", area.guide_hours),
        ):
            for at in hours:
                yield self._line("area", source, figure, by="weekday_hour",
                                 value=f"{at.weekday} {at.hour}", count=at.value)  # fmt: skip
        for zone in area.zones:
            for mean in zone.hours:
                yield self._line(
                    "area", "visitor_sense", zone.kind, by="zone_hour_mean",
                    value=f"{zone.zone_id} {mean.hour}", count=mean.estimate, low=mean.low,
                    high=mean.high,
                )  # fmt: skip

    def _own(self) -> Iterator[Cells]:
        own = self.found.own
        for day in own.days:
            yield self._line("shop", "payments", "kept", by="date", value=day.date,
                             count=day.kept_count, amount_yen=day.net_yen)  # fmt: skip
        for at in own.hours:
            yield self._line("shop", "payments", "captured", by="weekday_hour",
                             value=f"{at.weekday} {at.hour}", count=at.captured_count,
                             amount_yen=at.captured_yen)  # fmt: skip
        for each in own.tenders:
            yield self._line("shop", "payments", "captured", by="tender", value=each.tender,
                             count=each.captured_count, amount_yen=each.captured_yen)  # fmt: skip


def _when(part: pb.MonthBeside) -> dict[str, str]:
    return {"month": part.month, "until": part.until_date}
