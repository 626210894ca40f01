"""The studio's page of what visitors asked for: every kind, its way, its mark and the undo."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.insights.v1 import insights_service_pb2 as insights_pb
from meguri.multilingual.v1 import asked_service_pb2 as pb
from services.edge.studio.asked import read_matter
from services.edge.studio.asked_list import KINDS, LIKED_BY, NOT_LIKED
from tests.pages.edge.fakes import AWAY, Failure, FakeServices, stamp
from tests.pages.studio.test_pages import browser, get, guide, post

__all__ = ["browser", "guide"]

PAGE = "/studio/asked"
NOW = datetime.now(UTC)
LOST = pb.AskedMatter(kind=pb.ASKED_KIND_STRAY_CODE, stop_code="ADVGT")
TEXT = pb.AskedMatter(kind=pb.ASKED_KIND_UNLIKED_TEXT, stop_code="8WXC3", locale="ko")
BEHIND = pb.AskedMatter(kind=pb.ASKED_KIND_LANGUAGE_BEHIND, locale="zh-Hant")
NEW = pb.AskedMatter(kind=pb.ASKED_KIND_LANGUAGE_NOT_OFFERED, locale="th")


def mark(matter: pb.AskedMatter, mark_id: str = "m1", **more: Any) -> pb.AskedMark:
    given = {"outcome": pb.ASKED_OUTCOME_DONE, "author": "u1", "create_time": stamp(NOW), **more}
    return pb.AskedMark(mark_id=mark_id, matter=matter, **given)


def everything() -> list[pb.AskedItem]:
    return [
        pb.AskedItem(matter=LOST, least_views=50, last_date="2026-11-20"),
        pb.AskedItem(matter=TEXT, stop_name="百枚皿"),
        pb.AskedItem(
            matter=BEHIND, least_views=200, missing_count=3, outdated_count=1,
            wished_texts=[
                pb.WishedText(stop_code="P5RJ6", stop_name="黄金柱"),
                pb.WishedText(stop_code="M4T9B", stop_name="青天井", outdated=True),
            ],
        ),
        pb.AskedItem(matter=NEW, least_views=20),
    ]  # fmt: skip


class World:
    """What the guide and insights would answer; tests change it."""

    def __init__(self, guide: FakeServices) -> None:
        self.items = everything()
        self.marks: list[pb.AskedMark] = []
        self.unliked = [
            insights_pb.UnlikedText(
                stop_code="8WXC3", locale="ko", liking=insights_pb.LIKING_FEW, reasons=["long"]
            )
        ]
        self.answer = pb.ListAskedResponse()
        guide.answers |= {
            "ListAskedMarks": lambda _: pb.ListAskedMarksResponse(marks=self.marks),
            "ListUnlikedTexts": lambda _: insights_pb.ListUnlikedTextsResponse(texts=self.unliked),
            "ListAsked": self._list,
            "MarkAsked": lambda asked: pb.MarkAskedResponse(mark=mark(asked.matter)),
            "TakeBackAskedMark": lambda _: pb.TakeBackAskedMarkResponse(mark=mark(LOST)),
        }

    def _list(self, _: Any) -> pb.ListAskedResponse:
        found = pb.ListAskedResponse(items=self.items)
        found.MergeFrom(self.answer)
        return found


@pytest.fixture
def world(guide: FakeServices) -> World:
    return World(guide)


def part(page: str, name: str) -> str:
    """The item of a name."""
    return page.partition(f'id="{name}"')[2].partition('<li class="card asked-item"')[0]


def send(browser: FlaskClient, path: str, **fields: str) -> Any:
    return post(browser, path, get(browser, PAGE).text, **fields)


def test_each_kind_says_what_it_is_and_leads_to_where_it_is_done(
    browser: FlaskClient, world: World
) -> None:
    page = get(browser, PAGE).text
    code = part(page, "code-ADVGT")
    assert "50回以上" in code
    assert "2026-11-20" in code
    assert 'href="/studio/signs"' in code
    text = part(page, "text-8WXC3-ko")
    assert "「よい」とした人は少数です" in text
    assert "長すぎる" in text
    assert 'class="button" href="/studio/8WXC3/ko"' in text
    behind = part(page, "behind-zh-Hant")
    assert "200回以上" in behind
    assert "未作成 3件、要更新 1件" in behind
    assert 'class="button" href="/studio/P5RJ6/zh-Hant"' in behind
    assert 'href="/studio/M4T9B/zh-Hant"' in behind
    new = part(page, "not-offered-th")
    assert "./meguri area languages mine ja,en,ko,zh-Hans,zh-Hant,th" in new
    assert 'class="button" href="/studio"' in new
    places = [page.index(f'id="{name}"') for name in
              ("code-ADVGT", "text-8WXC3-ko", "behind-zh-Hant", "not-offered-th")]  # fmt: skip
    assert places == sorted(places), "in the order of the guide"


def test_a_code_whose_stop_has_no_text_leads_to_the_text(
    browser: FlaskClient, world: World
) -> None:
    world.items = [pb.AskedItem(matter=LOST, least_views=10, stop_without_text=True)]
    assert 'class="button" href="/studio/ADVGT/ja"' in get(browser, PAGE).text


def test_what_insights_tells_goes_to_the_guide_by_share_and_time(
    browser: FlaskClient, guide: FakeServices, world: World
) -> None:
    get(browser, PAGE)
    [asked] = guide.called("ListAsked")
    [told] = asked.unliked_texts
    assert (told.stop_code, told.locale, told.unliked_percent) == ("8WXC3", "ko", 75)
    assert not told.HasField("since_time")
    world.marks = [mark(TEXT), mark(LOST, "m2")]
    get(browser, PAGE)
    [since] = guide.called("ListUnlikedTexts")[1].since
    assert (since.stop_code, since.locale) == ("8WXC3", "ko")
    [told] = guide.called("ListAsked")[1].unliked_texts
    assert told.since_time == since.since_time == world.marks[0].create_time


def test_every_word_of_insights_for_little_liking_has_its_share_and_sentence() -> None:
    low = {insights_pb.LIKING_HARDLY_ANYONE, insights_pb.LIKING_FEW,
           insights_pb.LIKING_ABOUT_HALF}  # fmt: skip
    assert set(NOT_LIKED) == set(LIKED_BY) == low
    assert set(KINDS) == set(pb.AskedKind.values()) - {0}


def test_while_insights_is_away_the_rest_is_there(
    browser: FlaskClient, guide: FakeServices, world: World
) -> None:
    guide.away = {"insights"}
    page = get(browser, PAGE).text
    assert "いまはわかりません" in page
    assert "code-ADVGT" in page
    assert "50回以上" in get(browser, PAGE).text
    assert '<span class="asked-open">4以上</span>' in get(browser, "/studio/today").text


def test_it_is_done_with_one_tap_and_taken_back_with_another(
    browser: FlaskClient, guide: FakeServices, world: World
) -> None:
    answer = send(browser, f"{PAGE}/marks", kind="text", stop_code="8WXC3", locale="ko",
                  outcome="done", reason="left over", days="7")  # fmt: skip
    assert answer.headers["Location"].endswith(f"{PAGE}?marked=m1")
    [call] = guide.called("MarkAsked")
    assert (call.matter, call.outcome, call.request_id) == (TEXT, 1, "r-12345678")
    assert (call.reason, call.put_off_days) == ("", 0)
    world.items, world.marks = [], [mark(TEXT, stop_name="百枚皿")]
    page = get(browser, f"{PAGE}?marked=m1").text
    assert "済みにしました。同じことが続けば" in page
    assert "待っている項目はありません" in page
    assert page.count(f'action="{PAGE}/marks/m1/take-back"') == 2  # at the top, and in the list
    back = post(browser, f"{PAGE}/marks/m1/take-back", page)
    assert back.headers["Location"].endswith(PAGE)
    assert [each.mark_id for each in guide.called("TakeBackAskedMark")] == ["m1"]


def test_what_is_put_off_says_why_and_until_when(
    browser: FlaskClient, guide: FakeServices, world: World
) -> None:
    send(browser, f"{PAGE}/marks", kind="code", stop_code="ADVGT", locale="",
         outcome="put-off", reason="祭りのあと", days="30")  # fmt: skip
    [call] = guide.called("MarkAsked")
    assert (call.matter, call.outcome, call.reason, call.put_off_days) == (
        LOST, pb.ASKED_OUTCOME_PUT_OFF, "祭りのあと", 30,
    )  # fmt: skip
    world.items = []
    world.marks = [
        mark(LOST, outcome=pb.ASKED_OUTCOME_PUT_OFF, author="somebody", reason="祭りのあと",
             until_time=stamp(NOW + timedelta(days=30)))
    ]  # fmt: skip
    page = get(browser, PAGE).text
    for words in ("祭りのあと", "まで後回し", "済みと後回し"):
        assert words in page


def test_a_mark_that_is_refused_keeps_what_was_typed(
    browser: FlaskClient, guide: FakeServices, world: World
) -> None:
    def refuse(_: Any) -> Any:
        raise Failure(
            grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS",
            fields=[("reason", "1"), ("put_off_days", "2")],
        )  # fmt: skip

    guide.answers["MarkAsked"] = refuse
    answer = send(browser, f"{PAGE}/marks", kind="code", stop_code="ADVGT", locale="",
                  outcome="put-off", reason="<b>あとで</b>", days="999")  # fmt: skip
    assert answer.status_code == 422
    item = part(answer.text, "code-ADVGT")
    assert 'value="&lt;b&gt;あとで&lt;/b&gt;"' in item
    assert '<details class="details asked-later" open>' in item
    assert item.count('aria-invalid="true"') == 2
    assert 'aria-invalid="true"' not in part(answer.text, "not-offered-th")
    assert [each.put_off_days for each in guide.called("MarkAsked")] == [0]


def test_what_returned_says_who_marked_it_and_that_it_goes_on(
    browser: FlaskClient, world: World
) -> None:
    over = mark(NEW, outcome=pb.ASKED_OUTCOME_PUT_OFF, reason="冬まで", until_time=stamp(NOW))
    world.items = [
        pb.AskedItem(matter=LOST, least_views=10, earlier_mark=mark(LOST)),
        pb.AskedItem(matter=NEW, least_views=10, earlier_mark=over),
    ]
    world.marks = [mark(LOST), over]
    page = get(browser, PAGE).text
    assert "その後も続いています" in part(page, "code-ADVGT")
    later = part(page, "not-offered-th")
    assert "後回しの期間が終わりました" in later
    assert "冬まで" in later
    assert "済みと後回し" not in page, "what is on the list is not settled"


def test_numbers_of_no_matter_stand_below(browser: FlaskClient, world: World) -> None:
    assert "コードではない" not in get(browser, PAGE).text
    world.answer = pb.ListAskedResponse(least_mistyped=100, least_other_languages=20)
    page = get(browser, PAGE).text
    assert "100回以上" in page
    assert "20ページ以上" in page


@pytest.mark.parametrize("page", ["/studio", "/studio/today"])
def test_the_way_there_says_how_many_wait(
    browser: FlaskClient, guide: FakeServices, world: World, page: str
) -> None:
    shown = get(browser, page).text
    assert 'href="/studio/asked"' in shown
    assert '<span class="asked-open">4</span>' in shown
    world.items = []
    assert '<span class="asked-open">0</span>' in get(browser, page).text

    def away(_: Any) -> Any:
        raise AWAY

    guide.answers["ListAskedMarks"] = away
    shown = get(browser, page).text
    assert 'href="/studio/asked"' in shown
    assert "asked-open" not in shown, "what nobody knows is not told"


def test_an_editor_of_another_kind_may_not_open_it(
    browser: FlaskClient, guide: FakeServices, world: World
) -> None:
    guide.user.roles[:] = [directory_pb.ROLE_ANALYST]
    assert get(browser, PAGE).status_code == 403


def test_a_form_of_anybody_names_no_matter_of_its_own() -> None:
    form = {"kind": "code", "stop_code": "A" * 99, "locale": "b" * 99}
    found = read_matter(form)
    assert (len(found.stop_code), len(found.locale)) == (20, 40)
    assert read_matter({"kind": "nothing"}).kind == pb.ASKED_KIND_UNSPECIFIED


def test_nothing_on_the_page_is_inline(browser: FlaskClient, world: World) -> None:
    page = get(browser, PAGE).text
    assert not re.search(r"<script(?![^>]*src=)|style=|<style| on\w+=\"", page)
