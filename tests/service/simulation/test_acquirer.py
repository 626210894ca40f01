"""The simulation's acquirer against the real door: the same requests, answers and books."""

import random
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.payments.gateways.http_json import HttpJson
from simulation.acquirer import MemoryBooks, answer_of
from tests import servers
from tests.service.payments.conftest import Simulator


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """The acquirer simulator as a process."""
    folder: Path = tmp_path_factory.mktemp("acquirer")
    running = Simulator(folder, servers._ports.choose(0))
    yield running
    running.process.kill()
    running.process.wait()


def paths(chance: random.Random, keys: list[str]) -> tuple[str, dict[str, object]]:
    """A request: a charge, a step on one, known or not, or a question."""
    key, charge = chance.choice(keys[4:]), chance.choice(keys[:5])
    body: dict[str, object] = {"amount_yen": chance.choice([0, 100, 100, 60])}
    what = chance.choice(["charge", "charge", "captures", "voids", "refunds", "refunds", "fence"])
    if what == "charge":
        body |= {"tender": "card", "capture": chance.random() < 0.5}
        return f"/v1/charges/{charge}", body
    if what == "fence":
        return f"/v1/operations/{key}/fence", {}
    return f"/v1/charges/{charge}/{what}/{key}", body


@pytest.mark.parametrize("seed", range(3))
async def test_the_same_requests_have_the_same_answers(door: Simulator, seed: int) -> None:
    chance, books = random.Random(seed), MemoryBooks()
    keys = [str(uuid.uuid4()) for _ in range(40)]
    way = HttpJson(door.url)
    said = set()
    for _ in range(120):
        path, body = paths(chance, keys)
        status, document = answer_of(books, path, body)
        reply = await way.post(path, body, 20.0)
        assert reply.status == status, path
        assert {name: reply.document.get(name) for name in document} == document, path
        said.add((status, document.get("status"), document.get("reason") or document.get("error")))
    await way.close()
    ours = {each["key"]: each for each in books.charges()}
    theirs = {key: each for key, each in door.charges().items() if key in keys}
    assert ours == theirs
    assert len(said) > 5, "too little was asked"
