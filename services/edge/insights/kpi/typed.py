"""The forms of the KPI book: what somebody typed, as the service takes it, and what is wrong."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from meguri.insights.v1 import kpi_service_pb2 as pb
from services.edge.insights.kpi import series, words
from services.edge.insights.lines import line
from services.edge.whole import plainly, read_whole

LOCALES = ("ja", "en")
MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])", re.ASCII)
MOST_PERIOD = 10
MOST_DIGITS = 15
COSTS_ASKED = 8  # lines of the form; there may be more than were kept


@dataclass
class Settings:
    """The settings of a KPI as somebody typed them. wrong: sentences by the id of their field."""

    kpi_id: str = ""
    names: dict[str, str] = field(default_factory=dict)
    measure: str = "0"
    unit: str = "0"
    baseline: str = ""
    baseline_year: str = ""
    target: str = ""
    target_year: str = ""
    owner: str = ""
    definition: str = ""
    retired: bool = False
    series: str = ""  # of a figure that is imported; the rest: of which months
    series_first: str = ""
    series_last: str = ""
    wrong: dict[str, str] = field(default_factory=dict)


def settings_of(kpi: pb.Kpi) -> Settings:
    """Returns kept settings as somebody would have typed them."""
    kept = kpi.settings
    typed = Settings(
        kpi.kpi_id, dict(kept.names), str(int(kept.measure)), str(int(kept.unit)),
        owner=kept.owner, definition=kept.definition, retired=kept.retired,
    )  # fmt: skip
    if kept.HasField("series"):
        typed.series = series.packed(kept.series.measure, kept.series.place)
        typed.series_first, typed.series_last = kept.series.first_month, kept.series.last_month
    if kept.HasField("baseline"):
        typed.baseline, typed.baseline_year = _both(kept.baseline)
    if kept.HasField("target"):
        typed.target, typed.target_year = _both(kept.target)
    return typed


def _both(point: pb.KpiPoint) -> tuple[str, str]:
    return f"{point.value:,}", str(point.fiscal_year)


def read_settings(form: Mapping[str, str], kpi_id: str) -> Settings:
    """Reads the form, whatever it holds. kpi_id: "" where the form names it."""

    def said(name: str, most: int = 200) -> str:
        return line(form.get(name, ""), most)

    return Settings(
        kpi_id or said("kpi_id", 60), {tag: said(f"name-{tag}") for tag in LOCALES},
        said("measure", 4), said("unit", 4), said("baseline", 40), said("baseline_year", 10),
        said("target", 40), said("target_year", 10), said("owner"), said("definition", 2_000),
        bool(form.get("retired")), said("series", 500), said("series_first", 10),
        said("series_last", 10),
    )  # fmt: skip


def check_settings(typed: Settings, other_names: Mapping[str, str]) -> pb.KpiSettings:
    """Returns what was typed as the service takes it; says in typed.wrong what cannot be taken.

    other_names: in languages that the form does not show; they stay.
    """
    measure = read_whole(typed.measure, 2) or 0
    unit = words.UNIT_OF.get(measure, read_whole(typed.unit, 2) or 0)
    if measure not in words.MEASURES:
        typed.wrong["f-measure"] = _("Choose where the figure is from.")
    if unit not in words.UNITS:
        typed.wrong["f-unit"] = _("Choose what the figure counts.")
    _check_texts(typed)
    names = {tag: text for tag, text in other_names.items() if tag not in LOCALES}
    names |= {tag: name for tag, name in typed.names.items() if name}
    known = not typed.wrong.keys() & {"f-measure", "f-unit"}
    codes: dict[str, Any] = {"measure": measure, "unit": unit} if known else {}
    made = pb.KpiSettings(
        names=names, owner=typed.owner, definition=typed.definition, retired=typed.retired, **codes
    )
    if typed.series:
        _check_series(typed, made)
    _check_point(typed, "baseline", made.baseline)
    _check_point(typed, "target", made.target)
    if not typed.baseline and not typed.baseline_year:
        made.ClearField("baseline")
    if not typed.target and not typed.target_year:
        made.ClearField("target")
    both = made.HasField("baseline") and made.HasField("target")
    if both and made.target.fiscal_year <= made.baseline.fiscal_year and not typed.wrong:
        typed.wrong["f-target_year"] = _("The target comes after the baseline.")
    return made


def _check_series(typed: Settings, made: pb.KpiSettings) -> None:
    names = series.unpacked(typed.series)
    if names is None:
        typed.wrong["f-series"] = _("Choose what was imported.")
        return
    if made.measure != pb.KPI_MEASURE_UNSPECIFIED:
        typed.wrong["f-series"] = _("A figure is counted or imported, not both: choose “Entered by "
                                    "hand” above, or nothing here.")  # fmt: skip
    for name, month in (("first", typed.series_first), ("last", typed.series_last)):
        if month and not MONTH.fullmatch(month):
            typed.wrong[f"f-series_{name}"] = _("Write a month, such as 2025-04.")
    first, last = typed.series_first, typed.series_last
    if first and last and first > last and not typed.wrong.keys() & {"f-series_first"}:
        typed.wrong["f-series_last"] = _("The last month comes after the first.")
    made.series.measure, made.series.place = names
    made.series.first_month, made.series.last_month = first, last


def _check_texts(typed: Settings) -> None:
    if not any(typed.names.values()):
        typed.wrong["f-name-ja"] = _("Give it a name in Japanese or English.")
    for tag, name in typed.names.items():
        if len(name) > 80:
            typed.wrong[f"f-name-{tag}"] = _("At most 80 characters.")
    if len(typed.owner) > 80:
        typed.wrong["f-owner"] = _("At most 80 characters.")
    if len(typed.definition) > 400:
        typed.wrong["f-definition"] = _("At most 400 characters.")


def _check_point(typed: Settings, name: str, point: pb.KpiPoint) -> None:
    value, year = number(getattr(typed, name)), number(getattr(typed, f"{name}_year"))
    if not getattr(typed, name) and not getattr(typed, f"{name}_year"):
        return
    if value is None:
        typed.wrong[f"f-{name}"] = _("Write a whole number, such as 43,000.")
    if year is None or not 2000 <= year <= 2098:
        typed.wrong[f"f-{name}_year"] = _("Write the year the fiscal year begins in, 2000 to 2098.")
    point.value, point.fiscal_year = value or 0, year if year and year < 9999 else 0


def number(text: str) -> int | None:
    """Returns a whole number as people write it: 43,000, ４３０００, ¥43,000."""
    return read_whole(plainly(text), MOST_DIGITS)


@dataclass
class Value:
    """A figure as somebody typed it. taken_back: instead of one, what was entered is taken back."""

    period: str = ""
    value: str = ""
    source: str = ""
    taken_back: bool = False
    wrong: dict[str, str] = field(default_factory=dict)


def read_value(form: Mapping[str, str]) -> Value:
    """Reads the form, whatever it holds."""
    period, value, source = (
        line(form.get(name, ""), 300) for name in ("period", "value", "source")
    )
    if form.get("take_back"):
        return Value(line(form.get("take_back", ""), MOST_PERIOD), taken_back=True)
    return Value(period[:MOST_PERIOD], value, source)


def check_value(typed: Value) -> int | None:
    """Returns the figure, None to take one back; says in typed.wrong what cannot be taken."""
    if typed.taken_back:
        return None
    found = number(typed.value)
    if found is None:
        typed.wrong["f-value"] = _("Write a whole number, such as 43,000.")
    if not typed.source:
        typed.wrong["f-source"] = _("Say where the figure is from.")
    if len(typed.source) > 200:
        typed.wrong["f-source"] = _("At most 200 characters.")
    if not typed.period:
        typed.wrong["f-period"] = _("Choose a year or a month.")
    return found


@dataclass
class Frame:
    """Shops and costs as somebody typed them: label and amount of each line."""

    shops: str = ""
    costs: list[tuple[str, str]] = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)


def frame_of(kept: pb.KpiFrame) -> Frame:
    """Returns a kept frame as somebody would have typed it, with empty lines to go on."""
    costs = [(each.label, f"{each.amount_yen:,}") for each in kept.costs]
    return Frame(str(kept.shop_count or ""), _with_room(costs))


def _with_room(costs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return costs + [("", "")] * max(2, COSTS_ASKED - len(costs))


def read_frame(form: Mapping[str, str]) -> Frame:
    """Reads the form, whatever it holds: lines until one that it does not have, at most 30."""
    costs = []
    for at in range(30):
        if f"label-{at}" not in form:
            break
        label = line(form.get(f"label-{at}", ""), 200)
        costs.append((label, form.get(f"yen-{at}", "").strip()[:40]))
    return Frame(form.get("shops", "").strip()[:20], costs)


def check_frame(typed: Frame) -> pb.KpiFrame:
    """Returns what was typed as the service takes it; says in typed.wrong what cannot be taken."""
    shops = number(typed.shops) if typed.shops else 0
    if shops is None or shops > 100_000:
        typed.wrong["f-shops"] = _("Write how many shops there are, or nothing.")
    costs = []
    for at, (label, amount) in enumerate(typed.costs):
        cost = number(amount) if amount else None
        if not label and not amount:
            continue
        if not label or len(label) > 80:
            typed.wrong[f"f-label-{at}"] = _("Say what it is for, in at most 80 characters.")
        if cost is None:
            typed.wrong[f"f-yen-{at}"] = _("Write whole yen, such as 120,000.")
        costs.append(pb.KpiCost(label=label, amount_yen=cost or 0))
    return pb.KpiFrame(shop_count=(shops or 0) if not typed.wrong else 0, costs=costs)
