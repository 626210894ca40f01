"""Texts are as long as their meaning asks for, and no card's number, in whatever service."""

import re
import unicodedata
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from kit import texts
from kit.pure import card_text
from kit.rpc import look_up
from meguri.directory.v1 import directory_service_pb2 as directory
from meguri.insights.v1 import kpi_service_pb2 as kpi
from meguri.itinerary.v1 import itinerary_service_pb2 as itinerary
from meguri.multilingual.v1 import feedback_service_pb2 as feedback
from meguri.multilingual.v1 import multilingual_service_pb2 as guide
from meguri.payments.v1 import office_service_pb2 as office
from meguri.payments.v1 import payments_service_pb2 as payments
from meguri.payments.v1 import tickets_service_pb2 as tickets
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as sensing

CONTRACTS: tuple[Any, ...] = (
    directory, itinerary, feedback, guide, office, payments, tickets, sensing,
)  # fmt: skip
ID = "019a1c3e-4111-7111-8111-411111111111"
CARD = "4111 1111 1111 1111"  # published for tests; no account has it


def draft(text: str) -> guide.SaveDraftRequest:
    paragraphs = [guide.Paragraph(paragraph_id="a", text=text)]
    return guide.SaveDraftRequest(
        request_id="r-00000001", text=guide.NarrationText(name="洞", paragraphs=paragraphs)
    )


def zone(name: str) -> sensing.ConfigureZonesRequest:
    return sensing.ConfigureZonesRequest(zones=[sensing.Zone(zone_id="z", names={"ja": name})])


def poi(note: str) -> itinerary.ImportPoisRequest:
    told = itinerary.PoiTexts(fee_note={"ja": note})
    return itinerary.ImportPoisRequest(records=[itinerary.PoiRecord(texts=told)])


REQUESTS = [
    pytest.param(draft, id="a guide's text"),
    pytest.param(zone, id="a zone's name"),
    pytest.param(poi, id="a place's note"),
    pytest.param(lambda text: directory.CreateUserRequest(display_name=text), id="a person"),
    pytest.param(lambda text: directory.ClosePlaceRequest(note=text), id="a closure"),
    pytest.param(lambda text: office.ReconcileFileRequest(file_name=text), id="a file's name"),
]


@pytest.mark.parametrize("made", REQUESTS)
def test_a_card_number_is_refused_in_texts_of_every_service(made: "type[Message]") -> None:
    with pytest.raises(texts.CardNumberTyped) as caught:
        texts.check(made(f"払戻 {CARD}"))
    assert "4111" not in str(caught.value)
    assert look_up({}, caught.value)[1] == "CARD_NUMBER_TYPED"
    texts.check(made("4111 枚"))


