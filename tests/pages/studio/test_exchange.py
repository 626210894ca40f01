"""The studio's files for translators: out, home again, and what is told of a damaged one."""

import io
import re
from typing import Any

import grpc
import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.multilingual.v1 import exchange_service_pb2 as pb
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from services.edge.guards import BODY_LIMIT_BYTES
from services.edge.wings import FILE_BYTES
from tests.forms import sent
from tests.pages.edge.fakes import Failure, FakeServices
from tests.pages.studio.test_pages import ORIGIN, browser, get, guide

__all__ = ["browser", "guide"]
PAGE = "/studio/exchange"


@pytest.fixture(autouse=True)
def answers(guide: FakeServices) -> None:
    guide.answers |= {
        "ExportTexts": lambda _: pb.ExportTextsResponse(
            content=b"msgid", media_type="text/csv", file_name="mine-en.csv", text_count=3,
            unit_count=9,
        ),
        "ImportTexts": lambda _: pb.ImportTextsResponse(
            texts=[
                pb.ImportedText(stop_code="BBBBB", revision=5, parts=["NAME", "what"], read=True),
                pb.ImportedText(stop_code="K7Q2X", revision=2, source_newer=True),
            ],
            unchanged_count=1,
            left_out=["CCCCC"],
            retired=["DDDDD"],
            doubts=[pb.ImportDoubt(line=12, stop_code="BBBBB", part="what", lost_numbers="500")],
        ),
    }  # fmt: skip


def send(browser: FlaskClient, content: bytes = b"stop_code", **fields: Any) -> Any:
    token = re.search(r'name="form_token" value="([^"]+)"', get(browser, PAGE).text)
    assert token is not None
    data = {"form_token": token[1], "request_id": "r-12345678", "in": "en", "action": "import"}
    file = FileStorage(io.BytesIO(content), filename="mine-en.csv")
    form = sent(data | fields | {"file": file})
    return browser.post(PAGE, base_url="http://guide.example.jp", headers=ORIGIN, **form)


def test_both_ways_are_offered_and_never_the_source(browser: FlaskClient) -> None:
    page = get(browser, PAGE).text
    for words in ("1. 書き出す", "2. 取り込む", "XLIFF 1.2（翻訳会社向け）", "見るだけ"):
        assert words in page
    assert page.count('<option value="en"') == 2
    assert '<option value="ja"' not in page
    assert 'href="/studio/exchange"' in get(browser, "/studio").text


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("csv", pb.FILE_FORMAT_CSV), ("po", pb.FILE_FORMAT_PO),
        ("xliff", pb.FILE_FORMAT_XLIFF_1_2), ("xliff2", pb.FILE_FORMAT_XLIFF_2_0),
    ],
)  # fmt: skip
def test_a_file_is_handed_out(
    browser: FlaskClient, guide: FakeServices, name: str, form: int
) -> None:
    answer = get(browser, f"{PAGE}/file?in=en&format={name}&unfinished=1")
    assert (answer.data, answer.mimetype) == (b"msgid", "text/csv")
    assert answer.headers["Content-Disposition"] == "attachment; filename=mine-en.csv"
    assert answer.headers["Cache-Control"] == "no-store"
    [asked] = guide.called("ExportTexts")
    assert (asked.locale, asked.format, asked.unfinished) == ("en", form, True)


def test_nothing_to_do_is_no_empty_file(browser: FlaskClient, guide: FakeServices) -> None:
    guide.answers["ExportTexts"] = lambda _: pb.ExportTextsResponse()
    assert "訳すものは残っていません" in get(browser, f"{PAGE}/file?in=en&format=csv").text
    assert get(browser, f"{PAGE}/file?in=en&format=doc").status_code == 404


def test_what_came_home_is_told_text_by_text(browser: FlaskClient, guide: FakeServices) -> None:
    answer = send(browser, read="1", leave_changed="1")
    assert answer.status_code == 200
    for words in (
        "下書きを2件保存しました", "/studio/drafts/en", "/studio/BBBBB/en",
        "人が読みました", "原文がその後変わりました", "読んだだけで、変更はありません",
        "変更されたため、除きました", "原文の数字が訳にありません", "500", "名前, what",
        "廃止されたため、とばしました", "DDDDD",
    ):  # fmt: skip
        assert words in answer.text
    [asked] = guide.called("ImportTexts")
    assert (asked.content, asked.file_name, asked.locale) == (b"stop_code", "mine-en.csv", "en")
    assert (asked.read, asked.leave_changed, asked.preview) == (True, True, False)
    assert asked.request_id == "r-12345678"


