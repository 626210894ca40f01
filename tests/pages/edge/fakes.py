"""Stand-ins for the services behind the edge: what they would answer, without a network."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
from flask import Flask
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import error_details_pb2, status_pb2

from kit.auth import Role
from kit.config import Settings, load
from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.directory.v1 import second_factor_service_pb2 as step_pb
from meguri.multilingual.v1 import feedback_service_pb2 as feedback_pb
from meguri.multilingual.v1 import help_service_pb2 as help_pb
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.payments.v1 import split_sales_service_pb2 as splits_pb
from services.edge import main

LOCALES = ("ja", "en", "ko", "zh-Hans", "zh-Hant")
NAMES = (
    (
        "K7Q2X",
        "main-mouth",
        "正面入口",
        "しょうめんいりぐち",
        "Main mouth",
        "正面入口",
        "entrance",
        0,
    ),
    ("M4T9B", "aotenjo", "青天井", "あおてんじょう", "Blue Ceiling", "青天井", "hall", 120),
    (
        "8WXC3",
        "hyakumaizara",
        "百枚皿",
        "ひゃくまいざら",
        "Hundred Saucers",
        "百枚皿",
        "rimstone_pool",
        280,
    ),
    (
        "P5RJ6",
        "koganebashira",
        "黄金柱",
        "こがねばしら",
        "Golden Pillar",
        "黃金柱",
        "flowstone_column",
        730,
    ),
)
DESK = help_pb.HelpDesk(
    weekdays=[1, 2, 3, 4, 5, 7], from_minute=540, until_minute=1_020, answer_days=2, keep_days=30
)
SESSION = "a-session-id-that-directory-knows"


class Failure(grpc.RpcError):
    """A failed call as grpc raises it."""

    def __init__(
        self,
        code: grpc.StatusCode,
        reason: str = "",
        text: str = "",
        fields: Sequence[tuple[str, str]] = (),
    ) -> None:
        self._code, self._text = code, text
        bad = error_details_pb2.BadRequest()
        for name, description in fields:
            bad.field_violations.add(field=name, description=description)
        info = error_details_pb2.ErrorInfo(reason=reason or code.name, domain="meguri")
        details = [AnyMessage(), AnyMessage()]
        details[0].Pack(info)
        details[1].Pack(bad)
        status = status_pb2.Status(code=code.value[0], message=text, details=details)
        self._trailer = (("grpc-status-details-bin", status.SerializeToString()),)

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return self._text

    def trailing_metadata(self) -> Any:
        return self._trailer


AWAY = Failure(grpc.StatusCode.UNAVAILABLE, text="connection refused")


class FakeServices:
    """Answers calls by method name; `away` names services that do not answer."""

    def __init__(self) -> None:
        self.away: set[str] = set()
        self.calls: list[tuple[str, Message, Any]] = []
        self.answers: dict[str, Callable[[Any], Message]] = {
            "ListAreas": lambda _: directory_pb.ListAreasResponse(areas=[mine()]),
            "ListClosures": lambda _: directory_pb.ListClosuresResponse(closures=self.closures),
            "ListPlaces": lambda _: directory_pb.ListPlacesResponse(places=places()),
            "ReadSession": self._session,
            "ListUsers": lambda _: directory_pb.ListUsersResponse(users=[self.user, clerk()]),
            "CreateUser": self._create_user,
            "GetSecondFactor": lambda _: step_pb.GetSecondFactorResponse(),
            "GetSecondFactorRule": lambda _: step_pb.GetSecondFactorRuleResponse(),
            "ClosePlace": self._close,
            "ReopenPlace": self._reopen,
            "ListUnfinishedSplitSales": lambda _: splits_pb.ListUnfinishedSplitSalesResponse(),
            "ReadStop": self._stop,
            "ListStops": self._stops,
            "ListStopChanges": self._changes,
            "ListStopContents": self._contents,
            "ReadSurvey": lambda request: feedback_pb.ReadSurveyResponse(
                questions=questions(request.locale)
            ),
            "RecordRatings": lambda _: feedback_pb.RecordRatingsResponse(recorded_count=1),
            "RecordReplies": lambda _: feedback_pb.RecordRepliesResponse(recorded_count=1),
            "ReadHelpDesk": lambda _: help_pb.ReadHelpDeskResponse(desk=DESK),
            "RecordHelpRequests": lambda request: help_pb.RecordHelpRequestsResponse(
                recorded_count=len(request.help_requests)
            ),
        }
        self.closures: list[directory_pb.Closure] = []
        self.user = directory_pb.User(
            user_id="u1", login_name="hanako", display_name="花子",
            roles=[directory_pb.ROLE_ADMIN, directory_pb.ROLE_EDITOR, directory_pb.ROLE_CLERK],
        )  # fmt: skip
        self.owes = False  # a second step at sign-in
        self.text = "Shallow basins in steps."
        self.machine_draft = False
        self.change_number = 1
        self.changed: list[str] = []  # stop codes
        self.history = "first "  # another one after a restore
        self.retired: list[guide_pb.RetiredStop] = []

    def stub(self, kind: type[Any], deadline_s: float, caller: Any) -> Any:
        return _Stub(self, kind.__module__.split(".")[1], caller)

    def health_channel(self, service: str) -> Any:
        raise Failure(grpc.StatusCode.UNAVAILABLE)

    def called(self, name: str) -> list[Any]:
        return [request for method, request, _ in self.calls if method == name]

    def _session(self, request: Any) -> Message:
        if request.session_id != SESSION:
            raise Failure(grpc.StatusCode.UNAUTHENTICATED, "SESSION_OVER")
        return directory_pb.ReadSessionResponse(user=self.user, owes_second_factor=self.owes)

    def _create_user(self, request: Any) -> Message:
        user = directory_pb.User(user_id="u3", login_name=request.login_name, roles=request.roles)
        return directory_pb.CreateUserResponse(user=user, password="four-made-up-words")

    def _close(self, request: Any) -> Message:
        made = closure(request.reason)
        made.place_id, made.note = request.place_id, request.note
        self.closures.append(made)
        return directory_pb.ClosePlaceResponse(closure=made)

    def _reopen(self, request: Any) -> Message:
        (ended,) = (one for one in self.closures if one.closure_id == request.closure_id)
        ended.reopened_time.CopyFrom(stamp(datetime.now(UTC)))
        return directory_pb.ReopenPlaceResponse(closure=ended)

    def _stop(self, request: Any) -> Message:
        code = request.stop_code.upper()
        for index, row in enumerate(NAMES):
            if row[0] == code:
                stop = content(index, request.chosen_locale, self.text)
                stop.machine_draft = self.machine_draft
                return guide_pb.ReadStopResponse(stop=stop)
        mistyped = len(code) == 5
        if mistyped:
            raise Failure(grpc.StatusCode.INVALID_ARGUMENT, "STOP_CODE_MISTYPED")
        raise Failure(grpc.StatusCode.NOT_FOUND, "STOP_CODE_UNKNOWN")

    def _stops(self, request: Any) -> Message:
        stops = [content(index, request.chosen_locale, "") for index in range(len(NAMES))]
        return guide_pb.ListStopsResponse(
            stops=[
                guide_pb.StopSummary(
                    stop_code=s.stop_code, place_id=s.place_id, group=s.group, kind=s.kind,
                    section=s.section, position=s.position, route_m=s.route_m, name=s.name,
                    name_reading=s.name_reading, names=s.names, revision=1,
                )
                for s in stops
            ],
            locale=request.chosen_locale, published_locales=LOCALES, change_number=1,
            retired=self.retired,
        )  # fmt: skip

    def _changes(self, request: Any) -> Message:
        return guide_pb.ListStopChangesResponse(
            change_number=self.change_number, published_locales=LOCALES,
            stops=[guide_pb.StopChange(stop_code=code) for code in self.changed],
            mark=f"{self.history}{self.change_number}",
            since_known=request.since_mark == f"{self.history}{request.since_change_number}",
        )  # fmt: skip

    def _contents(self, request: Any) -> Message:
        return self._contents_by(self._stop, request)

    def say_stops(self, read: Callable[[Any], Message]) -> None:
        """Has every stop said as `read` says it, asked for alone or with others."""
        self.answers["ReadStop"] = read
        self.answers["ListStopContents"] = lambda request: self._contents_by(read, request)

    def _contents_by(self, read: Callable[[Any], Any], request: Any) -> Message:
        stops = [
            read(guide_pb.ReadStopRequest(stop_code=code, chosen_locale=request.locale)).stop
            for code in request.stop_codes or [row[0] for row in NAMES]
        ]
        return guide_pb.ListStopContentsResponse(stops=stops, locale=request.locale)


class _Stub:
    def __init__(self, services: FakeServices, service: str, caller: Any) -> None:
        self._services, self._service, self._caller = services, service, caller

    def __getattr__(self, name: str) -> Callable[..., Message]:
        def call(request: Message, timeout: float | None = None) -> Message:
            self._services.calls.append((name, request, self._caller))
            if self._service in self._services.away or name not in self._services.answers:
                raise AWAY
            return self._services.answers[name](request)

        return call


def mine() -> directory_pb.Area:
    return directory_pb.Area(
        area="mine", names={"ja": "美祢・秋吉台", "en": "Mine · Akiyoshidai"},
        hosts=["guide.example.jp"], time_zone="Asia/Tokyo", locales=LOCALES, version=1,
    )  # fmt: skip


def clerk() -> directory_pb.User:
    return directory_pb.User(
        user_id="u2", login_name="gate1", display_name="正面口", version=4, disabled=True,
        roles=[directory_pb.ROLE_CLERK],
    )  # fmt: skip


def places() -> list[directory_pb.Place]:
    return [
        directory_pb.Place(
            place_id="akiyoshido-kurotani", kind=directory_pb.PLACE_KIND_GATE,
            names={"ja": "黒谷口", "en": "Kurotani gate", "zh-Hant": "黑谷入口"},
        )
    ]  # fmt: skip


def closure(reason: str = "flood", hours: int = 2) -> directory_pb.Closure:
    return directory_pb.Closure(
        closure_id="c1", place_id="akiyoshido-kurotani", reason=reason,
        from_time=stamp(datetime.now(UTC) - timedelta(minutes=5)),
        until_time=stamp(datetime.now(UTC) + timedelta(hours=hours)), version=1,
    )  # fmt: skip


def stamp(at: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(at)
    return made


def localized(text: str, locale: str, wanted: str) -> guide_pb.LocalizedText:
    return guide_pb.LocalizedText(
        text=text, locale=locale, requested_locale=wanted, fallback=locale != wanted,
        state=guide_pb.TRANSLATION_STATE_REVIEWED,
    )  # fmt: skip


def content(index: int, wanted: str, text: str) -> guide_pb.StopContent:
    code, place, ja, kana, en, hant, kind, route_m = NAMES[index]
    names: Mapping[str, str] = {"ja": ja, "en": en, "zh-Hant": hant}
    locale = wanted if wanted in names else "en"
    stop = guide_pb.StopContent(
        stop_code=code, place_id=f"akiyoshido/{place}", group=guide_pb.STOP_GROUP_ROUTE, kind=kind,
        section=guide_pb.SectionName(
            section_id=f"s{index // 2}", name=localized(f"Section {index // 2}", "en", wanted)
        ),
        position=index + 1, group_size=len(NAMES), route_m=route_m,
        name=localized(names[locale], locale, wanted), name_reading=kana, names=names,
        locale=wanted or "ja", revision=3, publish_time=stamp(datetime(2026, 4, 1, tzinfo=UTC)),
        sources=["karusuto.com"],
    )  # fmt: skip
    topics = (
        ("size", guide_pb.PARAGRAPH_TOPIC_SIZE, "about 500 basins"),
        ("formation", guide_pb.PARAGRAPH_TOPIC_FORMATION, text),
        ("tale", guide_pb.PARAGRAPH_TOPIC_FOLK_TALE, "People say a dragon drinks here."),
        ("doubt", guide_pb.PARAGRAPH_TOPIC_DOUBT, "Some sources count more than 500."),
    )
    for name, topic, words in topics:
        stop.paragraphs.append(
            guide_pb.ServedParagraph(
                paragraph_id=name, topic=topic, text=localized(words, "en", wanted)
            )
        )
    for field, other in (("previous", index - 1), ("next", index + 1)):
        if 0 <= other < len(NAMES):
            row = NAMES[other]
            getattr(stop, field).CopyFrom(
                guide_pb.StopLink(
                    stop_code=row[0], name=localized(row[4], "en", wanted), distance_m=60
                )
            )
    return stop


def questions(wanted: str) -> list[feedback_pb.Question]:
    label = localized("Who are you with?", "en", wanted)
    label.machine_draft = True
    alone = feedback_pb.QuestionOption(option_id="alone", label=localized("Alone", "en", wanted))
    return [
        feedback_pb.Question(
            question_id="country", kind=feedback_pb.QUESTION_KIND_COUNTRY, label=label,
            options=[feedback_pb.QuestionOption(option_id=each) for each in ("JP", "HK", "ZZ")],
        ),
        feedback_pb.Question(
            question_id="prefecture", kind=feedback_pb.QUESTION_KIND_PREFECTURE, label=label,
            options=[feedback_pb.QuestionOption(option_id="JP-35")],
        ),
        feedback_pb.Question(
            question_id="party", kind=feedback_pb.QUESTION_KIND_CHOICE, label=label,
            options=[alone],
        ),
    ]  # fmt: skip


def settings(**more: str) -> Settings:
    return load("edge", {"MEGURI_COOKIE_SECRET": "a secret of the tests", **more})


ALL_ROLES = frozenset(Role)


def with_parts(made: Flask, services: FakeServices) -> Flask:
    """Returns an application whose parts are new and whose services are these stand-ins."""
    assets = made.extensions["meguri"].assets
    made.extensions["meguri"] = main.build_parts(settings(), services, assets)  # type: ignore[arg-type]
    return made
