"""Erasing voices at the studio: whose they are, what is ticked beforehand, and what is refused."""

import re
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import recording_service_pb2 as pb
from services.edge.studio.voices import speakers
from tests.pages.edge.fakes import Failure, FakeServices, stamp
from tests.pages.studio.test_desk import desk
from tests.pages.studio.test_pages import ORIGIN, browser, get, guide

__all__ = ["browser", "guide"]
PAGE = "/studio/recordings/erase"
HERS = "朗読 <b>花子</b>"
DAY = stamp(datetime(2026, 11, 3, tzinfo=UTC))
IDS = {name: f"0190c0de-0000-7000-8000-00000000000{name}" for name in "123"}


class Always:
    """Gives one answer whatever is asked."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def __call__(self, _: Any) -> Any:
        return self._answer


def voice(name: str, credit: str, *, gone: bool = False, agreed: bool = True) -> pb.Voice:
    made = pb.Voice(
        recording=guide_pb.Recording(
            recording_id=IDS[name], audio_sha256=name * 64, credit=credit, locale="en"
        ),
        stop_code="K7Q2X", stop_name="百枚皿", author="u9", create_time=DAY, speaker_agreed=agreed,
    )  # fmt: skip
    if gone:
        made.remove_time.CopyFrom(DAY)
    return made


@pytest.fixture
def voices(guide: FakeServices) -> FakeServices:
    listed = pb.ListVoicesResponse(
        voices=[voice("1", HERS), voice("2", HERS, gone=True, agreed=False), voice("3", "太郎")],
        erasures=[pb.Erasure(erase_time=DAY, eraser="u9", reason=pb.ERASURE_REASON_RIGHTS)],
        source_locale="ja",
    )  # fmt: skip
    guide.answers |= {
        "ListVoices": lambda _: listed,
        "EraseRecordings": lambda _: pb.EraseRecordingsResponse(recording_count=2),
    }
    return guide


def send(browser: FlaskClient, *names: str, **fields: str) -> Any:
    token = re.search(r'name="form_token" value="([^"]+)"', get(browser, PAGE).text)
    assert token is not None
    data = {"form_token": token[1], "request_id": "r-12345678", "reason": "1", "sure": "1"}
    given = {key: text for key, text in (data | fields).items() if text}
    return browser.post(
        PAGE, data=given | {"recording": [IDS[name] for name in names]},
        base_url="http://guide.example.jp", headers=ORIGIN,
    )  # fmt: skip


def ticked(page: str) -> list[str]:
    found = re.findall(r'name="recording" value="([^"]+)" checked', page)
    return [name for name, value in IDS.items() if value in found]


def test_all_of_a_name_are_ticked_and_every_state_is_said(
    browser: FlaskClient, voices: FakeServices
) -> None:
    page = get(browser, PAGE).text
    assert ticked(page) == ["1", "2", "3"]
    assert page.count('<details class="details voices-of"') == 2
    assert "朗読 &lt;b&gt;花子&lt;/b&gt;" in page
    for words in ("来訪者に流れています", "今は流れていません",
                  "話した人の承知は記録されていません", "権利を持っている人がほかにいる",
                  "最長1時間"):  # fmt: skip
        assert words in page, words
    assert 'lang="en">English</span>' in page
    assert f'href="{PAGE}"' in get_list(browser, voices)


def get_list(browser: FlaskClient, voices: FakeServices) -> str:
    voices.answers["ListSpokenTexts"] = lambda _: pb.ListSpokenTextsResponse()
    page: str = get(browser, "/studio/recordings").text
    return page


def test_whoever_comes_for_one_has_that_one_ticked(
    browser: FlaskClient, voices: FakeServices
) -> None:
    page = get(browser, f"{PAGE}?recording={IDS['2']}").text
    assert ticked(page) == ["2", "3"]
    assert [name in page for name in ('voices-of" open', 'voices-of">')] == [True, True]
    assert ticked(get(browser, f"{PAGE}?recording=x").text) == ["1", "2", "3"]


def test_they_are_erased_for_a_reason(browser: FlaskClient, voices: FakeServices) -> None:
    answer = send(browser, "1", "2", reason="2")
    assert (answer.status_code, answer.location) == (303, f"{PAGE}?done=2")
    [asked] = voices.called("EraseRecordings")
    assert list(asked.recording_ids) == [IDS["1"], IDS["2"]]
    assert asked.reason == pb.ERASURE_REASON_NEVER_AGREED
    assert asked.request_id.startswith("r-12345678")
    assert "録音2件を完全に消しました" in get(browser, answer.location).text


@pytest.mark.parametrize(
    ("names", "fields", "told"),
    [
        ("1", {"sure": ""}, "確認欄に印"),
        ("1", {"reason": ""}, "理由を選んでください"),
        ("1", {"reason": "99"}, "理由を選んでください"),
        ("1", {"reason": "x"}, "理由を選んでください"),
        ("", {}, "1件以上"),
    ],
)
def test_nothing_is_erased_by_half_a_form(
    browser: FlaskClient, voices: FakeServices, names: str, fields: dict[str, str], told: str
) -> None:
    answer = send(browser, *names, **fields)
    assert answer.status_code == 422
    assert told in answer.text
    assert not voices.called("EraseRecordings")


def test_what_the_guide_refuses_is_told_with_the_list_of_now(
    browser: FlaskClient, voices: FakeServices
) -> None:
    def refuse(_: Any) -> Any:
        raise Failure(grpc.StatusCode.NOT_FOUND, "RECORDING_UNKNOWN")

    voices.answers["EraseRecordings"] = refuse
    answer = send(browser, "2")
    assert answer.status_code == 422
    assert "この録音はもうありません" in answer.text
    assert ticked(answer.text) == ["2", "3"]
    assert 'value="1" checked' in answer.text  # the reason, as it was chosen


def test_clerks_erase_nobody(browser: FlaskClient, voices: FakeServices) -> None:
    voices.user.roles[:] = [directory_pb.ROLE_CLERK]
    assert get(browser, PAGE).status_code == 403


def test_where_nobody_speaks_nothing_is_offered(browser: FlaskClient, guide: FakeServices) -> None:
    guide.answers["ListVoices"] = lambda _: pb.ListVoicesResponse()
    page = get(browser, PAGE).text
    assert "人の声は保存されていません" in page
    assert '<form method="post" action="/studio/recordings/erase"' not in page


def test_a_voice_without_consent_is_not_offered_to_be_heard_again(
    browser: FlaskClient, guide: FakeServices
) -> None:
    shown = desk("en")
    shown.published.CopyFrom(shown.latest)
    guide.answers["ReadNarration"] = lambda _: shown
    for agreed in (True, False):
        earlier = pb.EarlierRecording(
            recording=guide_pb.Recording(recording_id=IDS["1"], credit="太郎"),
            author="u2", create_time=DAY, speaker_agreed=agreed,
        )  # fmt: skip
        listed = pb.ListSpokenTextsResponse(
            texts=[pb.SpokenText(stop_code="K7Q2X", earlier=[earlier])]
        )
        guide.answers["ListSpokenTexts"] = Always(listed)
        page = get(browser, "/studio/K7Q2X/en").text
        assert ("recording/restore" in page) == agreed
        assert ("流すことはできません" in page) != agreed
        assert f"{PAGE}?recording={IDS['1']}" in page


def test_names_are_grouped_as_they_were_typed() -> None:
    found = speakers([voice("1", "花子"), voice("2", "花子"), voice("3", "花 子")], "")
    assert [(each.credit, len(each.voices), each.opened) for each in found] == [
        ("花子", 2, False), ("花 子", 1, False),
    ]  # fmt: skip
