"""What a stop page shows, worked out from what the guide and directory say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from services.edge.closures import Known, Shut
from services.edge.visitor import day_notes, facts

TOPICS: dict[int, tuple[str, Any]] = {
    pb.PARAGRAPH_TOPIC_FORMATION: ("drop", _l("How it came to be")),
    pb.PARAGRAPH_TOPIC_FOLK_TALE: ("star", _l("What people tell")),
    pb.PARAGRAPH_TOPIC_CLIMATE: ("sun", _l("Air and water")),
    pb.PARAGRAPH_TOPIC_ANIMALS: ("eye", _l("What lives here")),
    pb.PARAGRAPH_TOPIC_HISTORY: ("clock", _l("What happened here")),
    pb.PARAGRAPH_TOPIC_ACCESS: ("walk", _l("The way on")),
}
READING_AT_MOST = 16  # longer ones push the name apart
GROUPS: dict[int, Any] = {
    pb.STOP_GROUP_ROUTE: _l("On the way"),
    pb.STOP_GROUP_ELSEWHERE: _l("Off the way"),
    pb.STOP_GROUP_ANIMAL: _l("Animals of the cave"),
    pb.STOP_GROUP_HISTORY: _l("History and how it works"),
}


@dataclass(frozen=True)
class Notice:
    """A closure as it is shown. here: it shuts this very stop."""

    reason: str
    note: str
    place: str
    here: bool
    since: datetime
    until: datetime | None
    as_of: datetime


@dataclass(frozen=True)
class StopPage:
    """Everything the template needs besides the stop itself."""

    stop: pb.StopContent
    as_of: datetime | None
    notices: Sequence[Notice]
    day_notes: Sequence[day_notes.Shown]
    sizes: Sequence[pb.ServedParagraph]
    story: Sequence[tuple[pb.ServedParagraph, str, str, bool]]
    doubts: Sequence[pb.ServedParagraph]
    source_name: str
    unread: str


def build(
    stop: pb.StopContent, as_of: datetime | None, closures: Known, source_locale: str
) -> StopPage:
    """Works out a page. as_of: when the content was read, where it comes from the shelf."""
    topics = [(p, p.topic) for p in stop.paragraphs]
    return StopPage(
        stop=stop,
        as_of=as_of,
        notices=_notices(stop, closures),
        day_notes=day_notes.shown(stop.day_notes),
        sizes=[p for p, topic in topics if topic == pb.PARAGRAPH_TOPIC_SIZE],
        story=_story([p for p, topic in topics if topic in TOPICS]),
        doubts=[p for p, topic in topics if topic == pb.PARAGRAPH_TOPIC_DOUBT],
        source_name=stop.names.get("ja", "") if stop.name.locale != "ja" else "",
        unread=_unread(stop, source_locale),
    )


def _unread(stop: pb.StopContent, source_locale: str) -> str:
    """Returns what nobody of the association has read: "translation", "source" (the area's own
    words, which no machine translated), or "" for nothing. A translation is the greater doubt."""
    if not stop.machine_draft:
        return ""
    texts = (stop.name, *(paragraph.text for paragraph in stop.paragraphs))
    locales = {text.locale for text in texts if text.machine_draft} or {stop.locale}
    return "translation" if locales - {source_locale} else "source"


def reading(name: str, kana: str) -> str:
    """Returns the reading of a Japanese name where it helps: beside kanji, if short."""
    has_kanji = any("\u4e00" <= letter <= "\u9fff" for letter in name)
    return kana if has_kanji and len(kana) <= READING_AT_MOST else ""


def length(milliseconds: int) -> str:
    """Returns the length of a recording as players show it: 1:05."""
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    return f"{minutes}:{seconds:02}"


def group_name(group: int, section: str) -> str:
    """Returns the heading of a part of the list."""
    if not section and group == pb.STOP_GROUP_ANIMAL and not facts.has_cave():
        return str(_("Animals"))
    return section or str(GROUPS.get(group, ""))


def _story(
    paragraphs: Sequence[pb.ServedParagraph],
) -> list[tuple[pb.ServedParagraph, str, str, bool]]:
    """Adds icon and heading, and whether the language changes here and must be said."""
    rows, before, topic = [], "", 0
    for number, paragraph in enumerate(paragraphs):
        icon, heading = TOPICS[paragraph.topic]
        text = paragraph.text
        says_language = text.fallback and text.locale != before
        before = text.locale if text.fallback else ""
        # The first paragraph about the formation follows the title directly.
        first = number == 0 and paragraph.topic == pb.PARAGRAPH_TOPIC_FORMATION
        plain = first or paragraph.topic == topic
        topic = paragraph.topic
        rows.append((paragraph, icon, "" if plain else str(heading), says_language))
    return rows


def _notices(stop: pb.StopContent, closures: Known) -> list[Notice]:
    """The stop's own notices as the guide says them, then what else is shut on the site."""
    now = datetime.now(UTC)
    own = [_own(notice) for notice in stop.notices]
    known = {notice.closure_id for notice in stop.notices}
    others = [_other(shut, closures, stop.locale) for shut in closures.shut
              if shut.closure_id not in known and shut.is_in_force(now)]  # fmt: skip
    return [*own, *others]


def _own(notice: pb.StopNotice) -> Notice:
    until = notice.until_time.ToDatetime(tzinfo=UTC) if notice.HasField("until_time") else None
    return Notice(
        notice.reason, notice.note, _("This stop"), True,  # noqa: FBT003 - is it the stop itself
        notice.from_time.ToDatetime(tzinfo=UTC), until, notice.as_of_time.ToDatetime(tzinfo=UTC),
    )  # fmt: skip


def _other(shut: Shut, closures: Known, locale: str) -> Notice:
    return Notice(
        shut.reason, shut.note, shut.name(locale), False,  # noqa: FBT003 - is it the stop itself
        shut.since, shut.until, closures.at,
    )  # fmt: skip
