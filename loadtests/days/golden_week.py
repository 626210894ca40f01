"""Golden Week: the burst after two buses does not end; the design load of one area all the time.

Each second 83 pages (33 of them codes on the wall), 2.5 plans, 1.3 payments, two batches of scans
from phones that come out of the cave, a rating now and then, eight batches of sensors over NATS,
and somebody in the office who leaves the page of figures open.
Gate: nothing fails, p95 at most 150 ms, and as many came as were asked for.
"""

from loadtests import mix
from loadtests.day import Day, Gate

DAY = Day(
    "golden_week",
    "The burst after two buses, all the time: the design load of one area.",
    rates=mix.BURST,
    sensors_per_s=mix.SENSORS_PER_S,
    gate=Gate(p95_ms=150),
)
