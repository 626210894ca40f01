"""What helps to write: translated before, names of places, what to look at once more.

A desk opens without it where the guide takes too long: nobody waits for help to write.
"""

from dataclasses import dataclass
from typing import Any

import grpc
from flask_babel import gettext as _

from meguri.multilingual.v1 import writing_service_pb2 as pb
from meguri.multilingual.v1.writing_service_pb2_grpc import WritingServiceStub
from services.edge.clients import stub

DEADLINE_S = 2.0
WORDS_AT_MOST = 80
# What is rarely right: somebody says that it is before visitors read it. The others only help.
DOUBTS = frozenset({
    pb.REMARK_KIND_NUMBER, pb.REMARK_KIND_SCRIPT, pb.REMARK_KIND_PLACEHOLDER,
    pb.REMARK_KIND_UNTRANSLATED,
})  # fmt: skip


@dataclass(frozen=True)
class Aids:
    """Of one text. words: what somebody looked for."""

    found: pb.ReadWritingAidsResponse
    words: str

    def of_part(self, part: str) -> pb.PartAids:
        """Returns what there is for a paragraph or "NAME"; nothing in it where nothing is."""
        return next((each for each in self.found.parts if each.part == part), pb.PartAids())

    @property
    def remarks(self) -> int:
        """How many things there are to look at."""
        return sum(len(each.remarks) for each in self.found.parts)

    @property
    def doubts(self) -> list[str]:
        """What is rarely right, one line each: a form that sends the line back has seen it."""
        return [
            f"{each.part}:{remark.kind}:{remark.detail}"
            for each in self.found.parts
            for remark in each.remarks
            if remark.kind in DOUBTS
        ]


def unseen(code: str, locale: str, seen: frozenset[str]) -> bool:
    """Tells whether the saved text holds a doubt that nobody has said is right.

    False where the guide does not say: nobody waits for help.
    """
    found = of(code, locale, "")
    return found is not None and not seen >= set(found.doubts)


def of(code: str, locale: str, words: str) -> Aids | None:
    """Returns what helps with a text, None where the guide does not say."""
    wanted = words.strip()[:WORDS_AT_MOST]
    request = pb.ReadWritingAidsRequest(stop_code=code, locale=locale, words=wanted)
    try:
        found = stub(WritingServiceStub, deadline_s=DEADLINE_S).ReadWritingAids(request)
    except grpc.RpcError:
        return None
    return Aids(found, wanted)


def told(remark: pb.TextRemark) -> str:
    """Returns a remark as a sentence."""
    sentences: dict[int, Any] = {
        pb.REMARK_KIND_LONG: _("More than twice as long as translations usually are."),
        pb.REMARK_KIND_SHORT: _("Less than half as long as usual: is something missing?"),
        pb.REMARK_KIND_NUMBER: _("Numbers of the source are not here: %(what)s",
                                 what=remark.detail),
        pb.REMARK_KIND_NAME: _("Elsewhere in the guide it is called: %(what)s",
                               what=remark.detail),
        pb.REMARK_KIND_SCRIPT: _("Most letters are not of this language's script."),
        pb.REMARK_KIND_PLACEHOLDER: _("A program needs what is missing here: %(what)s",
                                      what=remark.detail),
        pb.REMARK_KIND_UNTRANSLATED: _("These are the words of the source."),
    }  # fmt: skip
    return str(sentences.get(remark.kind, ""))
