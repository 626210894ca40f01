"""close, reconcile, settlement, journal and audit speak the language of the terminal."""

import argparse
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cli import words
from meguri.payments.v1 import office_service_pb2 as pb
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from services.payments.cli import office, office_words
from tests.contract.test_words import _catalog, english, japanese

__all__ = ["_catalog", "english", "japanese"]

CLOSE = pb.Close(
    number=7, shop_place_id="shop-a", business_date="2026-11-29", expected_yen=11_300,
    counted_yen=11_200, difference_yen=-100, unresolved_count=2,
    figures=pb.CloseFigures(
        entry_count=4, net_yen=1_300,
        lines=[pb.CloseLine(tender=payments_pb.TENDER_CASH_RECORD, tax_rate_percent=10,
                            net_yen=1_300)],
    ),
)  # fmt: skip
FILE = pb.Reconciliation(
    line_count=5,
    matched_count=2,
    skipped_count=1,
    fee_yen=33,
    payout_yen=900,
    counts=[pb.FindingCount(kind=pb.FINDING_KIND_WRONG_AMOUNT, found_count=2, open_count=1)],
    rejected=[pb.RejectedRow(row=4, field="amount", reason="malformed", text="x is no amount")],
)
AUDIT = pb.VerifyAuditResponse(
    link_count=9,
    head_count=1,
    waiting_count=3,
    head_date="2026-11-28",
    head_number=9,
    findings=[pb.AuditFinding(fault=pb.AUDIT_FAULT_TAMPERED, number=4, row_id="r")],
)
SETTLED = pb.ReadSettlementResponse(
    rows=[pb.SettlementRow(shop_place_id="shop-a", acquirer="other_device", gross_yen=1000,
                           tender=payments_pb.TENDER_CODE_PAYMENT)],
)  # fmt: skip
DAY = pb.ReadDayResponse(
    unfinished_sales=[pb.UnfinishedSale(receipt_number="R-9", held_yen=1000, total_yen=3000)]
)


@pytest.fixture(autouse=True)
def service(monkeypatch: pytest.MonkeyPatch) -> None:
    """Payments, as far as these commands ask it."""
    answers = {
        "CloseDay": pb.CloseDayResponse(close=CLOSE), "ReadDay": DAY,
        "ReconcileFile": pb.ReconcileFileResponse(reconciliation=FILE), "VerifyAudit": AUDIT,
        "ReadSettlement": SETTLED, "ExportJournal": pb.ExportJournalResponse(entry_count=3),
    }  # fmt: skip

    def answering(answer: Any) -> Any:
        return lambda *_, **__: answer

    played = SimpleNamespace(**{name: answering(each) for name, each in answers.items()})
    monkeypatch.setattr(office, "office", lambda _: played)


def asked(tmp_path: Path, **more: Any) -> argparse.Namespace:
    file = tmp_path / "f.csv"
    file.write_text("x", encoding="utf-8")
    return argparse.Namespace(
        json=False, area="mine", shop="shop-a", day="2026-11-29", month=None, counted=11_200,
        float_yen=10_000, reason="", file=file, mapping="generic", encoding="utf-8",
        out=tmp_path / "out.csv", **more,
    )  # fmt: skip


COMMANDS = {
    "close": (office.run_close, 0,
              ["shop-a の締め 第 7 号", "現金", "税率 10 %", "差 -100 円", "結果待ち 2 件",
               "R-9 は 3,000 円のうち 1,000 円を受け取り済み"]),
    "reconcile": (office.run_reconcile, 1,
                  ["5 行：一致 2", "金額がちがいます", "4 行目（amount）：読み取れません"]),
    "audit": (office.run_verify, 1, ["異常あり：連鎖 9 件", "記録が書き換えられています（r）"]),
    "settlement": (office.run_settlement, 0, ["コード決済", "売上", "未入金"]),
    "journal": (office.run_journal, 0, ["仕訳 3 件を"]),
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.usefixtures("japanese")
def test_a_japanese_terminal_reads_japanese(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, status, said = COMMANDS[name]
    assert run(asked(tmp_path)) == status
    told = capsys.readouterr().out
    for each in said:
        assert each in told, told
    for each in ("found", "matched", "yen", "links", "counted", "without", "gross", "entries"):
        assert each not in told, told


@pytest.mark.usefixtures("english")
def test_any_other_terminal_reads_english_and_the_columns_stand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    office.run_close(asked(tmp_path))
    office.run_reconcile(asked(tmp_path))
    office.run_verify(asked(tmp_path))
    told = capsys.readouterr().out
    assert "close 7 of shop-a, 2026-11-29: 4 movements, 1,300 yen net" in told
    assert "  cash           10 %        1,300 yen\n" in told
    assert "not finished: R-9 holds 1,000 of 3,000 yen" in told
    assert "  another amount           2 found     1 open\n" in told
    assert "  row 4, amount: this cannot be read\n" in told
    assert "  link 4: a row was changed (r)\n" in told


@pytest.mark.usefixtures("japanese")
def test_documents_for_programs_stay_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = asked(tmp_path)
    arguments.json = True
    office.run_reconcile(arguments)
    document = json.loads(capsys.readouterr().out)
    assert document["rejected"][0]["text"] == "x is no amount"


UNKNOWN = "The file is neither UTF-8 nor Shift_JIS. Save it as CSV UTF-8 and send it again."


@pytest.mark.usefixtures("japanese")
@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("The file has no column 取引日時. [FILE_UNREADABLE]", "「取引日時」の列がありません"),
        (
            f"{UNKNOWN} [FILE_ENCODING_UNKNOWN]",
            "CSV UTF-8 で保存し直して",
        ),
        ("This day has not begun yet. [DAY_NOT_BEGUN]", "まだ始まっていません"),
        ("reason: the count differs by -100 yen: write why [INVALID_FIELDS]", "-100 円"),
    ],
)
def test_a_refusal_is_told_in_japanese(text: str, own: str) -> None:
    told = words.told(text)
    assert own in told
    assert text[text.index("[") :] in told, "programs and manuals know it by its reason"


def test_wide_characters_count_for_two_columns() -> None:
    assert office_words.padded("現金", 6) == "現金  "
    assert office_words.padded("card", 6) == "card  "
    assert office_words.padded("another amount", 4) == "another amount "
