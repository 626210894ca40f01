"""What helps to write a text: the memory, names, remarks. Read only; nothing is kept for it."""

import asyncio
from dataclasses import dataclass

from services.multilingual.app.deps import Deps, find_stop_row
from services.multilingual.app.studio import check_locale
from services.multilingual.domain import memory
from services.multilingual.domain.exchange import NAME
from services.multilingual.domain.guide import Guide
from services.multilingual.domain.memory import Match, Pair
from services.multilingual.domain.narration import Text
from services.multilingual.domain.remarks import Remark, growth, remarks
from services.multilingual.store import narrations


@dataclass(frozen=True)
class PartAids:
    """Of one name or paragraph. names: each with whether the text says it already."""

    part: str
    matches: tuple[Match, ...]
    names: tuple[tuple[Pair, bool], ...]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True)
class Aids:
    """Of a whole text. found: pairs that have the words somebody looked for."""

    parts: tuple[PartAids, ...]
    found: tuple[Pair, ...]


async def read_aids(deps: Deps, area: str, typed_code: str, locale: str, words: str) -> Aids:
    """Returns what helps to write the newest revision of a text. Nothing for the source itself.

    words: to look for in what was translated. Errors: StopCodeMistyped, StopCodeUnknown,
    InvalidFields.
    """
    check_locale(locale)
    async with deps.db.read(area) as tx:
        row = await find_stop_row(tx, typed_code)
        guide = await deps.guides.read(tx)
        latest = await narrations.read_latest(tx, row.stop_code, locale)
    if locale == guide.settings.source_locale:
        return Aids((), ())
    text = latest.text if latest else Text("", "", ())
    # Hundreds of texts are compared: other calls go on meanwhile.
    return await asyncio.to_thread(_aids, guide, row.stop_code, locale, text, words)


def _aids(guide: Guide, stop_code: str, locale: str, text: Text, words: str) -> Aids:
    stop = guide.stop(stop_code)
    source = guide.source_text(stop) if stop else Text("", "", ())
    known = memory.pairs(guide, locale)
    # A text is no example for itself.
    others = [each for each in known if each.stop_code != stop_code and each.part != NAME]
    names, usual = memory.names(guide, locale, known), growth(known)
    written = {key: each.text for key, each in text.by_id().items()}
    parts = [PartAids(NAME, (), (), remarks(NAME, source.name, text.name, locale, (), usual))]
    for each in source.paragraphs:
        said, own = memory.names_in(each.text, names), written.get(each.paragraph_id, "")
        parts.append(
            PartAids(
                each.paragraph_id,
                memory.similar(each.text, others),
                tuple((name, memory.says(own, name.target)) for name in said),
                remarks(each.paragraph_id, each.text, own, locale, said, usual),
            )
        )
    return Aids(tuple(parts), memory.find(words, known))
