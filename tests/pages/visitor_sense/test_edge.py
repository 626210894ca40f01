"""The edge's doors to visitor sensing, with a stand-in for the service."""

import base64
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from meguri.visitor_sense.v1 import visitor_sense_observations_pb2 as observations
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.edge import main
from tests.pages.edge.fakes import FakeServices, stamp, with_parts

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
LANGUAGES = ("ja", "en", "ko", "zh-Hans", "zh-Hant")


def zone(zone_id: str, level: "wire.OccupancyLevel.ValueType", **more: Any) -> wire.ZoneOccupancy:
    names = {"ja": "正面口", "en": "Main gate"}
    more = {"watched": True} | more
    return wire.ZoneOccupancy(
        zone_id=zone_id, place_id="akiyoshido-main", names=names, level=level, **more
    )


PRIVACY = wire.PrivacyParameters(k=10, retention_hours=24, key_time_zone="Asia/Tokyo")
OCCUPANCY = wire.ReadOccupancyResponse(
    zones=[
        zone("gate", wire.OCCUPANCY_LEVEL_BUSY, as_of_time=stamp(NOW)),
        zone("pond", wire.OCCUPANCY_LEVEL_UNKNOWN),
        zone("hill", wire.OCCUPANCY_LEVEL_UNKNOWN, paused=True),
    ],
    privacy=PRIVACY,
)
VISITORS = wire.ReadVisitorsResponse(
    hours=[
        wire.ZoneHourVisitors(
            zone_id="gate", hour_start_time=stamp(NOW), kind=wire.COUNT_KIND_DEVICES,
            figure=wire.Estimate(estimate=40, low=24, high=50), key_epochs=[1, 2],
            method=wire.COUNT_METHOD_SIGNATURE, key_date="2026-11-21",
        ),
        wire.ZoneHourVisitors(
            zone_id="pond", hour_start_time=stamp(NOW), kind=wire.COUNT_KIND_DEVICES,
            method=wire.COUNT_METHOD_SIGNATURE, withheld=True,
        ),
    ],
    totals=[wire.HourTotal(hour_start_time=stamp(NOW), withheld=True)],
    privacy=PRIVACY,
)  # fmt: skip


@pytest.fixture
def services() -> FakeServices:
    found = FakeServices()
    answers: dict[str, Callable[[Any], Any]] = {
        "ReadOccupancy": lambda _: OCCUPANCY,
        "ReadVisitors": lambda _: VISITORS,
        "RecordObservations": lambda _: wire.RecordObservationsResponse(duplicate=True),
    }
    found.answers.update(answers)
    return found


@pytest.fixture
def browser(made_once: Flask, services: FakeServices) -> Iterator[FlaskClient]:
    with with_parts(made_once, services).test_client() as client:
        yield client


