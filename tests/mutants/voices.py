"""Mistakes in erasing voices, and in names of places that follow their stops."""

from tests.mutants.mutant import Mutant, pytest

MUTANTS = {
    "whoever withdraws is kept where another recording was put in its place": Mutant(
        "services/multilingual/store/voices.py",
        "audio_sha256 = any(%s) returning *",
        "audio_sha256 = any(%s) and remove_time is null returning *",
        pytest("tests/service/multilingual/test_voices.py"),
    ),
    "captions of whoever withdrew stay": Mutant(
        "services/multilingual/app/voices.py",
        "names = [*sounds, *await store.named_by_none(tx, captions)]",
        "names = sounds",
        pytest("tests/service/multilingual/test_voices.py"),
    ),
    "an erased voice may be put in again": Mutant(
        "services/multilingual/app/recordings.py",
        "if await photo_store.erased(tx, [audio_name]):",
        "if False:",
        pytest("tests/service/multilingual/test_voices.py"),
    ),
    "the stream of events names whoever speaks": Mutant(
        "services/multilingual/events.py",
        '        message.recording.ClearField("credit")\n',
        "",
        pytest("tests/service/multilingual/test_voices.py"),
    ),
    "a place that is more than a stop is called as the stop": Mutant(
        "services/directory/domain/place.py",
        "if place.kind not in (PlaceKind.STOP, PlaceKind.POI):",
        "if False:",
        pytest("tests/service/directory/test_arranging.py"),
    ),
}
