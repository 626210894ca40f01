"""The studio's signs: what is told of each sheet, printing, hanging up, and what is refused."""

import re
from datetime import UTC, datetime
from functools import partial
from typing import Any

import grpc
import pytest
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.multilingual.v1 import sign_service_pb2 as pb
from tests.pages.edge.fakes import Failure, FakeServices, stamp
from tests.pages.studio.test_pages import ORIGIN, browser, get, guide

__all__ = ["browser", "guide"]
PAGE = "/studio/signs"
MADE = stamp(datetime(2026, 11, 20, tzinfo=UTC))


def sign(code: str, state: int, **more: Any) -> pb.Sign:
    return pb.Sign(stop_code=code, name="百枚皿", name_locale="ja", number="3", state=state, **more)  # type: ignore[arg-type]


def signs(problem: str = "", url: str = "https://guide.example.jp") -> pb.ListSignsResponse:
    printed = {"print_id": "p-1", "print_time": MADE, "printed_revision": 4}
    return pb.ListSignsResponse(
        signs=[
            sign("M4T9B", pb.SIGN_STATE_NEVER, missing_locales=["ko"], unread_locales=["en"]),
            sign("8WXC3", pb.SIGN_STATE_OUTDATED, changes=["name_en", "address"], **printed),
            sign("P5RJ6", pb.SIGN_STATE_PRINTED, old_hangs=True, **printed),
            sign("K7Q2X", pb.SIGN_STATE_HANGS, hung_time=MADE, **printed),
        ],
        public_url=url,
        address_problem=problem,
    )


@pytest.fixture(autouse=True)
def listed(guide: FakeServices) -> None:
    guide.answers |= {
        "ListSigns": lambda _: signs(),
        "PrintSigns": lambda _: pb.PrintSignsResponse(print_id="p-2"),
        "MarkSigns": lambda _: pb.MarkSignsResponse(marked_count=1),
    }


def send(browser: FlaskClient, path: str = PAGE, **fields: Any) -> Any:
    token = re.search(r'name="form_token" value="([^"]+)"', get(browser, PAGE).text)
    assert token is not None
    data = {"form_token": token[1], "request_id": "r-12345678", "paper": "a4", **fields}
    return browser.post(path, data=data, base_url="http://guide.example.jp", headers=ORIGIN)


def test_it_says_how_each_sheet_stands(browser: FlaskClient) -> None:
    page = get(browser, PAGE).text
    for words in (
        "まだ印刷していません", "内容が古い：印刷し直す", "印刷済み・まだ掲示していません",
        "掲示中",
        "古い案内板が掲示されたままです", "名前（English）", "アドレス", "名前がない言語",
        "誰も確認していない名前", "印刷した案内板2枚の内容が古くなっています",
        "すべて：4枚", "新しい案内板が要るものだけ：2枚",
    ):  # fmt: skip
        assert words in page
    assert "この地域にはまだ公開アドレスがない" not in page


def _same(answer: Any, _: Any) -> Any:
    return answer


def test_a_trial_is_called_one_and_is_no_old_sheet(
    browser: FlaskClient, guide: FakeServices
) -> None:
    trial = sign(
        "8WXC3", pb.SIGN_STATE_OUTDATED, changes=["trial", "address"], print_id="p-1",
        print_time=MADE, printed_revision=4,
    )  # fmt: skip
    for problem, url, words in (
        ("NO_PUBLIC_ADDRESS", "", "公開アドレスが決まったら、印刷し直してください"),
        ("", "https://guide.example.jp", "公開アドレスが決まりました。印刷し直してください"),
    ):
        answer = pb.ListSignsResponse(signs=[trial], public_url=url, address_problem=problem)
        guide.answers["ListSigns"] = partial(_same, answer)
        page = get(browser, PAGE).text
        assert page.count("試し刷り・掲示しないでください") == 2  # counted above, and at its stop
        assert words in page
        for old in ("内容が古", "以降の変更", "内容が古くなっています"):
            assert old not in page
    assert "案内板が古い" not in get(browser, "/studio").text


def test_a_trial_that_is_said_to_hang_is_refused(browser: FlaskClient, guide: FakeServices) -> None:
    def refuse(_: Any) -> pb.MarkSignsResponse:
        raise Failure(grpc.StatusCode.FAILED_PRECONDITION, "SIGN_ON_TRIAL")

    guide.answers["MarkSigns"] = refuse
    answer = send(browser, f"{PAGE}/hung", hung="1", stop=["8WXC3"])
    assert answer.status_code == 422
    assert "試し刷りは掲示できません" in answer.text


