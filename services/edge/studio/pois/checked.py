"""A typed POI as the service takes it, or what is wrong with it beside each field."""

import re
from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext as _

from meguri.itinerary.v1 import itinerary_service_pb2 as base
from meguri.itinerary.v1 import poi_service_pb2 as pb
from services.edge.studio.pois.typed import (
    AGAIN,
    CONFIRMED,
    ESTIMATE,
    FEES,
    FIELDS,
    PATHS,
    TEXTS,
    Typed,
)
from services.edge.studio.timetables import clock
from services.edge.whole import read_whole

LONGEST_STAY, HIGHEST_SCORE, HIGHEST_FEE = 1440, 100, 1_000_000
LOWEST_M, HIGHEST_M = -100, 4_000
_HEIGHT = re.compile(r"-?[0-9]{1,4}")
_LAST_ENTRY = re.compile(r"-?([0-9]{1,3})(?:min|分前?)|([0-9]{1,2}):([0-5][0-9])")


@dataclass
class Checked:
    """What was typed as a record. wrong: sentences by the id of their field, in the page's order.

    said: what is confirmed anew. lost: fields whose confirmation ended, because they were changed.
    """

    record: base.PoiRecord
    wrong: dict[str, str] = field(default_factory=dict)
    said: list[pb.FieldConfirmation] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def check(typed: Typed, kept: pb.KeptPoi, today: date) -> Checked:
    """Returns what was typed. kept: the POI as it is; today: in the area."""
    wrong: dict[str, str] = {}
    record = _record(typed, kept, wrong)
    for number, part in typed.wrong_rows.items():
        wrong[f"r{number}-{part}"] = row_fault(part)
    record.last_entry = _last_entry(typed.last_entry, wrong)
    record.stay_min_minutes = _number(typed.stay_min, 1, LONGEST_STAY, "f-stay-min", wrong) or 0
    record.stay_max_minutes = _number(typed.stay_max, 1, LONGEST_STAY, "f-stay-max", wrong) or 0
    if not wrong.keys() & {"f-stay-min", "f-stay-max"} and (
        record.stay_max_minutes < record.stay_min_minutes
    ):
        wrong["f-stay-max"] = _("The longest stay is shorter than the shortest.")
    record.score = _number(typed.score, 0, HIGHEST_SCORE, "f-score", wrong) or 0
    _read_height(typed.height, record, wrong)
    record.fees.SetInParent()
    for name in FEES:
        typed_yen = clock.plain(typed.fees.get(name, "")).replace(",", "").removesuffix("円")
        if typed_yen:
            yen = _number(typed_yen, 0, HIGHEST_FEE, f"f-fee-{name}", wrong)
            if yen is not None:
                setattr(record.fees, f"{name}_amount_yen", yen)
    record.texts.SetInParent()
    for kind in TEXTS:
        getattr(record.texts, kind).update(typed.texts.get(kind, {}))
    found = Checked(record, wrong)
    record.estimated_fields.extend(
        [*(f for f in FIELDS if typed.sure.get(f) == ESTIMATE), *typed.others]
    )
    _confirmations(typed, kept, today, found)
    if _same(record, kept.record):  # in the order in which it is kept: an equal save is equal
        record.CopyFrom(kept.record)
    return found


def _record(typed: Typed, kept: pb.KeptPoi, wrong: dict[str, str]) -> base.PoiRecord:
    """Returns the record with what is chosen and what cannot be wrong. What the page does not show
    stays as it is kept."""
    record = base.PoiRecord()
    record.CopyFrom(kept.record)
    for name in ("interests", "fees", "texts", "estimated_fields", "paths"):
        record.ClearField(name)
    record.place_id = typed.place_id or kept.record.place_id
    record.category = base.PoiCategory.ValueType(
        _choice(typed.category, base.PoiCategory.values(), "f-category", wrong)
    )
    record.status = base.PoiStatus.ValueType(
        _choice(typed.status, base.PoiStatus.values(), "f-status", wrong)
    )
    record.interests.extend(
        base.Interest.ValueType(number) for each in typed.interests
        if (number := read_whole(each) or 0) and number in base.Interest.values()
    )  # fmt: skip
    record.opening, record.hidden_spot, record.group = typed.opening, typed.hidden, typed.group
    record.cycle_rental = typed.rental
    record.phone, record.source = clock.plain(typed.phone), typed.source
    record.paths.SetInParent()
    for name, words in PATHS.items():
        number = read_whole(typed.paths.get(name, "")) or 0
        setattr(record.paths, name, number if number in words.values() else 0)
    return record


