"""Ordinary work for a long time, without a fault: what grows that should not."""

import time
from collections import defaultdict

from chaos.beside import Beside
from chaos.crowd import Crowd
from chaos.processes import held_by_component
from chaos.sales import make_sales
from chaos.scenarios.figures import expect_same
from chaos.scenarios.partitions import Readers
from chaos.soak import LEAST, slope
from chaos.stage import Broken, Size, Stage
from chaos.visitors import Visitors

SALES_A_SECOND = 3.0  # twice an area's peak hour with buses (platform.md)
LOOK_S = 5.0
WARM_SHARE = 0.25  # of the time: caches fill, pools grow to their size
MEMORY_MOST_MB = 1.0  # a minute and process, platform.md F14
REFUSED_MOST = 0.05  # of the questions of visitors: no fault explains more
FILES_MOST = 1.0  # a minute and process


class Watch(Beside):
    """Notes what each component holds, every few seconds. Use as a context."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self._began = time.monotonic()
        self.memory: dict[str, list[tuple[float, float]]] = defaultdict(list)
        self.files: dict[str, list[tuple[float, float]]] = defaultdict(list)

    def _work(self) -> None:
        while not self._ended.wait(LOOK_S):
            minute = (time.monotonic() - self._began) / 60
            for name, held in held_by_component(self._stage.platform).items():
                self.memory[name].append((minute, held.anonymous_mb / held.processes))
                self.files[name].append((minute, float(held.files) / held.processes))


def soak(stage: Stage, size: Size) -> None:
    """Sells, scans, plans and reads for so many minutes. Errors: Broken for what grows."""
    lasts_s = size.minutes * 60
    sales = make_sales(max(20, int(lasts_s * SALES_A_SECOND)), size.seed)
    with (
        Visitors(stage, size.seed) as visitors, Readers(stage) as readers, Watch(stage) as watch,
        Crowd(stage, size, sales) as crowd,
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
    grown = judge(stage, watch)
    if readers.failed:
        raise Broken("; ".join(readers.failed[:3]))
    if visitors.refused > REFUSED_MOST * visitors.asked:
        told = f"{visitors.refused} of {visitors.asked} questions"
        raise Broken(f"nothing was broken, and {told} of visitors had no answer")
    if grown:
        raise Broken("; ".join(grown))
    expect_same(stage)


def judge(stage: Stage, watch: Watch) -> list[str]:
    """Writes the slopes into the figures. Returns what grows beyond any doubt or limit."""
    grown, told = list[str](), dict[str, dict[str, list[float]]]()
    for what, samples, most in (
        ("memory_mb_a_minute", watch.memory, MEMORY_MOST_MB), ("files_a_minute", watch.files,
                                                                FILES_MOST),
    ):  # fmt: skip
        told[what] = {}
        for name, points in sorted(samples.items()):
            warm = points[int(len(points) * WARM_SHARE) :]
            if len(warm) < LEAST:
                continue
            line = slope([at for at, _ in warm], [value for _, value in warm])
            told[what][name] = [line.a_minute, line.low, line.high, line.first, line.last]
            if line.a_minute >= most:
                grown.append(f"{name}: {what} {line.a_minute} ({line.low} to {line.high})")
    stage.figures |= told
    if not told["memory_mb_a_minute"]:
        raise Broken("too short for a line: nothing was tested")
    return grown
