"""Mistakes in what the guide lets hear."""

from tests.mutants.mutant import Mutant, pytest

MUTANTS = {
    "a text is published with a name nobody can read": Mutant(
        "services/multilingual/app/studio.py",
        "            await _check_readings(tx, locale, shown.text)\n",
        "",
        pytest("tests/service/multilingual/test_recordings.py"),
    ),
    "a machine speaks a text that is no longer published": Mutant(
        "services/multilingual/domain/recording.py",
        "if machine is not None and machine.text_sha256 == text_sha256:",
        "if machine is not None:",
        pytest("tests/service/multilingual/test_recordings.py"),
    ),
    "anything may stand behind a sound": Mutant(
        "services/multilingual/domain/sound.py",
        "if frames < 8 or end - at > 4:",
        "if frames < 8:",
        pytest("tests/unit/multilingual/test_sound.py"),
    ),
    "captions drift away from the voice": Mutant(
        "services/multilingual/domain/captions.py",
        "after = delay_ms + round(passed * SECOND_MS / rate)",
        "after = before + round(each.samples * SECOND_MS / rate)",
        pytest("tests/unit/multilingual/test_captions.py"),
    ),
    "a phone gives a player more than it asked for": Mutant(
        "services/edge/visitor/static/pack/worker.js",
        "(last ?? whole.size - 1) + 1",
        "(last ?? whole.size - 1) + 2",
        pytest("tests/system/browser/test_listening.py"),
    ),
}
