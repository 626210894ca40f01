"""Bench of what Lighthouse says of visitors' pages."""
