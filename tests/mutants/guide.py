"""Mistakes in what the guide lets hear."""

from tests.mutants.mutant import Mutant, pytest

MUTANTS = {
    "an author reads own words as a second reader": Mutant(
        "services/multilingual/domain/review.py",
        "return reviews and reader not in (author, submitter)",
        "return reviews and reader != submitter",
        pytest("tests/unit/multilingual/test_review.py"),
    ),
    "a review link opens after it was taken back": Mutant(
        "services/multilingual/domain/review.py",
        "        and link.revoke_time is None\n",
        "",
        pytest("tests/unit/multilingual/test_review.py"),
    ),
    "a text that was published alone waits for a reader all the same": Mutant(
        "services/multilingual/app/publishing.py",
        "    await reviews.overtake(tx, shown)\n",
        "",
        pytest("tests/service/multilingual/test_reviews.py"),
    ),
    "drafts that nobody opened are published with the others": Mutant(
        "services/multilingual/app/drafts.py",
        "if (stop.stop_code, locale, wanted.revision) not in opened:",
        "if not opened:",
        pytest("tests/service/multilingual/test_drafts.py"),
    ),
    "a text is published with a name nobody can read": Mutant(
        "services/multilingual/app/studio.py",
        "            await check_readings(tx, locale, shown.text)\n",
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
    "a rating that was changed counts twice": Mutant(
        "services/multilingual/domain/rating.py",
        "    ended = before if before.holds else None\n",
        "    ended = None\n",
        pytest("tests/unit/multilingual/test_feedback.py"),
    ),
    "a late tap wins over a newer one": Mutant(
        "services/multilingual/domain/rating.py",
        "    if rated.change <= before.change:\n",
        "    if rated.change == before.change:\n",
        pytest("tests/unit/multilingual/test_feedback.py"),
    ),
    "a reply keeps its minute": Mutant(
        "services/multilingual/domain/survey.py",
        "reply_time.replace(minute=0, second=0, microsecond=0)",
        "reply_time",
        pytest("tests/unit/multilingual/test_feedback.py"),
    ),
    "the sum of prefectures tells how many live in the country": Mutant(
        "services/insights/domain/feedback.py",
        "or (is_part and None in home)",
        "",
        pytest("tests/unit/insights/test_feedback.py"),
    ),
    "a Wi-Fi's login page takes what visitors said": Mutant(
        "services/edge/visitor/static/answers.js",
        "if (said.recorded + said.repeated + said.rejected?.length === batch.length) return",
        "if (answer.ok) return",
        pytest("tests/system/browser/test_feedback.py"),
    ),
    "a batch of ratings counts as one": Mutant(
        "services/edge/visitor/batches.py",
        "    count(name, len(batch))\n",
        "    count(name, 1)\n",
        pytest("tests/pages/edge/test_rate_guard.py"),
    ),
    "the limit of ratings is raised": Mutant(
        "services/edge/visitor/batches.py",
        '"ratings": 1_200',
        '"ratings": 1_300',
        pytest("tests/pages/edge/test_rate_guard.py"),
    ),
    "the limit of ratings of one text is raised": Mutant(
        "services/edge/visitor/feedback.py",
        "OF_ONE_STOP_PER_MINUTE = 60",
        "OF_ONE_STOP_PER_MINUTE = 61",
        pytest("tests/pages/edge/test_rate_guard.py"),
    ),
    "many things at once count as one": Mutant(
        "services/edge/rates.py",
        "pipeline.incrby(key, by)",
        "pipeline.incrby(key, 1)",
        pytest("tests/service/edge/test_rates.py"),
    ),
    "any tag is a language": Mutant(
        "services/multilingual/domain/rating.py",
        "known_locale(rating.locale, locales)",
        "cut_locale(rating.locale)",
        pytest("tests/unit/multilingual/test_feedback.py"),
    ),
    "ten ratings are told as they are": Mutant(
        "services/insights/domain/ratings.py",
        " + chance(ids, GOOD)",
        "",
        pytest("tests/unit/insights/test_ratings.py"),
    ),
    "chance is too small to hide anybody": Mutant(
        "services/insights/domain/ratings.py",
        "EPSILON = 1.0",
        "EPSILON = 9.0",
        pytest("tests/unit/insights/test_ratings.py"),
    ),
    "each rating is told by itself": Mutant(
        "services/insights/domain/ratings.py",
        "range(0, len(events) - GROUP + 1, GROUP)",
        "range(0, len(events), GROUP)",
        pytest("tests/unit/insights/test_ratings.py"),
    ),
}
