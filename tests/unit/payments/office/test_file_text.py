"""In which encoding a provider's file is read, and when it is read in none."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.domain.errors import FileEncodingUnknown, FileUnreadable
from services.payments.domain.file_text import read_text
from services.payments.domain.provider_file import BUILT_IN, PAYPAY_DAILY, read_file, read_mapping

GENERIC = BUILT_IN["generic"]
PAYPAY = "決済番号,取引日時,取引金額,取引ステータス\n1,2026/11/21 10:00,1300,取引完了\n"
OWN = """
name = "x"
encoding = "shift_jis"
tender = "card"
[columns]
number = "no"
time = "time"
amount = "amount"
shop = "shop"
"""


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_a_file_of_paypay_is_read_as_it_came_and_as_excel_saved_it(encoding: str) -> None:
    found = read_file(PAYPAY.encode(encoding), PAYPAY_DAILY, "shop-a")
    assert [line.amount_yen for line in found.lines] == [1300]
    assert not found.rejected


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_a_plain_file_with_names_is_read_either_way(encoding: str) -> None:
    text = "number,time,amount,status,tender,shop\n1,2026-11-21,1300,sale,card,秋芳洞の茶屋 髙田\n"
    (line,) = read_file(text.encode(encoding), GENERIC).lines
    assert line.shop_place_id == "秋芳洞の茶屋 髙田"


@pytest.mark.parametrize(
    "content",
    [
        PAYPAY.encode("utf-16"), PAYPAY.encode("utf-16-be"), b"PK\x03\x04\x00\x00",
        PAYPAY.encode("euc_jp"), "number,time,amount,shop\n1,2026-11-21,5,漢字\n".encode("euc_jp"),
        "number,time,amount,shop\n1,2026-11-21,5,あおい店\n".encode("euc_jp"),  # text in both
        "number,time,amount\n1,2026-11-21,Café\n".encode("latin-1"), b"\xff", b"\x81",
    ],
)  # fmt: skip
def test_every_other_encoding_is_refused_with_what_to_do(content: bytes) -> None:
    for mapping in (GENERIC, PAYPAY_DAILY):
        with pytest.raises(FileUnreadable) as caught:
            read_file(content, mapping, "shop-a")
        if mapping is GENERIC:
            assert isinstance(caught.value, FileEncodingUnknown)
            assert "CSV UTF-8" in str(caught.value)


@pytest.mark.parametrize("first", ["utf-8", "cp932"])
def test_two_files_put_together_in_two_encodings_are_refused_and_no_name_is_garbled(
    first: str,
) -> None:
    second = "utf-8" if first == "cp932" else "cp932"
    head, line = "number,time,amount,status,tender,shop\n", "1,2026-11-21,5,sale,card,秋芳\n"
    with pytest.raises(FileEncodingUnknown):
        read_file((head + line).encode(first) + line.encode(second), GENERIC)


def test_what_is_text_in_two_encodings_is_told_by_its_headings() -> None:
    # These bytes are text in both: two half-width katakana, or one letter of UTF-8.
    both = "ﾂｩ".encode("cp932")
    assert both.decode() == "©"
    content = b"no,time,amount,shop\n1,2026-11-21,5," + both + b"\n"
    for encoding, name in (("shift_jis", "ﾂｩ"), ("utf-8", "©")):
        mapping = read_mapping(OWN.replace("shift_jis", encoding))
        assert [line.shop_place_id for line in read_file(content, mapping).lines] == [name]
    # Where the headings stand in one encoding only, that is it, whatever the mapping says.
    content = b"no,time,amount," + both + b"\n1,2026-11-21,5,x\n"
    for encoding in ("shift_jis", "utf-8"):
        mapping = read_mapping(
            OWN.replace("shift_jis", encoding).replace('shop = "shop"', 'amount_ = "x"')
            .replace('amount_ = "x"', f'status = "{"ﾂｩ" if encoding == "utf-8" else "©"}"')
            + '[status]\nsale = ["x"]\n'
        )  # fmt: skip
        assert len(read_file(content, mapping, "shop-a").lines) == 1


@given(
    st.text(
        st.characters(
            codec="cp932", exclude_categories=["Cc", "Co"], exclude_characters='¢£¬‖−〜,"'
        ),
        max_size=60,
    )
)
def test_what_is_read_is_what_was_written_or_nothing(name: str) -> None:
    def knows(row: list[str]) -> bool:
        return row[:2] == ["番号", "金額"]

    for encoding, named in (("utf-8", "shift_jis"), ("utf-8", "utf-8"), ("cp932", "shift_jis")):
        text = f"番号,金額\n{name},5\n"
        assert read_text(text.encode(encoding), named, knows) == text


@given(st.binary(max_size=200), st.sampled_from(["utf-8", "shift_jis"]))
def test_any_bytes_are_text_or_refused_by_name(content: bytes, named: str) -> None:
    with suppress(FileEncodingUnknown):
        text = read_text(content, named, lambda _row: False)
        read = [content.decode(each, errors="replace") for each in ("utf-8-sig", "cp932")]
        assert text in read, "nothing is replaced or left out"
        assert "\ufffd" not in text or "\ufffd".encode() in content
