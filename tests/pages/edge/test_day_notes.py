"""Day notes on visitors' pages: in whose words, with what label, and never past their end."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from services.edge.parts import Parts
from services.edge.visitor import day_notes
from tests.pages.edge.fakes import FakeServices, localized, places, stamp

TEXT = "本日の最終バスは16時20分です。"
SAID = datetime(2026, 11, 28, 1, 42, tzinfo=UTC)  # 10:42 in the area
PATHS = ("/", "/g/", "/g/8WXC3")


def served(
    hours: float = 1, wanted: str = "en", place: str = "", codes: tuple[str, ...] = ()
) -> pb.ServedDayNote:
    now = datetime.now(UTC)
    return pb.ServedDayNote(
        note_id="0197d0a4-0000-7000-8000-000000000001", place_id=place,
        text=localized(TEXT, "ja", wanted), as_of_time=stamp(SAID),
        until_time=stamp(now + timedelta(hours=hours)), stop_codes=codes,
    )  # fmt: skip


@pytest.fixture
def said(services: FakeServices) -> list[pb.ServedDayNote]:
    """What the guide says; tests put notes into it."""
    notes: list[pb.ServedDayNote] = []
    read, listed = services.answers["ReadStop"], services.answers["ListStops"]

    def read_stop(request: Any) -> Any:
        answer = read(request)
        answer.stop.day_notes.extend(notes)  # type: ignore[attr-defined]
        return answer

    def list_stops(request: Any) -> Any:
        answer = listed(request)
        answer.day_notes.extend(notes)  # type: ignore[attr-defined]
        return answer

    services.answers |= {"ReadStop": read_stop, "ListStops": list_stops}
    return notes


def get(browser: FlaskClient, path: str, language: str = "en") -> str:
    return browser.get(path, headers={"Accept-Language": language}).text


@pytest.mark.parametrize("path", PATHS)
def test_every_page_shows_it_with_its_language_and_its_time(
    browser: FlaskClient, said: list[pb.ServedDayNote], path: str
) -> None:
    said.append(served())
    page = get(browser, path)
    assert f'lang="ja">{TEXT}</p>' in page
    assert '<span class="badge badge--plain" lang="ja">日本語</span>' in page
    assert "10:42" in page  # in the area's zone
    assert "Machine translated" not in page
    assert "visitor/day_notes" in page


@pytest.mark.parametrize("path", PATHS)
def test_words_of_a_machine_are_told_and_own_ones_carry_no_label(
    browser: FlaskClient, said: list[pb.ServedDayNote], path: str
) -> None:
    note = served()
    note.text.CopyFrom(localized("The last bus leaves at 16:20.", "en", "en"))
    note.text.machine_draft = True
    said.append(note)
    page = get(browser, path)
    assert ">The last bus leaves at 16:20.</p>" in page
    assert "Machine translated" in page
    assert 'lang="ja">日本語</span>' not in page


@pytest.mark.parametrize("path", PATHS)
def test_a_note_that_is_over_is_nowhere_whoever_still_says_it(
    browser: FlaskClient, said: list[pb.ServedDayNote], path: str
) -> None:
    said.append(served(hours=-0.01))
    assert TEXT not in get(browser, path)
    assert TEXT not in get(browser, "/api/v1/stops/8WXC3")


@pytest.mark.parametrize("path", PATHS)
def test_no_page_is_kept_past_the_end(
    browser: FlaskClient, parts: Parts, services: FakeServices, said: list[pb.ServedDayNote],
    path: str,
) -> None:  # fmt: skip
    note = served(hours=0.5 / 3600)
    said.append(note)
    for name in ("ReadStop", "ListStops"):
        before = services.answers[name]

        def ends(request: Any, before: Any = before) -> Any:
            answer = before(request)
            getattr(answer, "stop", answer).fresh_until_time.CopyFrom(note.until_time)
            return answer

        services.answers[name] = ends
    assert TEXT in get(browser, path)
    kept = next(page for key, page in parts.ready._pages.items() if key[0] == "mine")
    import time  # noqa: PLC0415 - one test's need

    assert kept.until <= time.monotonic() + 0.5


def test_the_shelf_of_an_absent_guide_keeps_no_note_past_its_end(
    browser: FlaskClient, services: FakeServices, said: list[pb.ServedDayNote]
) -> None:
    note = served()
    said.append(note)
    found = day_notes.shown([note], now=datetime.now(UTC) + timedelta(hours=2))
    assert found == []
    assert TEXT in get(browser, "/g/8WXC3")
    services.away.add("multilingual")
    assert TEXT in get(browser, "/g/8WXC3", "en")


def test_home_and_the_list_name_the_place_of_a_note(
    browser: FlaskClient, services: FakeServices, said: list[pb.ServedDayNote]
) -> None:
    services.answers["ListPlaces"] = lambda _: directory_pb.ListPlacesResponse(places=places())
    said.append(served(place="akiyoshido-kurotani"))
    for path in ("/", "/g/"):
        assert "Kurotani gate" in get(browser, path)
    services.away.add("directory")
    assert TEXT in get(browser, "/g/")  # without its name


def test_programs_get_it_with_the_truth_about_its_language(
    browser: FlaskClient, said: list[pb.ServedDayNote]
) -> None:
    said.append(served())
    [note] = browser.get("/api/v1/stops/8WXC3", headers={"Accept-Language": "en"}).get_json()[
        "day_notes"
    ]
    assert (note["text"], note["locale"], note["fallback"]) == (TEXT, "ja", True)
    assert (note["place_id"], note["machine_draft"]) == (None, False)
    assert note["as_of_time"] == "2026-11-28T01:42:00+00:00"
    assert datetime.fromisoformat(note["until_time"]) > datetime.now(UTC)


def test_a_note_changes_no_file_of_a_pack_and_is_told_beside(
    browser: FlaskClient, parts: Parts, said: list[pb.ServedDayNote]
) -> None:
    manifest = "/packs/mine/en/manifest.json"
    before = browser.get(manifest).data
    said += [served(), served(place="akiyoshido/hyakumaizara", codes=("8WXC3",)), served(hours=-1)]
    parts.ready.drop("mine")
    assert browser.get(manifest).data == before
    area, stop = browser.get("/packs/mine/en/notices.json").get_json()["notices"]
    assert TEXT in area["html"]
    assert 'lang="ja"' in area["html"]
    assert "codes" not in area
    assert stop["codes"] == ["8WXC3"]
    assert datetime.fromisoformat(stop["until_time"]) > datetime.now(UTC)


def test_closures_are_told_while_the_guide_is_away(
    browser: FlaskClient, services: FakeServices
) -> None:
    services.away.add("multilingual")
    document = browser.get("/packs/mine/en/notices.json").get_json()
    assert document["known"] is True


def test_hostile_words_stay_words(browser: FlaskClient, said: list[pb.ServedDayNote]) -> None:
    note = served()
    note.text.text = '"><script>alert(1)</script>'
    said.append(note)
    for path in PATHS:
        assert "<script>alert" not in get(browser, path)
