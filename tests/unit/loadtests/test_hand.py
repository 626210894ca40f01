"""A visitor's hand: one sample a request, tries again only where the day allows it."""

import random
import time
from collections.abc import Iterator

import pytest

pytest.importorskip("gevent", reason="locust is not installed: ./meguri load installs it")

from loadtests import hand as hands
from loadtests.acts import learn
from loadtests.ground import Ground
from loadtests.hand import Hand, Notes, Refused, Reply

GROUND = Ground(
    area="demo", host="demo.localhost:8080", stops=["AAAAA"], assets=["/static/a.css"],
    cookies={"clerk": "session=1"}, tokens={"clerk": "token"}, counters={"shop": ["7:cash_record"]},
    gates={"gate": "adult"}, packs={"ja": ["/packs/demo/ja/files/x"]}, trip={"mode": "car"},
)  # fmt: skip


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hands, "PAUSES_S", (0.0, 0.0))


class Edge:
    """Answers in turn, and remembers what was asked."""

    def __init__(self, *replies: Reply) -> None:
        self.replies: Iterator[Reply] = iter(replies)
        self.asked: list[tuple[str, str, dict[str, str], bytes | None]] = []

    def __call__(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None, left_s: float
    ) -> Reply:
        assert left_s > 0
        self.asked.append((method, path, headers, body))
        return next(self.replies)


def hand_of(edge: Edge, notes: Notes, cookie: str = "") -> Hand:
    return Hand(edge, GROUND, notes, random.Random(1), cookie)


def test_one_request_is_one_sample() -> None:
    edge, notes = Edge(Reply(200, b"x")), Notes(0.0)
    assert hand_of(edge, notes).get("/", "/").text == "x"
    [found] = notes.samples
    assert (found.name, found.tries, found.error) == ("/", 1, "")
    assert edge.asked[0][2]["Host"] == "demo.localhost:8080"
    assert "Cookie" not in edge.asked[0][2]


def test_what_is_wrong_is_noted_and_ends_the_act() -> None:
    edge, notes = Edge(Reply(503)), Notes(0.0)
    with pytest.raises(Refused):
        hand_of(edge, notes).get("/", "/")
    assert [(each.tries, each.error) for each in notes.samples] == [(1, "status 503")]


@pytest.mark.parametrize("status", [0, 429, 500, 502, 503, 504])
def test_it_tries_again_at_most_twice(status: int) -> None:
    edge, notes = Edge(*[Reply(status)] * 9), Notes(0.0, tries=3)
    with pytest.raises(Refused):
        hand_of(edge, notes).get("/", "/")
    assert len(edge.asked) == 3
    edge, notes = Edge(Reply(status), Reply(200)), Notes(0.0, tries=3)
    hand_of(edge, notes).get("/", "/")
    assert [(each.tries, each.error) for each in notes.samples] == [(2, "")]


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422])
def test_a_clear_no_is_not_asked_again(status: int) -> None:
    edge, notes = Edge(*[Reply(status)] * 3), Notes(0.0, tries=3)
    with pytest.raises(Refused):
        hand_of(edge, notes).get("/", "/")
    assert len(edge.asked) == 1


def test_a_connection_that_had_just_ended_is_one_try_more_on_a_new_one_and_no_third() -> None:
    gone = Reply(0, error="no answer (HTTPConnectionClosed)", closed=True)
    edge, notes = Edge(gone, Reply(200, b"<html></html>")), Notes(0.0)
    hand_of(edge, notes).post_form("/till/payments", "pay", {"request_id": "1"})
    assert [(each.tries, each.error) for each in notes.samples] == [(2, "")]
    edge, notes = Edge(gone, gone, Reply(200)), Notes(0.0)
    with pytest.raises(Refused):
        hand_of(edge, notes).post_form("/till/payments", "pay", {"request_id": "1"})
    assert [(each.tries, bool(each.error)) for each in notes.samples] == [(2, True)]


def test_where_parts_are_killed_an_ended_connection_is_one_of_the_tries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("loadtests.hand.gevent.sleep", pauses.append)
    gone = Reply(0, error="no answer (HTTPConnectionClosed)", closed=True)
    edge, notes = Edge(gone, gone, gone, Reply(200)), Notes(0.0, tries=3)
    with pytest.raises(Refused):
        hand_of(edge, notes).post_form("/till/payments", "pay", {"request_id": "1"})
    assert [each.tries for each in notes.samples] == [3]
    assert len(pauses) == 2, "one before each further try"


