"""The page of a POI: every field comes back as it was, and nothing typed is lost."""

from typing import Any

import pytest

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.itinerary.v1 import itinerary_service_pb2 as base
from meguri.itinerary.v1 import poi_service_pb2 as pb
from tests.pages.edge.fakes import Failure
from tests.pages.studio.pois.conftest import PoiStudio, museum
from tests.pages.studio.timetables.conftest import CONFLICT, form_of

HERE = "/studio/pois/museum"


def test_a_sheet_that_nobody_touched_is_kept_as_it_is(studio: PoiStudio) -> None:
    answer = studio.send_changed(HERE, "save", 303)
    assert answer.location == f"{HERE}?done=as-was"
    sent = studio.saved()
    assert sent.record == museum()
    assert (sent.expected_version, sent.draft, len(sent.confirmations)) == (1, False, 0)


def test_every_field_can_be_changed(studio: PoiStudio) -> None:
    studio.send_changed(
        HERE, "save", 303, category=str(base.POI_CATEGORY_CULTURE), interest=["11"],
        status="3", last_entry="-45min", stay__min="20", stay__max="80", score="50", hidden="1",
        group="houses", fee__adult="1,200円", fee__junior_high="0", fee__child="",
        path__steps="3", path__slope="9",
        t__summary__ja="新しい館", t__summary__en="", t__access_note__ko="계단", phone="１-2",
        rental="1", height=" 1,2３4 m", source="we asked", place_id="cave", rows="1",
        r0__times="10:00-16:00", r0__day=["Sa", "Su"],
    )  # fmt: skip
    sent = studio.saved().record
    assert (sent.category, list(sent.interests), sent.status) == (16, [11], 3)
    assert (sent.opening, sent.last_entry) == ("Sa,Su 10:00-16:00", "-45min")
    assert (sent.stay_min_minutes, sent.stay_max_minutes, sent.score) == (20, 80, 50)
    assert (sent.hidden_spot, sent.group, sent.phone, sent.source) == (
        True,
        "houses",
        "1-2",
        "we asked",
    )
    assert (sent.fees.adult_amount_yen, sent.fees.junior_high_amount_yen) == (1200, 0)
    assert not sent.fees.HasField("child_amount_yen")
    assert dict(sent.texts.summary) == {"ja": "新しい館", "zh-Hant": "化石館"}
    assert dict(sent.texts.access_note) == {"ko": "계단"}
    assert sent.place_id == "cave"
    assert (sent.paths.wheelchair, sent.paths.steps, sent.paths.slope) == (2, 3, 0)
    assert (sent.cycle_rental, sent.elevation_m) == (True, 1234)
    assert list(sent.estimated_fields) == ["opening", "kana"]


@pytest.mark.parametrize(
    ("typed", "kept"), [("0", 0), ("-4", -4), ("−4", -4), ("425m", 425), ("", None)]
)
def test_a_height_is_kept_as_it_is_meant(studio: PoiStudio, typed: str, kept: int | None) -> None:
    studio.send_changed(HERE, "save", 303, height=typed)
    sent = studio.saved().record
    assert (sent.elevation_m if sent.HasField("elevation_m") else None) == kept


@pytest.mark.parametrize("typed", ["high", "4001", "-101", "12.5", "1e3"])
def test_what_is_no_height_is_told_beside_it(studio: PoiStudio, typed: str) -> None:
    page = studio.send_changed(HERE, "save", 422, height=typed).text
    assert "Write a number from -100 to 4000." in page.partition('id="f-height"')[2][:400]
    assert f'name="height" inputmode="numeric" value="{typed}"' in page
    assert not studio.services.called("SavePoi")


def test_rows_are_added_moved_and_taken_out_without_keeping(studio: PoiStudio) -> None:
    page = studio.send_changed(HERE, "row-drop:1").text
    assert "Mo off" not in page.partition('id="notation"')[2].partition("</textarea>")[0]
    assert "09:00-17:00; Dec 28-Jan 04 off" in page
    assert studio.send_changed(HERE, "row-add").text.count("<legend>Row") == 5
    assert "Mo off (PH: next day); 09:00-17:00" in studio.send_changed(HERE, "row-up:1").text
    assert not studio.services.called("SavePoi")


def test_the_weeks_to_come_are_those_of_what_is_typed(studio: PoiStudio) -> None:
    page = studio.send_changed(HERE, "check", r0__times="11:11-12:12").text
    assert "11:11–12:12" in page
    assert "Nothing is wrong. It is not kept yet." in page
    assert "shut</strong>" in page
    (first, last) = studio.services.called("PreviewOpening")
    assert last.opening.startswith("11:11-12:12; Mo off")
    assert (first.day_count, last.day_count) == (35, 35)


def test_the_notation_counts_where_somebody_changed_it(studio: PoiStudio) -> None:
    studio.send_changed(HERE, "save", 303, notation="24/7", r0__times="11:11-12:12")
    assert studio.saved().record.opening == "24/7"


