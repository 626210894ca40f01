"""Mistakes that tests have to notice; `python -m tests.mutants`."""
