"""`./meguri audit`: are weaknesses known of what the locks pin? Asks PyPI (or OSV) and npm.

"Nothing known" and "nobody could be asked" are two answers: exit code 0 and 3. pip-audit ends with
0 for a library that its index says nothing of; here that counts as not asked. A weakness that does
not reach us stands in infra/known_weaknesses.csv with its reason, and only until a day.
"""

import argparse
import csv
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from cli import locked
from infra.local.home import ROOT

ALLOWED = ROOT / "infra" / "known_weaknesses.csv"
COLUMNS = ("id", "package", "reason", "until")
LONGEST_DAYS = 180  # for so long at most a weakness is let be before somebody looks again
EXIT_FOUND, EXIT_NOT_ASKED = 1, 3
PROBES = ("cryptography", "flask", "grpcio", "certifi", "requests")
TIMEOUT_S, ANSWER_S = 900, "15"


@dataclass(frozen=True)
class Weakness:
    """One known weakness of one pinned library. fixed: versions without it, "" for none yet."""

    id: str
    package: str
    version: str
    fixed: str
    place: str


@dataclass
class Asked:
    """What came of asking. missing: what nobody could tell us, a sentence for each."""

    looked_up: int = 0
    weaknesses: list[Weakness] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Allowed:
    """A weakness that is let be, why, and until which day."""

    id: str
    package: str
    reason: str
    until: date


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `audit`."""
    parser = subcommands.add_parser("audit", help="look for known weaknesses of pinned parts")
    parser.add_argument("--osv-url", metavar="URL", default="",
                        help="ask an OSV service instead of PyPI")  # fmt: skip
    parser.add_argument("--allowed", metavar="FILE", type=Path, default=ALLOWED,
                        help="weaknesses that are let be until a day")  # fmt: skip
    parser.add_argument("--lock", metavar="FILE", type=Path, action="append", default=[],
                        help="only these locks of Python")  # fmt: skip
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Returns 0: all asked, nothing known; 1: something is; 2: wrong list; 3: not all asked."""
    try:
        allowed = read_allowed(arguments.allowed.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"meguri audit: {arguments.allowed}: {error}", file=sys.stderr)
        return 2
    asked = _ask_python(arguments.lock or locked.python_locks(ROOT), arguments.osv_url)
    if not arguments.lock:
        for path in locked.npm_locks(ROOT):
            _add(asked, _ask_npm(path))
    today = datetime.now(UTC).date()
    open_ones, let_be, unused = judge(asked.weaknesses, allowed, today)
    if arguments.json:
        print(json.dumps({
            "looked_up": asked.looked_up, "weaknesses": [vars(each) for each in open_ones],
            "let_be": [vars(each) for each in let_be], "not_asked": asked.missing,
            "allowed_for_nothing": [each.id for each in unused],
        }))  # fmt: skip
    else:
        _tell(asked, open_ones, let_be, unused)
    if open_ones:
        return EXIT_FOUND
    return EXIT_NOT_ASKED if asked.missing else 0


def read_allowed(text: str) -> list[Allowed]:
    """Reads the list of what is let be. Errors: ValueError with the row that is wrong."""
    rows = list(csv.reader(text.splitlines()))
    if not rows or tuple(rows[0]) != COLUMNS:
        raise ValueError(f"the first line names the columns {', '.join(COLUMNS)}")
    found = []
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(COLUMNS) or not all(cell.strip() for cell in row):
            raise ValueError(f"row {number} needs {', '.join(COLUMNS)}")
        found.append(Allowed(row[0], row[1], row[2], date.fromisoformat(row[3])))
    return found


def judge(
    weaknesses: Sequence[Weakness], allowed: Sequence[Allowed], today: date
) -> tuple[list[Weakness], list[Weakness], list[Allowed]]:
    """Returns what is open, what is let be, and what of the list was for nothing.

    A permission that ended, or reaches further than anybody may look ahead, permits nothing.
    """
    good = {(each.id, each.package): each for each in allowed
            if 0 <= (each.until - today).days <= LONGEST_DAYS}  # fmt: skip
    let_be = [each for each in weaknesses if (each.id, each.package) in good]
    used = {(each.id, each.package) for each in let_be}
    return (
        [each for each in weaknesses if (each.id, each.package) not in good], let_be,
        [each for each in allowed if (each.id, each.package) not in used],
    )  # fmt: skip


