"""Says until when certificates hold, as `./meguri status` does; a word only where one is amiss."""

from typing import Any, TextIO

import msgspec

from cli.words import N_, _, hinted
from infra.local.areas import zone_of_data
from infra.local.home import Home
from kit import certificates
from kit.certificates import BY_HAND, BY_ITSELF, BY_START, Look
from kit.pure import local_time

_ENDS = {
    certificates.SOON: N_("%(what)s: good until %(time)s."),
    certificates.LAST: N_("%(what)s: good only until %(time)s."),
    certificates.OVER: N_("%(what)s: ended on %(time)s."),
    certificates.NONE: N_("%(what)s: there is none."),
}
_WHAT = {
    certificates.PAGES: N_("The certificate of the pages"),
    certificates.PARTS: N_("The certificates between the parts"),
}
_DO = {
    BY_HAND: N_("Ask whoever gave you the certificate for a new one, then start with it:"
                " ./meguri down, and ./meguri up --detach --certificate FILE --key FILE"),
    BY_ITSELF: N_("It should have been renewed by itself: does the name still lead to this line,"
                  " and does the router pass ports 80 and 443 to this computer? See"
                  " ./meguri logs proxy"),
    BY_START: N_("Every start makes new ones: ./meguri down, then ./meguri up --detach"),
}  # fmt: skip


def told_of(home: Home) -> dict[str, Any]:
    """Returns `certificates` for programs: state, of, by, begins, ends of each. Empty where nobody
    looks at them."""
    found = certificates.look(home.data)
    told = [{"state": each.state, **msgspec.to_builtins(each.certificate)} for each in found]
    return {"certificates": told} if told else {}


def show(home: Home, stream: TextIO) -> None:
    """Says which certificates end or are not there, and what to do; nothing while all are good."""
    for each in certificates.look(home.data):
        if each.state != certificates.OK:
            print(_line(home, each), file=stream)


def _line(home: Home, found: Look) -> str:
    known = {"what": _(_WHAT[found.certificate.of])}
    if found.certificate.ends:
        known["time"] = local_time.told(found.certificate.ends, zone_of_data(home))
    return f"{_(_ENDS[found.state]) % known} {hinted(_(_DO[found.certificate.by]))}"
