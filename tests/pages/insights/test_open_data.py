"""Open data on its page and in its files, with days made up and no service behind."""

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from flask import Flask
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.insights.v1 import open_data_service_pb2 as pb
from services.edge import cookies
from services.edge.insights.open_data.fiware import UNIT_CODES
from services.edge.insights.open_data.words import COLUMNS, LICENCES
from tests.pages.edge.fakes import SESSION, Failure, FakeServices
from tests.pages.insights.test_pages import Backstage, app, backstage

__all__ = ["app", "backstage"]  # fixtures
LOCALES = ("ja", "en", "ko", "zh-Hans", "zh-Hant")
FILES = (
    "days.csv", "days.csv-metadata.json", "datapackage.json", "dataset.jsonld", "days.ngsi-ld.json",
)  # fmt: skip
VIEWS, TAKINGS = pb.OPEN_MEASURE_GUIDE_VIEWS, pb.OPEN_MEASURE_TAKINGS


def published() -> pb.ReadOpenDataResponse:
    return pb.ReadOpenDataResponse(
        settings=pb.OpenDataSettings(
            measures=[VIEWS, TAKINGS], licence=pb.OPEN_LICENCE_CC_BY_4_0,
            publisher="Mine <City>", contact="info@example.jp",
        ),
        days=[
            pb.OpenDay(date="2026-05-01", figures=[
                pb.OpenFigure(measure=VIEWS, value=1_240), pb.OpenFigure(measure=TAKINGS)]),
            pb.OpenDay(date="2026-05-02", figures=[
                pb.OpenFigure(measure=VIEWS, value=0),
                pb.OpenFigure(measure=TAKINGS, value=98_000)]),
            pb.OpenDay(date="2026-05-03", figures=[pb.OpenFigure(measure=TAKINGS, value=500)]),
        ],
        suppression_k=10, least_shops=3, most_share_percent=70, first_date="2026-05-01",
        last_date="2026-05-02",
    )  # fmt: skip


class Services(FakeServices):
    """Stand-ins that publish what `found` says; `refuse` is raised by a choice."""

    def __init__(self) -> None:
        super().__init__()
        self.user = directory_pb.User(
            user_id="u9", login_name="mori", roles=[directory_pb.ROLE_ANALYST]
        )
        self.found, self.asked = published(), pb.ReadOpenDataRequest()
        self.said: list[Any] = []
        self.refuse: grpc.RpcError | None = None
        self.answers |= {
            "ReadOpenData": self._read,
            "ReadOpenDataSettings": lambda _: pb.ReadOpenDataSettingsResponse(
                settings=self.found.settings, version=4, preview=self.found.days
            ),
            "SaveOpenDataSettings": self._save,
        }

    def _read(self, request: Any) -> Any:
        self.asked = request
        return self.found

    def _save(self, request: Any) -> Any:
        if self.refuse:
            raise self.refuse
        self.said.append(request)
        return pb.SaveOpenDataSettingsResponse(version=5)


@pytest.fixture
def services(backstage: Backstage) -> Services:
    backstage.services = found = Services()
    return found


@pytest.fixture
def guest(app: Flask, services: Services) -> Iterator[FlaskClient]:
    app.extensions["meguri"].sessions.forget_all()
    with app.test_client() as client:
        yield client


@pytest.fixture
def staff(guest: FlaskClient) -> FlaskClient:
    guest.set_cookie(cookies.SESSION.name, SESSION)
    return guest


def choose(staff: FlaskClient, **entered: str) -> Any:
    page = staff.get("/insights/open/choice?locale=en").text
    token = page.partition('name="form_token" value="')[2].partition('"')[0]
    request_id = page.partition('name="request_id" value="')[2].partition('"')[0]
    return staff.post(
        "/insights/open/choice?locale=en",
        data={"form_token": token, "request_id": request_id, "version": "4", **entered},
        headers={"Origin": "http://localhost"},
    )


@pytest.mark.parametrize("locale", LOCALES)
def test_everybody_reads_it_in_every_language(guest: FlaskClient, locale: str) -> None:
    answer = guest.get(f"/insights/open?locale={locale}")
    assert answer.status_code == 200
    assert f'<html lang="{locale}"' in answer.text
    assert "1,240" in answer.text
    assert "¥98,000" in answer.text
    assert "Mine &lt;City&gt;" in answer.text
    assert "creativecommons.org" in answer.text
    assert "/insights/open/choice" not in answer.text


def test_the_staff_is_led_from_the_choice_to_what_all_see(staff: FlaskClient) -> None:
    assert 'href="/insights/open"' in staff.get("/insights/open/choice").text


