"""Terminals whose key is revoked while they sell: over within five seconds, whatever is broken."""

import threading
import time
from contextlib import ExitStack
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from chaos.client import PATIENCE_S, new_key
from chaos.crowd import Crowd
from chaos.doors import HttpDoor, Kind, Question
from chaos.exports import collect
from chaos.logs import Line, Log
from chaos.peers import owner_peers
from chaos.register import Register
from chaos.sales import make_sales
from chaos.stage import Broken, Size, Stage
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub

PLACE = "akiyoshido-kurotani"
EFFECTIVE_WITHIN_S = 5.0
WATCHED_S = 6.5
OWN_YEN = 9_100  # amounts that nobody else takes
KEPT = ("payment_id", "state", "amount_yen", "captured_yen", "refunded_yen", "practice")
ROUNDS = ("", "nats", "edge", "payments")  # what is killed at the moment of a revocation
DEADLINE_S = 10.0
BACK_WITHIN_S = 30.0


def revoked(stage: Stage, size: Size) -> None:
    """Revokes one terminal after the other in the middle of its sales. Errors: Broken when one
    sells on, or when it takes an honest one with it."""
    sales = make_sales(size.payments, size.seed)
    longest_s = 0.0
    with ExitStack() as stack:
        intents, acks = (stack.enter_context(stage.log(name)) for name in ("intents", "acks"))
        crowd = stack.enter_context(Crowd(stage, size, sales))
        crowd.start()
        for number, killed in enumerate(ROUNDS, 1):
            crowd.allow((number + 1) / (len(ROUNDS) + 1))
            crowd.wait_for_share(number / (len(ROUNDS) + 1))
            longest_s = max(longest_s, _one(stage, killed, intents, acks, OWN_YEN + number))
        crowd.allow(1)
        crowd.finish()
    stage.figures |= {"revoked": len(ROUNDS), "longest_effective_s": round(longest_s, 2)}
    stage.wait_ready()
    if longest_s > EFFECTIVE_WITHIN_S:
        raise Broken(f"a revoked terminal sold on for {longest_s:.1f} s")


def _one(stage: Stage, killed: str, intents: Log, acks: Log, amount_yen: int) -> float:
    """Enrolls a terminal, lets it sell, revokes it. Returns seconds until its last sale."""
    device_id, key_file = enroll(stage, f"revoked {killed or 'calmly'}")
    door = HttpDoor(Register(stage.platform.url, device_id, key_file))
    terminal = _Terminal(door, intents, acks, stage.scenario, amount_yen)
    if not terminal.sell():
        raise Broken("a terminal that was just enrolled is refused")
    thread = threading.Thread(target=terminal.run, daemon=True)
    thread.start()
    time.sleep(0.5)
    revoke(stage, device_id)
    told = time.monotonic()
    if killed:
        stage.fault(killed)
        before = stage.platform.kill(killed)
        stage.platform.wait_healthy(killed, after=before, timeout_s=BACK_WITHIN_S)
    time.sleep(max(0.0, told + WATCHED_S - time.monotonic()))
    terminal.over.set()
    thread.join(DEADLINE_S * 2)
    if terminal.failure:
        raise Broken(terminal.failure)
    if not terminal.refusals:
        raise Broken("the revoked terminal was never refused: nothing was tested")
    _find_unsure(stage, terminal, acks, amount_yen)
    key_file.unlink()
    return max(0.0, terminal.last_sale - told)


def _find_unsure(stage: Stage, terminal: "_Terminal", acks: Log, amount_yen: int) -> None:
    """A sale may have been taken just before the revocation and its answer lost with a kill: the
    terminal may not ask any more, so the shop looks it up. At most that one sale may be there.

    Errors: Broken.
    """
    told = {each["payment_id"] for each in stage.lines("acks")}
    there = [each for each in collect(stage.platform).payments
             if each["amount_yen"] == amount_yen and each["payment_id"] not in told]  # fmt: skip
    if len(there) > len(terminal.unsure):
        raise Broken(f"{len(there)} sales of a revoked terminal that nobody was told of")
    for line, payment in zip(terminal.unsure, there, strict=False):
        acks.write({**line, **{name: payment[name] for name in KEPT}, "refused": "",
                    "door": "looked up"})  # fmt: skip


class _Terminal:
    """Sells without a pause, each sale under one key until it is taken or refused. last_sale: when
    the last sale that was taken was sent. refusals: how often it was told no."""

    def __init__(
        self, door: HttpDoor, intents: Log, acks: Log, scenario: str, amount_yen: int
    ) -> None:
        self._door, self._intents, self._acks, self._scenario = door, intents, acks, scenario
        self._amount_yen = amount_yen
        self.over, self.last_sale, self.refusals, self.failure = threading.Event(), 0.0, 0, ""
        self.unsure: list[Line] = []  # refused after requests without an answer: perhaps taken

    def run(self) -> None:
        """Until told to end."""
        while not self.over.is_set() and not self.failure:
            self.sell()
            time.sleep(0.05)

    def sell(self) -> bool:
        """Makes one sale; a refusal is an outcome like any other. Returns whether it was taken."""
        question = Question("take", new_key(), "cash_record", self._amount_yen)
        self._intents.write({"scenario": self._scenario, "key": question.key, "step": "take",
                             "amount_yen": question.amount_yen, "payment_id": "",
                             "tender": question.tender, "capture_at_once": True})  # fmt: skip
        first, attempts, mistakes = time.monotonic(), 0, 0
        while (sent := time.monotonic()) < first + PATIENCE_S:
            answer = self._door.ask(question)
            attempts += 1
            mistakes += answer.mistake
            if answer.kind in {Kind.SETTLED, Kind.REFUSED}:
                line = {
                    "scenario": self._scenario, "key": question.key, "step": "take",
                    "door": "revoked", "tender": question.tender,
                    "first": first, "sent": sent, "at": time.monotonic(),
                    "attempts": attempts, "mistakes": mistakes, "refused": answer.reason,
                    "unknown_s": 0.0, "payment_id": "", "state": "",
                    "amount_yen": question.amount_yen, **answer.document,
                }  # fmt: skip
                self._acks.write(line)
                if answer.kind is Kind.REFUSED:
                    self.refusals += 1
                    self.unsure += [line] if attempts > 1 else []
                    return False
                self.last_sale = sent
                return True
            time.sleep(0.1)
        self.failure = f"a sale of a terminal has no outcome after {PATIENCE_S:.0f} s"
        return False


def enroll(stage: Stage, name: str) -> tuple[str, Path]:
    """Enrolls a terminal with a new key. Returns its id and the file of its private key."""
    key = ed25519.Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    request = pb.EnrollDeviceRequest(
        request_id=new_key(), name=name, kind="terminal", place_id=PLACE, public_key=public
    )
    with owner_peers(stage.platform) as peers:
        stub = DirectoryServiceStub(peers.channel("directory"))
        device_id = stub.EnrollDevice(request, timeout=DEADLINE_S).device.device_id
    file = stage.folder / f"{device_id}.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return device_id, file


def revoke(stage: Stage, device_id: str) -> None:
    """Takes a terminal its rights."""
    with owner_peers(stage.platform) as peers:
        stub = DirectoryServiceStub(peers.channel("directory"))
        request = pb.RevokeDeviceRequest(request_id=new_key(), device_id=device_id)
        stub.RevokeDevice(request, timeout=DEADLINE_S)