@pytest.mark.parametrize(
    ("which", "ticked", "codes"),
    [
        ("all", ["K7Q2X"], []),
        ("needed", [], ["M4T9B", "8WXC3"]),
        ("chosen", ["P5RJ6", "K7Q2X"], ["P5RJ6", "K7Q2X"]),
    ],
)
def test_one_action_makes_the_pdf(
    browser: FlaskClient, guide: FakeServices, which: str, ticked: list[str], codes: list[str]
) -> None:
    answer = send(browser, which=which, stop=ticked, paper="a5")
    assert (answer.status_code, answer.location) == (303, f"{PAGE}/p-2.pdf")
    [asked] = guide.called("PrintSigns")
    assert (list(asked.stop_codes), asked.paper, asked.force) == (codes, pb.PAPER_A5, False)
    assert asked.request_id == "r-12345678"


def test_nothing_ticked_prints_nothing_and_says_so(
    browser: FlaskClient, guide: FakeServices
) -> None:
    for path, fields in ((PAGE, {"which": "chosen"}), (f"{PAGE}/hung", {})):
        answer = send(browser, path, **fields)
        assert answer.status_code == 422
        assert "1つ以上選んでください" in answer.text
    assert not guide.called("PrintSigns")
    assert not guide.called("MarkSigns")


def test_the_pdf_comes_in_pieces(browser: FlaskClient, guide: FakeServices) -> None:
    whole = bytes(range(250))
    guide.answers["ReadSignSheets"] = lambda request: pb.ReadSignSheetsResponse(
        content=whole[request.offset : request.offset + 100], total_bytes=250
    )
    answer = get(browser, f"{PAGE}/p-2.pdf")
    assert (answer.data, answer.mimetype) == (whole, "application/pdf")
    assert "no-store" in answer.headers["Cache-Control"]
    assert [each.offset for each in guide.called("ReadSignSheets")] == [0, 100, 200]


def test_sheets_are_hung_up_and_taken_back(browser: FlaskClient, guide: FakeServices) -> None:
    answer = send(browser, f"{PAGE}/hung", hung="1", stop=["P5RJ6"])
    assert (answer.status_code, answer.location) == (303, f"{PAGE}?done=hung")
    answer = send(browser, f"{PAGE}/hung", undo="K7Q2X", stop=["P5RJ6"])
    assert answer.location == f"{PAGE}?done=taken-back"
    hung, back = guide.called("MarkSigns")
    assert (list(hung.stop_codes), hung.hung) == (["P5RJ6"], True)
    assert (list(back.stop_codes), back.hung) == (["K7Q2X"], False)
    assert hung.request_id != back.request_id
    assert "掲示中です" in get(browser, f"{PAGE}?done=hung").text


@pytest.mark.parametrize(
    ("reason", "url", "words"),
    [
        ("NO_PUBLIC_ADDRESS", "", "まだ公開アドレスがない"),
        ("ADDRESS_NOT_PUBLIC", "http://localhost:8080", "施設内の回線だけ"),
        ("ADDRESS_NOT_SECURE", "http://guide.example.jp", "httpsではなくhttp"),
    ],
)
def test_a_bad_address_is_told_before_and_after(
    browser: FlaskClient, guide: FakeServices, reason: str, url: str, words: str
) -> None:
    def refuse(_: Any) -> pb.PrintSignsResponse:
        raise Failure(grpc.StatusCode.FAILED_PRECONDITION, reason)

    guide.answers |= {"ListSigns": lambda _: signs(reason, url), "PrintSigns": refuse}
    page = get(browser, PAGE).text
    assert words in page
    assert 'name="force"' in page
    answer = send(browser, which="all")
    assert answer.status_code == 422
    assert "印刷も記録もしていません" in answer.text
    guide.answers["PrintSigns"] = lambda _: pb.PrintSignsResponse(print_id="p-3")
    assert send(browser, which="all", force="1").status_code == 303
    asked = guide.called("PrintSigns")[-1]
    assert (asked.force, asked.trial_url) == (True, "http://guide.example.jp")


def test_the_table_of_texts_warns(browser: FlaskClient, guide: FakeServices) -> None:
    page = get(browser, "/studio").text
    assert "印刷した案内板2枚の内容が古くなっています" in page
    assert page.count("案内板が古い") == 0  # its stops are others
    old = [sign("AAAAA", pb.SIGN_STATE_OUTDATED, changes=["number"])]
    guide.answers["ListSigns"] = lambda _: pb.ListSignsResponse(signs=old)
    assert get(browser, "/studio").text.count("案内板が古い") == 1
    del guide.answers["ListSigns"]  # a guide that does not say keeps nobody from the texts
    assert get(browser, "/studio").status_code == 200


def test_an_area_without_names_says_what_to_do(browser: FlaskClient, guide: FakeServices) -> None:
    guide.answers["ListSigns"] = lambda _: pb.ListSignsResponse()
    assert "先に解説を公開すると" in get(browser, PAGE).text


def test_clerks_may_not(browser: FlaskClient, guide: FakeServices) -> None:
    guide.user.roles[:] = [directory_pb.ROLE_CLERK]
    assert get(browser, PAGE).status_code == 403
    assert get(browser, f"{PAGE}/p-1.pdf").status_code == 403
