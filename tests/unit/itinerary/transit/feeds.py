"""A small GTFS archive to be changed by tests."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

TABLES = {
    "agency.txt": "agency_id,agency_name,agency_timezone\n1,町営バス,Asia/Tokyo\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\n"
    "hub,秋芳洞,34.2297,131.3033,1,\n"
    "hub_1,秋芳洞,34.2297,131.3033,0,hub\n"
    "pond,弁天池,34.2900,131.2500,,\n",
    "routes.txt": "route_id,agency_id,route_short_name,route_long_name,route_type\n"
    "1,1,10,弁天線,3\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,"
    "start_date,end_date\nTue,0,1,0,0,0,0,0,20261001,20270331\n",
    "calendar_dates.txt": "service_id,date,exception_type\nTue,20261103,2\nOnce,20261129,1\n",
    "trips.txt": "route_id,service_id,trip_id,trip_headsign\n"
    "1,Tue,out,弁天池\n1,Once,late,弁天池\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,"
    "drop_off_type\n"
    "out,09:00:00,09:00:00,hub_1,1,0,1\nout,09:20:30,09:20:30,pond,2,3,2\n"
    "late,25:10:00,25:10:00,pond,20,,\nlate,24:50:00,24:50:00,hub_1,3,,\n",
    "feed_info.txt": "feed_publisher_name,feed_version\n町,2026-10\n",
}


def archive(folder: Path, changes: Mapping[str, str | None] | None = None) -> Path:
    """Writes a feed. changes: other tables; None: it is not there."""
    path = folder / "feed.zip"
    with zipfile.ZipFile(path, "w") as made:
        for name, text in {**TABLES, **(changes or {})}.items():
            if text is not None:
                made.writestr(name, text)
    return path


def plus(table: str, *lines: str) -> dict[str, str | None]:
    """Returns a change: a table with more lines."""
    return {table: TABLES[table] + "".join(f"{line}\n" for line in lines)}
