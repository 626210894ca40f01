"""Terms of single facts over gRPC and at the command line: who may, within which bounds."""

import argparse
import json
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc
import pytest

from kit.auth import Role
from kit.client import problem_of
from kit.db import ALL_AREAS, Database
from kit.ids import new_id
from meguri.insights.v1 import keeping_service_pb2 as pb
from meguri.insights.v1.keeping_service_pb2_grpc import KeepingServiceStub
from services.insights import cli, events
from services.insights.app.records import FACTS, RECORDS
from services.insights.domain.fact import Kind
from services.insights.main import build
from tests import harness

ANSWERS, HAPPENINGS = pb.FACT_GROUP_ANSWERS, pb.FACT_GROUP_HAPPENINGS


@pytest.fixture
async def insights(
    service_database: Callable[[str], str], nats_url: str
) -> AsyncIterator[harness.Running]:
    """A running service."""
    url = service_database("insights")
    async with harness.running("insights", events.ENCODERS, build, url, nats_url) as it:
        yield it


def stub(it: harness.Running, role: Role) -> Any:
    return KeepingServiceStub(it.channel("mine", role))


def wanted(*terms: tuple[Any, int], version: int = 0, request_id: str = "") -> Any:
    return pb.SaveKeepingRequest(
        request_id=request_id or new_id(), expected_version=version,
        terms=[pb.KeepTerm(group=group, months=months) for group, months in terms],
    )  # fmt: skip


async def test_every_table_is_of_a_record_that_everybody_is_told(
    service_database: Callable[[str], str],
) -> None:
    """A table that nobody named here would hold what no page speaks of."""
    database = Database(service_database("insights"), pool_max=2)
    await database.open()
    try:
        async with database.read(ALL_AREAS) as tx:
            rows = await tx.fetch_all(
                "select table_name from information_schema.tables where table_schema = 'public'"
            )
    finally:
        await database.close()
    told = {*FACTS, *(table for kept in RECORDS.values() for table in kept.tables)}
    there = {
        row["table_name"] for row in rows if not re.fullmatch(r"facts_\d.*", row["table_name"])
    }
    assert there - {"alembic_version"} == told


async def test_visitors_are_told_for_how_long_what_is_kept(insights: harness.Running) -> None:
    found = await stub(insights, Role.VISITOR).ReadKeeping(pb.ReadKeepingRequest(), timeout=20)
    assert {each.record: each.days for each in found.records} == {
        name: kept.days for name, kept in RECORDS.items()
    }
    assert (RECORDS["drafts"].days, RECORDS["mails"].days, RECORDS["requests"].days) == (1, 90, 90)
    kinds = [each.kind for each in found.kinds]
    assert sorted(kinds) == sorted(kind.value for kind in Kind)


async def test_analysts_read_and_administrators_choose(insights: harness.Running) -> None:
    found = await stub(insights, Role.ANALYST).ReadKeeping(pb.ReadKeepingRequest(), timeout=20)
    assert [(t.months, t.least_months, t.most_months) for t in found.terms] == [
        (6, 2, 6), (24, 3, 24), (24, 14, 24),
    ]  # fmt: skip
    assert (found.version, {term.first_kept_date for term in found.terms}) == (0, {""})
    with pytest.raises(grpc.RpcError) as refused:
        await stub(insights, Role.ANALYST).SaveKeeping(wanted((ANSWERS, 3)), timeout=20)
    assert problem_of(refused.value).code is grpc.StatusCode.PERMISSION_DENIED
    admin = stub(insights, Role.ADMIN)
    request = wanted((ANSWERS, 3), request_id=new_id())
    for _ in range(2):
        assert (await admin.SaveKeeping(request, timeout=20)).version == 1
    found = await admin.ReadKeeping(pb.ReadKeepingRequest(), timeout=20)
    assert [term.months for term in found.terms] == [3, 24, 24]


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ([(ANSWERS, 1)], "settings.answers_months"),
        ([(HAPPENINGS, 25)], "settings.happenings_months"),
        ([(ANSWERS, 3), (ANSWERS, 4)], "terms"),
        ([(0, 3)], "terms"),
        ([(99, 3)], "terms"),
    ],
)
async def test_what_is_out_of_bounds_is_refused_by_name(
    insights: harness.Running, terms: list[tuple[Any, int]], field: str
) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        await stub(insights, Role.ADMIN).SaveKeeping(wanted(*terms), timeout=20)
    problem = problem_of(refused.value)
    assert problem.code is grpc.StatusCode.INVALID_ARGUMENT
    assert [name for name, _text in problem.fields] == [field]


class _Given:
    """Answers as the service would, and keeps what it was asked."""

    def __init__(self) -> None:
        self.saved: list[pb.SaveKeepingRequest] = []

    def ReadKeeping(self, _request: Any, timeout: float) -> pb.ReadKeepingResponse:
        assert timeout > 0
        months = {t.group: t.months for r in self.saved for t in r.terms}
        return pb.ReadKeepingResponse(version=len(self.saved), terms=[
            pb.KeepTerm(group=group, months=months.get(group, most), least_months=2,
                        most_months=most, first_kept_date="2026-05-01" if group == ANSWERS else "")
            for group, most in ((ANSWERS, 6), (HAPPENINGS, 25))
        ])  # fmt: skip

    def SaveKeeping(self, request: pb.SaveKeepingRequest, timeout: float) -> None:
        assert timeout > 0
        self.saved.append(request)


def test_the_command_shows_terms_and_sets_those_that_are_given(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = _Given()
    monkeypatch.setattr(cli, "KeepingServiceStub", lambda _channel: given)
    monkeypatch.setattr(cli, "_peers", lambda _arguments: argparse.Namespace(channel=str))
    parser = argparse.ArgumentParser()
    cli.register(parser.add_subparsers())

    def run(*words: str, as_json: bool) -> str:
        arguments = parser.parse_args(["insights", "keep", *words])
        arguments.json, arguments.area = as_json, "mine"
        assert arguments.run(arguments) == 0
        return capsys.readouterr().out

    assert "answers       6 months" in run(as_json=False)
    assert given.saved == [], "showing changes nothing"
    shown = json.loads(run("--answers", "3", as_json=True))["terms"]
    assert [(row["group"], row["months"], row["first_kept_date"]) for row in shown] == [
        ("answers", 3, "2026-05-01"), ("happenings", 25, None),
    ]  # fmt: skip
    assert {t.group: t.months for t in given.saved[0].terms} == {ANSWERS: 3, HAPPENINGS: 25}
