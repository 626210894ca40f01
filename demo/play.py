"""Playing the parties through the public doors: pages, the API, the till, the air."""

import re
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from datetime import time as time_of_day
from typing import Any

from demo import gates, opinions
from demo.visitors import HOUR_MINUTES, Party, Purchase
from demo.web import Browser, Unexpected

HANDS = 6  # browsers at once: alive soon, without taking the machine
READY_S = 30.0
PLAYED = timedelta(hours=6)  # money and tickets move at the moment they move; what is read before
BUTTON = re.compile(r'name="pay" value="([0-9]+:[a-z_]+)"')
# Tender numbers of meguri.payments.v1 as the till's buttons carry them.
_TENDER_NUMBERS = {
    "card": 1, "transit_ic": 2, "id": 3, "quicpay": 4, "code_payment": 5, "cash_record": 7,
}  # fmt: skip


@dataclass
class Stage:
    """Where the play takes place.

    end: the moment minute 60 of the visitors' hour stands for. length: how long that takes there.
    """

    edge_url: str
    host: str
    clerk: dict[str, str]
    end: datetime
    length: timedelta = timedelta(minutes=HOUR_MINUTES)
    stops: list[str] = field(default_factory=list)

    def browser(self, accept_language: str = "ja") -> Browser:
        """Returns a fresh browser."""
        return Browser(self.edge_url, self.host, accept_language)

    def at(self, minute: float) -> datetime:
        """Returns the moment of a minute of the hour."""
        return self.end - self.length * (1 - minute / HOUR_MINUTES)


def length_of_play(end: datetime, zone: tzinfo) -> timedelta:
    """Returns over how long what visitors read, rate and answer is spread: PLAYED, or what there is
    of today: the figures of a play are those of one day."""
    local = end.astimezone(zone)
    midnight = datetime.combine(local.date(), time_of_day.min, zone)
    return min(PLAYED, local - midnight)


@dataclass
class Tally:
    """What was done so far; safe to add to from several threads."""

    counts: Counter[str] = field(default_factory=Counter)
    complaints: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, what: str, count: int = 1) -> None:
        """Counts something."""
        with self.lock:
            self.counts[what] += count

    def fail(self, complaint: str) -> None:
        """Counts a step that went wrong, and why."""
        with self.lock:
            self.counts["failed"] += 1
            self.complaints[complaint] += 1


def wait_until_open(stage: Stage) -> None:
    """Waits until the edge knows the area and the guide lists its stops. Errors: Unexpected."""
    deadline = time.monotonic() + READY_S
    last = "no answer"
    while time.monotonic() < deadline:
        browser = stage.browser()
        try:
            answer = browser.get("/api/v1/stops")
            last = str(answer.status)
            if answer.status == 200:
                stage.stops = [stop["stop_code"] for stop in answer.json()["stops"]]
                if stage.stops:
                    return
        except (OSError, Unexpected) as error:
            last = str(error)
        finally:
            browser.close()
        time.sleep(0.3)
    raise Unexpected(f"http://{stage.host}/ did not open in {READY_S:.0f} s ({last})")


def play(
    stage: Stage, parties: Sequence[Party], told: Callable[[int, Counter[str]], None]
) -> Tally:
    """Plays all parties and returns what they did. told: hears parties done and counts so far.

    A single failed step is counted under "failed" and does not end the play.
    Errors: Unexpected when the clerk cannot sign in.
    """
    tally, tills = Tally(), _Tills(stage)
    with ThreadPoolExecutor(HANDS) as hands:
        waiting = [hands.submit(_walk, stage, tills, party, tally) for party in parties]
        for done, future in enumerate(as_completed(waiting), 1):
            future.result()
            told(done, tally.counts)
    tills.close()
    return tally


def _walk(stage: Stage, tills: "_Tills", party: Party, tally: Tally) -> None:
    browser = stage.browser(party.accept_language)
    steps: list[Callable[[], None]] = [
        lambda: _plan(stage, browser, party, tally),
        lambda: _look(stage, browser, party, tally),
        *(lambda sale=sale: tills.sell(sale, tally) for sale in party.purchases),
        lambda: _report_scans(stage, browser, party, tally),
        lambda: opinions.rate(stage, browser, party, tally),
        lambda: opinions.answer_survey(stage, browser, party, tally),
    ]
    for step in steps:
        try:
            step()
        except (OSError, Unexpected, ValueError, KeyError) as error:
            tally.fail(f"{type(error).__name__}: {error}")
    browser.close()
    tally.add("parties")
    tally.add("visitors", party.size)


def _look(stage: Stage, browser: Browser, party: Party, tally: Tally) -> None:
    """Opens the home page and, under open sky, the first stop."""
    for path in ("/", f"/g/{stage.stops[party.stops[0]]}"):
        answer = browser.get(path)
        if answer.status != 200:
            raise Unexpected(f"{path} gave {answer.status}")
        tally.add("pages")
    tally.add("scans")


