"""What differs between a POI as somebody typed it and as a colleague kept it meanwhile."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from meguri.itinerary.v1 import itinerary_service_pb2 as base
from services.edge.studio.pois import words


@dataclass(frozen=True)
class Difference:
    """One thing. theirs, mine: "" for nothing there."""

    what: str
    theirs: str
    mine: str


def between(theirs: base.PoiRecord, mine: base.PoiRecord) -> list[Difference]:
    """Returns what differs, in the order of the page."""
    left, right = _told(theirs), _told(mine)
    return [
        Difference(what, left.get(what, ""), right.get(what, ""))
        for what in dict.fromkeys([*left, *right])
        if left.get(what, "") != right.get(what, "")
    ]


def _told(record: base.PoiRecord) -> dict[str, str]:
    return dict(_lines(record))


def _lines(record: base.PoiRecord) -> Iterator[tuple[str, str]]:
    fields = words.FIELDS
    yield str(fields["category"]), str(words.CATEGORIES.get(record.category, ""))
    yield _("What it offers"), _joined(words.INTERESTS, record.interests)
    status = words.STATUSES.get(record.status)
    yield str(fields["status"]), str(status[0]) if status else ""
    yield str(fields["opening"]), record.opening
    yield str(fields["last_entry"]), record.last_entry
    yield str(fields["stay"]), f"{record.stay_min_minutes}–{record.stay_max_minutes}"
    yield str(fields["score"]), str(record.score)
    yield _("Few people know it"), _("yes") if record.hidden_spot else _("no")
    yield _("Group"), record.group
    for name, label in words.FEES.items():
        given = record.fees.HasField(f"{name}_amount_yen")  # type: ignore[arg-type] # of FEES
        yen = getattr(record.fees, f"{name}_amount_yen")
        yield f"{fields['fees']}, {label}", f"¥{yen:,}" if given else ""
    for kind, (_field, label) in words.TEXTS.items():
        for locale, text in sorted(getattr(record.texts, kind).items()):
            yield f"{label} ({locale})", text
    for name, (label, meanings) in words.PATHS.items():
        yield str(label), str(meanings.get(getattr(record.paths, name), ""))
    yield str(fields["rental"]), _("yes") if record.cycle_rental else _("no")
    yield str(fields["height"]), f"{record.elevation_m} m" if record.HasField("elevation_m") else ""
    yield str(fields["phone"]), record.phone
    yield _("Where it comes from"), record.source
    yield (
        _("Estimated"),
        ", ".join(str(fields.get(name, name)) for name in sorted(record.estimated_fields)),
    )


def _joined(labels: Mapping[int, object], chosen: object) -> str:
    return ", ".join(str(labels[each]) for each in sorted(chosen) if each in labels)  # type: ignore[call-overload] # numbers of an enum
