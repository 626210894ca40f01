"""The bench of insights: its events are of the mix it says, and its answer holds to its limits."""

import uuid
from collections import Counter
from datetime import date

from bench.insights import mix, run
from services.insights import events
from services.insights.app.deps import Deps
from services.insights.domain.months import month_of

FIRST = date(2026, 5, 1)
SHARES = {
    "scan_recorded": 0.62, "payment_captured": 0.22, "ticket_admitted": 0.06,
    "itinerary_planned": 0.03, "rating_given": 0.02, "survey_answered": 0.01,
}  # fmt: skip


def test_events_are_of_the_mix_and_the_same_each_time() -> None:
    made = list(mix.events(20_000, FIRST, 3))
    assert made == list(mix.events(20_000, FIRST, 3))
    assert made != list(mix.events(20_000, FIRST, 3, seed=2))
    counts = Counter(row["type"] for row in made)
    for kind, share in SHARES.items():
        assert abs(counts[kind] / 20_000 - share) < 0.01, kind
    assert len({row["event_id"] for row in made}) == 20_000


def test_events_lie_within_their_days_in_the_order_of_their_times() -> None:
    made = list(mix.events(5_000, FIRST, 3))
    assert [row["occur_time"] for row in made] == sorted(row["occur_time"] for row in made)
    local = {row["occur_time"].astimezone(mix.ZONE) for row in made}
    assert {moment.date() for moment in local} == {date(2026, 5, day) for day in (1, 2, 3)}
    assert {moment.hour for moment in local} == set(range(8, 18))
    assert all(uuid.UUID(row["event_id"]).version == 7 for row in made)
    assert {month_of(row["event_id"]) for row in made} <= {date(2026, 4, 1), date(2026, 5, 1)}


def test_every_event_is_one_that_insights_hears() -> None:
    heard = {(each.service, each.event): each for each in events.hearings(Deps(None, None))}  # type: ignore[arg-type] # unused
    for row in mix.events(3_000, FIRST, 1):
        hearing = heard[row["service"], row["type"]]
        assert hearing.message_type.FromString(row["body"]).SerializeToString() == row["body"]


def test_an_answer_says_what_holds_and_only_of_what_was_measured() -> None:
    found = {
        "live_page_p95_s": 2.5, "stream_events": 200_000.0, "ingest_per_second": 5_000.0,
        "fetch_per_second": 10_000.0, "batched_sql_per_second": 20_000.0, "replay_s": 30.0,
        "replay_differs": 0.0, "again_s": 20.0, "again_differs": 0.0,
    }  # fmt: skip
    answer = run._answer(found, {"load_average": [1.0]})
    assert answer["limits"] == {
        "ingest_per_second": ">= 5000.0: holds", "replay_differs": "<= 0.0: holds",
        "again_differs": "<= 0.0: holds",
        "live_page_p95_s": "<= 2.0: does not hold",
    }  # fmt: skip
    assert answer["ratios"]["ingest_vs_fetch"] == 0.5
    full = run._answer(found | {"stream_events": 1_000_000.0}, {"load_average": [1.0]})
    assert (full["ratios"]["replay_1m_s"], full["ratios"]["again_1m_s"]) == (30.0, 20.0)


def test_parts_are_those_it_says() -> None:
    assert set(run.PARTS) == {"live", "stream", "year", "effects"}
