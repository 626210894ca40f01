"""The guide of one area as published: what every visitor page is made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from functools import cached_property

from services.multilingual.domain.day_note import DayNote
from services.multilingual.domain.narration import Text
from services.multilingual.domain.notice import Closure
from services.multilingual.domain.photo import Photo
from services.multilingual.domain.recording import Heard, Recording, heard_alike, heard_in
from services.multilingual.domain.speech import text_sha256
from services.multilingual.domain.tour import Retirement, lead
from services.multilingual.domain.translation import Shown, Standing, standing
from services.multilingual.domain.video import Video

MAX_STOPS = 500


class Group(IntEnum):
    """What a stop belongs to; the numbers are those of the contract."""

    ROUTE = 1
    ELSEWHERE = 2
    ANIMAL = 3
    HISTORY = 4


@dataclass(frozen=True)
class Settings:
    """What the guide knows of its area. locales: the source first. change_mark: of the change
    number; two histories of an area share none."""

    area: str
    locales: tuple[str, ...] = ("ja",)
    public_url: str = ""
    demo: bool = False
    change_number: int = 0
    change_mark: str = ""
    time_zone: str = "Asia/Tokyo"

    @property
    def source_locale(self) -> str:
        """The locale all others follow."""
        return self.locales[0]


@dataclass(frozen=True)
class Section:
    """A part of the tour with its names by locale."""

    section_id: str
    position: int
    names: Mapping[str, str]


@dataclass(frozen=True)
class Stop:
    """A stop and what visitors see of it, by locale.

    route_m: meters from the main entrance along the tour, None when unknown. sources: who says
    so. estimates: what is a judgment or translation of ours.
    """

    stop_code: str
    place_id: str
    group: Group
    kind: str
    section_id: str
    position: int
    route_m: int | None
    sources: tuple[str, ...]
    estimates: tuple[str, ...]
    revision: int = 0
    change_number: int = 0
    publish_time: datetime | None = None
    shown: Mapping[str, Shown] = field(default_factory=dict)
    recordings: Mapping[str, tuple[Recording, ...]] = field(default_factory=dict)
    photos: tuple[Photo, ...] = ()
    videos: tuple[Video, ...] = ()
    retired: Retirement | None = None

    @cached_property
    def _standings(self) -> dict[tuple[str, str], Standing]:
        return {}  # each page tells it of every language: compared once, not once for each page

    def standing(self, locale: str, source_locale: str) -> Standing:
        """Returns how what visitors see in a locale stands beside the published source."""
        key = (locale, source_locale)
        if key not in self._standings:
            self._standings[key] = standing(
                self.shown.get(locale), self.text(source_locale), is_source=locale == source_locale
            )
        return self._standings[key]

    def text(self, locale: str) -> Text:
        """Returns what is published in a locale, an empty text when there is none."""
        shown = self.shown.get(locale)
        return shown.text if shown else Text("", "", ())

    def heard(self, locale: str) -> Heard | None:
        """Returns what visitors hear in a locale, also one that is spoken alike."""
        if not self.recordings:
            return None  # most stops of a new area: no text has to be hashed
        texts = {
            each: text_sha256(self.shown[each].text)
            for each in (locale, *heard_alike(locale))
            if each in self.shown
        }
        return heard_in(locale, self.recordings, texts)

    def names(self) -> dict[str, str]:
        """Returns the published names by locale."""
        return {locale: shown.text.name for locale, shown in self.shown.items()}


@dataclass(frozen=True)
class Guide:
    """Everything that is published in an area, at one change number. stops: by group, position.
    retired: stops of before, whose codes still lead somewhere."""

    settings: Settings
    sections: Mapping[str, Section]
    stops: tuple[Stop, ...]
    closures: tuple[Closure, ...]
    day_notes: tuple[DayNote, ...] = ()
    retired: tuple[Stop, ...] = ()

    def stop(self, stop_code: str) -> Stop | None:
        """Returns a stop by its code."""
        return next((each for each in self.stops if each.stop_code == stop_code), None)

    def leads(self) -> dict[str, str]:
        """Returns where the code of each retired stop leads: a stop, "" for the list of all."""
        shown = {each.stop_code for each in self.stops if each.shown}
        targets = {
            each.stop_code: each.retired.target_stop_code for each in self.retired if each.retired
        }
        return {code: lead(code, targets, shown) for code in targets}

    def published_locales(self) -> tuple[str, ...]:
        """Returns locales with at least one published text, in the area's order."""
        return self._published

    @cached_property
    def _published(self) -> tuple[str, ...]:
        return _in_area_order(
            self.settings.locales,
            {key for stop in self.stops for key, shown in stop.shown.items()
             if shown.text.paragraphs},
        )  # fmt: skip

    def group_of(self, stop: Stop) -> Sequence[Stop]:
        """Returns the stops visitors see of a stop's group, in order."""
        return self._groups.get(stop.group, ())

    @cached_property
    def _groups(self) -> Mapping[Group, Sequence[Stop]]:
        return {
            group: tuple(each for each in self.stops if each.group is group and each.shown)
            for group in {each.group for each in self.stops}
        }

    def neighbors(self, stop: Stop) -> tuple[Stop | None, Stop | None]:
        """Returns the stops before and after one in its group."""
        group = self.group_of(stop)
        if stop not in group:
            return None, None
        at = group.index(stop)
        return group[at - 1] if at else None, group[at + 1] if at + 1 < len(group) else None

    def source_text(self, stop: Stop) -> Text:
        """Returns the published source of a stop, an empty text when there is none."""
        return stop.text(self.settings.source_locale)

    def standing(self, stop: Stop, locale: str) -> Standing:
        """Returns how a stop's text in one locale stands."""
        return stop.standing(locale, self.settings.source_locale)


def _in_area_order(order: Sequence[str], locales: set[str]) -> tuple[str, ...]:
    known = [locale for locale in order if locale in locales]
    return (*known, *sorted(locales - set(known)))
