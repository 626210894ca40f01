"""Second readers at the studio: handing in, deciding, links, and the page behind a link.

The page behind a link is open to whoever has it. No machine is to keep it: no index, no copy in a
cache, and the secret stands in no log (those name the route).
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import grpc
from flask import Blueprint, make_response, redirect, render_template, request
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from kit.client import problem_of
from kit.roles import ADMINS, EDITORS, REVIEWERS
from meguri.multilingual.v1 import review_service_pb2 as pb
from meguri.multilingual.v1.review_service_pb2_grpc import ReviewServiceStub
from services.edge import own_address
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem, form_request_id, sentence
from services.edge.login import requires

DEADLINE_S = 10.0
SECRET_CHARACTERS = 80
HEADERS = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex, nofollow, noarchive"}
POLICIES: dict[int, tuple[str, Any]] = {
    pb.REVIEW_POLICY_OPEN: ("open", _l("Whoever edits publishes")),
    pb.REVIEW_POLICY_SECOND_READER: ("second", _l("A second reader, or a reason")),
    pb.REVIEW_POLICY_OUTSIDE_READER: (
        "outside", _l("A second reader, also by a link without a login, or a reason"),
    ),
    pb.REVIEW_POLICY_REASON: ("reason", _l("Publish alone, with a reason")),
}  # fmt: skip
# What the desk says after a form was refused.
TOLD = {
    "OWN_TEXT", "SUBMISSION_UNKNOWN", "SUBMISSION_OVER", "READING_MISSING", "OUTSIDE_READER_OFF",
    "TOO_MANY_LINKS", "REVIEW_LINK_UNKNOWN", "CARD_NUMBER_TYPED", "REASON_NEEDED",
    "ALREADY_HANDED_IN", "NOTHING_TO_REVIEW", "REVISION_CONFLICT", "PLAN_UNKNOWN",
}  # fmt: skip
LINK_STATUS = {"REVIEW_LINK_UNKNOWN": 404, "REVIEW_LINK_OVER": 410}

blueprint = Blueprint("reviews", __name__)


@dataclass(frozen=True)
class Desk:
    """What the desk shows of a text's readers. links: (link, its address or "")."""

    found: pb.ReadReviewResponse
    links: list[tuple[pb.ReviewLink, str]]

    @property
    def waits(self) -> bool:
        """Tells whether somebody is to read the newest version."""
        return self.found.submission.phase == pb.SUBMISSION_PHASE_WAITING

    @property
    def given_back(self) -> bool:
        """Tells whether the last reader gave it back."""
        return self.found.submission.phase == pb.SUBMISSION_PHASE_GIVEN_BACK

    @property
    def asks(self) -> bool:
        """Tells whether publishing the newest version asks for a reason."""
        return not self.found.may_publish

    @property
    def plan(self) -> pb.PublicationPlan | None:
        """From when on visitors see a version; None where nothing is planned."""
        return self.found.plan if self.found.HasField("plan") else None

    @property
    def hindered(self) -> str:
        """Says why what was planned was not shown, "" for nothing."""
        return str(sentence(self.found.plan.problem.lower())) if self.found.plan.problem else ""

    @property
    def outside(self) -> bool:
        """Tells whether links may be made."""
        return self.found.policy == pb.REVIEW_POLICY_OUTSIDE_READER

    @property
    def hands_in(self) -> bool:
        """Tells whether the page offers to hand the text in."""
        return self.found.policy != pb.REVIEW_POLICY_REASON


def of(code: str, locale: str) -> Desk | None:
    """Returns how a text stands with its readers; None where the guide does not say."""
    try:
        found = _stub().ReadReview(pb.ReadReviewRequest(stop_code=code, locale=locale))
    except grpc.RpcError:
        return None
    base = own_address.of_area()
    links = [
        (each, f"{base}/studio/read/{each.secret}" if each.secret else "") for each in found.links
    ]
    return Desk(found, links)


def hand_in(code: str, locale: str, revision: int, note: str) -> None:
    """Hands in a draft. Errors: grpc.RpcError."""
    _stub().HandInDraft(
        pb.HandInDraftRequest(
            request_id=f"{form_request_id()}-hand-in", stop_code=code, locale=locale,
            revision=revision, note=note,
        )
    )  # fmt: skip


@blueprint.post("/studio/<code>/<locale>/review")
@requires(*REVIEWERS)
def decide(code: str, locale: str) -> Response:
    """Publishes what was handed in, or gives it back."""
    approve = request.form.get("action") == "approve"
    reason = request.form.get("reason", "").strip()[:500]
    if not approve and not reason:
        return _back(code, locale, why="REASON_NEEDED")
    return do(
        code, locale, "approved" if approve else "given-back",
        lambda: _stub().DecideSubmission(
            pb.DecideSubmissionRequest(
                request_id=f"{form_request_id()}-{'yes' if approve else 'no'}",
                submission_id=request.form.get("submission_id", "")[:40], approve=approve,
                reason=reason,
            )
        ),
    )  # fmt: skip


