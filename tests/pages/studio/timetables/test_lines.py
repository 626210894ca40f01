"""The list of timetables and the grid of a line: nothing typed is lost, nothing wrong is kept."""

from datetime import date, timedelta

import grpc
import pytest

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from tests.pages.edge.fakes import Failure
from tests.pages.studio.timetables.conftest import SURE, Kept, Studio, changed, form_of, line

LINE = "/studio/timetables/shuho"
NEW = "/studio/timetables/new"


def test_the_list_says_what_is_confirmed_and_what_ends(studio: Studio, kept: Kept) -> None:
    soon = (date.today() + timedelta(days=5)).isoformat()  # noqa: DTZ011 - a few hours do not matter
    kept.feeds["bocho"] = pb.TimetableSummary(
        timetable_id="bocho", kind=pb.TIMETABLE_KIND_FEED, names={"ja": "防長"}, operator="防長",
        run_count=4, confirmed_run_count=4, first_until_date=soon,
    )  # fmt: skip
    ended = line()
    ended.timetable_id, ended.suspended = "gone", True
    ended.runs[0].confirmation.until_date = "2026-01-01"
    kept.put(ended)
    page = studio.get("/studio/timetables")
    assert "1 of 2" in page
    assert "Ends in" in page
    assert "Ended on" not in page, "what is suspended is nobody's task"
    assert "Suspended" in page
    assert "Ask the operators again" in page
    assert "1 stop without one" in page
    kept.lines["gone"].suspended = False
    assert "Ended on 2026-01-01" in studio.get("/studio/timetables")


def test_a_page_that_nobody_touched_keeps_the_line_as_it_is(studio: Studio, kept: Kept) -> None:
    before = pb.Line()
    before.CopyFrom(kept.lines["shuho"])
    fields = studio.fields(LINE)
    answer = studio.send(LINE, [*fields, ("action", "save")], 303)
    assert answer.location == f"{LINE}?done=saved"
    assert kept.lines["shuho"] == before
    assert kept.versions["shuho"] == 2


def test_a_second_tap_is_the_first_one(studio: Studio, kept: Kept) -> None:
    fields = [*changed(studio.fields(LINE), operator="新会社"), ("action", "save")]
    studio.send(LINE, fields, 303)
    studio.send(LINE, fields, 303)
    assert kept.versions["shuho"] == 2


def test_a_new_line_from_nothing_to_kept(studio: Studio, kept: Kept) -> None:
    fields = studio.fields(NEW)
    for place in ("st-shin-yamaguchi", "bus-center"):
        answer = studio.send(
            NEW, [*changed(fields, add_place=f"place:{place}"), ("action", "stop-add")]
        )
        fields = form_of(answer.text)
    fields = form_of(
        studio.send(
            NEW, [*changed(fields, add_name_ja="役場前", add_after="s0"), ("action", "stop-add")]
        ).text
    )
    typed = iter(("0837", "845", "9:22"))
    fields = [(n, next(typed) if n == "time-r0" else v) for n, v in fields]
    fields = changed(fields, name_ja="試し線", name_en="Trial line!", operator="防長交通")
    copied = changed(fields, copy_by="60", copy_times="3")
    fields = form_of(studio.send(NEW, [*copied, ("action", "run-copy")]).text)
    answer = studio.send(NEW, [*fields, ("action", "save")], 303)
    (made,) = (each for name, each in kept.lines.items() if name != "shuho")
    assert made.timetable_id.startswith("trial-line-")
    assert answer.location.startswith(f"/studio/timetables/{made.timetable_id}?")
    assert [stop.names["ja"] for stop in made.stops] == ["新山口駅", "役場前", "秋芳洞"]
    # A place that another line stops at is the same transit stop there, names and all.
    assert made.stops[0] == kept.lines["shuho"].stops[0]
    assert made.stops[2] == kept.lines["shuho"].stops[2]
    assert made.stops[1].stop_id.startswith("stop-")
    assert [list(each.minutes) for each in made.runs] == [
        [517 + later, 525 + later, 562 + later] for later in (0, 60, 120, 180)
    ]
    assert len({each.run_id for each in made.runs}) == 4
    assert list(made.runs[0].days.weekdays) == [1, 2, 3, 4, 5, 6, 7]


def test_what_is_wrong_is_said_beside_its_field_and_kept_there(studio: Studio, kept: Kept) -> None:
    fields = studio.fields(LINE)
    typed = iter(("8時半", "10:00", "9:30", "10:37", "", "11:22"))
    fields = [(n, next(typed) if n.startswith("time-") else v) for n, v in fields]
    fields = changed(fields, name_ja="", phone="ask me", fare_yen="cheap")
    page = studio.send(LINE, [*fields, ("action", "save")], 422).text
    for id_ in ("f-name-ja", "f-phone", "time-r0-s0", "time-r0-s2", "fare-yen-0"):
        assert f'id="{id_}-error"' in page, id_
        assert f'href="#{id_}"' in page
    assert "Earlier than the stop before (10:00)" in page
    assert 'value="8時半"' in page
    assert kept.versions["shuho"] == 1
    assert studio.services.called("SaveLine") == []


