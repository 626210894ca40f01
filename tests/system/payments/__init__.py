"""Payments through the whole platform."""
