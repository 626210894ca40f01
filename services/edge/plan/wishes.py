"""From a form or a JSON body to a trip request; a sentence for each entry that cannot be used."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.edge.plan import days, lunch, visit_wishes, walking
from services.edge.plan.minutes import clock, clock_face, end_of, minute_of

DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
LATE_HOUR = 15  # from then on a form proposes tomorrow
DAY_START, DAY_END = "09:00", "17:00"
MAX_MUST = 8
PARTY = {"adults": "adult_count", "junior_high": "junior_high_count",
         "children": "child_count", "infants": "infant_count"}  # fmt: skip

Errors = dict[str, str]


def propose(now: datetime, start_place_id: str) -> MultiDict[str, str]:
    """Returns the entries of a fresh form: today while there is a day left, else tomorrow."""
    late = now.hour >= LATE_HOUR
    start = DAY_START
    if not late and now.hour >= 9:
        half_hours = (now.hour * 60 + now.minute + 29) // 30
        start = clock(half_hours * 30)
    day = now.date() + timedelta(days=1) if late else now.date()
    return MultiDict(
        {
            "visit_date": day.isoformat(), "start_time": start, "end_time": DAY_END, "mode": "car",
            "start": start_place_id, "end": "", "pace": "normal", "adults": "2",
            "junior_high": "0", "children": "0", "infants": "0", "budget_yen": "",
            "walk_stretch": walking.STRETCH, "walk_day": walking.DAY, "ease": walking.EASES[0],
            "lunch": lunch.YES, "lunch_from": lunch.FROM, "lunch_until": lunch.UNTIL,
            **days.proposed(),
        }
    )  # fmt: skip


def of_trip(trip: pb.TripRequest) -> MultiDict[str, str]:
    """Returns the entries of a form that would ask for this trip again."""
    entries: list[tuple[str, str]] = [
        ("visit_date", trip.visit_date),
        ("start_time", clock(trip.start_minute)),
        ("end_time", clock_face(trip.end_minute)),
        ("mode", pb.TravelMode.Name(trip.mode).removeprefix("TRAVEL_MODE_").lower()),
        ("start", trip.start.place_id),
        ("end", "" if trip.end == trip.start else trip.end.place_id),
        ("pace", pb.Pace.Name(trip.pace).removeprefix("PACE_").lower()),
        ("budget_yen", str(trip.budget_amount_yen) if trip.HasField("budget_amount_yen") else ""),
    ]
    entries += [(name, str(getattr(trip.party, field))) for name, field in PARTY.items()]
    entries += [("quieter", "1")] if trip.quieter else []
    entries += [("own_cycle", "1")] if trip.own_cycle else []
    entries += lunch.entries_of(trip) + walking.entries_of(trip)
    entries += [("interest", _interest_name(interest)) for interest in trip.interests]
    entries += [("must", poi_id) for poi_id in trip.must_poi_ids]
    entries += [("never", poi_id) for poi_id in trip.never_poi_ids]
    entries += visit_wishes.entries_of(trip)
    return MultiDict(entries)


def _interest_name(interest: pb.Interest.ValueType) -> str:
    return pb.Interest.Name(interest).removeprefix("INTEREST_").lower()


def of_form(form: MultiDict[str, str]) -> tuple[pb.TripRequest, Errors]:
    """Reads a submitted form; errors by entry name, in the visitor's language."""
    body: dict[str, Any] = {
        "visit_date": form.get("visit_date", ""),
        "start_time": form.get("start_time", ""),
        "end_time": form.get("end_time", ""),
        "mode": form.get("mode", ""),
        "pace": form.get("pace") or "normal",
        "start": {"place_id": form.get("start", "")},
        "interests": form.getlist("interest"),
        "must": form.getlist("must"),
        "never": form.getlist("never"),
        "party": {},
        "quieter": bool(form.get("quieter")),
        "own_cycle": form.get("mode") == "cycle" and form.get("own_cycle") == "1",
        "lunch": lunch.body_of(form),
    }
    errors: Errors = {}
    body |= walking.body_of(form, errors)
    if form.get("end"):
        body["end"] = {"place_id": form["end"]}
    for name in PARTY:
        body["party"][name] = _number(form.get(name) or "0", name, errors)
    if form.get("budget_yen", "").strip():
        body["budget_yen"] = _number(form["budget_yen"], "budget_yen", errors)
    trip, more = of_json(body)
    trip.end_minute = end_of(trip.start_minute, trip.end_minute)
    visit_wishes.read(form, trip, errors)
    return trip, more | errors


def _number(text: str, name: str, errors: Errors) -> int:
    plain = text.strip().replace(",", "").replace("¥", "")
    if plain.isascii() and plain.isdecimal() and len(plain) < 10:
        return int(plain)
    errors[name] = _("Enter a whole number.")
    return 1


