"""Known walks and taxis: what cannot be is told with path and reason."""

from typing import Any

import pytest

from services.itinerary.domain.transit.network import KnownWalk, Taxi
from services.itinerary.domain.transit.ways import KeptTaxi, KeptWalk, Ways, check_ways


def walk(one: str = "a", other: str = "b", minutes: int = 8) -> KeptWalk:
    return KeptWalk(KnownWalk(one, other, minutes))


def taxi(**more: Any) -> KeptTaxi:
    return KeptTaxi(Taxi(**{"names": {"ja": "町タクシー"}, "phone": "0837-62-0000"} | more))


def test_usual_ways_have_no_fault() -> None:
    full = taxi(first_yen=680, first_m=1_250, step_yen=80, step_m=264)
    assert check_ways(Ways((walk(), walk("b", "c")), (taxi(), full))) == []
    assert check_ways(Ways()) == []


@pytest.mark.parametrize(
    ("ways", "path", "reason"),
    [
        (Ways((walk("A"),)), "walks[0].from_place_id", "BAD_ID"),
        (Ways((walk(other=""),)), "walks[0].to_place_id", "BAD_ID"),
        (Ways((walk("a", "a"),)), "walks[0]", "SAME_PLACE"),
        (Ways((walk(), walk("b", "a"))), "walks[1]", "WALK_TWICE"),
        (Ways((walk(minutes=0),)), "walks[0].minutes", "BAD_MINUTE"),
        (Ways((walk(minutes=601),)), "walks[0].minutes", "BAD_MINUTE"),
        (Ways((walk(),) * 1_001), "walks", "TOO_MANY_WALKS"),
        (Ways((), (taxi(),) * 21), "taxis", "TOO_MANY_TAXIS"),
        (Ways((), (taxi(names={}),)), "taxis[0].names", "NO_NAME"),
        (Ways((), (taxi(phone=""),)), "taxis[0].phone", "NO_PHONE"),
        (Ways((), (taxi(phone="x"),)), "taxis[0].phone", "BAD_PHONE"),
        (Ways((), (taxi(first_yen=680),)), "taxis[0].first_amount_yen", "BAD_FARE"),
        (Ways((), (taxi(first_yen=-1, first_m=1),)), "taxis[0].first_amount_yen", "BAD_FARE"),
        (Ways((), (taxi(step_yen=80, step_m=264),)), "taxis[0].first_amount_yen", "BAD_FARE"),
        (Ways((), (taxi(first_yen=1, first_m=1, step_m=9),)), "taxis[0].step_amount_yen",
         "BAD_FARE"),
    ],
)  # fmt: skip
def test_each_fault_is_told_where_it_is(ways: Ways, path: str, reason: str) -> None:
    assert (path, reason) in [(fault.path, fault.reason) for fault in check_ways(ways)]
