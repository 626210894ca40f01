"""Versions of the survey."""

from datetime import datetime

import msgspec

from kit.db import Transaction
from services.multilingual.domain.first_questions import FIRST_QUESTIONS
from services.multilingual.domain.survey import Question, Survey

FIRST = Survey(0, FIRST_QUESTIONS)


async def read(tx: Transaction) -> Survey:
    """Returns the newest version; the one an area starts with while there is none."""
    row = await tx.fetch_one(
        "select version, questions::text as questions from surveys where area = %s"
        " order by version desc limit 1",
        (tx.area,),
    )
    if row is None:
        return FIRST
    questions = msgspec.json.decode(row["questions"], type=tuple[Question, ...])
    return Survey(row["version"], questions)


async def add(tx: Transaction, survey: Survey, author: str, now: datetime) -> bool:
    """Writes a version; False where somebody else has written it meanwhile."""
    body = msgspec.json.encode(survey.questions).decode()
    return bool(
        await tx.execute(
            "insert into surveys (area, version, questions, author, create_time)"
            " values (%s, %s, %s::jsonb, %s, %s) on conflict do nothing",
            (tx.area, survey.version, body, author, now),
        )
    )
