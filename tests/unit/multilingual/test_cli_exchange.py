"""`./meguri guide export|import` speaks the terminal's language; JSON stays for programs."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from cli import build, words
from meguri.multilingual.v1 import exchange_service_pb2 as pb
from services.edge.studio.exchange import FAULTS as FAULTS_ON_PAGES
from services.edge.studio.exchange import KINDS as ON_PAGES
from services.multilingual import cli
from services.multilingual.cli import exchange
from services.multilingual.domain.exchange import Fault, Kind

FOUND = pb.ImportTextsResponse(
    texts=[pb.ImportedText(stop_code="K7Q2X", revision=2, parts=["NAME"])], unchanged_count=56,
    left_out=["SRVAY"], retired=["BBBBB"],
    doubts=[pb.ImportDoubt(line=7, stop_code="K7Q2X", part="NAME", lost_numbers="30")],
)  # fmt: skip


@pytest.fixture(autouse=True)
def _terminal() -> None:
    build.build_catalog(words.CATALOG)
    words.prepare()


def newer(line: int, quoted: str) -> pb.FileProblem:
    """A problem of a newer guide, with a kind and a fault that this program does not know."""
    known = pb.FileProblem(line=line, quoted=quoted).SerializeToString()
    return pb.FileProblem.FromString(known + b"\x10\x63\x18\x63")


def parsed(**more: Any) -> argparse.Namespace:
    return argparse.Namespace(**{"file": Path("en.po"), "json": False, "preview": False, **more})


def help_of(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    parser = argparse.ArgumentParser()
    cli.register(parser.add_subparsers())
    with pytest.raises(SystemExit):
        parser.parse_args(["guide", command, "--help"])
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("command", "ja", "en"),
    [
        ("export", "書き出すファイル", "file to write"),
        ("import", "ファイルの言語", "language it is meant for"),
        ("signs", "省略時: すべての案内地点", "default: all stops"),
        ("speak", "すでに音声があるものも", "also what was spoken already"),
        ("codes", "すでにあるコードはそのままです", "codes that are there stay"),
    ],
)
def test_help_is_in_the_language_of_the_terminal(
    command: str, ja: str, en: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    for language, text in (("ja", ja), ("en", en), ("ko", en)):
        monkeypatch.setenv("LANGUAGE", language)
        assert text in help_of(command, capsys)


def test_what_became_of_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "ja")
    japanese = exchange._lines(parsed(), FOUND)
    assert japanese[0] == "下書きを 1 件保存しました。変わらない文章は 56 件です"
    for said, line in zip(("SRVAY", "BBBBB", "30", "/studio"), japanese[1:], strict=True):
        assert said in line
    assert "廃止" in japanese[2]
    monkeypatch.setenv("LANGUAGE", "en")
    assert exchange._lines(parsed(preview=True), FOUND)[0] == (
        "1 texts would change, 56 without news"
    )


def test_a_refused_file_says_what_to_do_and_programs_get_the_words_of_the_guide(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    problems = [
        pb.FileProblem(line=12, kind=pb.FILE_PROBLEM_KIND_PLACEHOLDER, quoted="SRVAY NAME {x}"),
        pb.FileProblem(kind=pb.FILE_PROBLEM_KIND_TOO_HEAVY),
        newer(2, "a"),
        pb.FileProblem(line=7, kind=pb.FILE_PROBLEM_KIND_SYNTAX, fault=pb.FILE_FAULT_TABLE_CELLS,
                       quoted="9"),
    ]  # fmt: skip
    for language, said in (
        ("ja", ["12 行目: {name} のような括弧", "ファイル: このファイルは", "2 行目: 99 [a]",
                "8 つのセル"]),
        ("en", ["line 12: A part in brackets", "the file: This file takes", "line 2: 99 [a]",
                "has 8 cells. This one has another number of them: [9]"]),
    ):  # fmt: skip
        monkeypatch.setenv("LANGUAGE", language)
        assert exchange._refused(parsed(), problems) == 1
        told = capsys.readouterr().out
        assert all(each in told for each in said), told
        assert "SRVAY NAME {x}" in told
    monkeypatch.setenv("LANGUAGE", "ja")
    exchange._refused(parsed(json=True), problems)
    assert json.loads(capsys.readouterr().out) == {
        "error": "TRANSLATION_FILE_DAMAGED",
        "problems": {
            "line 12": "PLACEHOLDER: SRVAY NAME {x}", "line 0": "TOO_HEAVY:", "line 2": "99: a",
            "line 7": "SYNTAX: TABLE_CELLS 9",
        },
    }  # fmt: skip


def test_every_kind_of_problem_has_its_sentence_here_and_on_pages() -> None:
    assert set(exchange.KINDS) == set(ON_PAGES) == {each.value for each in Kind}
    assert set(exchange.FAULTS) == set(FAULTS_ON_PAGES) == {each.value for each in Fault}


def test_the_contract_names_every_kind_and_fault() -> None:
    kinds = {name.removeprefix("FILE_PROBLEM_KIND_") for name, _ in pb.FileProblemKind.items()}
    faults = {name.removeprefix("FILE_FAULT_") for name, _ in pb.FileFault.items()}
    assert kinds == {each.value for each in Kind} | {"UNSPECIFIED"}
    assert faults == {each.value for each in Fault} | {"UNSPECIFIED"}
