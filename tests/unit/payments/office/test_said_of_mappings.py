"""The command that matches a file says in the reader's language what is wrong with a mapping."""

import gettext

import pytest

from kit.client import Problem
from services.payments.cli import said
from services.payments.domain import provider_file
from tests.pages.edge.test_office_said import sentences

# What is said of whole files cli/words.py knows, of single rows office_words.rejected.
OF_MAPPINGS = sorted(
    {text for text in sentences(provider_file) if " " in text and text[0].islower()}
    - {
        "a line moves at least 1 yen",
        "say whose file it is, or map its shops",
        "the row is of 17",
    }
    | {"there is no gateway 17", "this is no TOML text: x (at line 3, column 9)"}
)


@pytest.fixture
def _japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    found = gettext.translation("messages", "cli/translations", ["ja"])
    monkeypatch.setattr(said, "_", found.gettext)


def test_the_sentences_were_found() -> None:
    assert len(OF_MAPPINGS) >= 9


@pytest.mark.usefixtures("_japanese")
@pytest.mark.parametrize("text", OF_MAPPINGS)
def test_every_sentence_of_a_mapping_has_its_own(text: str) -> None:
    own = said.known(text)
    assert own, f"said.py does not know {text!r}"
    assert not own.isascii(), own
    assert "%(" not in own


@pytest.mark.usefixtures("_japanese")
def test_a_refusal_names_the_place_and_keeps_what_it_does_not_know() -> None:
    fields = (("mapping.columns", "name the column of time"), ("mapping.odd", "a new sentence"))
    told = said.of_mapping(Problem(None, "INVALID_FIELDS", "", fields))  # type: ignore[arg-type]
    assert "mapping.columns: " in told
    assert "name the column" not in told
    assert told.endswith("mapping.odd: a new sentence")


def test_english_stays_english_and_other_refusals_are_left_alone() -> None:
    bad = (("mapping.encoding", "give utf-8 or shift_jis"),)
    told = said.of_mapping(Problem(None, "INVALID_FIELDS", "", bad))  # type: ignore[arg-type]
    assert told == "nothing was changed: mapping.encoding: give utf-8 or shift_jis"
    for reason in ("SHOP_NOT_YOURS", "FILE_UNREADABLE"):
        assert said.of_mapping(Problem(None, reason, "x")) == ""  # type: ignore[arg-type]
