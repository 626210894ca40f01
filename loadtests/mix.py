"""What the visitors of one area ask for at its busiest: the load model, in requests a second.

A day of 8,000 cave visitors, twice that in the area; each makes 10 page calls, 4 scans, 0.3 plans
and 0.15 payments; a fifth of it in the peak hour, and two buses bring ten times as many at once.
That is 83 page calls a second, 33 of them codes on the wall, 2.5 plans, 1.3 payments.
"""

from collections.abc import Mapping

Rates = Mapping[str, float]  # name of an act (loadtests.acts) -> how often a second

PAGES: Rates = {
    "scan": 33, "style": 14, "home": 12, "occupancy": 8, "list_stops": 6, "plan_page": 6,
    "pack": 2, "stops_for_programs": 2,
}  # fmt: skip
# Phones that come out of the cave report what was read without signal, and what they thought of it.
REPORTS: Rates = {"report_scans": 2.0, "rate": 0.5}
BURST: Rates = {**PAGES, "plan": 2.5, "pay": 1.3, **REPORTS, "watch_figures": 0.2}
# A site has eight zones; each of their sensors sends what it heard once a second.
SENSORS_PER_S = 8.0
# What 150 areas ask for at an ordinary peak hour: fifteen of these bursts.
AREAS, BURSTS = 150, 15
NATION: Rates = {name: per_s * BURSTS for name, per_s in BURST.items()}
NATION_SENSORS_PER_S = 3_000.0


def times(rates: Rates, factor: float) -> dict[str, float]:
    """Returns rates that are so many times as high."""
    return {name: per_s * factor for name, per_s in rates.items()}


def with_more(rates: Rates, **more: float) -> dict[str, float]:
    """Returns rates of which some are others."""
    return {**rates, **more}
