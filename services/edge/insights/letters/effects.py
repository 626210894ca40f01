"""What came of an action: in words, drawn, and week by week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from flask_babel import gettext as _

from meguri.insights.v1 import letter_service_pb2 as pb
from services.edge.insights import charts
from services.edge.insights.letters.words import amount, day, unit_word

DRAWN_BEFORE = 56  # days
MOST_LABELS = 6


@dataclass(frozen=True)
class Told:
    """An effect in words. state: of its badge. more: sentences on how it was found."""

    state: str
    text: str
    more: tuple[str, ...] = ()


@dataclass(frozen=True)
class Week:
    """Seven days: what there was a day, and what was to be expected; "" where there is none."""

    first: str
    last: str
    found: str
    without: str
    span: str


@dataclass(frozen=True)
class Drawing:
    """The figure by day with its mark, and the band of what was to be expected. Points as SVG wants
    them; lines: parts without a gap."""

    levels: tuple[charts.Tick, ...]
    labels: tuple[charts.Tick, ...]
    lines: tuple[str, ...]
    band: str
    expected: str
    mark: float
    top: float = charts.TOP
    width: float = charts.WIDTH
    height: float = charts.HEIGHT
    left: float = charts.LEFT
    right: float = charts.WIDTH - charts.RIGHT
    base: float = charts.HEIGHT - charts.BOTTOM


def told(one: pb.Proposal, effect: pb.ActionEffect | None) -> Told:
    """Returns what can be said of an action that was done."""
    verdict = effect.verdict if effect else pb.EFFECT_VERDICT_UNSPECIFIED
    if effect is None or verdict == pb.EFFECT_VERDICT_UNSPECIFIED:
        return Told("plain", str(_("It will be looked at within the next hour.")))
    if verdict == pb.EFFECT_VERDICT_TOLD:
        right = (effect.per_day < 0) == one.fewer
        return Told("ok" if right else "warn", _number(one, effect, right=right), _how(effect))
    if verdict == pb.EFFECT_VERDICT_NO_EFFECT_TOLD:
        return Told(
            "plain",
            str(_("No effect can be told: there may be none, or one too small to be seen among "
                  "what comes by itself.")),
            (_span(one, effect), *_how(effect)),
        )  # fmt: skip
    return Told("plain", _why_not(effect))


def _why_not(effect: pb.ActionEffect) -> str:
    if effect.verdict == pb.EFFECT_VERDICT_TOO_EARLY:
        return str(_("Too early until %(date)s.", date=day(effect.ready_date)))
    if effect.verdict == pb.EFFECT_VERDICT_TOO_FEW_BEFORE:
        return str(_("No effect can be told: there are figures of only %(days)s days before it.",
                     days=effect.days_before))  # fmt: skip
    if effect.verdict == pb.EFFECT_VERDICT_MIXED:
        return str(_("No effect can be told: another action on the same figures lies less than "
                     "four weeks away."))  # fmt: skip
    if effect.verdict == pb.EFFECT_VERDICT_NO_SERIES:
        return str(_("No daily figure tells of it. Look at the ratings of the months after."))
    return str(_("No effect can be told: the figures are too small to see anything in them."))


def _number(one: pb.Proposal, effect: pb.ActionEffect, *, right: bool) -> str:
    said = {
        "unit": unit_word(one), "number": amount(effect.per_day),
        "low": amount(min(abs(effect.low), abs(effect.high))),
        "high": amount(max(abs(effect.low), abs(effect.high))),
    }  # fmt: skip
    text = (
        _("%(unit)s: about %(number)s more a day (between %(low)s and %(high)s).", **said)
        if effect.per_day > 0
        else _("%(unit)s: about %(number)s fewer a day (between %(low)s and %(high)s).", **said)
    )
    against = _("That is not what was wished for.")
    return str(text) if right else f"{text} {against}"


def _span(one: pb.Proposal, effect: pb.ActionEffect) -> str:
    return str(
        _("%(unit)s: what fits the days lies between %(low)s and %(high)s a day.",
          unit=unit_word(one), low=signed(effect.low), high=signed(effect.high))
    )  # fmt: skip


def signed(value: float) -> str:
    """Returns a change with its sign."""
    return f"{'−' if value < 0 else '+'}{amount(value)}"


def _how(effect: pb.ActionEffect) -> tuple[str, ...]:
    found = [
        str(_("Looked at: %(after)s days after it and %(before)s before it, with weekdays, "
              "holidays, season and trend taken into account.",
              after=effect.days_after, before=effect.days_before)),
    ]  # fmt: skip
    if effect.compared:
        found.append(
            str(_("Figures of the same area that it does not touch stand beside it, so that a "
                  "rainy or a busy month is not taken for an effect."))
        )  # fmt: skip
    if effect.placebo_count:
        found.append(str(_("At %(count)s dates at which nothing was done, as much came by itself "
                           "this often: %(times)s.", count=effect.placebo_count,
                           times=effect.placebo_as_large_count)))  # fmt: skip
    return tuple(found)


def weeks(effect: pb.ActionEffect, done: str) -> list[Week]:
    """Returns the days drawn as weeks that begin with the day after the action, oldest first."""
    days = _drawn(effect, done)
    begin = date.fromisoformat(done) + timedelta(days=1)
    found = []
    for _number_of, group in groupby(
        days, key=lambda each: (date.fromisoformat(each.date) - begin).days // 7
    ):
        some = list(group)
        values = [each.value for each in some if each.HasField("value")]
        expected = [each for each in some if each.HasField("without")]
        found.append(
            Week(
                some[0].date, some[-1].date, _mean(values), _mean([e.without for e in expected]),
                f"{_mean([e.low for e in expected])} – {_mean([e.high for e in expected])}"
                if expected else "",
            )
        )  # fmt: skip
    return found


def _mean(values: Sequence[float]) -> str:
    return amount(sum(values) / len(values)) if values else ""


def _drawn(effect: pb.ActionEffect, done: str) -> list[pb.EffectDay]:
    first = (date.fromisoformat(done) - timedelta(days=DRAWN_BEFORE)).isoformat()
    return [each for each in effect.days if each.date >= first]


def drawing(effect: pb.ActionEffect, done: str) -> Drawing | None:
    """Returns the days around an action, None where none is told."""
    days = _drawn(effect, done)
    expected = [each for each in days if each.HasField("without")]
    values = [each.value for each in days if each.HasField("value")]
    if not values or not expected:
        return None
    # A band that widens beyond all that was seen would press the days to the ground.
    highest = max(*values, *(each.without for each in expected))
    widest = max(each.high for each in expected)
    top, steps = charts.nice_ceiling(max(highest, min(widest, 1.5 * highest)))
    first = date.fromisoformat(days[0].date)
    count = (date.fromisoformat(days[-1].date) - first).days + 1
    room = charts.room(count)

    def x(text: str) -> float:
        return charts.LEFT + ((date.fromisoformat(text) - first).days + 0.5) * room

    def point(text: str, value: float) -> str:
        return f"{x(text):.1f},{charts.height_of(min(value, top), top):.1f}"

    lines = [
        " ".join(point(each.date, each.value) for each in group)
        for is_told, group in groupby(days, key=lambda each: each.HasField("value"))
        if is_told
    ]
    upper = [point(each.date, each.high) for each in expected]
    lower = [point(each.date, each.low) for each in reversed(expected)]
    mondays = [each.date for each in days if date.fromisoformat(each.date).weekday() == 0]
    labels = [
        charts.Tick(round(x(text), 1), f"{int(text[5:7])}/{int(text[8:])}")
        for text in mondays[:: -(-len(mondays) // MOST_LABELS)]
    ]
    return Drawing(
        charts.levels(top, steps), tuple(labels), tuple(lines), " ".join(upper + lower),
        " ".join(point(each.date, each.without) for each in expected), round(x(done), 1),
    )  # fmt: skip
