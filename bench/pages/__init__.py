"""Bench of the pages: every page people reach, in every language, looked at for barriers."""
