"""The studio's desk and table: what is shown, what a form says, what a filter leaves."""

from hypothesis import given
from hypothesis import strategies as st

from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from services.edge.studio import table
from services.edge.studio.changes import compare
from services.edge.studio.desk import between, needs_saving, read_form, rows

FORMATION, DOUBT = pb.PARAGRAPH_TOPIC_FORMATION, pb.PARAGRAPH_TOPIC_DOUBT


def narration(name: str, **paragraphs: str) -> pb.NarrationText:
    return pb.NarrationText(
        name=name,
        paragraphs=[
            pb.Paragraph(paragraph_id=key, topic=DOUBT if key == "doubt" else FORMATION, text=text)
            for key, text in paragraphs.items()
        ],
    )


def desk(locale: str = "en") -> pb.ReadNarrationResponse:
    source = pb.Revision(revision=2, text=narration("池", what="水です。", doubt="諸説あります。"))
    own = pb.Revision(
        revision=3, source_revision=1, text=narration("Pool", what="Water.", more="Hi.")
    )
    return pb.ReadNarrationResponse(
        stop_code="K7Q2X", locale=locale, source_locale="ja", source=source,
        state=pb.NarrationState(state=pb.TRANSLATION_STATE_OUTDATED, latest_revision=3),
        latest=source if locale == "ja" else own,
        source_changes=[pb.SourceChange(paragraph_id="what", before="湯です。", after="水です。")],
    )  # fmt: skip


def test_a_translation_lies_beside_its_source_in_the_sources_order() -> None:
    what, doubt, more = rows(desk())
    assert (what.source, what.text, what.missing) == ("水です。", "Water.", False)
    assert [(each.kind, each.text) for each in what.change] == [
        ("removed", "湯"), ("added", "水"), ("same", "です。"),
    ]  # fmt: skip
    assert (doubt.source, doubt.text, doubt.missing, doubt.topic) == (
        "諸説あります。",
        "",
        True,
        DOUBT,
    )
    assert (more.source, more.text) == ("", "Hi.")


def test_the_source_offers_room_for_new_paragraphs() -> None:
    found = rows(desk("ja"))
    assert [each.paragraph_id for each in found] == ["what", "doubt", "new-1", "new-2"]


def test_what_was_typed_is_kept_after_a_refusal() -> None:
    typed = narration("Pond", what="Typed.")
    assert rows(desk(), typed)[0].text == "Typed."


def test_a_form_names_new_paragraphs_and_drops_emptied_ones() -> None:
    fields = {
        "name": " 池 ", "text-what": "水。\r\n", "topic-what": "1", "text-doubt": " ",
        "text-new-1": "新しい", "topic-new-1": "1", "text-new-2": "寒い", "topic-new-2": "3",
        "text-Bad Id": "x", "base_revision": "3", "source_revision": "x", "note": "n" * 300,
    }  # fmt: skip
    form = read_form(fields, ["what", "doubt", "new-1", "new-2", "Bad Id"])
    assert [(each.paragraph_id, each.topic) for each in form.text.paragraphs] == [
        ("what", FORMATION), ("formation", FORMATION), ("climate", pb.PARAGRAPH_TOPIC_CLIMATE),
    ]  # fmt: skip
    assert (form.text.name, form.base_revision, form.source_revision) == ("池", 3, 0)
    assert len(form.note) == 200


def test_ids_of_new_paragraphs_never_repeat() -> None:
    fields = {f"text-new-{n}": "x" for n in (1, 2)} | {
        "text-formation": "y",
        "topic-formation": "1",
    }
    form = read_form(fields, ["formation", "new-1", "new-2"])
    ids = [each.paragraph_id for each in form.text.paragraphs]
    assert ids == ["formation", "formation-2", "formation-3"]


def test_only_something_new_is_saved() -> None:
    found = desk()
    same = {"name": "Pool", "text-what": "Water.", "topic-what": "1", "text-more": "Hi.",
            "topic-more": "1", "base_revision": "3", "source_revision": "1"}  # fmt: skip
    ids = ["what", "more"]
    assert not needs_saving(read_form(same, ids), found)
    assert needs_saving(read_form({**same, "text-what": "Waters."}, ids), found)
    assert needs_saving(read_form({**same, "base_revision": "2"}, ids), found)
    # The same words for a newer source are news: they still fit.
    assert needs_saving(read_form({**same, "source_revision": "2"}, ids), found)


def test_differences_name_their_paragraph() -> None:
    found = between(narration("Pool", what="Water.", old="x"), narration("Pond", what="Water."))
    assert [key for key, _ in found] == ["", "old"]


@given(st.text(max_size=80), st.text(max_size=80))
def test_pieces_hold_both_texts(before: str, after: str) -> None:
    found = compare(before, after)
    assert "".join(each.text for each in found if each.kind != "added") == before
    assert "".join(each.text for each in found if each.kind != "removed") == after


def cell(locale: str, state: str, latest: int = 1, *, draft: bool = False) -> pb.NarrationState:
    return pb.NarrationState(
        locale=locale, state=pb.TranslationState.Value(f"TRANSLATION_STATE_{state}"),
        latest_revision=latest, published_revision=1, machine_draft=draft,
    )  # fmt: skip


def states() -> pb.ListTranslationStatesResponse:
    found = pb.ListTranslationStatesResponse(locales=["ja", "en"])
    for code, name, state in (
        ("AAAAA", "池", "REVIEWED"), ("BBBBB", "滝", "OUTDATED"), ("CCCCC", "広間", "MISSING"),
    ):  # fmt: skip
        found.stops.add(
            stop_code=code, source_name=name, group=pb.STOP_GROUP_ROUTE,
            narrations=[cell("ja", "SOURCE"), cell("en", state)],
        )  # fmt: skip
    return found


def test_a_filter_keeps_what_was_asked_for() -> None:
    stops = states().stops
    kept = table.grouped(stops, table.Filter(state="outdated", locale="en"))
    assert [row.stop_code for _, found in kept for row in found] == ["BBBBB"]
    assert table.grouped(stops, table.Filter(state="outdated", locale="ja")) == []
    assert [
        row.stop_code for _, found in table.grouped(stops, table.Filter(text="広")) for row in found
    ] == ["CCCCC"]
    assert len(table.grouped(stops, table.Filter())[0][1]) == 3


def test_a_column_counts_its_states_and_its_bar_is_whole() -> None:
    english = table.columns(states())[1]
    assert english.counts == {"reviewed": 1, "outdated": 1, "missing": 1}
    assert abs(sum(width for _, _, width in english.bars()) - 100) < 1e-9


def test_the_next_text_to_do_goes_round() -> None:
    found = states()
    assert table.next_to_do(found, "AAAAA", "en").stop_code == "BBBBB"  # type: ignore[union-attr]
    assert table.next_to_do(found, "CCCCC", "en").stop_code == "BBBBB"  # type: ignore[union-attr]
    assert table.next_to_do(found, "AAAAA", "ja") is None


def test_own_words_nobody_checked_are_counted_and_found_apart() -> None:
    found = states()
    found.stops[0].narrations[0].machine_draft = True
    japanese = table.columns(found)[0]
    assert japanese.counts == {"unchecked": 1, "source": 2}
    assert abs(sum(width for _, _, width in japanese.bars()) - 100) < 1e-9
    kept = table.grouped(found.stops, table.Filter(state="unchecked", locale="ja"))
    assert [row.stop_code for _, rows in kept for row in rows] == ["AAAAA"]
