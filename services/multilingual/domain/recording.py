"""Recordings: who speaks, which of them visitors hear, and what may be kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum

from kit.pure.errors import InvalidFields, NotFound, Refusal, VersionConflict
from services.multilingual.domain.narration import unseen_in

MAX_CREDIT_CHARS = 200
MAX_TRANSCRIPT_CHARS = 5_000
VTT = "text/vtt; charset=utf-8"
# One spoken language, two scripts: who reads either understands what is said in Mandarin.
_SPOKEN_ALIKE = (frozenset({"zh-Hans", "zh-Hant"}),)


class Origin(IntEnum):
    """Who speaks; the numbers are those of the contract."""

    MACHINE = 1
    PERSON = 2


class ErasureReason(IntEnum):
    """Why a voice, a photo or a video was erased; the numbers are those of the contract. No word
    about whoever spoke or is on it is kept in its place."""

    CONSENT_WITHDRAWN = 1
    NEVER_AGREED = 2
    NOT_FOR_VISITORS = 3
    RIGHTS = 4


class ErasedKind(IntEnum):
    """What an erased file was of; 0 for photos and videos that were erased before it was kept."""

    VOICE = 1
    PHOTO = 2
    VIDEO = 3


class TextChanged(VersionConflict):
    """The text was published anew while it was spoken. Speak it again."""


class RecordingUnknown(NotFound):
    """There is no such recording, or it was taken away."""


class SpeakerDidNotAgree(Refusal):
    """Nobody noted that whoever speaks agreed to be heard. Ask, and put it in again."""


class RecordingWasErased(Refusal):
    """The very sound was erased for good: whoever speaks asked, perhaps."""


class MediaGone(NotFound):
    """These bytes were erased for good."""


class MediaUnknown(NotFound):
    """No sound and no captions have this name."""


@dataclass(frozen=True)
class Recording:
    """One recording of a stop in one locale. text_sha256: the text it speaks.

    captions_sha256 is empty and captions_bytes 0 where there are none. speaker_agreed: whoever
    speaks agreed to be heard; False also where nobody noted it. remove_time: since when another
    one, or none, is heard in its place.
    """

    recording_id: str
    stop_code: str
    locale: str
    origin: Origin
    audio_sha256: str
    audio_type: str
    audio_bytes: int
    duration_ms: int
    captions_sha256: str
    captions_bytes: int
    text_sha256: str
    credit: str
    transcript: str
    author: str
    create_time: datetime
    speaker_agreed: bool = False
    remove_time: datetime | None = None


@dataclass(frozen=True)
class Heard:
    """What visitors hear. outdated: the text was changed since."""

    recording: Recording
    outdated: bool


@dataclass(frozen=True)
class Media:
    """Bytes with their name and type."""

    sha256: str
    media_type: str
    content: bytes


def heard(recordings: Iterable[Recording], text_sha256: str) -> Heard | None:
    """Returns what visitors hear of a text: a person's voice, else a machine's of this very text.

    A machine that speaks an older text is silent: it can speak the new one in a second. A person's
    recording stays, and says that the text was changed.
    """
    by_origin = {each.origin: each for each in recordings}
    person = by_origin.get(Origin.PERSON)
    if person is not None:
        return Heard(person, person.text_sha256 != text_sha256)
    machine = by_origin.get(Origin.MACHINE)
    if machine is not None and machine.text_sha256 == text_sha256:
        return Heard(machine, outdated=False)
    return None


def heard_alike(locale: str) -> tuple[str, ...]:
    """Returns the other locales in which the same language is spoken, sorted; none for most."""
    return tuple(
        each for group in _SPOKEN_ALIKE if locale in group for each in sorted(group - {locale})
    )


def heard_in(
    locale: str,
    recordings: Mapping[str, tuple[Recording, ...]],
    texts_sha256: Mapping[str, str],
) -> Heard | None:
    """Returns what visitors hear in a locale. texts_sha256: of the published texts, by locale.

    A person's recording in the same spoken language comes before a machine's. Its captions stay
    behind: they are in the other script, and name places on the other page. It is outdated when
    the text it was spoken from was changed.
    """
    if locale not in texts_sha256:
        return None
    own = heard(recordings.get(locale, ()), texts_sha256[locale])
    if own is not None and own.recording.origin is Origin.PERSON:
        return own
    for other in heard_alike(locale):
        lent = heard(recordings.get(other, ()), texts_sha256.get(other, ""))
        if lent is not None and lent.recording.origin is Origin.PERSON:
            bare = replace(lent.recording, captions_sha256="", captions_bytes=0)
            return Heard(bare, lent.outdated)
    return own


def check(credit: str, transcript: str, *, agreed: bool) -> None:
    """Errors: InvalidFields for words that cannot be kept, or a voice that did not agree.

    A voice is personal data (Act on the Protection of Personal Information, article 2). agreed:
    True of a machine's.
    """
    wrong: list[tuple[str, str]] = []
    if not agreed:
        wrong.append(("speaker_agreed", "ask whoever speaks whether they agree to be heard here"))
    if not 1 <= len(credit.strip()) <= MAX_CREDIT_CHARS:
        wrong.append(("credit", f"say who holds the rights, 1 to {MAX_CREDIT_CHARS} characters"))
    wrong += unseen_in(credit=credit, transcript=transcript)
    if len(transcript) > MAX_TRANSCRIPT_CHARS:
        wrong.append(("transcript", f"at most {MAX_TRANSCRIPT_CHARS} characters"))
    if wrong:
        raise InvalidFields(wrong)


def check_agreed(recording: Recording) -> None:
    """Errors: SpeakerDidNotAgree for a person's voice that nobody noted to have agreed, as of those
    that came before it was asked."""
    if recording.origin is Origin.PERSON and not recording.speaker_agreed:
        raise SpeakerDidNotAgree(
            "Nobody noted that the speaker agreed. Put it in again and say that they did."
        )
