"""The command line: one door to the whole platform."""