def _report_scans(stage: Stage, browser: Browser, party: Party, tally: Tally) -> None:
    """Reports what was read in the cave, where there is no signal, in one batch afterwards."""
    if len(party.stops) < 2:
        return
    served = browser.get(f"/api/v1/stops/{stage.stops[party.stops[1]]}").json()["locale"]
    scans = [
        {
            "scan_id": str(uuid.uuid4()),
            "stop_code": stage.stops[stop],
            "requested_locale": party.accept_language.partition(",")[0],
            "served_locale": served,
            "scan_time": stage.at(minute).astimezone(UTC).isoformat(),
            "offline": True,
        }
        for stop, minute in list(zip(party.stops, party.stop_minutes, strict=True))[1:]
    ]
    answer = browser.post_json("/api/v1/scans", {"scans": scans})
    if answer.status != 200:
        raise Unexpected(f"scans gave {answer.status}")
    tally.add("scans", int(answer.json()["recorded"]))


def _plan(stage: Stage, browser: Browser, party: Party, tally: Tally) -> None:
    if party.wish is None:
        return
    asked = trip(stage.end, party.size, party.number, party.wish.start_time)
    asked |= {"interests": list(party.wish.interests), "must": list(party.wish.must)}
    answer = browser.post_json("/api/v1/itineraries", asked)
    if answer.status not in (200, 201):
        raise Unexpected(f"a plan gave {answer.status}: {answer.text[:200]}")
    tally.add("plans")


def trip(now: datetime, adults: int, seed: int, start_time: str = "09:30") -> dict[str, Any]:
    """Returns the request of a day by car around the cave, for tomorrow."""
    return {
        "visit_date": (now + timedelta(days=1)).date().isoformat(),
        "start": {"place_id": "bus-center"},
        "start_time": start_time,
        "end_time": "16:30",
        "mode": "car",
        "party": {"adults": adults},
        "seed": seed,
    }


class _Tills:
    """One till per thread, all signed in as the same clerk. Errors: Unexpected."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._own = stage, threading.local()
        self._lock = threading.Lock()
        self._prices: dict[str, str] = {}  # gate -> its first price class
        # Signed in once: a password costs much time to check, on purpose.
        self._signed_in = stage.browser()
        self._signed_in.sign_in(stage.clerk["user"], stage.clerk["password"])
        self._all: list[Browser] = [self._signed_in]

    def sell(self, sale: Purchase, tally: Tally) -> None:
        """Takes a payment, and cancels or refunds it where the party changes its mind."""
        browser = self._browser()
        if sale.persons and sale.shop not in self._prices:
            self._prices[sale.shop] = gates.price_of(browser, sale.shop)
        if sale.persons and self._prices[sale.shop]:
            self._sell_ticket(browser, sale, tally)
            return
        page = browser.get(f"/till?shop={sale.shop}")
        button = button_of(page.text, sale.tender)
        token = page.field("form_token")
        done = browser.post_form(
            "/till/payments",
            {
                "form_token": token, "request_id": str(uuid.uuid4()), "shop": sale.shop,
                "amount_yen": str(sale.amount_yen), "pay": button,
            },
        )  # fmt: skip
        if done.status != 303:
            raise Unexpected(f"the till gave {done.status}")
        tally.add("payments")
        self._take_back(
            browser, (done.headers["Location"] or "").partition("?")[0], token, sale, tally
        )

    def _sell_ticket(self, browser: Browser, sale: Purchase, tally: Tally) -> None:
        ticket = gates.sell(browser, sale, self._prices[sale.shop], button_of)
        tally.add("payments")
        if sale.after:
            self._take_back(
                browser, f"/till/payments/{ticket.ticket_id}", ticket.token, sale, tally
            )
            return
        if gates.admit(browser, ticket, sale):
            tally.add("admissions")
            tally.add("admitted", sale.persons)

    def _take_back(
        self, browser: Browser, path: str, token: str, sale: Purchase, tally: Tally
    ) -> None:
        if sale.after == "void":
            self._post(browser, f"{path}/void", token)
            tally.add("canceled")
        elif sale.after == "refund":
            self._post(browser, f"{path}/refund", token, {
                "amount_yen": str(sale.amount_yen), "reason": "デモ", "channel": "provider",
            })  # fmt: skip
            tally.add("refunds")

    def close(self) -> None:
        """Closes all tills."""
        for browser in self._all:
            browser.close()

    def _post(
        self, browser: Browser, path: str, token: str, more: dict[str, str] | None = None
    ) -> None:
        fields = {"form_token": token, "request_id": str(uuid.uuid4()), **(more or {})}
        answer = browser.post_form(path, fields)
        if answer.status != 303:
            raise Unexpected(f"{path} gave {answer.status}")

    def _browser(self) -> Browser:
        browser: Browser | None = getattr(self._own, "browser", None)
        if browser is None:
            browser = self._own.browser = self._signed_in.twin()
            with self._lock:
                self._all.append(browser)
        return browser


def button_of(page: str, tender: str) -> str:
    """Returns the value of the button for a tender, else of the first. Errors: Unexpected."""
    number = f"{_TENDER_NUMBERS[tender]}:"
    buttons = [value for value in BUTTON.findall(page) if "other_device" not in value]
    if not buttons:
        raise Unexpected("the till shows no way to pay")
    fitting = [value for value in buttons if value.startswith(number)]
    return str((fitting or buttons)[0])
