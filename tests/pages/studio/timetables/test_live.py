"""Where an operator tells of delays: typed on the page of its feed, with what became of asking."""

import grpc
import pytest

from meguri.itinerary.v1 import timetable_service_pb2 as pb
from tests.pages.edge.fakes import Failure
from tests.pages.studio.timetables.conftest import Kept, Studio

PAGE = "/studio/timetables/feed?id=bocho"
SEND = "/studio/timetables/feed/live"


@pytest.fixture(autouse=True)
def feed(kept: Kept) -> None:
    kept.feeds["bocho"] = pb.TimetableSummary(
        timetable_id="bocho", kind=pb.TIMETABLE_KIND_FEED, names={"ja": "防長"}, operator="防長",
        run_count=4, version=3,
    )  # fmt: skip


def send(studio: Studio, **fields: str) -> str:
    """Sends the form and returns where it leads."""
    token = dict(studio.fields("/studio/timetables/feed"))["form_token"]
    given = {"id": "bocho", "request_id": "r" * 20, "form_token": token, **fields}
    return str(studio.send(SEND, [*given.items()], 303).location)


def told(studio: Studio, **more: object) -> str:
    """Returns the page where the address of delays has this state."""
    address = pb.LiveAddress(kind=pb.LIVE_KIND_RUNS, url="https://rt.example.jp/t?key=1", **more)  # type: ignore[arg-type]
    studio.services.answers["GetLiveAddresses"] = lambda _: pb.GetLiveAddressesResponse(
        addresses=[address]
    )
    return studio.get(PAGE)


def test_addresses_are_typed_and_sent_as_they_are(studio: Studio) -> None:
    page = told(studio)
    assert 'value="https://rt.example.jp/t?key=1"' in page
    assert "Not asked yet" in page
    studio.services.answers["SetLiveAddresses"] = lambda _: pb.SetLiveAddressesResponse()
    led = send(studio, runs_url=" https://a.example/t ", vehicles_url="https://a.example/v")
    assert led == f"{PAGE}&done=saved#live"
    [asked] = studio.services.called("SetLiveAddresses")
    assert (asked.runs_url, asked.alerts_url, asked.vehicles_url, asked.request_id) == (
        "https://a.example/t", "", "https://a.example/v", "r" * 20,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"fault": "HTTP_500", "fault_count": 3}, "Asked 3 times in vain: HTTP_500"),
        ({"fault": "TOO_SLOW", "fault_count": 1}, "Asked 1 times in vain: no answer in time"),
        ({"run_count": 7, "canceled_count": 2, "ignored_count": 1},
         "7 runs told of, 2 canceled, 1 left aside"),
        ({"run_count": 7, "stale": True}, "Too old to be used."),
    ],
)  # fmt: skip
def test_what_became_of_asking_is_said(studio: Studio, state: dict[str, int], said: str) -> None:
    page = told(studio, answer_time={"seconds": 1}, **state)
    assert said in page
    assert "%(" not in page


def test_an_address_that_is_not_asked_says_why(studio: Studio) -> None:
    def refuse(_: object) -> pb.SetLiveAddressesResponse:
        fields = [("runs_url", "an address of the internet [NOT_PUBLIC]")]
        raise Failure(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS", fields=fields)

    studio.services.answers["SetLiveAddresses"] = refuse
    led = send(studio, runs_url="https://10.0.0.1/")
    assert led == f"{PAGE}&wrong=NOT_PUBLIC#live"
    assert "This address leads into a private network." in studio.get(f"{PAGE}&wrong=NOT_PUBLIC")
    assert "private network" not in studio.get(f"{PAGE}&wrong=%3Cb%3E")


def test_a_name_in_the_form_leads_nowhere_else(studio: Studio) -> None:
    studio.services.answers["SetLiveAddresses"] = lambda _: pb.SetLiveAddressesResponse()
    led = send(studio, id="x&done=deleted")
    assert led == "/studio/timetables/feed?id=x%26done%3Ddeleted&done=saved#live"


def test_a_new_feed_has_no_addresses_yet_and_a_silent_service_breaks_no_page(
    studio: Studio,
) -> None:
    assert "Keep these addresses" not in studio.get("/studio/timetables/feed")

    def away(_: object) -> pb.GetLiveAddressesResponse:
        raise Failure(grpc.StatusCode.UNAVAILABLE, "UNAVAILABLE")

    studio.services.answers["GetLiveAddresses"] = away
    assert "Keep these addresses" in studio.get(PAGE)
