"""Bench of insights: how right its estimates are."""
