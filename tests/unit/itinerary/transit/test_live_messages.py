"""Messages of operators, hostile ones too: what is read of them, and that nothing breaks."""

import msgspec
import pytest
from google.transit import gtfs_realtime_pb2 as rt
from hypothesis import given
from hypothesis import strategies as st

from services.itinerary.domain.transit.live import LiveTime
from services.itinerary.gateways import live, live_reader
from services.itinerary.gateways.live import Asked, LiveFeeds
from services.itinerary.gateways.live_reader import answer
from services.itinerary.gateways.live_reply import LiveReply
from simulators.gtfs_rt.play import Play, Run

CARD = "4111 1111 1111 1111"


def reply(play: Play, what: str = "trip_updates") -> LiveReply:
    found = answer(play.message(what).SerializeToString())
    # What the child writes is what the service reads.
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=LiveReply) == found
    return found


def play(**orders: object) -> Play:
    runs = {"t1": Run("t1", "r1", [("a", 1, 36000), ("b", 2, 36600), ("c", 3, 37200)])}
    return Play(runs, **orders)  # type: ignore[arg-type]


def test_delays_cancellations_and_skipped_stops_are_read() -> None:
    found = reply(
        play(trips={"t1": {"delay_s": 720, "from_stop": "b", "skip": ["c"],
                           "start_date": "20261129"},
                    "t2": {"canceled": True}, "t3": {"delay_s": 60}}, added=2)
    )  # fmt: skip
    assert found.told_time > 0
    one, two, three = found.runs
    assert (one.run_id, one.start_date, one.canceled) == ("t1", "20261129", False)
    assert [(c.stop_id, c.sequence, c.arrive, c.skipped) for c in one.calls] == [
        ("a", 1, LiveTime(0), False), ("b", 2, LiveTime(720), False), ("c", 3, LiveTime(), True),
    ]  # fmt: skip
    assert (two.canceled, two.calls) == (True, ())
    assert three.delay_s == 60
    assert (found.ignored, found.refused) == (2, 0)


def test_moments_are_read_as_such() -> None:
    found = reply(play(trips={"t1": {"absolute": True, "midnight": 1_700_000_000, "delay_s": 60}}))
    assert found.runs[0].calls[0].depart == LiveTime(None, 1_700_036_060)
    assert reply(play(trips={"t1": {"no_data": True}})).runs[0].calls[0].no_data


def test_alerts_are_read_by_language_and_what_cannot_be_shown_is_left_aside() -> None:
    alerts = [
        {"header": {"": "迂回", "en": "Detour", "zh-TW": "改道", "xx": "?"}, "routes": ["r1"],
         "stops": ["a"], "trips": ["t1"], "from_s": 5, "until_s": 9},
        {"header": {"ja": f"カード {CARD}"}},
        {"header": {"en": "To\0 all\n of   you"}, "text": {"fr": "À tous" + "!" * 5000}},
    ]  # fmt: skip
    found = reply(play(alerts=alerts), "alerts")
    one, other = found.alerts
    assert one.titles == {"ja": "迂回", "en": "Detour", "zh-Hant": "改道"}
    assert (one.line_ids, one.stop_ids, one.run_ids) == (("r1",), ("a",), ("t1",))
    assert (one.from_s, one.until_s, one.everything) == (5, 9, False)
    assert other.titles == {"en": "To all of you"}
    assert len(other.texts["fr"]) == live_reader.TEXT_CHARACTERS
    assert other.everything
    assert found.refused == 1


def test_of_positions_only_their_number_is_read() -> None:
    found = reply(play(vehicles=3), "vehicles")
    assert found.vehicles == 3
    assert b"34.2" not in msgspec.msgpack.encode(found)
    assert not found.runs
    assert not found.alerts


def test_what_is_no_whole_message_is_refused_with_a_reason() -> None:
    body = play(trips={"t1": {"delay_s": 1}}).message("trip_updates").SerializeToString()
    assert answer(body[:-5]).reason == "NOT_GTFS_RT"
    assert answer(b"").reason == "NOT_GTFS_RT"
    assert answer(b"<!doctype html>").reason == "NOT_GTFS_RT"
    assert reply(play(habit="differential")).reason == "DIFFERENTIAL"


def test_too_much_is_refused_before_it_is_worked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    many = play(added=12)
    monkeypatch.setattr(live_reader, "MOST_ENTITIES", 11)
    assert reply(many).reason == "TOO_LARGE"
    monkeypatch.setattr(live_reader, "MOST_ENTITIES", 12)
    monkeypatch.setattr(live_reader, "MOST_CALLS", 11)
    assert reply(many).reason == "TOO_LARGE"
    monkeypatch.setattr(live_reader, "MOST_ALERTS", 1)
    two = reply(play(alerts=[{"header": {"ja": "一"}}, {"header": {"ja": "二"}}]), "alerts")
    assert (len(two.alerts), two.refused) == (1, 1)


