"""One text beside its source: what the page shows and what its form sends back."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from services.edge.studio.changes import Piece, compare
from services.edge.whole import read_whole

NEW_ROWS = 2  # empty paragraphs offered at the end of the source
MAX_ROWS = 14
_ID = re.compile(r"[a-z][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class Row:
    """One paragraph on the desk.

    source: the source's text, empty where it has none. change: how the source changed since this
    text was made, empty for not at all. missing: the source has it and this text does not.
    """

    paragraph_id: str
    topic: int
    source: str
    text: str
    change: Sequence[Piece] = ()
    missing: bool = False
    is_new: bool = False


@dataclass(frozen=True)
class Form:
    """What the editor sent."""

    text: pb.NarrationText
    base_revision: int
    source_revision: int
    published_revision: int
    note: str


def rows(desk: pb.ReadNarrationResponse, written: pb.NarrationText | None = None) -> list[Row]:
    """Returns the paragraphs in the source's order, then those only this text has.

    written: what the editor typed, instead of the newest revision.
    """
    own_text = written if written is not None else desk.latest.text
    own = {each.paragraph_id: each for each in own_text.paragraphs}
    if desk.locale == desk.source_locale:
        kept = [Row(each.paragraph_id, each.topic, "", each.text) for each in own.values()]
        fresh = [Row(f"new-{at}", 0, "", "", is_new=True) for at in range(1, NEW_ROWS + 1)]
        return kept + fresh
    changed = {each.paragraph_id: compare(each.before, each.after) for each in desk.source_changes}
    source = {each.paragraph_id: each for each in desk.source.text.paragraphs}
    found = [
        Row(
            key,
            each.topic,
            each.text,
            own[key].text if key in own else "",
            changed.get(key, ()) if key in own else (),
            missing=key not in own,
        )
        for key, each in source.items()
    ]
    found += [
        Row(key, each.topic, "", each.text, changed.get(key, ()))
        for key, each in own.items()
        if key not in source
    ]
    return found


def read_form(fields: Mapping[str, str], ids: Sequence[str]) -> Form:
    """Reads the form. An emptied paragraph is taken out; a new one gets an id from its topic."""
    text = pb.NarrationText(
        name=fields.get("name", "").strip(), reading=fields.get("reading", "").strip()
    )
    taken = {each for each in ids if not each.startswith("new-")}
    for key in ids[:MAX_ROWS]:
        words = fields.get(f"text-{key}", "").strip()
        topic = _number(fields.get(f"topic-{key}", ""))
        if not words or not _ID.fullmatch(key):
            continue
        kept = _fresh(topic, taken) if key.startswith("new-") else key
        taken.add(kept)
        text.paragraphs.add(paragraph_id=kept, topic=_topic(topic), text=words)
    return Form(
        text,
        _number(fields.get("base_revision", "")),
        _number(fields.get("source_revision", "")),
        _number(fields.get("published_revision", "")),
        fields.get("note", "").strip()[:200],
    )


def needs_saving(form: Form, desk: pb.ReadNarrationResponse) -> bool:
    """Tells whether the form says something the newest revision does not.

    That the same words still fit a changed source is something new to say, too.
    """
    latest, is_source = desk.latest, desk.locale == desk.source_locale
    if form.base_revision != latest.revision:
        return True
    if not is_source and form.source_revision != latest.source_revision:
        return True
    typed = pb.NarrationText()
    typed.CopyFrom(form.text)
    for each in typed.paragraphs:
        each.text = each.text.replace("\r\n", "\n")
    return typed != latest.text


def between(before: pb.NarrationText, after: pb.NarrationText) -> list[tuple[str, list[Piece]]]:
    """Returns (paragraph id or "", pieces) for the name and each paragraph that differs."""
    found = []
    if before.name != after.name:
        found.append(("", compare(before.name, after.name)))
    old = {each.paragraph_id: each.text for each in before.paragraphs}
    new = {each.paragraph_id: each.text for each in after.paragraphs}
    found += [
        (key, compare(old.get(key, ""), new.get(key, "")))
        for key in dict.fromkeys([*new, *old])
        if old.get(key, "") != new.get(key, "")
    ]
    return found


def _fresh(topic: int, taken: set[str]) -> str:
    name = pb.ParagraphTopic.Name(_topic(topic)).removeprefix("PARAGRAPH_TOPIC_")
    stem = name.lower().replace("_", "-")
    numbered = (f"{stem}-{number}" for number in range(2, 100))
    return next(key for key in (stem, *numbered) if key not in taken)


def _topic(number: int) -> pb.ParagraphTopic.ValueType:
    known = number in pb.ParagraphTopic.values() and number != 0
    return pb.ParagraphTopic.ValueType(number) if known else pb.PARAGRAPH_TOPIC_FORMATION


def _number(text: str) -> int:
    return read_whole(text) or 0
