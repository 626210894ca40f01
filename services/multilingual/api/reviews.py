"""The gRPC door of second readers and of many drafts: decode, call the use case, encode."""

from typing import Any

import grpc

from kit.pure.errors import InvalidFields
from kit.roles import ADMINS, EDITORS, EVERYBODY, REVIEWERS
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.multilingual.v1 import review_service_pb2 as pb
from meguri.multilingual.v1 import review_service_pb2_grpc as pb_grpc
from services.multilingual import wire
from services.multilingual.api import ERRORS as GUIDE_ERRORS
from services.multilingual.app import drafts, later, outside, reviewing
from services.multilingual.app.deps import Deps
from services.multilingual.domain import review
from services.multilingual.domain.later import Plan, PlanUnknown
from services.multilingual.domain.review import Link, Phase, Policy, Submission

NAME = "meguri.multilingual.v1.ReviewService"

ALLOWED: Allowed = {
    "ListReviewPolicies": EDITORS,
    "SetReviewPolicy": ADMINS,
    "HandInDraft": EDITORS,
    "DecideSubmission": REVIEWERS,
    "OfferReviewLink": EDITORS,
    "RevokeReviewLink": EDITORS,
    "ReadReview": EDITORS,
    "ReadLinkedText": EVERYBODY,
    "DecideLinkedText": EVERYBODY,
    "ListDrafts": EDITORS,
    "NoteOpened": EDITORS,
    "PublishTexts": EDITORS,
    "PlanPublication": EDITORS,
    "CancelPlan": EDITORS,
}

_Code = grpc.StatusCode
ERRORS: Errors = {
    **GUIDE_ERRORS,
    review.OwnText: (_Code.PERMISSION_DENIED, "OWN_TEXT"),
    review.SubmissionUnknown: (_Code.NOT_FOUND, "SUBMISSION_UNKNOWN"),
    review.SubmissionOver: (_Code.FAILED_PRECONDITION, "SUBMISSION_OVER"),
    review.AlreadyHandedIn: (_Code.FAILED_PRECONDITION, "ALREADY_HANDED_IN"),
    review.NothingToReview: (_Code.FAILED_PRECONDITION, "NOTHING_TO_REVIEW"),
    review.OutsideReaderOff: (_Code.FAILED_PRECONDITION, "OUTSIDE_READER_OFF"),
    review.TooManyLinks: (_Code.RESOURCE_EXHAUSTED, "TOO_MANY_LINKS"),
    review.LinkUnknown: (_Code.NOT_FOUND, "REVIEW_LINK_UNKNOWN"),
    PlanUnknown: (_Code.NOT_FOUND, "PLAN_UNKNOWN"),
    review.LinkOver: (_Code.FAILED_PRECONDITION, "REVIEW_LINK_OVER"),
}


