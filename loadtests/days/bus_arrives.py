"""Two buses arrive: ten times as many visitors within a minute, held, then ebbing away.

It begins as an ordinary peak hour (8 pages a second), climbs to the design burst (83) within a
tenth of the run, stays there for half of it and falls back to the ordinary. Everybody does what
visitors do in Golden Week, and the sensors hear ten times as many phones.
Gate: nothing fails, p95 at most 100 ms, p99 at most 250 ms; full: --seconds 600.
"""

from loadtests import mix
from loadtests.arrivals import Shape
from loadtests.day import Day, Gate

CALM, BURST = 0.1, 1.0

DAY = Day(
    "bus_arrives",
    "Two buses arrive: ten times as many visitors within a minute, held, then ebbing away.",
    rates=mix.BURST,
    shape=Shape(((0, CALM), (0.1, CALM), (0.2, BURST), (0.7, BURST), (0.9, CALM), (1, CALM))),
    sensors_per_s=mix.SENSORS_PER_S,
    gate=Gate(p95_ms=100, p99_ms=250),
)
