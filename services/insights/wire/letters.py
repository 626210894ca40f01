"""Letters on the wire."""

from datetime import date

from kit.pure.errors import InvalidFields
from meguri.insights.v1 import letter_service_pb2 as pb
from services.insights.app.letter_effects import Followed
from services.insights.app.letter_mail import MailDesk
from services.insights.app.letters import Shelf, Shown
from services.insights.domain.effect import DayFigure, Effect, Verdict
from services.insights.domain.fact import Dimension, Kind
from services.insights.domain.letter import (
    Decided,
    Decision,
    Earlier,
    Few,
    Letter,
    LetterKind,
    Step,
)
from services.insights.domain.letter_mail import MailSettings, MailState
from services.insights.domain.proposal import Action, Basis, Proposal, SeriesKey
from services.insights.wire import timestamp
from services.insights.wire.kpi import time_of

_KINDS = {kind: pb.LetterKind.Value(f"LETTER_KIND_{kind.name}") for kind in LetterKind}
_FEW = {few: pb.LetterFew.Value(f"LETTER_FEW_{few.name}") for few in Few if few}
_ACTIONS = {action: pb.LetterAction.Value(f"LETTER_ACTION_{action.name}") for action in Action}
_BASES = {basis: pb.ExpectedBasis.Value(f"EXPECTED_BASIS_{basis.name}") for basis in Basis}
_VERDICTS = {each: pb.EffectVerdict.Value(f"EFFECT_VERDICT_{each.name}") for each in Verdict}
_STEPS = {step: pb.ProposalStep.Value(f"PROPOSAL_STEP_{step.name}") for step in Step}
_MAILS = {state: pb.LetterMailState.Value(f"LETTER_MAIL_STATE_{state.name}") for state in MailState}
_UNITS = {
    Kind.SCAN: pb.SERIES_UNIT_PAGES, Kind.PLANNED: pb.SERIES_UNIT_PLANS,
    Kind.ADMITTED: pb.SERIES_UNIT_PEOPLE, Kind.CAPTURED: pb.SERIES_UNIT_SALES,
    Kind.DECLINED: pb.SERIES_UNIT_DECLINED,
}  # fmt: skip


def kind_of(number: pb.LetterKind.ValueType) -> LetterKind:
    """How much time a letter is about. Errors: InvalidFields."""
    found = {value: kind for kind, value in _KINDS.items()}.get(number)
    if found is None:
        raise InvalidFields([("kind", "give a week or a month")])
    return found


def decision_of(message: pb.DecideProposalRequest) -> Decision:
    """What somebody decided. Errors: InvalidFields."""
    step = {value: each for each, value in _STEPS.items()}.get(message.step)
    if step is None:
        raise InvalidFields([("step", "give a step that is known")])
    try:
        on = date.fromisoformat(message.on_date) if message.on_date else None
    except ValueError as error:
        raise InvalidFields([("on_date", "give a day as YYYY-MM-DD")]) from error
    return Decision(step, message.owner, on, message.reason, message.signed_as)


def shown_message(found: Shown) -> pb.ShownLetter:
    """A letter with what was decided since."""
    return pb.ShownLetter(
        letter=_letter(found.letter), digest=found.digest, write_time=timestamp(found.write_time),
        decided=map(_decided, found.decided),
    )  # fmt: skip


def shelf_message(found: Shelf) -> pb.ListLettersResponse:
    """All letters, and what is followed."""
    week, month = (found.next_dates[kind] for kind in (LetterKind.WEEK, LetterKind.MONTH))
    return pb.ListLettersResponse(
        letters=map(shown_message, found.letters), followed=map(_followed, found.followed),
        next_week_date=week.isoformat() if week else "",
        next_month_date=month.isoformat() if month else "", demo=found.demo,
    )  # fmt: skip


