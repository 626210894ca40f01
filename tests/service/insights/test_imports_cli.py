"""The commands that take files in, against the real service: a report row by row, nothing kept
unsaid."""

import argparse
import asyncio
import json
import uuid
from pathlib import Path
from typing import Any

import grpc
import pytest

from kit.auth import Role
from kit.client import problem_of
from meguri.insights.v1 import import_service_pb2 as pb
from services.insights.cli import imports
from services.insights.cli.imports import ImportRefused
from tests import harness
from tests.service.insights.test_imports import Stub, keeping, listed, service, start
from tests.unit.insights.imported_made import as_csv, jma_daily, nights, spots, xlsx

__all__ = ["service"]  # a fixture


class Plain:
    """A stub for commands, which wait for each call: its calls go to the test's loop."""

    def __init__(self, stub: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._stub, self._loop = stub, loop

    def __getattr__(self, name: str) -> Any:
        async def ask(request: Any, timeout: float) -> Any:  # noqa: ASYNC109 - as stubs have it
            return await getattr(self._stub, name)(request, timeout=timeout)

        def wait(request: Any, timeout: float) -> Any:
            return asyncio.run_coroutine_threadsafe(ask(request, timeout), self._loop).result()

        return wait


@pytest.fixture
async def stub(service: harness.Running, monkeypatch: pytest.MonkeyPatch) -> Any:
    found = Stub(service.channel(f"a{uuid.uuid4().hex[:12]}", Role.ADMIN))
    plain = Plain(found, asyncio.get_running_loop())
    monkeypatch.setattr(imports, "_stub", lambda _area: plain)
    return found


async def run(
    capsys: pytest.CaptureFixture[str], command: str, file: Path, *more: str
) -> tuple[int, Any]:
    parser = argparse.ArgumentParser()
    imports.register(parser.add_subparsers())
    asked = parser.parse_args([command, str(file), *more])
    asked.area, asked.json = "", "--words" not in more
    code = await asyncio.to_thread(asked.run, asked)
    out = capsys.readouterr().out
    return code, json.loads(out) if asked.json else out


async def test_weather_is_told_then_kept(
    stub: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "data.csv"
    file.write_bytes(jma_daily().replace("2025/8/3,", "2025/8/2,").encode("cp932"))
    code, tried = await run(capsys, "import-weather", file, "--dry-run")
    assert code == 1
    assert (tried["read"], tried["loaded"], tried["kept"]) == (31, 30, 0)
    assert [(each["row"], each["reason"]) for each in tried["rejected"]] == [(8, "DATE_TWICE")]
    assert not (await listed(stub)).imports
    _, made = await run(capsys, "import-weather", file)
    assert (made["number"], made["kept"]) == (1, 30 * 12)
    _, again = await run(capsys, "import-weather", file)
    assert (again["number"], again["same"]) == (0, 360)
    (kept,) = (await listed(stub)).imports
    assert (kept.signed_as, kept.rejected_count) == ("operator", 1)


async def test_statistics_are_read_as_was_remembered(
    stub: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    draft = await start(stub, xlsx(spots()))
    await stub.KeepImport(keeping(draft, mapping_name="地点別"), timeout=30)
    file = tmp_path / "令和6年度.xlsx"
    file.write_bytes(xlsx(spots("令和6年度")))
    code, made = await run(capsys, "import-statistics", file, "--mapping", "地点別")
    assert code == 0
    assert (made["read"], made["loaded"], made["rejected"], made["new"]) == (3, 3, [], 36)
    assert [each["reason"] for each in made["aside"]] == [
        "TITLE", "TITLE", "HEADING", "TOTAL", "WORKED_OUT", "NOTE",
    ]  # fmt: skip
    found = await listed(stub)
    assert found.imports[0].source_note == "令和6年度.xlsx"
    assert "2024-04" in found.series[0].months
    words = tmp_path / "words.csv"
    words.write_bytes(as_csv([["観光地点", *spots()[2][1:]], ["秋芳洞", "-1", *["5"] * 12]]))
    dry = ("--mapping", "地点別", "--dry-run", "--source", "課")
    with pytest.raises(ImportRefused, match="MAPPING_UNFIT"):  # its months are in another row
        await run(capsys, "import-statistics", words, *dry)


async def test_files_of_the_other_kind_and_unknown_names_are_refused(
    stub: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    sheet, weather = tmp_path / "a.csv", tmp_path / "b.csv"
    sheet.write_bytes(as_csv(nights()))
    weather.write_bytes(jma_daily(days=1).encode("cp932"))
    with pytest.raises(ImportRefused, match="OTHER_KIND"):
        await run(capsys, "import-weather", sheet)
    with pytest.raises(ImportRefused, match="OTHER_KIND"):
        await run(capsys, "import-statistics", weather, "--mapping", "x")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await run(capsys, "import-statistics", sheet, "--mapping", "nobody’s")
    assert problem_of(caught.value).reason == "NOT_FOUND"
    assert not (await listed(stub)).imports


def test_words_tell_every_row_that_needs_a_person() -> None:
    draft = pb.ReadImportDraftResponse(
        read_count=2, loaded_count=1, rejected_count=1, new_count=3,
        rejected=[pb.ImportNote(row=3, field="5月", reason="NEGATIVE", text="-1")],
        warnings=[pb.ImportNote(row=9, reason="SUM_DIFFERS", text="9 / 8")],
    )  # fmt: skip
    report = imports.report_of(draft)
    told = imports._in_words(report, dry_run=True)
    assert "row 3, 5月: -1 [NEGATIVE]" in told
    assert "row 9" in told
    assert "nothing was changed" in told
    assert "new to keep" in imports._in_words(report, dry_run=False)
    assert "import 7" in imports._in_words(report | {"number": 7, "kept": 3}, dry_run=False)
