"""`./meguri evidence`: what an auditor reads, written from the ledger and from the code.

docs/access.csv: every door by every role, as the edge and the services decide it. docs/asvs.md: how
much of OWASP ASVS 5.0 is held, by chapter, from docs/asvs.csv, which people write.
"""

import argparse
import csv
import importlib
import io
import json
import pkgutil
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from infra.local.home import ROOT
from kit import config
from kit.auth import EVERYBODY, Role

LEDGER, PAGE, MATRIX = (ROOT / "docs" / name for name in ("asvs.csv", "asvs.md", "access.csv"))
STATES = ("held", "missing", "not applicable")
CHAPTERS = {
    1: "encoding", 2: "validation and business", 3: "browsers", 4: "web services", 5: "files",
    6: "signing in", 7: "sessions", 8: "who may", 9: "tokens", 10: "OAuth", 11: "cryptography",
    12: "lines", 13: "configuration", 14: "data", 15: "code and parts", 16: "logs and errors",
    17: "WebRTC",
}  # fmt: skip
SERVICES = ("directory", "insights", "itinerary", "multilingual", "payments", "visitor_sense")


_HEAD = """\
# OWASP ASVS 5.0, levels 1 and 2

Written by `./meguri evidence` from [asvs.csv](asvs.csv), which people write: every requirement of
both levels by its number, in our own words, with the tests that hold it, why it does not concern
us, or what exactly is missing. `tests/contract/test_asvs.py` holds that no number is left out, that
every test and part of a document is there, and that nothing is called held without a test. What a
test cannot show (that it is enough) people have judged; nobody from outside has verified it. The
standard itself is OWASP Application Security Verification Standard 5.0.0, CC BY-SA 4.0.

"""


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `evidence`."""
    parser = subcommands.add_parser(
        "evidence", help="write docs/access.csv and docs/asvs.md for whoever examines us"
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail where they differ"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Writes both, or tells which is not as it should be."""
    made = {MATRIX: matrix(), PAGE: page(LEDGER.read_text(encoding="utf-8"))}
    changed = [path for path, text in made.items() if _text(path) != text]
    if not arguments.check:
        for path in changed:
            path.write_text(made[path], encoding="utf-8")
    names = [str(path.relative_to(ROOT)) for path in changed]
    if arguments.json:
        print(json.dumps({"changed": names}))
    else:
        print(f"{'differs' if arguments.check else 'written'}: {', '.join(names) or 'nothing'}")
    return 1 if arguments.check and changed else 0


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def matrix() -> str:
    """Returns every door by every role as CSV: yes, or nothing. What is not named is refused."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["by", "door", "of area", *(role.value for role in Role)])
    for row in (*_pages(), *_methods()):
        writer.writerow(row)
    return out.getvalue()


def _row(by: str, door: str, area: str, roles: frozenset[Role]) -> list[str]:
    return [by, door, area, *("yes" if role in roles else "" for role in Role)]


def _pages() -> Iterator[list[str]]:
    from services.edge import main, wings  # noqa: PLC0415 - the whole edge, seconds to import

    # Nobody is called: only the addresses are looked at.
    nobody: Any = object()
    settings = config.load("edge", {"MEGURI_COOKIE_SECRET": "of no platform"})
    app = main.create_app(settings, clients=nobody)
    signs = frozenset(map(Role, ("device", "sensor")))  # known by keys of their own
    doors = sorted(
        (rule.rule, method, app.view_functions[rule.endpoint])
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    )
    for path, method, view in doors:
        roles = getattr(view, "allowed", None)
        if roles is None:
            roles = signs if path.startswith(wings.SIGNED) else EVERYBODY
        yield _row("http", f"{method} {path}", "that of the host name", roles)


def _methods() -> Iterator[list[str]]:
    for service in SERVICES:
        tables: dict[str, frozenset[Role]] = {}
        for module in _modules(f"services.{service}.api"):
            tables |= getattr(importlib.import_module(module), "ALLOWED", {})
        for method, roles in sorted(tables.items()):
            area = "all" if (service, method) == ("directory", "ListAreas") else "that of the token"
            yield _row("grpc", f"{service}/{method}", area, roles)


def _modules(name: str) -> Iterator[str]:
    yield name
    for found in pkgutil.iter_modules(getattr(importlib.import_module(name), "__path__", ())):
        yield f"{name}.{found.name}"


def rows(text: str) -> list[Mapping[str, str]]:
    """Returns the rows of the ledger."""
    return list(csv.DictReader(io.StringIO(text)))


def page(text: str) -> str:
    """Returns the page about the ledger."""
    ledger = rows(text)
    counted = Counter((_chapter(row), row["state"]) for row in ledger)
    counts = ", ".join(f"{sum(row['state'] == each for row in ledger)} {each}" for each in STATES)
    lines = [
        *_HEAD.splitlines(), f"{len(ledger)} requirements: {counts}.", "",
        f"| chapter | {' | '.join(STATES)} |", f"|---|{'---:|' * len(STATES)}",
    ]  # fmt: skip
    for number, name in CHAPTERS.items():
        cells = " | ".join(str(counted[number, state]) for state in STATES)
        lines.append(f"| V{number} {name} | {cells} |")
    lines += ["", "## What is missing", "", "| | level | what it asks | what is missing |",
              "|---|---|---|---|"]  # fmt: skip
    lines += [
        f"| {row['requirement']} | {row['level']} | {row['about']} | {row['note']} |"
        for row in ledger if row["state"] == "missing"
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _chapter(row: Mapping[str, str]) -> int:
    return int(row["requirement"][1:].partition(".")[0])