def _letter(letter: Letter) -> pb.Letter:
    return pb.Letter(
        number=letter.number, kind=_KINDS[letter.kind], first_date=letter.first_date,
        last_date=letter.last_date, seen_first_date=letter.seen_first_date,
        proposals=map(_proposal, letter.proposals),
        few=_FEW.get(letter.few, pb.LETTER_FEW_UNSPECIFIED),
        earlier=map(_earlier, letter.earlier), waiting_count=letter.waiting, demo=letter.demo,
    )  # fmt: skip


def _proposal(one: Proposal) -> pb.Proposal:
    expected = one.expected
    return pb.Proposal(
        proposal_key=one.key, action=_ACTIONS[one.action], subject=one.subject, names=one.names,
        detail=one.detail, count=one.count, total=one.total, typical=one.typical,
        day_count=one.days, steady=one.steady, liking=one.liking, reasons=one.reasons,
        expected=pb.ExpectedEffect(
            low=expected.low, high=expected.high, basis=_BASES[expected.basis]
        ) if expected else None,
        unit=_unit(one.series), fewer=bool(one.series and one.series.fewer),
    )  # fmt: skip


def _unit(series: SeriesKey | None) -> pb.SeriesUnit.ValueType:
    if series is None:
        return pb.SERIES_UNIT_UNSPECIFIED
    if series.dimension is Dimension.LEFT_OUT:
        return pb.SERIES_UNIT_WISHES
    return _UNITS[series.kind]


def _earlier(one: Earlier) -> pb.EarlierAction:
    return pb.EarlierAction(
        letter_number=one.number, proposal=_proposal(one.proposal), owner=one.owner,
        done_date=one.done_date, effect=_effect(one.effect),
    )  # fmt: skip


def _effect(effect: Effect) -> pb.ActionEffect:
    return pb.ActionEffect(
        verdict=_VERDICTS[effect.verdict], per_day=effect.per_day, low=effect.low,
        high=effect.high, before=effect.before, days_before=effect.days_before,
        days_after=effect.days_after, placebo_count=effect.placebos,
        placebo_as_large_count=effect.placebos_as_large, compared=effect.compared,
        ready_date=effect.ready_on, until_date=effect.until, days=map(_day, effect.days),
    )  # fmt: skip


def _day(day: DayFigure) -> pb.EffectDay:
    return pb.EffectDay(
        date=day.on, value=day.value, without=day.without, low=day.low, high=day.high
    )


def _decided(one: Decided) -> pb.DecidedProposal:
    return pb.DecidedProposal(
        letter_number=one.number, proposal=_proposal(one.proposal),
        decisions=map(_decision, one.decisions), version=one.version,
    )  # fmt: skip


def _decision(one: Decision) -> pb.ProposalDecision:
    return pb.ProposalDecision(
        step=_STEPS[one.step], owner=one.owner,
        on_date=one.on_date.isoformat() if one.on_date else "", reason=one.reason,
        signed_as=one.signed_as, decide_time=time_of(one.said_time),
    )  # fmt: skip


def _followed(one: Followed) -> pb.FollowedAction:
    return pb.FollowedAction(
        decided=_decided(one.decided), effect=_effect(one.effect) if one.effect else None
    )


def mail_settings_of(message: pb.LetterMailSettings) -> MailSettings:
    """Whom letters are to be mailed to. Errors: InvalidFields."""
    return MailSettings(
        message.on, tuple(message.recipients), tuple(kind_of(each) for each in message.kinds),
        message.language, message.page_url,
    )  # fmt: skip


def mail_message(found: MailDesk, *, configured: bool) -> pb.ReadLetterMailResponse:
    """Whom letters are mailed to, and what became of the newest mails."""
    settings = found.settings
    return pb.ReadLetterMailResponse(
        settings=pb.LetterMailSettings(
            on=settings.on, recipients=settings.recipients,
            kinds=[_KINDS[kind] for kind in settings.kinds], language=settings.language,
            page_url=settings.page_url,
        ),
        version=found.version, configured=configured,
        mails=[
            pb.LetterMail(
                recipient=one.recipient, letter_number=one.letter_number, state=_MAILS[one.state],
                attempt_count=one.attempts, error=one.error, put_time=timestamp(one.at),
            )
            for one in found.mails
        ],
    )  # fmt: skip
