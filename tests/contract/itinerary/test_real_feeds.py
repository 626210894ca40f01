"""Two published feeds: every row accounted for, dates as their tables say, rides that exist."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from services.itinerary.domain.transit.access import NEVER, Access
from services.itinerary.domain.transit.day import changes_of, transit_day, walk_minutes
from services.itinerary.domain.transit.journey import journey
from services.itinerary.domain.transit.profile import profiles
from services.itinerary.domain.transit.timetable import Boarding, Timetable
from services.itinerary.gateways.gtfs.reader import Feed, read

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "gtfs"
MURORAN, NAKATSUGAWA = (
    "donanbus_muroran_20200401_gtfs-jp.zip", "nakatsugawa_20201001_gtfs.zip",
)  # fmt: skip


def feed_of(name: str) -> Feed:
    if not SHARED.is_dir():
        pytest.skip("the feeds lie in ../shared, which is not there")
    return read(SHARED / name)


@pytest.fixture(scope="module")
def muroran() -> Timetable:
    return feed_of(MURORAN).timetable


@pytest.fixture(scope="module")
def nakatsugawa() -> Timetable:
    return feed_of(NAKATSUGAWA).timetable


@pytest.mark.parametrize(
    ("name", "lines", "runs", "calls", "poles"),
    [(MURORAN, 74, 541, 20_594, 466), (NAKATSUGAWA, 21, 82, 1_672, 369)],
)
def test_no_row_is_lost(name: str, lines: int, runs: int, calls: int, poles: int) -> None:
    feed = feed_of(name)
    assert feed.report.used == feed.report.read
    assert feed.report.problems == []
    table = feed.timetable
    assert (len(table.lines), len(table.runs), len(table.stops)) == (lines, runs, poles)
    assert sum(len(run.calls) for run in table.runs) == calls
    assert feed.time_zone == "Asia/Tokyo"


# Checked by hand in calendar.txt, calendar_dates.txt and trips.txt.
@pytest.mark.parametrize(
    ("day", "runs"),
    [
        (date(2020, 9, 30), 0),  # the day before it begins
        (date(2020, 10, 1), 34),  # Thursday: 6 阿木, 4 加子母, 16 坂下, 8 福岡木
        (date(2020, 10, 2), 54),  # Friday
        (date(2020, 10, 6), 39),  # Tuesday, with the 8 of 福岡火
        (date(2020, 10, 10), 4),  # Saturday: 加子母 alone
        (date(2020, 10, 11), 0),  # Sunday
        (date(2020, 11, 3), 8),  # 文化の日: only 福岡火 is not taken out
        (date(2020, 11, 23), 0),  # 勤労感謝の日
        (date(2020, 12, 29), 0),
        (date(2021, 3, 31), 43),  # the last day, without 阿木水
        (date(2021, 4, 1), 0),
    ],
)
def test_services_of_single_weekdays(nakatsugawa: Timetable, day: date, runs: int) -> None:
    assert len(nakatsugawa.runs_on(day)) == runs


@pytest.mark.parametrize(
    ("day", "service", "runs"),
    [
        (date(2020, 4, 1), "weekday", 288),
        (date(2020, 4, 29), "weekend", 253),  # 昭和の日
        (date(2020, 5, 7), "weekday", 288),
        (date(2020, 8, 13), "weekend", 253),  # 盆
        (date(2020, 8, 15), "weekend", 253),  # a Saturday that the exceptions name too
        (date(2021, 4, 1), "weekday", 288),
        (date(2021, 4, 2), "", 0),
    ],
)
def test_holidays_run_as_weekends(muroran: Timetable, day: date, service: str, runs: int) -> None:
    found = Counter(run.service_id for run in muroran.runs_on(day))
    assert found == ({service: runs} if runs else {})


@pytest.mark.parametrize("name", [MURORAN, NAKATSUGAWA])
def test_ways_are_as_soon_as_profiles_say_and_every_ride_is_in_the_feed(name: str) -> None:
    """Hail and ride included: in Muroran one waves to the driver at every call."""
    timetable, day = feed_of(name).timetable, date(2020, 10, 6)
    today = transit_day(timetable, day, changes_of(timetable.stops))
    points = [stop.point for stop in timetable.stops[:: len(timetable.stops) // 12] if stop.point]
    near = tuple(
        tuple((index, walk) for index, stop in enumerate(timetable.stops)
              if stop.point and (walk := walk_minutes(point, stop.point)) <= 10)
        for point in points
    )  # fmt: skip
    nobody_walks = tuple(tuple(0 if one == other else NEVER for other in points) for one in points)
    access = Access(near, nobody_walks)
    found = profiles(today, access, 420, 1_200)
    published = {
        (run.run_id, call.stop, call.depart_minute): call.on
        for run in timetable.runs_on(day) for call in run.calls
    }  # fmt: skip
    rides = 0
    for one in range(len(points)):
        for other in range(len(points)):
            for minute in (420, 600, 840):
                way = journey(today, access, one, other, minute)
                told = found.arrival(one, other, minute)
                assert (way.arrive_minute if way else NEVER) == told
                for ride in way.rides if way else ():
                    rides += 1
                    run = today.runs[ride.run]
                    on = published[run.run_id, ride.from_stop, ride.depart_minute]
                    assert on is ride.on is not Boarding.NONE
    assert rides > 10
