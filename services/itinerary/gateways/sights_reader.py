"""The program that reads one municipal list of sights or occasions, in a process of its own
(kit/child.py): a list went through other hands. In: the file; out: a Reply as MessagePack.
"""

import sys

import msgspec

from kit.bounded import keep_within
from kit.pure.card_text import holds_card_number
from services.itinerary.domain.municipal.drafts import doubts_of, draft_of, ids_of
from services.itinerary.domain.place import Point
from services.itinerary.domain.poi import Poi, check_poi
from services.itinerary.gateways.municipal_file import BadMunicipalFile, SightsFile, read_content

MOST_ROWS = 2_000
MOST_TEXT = 2_500_000  # characters of an answer; more is no list that somebody looks through
CELL = 200


class Row(msgspec.Struct, frozen=True):
    """A row of the file. poi None: it cannot be used, and reasons say why. doubts: reasons and the
    words they are about. town: which one the row names, "" for none."""

    number: int
    name: str
    kana: str = ""
    name_en: str = ""
    poi: Poi | None = None
    point: Point | None = None
    doubts: tuple[tuple[str, str], ...] = ()
    reasons: tuple[str, ...] = ()
    town: str = ""


class Reply(msgspec.Struct):
    """All rows of a list in order, or why nothing of it can be used. broke: the name of a failure
    of ours."""

    encoding: str = ""
    is_occasions: bool = False
    ignored: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    reason: str = ""
    text: str = ""
    broke: str = ""


def answer(content: bytes, source: str = "") -> Reply:
    """Returns what is to be said of a list, whatever is in it. source: what to call it."""
    try:
        found = read_content(content)
        rows = _rows(found, source)
        if len(rows) > MOST_ROWS:
            raise BadMunicipalFile("TOO_MANY_ROWS", f"{len(rows)} rows; {MOST_ROWS} can be taken")
        if sum(len(repr(row)) for row in rows) > MOST_TEXT:
            raise BadMunicipalFile("TOO_LARGE", "its texts are too long for one list")
        return Reply(
            found.encoding, found.is_occasions,
            tuple(cell[:CELL] for cell in found.ignored[:CELL]), rows,
        )  # fmt: skip
    except BadMunicipalFile as error:
        return Reply(reason=error.reason, text=str(error)[:CELL])
    except MemoryError:
        return Reply(reason="TOO_LARGE", text="it takes more memory than any list of a town")
    except Exception as error:  # noqa: BLE001 - the caller logs it and refuses the list
        return Reply(broke=type(error).__name__)


def _rows(found: SightsFile, source: str) -> tuple[Row, ...]:
    ids = ids_of(found.sights)
    rows = [Row(each.number, each.name[:CELL], reasons=each.reasons) for each in found.refused]
    for sight in found.sights:
        said = f"{source} {sight.number}".strip()
        poi = draft_of(sight, ids[sight.number], said, is_occasion=found.is_occasions)
        # No file may carry a card's number anywhere, nor a text that the catalog refuses.
        reasons = tuple(each.reason for each in check_poi(sight.number, poi)[0])
        if holds_card_number(repr((sight.name, poi.texts, poi.phone))):
            reasons = (*reasons, "CARD_NUMBER")
        if len(sight.name) > CELL:
            reasons = (*reasons, "NAME_TOO_LONG")
        if reasons:
            rows.append(Row(sight.number, sight.name[:CELL], reasons=reasons))
            continue
        doubts = doubts_of(sight, is_occasion=found.is_occasions)
        rows.append(
            Row(
                sight.number, sight.name, sight.cells.get("kana", "")[:CELL],
                sight.cells.get("name_en", "")[:CELL], poi, sight.point,
                tuple((reason, text[:CELL]) for reason, text in doubts),
                town=sight.cells.get("town", "")[:CELL],
            )
        )  # fmt: skip
    return tuple(sorted(rows, key=lambda row: row.number))


if __name__ == "__main__":
    memory_bytes, cpu_s = map(int, sys.argv[1:])
    keep_within(memory_bytes, cpu_s)
    sent = sys.stdin.buffer.read()
    named, _, body = sent.partition(b"\0")
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer(body, named.decode(errors="replace"))))
