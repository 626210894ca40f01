"""The program that reads one GTFS-Realtime message, in a process of its own (kit/child.py): it came
over the internet. In: the message; out: a LiveReply as MessagePack.
"""

import sys
from collections.abc import Iterable
from typing import Literal

import msgspec
from google.protobuf.message import DecodeError
from google.transit import gtfs_realtime_pb2 as rt

from kit.bounded import keep_within
from kit.pure.card_text import holds_card_number
from kit.pure.languages import LOCALES
from services.itinerary.domain.transit.live import LiveAlert, LiveCall, LiveRun, LiveTime
from services.itinerary.gateways.live_reply import LiveReply

MOST_ENTITIES, MOST_CALLS, MOST_ALERTS = 20_000, 200_000, 100
MOST_ABOUT = 500  # lines, runs and stops of one alert
TEXT_CHARACTERS, ID_CHARACTERS = 1_000, 200
CANCELED = (rt.TripDescriptor.CANCELED, rt.TripDescriptor.DELETED)
# Runs that no timetable has: nobody can be sent to a bus whose stops are not known here.
NOT_OF_A_TIMETABLE = (
    rt.TripDescriptor.ADDED, rt.TripDescriptor.UNSCHEDULED, rt.TripDescriptor.DUPLICATED,
    rt.TripDescriptor.REPLACEMENT, rt.TripDescriptor.NEW,
)  # fmt: skip
NO_TIMES = (rt.TripUpdate.StopTimeUpdate.NO_DATA, rt.TripUpdate.StopTimeUpdate.UNSCHEDULED)
TIME_MOST = 1 << 40


def answer(body: bytes) -> LiveReply:
    """Returns what is to be said of a message, whatever is in it."""
    try:
        return _read(body)
    except DecodeError:
        return LiveReply(reason="NOT_GTFS_RT")
    except MemoryError:
        return LiveReply(reason="TOO_LARGE")
    except Exception as error:  # noqa: BLE001 - the caller logs it and uses nothing of the message
        return LiveReply(broke=type(error).__name__)


def _read(body: bytes) -> LiveReply:
    message = rt.FeedMessage()
    message.ParseFromString(body)
    if not message.IsInitialized() or not message.header.gtfs_realtime_version:
        return LiveReply(reason="NOT_GTFS_RT")
    if message.header.incrementality == rt.FeedHeader.DIFFERENTIAL:
        return LiveReply(reason="DIFFERENTIAL")
    if len(message.entity) > MOST_ENTITIES:
        return LiveReply(reason="TOO_LARGE")
    updates = [entity.trip_update for entity in message.entity if _has(entity, "trip_update")]
    if sum(len(update.stop_time_update) for update in updates) > MOST_CALLS:
        return LiveReply(reason="TOO_LARGE")
    known = [u for u in updates if u.trip.schedule_relationship not in NOT_OF_A_TIMETABLE]
    usable = [update for update in known if _is_id(update.trip.trip_id)]
    alerts = [_alert(entity.alert) for entity in message.entity if _has(entity, "alert")]
    shown = [alert for alert in alerts if alert is not None][:MOST_ALERTS]
    return LiveReply(
        min(message.header.timestamp, TIME_MOST), tuple(map(_run, usable)), tuple(shown),
        len(updates) - len(known), len(known) - len(usable) + len(alerts) - len(shown),
        sum(_has(entity, "vehicle") for entity in message.entity),
    )  # fmt: skip


def _has(entity: rt.FeedEntity, what: Literal["trip_update", "alert", "vehicle"]) -> bool:
    return not entity.is_deleted and entity.HasField(what)


def _run(update: rt.TripUpdate) -> LiveRun:
    trip = update.trip
    date = _said(trip.start_date)
    return LiveRun(
        trip.trip_id,
        date if len(date) == 8 and date.isascii() and date.isdecimal() else "",
        trip.schedule_relationship in CANCELED,
        update.delay if update.HasField("delay") else None,
        tuple(_call(each) for each in update.stop_time_update),
    )


def _call(update: rt.TripUpdate.StopTimeUpdate) -> LiveCall:
    kind = update.schedule_relationship
    return LiveCall(
        _said(update.stop_id)[:ID_CHARACTERS],
        update.stop_sequence if update.HasField("stop_sequence") else -1,
        _time(update.arrival) if update.HasField("arrival") else LiveTime(),
        _time(update.departure) if update.HasField("departure") else LiveTime(),
        skipped=kind == rt.TripUpdate.StopTimeUpdate.SKIPPED,
        no_data=kind in NO_TIMES
        or not (update.HasField("arrival") or update.HasField("departure")),
    )


def _time(event: rt.TripUpdate.StopTimeEvent) -> LiveTime:
    # A time of 0 stands in feeds that give only a delay.
    time = event.time if event.HasField("time") and 0 < event.time < TIME_MOST else None
    return LiveTime(event.delay if event.HasField("delay") else None, time)


def _alert(alert: rt.Alert) -> LiveAlert | None:
    """Returns an alert; None for one that says nothing that can be shown."""
    titles, texts = _texts(alert.header_text), _texts(alert.description_text)
    if not titles and not texts:
        return None
    period = alert.active_period[0] if alert.active_period else rt.TimeRange()
    about = alert.informed_entity[:MOST_ABOUT]
    lines = _ids(each.route_id for each in about)
    runs = _ids(each.trip.trip_id for each in about)
    stops = _ids(each.stop_id for each in about)
    return LiveAlert(
        titles, texts, min(period.start, TIME_MOST), min(period.end, TIME_MOST),
        not (lines or runs or stops), lines, runs, stops,
    )  # fmt: skip


def _texts(translated: rt.TranslatedString) -> dict[str, str]:
    """Returns texts by locale; one without a language is Japanese, as GTFS-JP has it."""
    found: dict[str, str] = {}
    for each in translated.translation[:40]:
        text = " ".join(_said(each.text).replace("\0", "").split())[:TEXT_CHARACTERS]
        locale = _locale(_said(each.language))
        if text and locale and not holds_card_number(text):
            found.setdefault(locale, text)
    return found


def _locale(language: str) -> str:
    """Returns a locale of the project; "" for one that no page is in."""
    wanted = (language or "ja").replace("_", "-").lower()
    chinese = {"zh": "zh-Hans", "zh-cn": "zh-Hans", "zh-tw": "zh-Hant", "zh-hk": "zh-Hant"}
    if wanted in chinese:
        return chinese[wanted]
    known = {locale.lower(): locale for locale in LOCALES}
    return known.get(wanted) or known.get(wanted.partition("-")[0], "")


def _ids(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in given if _is_id(each)))


def _is_id(text: str | bytes) -> bool:
    return isinstance(text, str) and 0 < len(text) <= ID_CHARACTERS and "\0" not in text


def _said(text: str | bytes) -> str:
    """Returns a text of the message. The parser gives one that is no UTF-8 as bytes, in spite of
    its types: the rest of the message is none the worse for it."""
    return text if isinstance(text, str) else text.decode(errors="replace")


if __name__ == "__main__":
    memory_bytes, cpu_s = map(int, sys.argv[1:])
    keep_within(memory_bytes, cpu_s)
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer(sys.stdin.buffer.read())))
