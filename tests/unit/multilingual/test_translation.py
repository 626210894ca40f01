"""States are computed from the source, paragraph by paragraph."""

from hypothesis import given
from hypothesis import strategies as st

from services.multilingual.domain.narration import Paragraph, Text, Topic
from services.multilingual.domain.translation import (
    SourceChange,
    State,
    changes,
    paragraph_state,
    standing,
)
from tests.unit.multilingual.sample import ENGLISH, SOURCE, shown

texts = st.dictionaries(
    st.sampled_from(["what", "how", "doubt"]), st.sampled_from(["a", "b"]), max_size=3
).map(
    lambda found: Text(
        "x", "", tuple(Paragraph(key, Topic.FORMATION, text) for key, text in found.items())
    )
)


def test_the_four_states_and_the_source() -> None:
    assert standing(None, SOURCE, is_source=False).state is State.MISSING
    assert standing(shown(ENGLISH, draft=True), SOURCE, is_source=False).state is (
        State.MACHINE_DRAFT
    )
    assert standing(shown(ENGLISH), SOURCE, is_source=False).state is State.REVIEWED
    changed = Text("池", "", (Paragraph("what", Topic.FORMATION, "新しい文。"),))
    assert standing(shown(ENGLISH), changed, is_source=False).state is State.OUTDATED
    assert standing(shown(SOURCE, source=None), SOURCE, is_source=True).state is State.SOURCE


def test_only_the_touched_paragraph_is_outdated() -> None:
    full = Text("Pool", "", (*ENGLISH.paragraphs, Paragraph("doubt", Topic.DOUBT, "Differ.")))
    changed = Text("池", "", (SOURCE.paragraphs[0], Paragraph("doubt", Topic.DOUBT, "一致。")))
    found = standing(shown(full), changed, is_source=False)
    assert found.outdated == {"doubt"}
    assert paragraph_state(found, "what") is State.REVIEWED
    assert paragraph_state(found, "doubt") is State.OUTDATED


def test_a_new_source_paragraph_is_missing_not_outdated() -> None:
    grown = Text("池", "", (*SOURCE.paragraphs, Paragraph("how", Topic.FORMATION, "成り立ち")))
    found = standing(shown(ENGLISH), grown, is_source=False)
    assert found.state is State.REVIEWED
    assert found.missing == ("doubt", "how")


@given(texts, texts)
def test_changes_lead_from_one_source_to_the_other(before: Text, after: Text) -> None:
    known = {key: each.text for key, each in before.by_id().items()}
    for change in changes(before, after):
        assert known.get(change.paragraph_id, "") == change.before
        known[change.paragraph_id] = change.after
    assert {key: text for key, text in known.items() if text} == {
        key: each.text for key, each in after.by_id().items()
    }
    assert changes(after, after) == ()


def test_everything_is_new_without_a_source_before() -> None:
    assert changes(None, ENGLISH) == (SourceChange("what", "", "Water gathers."),)
