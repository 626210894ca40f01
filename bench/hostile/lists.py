"""What towns and bus companies publish: lists of sights, and tables of a GTFS feed."""

import contextlib
import tempfile
import zipfile
from datetime import date
from pathlib import Path

from services.itinerary.domain.transit.day import transit_day
from services.itinerary.gateways import municipal_file
from services.itinerary.gateways.gtfs.archive import BadFeed
from services.itinerary.gateways.gtfs.reader import read as read_feed
from services.itinerary.gateways.municipal_file import BadMunicipalFile

DAY = date(2026, 12, 1)
SIGHTS = (
    "NO,名称,緯度,経度,利用可能曜日,開始時間,終了時間,利用可能日時特記事項,料金(基本),料金(詳細)\n"
    "1,石灰洞,34.2,131.3,火水木金土日,9:00,17:00,第3日曜日休館。入館は16:00まで,500円,大人500円\n"
    "2,西蔵,,,月水木金土日,9:00,17:00,火曜日が祝日の場合は開館し、翌日を閉館。年末年始休館,無料,\n"
)
TABLES = {
    "stops": "stop_id,stop_name,stop_lat,stop_lon\na,秋芳洞,34.2,131.3\nb,弁天池,34.3,131.2\n",
    "routes": "route_id,route_short_name,route_long_name\n1,10,弁天線\n",
    "calendar": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,"
    "end_date\nTue,0,1,0,0,0,0,0,20261001,20270331\n",
    "calendar_dates": "service_id,date,exception_type\nTue,20261103,2\n",
    "trips": "route_id,service_id,trip_id\n1,Tue,out\n",
    "stop_times": "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,"
    "drop_off_type\nout,09:00:00,09:00:00,a,1,0,1\nout,25:20:30,25:20:30,b,2,3,2\n",
}
FOLDER = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(tempfile.gettempdir())  # noqa: S108 - memory, where there is some


def read_sights(data: bytes) -> None:
    """Reads a list of sights. Raises for a finding only."""
    with tempfile.NamedTemporaryFile(dir=FOLDER) as file:
        file.write(data)
        file.flush()
        with contextlib.suppress(BadMunicipalFile):
            found = municipal_file.read(Path(file.name))
            if found.counts.total() < len(found.refused):
                raise AssertionError("a row was refused without a reason")


def read_timetable(data: bytes) -> None:
    """Reads a feed in which one table is of a stranger: the first byte says which. Then its day."""
    names = list(TABLES)
    name = names[data[0] % len(names)] if data else names[0]
    with tempfile.NamedTemporaryFile(dir=FOLDER, suffix=".zip") as file:
        with zipfile.ZipFile(file, "w") as made:
            for each, text in TABLES.items():
                made.writestr(f"{each}.txt", data[1:] if each == name else text)
        file.flush()
        with contextlib.suppress(BadFeed):
            feed = read_feed(Path(file.name))
            if min(feed.report.used.values()) < 0:
                raise AssertionError("more rows were refused than read")
            _ = transit_day(feed.timetable, DAY).hops


SIGHT_SEEDS = [SIGHTS.encode(), SIGHTS.encode("cp932"), SIGHTS.encode("utf-8-sig")]
FEED_SEEDS = [bytes([number]) + text.encode() for number, text in enumerate(TABLES.values())]
