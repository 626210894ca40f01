"""A stop as a visitor sees it: each paragraph in the closest language there is, and the truth
about which language that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kit.pure.locale import Match, parse_tag
from services.multilingual.domain import day_note
from services.multilingual.domain.day_note import DayNote
from services.multilingual.domain.guide import Group, Guide, Section, Stop
from services.multilingual.domain.narration import Topic
from services.multilingual.domain.notice import Closure, changes_at, notices
from services.multilingual.domain.photo import Photo, PhotoFile
from services.multilingual.domain.recording import Heard
from services.multilingual.domain.translation import State, paragraph_state
from services.multilingual.domain.video import POSTER_SIZES, Video


@dataclass(frozen=True)
class Words:
    """A piece of text and the truth about its language; see LocalizedText of the contract."""

    text: str
    locale: str
    requested_locale: str
    state: State
    machine_draft: bool

    @property
    def fallback(self) -> bool:
        """True when it is not in the language it should be in."""
        return self.locale != self.requested_locale


@dataclass(frozen=True)
class ServedParagraph:
    """One paragraph as served."""

    paragraph_id: str
    topic: Topic
    words: Words


@dataclass(frozen=True)
class Link:
    """The way to a neighboring stop; distance_m is None when unknown."""

    stop_code: str
    name: Words
    distance_m: int | None


@dataclass(frozen=True)
class Option:
    """One language a visitor can choose for this stop."""

    locale: str
    state: State
    machine_draft: bool


@dataclass(frozen=True)
class ServedNote:
    """A day note in the closest locale there is. stop_codes: whose pages show it, none for all."""

    note: DayNote
    words: Words
    stop_codes: tuple[str, ...]


@dataclass(frozen=True)
class ServedPhoto:
    """A photo, described in the closest locale there is."""

    photo: Photo
    alt: Words


@dataclass(frozen=True)
class ServedVideo:
    """A video, described and with its words in the closest locale there is. poster: its own, or
    where that was erased the first photo of the stop that visitors see; none where there is none.
    """

    video: Video
    alt: Words
    transcript: Words
    poster: tuple[PhotoFile, ...]


@dataclass(frozen=True)
class Page:
    """A stop as a visitor sees it; see StopContent of the contract."""

    stop: Stop
    section: Section | None
    section_name: Words | None
    position: int
    group_size: int
    name: Words
    name_reading: str
    name_pronunciation: str
    paragraphs: tuple[ServedParagraph, ...]
    match: Match
    state: State
    options: tuple[Option, ...]
    previous: Link | None
    next: Link | None
    notices: tuple[Closure, ...]
    fresh_until_time: datetime | None
    heard: Heard | None = None
    day_notes: tuple[ServedNote, ...] = ()
    photos: tuple[ServedPhoto, ...] = ()
    videos: tuple[ServedVideo, ...] = ()

    @property
    def fallback(self) -> bool:
        """True when the name or a paragraph is in another language than the page."""
        return self.name.fallback or any(each.words.fallback for each in self.paragraphs)

    @property
    def machine_draft(self) -> bool:
        """True when something on the page was read by nobody."""
        return self.name.machine_draft or any(each.words.machine_draft for each in self.paragraphs)


def chain(locale: str, source_locale: str, available: Sequence[str]) -> list[str]:
    """Returns the locales to look for a text in: the wanted one, its other script or region,
    English, the source, whatever there is."""
    wanted = parse_tag(locale)
    language = wanted.language if wanted else locale
    kin = [
        each for each in available if (tag := parse_tag(each)) is not None
        and tag.language == language
    ]  # fmt: skip
    return list(dict.fromkeys([locale, *kin, "en", source_locale, *available]))


def page(guide: Guide, stop: Stop, match: Match, now: datetime) -> Page:
    """Returns a published stop as a visitor with this negotiated locale sees it."""
    before, after = guide.neighbors(stop)
    group = guide.group_of(stop)
    section = guide.sections.get(stop.section_id)
    current = notices(guide.closures, stop.place_id, now)
    said = day_note.shown(guide.day_notes, now, stop.place_id)
    source = stop.shown.get(guide.settings.source_locale)
    name = stop_name(guide, stop, match.locale)
    named = stop.shown.get(name.locale) if name.locale != guide.settings.source_locale else None
    return Page(
        stop=stop,
        section=section,
        section_name=section_name(guide, section, match.locale),
        position=group.index(stop) + 1,
        group_size=len(group),
        name=name,
        name_reading=source.text.reading if source else "",
        name_pronunciation=named.text.reading if named else "",
        paragraphs=_paragraphs(guide, stop, match.locale),
        match=match,
        state=guide.standing(stop, match.locale).state,
        options=options(guide, stop),
        previous=_link(guide, stop, before, match.locale),
        next=_link(guide, stop, after, match.locale),
        notices=tuple(current),
        fresh_until_time=soonest(changes_at(current, now), day_note.first_end(said)),
        heard=stop.heard(match.locale),
        day_notes=tuple(_served(guide, each, match.locale) for each in said),
        photos=tuple(
            ServedPhoto(each, _closest(guide, each.alts, match.locale)) for each in stop.photos
        ),
        videos=tuple(
            ServedVideo(
                each,
                _closest(guide, each.alts, match.locale),
                _closest(guide, each.transcripts, match.locale),
                poster(each, stop.photos),
            )
            for each in stop.videos
        ),
    )


def poster(video: Video, photos: Sequence[Photo]) -> tuple[PhotoFile, ...]:
    """Returns the picture a video shows before it plays. photos: of its stop that visitors see."""
    if video.poster or not photos:
        return video.poster
    return photos[0].files[:POSTER_SIZES]


def stop_name(guide: Guide, stop: Stop, locale: str) -> Words:
    """Returns the name of a stop in the closest locale there is."""
    for each in chain(locale, guide.settings.source_locale, tuple(stop.shown)):
        if each in stop.shown and stop.shown[each].text.name:
            standing = guide.standing(stop, each)
            state = standing.state
            if state is State.OUTDATED:  # a paragraph's change says nothing of the name
                state = State.MACHINE_DRAFT if standing.machine_draft else State.REVIEWED
            text = stop.shown[each].text.name
            return Words(text, each, locale, state, standing.machine_draft)
    return Words(
        stop.stop_code, guide.settings.source_locale, locale, State.MISSING, machine_draft=False
    )


def options(guide: Guide, stop: Stop) -> tuple[Option, ...]:
    """Returns the languages to choose from, with the state of this stop's text in each."""
    found = []
    for locale in guide.published_locales():
        standing = guide.standing(stop, locale)
        found.append(Option(locale, standing.state, standing.machine_draft))
    return tuple(found)


