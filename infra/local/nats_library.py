"""Loads nats-py quickly."""

import importlib
import sys
from typing import Any


def load_nats() -> None:
    """Loads nats-py without aiohttp, which it takes along for WebSockets where it is installed.

    Nobody here speaks WebSockets to NATS, and aiohttp's two hundred modules would be a fifth of
    what is loaded at a first start. Whoever needs aiohttp itself imports it afterwards as ever.
    """
    modules: dict[str, Any] = sys.modules
    if "aiohttp" in modules:
        return
    modules["aiohttp"] = None  # Python's way to say: not installed
    try:
        importlib.import_module("nats.aio.transport")
    finally:
        del modules["aiohttp"]
