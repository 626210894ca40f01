"""The till page."""
