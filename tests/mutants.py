"""Proof that the tests of payments can fail: python -m tests.mutants [NAME …]

Each mutant is one mistake, made on a copy of the tree that is thrown away afterwards. The named
tests must pass before it and fail with it. Run it from the root with the environment's Python.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "var", "*_cache", "__pycache__", ".import_linter_cache"
)
TIMEOUT_S = 900


@dataclass(frozen=True)
class Mutant:
    """One mistake: in a file, a text that stands there once and what replaces it.

    command: what must notice, after the interpreter's name.
    """

    file: str
    right: str
    wrong: str
    command: tuple[str, ...]


def _pytest(*words: str) -> tuple[str, ...]:
    return ("-m", "pytest", "-x", "-p", "no:cacheprovider", *words)


def _chaos(scenario: str) -> tuple[str, ...]:
    return ("-m", "cli", "chaos", "--scenario", scenario, "--payments", "120")


MUTANTS = {
    "a repeat is a new sale": Mutant(
        "services/payments/app/commit.py",
        "elif payment_id != take.payment_id:",
        "elif False:",
        _pytest("tests/service/payments/test_take.py"),
    ),
    "a key may come with another body": Mutant(
        "services/payments/app/commit.py",
        "if body_sha256 != take.key.body_sha256:",
        "if False:",
        _pytest("tests/service/payments/test_take.py"),
    ),
    "acknowledged before it is committed": Mutant(
        "services/payments/app/steps.py",
        "    result = await deps.writer.submit(payment.area, answered)\n",
        "    from services.payments.domain.settle import settle\n"
        "    asyncio.ensure_future(deps.writer.submit(payment.area, answered))\n"
        "    result: Payment | Known\n"
        "    result = settle(payment, order.key, answer, deps.clock.now()).payment\n",
        _pytest("tests/service/payments/test_take.py"),
    ),
    "acknowledged before it is on disk": Mutant(
        "kit/db.py",
        '_query(f"{begin}; select',
        '_query(f"{begin}; set local synchronous_commit = off; select',
        ("-m", "cli", "chaos", "--scenario", "payments-kill-postgres"),
    ),
    "a repeat is a new sale, in the history too": Mutant(
        "services/payments/app/commit.py",
        "elif payment_id != take.payment_id:",
        "elif False:",
        _chaos("payments-same-key"),
    ),
    "a webhook may act again": Mutant(
        "services/payments/app/webhook.py",
        "if await webhooks.is_known(tx, provider, notice.event_id):",
        "if False:",
        _chaos("payments-webhooks"),
    ),
    "a close that is asked for again is another one": Mutant(
        "services/payments/app/office/close.py",
        "close_id = await once(tx, key, str, close)",
        "close_id = await close()",
        _chaos("payments-daily-close"),
    ),
    "the log says what callers wrote": Mutant(
        "services/edge/errors.py",
        'spoken.warning("call failed", code=error.code().name, path=_route())',
        'spoken.warning("call failed", code=error.code().name, path=request.path)',
        _chaos("payments-card-data"),
    ),
    "any signature is believed": Mutant(
        "services/edge/payments_api/signatures.py",
        '        raise Problem(401, "bad_signature", str(error)) from error\n',
        "        given = request.headers.get('Signature-Input', '').partition('keyid=')[2]\n"
        "        device = devices.read(g.area.area, (given.split(chr(34)) + ['', ''])[1])\n"
        "        if device is None:\n"
        '            raise Problem(401, "bad_signature") from error\n'
        "        shops = frozenset({device.place_id})\n"
        "        act_as(Caller(g.area.area, device.device_id, frozenset({Role.DEVICE}), shops))\n"
        "        return device\n",
        _pytest("tests/system/payments/test_api.py", "-k", "byte"),
    ),
    "tax is rounded line by line": Mutant(
        "services/payments/domain/receipt.py",
        "            tax_yen=tax_inside(amount_yen, rate, rounding),\n",
        "            tax_yen=sum(\n"
        "                tax_inside(item.amount_yen, rate, rounding)\n"
        "                for item in items if item.tax_rate_percent == rate\n"
        "            ) if items else tax_inside(amount_yen, rate, rounding),\n",
        _pytest("tests/unit/payments/test_receipt.py"),
    ),
}


def main(names: Sequence[str]) -> int:
    """Tries mutants, all by default. Returns 0 when every one was noticed."""
    unknown = [name for name in names if name not in MUTANTS]
    if unknown:
        _tell(f"there is no mutant {unknown[0]!r}; there are: {', '.join(MUTANTS)}")
        return 2
    survived = [name for name in names or MUTANTS if not _is_noticed(name, MUTANTS[name])]
    _tell(f"{len(names or MUTANTS) - len(survived)} noticed, {len(survived)} survived")
    return 1 if survived else 0


def _is_noticed(name: str, mutant: Mutant) -> bool:
    with tempfile.TemporaryDirectory(prefix="meguri-mutant-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=LEFT_OUT, symlinks=True)
        (tree / ".venv").symlink_to(ROOT / ".venv")  # ./meguri of the copy runs with it
        if not _passes(tree, mutant.command):
            _tell(f"{name}: its tests fail without it")
            return False
        path = tree / mutant.file
        text = path.read_text(encoding="utf-8")
        if text.count(mutant.right) != 1:
            _tell(f"{name}: {mutant.file} has changed; renew the mutant")
            return False
        path.write_text(text.replace(mutant.right, mutant.wrong), encoding="utf-8")
        noticed = not _passes(tree, mutant.command)
    _tell(f"{name}: {'noticed' if noticed else 'SURVIVED'}")
    return noticed


def _passes(tree: Path, command: Sequence[str]) -> bool:
    done = subprocess.run(
        [sys.executable, *command], cwd=tree, capture_output=True, check=False, timeout=TIMEOUT_S,
        env=os.environ | {"PYTHONPATH": f"{tree}{os.pathsep}{tree / 'gen'}",
                          "TMPDIR": str(tree.parent)},
    )  # fmt: skip
    return done.returncode == 0


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
