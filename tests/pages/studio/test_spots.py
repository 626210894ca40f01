"""The studio's pages of spots: figures without the small ones, settings, undo, and the table."""

import csv
import io
import re
from typing import Any

import grpc
import pytest
from flask.testing import FlaskClient

from meguri.itinerary.v1 import itinerary_service_pb2 as words_pb
from meguri.itinerary.v1 import spot_service_pb2 as pb
from services.edge.studio.spot_words import LEFT_OUT
from tests.pages.edge.fakes import Failure, FakeServices
from tests.pages.studio.test_pages import browser, get, guide, post

__all__ = ["browser", "guide"]

PAGE, ONE = "/studio/spots", "/studio/spots/kaerimizu"
AUTUMN = {"capacity": "", "percent": "15", "first": "2026-11-01", "last": "2026-11-30",
          "reason-ja": "紅葉が見ごろ", "reason-en": "Autumn leaves"}  # fmt: skip


def spots() -> list[pb.Spot]:
    cave = pb.Spot(poi_id="cave", names={"ja": "秋芳洞", "en": "The cave"}, shown_count=340,
                   asked_count=120, category=words_pb.POI_CATEGORY_CAVE)  # fmt: skip
    cave.left_out.add(why=words_pb.WHY_OUT_CROWDED, plan_count=60)
    cave.left_out.add(why=words_pb.WHY_OUT_CLOSURE, plan_count=30)
    hidden = pb.Spot(poi_id="kaerimizu", names={"ja": "帰り水"}, hidden_spot=True, shown_count=170,
                     category=words_pb.POI_CATEGORY_NATURE)  # fmt: skip
    quiet = pb.Spot(poi_id="a/b", names={"ja": "=遺跡"}, category=words_pb.POI_CATEGORY_HERITAGE)
    return [quiet, hidden, cave]


class World:
    """What itinerary would answer; tests change it."""

    def __init__(self, services: FakeServices) -> None:
        self.spots = spots()
        self.services = services
        services.answers |= {
            "ListSpots": self._list,
            "SaveSpotSettings": lambda _: pb.SaveSpotSettingsResponse(version=5),
            "UndoSpotSettings": lambda _: pb.UndoSpotSettingsResponse(version=5),
        }

    def _list(self, request: pb.ListSpotsRequest) -> pb.ListSpotsResponse:
        return pb.ListSpotsResponse(
            spots=self.spots, plan_count=410, month=request.month or "2026-11",
            months=["2026-11", "2026-10"], suppression_k=10,
        )  # fmt: skip

    def last(self, name: str) -> Any:
        return self.services.called(name)[-1]


@pytest.fixture
def world(guide: FakeServices) -> World:
    return World(guide)


def send(browser: FlaskClient, path: str = ONE, **fields: str) -> Any:
    given = {**AUTUMN, "version": "4", "action": "save", **fields}
    return post(browser, path, get(browser, path).text, **given)


def row(page: str, poi_id: str) -> str:
    return page.partition(f'href="/studio/spots/{poi_id}')[2].partition("</tr>")[0]


def test_the_most_shown_come_first_and_small_figures_are_withheld(
    browser: FlaskClient, world: World
) -> None:
    page = get(browser, PAGE).text
    places = [page.index(f'href="/studio/spots/{each}') for each in ("cave", "kaerimizu", "a/b")]
    assert places == sorted(places)
    cave, hidden = row(page, "cave"), row(page, "kaerimizu")
    assert "340" in cave
    assert '<rect width="100"' in cave
    assert "混雑しすぎ" in cave
    assert '<rect width="50"' in hidden
    assert "穴場" in hidden
    assert hidden.count("withheld") == 3
    assert row(page, "a/b").count("withheld") == 4
    assert "410" in page
    assert "2026年11月" in page


def test_what_is_withheld_is_a_quiet_sign_that_a_legend_explains_once(
    browser: FlaskClient, world: World
) -> None:
    page = get(browser, PAGE).text
    legend, table = page.split('class="small muted spots-legend"')[1].split("<table")
    words = "少数または0"
    assert '<span class="withheld">–</span> ' + words in legend
    assert table.count("–") == table.count('<span aria-hidden="true">–</span>') == 8
    # Whoever hears the page hears the words; nobody sees them in the cells.
    assert table.count(words) == table.count(f'<span class="visually-hidden">{words}</span>') == 8
    assert "<strong>340</strong>" in row(page, "cave")
    assert re.search(r'spots-steered" data-label="[^"]*"></td>', row(page, "a/b"))
    world.spots = []
    assert words not in get(browser, PAGE).text, "without a table there is nothing to explain"


def test_one_spot_says_in_words_what_is_withheld(browser: FlaskClient, world: World) -> None:
    assert "少数または0" in get(browser, ONE).text
    assert "–</span>" not in get(browser, ONE).text


