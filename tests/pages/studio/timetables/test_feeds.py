"""Taking in a feed: nothing is kept before the same file was looked at."""

import io
from typing import Any

import grpc
import pytest

from meguri.itinerary.v1 import timetable_service_pb2 as pb
from services.edge.studio.timetables import feeds
from tests.pages.edge.fakes import Failure
from tests.pages.studio.timetables.conftest import Kept, Studio, changed, form_of

PAGE = "/studio/timetables/feed"
ZIP = b"PK\x03\x04 a feed"


def answer(request: pb.ImportFeedRequest) -> pb.ImportFeedResponse:
    summary = pb.TimetableSummary(
        timetable_id=request.timetable_id, kind=pb.TIMETABLE_KIND_FEED, names={"ja": "防長バス"},
        operator="防長交通", run_count=12, last_date="2027-03-31",
    )  # fmt: skip
    tables = [pb.FeedTable(name="stop_times", read_count=340, refused_count=2)]
    made = pb.ImportFeedResponse(summary=summary, tables=tables)
    made.notes.add(row=17, field="stop_times", reason="TIMES_GO_BACK", text="It goes <back>.")
    return made


@pytest.fixture(autouse=True)
def reading(studio: Studio) -> None:
    studio.services.answers["ImportFeed"] = answer


def send(
    studio: Studio, fields: list[tuple[str, str]], archive: bytes = ZIP, status: int = 200
) -> Any:
    return studio.send(PAGE, fields, status, archive=(io.BytesIO(archive), "gtfs.zip"))


def test_a_look_reports_each_table_and_keeps_nothing(studio: Studio) -> None:
    fields = [*changed(studio.fields(PAGE), id="bocho"), ("action", "look")]
    page = send(studio, fields).text
    assert [each.dry_run for each in studio.services.called("ImportFeed")] == [True]
    for shown in ("stop_times", "340", "防長バス", "12 runs", "1 remark", "It goes &lt;back&gt;."):
        assert shown in page
    sent = [*form_of(page), ("action", "take")]
    assert send(studio, sent, status=303).location == "/studio/timetables?done=taken"
    looked, taken = studio.services.called("ImportFeed")
    assert not taken.dry_run
    assert taken.archive == ZIP
    assert taken.request_id != looked.request_id


def test_another_file_than_the_one_looked_at_is_only_looked_at(studio: Studio) -> None:
    page = send(studio, [*changed(studio.fields(PAGE), id="bocho"), ("action", "look")]).text
    page = send(studio, [*form_of(page), ("action", "take")], ZIP + b"x").text
    assert "another file" in page
    assert all(each.dry_run for each in studio.services.called("ImportFeed"))


@pytest.mark.parametrize(
    ("name", "archive", "field"),
    [
        ("Bocho Bus", ZIP, "f-id"),
        ("bocho", b"", "f-archive"),
        ("bocho", b"x" * 101, "f-archive"),
    ],
)
def test_what_cannot_be_taken_is_not_sent(
    studio: Studio, name: str, archive: bytes, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "MOST_BYTES", 100)
    fields = [*changed(studio.fields(PAGE), id=name), ("action", "look")]
    page = send(studio, fields, archive, 422).text
    assert f'id="{field}-error"' in page
    assert studio.services.called("ImportFeed") == []


@pytest.mark.parametrize(
    ("reason", "told"), [("NO_ARCHIVE", "This is no ZIP archive"), ("ODD", "(ODD)")]
)
def test_a_file_that_is_none_is_said_beside_its_field(
    studio: Studio, reason: str, told: str
) -> None:
    def refuse(_: object) -> None:
        raise Failure(grpc.StatusCode.INVALID_ARGUMENT, "FEED_UNUSABLE",
                      fields=[("archive", f"no [{reason}]")])  # fmt: skip

    studio.services.answers["ImportFeed"] = refuse  # type: ignore[assignment]
    page = send(studio, [*changed(studio.fields(PAGE), id="bocho"), ("action", "look")], status=422)
    assert told in page.text


def test_a_newer_file_keeps_name_and_phone(studio: Studio, kept: Kept) -> None:
    kept.feeds["bocho"] = answer(pb.ImportFeedRequest(timetable_id="bocho")).summary
    kept.feeds["bocho"].phone = "083-922-2519"
    fields = dict(studio.fields(f"{PAGE}?id=bocho"))
    assert (fields["id"], fields["phone"]) == ("bocho", "083-922-2519")
    assert "Delete this feed" in studio.get(f"{PAGE}?id=bocho")
    assert "Delete this feed" not in studio.get(f"{PAGE}?id=shuho"), "a line is deleted at its page"
