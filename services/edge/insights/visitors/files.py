"""Released figures of a period as CSV: hours, their sums, dwell, ways from zone to zone and zones
seen together."""

from collections.abc import Iterator, Mapping

from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.edge.insights.export import yes
from services.edge.insights.visitors.figures import METHODS, moment
from services.edge.insights.visitors.period import Period
from services.edge.spreadsheet import text_of

HEADINGS = (
    "figure", "zone", "name", "other_zone", "other_name", "start", "kind", "method", "estimate",
    "low", "high", "first_quartile_s", "median_s", "third_quartile_s", "withheld_below",
    "calibration", "key_epochs", "noise_scale", "demo",
)  # fmt: skip
FLAWS = {
    wire.HEARING_FLAW_SILENT_MINUTES: "silent minutes",
    wire.HEARING_FLAW_FEW_FRAMES: "percent of expected frames",
    wire.HEARING_FLAW_SILENT_CHANNELS: "silent channels",
}
DEVICES, VISITORS = "devices", "visitors"


def visitors_csv(
    answer: wire.ReadVisitorsResponse,
    days: wire.ReadDaysResponse,
    names: Mapping[str, str],
    period: Period,
    *,
    demo: bool,
) -> str:
    """Returns one line per figure; of a withheld one there is only its threshold."""
    lines = [*_hours(answer, names, period), *_days(days, names)]
    return text_of(HEADINGS, ([line.get(name, "") for name in HEADINGS[:-1]] + [yes(demo)]
                              for line in lines))  # fmt: skip


def _hours(
    answer: wire.ReadVisitorsResponse, names: Mapping[str, str], period: Period
) -> Iterator[dict[str, object]]:
    for hour in answer.hours:
        line: dict[str, object] = {
            "figure": "hour", "zone": hour.zone_id, "name": names.get(hour.zone_id, ""),
            "start": moment(hour.hour_start_time).astimezone(period.zone).isoformat(),
            "kind": kind_of(hour.kind), "method": METHODS.get(hour.method, ""),
            "calibration": hour.calibration_version or "",
            "key_epochs": " ".join(str(epoch) for epoch in hour.key_epochs),
            "noise_scale": _scale(hour.noise_scale),
        }  # fmt: skip
        if hour.withheld:
            yield line | {"withheld_below": answer.privacy.k}
        else:
            figure = hour.figure
            yield line | {"estimate": figure.estimate, "low": figure.low, "high": figure.high}
    for one in answer.flawed_hours:
        yield {
            "figure": "sensor_heard_in_part", "zone": one.zone_id,
            "name": names.get(one.zone_id, ""), "kind": one.sensor_id,
            "start": moment(one.hour_start_time).astimezone(period.zone).isoformat(),
            "method": FLAWS.get(one.flaw, ""), "estimate": one.amount,
        }  # fmt: skip
    for total in answer.totals:
        told = (
            {"withheld_below": answer.privacy.k} if total.withheld else {"estimate": total.estimate}
        )
        yield {
            "figure": "hour_all_zones", "kind": kind_of(total.kind),
            "start": moment(total.hour_start_time).astimezone(period.zone).isoformat(), **told,
        }  # fmt: skip


def _days(answer: wire.ReadDaysResponse, names: Mapping[str, str]) -> Iterator[dict[str, object]]:
    for one in answer.dwell:
        yield {
            "figure": "dwell", "zone": one.zone_id, "name": names.get(one.zone_id, ""),
            "start": one.date, "kind": "stays of a sample", "estimate": one.stays,
            "first_quartile_s": round(one.first_quartile_s), "median_s": round(one.median_s),
            "third_quartile_s": round(one.third_quartile_s),
            "noise_scale": _scale(one.noise_scale),
        }  # fmt: skip
    for day in answer.devices:
        yield {
            "figure": "different_devices", "zone": day.zone_id,
            "name": names.get(day.zone_id, ""), "start": day.date, "kind": DEVICES,
            "estimate": day.figure.estimate, "low": day.figure.low, "high": day.figure.high,
        }  # fmt: skip
    for move in answer.moves:
        yield {
            "figure": "from_zone_to_zone", "zone": move.from_zone_id,
            "name": names.get(move.from_zone_id, ""), "other_zone": move.to_zone_id,
            "other_name": names.get(move.to_zone_id, ""), "start": move.date,
            "kind": "devices of a sample", "estimate": move.devices,
            "noise_scale": _scale(move.noise_scale),
        }  # fmt: skip
    for pair in answer.pairs:
        yield {
            "figure": "both_zones", "zone": pair.zone_id, "name": names.get(pair.zone_id, ""),
            "other_zone": pair.other_zone_id, "other_name": names.get(pair.other_zone_id, ""),
            "start": pair.date, "kind": "devices of a sample", "estimate": pair.devices,
        }  # fmt: skip


def _scale(scale: float) -> object:
    """Returns the scale of the noise in a figure, empty without."""
    return round(scale, 3) if scale else ""


def kind_of(kind: "wire.CountKind.ValueType") -> str:
    """Returns what a figure counts."""
    return VISITORS if kind == wire.COUNT_KIND_VISITORS else DEVICES