def test_a_notation_that_nobody_can_read_is_told_with_what_was_typed(studio: PoiStudio) -> None:
    page = studio.send_changed(HERE, "check", notation="nine to five").text
    assert "Nothing is wrong" not in page
    assert "nine to five</textarea>" in page
    assert 'id="notation-error"' in page
    assert "more than rows can say" in page
    begun = studio.send(HERE, [("notation", "nine"), ("notation-was", "nine"), ("request_id", "x"),
                               ("form_token", dict(studio.fields(HERE))["form_token"]),
                               ("action", "rows-new")]).text  # fmt: skip
    assert begun.count("<legend>Row") == 1


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ({"r0__times": "late"}, "r0-times"),
        ({"r1__day": None}, "r1-days"),
        ({"stay__min": "0"}, "f-stay-min"),
        ({"stay__max": "20"}, "f-stay-max"),
        ({"score": "101"}, "f-score"),
        ({"fee__child": "-1"}, "f-fee-child"),
        ({"last_entry": "late"}, "f-last-entry"),
        ({"status": "99"}, "f-status"),
        ({"sure__opening": "confirmed"}, "f-by"),
        ({"sure__opening": "confirmed", "by": "Sato", "on": "2999-01-01"}, "f-on"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(
    studio: PoiStudio, typed: dict[str, Any], where: str
) -> None:
    page = studio.send_changed(HERE, "save", 422, **typed).text
    assert f'id="{where}-error"' in page
    assert f'href="#{where}"' in page
    assert f'id="{where}"' in page
    assert not studio.services.called("SavePoi")


def test_what_is_confirmed_says_who_and_is_no_estimate(studio: PoiStudio) -> None:
    studio.send_changed(HERE, "save", 303, sure__opening="confirmed", by="伊藤", on="2026-11-28")
    sent = studio.saved()
    assert [(e.field, e.confirmed_by, e.confirmed_date) for e in sent.confirmations] == [
        ("opening", "伊藤", "2026-11-28")
    ]
    assert list(sent.record.estimated_fields) == ["kana"]


def test_who_changes_a_confirmed_field_is_told_that_it_is_no_longer(studio: PoiStudio) -> None:
    assert "佐藤、電話で" in studio.get(HERE)
    answer = studio.send_changed(HERE, "save", 303, fee__adult="500")
    assert answer.location == f"{HERE}?done=saved&lost=fees"
    assert "Fees was changed and is no longer confirmed." in studio.get(f"{HERE}?lost=fees")
    studio.pois.put(museum(), confirmations=[pb.FieldConfirmation(field="fees", confirmed_by="S")])
    studio.services.calls.clear()
    again = studio.send_changed(HERE, "save", 303, fee__adult="600", by="Ito", on="2026-11-28")
    assert "lost" not in again.location
    assert [each.field for each in studio.saved().confirmations] == ["fees"]


def test_a_colleagues_change_is_shown_beside_ones_own(studio: PoiStudio) -> None:
    typed = studio.fields(HERE)
    newer = museum()
    newer.score, newer.phone = 99, "0837-00-0000"
    studio.pois.put(newer)
    fields = [(n, "77" if n == "score" else v) for n, v in typed]
    page = studio.send(HERE, [*fields, ("action", "save")], 409).text
    assert "A colleague changed this meanwhile" in page
    for each in ("<td>99</td><td>77</td>", "<td>0837-00-0000</td><td>0837-52-5474</td>"):
        assert each in page
    kept = dict(form_of(page))
    assert (kept["version"], kept["score"]) == ("2", "77")
    assert kept["request_id"] != dict(typed)["request_id"]
    studio.send(HERE, [*form_of(page), ("action", "save")], 303)
    assert studio.pois.pois["museum"].record.score == 77


def test_how_it_was_before_can_be_kept_again(studio: PoiStudio) -> None:
    newer = museum()
    newer.opening = "24/7"
    studio.pois.put(newer)
    assert f'href="{HERE}?version=1"' in studio.get(HERE)
    path = f"{HERE}?version=1"
    page = studio.get(path)
    assert "Nothing is changed until you keep it" in page
    studio.send(HERE, [*studio.fields(path), ("action", "save")], 303)
    sent = studio.saved()
    assert (sent.record.opening, sent.expected_version) == (museum().opening, 2)


def test_a_draft_is_kept_from_visitors(studio: PoiStudio) -> None:
    answer = studio.send_changed(HERE, "save", 303, shown="draft")
    assert answer.location == f"{HERE}?done=draft"
    assert studio.saved().draft


def test_retiring_asks_and_tells_how_many_plans(studio: PoiStudio) -> None:
    assert "Fewer than 10 kept day plans from today on visit it, or none." in studio.get(HERE)
    studio.pois.plan_count = 10
    page = studio.get(HERE)
    assert "10 or more kept day plans from today on visit it." in page
    fields = [
        (n, v) for n, v in studio.fields(HERE) if n in ("form_token", "request_id", "version")
    ]
    studio.send(f"{HERE}/retire", fields, 422)
    assert not studio.services.called("RetirePoi")
    gone = [*fields, ("sure", "1"), ("note", "閉館")]
    assert studio.send(f"{HERE}/retire", gone, 303).location == "/studio/pois?done=retired"
    assert "閉館" in studio.get(HERE)
    studio.send(f"{HERE}/retire", gone, 409)
    back = [(n, "2" if n == "version" else v) for n, v in fields]
    studio.send(f"{HERE}/retire", [*back, ("action", "bring-back")], 303)
    assert studio.pois.pois["museum"].state == pb.POI_STATE_LISTED


def test_the_names_of_its_place_are_kept_by_directory(studio: PoiStudio) -> None:
    fields = [(n, v) for n, v in studio.fields(HERE) if n in ("form_token", "request_id")]
    named = [
        *fields,
        ("version", "4"),
        ("name-ja", "化石の館"),
        ("kana", "かせきのやかた"),
        ("name-en", " "),
    ]
    assert studio.send(f"{HERE}/names", named, 303).location == f"{HERE}?done=named"
    (sent,) = studio.services.called("RenameStopPlace")
    assert (dict(sent.names), sent.kana, sent.version) == ({"ja": "化石の館"}, "かせきのやかた", 4)

    def refuse(_request: Any) -> Any:
        raise CONFLICT

    studio.services.answers["RenameStopPlace"] = refuse
    studio.send(f"{HERE}/names", named, 409)


def test_a_new_spot_gets_a_place_and_is_a_draft(studio: PoiStudio) -> None:
    fields = studio.fields("/studio/pois/new")
    typed = {"name-ja": "水車", "kana": "すいしゃ", "name-en": "Old Mill", "category": "7"}
    sent = [(n, typed.pop(n, v)) for n, v in fields]
    assert studio.send("/studio/pois/new", sent, 303).location == (
        "/studio/pois/old-mill?done=made"
    )
    (made,) = studio.services.called("AddPoiPlaces")
    (place,) = made.places
    assert (place.place_id, dict(place.names)) == ("old-mill", {"ja": "水車", "en": "Old Mill"})
    assert place.coordinate_quality == directory_pb.COORDINATE_QUALITY_UNSPECIFIED
    saved = studio.saved()
    assert (saved.record.poi_id, saved.draft, saved.expected_version) == ("old-mill", True, 0)


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ({"name-ja": " "}, "f-name-ja"), ({"category": ""}, "f-category"),
        ({"id": "Old Mill"}, "f-id"), ({"id": "import"}, "f-id"), ({"id": "museum"}, "f-id"),
    ],
)  # fmt: skip
def test_a_new_spot_that_cannot_be_made(
    studio: PoiStudio, typed: dict[str, str], where: str
) -> None:
    given = {"name-ja": "水車", "category": "7", "name-en": "Mill"} | typed
    fields = [(n, given.pop(n, v)) for n, v in studio.fields("/studio/pois/new")]
    page = studio.send("/studio/pois/new", fields, 422).text
    assert f'id="{where}-error"' in page


