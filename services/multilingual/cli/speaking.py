"""`./meguri guide speak` makes recordings of the published texts; `record` puts in a person's.

Speaking happens in this process: its parts are heavy, and what runs for visitors needs none.
"""

import argparse
import json
import os
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from gettext import gettext as _
from pathlib import Path
from typing import Any, NoReturn

import grpc

from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import recording_service_pb2 as pb
from meguri.multilingual.v1 import recording_service_pb2_grpc as pb_grpc
from services.multilingual import wire
from services.multilingual.cli.owner import guide_channel
from services.multilingual.domain.captions import Cue
from services.multilingual.domain.speech import Term, missing_readings
from services.multilingual.gateways import voices
from services.multilingual.gateways.speech import MakesVoice, Voice, VoiceAway, narrate

DEADLINE_S = 20.0
FOLLOW_EVERY_S = 5.0


def register(commands: "argparse._SubParsersAction[Any]") -> None:
    """Adds `speak` and `record`."""
    speak = commands.add_parser("speak", help=_("let a machine speak the published texts"))
    speak.add_argument("--locale", default="ja", help=_("language (default: ja)"))
    speak.add_argument("--stop", default="", help=_("only the stop with this code"))
    speak.add_argument("--again", action="store_true", help=_("also what was spoken already"))
    speak.add_argument("--follow", action="store_true", help=_("go on: speak what is published"))
    speak.add_argument(
        "--server", default=os.environ.get("MEGURI_SPEECH_URL", ""),
        help=_("address of a speech server instead of the voice that comes along (ja only)"),
    )  # fmt: skip
    speak.add_argument("--credit", default="", help=_("name and licence of the server's voice"))
    speak.add_argument("--model", default="", help=_("model, where the server asks for one"))
    speak.add_argument("--voice", default="", help=_("voice, where the server has several"))
    speak.set_defaults(run=run_speak)
    record = commands.add_parser("record", help=_("put in a recording that a person spoke"))
    record.add_argument("file", type=Path, help=_("MP3, M4A or WAV, at most 3 MB"))
    record.add_argument("--stop", required=True, help=_("code of the stop"))
    record.add_argument("--locale", default="ja", help=_("language (default: ja)"))
    record.add_argument("--rights-holder", required=True, help=_("shown beside the recording"))
    record.add_argument("--transcript", type=Path, help=_("what is said, where it is not the text"))
    record.add_argument(
        "--speaker-agreed", action="store_true", required=True,
        help=_("whoever speaks agreed that visitors hear it"),
    )  # fmt: skip
    record.add_argument(
        "--word-for-word", action="store_true",
        help=_("it says the text of the page and nothing else: captions are made of a WAV file"),
    )  # fmt: skip
    record.set_defaults(run=run_record)


def run_speak(parsed: argparse.Namespace) -> int:
    """Speaks what is new or was changed. Returns 1 when a text could not be spoken."""
    make = voices.choose(
        parsed.locale, parsed.server, parsed.credit, model=parsed.model, voice=parsed.voice
    )
    with recording_stub() as stub:
        if parsed.follow:
            follow(stub, make, parsed.locale, parsed.stop)
        done = speak(stub, make, parsed.locale, parsed.stop, again=parsed.again, say=_progress)
    if parsed.json:
        sys.stdout.write(json.dumps(done, ensure_ascii=False) + "\n")
    else:
        said = _("%(spoken)s spoken (%(seconds)s s, %(size)s MB), %(there)s were there already, "
                 "%(failed)s failed")  # fmt: skip
        counts = {"size": f"{done['bytes'] / 1e6:.1f}", "failed": len(done["failed"])}
        sys.stdout.write(said % (done | counts) + "\n")
    return 1 if done["failed"] else 0


def follow(
    stub: Any,
    make: MakesVoice,
    locale: str,
    only: str,
    pause: Callable[[float], None] = time.sleep,
) -> NoReturn:
    """Speaks what is new every few seconds until it is interrupted; a guide that restarts is waited
    for, and what cannot be spoken is told once."""
    told: set[str] = set()

    def say(line: str) -> None:
        text = line.partition(" ")[2]
        if text not in told:
            _progress(line)
            told.add(text)

    while True:
        try:
            speak(stub, make, locale, only, again=False, say=say)
        except grpc.RpcError as error:
            said = _("the guide does not answer (%(code)s); trying again")
            _progress(said % {"code": error.code().name})
        pause(FOLLOW_EVERY_S)


