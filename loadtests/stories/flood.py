"""The cave floods at half-time. Everything is done at the doors that people have.

The office closes it at its page of today; each phone that holds an open day asks for its mark, as
the page's script does, and has the day planned anew; the gate gives unused tickets back. At the end
the office opens the cave again. What was seen is told as checks.
"""

import random
import re
import time
import uuid
from collections.abc import Callable
from typing import TypeVar

import gevent
from gevent.pool import Pool

from loadtests.acts.counter import leads_on
from loadtests.ground import CAVE, Ground
from loadtests.hand import Hand, Notes, Refused, Reply, Send, is_ok

CLOSED_AT = 0.5  # of the run
NOTICE_WITHIN_S, REPAIRED_WITHIN_S = 5.0, 30.0
ASK_EVERY_S = 3.0  # a phone for the mark of its open day
PHONES = 12  # that ask at once
GIVEN_BACK_LEAST_S = 2.0  # the gate waits for who is buying just now
NOTICE = re.compile(r"notice--bad")
IN_THE_CAVE = re.compile(rf"{CAVE}(-|$)")  # the cave itself and its gates
_TICKET = re.compile(r'name="ticket_id" value="([^"]+)"')
_FIELD = r'name="{}" value="([^"]*)"'
Found = TypeVar("Found")


def make(ground: Ground, notes: Notes, seconds: int) -> "Flood":
    """Returns the story for a run."""
    return Flood(ground, notes, seconds)


