"""What 150 areas would need: each kind of arrival is measured alone, more than once, and summed."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from infra.local.home import Home
from loadtests import cost, mix
from loadtests.cost import Cores, Kind
from loadtests.cpu import Watch
from loadtests.day import Day
from loadtests.ground import Ground
from loadtests.playing import LoadFailed, Measured, Options, play

PASSES, PASS_S, IDLE_S = 2, 8, 10.0
# Name -> acts, and how many arrivals a second measure it well on a small machine.
KINDS: dict[str, tuple[tuple[str, ...], float]] = {
    "code on the wall": (("scan",), 40.0),
    "other pages": (tuple(name for name in mix.PAGES if name != "scan"), 25.0),
    "plan": (("plan",), 3.0),
    "payment": (("pay",), 3.0),
    "batch of scans": (("report_scans",), 5.0),
    "rating": (("rate",), 5.0),
    "open figures": (("watch_figures",), 3.0),
    "sensor's batch": (("sensor_batch",), 60.0),
}


@dataclass
class Costs:
    """What was measured so far. idle_none, idle_some: cores without and with the areas."""

    idle_none: float = 0.0
    idle_some: float = 0.0
    found: dict[str, list[float]] = field(default_factory=dict)


def idle_cores(home: Home, seconds: float = IDLE_S) -> float:
    """Returns the cores that the platform keeps busy with nobody there."""
    supervisor = int((home.run / "lock").read_text())
    watch = Watch(supervisor, home.run / "state.json")
    time.sleep(seconds)
    cpu = watch.stop()
    return cpu.platform_s(cpu.at[0], cpu.at[-1]) / (cpu.at[-1] - cpu.at[0])


def nation_per_s(acts: Sequence[str]) -> float:
    """Returns how often some acts happen in 150 areas together."""
    if "sensor_batch" in acts:
        return mix.NATION_SENSORS_PER_S
    return sum(mix.NATION[name] for name in acts)


def measure(
    day: Day, grounds: Sequence[Ground], options: Options, costs: Costs,
    tell: Callable[[str], None],
) -> None:  # fmt: skip
    """Measures every kind, pass after pass. Errors: LoadFailed."""
    for number in range(1, PASSES + 1):
        for name, (acts, per_s) in KINDS.items():
            tell(f"pass {number} of {PASSES}: {name}")
            own = day.sensors_per_s if "sensor_batch" in acts else sum(day.rates[a] for a in acts)
            alone = Options(
                options.home, options.edge_url, PASS_S, factor=per_s / own, only=acts,
                seed=f"{number}", sensors=options.sensors,
            )  # fmt: skip
            measured = play(day, grounds, alone)
            if failures := measured.run.failures():  # an error costs less than an answer
                raise LoadFailed(f"{failures} requests of {name} failed: their cost says nothing")
            arrivals = (
                measured.sensors["acknowledged"] if measured.sensors else sum(measured.run.asked)
            )
            lasted_s = measured.ended - measured.began
            spent = cost.cost_of_one(measured.platform_s(), costs.idle_some, lasted_s, arrivals)
            costs.found.setdefault(name, []).append(spent)


def document(costs: Costs, mixed: Measured, areas: int, share: float) -> dict[str, Any]:
    """Returns what the report says of 150 areas. mixed: all kinds together, at a share of it."""
    kinds = [Kind(name, nation_per_s(KINDS[name][0]), found) for name, found in costs.found.items()]
    idle = cost.idle_of_many(costs.idle_none, costs.idle_some, areas, mix.AREAS)
    cores = cost.cores_of(kinds, idle)
    lasted_s = mixed.ended - mixed.began
    # Of the last part of the watch nobody came any more: arrivals fill the run alone.
    above_idle_s = max(0.0, mixed.platform_s() - costs.idle_some * lasted_s)
    together = idle + above_idle_s / mixed.run.seconds / share
    return {
        "areas_made": areas,
        "share": share,
        "idle_cores": round(idle, 2),
        "cores": _rounded(cores),
        "cores_to_buy": _rounded(cores.with_room()),
        "cores_from_mix": round(together, 1),
        "told": _told(cores, together, idle, areas, share),
        "kinds": [
            {"name": each.name, "per_s": each.per_s, "middle_ms": 1000 * each.middle_s,
             "low_ms": 1000 * each.low_s, "high_ms": 1000 * each.high_s,
             "cores": each.per_s * each.middle_s, "low_cores": each.per_s * each.low_s,
             "high_cores": each.per_s * each.high_s}
            for each in kinds
        ],
    }  # fmt: skip


def _rounded(cores: Cores) -> dict[str, float]:
    return {"low": round(cores.low, 1), "middle": round(cores.middle, 1),
            "high": round(cores.high, 1)}  # fmt: skip


def _told(cores: Cores, together: float, idle: float, areas: int, share: float) -> str:
    room = cores.with_room()
    return (
        f"{mix.AREAS} areas at an ordinary peak hour (1,250 requests and 3,000 batches of sensors a"
        f" second) keep {cores.low:.1f} to {cores.high:.1f} cores busy, by the cost of each kind"
        f" measured alone on {areas} areas; the mix, run at 1/{1 / share:.0f} of that load, comes"
        f" to {together:.1f}. {idle:.1f} of them are what the parts do with nobody there. Busy for"
        f" at most {cost.BUSY_AT_MOST:.0%} of the time, that is {room.low:.0f} to {room.high:.0f}"
        " cores to buy. Computed, not run: it holds as far as cost grows in proportion, which"
        " nobody has measured beyond this machine; locks, disks and networks between machines are"
        " not in it."
    )
