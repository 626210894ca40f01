"""Visitors beside a scenario: phones that report scans, people who plan a day. Each asks under one
id until it is answered, as a page that is opened again does, and writes down what it was told."""

import http.client
import random
import time
import uuid
from abc import abstractmethod
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any
from zoneinfo import ZoneInfo

from chaos.beside import Beside
from chaos.logs import Log
from chaos.stage import Broken, Stage
from demo.play import trip
from demo.web import Browser, Unexpected

DAYS = 7
BATCH = 40  # scans in a report
LEAST = 5  # reports, and plans: fewer have tested nothing
PATIENCE_S = 90.0
PAUSE_S = 0.3
ZONE = ZoneInfo("Asia/Tokyo")
LOG = "left"  # lines {what, ids}


class Visitor(Beside):
    """Asks one thing after the other until the block ends, and LEAST times at least. What is not
    answered in time breaks it.

    least: how often at least. longest_s: of one question. asked, refused: how many questions, and
    how many of their answers were none.
    """

    def __init__(self, stage: Stage, left: Log, seed: int) -> None:
        super().__init__()
        self._stage, self._left, self._chance = stage, left, random.Random(seed)
        self.least, self.taken = LEAST, 0
        self.longest_s, self.asked, self.refused = 0.0, 0, 0

    def _work(self) -> None:
        while not self._ended.is_set() or self.taken < self.least:
            self._act()
            self.taken += 1
            time.sleep(self._chance.uniform(0.05, 0.2))

    @abstractmethod
    def _act(self) -> None:
        """Asks once, until it is answered. Errors: Broken."""

    def _keep(self, what: str, ids: list[str]) -> None:
        self._left.write({"scenario": self._stage.scenario, "what": what, "ids": ids})

    def _until_taken(self, path: str, body: Mapping[str, Any], key: str = "") -> Any:
        """Returns the document of the answer. Errors: Broken for a no, for an answer that calls
        itself a mistake of the server, and after PATIENCE_S."""
        began = time.monotonic()
        while time.monotonic() < began + PATIENCE_S:
            status, document = self._post(path, body, key)
            if status in {200, 201}:
                return document
            if status == 500 or (400 <= status < 500 and status != 429):
                raise Broken(f"{path} was answered with {status}")
            time.sleep(PAUSE_S)
        raise Broken(f"{path} was not answered for {PATIENCE_S:.0f} s")

    def _post(self, path: str, body: Mapping[str, Any], key: str) -> tuple[int, Any]:
        began = time.monotonic()
        self.asked += 1
        try:
            with browser(self._stage) as phone:
                answer = phone.post_json(path, body, **({"Idempotency-Key": key} if key else {}))
                return answer.status, answer.json() if answer.status in {200, 201} else None
        except Unexpected as error:
            self.refused += 1
            return status_of(error), None
        except (OSError, http.client.HTTPException, ValueError):
            self.refused += 1
            return 0, None  # no answer, or the half of one
        finally:
            self.longest_s = max(self.longest_s, time.monotonic() - began)


class Phone(Visitor):
    """Reports scans of any of the days that it made without a signal."""

    def __init__(self, stage: Stage, left: Log, seed: int, stops: list[str]) -> None:
        super().__init__(stage, left, seed)
        self._stops = stops

    def _act(self) -> None:
        now, chance = datetime.now(UTC), self._chance
        times = [now - timedelta(hours=chance.uniform(0, 24 * DAYS)) for _ in range(BATCH)]
        scans = [
            {
                "scan_id": str(uuid.uuid4()), "stop_code": chance.choice(self._stops),
                "requested_locale": chance.choice(("ja", "ko", "en")), "served_locale": "ja",
                "scan_time": at.isoformat(timespec="seconds"), "offline": True,
            }
            for at in times
        ]  # fmt: skip
        self._until_taken("/api/v1/scans", {"scans": scans})
        self._keep("scans", [str(each["scan_id"]) for each in scans])


class Planner(Visitor):
    """Plans a day by car; asked again under the same key it is the same plan."""

    def _act(self) -> None:
        chance = self._chance
        asked = trip(datetime.now(ZONE), chance.randint(1, 4), chance.randrange(10**6))
        planned = self._until_taken("/api/v1/itineraries", asked, str(uuid.uuid4()))
        self._keep("plans", [planned["itinerary_id"]])


class Visitors:
    """One of each. Use as a context: what broke in their threads is raised at its end."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self._stage, self._seed, self._open = stage, seed, ExitStack()
        self._all: list[Visitor] = []

    def __enter__(self) -> "Visitors":
        with browser(self._stage) as phone:
            stops = phone.get("/api/v1/stops").json()["stops"]
        left = self._open.enter_context(self._stage.log(LOG))
        codes = [stop["stop_code"] for stop in stops]
        self._all = [Phone(self._stage, left, self._seed, codes),
                     Planner(self._stage, left, self._seed + 1)]  # fmt: skip
        for each in self._all:
            self._open.enter_context(each)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        for each in self._all if error else ():
            each.least = 0  # whatever ended the block, it was not this
        self._open.__exit__(kind, error, trace)

    @property
    def longest_s(self) -> float:
        """The longest that one question took."""
        return max(each.longest_s for each in self._all)

    @property
    def refused(self) -> int:
        """How many questions had no answer, or one that says later."""
        return sum(each.refused for each in self._all)

    @property
    def asked(self) -> int:
        """How many questions there were."""
        return sum(each.asked for each in self._all)


def browser(stage: Stage) -> Browser:
    """Returns a phone that nobody has used."""
    url = stage.platform.url
    return Browser(url, url.removeprefix("http://"))


def status_of(error: Unexpected) -> int:
    """Returns the status that the browser complains about, 0 where it tells none."""
    last = str(error).rpartition(" ")[2]
    return int(last) if last.isdecimal() else 0
