"""All timetables of an area as one network: nothing is lost, nothing collides."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.itinerary.domain.place import KnownPoint, Point, PointQuality
from services.itinerary.domain.transit.kept import (
    KeptFeed,
    agree,
    differing_stops,
    facts_of_feed,
    facts_of_line,
)
from services.itinerary.domain.transit.line import PASSES, KeptLine, LineFare
from services.itinerary.domain.transit.merge import network_of
from services.itinerary.domain.transit.network import KnownWalk, Network, Taxi, TimeBasis
from services.itinerary.domain.transit.timetable import (
    Boarding,
    Call,
    Line,
    Run,
    Service,
    Timetable,
    TransitStop,
)
from services.itinerary.domain.transit.ways import KeptTaxi, KeptWalk, Ways
from services.itinerary.store import feeds
from services.itinerary.store.timetables import body_of
from tests.unit.itinerary.transit.lines import faults, kept_lines, line, run, said, stop

HERE = KnownPoint(Point(34.2, 131.3), PointQuality.SOURCE)
UNTIL = date(2027, 3, 31)


def feed(timetable_id: str = "town", count: int = 2) -> KeptFeed:
    """A feed whose ids are those of the lines of other tests."""
    added, removed = frozenset({date(2026, 12, 29)}), frozenset({date(2026, 12, 28)})
    weekdays = Service("s", frozenset({0, 6}), date(2026, 10, 1), UNTIL, added, removed)
    table = Timetable(
        [TransitStop("hub", "停", Point(34.2, 131.3), "yard"), TransitStop("pond", "池", None)],
        {"cave-line": Line("cave-line", "10", "道南バス")}, {"s": weekdays},
        [
            Run(f"r{n}", "cave-line", "s", "池", (
                Call(0, 500 + n, 500 + n, Boarding.ASK_DRIVER, Boarding.NONE),
                Call(1, 520 + n, 519 + n),
            ))
            for n in range(count)
        ],
        version="7", publisher="町",
    )  # fmt: skip
    return KeptFeed(timetable_id, table, "ja", "0143-00-0000")


def merged(lines: Sequence[KeptLine] = (), feeds_: Sequence[KeptFeed] = ()) -> Network:
    return network_of("v", lines, feeds_, Ways())


@given(st.data(), st.integers(0, 4), st.integers(0, 2))
def test_every_run_of_what_is_not_suspended_is_in_it_with_its_times(
    data: st.DataObject, lines: int, feed_count: int
) -> None:
    kept = [data.draw(kept_lines(f"line-{number}")) for number in range(lines)]
    published = [feed(f"feed-{number}") for number in range(feed_count)]
    network = merged(kept, published)
    table = network.timetable
    found = {each.run_id: each for each in table.runs}
    running = [each for each in kept if not each.suspended]
    assert (
        len(found) == len(table.runs) == sum(len(each.runs) for each in running) + (2 * feed_count)
    )
    assert set(network.runs) == set(found)
    assert (
        set(network.lines)
        == set(table.lines)
        == {each.line_id for each in table.runs} | {each.timetable_id for each in running}
    )
    assert len({each.stop_id for each in table.stops}) == len(table.stops)
    assert set(network.stop_names) == {each.stop_id for each in table.stops}
    for each in running:
        for one in each.runs:
            made = found[f"{each.timetable_id}/{one.run_id}"]
            told = [(each.stops[place].stop_id, minute)
                    for place, minute in enumerate(one.minutes) if minute != PASSES]  # fmt: skip
            assert told == [
                (table.stops[call.stop].stop_id, call.depart_minute) for call in made.calls
            ]
            assert {call.on for call in made.calls} == {
                Boarding.CALL_AHEAD if one.call_ahead else Boarding.REGULAR
            }
            assert network.runs[made.run_id] == one.facts
    for each_stop in table.stops:
        if "/" not in each_stop.stop_id and each_stop.stop_id in "abc":
            assert network.stop_places[each_stop.stop_id] == f"place-{each_stop.stop_id}"
            assert each_stop.point is None


@given(st.data())
def test_on_each_date_as_many_run_as_by_themselves(data: st.DataObject) -> None:
    kept = [data.draw(kept_lines(f"line-{number}")) for number in range(3)]
    network = merged(kept, [feed()])
    for more in range(0, 400, 23):
        day = date(2026, 9, 20) + timedelta(days=more)
        wanted = [f"{each.timetable_id}/{one.run_id}" for each in kept if not each.suspended
                  for one in each.runs if one.days.service("x").runs_on(day)]  # fmt: skip
        wanted += [f"town/{one.run_id}" for one in feed().timetable.runs_on(day)]
        assert sorted(one.run_id for one in network.timetable.runs_on(day)) == sorted(wanted)


def test_one_stop_id_on_two_lines_is_one_stop_and_a_feed_has_its_own() -> None:
    back = line(timetable_id="back", stops=(stop("school"), stop("hub", place_id="bus-center",
                names={"en": "Hub"})), runs=(run("one", 1, 2),), fares=())  # fmt: skip
    network = merged([line(), back], [feed()])
    assert [each.stop_id for each in network.timetable.stops] == [
        "hub", "pond", "school", "town/hub", "town/pond",
    ]  # fmt: skip
    assert network.stop_names["hub"] == {"ja": "停 hub", "en": "Hub"}
    assert network.stop_names["town/hub"] == {"ja": "停"}
    assert network.stop_places == {"hub": "bus-center"}
    assert network.timetable.stops[3].station_id == "town/yard"
    assert {each.line_id for each in network.timetable.runs} == {
        "cave-line", "back", "town/cave-line",
    }  # fmt: skip
    assert network.lines["town/cave-line"].timetable_id == "town"
    assert network.lines["town/cave-line"].phone == "0143-00-0000"


def test_only_a_published_point_is_walked_to() -> None:
    near = KnownPoint(HERE.point, PointQuality.ADJACENT)
    kept = line(stops=(stop("hub", location=HERE), stop("pond", location=near), stop("school")))
    assert [each.point for each in merged([kept]).timetable.stops] == [HERE.point, None, None]
    assert facts_of_line(kept).nowhere == 2


def test_fares_hold_either_way_on_their_line_alone() -> None:
    network = merged([line(), line(timetable_id="other", fares=(LineFare("pond", "hub", 9),))])
    assert network.fare_yen("cave-line", "school", "hub") == 400
    assert network.fare_yen("cave-line", "hub", "pond") is None
    assert network.fare_yen("other", "hub", "pond") == 9
    assert network.child_fare_yen("cave-line", "school", "hub") is None


def test_a_childs_fare_is_known_where_it_is_recorded() -> None:
    network = merged([line(fares=(LineFare("hub", "school", 410, 210),))])
    assert network.fare_yen("cave-line", "hub", "school") == 410
    assert network.child_fare_yen("cave-line", "school", "hub") == 210


def test_ways_are_in_it() -> None:
    walk, taxi = KnownWalk("a", "b", 8), Taxi({"ja": "タクシー"}, "0837")
    network = network_of("v", [], [], Ways((KeptWalk(walk, "seen"),), (KeptTaxi(taxi),)))
    assert (network.walks, network.taxis, network.version) == ((walk,), (taxi,), "v")


def test_a_feed_is_vouched_for_by_its_publisher_until_its_last_date() -> None:
    network = merged([], [feed()])
    assert network.runs["town/r0"].basis_on(UNTIL) == (TimeBasis.CONFIRMED, "")
    assert network.runs["town/r0"].basis_on(UNTIL + timedelta(days=1)) == (TimeBasis.RECORDED, "")
    facts = facts_of_feed(feed())
    assert (facts.confirmed, facts.last_date, facts.nowhere) == ({"2027-03-31": 2}, "2027-03-31", 1)
    assert (facts.names, facts.operator) == ({"ja": "町"}, "道南バス")
    assert (facts.confirmed_on(UNTIL), facts.confirmed_on(UNTIL + timedelta(days=1))) == (2, 0)


def test_a_list_tells_how_many_runs_are_confirmed_and_until_when() -> None:
    kept = line(runs=(
        run("a", 1, 2, 3, confirmation=said("2026-12-05")), run("b", 1, 2, 3),
        run("c", 1, 2, 3, confirmation=said()), run("d", 1, 2, 3, confirmation=said()),
    ))  # fmt: skip
    facts = facts_of_line(kept)
    assert (facts.run_count, facts.first_until) == (4, "2026-12-05")
    assert [facts.confirmed_on(date(2026, 12, day)) for day in (5, 6)] == [3, 2]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (stop("hub"), True),
        (stop("hub", names={"en": "Hub"}), True),
        (stop("hub", names={"ja": "他"}), False),
        (stop("hub", place_id="x"), False),
        (stop("hub", location=HERE), False),
    ],
)
def test_lines_agree_on_a_stop_or_the_other_line_is_named(other: object, *, same: bool) -> None:
    assert agree(stop("hub"), other) == agree(other, stop("hub")) == same  # type: ignore[arg-type]
    there = {"cave-line": facts_of_line(line(stops=(stop("pond"), other), fares=()))}
    new = line(timetable_id="new", stops=(stop("school"), stop("hub")), fares=())
    found = differing_stops(new, there)
    assert [fault.path for fault in found] == ([] if same else ["line.stops[1]"])
    assert same or "cave-line" in found[0].text
    itself = line(stops=(stop("school"), stop("hub")), fares=())
    assert differing_stops(itself, there) == []


def test_a_feed_comes_back_from_its_bytes_and_equal_ones_give_equal_bytes() -> None:
    body = feeds.to_bytes(feed())
    back = feeds.from_bytes("town", body)
    assert back == feed()
    assert back.timetable.runs_on(date(2026, 12, 29)) == feed().timetable.runs_on(
        date(2026, 12, 29)
    )
    assert feeds.to_bytes(back) == body == feeds.to_bytes(feed())
    assert feeds.to_bytes(feed(count=3)) != body


def test_a_line_has_its_operator_in_other_languages() -> None:
    named = line(operator_names={"en": "Town Bus"})
    assert merged([named]).lines["cave-line"].operator_names == {"en": "Town Bus"}
    assert faults(line(operator_names={"en": " "})) == [("line.operator_names", "NO_NAME")]


def test_lines_from_before_operators_had_names_are_equal_to_what_they_were() -> None:
    kept = body_of(line())
    assert b"operator_names" not in kept
    assert b'"operator_names":{"en":"Town Bus"}' in body_of(line(operator_names={"en": "Town Bus"}))
