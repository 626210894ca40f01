"""A day in the formats of other programs: iCalendar for a calendar, GPX for a map on the phone.

Sources: RFC 5545 (iCalendar), GPX 1.1 (topografix.com/GPX/1/1). Both are read without a signal once
they are on the phone. Neither draws a way: positions and times are what the plan knows.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from google.protobuf.timestamp_pb2 import Timestamp

from services.edge import phones
from services.edge.listed import labeled
from services.edge.parts import locale
from services.edge.plan import cycles
from services.edge.plan.lunch import bring_something
from services.edge.plan.rides import ride_texts, ride_title
from services.edge.plan.shown import DayPage, Stay

MAKER = "-//Meguri//Itinerary//EN"


def calendar(pages: Sequence[tuple[DayPage, str]], *, made: datetime) -> bytes:
    """Returns the visits and rides of days as events, in the area's own time.

    pages: each with its address. made: aware, of this file.

    The id of an event is that of its itinerary and place: a calendar that has the day already
    takes a repaired one for a change and not for another day.
    """
    import icalendar  # noqa: PLC0415 - 40 ms that only who takes a day along should pay

    found = icalendar.Calendar()
    found.add("prodid", MAKER)
    found.add("version", "2.0")
    for page, url in pages:
        zone = ZoneInfo(page.itinerary.time_zone or "Asia/Tokyo")
        for event in (*_visit_events(page, url, zone, made), *_ride_events(page, zone, made),
                      *_breaks(page, zone, made), *_rental_events(page, zone, made)):  # fmt: skip
            found.add_component(event)
    found.add_missing_timezones()
    return bytes(found.to_ical())


def _visit_events(page: DayPage, url: str, zone: ZoneInfo, made: datetime) -> Iterator[Any]:
    import icalendar  # noqa: PLC0415 - as above

    for visit, stay in zip(page.itinerary.visits, page.stays, strict=True):
        event = icalendar.Event()
        event.add("uid", f"{page.itinerary.itinerary_id}-{visit.poi_id}@meguri")
        event.add("dtstamp", made.astimezone(UTC))
        event.add("dtstart", _local(visit.start_time, zone))
        event.add("dtend", _local(visit.end_time, zone))
        event.add("summary", f"{stay.number}. {stay.name.text}")
        event.add("location", stay.name.text)
        if visit.location.HasField("point") and not stay.estimated:
            point = visit.location.point
            event.add("geo", (point.latitude, point.longitude))
        event.add("description", "\n".join([*_said(stay), url]))
        event.add("url", url)
        yield event


def _ride_events(page: DayPage, zone: ZoneInfo, made: datetime) -> Iterator[Any]:
    """Gives an event for each ride, so that the phone reminds of the bus too."""
    import icalendar  # noqa: PLC0415 - as above

    rides = [ride for leg in page.itinerary.legs for ride in leg.rides]
    for number, (ride, shown) in enumerate(zip(rides, page.rides, strict=True)):
        event = icalendar.Event()
        event.add("uid", f"{page.itinerary.itinerary_id}-ride-{number}@meguri")
        event.add("dtstamp", made.astimezone(UTC))
        event.add("dtstart", _local(ride.depart_time, zone))
        event.add("dtend", _local(ride.arrive_time, zone))
        event.add("summary", ride_title(shown))
        event.add("location", shown.on.text)
        event.add("description", "\n".join(ride_texts([shown])))
        yield event


def _breaks(page: DayPage, zone: ZoneInfo, made: datetime) -> Iterator[Any]:
    """Gives an event for a lunch that the party brings along."""
    import icalendar  # noqa: PLC0415 - as above

    for visit, stay in zip(page.itinerary.visits, page.stays, strict=True):
        if not stay.pause:
            continue
        event, begin = icalendar.Event(), _local(visit.end_time, zone)
        event.add("uid", f"{page.itinerary.itinerary_id}-lunch@meguri")
        event.add("dtstamp", made.astimezone(UTC))
        event.add("dtstart", begin)
        event.add("dtend", begin + timedelta(minutes=visit.pause_minutes))
        event.add("summary", stay.pause)
        event.add("location", stay.name.text)
        event.add("description", bring_something())
        yield event


def _rental_events(page: DayPage, zone: ZoneInfo, made: datetime) -> Iterator[Any]:
    """Gives an event for where the cycles are fetched and one for bringing them back."""
    import icalendar  # noqa: PLC0415 - as above

    rented, it = page.renting, page.itinerary
    if rented is None or rented.name is None or not it.legs:
        return
    moments = (
        ("fetch", it.depart_time, _("Fetch the cycle")),
        ("back", it.finish_time, cycles.back_text(rented) or _("Bring the cycle back")),
    )
    for name, stamp, text in moments:
        event = icalendar.Event()
        event.add("uid", f"{it.itinerary_id}-cycle-{name}@meguri")
        event.add("dtstamp", made.astimezone(UTC))
        event.add("dtstart", _local(stamp, zone))
        event.add("summary", text)
        event.add("location", rented.name.text)
        event.add("description", "\n".join(cycles.facts(rented)))
        yield event


def waypoints(page: DayPage, *, title: str, url: str) -> bytes:
    """Returns the places of a day that have a point, numbered as in the plan, as GPX waypoints.

    A place whose point is only roughly known says so in its description.
    """
    import gpxpy.gpx  # noqa: PLC0415 - as above

    found = gpxpy.gpx.GPX()
    found.creator, found.name, found.link = "Meguri", title, url
    for visit, stay in zip(page.itinerary.visits, page.stays, strict=True):
        if not visit.location.HasField("point"):
            continue
        point = visit.location.point
        found.waypoints.append(
            gpxpy.gpx.GPXWaypoint(
                latitude=point.latitude, longitude=point.longitude,
                name=f"{stay.number}. {stay.name.text}",
                description="\n".join([f"{stay.clock}–{stay.leave}", *_said(stay)]),
                time=visit.start_time.ToDatetime(tzinfo=UTC),
            )
        )  # fmt: skip
    rented, point = page.renting, page.itinerary.end.location.point
    if rented and rented.name and page.itinerary.end.location.HasField("point"):
        found.waypoints.append(
            gpxpy.gpx.GPXWaypoint(
                latitude=point.latitude, longitude=point.longitude, name=rented.name.text,
                description="\n".join(filter(None, [cycles.back_text(rented),
                                                    *cycles.facts(rented)])),
            )
        )  # fmt: skip
    return str(found.to_xml(version="1.1")).encode()


def _said(stay: Stay) -> Iterator[str]:
    """Gives what a person should know of a visit, line by line."""
    if stay.closed:
        yield f"{labeled(_('Closed'), locale())} {stay.closed}"
    if stay.move:
        yield from ride_texts(stay.move.rides)
        if stay.move.text:
            yield f"{stay.move.clock} {stay.move.text}"
    yield f"{labeled(_('Fees'), locale())} {stay.fee}"
    if stay.pause:
        yield f"{stay.pause_clock} {stay.pause}. {bring_something()}"
    if stay.ask_first:
        yield _("Hours or fees come from weak sources and may have changed.")
    if stay.estimated:
        yield _("Known only roughly. Follow the signs on the last stretch.")
    if stay.phone:
        yield f"{labeled(_('Phone'), locale())} {phones.shown(stay.phone, locale())}"


def _local(stamp: Timestamp, zone: ZoneInfo) -> datetime:
    return stamp.ToDatetime(tzinfo=UTC).astimezone(zone)