def test_runs_that_were_confirmed_and_are_changed_are_no_longer(studio: Studio, kept: Kept) -> None:
    fields = studio.fields(LINE)
    at = next(at for at, (name, _) in enumerate(fields) if name == "time-r1")
    second = [*fields[:at], ("time-r1", "10:38"), *fields[at + 1 :], ("action", "save")]
    assert "lost" not in studio.send(LINE, second, 303).location
    assert kept.lines["shuho"].runs[0].confirmation == SURE
    fields = studio.fields(LINE)
    at = next(at for at, (name, _) in enumerate(fields) if name == "time-r0")
    first = [*fields[:at], ("time-r0", "8:40"), *fields[at + 1 :], ("action", "save")]
    answer = studio.send(LINE, first, 303)
    assert answer.location.endswith("&lost=1")
    assert not kept.lines["shuho"].runs[0].HasField("confirmation")
    assert "no longer confirmed" in studio.get(answer.location)


def test_a_colleagues_change_is_shown_and_not_overwritten(studio: Studio, kept: Kept) -> None:
    fields = changed(studio.fields(LINE), operator="私の会社")
    theirs = line()
    theirs.runs[1].minutes[0] = 640
    theirs.phone = "0837-62-0000"
    kept.put(theirs)
    page = studio.send(LINE, [*fields, ("action", "save")], 409).text
    assert kept.lines["shuho"] == theirs
    for shown in ("0837-62-0000", "083-922-2519", "10:40", "10:37", 'value="私の会社"'):
        assert shown in page
    # Keeping again is a decision: the page knows the newer version.
    studio.send(LINE, [*form_of(page), ("action", "save")], 303)
    assert kept.lines["shuho"].operator == "私の会社"


@pytest.mark.parametrize(
    ("action", "stops"),
    [
        ("stop-up:s2", ["新山口駅", "秋芳洞", "役場前"]),
        ("stop-down:s0", ["役場前", "新山口駅", "秋芳洞"]),
        ("stop-drop:s1", ["新山口駅", "秋芳洞"]),
        ("stop-up:s0", ["新山口駅", "役場前", "秋芳洞"]),
        ("look", ["新山口駅", "役場前", "秋芳洞"]),
        ("nonsense:s9", ["新山口駅", "役場前", "秋芳洞"]),
    ],
)
def test_buttons_change_the_page_and_keep_nothing(
    studio: Studio, kept: Kept, action: str, stops: list[str]
) -> None:
    before = {
        "新山口駅": ("8:37", "10:37"),
        "役場前": ("", "10:50"),
        "秋芳洞": ("9:22", "11:22"),
    }
    fields = form_of(studio.send(LINE, [*studio.fields(LINE), ("action", action)]).text)
    times = [[v for n, v in fields if n == f"time-r{at}"] for at in (0, 1)]
    assert list(zip(*times, strict=True)) == [before[name] for name in stops]
    assert kept.versions["shuho"] == 1


def test_a_line_that_was_deleted_meanwhile_is_told(studio: Studio, kept: Kept) -> None:
    fields = studio.fields(LINE)
    kept.lines.clear()
    kept.versions.clear()
    page = studio.send(LINE, [*fields, ("action", "check")], 200).text
    assert "deleted this line meanwhile" in page
    assert 'value="10:37"' in page


def test_a_refusal_of_the_service_keeps_what_was_typed(studio: Studio) -> None:
    def refuse(_: object) -> None:
        raise Failure(
            grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS",
            fields=[("line.runs", "give at most 300 [TOO_MANY_RUNS]")],
        )  # fmt: skip

    studio.services.answers["SaveLine"] = refuse  # type: ignore[assignment]
    fields = changed(studio.fields(LINE), operator="私の会社")
    page = studio.send(LINE, [*fields, ("action", "save")], 422).text
    assert 'value="私の会社"' in page
    assert "More runs than a line can have." in page


def test_with_the_service_away_what_was_typed_is_still_there(studio: Studio) -> None:
    fields = changed(studio.fields(LINE), operator="私の会社")

    def away(_: object) -> None:
        raise Failure(grpc.StatusCode.UNAVAILABLE)

    studio.services.answers["SaveLine"] = away  # type: ignore[assignment]
    assert 'value="私の会社"' in studio.send(LINE, [*fields, ("action", "save")], 422).text


