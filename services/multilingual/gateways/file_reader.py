"""The program that reads one file of a translator, in a process of its own (kit/child.py).

In: an Ask as MessagePack; out: a Reply. Nothing of the file is said anywhere else.
"""

from dataclasses import replace

import msgspec

from kit.pure.card_text import holds_card_number
from services.multilingual.domain.exchange import FileDamaged, Kind, Problem, Sheet, Unit
from services.multilingual.domain.narration import tidy_words
from services.multilingual.gateways import translation_files as files
from services.multilingual.gateways.answering import answer_one


class Ask(msgspec.Struct):
    """A file. read: a person answers for all of it."""

    content: bytes
    read: bool


class Reply(msgspec.Struct):
    """What is in a file, or what is wrong with it. broke: the name of a failure of ours."""

    sheet: Sheet | None = None
    problems: tuple[Problem, ...] = ()
    broke: str = ""


def read(content: bytes, *, read: bool) -> Sheet:
    """Reads a file and looks for what no text of ours may hold. Errors: FileDamaged."""
    sheet = files.read(content)
    kept = [_tidied(unit, read=read) for unit in sheet.units]
    problems = [
        Problem(unit.line, Kind.CARD_NUMBER, f"{unit.stop_code} {unit.part}"[:80])
        for unit in kept
        if holds_card_number(unit.target)
    ]
    if problems:
        raise FileDamaged(problems)
    return Sheet(sheet.source_locale, sheet.locale, tuple(kept))


def answer(ask: Ask) -> Reply:
    """Returns what is to be said of a file, whatever is in it."""
    try:
        return Reply(read(ask.content, read=ask.read))
    except FileDamaged as error:
        return Reply(problems=error.told)
    except Exception as error:  # noqa: BLE001 - the caller logs it and refuses the file
        return Reply(broke=type(error).__name__)


def _tidied(unit: Unit, *, read: bool) -> Unit:
    target = tidy_words(unit.target)
    return replace(unit, target=target, read=bool(target) and (unit.read or read))


def _answer(body: bytes) -> Reply:
    return answer(msgspec.msgpack.Decoder(Ask).decode(body))


if __name__ == "__main__":
    answer_one(_answer)
