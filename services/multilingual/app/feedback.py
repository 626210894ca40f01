"""Taking ratings and replies exactly once; reading and editing the survey."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kit.pure.errors import InvalidFields, VersionConflict
from kit.requests import RequestKey, once
from services.multilingual.app.deps import Deps
from services.multilingual.domain import rating as ratings
from services.multilingual.domain import stop_code as codes
from services.multilingual.domain import survey as surveys
from services.multilingual.domain.events import RatingGiven, RatingWithdrawn, SurveyAnswered
from services.multilingual.domain.guide import Settings
from services.multilingual.domain.rating import Kept, Rated, Rating, Rejected, Step
from services.multilingual.domain.survey import Answered, Reply, Survey
from services.multilingual.store import areas
from services.multilingual.store import feedback as store
from services.multilingual.store import stops as stop_store
from services.multilingual.store import surveys as survey_store


@dataclass(frozen=True)
class Outcome:
    """What became of a batch."""

    recorded: int
    repeated: int
    rejected: tuple[Rejected, ...]


async def record_ratings(
    deps: Deps, key: RequestKey, area: str, batch: Sequence[Rating]
) -> Outcome:
    """Takes what is new and right of a batch; the rest is told apart. Errors: InvalidFields."""
    if len(batch) > ratings.MAX_BATCH:
        raise InvalidFields([("ratings", f"at most {ratings.MAX_BATCH} at once")])
    now = deps.clock.now()
    async with deps.db.transaction(area) as tx:

        async def record() -> Outcome:
            places = await stop_store.places_of(tx, [_code(each.stop_code) for each in batch])
            locales = (await areas.read_settings(tx)).locales
            judged = [ratings.judge(each, places, now, locales) for each in batch]
            fine = ratings.newest(each for each in judged if isinstance(each, Rated))
            known = await store.claim_ratings(tx, list(fine))
            steps = [ratings.step(known.get(each.rating_id), each) for each in fine.values()]
            new = [each for each in steps if isinstance(each, Step)]
            rejected = [each for each in (*judged, *steps) if isinstance(each, Rejected)]
            await store.keep_ratings(tx, [each.kept for each in new])
            await deps.outbox.add_many(tx, [event for each in new for event in _said(area, each)])
            return Outcome(len(new), len(batch) - len(rejected) - len(new), tuple(rejected))

        return await once(tx, key, Outcome, record)


async def record_replies(deps: Deps, key: RequestKey, area: str, batch: Sequence[Reply]) -> Outcome:
    """Takes replies that are new and right; the rest is told apart. Errors: InvalidFields."""
    if len(batch) > surveys.MAX_BATCH:
        raise InvalidFields([("replies", f"at most {surveys.MAX_BATCH} at once")])
    now = deps.clock.now()
    async with deps.db.transaction(area) as tx:

        async def record() -> Outcome:
            survey = await survey_store.read(tx)
            locales = (await areas.read_settings(tx)).locales
            judged = [surveys.judge(each, survey.questions, now, locales) for each in batch]
            fine = {each.reply_id: each for each in judged if isinstance(each, Answered)}
            rejected = tuple(each for each in judged if isinstance(each, Rejected))
            new = await store.add_new_replies(tx, list(fine.values()))
            events = [_answered(area, fine[reply_id]) for reply_id in fine if reply_id in new]
            await deps.outbox.add_many(tx, events)
            return Outcome(len(new), len(batch) - len(rejected) - len(new), rejected)

        return await once(tx, key, Outcome, record)


async def read_survey(deps: Deps, area: str) -> tuple[Survey, Settings]:
    """Returns the survey, and the area's settings for its source language."""
    async with deps.db.read(area) as tx:
        return await survey_store.read(tx), await areas.read_settings(tx)


Edit = Callable[[Survey, str], Survey]  # given the survey and the source locale


async def edit_survey(deps: Deps, key: RequestKey, area: str, version: int, edit: Edit) -> int:
    """Makes a version of the survey; returns its number. version: the one the editor saw.

    Errors: VersionConflict, and whatever the edit refuses.
    """
    async with deps.db.transaction(area) as tx:

        async def make() -> int:
            survey = await survey_store.read(tx)
            if survey.version != version:
                raise VersionConflict("Somebody else changed the survey. Open it again.")
            made = edit(survey, (await areas.read_settings(tx)).source_locale)
            if not await survey_store.add(tx, made, key.principal, deps.clock.now()):
                raise VersionConflict("Somebody else changed the survey. Open it again.")
            await areas.next_change_number(tx)  # language packs hold the survey
            return made.version

        return await once(tx, key, int, make)


def _said(area: str, step: Step) -> list[RatingGiven | RatingWithdrawn]:
    kept: Kept = step.kept
    said: list[RatingGiven | RatingWithdrawn] = []
    if step.ended is not None:
        said.append(
            RatingWithdrawn(
                area=area, aggregate_id=kept.rated.rating_id,
                version=kept.version - (step.given is not None),
                occur_time=step.ended.rating_time, rated=step.ended,
            )
        )  # fmt: skip
    if step.given is not None:
        said.append(
            RatingGiven(
                area=area, aggregate_id=kept.rated.rating_id, version=kept.version,
                occur_time=step.given.rating_time, rated=step.given,
            )
        )  # fmt: skip
    return said


def _answered(area: str, reply: Answered) -> SurveyAnswered:
    return SurveyAnswered(
        area=area, aggregate_id=reply.reply_id, version=1, occur_time=reply.reply_time,
        answered=reply,
    )  # fmt: skip


def _code(typed: str) -> str:
    try:
        return codes.read(typed)
    except codes.StopCodeMistyped:
        return ""
