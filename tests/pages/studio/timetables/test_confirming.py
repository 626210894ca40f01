"""Confirming runs and taking it back; who may do it, and what a form must say."""

from datetime import date, timedelta

import pytest
from werkzeug.datastructures import MultiDict

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from services.edge.studio.timetables import confirming
from tests.pages.studio.timetables.conftest import Kept, Studio, changed, form_of, line

PAGE = "/studio/timetables/shuho/confirm"
TODAY = date(2026, 11, 29)


def form(**more: str) -> MultiDict[str, str]:
    return MultiDict({"by": "佐藤", "confirmed": "2026-11-29", "until": "2027-03-31"} | more)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"by": " "}, "f-by"),
        ({"confirmed": "yesterday"}, "f-confirmed"),
        ({"confirmed": "2026-11-30"}, "f-confirmed"),
        ({"until": ""}, "f-until"),
        ({"until": "2026-11-28"}, "f-until"),
        ({"until": "2028-12-31"}, "f-until"),
    ],
)
def test_what_says_nothing_confirms_nothing(typed: dict[str, str], field: str) -> None:
    assert list(confirming.read(form(**typed), TODAY)[1]) == [field]


def test_dates_may_be_written_as_in_japan() -> None:
    said, wrong = confirming.read(form(until="2027年3月31日"), TODAY)
    assert wrong == {}
    assert said.until_date == "2027-03-31"


def test_ticked_runs_are_confirmed_and_the_others_stay(studio: Studio, kept: Kept) -> None:
    fields = [each for each in studio.fields(PAGE) if each != ("run", "r1")]
    assert ("run", "r2") in fields
    answer = studio.send(PAGE, [*changed(fields, by="鈴木、窓口で"), ("action", "confirm")], 303)
    first, second = kept.lines["shuho"].runs
    assert first.confirmation.confirmed_by == "佐藤、電話で"
    assert second.confirmation.confirmed_by == "鈴木、窓口で"
    page = studio.get(answer.location)
    assert "Visitors are told that these times are certain" in page
    assert "鈴木、窓口で" in page


def test_taking_it_back_needs_no_words(studio: Studio, kept: Kept) -> None:
    fields = studio.fields(PAGE)
    studio.send(PAGE, [*fields, ("action", "assume")], 303)
    assert not any(each.HasField("confirmation") for each in kept.lines["shuho"].runs)


def test_what_is_missing_is_said_and_the_rest_stays(studio: Studio, kept: Kept) -> None:
    fields = [each for each in studio.fields(PAGE) if each[0] != "run"]
    page = studio.send(
        PAGE, [*changed(fields, until="2099-13-01"), ("action", "confirm")], 422
    ).text
    for id_ in ("runs", "f-by", "f-until"):
        assert f'id="{id_}-error"' in page
    assert kept.versions["shuho"] == 1
    assert "checked" not in page[page.index("tt-runs-list") :].partition("</ul>")[0]


def test_times_that_changed_meanwhile_are_not_confirmed(studio: Studio, kept: Kept) -> None:
    fields = changed(studio.fields(PAGE), by="鈴木")
    theirs = line()
    theirs.runs[1].minutes[0] = 640
    kept.put(theirs)
    page = studio.send(PAGE, [*fields, ("action", "confirm")], 409).text
    assert "Look at the times again" in page
    assert "10:40" in page
    assert 'value="鈴木"' in page
    assert not kept.lines["shuho"].runs[1].HasField("confirmation")
    studio.send(PAGE, [*form_of(page), ("action", "confirm")], 303)
    assert kept.lines["shuho"].runs[1].HasField("confirmation")


def test_a_confirmation_that_is_over_is_said_to_be(studio: Studio, kept: Kept) -> None:
    yesterday = (date.today() - timedelta(days=3)).isoformat()  # noqa: DTZ011 - days, not hours
    kept.lines["shuho"].runs[0].confirmation.until_date = yesterday
    assert "No longer" in studio.get(PAGE)


def test_the_page_of_today_has_it_as_a_task(studio: Studio, kept: Kept) -> None:
    studio.services.away.add("multilingual")
    assert "Ask the operators again" not in studio.get("/studio/today")
    soon = (date.today() + timedelta(days=10)).isoformat()  # noqa: DTZ011 - days, not hours
    kept.lines["shuho"].runs[0].confirmation.until_date = soon
    page = studio.get("/studio/today")
    assert "Ask the operators again" in page
    assert 'href="/studio/timetables/shuho/confirm"' in page
    studio.services.away.add("itinerary")
    assert "Ask the operators again" not in studio.get("/studio/today")


def test_who_only_reads_texts_has_no_such_task(studio: Studio, kept: Kept) -> None:
    studio.services.user.roles[:] = [directory_pb.ROLE_REVIEWER]
    studio.services.away.add("multilingual")
    kept.lines["shuho"].runs[0].confirmation.until_date = "2026-01-01"
    assert "Ask the operators again" not in studio.get("/studio/today")