def test_levels_are_public_and_carry_no_number(browser: FlaskClient) -> None:
    answer = browser.get("/api/v1/occupancy", headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    body = answer.get_json()
    assert body["zones"][0] == {
        "zone": "gate", "place": "akiyoshido-main", "name": "Main gate", "level": "busy",
        "as_of": "2026-11-21T06:00:00+00:00", "paused": False, "closed": False,
    }  # fmt: skip
    assert (body["zones"][1]["level"], body["zones"][1]["as_of"]) == ("unknown", None)
    assert body["privacy"]["k"] == 10
    assert answer.headers["Cache-Control"] == "public, max-age=5"
    again = browser.get("/api/v1/occupancy", headers={
        "Accept-Language": "en", "If-None-Match": answer.headers["ETag"]})  # fmt: skip
    assert again.status_code == 304


def test_withheld_figures_are_null_and_devices_are_not_called_visitors(
    browser: FlaskClient,
) -> None:
    body = browser.get("/api/v1/visitors").get_json()
    shown, withheld = body["hours"]
    assert (shown["kind"], shown["estimate"], shown["low"], shown["high"]) == (
        "devices",
        40,
        24,
        50,
    )
    assert shown["key_epochs"] == [1, 2]
    assert withheld["withheld"]
    assert [withheld[name] for name in ("estimate", "low", "high")] == [None, None, None]
    assert body["totals"] == [
        {
            "start": "2026-11-21T06:00:00+00:00",
            "estimate": None,
            "withheld": True,
            "kind": "devices",
        }
    ]
    assert "not people" in body["meaning"]["devices"]
    assert body["calibrations"] == []
    assert shown["calibration"] is None


def test_a_calibrated_zone_says_visitors_when_it_learned_and_how_it_holds(
    browser: FlaskClient, services: FakeServices
) -> None:
    hour = wire.ZoneHourVisitors(
        zone_id="gate", kind=wire.COUNT_KIND_VISITORS, method=wire.COUNT_METHOD_CALIBRATED,
        figure=wire.Estimate(estimate=36, low=29, high=43), calibration_version=2,
        key_date="2026-11-21", key_epochs=[1],
    )  # fmt: skip
    rated = wire.ZoneHourVisitors(
        zone_id="hall", kind=wire.COUNT_KIND_DEVICES, method=wire.COUNT_METHOD_RATE,
        figure=wire.Estimate(estimate=420, low=150, high=690),
    )  # fmt: skip
    learned = wire.ZoneCalibration(
        zone_id="gate", version=2, days=6, hours=40, judged=True, error_share=0.1794,
        mean_error=1.21, coverage=0.892, later_hours=12, later_hours_outside=6, drifted=True,
    )  # fmt: skip
    young = wire.ZoneCalibration(zone_id="hall", version=1, days=2, hours=9)
    told = wire.ReadVisitorsResponse(hours=[hour, rated], calibrations=[learned, young])
    services.answers["ReadVisitors"] = lambda _: told
    body = browser.get("/api/v1/visitors").get_json()
    shown, crowd = body["hours"]
    assert (shown["kind"], shown["method"], shown["calibration"]) == ("visitors", "calibrated", 2)
    assert (shown["low"], shown["estimate"], shown["high"]) == (29, 36, 43)
    assert (crowd["kind"], crowd["method"], crowd["calibration"]) == ("devices", "rate", None)
    assert set(body["meaning"]) == {"devices", "visitors"}
    assert body["calibrations"][0] == {
        "zone": "gate", "version": 2, "learned": "1970-01-01T00:00:00+00:00", "days": 6,
        "hours": 40, "error_share": 0.179, "mean_error": 1.2, "coverage": 0.892,
        "later_hours": 12, "later_hours_outside": 6, "drifted": True,
    }  # fmt: skip
    assert body["calibrations"][1]["error_share"] is None
    assert not body["calibrations"][1]["drifted"]


def test_days_tell_dwell_and_zones_seen_together(
    browser: FlaskClient, services: FakeServices
) -> None:
    told = wire.ReadDaysResponse(
        closed_dates=["2026-11-20"],
        dwell=[
            wire.ZoneDayDwell(
                zone_id="gate", date="2026-11-20", stays=41, first_quartile_s=300, median_s=420,
                third_quartile_s=600, came_s=[36_000],
            )
        ],
        devices=[
            wire.ZoneDayDevices(zone_id="gate", date="2026-11-20",
                                figure=wire.Estimate(estimate=340, low=204, high=1_060))
        ],
        pairs=[
            wire.ZoneDayPair(date="2026-11-20", zone_id="gate", other_zone_id="hall", devices=17)
        ],
        moves=[
            wire.ZoneDayMove(date="2026-11-20", from_zone_id="hall", to_zone_id="gate", devices=10)
        ],
        directed_dates=["2026-11-20"],
    )  # fmt: skip
    services.answers["ReadDays"] = lambda _: told
    body = browser.get("/api/v1/visitors/days?from=2026-11-01&to=2026-11-20").get_json()
    (asked,) = services.called("ReadDays")
    assert (asked.from_date, asked.to_date) == ("2026-11-01", "2026-11-20")
    assert body["closed"] == ["2026-11-20"]
    assert body["dwell"] == [
        {"zone": "gate", "date": "2026-11-20", "stays": 41, "first_quartile_s": 300.0,
         "median_s": 420.0, "third_quartile_s": 600.0, "noise_scale": None,
         "came_s": [36_000], "left_s": []},
    ]  # fmt: skip
    assert body["moves"] == [
        {"date": "2026-11-20", "from": "hall", "to": "gate", "devices": 10, "noise_scale": None}
    ]
    assert body["directed"] == ["2026-11-20"]
    assert body["devices"] == [
        {"zone": "gate", "date": "2026-11-20", "estimate": 340, "low": 204, "high": 1_060}
    ]
    assert body["pairs"] == [{"date": "2026-11-20", "zones": ["gate", "hall"], "devices": 17}]
    assert "sample" in body["meaning"]


def test_noise_is_told_with_its_parameters(browser: FlaskClient, services: FakeServices) -> None:
    noise = wire.NoiseParameters(
        epsilon_per_day=8, epsilon_per_hour=0.5, zone_hours=8, delta_per_figure=1e-5,
        shown_from=34, within=4,
    )  # fmt: skip
    told = wire.ReadDaysResponse(
        moves=[wire.ZoneDayMove(date="2026-11-20", from_zone_id="hall", to_zone_id="gate",
                                devices=41, noise_scale=2.0)],
        privacy=wire.PrivacyParameters(k=10, noise_added=True, noise=noise),
    )  # fmt: skip
    services.answers["ReadDays"] = lambda _: told
    body = browser.get("/api/v1/visitors/days?from=2026-11-01&to=2026-11-20").get_json()
    assert body["moves"][0]["noise_scale"] == 2.0
    assert body["privacy"]["noise"] == {
        "epsilon_per_day": 8.0, "epsilon_per_hour": 0.5, "zone_hours": 8, "delta_per_figure": 1e-5,
        "shown_from": 34, "within": 4,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2026-11-21T09:00:00+09:00", 0), ("2026-11-21T09:00:00%2B09:00", 0),
     ("2026-11-21T00:00:00Z", 0), ("2026-11-21", 0)],
)  # fmt: skip
def test_times_may_be_written_in_any_zone(
    browser: FlaskClient, services: FakeServices, text: str, expected: int
) -> None:
    assert browser.get(f"/api/v1/visitors?from={text}&zone=gate").status_code == 200
    (asked,) = services.called("ReadVisitors")
    midnight = datetime(2026, 11, 21, tzinfo=UTC)
    assert asked.from_time.ToDatetime(tzinfo=UTC) - midnight == timedelta(seconds=expected)
    assert asked.zone_id == "gate"


