"""Ordinary work for a long time, without a fault: what grows that should not."""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence

from chaos.beside import Beside
from chaos.crowd import Crowd
from chaos.platform import Platform
from chaos.processes import held_by_process
from chaos.sales import make_sales
from chaos.scenarios.figures import expect_same
from chaos.scenarios.partitions import Readers
from chaos.soak import LEAST, Slope, slope
from chaos.stage import Broken, Size, Stage
from chaos.visitors import Visitors

SALES_A_SECOND = 3.0  # twice an area's peak hour with buses (platform.md)
LOOK_S = 5.0
WARM_SHARE = 0.25  # of the time: caches fill, pools grow to their size
# A minute and process, platform.md F14; a shorter soak than half an hour may take as much in all:
# while caches fill and connections come, its line is steep.
MEMORY_MOST_MB, MEMORY_IN_ALL_MB = 1.0, 30.0
FILES_MOST, FILES_IN_ALL = 0.1, 3.0
REFUSED_MOST = 0.05  # of the questions of visitors: no fault explains more
# PostgreSQL keeps the files of tables open that it has read, up to a bound of its own. Who leaves a
# connection open has one more file itself.
FILES_OF_ITS_OWN = frozenset({"postgres"})
LIVED_SHARE = 0.5  # of the time that is judged: a process that is younger still gets warm


Points = list[tuple[float, float, float]]  # minute, MB of memory, open files


class Watch(Beside):
    """Notes what each process of each component holds, every few seconds. Use as a context.

    samples: component -> process -> Points. heads: component -> first processes it was seen with.
    """

    def __init__(self, platform: Platform) -> None:
        super().__init__()
        self._platform = platform
        self._began = time.monotonic()
        self.samples: dict[str, dict[int, Points]] = defaultdict(lambda: defaultdict(list))
        self.heads: dict[str, set[int]] = defaultdict(set)

    def _work(self) -> None:
        self._look()
        while not self._ended.wait(LOOK_S):
            self._look()

    def _look(self) -> None:
        minute = (time.monotonic() - self._began) / 60
        for component in self._platform.components():
            self.heads[component["name"]].add(int(component["pid"]))
        for name, processes in held_by_process(self._platform).items():
            for process, held in processes.items():
                self.samples[name][process].append((minute, held.anonymous_mb, float(held.files)))


def soak(stage: Stage, size: Size) -> None:
    """Sells, scans, plans and reads for so many minutes. Errors: Broken for what grows."""
    lasts_s = size.minutes * 60
    sales = make_sales(max(20, int(lasts_s * SALES_A_SECOND)), size.seed)
    with (
        Visitors(stage, size.seed) as visitors, Readers(stage) as readers,
        Watch(stage.platform) as watch, Crowd(stage, size, sales) as crowd,
    ):  # fmt: skip
        crowd.allow(0.0)
        crowd.start()
        began = time.monotonic()
        while (gone_s := time.monotonic() - began) < lasts_s and crowd.working:
            crowd.allow(gone_s / lasts_s)
            time.sleep(0.5)
        crowd.allow(1)
        crowd.finish()
    stage.figures |= {"minutes": size.minutes, "pages": readers.pages}
    grown = judge(stage, watch.samples, size.minutes)
    if restarted := restarts(watch.heads):
        raise Broken(f"nothing was broken, and these were started again: {', '.join(restarted)}")
    if readers.failed:
        raise Broken("; ".join(readers.failed[:3]))
    if visitors.refused > REFUSED_MOST * visitors.asked:
        told = f"{visitors.refused} of {visitors.asked} questions"
        raise Broken(f"nothing was broken, and {told} of visitors had no answer")
    if grown:
        raise Broken("; ".join(grown))
    expect_same(stage)


def restarts(heads: Mapping[str, set[int]]) -> list[str]:
    """Returns the components that were seen with more than one first process, or without."""
    return sorted(name for name, processes in heads.items() if len(processes) > 1)


def judge(stage: Stage, samples: Mapping[str, Mapping[int, Points]], minutes: float) -> list[str]:
    """Writes the line of the worst process of each component into the figures. Returns what grows
    beyond the limits. Errors: Broken where the time was too short for a line."""
    limits = (
        ("memory_mb_a_minute", 1, max(MEMORY_MOST_MB, MEMORY_IN_ALL_MB / minutes)),
        ("files_a_minute", 2, max(FILES_MOST, FILES_IN_ALL / minutes)),
    )
    begins, ends = _judged_time(samples)
    grown, told = list[str](), dict[str, dict[str, list[float]]]()
    for what, place, most in limits:
        told[what] = {}
        for name, processes in sorted(samples.items()):
            lines = [_line(points, place, begins, ends) for points in processes.values()]
            known = [line for line in lines if line is not None]
            if not known:
                continue
            worst = max(known, key=lambda line: line.a_minute)
            told[what][name] = [worst.a_minute, worst.low, worst.high, worst.first, worst.last]
            idle = what == "files_a_minute" and name in FILES_OF_ITS_OWN
            if worst.a_minute >= most and not idle:
                grown.append(f"{name}: {what} {worst.a_minute} ({worst.low} to {worst.high})")
    stage.figures |= told
    if not told["memory_mb_a_minute"]:
        raise Broken("too short for a line: nothing was tested")
    return grown


def _judged_time(samples: Mapping[str, Mapping[int, Points]]) -> tuple[float, float]:
    """Returns the minutes between which lines are drawn."""
    minutes = [at for of in samples.values() for points in of.values() for at, _, _ in points]
    last = max(minutes, default=0.0)
    return last * WARM_SHARE, last


def _line(
    points: Sequence[tuple[float, float, float]], place: int, begins: float, ends: float
) -> Slope | None:
    """Returns the line of one process; None for one that has not lived long enough for it."""
    warm = [point for point in points if point[0] >= begins]
    if len(warm) < LEAST or warm[-1][0] - warm[0][0] < LIVED_SHARE * (ends - begins):
        return None
    return slope([point[0] for point in warm], [point[place] for point in warm])
