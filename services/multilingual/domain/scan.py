"""Scans: which are counted, and how little of them is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kit.pure.languages import LOCALES
from kit.pure.locale import known, parse_tag
from services.multilingual.domain import stop_code as codes

OTHER = "und"  # BCP 47: undetermined. A language in which nothing is read here
OTHER_ASKED = "other"  # the same of a scan, where "und" is a phone that asked for none
MAX_BATCH = 500
MAX_COUNT = 1_000_000  # alike, in one record of the edge; phones report each by itself
MAX_AGE = timedelta(days=30)  # a phone that comes home after a month of travel still counts


@dataclass(frozen=True)
class Scan:
    """A reading of a code as a client reports it. scan_time: None for now.

    scan_count: how many alike it stands for; 0 is one that does not say.
    """

    scan_id: str
    stop_code: str
    requested_locale: str
    served_locale: str
    scan_time: datetime | None
    offline: bool
    scan_count: int = 1


@dataclass(frozen=True)
class Counted:
    """A scan as kept: nothing in it tells two phones apart."""

    scan_id: str
    stop_code: str
    place_id: str
    requested_locale: str
    served_locale: str
    scan_time: datetime
    offline: bool
    scan_count: int = 1


@dataclass(frozen=True)
class Rejected:
    """Why a scan of a batch is not counted."""

    scan_id: str
    reason: str


def count(
    scan: Scan, places: Mapping[str, str], now: datetime, locales: Sequence[str] = (), most: int = 1
) -> Counted | Rejected:
    """Returns the scan as kept, or why not. places: stop code to place id of the area. locales:
    those of the area. most: how many alike one record of this caller may stand for."""
    try:
        scan_id = str(UUID(scan.scan_id))
    except ValueError:
        return Rejected("", "SCAN_ID_INVALID")  # what was sent is a stranger's text
    try:
        code = codes.read(scan.stop_code)
    except codes.StopCodeMistyped:
        return Rejected(scan_id, "STOP_CODE_MISTYPED")
    if code not in places:
        return Rejected(scan_id, "STOP_CODE_UNKNOWN")
    scan_time = min(scan.scan_time or now, now)  # phones' clocks run ahead
    if now - scan_time > MAX_AGE:
        return Rejected(scan_id, "SCAN_TOO_OLD")
    if not 0 <= scan.scan_count <= most:
        return Rejected(scan_id, "SCAN_COUNT_INVALID")
    return Counted(
        scan_id,
        code,
        places[code],
        _asked_locale(scan.requested_locale, locales),
        _asked_locale(scan.served_locale, locales),
        scan_time,
        scan.offline,
        max(1, scan.scan_count),
    )


def cut_locale(text: str) -> str:
    """Returns language, script and region of a tag, or "": the rest could tell a phone apart."""
    first = text.split(",", 1)[0].split(";", 1)[0]
    tag = parse_tag(first)
    return tag.text() if tag is not None else ""


def known_locale(text: str, locales: Sequence[str]) -> str:
    """Returns the language that was read: one of the area's or of our pages', else OTHER.

    What anybody may send is then no name of his own in a table. locales: those of the area.
    """
    return known(cut_locale(text), (*locales, *LOCALES)) or OTHER


def _asked_locale(text: str, locales: Sequence[str]) -> str:
    cut = cut_locale(text)
    return known(cut, (*locales, *LOCALES)) or OTHER_ASKED if cut else ""
