"""Reports of commands speak the language of the terminal; documents for programs stay as they are.

The services are played here: what is tried is what a person reads.
"""

import argparse
import json
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import bench.guide.run
import bench.payments.run
from cli import bench as bench_command
from cli import load, words
from loadtests.day import Gate
from loadtests.gates import judge
from loadtests.samples import Run, Sample
from meguri.itinerary.v1 import itinerary_service_pb2 as itinerary_pb
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1 import register_service_pb2 as register_pb
from services.itinerary import cli as itinerary_cli
from services.payments import cli as payments_cli
from services.payments.cli import registers
from tests.contract.test_words import english, japanese

__all__ = ["english", "japanese"]

TOTALS = pb.ReadTotalsResponse(
    business_date="2026-11-28", unresolved_count=2,
    totals=[pb.TenderTotal(tender=pb.TENDER_CARD, practice=practice, captured_count=12,
                           net_yen=1_234_567, voided_yen=500, refunded_yen=0)
            for practice in (False, True)],
)  # fmt: skip
PROOF = pb.ProveLedgerResponse(
    sound=False, entry_count=3, posting_count=6, posting_sum_yen=1, unbalanced_entry_count=1,
    accounts=[pb.AccountBalance(account="cash", balance_yen=1)],
)  # fmt: skip
JOURNAL = register_pb.TakeRegisterJournalResponse(
    read_count=4, loaded_count=1, known_count=1, skipped_count=1, dry_run=True,
    rejected=[register_pb.JournalRemark(row=5, field="time", text="x")],
)  # fmt: skip
LOAD = {
    "by_request": {"/g": {"requests": 9, "p50_ms": 1, "p95_ms": 2, "failures": 3}}, "errors": [],
    "passed": False, "requests": 9, "requests_per_s": 3.0, "failures": 3, "p50_ms": 1, "p95_ms": 2,
    "limit_p95_ms": 500, "p99_ms": 4, "steps": [], "nation": {}, "report": ["/r/day.html"],
    "verdicts": [{"passed": False, "text": "3 of 9 requests failed"}],
}  # fmt: skip
FLOOD = (
    (
        "9 days open, 7 of them as the cave was closed; 7 planned anew, 0 not told, 0 left as they"
        " were, 0 still lead into the cave"
    ),
    "0 tickets sold later than 2 s after the closing",
    "10 given back, 0 unused tickets left, 10 sold in this run",
    "59 of 59 pages carry the notice, 1.7 s after the closure was raised",
    "59 of 59 pages are without it again, 2.7 s after the cave was opened",
)
POIS = itinerary_pb.ImportPoisResponse(
    read_count=3, loaded_count=2, changed_count=1,
    rejected=[itinerary_pb.RowNote(row=2, field="fees", reason="BAD_FEE", text="x")],
    warnings=[itinerary_pb.RowNote(row=3, field="source", reason="NO_SOURCE", text="y")],
)  # fmt: skip


def asked(**more: Any) -> argparse.Namespace:
    """Arguments of a command."""
    return argparse.Namespace(**{"json": False, "area": "mine", "day": "", "shop": "", **more})


@pytest.fixture(autouse=True)
def _catalog() -> None:
    words.prepare()


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Callable[..., Any]]:
    """Each report, as its command would make it."""
    file = tmp_path / "a.csv"
    file.write_text("")

    def service(*_: Any) -> SimpleNamespace:
        return SimpleNamespace(
            ReadTotals=lambda *_, **__: TOTALS, ProveLedger=lambda *_, **__: PROOF,
            TakeRegisterJournal=lambda *_, **__: JOURNAL, ImportPois=lambda *_, **__: POIS,
        )  # fmt: skip

    monkeypatch.setattr(payments_cli, "payments", service)
    monkeypatch.setattr(registers, "registers", service)
    monkeypatch.setattr(itinerary_cli, "_stub", service)
    monkeypatch.setattr(itinerary_cli, "read_pois", lambda _: [itinerary_pb.PoiRecord()])
    journal = {"file": file, "mapping": "generic", "register_name": "till-1", "dry_run": True}
    return {
        "totals": lambda **more: payments_cli.run_totals(asked(**more)),
        "prove": lambda **more: payments_cli.run_prove(asked(**more)),
        "journal": lambda **more: registers.run_journal(asked(**journal, **more)),
        "pois": lambda **more: itinerary_cli.run_pois(
            asked(file=file, dry_run=True, overwrite=False, **more)
        ),
        "load": lambda **_: load._tell(LOAD),
    }


