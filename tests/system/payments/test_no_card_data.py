"""Whatever a register sends that holds card data, nothing of it stays: not in logs, the database,
NATS or Valkey. The search is the command that operators have, and it finds what was planted."""

import base64
import json
import time
import uuid
from argparse import Namespace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from cli import scan_cards
from cli.connection import running_machine
from infra.local.home import Home
from infra.local.table import SERVICES
from services.payments.domain.emvqr.practice import PracticeCode, make_consumer, track2
from tests.platform import Platform
from tests.system.payments.clients import Register

pytestmark = pytest.mark.platform

PAY = "/api/v1/payments"
NUMBER = "4111111111111111"  # published for tests; no account has it
SETTLED_S = 3.0  # the relay has said, the seal has sealed, logs are written


def _codes() -> list[str]:
    """What a customer's phone may show, and what a reader of tracks may hand over."""
    name = ("4F", bytes.fromhex("A0000000031010"))
    applications = [
        [name, ("57", track2(NUMBER, "3012", "201"))],
        [name, ("5A", bytes.fromhex(NUMBER))],
    ]
    versions = (b"CPV01", b"JPQR1")
    made = [make_consumer(PracticeCode(version=version, applications=[each]))
            for version in versions for each in applications]  # fmt: skip
    return [*made, f";{NUMBER}=30122010000?", NUMBER]


def _found(capsys: pytest.CaptureFixture[str], platform: Platform) -> dict[str, Any]:
    machine = running_machine(Home(platform.data))
    assert machine is not None
    valkey = machine.variables(["MEGURI_VALKEY_URL"])["MEGURI_VALKEY_URL"]
    capsys.readouterr()
    scan_cards.run(
        Namespace(
            # PostgreSQL by its rows: its own catalogs are full of numbers that look like cards.
            paths=[each for each in platform.data.iterdir() if each.name != "postgres"],
            database=[machine.database_url(each) for each in SERVICES],
            valkey=[valkey], json=True,
        )
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_card_data_that_is_sent_stays_nowhere_and_planted_card_data_is_found(
    platform: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = platform.state["terminal"]
    register = Register(platform.url, terminal["id"], Path(terminal["key_file"]))
    sale: dict[str, Any] = {"tender": "card", "amount_yen": 1300}
    taken = register.send("POST", PAY, sale, str(uuid.uuid4()))[1]
    back = f"{PAY}/{taken['payment_id']}/refunds"
    for code in _codes():
        item = {"name": code, "unit_amount_yen": 1300, "tax_rate_percent": 8}
        refused = [
            register.send("POST", PAY, {**sale, "items": [item]}, str(uuid.uuid4())),
            register.send("POST", PAY, sale, code),
            register.send("POST", back, {"amount_yen": 1, "reason": code}, str(uuid.uuid4())),
            register.send("POST", PAY, {**sale, "customer_code": code}, str(uuid.uuid4())),
            register.send("POST", PAY, {**sale, "tender": code}, str(uuid.uuid4())),
            register.send("POST", PAY, {**sale, "shop_place_id": code}, str(uuid.uuid4())),
            register.send("POST", PAY, {**sale, "gateway": code}, str(uuid.uuid4())),
            register.send("POST", PAY, {**sale, "amount_yen": code}, str(uuid.uuid4())),
            register.send("GET", f"{PAY}/{quote(code, safe='')}"),
            register.send("GET", f"{PAY}?code={quote(code, safe='')}"),
        ]
        assert all(400 <= status < 500 for status, _ in refused), refused
    assert register.send("POST", PAY, sale, str(uuid.uuid4()))[0] == 201
    time.sleep(SETTLED_S)
    clean = _found(capsys, platform)
    assert clean["sources"] > 80
    assert clean["hits"] == {}, "\n".join(map(str, clean["places"]))
    planted = platform.data / "logs" / "planted.log"
    planted.parent.mkdir(exist_ok=True)
    packed = base64.b64encode(track2(NUMBER, "3012", "201")).decode()
    planted.write_text(f'{{"event": "paid {NUMBER}", "body": "{packed}xx"}}\n{_codes()[0]}\n')
    try:
        hits = _found(capsys, platform)["hits"]
    finally:
        planted.unlink()
    assert hits["card_number"] == 1
    assert hits["customer_code"] == 1
    assert hits["track"] >= 1
