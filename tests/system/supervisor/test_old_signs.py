"""A stop is retired on a running platform with several edge workers: each of them leads its old
sign on, also while the guide is gone, and none shows what a restored guide does not know."""

import json
import re
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kit.auth import Role
from meguri.multilingual.v1 import tour_service_pb2 as pb
from meguri.multilingual.v1.tour_service_pb2_grpc import TourServiceStub
from tests.platform import Platform, running

pytestmark = pytest.mark.long
