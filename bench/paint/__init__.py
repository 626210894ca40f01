"""Bench of what visitors wait for: when a page is painted on a slow line."""
