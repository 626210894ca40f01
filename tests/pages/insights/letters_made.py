"""A letter with every kind of proposal, and what came of some."""

from datetime import UTC, date, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp

from meguri.insights.v1 import letter_service_pb2 as pb

DIGEST = "ab" * 32


def at(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp


WRITTEN = at(datetime(2026, 5, 31, 21, 0, tzinfo=UTC))  # 06:00 of 1 June in Tokyo


def expected(low: float, high: float, basis: int) -> pb.ExpectedEffect:
    return pb.ExpectedEffect(low=low, high=high, basis=basis)  # type: ignore[arg-type] # of the enum


LANGUAGE = pb.Proposal(
    proposal_key="add_language/ko", action=pb.LETTER_ACTION_ADD_LANGUAGE, subject="ko", count=1_240,
    total=6_200, day_count=31, steady=True,
    expected=expected(34.2, 46.0, pb.EXPECTED_BASIS_AT_MOST),
    unit=pb.SERIES_UNIT_PAGES, fewer=True,
)  # fmt: skip
SIGN = pb.Proposal(
    proposal_key="sign_at_stop/FFFFF", action=pb.LETTER_ACTION_SIGN_AT_STOP, subject="FFFFF",
    names={"ja": "黄金柱", "en": "Golden <Pillar>"}, count=4, total=4_000, typical=880,
    day_count=31, expected=expected(20.0, 31.5, pb.EXPECTED_BASIS_OTHERS),
    unit=pb.SERIES_UNIT_PAGES,
)  # fmt: skip
HOURS = pb.Proposal(
    proposal_key="longer_hours", action=pb.LETTER_ACTION_LONGER_HOURS, count=93, total=310,
    day_count=31, steady=True, expected=expected(2.0, 4.0, pb.EXPECTED_BASIS_AT_MOST),
    unit=pb.SERIES_UNIT_WISHES, fewer=True,
)  # fmt: skip
OTHERS = (
    pb.Proposal(
        proposal_key="improve_text/K7Q2X/en", action=pb.LETTER_ACTION_IMPROVE_TEXT,
        subject="K7Q2X", names={"en": "A stop"}, detail="en", day_count=31, liking=2,
        reasons=["hard", "long"],
    ),
    pb.Proposal(
        proposal_key="show_spot/spring", action=pb.LETTER_ACTION_SHOW_SPOT, subject="spring",
        names={"ja": "弁天池"}, count=7, total=1_240, typical=620, day_count=31,
        expected=expected(10.0, 18.0, pb.EXPECTED_BASIS_OTHERS), unit=pb.SERIES_UNIT_PLANS,
    ),
    pb.Proposal(
        proposal_key="move_bus", action=pb.LETTER_ACTION_MOVE_BUS, count=50, total=120,
        day_count=28, unit=pb.SERIES_UNIT_WISHES, fewer=True,
    ),
    pb.Proposal(
        proposal_key="open_earlier//8", action=pb.LETTER_ACTION_OPEN_EARLIER, detail="8",
        count=1_760, total=4_490, typical=9, day_count=31, unit=pb.SERIES_UNIT_PEOPLE,
    ),
    pb.Proposal(
        proposal_key="staff_till//17", action=pb.LETTER_ACTION_STAFF_TILL, detail="17", count=400,
        total=900, typical=8, day_count=31, unit=pb.SERIES_UNIT_SALES,
    ),
    pb.Proposal(
        proposal_key="offer_brand/code_payment", action=pb.LETTER_ACTION_OFFER_BRAND,
        subject="code_payment", count=62, total=310, day_count=31, unit=pb.SERIES_UNIT_DECLINED,
        fewer=True,
    ),
    pb.Proposal(proposal_key="of/a/later/release"),
)  # fmt: skip


def effect(verdict: int = pb.EFFECT_VERDICT_TOLD, **more: object) -> pb.ActionEffect:
    given: dict[str, object] = {
        "per_day": 12.4, "low": 3.2, "high": 21.0, "before": 4.0, "days_before": 200,
        "days_after": 40, "placebo_count": 20, "placebo_as_large_count": 1, "compared": True,
        "ready_date": "2026-04-23", "until_date": "2026-05-11",
    }  # fmt: skip
    return pb.ActionEffect(verdict=verdict, **{**given, **more})  # type: ignore[arg-type] # by name


def days(done: date = date(2026, 4, 1)) -> list[pb.EffectDay]:
    """Returns ten weeks before an action and four after it; two days are withheld."""
    found = []
    for number in range(-70, 29):
        on = done + timedelta(days=number)
        if on == done:
            continue
        day = pb.EffectDay(date=on.isoformat())
        if number not in {-3, 5}:
            day.value = 20 + number % 7 + (12 if number > 0 else 0)
        if number > 0:
            day.without, day.low, day.high = 22, 14, 31
        found.append(day)
    return found


def decision(step: int, version: int = 1, **more: str) -> pb.ProposalDecision:
    return pb.ProposalDecision(
        step=step, signed_as="佐藤", decide_time=WRITTEN, **more  # type: ignore[arg-type] # of the enum
    )  # fmt: skip


DONE = decision(pb.PROPOSAL_STEP_DONE, owner="森", on_date="2026-04-01")
ACCEPTED = decision(pb.PROPOSAL_STEP_ACCEPTED, owner="Mori <b>", on_date="2026-07-01")


def letter(
    proposals: tuple[pb.Proposal, ...] = (LANGUAGE, SIGN, HOURS), number: int = 7, **more: object
) -> pb.ShownLetter:
    """Returns the letter of May 2026 as it was written."""
    given: dict[str, object] = {
        "number": number, "kind": pb.LETTER_KIND_MONTH, "first_date": "2026-05-01",
        "last_date": "2026-05-31", "seen_first_date": "2026-05-01", "proposals": proposals,
    }  # fmt: skip
    return pb.ShownLetter(
        letter=pb.Letter(**{**given, **more}), digest=DIGEST, write_time=WRITTEN,  # type: ignore[arg-type] # by name
        decided=[
            pb.DecidedProposal(letter_number=number, proposal=each) for each in proposals
        ],
    )  # fmt: skip


def decided(
    proposal: pb.Proposal, *decisions: pb.ProposalDecision, number: int = 3
) -> pb.DecidedProposal:
    return pb.DecidedProposal(
        letter_number=number, proposal=proposal, decisions=decisions, version=len(decisions)
    )
