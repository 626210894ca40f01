"""What may be told of the counts of a month: small figures are withheld, all are rounded down.

Of one POI every plan is in one cell, shown or left out for one reason, so cells protect one another
as in any released line (kit.pure.suppression); asked for and asked to leave out are lines of their
own, each with the plans that did not. Rounding down to tens keeps whoever looks every day from
seeing single plans come in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kit.pure.suppression import K, release_line
from services.itinerary.domain.spot_counts import ASKED, LEFT_OUT, NEVER, PLANS, SHOWN
from services.itinerary.domain.why import WhyOut

STEP = 10
REST = "rest"

Counts = Mapping[tuple[str, str], int]  # POI ("" for all) and kind -> plans


@dataclass(frozen=True)
class SpotFigures:
    """Figures of one POI. None: withheld. left_out: those that may be told, the most frequent
    reason first."""

    shown: int | None
    asked: int | None
    never: int | None
    left_out: tuple[tuple[WhyOut, int], ...]


def plans_of(counts: Counts) -> int | None:
    """Returns the plans of a month; None where withheld."""
    plans = counts.get(("", PLANS), 0)
    return rounded(plans if plans >= K else None)


def figures_of(counts: Counts, poi_ids: Iterable[str]) -> dict[str, SpotFigures]:
    """Returns what may be told of POIs."""
    cells: dict[str, dict[str, int]] = {poi_id: {} for poi_id in poi_ids}
    for (poi_id, kind), plans in counts.items():
        if poi_id in cells:
            cells[poi_id][kind] = plans
    total = counts.get(("", PLANS), 0)
    return {poi_id: _figures(of, total) for poi_id, of in cells.items()}


def _figures(of: Mapping[str, int], total: int) -> SpotFigures:
    reasons = {kind: plans for kind, plans in of.items() if kind.startswith(LEFT_OUT)}
    shown = of.get(SHOWN, 0)
    # Plans of a large area do not count all that they leave out (spot_counts.py).
    rest = max(0, total - shown - sum(reasons.values()))
    cells = {SHOWN: shown, **reasons, REST: rest}
    there = {kind: plans for kind, plans in cells.items() if plans}
    line = release_line(there, order=_missed_least).cells
    out = [
        (WhyOut(kind.removeprefix(LEFT_OUT)), told)
        for kind in reasons
        if (told := rounded(line.get(kind)))
    ]
    return SpotFigures(
        rounded(line.get(SHOWN)),
        _alone(of.get(ASKED, 0), total),
        _alone(of.get(NEVER, 0), total),
        tuple(sorted(out, key=lambda each: (-each[1], each[0].value))),
    )


def _missed_least(kind: str) -> int:
    """An order of what became of a POI: in how many plans it is, is missed most."""
    return {REST: 0, SHOWN: 2}.get(kind, 1)


def _alone(plans: int, total: int) -> int | None:
    """Returns the plans that did something, where neither they nor the others are few."""
    others = max(0, total - plans)
    line = release_line({True: plans, False: others} if others else {True: plans})
    return rounded(line.cells[True])


def rounded(plans: int | None) -> int | None:
    return None if plans is None else plans // STEP * STEP
