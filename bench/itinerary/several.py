"""`./meguri bench itinerary --only several`: days planned together beside days one after another.

The same wishes for two to four days in Mine, by car and by bus. One after another means that each
day is planned by itself, the first one first, and brings nothing that an earlier one has.
"""

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from bench import rounds
from bench.itinerary import programs

COUNT, FULL = 60, 300
LIMITS = {
    "car_gain_mean_percent": (">=", 0.0),
    "bus_gain_mean_percent": (">=", 0.0),
    "sights_twice": ("<=", 0.0),
    "few_evened_loss_mean_percent": ("<=", 5.0),
}
ASKED: dict[str, dict[str, Any]] = {
    "car": {"mode": "car"}, "bus": {"mode": "bus"}, "few": {"mode": "car", "few": 8},
}  # fmt: skip
UNEVEN = 0.25  # as services/itinerary/domain/evened.py has it
SIDES = {
    "together": "all days searched at once, then each by itself with what the others leave aside",
    "in turn": "the same days one after another, each with what earlier ones leave",
    "few": "the same by car where the area has eight sights, chosen at random",
    "evened": "what the even days cost: their value beside the days they are made of",
    "gain": "4 x (score - effort) - minutes on the way of all days, over that of days in turn",
}


def run(
    count: int, seconds: int, tell: Callable[[str], None], *, full: bool = False
) -> dict[str, Any]:
    """Returns ratios to the limits, figures and the machine. Errors: RuntimeError.

    The amount of work is fixed: count and seconds are not looked at.
    """
    del count, seconds
    found: dict[str, list[dict[str, Any]]] = {}
    with programs.own("bench.itinerary.several_program") as program:
        for side, asked in ASKED.items():
            program.ask({"number": 0, **asked})  # compiles, and reads the area
            tell(f"{side}: {FULL if full else COUNT} parties")
            found[side] = [
                program.ask({"number": number, **asked})
                for number in range(FULL if full else COUNT)
            ]
    return answer(found)


def answer(found: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """Returns ratios, limits and figures of what was found, by mode."""
    ratios: dict[str, float] = {"sights_twice": 0.0}
    figures: dict[str, float] = {}
    for mode, each in found.items():
        gains = [_gain(one) for one in each]
        ratios["sights_twice"] += sum(one["twice"] for one in each)
        ratios[f"{mode}_gain_mean_percent"] = round(statistics.mean(gains), 2)
        lost = [100 * (1 - one["even"] / one["together"]) for one in each if one["together"] > 0]
        ratios[f"{mode}_evened_loss_mean_percent"] = round(statistics.mean(lost), 2)
        figures |= {
            f"{mode}_parties": len(each),
            f"{mode}_gain_most_percent": round(max(gains), 1),
            f"{mode}_loss_most_percent": round(-min(gains), 1),
            f"{mode}_better_percent": _share(gain > 0 for gain in gains),
            f"{mode}_worse_percent": _share(gain < 0 for gain in gains),
            f"{mode}_visits": round(statistics.mean(one["visits"] for one in each), 1),
            f"{mode}_visits_in_turn": round(
                statistics.mean(one["visits_in_turn"] for one in each), 1
            ),
            f"{mode}_evened_loss_most_percent": round(max(lost), 1),
            f"{mode}_uneven_percent": _share(one["uneven"] > UNEVEN for one in each),
            f"{mode}_uneven_when_evened_percent": _share(
                one["even_uneven"] > UNEVEN for one in each
            ),
            f"{mode}_evening_ms": round(statistics.median(one["even_ms"] for one in each)),
            f"{mode}_computing_ms": round(statistics.median(o["together_ms"] for o in each)),
            f"{mode}_computing_in_turn_ms": round(
                statistics.median(one["in_turn_ms"] for one in each)
            ),
        }
    return {
        "ratios": ratios,
        "limits": rounds.held(ratios, LIMITS),
        "figures": figures,
        "sides": SIDES,
        "runs": 1,
        "machine": rounds.machine(),
    }


def _gain(one: Mapping[str, float]) -> float:
    """Returns how much more the days are worth, in percent; 0 where days in turn are worth
    nothing."""
    if one["in_turn"] <= 0:
        return 0.0
    return 100.0 * (one["together"] / one["in_turn"] - 1)


def _share(those: Iterable[bool]) -> float:
    listed = list(those)
    return round(100 * sum(listed) / len(listed), 1)
