"""pgbench, PostgreSQL's own load generator, on the statements of baseline.sql."""

import re
import subprocess
import tempfile
from pathlib import Path

import psycopg

from infra.local import binaries

BASELINE = Path(__file__).with_name("baseline.sql")
HOT = "\\set amount random(1, 9000)\nselect bench.sell(1, 2, :amount);\n"
SPREAD = (
    "\\set debit random(1, 1000)\n\\set credit random(1001, 2000)\n\\set amount random(1, 9000)\n"
    "select bench.sell(:debit, :credit, :amount);\n"
)
BATCH = 128
BATCHED = f"select bench.sell_many({BATCH}, 1, 2, 500);\n"
_TPS = re.compile(r"tps = ([\d.]+)")


class Pgbench:
    """Runs scripts on one server. url: of a superuser and a database of its own."""

    def __init__(self, url: str) -> None:
        self._url = url

    def prepare(self) -> None:
        """Makes the tables anew."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(BASELINE.read_bytes())

    def run(self, script: str, *, clients: int, seconds: int) -> tuple[float, float]:
        """Returns transactions per second and the 99th percentile in milliseconds."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "script.sql").write_text(script)
            done = subprocess.run(
                [
                    str(binaries.find("postgres").with_name("pgbench")),
                    "--no-vacuum", "--protocol", "prepared",
                    "--client", str(clients), "--jobs", "1", "--time", str(seconds),
                    "--log", "--log-prefix", str(folder / "log"),
                    "--file", str(folder / "script.sql"), self._url,
                ],
                capture_output=True, text=True, check=False, timeout=seconds + 60,
            )  # fmt: skip
            found = _TPS.search(done.stdout)
            if done.returncode != 0 or found is None:
                raise RuntimeError(f"pgbench failed: {(done.stdout + done.stderr)[-800:]}")
            times_us = sorted(
                int(line.split()[2])
                for log in folder.glob("log.*")
                for line in log.read_text().splitlines()
            )
        return float(found[1]), times_us[int(len(times_us) * 0.99)] / 1000