def test_looking_saves_nothing_and_says_so(browser: FlaskClient, guide: FakeServices) -> None:
    answer = send(browser, action="preview")
    assert "2件の文章が変わります。まだ何も保存していません" in answer.text
    assert "下書きを2件" not in answer.text
    assert guide.called("ImportTexts")[0].preview
    guide.answers["ImportTexts"] = lambda _: pb.ImportTextsResponse(unchanged_count=3)
    assert "新しいものはありません" in send(browser).text


def test_damage_is_told_line_by_line(browser: FlaskClient, guide: FakeServices) -> None:
    problems = [
        pb.FileProblem(line=12, kind=pb.FILE_PROBLEM_KIND_PLACEHOLDER,
                       quoted="BBBBB what -{km} <script>"),
        pb.FileProblem(kind=pb.FILE_PROBLEM_KIND_SYNTAX, fault=pb.FILE_FAULT_FILE_TOO_LARGE),
        pb.FileProblem(line=4, kind=pb.FILE_PROBLEM_KIND_SYNTAX, fault=pb.FILE_FAULT_TABLE_CELLS,
                       quoted="7"),
        pb.FileProblem.FromString(b"\x08\x03\x10\x63\x18\x63"),  # of a newer guide
    ]  # fmt: skip
    guide.answers["ImportTexts"] = lambda _: pb.ImportTextsResponse(problems=problems)
    answer = send(browser)
    assert answer.status_code == 422
    assert guide.called("ImportTexts")[-1].tell_problems
    for words in (
        "12行目", "のような括弧の部分がなくなったか", "-{km}", "何も保存されていません", "3 MB",
        "4行目", "8つのセル", "<code>7</code>", "3行目",
    ):  # fmt: skip
        assert words in answer.text
    assert "0行目" not in answer.text
    assert "<script>" not in answer.text.split("<main", 1)[1].split("</main", 1)[0]


def test_a_file_that_has_to_wait_is_asked_for_again_on_the_same_page(
    browser: FlaskClient, guide: FakeServices
) -> None:
    def busy(_: Any) -> pb.ImportTextsResponse:
        raise Failure(grpc.StatusCode.UNAVAILABLE, "FILES_BUSY")

    guide.answers["ImportTexts"] = busy
    answer = send(browser)
    assert answer.status_code == 503
    assert "いま、ほかのファイルを読み込んでいます" in answer.text
    assert "ファイルを選び直してください" in answer.text
    assert 'type="file"' in answer.text


def test_no_file_and_a_far_too_large_one(browser: FlaskClient, guide: FakeServices) -> None:
    answer = send(browser, b"")
    assert answer.status_code == 422
    assert "ファイルが選ばれていません" in answer.text
    assert send(browser, b"x" * (BODY_LIMIT_BYTES + 1)).status_code == 200
    answer = send(browser, b"x" * FILE_BYTES, read="1")
    assert answer.status_code == 413
    for words in (
        "ファイルは3.1 MBです",
        "何も変更されていません",
        'value="en" lang="en" selected',
    ):
        assert words in answer.text
    assert re.search(r'name="read" value="1" checked', answer.text)
    assert len(guide.called("ImportTexts")) == 1


def test_an_area_with_one_language_says_what_is_missing(
    browser: FlaskClient, guide: FakeServices
) -> None:
    alone = guide_pb.ListTranslationStatesResponse(locales=["ja"])
    guide.answers["ListTranslationStates"] = lambda _: alone
    assert "訳す先の言語がありません" in get(browser, PAGE).text


def test_clerks_have_no_files(browser: FlaskClient, guide: FakeServices) -> None:
    guide.user.roles[:] = [directory_pb.ROLE_CLERK]
    for path in (PAGE, f"{PAGE}/file?in=en&format=csv"):
        assert get(browser, path).status_code == 403
