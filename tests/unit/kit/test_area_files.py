"""Tables that people write: every ordinary mistake is one sentence with file, row and column."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import area_files
from kit.area_files import BadFile, Row
from meguri.directory.v1 import directory_service_pb2 as pb

HEAD = "id,kind,metres\n"


def made(row: Row) -> tuple[str, int, float]:
    return row["id"], row.word("kind", pb.PlaceKind, "PLACE_KIND_"), float(row["metres"] or 0)


def read(tmp_path: Path, body: bytes) -> list[tuple[str, int, float]]:
    file = tmp_path / "places.csv"
    file.write_bytes(body)
    return area_files.read(file, made)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_table_is_read_as_spreadsheets_save_it(tmp_path: Path, encoding: str) -> None:
    body = (HEAD + '洞, site ,3.5\r\n"二,行\n目",GATE,\r\n').encode(encoding)
    assert read(tmp_path, body) == [
        ("洞", pb.PLACE_KIND_SITE, 3.5), ("二,行\n目", pb.PLACE_KIND_GATE, 0.0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("id,art,metres\na,site,1\n", "places.csv has no column kind: its first line names the"),
        (HEAD + "a,site,1\nb,cave,1\n", "row 3, column kind: 'cave' is none of site, gate, stop,"),
        (HEAD + "a,site,far\n", "places.csv, row 2, column metres: 'far' is no number"),
        (HEAD + "a,,1\n", "row 2, column kind: '' is none of site"),
        (HEAD + "a\n", "row 2, column kind: '' is none of site"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, body: str, told: str) -> None:
    with pytest.raises(BadFile) as raised:
        read(tmp_path, body.encode())
    assert told in str(raised.value)


def test_neither_encoding_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="neither UTF-8 nor Shift_JIS"):
        read(tmp_path, HEAD.encode() + b"\x81")


def test_what_a_service_refuses_is_told_by_the_row_of_the_file() -> None:
    fields = [("places[0].parent_place_id", "is not known"), ("places[7]", "comes twice")]
    told = str(area_files.of_refusal("places.csv", "places", fields))
    assert told == (
        "places.csv, row 2, column parent_place_id: is not known; places.csv, row 9: comes twice"
    )
    assert area_files.of_refusal("places.csv", "places", [("area", "is not known")]) is None


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, body: bytes
) -> None:
    file = tmp_path_factory.mktemp("table", numbered=True) / "places.csv"
    file.write_bytes(HEAD.encode() + body)
    with suppress(BadFile):  # and nothing else
        area_files.read(file, made)