def test_nothing_is_there_until_it_is_chosen(guest: FlaskClient, services: Services) -> None:
    services.found = pb.ReadOpenDataResponse()
    assert "Nothing is published" in guest.get("/insights/open?locale=en").text
    for name in FILES:
        assert guest.get(f"/insights/open/{name}").status_code == 404


def test_a_withheld_figure_is_empty_and_named(guest: FlaskClient) -> None:
    answer = guest.get("/insights/open/days.csv?from=2026-05-01&until=2026-05-02")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows == [
        ["date", "guide_views", "takings_yen", "withheld"],
        ["2026-05-01", "1240", "", "takings_yen"],
        ["2026-05-02", "0", "98000", ""],
        ["2026-05-03", "", "500", ""],
    ]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_the_dates_asked_for_are_passed_on(guest: FlaskClient, services: Services) -> None:
    guest.get("/insights/open/days.csv?from=2026-05-01&until=2026-05-02")
    assert (services.asked.from_date, services.asked.until_date) == ("2026-05-01", "2026-05-02")


def test_files_are_not_sent_twice(guest: FlaskClient) -> None:
    for name in FILES:
        first = guest.get(f"/insights/open/{name}")
        again = guest.get(
            f"/insights/open/{name}", headers={"If-None-Match": first.headers["ETag"]}
        )
        assert (first.status_code, again.status_code) == (200, 304)
        assert first.headers["Cache-Control"] == "public, no-cache"  # taken back, it is gone


def test_programs_are_told_what_each_column_is(guest: FlaskClient) -> None:
    told = {
        name: json.loads(guest.get(f"/insights/open/{name}?locale=en").text) for name in FILES[1:]
    }
    names = ["date", "guide_views", "takings_yen", "withheld"]
    csvw = told["days.csv-metadata.json"]
    assert [column["name"] for column in csvw["tableSchema"]["columns"]] == names
    assert csvw["dc:license"] == {"@id": "https://creativecommons.org/licenses/by/4.0/"}
    package = told["datapackage.json"]
    (resource,) = package["resources"]
    assert [each["name"] for each in resource["schema"]["fields"]] == names
    assert package["licenses"][0]["name"] == "CC-BY-4.0"
    dataset = told["dataset.jsonld"]
    assert dataset["@type"] == "Dataset"
    assert dataset["temporalCoverage"] == "2026-05-01/2026-05-02"
    for document in (
        csvw["dc:description"][1]["@value"],
        package["description"],
        dataset["description"],
    ):
        assert "k = 10" in document


def test_years_beyond_one_file_are_files_of_their_own(
    guest: FlaskClient, services: Services
) -> None:
    def downloads() -> list[dict[str, str]]:
        found: list[dict[str, str]] = guest.get("/insights/open/dataset.jsonld").get_json(
            force=True
        )["distribution"]
        return found

    (alone,) = downloads()
    assert alone["contentUrl"].endswith("/insights/open/days.csv")
    assert "By years" not in guest.get("/insights/open?locale=en").text
    services.found.first_date, services.found.last_date = "2023-04-01", "2026-05-03"
    told = downloads()
    assert [each["temporalCoverage"] for each in told] == [
        "2026-01-01/2026-05-03", "2025-01-01/2025-12-31", "2024-01-01/2024-12-31",
        "2023-04-01/2023-12-31",
    ]  # fmt: skip
    page = guest.get("/insights/open?locale=en").text
    for each in told:
        path = each["contentUrl"].removeprefix("http://localhost")
        assert f'href="{path.replace("&", "&amp;")}"' in page
        guest.get(path)
        asked = services.asked
        assert f"{asked.from_date}/{asked.until_date}" == each["temporalCoverage"]


@pytest.mark.parametrize("locale", ["ja", "en", "ko"])
def test_what_csvw_says_is_said_in_japanese_and_english_whoever_asks(
    guest: FlaskClient, locale: str
) -> None:
    told = json.loads(guest.get(f"/insights/open/days.csv-metadata.json?locale={locale}").text)
    views = told["tableSchema"]["columns"][1]
    for texts in (
        told["dc:title"],
        told["dc:description"],
        views["dc:title"],
        views["dc:description"],
        told["tableSchema"]["columns"][-1]["dc:description"],
    ):
        assert [each["@language"] for each in texts] == ["ja", "en"]
        japanese, english = (each["@value"] for each in texts)
        assert re.search("[ぁ-ん一-龠]", japanese)
        assert not re.search("[ぁ-ん一-龠]", english)
    # The heading of the file is one for all languages: programs find the column by it.
    assert views["titles"] == views["name"] == "guide_views"