def test_a_month_and_hidden_spots_are_chosen(browser: FlaskClient, world: World) -> None:
    page = get(browser, f"{PAGE}?month=2026-10&only=hidden").text
    assert world.last("ListSpots").month == "2026-10"
    assert "帰り水" in page
    assert "秋芳洞</a>" not in page
    assert '<option value="2026-10" selected>' in page


def test_one_spot_tells_why_it_is_left_out(browser: FlaskClient, world: World) -> None:
    page = get(browser, f"{PAGE}/cave?month=2026-10").text
    assert "混雑しすぎ" in page
    assert "職員が閉鎖" in page
    assert get(browser, f"{PAGE}/a/b").status_code == 200
    assert get(browser, f"{PAGE}/nowhere").status_code == 404


def test_a_hidden_spot_is_recommended_with_its_reason(browser: FlaskClient, world: World) -> None:
    answer = send(browser)
    assert answer.status_code == 303, answer.text
    assert answer.location == f"{ONE}?done=1"
    sent = world.last("SaveSpotSettings")
    assert (sent.poi_id, sent.expected_version) == ("kaerimizu", 4)
    assert sent.settings == words_pb.SpotSettings(
        promotion=words_pb.Promotion(
            percent=15, first_date="2026-11-01", last_date="2026-11-30",
            reason={"ja": "紅葉が見ごろ", "en": "Autumn leaves"},
        )
    )  # fmt: skip
    assert "保存しました" in get(browser, answer.location).text


def test_a_capacity_is_kept_and_all_is_ended_by_empty_fields(
    browser: FlaskClient, world: World
) -> None:
    none = dict.fromkeys(AUTUMN, "")
    send(browser, **{**none, "capacity": "1,200"})
    assert world.last("SaveSpotSettings").settings == words_pb.SpotSettings(capacity=1200)
    send(browser, **none)
    assert world.last("SaveSpotSettings").settings == words_pb.SpotSettings()


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"capacity": "9"}, "f-capacity"), ({"capacity": "many"}, "f-capacity"),
     ({"percent": "21"}, "f-percent"), ({"percent": ""}, "f-percent"), ({"first": ""}, "f-first"),
     ({"last": "2026-10-01"}, "f-last"), ({"last": "2027-11-01"}, "f-last"),
     ({"last": "2026-11-99"}, "f-last"),
     ({"reason-ja": "", "reason-en": ""}, "f-reason-ja"),
     ({"reason-en": "a" * 201}, "f-reason-en")],
)  # fmt: skip
def test_what_cannot_be_taken_is_told_beside_its_field(
    browser: FlaskClient, world: World, typed: dict[str, str], field: str
) -> None:
    answer = send(browser, **typed)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}-error"' in answer.text
    assert not world.services.called("SaveSpotSettings")
    kept = "紅葉が見ごろ" if "reason-ja" not in typed else 'value="15"'
    assert kept in answer.text, "what was typed is still there"


def test_somebody_else_was_faster(browser: FlaskClient, world: World) -> None:
    def refuse(_request: Any) -> Any:
        raise Failure(grpc.StatusCode.ABORTED, "VERSION_CONFLICT")

    world.services.answers["SaveSpotSettings"] = refuse
    world.spots[1].settings.capacity = 77
    world.spots[1].settings_version = 9
    answer = send(browser)
    assert answer.status_code == 409
    assert 'value="77"' in answer.text
    assert 'name="version" value="9"' in answer.text


def test_the_latest_change_is_taken_back(browser: FlaskClient, world: World) -> None:
    assert 'value="undo"' not in get(browser, ONE).text
    world.spots[1].undoable = True
    assert 'value="undo"' in get(browser, ONE).text
    answer = send(browser, action="undo", capacity="not looked at")
    assert answer.status_code == 303
    sent = world.last("UndoSpotSettings")
    assert (sent.poi_id, sent.expected_version) == ("kaerimizu", 4)


def test_the_table_has_a_line_for_each_reason_and_nothing_runs(
    browser: FlaskClient, world: World
) -> None:
    world.spots[1].settings.promotion.percent = 15
    answer = get(browser, f"{PAGE}.csv?month=2026-10")
    assert (
        answer.headers["Content-Disposition"] == 'attachment; filename="meguri-spots-2026-10.csv"'
    )
    lines = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert [line["poi_id"] for line in lines] == ["a/b", "kaerimizu", "cave", "cave"]
    quiet, hidden, cave, _more = lines
    assert quiet["name"] == "'=遺跡"
    assert (quiet["shown_count"], quiet["withheld_below"], quiet["plan_count"]) == ("", "10", "410")
    assert (hidden["hidden_spot"], hidden["recommended_percent"]) == ("yes", "15")
    assert (cave["left_out_reason"], cave["left_out_count"]) == ("crowded", "60")
    assert cave["category"] == "cave"


def test_every_reason_has_words_for_the_staff() -> None:
    assert set(LEFT_OUT) == set(words_pb.WhyOut.values()) - {0}


def test_the_way_there_is_on_the_page_of_texts(browser: FlaskClient, world: World) -> None:
    assert 'href="/studio/spots"' in get(browser, "/studio").text