class Flood:
    """See the top of this file."""

    def __init__(self, ground: Ground, notes: Notes, seconds: int) -> None:
        self._ground, self._notes, self._seconds = ground, notes, seconds
        self._chance = random.Random("flood")
        self.checks: list[tuple[str, bool, str]] = []
        self.marks: list[tuple[float, str]] = []
        self._touched: set[str] = set()
        self._sold_then = 0  # tickets, once nobody can buy one any more
        self._open_then: list[str] = []  # days in the cave that were open when it was closed

    def tell(self, send: Send) -> None:
        """Waits for half-time, closes, looks on and opens again."""
        self._send = send
        self._wait(CLOSED_AT * self._seconds)
        closure = self._close()
        if not closure:
            return
        closed = time.monotonic()
        self._open_then = list(self._ground.extra.get("open", []))
        jobs = [gevent.spawn(each) for each in (self._look_for_notices, self._give_back)]
        try:
            self._repair(until=closed + max(REPAIRED_WITHIN_S, self._left_s()))
            gevent.joinall(jobs, timeout=60)
            self._judge()
        finally:
            self._reopen(closure)
        self._look_for_no_notice()

    def _wait(self, moment_s: float) -> None:
        gevent.sleep(max(0.0, self._notes.began + moment_s - time.monotonic()))

    def _left_s(self) -> float:
        return self._notes.began + self._seconds - time.monotonic()

    def _hand(self, role: str = "") -> Hand:
        cookie = self._ground.cookies.get(role, "")
        return Hand(self._send, self._ground, self._notes, self._chance, cookie)

    def _close(self) -> str:
        """Closes the cave until further notice. Returns the closure's id, "" where it failed."""
        form = {
            "form_token": self._ground.tokens["editor"], "request_id": str(uuid.uuid4()),
            "place_id": CAVE, "reason": "flood", "until": "unknown", "note": "増水のため",
        }  # fmt: skip
        try:
            done = self._hand("editor").post_form(
                "/studio/today/closures", "POST /studio/today/closures", form, leads_on
            )
        except Refused as error:
            self.checks.append(("closed", False, f"the office could not close the cave: {error}"))
            return ""
        self._mark("the cave is closed")
        return done.location.rpartition("closed=")[2]

    def _mark(self, text: str) -> None:
        moment = time.monotonic() - self._notes.began
        if moment < self._seconds:
            self.marks.append((round(moment, 1), text))

    def _reopen(self, closure: str) -> None:
        form = {"form_token": self._ground.tokens["editor"], "request_id": str(uuid.uuid4())}
        path = f"/studio/today/closures/{closure}/reopen"
        try:
            name = "POST /studio/today/closures/{id}/reopen"
            self._hand("editor").post_form(path, name, form, leads_on)
            self._mark("and open again")
        except Refused as error:
            self.checks.append(("reopened", False, f"the cave stays closed: {error}"))

    def _look_for_notices(self) -> None:
        """Every stop's page, the list, the first page and the notices of packs say it, soon."""
        took_s, missing = self._until_all(shows=True)
        count = len(self._pages())
        text = f"{count - len(missing)} of {count} pages carry the notice, {took_s:.1f} s after"
        passed = not missing and took_s <= NOTICE_WITHIN_S
        self.checks.append(("notice_shown", passed, f"{text} the closure was raised"))

    def _look_for_no_notice(self) -> None:
        took_s, missing = self._until_all(shows=False)
        count = len(self._pages())
        text = f"{count - len(missing)} of {count} pages are without it again, {took_s:.1f} s after"
        passed = not missing and took_s <= NOTICE_WITHIN_S
        self.checks.append(("notice_gone", passed, f"{text} the cave was opened"))

    def _pages(self) -> list[str]:
        ground = self._ground
        packs = [f"/packs/{ground.area}/{locale}/notices.json" for locale in ground.packs]
        return [*(f"/g/{code}" for code in self._ground.stops), "/", "/g/", *packs]

    def _until_all(self, *, shows: bool) -> tuple[float, list[str]]:
        """Looks at all pages until each shows the notice or no longer does. Returns the seconds it
        took and the pages that did not within the time."""
        paths = self._pages()
        began = time.monotonic()
        while paths and time.monotonic() < began + NOTICE_WITHIN_S:
            right = self._each(paths, lambda path: self._says(path) is shows)
            paths = [path for path, is_right in zip(paths, right, strict=True) if not is_right]
        return time.monotonic() - began, paths

    def _says(self, path: str) -> bool | None:
        """Tells whether a page carries the notice; None where it was not answered."""
        name = "/g/{stop_code}" if path.startswith("/g/") and path != "/g/" else path
        name = "/packs/…/notices.json" if path.startswith("/packs/") else name
        try:
            return bool(NOTICE.search(self._hand().get(path, name).text))
        except Refused:
            return None

    def _repair(self, until: float) -> None:
        """Phones ask for the mark of their open day and have one that was hit planned anew."""
        seen: set[str] = set()
        while time.monotonic() < until:
            began = time.monotonic()
            days = [each for each in self._ground.extra.get("open", []) if each not in seen]
            done = self._each(days, self._ask_and_repair)
            seen |= {each for each, is_done in zip(days, done, strict=True) if is_done}
            over = self._left_s() <= 0
            if over and not self._waiting(seen):
                return
            gevent.sleep(max(0.0, began + ASK_EVERY_S - time.monotonic()))

    def _waiting(self, seen: set[str]) -> list[str]:
        """Returns open days that are hit and still as they were."""
        days = [each for each in self._ground.extra.get("open", []) if each not in seen]
        hit = self._each(days, lambda each: self._needs_repair(each) is not False)
        return [each for each, is_hit in zip(days, hit, strict=True) if is_hit]

    def _ask_and_repair(self, day: str) -> bool:
        """Returns whether this day was hit and is repaired: its phone asks no more."""
        try:
            mark = self._hand().get(f"/plan/{day}/now", "/plan/{id}/now").text
            if ":" not in mark or not mark.partition(":")[2]:
                return False  # no closure hits it
            self._touched.add(day)
            form = {"request_id": str(uuid.uuid4())}
            self._hand().post_form(f"/plan/{day}/repair", "POST /plan/{id}/repair", form, _moved)
        except Refused:
            return False
        return self._needs_repair(day) is False

    def _needs_repair(self, day: str) -> bool | None:
        """Tells whether a day must be planned anew; None where it was not answered."""
        try:
            path = f"/api/v1/itineraries/{day}"
            return bool(self._hand().get(path, "/api/v1/itineraries/{id}").json()["needs_repair"])
        except Refused:
            return None

    def _give_back(self) -> None:
        """The gate gives unused tickets back, counter by counter, until its pages show none."""
        gevent.sleep(GIVEN_BACK_LEAST_S)
        given, left = 0, 0
        self._sold_then = len(self._ground.extra.get("tickets", []))
        for gate in sorted(self._ground.gates):
            done, still = self._give_back_at(gate)
            given, left = given + done, left + still
        sold = self._sold_then
        text = f"{given} given back, {left} unused tickets left, {sold} sold in this run"
        self.checks.append(("tickets_refunded", given > 0 and given >= sold and left == 0, text))

    def _give_back_at(self, gate: str) -> tuple[int, int]:
        """Returns how many tickets of a gate were given back, and how many are left unused."""
        given, path = 0, f"/gate/unused?gate={gate}"
        for _ in range(20):
            try:
                page = self._hand("clerk").get(path, "/gate/unused").text
                tickets = _TICKET.findall(page)
                if not tickets:
                    return given, 0
                form = {
                    "form_token": self._ground.tokens["clerk"], "gate": gate,
                    "request_id": _field(page, "request_id"), "ticket_id": tickets,
                    "reason": "増水のため閉鎖", "channel": "provider",
                }  # fmt: skip
                self._hand("clerk").post_form(path, "POST /gate/unused", form)
                given += len(tickets)
            except Refused:
                gevent.sleep(1.0)
        return given, len(tickets)

    def _judge(self) -> None:
        """Every open day is read once more."""
        days = list(self._ground.extra.get("open", []))
        states = self._each(days, self._needs_repair)
        left = sum(1 for each in states if each is not False)
        # What the platform says of itself is not enough: nobody may be led into the cave.
        into = self._each(self._open_then, self._leads_into_the_cave)
        wet = sum(1 for each in into if each is not False)
        unheard = set(self._open_then) - self._touched
        text = f"{len(days)} days open, {len(self._open_then)} of them as the cave was closed;"
        text += f" {len(self._touched)} planned anew, {len(unheard)} not told, {left} left as they"
        text += f" were, {wet} still lead into the cave"
        passed = bool(self._open_then) and not unheard and left == wet == 0
        self.checks.append(("plans_repaired", passed, text))
        more = len(self._ground.extra.get("tickets", [])) - self._sold_then
        text = f"{more} tickets sold later than {GIVEN_BACK_LEAST_S:.0f} s after the closing"
        self.checks.append(("gate_closed", more == 0, text))

    def _leads_into_the_cave(self, day: str) -> bool | None:
        """Tells whether a day still has a visit in the cave; None where it was not answered."""
        try:
            path = f"/api/v1/itineraries/{day}"
            visits = self._hand().get(path, "/api/v1/itineraries/{id}").json()["visits"]
            return any(IN_THE_CAVE.match(each["place_id"] or "") for each in visits)
        except Refused:
            return None

    def _each(self, things: list[str], do: Callable[[str], Found]) -> list[Found]:
        return list(Pool(PHONES).map(do, things))


def _moved(reply: Reply) -> str:
    return "" if reply.status in (302, 303) else is_ok(reply)


def _field(page: str, name: str) -> str:
    found = re.search(_FIELD.format(name), page)
    return found.group(1) if found else ""
