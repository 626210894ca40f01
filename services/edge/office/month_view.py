"""A month as its page shows it: rows with bars, changes, and what stands out in words."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from babel import Locale, UnknownLocaleError
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from meguri.insights.v1 import insights_service_pb2 as insights_pb
from meguri.insights.v1 import shop_service_pb2 as pb
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from services.edge.office import words
from services.edge.parts import locale as page_locale

ROWS_SHOWN = 8


@dataclass(frozen=True)
class Row:
    """A line with a bar for the area and one for the shop, 0 to 100 each. more: beside its name."""

    name: str
    area: int
    own: int
    own_yen: int
    more: str = ""
    area_length: float = 0.0
    own_length: float = 0.0


@dataclass(frozen=True)
class Beside:
    """A figure of this month, the one before and that of a year ago. figures: None where nobody
    could count it yet. partial: days are left out of it, so that no change is told."""

    name: str
    source: str
    figures: tuple[int | None, ...]
    partial: tuple[bool, ...] = (False, False, False)
    money: bool = False

    def change(self, which: int) -> str:
        """Returns the change against the month before (1) or the year before (2), in percent."""
        now, other = self.figures[0], self.figures[which]
        if now is None or not other or other < 0 or self.partial[0] or self.partial[which]:
            return ""
        return f"{round(100 * (now - other) / other):+d} %"


@dataclass(frozen=True)
class Part:
    """A part of a whole, with its bar. percent: of all that are told."""

    name: str
    count: int
    length: float


def at_gates(found: pb.ReadShopMonthResponse) -> bool:
    """Tells whether people at gates say when the area is full; else pages of the guide do."""
    return bool(found.area.gate_hours)


def hours(found: pb.ReadShopMonthResponse) -> list[Row]:
    """Returns the hours of the day from the first to the last with anything."""
    area, own, yen = (defaultdict[int, int](int) for _each in range(3))
    for cell in _area_hours(found):
        area[cell.hour] += cell.value
    for each in found.own.hours:
        own[each.hour] += each.captured_count
        yen[each.hour] += each.captured_yen
    used = sorted({*area, *own})
    span = range(used[0], used[-1] + 1) if used else range(0)
    return _with_bars([Row(f"{hour}:00", area[hour], own[hour], yen[hour]) for hour in span])


def weekdays(found: pb.ReadShopMonthResponse) -> list[Row]:
    """Returns the days of the week, each as such a day is on average."""
    days, area, own, yen = (defaultdict[int, int](int) for _each in range(4))
    for cell in _area_hours(found):
        area[cell.weekday] += cell.value
    for day in found.own.days:
        number = date.fromisoformat(day.date).isoweekday()
        days[number] += 1
        own[number] += day.kept_count
        yen[number] += day.net_yen
    return _with_bars(
        [
            Row(
                weekday_word(number), round(area[number] / days[number]),
                round(own[number] / days[number]), round(yen[number] / days[number]),
                str(ngettext("%(num)s day", "%(num)s days", days[number])),
            )
            for number in range(1, 8) if days[number]
        ]
    )  # fmt: skip


def _area_hours(found: pb.ReadShopMonthResponse) -> Sequence[pb.WeekHour]:
    return found.area.gate_hours if at_gates(found) else found.area.guide_hours


def _with_bars(rows: Sequence[Row]) -> list[Row]:
    most_area = max((row.area for row in rows), default=0)
    most_own = max((row.own for row in rows), default=0)
    return [
        replace(
            row, area_length=_share(row.area, most_area), own_length=_share(row.own, most_own)
        )
        for row in rows
    ]  # fmt: skip


def _share(part: int, most: int) -> float:
    return round(100 * part / most, 1) if most > 0 and part > 0 else 0.0


def besides(found: pb.ReadShopMonthResponse) -> list[Beside]:
    """Returns what the three months are compared by."""

    def people(name: str, source: str, field: str) -> Beside:
        told = [_figure(each, field) for each in (found.area, found.before, found.year_before)]
        return Beside(
            name, source, tuple(None if each is None else each.value for each in told),
            tuple(each is not None and each.untold_days > 0 for each in told),
        )  # fmt: skip

    def own(name: str, field: str, *, money: bool) -> Beside:
        then = [
            getattr(each, field) if each.HasField("kept_count") else None
            for each in (found.before, found.year_before)
        ]
        figures = (getattr(found.own, field), *then)
        return Beside(name, _("the till of the shop"), figures, money=money)

    return [
        people(_("People at the gates"), _("tickets at the gates"), "admitted"),
        people(_("Pages of the guide"), _("guide"), "guide_views"),
        people(_("Days planned"), _("day plans"), "plans"),
        own(_("Your sales kept"), "kept_count", money=False),
        own(_("Your takings"), "net_yen", money=True),
    ]


def _figure(part: pb.AreaMonth | pb.MonthBeside, field: str) -> pb.ShopMonthFigure | None:
    return getattr(part, field) if part.HasField(field) else None  # type: ignore[arg-type] # one of three


def parts(cells: Iterable[insights_pb.Cell], kind: str) -> list[Part]:
    """Returns the largest parts of people or pages. kind: country or language."""
    known = list(cells)[:ROWS_SHOWN]
    most = max((cell.count for cell in known), default=0)
    word = country_word if kind == "country" else language_word
    return [Part(word(cell.value), cell.count, _share(cell.count, most)) for cell in known]


def tender_word(code: str) -> str:
    """Returns a way to pay; one that this release does not know as it is."""
    try:
        number = payments_pb.Tender.Value(f"TENDER_{code.upper()}")
    except ValueError:
        return code
    return words.tender(number) or code


def country_word(code: str) -> str:
    """Returns a country in the reader's language; ZZ is any other one."""
    if code == "ZZ":
        return str(_("Another country"))
    return str((get_locale() or Locale("en")).territories.get(code) or code)