@blueprint.post("/studio/<code>/<locale>/link")
@requires(*EDITORS)
def link(code: str, locale: str) -> Response:
    """Makes a link for a reader without a login, or takes one back."""
    taken_back = request.form.get("link_id", "")[:40]
    if taken_back:
        return do(
            code, locale, "revoked",
            lambda: _stub().RevokeReviewLink(
                pb.RevokeReviewLinkRequest(
                    request_id=f"{form_request_id()}-{taken_back}", link_id=taken_back
                )
            ),
        )  # fmt: skip
    return do(
        code, locale, "linked",
        lambda: _stub().OfferReviewLink(
            pb.OfferReviewLinkRequest(
                request_id=form_request_id(),
                submission_id=request.form.get("submission_id", "")[:40],
            )
        ),
    )  # fmt: skip


@blueprint.post("/studio/policies")
@requires(*ADMINS)
def policy() -> Response:
    """Keeps what a language asks for."""
    numbers = {name: number for number, (name, _label) in POLICIES.items()}
    number = numbers.get(request.form.get("policy", ""), pb.REVIEW_POLICY_UNSPECIFIED)
    _stub().SetReviewPolicy(
        pb.SetReviewPolicyRequest(
            request_id=form_request_id(), locale=request.form.get("in", ""),
            policy=pb.ReviewPolicy.ValueType(number),
        )
    )  # fmt: skip
    return redirect("/studio/drafts?done=policy", 303)


@blueprint.get("/studio/read/<secret>")
def linked(secret: str) -> Response:
    """Shows the text behind a link."""
    return _linked(secret)


@blueprint.post("/studio/read/<secret>")
def decide_linked(secret: str) -> Response:
    """Takes what a reader without a login says of the text."""
    approve = request.form.get("action") == "approve"
    reason = request.form.get("reason", "").strip()[:500]
    if not approve and not reason:
        return _linked(secret, problem=str(sentence("reason_needed")))
    said = pb.DecideLinkedTextRequest(
        request_id=f"{form_request_id()}-{'yes' if approve else 'no'}",
        link_secret=secret[:SECRET_CHARACTERS], approve=approve, reason=reason,
    )  # fmt: skip
    try:
        answer = _stub().DecideLinkedText(said)
    except grpc.RpcError as error:
        reason_of = problem_of(error).reason
        if reason_of in ("READING_MISSING", "CARD_NUMBER_TYPED", "INVALID_FIELDS"):
            return _linked(secret, problem=str(sentence(reason_of.lower())))
        raise _explained(error) from error
    done = "approved" if answer.phase == pb.SUBMISSION_PHASE_APPROVED else "given-back"
    return _private(make_response(render_template("studio/linked.html", done=done)))


def _linked(secret: str, problem: str = "") -> Response:
    try:
        found = _stub().ReadLinkedText(
            pb.ReadLinkedTextRequest(link_secret=secret[:SECRET_CHARACTERS])
        )
    except grpc.RpcError as error:
        raise _explained(error) from error
    source = {each.paragraph_id: each.text for each in found.source.paragraphs}
    page = render_template(
        "studio/linked.html", found=found, secret=secret, problem=problem, done="",
        rows=[(each, source.get(each.paragraph_id, "")) for each in found.text.paragraphs],
        reason=request.form.get("reason", ""), request_id=new_request_id(),
    )  # fmt: skip
    return _private(make_response(page, 422 if problem else 200))


def _explained(error: grpc.RpcError) -> Exception:
    """Returns what to tell whoever has no text here."""
    reason = problem_of(error).reason
    status = LINK_STATUS.get(reason)
    return error if status is None else Problem(status, reason)


def _private(answer: Response) -> Response:
    answer.headers.update(HEADERS)
    return answer


def do(code: str, locale: str, done: str, call: Any) -> Response:
    """Calls the guide and goes back to the desk, which says what came of it."""
    try:
        call()
    except grpc.RpcError as error:
        why = problem_of(error).reason
        if why not in TOLD:
            raise
        return _back(code, locale, why=why)
    return _back(code, locale, done)


def _back(code: str, locale: str, done: str = "", why: str = "") -> Response:
    said = f"why={why}" if why else f"done={done}"
    return redirect(f"/studio/{quote(code, safe='')}/{quote(locale, safe='')}?{said}", 303)


def _stub() -> ReviewServiceStub:
    return stub(ReviewServiceStub, deadline_s=DEADLINE_S)
