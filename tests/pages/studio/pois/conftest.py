"""A service of POIs for the pages: it keeps them, counts versions, refuses old ones."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import grpc
import pytest
from flask import Flask

from kit.pure.errors import InvalidFields
from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.itinerary.v1 import itinerary_service_pb2 as base
from meguri.itinerary.v1 import poi_service_pb2 as pb
from services.itinerary.app.kept_pois import preview_opening
from services.itinerary.app.sights import SightsRead
from services.itinerary.gateways.sights_reader import answer
from services.itinerary.wire.kept_pois import preview_message, sights_message
from tests.pages.edge.fakes import SESSION, Failure, FakeServices, with_parts
from tests.pages.studio.timetables.conftest import CONFLICT, GONE, Studio
from tests.pages.studio.timetables.conftest import Kept as Lines

SATO = pb.FieldConfirmation(
    field="fees", confirmed_by="佐藤、電話で", confirmed_date="2026-11-01"
)  # fmt: skip


def museum() -> base.PoiRecord:
    """Returns a museum with everything said of it."""
    return base.PoiRecord(
        poi_id="museum", place_id="museum", category=base.POI_CATEGORY_MUSEUM,
        interests=[base.INTEREST_SCIENCE, base.INTEREST_HISTORY],
        status=base.POI_STATUS_OPEN,
        opening="09:00-17:00; Mo off (PH: next day); Dec 28-Jan 04 off", last_entry="16:30",
        stay_min_minutes=30, stay_max_minutes=60, score=38, group="",
        fees=base.Fees(adult_amount_yen=300, child_amount_yen=0),
        texts=base.PoiTexts(
            summary={"ja": "化石の館", "en": "A house of fossils", "zh-Hant": "化石館"},
            closed_note={"ja": "月曜"},
        ),
        paths=base.Paths(wheelchair=base.WHEELCHAIR_PARTLY, steps=base.STEPS_NONE),
        phone="0837-52-5474", source="a leaflet", estimated_fields=["opening", "kana"],
    )  # fmt: skip


@dataclass
class Kept:
    """What the fake service keeps."""

    pois: dict[str, pb.KeptPoi] = field(default_factory=dict)
    versions: dict[str, list[pb.PoiVersion]] = field(default_factory=dict)
    plan_count: int | None = None

    def put(self, record: base.PoiRecord, **more: Any) -> None:
        """Keeps a POI as somebody else would."""
        before = self.pois.get(record.poi_id)
        given = {"state": pb.POI_STATE_LISTED} | more
        made = pb.KeptPoi(record=record, version=before.version + 1 if before else 1, **given)
        if before:
            old = pb.PoiVersion(version=before.version, record=before.record, state=before.state)
            self.versions.setdefault(record.poi_id, []).insert(0, old)
        self.pois[record.poi_id] = made

    def all(self, _request: Any) -> pb.ListKeptPoisResponse:
        return pb.ListKeptPoisResponse(pois=[self.pois[name] for name in sorted(self.pois)])

    def get(self, request: pb.GetPoiRequest) -> pb.GetPoiResponse:
        if request.poi_id not in self.pois:
            raise GONE
        return pb.GetPoiResponse(
            poi=self.pois[request.poi_id], plan_count=self.plan_count,
            versions=self.versions.get(request.poi_id, []),
        )  # fmt: skip

    def save(self, request: pb.SavePoiRequest) -> pb.SavePoiResponse:
        before = self.pois.get(request.record.poi_id)
        state = pb.POI_STATE_DRAFT if request.draft else pb.POI_STATE_LISTED
        same = before and before.record == request.record and before.state == state
        if not same or request.confirmations:
            if (before.version if before else 0) != request.expected_version:
                raise CONFLICT
            self.put(request.record, state=state, confirmations=request.confirmations)
        return pb.SavePoiResponse(version=self.pois[request.record.poi_id].version)

    def retire(self, request: pb.RetirePoiRequest) -> pb.RetirePoiResponse:
        poi = self.pois[request.poi_id]
        if poi.version != request.expected_version:
            raise CONFLICT
        poi.state = pb.POI_STATE_LISTED if request.bring_back else pb.POI_STATE_RETIRED
        poi.retire_note = request.note
        poi.version += 1
        return pb.RetirePoiResponse(version=poi.version)

    def preview(self, request: pb.PreviewOpeningRequest) -> pb.PreviewOpeningResponse:
        try:
            days = preview_opening(
                request.opening, request.last_entry, date.fromisoformat(request.first_date),
                request.day_count,
            )  # fmt: skip
        except InvalidFields as error:
            raise Failure(
                grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS", fields=error.fields
            ) from error
        return preview_message(days)

    def sights(self, request: pb.ReadSightsRequest) -> pb.ReadSightsResponse:
        reply = answer(request.file, request.name)
        if reply.reason:
            why = [("file", f"{reply.text} [{reply.reason}]")]
            raise Failure(grpc.StatusCode.INVALID_ARGUMENT, "SIGHTS_UNUSABLE", fields=why)
        known = {
            row.number: row.poi.poi_id
            for row in reply.rows
            if row.poi and row.poi.poi_id in self.pois
        }
        return sights_message(SightsRead(reply, known))

    def add(self, request: pb.AddDraftsRequest) -> pb.AddDraftsResponse:
        new = [each for each in request.records if each.poi_id not in self.pois]
        for each in new:
            self.put(each, state=pb.POI_STATE_DRAFT)
        return pb.AddDraftsResponse(new_poi_ids=[each.poi_id for each in new])


def places() -> list[directory_pb.Place]:
    """Returns the museum without a point, and a cave with one."""
    return [
        directory_pb.Place(
            place_id="museum", kind=directory_pb.PLACE_KIND_POI, version=4, kana="かせきかん",
            names={"ja": "化石館", "en": "Fossil museum"},
        ),
        directory_pb.Place(
            place_id="cave", kind=directory_pb.PLACE_KIND_SITE, version=2, names={"ja": "大洞"},
            latitude=34.2, longitude=131.3,
            coordinate_quality=directory_pb.COORDINATE_QUALITY_SOURCE,
        ),
    ]  # fmt: skip


class PoiStudio(Studio):
    """A browser of the staff, and the POIs behind it."""

    pois: Kept

    def send_changed(self, path: str, action: str, answered: int = 200, **wanted: Any) -> Any:
        """Sends the sheet with other values; `__` in names stands for a dash, a list for several
        values of one name, None for no field at all."""
        new = {name.replace("__", "-"): value for name, value in wanted.items()}
        fields = [(name, value) for name, value in self.fields(path) if name not in new]
        for name, value in new.items():
            values = value if isinstance(value, list) else [] if value is None else [value]
            fields += [(name, each) for each in values]
        return self.send(path, [*fields, ("action", action)], answered)

    def saved(self) -> pb.SavePoiRequest:
        """Returns what was sent to be kept, once."""
        (sent,) = self.services.called("SavePoi")
        assert isinstance(sent, pb.SavePoiRequest)
        return sent


@pytest.fixture
def pois() -> Kept:
    found = Kept()
    found.put(museum(), confirmations=[SATO], from_file=True)
    return found


@pytest.fixture
def studio(made_once: Flask, pois: Kept) -> Iterator[PoiStudio]:
    services = FakeServices()
    services.user.roles[:] = [directory_pb.ROLE_EDITOR]
    answers: dict[str, Callable[[Any], Any]] = {
        "ListPlaces": lambda _: directory_pb.ListPlacesResponse(places=places()),
        "ListKeptPois": pois.all, "GetPoi": pois.get, "SavePoi": pois.save,
        "RetirePoi": pois.retire, "PreviewOpening": pois.preview, "ReadSights": pois.sights,
        "AddDrafts": pois.add,
        "AddPoiPlaces": lambda r: directory_pb.AddPoiPlacesResponse(
            new_place_ids=[each.place_id for each in r.places]
        ),
        "RenameStopPlace": lambda _: directory_pb.RenameStopPlaceResponse(),
    }  # fmt: skip
    services.answers |= answers
    with with_parts(made_once, services).test_client() as client:
        client.set_cookie("meguri_session", SESSION, domain="guide.example.jp")
        found = PoiStudio(client, Lines(), services)
        found.pois = pois
        yield found