def test_after_five_seconds_nobody_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hands, "PATIENCE_S", 0.01)
    monkeypatch.setattr(hands, "PAUSES_S", (0.02, 0.02))
    edge, notes = Edge(*[Reply(503)] * 3), Notes(0.0, tries=3)
    with pytest.raises(Refused):
        hand_of(edge, notes).get("/", "/")
    assert len(edge.asked) == 1


def test_a_sale_is_sent_again_with_the_same_number() -> None:
    page = Reply(200, b'<section data-result="ok">')
    edge = Edge(Reply(503), Reply(303, location="/till/payments/p1?x=1"), page)
    notes = Notes(0.0, tries=3)
    GROUND.extra.clear()
    learn()["pay"].do(hand_of(edge, notes, "session=1"))
    first, second, third = edge.asked
    assert first == second, "the very same form"
    assert third[1] == "/till/payments/p1"
    [intent], acks = GROUND.extra["intents"], GROUND.extra["acks"]
    assert {each["request_id"] for each in acks} == {intent["request_id"]}
    # The payment is known before its page was opened, which may never be.
    assert [(each["payment_id"], each["said"]) for each in acks] == [("p1", ""), ("p1", "ok")]
    assert f"request_id={intent['request_id']}".encode() in (first[3] or b"")


def test_a_sale_without_an_answer_is_remembered() -> None:
    GROUND.extra.clear()
    with pytest.raises(Refused):
        learn()["pay"].do(hand_of(Edge(Reply(0, error="no answer")), Notes(0.0), "session=1"))
    assert len(GROUND.extra["intents"]) == 1
    assert "acks" not in GROUND.extra


def test_only_scans_that_were_taken_are_acknowledged() -> None:
    GROUND.extra.clear()
    short = Edge(Reply(200, b'{"recorded": 3, "repeated": 0}'))
    with pytest.raises(Refused):
        learn()["report_scans"].do(hand_of(short, Notes(0.0)))
    assert "scan_ids" not in GROUND.extra
    again = Edge(Reply(503), Reply(200, b'{"recorded": 0, "repeated": 4}'))
    learn()["report_scans"].do(hand_of(again, Notes(0.0, tries=3)))
    assert len(set(GROUND.extra["scan_ids"])) == 4


def test_the_first_answer_is_waited_for_since_it_was_due_and_later_ones_since_they_were_asked() -> (
    None
):
    """Whoever sets out late waited that long, too: the machine that sends hides no queue."""
    now = time.monotonic()
    notes = Notes(now - 10)
    late = Hand(Edge(Reply(200), Reply(200)), GROUND, notes, random.Random(1), due=now - 2)
    late.get("/", "/")
    late.get("/g/", "/g/")
    first, second = notes.samples
    assert first.ms >= 2_000
    assert first.at == pytest.approx(8, abs=0.5)
    assert second.ms < 1_000


@pytest.mark.parametrize("name", ["scan", "home", "list_stops", "plan_page"])
def test_half_a_page_is_no_answer(name: str) -> None:
    notes = Notes(0.0)
    learn()[name].do(hand_of(Edge(Reply(200, b"<html>all</html>")), notes))
    with pytest.raises(Refused, match="half a page"):
        learn()[name].do(hand_of(Edge(Reply(200, b"<html>all")), notes))
    assert [bool(each.error) for each in notes.samples] == [False, True]


def test_a_plan_without_a_visit_is_no_plan() -> None:
    GROUND.extra.clear()
    empty = Edge(Reply(201, b'{"itinerary_id": "i1", "visits": []}'))
    with pytest.raises(Refused, match="without a visit"):
        learn()["plan"].do(hand_of(empty, Notes(0.0)))
    assert "plans" not in GROUND.extra


def test_an_empty_list_of_stops_is_no_answer() -> None:
    with pytest.raises(Refused, match="no stops"):
        learn()["stops_for_programs"].do(hand_of(Edge(Reply(200, b'{"stops": []}')), Notes(0.0)))
