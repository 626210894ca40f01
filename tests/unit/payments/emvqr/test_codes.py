"""Codes as documents, and the commands that read, make and draw them."""

import io
import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from kit.pure.errors import InvalidFields
from services.payments.app.codes import describe, draft_of
from services.payments.cli import codes as cli
from services.payments.domain.emvqr.make import make_merchant
from tests.unit.payments.emvqr.samples import ADMISSION, CARD, CARD_CODE, STICKER

PLAIN = {"merchant_accounts": {"02": "x"}, "mcc": "5812", "name": "A", "city": "B"}
SHEET = {
    "jpqr": ["0000000000000", "0001", "000001", "000001"], "mcc": 5812, "name": "AKIYOSHI CAFE",
    "city": "MINE", "postal_code": "7540511", "name_ja": "秋芳カフェ",
}  # fmt: skip


def command(monkeypatch: pytest.MonkeyPatch, text: bytes, run: Any, **options: Any) -> int:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    return int(run(Namespace(**{"json": False, **options})))


def test_documents_say_what_the_drafts_of_the_tests_say() -> None:
    assert make_merchant(draft_of(SHEET)) == make_merchant(STICKER)
    admission = {
        "merchant_accounts": [
            {"id": "04", "value": "5204740000001002"},
            {"id": "29", "value": {"00": "com.example.pay", "05": "kiosk 7"}},
        ],
        "mcc": "7991", "name": "CAVE GATE", "city": "MINE", "amount_yen": 1300,
        "additional": {"bill_number": "A-17", "consumer_data_request": "ME"}, "tip": "percent",
        "tip_percent": "5.5", "local_language": "ja", "local_name": "黒谷口", "local_city": "美祢",
        "others": {"80": {"00": "com.example.extra", "07": "x"}},
    }  # fmt: skip
    assert make_merchant(draft_of(admission)) == make_merchant(ADMISSION)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ([], "document"),
        (None, "document"),
        ({**PLAIN, "colour": "red"}, "colour"),
        ({**PLAIN, "name": 5}, "name"),
        ({**PLAIN, "name": ""}, "name"),
        ({**PLAIN, "mcc": True}, "mcc"),
        ({**PLAIN, "amount_yen": "100"}, "amount_yen"),
        ({**PLAIN, "amount_yen": 0}, "amount_yen"),
        ({**PLAIN, "amount_yen": 1.5}, "amount_yen"),
        ({**PLAIN, "amount_yen": 10_000_000}, "amount_yen"),
        ({**PLAIN, "amount_yen": 5, "currency": "840"}, "amount_yen"),
        ({**PLAIN, "tip": "much"}, "tip"),
        ({**PLAIN, "dynamic": "yes"}, "dynamic"),
        ({**PLAIN, "merchant_accounts": {}}, "merchant_accounts"),
        ({**PLAIN, "merchant_accounts": "x"}, "merchant_accounts"),
        ({**PLAIN, "merchant_accounts": [{"id": "02", "value": "a"}] * 2}, "merchant_accounts"),
        ({**PLAIN, "merchant_accounts": {"02": None}}, "merchant_accounts.02"),
        ({**PLAIN, "additional": "x"}, "additional"),
        ({**PLAIN, "jpqr": ["1"]}, "jpqr"),
        ({**PLAIN, "jpqr": "1"}, "jpqr"),
    ],
)
def test_what_a_document_cannot_say_is_refused_by_name(document: Any, field: str) -> None:
    with pytest.raises(InvalidFields) as refused:
        draft_of(document)
    assert field in [name for name, _ in refused.value.fields]


def test_a_code_is_described_with_its_tree() -> None:
    said = describe(make_merchant(STICKER))
    assert (said["valid"], said["kind"], said["scheme"]) == (True, "mpm", "jpqr")
    assert said["tree"]["root"][0] == ["00", "01"]
    assert said["tree"]["nested"]["64"] == [["00", "JA"], ["01", "秋芳カフェ"]]
    cut = describe(make_merchant(STICKER)[:-1])
    assert (cut["valid"], cut["tree"]) == (False, None)
    (error,) = cut["errors"]
    assert (error["reason"], error["position"]) == ("tlv", len(make_merchant(STICKER)) - 8)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (CARD_CODE, "cpm"),
        (CARD_CODE[:-2], "cpm"),
        ("900081818812345678", "cpm_barcode"),
        (CARD, "cpm_barcode"),
        (f"{CARD}x", "mpm"),
        ("", "unknown"),
        ("hello", "unknown"),
        ("\udcff", "unknown"),
    ],
)
def test_kinds_are_told_apart_and_customers_never_quoted(text: str, kind: str) -> None:
    said = describe(text)
    assert said["kind"] == kind
    assert not text or text not in json.dumps(said, ensure_ascii=False)


def test_parse_answers_each_line_with_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [make_merchant(STICKER).encode(), CARD_CODE.encode(), b"", b"\xff\xfe", b"0002\xed\xa0"]
    assert command(monkeypatch, b"\r\n".join(lines), cli.run_qr_parse) == 0
    out = capsys.readouterr().out
    said = [json.loads(line) for line in out.splitlines()]
    assert [each["valid"] for each in said] == [True, True, False, False, False]
    assert CARD not in out
    assert CARD_CODE not in out


def test_make_writes_the_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = json.dumps(SHEET).encode()
    assert command(monkeypatch, sheet, cli.run_qr_make) == 0
    assert capsys.readouterr().out == make_merchant(STICKER) + "\n"
    assert command(monkeypatch, sheet, cli.run_qr_make, json=True) == 0
    assert json.loads(capsys.readouterr().out) == {"payload": make_merchant(STICKER)}
    for bad in (b"", b"{", b"[" * 100_000, b"\xff", b"[]"):
        with pytest.raises(InvalidFields, match="JSON object"):
            command(monkeypatch, bad, cli.run_qr_make)


def test_draw_marks_a_sample(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    payload = make_merchant(STICKER).encode()
    for name, issued in (("a.svg", False), ("b.svg", True), ("c.png", False)):
        options = {"out": tmp_path / name, "issued": issued, "json": True}
        assert command(monkeypatch, payload, cli.run_qr_draw, **options) == 0
        assert json.loads(capsys.readouterr().out)["sample"] is not issued
    assert "秋芳カフェ (見本 SAMPLE)".encode() in (tmp_path / "a.svg").read_bytes()
    assert b"SAMPLE" not in (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")
    for text, out in ((payload[:-1], "a.svg"), (payload, "a.gif")):
        with pytest.raises(InvalidFields):
            command(monkeypatch, text, cli.run_qr_draw, out=tmp_path / out, issued=False)