def speak(
    stub: Any,
    make: MakesVoice,
    locale: str,
    only: str,
    *,
    again: bool,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Speaks the texts of a locale that have no recording of their words; a person's stays alone.

    Returns counts, and why a text could not be spoken. Errors: grpc.RpcError, VoiceAway.
    """
    listed = stub.ListSpokenTexts(pb.ListSpokenTextsRequest(locale=locale), timeout=DEADLINE_S)
    texts = [each for each in listed.texts if only.upper() in ("", each.stop_code)]
    waiting = [each for each in texts if again or _needs_voice(each)]
    done: dict[str, Any] = {"spoken": 0, "there": len(texts) - len(waiting), "seconds": 0,
                            "bytes": 0, "failed": {}}  # fmt: skip
    if not waiting:
        return done
    terms = [Term(each.term, each.reading, each.accent) for each in listed.terms]
    voice = make(terms)
    for at, each in enumerate(waiting, 1):
        name = f"{each.stop_code} {each.text.name}"
        reason = why_silent(each, terms, voice, locale)
        if reason:
            done["failed"][each.stop_code] = reason
            terms_told = ", ".join(_lacking(each, terms, voice, locale))
            told = _("no reading is known for %(terms)s; add it to terms.csv")
            say(f"{at}/{len(waiting)} {name}: {told % {'terms': terms_told}}")
            continue
        put = _speak_one(stub, voice, each, locale)
        done["spoken"] += 1
        done["bytes"] += put.audio_bytes
        done["seconds"] += round(put.duration_ms / 1000)
        say(f"{at}/{len(waiting)} {name}: {put.duration_ms / 1000:.1f} s")
    return done


def why_silent(each: pb.SpokenText, terms: Sequence[Term], voice: Voice, locale: str) -> str:
    """Returns why a text cannot be spoken, naming the term; empty when it can."""
    lacking = _lacking(each, terms, voice, locale)
    return f"no reading is known for {', '.join(lacking)}; add it to terms.csv" if lacking else ""


def _lacking(each: pb.SpokenText, terms: Sequence[Term], voice: Voice, locale: str) -> list[str]:
    text = wire.text_value(each.text)
    found = [*missing_readings(text, terms, locale)]
    for paragraph in text.paragraphs:
        found += voice.unknown(paragraph.text)
    return list(dict.fromkeys(found))


def _speak_one(stub: Any, voice: Voice, each: pb.SpokenText, locale: str) -> guide_pb.Recording:
    narrated = narrate(voice, wire.text_value(each.text), voices.DELAY_MS)
    request = pb.PutRecordingRequest(
        request_id=str(uuid.uuid4()),
        stop_code=each.stop_code,
        locale=locale,
        origin=guide_pb.RECORDING_ORIGIN_MACHINE,
        audio=voices.encode(narrated.wave, narrated.rate),
        cues=[_cue(cue) for cue in narrated.cues],
        credit=voice.credit,
        text_sha256=each.text_sha256,
    )
    recording: guide_pb.Recording = stub.PutRecording(request, timeout=DEADLINE_S).recording
    return recording


def _needs_voice(each: pb.SpokenText) -> bool:
    """Tells whether nobody speaks a text: no person, and no machine in its present words."""
    if each.HasField("person") or each.HasField("lent"):
        return False
    return not each.HasField("machine") or each.machine.outdated


def _cue(cue: Cue) -> pb.Cue:
    return pb.Cue(
        start_ms=cue.start_ms, end_ms=cue.end_ms, text=cue.text, paragraph_id=cue.paragraph_id,
        start_char=cue.start, end_char=cue.end,
    )  # fmt: skip


def run_record(parsed: argparse.Namespace) -> int:
    """Puts a person's recording in, in the place of the one before."""
    transcript = parsed.transcript.read_text(encoding="utf-8") if parsed.transcript else ""
    with recording_stub() as stub:
        answer = stub.PutRecording(
            pb.PutRecordingRequest(
                request_id=str(uuid.uuid4()),
                stop_code=parsed.stop,
                locale=parsed.locale,
                origin=guide_pb.RECORDING_ORIGIN_PERSON,
                audio=parsed.file.read_bytes(),
                credit=parsed.rights_holder,
                transcript=transcript,
                speaker_agreed=parsed.speaker_agreed,
                word_for_word=parsed.word_for_word,
            ),
            timeout=DEADLINE_S,
        )
    told = {"recording_id": answer.recording.recording_id, "sha256": answer.recording.audio_sha256,
            "seconds": round(answer.recording.duration_ms / 1000, 1)}  # fmt: skip
    said = _("%(seconds)s s, heard from now on") % told
    sys.stdout.write((json.dumps(told) if parsed.json else said) + "\n")
    return 0


@contextmanager
def recording_stub() -> Iterator[Any]:
    """Gives the door to recordings. Errors: ConfigError where nothing runs."""
    with guide_channel() as channel:
        yield pb_grpc.RecordingServiceStub(channel)


def _progress(line: str) -> None:
    sys.stderr.write(line + "\n")


__all__ = ["VoiceAway", "recording_stub", "register", "speak"]
