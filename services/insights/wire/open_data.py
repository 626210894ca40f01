"""Published figures on the wire."""

from collections.abc import Iterable

from kit.pure.errors import InvalidFields
from kit.pure.suppression import K
from meguri.insights.v1 import open_data_service_pb2 as pb
from services.insights.app.open_data import Choice, Published
from services.insights.domain.open_data import (
    Licence,
    OpenDay,
    OpenMeasure,
    OpenSettings,
)
from services.insights.domain.sales import LEAST_SHOPS, MOST_SHARE_PERCENT

_MEASURES = {
    measure: pb.OpenMeasure.Value(f"OPEN_MEASURE_{measure.name}") for measure in OpenMeasure
}
_LICENCES = {licence: pb.OpenLicence.Value(f"OPEN_LICENCE_{licence.name}") for licence in Licence}


def published_message(found: Published) -> pb.ReadOpenDataResponse:
    """What is published."""
    return pb.ReadOpenDataResponse(
        settings=_settings(found.settings), days=_days(found.days), suppression_k=K,
        least_shops=LEAST_SHOPS, most_share_percent=MOST_SHARE_PERCENT,
        first_date=found.first.isoformat() if found.first else "",
        last_date=found.last.isoformat() if found.last else "", demo=found.demo,
    )  # fmt: skip


def choice_message(found: Choice) -> pb.ReadOpenDataSettingsResponse:
    """The choice, for who makes it."""
    return pb.ReadOpenDataSettingsResponse(
        settings=_settings(found.settings), version=found.version, preview=_days(found.preview)
    )


def settings_of(message: pb.OpenDataSettings) -> OpenSettings:
    """What is to be published. Errors: InvalidFields for what is not known."""
    measures = {number: measure for measure, number in _MEASURES.items()}
    licences = {number: licence for licence, number in _LICENCES.items()}
    if not set(message.measures) <= set(measures):
        raise InvalidFields([("settings.measures", "give figures that are known")])
    if message.licence not in {pb.OPEN_LICENCE_UNSPECIFIED, *licences}:
        raise InvalidFields([("settings.licence", "give terms that are known")])
    return OpenSettings(
        tuple(measures[number] for number in message.measures), licences.get(message.licence),
        message.publisher, message.contact,
    )  # fmt: skip


def _settings(settings: OpenSettings) -> pb.OpenDataSettings:
    return pb.OpenDataSettings(
        measures=[_MEASURES[measure] for measure in settings.measures],
        licence=_LICENCES[settings.licence] if settings.licence
        else pb.OPEN_LICENCE_UNSPECIFIED,
        publisher=settings.publisher, contact=settings.contact,
    )  # fmt: skip


def _days(days: Iterable[OpenDay]) -> list[pb.OpenDay]:
    return [
        pb.OpenDay(
            date=day.on.isoformat(),
            figures=[
                pb.OpenFigure(measure=_MEASURES[measure], value=value)
                for measure, value in day.figures.items()
            ],
        )
        for day in days
    ]