@pytest.mark.parametrize("made", REQUESTS)
def test_a_megabyte_is_refused_by_its_length_before_anything_is_searched(
    made: "type[Message]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "holds_card_number", lambda _: pytest.fail("it was searched"))
    with pytest.raises(texts.TextTooLong) as caught:
        texts.check(made("洞" * 1_000_000))
    ((_, told),) = caught.value.fields
    assert told.startswith("at most ")
    assert look_up({}, caught.value)[1] == "TEXT_TOO_LONG"


def test_every_meaning_has_its_length() -> None:
    texts.check(directory.CreateUserRequest(display_name="長" * texts.SHORT))
    with pytest.raises(texts.TextTooLong):
        texts.check(directory.CreateUserRequest(display_name="長" * (texts.SHORT + 1)))
    texts.check(directory.ClosePlaceRequest(note="長" * 2_000))
    texts.check(kpi.SaveKpiRequest(settings=kpi.KpiSettings(definition="長" * 400)))
    texts.check(draft("長" * 2_001))  # refused by the guide, which names the paragraph
    texts.check(office.ReconcileFileRequest(mapping="x" * 20_000, content=b"4" * 100_000))
    texts.check(directory.SignInRequest(password=f"{CARD} is a bad password"))


def test_many_short_texts_have_a_bound_together() -> None:
    many = [f"{number:03}" + "あ" * 190 for number in range(1_100)]
    with pytest.raises(texts.TextTooLong):
        texts.check(directory.CreateUserRequest(shop_place_ids=many))
    places = [directory.Place(names={"ja": text}) for text in many]
    texts.check(directory.RecordPlacesRequest(places=places))


@pytest.mark.parametrize(
    "batch",
    [
        guide.RecordScansRequest(scans=[
            guide.Scan(scan_id=CARD, stop_code="洞" * 201, requested_locale=CARD, offline=True),
            guide.Scan(scan_id=ID, served_locale="ja"),
        ]),
        tickets.RecordAdmissionsRequest(scans=[
            tickets.OfflineScan(scan_id=CARD, payload=CARD, origin="4" * 201),
            tickets.OfflineScan(scan_id=ID, payload="a ticket"),
        ]),
    ],
)  # fmt: skip
def test_a_scan_is_emptied_of_what_would_be_refused_and_holds_up_no_other(
    batch: guide.RecordScansRequest | tickets.RecordAdmissionsRequest,
) -> None:
    kept = str(batch.scans[1])
    texts.check(batch)
    for each in batch.scans:
        texts.blank(each)
    assert "4" not in str(batch.scans[0])
    assert str(batch.scans[0]) in ("", "offline: true\n")
    assert str(batch.scans[1]) == kept


def marked(scope: str) -> set[str]:
    """All messages of all contracts that are marked so, by their full names."""
    files = {module.DESCRIPTOR for module in CONTRACTS}
    kinds = [kind for each in files for kind in each.message_types_by_name.values()]
    return {kind.full_name for kind in kinds if texts.scope_of(kind) == scope}


def test_what_is_looked_at_one_by_one_is_marked_in_the_contracts() -> None:
    found = {
        each.message_type.full_name
        for kind in (
            payments.TakePaymentsRequest, tickets.RecordAdmissionsRequest, guide.RecordScansRequest,
            feedback.RecordRatingsRequest, feedback.RecordRepliesRequest,
        )
        for each in kind.DESCRIPTOR.fields
        if each.message_type is not None
    }  # fmt: skip
    assert found == marked(texts.ONE_BY_ONE)


def test_whole_areas_and_shops_are_marked_in_the_contracts() -> None:
    assert {name.rpartition(".")[2] for name in marked(texts.WHOLE)} == {
        "ImportStopsRequest", "ImportPoisRequest", "RecordPlacesRequest", "ConfigureShopsRequest",
        "ReplaceProductsRequest", "AddPoiPlacesRequest",
    }  # fmt: skip
    names = [f"{n:05}" + "字" * 195 for n in range(texts.TOGETHER // 200 + 1)]
    places = [directory.Place(place_id=name) for name in names]
    texts.check(directory.RecordPlacesRequest(places=places))
    zones = [sensing.Zone(zone_id=name) for name in names]
    with pytest.raises(texts.TextTooLong):
        texts.check(sensing.ConfigureZonesRequest(zones=zones))


def test_kit_names_no_message_of_a_service() -> None:
    names = {kind for module in CONTRACTS for kind in module.DESCRIPTOR.message_types_by_name}
    words = set(re.findall(r"\w+", Path(texts.__file__).read_text(encoding="utf-8")))
    assert not names & words - {"Message"}


def test_the_most_a_stranger_may_send_is_searched_in_moments() -> None:
    """Each group begins a number that fits a network: the dearest text there is."""
    dear = "4111 " * (texts.TOGETHER // 5)
    began = perf_counter()
    assert not card_text.holds_card_number(dear + "x")
    assert perf_counter() - began < 5, "a second or two on a busy machine"


@given(st.text(max_size=40))
def test_digits_are_the_same_as_by_the_whole_text(text: str) -> None:
    whole = [
        unicodedata.decimal(each)
        for each in unicodedata.normalize("NFKC", text)
        if unicodedata.category(each) == "Nd"
    ]
    assert [int(each) for each in card_text._plain(text) if each in "0123456789"] == whole
