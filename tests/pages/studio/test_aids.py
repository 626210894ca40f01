"""The desk with what helps to write, and without it."""

from typing import Any

import grpc
import pytest
from flask.testing import FlaskClient

from meguri.multilingual.v1 import writing_service_pb2 as pb
from services.edge.studio import aids
from tests.pages.edge.fakes import Failure, FakeServices
from tests.pages.studio import test_pages

guide, browser = test_pages.guide, test_pages.browser
DESK = "/studio/K7Q2X/en"


def pair(code: str, source: str, target: str, *, machine_draft: bool = False) -> pb.MemoryPair:
    return pb.MemoryPair(
        stop_code=code, part="what", source=source, target=target, machine_draft=machine_draft
    )


def answered(request: pb.ReadWritingAidsRequest) -> pb.ReadWritingAidsResponse:
    return pb.ReadWritingAidsResponse(
        parts=[
            pb.PartAids(part="NAME"),
            pb.PartAids(
                part="what",
                matches=[
                    pb.MemoryMatch(pair=pair("AAAAA", "湯です。", "Hot water <b>"), percent=80),
                    pb.MemoryMatch(
                        pair=pair("BBBBB", "水。", "Water!", machine_draft=True), percent=60
                    ),
                ],
                names=[
                    pb.KnownName(pair=pair("CCCCC", "百枚皿", "Hundred Plates"), said=True),
                    pb.KnownName(pair=pair("DDDDD", "広間", "Great Hall")),
                ],
                remarks=[pb.TextRemark(kind=pb.REMARK_KIND_NUMBER, detail="30")],
            ),
        ],
        found=[pair("AAAAA", "湯です。", "Hot water")] if request.words == "hot" else [],
    )


@pytest.fixture
def helped(browser: FlaskClient, guide: FakeServices) -> FlaskClient:
    guide.answers["ReadWritingAids"] = answered
    return browser


def test_the_desk_shows_memory_names_and_remarks_beside_each_text(helped: FlaskClient) -> None:
    page = test_pages.get(helped, DESK).text
    assert "以前の訳：一致 80 %" in page
    assert "Hot water &lt;b&gt;" in page
    assert 'href="/studio/AAAAA/en"' in page
    assert 'data-into="text-what"' in page
    for words in ("百枚皿", "Hundred Plates", "Great Hall", "原文の数字がありません：30"):
        assert words in page
    assert "もう一度見てほしい点が1件あります" in page


def publish(helped: FlaskClient, seen: str = "") -> str:
    page = test_pages.get(helped, DESK).text
    answer = test_pages.post(helped, DESK, page, action="publish", seen=seen)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def test_a_lost_number_is_not_published_before_somebody_says_that_it_is_right(
    helped: FlaskClient, guide: FakeServices
) -> None:
    assert publish(helped) == f"{DESK}?done=doubted"
    assert guide.called("SaveDraft"), "what was typed is kept"
    assert not guide.called("PublishNarration")
    page = test_pages.get(helped, f"{DESK}?done=doubted").text
    assert "保存しましたが、来訪者にはまだ表示していません" in page
    assert 'name="seen" value="what:3:30"' in page
    assert publish(helped, "what:3:29") == f"{DESK}?done=doubted", "another mistake was seen"
    assert publish(helped, "what:3:30") == f"{DESK}?done=published"


def test_a_remark_that_may_well_be_right_holds_nothing_up(
    helped: FlaskClient, guide: FakeServices
) -> None:
    long = pb.PartAids(part="what", remarks=[pb.TextRemark(kind=pb.REMARK_KIND_LONG)])
    guide.answers["ReadWritingAids"] = lambda _: pb.ReadWritingAidsResponse(parts=[long])
    assert publish(helped) == f"{DESK}?done=published"
    del guide.answers["ReadWritingAids"]
    assert publish(helped) == f"{DESK}?done=published", "nobody waits for help"


def test_buttons_that_need_a_script_are_hidden_without_one(helped: FlaskClient) -> None:
    page = test_pages.get(helped, DESK).text
    assert page.count("data-take=") == page.count("hidden data-take=") == 2


def test_words_are_looked_for_by_a_plain_form(helped: FlaskClient, guide: FakeServices) -> None:
    found = test_pages.get(helped, f"{DESK}?find=hot").text
    assert 'value="hot"' in found
    assert "Hot water</p>" in found
    none = test_pages.get(helped, f"{DESK}?find=cold").text
    assert "このことばはありません" in none
    test_pages.get(helped, f"{DESK}?find={'x' * 500}")
    assert len(guide.called("ReadWritingAids")[-1].words) == aids.WORDS_AT_MOST


def test_the_source_asks_for_nothing(helped: FlaskClient, guide: FakeServices) -> None:
    assert "h-elsewhere" not in test_pages.get(helped, "/studio/K7Q2X/ja").text
    assert guide.called("ReadWritingAids") == []


@pytest.mark.parametrize("code", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED])
def test_the_desk_opens_without_help(
    browser: FlaskClient, guide: FakeServices, code: grpc.StatusCode
) -> None:
    def away(_: Any) -> Any:
        raise Failure(code, "")

    guide.answers["ReadWritingAids"] = away
    page = test_pages.get(browser, DESK)
    assert page.status_code == 200
    assert "h-elsewhere" not in page.text
    assert 'name="text-what"' in page.text


@pytest.mark.parametrize("kind", [each for each in pb.RemarkKind.values() if each])
def test_every_remark_is_a_sentence(helped: FlaskClient, kind: pb.RemarkKind.ValueType) -> None:
    with helped.application.test_request_context():
        said = aids.told(pb.TextRemark(kind=kind, detail="<30>"))
    assert said
    kinds = (pb.REMARK_KIND_NUMBER, pb.REMARK_KIND_NAME, pb.REMARK_KIND_PLACEHOLDER)
    assert ("<30>" in said) is (kind in kinds)
