"""What a day of load is: who comes how often, in which shape, and what its gate asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from loadtests.arrivals import Shape

# Constant arrival is only true when it was reached: below this share the generator fell behind.
REACHED_LEAST = 0.97
# Up to a second nobody's train of thought is broken (Nielsen, Usability Engineering, 1993).
EACH_P95_MS = 1_000


@dataclass(frozen=True)
class Gate:
    """Limits in milliseconds over all requests; 0 for none. each_p95_ms: of every kind of request
    by itself, for plans and payments are too few to be seen among all.

    succeed: least share of requests that succeed, at most two retries within five seconds
    included; 1.0 is every one of them. checks: names of what the day's story must have shown.
    """

    p95_ms: int = 150
    p99_ms: int = 0
    each_p95_ms: int = EACH_P95_MS
    succeed: float = 1.0
    reached: float = REACHED_LEAST
    checks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Day:
    """says: one sentence of what happens. rates: acts a second at factor 1.

    sensors_per_s: batches that enrolled sensors send over NATS. areas: how many are made for it.
    story: module of loadtests.stories that lives through the day beside the visitors. share: of
    the load it stands for that this machine is given.
    """

    name: str
    says: str
    rates: Mapping[str, float]
    shape: Shape = field(default_factory=Shape)
    sensors_per_s: float = 0.0
    areas: int = 1
    gate: Gate = field(default_factory=Gate)
    story: str = ""
    share: float = 1.0

    def at(self, factor: float) -> "Day":
        """Returns the same day with so many times the visitors and sensors."""
        rates = {name: per_s * factor for name, per_s in self.rates.items()}
        return replace(self, rates=rates, sensors_per_s=self.sensors_per_s * factor)

    def only(self, *acts: str) -> "Day":
        """Returns a day on which nothing but these acts happens, all the time alike."""
        rates = {name: per_s for name, per_s in self.rates.items() if name in acts}
        sensors = self.sensors_per_s if "sensor_batch" in acts else 0.0
        return replace(self, rates=rates, sensors_per_s=sensors, shape=Shape(), story="")
