"""The maker: what it makes reads back the same, and what cannot be said is refused by name."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.payments.domain.emvqr.jpqr import StoreId, is_sample
from services.payments.domain.emvqr.make import Draft, make_merchant
from services.payments.domain.emvqr.merchant import parse_merchant
from tests.unit.payments.emvqr.other_decoder import decode, objects
from tests.unit.payments.emvqr.samples import ADMISSION, STICKER

ASCII = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
ANY = st.characters(max_codepoint=0xFFFF, exclude_categories=["Cc", "Cs"])


def texts(most: int, alphabet: st.SearchStrategy[str] = ASCII) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=1, max_size=most)


def ids(first: int, last: int) -> st.SearchStrategy[str]:
    return st.integers(first, last).map("{:02d}".format)


def maps(keys: st.SearchStrategy[str], values: Any, most: int) -> Any:
    return st.dictionaries(keys, values, max_size=most)


def templates() -> Any:
    fields = maps(ids(1, 99), texts(8, ANY), 3)
    return st.builds(lambda guid, inner: {"00": guid, **inner}, texts(32), fields)


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """Any code that can be made."""
    plain = draw(maps(ids(2, 25), texts(30), 2))
    framed = draw(maps(ids(26, 51), templates(), 2))
    if not plain and not framed:
        plain = {"02": "x"}
    tip = draw(st.sampled_from(["", "01", "02", "03"]))
    local = draw(st.booleans())
    return Draft(
        accounts={**plain, **framed},
        mcc=draw(st.integers(0, 9999).map("{:04d}".format)),
        name=draw(texts(25)), city=draw(texts(15)),
        currency=draw(st.sampled_from(["392", "840", "156"])),
        amount=draw(st.just("") | st.integers(1, 9_999_999).map(str)),
        dynamic=draw(st.none() | st.booleans()),
        tip=tip, tip_fixed="500" if tip == "02" else "", tip_percent="7.5" if tip == "03" else "",
        postal_code=draw(st.just("") | texts(10)),
        additional=draw(maps(ids(1, 8), texts(10, ANY), 3)),
        local_language="JA" if local else "", local_name=draw(texts(25, ANY)) if local else "",
        local_city=draw(st.just("") | texts(15, ANY)) if local else "",
        others=draw(maps(ids(80, 99), templates(), 1)),
    )  # fmt: skip


@given(draft=drafts())
def test_what_is_made_reads_back_the_same_here_and_elsewhere(draft: Draft) -> None:
    payload = make_merchant(draft)
    code = parse_merchant(payload)
    assert code.valid
    assert not code.warnings
    told = {
        "52": draft.mcc, "53": draft.currency, "54": draft.amount, "55": draft.tip,
        "56": draft.tip_fixed, "57": draft.tip_percent, "58": draft.country, "59": draft.name,
        "60": draft.city, "61": draft.postal_code,
    }  # fmt: skip
    assert {id_: code.value(id_) for id_ in told} == told
    assert code.value("01") == (
        "12" if draft.dynamic or (draft.dynamic is None and draft.amount) else "11"
    )
    for id_, held in {**draft.accounts, **draft.others}.items():
        inside = {each.id: each.value for each in code.nested.get(id_, ())}
        assert (code.value(id_) if isinstance(held, str) else inside) == held
    assert {each.id: each.value for each in code.nested.get("62", ())} == dict(draft.additional)
    local = [code.value("64", inner) for inner in ("00", "01", "02")]
    assert local == [draft.local_language, draft.local_name, draft.local_city]
    others = decode(payload)
    assert others == [(each.id, each.value) for each in code.root]
    for id_, nested in code.nested.items():
        assert objects(dict(others)[id_].encode()) == [(each.id, each.value) for each in nested]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "秋芳"}, "name"),
        ({"name": "A" * 26}, "name"),
        ({"name": "A" * 100}, "name"),
        ({"name": "A\ud830"}, "name"),
        ({"city": "B" * 16}, "city"),
        ({"mcc": "581"}, "mcc"),
        ({"currency": "JPY"}, "currency"),
        ({"country": "Japan"}, "country"),
        ({"amount": "0"}, "amount"),
        ({"amount": "10.5"}, "amount"),  # yen have no decimals
        ({"amount": "1e3"}, "amount"),
        ({"accounts": {}}, "code"),
        ({"accounts": {"52": "x"}}, "accounts.52"),
        ({"accounts": {"2": "x"}}, "accounts.2"),
        ({"accounts": {"26": "x"}}, "accounts.26"),
        ({"accounts": {"02": "x" * 100}}, "accounts.02"),
        ({"accounts": {"29": {"00": "g", "01": "x" * 99}}}, "accounts.29"),
        ({"accounts": {"29": {"00": "g", "1": "x"}}}, "accounts.29"),
        ({"tip": "02"}, "tip_fixed"),
        ({"tip": "02", "tip_fixed": "10.5"}, "tip_fixed"),
        ({"tip_percent": "5"}, "tip_percent"),
        ({"additional": {"01": "x" * 26}}, "additional.bill_number"),
        ({"local_name": "店", "local_language": ""}, "local_language"),
        ({"local_name": "𠮷野家", "local_language": "JA"}, "code"),  # phones count its halves
        ({"local_name": "店\n", "local_language": "JA"}, "local_name"),
        ({"others": {"63": "x"}}, "others.63"),
        ({"additional": {f"0{n}": "x" * 25 for n in range(1, 5)}}, "additional"),
    ],
)
def test_what_cannot_be_said_is_refused_by_name(change: dict[str, Any], field: str) -> None:
    plain = Draft(accounts={"02": "x"}, mcc="5812", name="A", city="B")
    with pytest.raises(InvalidFields) as refused:
        make_merchant(replace(plain, **change))
    assert field in [name for name, _ in refused.value.fields]


def test_a_refusal_says_where_japanese_belongs() -> None:
    with pytest.raises(InvalidFields, match=r"name: give letters.* local name"):
        make_merchant(replace(STICKER, name="秋芳"))


def test_a_code_that_names_jpqr_keeps_its_rules() -> None:
    with pytest.raises(InvalidFields) as refused:
        make_merchant(replace(STICKER, postal_code="", local_city="美祢"))
    assert [name for name, _ in refused.value.fields] == ["postal_code", "local_city"]


def test_a_code_too_long_for_a_scanner_is_refused() -> None:
    accounts = {f"{id_:02d}": "x" * 99 for id_ in range(2, 7)}
    with pytest.raises(InvalidFields, match="shorter"):
        make_merchant(replace(STICKER, accounts=accounts))


def test_only_an_issued_jpqr_id_prints_without_the_word_sample() -> None:
    sticker = parse_merchant(make_merchant(STICKER)).root
    other = parse_merchant(make_merchant(ADMISSION)).root
    assert is_sample(sticker, issued=False)
    assert not is_sample(sticker, issued=True)
    assert not is_sample(other, issued=False)
    assert not StoreId().issued
