"""Which figure of an hour may leave the installation, and what the device figure is worth."""

from kit.pure.suppression import K
from services.visitor_sense.domain.sketch import Bounded

# Share by which the true number of devices lay below and above the estimate in 90 of 100 random
# mixes of labelled captures (see the README); only the reading of signatures, not of people.
LOW_SHARE, HIGH_SHARE = 0.70, 1.30


def device_figure(device_keys: Bounded, addresses: Bounded) -> Bounded:
    """Returns the number of devices with its interval.

    device_keys: fixed addresses and, among randomized ones, signatures. There are never more
    devices than addresses.
    """
    most = max(addresses.high, device_keys.estimate)
    return Bounded(
        device_keys.estimate,
        min(round(device_keys.low * LOW_SHARE), device_keys.estimate),
        max(device_keys.estimate, min(most, round(device_keys.high * HIGH_SHARE))),
    )


def released_figure(estimate: int, before: int | None) -> int | None:
    """Returns what may be shown of a finished hour, given what was shown before.

    Late observations may correct a figure: the old one stays unless they change it by at least K,
    because the difference of the two answers is itself a figure about the people in between.
    """
    if before is not None and abs(estimate - before) < K:
        return before
    return estimate if estimate >= K else before


def released_interval(released: int) -> Bounded:
    """Returns a released figure with its interval, from nothing but the figure itself."""
    return Bounded(released, round(released * LOW_SHARE), round(released * HIGH_SHARE))
