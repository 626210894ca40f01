"""Calling the payments service from the command line, and telling what it said."""

import argparse
import json
import os
import re
import sys
from gettext import gettext as _
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from kit import config
from kit.auth import Caller, Minter
from kit.client import Peers
from kit.roles import ADMINS
from meguri.payments.v1 import office_service_pb2_grpc as office_grpc
from meguri.payments.v1 import payments_service_pb2_grpc as pb_grpc
from meguri.payments.v1 import register_service_pb2_grpc as register_grpc
from meguri.payments.v1 import tickets_service_pb2_grpc as tickets_grpc

DEADLINE_S = 20.0
# As proto3 JSON writes numbers of 64 bits; 0123 is a text.
_WHOLE = re.compile("-?(0|[1-9][0-9]{0,18})")


def payments(arguments: argparse.Namespace) -> pb_grpc.PaymentsServiceStub:
    """Returns a stub that speaks as the machine's owner."""
    return pb_grpc.PaymentsServiceStub(_peers(arguments).channel("payments"))


def office(arguments: argparse.Namespace) -> office_grpc.OfficeServiceStub:
    """Returns a stub of the office that speaks as the machine's owner."""
    return office_grpc.OfficeServiceStub(_peers(arguments).channel("payments"))


def tickets(arguments: argparse.Namespace) -> tickets_grpc.TicketsServiceStub:
    """Returns a stub of tickets that speaks as the machine's owner."""
    return tickets_grpc.TicketsServiceStub(_peers(arguments).channel("payments"))


def registers(arguments: argparse.Namespace) -> register_grpc.RegisterServiceStub:
    """Returns a stub of the link to registers that speaks as the machine's owner."""
    return register_grpc.RegisterServiceStub(_peers(arguments).channel("payments"))


def _peers(arguments: argparse.Namespace) -> Peers:
    settings = config.load("payments-cli")
    if settings.token_private_key is None:
        raise config.ConfigError("MEGURI_TOKEN_PRIVATE_KEY is not set")
    minter = Minter(settings.token_private_key.read_bytes())
    area = os.environ.get("MEGURI_AREA") or os.environ.get("MEGURI_DEFAULT_AREA") or "mine"
    caller = Caller(arguments.area or area, "operator", ADMINS)
    return Peers(settings, minter.tokens_of(caller))


def tell(line: str) -> None:
    """Writes a line for people."""
    sys.stdout.write(f"{line}\n")


def configured(count: int, unchanged: int) -> str:
    """Returns what a file of settings did."""
    text = _("%(count)s configured, %(unchanged)s as they were")
    return text % {"count": count, "unchanged": unchanged}


def tell_json(answer: Message) -> int:
    """Writes the answer as one JSON document. Returns 0."""
    document: dict[str, Any] = MessageToDict(
        answer, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    tell(json.dumps(_numbers(document), ensure_ascii=False))
    return 0


def _numbers(found: Any) -> Any:
    """Proto3 JSON writes 64-bit numbers as text; our documents hold numbers."""
    if isinstance(found, dict):
        return {name: _numbers(value) for name, value in found.items()}
    if isinstance(found, list):
        return [_numbers(value) for value in found]
    is_number = isinstance(found, str) and _WHOLE.fullmatch(found) is not None
    return int(found) if is_number else found
