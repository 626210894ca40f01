"""What the guide says happened."""

from dataclasses import dataclass
from datetime import datetime

from kit.pure.event import Event
from services.multilingual.domain.content import Option
from services.multilingual.domain.rating import Rated
from services.multilingual.domain.recording import Heard
from services.multilingual.domain.scan import Counted
from services.multilingual.domain.survey import Answered
from services.multilingual.domain.tour import Act


@dataclass(frozen=True, kw_only=True)
class StopPublished(Event):
    """Visitors see other texts of a stop. Aggregate: the stop code; version: the stop's revision.

    locales: what was published by this. states: all locales after it.
    """

    place_id: str
    locales: tuple[str, ...]
    change_number: int
    neighbor_stop_codes: tuple[str, ...]
    states: tuple[Option, ...]


@dataclass(frozen=True, kw_only=True)
class StopNoticesChanged(Event):
    """Closures on the pages of some stops changed. Aggregate: the closure."""

    stop_codes: tuple[str, ...]
    change_number: int


@dataclass(frozen=True, kw_only=True)
class ScanRecorded(Event):
    """A visitor read a code. Aggregate: the scan."""

    scan: Counted


@dataclass(frozen=True, kw_only=True)
class RecordingChanged(Event):
    """Visitors hear something else of a stop. Aggregate: stop code and locale; version: the area's
    change number. heard: None when there is nothing to hear any longer. Credit and transcript are
    not told."""

    stop_code: str
    place_id: str
    locale: str
    heard: Heard | None
    change_number: int


@dataclass(frozen=True, kw_only=True)
class PhotosChanged(Event):
    """Visitors see other photos of a stop. Aggregate: the stop code; version: the area's change
    number. photo_count: how many they see now."""

    place_id: str
    photo_count: int
    change_number: int


@dataclass(frozen=True, kw_only=True)
class VideosChanged(Event):
    """Visitors see other videos of a stop. Aggregate: the stop code; version: the area's change
    number. video_count: how many they see now."""

    place_id: str
    video_count: int
    change_number: int


@dataclass(frozen=True, kw_only=True)
class MediaErased(Event):
    """Bytes were erased for good: whoever keeps them forgets them. Aggregate: the photo, the
    video or the first of the recordings; version: the area's change number. sha256s: names of what
    was erased, hexadecimal."""

    sha256s: tuple[str, ...]
    change_number: int


@dataclass(frozen=True, kw_only=True)
class RatingGiven(Event):
    """A visitor rated a narration. Aggregate: the rating."""

    rated: Rated


@dataclass(frozen=True, kw_only=True)
class RatingWithdrawn(Event):
    """A rating no longer holds; its time is that of the rating that ends. Aggregate: the rating."""

    rated: Rated


@dataclass(frozen=True, kw_only=True)
class SurveyAnswered(Event):
    """A visitor answered the survey. Aggregate: the reply."""

    answered: Answered


@dataclass(frozen=True, kw_only=True)
class DayNoteChanged(Event):
    """Locals say something today (version 1) or took it back (2). Aggregate: the note.

    stop_codes: whose pages changed. locales: the writer's first.
    """

    place_id: str
    stop_codes: tuple[str, ...]
    locales: tuple[str, ...]
    until_time: datetime
    withdrawn: bool
    change_number: int


@dataclass(frozen=True, kw_only=True)
class TourChanged(Event):
    """Somebody arranged a stop. Aggregate: the stop code; version: the area's change number.

    target_stop_code: where a retired stop's code leads. stop_codes: whose pages changed.
    """

    place_id: str
    act: Act
    target_stop_code: str
    stop_codes: tuple[str, ...]
    change_number: int
