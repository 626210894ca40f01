"""Every state and tender of the contract has words, an icon and a kind; texts are complete."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge.till import words

TILL = Path(words.__file__).parent
LOCALES = ("ja", "ko", "zh_Hans", "zh_Hant")
MESSAGE = re.compile(r"""\b_l?\(\s*(['"])(.+?)(?<!\\)\1\s*[,)]""", re.DOTALL)


def test_every_state_and_tender_is_shown() -> None:
    assert set(words.STATES) == set(pb.PaymentState.values()) - {pb.PAYMENT_STATE_UNSPECIFIED}
    assert set(words.TENDERS) == set(pb.Tender.values()) - {pb.TENDER_UNSPECIFIED}


def test_states_differ_by_word_and_icon_and_not_by_color_alone() -> None:
    outcomes = (pb.PAYMENT_STATE_CAPTURED, pb.PAYMENT_STATE_DECLINED, pb.PAYMENT_STATE_UNKNOWN)
    looks = [words.STATES[state] for state in outcomes]
    assert len({look.kind for look in looks}) == 3
    assert len({look.icon for look in looks}) == 3


def _used() -> set[str]:
    files = [*TILL.glob("*.py"), *TILL.glob("templates/till/*.html")]
    texts = [path.read_text(encoding="utf-8") for path in files]
    found = {match[2] for text in texts for match in MESSAGE.finditer(text)}
    return {text.replace("\\'", "'") for text in found if re.search("[a-z]", text)}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_is_there_in_every_language(locale: str) -> None:
    path = TILL / "translations" / locale / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        catalog = {message.id: message for message in read_po(file) if message.id}
    used = _used()
    assert len(used) > 100
    missing = {text for text in used if text not in catalog or not catalog[text].string}
    assert not missing
    for message in catalog.values():
        if isinstance(message.id, str) and isinstance(message.string, str):
            names = re.findall(r"%\(\w+\)s", message.id)
            assert sorted(names) == sorted(re.findall(r"%\(\w+\)s", message.string)), message.id
