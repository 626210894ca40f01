"""The locustfile of every day: for each kind of arrival a line of people, one greenlet a person.

Locust's own users each wait for their answer before they come again, so that a slow platform gets
fewer visitors. Here times of arrival are fixed beforehand (loadtests.arrivals): one user of locust
is one kind of arrival, and starts somebody at each of its times, whoever is still waiting.

Environment: LOAD_DAY, LOAD_GROUNDS (file), LOAD_SECONDS, LOAD_FACTOR, LOAD_ONLY (acts with commas
between), LOAD_SEED, LOAD_TRIES, LOAD_OUT (file for samples), LOAD_LEFT (file for what was done).
"""

import importlib
import json
import os
import random
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import gevent
from gevent.pool import Group
from geventhttpclient.response import HTTPConnectionClosed
from locust import FastHttpUser, events, task
from locust.env import Environment

from loadtests import arrivals, days, ground, phones, samples
from loadtests.acts import Act, learn
from loadtests.hand import Hand, Notes, Refused, Reply
from loadtests.telling import Story

CONNECTIONS = 256  # of one kind of arrival at once; who finds none free waits, and that is measured
READY_S = 1.0  # from the start to the first arrival: all lines stand by then
LAST_ANSWERS_S = 12.0
SETTINGS = os.environ
SECONDS = int(SETTINGS.get("LOAD_SECONDS", "60"))
DAY = days.find(SETTINGS["LOAD_DAY"]).at(float(SETTINGS.get("LOAD_FACTOR", "1")))
if SETTINGS.get("LOAD_ONLY"):
    DAY = DAY.only(*SETTINGS["LOAD_ONLY"].split(","))
GROUNDS = ground.read(Path(SETTINGS["LOAD_GROUNDS"]))
KNOWN = learn()
NOTES = Notes(time.monotonic() + READY_S, int(SETTINGS.get("LOAD_TRIES", "1")))
ASKED, REACHED = [0] * SECONDS, [0] * SECONDS
left = {"lines": 0}


class Line(FastHttpUser):
    """One kind of arrival. Subclasses are made from the day."""

    abstract = True
    fixed_count = 1
    concurrency = CONNECTIONS
    connection_timeout = network_timeout = 10.0
    act = ""

    @task
    def live(self) -> None:
        """Lets everybody of this kind come at their time, then waits for the last answers."""
        chance = random.Random(f"{SETTINGS.get('LOAD_SEED', '1')} {self.act} people")
        send, people = sender(self.client), Group()
        for due in TIMES[self.act]:
            gevent.sleep(max(0.0, NOTES.began + due - time.monotonic()))
            late_s = time.monotonic() - NOTES.began - due
            REACHED[min(int(due), SECONDS - 1)] += late_s <= arrivals.REACHED_WITHIN_S
            people.start(gevent.Greenlet(come, send, KNOWN[self.act], chance.random(), due))
        end_s = NOTES.began + SECONDS - time.monotonic()
        people.join(timeout=max(0.0, end_s) + LAST_ANSWERS_S)
        # Whoever still waits was not answered, however many others were.
        NOTES.samples += [
            samples.Sample(SECONDS, 1000 * LAST_ANSWERS_S, self.act, 1, "not over at the end")
        ] * len(people)
        gevent.sleep(max(0.0, NOTES.began + SECONDS - time.monotonic()))
        finish(self.environment)


class Teller(FastHttpUser):
    """Who lives through the day's story, where it has one."""

    abstract = True
    fixed_count = 1
    concurrency = CONNECTIONS
    connection_timeout = network_timeout = 10.0

    @task
    def live(self) -> None:
        """Tells the story; what it found goes into the run."""
        if story is not None:
            story.tell(sender(self.client))
        finish(self.environment)


