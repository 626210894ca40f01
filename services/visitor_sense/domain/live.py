"""What the live figures are made of."""

from collections.abc import Mapping

from services.visitor_sense.domain.sketch import Values

# Per zone and minute (minutes since 1970): what stands for the devices seen.
Seen = Mapping[tuple[str, int], Values]


class LiveUnavailable(Exception):
    """The store of live figures does not answer."""