def all_notes(guide: Guide, locale: str, now: datetime) -> tuple[ServedNote, ...]:
    """Returns the day notes of the whole area and of all its places, newest first."""
    return tuple(
        _served(guide, each, locale) for each in day_note.shown(guide.day_notes, now)
    )  # fmt: skip


def soonest(*moments: datetime | None) -> datetime | None:
    """Returns the first of some moments, None where there is none."""
    return min((each for each in moments if each is not None), default=None)


def is_closed(guide: Guide, stop: Stop, now: datetime) -> bool:
    """Tells whether a closure is in force for a stop."""
    return any(each.in_force(now) for each in notices(guide.closures, stop.place_id, now))


def _served(guide: Guide, note: DayNote, locale: str) -> ServedNote:
    """Returns a note in the closest locale, with the truth about it: the writer's own is a source
    that all follow, whatever the area's is."""
    own, said = note.own_locale, {each.locale: each for each in note.said}
    found = said[next(each for each in chain(locale, own, note.locales()) if each in said)]
    state = State.SOURCE if found.locale == own else State.REVIEWED
    if found.machine_draft:
        state = State.MACHINE_DRAFT
    words = Words(found.text, found.locale, locale, state, found.machine_draft)
    codes = [
        each.stop_code for each in guide.stops if note.place_id and note.is_about(each.place_id)
    ]
    return ServedNote(note, words, tuple(codes))


def _closest(guide: Guide, words: Mapping[str, str], locale: str) -> Words:
    source = guide.settings.source_locale
    wanted = chain(locale, source, tuple(words))
    found = next(each for each in wanted if each in words)
    state = State.SOURCE if found == source else State.REVIEWED
    return Words(words[found], found, locale, state, machine_draft=False)


def _paragraphs(guide: Guide, stop: Stop, locale: str) -> tuple[ServedParagraph, ...]:
    """The wanted text's own order and extras first; what it lacks comes from the next locale."""
    locales = [
        each
        for each in chain(locale, guide.settings.source_locale, tuple(stop.shown))
        if each in stop.shown
    ]
    standings = {each: guide.standing(stop, each) for each in locales}
    source_ids = list(guide.source_text(stop).by_id())
    own = list(stop.shown[locale].text.by_id()) if locale in stop.shown else []
    served = []
    for key in _merged(own, source_ids):
        holder = next((each for each in locales if key in stop.shown[each].text.by_id()), None)
        if holder is None:
            continue
        paragraph = stop.shown[holder].text.by_id()[key]
        words = Words(
            paragraph.text,
            holder,
            locale,
            paragraph_state(standings[holder], key),
            standings[holder].machine_draft,
        )
        served.append(ServedParagraph(key, paragraph.topic, words))
    return tuple(served)


def _merged(own: Sequence[str], source: Sequence[str]) -> list[str]:
    """Returns the source's order; what only this locale has stays where the editor put it."""
    merged = list(source)
    for at, key in enumerate(own):
        if key not in merged:
            before = own[at - 1] if at else None
            merged.insert(merged.index(before) + 1 if before in merged else 0, key)
    return merged


def section_name(guide: Guide, section: Section | None, locale: str) -> Words | None:
    """Returns the name of a part of the tour in the closest locale there is."""
    if section is None:
        return None
    source = guide.settings.source_locale
    for each in chain(locale, source, tuple(section.names)):
        if each in section.names:
            state = State.SOURCE if each == source else State.MACHINE_DRAFT
            return Words(section.names[each], each, locale, state, each != source)
    return None


def _link(guide: Guide, stop: Stop, other: Stop | None, locale: str) -> Link | None:
    if other is None:
        return None
    known = stop.route_m is not None and other.route_m is not None
    distance_m = abs((other.route_m or 0) - (stop.route_m or 0)) if known else None
    if stop.group is not Group.ROUTE:
        distance_m = None
    return Link(other.stop_code, stop_name(guide, other, locale), distance_m)