def test_a_save_whose_answer_was_lost_can_be_followed_by_another(
    studio: Studio, kept: Kept
) -> None:
    fields = changed(studio.fields(LINE), operator="一番")
    studio.send(LINE, [*fields, ("action", "save")], 303)  # and nobody saw the answer
    real = studio.services.answers["SaveLine"]

    def reused(request: pb.SaveLineRequest) -> pb.SaveLineResponse:
        if request.request_id == dict(fields)["request_id"]:
            raise Failure(grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")
        return real(request)  # type: ignore[return-value]

    studio.services.answers["SaveLine"] = reused
    page = studio.send(LINE, [*changed(fields, operator="二番"), ("action", "save")], 422).text
    page = studio.send(LINE, [*form_of(page), ("action", "save")], 409).text
    assert "一番" in page
    studio.send(LINE, [*form_of(page), ("action", "save")], 303)
    assert kept.lines["shuho"].operator == "二番"


def test_a_stop_that_other_lines_call_otherwise_is_asked_about(studio: Studio) -> None:
    real = studio.services.answers["SaveLine"]

    def differs(request: pb.SaveLineRequest) -> pb.SaveLineResponse:
        if not request.update_shared_stops:
            raise Failure(
                grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS",
                fields=[("line.stops[1]", "another line says otherwise [STOP_DIFFERS]")],
            )  # fmt: skip
        return real(request)  # type: ignore[return-value]

    studio.services.answers["SaveLine"] = differs
    fields = changed(studio.fields(LINE), stop_name_s1_ja="新役場前")
    page = studio.send(LINE, [*fields, ("action", "save")], 422).text
    assert 'name="share"' in page
    assert "called otherwise on another line" in page
    studio.send(LINE, [*form_of(page), ("share", "1"), ("action", "save")], 303)


def test_deleting_asks_first(studio: Studio, kept: Kept) -> None:
    token = dict(studio.fields(LINE))["form_token"]
    fields = [("form_token", token), ("request_id", "r-1"), ("version", "1")]
    assert "not-sure" in studio.send(f"{LINE}/delete", fields, 303).location
    assert "shuho" in kept.lines
    studio.send(f"{LINE}/delete", [*fields, ("sure", "1")], 303)
    assert kept.lines == {}


def test_the_way_back_is_typed_from_the_way_there(studio: Studio, kept: Kept) -> None:
    fields = studio.fields(f"{NEW}?back_of=shuho")
    assert [v for n, v in fields if n.startswith("stop-id-")] == ["cave", "town-hall", "station"]
    assert dict(fields)["operator"] == "防長交通"
    assert dict(fields)["version"] == "0"
    assert ("time-r0", "") in fields


def test_a_form_whose_login_had_expired_goes_on_after_signing_in(
    studio: Studio, kept: Kept
) -> None:
    fields = [*changed(studio.fields(LINE), operator="私の会社"), ("action", "save")]
    studio.client.delete_cookie("meguri_session", domain="guide.example.jp")
    page = studio.send(LINE, fields, 401).text
    assert "What you typed is kept" in page
    studio.services.answers["SignIn"] = lambda _: directory_pb.SignInResponse(
        user=studio.services.user, session_id="another"
    )
    kept_fields = form_of(page)
    signed = changed(kept_fields, login_name="hanako", password="x")
    page = studio.send("/login", signed).text
    assert 'value="私の会社"' in page
    assert "not kept yet" in page
    assert kept.versions["shuho"] == 1


def test_a_preview_says_what_a_visitor_would_be_told(studio: Studio) -> None:
    monday = studio.get(f"{LINE}?on=2026-11-30")
    look = monday[monday.index('aria-labelledby="look"') :]
    assert "8:37" in look
    assert "Confirmed" in look
    sunday = studio.get(f"{LINE}?on=2026-11-29")
    assert "Nothing runs on this date" in sunday
    holiday = studio.get(f"{LINE}?on=2026-11-23")  # 勤労感謝の日, a Monday
    assert "public holiday" in holiday
    assert "Nothing runs on this date" in holiday


@pytest.mark.parametrize("language", ["ja", "en", "ko", "zh-Hans", "zh-Hant"])
def test_every_language_of_the_staff_has_its_words(studio: Studio, language: str) -> None:
    for path in ("/studio/timetables", NEW, LINE, f"{LINE}/confirm", "/studio/timetables/feed",
                 "/studio/ways", "/studio/pins", "/studio/pins/bus-center"):  # fmt: skip
        assert "%(" not in studio.get(path, language)
    english = language == "en"
    assert ("Keep the line" in studio.get(LINE, language)) is english


def test_an_address_that_is_no_line_is_not_found(studio: Studio) -> None:
    studio.get("/studio/timetables/nothing", status=404)
    studio.get("/studio/timetables/NO_ID", status=404)


def test_who_suspends_a_line_sees_how_many_days_ride_it(studio: Studio) -> None:
    studio.services.answers["PreviewTimetable"] = lambda _: pb.PreviewTimetableResponse(
        plan_count=30, plan_count_today=10
    )
    page = studio.get(LINE)
    # Also at the deleting.
    assert page.count("30 or more kept days of visitors ride it from today on") == 2
    assert "10 or more of them today" in page
    studio.services.answers["PreviewTimetable"] = lambda _: pb.PreviewTimetableResponse()
    few = studio.get(LINE)
    assert few.count("Fewer than 10 kept days of visitors ride it from today on, or none.") == 2
    assert "of them today" not in few
    assert "kept day" not in studio.get(NEW)


def test_where_nobody_knows_who_rides_a_line_its_page_comes_all_the_same(studio: Studio) -> None:
    def away(_: object) -> pb.PreviewTimetableResponse:
        raise Failure(grpc.StatusCode.UNAVAILABLE, "UNAVAILABLE")

    studio.services.answers["PreviewTimetable"] = away
    assert "kept day" not in studio.get(LINE)
