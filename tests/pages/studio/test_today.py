"""The studio's page of today: what closing touches, a note to visitors, and both taken back."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.itinerary.v1 import itinerary_service_pb2 as itinerary_pb
from meguri.multilingual.v1 import day_note_service_pb2 as pb
from meguri.payments.v1 import tickets_service_pb2 as tickets_pb
from services.edge.closing import closable
from services.edge.studio.today import read_draft
from tests.pages.edge.fakes import AWAY, Failure, FakeServices, closure, places, stamp
from tests.pages.studio.test_pages import browser, get, guide, post

__all__ = ["browser", "guide"]

PAGE = "/studio/today"
GATE = "akiyoshido-kurotani"
CLOSING = {"place_id": GATE, "reason": "flood", "until": "3h", "until_time": "", "note": "増水"}


def note(text: str = "池は見えます。", **more: Any) -> pb.DayNote:
    now = datetime.now(UTC)
    return pb.DayNote(
        note_id="n1", texts=[pb.DayNoteText(locale="ja", text=text)], author="u1",
        create_time=stamp(now), until_time=stamp(now + timedelta(hours=1)), **more,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _answers(guide: FakeServices) -> None:
    notes: list[pb.DayNote] = []
    cave = directory_pb.Place(
        place_id="akiyoshido", kind=directory_pb.PLACE_KIND_SITE, names={"ja": "秋芳洞"}
    )
    basins = directory_pb.Place(
        place_id="akiyoshido/hyakumaizara", kind=directory_pb.PLACE_KIND_STOP,
        parent_place_id="akiyoshido", names={"ja": "百枚皿"},
    )  # fmt: skip
    gate = places()[0]
    gate.parent_place_id = "akiyoshido"

    def write(request: pb.WriteDayNoteRequest) -> pb.WriteDayNoteResponse:
        made = note(place_id=request.place_id)
        del made.texts[:]
        made.texts.extend(request.texts)
        notes.append(made)
        return pb.WriteDayNoteResponse(note=made)

    guide.answers |= {
        "ListPlaces": lambda _: directory_pb.ListPlacesResponse(places=[cave, gate, basins]),
        "ListDayNotes": lambda _: pb.ListDayNotesResponse(
            notes=notes, until_time=stamp(datetime.now(UTC) + timedelta(hours=1))
        ),
        "WriteDayNote": write,
        "WithdrawDayNote": lambda _: pb.WithdrawDayNoteResponse(note=note()),
        "CountUnusedTickets": lambda _: tickets_pb.CountUnusedTicketsResponse(
            ticket_count=3, person_count=7
        ),
        "PreviewClosure": lambda _: itinerary_pb.PreviewClosureResponse(
            poi_ids=["p1"], poi_place_ids=[GATE], plan_count=20, plan_count_today=10
        ),
    }


def send(browser: FlaskClient, path: str, **fields: str) -> Any:
    return post(browser, path, get(browser, PAGE).text, **fields)


def test_a_closure_is_looked_at_before_it_is_made(
    browser: FlaskClient, guide: FakeServices
) -> None:
    page = send(browser, f"{PAGE}/preview", **CLOSING).text
    assert guide.called("ClosePlace") == []
    for words in ("黒谷口を閉鎖しますか", "3枚", "7人", "20件以上", "10件以上", "見どころ: 黒谷口"):
        assert words in page
    [asked] = guide.called("PreviewClosure")
    assert list(asked.place_ids) == [GATE]
    assert asked.HasField("until_time")
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    assert {name: hidden[name] for name in CLOSING} == CLOSING
    answer = post(browser, f"{PAGE}/closures", page, **CLOSING)
    assert answer.headers["Location"].endswith("?closed=c1")
    [call] = guide.called("ClosePlace")
    assert (call.place_id, call.reason, call.note) == (GATE, "flood", "増水")
    shown = get(browser, f"{PAGE}?closed=c1").text
    assert "黒谷口を閉鎖しました" in shown
    assert "取り消す" in shown


def test_few_plans_are_not_counted_in_the_look(browser: FlaskClient, guide: FakeServices) -> None:
    guide.answers["PreviewClosure"] = lambda _: itinerary_pb.PreviewClosureResponse(poi_ids=["p1"])
    page = send(browser, f"{PAGE}/preview", **CLOSING).text
    assert "保存された旅程のうち、ここに寄るものは10件未満です（0件を含みます）。" in page
    assert "本日" not in page.split("10件未満")[1].split("</span>")[0]


def test_the_look_shows_the_note_and_says_in_which_language_it_is_read(
    browser: FlaskClient, guide: FakeServices
) -> None:
    page = send(browser, f"{PAGE}/preview", **CLOSING).text
    touched = page[page.index('aria-labelledby="touched"') : page.index("</section>")]
    assert '<q lang="ja">増水</q>' in touched
    assert "どの言語の来訪者にも日本語で表示されます" in touched
    without = send(browser, f"{PAGE}/preview", **{**CLOSING, "note": " "}).text
    assert "<q " not in without
    assert "補足なし" in without
    for form in (get(browser, PAGE).text, get(browser, "/admin/closures").text):
        assert 'aria-describedby="note-hint"' in form
        assert "日本語のまま表示されます" in form


def test_what_is_said_of_the_note_is_true(browser: FlaskClient, guide: FakeServices) -> None:
    shut = closure()
    shut.note = "増水"
    guide.closures.append(shut)
    page = browser.get("/", headers={"Accept-Language": "ko"}).text
    assert '<html lang="ko"' in page
    assert '<span lang="ja">増水</span>' in page


def test_a_closed_site_touches_everything_below_it(
    browser: FlaskClient, guide: FakeServices
) -> None:
    page = send(browser, f"{PAGE}/preview", **{**CLOSING, "place_id": "akiyoshido"}).text
    below = ["akiyoshido", GATE, "akiyoshido/hyakumaizara"]
    [asked] = guide.called("CountUnusedTickets")
    assert sorted(asked.gate_place_ids) == sorted(below)
    assert "1ページ" in page
    assert "Hundred Saucers" in page or "百枚皿" in page


@pytest.mark.parametrize("missing", ["CountUnusedTickets", "PreviewClosure", "ListStops"])
def test_what_nobody_can_say_is_said_and_stops_nothing(
    browser: FlaskClient, guide: FakeServices, missing: str
) -> None:
    def away(_: Any) -> Any:
        raise AWAY

    guide.answers[missing] = away
    page = send(browser, f"{PAGE}/preview", **CLOSING).text
    assert page.count("いまはわかりません") == 1
    assert f'action="{PAGE}/closures"' in page


def test_a_mistake_is_said_beside_its_field_and_nothing_is_asked(
    browser: FlaskClient, guide: FakeServices
) -> None:
    for path in (f"{PAGE}/preview", f"{PAGE}/closures"):
        answer = send(browser, path, **{**CLOSING, "until": ""})
        assert (answer.status_code, "期間を選んでください。" in answer.text) == (422, True)
    assert guide.called("ClosePlace") == guide.called("PreviewClosure") == []


def test_a_closure_is_undone_here(browser: FlaskClient, guide: FakeServices) -> None:
    guide.closures = [closure()]
    answer = send(browser, f"{PAGE}/closures/c1/reopen")
    assert answer.status_code == 303
    assert guide.called("ReopenPlace")[0].closure_id == "c1"


def test_a_note_is_written_with_its_languages_and_shown_with_its_undo(
    browser: FlaskClient, guide: FakeServices
) -> None:
    answer = send(
        browser, f"{PAGE}/notes", place_id="akiyoshido", locale="ja", text=" 池は見えます。 ",
        **{"text-en": "You can see the pool.", "machine-en": "1", "text-ko": "못이 보입니다"},
    )  # fmt: skip
    assert answer.headers["Location"].endswith("?noted=n1")
    [call] = guide.called("WriteDayNote")
    assert [(each.locale, each.text, each.machine_draft) for each in call.texts] == [
        ("ja", "池は見えます。", False), ("en", "You can see the pool.", True),
        ("ko", "못이 보입니다", False),
    ]  # fmt: skip
    assert set(call.affected_place_ids) == {GATE, "akiyoshido/hyakumaizara"}
    page = get(browser, f"{PAGE}?noted=n1").text
    assert 'lang="en">' in page
    assert "機械下書き" in page
    assert 'action="/studio/today/notes/n1/withdraw"' in page
    assert send(browser, f"{PAGE}/notes/n1/withdraw").status_code == 303
    assert guide.called("WithdrawDayNote")[0].note_id == "n1"


def test_a_note_for_the_whole_area_names_no_place(
    browser: FlaskClient, guide: FakeServices
) -> None:
    send(browser, f"{PAGE}/notes", place_id="", locale="ja", text="雨です。")
    [call] = guide.called("WriteDayNote")
    assert (call.place_id, list(call.affected_place_ids)) == ("", [])


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": " "}, "来訪者に伝えることを書いてください。"),
        ({"locale": ""}, "書くことばを選んでください。"),
        ({"text-ja": "二度"}, "ご自分のことばです"),
        ({"place_id": "nowhere"}, "場所を選んでください。"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    browser: FlaskClient, guide: FakeServices, fields: dict[str, str], said: str
) -> None:
    typed = {"place_id": "", "locale": "ja", "text": "雨です。", "text-en": "Rain.", **fields}
    answer = send(browser, f"{PAGE}/notes", **typed)
    assert answer.status_code == 422
    assert said in answer.text
    assert ">Rain.</textarea>" in answer.text
    assert guide.called("WriteDayNote") == []


def refusing(reason: str, fields: list[tuple[str, str]]) -> Callable[[Any], Any]:
    def refuse(_: Any) -> Any:
        raise Failure(grpc.StatusCode.INVALID_ARGUMENT, reason, fields=fields)

    return refuse


@pytest.mark.parametrize(
    ("reason", "fields", "said"),
    [
        ("INVALID_FIELDS", [("texts[1].text", "1 to 200")], 'id="note-en-error"'),
        ("INVALID_FIELDS", [("texts[0].text", "1 to 200")], 'id="note-text-error"'),
        ("DAY_NOTES_FULL", [], "20件"),
        ("CARD_NUMBER_TYPED", [], "カード"),
    ],
)
def test_a_refusal_is_said_on_the_page(
    browser: FlaskClient, guide: FakeServices, reason: str, fields: list[tuple[str, str]], said: str
) -> None:
    guide.answers["WriteDayNote"] = refusing(reason, fields)
    typed = {"place_id": "", "locale": "ja", "text": "雨です。", "text-en": "Rain."}
    answer = send(browser, f"{PAGE}/notes", **typed)
    assert answer.status_code == 422
    assert said in answer.text
    assert ">雨です。</textarea>" in answer.text


def test_who_may_not_close_sees_no_form_for_it(browser: FlaskClient, guide: FakeServices) -> None:
    guide.user.roles[:] = [directory_pb.ROLE_REVIEWER]
    page = get(browser, PAGE).text
    assert "/studio/today/preview" not in page
    assert 'action="/studio/today/notes"' in page
    assert send(browser, f"{PAGE}/preview", **CLOSING).status_code == 403
    assert send(browser, f"{PAGE}/closures", **CLOSING).status_code == 403
    assert guide.called("ClosePlace") == []


def test_hostile_words_stay_words(browser: FlaskClient, guide: FakeServices) -> None:
    send(browser, f"{PAGE}/notes", place_id="", locale="ja", text="<script>alert(1)</script>")
    assert "<script>alert" not in get(browser, PAGE).text


def test_an_area_of_one_language_reads_only_that() -> None:
    draft = read_draft({"locale": "ja", "text": "雨", "text-xx": "?"}, ("ja",))
    assert (draft.others, draft.wrong) == ({}, {})


def test_while_the_guide_is_away_a_place_is_closed_all_the_same(
    browser: FlaskClient, guide: FakeServices
) -> None:
    page = get(browser, PAGE).text
    guide.away.add("multilingual")
    assert "いま読むことも書くこともできません" in get(browser, PAGE).text
    assert post(browser, f"{PAGE}/preview", page, **CLOSING).status_code == 200
    assert post(browser, f"{PAGE}/closures", page, **CLOSING).status_code == 303
    assert len(guide.called("ClosePlace")) == 1


def test_places_stand_in_the_order_of_their_reading() -> None:
    made = [
        directory_pb.Place(place_id=place_id, kind=directory_pb.PLACE_KIND_GATE, kana=kana)
        for place_id, kana in (("a", "わ"), ("b", "あ"), ("d", "か"), ("c", "か"))
    ]
    elsewhere = directory_pb.Place(place_id="e", kind=directory_pb.PLACE_KIND_SITE, kana="あ")
    found = closable.of_kind([*made, elsewhere], directory_pb.PLACE_KIND_GATE)
    assert [each.place_id for each in found] == ["b", "c", "d", "a"]


def a_place(
    place_id: str, kind: directory_pb.PlaceKind.ValueType, parent: str = ""
) -> directory_pb.Place:
    return directory_pb.Place(
        place_id=place_id, kind=kind, parent_place_id=parent, names={"ja": place_id}
    )


def test_a_stop_at_a_gate_is_closed_with_its_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closable, "_stops_without_place", lambda: {"cave/bat"})
    gate, stop = directory_pb.PLACE_KIND_GATE, directory_pb.PLACE_KIND_STOP
    made = [
        a_place("cave", directory_pb.PLACE_KIND_SITE), a_place("cave-gate", gate, "cave"),
        a_place("cave/mouth", stop, "cave-gate"), a_place("cave/pools", stop, "cave"),
        a_place("cave/bat", stop, "cave"),
    ]  # fmt: skip
    offered = {each.place_id for _label, found in closable.groups(made) for each in found}
    noted = {each.place_id for _label, found in closable.noted(made) for each in found}
    assert offered == {"cave", "cave-gate", "cave/pools"}
    assert noted == {"cave", "cave/mouth", "cave/pools"}
