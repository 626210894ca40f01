"""Obon, the festival's evening: stalls and shops take money as fast as they can, then all go home.

Eight payments a second at all shops, each looked at, most with a receipt on screen, some on paper;
plans for the way home with the last bus; how full it is, asked all the time; few codes are read,
for the cave is closed. The sensors in the shopping street hear twice as many phones as by day.
Gate: nothing fails, p95 at most 200 ms: eight of ten requests here write to the ledger or read it.
"""

from loadtests import mix
from loadtests.day import Day, Gate

DAY = Day(
    "obon_evening",
    "The festival's evening: many tills, receipts, and everybody plans the way home.",
    rates=mix.with_more(
        mix.times(mix.PAGES, 0.25),
        occupancy=10,
        pay_and_show=8,
        receipt_on_paper=0.2,
        plan_home=2,
        rate=0.5,
        watch_figures=0.2,
    ),
    sensors_per_s=2 * mix.SENSORS_PER_S,
    gate=Gate(p95_ms=200),
)
