"""Programs are told what cannot be read. A page takes the usual answer for it; a program would take
the usual days for those it asked for."""

from flask import request

from services.edge.errors import Problem
from services.edge.insights.visitors.period import SPANS, date_of

ADDRESSES = "/api/v1/insights/"


def check() -> None:
    """Errors: Problem invalid_fields, for a date or span that came twice or is none."""
    if not request.path.startswith(ADDRESSES):
        return
    args = request.args
    wrong = [
        (name, "give one date, as 2026-05-31")
        for name in ("from", "until", "on")
        if name in args and (len(args.getlist(name)) > 1 or date_of(args, name) is None)
    ]
    if "span" in args and (len(args.getlist("span")) > 1 or args["span"] not in SPANS):
        wrong.append(("span", f"give one of {', '.join(SPANS)}"))
    if wrong:
        raise Problem(400, "invalid_fields", fields=wrong)