REPORTS = ["totals", "prove", "journal", "pois", "load"]
# Words of the English reports; names of ways to pay, of fields and accounts are the same anywhere.
ENGLISH = re.compile(
    "outcome|sales|yen|voided|practice|live|sound|entries|postings|lines|taken|known|row|rejected"
    "|changed|look|passed|requests|failed|failures|limit",
    re.IGNORECASE,
)


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_japanese_at_a_japanese_terminal(
    japanese: None, reports: dict[str, Callable[..., Any]], capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:  # fmt: skip
    reports[name]()
    out = capsys.readouterr().out
    assert out
    assert ENGLISH.findall(out) == []
    assert "予定" in out or name != "journal"
    assert "まだ何も変えていません" in out or name not in {"journal", "pois"}


@pytest.mark.parametrize("name", REPORTS)
def test_it_is_english_elsewhere_with_the_same_figures(
    english: None, reports: dict[str, Callable[..., Any]], capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch, name: str,
) -> None:  # fmt: skip
    reports[name]()
    plain = capsys.readouterr().out
    assert ENGLISH.search(plain)
    monkeypatch.setenv("LANGUAGE", "ja")
    reports[name]()
    figures = [sorted(re.findall(r"[0-9](?:[0-9,.]*[0-9])?", out))
               for out in (plain, capsys.readouterr().out)]  # fmt: skip
    assert figures[0] == figures[1]


@pytest.mark.parametrize("name", ["totals", "prove", "journal", "pois"])
def test_a_document_for_programs_is_the_same_everywhere(
    japanese: None, reports: dict[str, Callable[..., Any]], capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch, name: str,
) -> None:  # fmt: skip
    reports[name](json=True)
    first = json.loads(capsys.readouterr().out)
    monkeypatch.setenv("LANGUAGE", "en")
    reports[name](json=True)
    assert json.loads(capsys.readouterr().out) == first


def test_what_benches_tell_is_japanese(japanese: None) -> None:
    said = [*bench.guide.run.SIDES.values(), *bench.payments.run.SIDES.values()]
    said += ["round 1 of 6: echo", "20 publications on 2 workers", "<= 3: holds",
             "a publication while NATS stands still", "visitor: 3 pages: / /g /plan",
             "1.6 Mbit/s down, 0.75 up, 150 ms a request"]  # fmt: skip
    assert len(said) >= 13
    for text in said:
        told = words.told(text, bench_command.SENTENCES)
        assert any("\u3040" <= letter <= "\u9fff" for letter in told), text


def test_what_loads_tell_is_japanese(japanese: None) -> None:
    found = [Sample(0, 900, "POST /plan/{id}/repair", 2, "")] * 20
    run = Run(5, found, [2], [1], [("plans_repaired", True, FLOOD[0])])
    gates = (Gate(p95_ms=100, p99_ms=200, checks=("plans_repaired", "never")), Gate(succeed=0.999))
    said = [each.text for gate in gates for each in judge(gate, run)]
    assert any("slowest kind" in text for text in said)
    said += ["534 sales, 0 of them asked again with their number, 0 without an outcome, 534 paid",
             "78 of 78 sales were paid (limit 95%)"]  # fmt: skip
    said += [*FLOOD, "making areas", "pass 1 of 2: plan", "national: 0.25 times the load, 20 s",
             "bus_arrives: 720 s, a part every 60 s", "golden_week: 60 s",
             "edge killed, healthy again after 2.1 s", "12 sales acknowledged, 0 lost, 0 doubled",
             "5 of 5 batches of sensors were acknowledged",
             "9 scans acknowledged, 9 kept"]  # fmt: skip
    for text in said:
        told = words.told(text, load.SENTENCES)
        assert any("\u3040" <= letter <= "\u9fff" for letter in told), text