@pytest.mark.parametrize("query", ["from=yesterday", "to=9", "from=99999-01-01"])
def test_times_that_are_none_are_refused(browser: FlaskClient, query: str) -> None:
    answer = browser.get(f"/api/v1/visitors?{query}")
    assert answer.status_code == 400
    body = answer.get_json()
    assert body["reason"] == "invalid_fields"
    assert body["errors"][0]["field"] == query.split("=", maxsplit=1)[0]


def test_a_service_that_is_away_is_said_so(browser: FlaskClient, services: FakeServices) -> None:
    services.away.add("visitor_sense")
    for path in ("/api/v1/occupancy", "/api/v1/visitors"):
        answer = browser.get(path)
        assert answer.status_code == 503
        assert answer.get_json()["reason"] == "service_unavailable"
        assert "Retry-After" in answer.headers


def signed(**more: Any) -> observations.SignedBySensor:
    body = observations.ObservationBatch(boot_id="b00t", sequence=7).SerializeToString()
    fields = {"area": "mine", "sensor_id": "gate-1", "body": body, **more}
    return observations.SignedBySensor(**fields)


@pytest.mark.parametrize("as_json", [False, True])
def test_a_signed_batch_is_passed_on_as_it_is(
    browser: FlaskClient, services: FakeServices, *, as_json: bool
) -> None:
    batch = signed(signature=b"s" * 64)
    path = "/api/v1/sensors/gate-1/observations"
    if as_json:
        fields = {"area": "mine", "sensorId": "gate-1"}
        coded = {"body": batch.body, "signature": batch.signature}
        fields |= {name: base64.b64encode(data).decode() for name, data in coded.items()}
        answer = browser.post(path, json=fields)
    else:
        answer = browser.post(
            path, data=batch.SerializeToString(), content_type="application/x-protobuf"
        )
    assert (answer.status_code, answer.get_json()) == (202, {"stored": True, "duplicate": True})
    (passed,) = services.called("RecordObservations")
    assert passed.request_id == "gate-1:b00t:7"
    assert observations.SignedBySensor.FromString(passed.signed_batch) == batch


