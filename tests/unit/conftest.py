"""Unit tests: rules, without network, servers or pages."""

from tests import quick

__all__ = ["quick"]
