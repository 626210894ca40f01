"""A form of the staff that came when its login had ended, and that no page of its own takes back:
shown as it was typed, with a button that sends it."""

from flask import Response, g, make_response, render_template

from services.edge.clients import new_request_id
from services.edge.kept_forms import TOKEN, Kept

# Not /account: what is typed there are passwords, which no page may give back; nor where addresses
# of people's devices are typed, which are nowhere but in the form.
ADDRESSES = r"/(?!admin/sensing)(studio|insights|admin|till/office|week)(/[^?#]*)?"
_UNSEEN = frozenset({TOKEN, "request_id", "version", "action"})
_SHOWN_AT_MOST = 40


def show(kept: Kept, own: bool) -> Response | None:  # noqa: FBT001 - see kept_forms.Resume
    """Shows what was typed. Somebody else's form is not shown: it is none of theirs."""
    if not own or not g.person.roles:
        return None
    texts = [value for name, value in kept.fields if name not in _UNSEEN and value.strip()]
    response = make_response(
        render_template(
            "account/kept.html", kept=kept, texts=texts[:_SHOWN_AT_MOST],
            more=len(texts) > _SHOWN_AT_MOST, new_request_id=new_request_id,
        )
    )  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    return response
