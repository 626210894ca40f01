"""Answers of visitor sensing made up for the pages of visitors."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.edge.insights.visitors.figures import GAP, TOLD, Slot
from tests.pages.edge.fakes import stamp
from tests.pages.insights.test_pages import Services

TOKYO = ZoneInfo("Asia/Tokyo")
MONDAY = date(2026, 5, 4)
PRIVACY = wire.PrivacyParameters(k=10, retention_hours=24, key_time_zone="Asia/Tokyo")
NAMES = {
    "gate": ("正面口", "Main gate"),
    "street": ("商店街", "Street"),
    "hill": ("展望台", "Hill"),
}


def slot(
    figure: tuple[int, int, int] | None = None, method: str = "calibrated", state: str = ""
) -> Slot:
    """An hour of no particular time."""
    return Slot(
        datetime(2026, 5, 4, tzinfo=TOKYO), state or (TOLD if figure else GAP), figure,
        method if figure else "",
    )  # fmt: skip


def at(on: date, hour: int) -> datetime:
    """An hour of the area in UTC."""
    return datetime(on.year, on.month, on.day, hour, tzinfo=TOKYO).astimezone(UTC)


def told(
    zone_id: str, start: datetime, figure: Sequence[int] | None, *, people: bool = False,
    method: "wire.CountMethod.ValueType" = wire.COUNT_METHOD_SIGNATURE, epochs: int = 1,
) -> wire.ZoneHourVisitors:  # fmt: skip
    """An hour as the service tells it; figure None: withheld."""
    found = wire.ZoneHourVisitors(
        zone_id=zone_id, hour_start_time=stamp(start), withheld=figure is None,
        kind=wire.COUNT_KIND_VISITORS if people else wire.COUNT_KIND_DEVICES,
        method=wire.COUNT_METHOD_CALIBRATED if people else method,
        calibration_version=2 if people else 0, key_date="2026-05-04",
        key_epochs=range(1, epochs + 1),
    )  # fmt: skip
    if figure:
        found.figure.CopyFrom(wire.Estimate(estimate=figure[0], low=figure[1], high=figure[2]))
    return found


class Sensed(Services):
    """Stand-ins of all services; hours, days and places may be changed by a test."""

    def __init__(self) -> None:
        super().__init__()
        self.hours = self.ordinary_hours()
        self.hour_totals = list[wire.HourTotal]()
        self.gadgets = wire.ReadGadgetHoursResponse()
        self.sensors = list[wire.Sensor]()
        self.forecast = wire.ReadForecastResponse()
        self.flawed = list[wire.FlawedHour]()
        self.noise: wire.NoiseParameters | None = None
        self.calibrations = [
            wire.ZoneCalibration(
                zone_id="gate", version=2, learn_time=stamp(at(date(2026, 4, 1), 10)), days=6,
                hours=40, judged=True, error_share=0.179, mean_error=1.2, coverage=0.89,
                later_hours=12, later_hours_outside=6, drifted=True,
            )
        ]  # fmt: skip
        self.days = wire.ReadDaysResponse(
            closed_dates=["2026-05-04", "2026-05-05"],
            dwell=[
                wire.ZoneDayDwell(zone_id="gate", date="2026-05-05", stays=64,
                                  first_quartile_s=480, median_s=900, third_quartile_s=1_680),
                wire.ZoneDayDwell(zone_id="gate", date="2026-05-04", stays=30,
                                  first_quartile_s=300, median_s=600, third_quartile_s=900),
            ],
            pairs=[wire.ZoneDayPair(date="2026-05-05", zone_id="gate", other_zone_id="street",
                                    devices=25)],
            privacy=wire.PrivacyParameters(k=10, rounded_down_to=10),
        )  # fmt: skip
        self.zones = [
            wire.ZoneOccupancy(
                zone_id=zone_id, place_id=f"{zone_id}-place", names={"ja": ja, "en": en},
                level=level, as_of_time=stamp(at(MONDAY, 9)),
            )
            for (zone_id, (ja, en)), level in zip(
                NAMES.items(),
                (wire.OCCUPANCY_LEVEL_BUSY, wire.OCCUPANCY_LEVEL_QUIET,
                 wire.OCCUPANCY_LEVEL_UNKNOWN),
                strict=True,
            )
        ]  # fmt: skip
        quality = directory_pb.COORDINATE_QUALITY_SOURCE
        self.places = [
            directory_pb.Place(place_id="gate-place", latitude=34.2276, longitude=131.3037,
                               coordinate_quality=quality),
            directory_pb.Place(place_id="street-place", latitude=34.2261, longitude=131.3061,
                               coordinate_quality=directory_pb.COORDINATE_QUALITY_ESTIMATE),
            directory_pb.Place(place_id="hill-place"),
        ]  # fmt: skip
        self.answers |= {
            "ReadOccupancy": lambda _: wire.ReadOccupancyResponse(zones=self.zones),
            "ReadVisitors": self._visitors,
            "ReadDays": lambda _: self.days,
            "ReadForecast": lambda _: self.forecast,
            "ReadGadgetHours": lambda _: self.gadgets,
            "ListSensors": lambda _: wire.ListSensorsResponse(sensors=self.sensors),
            "ListPlaces": lambda _: directory_pb.ListPlacesResponse(places=self.places),
        }

    def ordinary_hours(self) -> list[wire.ZoneHourVisitors]:
        """A week of a calibrated gate with a withheld hour and a gap, and a street of devices."""
        found = []
        for day in range(-7, 7):
            on = MONDAY + timedelta(days=day)
            for hour in range(8, 18):
                figure = None if hour == 8 else (100 + hour, 90 + hour, 112 + hour)
                if hour != 12:
                    found.append(told("gate", at(on, hour), figure, people=True))
                found.append(told("street", at(on, hour), (40, 24, 50)))
        return found

    def _privacy(self) -> wire.PrivacyParameters:
        found = wire.PrivacyParameters()
        found.CopyFrom(PRIVACY)
        if self.noise is not None:
            found.noise_added = True
            found.noise.CopyFrom(self.noise)
        return found

    def _visitors(self, request: Any) -> wire.ReadVisitorsResponse:
        since, until = request.from_time.seconds, request.to_time.seconds
        return wire.ReadVisitorsResponse(
            hours=[h for h in self.hours if since <= h.hour_start_time.seconds < until],
            totals=[t for t in self.hour_totals if since <= t.hour_start_time.seconds < until],
            privacy=self._privacy(), calibrations=self.calibrations,
            flawed_hours=[f for f in self.flawed if since <= f.hour_start_time.seconds < until],
        )  # fmt: skip
