"""Pages of the letter: the newest, one, all of them with what came of their proposals, deciding."""

from dataclasses import dataclass, field
from typing import Any

import grpc
from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from kit.client import problem_of
from kit.roles import ANALYSTS
from meguri.insights.v1 import letter_service_pb2 as pb
from meguri.insights.v1.letter_service_pb2_grpc import LetterServiceStub
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem, form_request_id
from services.edge.insights.letters import effects, words
from services.edge.insights.lines import line
from services.edge.insights.present import local
from services.edge.insights.problems import PROBLEMS
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import area, day_there, person
from services.edge.whole import read_whole

PAGE = "/insights/letter"
DEADLINE_S = 10.0
WRITE_S = 60.0  # effects are reckoned first

blueprint = Blueprint("letters", __name__)
Page = Response | Answer
STEPS = {
    "accepted": pb.PROPOSAL_STEP_ACCEPTED, "declined": pb.PROPOSAL_STEP_DECLINED,
    "done": pb.PROPOSAL_STEP_DONE, "taken_back": pb.PROPOSAL_STEP_TAKEN_BACK,
}  # fmt: skip
KINDS = {"week": pb.LETTER_KIND_WEEK, "month": pb.LETTER_KIND_MONTH}


@blueprint.get(PAGE)
@requires(*ANALYSTS)
def newest() -> str:
    """The newest letter, or when the first one comes."""
    found = _shelf()
    if not found.letters:
        return render_template(
            "insights/letter_first.html", found=found, request_id=new_request_id(), words=words
        )
    return _letter_page(found.letters[0])


@blueprint.get(f"{PAGE}/all")
@requires(*ANALYSTS)
def all_letters() -> str:
    """All letters, and what came of their proposals."""
    _done()
    found = _shelf()
    return render_template(
        "insights/letter_list.html", found=found, words=words, request_id=new_request_id(),
        followed=[_followed(one) for one in found.followed],
    )  # fmt: skip


@blueprint.get(f"{PAGE}/<number>")
@requires(*ANALYSTS)
def one(number: str) -> str:
    """A letter as it was written, with what was decided since."""
    _done()
    return _letter_page(_letter(number))


@blueprint.post(f"{PAGE}/write")
@requires(*ANALYSTS)
def write() -> Answer:
    """Writes the letter of the newest week or month that is over."""
    wanted = pb.WriteLetterRequest(
        request_id=form_request_id(),
        kind=KINDS.get(request.form.get("kind", ""), pb.LETTER_KIND_UNSPECIFIED),
    )
    try:
        made = stub(LetterServiceStub, deadline_s=WRITE_S).WriteLetter(wanted)
    except grpc.RpcError as error:
        told = PROBLEMS.get(problem_of(error).reason)
        if told is None:
            raise
        notify("warn", str(told))
        return make_response(all_letters(), 409)
    return redirect(f"{PAGE}/{made.number}", 303)


@dataclass
class Typed:
    """A decision as somebody typed it. wrong: sentences by the id of their field."""

    step: str = ""
    owner: str = ""
    on_date: str = ""
    reason: str = ""
    version: int = 0
    wrong: dict[str, str] = field(default_factory=dict)


@blueprint.get(f"{PAGE}/<number>/decide")
@requires(*ANALYSTS)
def decide_form(number: str) -> Response:
    """The form of what becomes of a proposal."""
    shown, chosen = _proposal(number)
    return _decide_page(shown, chosen, _typed_of(chosen), new_request_id())


@blueprint.post(f"{PAGE}/<number>/decide")
@requires(*ANALYSTS)
def decide(number: str) -> Page:
    """Keeps what becomes of a proposal."""
    request_id = form_request_id()
    shown, chosen = _proposal(number)
    typed = Typed(
        request.form.get("step", "")[:20], line(request.form.get("owner", ""), 200),
        request.form.get("on_date", "").strip()[:10], line(request.form.get("reason", ""), 400),
        read_whole(request.form.get("version", ""), 9) or 0,
    )  # fmt: skip
    _check(typed)
    if typed.wrong:
        return _decide_page(shown, chosen, typed, request_id, 422)
    back = typed.step in {"declined", "taken_back"}
    wanted = pb.DecideProposalRequest(
        request_id=request_id, letter_number=chosen.letter_number,
        proposal_key=chosen.proposal.proposal_key, expected_version=typed.version,
        step=STEPS[typed.step], owner="" if back else typed.owner,
        on_date="" if back else typed.on_date,
        reason=typed.reason if typed.step == "declined" else "", signed_as=_name(),
    )  # fmt: skip
    try:
        _service().DecideProposal(wanted)
    except grpc.RpcError as error:
        reason = problem_of(error).reason
        if reason == "VERSION_CONFLICT":
            notify("warn", _("Somebody else has changed it meanwhile. This is what holds now."))
            shown, chosen = _proposal(number)
            return _decide_page(shown, chosen, _typed_of(chosen), new_request_id(), 409)
        if reason != "INVALID_FIELDS":
            raise
        typed.wrong["form"] = _(
            "This cannot be kept. Look at each entry again; nothing was changed."
        )
        return _decide_page(shown, chosen, typed, request_id, 422)
    return redirect(f"{PAGE}/{chosen.letter_number}?done=1", 303)


