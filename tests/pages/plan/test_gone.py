"""Links that lead to no day: the page says what may have happened, and leads on."""

import grpc
import pytest
from flask import g
from flask.testing import FlaskClient
from flask_babel import force_locale

from services.edge.plan import gone
from services.itinerary.app import forget
from tests.pages.edge.fakes import Failure
from tests.pages.plan.conftest import PLAN_ID, SOJOURN_ID, Planner
from tests.pages.plan.test_pages import ENGLISH, page_of

OTHER = "11111111-2222-7333-8444-555555555555"
FIRST_WORDS = {
    "en": "This day cannot be found", "ja": "この日の計画は見つかりません",
    "ko": "이 일정을 찾을 수 없습니다", "zh-Hans": "找不到这个行程", "zh-Hant": "找不到這個行程",
    "de": "Dieser Tag ist nicht zu finden", "es": "No se encuentra este día",
    "fr": "Cette journée est introuvable", "id": "Hari ini tidak ditemukan",
    "th": "ไม่พบแผนของวันนี้", "vi": "Không tìm thấy ngày này",
}  # fmt: skip


@pytest.mark.parametrize(("locale", "words"), FIRST_WORDS.items())
def test_in_every_language_it_says_so_and_leads_on(
    visitor: FlaskClient, locale: str, words: str
) -> None:
    with visitor.application.test_request_context(f"/plan/{OTHER}"):
        visitor.application.preprocess_request()
        g.locale = locale
        with force_locale(locale.replace("-", "_")):
            answer = gone.nowhere(OTHER)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 404
    assert f"<h1>{words}</h1>" in text
    main = text.split("<main")[1].split("</main>")[0]
    assert all(f'href="{way}"' in main for way in ("/plan", "/help"))
    assert locale == "en" or "Part of the link" not in main
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "address",
    [f"/plan/{PLAN_ID[:20]}", f"/plan/{OTHER}/map", f"/plan/{OTHER}/others", "/plan/a/b/c",
     f"/plan/{OTHER}/day.ics", f"/plan?from={OTHER}", f"/plan/{PLAN_ID}x"[:38]],
)  # fmt: skip
def test_whatever_is_wrong_with_the_link(visitor: FlaskClient, address: str) -> None:
    answer = visitor.get(address, headers=ENGLISH)
    assert answer.status_code == 404
    assert "This day cannot be found" in answer.text
    assert "localhost" in answer.text
    assert f"until {forget.KEEP_DAYS} days after" in answer.text
    assert gone.KEEP_DAYS == forget.KEEP_DAYS


@pytest.mark.parametrize("behind", [".", ")", "/", "/nothing", "%E3%80%82"])
def test_what_a_mail_program_took_into_the_link_is_cut_off(
    visitor: FlaskClient, behind: str
) -> None:
    page_of(visitor)
    answer = visitor.get(f"/plan/{PLAN_ID}{behind}", headers=ENGLISH)
    assert (answer.status_code, answer.location) == (302, f"/plan/{PLAN_ID}")
    assert visitor.get(answer.location).status_code == 200


@pytest.mark.parametrize("behind", [".", ")", "/", "/nothing", "%E3%80%82"])
def test_so_it_is_of_several_days(visitor: FlaskClient, behind: str) -> None:
    answer = visitor.get(f"/plan/days/{SOJOURN_ID}{behind}", headers=ENGLISH)
    assert (answer.status_code, answer.location) == (302, f"/plan/days/{SOJOURN_ID}")
    # Where these are gone too, there the way ends.
    assert visitor.get(answer.location).status_code == 404


def test_a_change_of_a_day_that_is_gone_gets_the_same_page(visitor: FlaskClient) -> None:
    for way in ("change", "quieter", "take"):
        answer = visitor.post(
            f"/plan/{OTHER}/{way}", headers=ENGLISH,
            data={"do": "lunch", "quieter": "1", "kind": "1", "version": 1},
        )  # fmt: skip
        assert answer.status_code == 404, way
        assert "This day cannot be found" in answer.text


def test_where_nothing_can_be_taken_back_the_day_is_shown(
    visitor: FlaskClient, planner: Planner
) -> None:
    def nothing(_request: object) -> None:
        raise Failure(grpc.StatusCode.NOT_FOUND, "NOT_FOUND")

    page_of(visitor)
    planner.answers["UndoItinerary"] = nothing  # type: ignore[assignment]
    answer = visitor.post(f"/plan/{PLAN_ID}/undo", data={"version": 1}, headers=ENGLISH)
    assert (answer.status_code, answer.location) == (303, f"/plan/{PLAN_ID}")


def test_what_is_merely_away_is_not_called_gone(visitor: FlaskClient, planner: Planner) -> None:
    def away(_request: object) -> None:
        raise Failure(grpc.StatusCode.UNAVAILABLE, "UNAVAILABLE")

    planner.answers["GetItinerary"] = away  # type: ignore[assignment]
    answer = visitor.get(f"/plan/{OTHER}", headers=ENGLISH)
    assert answer.status_code == 503
    assert "This day cannot be found" not in answer.text


def test_a_program_reads_the_reason_it_knows(visitor: FlaskClient) -> None:
    answer = visitor.get(f"/api/v1/itineraries/{OTHER}", headers=ENGLISH)
    assert (answer.status_code, answer.get_json()["reason"]) == (404, "not_found")
    answer = visitor.get(f"/plan/{OTHER}", headers={"Accept": "application/json"})
    assert answer.get_json()["reason"] == "not_found"
