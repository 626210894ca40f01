"""`python -m bench.sense.accuracy`: how right the figures of visitor sensing are, on real captures.

Every figure stands beside its limit and its baselines, recomputed in the same run. Phones and days
that are scored were not learned from. --data: the folder of shared captures (pintor, baccichet,
brno/position_1); what is not there is left out. Nothing here is a test: limits that are not reached
are printed as such.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.sense.area import measure_area, measure_crowds
from bench.sense.devices import score_devices
from bench.sense.mixes import read_phones
from infra.local.home import ROOT
from services.visitor_sense.domain.accuracy import (
    Accuracy,
    judge,
    judge_few,
    learn_constant,
    learn_straight,
)
from services.visitor_sense.domain.calibration import LEAST_DAYS
from services.visitor_sense.sensor.calibrate import read_windows

DATA = ROOT.parent / "shared" / "data" / "probes"
MIXES = 60  # per size of the crowd
MAPE, BIAS, V_MEASURE = 0.08, 0.04, 0.97
WAPE, MAE, COVERED, TWO_DAYS = 0.18, 1.0, (0.87, 0.93), 1.25
DWELL, FLOW, TWICE = 0.1, 0.1, 0.03


@dataclass(frozen=True)
class Figure:
    """A measured figure. limit: what is asked for, None where nothing is. baselines: by name, what
    simpler ways reach in the same run."""

    name: str
    value: float
    limit: str | None
    reached: bool | None
    baselines: dict[str, float]


def measure(
    data: Path = DATA, mixes: int = MIXES, tell: Callable[[str], None] = lambda _: None
) -> list[Figure]:
    """Returns all figures whose captures are at hand."""
    return [
        *_devices(data, mixes, tell),
        *_people(data / "brno" / "position_1"),
        *_area(),
        *_crowds(data / "pintor"),
    ]


def _devices(data: Path, mixes: int, tell: Callable[[str], None]) -> Iterator[Figure]:
    phones = read_phones(data)
    if not phones:
        return
    scores = score_devices(phones, mixes, tell)
    linked, simple = scores.pop("association"), scores
    for size, score in linked.items():
        errors = {name: round(by_size[size].mape, 3) for name, by_size in simple.items()}
        shown = {
            name: round(simple[name][size].v_measure, 3) for name in ("addresses", "fingerprint")
        }
        yield _most(f"devices_{size}_mape", score.mape, MAPE, errors)
        biases = {name: round(by_size[size].bias, 3) for name, by_size in simple.items()}
        yield _most(f"devices_{size}_bias", score.bias, BIAS, biases)
        yield _least(f"devices_{size}_v_measure", score.v_measure, V_MEASURE, shown)
        yield Figure(f"devices_{size}_coverage", round(score.coverage, 3), None, None, {})
    for size, score in simple["rate"].items():
        if size not in linked:
            others = {
                name: round(simple[name][size].mape, 3) for name in ("addresses", "fingerprint")
            }
            yield Figure(f"crowd_{size}_rate_mape", round(score.mape, 3), None, None, others)
        yield Figure(f"crowd_{size}_rate_coverage", round(score.coverage, 3), None, None, {})


def _people(folder: Path) -> Iterator[Figure]:
    """People in a laboratory: every day judged by what the days before it taught."""
    if not folder.is_dir():
        return
    windows, addresses = read_windows(folder)
    found = judge(windows)
    simple = {
        "one_number": judge(windows, learn_straight),
        "addresses": judge(addresses, learn_straight),
        "mean": judge(windows, learn_constant),
    }
    yield _most("people_wape", found.wape, WAPE, _of(simple, "wape"))
    yield _most("people_mae", found.mae, MAE, _of(simple, "mae"))
    yield Figure("people_bias", round(found.bias, 3), None, None, _of(simple, "bias"))
    low, high = COVERED
    yield Figure(
        "people_coverage", round(found.coverage, 3), f"{low}-{high}",
        low <= found.coverage <= high, _of(simple, "coverage"),
    )  # fmt: skip
    days = sorted({window.day for window in windows})
    early = judge([window for window in windows if window.day in days[: len(days) // 2]])
    yield Figure("people_wape_first_half", round(early.wape, 3), None, None, {})
    few = judge_few(windows, LEAST_DAYS)
    yield _most("people_two_days_ratio", few.wape / found.wape, TWO_DAYS, {"wape": few.wape})


def _area() -> Iterator[Figure]:
    """Dwell, flows and two sensors of one zone on a simulated day."""
    found = measure_area()
    yield _most("dwell_median_error", found.dwell, DWELL, {"worst_zone": found.dwell_worst})
    devices = {"devices_alone": found.flow_devices}
    yield _most("flow_wape", found.flow_people, FLOW, devices)
    yield _most("way_wape", found.way, FLOW, {"half_each_way": found.way_pairs})
    yield _most("counted_twice", found.twice, TWICE, {"added_up": found.twice_summed})


def _crowds(captures: Path) -> Iterator[Figure]:
    """Association outside of the laboratory: simulated crowds that come and go."""
    kinds: dict[str, Path | None] = {"own_models": None}
    if captures.is_dir():
        kinds["replayed"] = captures
    for kind, folder in kinds.items():
        found = measure_crowds(folder)
        beside = {"fingerprint": round(found.fingerprint, 3)}
        yield _most(f"simulated_{kind}_mape", found.mape, MAPE, beside)
        yield _most(f"simulated_{kind}_bias", found.bias, BIAS, {})
        yield _least(f"simulated_{kind}_v_measure", found.v_measure, V_MEASURE, {})
        yield Figure(f"simulated_{kind}_coverage", round(found.coverage, 3), None, None, {})


def _of(accuracies: dict[str, Accuracy], name: str) -> dict[str, float]:
    return {who: round(getattr(found, name), 3) for who, found in accuracies.items()}


def _most(name: str, value: float, limit: float, baselines: dict[str, float]) -> Figure:
    told = {who: round(figure, 3) for who, figure in baselines.items()}
    return Figure(name, round(value, 3), f"<= {limit}", abs(value) <= limit, told)


def _least(name: str, value: float, limit: float, baselines: dict[str, float]) -> Figure:
    return Figure(name, round(value, 3), f">= {limit}", value >= limit, baselines)


def main() -> int:
    """Prints the figures; the exit code says nothing of limits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--mixes", type=int, default=MIXES)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = measure(
        arguments.data, arguments.mixes, lambda text: print(text, file=sys.stderr, flush=True)
    )
    if arguments.json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=False))
        return 0
    for one in found:
        verdict = {None: "", True: "reached", False: "NOT REACHED"}[one.reached]
        beside = ", ".join(f"{name} {value}" for name, value in one.baselines.items())
        print(f"{one.name:<28} {one.value:>8} {one.limit or '':<9} {verdict:<12} {beside}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
