"""The studio's languages for visitors: how much is there, offering one, taking one back."""

import re
from typing import Any

import grpc
import pytest
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from tests.pages.edge.fakes import Failure, FakeServices
from tests.pages.studio.test_pages import ORIGIN, browser, guide

__all__ = ["browser", "guide"]
PAGE = "/studio/languages"
ENGLISH = ORIGIN | {"Accept-Language": "en"}
LOCALES = ("ja", "en", "th")


def area() -> directory_pb.Area:
    return directory_pb.Area(
        area="mine", names={"ja": "美祢", "en": "Mine"}, locales=["ja", "en"], version=4
    )


def states(there: int = 9) -> pb.ListTranslationStatesResponse:
    """Ten stops; in Thai only some of them have a text."""

    def row(at: int) -> pb.StopStates:
        thai = pb.TRANSLATION_STATE_MACHINE_DRAFT if at < there else pb.TRANSLATION_STATE_MISSING
        of = (pb.TRANSLATION_STATE_SOURCE, pb.TRANSLATION_STATE_REVIEWED, thai)
        cells = [
            pb.NarrationState(locale=locale, state=state)
            for locale, state in zip(LOCALES, of, strict=True)
        ]
        return pb.StopStates(stop_code=f"S{at}", narrations=cells)

    return pb.ListTranslationStatesResponse(locales=LOCALES, stops=[row(at) for at in range(10)])


@pytest.fixture(autouse=True)
def answered(guide: FakeServices) -> None:
    guide.user.roles[:] = [directory_pb.ROLE_REVIEWER]
    guide.answers |= {
        "ReadArea": lambda _: directory_pb.ReadAreaResponse(area=area()),
        "ListTranslationStates": lambda _: states(),
        "ChangeAreaLocales": lambda _: directory_pb.ChangeAreaLocalesResponse(area=area()),
    }


def get(browser: FlaskClient, path: str = PAGE) -> str:
    return browser.get(path, base_url="http://guide.example.jp", headers=ENGLISH).text


def send(browser: FlaskClient, locale: str, shown: str = "yes", **fields: str) -> Any:
    token = re.search(r'name="form_token" value="([^"]+)"', get(browser))
    assert token is not None
    given = {"form_token": token[1], "request_id": "r-1", "version": "4", "shown": shown}
    return browser.post(
        f"{PAGE}/{locale}", data=given | fields, base_url="http://guide.example.jp",
        headers=ENGLISH,
    )  # fmt: skip


def test_it_says_how_much_of_each_language_is_there(browser: FlaskClient) -> None:
    page = get(browser)
    assert "9 of 10 texts are there" in page
    assert "Machine draft: 9" in page
    assert page.count("Visitors can choose it<") == 1  # English; Japanese is the source
    assert page.index('lang="en">English') < page.index('lang="th">ไทย')
    assert "0 of 10 texts are there" in page  # nobody wrote a word in Vietnamese yet


def test_a_language_is_offered_with_the_name_of_the_area(
    browser: FlaskClient, guide: FakeServices
) -> None:
    assert send(browser, "th").status_code == 422
    assert not guide.called("ChangeAreaLocales")
    answer = send(browser, "th", name="มิเนะ")
    assert answer.headers["Location"] == f"{PAGE}?shown=th"
    [asked] = guide.called("ChangeAreaLocales")
    assert (list(asked.locales), dict(asked.names), asked.version) == (
        ["ja", "en", "th"], {"th": "มิเนะ"}, 4,
    )  # fmt: skip


def test_one_with_few_texts_needs_a_decision(browser: FlaskClient, guide: FakeServices) -> None:
    guide.answers["ListTranslationStates"] = lambda _: states(7)
    assert "fewer than 80% of the texts" in get(browser)
    assert send(browser, "th", name="มิเนะ").status_code == 422
    assert not guide.called("ChangeAreaLocales")
    assert send(browser, "th", name="มิเนะ", anyway="1").status_code == 303


def test_one_is_taken_back_and_can_be_offered_again(
    browser: FlaskClient, guide: FakeServices
) -> None:
    answer = send(browser, "en", shown="no")
    assert answer.headers["Location"] == f"{PAGE}?taken=en"
    [asked] = guide.called("ChangeAreaLocales")
    assert (list(asked.locales), dict(asked.names)) == (["ja"], {})
    left = area()
    del left.locales[1:]
    guide.answers["ReadArea"] = lambda _: directory_pb.ReadAreaResponse(area=left)
    page = get(browser, f"{PAGE}?taken=en")
    assert "Visitors can no longer choose it" in page
    assert "Undo" in page


@pytest.mark.parametrize("locale", ["ja", "xx", "zh"])
def test_the_source_and_what_is_no_language_stay(
    browser: FlaskClient, guide: FakeServices, locale: str
) -> None:
    assert send(browser, locale, shown="no").status_code == 404
    assert not guide.called("ChangeAreaLocales")


def test_a_change_by_somebody_else_is_said(browser: FlaskClient, guide: FakeServices) -> None:
    def refuse(_: Any) -> Any:
        raise Failure(grpc.StatusCode.ABORTED, "VERSION_CONFLICT")

    guide.answers["ChangeAreaLocales"] = refuse
    answer = send(browser, "en", shown="no")
    assert answer.status_code == 422
    assert "Somebody else changed this meanwhile" in answer.text


def test_an_editor_looks(browser: FlaskClient, guide: FakeServices) -> None:
    guide.user.roles[:] = [directory_pb.ROLE_EDITOR]
    page = get(browser)
    assert "<form" not in page.partition("<main")[2]
    assert "Reviewers and admins decide" in page


@pytest.mark.parametrize("version", ["9" * 40, "9" * 5_000, "４", "-1", ""])
def test_a_version_that_is_no_number_of_ours_is_none(
    browser: FlaskClient, guide: FakeServices, version: str
) -> None:
    assert send(browser, "en", shown="no", version=version).status_code == 303
    assert guide.called("ChangeAreaLocales")[-1].version == 0
