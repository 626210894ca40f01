"""A KPI book made up, and services that know it."""

from datetime import UTC, datetime
from typing import Any

import grpc
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.insights.v1 import import_service_pb2 as imports_pb
from meguri.insights.v1 import kpi_service_pb2 as pb
from tests.pages.edge.fakes import FakeServices

AT = datetime(2026, 5, 3, 4, 30, tzinfo=UTC)


def figure(value: int, **more: Any) -> pb.KpiFigure:
    given: dict[str, Any] = {
        "value": value, "high": value, "certainty": pb.KPI_CERTAINTY_ENTERED, "month_count": 12,
        "entered_by": "Mori", "source_note": "survey <b>",
    }  # fmt: skip
    made = pb.KpiFigure(**(given | more))
    made.entered_time.FromDatetime(AT)
    return made


def nights() -> pb.Kpi:
    return pb.Kpi(
        kpi_id="foreign_stays", version=3, figure=figure(1_100), progress=0.5026,
        settings=pb.KpiSettings(
            names={"ja": "外国人の宿泊者数", "en": "Stays from abroad", "ko": "숙박"},
            unit=pb.KPI_UNIT_NIGHTS, owner="=PR()",
            baseline=pb.KpiPoint(fiscal_year=2017, value=625),
            target=pb.KpiPoint(fiscal_year=2027, value=1_570), definition="all inns",
        ),
        years=[pb.KpiPeriod(period="2025", figure=figure(1_020)),
               pb.KpiPeriod(period="2026", figure=figure(1_100))],
        months=[pb.KpiPeriod(period="2026-04"), pb.KpiPeriod(period="2026-05")],
        likely=pb.KpiRange(low=946, high=1_233, year_count=4),
    )  # fmt: skip


def entries() -> pb.Kpi:
    counted = pb.KpiFigure(value=40, high=70, certainty=pb.KPI_CERTAINTY_BOUNDED, month_count=2)
    return pb.Kpi(
        kpi_id="foreign_entries", version=1, figure=counted,
        settings=pb.KpiSettings(
            names={"ja": "外国人の入場者数", "en": "Entries from abroad"},
            unit=pb.KPI_UNIT_PERSONS, measure=pb.KPI_MEASURE_FOREIGN_ENTRIES,
        ),
        years=[pb.KpiPeriod(period="2026", figure=counted)],
        months=[pb.KpiPeriod(period="2026-04", figure=counted)],
    )  # fmt: skip


def views() -> pb.Kpi:
    return pb.Kpi(
        kpi_id="site_views", version=1,
        settings=pb.KpiSettings(names={"en": "Views"}, unit=pb.KPI_UNIT_VIEWS),
    )  # fmt: skip


def book(*kpis: pb.Kpi) -> pb.KpiBook:
    return pb.KpiBook(
        fiscal_year=2026, first_date="2026-04-01", last_date="2027-03-31", until_date="2026-05-02",
        kpis=kpis, reporting_shop_count=38,
        frame=pb.KpiFrame(shop_count=61, costs=[pb.KpiCost(label="line", amount_yen=120_000)]),
    )  # fmt: skip


def mark() -> pb.KpiEditionMark:
    made = pb.KpiEditionMark(number=2, frozen_by="Mori", note="December session")
    made.frozen_time.FromDatetime(AT)
    return made


def entry(period: str, value: int | None, *, newest: bool = False) -> pb.KpiEntry:
    made = pb.KpiEntry(
        period=period, value=value, source_note="survey <b>", entered_by="Mori", newest=newest
    )
    made.entered_time.FromDatetime(AT)
    return made


class Services(FakeServices):
    """Stand-ins that know one book; `refuse` is raised by every change."""

    def __init__(self) -> None:
        super().__init__()
        self.user = directory_pb.User(
            user_id="u9", login_name="mori", display_name="Mori",
            roles=[directory_pb.ROLE_ANALYST],
        )  # fmt: skip
        self.found = pb.ReadKpiBookResponse(
            book=book(nights(), entries(), views()), editions=[mark()], changed=True
        )
        self.edition = pb.ReadKpiEditionResponse(
            book=book(nights(), entries(), views()), mark=mark(), digest="ab" * 32,
            corrections=[
                pb.KpiCorrection(kpi_id="foreign_stays", names={"en": "Stays from abroad"},
                                 what="figure", before=980, after=1_100, before_high=980,
                                 after_high=1_100),
                pb.KpiCorrection(what="shops", before=60, after=61, before_high=60, after_high=61),
            ],
        )  # fmt: skip
        self.entries = pb.ReadKpiEntriesResponse(entries=[
            entry("2026-04", None, newest=True), entry("2026-04", 41),
            entry("2025", 1_020, newest=True),
        ])  # fmt: skip
        self.months = imports_pb.ReadMonthsResponse(figures=[
            imports_pb.MonthFigure(
                measure="宿泊客延数", place="美祢市", month=month, value=10,
                unit=imports_pb.MONTH_UNIT_NIGHTS, import_number=3,
            )
            for month in ("2025-04", "2025-05", "2025-06")
        ])  # fmt: skip
        self.said: list[Any] = []
        self.refuse: grpc.RpcError | None = None
        kept = {
            "SaveKpi": pb.SaveKpiResponse(version=4), "EnterKpiValue": pb.EnterKpiValueResponse(),
            "SaveKpiFrame": pb.SaveKpiFrameResponse(),
            "FreezeKpiEdition": pb.FreezeKpiEditionResponse(number=3),
        }  # fmt: skip
        self.answers |= {
            "ReadKpiBook": lambda _: self.found,
            "ReadKpiEdition": lambda _: self.edition,
            "ReadKpiEntries": lambda _: self.entries,
            "ReadMonths": lambda _: self.months,
            **{name: self._keep(answer) for name, answer in kept.items()},
        }

    def _keep(self, answer: Any) -> Any:
        def keep(request: Any) -> Any:
            if self.refuse:
                raise self.refuse
            self.said.append(request)
            return answer

        return keep


def send(browser: FlaskClient, path: str, **entered: str) -> Any:
    page = browser.get("/insights/kpi/frame?locale=en").text
    token = page.partition('name="form_token" value="')[2].partition('"')[0]
    request_id = page.partition('name="request_id" value="')[2].partition('"')[0]
    return browser.post(
        path, data={"form_token": token, "request_id": request_id, **entered},
        headers={"Origin": "http://localhost"},
    )  # fmt: skip
