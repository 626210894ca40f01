"""The network between two parts is lost, one way or both, or thin: nobody waits for ever, pages
that are known are served, and what was acknowledged is there when it comes back."""

import http.client
import random
import time
import urllib.request

from chaos.beside import Beside
from chaos.crowd import Crowd
from chaos.proxy import Way
from chaos.sales import make_sales
from chaos.scenarios.figures import expect_same
from chaos.stage import Broken, Size, Stage, slack_now
from chaos.visitors import Visitors, browser

CUT_S, CUT_FULL_S = 3.0, 30.0
# Longer than any deadline, also in a quick run: who asks must be told no, and pages must go on.
LONG_CUTS, LONG_CUT_S = ("edge>multilingual", "payments>postgres"), 15.0
NEEDED = ("postgres", "nats", "acquirer_simulator")  # whoever has a way to these uses it
KINDS = ("both ways", "there", "back", "refused")
THIN = Way(delay_s=0.15, bytes_per_s=256 * 1024)
THIN_S, THIN_FULL_S = 8.0, 60.0
# Scans are given 3 s and days planned 8 (services/edge); a busy machine needs some to say so.
ANSWER_WITHIN_S = 14.0
PAGE_WITHIN_S = 1.0  # of a page that the edge has
SALES_AGAIN_S = 10.0  # after a cut


class Readers(Beside):
    """A browser that asks for a stop's page again and again, ahead of its reader, so that it counts
    as nobody's scan. Use as a context."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self.pages, self.failed, self.longest_s = 0, list[str](), 0.0

    def _begin(self) -> None:
        with browser(self._stage) as reader:
            [first, *_] = reader.get("/api/v1/stops").json()["stops"]
        self._address = f"{self._stage.platform.url}/G/{first['stop_code']}"
        self._get()  # from now on the edge has it

    def judge(self) -> None:
        """Every page came, and soon. Errors: Broken."""
        self._stage.figures |= {"pages": self.pages, "page_longest_s": round(self.longest_s, 2)}
        if self.failed:
            raise Broken(f"{len(self.failed)} of {self.pages} pages failed: {self.failed[:3]}")
        if self.longest_s > PAGE_WITHIN_S * slack_now():
            raise Broken(f"a page that the edge has took {self.longest_s:.1f} s")

    def _get(self) -> None:
        """Errors: OSError, as urllib's is, for whatever is no page."""
        headers = {"Sec-Purpose": "prefetch"}
        asked = urllib.request.Request(self._address, headers=headers)  # noqa: S310 - ours
        with urllib.request.urlopen(asked, timeout=ANSWER_WITHIN_S) as answer:  # noqa: S310 - ours
            answer.read()

    def _work(self) -> None:
        while not self._ended.wait(0.1):
            asked = time.monotonic()
            try:
                self._get()
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(repr(error)[:200])
            self.pages += 1
            self.longest_s = max(self.longest_s, time.monotonic() - asked)


def each_pair(stage: Stage, size: Size) -> None:
    """Cuts every way between two parts once, each in another manner, then makes all of them thin.

    Errors: Broken.
    """
    pairs = stage.ways.proxy.names()
    random.Random(size.seed).shuffle(pairs)
    again_s: list[float] = []
    sales = make_sales(size.payments, size.seed)
    with (
        Visitors(stage, size.seed) as visitors, Readers(stage) as readers,
        Crowd(stage, size, sales) as crowd,
    ):  # fmt: skip
        crowd.start()
        for number, pair in enumerate(pairs, 1):
            crowd.allow(0.9 * number / len(pairs))
            manners = KINDS if size.full else [KINDS[(number + size.seed) % len(KINDS)]]
            long = pair in LONG_CUTS
            for manner in ["both ways"] if long and not size.full else manners:
                cut_s = CUT_FULL_S if size.full else LONG_CUT_S if long else CUT_S
                _cut(stage, pair, manner, cut_s)
                crowd.allow(0.9 * number / len(pairs) + 0.1 / len(pairs))
                again_s.append(_until_next(crowd))
        thin = _thin(stage, crowd, THIN_FULL_S if size.full else THIN_S)
        crowd.allow(1)
        crowd.finish()
    silent = [pair for pair in pairs if not stage.ways.proxy.carried(pair)[1]]
    stage.figures |= {
        "cuts": len(again_s), "sales_again_s": round(max(again_s), 2), "sales_while_thin": thin,
        "answer_longest_s": round(visitors.longest_s, 2), "answers_refused": visitors.refused,
        "never_used": len(silent),
    }  # fmt: skip
    _judge(stage, visitors, readers, max(again_s), silent)


def _judge(
    stage: Stage, visitors: Visitors, readers: Readers, again_s: float, silent: list[str]
) -> None:
    readers.judge()
    if visitors.longest_s > ANSWER_WITHIN_S:
        raise Broken(f"an answer took {visitors.longest_s:.1f} s: a deadline was not kept")
    if again_s > SALES_AGAIN_S * slack_now():
        raise Broken(f"sales went on only {again_s:.1f} s after a cut")
    if not visitors.refused:
        raise Broken("nobody was told no by the longest cut: no deadline was tested")
    if needed := [pair for pair in silent if pair.endswith(NEEDED)]:
        raise Broken(f"nothing went over {', '.join(needed)}: its cut tested nothing")
    stage.wait_ready()
    expect_same(stage)


def _cut(stage: Stage, pair: str, manner: str, lasts_s: float) -> None:
    stage.fault(f"{pair} {manner}")
    proxy = stage.ways.proxy
    if manner == "refused":
        proxy.refuse(pair)
    else:
        proxy.cut(pair, there=manner != "back", back=manner != "there")
    time.sleep(lasts_s)
    proxy.heal(pair)


def _until_next(crowd: Crowd) -> float:
    """Returns seconds from now to the next sale. Errors: Broken."""
    before, began = crowd.done, time.monotonic()
    while crowd.done == before:
        if not crowd.working or time.monotonic() - began > 6 * SALES_AGAIN_S:
            raise Broken(f"no sale within {time.monotonic() - began:.0f} s after a cut")
        time.sleep(0.01)
    return time.monotonic() - began


def _thin(stage: Stage, crowd: Crowd, lasts_s: float) -> int:
    """Makes every way thin for a while. Returns the sales done meanwhile. Errors: Broken."""
    stage.fault("thin")
    crowd.allow(0.97)
    before = crowd.done
    for pair in stage.ways.proxy.names():
        stage.ways.proxy.set(pair, THIN, THIN)
    time.sleep(lasts_s)
    done = crowd.done - before
    stage.ways.heal()
    if not done:
        raise Broken(f"no sale in {lasts_s:.0f} s of thin lines")
    return done