def _tell(
    asked: Asked, found: Sequence[Weakness], let_be: Sequence[Weakness], unused: Sequence[Allowed]
) -> None:
    for each in found:
        mended = f"mended in {each.fixed}" if each.fixed else "no version without it yet"
        print(f"✗ {each.package} {each.version} ({each.place}): {each.id}; {mended}")
    for each in let_be:
        print(f"  {each.package} {each.version}: {each.id} is let be, see {ALLOWED.name}")
    for entry in unused:
        print(f"  {ALLOWED.name}: {entry.id} of {entry.package} permits nothing (any more)")
    for line in asked.missing:
        print(f"? not asked: {line}")
    print(f"{asked.looked_up} parts were looked up, {len(found)} weaknesses are known of them"
          + ("; of the others nothing is known, not even that they are well"
             if asked.missing else ""))  # fmt: skip


def _add(into: Asked, other: Asked) -> None:
    into.looked_up += other.looked_up
    into.weaknesses += other.weaknesses
    into.missing += other.missing


def _ask_python(locks: Sequence[Path], osv_url: str) -> Asked:
    """Asks for a few that every installation has first: an index without answers is told of once,
    not once for each library."""
    known = {
        part.name: part
        for path in locks
        for part in locked.of_python(path.read_text(encoding="utf-8").splitlines(), path.name)
    }
    probes = [known[name] for name in PROBES if name in known] or list(known.values())[:3]
    with tempfile.TemporaryDirectory(prefix="meguri-audit-") as folder:
        probe = Path(folder) / "probe.txt"
        probe.write_text("".join(f"{part.name}=={part.version}\n" for part in probes))
        first = _pip_audit(probe, osv_url)
    if not first.looked_up and first.missing:
        whom = osv_url or "the index of Python's packages"
        told = f"{len(known)} libraries of Python: {whom} has no answer here ({first.missing[0]})"
        return Asked(missing=[told])
    asked = Asked()
    for path in locks:
        _add(asked, _pip_audit(path, osv_url))
    return asked


def _pip_audit(path: Path, osv_url: str) -> Asked:
    service = ["-s", "osv", "--osv-url", osv_url] if osv_url else ["-s", "pypi"]
    answer, said = _run([
        sys.executable, "-m", "pip_audit", "-r", str(path), "--disable-pip", "--no-deps", "-f",
        "json", "--progress-spinner", "off", "--timeout", ANSWER_S, *service,
    ], ROOT)  # fmt: skip
    if answer is None:
        return Asked(missing=[f"{path.name}: {said}"])
    return of_pip_audit(answer, path.name)


def of_pip_audit(answer: dict[str, Any], place: str) -> Asked:
    """Reads what pip-audit answers as JSON."""
    asked = Asked()
    for each in answer["dependencies"]:
        if "skip_reason" in each:
            asked.missing.append(each["skip_reason"])
            continue
        asked.looked_up += 1
        asked.weaknesses += [
            Weakness(found["id"], each["name"], each["version"],
                     ", ".join(found["fix_versions"]), place)
            for found in each["vulns"]
        ]  # fmt: skip
    return asked


def _ask_npm(path: Path) -> Asked:
    name = str(path.relative_to(ROOT))
    npm = shutil.which("npm")
    if npm is None:
        return Asked(missing=[f"{name}: there is no npm on this machine"])
    answer, said = _run([npm, "audit", "--package-lock-only", "--json"], path.parent)
    if answer is None or "vulnerabilities" not in answer:
        return Asked(missing=[f"{name}: {(answer or {}).get('message') or said}"])
    return of_npm(answer, name)


def of_npm(answer: dict[str, Any], place: str) -> Asked:
    """Reads what `npm audit --json` answers."""
    asked = Asked(looked_up=answer["metadata"]["dependencies"]["total"])
    seen = set()
    for package, about in sorted(answer["vulnerabilities"].items()):
        for via in _advisories(about["via"]):
            key = (str(via.get("url") or via.get("source")).rpartition("/")[2], package)
            if key not in seen:
                seen.add(key)
                asked.weaknesses.append(
                    Weakness(key[0], package, about.get("range", ""),
                             "a newer one" if about.get("fixAvailable") else "", place)
                )  # fmt: skip
    return asked


def _advisories(via: Sequence[Any]) -> Iterator[dict[str, Any]]:
    # A name instead of an advisory: the weakness is that of another library below.
    yield from (each for each in via if isinstance(each, dict))


def _run(command: Sequence[str], folder: Path) -> tuple[dict[str, Any] | None, str]:
    """Returns the JSON a tool answered, None for none, and the last line it said."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False,
                              timeout=TIMEOUT_S)  # fmt: skip
    except subprocess.TimeoutExpired:
        return None, f"no answer within {TIMEOUT_S} s"
    lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        answer = None
    return (answer if isinstance(answer, dict) else None), (lines or ["it said nothing"])[-1]