def _check(typed: Typed) -> None:
    if typed.step not in STEPS:
        typed.wrong["f-step-accepted"] = _("Choose what becomes of it.")
    if typed.step in {"accepted", "done"} and not 0 < len(typed.owner) <= 80:
        typed.wrong["f-owner"] = _("Say who does it, in at most 80 characters.")
    if typed.step == "declined" and not 0 < len(typed.reason) <= 200:
        typed.wrong["f-reason"] = _("Say why, in at most 200 characters.")
    if typed.step == "done" and not "2000-01-01" <= typed.on_date <= day_there().isoformat():
        typed.wrong["f-on_date"] = _("Give the day on which it was done, today or before.")


def _typed_of(chosen: pb.DecidedProposal) -> Typed:
    held = standing(chosen)
    if held is None:
        return Typed(owner=_name(), version=chosen.version)
    step = next(name for name, number in STEPS.items() if number == held.step)
    return Typed(step, held.owner or _name(), held.on_date, held.reason, chosen.version)


def standing(chosen: pb.DecidedProposal) -> pb.ProposalDecision | None:
    """Returns what holds of a proposal, None where nothing does."""
    newest_one = chosen.decisions[-1] if chosen.decisions else None
    back = newest_one is None or newest_one.step == pb.PROPOSAL_STEP_TAKEN_BACK
    return None if back else newest_one


def _service() -> LetterServiceStub:
    return stub(LetterServiceStub, deadline_s=DEADLINE_S)


def _shelf() -> pb.ListLettersResponse:
    found: pb.ListLettersResponse = _service().ListLetters(pb.ListLettersRequest())
    return found


def _letter(number_text: str) -> pb.ShownLetter:
    number = read_whole(number_text, 6)
    if not number:
        raise Problem(404, "not_found")
    found: pb.ReadLetterResponse = _service().ReadLetter(pb.ReadLetterRequest(number=number))
    return found.letter


def _proposal(number_text: str) -> tuple[pb.ShownLetter, pb.DecidedProposal]:
    shown = _letter(number_text)
    key = request.values.get("proposal", "")
    chosen = next((each for each in shown.decided if each.proposal.proposal_key == key), None)
    if chosen is None:
        raise Problem(404, "not_found")
    return shown, chosen


def _name() -> str:
    known = person()
    return line(known.display_name if known else "", 80) or "?"


def _done() -> None:
    if request.args.get("done"):
        notify("ok", _("Saved."))


def _letter_page(shown: pb.ShownLetter) -> str:
    letter = shown.letter
    return render_template(
        "insights/letter.html", shown=shown, letter=letter, words=words, page=PAGE,
        proposals=[(each, words.said(each.proposal), standing(each)) for each in shown.decided],
        earlier=[
            (each, words.said(each.proposal), effects.told(each.proposal, each.effect))
            for each in letter.earlier
        ],
        written=local(shown.write_time, area().time_zone),
    )  # fmt: skip


def _followed(one: pb.FollowedAction) -> dict[str, Any]:
    held = standing(one.decided)
    done = held is not None and held.step == pb.PROPOSAL_STEP_DONE
    effect = one.effect if one.HasField("effect") else None
    drawn = effect if done and effect and effect.days else None
    on = held.on_date if held else ""
    return {
        "one": one, "said": words.said(one.decided.proposal), "held": held, "done": done,
        "told": effects.told(one.decided.proposal, effect) if done else None,
        "drawing": effects.drawing(drawn, on) if drawn else None,
        "weeks": effects.weeks(drawn, on) if drawn else [],
        "unit": words.unit_word(one.decided.proposal),
    }  # fmt: skip


def _decide_page(
    shown: pb.ShownLetter, chosen: pb.DecidedProposal, typed: Typed, request_id: str,
    status: int = 200,
) -> Response:  # fmt: skip
    body = render_template(
        "insights/letter_decide.html", shown=shown, chosen=chosen, typed=typed, words=words,
        said=words.said(chosen.proposal), request_id=request_id, page=PAGE,
        held=standing(chosen), today=day_there().isoformat(),
        history=[
            (each, local(each.decide_time, area().time_zone)) for each in chosen.decisions
        ],
    )  # fmt: skip
    return make_response(body, status)
