"""Steps, slopes and wheelchairs: what is known of the paths of a POI, and whom that suits.

What nobody has recorded is not known, and never taken for easy.
"""

from dataclasses import dataclass
from enum import StrEnum

from services.itinerary.domain.why import WhyOut


class Wheelchair(StrEnum):
    """Whether a POI can be visited in a wheelchair. PARTLY: a part of it, or with a helper."""

    UNKNOWN = "unknown"
    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Steps(StrEnum):
    """How many steps there are."""

    UNKNOWN = "unknown"
    NONE = "none"
    SOME = "some"
    MANY = "many"


class Slope(StrEnum):
    """How steep the paths are."""

    UNKNOWN = "unknown"
    LEVEL = "level"
    GENTLE = "gentle"
    STEEP = "steep"


@dataclass(frozen=True)
class Paths:
    """What is known of the paths of a POI."""

    wheelchair: Wheelchair = Wheelchair.UNKNOWN
    steps: Steps = Steps.UNKNOWN
    slope: Slope = Slope.UNKNOWN


NOTHING_KNOWN = Paths()


class Ease(StrEnum):
    """What a party needs of paths. GENTLE: few steps, nothing steep."""

    ANY = "any"
    GENTLE = "gentle"
    WHEELCHAIR = "wheelchair"


def why_not_easy(paths: Paths, ease: Ease) -> WhyOut | None:
    """Returns why a POI is not for a party that needs easy paths; None where it is."""
    if ease is Ease.ANY:
        return None
    hard = paths.steps is Steps.MANY or paths.slope is Slope.STEEP
    if ease is Ease.WHEELCHAIR:
        if paths.wheelchair in (Wheelchair.YES, Wheelchair.PARTLY):
            return None
        hard = hard or paths.wheelchair is Wheelchair.NO
        return WhyOut.PATHS_TOO_HARD if hard else WhyOut.PATHS_UNKNOWN
    if hard:
        return WhyOut.PATHS_TOO_HARD
    if paths.wheelchair is Wheelchair.YES:
        return None
    known = paths.steps is not Steps.UNKNOWN and paths.slope is not Slope.UNKNOWN
    return None if known else WhyOut.PATHS_UNKNOWN
