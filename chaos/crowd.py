"""Many clients at once, half of them at each door, selling one list of sales."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from chaos.client import PATIENCE_S, Client
from chaos.doors import Door, GrpcDoor, HttpDoor, Question
from chaos.peers import clerk_peers
from chaos.register import Register
from chaos.sales import Sale
from chaos.stage import Broken, Size, Stage

SHOP = "akiyoshido-kurotani"
REPEATS = 20  # keys asked once more at the end
TELL_EVERY_S = 15.0


class Crowd:
    """Clients in threads of their own. Use as a context: it opens and closes logs and doors."""

    def __init__(
        self, stage: Stage, size: Size, sales: Sequence[Sale], *, doors: Sequence[str] = ()
    ) -> None:
        self._stage, self._size = stage, size
        self._kinds = list(doors) or ["http", "grpc"]
        self._sales, self._lock = iter(sales), threading.Lock()
        self.total, self.failures = len(sales), list[BaseException]()
        self._dealt, self._allowed, self._more = 0, len(sales), threading.Event()
        self._threads: list[threading.Thread] = []
        self._open, self._ended = ExitStack(), threading.Event()

    def __enter__(self) -> "Crowd":
        stage = self._stage
        self._intents = self._open.enter_context(stage.log("intents"))
        self._acks = self._open.enter_context(stage.log("acks"))
        peers = self._open.enter_context(clerk_peers(stage.platform, "fault-test-till"))
        made: dict[str, Callable[[], Door]] = {
            "http": lambda: HttpDoor(register(stage)),
            "grpc": lambda: GrpcDoor(peers.channel("payments"), SHOP),
        }
        self._doors = [
            made[self._kinds[number % len(self._kinds)]]() for number in range(self._size.clients)
        ]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        with self._lock:
            self._allowed = self.total
            self._sales = iter(())  # whatever ended the block: nobody starts another sale
        for thread in self._threads:
            thread.join(PATIENCE_S)
        self._ended.set()
        self._open.close()

    def start(self) -> None:
        """Lets everybody begin."""
        threading.Thread(target=self._tell, daemon=True).start()
        for door in self._doors:
            thread = threading.Thread(target=self._work, args=(door,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def allow(self, share: float) -> None:
        """Lets only a share of the sales be sold for now: there must be some left for a fault."""
        with self._lock:
            self._allowed = int(share * self.total)
        self._more.set()

    @property
    def done(self) -> int:
        """How many outcomes are on disk."""
        return self._acks.count

    @property
    def working(self) -> bool:
        """Whether anybody still sells, and nobody failed."""
        return not self.failures and any(thread.is_alive() for thread in self._threads)

    def wait_for_share(self, share: float) -> bool:
        """Waits until a share of the sales has an outcome. Returns False when all is over."""
        while self.working and self.done < share * self.total:
            time.sleep(0.005)
        return self.working

    def finish(self) -> None:
        """Waits for the end and asks some keys once more. Errors: Broken when a client failed."""
        for thread in self._threads:
            thread.join()
        if self.failures:
            raise Broken("; ".join(str(each) for each in self.failures[:3]))
        self._repeat()

    def _tell(self) -> None:
        """Says how far it is, now and then."""
        began = time.monotonic()
        while not self._ended.wait(TELL_EVERY_S):
            done = self.done
            rate = done / (time.monotonic() - began)
            self._stage.tell(f"  … {done} outcomes of {self.total} sales, {rate:.0f} a second")

    def _work(self, door: Door) -> None:
        client = Client(door, self._intents, self._acks, self._stage.scenario)
        try:
            client.sell(self._next_sales())
        except BaseException as error:  # noqa: BLE001 - told by finish()
            self.failures.append(error)

    def _next_sales(self) -> Iterator[Sale]:
        while not self.failures:
            with self._lock:
                held_back = self._dealt >= self._allowed < self.total
                sale = None if held_back else next(self._sales, None)
                self._dealt += sale is not None
                self._more.clear()
            if sale is not None:
                yield sale
            elif not held_back:
                return
            else:
                self._more.wait(0.1)

    def _repeat(self) -> None:
        """A key asked again, long after, must still be the same payment."""
        lines = {each["key"]: each for each in self._stage.lines("acks")}
        wanted = {each["key"]: each for each in self._stage.lines("intents")}
        takes = [each for each in lines.values() if each["step"] == "take"]
        chance = random.Random(self._size.seed)
        doors = {door.name: door for door in self._doors}
        for line in chance.sample(takes, min(REPEATS, len(takes))):
            if line["door"] not in doors:
                continue
            intent = wanted[line["key"]]
            client = Client(doors[line["door"]], self._intents, self._acks, self._stage.scenario)
            client.settle(
                Question("take", line["key"], intent["tender"], intent["amount_yen"],
                         intent["capture_at_once"]),
                persist=False,
            )  # fmt: skip


def register(stage: Stage) -> Register:
    """Returns the terminal of the platform's first start."""
    terminal = stage.platform.state["terminal"]
    return Register(stage.platform.url, terminal["id"], Path(terminal["key_file"]))
