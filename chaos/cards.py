"""Card data in what a platform has written: logs, streams, databases, Valkey. `scan-cards` looks.

A search that finds nothing may be one that does not look: a number is planted first, in a file and
in Valkey, and it has to be found there and nowhere else.
"""

import contextlib
import io
import json
from argparse import Namespace
from collections.abc import Iterator

import redis

from chaos.platform import Platform
from cli import scan_cards
from cli.connection import running_machine
from infra.local.home import Home
from infra.local.table import SERVICES

NUMBER = "4111111111111111"  # published for tests; no account has it
PLANT = "meguri-chaos-plant"
SHOWN = 5
NOT_READ = frozenset({"postgres", "acquirer_simulator"})  # see cli/scan_cards.py; not of ours


def find_card_data(platform: Platform) -> list[str]:
    """Returns what is wrong: places with card data, or a plant that was not found.

    Errors: OSError or the drivers' own while a part is away.
    """
    machine = running_machine(Home(platform.data))
    if machine is None:
        return ["card data cannot be looked for: the platform is not running"]
    valkey = machine.variables(["MEGURI_VALKEY_URL"])["MEGURI_VALKEY_URL"]
    with _planted(platform, valkey):
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            scan_cards.run(Namespace(
                paths=[each for each in sorted(platform.data.iterdir())
                       if each.name not in NOT_READ],
                database=[machine.database_url(each) for each in SERVICES],
                valkey=[valkey], json=True,
            ))  # fmt: skip
    return judge(json.loads(told.getvalue())["places"])


def judge(places: list[dict[str, object]]) -> list[str]:
    """Tells plants from finds; a plant that is missing is wrong as well."""
    planted = [each for each in places if PLANT in str(each["where"]) or each["where"] == "valkey"]
    wrong = [
        f"{each['kind']} in {each['where']} at {each['at']} {each['inside']}".rstrip()
        for each in places if each not in planted
    ]  # fmt: skip
    files = [each for each in planted if each["where"] != "valkey"]
    in_valkey = len(planted) - len(files)
    if not files or not in_valkey:
        wrong.append("the search for card data does not find what was planted")
    if in_valkey > 1:
        wrong.append(f"{in_valkey - 1} card numbers in Valkey")
    return wrong[:SHOWN]


@contextlib.contextmanager
def _planted(platform: Platform, valkey_url: str) -> Iterator[None]:
    file = platform.data / "log" / f"{PLANT}.jsonl"
    with redis.Redis.from_url(valkey_url, socket_timeout=5) as valkey:
        try:
            file.write_text(f'{{"event": "paid {NUMBER}"}}\n', encoding="utf-8")
            valkey.set(PLANT, f"paid {NUMBER}", ex=600)
            yield
        finally:
            file.unlink(missing_ok=True)
            valkey.delete(PLANT)