def of_json(body: Mapping[str, Any]) -> tuple[pb.TripRequest, Errors]:
    """Reads the body of POST /api/v1/itineraries; errors by field name."""
    errors: Errors = {}
    trip = pb.TripRequest(
        visit_date=_date(body, errors),
        start_minute=_minute(body, "start_time", errors),
        end_minute=_minute(body, "end_time", errors),
        mode=_choice(body, "mode", pb.TravelMode, "TRAVEL_MODE", "car", errors),
        pace=_choice(body, "pace", pb.Pace, "PACE", "normal", errors),
        must_poi_ids=_ids(body, "must", errors),
        never_poi_ids=_ids(body, "never", errors),
        seed=_whole(body.get("seed", 0), "seed", errors, low=-(2**63)),
    )
    if len(trip.must_poi_ids) > MAX_MUST:
        errors["must"] = _("Choose at most %(count)s.", count=MAX_MUST)
    trip.start.CopyFrom(_location(body.get("start"), "start", errors))
    if body.get("end") is not None:
        trip.end.CopyFrom(_location(body["end"], "end", errors))
    _read_interests(body, trip, errors)
    _read_party(body, trip, errors)
    trip.quieter = _flag(body.get("quieter", False), "quieter", errors)
    trip.own_cycle = _flag(body.get("own_cycle", False), "own_cycle", errors)
    lunch.read(body.get("lunch"), trip, errors)
    walking.read(body, trip, errors)
    if body.get("budget_yen") is not None:
        trip.budget_amount_yen = _whole(body["budget_yen"], "budget_yen", errors)
    return trip, errors


def _date(body: Mapping[str, Any], errors: Errors) -> str:
    text = body.get("visit_date")
    try:
        if isinstance(text, str) and DATE.fullmatch(text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass  # such as 30 February
    errors["visit_date"] = _("Choose a date.")
    return ""


def _minute(body: Mapping[str, Any], name: str, errors: Errors) -> int:
    minute = minute_of(str(body.get(name, "")))
    if minute is None:
        errors[name] = _("Enter a time such as 09:30.")
    return minute or 0


def _choice(
    body: Mapping[str, Any], name: str, names: Any, prefix: str, default: str, errors: Errors
) -> Any:
    word = str(body.get(name, default)).upper()
    try:
        number = names.Value(f"{prefix}_{word}")
    except ValueError:
        number = 0
    if number == 0:
        errors[name] = _("Choose one of the possibilities.")
    return number


def _ids(body: Mapping[str, Any], name: str, errors: Errors) -> list[str]:
    found = body.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        errors[name] = _("Choose from the list.")
        return []
    return list(dict.fromkeys(found))


def _whole(value: object, name: str, errors: Errors, low: int = 0) -> int:
    # A bool is an int in Python, but true is no number of people; in JSON 2.0 is a whole number.
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and low <= value < 2**63:
        return value
    errors[name] = _("Enter a whole number.")
    return 0


def _flag(value: object, name: str, errors: Errors) -> bool:
    if not isinstance(value, bool):
        errors[name] = _("Choose one of the possibilities.")
    return value is True


def _location(value: object, name: str, errors: Errors) -> pb.Location:
    if isinstance(value, Mapping):
        if isinstance(value.get("place_id"), str) and value["place_id"]:
            return pb.Location(place_id=value["place_id"])
        latitude, longitude = _degrees(value.get("latitude")), _degrees(value.get("longitude"))
        if latitude is not None and longitude is not None:
            return pb.Location(point=pb.Point(latitude=latitude, longitude=longitude))
    errors[name] = _("Choose a place.")
    return pb.Location()


def _degrees(value: object) -> float | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 360
    return float(value) if usable else None  # type: ignore[arg-type] # a number by now


def _read_interests(body: Mapping[str, Any], trip: pb.TripRequest, errors: Errors) -> None:
    for word in _words(body.get("interests"), errors):
        try:
            trip.interests.append(pb.Interest.Value(f"INTEREST_{word.upper()}"))
        except ValueError:
            errors["interests"] = _("Choose from the list.")


def _words(value: object, errors: Errors) -> Iterable[str]:
    if value is None:
        return []
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return value
    errors["interests"] = _("Choose from the list.")
    return []


def _read_party(body: Mapping[str, Any], trip: pb.TripRequest, errors: Errors) -> None:
    party = body.get("party")
    if party is None:
        return
    if not isinstance(party, Mapping) or not set(party) <= set(PARTY):
        errors["party"] = _("Enter a whole number.")
        return
    counts = {PARTY[name]: _whole(value, name, errors) for name, value in party.items()}
    if max(counts.values(), default=0) > 500 or not 1 <= sum(counts.values()) <= 500:
        errors["party"] = _("A party has 1 to 500 people.")
        return
    trip.party.CopyFrom(pb.Party(**counts))