def test_days_come_as_entities_and_what_is_withheld_has_no_value(
    guest: FlaskClient, services: Services
) -> None:
    answer = guest.get("/insights/open/days.ngsi-ld.json?locale=en")
    assert answer.content_type == "application/ld+json"
    found = {each["id"]: each for each in json.loads(answer.text)}
    assert len(found) == 5
    views = found["urn:ngsi-ld:KeyPerformanceIndicator:mine:guide_views:2026-05-01"]
    assert views["kpiValue"] == {"type": "Property", "value": 1_240, "unitCode": "C62"}
    assert views["calculationPeriod"]["value"] == {"from": "2026-05-01", "to": "2026-05-01"}
    assert (views["withheld"]["value"], views["suppressionThreshold"]["value"]) == (False, 10)
    hidden = found["urn:ngsi-ld:KeyPerformanceIndicator:mine:takings_yen:2026-05-01"]
    assert "kpiValue" not in hidden
    assert hidden["withheld"]["value"] is True
    nothing = found["urn:ngsi-ld:KeyPerformanceIndicator:mine:guide_views:2026-05-02"]
    assert nothing["kpiValue"]["value"] == 0
    assert "urn:ngsi-ld:KeyPerformanceIndicator:mine:guide_views:2026-05-03" not in found
    assert set(UNIT_CODES) == set(COLUMNS)
    services.found.settings.measures[:] = [VIEWS]  # what is no longer chosen is not told
    left = json.loads(guest.get("/insights/open/days.ngsi-ld.json").text)
    assert {each["name"]["value"] for each in left} == {"guide_views"}


def test_simulated_visitors_are_called_so(guest: FlaskClient, services: Services) -> None:
    services.found.demo = True
    package = json.loads(guest.get("/insights/open/datapackage.json").text)
    assert package["description"].startswith("Simulated")


def test_all_figures_and_terms_have_words() -> None:
    assert set(COLUMNS) == set(pb.OpenMeasure.values()) - {0}
    assert set(LICENCES) == set(pb.OpenLicence.values()) - {0}


def test_a_choice_is_kept(staff: FlaskClient, services: Services) -> None:
    entered = {"measure-1": "1", "measure-3": "1", "licence": "3", "publisher": "Mine City"}
    answer = choose(staff, **entered)
    assert answer.headers["Location"] == "/insights/open/choice?done=1"
    (said,) = services.said
    assert list(said.settings.measures) == [1, 3]
    assert (said.settings.licence, said.expected_version) == (pb.OPEN_LICENCE_PDL_1_0, 4)
    assert choose(staff).status_code == 303  # to publish nothing needs no terms


def test_what_was_saved_is_said_also_where_it_is_nothing(
    staff: FlaskClient, services: Services
) -> None:
    page = "/insights/open/choice?done=1&locale=en"
    assert "This is what everybody sees from now on." in staff.get(page).text
    del services.found.settings.measures[:]
    text = staff.get(page).text
    assert "Saved. Nothing is published." in text
    assert "everybody sees from now on" not in text


@pytest.mark.parametrize(
    ("entered", "at"),
    [
        ({"measure-1": "1", "licence": "0", "publisher": "Mine"}, "f-licence"),
        ({"measure-1": "1", "licence": "9", "publisher": "Mine"}, "f-licence"),
        ({"measure-1": "1", "licence": "1", "publisher": " "}, "f-publisher"),
        ({"publisher": "x" * 81}, "f-publisher"),
        ({"contact": "x" * 201}, "f-contact"),
        ({"contact": "a\nb"}, "f-contact"),
    ],
)
def test_what_cannot_be_published_is_told_at_its_field(
    staff: FlaskClient, services: Services, entered: dict[str, str], at: str
) -> None:
    answer = choose(staff, **entered)
    assert answer.status_code == 422
    assert f'href="#{at}"' in answer.text
    assert f'id="{at}"' in answer.text
    assert not services.said


def test_a_name_is_taken_as_it_is_typed_in_japan(staff: FlaskClient, services: Services) -> None:
    """With the wide blank."""
    entered = {"measure-1": "1", "licence": "1", "publisher": "美祢市　観光課"}
    assert choose(staff, **entered).status_code == 303
    assert services.said[-1].settings.publisher == "美祢市　観光課"


def test_two_who_choose_are_told(staff: FlaskClient, services: Services) -> None:
    services.refuse = Failure(grpc.StatusCode.ABORTED, "VERSION_CONFLICT")
    answer = choose(staff, **{"measure-1": "1", "licence": "1", "publisher": "Mine"})
    assert answer.status_code == 409
    assert "Somebody else has changed it" in answer.text