def test_bad_batches_have_a_reason_and_go_nowhere(
    browser: FlaskClient, services: FakeServices
) -> None:
    protobuf, plain = "application/x-protobuf", "text/plain"
    cases = [
        (b"\xff\xff", protobuf, 400, "batch_malformed"),
        (b"{", "application/json", 400, "batch_malformed"),
        (b"\xff", "application/json", 400, "batch_malformed"),
        (b"hello", plain, 415, "unsupported_media_type"),
        (signed(sensor_id="x").SerializeToString(), protobuf, 400, "sensor_mismatch"),
        (signed(area="other").SerializeToString(), protobuf, 400, "area_mismatch"),
        (signed(body=b"\xff").SerializeToString(), protobuf, 400, "batch_malformed"),
        (bytes(2 * 1024 * 1024), protobuf, 413, "body_too_large"),
    ]
    for body, kind, status, reason in cases:
        answer = browser.post("/api/v1/sensors/gate-1/observations", data=body, content_type=kind)
        assert (answer.status_code, answer.get_json()["reason"]) == (status, reason)
    assert services.called("RecordObservations") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_whole_in_every_language(browser: FlaskClient, language: str) -> None:
    page = browser.get("/privacy/sensing", headers={"Accept-Language": language}).text
    assert f'<html lang="{language}"' in page
    english = "Switch Wi-Fi off in the settings of your phone"
    assert (english in page) == (language == "en")
    programs = "as data for programs (JSON)"
    assert (programs in page) == (language == "en")
    assert "JSON" in page[: page.index('href="/api/v1/occupancy"')]
    assert "style=" not in page
    assert "<script" not in page


def test_the_page_opens_while_the_service_is_away(
    browser: FlaskClient, services: FakeServices
) -> None:
    services.away.add("visitor_sense")
    answer = browser.get("/privacy/sensing", headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    assert "The list of places cannot be shown just now." in answer.text


def test_every_text_of_the_page_is_in_every_catalog() -> None:
    folder = Path(main.__file__).parent / "occupancy"
    wanted = (folder / "translations/ja/LC_MESSAGES/messages.po").read_text().count("msgid") - 1
    for locale in ("ja", "ko", "zh_Hans", "zh_Hant"):
        text = (folder / f"translations/{locale}/LC_MESSAGES/messages.po").read_text()
        assert text.count("msgid") - 1 == wanted
        assert text.count('msgstr ""') == 1  # the header only


def test_a_meraki_post_is_handed_on_as_it_came_and_its_validator_is_text(
    browser: FlaskClient, services: FakeServices
) -> None:
    seen: list[Any] = []

    def receive(request: Any) -> wire.ReceiveMerakiResponse:
        seen.append(request)
        return wire.ReceiveMerakiResponse(observation_count=3)

    services.answers["ReadMerakiValidator"] = lambda _: wire.ReadMerakiValidatorResponse(
        validator="v4l1d"
    )
    services.answers["ReceiveMeraki"] = receive
    asked = browser.get("/api/v1/meraki/hall")
    assert (asked.text, asked.mimetype) == ("v4l1d", "text/plain")
    assert asked.headers["Cache-Control"] == "no-store"
    body = b'{"this is": "not looked at'
    answer = browser.post("/api/v1/meraki/hall", data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()) == (200, {"observations": 3})
    assert [(each.sensor_id, each.body) for each in seen] == [("hall", body)]


def test_a_post_that_is_empty_or_too_large_does_not_reach_the_service(
    browser: FlaskClient, services: FakeServices
) -> None:
    reached: list[Any] = []

    def receive(asked: Any) -> wire.ReceiveMerakiResponse:
        reached.append(asked)
        return wire.ReceiveMerakiResponse()

    services.answers["ReceiveMeraki"] = receive
    assert browser.post("/api/v1/meraki/hall").status_code == 400
    too_large = browser.post("/api/v1/meraki/hall", data=bytes(1024 * 1024 + 1))
    assert too_large.status_code == 413
    assert reached == []


def test_places_without_a_sensor_are_not_said_to_count(
    browser: FlaskClient, services: FakeServices
) -> None:
    services.answers["ReadOccupancy"] = lambda _: wire.ReadOccupancyResponse(
        zones=[zone("gate", wire.OCCUPANCY_LEVEL_UNKNOWN, watched=False)]
    )
    page = browser.get("/privacy/sensing", headers={"Accept-Language": "en"}).text
    assert "Main gate" not in page
    assert "the list can do nothing" in page