def test_ids_that_are_none_are_counted_as_refused() -> None:
    made = rt.FeedMessage()
    made.header.gtfs_realtime_version = "2.0"
    for number, trip_id in enumerate(("", "x" * 201, "a\0b", "fine")):
        made.entity.add(id=str(number)).trip_update.trip.trip_id = trip_id
    made.entity[3].trip_update.trip.start_date = "tomorrow"
    made.entity.add(id="gone", is_deleted=True).trip_update.trip.trip_id = "gone"
    found = answer(made.SerializeToString())
    assert [(run.run_id, run.start_date) for run in found.runs] == [("fine", "")]
    assert found.refused == 3


@given(st.binary(max_size=400))
def test_noise_is_never_more_than_refused(noise: bytes) -> None:
    found = answer(noise)
    assert not found.broke
    assert found.reason in {"", "NOT_GTFS_RT", "DIFFERENTIAL", "TOO_LARGE"}


@given(st.binary(min_size=1, max_size=30), st.integers(0, 300))
def test_a_damaged_message_breaks_nothing(noise: bytes, place: int) -> None:
    whole = play(trips={"t1": {"delay_s": 60}}, alerts=[{"header": {"ja": "一"}}])
    body = whole.message("trip_updates").SerializeToString()
    place %= len(body)
    found = answer(body[:place] + noise + body[place + len(noise) :])
    assert not found.broke


@pytest.mark.parametrize("word", ["TRIP", "STOP", "2026", "TEXT", "ROAD", "LANG"])
def test_a_text_that_is_no_utf_8_spoils_nothing_but_itself(word: str) -> None:
    message = rt.FeedMessage()
    message.header.gtfs_realtime_version = "2.0"
    message.entity.add(id="1").trip_update.trip.trip_id = "other"
    update = message.entity.add(id="2").trip_update
    update.trip.trip_id, update.trip.start_date = "TRIP", "20262026"
    update.stop_time_update.add(stop_id="STOP").arrival.delay = 60
    alert = message.entity.add(id="3").alert
    alert.header_text.translation.add(text="TEXT", language="LANG")
    alert.header_text.translation.add(text="迂回", language="ja")
    alert.informed_entity.add(route_id="ROAD")
    found = answer(message.SerializeToString().replace(word.encode(), b"\xff\xfe\xc0\x80"))
    assert (found.broke, found.reason) == ("", "")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=LiveReply) == found
    assert found.runs[0].run_id == "other"
    assert found.refused == (word == "TRIP")
    assert found.alerts[0].titles["ja"] == "迂回"


async def test_an_answer_that_is_none_is_a_fault_of_its_address_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = msgspec.msgpack.encode({"alerts": [{"titles": {"ja": b"\xff"}}], "runs": 5})

    async def got(*_: object) -> tuple[bytes, str, str]:
        return b"", "", ""

    async def read(*_: object) -> bytes:
        return wrong

    monkeypatch.setattr(LiveFeeds, "_get", got)
    monkeypatch.setattr(live, "ask_once", read)
    assert await LiveFeeds().ask("https://gtfs.example.jp/rt", "", "") == Asked("NOT_GTFS_RT")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://gtfs.example.jp/rt?key=1", ""),
        ("http://gtfs.example.jp/rt", "NOT_HTTPS"),
        ("ftp://gtfs.example.jp/rt", "NOT_HTTPS"),
        ("https://10.0.0.1/rt", "NOT_PUBLIC"),
        ("https://[::1]/rt", "NOT_PUBLIC"),
        ("https://127.0.0.1/rt", "NOT_PUBLIC"),
        ("http://127.0.0.1/rt", "NOT_HTTPS"),
        ("https://me:secret@gtfs.example.jp/rt", "BAD_ADDRESS"),
        ("https://127.1/rt", "BAD_ADDRESS"),
        ("https://2130706433/rt", "BAD_ADDRESS"),
        ("https://127.0.0.1./rt", "BAD_ADDRESS"),
        ("https:///rt", "BAD_ADDRESS"),
        ("https://x:99999/rt", "BAD_ADDRESS"),
        ("https://x/a b", "BAD_ADDRESS"),
        ("https://x/" + "a" * 500, "BAD_ADDRESS"),
        ("javascript:alert(1)", "BAD_ADDRESS"),
    ],
)
def test_only_addresses_of_the_internet_are_asked(url: str, reason: str) -> None:
    assert LiveFeeds().why_not(url) == reason


def test_what_an_operator_of_the_machine_allows_is_asked_by_plain_http_too() -> None:
    here = LiveFeeds.from_environment({"MEGURI_REALTIME_NETWORKS": "127.0.0.0/8, 10.1.0.0/16"})
    assert here.why_not("http://127.0.0.1:8098/trip_updates") == ""
    assert here.why_not("https://10.1.2.3/rt") == ""
    assert here.why_not("http://10.2.0.1/rt") == "NOT_HTTPS"
    with pytest.raises(ValueError, match="nowhere"):
        LiveFeeds(["nowhere"])
