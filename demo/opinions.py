"""What visitors think: faces under the texts they read, and the survey."""

import re
import uuid
from datetime import UTC
from typing import TYPE_CHECKING

from demo.visitors import Party
from demo.web import Browser, Unexpected

if TYPE_CHECKING:
    from demo.play import Stage, Tally

_QUESTION = re.compile(r'name="q-([^"]+)"')
_CHOICE = re.compile(r'name="q-([^"]+)" value="([^"]+)"')


def rate(stage: "Stage", browser: Browser, party: Party, tally: "Tally") -> None:
    """Rates stops in the language they were read in, in one batch as from the cave. Errors:
    Unexpected."""
    if not party.opinions:
        return
    first = stage.stops[party.stops[party.opinions[0].seen]]
    read = browser.get(f"/api/v1/stops/{first}").json()["locale"]
    ratings = [
        {
            "rating_id": str(uuid.uuid4()), "stop_code": stage.stops[party.stops[each.seen]],
            "locale": read, "face": each.face, "reasons": list(each.reasons),
            "rating_time": stage.at(party.stop_minutes[each.seen]).astimezone(UTC).isoformat(),
        }
        for each in party.opinions
    ]  # fmt: skip
    answer = browser.post_json("/api/v1/ratings", {"ratings": ratings})
    if answer.status != 200 or answer.json()["rejected"]:
        raise Unexpected(f"ratings gave {answer.status}: {answer.text[:200]}")
    tally.add("ratings", int(answer.json()["recorded"]))


def answer_survey(stage: "Stage", browser: Browser, party: Party, tally: "Tally") -> None:
    """Fills in the questions of the survey's page as they stand there. Errors: Unexpected."""
    if not party.survey:
        return
    choices = questions(browser.get("/survey").text)
    if not choices:
        return
    dice = iter(party.survey)
    answers = {
        question: options[int(next(dice, 0.0) * len(options))]
        for question, options in choices.items()
    }
    reply = {
        "survey_id": str(uuid.uuid4()), "locale": party.accept_language.partition(",")[0],
        "answers": answers, "survey_time": stage.at(58).astimezone(UTC).isoformat(),
    }  # fmt: skip
    answer = browser.post_json("/api/v1/surveys", {"surveys": [reply]})
    if answer.status != 200 or answer.json()["rejected"]:
        raise Unexpected(f"a survey gave {answer.status}: {answer.text[:200]}")
    tally.add("surveys", int(answer.json()["recorded"]))


def questions(page: str) -> dict[str, list[str]]:
    """Returns question -> answers of the survey's page, in its order. The long list of prefectures
    is left out, as most guests do."""
    found: dict[str, list[str]] = {name: [] for name in _QUESTION.findall(page)}
    for name, value in _CHOICE.findall(page):
        found[name].append(value)
    return {name: values for name, values in found.items() if values}
