"""Rainy Sunday: the cave floods and is closed at the peak, while everybody is under way.

Visitors plan days in the cave and keep them open, the gate sells tickets. At half-time the office
closes the cave at its page of today. Phones see it at their open day and have it planned anew; the
gate gives every unused ticket back at its page; stop pages, lists and packs carry the notice.
Gate: nothing fails, p95 at most 200 ms, no open day that was hit stays as it was, every ticket is
refunded, every page of a stop says it within five seconds and says nothing once it is over.
"""

from loadtests import mix
from loadtests.day import Day, Gate

DAY = Day(
    "rainy_sunday",
    "The cave floods at the peak: plans are repaired, tickets refunded, every page says so.",
    rates=mix.with_more(mix.times(mix.BURST, 0.5), plan=0, plan_and_keep=1.5, sell_ticket=0.7),
    sensors_per_s=mix.SENSORS_PER_S,
    gate=Gate(
        p95_ms=200,
        checks=("plans_repaired", "tickets_refunded", "gate_closed", "notice_shown", "notice_gone"),
    ),
    story="flood",
)
