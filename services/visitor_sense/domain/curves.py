"""When the devices of a zone and day came and when they left, as steps of a curve.

Between two steps there are K devices at least, so that a step tells of no single one; times are
rounded to ten minutes. Of devices that keep their address for the day, as stays are.
"""

from collections.abc import Iterable, Sequence

from kit.pure.suppression import K

MOST_STEPS = 10  # parts of the devices: tenths
ROUNDED_S = 600


def steps_of(times_s: Iterable[float]) -> tuple[int, ...]:
    """Returns until when each part but the last had come, parts being as many as hold K devices
    each, at most MOST_STEPS. times_s: seconds of the local day, one per device."""
    ordered = sorted(times_s)
    parts = min(MOST_STEPS, len(ordered) // K)
    return tuple(
        ROUNDED_S * round(ordered[number * len(ordered) // parts - 1] / ROUNDED_S)
        for number in range(1, parts)
    )


def came_and_left(
    devices: Iterable[Sequence[int]], midnight_ms: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Returns both curves of a zone. devices: times in milliseconds of each, in order."""
    known = list(devices)
    came = steps_of((times[0] - midnight_ms) / 1_000 for times in known)
    left = steps_of((times[-1] - midnight_ms) / 1_000 for times in known)
    return came, left
