"""Drafts that wait: read one after another, published one by one or, once all are read, at once."""

from collections import Counter
from collections.abc import Sequence
from urllib.parse import quote

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from kit.auth import Role
from kit.roles import EDITORS
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import review_service_pb2 as pb
from meguri.multilingual.v1.multilingual_service_pb2_grpc import GuideServiceStub
from meguri.multilingual.v1.review_service_pb2_grpc import ReviewServiceStub
from services.edge.clients import new_request_id, stub
from services.edge.errors import form_request_id, sentence
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import may
from services.edge.studio import desk as desks
from services.edge.studio.reviews import POLICIES

DEADLINE_S = 25.0  # hundreds of texts

blueprint = Blueprint("drafts", __name__)


@blueprint.get("/studio/drafts")
@requires(*EDITORS)
def overview() -> str:
    """Shows how many drafts wait in each language, and what each language asks for."""
    listed = _stub().ListDrafts(pb.ListDraftsRequest()).drafts
    waiting = Counter(each.locale for each in listed)
    handed_in = Counter(each.locale for each in listed if each.HasField("submission"))
    return render_template(
        "studio/drafts.html",
        rows=[
            (each.locale, waiting[each.locale], handed_in[each.locale], each.policy)
            for each in _stub().ListReviewPolicies(pb.ListReviewPoliciesRequest()).policies
        ],
        policies=POLICIES,
        may_choose=may(Role.ADMIN),
        request_id=new_request_id(),
        done=request.args.get("done", ""),
    )


@blueprint.get("/studio/drafts/<locale>")
@requires(*EDITORS)
def listed(locale: str) -> str:
    """Shows the drafts of a language."""
    return _list(locale)


@blueprint.post("/studio/drafts/<locale>")
@requires(*EDITORS)
def publish_all(locale: str) -> str:
    """Publishes all drafts that were opened; what cannot be is listed with its reason."""
    texts = [found for each in request.form.getlist("text") if (found := _parse(each))]
    return _list(locale, _publish(locale, texts) if texts else None)


def _of(locale: str) -> str:
    """Returns the address of a language's drafts, whatever an address said is one."""
    return f"/studio/drafts/{quote(locale, safe='')}"


@blueprint.get("/studio/drafts/<locale>/<code>")
@requires(*EDITORS)
def read(locale: str, code: str) -> str | Response:
    """Shows one draft beside its source, and notes that it was opened."""
    return _read(locale, code) or redirect(_of(locale), 303)


@blueprint.post("/studio/drafts/<locale>/<code>")
@requires(*EDITORS)
def publish(locale: str, code: str) -> Response | tuple[str, int]:
    """Publishes one draft and goes to the next."""
    text = _parse(f"{code}:{request.form.get('version', '')}")
    outcome = _publish(locale, [text]) if text else pb.PublishTextsResponse()
    if not outcome.published:
        problem = outcome.left[0].problem if outcome.left else "REVISION_CONFLICT"
        notify("warn", str(sentence(problem.lower())))
        page = _read(locale, code)
        return (page, 409) if page else redirect(_of(locale), 303)
    following = _next(_drafts(locale), code)
    to = f"{_of(locale)}/{following.stop_code}" if following else _of(locale)
    return redirect(f"{to}?done=published", 303)


def _read(locale: str, code: str) -> str | None:
    """Returns the page of a draft; None where nothing waits there any longer."""
    drafts = _drafts(locale)
    at = next((at for at, each in enumerate(drafts) if each.stop_code == code), None)
    if at is None:
        return None
    draft = drafts[at]
    found = stub(GuideServiceStub).ReadNarration(
        guide_pb.ReadNarrationRequest(stop_code=code, locale=locale)
    )
    if found.latest.revision == draft.revision and not draft.opened:
        _stub().NoteOpened(
            pb.NoteOpenedRequest(
                request_id=new_request_id(), stop_code=code, locale=locale,
                revision=draft.revision,
            )
        )  # fmt: skip
    return render_template(
        "studio/draft.html",
        desk=found,
        draft=draft,
        rows=desks.rows(found),
        changed=desks.between(found.published.text, found.latest.text)
        if found.HasField("published") else [],
        place=at + 1,
        total=len(drafts),
        following=_next(drafts, code),
        reason=request.form.get("reason", ""),
        request_id=new_request_id(),
        done=request.args.get("done", ""),
    )  # fmt: skip


def _list(locale: str, outcome: pb.PublishTextsResponse | None = None) -> str:
    drafts = _drafts(locale)
    names = {each.stop_code: each.source_name for each in drafts}
    return render_template(
        "studio/drafts_of.html",
        chosen=locale,
        drafts=drafts,
        unread=[each for each in drafts if not each.opened],
        asks=not all(each.may_publish for each in drafts),
        first=next((each for each in drafts if not each.opened), None),
        outcome=outcome,
        left=[
            (each.stop_code, names.get(each.stop_code, each.stop_code),
             sentence(each.problem.lower()))
            for each in (outcome.left if outcome else ())
        ],
        reason=request.form.get("reason", "") if outcome and outcome.left else "",
        request_id=new_request_id(),
        done=request.args.get("done", ""),
    )  # fmt: skip


def _next(drafts: Sequence[pb.Draft], code: str) -> pb.Draft | None:
    """Returns the next draft nobody here has opened, after this one and then from the top."""
    codes = [each.stop_code for each in drafts]
    at = codes.index(code) + 1 if code in codes else 0
    around = [*drafts[at:], *drafts[:at]]
    return next((each for each in around if not each.opened and each.stop_code != code), None)


def _parse(text: str) -> pb.TextToPublish | None:
    """Reads "code:version:what visitors saw"; None for anything else."""
    code, *numbers = text[:60].split(":")
    if (
        not code
        or len(numbers) != 2
        or not all(each.isascii() and each.isdecimal() for each in numbers)
    ):
        return None
    revision, replaced = (int(each[:9]) for each in numbers)
    return pb.TextToPublish(stop_code=code, revision=revision, replaced_revision=replaced)


def _publish(locale: str, texts: Sequence[pb.TextToPublish]) -> pb.PublishTextsResponse:
    return _stub().PublishTexts(
        pb.PublishTextsRequest(
            request_id=form_request_id(), locale=locale, texts=texts,
            reason=request.form.get("reason", "").strip()[:500],
        )
    )  # fmt: skip


def _drafts(locale: str) -> list[pb.Draft]:
    return list(_stub().ListDrafts(pb.ListDraftsRequest(locale=locale)).drafts)


def _stub() -> ReviewServiceStub:
    return stub(ReviewServiceStub, deadline_s=DEADLINE_S)