class ReviewApi(pb_grpc.ReviewServiceServicer):
    """Answers meguri.multilingual.v1.ReviewService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def ListReviewPolicies(
        self, request: pb.ListReviewPoliciesRequest, context: Any
    ) -> pb.ListReviewPoliciesResponse:
        """What each language asks for."""
        found = await reviewing.list_policies(self._deps, caller().area)
        return pb.ListReviewPoliciesResponse(policies=[_policy(*each) for each in found])

    async def SetReviewPolicy(
        self, request: pb.SetReviewPolicyRequest, context: Any
    ) -> pb.SetReviewPolicyResponse:
        """What a language asks for from now on."""
        try:
            wanted = Policy(request.policy)
        except ValueError as error:
            raise InvalidFields([("policy", "give one of the policies")]) from error
        kept = await reviewing.set_policy(
            self._deps, request_key(request), caller().area, request.locale, wanted
        )
        return pb.SetReviewPolicyResponse(policy=_policy(*kept))

    async def HandInDraft(
        self, request: pb.HandInDraftRequest, context: Any
    ) -> pb.HandInDraftResponse:
        """A draft for a reader."""
        made = await reviewing.hand_in(
            self._deps, request_key(request), caller().area, stop_code=request.stop_code,
            locale=request.locale, revision=request.revision, note=request.note,
        )  # fmt: skip
        return pb.HandInDraftResponse(submission=_submission(made))

    async def DecideSubmission(
        self, request: pb.DecideSubmissionRequest, context: Any
    ) -> pb.DecideSubmissionResponse:
        """Approved and published, or given back."""
        decided = await reviewing.decide(
            self._deps, request_key(request), caller().area,
            wire.id_value(request.submission_id, "submission_id"),
            approve=request.approve, reason=request.reason,
        )  # fmt: skip
        return pb.DecideSubmissionResponse(submission=_submission(decided))

    async def OfferReviewLink(
        self, request: pb.OfferReviewLinkRequest, context: Any
    ) -> pb.OfferReviewLinkResponse:
        """A link for a reader without a login."""
        area = caller().area
        made = await reviewing.offer_link(
            self._deps, request_key(request), area,
            wire.id_value(request.submission_id, "submission_id"),
        )  # fmt: skip
        secret = review.secret_of(self._deps.link_key, area, made.link_id)
        return pb.OfferReviewLinkResponse(link=_link(made, secret))

    async def RevokeReviewLink(
        self, request: pb.RevokeReviewLinkRequest, context: Any
    ) -> pb.RevokeReviewLinkResponse:
        """A link that is taken back."""
        link_id = wire.id_value(request.link_id, "link_id")
        link = await reviewing.revoke_link(self._deps, request_key(request), caller().area, link_id)
        return pb.RevokeReviewLinkResponse(link=_link(link, ""))

    async def ReadReview(
        self, request: pb.ReadReviewRequest, context: Any
    ) -> pb.ReadReviewResponse:
        """How a text stands with its readers."""
        found = await reviewing.read_review(
            self._deps, caller().area, request.stop_code, request.locale,
            reader=caller().principal, reviews=_reviews(),
        )  # fmt: skip
        return pb.ReadReviewResponse(
            policy=pb.ReviewPolicy.ValueType(int(found.policy)),
            submission=_submission(found.submission) if found.submission else None,
            links=[_link(*each) for each in found.links],
            may_publish=found.may_publish,
            may_decide=found.may_decide,
            plan=_plan(found.plan) if found.plan else None,
        )

    async def ReadLinkedText(
        self, request: pb.ReadLinkedTextRequest, context: Any
    ) -> pb.ReadLinkedTextResponse:
        """The text behind a link."""
        found = await outside.read(self._deps, caller().area, request.link_secret)
        return pb.ReadLinkedTextResponse(
            locale=found.locale,
            text=wire.text_message(found.text),
            source_locale=found.source_locale,
            source=wire.text_message(found.source) if found.source else None,
            note=found.note,
            expire_time=wire.timestamp(found.expire_time),
        )

    async def DecideLinkedText(
        self, request: pb.DecideLinkedTextRequest, context: Any
    ) -> pb.DecideLinkedTextResponse:
        """What a reader without a login says."""
        phase = await outside.decide(
            self._deps, request_key(request), caller().area, request.link_secret,
            approve=request.approve, reason=request.reason,
        )  # fmt: skip
        return pb.DecideLinkedTextResponse(phase=_phase(phase))

    async def ListDrafts(
        self, request: pb.ListDraftsRequest, context: Any
    ) -> pb.ListDraftsResponse:
        """What waits to be published."""
        found = await drafts.list_drafts(
            self._deps, caller().area, request.locale, reader=caller().principal,
            reviews=_reviews(),
        )  # fmt: skip
        return pb.ListDraftsResponse(drafts=[_draft(each) for each in found])

    async def NoteOpened(
        self, request: pb.NoteOpenedRequest, context: Any
    ) -> pb.NoteOpenedResponse:
        """The caller reads a draft."""
        await drafts.note_opened(
            self._deps, request_key(request), caller().area, request.stop_code, request.locale,
            request.revision,
        )  # fmt: skip
        return pb.NoteOpenedResponse()

    async def PublishTexts(
        self, request: pb.PublishTextsRequest, context: Any
    ) -> pb.PublishTextsResponse:
        """Many drafts at once."""
        texts = [
            drafts.Wanted(each.stop_code, each.revision, each.replaced_revision)
            for each in request.texts
        ]
        outcome = await drafts.publish_texts(
            self._deps, request_key(request), caller().area, request.locale, texts,
            reviews=_reviews(), reason=request.reason,
        )  # fmt: skip
        return pb.PublishTextsResponse(
            published=outcome.published,
            left=[pb.TextLeft(stop_code=code, problem=problem) for code, problem in outcome.left],
            change_number=outcome.change_number,
        )

    async def PlanPublication(
        self, request: pb.PlanPublicationRequest, context: Any
    ) -> pb.PlanPublicationResponse:
        """A text from a time on."""
        made = await later.plan(
            self._deps, request_key(request), caller().area, stop_code=request.stop_code,
            locale=request.locale, revision=request.revision,
            replaced_revision=request.replaced_revision, due_time=wire.moment(request.due_time),
            reviews_others=_reviews(), reason=request.reason,
        )  # fmt: skip
        return pb.PlanPublicationResponse(plan=_plan(made))

    async def CancelPlan(
        self, request: pb.CancelPlanRequest, context: Any
    ) -> pb.CancelPlanResponse:
        """No longer from a time on."""
        ended = await later.cancel(
            self._deps, request_key(request), caller().area, request.stop_code, request.locale
        )
        return pb.CancelPlanResponse(plan=_plan(ended))


def _reviews() -> bool:
    return bool(caller().roles & REVIEWERS)


def _policy(locale: str, policy: Policy) -> pb.LanguagePolicy:
    return pb.LanguagePolicy(locale=locale, policy=pb.ReviewPolicy.ValueType(int(policy)))


def _phase(phase: Phase) -> pb.SubmissionPhase.ValueType:
    return pb.SubmissionPhase.ValueType(int(phase))


def _submission(value: Submission) -> pb.Submission:
    return pb.Submission(
        submission_id=value.submission_id, stop_code=value.stop_code, locale=value.locale,
        revision=value.revision, submitter=value.submitter, author=value.author, note=value.note,
        create_time=wire.timestamp(value.create_time), phase=_phase(value.phase),
        decider=value.decider, reason=value.reason, decide_time=wire.timestamp(value.decide_time),
    )  # fmt: skip


def _plan(plan: Plan) -> pb.PublicationPlan:
    return pb.PublicationPlan(
        revision=plan.revision, due_time=wire.timestamp(plan.due_time), planner=plan.planner,
        create_time=wire.timestamp(plan.create_time), problem=plan.problem,
    )  # fmt: skip


def _link(link: Link, secret: str) -> pb.ReviewLink:
    return pb.ReviewLink(
        link_id=link.link_id, secret=secret, create_time=wire.timestamp(link.create_time),
        expire_time=wire.timestamp(link.expire_time), author=link.author,
        revoked=link.revoke_time is not None,
    )  # fmt: skip


def _draft(draft: drafts.Draft) -> pb.Draft:
    edit = draft.edit
    return pb.Draft(
        stop_code=edit.stop_code, source_name=draft.source_name, locale=edit.locale,
        revision=edit.head.latest_revision, published_revision=edit.head.published_revision,
        author=edit.author, create_time=wire.timestamp(edit.create_time), opened=draft.opened,
        submission=_submission(draft.submission) if draft.submission else None,
        may_publish=draft.may_publish, plan=_plan(draft.plan) if draft.plan else None,
    )  # fmt: skip
