"""The whole platform for system tests; `./meguri chaos` starts it the same way."""

from chaos.platform import ROOT, Platform, alive, descendants, running, without_settings

__all__ = ["ROOT", "Platform", "alive", "descendants", "running", "without_settings"]