def test_the_list_is_searched_and_filtered(studio: PoiStudio) -> None:
    gone = museum()
    gone.poi_id = gone.place_id = "mill"
    studio.pois.put(gone, state=pb.POI_STATE_RETIRED)
    past = museum()
    past.poi_id = past.place_id = "festival"
    past.opening = "2024 Jul 27 17:00-21:30"
    studio.pois.put(past)

    def shown(query: str) -> list[str]:
        page = studio.get(f"/studio/pois{query}")
        return [
            name for name in ("museum", "mill", "festival") if f'href="/studio/pois/{name}"' in page
        ]

    assert shown("") == ["museum", "festival"]
    assert shown("?q=かせき") == ["museum"]
    assert shown("?q=FOSSIL") == ["museum"]
    assert shown("?state=retired") == ["mill"]
    assert shown("?state=outdated") == ["festival"]
    assert shown("?state=no-point") == ["museum", "festival"]
    assert shown("?state=no-hours") == []
    assert shown("?category=1") == []
    assert shown("?category=5&q=nothing") == []


def test_a_form_whose_login_expired_goes_on(studio: PoiStudio) -> None:
    fields = [(n, "77" if n == "score" else v) for n, v in studio.fields(HERE)]
    studio.client.delete_cookie("meguri_session", domain="guide.example.jp")
    page = studio.send(HERE, [*fields, ("action", "save")], 401).text
    assert "kept_fields" in page
    assert "77" in page


def test_what_does_not_exist_is_not_found(studio: PoiStudio) -> None:
    studio.get("/studio/pois/nowhere", status=404)
    studio.services.away.add("itinerary")
    assert isinstance(CONFLICT, Failure)
    studio.get("/studio/pois", status=503)


@pytest.mark.parametrize("language", ["ja", "en", "ko", "zh-Hans", "zh-Hant"])
def test_it_speaks_every_language_of_the_staff(studio: PoiStudio, language: str) -> None:
    for path in ("/studio/pois", "/studio/pois/new", "/studio/pois/import", HERE):
        assert "化石" in studio.get(path, language) or path != HERE