def sender(session: Any) -> Any:
    """Returns what asks once over HTTP. Cookies are each visitor's own and no redirect is followed:
    the session is shared by all of one kind."""
    session.client.cookiejar = None
    session.client.redirect_response_codes = frozenset()

    def once(method: str, path: str, headers: dict[str, str], body: bytes | None) -> Reply:
        with session.request(
            method, path, name=path, data=body, headers=headers, catch_response=True
        ) as answer:
            answer.success()  # locust counts nothing here: samples do
            found = answer.headers.get("Location", "") if answer.headers else ""
            cause = None if answer.status_code else answer.error
            error = "" if answer.status_code else no_answer(cause)
            closed = isinstance(getattr(cause, "original", None) or cause, HTTPConnectionClosed)
            return Reply(answer.status_code, answer.content or b"", found or "", error, closed)

    def send(
        method: str, path: str, headers: dict[str, str], body: bytes | None, left_s: float
    ) -> Reply:
        late = Reply(0, error="no answer in time")
        found: Reply = gevent.with_timeout(
            max(0.05, left_s), once, method, path, headers, body, timeout_value=late
        )
        return found

    return send


def no_answer(error: Any) -> str:
    """Returns what became of a request that was not answered, without the address it went to."""
    cause = getattr(error, "original", None) or error
    late = isinstance(cause, (gevent.Timeout, TimeoutError))
    return "no answer in time" if late else f"no answer ({type(cause).__name__})"


def come(send: Any, act: Act, seed: float, due: float) -> None:
    """One arrival: somebody somewhere does it. What goes wrong is in the samples. due: seconds
    since the run began; from then on the first answer is waited for, however late this sets out."""
    chance = random.Random(seed)
    place = chance.choice(GROUNDS)
    cookie = place.cookies.get(act.role, "")
    hand = Hand(send, place, NOTES, chance, cookie, due=NOTES.began + due)
    try:
        act.do(hand)
    except Refused:
        pass
    except Exception as error:  # noqa: BLE001 - whatever an answer was, it was none: it counts
        at = time.monotonic() - NOTES.began
        NOTES.samples.append(samples.Sample(at, 0.0, act.do.__name__, 1, f"{error!r}"[:120]))


def finish(environment: Environment) -> None:
    """Ends the run once the last line is done, and writes down what was measured."""
    left["lines"] -= 1
    if left["lines"]:
        gevent.sleep(3_600)  # until the runner ends everybody
    checks, marks = (story.checks, story.marks) if story else ([], [])
    run = samples.Run(SECONDS, NOTES.samples, ASKED, REACHED, checks, marks)
    samples.write(Path(SETTINGS["LOAD_OUT"]), run)
    done = {each.area: each.extra for each in GROUNDS}
    Path(SETTINGS["LOAD_LEFT"]).write_text(json.dumps(done), encoding="utf-8")
    if environment.runner is not None:
        gevent.spawn(environment.runner.quit)
    gevent.sleep(3_600)


TIMES = {
    name: arrivals.due_times(per_s, DAY.shape, SECONDS, f"{SETTINGS.get('LOAD_SEED', '1')} {name}")
    for name, per_s in DAY.rates.items()
    if per_s > 0
} or {"scan": []}  # with nobody but sensors somebody has to wait for the end
for name, moments in TIMES.items():
    for second, count in enumerate(arrivals.per_second(moments, SECONDS)):
        ASKED[second] += count
    globals()[f"Line_{name}"] = type(f"Line_{name}", (Line,), {"act": name, "abstract": False})
story: Story | None = None
if DAY.story:
    told = importlib.import_module(f"loadtests.stories.{DAY.story}")
    story = told.make(GROUNDS[0], NOTES, SECONDS)
    globals()["Teller_of_the_day"] = type("Teller_of_the_day", (Teller,), {"abstract": False})
left["lines"] = len(TIMES) + bool(DAY.story)


@events.test_start.add_listener  # type: ignore[untyped-decorator] # a hook of locust
def _begin(environment: Environment, **_: Any) -> None:
    phones.own_addresses(urlsplit(environment.host or "").hostname or "")
    NOTES.began = time.monotonic() + READY_S
    stamp = SETTINGS.get("LOAD_BEGAN")
    if stamp:
        Path(stamp).write_text(str(NOTES.began), encoding="utf-8")
