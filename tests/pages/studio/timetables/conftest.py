"""A timetable service for the pages: it keeps lines, counts versions, refuses old ones."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import grpc
import pytest
from flask import Flask
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.itinerary.v1 import itinerary_service_pb2 as base_pb
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from services.edge.studio.timetables import checked
from tests.pages.edge.fakes import SESSION, Failure, FakeServices, with_parts

HOST = "http://guide.example.jp"
CONFLICT = Failure(grpc.StatusCode.ABORTED, "VERSION_CONFLICT")
GONE = Failure(grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
SURE = pb.Confirmation(
    confirmed_by="佐藤、電話で", confirmed_date="2026-11-01", until_date="2099-03-31"
)


def run(run_id: str, *minutes: int, **more: Any) -> pb.LineRun:
    """Returns a run on workdays, recorded in 2026-11."""
    given: dict[str, Any] = {
        "days": pb.RunDays(weekdays=[1, 2, 3, 4, 5], holidays=pb.HOLIDAY_RULE_AS_SUNDAY),
        "basis": base_pb.TIME_BASIS_RECORDED, "as_of": "2026-11",
    }  # fmt: skip
    return pb.LineRun(run_id=run_id, minutes=minutes, **given | more)


def line() -> pb.Line:
    """Returns a line of three stops and two runs, the first of them confirmed."""
    return pb.Line(
        timetable_id="shuho", names={"ja": "秋芳洞線", "en": "Akiyoshi-do line", "de": "Höhlenbus"},
        operator="防長交通", operator_names={"en": "Bocho Kotsu", "de": "Bocho"},
        phone="083-922-2519", source="時刻表 " * 80 + "2026",
        suspended_note={"en": "No trains; the flood. " * 20 + "Buses run.", "fr": "Arrêtée."},
        stops=[
            pb.LineStop(stop_id="station", names={"ja": "新山口駅", "en": "Shin-Yamaguchi"},
                        place_id="st-shin-yamaguchi"),
            pb.LineStop(
                stop_id="town-hall", names={"ja": "役場前"},
                location=base_pb.KnownPoint(
                    point=base_pb.Point(latitude=34.2, longitude=131.3),
                    quality=base_pb.POINT_QUALITY_ESTIMATE, error_m=50,
                ),
            ),
            pb.LineStop(stop_id="cave", names={"ja": "秋芳洞"}, place_id="bus-center"),
        ],
        runs=[run("r1", 517, -1, 562, confirmation=SURE), run("r2", 637, 650, 682)],
        fares=[pb.LineFare(from_stop_id="station", to_stop_id="cave", amount_yen=1170,
                           child_amount_yen=590)],
    )  # fmt: skip


def places() -> list[directory_pb.Place]:
    """Returns a station with a published point, a bus center with an estimate, a shop with none."""
    return [
        directory_pb.Place(
            place_id="st-shin-yamaguchi", kind=directory_pb.PLACE_KIND_TRANSIT_STOP, version=2,
            names={"ja": "新山口駅", "en": "Shin-Yamaguchi", "fr": "Gare"}, latitude=34.093255,
            longitude=131.39657, coordinate_quality=directory_pb.COORDINATE_QUALITY_SOURCE,
        ),
        directory_pb.Place(
            place_id="bus-center", kind=directory_pb.PLACE_KIND_TRANSIT_STOP, version=3,
            names={"ja": "秋芳洞バスセンター", "en": "Bus center"}, latitude=34.227,
            longitude=131.2985, error_m=300,
            coordinate_quality=directory_pb.COORDINATE_QUALITY_ESTIMATE,
        ),
        directory_pb.Place(
            place_id="shop/tea", kind=directory_pb.PLACE_KIND_SHOP, names={"ja": "茶店"}, version=1
        ),
    ]  # fmt: skip


@dataclass
class Kept:
    """What the fake service keeps. answers: by request id, as the real one does."""

    lines: dict[str, pb.Line] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    feeds: dict[str, pb.TimetableSummary] = field(default_factory=dict)
    ways: pb.GetWaysResponse = field(default_factory=pb.GetWaysResponse)
    answers: dict[str, Any] = field(default_factory=dict)

    def put(self, kept: pb.Line) -> None:
        """Keeps a line as somebody else would."""
        self.lines[kept.timetable_id] = kept
        self.versions[kept.timetable_id] = self.versions.get(kept.timetable_id, 0) + 1

    def summary(self, timetable_id: str) -> pb.TimetableSummary:
        kept = self.lines[timetable_id]
        sure = [each for each in kept.runs if each.HasField("confirmation")]
        return pb.TimetableSummary(
            timetable_id=timetable_id, kind=pb.TIMETABLE_KIND_LINE, names=kept.names,
            operator=kept.operator, phone=kept.phone, run_count=len(kept.runs),
            confirmed_run_count=len(sure), version=self.versions[timetable_id],
            first_until_date=min((each.confirmation.until_date for each in sure), default=""),
            unknown_point_count=1, suspended=kept.suspended,
        )  # fmt: skip

    def all(self, _request: Any) -> pb.ListTimetablesResponse:
        found = [*map(self.summary, self.lines), *self.feeds.values()]
        return pb.ListTimetablesResponse(timetables=sorted(found, key=lambda e: e.timetable_id))

    def get(self, request: pb.GetLineRequest) -> pb.GetLineResponse:
        if request.timetable_id not in self.lines:
            raise GONE
        copy = pb.Line()
        copy.CopyFrom(self.lines[request.timetable_id])
        return pb.GetLineResponse(line=copy, version=self.versions[request.timetable_id])

    def _expect(self, timetable_id: str, version: int) -> None:
        if self.versions.get(timetable_id, 0) != version:
            raise CONFLICT

    def save(self, request: pb.SaveLineRequest) -> pb.SaveLineResponse:
        timetable_id = request.line.timetable_id
        if request.request_id not in self.answers:
            self._expect(timetable_id, request.expected_version)
            self.put(request.line)
            self.answers[request.request_id] = self.summary(timetable_id)
        return pb.SaveLineResponse(summary=self.answers[request.request_id])

    def confirm(self, request: pb.ConfirmRunsRequest) -> pb.ConfirmRunsResponse:
        self._expect(request.timetable_id, request.expected_version)
        for each in self.lines[request.timetable_id].runs:
            if each.run_id in request.run_ids:
                each.ClearField("confirmation")
                if request.HasField("confirmation"):
                    each.confirmation.CopyFrom(request.confirmation)
        self.versions[request.timetable_id] += 1
        return pb.ConfirmRunsResponse(summary=self.summary(request.timetable_id))

    def delete(self, request: pb.DeleteTimetableRequest) -> pb.DeleteTimetableResponse:
        self._expect(request.timetable_id, request.expected_version)
        del self.lines[request.timetable_id], self.versions[request.timetable_id]
        return pb.DeleteTimetableResponse()

    def save_ways(self, request: pb.SaveWaysRequest) -> pb.SaveWaysResponse:
        if request.expected_version != self.ways.version:
            raise CONFLICT
        self.ways = pb.GetWaysResponse(
            walks=request.walks, taxis=request.taxis, version=self.ways.version + 1
        )
        return pb.SaveWaysResponse(version=self.ways.version)


@dataclass
class Studio:
    """A browser of the association's staff, and what the services behind it keep."""

    client: FlaskClient
    kept: Kept
    services: FakeServices

    def get(self, path: str, language: str = "en", status: int = 200) -> str:
        answer = self.client.get(path, base_url=HOST, headers={"Accept-Language": language})
        assert answer.status_code == status, answer.text[-2_000:]
        return str(answer.text)

    def fields(self, path: str) -> list[tuple[str, str]]:
        """Returns what the form of a page would send if nobody touched it."""
        return form_of(self.get(path))

    def send(self, path: str, fields: list[tuple[str, str]], status: int = 200, **more: Any) -> Any:
        data: dict[str, list[Any]] = {}
        for name, value in fields:
            data.setdefault(name, []).append(value)
        answer = self.client.post(
            path, data=data | more, base_url=HOST,
            headers={"Origin": HOST, "Accept-Language": "en"},
        )  # fmt: skip
        assert answer.status_code == status, answer.text[-3_000:]
        return answer