def row_fault(part: str) -> str:
    """Returns what to say of a part of a row of opening hours."""
    if part == "times":
        said = _("Write from when to when, such as 9:00-17:00. Leave it empty for all of a closed"
                 " day.")  # fmt: skip
    elif part == "days":
        said = _("Say on which days: choose days of the week, or write dates.")
    else:
        said = _("Write month and day, such as 3/1, or 2026-11-03 for one year alone.")
    return str(said)


def changed(one: base.PoiRecord, other: base.PoiRecord, name: str) -> bool:
    """Tells whether a field that can be confirmed says something else in two records."""
    return _value(one, name) != _value(other, name)


def _value(record: base.PoiRecord, name: str) -> object:
    texts = record.texts
    values: dict[str, object] = {
        "category": (record.category, list(record.interests)), "status": record.status,
        "opening": record.opening, "last_entry": record.last_entry,
        "stay": (record.stay_min_minutes, record.stay_max_minutes), "score": record.score,
        "fees": record.fees.SerializeToString(deterministic=True), "phone": record.phone,
        "paths": (record.paths.wheelchair, record.paths.steps, record.paths.slope),
        "rental": record.cycle_rental,
        "height": record.elevation_m if record.HasField("elevation_m") else None,
        "summary": dict(texts.summary), "access": dict(texts.access_note),
        "payment": dict(texts.payment_note), "closed": dict(texts.closed_note),
    }  # fmt: skip
    return values[name]


def _confirmations(typed: Typed, kept: pb.KeptPoi, today: date, found: Checked) -> None:
    before = {each.field for each in kept.confirmations}
    moved = {name for name in FIELDS if changed(found.record, kept.record, name)}
    found.lost = [n for n in FIELDS if n in before & moved and typed.sure.get(n) != ESTIMATE]
    wanted = [
        name
        for name in FIELDS
        if typed.sure.get(name) == AGAIN
        or (typed.sure.get(name) == CONFIRMED and name not in before and name not in typed.was)
        or (typed.by and typed.sure.get(name) == CONFIRMED and name in moved)
    ]
    if not wanted:
        return
    found.lost = [name for name in found.lost if name not in wanted]
    try:
        on = clock.read_date(typed.on)
    except ValueError:
        on = ""
    if not typed.by:
        found.wrong["f-by"] = _(
            "Write who asked whom, such as: Sato, by telephone with the office."
        )
    if not on:
        found.wrong["f-on"] = _("Write the date as 2026-12-31.")
    elif on > today.isoformat():
        found.wrong["f-on"] = _("This day is still to come.")
    found.said = [
        pb.FieldConfirmation(field=name, confirmed_by=typed.by, confirmed_date=on)
        for name in wanted
    ]


def _same(one: base.PoiRecord, other: base.PoiRecord) -> bool:
    left, right = base.PoiRecord(), base.PoiRecord()
    for made, given in ((left, one), (right, other)):
        made.CopyFrom(given)
        for name in ("estimated_fields", "interests"):
            values = sorted(getattr(given, name))
            made.ClearField(name)
            getattr(made, name).extend(values)
        made.texts.SetInParent()
        made.fees.SetInParent()
        made.paths.SetInParent()
    return left == right


def _choice(typed: str, known: object, where: str, wrong: dict[str, str]) -> int:
    number = read_whole(typed) or 0
    if not number or number not in known:  # type: ignore[operator] # values of an enum
        wrong[where] = _("Choose one.")
        return 0
    return number


def _number(typed: str, least: int, most: int, where: str, wrong: dict[str, str]) -> int | None:
    number = read_whole(clock.plain(typed), 8)
    if number is None or not least <= number <= most:
        wrong[where] = _("Write a number from %(least)s to %(most)s.", least=least, most=most)
        return None
    return number


def _read_height(text: str, record: base.PoiRecord, wrong: dict[str, str]) -> None:
    record.ClearField("elevation_m")
    typed = clock.plain(text).replace(",", "").replace("−", "-").removesuffix("m").strip()
    if not typed:
        return
    if not _HEIGHT.fullmatch(typed) or not LOWEST_M <= int(typed) <= HIGHEST_M:
        wrong["f-height"] = _(
            "Write a number from %(least)s to %(most)s.", least=LOWEST_M, most=HIGHEST_M
        )
        return
    record.elevation_m = int(typed)


def _last_entry(text: str, wrong: dict[str, str]) -> str:
    typed = clock.plain(text).replace(" ", "").replace("時", ":").rstrip(":")
    if not typed:
        return ""
    found = _LAST_ENTRY.fullmatch(typed)
    if found is None or (found[2] and int(found[2]) > 29):
        wrong["f-last-entry"] = _("Write 16:30, or -45min for 45 minutes before closing.")
        return ""
    return f"-{int(found[1])}min" if found[1] else typed
