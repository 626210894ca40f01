"""A stop's recording at the studio: what visitors hear, a person's own voice in its place.

The page of the recorder (`record`) shows what to read; static/record/ makes a WAV of what the
microphone hears and sends it here, as the form of the desk sends a file.
"""

from dataclasses import dataclass

import grpc
from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from kit.pure.sentences import spans
from kit.roles import EDITORS
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import recording_service_pb2 as pb
from meguri.multilingual.v1.recording_service_pb2_grpc import RecordingServiceStub
from services.edge.clients import stub
from services.edge.errors import Problem
from services.edge.login import requires
from services.edge.parts import area

DEADLINE_S = 10.0  # three million bytes are written to a disk
LONGEST_S = 62  # of a WAV in 16 bits, 24 kHz and mono, within the 3,000,000 bytes that are taken
# What is heard of a text; first what somebody should read aloud.
VOICES = {
    "outdated": _l("The text was changed since it was read aloud"),
    "none": _l("Nothing is recorded"),
    "machine": _l("A machine speaks"),
    "person": _l("A person speaks"),
}

blueprint = Blueprint("recordings", __name__)


@dataclass(frozen=True)
class Voiced:
    """A text and what is heard of it. voice: of VOICES. heard: None for nothing."""

    spoken: pb.SpokenText
    voice: str
    heard: guide_pb.Recording | None

    @classmethod
    def of(cls, spoken: pb.SpokenText) -> "Voiced":
        """Returns it as visitors have it: a person before a machine, which says no old words."""
        for slot in ("person", "lent"):
            if spoken.HasField(slot):
                heard = getattr(spoken, slot)
                return cls(spoken, "outdated" if heard.outdated else "person", heard)
        if spoken.HasField("machine") and not spoken.machine.outdated:
            return cls(spoken, "machine", spoken.machine)
        return cls(spoken, "none", None)


def of(code: str, locale: str) -> pb.SpokenText | None:
    """Returns what is heard of a stop in a locale, nothing in it where nothing is; None where the
    guide does not say."""
    try:
        listed = guide().ListSpokenTexts(pb.ListSpokenTextsRequest(locale=locale))
    except grpc.RpcError:
        return None
    return next((each for each in listed.texts if each.stop_code == code), pb.SpokenText())


@blueprint.get("/studio/recordings")
@requires(*EDITORS)
def overview() -> str:
    """Shows what is heard of every text of one language, what needs somebody's voice first."""
    wanted = request.args.get("in", "")
    chosen = wanted if wanted in area().locales else area().locales[0]
    texts = guide().ListSpokenTexts(pb.ListSpokenTextsRequest(locale=chosen)).texts
    rows = [Voiced.of(each) for each in texts]
    return render_template(
        "studio/recordings.html",
        chosen=chosen,
        area_locales=area().locales,
        voices=VOICES,
        rows=sorted(rows, key=lambda row: list(VOICES).index(row.voice)),
        counts={voice: sum(row.voice == voice for row in rows) for voice in VOICES},
    )


@blueprint.get("/studio/<code>/<locale>/record")
@requires(*EDITORS)
def record(code: str, locale: str) -> str:
    """Shows what visitors read, to be read aloud into the microphone of this device."""
    listed = guide().ListSpokenTexts(pb.ListSpokenTextsRequest(locale=locale))
    spoken = next((each for each in listed.texts if each.stop_code == code), None)
    if spoken is None:
        raise Problem(
            404, "nothing_to_read", title=_("Nothing is published here in this language yet.")
        )
    whole = " ".join(each.text for each in spoken.text.paragraphs)
    public = area().public_url
    return render_template(
        "studio/record.html",
        spoken=spoken,
        text_locale=locale,
        paragraphs=[
            [each.text[start:end] for start, end in spans(each.text)]
            for each in spoken.text.paragraphs
        ],
        readings=[each for each in listed.terms if each.term in whole and each.reading],
        longest_s=LONGEST_S,
        secure_address=f"{public}{request.path}" if public.startswith("https:") else "",
    )


def guide() -> RecordingServiceStub:
    """Returns the stub of recordings for this request."""
    return stub(RecordingServiceStub, deadline_s=DEADLINE_S)