def form_of(page: str) -> list[tuple[str, str]]:
    """Returns the fields of the largest form of a page as a browser would send them."""
    form = max(re.findall(r"<form.*?</form>", page, flags=re.DOTALL), key=len)
    found: list[tuple[str, str]] = []
    kinds = r"<input ([^>]*)>|<select ([^>]*)>(.*?)</select>|<textarea ([^>]*)>(.*?)</textarea>"
    for tag in re.finditer(kinds, form, re.DOTALL):
        attributes = tag[1] or tag[2] or tag[4]
        name = re.search(r'\bname="([^"]*)"', attributes)
        if name is None or 'type="file"' in attributes:
            continue
        if tag[4]:
            found.append((name[1], unescape(tag[5])))
            continue
        if tag[2]:
            options = re.findall(r'<option value="([^"]*)"( selected)?', tag[3])
            chosen = [value for value, mark in options if mark] or [v for v, _ in options[:1]]
            found += [(name[1], unescape(value)) for value in chosen]
            continue
        if re.search(r'type="(checkbox|radio)"', attributes) and " checked" not in attributes:
            continue
        value = re.search(r'\bvalue="([^"]*)"', attributes)
        found.append((name[1], unescape(value[1]) if value else ""))
    return found


def changed(fields: list[tuple[str, str]], **wanted: str) -> list[tuple[str, str]]:
    """Returns fields with other values; underscores of names stand for dashes."""
    new = {name.replace("_", "-"): value for name, value in wanted.items()}
    rest = [(name, new.pop(name, value)) for name, value in fields]
    return rest + list(new.items())


@pytest.fixture
def kept() -> Kept:
    found = Kept()
    found.put(line())
    return found


@pytest.fixture
def studio(made_once: Flask, kept: Kept) -> Iterator[Studio]:
    services = FakeServices()
    services.user.roles[:] = [directory_pb.ROLE_EDITOR]
    answers: dict[str, Callable[[Any], Any]] = {
        "ListPlaces": lambda _: directory_pb.ListPlacesResponse(places=places()),
        "ListTimetables": kept.all, "GetLine": kept.get, "SaveLine": kept.save,
        "ConfirmRuns": kept.confirm, "DeleteTimetable": kept.delete,
        "GetWays": lambda _: kept.ways, "SaveWays": kept.save_ways,
        "PinPlace": lambda _: directory_pb.PinPlaceResponse(),
    }  # fmt: skip
    services.answers |= answers
    with with_parts(made_once, services).test_client() as client:
        client.set_cookie("meguri_session", SESSION, domain="guide.example.jp")
        yield Studio(client, kept, services)


def calls(kept_line: pb.Line) -> list[list[tuple[str, int]]]:
    """Returns where each run of a line stops."""
    return [checked.calls(each, kept_line.stops) for each in kept_line.runs]
