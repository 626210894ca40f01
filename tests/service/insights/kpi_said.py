"""What tests of the KPI book say to it."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import grpc
import pytest

from kit.auth import Role
from kit.client import problem_of
from kit.requests import RequestKey
from meguri.insights.v1 import kpi_service_pb2 as pb
from meguri.insights.v1 import kpi_service_pb2_grpc as pb_grpc
from services.insights.app import kpis
from services.insights.app.deps import Deps
from services.insights.domain.kpi import KpiSettings, Measure, Unit
from tests import harness
from tests.service.insights.conftest import NOON

MARCH = NOON - timedelta(days=60)


def stub(it: harness.Running, area: str, role: Role = Role.ANALYST) -> Any:
    return pb_grpc.KpiServiceStub(it.channel(area, role))


def new_id() -> str:
    return str(uuid.uuid4())


def key() -> RequestKey:
    return RequestKey("mori", new_id(), b"x" * 32)


def nights(**more: Any) -> pb.SaveKpiRequest:
    settings = pb.KpiSettings(
        names={"ja": "外国人宿泊", "en": "Foreign stays"}, unit=pb.KPI_UNIT_NIGHTS,
        baseline=pb.KpiPoint(fiscal_year=2017, value=625),
        target=pb.KpiPoint(fiscal_year=2030, value=1_570), owner="PR",
    )  # fmt: skip
    given: dict[str, Any] = {"request_id": new_id(), "kpi_id": "foreign_stays"}
    return pb.SaveKpiRequest(settings=settings, **(given | more))


def value(period: str, number: int | None, **more: Any) -> pb.EnterKpiValueRequest:
    return pb.EnterKpiValueRequest(**({
        "request_id": new_id(), "kpi_id": "foreign_stays", "period": period, "value": number,
        "source_note": "accommodation survey", "signed_as": "Mori",
    } | more))  # fmt: skip


async def refused(call: Any, request: Any) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(request, timeout=30)
    return problem_of(caught.value).reason


async def counted(deps: Deps, kpi_id: str, unit: Unit, measure: Measure, at: datetime) -> None:
    await kpis.save_kpi(
        deps, key(), "mine", kpi_id, 0,
        KpiSettings({"en": kpi_id}, unit, measure),
    )  # fmt: skip
