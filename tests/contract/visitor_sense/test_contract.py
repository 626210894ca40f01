"""What visitor sensing promises: enums agree, methods have roles, refusals have words."""

from dataclasses import fields
from enum import IntEnum
from pathlib import Path
from typing import Any

import pytest

from kit.auth import EVERYBODY, Role
from kit.outbox import type_name
from kit.pure.languages import LOCALES
from kit.rpc import is_read
from meguri.visitor_sense.v1 import visitor_sense_events_pb2 as events_pb
from meguri.visitor_sense.v1 import visitor_sense_observations_pb2 as observations_pb
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as pb
from services.edge.occupancy import openapi, present, routes
from services.edge.occupancy.problems import PROBLEMS
from services.visitor_sense import api
from services.visitor_sense.cli import first_sensor, read_zones
from services.visitor_sense.domain import errors
from services.visitor_sense.domain.events import ZoneHourCounted
from services.visitor_sense.domain.people import Method
from services.visitor_sense.domain.zones import Level, SensorState, Zone, check_zone
from services.visitor_sense.events.said import ENCODERS
from services.visitor_sense.events.sensors import REASONS

ROOT = Path(__file__).resolve().parents[3]
SERVICE = pb.DESCRIPTOR.services_by_name["VisitorSenseService"]


@pytest.mark.parametrize(
    ("domain", "contract", "prefix"),
    [
        (Level, pb.OccupancyLevel, "OCCUPANCY_LEVEL_"),
        (SensorState, pb.SensorState, "SENSOR_STATE_"),
        (Method, pb.CountMethod, "COUNT_METHOD_"),
    ],
)
def test_enums_of_both_worlds_agree(domain: type[IntEnum], contract: Any, prefix: str) -> None:
    names = {name.removeprefix(prefix): number for name, number in contract.items() if number}
    assert {member.name: member.value for member in domain} == names


def test_every_method_has_its_roles_and_exact_counts_stay_inside() -> None:
    assert {method.name for method in SERVICE.methods} == set(api.ALLOWED)
    inside = {Role.ANALYST, Role.ADMIN, Role.SERVICE}
    assert api.ALLOWED["CountDevices"] <= inside
    public = {name for name, roles in api.ALLOWED.items() if roles == EVERYBODY}
    assert public == {
        "ListZones",
        "PrintSign",
        "ReadDays",
        "ReadForecast",
        "ReadGadgetHours",
        "ReadOccupancy",
        "ReadVisitors",
        "RecordObservations",
        "ReadMerakiValidator",  # asked for before any secret is known
        "ReceiveMeraki",  # by the secret inside
    }


def test_every_change_of_state_has_a_request_id() -> None:
    for method in SERVICE.methods:
        named = "request_id" in method.input_type.fields_by_name
        assert named != is_read(f"{SERVICE.full_name}/{method.name}"), method.name


def test_no_public_answer_has_room_for_an_exact_count_of_now() -> None:
    occupancy = pb.ZoneOccupancy.DESCRIPTOR
    numbers = {field.name for field in occupancy.fields if field.cpp_type in {1, 2, 3, 4, 5, 6}}
    assert numbers == set()


def test_no_message_of_a_sensor_has_room_for_an_address_or_a_network_name() -> None:
    batch = observations_pb.ObservationBatch.DESCRIPTOR
    texts = {field.name for field in batch.fields if field.cpp_type == field.CPPTYPE_STRING}
    assert texts == {"boot_id", "key_date"}
    names = {field.name for message in observations_pb.DESCRIPTOR.message_types_by_name.values()
             for field in message.fields}  # fmt: skip
    assert not names & {"address", "mac", "ssid", "elements", "key"}


def test_every_refusal_has_words_and_a_reason() -> None:
    assert {reason for _code, reason in api.ERRORS.values()} <= set(PROBLEMS)
    said = observations_pb.DayKeyReply.DESCRIPTOR
    assert said.fields_by_name["refusal_reason"]
    assert set(REASONS) >= {errors.SitePaused, errors.ClockSkewed, errors.DayOutOfRange}


def test_every_event_of_the_contract_is_said_and_named_alike() -> None:
    assert {kind.__name__ for kind in ENCODERS} == set(events_pb.DESCRIPTOR.message_types_by_name)
    assert {type_name(kind) for kind in ENCODERS} == {
        "zone_hour_counted", "occupancy_level_changed",
    }  # fmt: skip
    assert {"devices", "released", "key_epochs"} <= {f.name for f in fields(ZoneHourCounted)}


def test_the_edge_knows_every_level_kind_and_method() -> None:
    assert set(present.LEVELS) == set(pb.OccupancyLevel.values()) - {0}
    assert set(present.METHODS) == set(pb.CountMethod.values()) - {0}
    assert set(present.KINDS) == set(pb.CountKind.values()) - {0}
    levels = openapi.SCHEMAS["ZoneOccupancy"]["properties"]["level"]["enum"]
    assert set(levels) == {name for name, _ in present.LEVELS.values()}
    assert routes.PROTOBUF in str(openapi.PATHS)


def test_the_zones_of_the_default_area_are_good() -> None:
    zones = [Zone(**row) for row in read_zones(ROOT / "data/mine/zones.csv")]
    for zone in zones:
        check_zone(zone)
        assert set(zone.names) == set(LOCALES)
    places = (ROOT / "data/mine/places.csv").read_text(encoding="utf-8-sig").splitlines()
    known = {line.split(",", 1)[0] for line in places}
    assert {zone.place_id for zone in zones} <= known
    assert first_sensor().removesuffix("-1") in {zone.zone_id for zone in zones}