def language_word(tag: str) -> str:
    """Returns a language in the reader's language."""
    named = {"und": _("No wish sent"), "other": _("Other languages")}
    if tag in named:
        return str(named[tag])
    try:
        name: object = Locale.parse(tag, sep="-").get_display_name(get_locale())
    except (UnknownLocaleError, ValueError):
        name = None
    return str(name or tag)


def weekday_word(number: int) -> str:
    """Returns a day of the week. number: 1 for Monday to 7."""
    return str((get_locale() or Locale("en")).days["stand-alone"]["wide"][number - 1])


def place_word(names: Mapping[str, str], fallback: str) -> str:
    """Returns a place's name in the reader's language, else in Japanese, else its id."""
    return next((names[tag] for tag in (page_locale(), "ja", "en") if tag in names), fallback)


def sentences(found: pb.ReadShopMonthResponse) -> list[str]:
    """Returns what stands out in words."""
    return [text for text in map(_sentence, found.findings) if text]


def _sentence(each: pb.MonthFinding) -> str:
    if each.kind in (pb.MONTH_FINDING_KIND_FULL, pb.MONTH_FINDING_KIND_FULL_AND_QUIET):
        when = {"day": weekday_word(each.weekday), "first": each.hour, "last": each.hour + 2,
                "count": f"{each.area_count:,}"}  # fmt: skip
        full = (
            _("The area is fullest on %(day)s from %(first)s to %(last)s o’clock: %(count)s people"
              " at the gates in this month.", **when)
            if each.at_gates
            else _("The area is fullest on %(day)s from %(first)s to %(last)s o’clock: %(count)s"
                   " pages of the guide in this month.", **when)
        )  # fmt: skip
        if each.kind == pb.MONTH_FINDING_KIND_FULL:
            return str(full)
        quiet = _("Your till is quiet then: %(here)s of the %(all)s payments of that day of the"
                  " week.", here=each.own_count, all=each.own_weekday_count)  # fmt: skip
        return f"{full} {quiet}" if not str(full).endswith("。") else f"{full}{quiet}"
    if each.kind == pb.MONTH_FINDING_KIND_APART:
        change = {"area": f"{each.area_percent:+d}", "own": f"{each.own_percent:+d}"}
        return str(
            _("Against the month before: people at the gates %(area)s %%, your sales %(own)s %%.",
              **change)
            if each.at_gates
            else _("Against the month before: pages of the guide %(area)s %%, your sales %(own)s"
                   " %%.", **change)
        )  # fmt: skip
    if each.kind == pb.MONTH_FINDING_KIND_LANGUAGE:
        return str(_("%(share)s %% of the guide’s pages whose language is told were asked for in"
                     " %(language)s.", share=each.share_percent,
                     language=language_word(each.locale)))  # fmt: skip
    return ""


def around(month: str, newest: date, first_month: str) -> tuple[str, str]:
    """Returns the month before and the one after, "" where there is none to read."""
    first = date.fromisoformat(f"{month}-01")
    before = f"{first - timedelta(days=1):%Y-%m}"
    after = f"{first + timedelta(days=31):%Y-%m}"
    has_before = bool(first_month) and before >= first_month
    return before if has_before else "", after if after <= f"{newest:%Y-%m}" else ""
