"""What itinerary promises to others: enums agree, every word has its text, events carry facts."""

from enum import StrEnum
from typing import Any

import pytest
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper

from kit.outbox import type_name
from kit.rpc import Allowed
from meguri.directory.v1 import directory_service_pb2 as directory
from meguri.itinerary.v1 import itinerary_events_pb2 as events_pb
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import poi_service_pb2 as poi_pb
from meguri.itinerary.v1 import sojourn_service_pb2 as sojourn_pb
from meguri.itinerary.v1 import spot_service_pb2 as spot_pb
from meguri.itinerary.v1 import timetable_service_pb2 as timetable_pb
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as sense_pb
from services.edge.plan import cycles, openapi, troubles, words
from services.edge.plan.problems import PROBLEMS
from services.itinerary import api, events
from services.itinerary.api import kept_pois, sojourns, spots, timetables
from services.itinerary.domain.crowd import CrowdLevel, Level
from services.itinerary.domain.kept_poi import PoiState
from services.itinerary.domain.place import PointQuality
from services.itinerary.domain.plan import PlanStatus
from services.itinerary.domain.poi import Category, Interest, PoiStatus
from services.itinerary.domain.transit.kept import TimetableKind
from services.itinerary.domain.transit.line import HolidayRule
from services.itinerary.domain.transit.network import TimeBasis
from services.itinerary.domain.trip import Pace, TravelMode
from services.itinerary.domain.why import ConflictKind, WhyIn, WhyOut

PAIRS: list[Any] = [
    (Category, pb.PoiCategory, "POI_CATEGORY_"),
    (Interest, pb.Interest, "INTEREST_"),
    (PoiStatus, pb.PoiStatus, "POI_STATUS_"),
    (TravelMode, pb.TravelMode, "TRAVEL_MODE_"),
    (Pace, pb.Pace, "PACE_"),
    (PointQuality, pb.PointQuality, "POINT_QUALITY_"),
    (PlanStatus, pb.ItineraryStatus, "ITINERARY_STATUS_"),
    (WhyIn, pb.WhyIn, "WHY_IN_"),
    (WhyOut, pb.WhyOut, "WHY_OUT_"),
    (ConflictKind, pb.ConflictKind, "CONFLICT_KIND_"),
    (TimeBasis, pb.TimeBasis, "TIME_BASIS_"),
    (PoiState, poi_pb.PoiState, "POI_STATE_"),
    (TimetableKind, timetable_pb.TimetableKind, "TIMETABLE_KIND_"),
    (HolidayRule, timetable_pb.HolidayRule, "HOLIDAY_RULE_"),
    (CrowdLevel, pb.CrowdLevel, "CROWD_LEVEL_"),
    (Level, sense_pb.OccupancyLevel, "OCCUPANCY_LEVEL_"),
]


@pytest.mark.parametrize(("domain", "contract", "prefix"), PAIRS)
def test_enums_of_both_worlds_agree(
    domain: type[StrEnum], contract: EnumTypeWrapper, prefix: str
) -> None:
    names = {name.removeprefix(prefix) for name in contract.keys()} - {"UNSPECIFIED"}  # noqa: SIM118
    assert {member.name for member in domain} == names
    assert all(member.value == member.name.lower() for member in domain)


def test_qualities_have_the_numbers_of_directory() -> None:
    ours = {
        name.removeprefix("POINT_QUALITY_"): int(number) for name, number in pb.PointQuality.items()
    }
    theirs = {
        name.removeprefix("COORDINATE_QUALITY_"): int(number)
        for name, number in directory.CoordinateQuality.items()
    }
    assert ours == theirs


def test_every_word_of_the_contract_has_a_text_for_visitors() -> None:
    assert set(words.INTERESTS) == set(pb.Interest.values()) - {0}
    assert set(words.CATEGORIES) == set(pb.PoiCategory.values()) - {0}
    assert set(words.PACES) == set(pb.Pace.values()) - {0}
    assert set(words._WHY_IN) == set(pb.WhyIn.values()) - {0, pb.WHY_IN_INTEREST}
    assert set(words.CROWDS) == set(pb.CrowdLevel.values()) - {0}
    assert set(words._WHY_OUT) == set(pb.WhyOut.values()) - {0, pb.WHY_OUT_CLOSURE}
    told_apart = {*troubles._OF_EACH} | cycles.TOLD
    assert set(troubles._TROUBLES) == set(pb.ConflictKind.values()) - {0} - told_apart
    assert [interest.value for interest in Interest] == openapi.INTERESTS


def test_every_refusal_has_words() -> None:
    assert {reason for _code, reason in api.ERRORS.values()} == set(PROBLEMS)
    assert {reason for _code, reason in sojourns.ERRORS.values()} <= set(PROBLEMS)


@pytest.mark.parametrize(
    ("contract", "name", "allowed"),
    [
        (pb, "ItineraryService", api.ALLOWED),
        (sojourn_pb, "SojournService", sojourns.ALLOWED),
        (spot_pb, "SpotService", spots.ALLOWED),
        (timetable_pb, "TimetableService", timetables.ALLOWED),
        (poi_pb, "PoiService", kept_pois.ALLOWED),
    ],
)
def test_every_method_has_its_roles_and_reads_are_marked(
    contract: Any, name: str, allowed: Allowed
) -> None:
    methods = contract.DESCRIPTOR.services_by_name[name].methods
    assert {method.name for method in methods} == set(allowed)
    for method in methods:
        options = method.GetOptions()
        reads = options.idempotency_level == options.NO_SIDE_EFFECTS
        assert reads != ("request_id" in method.input_type.fields_by_name), method.name


def test_every_event_of_the_contract_is_said_and_named_alike() -> None:
    contract = set(events_pb.DESCRIPTOR.message_types_by_name) - {"PoiLeftOut"}  # a part of one
    assert {event.__name__ for event in events.ENCODERS} == contract
    assert {type_name(event) for event in events.ENCODERS} == {
        "poi_published", "itinerary_planned", "itinerary_repaired", "itinerary_changed",
        "timetable_changed", "ways_changed", "runs_delayed", "spot_settings_changed",
    }  # fmt: skip
