"""The public instances with what is known of them, and our own judge of tours."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.local.home import ROOT

FOLDER = ROOT.parent / "shared" / "bench" / "toptw"
TRUSTED = ("optimal", "best_known_attained", "best_found")


@dataclass(frozen=True)
class Case:
    """One instance for a number of tours. best_known: the value to be held against."""

    name: str
    tours: int
    best_known: int
    text: str


def read(folder: Path = FOLDER) -> list[Case]:
    """Returns the instances whose best known value can be trusted; none where there is no data."""
    table = folder / "best_known.csv"
    if not table.is_file():
        return []
    with table.open(newline="") as file:
        return [
            Case(
                row["instance"],
                int(row["m"]),
                int(row["best_known"]),
                (folder / "instances" / f"{row['instance']}.txt").read_text(),
            )
            for row in csv.DictReader(file)
            if row["status"] in TRUSTED
        ]


def score(case: Case, tours: Sequence[Sequence[int]]) -> float:
    """Returns the score of tours of vertex numbers. Errors: ValueError naming the rule they break.

    Written from the format's description, without the search's own reader.
    """
    rows = [[float(cell) for cell in line.split()] for line in case.text.splitlines()[2:] if line]
    scale = 100 if case.name.startswith("pr") else 10
    depot = rows[0]
    if len(tours) > case.tours:
        raise ValueError(f"{len(tours)} tours")
    if sorted({v for tour in tours for v in tour}) != sorted(v for tour in tours for v in tour):
        raise ValueError("a vertex twice")
    total = 0.0
    for tour in tours:
        clock, here = round(depot[-2] * scale), depot
        for vertex in tour:
            if not 0 < vertex < len(rows):
                raise ValueError(f"no vertex {vertex}")
            there = rows[vertex]
            clock = max(clock + _way(here, there, scale), round(there[-2] * scale))
            if clock > round(there[-1] * scale):
                raise ValueError(f"vertex {vertex} is reached at {clock}, after it closes")
            clock += round(there[3] * scale)
            total += there[4]
            here = there
        if clock + _way(here, depot, scale) > round(depot[-1] * scale):
            raise ValueError("back too late")
    return total


def _way(one: Sequence[float], other: Sequence[float], scale: int) -> int:
    return math.floor(math.dist(one[1:3], other[1:3]) * scale + 1e-9)


def gap_percent(case: Case, value: float) -> float:
    """Returns how far a score is below the best known, in percent of it; below 0 when it is
    better."""
    return 100 * (case.best_known - value) / case.best_known
