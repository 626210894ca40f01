"""The story of the flood finds out a platform that only says that it did as it should."""

import json
import time
from collections.abc import Callable

import gevent
import pytest

from loadtests.ground import MAIN_GATE, Ground
from loadtests.hand import Notes, Reply
from loadtests.stories import flood

Answer = Callable[[str, str], Reply | None]
SHUT = "<p class='notice--bad'>closed</p>"


def ground() -> Ground:
    return Ground(
        area="demo", host="demo.localhost", stops=["8WXC3", "M4T9B"], assets=[], cookies={},
        tokens={"editor": "t", "clerk": "t"}, counters={}, gates={MAIN_GATE: "adult"},
        packs={"en": []}, trip={}, extra={"open": ["d1", "d2"], "tickets": [("g", "t1")]},
    )  # fmt: skip


class Site:
    """A platform as its pages show it: right, but for what a test makes wrong."""

    def __init__(self) -> None:
        self.closed = False
        self.tickets, self.repaired = ["t1"], set[str]()
        self.wrong: Answer = lambda _method, _path: None

    def __call__(
        self, method: str, path: str, _headers: dict[str, str], _body: bytes | None, _s: float
    ) -> Reply:
        return self.wrong(method, path) or self._right(method, path)

    def _right(self, method: str, path: str) -> Reply:
        kind = path.partition("?")[0]
        if kind == "/studio/today/closures" or path.endswith("/reopen"):
            self.closed = not path.endswith("/reopen")
            return Reply(303, location="/studio/today?closed=c1")
        if kind == "/gate/unused":
            return Reply(200, self._unused(method).encode())
        if path.endswith("/repair"):
            self.repaired.add(path.split("/")[2])
            return Reply(303, location="/plan")
        if path.startswith("/api/v1/itineraries/"):
            wet = path.rpartition("/")[2] not in self.repaired
            visits = [{"place_id": MAIN_GATE if wet else "museum"}]
            return Reply(200, json.dumps({"needs_repair": wet, "visits": visits}).encode())
        if path.endswith("/now"):
            return Reply(200, b"1:c1" if self.closed else b"1:")
        return Reply(200, SHUT.encode() if self.closed else b"open")

    def _unused(self, method: str) -> str:
        if method == "POST":
            self.tickets = []
        rows = "".join(f'<input name="ticket_id" value="{each}">' for each in self.tickets)
        return f'<input name="request_id" value="r">{rows}'


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("GIVEN_BACK_LEAST_S", 0.05), ("ASK_EVERY_S", 0.02), ("REPAIRED_WITHIN_S", 0.2),
        ("NOTICE_WITHIN_S", 0.2),
    ):  # fmt: skip
        monkeypatch.setattr(flood, name, value)


def told(site: Site, place: Ground | None = None) -> dict[str, bool]:
    """Plays the story and returns which of its checks passed."""
    story = flood.Flood(place or ground(), Notes(time.monotonic() - 1), 0)
    story.tell(site)
    return {name: passed for name, passed, _ in story.checks}


def test_a_platform_that_does_all_of_it_passes() -> None:
    checks = told(Site())
    assert checks == dict.fromkeys(
        ("notice_shown", "tickets_refunded", "plans_repaired", "gate_closed", "notice_gone"), True
    )


def test_a_page_or_pack_without_the_notice_is_found() -> None:
    for missing in ("/g/M4T9B", "/", "/packs/demo/en/notices.json"):
        site = Site()
        site.wrong = lambda _, path, at=missing: Reply(200, b"open") if path == at else None  # type: ignore[misc]
        assert not told(site)["notice_shown"], missing


def test_a_notice_that_comes_too_late_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flood, "NOTICE_WITHIN_S", 0.001)
    site = Site()

    def slow(_method: str, path: str) -> Reply | None:
        if path == "/g/":
            time.sleep(0.01)  # the sweep began in time and ended after it
        return None

    site.wrong = slow
    assert not told(site)["notice_shown"]


def test_a_day_that_nobody_told_of_the_flood_is_found() -> None:
    site = Site()
    site.wrong = lambda _, path: Reply(200, b"1:") if path == "/plan/d2/now" else None
    assert not told(site)["plans_repaired"]


def test_a_day_that_calls_itself_repaired_and_leads_into_the_cave_is_found() -> None:
    site = Site()
    still = {"needs_repair": False, "visits": [{"place_id": MAIN_GATE}]}
    wet = Reply(200, json.dumps(still).encode())
    site.wrong = lambda _, path: wet if path == "/api/v1/itineraries/d1" else None
    assert not told(site)["plans_repaired"]


def test_a_gate_that_goes_on_selling_is_found() -> None:
    site, place = Site(), ground()

    def sells(_method: str, path: str) -> Reply | None:
        if path.startswith("/plan/d1/repair"):
            gevent.sleep(0.15)  # the others go on meanwhile: the gate has counted what it sold
            place.extra["tickets"].append(("g", "t2"))
        return None

    site.wrong = sells
    assert not told(site, place)["gate_closed"]


def test_a_ticket_that_is_not_given_back_is_found() -> None:
    site = Site()
    site.wrong = lambda method, path: (
        Reply(200, b"done") if (method, path[:12]) == ("POST", "/gate/unused") else None
    )
    assert not told(site)["tickets_refunded"]
