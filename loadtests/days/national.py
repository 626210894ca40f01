"""The nation: 150 areas in one installation, each in an ordinary peak hour.

Together 1,250 requests a second (500 of them codes on the wall), 38 plans, 19 payments and 3,000
batches of sensors. No small machine bears that: as many areas are made as there is time for, they
are given a known share of that load, and what each kind of request costs is measured one by one.
Gate: nothing fails in what was sent. The cores that 150 areas need are computed, never claimed.
"""

from loadtests import mix
from loadtests.day import Day, Gate

SHARE = 1 / 50

DAY = Day(
    "national",
    "150 areas in one installation: a known share of their load, and what each request costs.",
    rates=mix.times(mix.NATION, SHARE),
    sensors_per_s=mix.NATION_SENSORS_PER_S * SHARE,
    areas=150,
    gate=Gate(p95_ms=150),
    share=SHARE,
)
