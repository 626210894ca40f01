"""Days that were kept before their rides were noted are found by the lines they ride, too."""

from collections.abc import Iterator

import psycopg
import pytest

from kit.migrate import migrate
from tests import servers

KEPT = (
    "insert into itineraries (area, itinerary_id, version, visit_date, body, create_time)"
    " values ('mine', gen_random_uuid(), 1, '2028-11-18', %s::jsonb, now())"
)
BY_BUS = (
    '{"legs": [{"rides": [{"timetable_id": "out"}, {"timetable_id": "out"}]},'
    ' {"rides": [{"timetable_id": "back"}]}]}'
)


@pytest.fixture
def databases(service_databases: servers.ServiceDatabases) -> Iterator[servers.ServiceDatabases]:
    """Databases that are gone after the test."""
    yield service_databases
    service_databases.drop_made()


def test_rides_of_kept_days_are_noted(databases: servers.ServiceDatabases) -> None:
    url = databases.make_at("itinerary", "0007")
    with psycopg.connect(url) as connection:
        connection.execute("set local meguri.area = '*'")
        # By bus, by car, of the first release (no rides), and without any way.
        for body in (BY_BUS, '{"legs": [{"rides": []}]}', '{"legs": [{}]}', '{"legs": []}'):
            connection.execute(KEPT, (body,))
    migrate("itinerary", url)
    with psycopg.connect(url) as connection:
        connection.execute("set local meguri.area = 'mine'")
        noted = connection.execute(
            "select timetable_id, visit_date::text from planned_rides order by timetable_id"
        ).fetchall()
        assert noted == [("back", "2028-11-18"), ("out", "2028-11-18")]
        connection.execute("delete from itineraries")
        assert connection.execute("select count(*) from planned_rides").fetchone() == (0,)
        connection.execute("set local meguri.area = 'elsewhere'")
        assert connection.execute("select count(*) from planned_rides").fetchone() == (0,)
