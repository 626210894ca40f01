"""How long facts are kept, on the wire."""

from collections.abc import Iterable

from kit.pure.errors import InvalidFields
from meguri.insights.v1 import keeping_service_pb2 as pb
from services.insights.app.keeping import Choice
from services.insights.app.records import RECORDS
from services.insights.domain.keeping import (
    FIELDS,
    TERMS,
    Group,
    KeepSettings,
    group_of,
    months_kept,
)

_GROUPS = {group: pb.FactGroup.Value(f"FACT_GROUP_{group.name}") for group in Group}


def choice_message(found: Choice) -> pb.ReadKeepingResponse:
    """The choice."""
    return pb.ReadKeepingResponse(
        terms=[
            pb.KeepTerm(
                group=_GROUPS[group], months=months_kept(found.settings, group),
                least_months=term.least, most_months=term.usual,
                first_kept_date=first.isoformat() if (first := found.sealed[group]) else "",
            )
            for group, term in TERMS.items()
        ],
        version=found.version,
        kinds=[
            pb.KeptKind(kind=kind.value, fields=fields, group=_GROUPS[group_of(kind)])
            for kind, fields in FIELDS.items()
        ],
        records=[pb.KeptRecord(record=name, days=kept.days) for name, kept in RECORDS.items()],
    )  # fmt: skip


def settings_of(terms: Iterable[pb.KeepTerm]) -> KeepSettings:
    """What is to be kept. Errors: InvalidFields for what is not known or named twice."""
    groups = {number: group for group, number in _GROUPS.items()}
    found: dict[Group, int] = {}
    for term in terms:
        group = groups.get(term.group)
        if group is None or group in found:
            raise InvalidFields([("terms", "give each group that is known once")])
        found[group] = term.months
    return KeepSettings(found)
