"""A POI as somebody types it: texts, which may be wrong, and never lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from meguri.itinerary.v1 import itinerary_service_pb2 as base
from meguri.itinerary.v1 import poi_service_pb2 as pb
from services.edge.studio.pois import hours
from services.edge.whole import read_whole

# What can be confirmed or estimated, in the order of the page; names as of the contract.
FIELDS = (
    "category", "status", "opening", "last_entry", "closed", "stay", "score", "fees", "payment",
    "summary", "access", "phone", "paths", "rental", "height",
)  # fmt: skip
# Of the paths of a POI, with their words in the contract.
PATHS: dict[str, Any] = {
    "wheelchair": base.Wheelchair, "steps": base.Steps, "slope": base.Slope,
}  # fmt: skip
FEES = ("adult", "junior_high", "child")
TEXTS = ("summary", "closed_note", "fee_note", "payment_note", "access_note")
NOTHING, ESTIMATE, CONFIRMED, AGAIN = "", "estimate", "confirmed", "again"
SPARE_ROWS = 1
LONGEST = {"opening": 500, "phone": 60, "group": 80, "source": 600}
MOST_TEXT = 600


@dataclass
class Typed:
    """The form. texts: by kind and locale. sure: by field, of NOTHING, ESTIMATE, CONFIRMED, AGAIN.

    was: fields that were confirmed when the form was made. rows: of the hours; None where the
    notation says what rows cannot. others: estimated fields that have no place on the page.
    """

    place_id: str = ""
    category: str = ""
    interests: tuple[str, ...] = ()
    status: str = ""
    opening: str = ""
    rows: list[hours.Row] | None = field(default_factory=list)
    last_entry: str = ""
    stay_min: str = ""
    stay_max: str = ""
    score: str = ""
    hidden: bool = False
    group: str = ""
    fees: dict[str, str] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    rental: bool = False
    height: str = ""
    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    phone: str = ""
    source: str = ""
    sure: dict[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    was: tuple[str, ...] = ()
    by: str = ""
    on: str = ""
    version: int = 0
    draft: bool = False
    wrong_rows: dict[int, str] = field(default_factory=dict)


def of_kept(kept: pb.KeptPoi, today: date) -> Typed:
    """Returns what is kept as it would be typed."""
    return of_record(kept.record, kept, today)


def of_record(record: base.PoiRecord, kept: pb.KeptPoi, today: date) -> Typed:
    """Returns a record, perhaps of an earlier version, as it would be typed over what is kept."""
    estimated = set(record.estimated_fields)
    confirmed = {each.field for each in kept.confirmations}
    states = (ESTIMATE if f in estimated else CONFIRMED if f in confirmed else "" for f in FIELDS)
    rows = hours.read(record.opening)
    return Typed(
        place_id=record.place_id,
        category=str(record.category), interests=tuple(str(each) for each in record.interests),
        status=str(record.status), opening=record.opening,
        rows=None if rows is None else with_spare(rows), last_entry=record.last_entry,
        stay_min=str(record.stay_min_minutes), stay_max=str(record.stay_max_minutes),
        score=str(record.score), hidden=record.hidden_spot, group=record.group,
        fees={
            name: str(getattr(record.fees, f"{name}_amount_yen"))
            for name in FEES
            if record.fees.HasField(f"{name}_amount_yen")  # type: ignore[arg-type] # one of FEES
        },
        paths={name: str(getattr(record.paths, name)) for name in PATHS},
        rental=record.cycle_rental,
        height=str(record.elevation_m) if record.HasField("elevation_m") else "",
        texts={kind: dict(getattr(record.texts, kind)) for kind in TEXTS},
        phone=record.phone, source=record.source,
        sure=dict(zip(FIELDS, states, strict=True)),
        others=tuple(name for name in record.estimated_fields if name not in FIELDS),
        was=tuple(name for name in FIELDS if name in confirmed),
        on=today.isoformat(), version=kept.version, draft=kept.state == pb.POI_STATE_DRAFT,
    )  # fmt: skip


def with_spare(rows: list[hours.Row]) -> list[hours.Row]:
    """Returns rows with an empty one behind them to type into."""
    room = hours.MOST_ROWS - len(rows)
    return [*rows, *(hours.Row() for _ in range(min(SPARE_ROWS, room)))]


def read(form: Any) -> Typed:
    """Reads the form, a MultiDict. Nothing is guessed, and nothing of it is lost."""

    def get(name: str, most: int = 60) -> str:
        return str(form.get(name, "")).strip()[:most]

    typed = Typed(
        place_id=get("place_id", 80), category=get("category"),
        interests=tuple(each[:9] for each in form.getlist("interest")),
        status=get("status"), last_entry=get("last_entry"), stay_min=get("stay-min"),
        stay_max=get("stay-max"), score=get("score"), hidden="hidden" in form,
        group=get("group", LONGEST["group"]), phone=get("phone", LONGEST["phone"]),
        source=get("source", LONGEST["source"]),
        fees={name: get(f"fee-{name}") for name in FEES},
        paths={name: get(f"path-{name}") for name in PATHS},
        rental="rental" in form, height=get("height"),
        texts=_texts(form),
        sure={f: get(f"sure-{f}") for f in FIELDS},
        others=tuple(each[:60] for each in form.getlist("other")[:30]),
        was=tuple(each for each in form.getlist("was") if each in FIELDS),
        by=get("by", 200), on=get("on"), version=read_whole(form.get("version", ""), 18) or 0,
        draft=get("shown") == "draft",
    )  # fmt: skip
    _read_opening(typed, form)
    return typed


def _texts(form: Mapping[str, str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {kind: {} for kind in TEXTS}
    for name, value in form.items():
        kind, _, locale = name.removeprefix("t-").partition("-")
        if name.startswith("t-") and kind in found and value.strip() and len(locale) < 40:
            found[kind][locale] = " ".join(value.split())[:MOST_TEXT]
    return found


def _read_opening(typed: Typed, form: Any) -> None:
    """Decides between rows and notation: what somebody changed counts, the notation first."""
    notation = str(form.get("notation", "")).strip()[: LONGEST["opening"]]
    was = str(form.get("notation-was", "")).strip()
    rows = _rows(form)
    if rows is None or notation != was:
        typed.opening, found = notation, hours.read(notation)
        typed.rows = None if found is None else with_spare(found)
        return
    typed.rows = rows
    written, typed.wrong_rows = hours.write(rows)
    known = hours.read(was)
    same = known is not None and hours.write(known)[0] == written
    typed.opening = was if same and not typed.wrong_rows else written


def _rows(form: Any) -> list[hours.Row] | None:
    count = read_whole(form.get("rows", ""))
    if count is None:
        return None
    return [_row(form, number) for number in range(min(count, hours.MOST_ROWS))]


def _row(form: Any, number: int) -> hours.Row:
    def get(name: str) -> str:
        return str(form.get(f"r{number}-{name}", "")).strip()[:120]

    known: Sequence[str] = (*hours.WEEKDAYS, hours.HOLIDAY)
    chosen = form.getlist(f"r{number}-day")
    return hours.Row(
        get("first"), get("last"), tuple(day for day in known if day in chosen),
        get("nth") if get("nth") in hours.NTHS else hours.EVERY,
        get("kind") if get("kind") in hours.KINDS else hours.OPEN, get("times"),
    )  # fmt: skip


def act(typed: Typed, action: str) -> str:
    """Does what a button of the rows says. Returns the id of what to look at next, "" for none."""
    name, _, key = action.partition(":")
    at = read_whole(key)
    if typed.rows is None:
        if name == "rows-new":
            typed.rows, typed.opening = [hours.Row()], ""
            return "opening"
        return ""
    if name == "row-add" and len(typed.rows) < hours.MOST_ROWS:
        typed.rows.append(hours.Row())
        return f"r{len(typed.rows) - 1}-first"
    if at is None or not 0 <= at < len(typed.rows):
        return ""
    if name == "row-drop":
        typed.rows.pop(at)
    elif name == "row-up" and at:
        typed.rows.insert(at - 1, typed.rows.pop(at))
    else:
        return ""
    typed.opening, typed.wrong_rows = hours.write(typed.rows)
    return "opening"
