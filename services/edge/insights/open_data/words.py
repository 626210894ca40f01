"""What open data says: figures, how each is counted, terms."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from meguri.insights.v1 import open_data_service_pb2 as pb


@dataclass(frozen=True)
class Column:
    """A figure in a file. name: of the column. icon: beside its word on pages."""

    name: str
    word: Any
    method: Any
    icon: str
    money: bool = False


COLUMNS: Mapping[int, Column] = {
    pb.OPEN_MEASURE_GUIDE_VIEWS: Column(
        "guide_views", _l("Pages of the guide"),
        _l("Stop pages opened by QR code or link; not people."), "qr",
    ),
    pb.OPEN_MEASURE_PLANS: Column(
        "plans", _l("Days planned"), _l("Days that visitors planned with Meguri."), "route",
    ),
    pb.OPEN_MEASURE_ENTRIES: Column(
        "entries", _l("People at the gates"), _l("People who went in with a ticket."), "ticket",
    ),
    pb.OPEN_MEASURE_TAKINGS: Column(
        "takings_yen", _l("Takings of the linked shops"),
        _l(
            "Yen taken less canceled and refunded, linked shops only. Told of days with at least "
            "three shops, none of which took more than 70 % of it."
        ),
        "shop", money=True,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Licence:
    """Terms: SPDX name where there is one, address, title in the language it has."""

    name: str
    url: str
    title: Any


LICENCES: Mapping[int, Licence] = {
    pb.OPEN_LICENCE_CC_BY_4_0: Licence(
        "CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/",
        _l("Creative Commons Attribution 4.0: name the source"),
    ),
    pb.OPEN_LICENCE_CC0_1_0: Licence(
        "CC0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/",
        _l("Creative Commons Zero: no conditions"),
    ),
    pb.OPEN_LICENCE_PDL_1_0: Licence(
        "PDL-1.0", "https://www.digital.go.jp/resources/open_data/public_data_license_v1.0",
        _l("Public Data License 1.0 of Japan’s government"),
    ),
}  # fmt: skip
