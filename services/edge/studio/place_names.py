"""What the map and closures call a stop, beside what the guide calls it.

The name of a stop is the guide's, that of its place directory's: whoever renames the one is told of
the other, and lets it follow with one button. Nothing follows by itself, for a place may have a
name of its own on purpose.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import grpc
from flask import Blueprint, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kit.client import problem_of
from kit.roles import ASSOCIATION
from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1.multilingual_service_pb2_grpc import GuideServiceStub
from services.edge.clients import stub
from services.edge.errors import Problem, form_request_id
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import area
from services.edge.whole import read_whole

MOST_DIGITS = 12

blueprint = Blueprint("place_names", __name__)


@dataclass(frozen=True)
class Names:
    """A stop and its place where they are called differently. rows: locale, name of the place (""
    for none), name of the stop; of languages that visitors are offered. kana: the reading of the
    stop where the place has another one, None where it has that."""

    stop_code: str
    place_id: str
    version: int
    rows: tuple[tuple[str, str, str], ...]
    kana: str | None

    def of(self, locale: str) -> tuple[str, str] | None:
        """Returns the names of place and stop in a locale, None where they are alike."""
        return next(((was, now) for each, was, now in self.rows if each == locale), None)


def differing(
    place: directory_pb.Place, names: Mapping[str, str], reading: str, locales: tuple[str, ...],
    code: str = "",
) -> Names | None:  # fmt: skip
    """Returns how a place and its stop are called differently; None for alike, and for a place that
    is more than a stop. names, reading: of the stop as visitors read them, by locale."""
    if place.kind != directory_pb.PLACE_KIND_STOP:
        return None
    rows = tuple(
        (locale, place.names.get(locale, ""), names[locale])
        for locale in locales
        if names.get(locale) and place.names.get(locale, "") != names[locale]
    )
    # A reading says how the Japanese name is read: without a new name the place keeps its own.
    renamed = any(locale == "ja" for locale, _was, _now in rows)
    kana = reading if renamed and reading and reading != place.kana else None
    return Names(code, place.place_id, place.version, rows, kana) if rows else None


def of(code: str) -> Names | None:
    """Returns how a stop that visitors see and its place are called differently; None where they
    are not, or where a service does not say."""
    try:
        return _read(code)
    except grpc.RpcError:
        return None


@blueprint.post("/studio/stops/<code>/name")
@requires(*ASSOCIATION)
def follow(code: str) -> Response:
    """Has the place called as its stop is now, in every language."""
    request_id = form_request_id()
    found = _read(code)
    here = f"/studio/stops/{code}"
    if found is None:  # a second tap, or a colleague's
        return redirect(f"{here}?done=named", 303)
    wanted = directory_pb.RenameStopPlaceRequest(
        request_id=request_id, place_id=found.place_id, kana=found.kana,
        names={locale: now for locale, _was, now in found.rows},
        version=read_whole(request.form.get("version", ""), MOST_DIGITS) or 0,
    )  # fmt: skip
    try:
        stub(DirectoryServiceStub).RenameStopPlace(wanted)
    except grpc.RpcError as error:
        if problem_of(error).reason != "VERSION_CONFLICT":
            raise
        notify("warn", _("Somebody changed this place meanwhile. Look at the names again."))
        return redirect(f"{here}?done=again#names", 303)
    return redirect(f"{here}?done=named", 303)


def _read(code: str) -> Names | None:
    """Errors: Problem not_found, grpc.RpcError."""
    locales = tuple(area().locales)
    asked = guide_pb.ListStopContentsRequest(locale=locales[0], stop_codes=[code])
    stops = stub(GuideServiceStub).ListStopContents(asked).stops
    if len(stops) != 1:
        raise Problem(404, "not_found")
    stop = stops[0]
    listed = directory_pb.ListPlacesRequest(kind=directory_pb.PLACE_KIND_STOP)
    places = stub(DirectoryServiceStub).ListPlaces(listed).places
    place = next((each for each in places if each.place_id == stop.place_id), None)
    if place is None:
        return None
    return differing(place, stop.names, stop.name_reading, locales, code)
