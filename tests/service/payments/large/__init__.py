"""Samples of ten thousand and more: too long for the ten seconds of the unit tests."""
